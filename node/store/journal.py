"""The journal: the only truth of a node.

An entry is appended in the writer's turn, where its sequence number, `prev`, key and signature are decided. Foreign
entries come already authenticated (`federation.protocol.chains`) and keep their bytes. Each stored entry has an arrival
number; upward links are cursors over arrivals.

Two entries of one (author, epoch, seq) with different hashes are a fork. The branch the parent saw first stands: a
child's later branch is kept as evidence, and our own branch gives way when the parent shows us another one.
"""

from __future__ import annotations

from typing import NamedTuple

from federation.protocol.envelope import CaseStamp, Cites, HeaderFields, encode_header, entry_hash
from node.domain.cases.acts import SCHEMAS
from node.domain.model import Facts, NewEvent
from node.store import papers
from node.store.maintenance import GAP_AFTER_RESTORE, place
from node.store.stored import (
    GOOD,
    LOST_BRANCH,
    QUARANTINED,
    Stored,
    case_of,
    chain_head,
    day_of,
    event_of,
    knows,
    last_arrival,
    wire_entry,
)
from node.store.turn import Turn


class Draft(NamedTuple):
    """What a service wants recorded. `stamp` only for case events."""

    kind: str
    class_: str
    facts: Facts
    subject: str = ""
    staff_id: str = "system"
    body: bytes | None = None
    body_class: str = ""
    ref: bytes = b""
    stamp: CaseStamp | None = None
    schema: int = 1


class Journal:
    """Appends and looks up entries inside one Tx."""

    def __init__(self, tx: Turn) -> None:
        self._tx = tx
        self._next_arrival = 0
        self._heads: dict[tuple[int, int], tuple[int, bytes]] = {}
        self._serial = ("", 0)  # of the last filing: what its case number begins with, and its serial
        self._held: list[tuple[object, ...]] = []  # rows of a batch that continues its chains, written together

    def forget(self) -> None:
        self._held = []
        self._next_arrival = 0
        self._serial = ("", 0)
        self._heads.clear()

    # own entries ---------------------------------------------------------------------------------------------------

    def append(self, draft: Draft) -> Stored:
        """Sign and store one entry of this node; project it and route it to the children it concerns."""
        tx = self._tx
        self.write()
        body_hash = tx.objects.put(draft.body) if draft.body is not None else b""
        epoch, (seq, prev) = tx.identity.epoch, self.own_tip()
        receipt, not_before = tx.links.cite_receipt()
        fields = HeaderFields(
            author_id=tx.identity.node_id, epoch=epoch, seq=seq + 1, prev=prev, key_id=tx.signer.key_id, kind=draft.kind,
            entry_class=draft.class_, subject=draft.subject, staff_id=draft.staff_id, recorded_at=tx.now(),
            not_before=receipt, not_before_ms=not_before, cites=tx.cites, stated=draft.facts,
            body_hash=body_hash, body_class=draft.body_class, ref=draft.ref, case=draft.stamp,
            schema=draft.schema,
        )  # fmt: skip
        header = encode_header(fields)
        hash = entry_hash(header)
        stored = self._insert(fields, hash, header, tx.signer.sign_hash(hash), via=0)
        tx.project([stored])
        return stored

    def append_event(
        self, case_no: str, version: int, prev: bytes, event: NewEvent, *, staff_id: str, ref: bytes = b""
    ) -> Stored:
        """Append what the rules decided for a case."""
        stamp = CaseStamp(case_no, version, prev, event.term, event.status_after, event.custodian_after)
        body = self._tx.encode_body(event.body) if event.body is not None else None
        stored = self.append(
            Draft(
                event.kind,
                "case",
                event.facts,
                staff_id=staff_id,
                body=body,
                body_class=event.body_class,
                stamp=stamp,
                ref=ref,
                schema=SCHEMAS.get(event.kind, 1),
            )
        )
        if event.body is not None:
            self._tx.written = stored.fields.body_hash, event.body
        return stored

    def own_tip(self) -> tuple[int, bytes]:
        """(seq, hash) after which the next own entry comes; for a new epoch the hash of its base."""
        tx = self._tx
        tip = self.tip(tx.own_row, tx.identity.epoch)
        if tip[0] == 0 and tx.identity.epoch > 0:
            return 0, tx.meta.get("epoch_base") or b""
        return tip

    def next_serial(self, beginning: str) -> int:
        """The next serial, from 1, of our case numbers that begin so (those of one day)."""
        if self._serial[0] != beginning:
            self._serial = (beginning, self._last_serial(beginning))
        self._serial = (beginning, self._serial[1] + 1)
        return self._serial[1]

    def _last_serial(self, beginning: str) -> int:
        self.write()
        row = self._tx.connection.execute(
            "SELECT max(CAST(substr(case_no, ?) AS INTEGER)) FROM entries WHERE case_no>? AND case_no<? AND author=? AND version=1",
            (len(beginning) + 1, beginning, beginning + ":", self._tx.own_row),  # ":" follows "9"
        ).fetchone()
        return int(row[0] or 0)

    # foreign entries -----------------------------------------------------------------------------------------------

    def append_foreign(
        self, fields: HeaderFields, hash: bytes, header: bytes, signature: bytes, via: int, *, quarantined: bool
    ) -> Stored | None:
        """Store an authentic entry of somebody else; None when it changes nothing (repeat, or evidence of a fork)."""
        tx = self._tx
        if self.tip(tx.author_row(fields.author_id), fields.epoch) != (fields.seq - 1, fields.prev):
            flaw = self._out_of_turn(fields, hash, via)
            if flaw == "fork":
                tx.evidence(header, signature, flaw, fields, via)
            if flaw:
                return None
        stored = self._insert(fields, hash, header, signature, via, standing=QUARANTINED if quarantined else GOOD)
        if not quarantined:
            tx.backlog.add(stored)
        return stored

    def _out_of_turn(self, fields: HeaderFields, hash: bytes, via: int) -> str:
        """Why an entry that does not continue its chain is not stored: "known", "fork"; "" when it is, with a gap before it."""
        self.write()  # what follows asks the database
        author = self._tx.author_row(fields.author_id)
        known = self.hash_at(author, fields.epoch, fields.seq)
        if known == hash:
            return "known"
        if known is not None and not self._give_way(fields, via):
            return "fork"
        before = self.hash_at(author, fields.epoch, fields.seq - 1)
        if before != fields.prev and (before is not None or self._follows_a_lost_branch(fields)):
            return "fork"  # it follows another entry than stands before its place: the branch that came second
        if self._tx.is_from_child(via):
            self._audit_continuity(fields, *self.tip(author, fields.epoch))
        elif before is None and fields.seq > 1 and self._is_of_ours(fields.author_id):
            self._tx.finding(fields.author_id, GAP_AFTER_RESTORE, place(*fields.position))  # only a restore brings it from above
        self._strike_off(fields.author_id, fields.epoch, fields.seq + 1)
        return ""

    def _follows_a_lost_branch(self, fields: HeaderFields) -> bool:
        rows = self._tx.connection.execute(
            "SELECT header FROM evidence WHERE author=? AND epoch=? AND seq=? AND reason='fork'",
            (fields.author_id, fields.epoch, fields.seq - 1),
        ).fetchall()
        return any(entry_hash(header) == fields.prev for (header,) in rows)

    def _give_way(self, fields: HeaderFields, via: int) -> bool:
        """Whether our own conflicting branch loses to the one the parent shows us; if so it is taken out of the chain."""
        tx = self._tx
        if fields.author_id != tx.identity.node_id or not tx.is_from_parent(via):
            return False
        tx.backlog.project()
        tx.finding(fields.author_id, "own_branch_lost", f"epoch {fields.epoch} from seq {fields.seq}")
        rows = tx.connection.execute(
            "SELECT DISTINCT case_no FROM entries WHERE author=? AND epoch=? AND seq>=? AND standing<2 AND standing=0",
            (tx.own_row, fields.epoch, fields.seq),
        ).fetchall()
        tx.connection.execute(
            "UPDATE entries SET standing=? WHERE author=? AND epoch=? AND seq>=? AND standing<2 AND standing=0",
            (LOST_BRANCH, tx.own_row, fields.epoch, fields.seq),
        )
        self.forget()
        papers.strike_lost(tx.connection)
        for (case_no,) in rows:
            if case_no is not None:
                tx.cases.refold(case_no)
        return True

    def _audit_continuity(self, fields: HeaderFields, seq: int, tip_hash: bytes) -> None:
        """Flag a gap or a broken `prev` in a chain of the subtree (promise 4); the entry itself stays. After a restore what is missing
        may come yet, or it was lost with the disk: a finding of its own, struck off when it comes."""
        tx = self._tx
        flaw = "" if fields.seq == seq + 1 else "gap"
        if not flaw and fields.prev != tip_hash and not (fields.seq == 1 and self._base_known(fields)):
            flaw = "broken_prev"
        if flaw == "gap" and self._recovered(fields):
            flaw = "" if self.hash_at(tx.author_row(fields.author_id), fields.epoch, fields.seq - 1) else GAP_AFTER_RESTORE
        if flaw:
            tx.finding(fields.author_id, flaw, place(*fields.position))

    def _is_of_ours(self, author: bytes) -> bool:
        return author == self._tx.identity.node_id or self._tx.child_towards(author) != 0

    def _strike_off(self, author: bytes, epoch: int, seq: int) -> None:
        self._tx.connection.execute(
            "DELETE FROM findings WHERE author=? AND kind=? AND detail=?", (author, GAP_AFTER_RESTORE, place(epoch, seq))
        )

    def _recovered(self, fields: HeaderFields) -> bool:
        """An entry of an epoch that the author has already closed comes out of its run after a restore."""
        row = self._tx.connection.execute(
            "SELECT 1 FROM entries WHERE author=? AND epoch>? LIMIT 1", (self._tx.author_row(fields.author_id), fields.epoch)
        ).fetchone()
        return row is not None

    def _base_known(self, fields: HeaderFields) -> bool:
        row = self._tx.connection.execute(
            "SELECT 1 FROM entries WHERE author=? AND epoch<? AND hash=? LIMIT 1",
            (self._tx.author_row(fields.author_id), fields.epoch, fields.prev),
        ).fetchone()
        return row is not None or not fields.prev

    # shared --------------------------------------------------------------------------------------------------------

    def tip(self, author: int, epoch: int) -> tuple[int, bytes]:
        """Highest stored (seq, hash) of an author's epoch; (0, b"") when none."""
        cached = self._heads.get((author, epoch))
        if cached is None:
            row = self._tx.connection.execute(
                "SELECT seq, hash FROM entries WHERE author=? AND epoch=? AND standing<2 ORDER BY seq DESC LIMIT 1",
                (author, epoch),
            ).fetchone()
            cached = self._heads[(author, epoch)] = (row[0], row[1]) if row else (0, b"")
        return cached

    def next_arrival(self) -> int:
        if not self._next_arrival:
            self._next_arrival = last_arrival(self._tx) + 1
        return self._next_arrival

    def write(self) -> None:
        """Write the rows that are held back; before anything reads entries, and at the end of a command."""
        if self._held:
            held, self._held = self._held, []
            self._tx.connection.executemany("INSERT INTO entries VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", held)

    def hash_at(self, author: int, epoch: int, seq: int) -> bytes | None:
        """The entry that stands there; None when none does."""
        row = self._tx.connection.execute(
            "SELECT hash FROM entries WHERE author=? AND epoch=? AND seq=? AND standing<2", (author, epoch, seq)
        ).fetchone()
        return row[0] if row else None

    def _insert(
        self, fields: HeaderFields, hash: bytes, header: bytes, signature: bytes, via: int, standing: int = GOOD
    ) -> Stored:
        tx = self._tx
        arrival = self.next_arrival()
        author, epoch, seq = tx.author_row(fields.author_id), fields.epoch, fields.seq
        version = fields.case.version if fields.case is not None and fields.entry_class == "case" else None
        received = tx.now()
        self._held.append(
            (arrival, author, epoch, seq, hash, fields.kind, fields.entry_class, case_of(fields), version, header, signature,
             fields.body_hash or None, via, received, standing),
        )  # fmt: skip
        if not via:
            self.write()
        self._next_arrival = arrival + 1
        if seq > self.tip(author, epoch)[0]:
            self._heads[(author, epoch)] = (seq, hash)
        return Stored(arrival, hash, fields, via, received)


__all__ = [
    "Cites",
    "Draft",
    "Journal",
    "Stored",
    "case_of",
    "chain_head",
    "day_of",
    "event_of",
    "knows",
    "last_arrival",
    "wire_entry",
]
