"""Authenticating what arrives: one signature for a whole run of one author.

Each entry names the hash of its author's previous entry. So when entries of one author follow each other without a gap,
whoever signed the last one vouched for all of them, and one verification (some 60 µs) plus a hash each (0.6 µs) does for
the run. An entry outside such a run is checked by its own signature; so is the last one of every run, and when that one
fails the run is walked backwards to the last signature that holds, so a bad entry never takes good ones down with it.
Runs of several authors may be interleaved in one batch.

What ends a run, and why:
  * a gap, a fork or a wrong `prev`: the chain says nothing across it;
  * another key or suite: a later key may not vouch for what was written before it was valid;
  * an entry that changes trust (`node_enrolled`, `key_rotated`, …): it must be authentic by itself *before* it is applied,
    or a forged rotation would bring along the key that vouches for it. All open runs are closed first, so every entry is
    judged by what came before it.

Whether the first entry of a run continues what the reader has stored is the reader's own audit (it has the heads): an
entry can be authentic and still show a fork. `authenticate_run` does not look at the signatures inside a run;
`authenticate_each` looks at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from federation.ports import WireEntry
from federation.protocol.envelope import SUITE, HeaderFields, MalformedEntryError, decode_header, entry_hash
from federation.protocol.signing import key_id_of, verify_entry
from federation.protocol.trust import TRUST_KINDS, Key, TrustStore

Status: TypeAlias = Literal["accepted", "quarantined", "bad_signature", "unknown_author", "malformed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one entry. `header` is None only when malformed; `hash` is its entry hash in every case.

    accepted: authentic. quarantined: authentic, but beyond the last good position of a revoked author.
    bad_signature: not signed by the key valid at that position. unknown_author: does not hang on the pinned root.
    """

    status: Status
    header: HeaderFields | None
    hash: bytes
    entry: WireEntry
    reason: str = ""

    @property
    def authentic(self) -> bool:
        return self.status in ("accepted", "quarantined")


@dataclass(slots=True)
class _Run:
    """Entries of one author, each the successor of the one before, all naming one key."""

    key: Key
    newest: bool  # no later key of the author is known, so the key is valid for all that continues the run
    headers: list[HeaderFields] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, header: HeaderFields, hash: bytes, place: int) -> None:
        self.headers.append(header)
        self.hashes.append(hash)
        self.places.append(place)

    def continued_by(self, header: HeaderFields) -> bool:
        last = self.headers[-1]
        same = header.prev == self.hashes[-1] and header.key_id == last.key_id and header.suite == last.suite
        return same and follows(last.position, header.position)


def follows(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether `after` is the next (epoch, seq): the next number, or the first of a later epoch."""
    return after == (before[0], before[1] + 1) or (after[0] > before[0] and after[1] == 1)


def authenticate_run(entries: Sequence[WireEntry], trust: TrustStore) -> list[Verdict]:
    """Judge a batch in order; one verdict per entry. Never raises for what a peer may send.

    `trust` is *changed* by the accepted entries of TRUST_KINDS, in order, so that they matter to later entries of the
    batch: give `trust.copy()` (free) and keep the copy once the batch is committed.
    """
    return _Batch(entries, trust, chained=True).judge()


def authenticate_each(entries: Sequence[WireEntry], trust: TrustStore) -> list[Verdict]:
    """Like `authenticate_run`, but every entry must stand by its own signature: for `verify`, and for a sender that
    passes an entry on without its run."""
    return _Batch(entries, trust, chained=False).judge()


class _Batch:
    def __init__(self, entries: Sequence[WireEntry], trust: TrustStore, chained: bool) -> None:
        self.chained = chained
        self.entries = entries
        self.trust = trust
        self.verdicts: list[Verdict | None] = [None] * len(entries)
        self.runs: dict[bytes, _Run] = {}  # the open run of each author

    def judge(self) -> list[Verdict]:
        for place, entry in enumerate(self.entries):
            hash = entry_hash(entry.header)
            try:
                header = decode_header(entry.header)
            except MalformedEntryError as error:
                self.verdicts[place] = Verdict("malformed", None, hash, entry, str(error))
                continue
            self._add(header, hash, place)
            if header.kind in TRUST_KINDS:
                self._close_all()
                self._apply(place)
        self._close_all()
        return [verdict for verdict in self.verdicts if verdict is not None]

    def _add(self, header: HeaderFields, hash: bytes, place: int) -> None:
        """Put the entry into its author's run, or refuse it at once when it names a key that is not valid there."""
        run = self.runs.get(header.author_id) if self.chained else None
        if run is not None and run.newest and run.continued_by(header):
            run.add(header, hash, place)
            return
        key = self._key(header, hash)
        if key is None or key.key_id != header.key_id or header.suite != SUITE:
            status: Status = "bad_signature" if key else "unknown_author"
            self.verdicts[place] = Verdict(status, header, hash, self.entries[place], "wrong key" if key else "")
            return
        if run is None or not run.continued_by(header):
            if (before := self.runs.get(header.author_id)) is not None:
                self._close(before)
            run = self.runs[header.author_id] = _Run(key, key is self.trust.current_key(header.author_id))
        run.add(header, hash, place)

    def _apply(self, place: int) -> None:
        verdict = self.verdicts[place]
        if verdict is not None and verdict.status == "accepted" and verdict.header is not None:
            self.trust.apply(verdict.header, verdict.hash)

    def _close_all(self) -> None:
        for run in self.runs.values():
            self._close(run)
        self.runs.clear()

    def _close(self, run: _Run) -> None:
        """Give every entry of the run its verdict."""
        good = self._authentic(run)
        last_good = self.trust.last_good(run.headers[0].author_id)
        for n, (header, hash, place) in enumerate(zip(run.headers, run.hashes, run.places, strict=True)):
            status: Status = "accepted" if n < good else "bad_signature"
            if n < good and last_good is not None and header.position > last_good:
                status = "quarantined"
            self.verdicts[place] = Verdict(status, header, hash, self.entries[place])

    def _authentic(self, run: _Run) -> int:
        """How many entries of the run, from its start, are authentic: up to the last one whose signature holds."""
        for n in range(len(run.headers) - 1, -1, -1):
            if verify_entry(run.key.public, run.hashes[n], self.entries[run.places[n]].signature):
                return n + 1
        return 0

    def _key(self, header: HeaderFields, hash: bytes) -> Key | None:
        """The key valid at the entry's position; the pinned first entry of the root vouches for its own."""
        key = self.trust.key_for(header.author_id, header.epoch, header.seq)
        public = header.facts.get("key")
        if key is None and not self.trust.root and isinstance(public, bytes) and self.trust.is_genesis(header, hash):
            return Key((0, 0), key_id_of(public), public, hash)
        return key
