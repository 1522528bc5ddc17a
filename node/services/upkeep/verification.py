"""Checking everything a node holds, without trusting what it worked out before.

The keys are taken from the journal anew, starting at the pinned root. Then, streaming: every entry's hash, columns and own
signature; the chains (ours and our subtree's without gaps, all others without breaks); every case from version to version;
every receipt of the parent against the entry it covers; every object against its hash; and the query tables against a
rebuild in a side copy. `recent` looks at the last entries and the receipts only.

Problems are listed by code, what and where, up to 200 of each code, never by a person's data. What the audit found about others when
it came (forks, breaks of their chains, case events that continue nothing, quarantined entries) is not a problem of this store: it is
counted as `findings`, with what it found about the legality of their acts. Nor is what a restore explains: words of our own entries
that were written after the backup, of which it was found when they came back that nobody has them. They are listed as `losses`, by
case, with what to do (`losses.py`).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from federation.ports import HeadMark, WireEntry
from federation.protocol.chains import authenticate_run
from federation.protocol.envelope import HeaderFields, MalformedEntryError, decode_header, entry_hash
from federation.protocol.join_code import PIN_BYTES
from federation.protocol.receipts import BadReceiptError, receipt_hash, verify_receipt
from federation.protocol.signing import verify_entry
from federation.protocol.trust import TrustStore
from node.domain.upkeep.documents import Problem, Rebuilt, Verified
from node.services.tree.freshness import subtree
from node.services.upkeep import expected
from node.services.upkeep.losses import Loss, lives_of, loss_of
from node.store import findings, maintenance, projections, sources
from node.store.journal import case_of, last_arrival
from node.store.maintenance import Compared, EntryRow
from node.store.projected.down import Down
from node.store.projected.registry import compared, copies
from node.store.projected.rollups import Rollups, recount
from node.store.reckoning import FOLLOWED, published_here
from node.store.store import Store, Tx, View

RECENT = 2_000
LISTED = 200  # of each code
# What children are told of cases. Notes go by who has a division code at the moment, of other things they are told too.
TOLD = Compared("peer, arrival", "(SELECT e.class FROM entries e WHERE e.arrival=down.arrival)='case'", more_is_fine=True)


@dataclass
class Report:
    """What was looked at and what is wrong."""

    checked: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    losses: list[Loss] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.kinds.total()

    def problem(self, code: str, what: str, where: str) -> None:
        self.kinds[code] += 1
        if self.kinds[code] <= LISTED:
            self.problems.append({"code": code, "what": what, "where": where})


def verify(store: Store, recent: bool = False, progress: Report | None = None) -> Verified:
    """Answers {ok, checked: {entries, receipts, objects, cases}, problems: [{what, where, code}], problem_count, problem_kinds: {code: n},
    losses: [{case_no, code, where, what, what_zh}], findings, finding_kinds: {kind: n}}.

    `progress`: a report that somebody watches while it grows.
    """
    report = progress if progress is not None else Report()
    report.checked.update(entries=0, receipts=0, objects=0, cases=0)
    kinds: dict[str, int] = {}
    try:
        with store.reading() as view:
            trust = _trust(view, report)
            cited = _chains(view, trust, report, max(0, last_arrival(view) - RECENT) if recent else 0)
            _receipts(view, trust, cited, report)
            if not recent:
                _cases(view, report)
                _objects(view, report)
                _catalog(view, report)
                report.losses += expected.check(view, trust, lives_of(view), report.problem)
            kinds = findings.by_kind(view.connection)
        if not recent:
            _query_tables(store, report)
            if (flaw := maintenance.integrity(store.folder / "node.db")) != "ok":
                report.problem("unreadable", flaw[:200], "node.db")
    except maintenance.UnreadableError as error:
        report.problem("unreadable", str(error)[:200], "node.db")
    return {
        "ok": report.count == 0, "checked": dict(report.checked), "problems": report.problems, "problem_count": report.count,
        "problem_kinds": dict(report.kinds), "losses": [loss.as_document() for loss in report.losses],
        "findings": sum(kinds.values()), "finding_kinds": kinds, "recent": recent,
    }  # fmt: skip


# trust, entries, chains ----------------------------------------------------------------------------------------------


def _trust(view: View, report: Report) -> TrustStore:
    """The tree as the authentic entries make it, from the pinned root. What a renewed key proves came before it."""
    root = view.meta.get("root")
    if root is None or len(root) < PIN_BYTES:
        report.problem("no_root", "the pinned root is missing", "meta")
        return view.trust
    trust = TrustStore(root)
    entries = [WireEntry(row.header, row.signature) for row in maintenance.node_entries(view.connection)]
    count = 0
    while count != len(entries):
        count = len(entries)
        entries = [entry for entry in entries if authenticate_run([entry], trust)[0].status != "accepted"]
    return trust


def _chains(view: View, trust: TrustStore, report: Report, after: int) -> set[bytes]:
    """The receipts (hashes) that entries made in this store cite."""
    me, cited = view.identity.node_id, set[bytes]()
    gapless, noted = set(subtree(view)), maintenance.noted_breaks(view.connection)
    old_keys = maintenance.noted_old_keys(view.connection)
    before: EntryRow | None = None
    for row in maintenance.chains(view.connection, after):
        report.checked["entries"] += 1
        position = (row.author, maintenance.place(row.epoch, row.seq))
        fields = _entry(row, trust, report, believed=position in old_keys)
        if fields is not None:
            known = position in noted
            _link(view, row, fields, before, row.author in gapless and not after and not known, report)
            if row.author == me and not row.via and fields.not_before:
                cited.add(fields.not_before)
        before = row
    return cited


def _entry(row: EntryRow, trust: TrustStore, report: Report, *, believed: bool) -> HeaderFields | None:
    """What the entry says, when its bytes can be read. `believed`: it is listed that it came with a key of before."""
    where = f"arrival {row.arrival}"
    if entry_hash(row.header) != row.hash:
        report.problem("wrong_hash", "the header was altered", where)
        return None
    try:
        fields = decode_header(row.header)
    except MalformedEntryError as error:
        report.problem("malformed", str(error)[:100], where)
        return None
    columns = (row.author, row.epoch, row.seq, row.kind, row.entry_class, row.case_no, row.body_hash or b"")
    if columns != (
        fields.author_id,
        fields.epoch,
        fields.seq,
        fields.kind,
        fields.entry_class,
        case_of(fields),
        fields.body_hash,
    ):
        report.problem("wrong_columns", "the row does not say what the header says", where)
    key = trust.key_for(fields.author_id, fields.epoch, fields.seq)
    if believed and key is not None and key.key_id != fields.key_id:
        key = trust.key_named(fields.author_id, fields.key_id)
    if key is None:
        report.problem("unknown_author", "the author does not hang on the root", where)
    elif not verify_entry(key.public, row.hash, row.signature):
        report.problem("bad_signature", "the signature does not hold", where)
    return fields


def _link(view: View, row: EntryRow, fields: HeaderFields, before: EntryRow | None, gapless: bool, report: Report) -> None:
    """The entry continues the one before it in its chain."""
    where = f"arrival {row.arrival}: epoch {row.epoch} seq {row.seq}"
    same = before is not None and (before.author, before.epoch) == (row.author, row.epoch)
    if before is not None and same and before.seq + 1 == row.seq:
        if fields.prev != before.hash:
            report.problem("broken_chain", "prev is not the entry before", where)
    elif not gapless:
        return
    elif same or row.seq != 1:
        report.problem("gap", "entries of the chain are missing before this one", where)
    elif row.epoch > 0 and fields.prev and not maintenance.is_earlier_entry(view.connection, row.author, row.epoch, fields.prev):
        report.problem("broken_chain", "the epoch does not continue a known entry", where)


# receipts, cases, objects --------------------------------------------------------------------------------------------


def _receipts(view: View, trust: TrustStore, cited: set[bytes], report: Report) -> None:
    """Each is the parent's and covers an entry of ours; those that entries made here cite are kept."""
    me = view.identity.node_id
    for at_ms, epoch, seq, head, receipt, signature in maintenance.receipts(view.connection):
        report.checked["receipts"] += 1
        where = f"receipt of {at_ms}"
        cited.discard(receipt_hash(receipt))
        try:
            fields = verify_receipt(receipt, signature, trust)
        except BadReceiptError as error:
            report.problem("bad_receipt", error.code, where)
            continue
        if (fields.child_id, fields.head.epoch, fields.head.seq, fields.head.hash, fields.at_ms) != (me, epoch, seq, head, at_ms):
            report.problem("bad_receipt", "the row does not say what the receipt says", where)
        known = maintenance.has_entry(view.connection, me, epoch, seq, head) if seq else True
        if known is False:
            report.problem("altered_after_receipt", "our entry is not the one the parent receipted", where)
        elif known is None and not _recovering(view) and not _is_of_a_lost_key(view, trust, fields.head):
            report.problem("missing_after_receipt", "an entry of ours that the parent receipted is gone", where)
    for one in sorted(cited):
        report.problem("receipt_gone", "entries of ours cite a receipt that is not here", f"receipt {one.hex()[:16]}")


def _is_of_a_lost_key(view: View, trust: TrustStore, head: HeadMark) -> bool:
    """Whether an entry of ours is held as evidence because a burnt disk wrote it under a key that was replaced meanwhile. One that the key
    in force at its place signed was put there by somebody."""
    me = view.identity.node_id
    for header in maintenance.evidence_at(view.connection, me, head.epoch, head.seq):
        if entry_hash(header) == head.hash:
            key = trust.key_for(me, head.epoch, head.seq)
            return key is None or decode_header(header).key_id != key.key_id
    return False


def _recovering(view: View) -> bool:
    """After a restore the parent receipts what it has of us before it has sent it all back."""
    return any(peer.direction == "up" and not peer.confirmed for peer in view.links.all())


def _cases(view: View, report: Report) -> None:
    """Each event's predecessor is here and is the version before, but for those of which it was found when they came."""
    noted = maintenance.noted_case_gaps(view.connection)
    case_no, hashes, wanted = "", dict[bytes, int](), list[tuple[int, bytes]]()

    def close() -> None:
        for version, prev in wanted:
            if hashes.get(prev) != version - 1:
                report.problem("case_gap", f"version {version} does not continue a known version {version - 1}", case_no)

    for number, digest, header, counts in maintenance.case_entries(view.connection):
        if number != case_no:
            close()
            case_no, hashes, wanted = number, {}, []
            report.checked["cases"] += 1
        try:
            fields = decode_header(header)
        except MalformedEntryError:
            continue  # already listed with the entries
        stamp = fields.case
        if stamp is not None:
            hashes[digest] = stamp.version
            if counts and stamp.version > 1 and (fields.author_id, maintenance.place(fields.epoch, fields.seq)) not in noted:
                wanted.append((stamp.version, stamp.prev))
    close()


def _objects(view: View, report: Report) -> None:
    for digest, size, data in maintenance.objects(view.connection):
        report.checked["objects"] += 1
        where = f"object {digest.hex()[:16]}"
        found = (hashlib.sha256(data).digest(), len(data)) if data is not None else _file(view.store.files.path(digest))
        if found is None:
            report.problem("object_missing", "the file is gone", where)
        elif found != (digest, size):
            report.problem("object_altered", "the bytes are not those of the hash", where)
    _lost(view, report)


def _lost(view: View, report: Report) -> None:
    me, noted = view.identity.node_id, maintenance.noted_losses(view.connection, sources.OBJECT_GONE)
    lives = lives_of(view)
    for digest, case_no, epoch, seq in maintenance.lost_bodies(view.connection, me):
        where = f"object {digest.hex()[:16]}"
        if sources.named(digest) in noted and lives.forgot(epoch, seq):
            report.losses.append(loss_of(view, digest, case_no, where))
        else:
            report.problem("body_lost", f"a body of our own{f' of {case_no}' if case_no else ''} is not here", where)
    for digest in maintenance.lost_of_held(view.connection, me):
        if sources.named(digest) not in noted and view.objects.may_fetch(digest, me):
            report.problem("body_lost", "a body of a case that we hold is not here", f"object {digest.hex()[:16]}")


def _catalog(view: View, report: Report) -> None:
    for what, digest, data in maintenance.catalog_copies(view.connection):
        if hashlib.sha256(data).digest() != digest:
            report.problem("catalog_altered", "the table does not say what was published", what[:100])


def _file(path: Path) -> tuple[bytes, int] | None:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError:
        return None
    return digest.digest(), size


# query tables --------------------------------------------------------------------------------------------------------


def rebuild_check(store: Store) -> dict[str, tuple[int, int]]:
    """Rebuild the query tables in a copy; table -> (rows only here, rows only in the rebuilt one) where they differ."""
    with tempfile.TemporaryDirectory(dir=store.folder, prefix=".verify-") as folder:
        copy = Path(folder)
        maintenance.copy_database(store.folder / "node.db", copy / "node.db")
        side = Store(copy, store.clock, store.signer, threaded=False)
        try:
            side.files = store.files
            side.attached = True
            rolled = side.run(_recounted)
            side.run(_set_aside_and_replay)
            with side.reading() as view:  # it sorts whole tables, which only a reader does on the disk
                return {**maintenance.differences(view.connection, _compared(view)), **rolled}
        finally:
            side.close()


def _query_tables(store: Store, report: Report) -> None:
    try:
        found = rebuild_check(store)
    except maintenance.UnreadableError:
        raise
    except Exception as error:  # what stands in a tampered journal may fail anywhere
        report.problem("query_table", f"cannot be rebuilt: {str(error)[:150] or type(error).__name__}", "journal")
        return
    for table, (extra, missing) in found.items():
        report.problem("query_table", f"{extra} rows too many, {missing} missing", table)


def _compared(view: View | Tx) -> Mapping[str, Compared]:
    """With the due days, unless the tables are still following what was published last."""
    followed = view.meta.get(FOLLOWED) == published_here(view.store.catalog.snapshot())
    return {**compared(followed=followed), "down": TOLD}


def _recounted(tx: Tx) -> dict[str, tuple[int, int]]:
    """The roll-ups against a recount of the tables that they are made of, which holds at every moment."""
    tables = compared((Rollups(),), followed=True)
    maintenance.set_aside(tx.connection, tables)
    recount(tx.connection, tx.trust, tx.identity.node_id)
    found = maintenance.differences(tx.connection, tables)
    for table in tables:
        tx.connection.execute(f"DROP TABLE live_{table}")
    return found


def _set_aside_and_replay(tx: Tx) -> None:
    maintenance.set_aside(tx.connection, _compared(tx))
    tx.connection.execute("DELETE FROM down")
    projections.replay(tx, also=(Down(),))


def rebuild(store: Store) -> Rebuilt:
    """Make the query tables anew from the journal, in one transaction. Answers {tables, cases}."""

    def command(tx: Tx) -> Rebuilt:
        projections.replay(tx)
        return {"tables": [table for one in copies() for table in one.tables], "cases": maintenance.count_cases(tx.connection)}

    return store.run(command)
