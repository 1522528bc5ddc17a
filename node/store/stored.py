"""Entries as they stand in the journal, and what is asked of single ones. `journal.py` writes them."""

from __future__ import annotations

from typing import NamedTuple

from federation.ports import HeadMark, WireEntry
from federation.protocol.envelope import HeaderFields
from node.domain import calendar
from node.domain.cases.dated import dated
from node.domain.model import Cited, Event
from node.domain.notes import Goes, note_kind
from node.store.ground import Ground

GOOD, QUARANTINED, LOST_BRANCH = 0, 1, 2


class Stored(NamedTuple):
    """An entry as it stands in the journal. `via` is the peer's row id, 0 for our own."""

    arrival: int
    hash: bytes
    fields: HeaderFields
    via: int
    received_at: int

    @property
    def author(self) -> bytes:
        return self.fields.author_id

    def event(self) -> Event:
        return event_of(self.fields, self.hash)


def event_of(fields: HeaderFields, hash: bytes) -> Event:
    """The case event a header carries (fields.case must be there)."""
    stamp = fields.case
    assert stamp is not None
    at = dated(fields.recorded_at, fields.not_before_ms)
    return Event(
        fields.kind, fields.author_id, fields.staff_id, at, fields.facts, stamp.case_no, stamp.version, stamp.prev,
        stamp.term, stamp.status_after, stamp.custodian_after, hash, fields.body_hash, fields.schema, Cited(*fields.cites),
        fields.recorded_at,
    )  # fmt: skip


def last_arrival(view: Ground) -> int:
    row = view.connection.execute("SELECT max(arrival) FROM entries").fetchone()
    return int(row[0] or 0)


def chain_head(view: Ground, node_id: bytes) -> HeadMark:
    """The last entry stored of an author's latest epoch."""
    row = view.connection.execute(
        "SELECT e.epoch, e.seq, e.hash FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.standing<2"
        " ORDER BY e.epoch DESC, e.seq DESC LIMIT 1",
        (node_id,),
    ).fetchone()
    return HeadMark(row[0], row[1], row[2]) if row else HeadMark()


def wire_entry(view: Ground, node_id: bytes, head: HeadMark) -> WireEntry | None:
    """The stored bytes of one entry of an author."""
    row = view.connection.execute(
        "SELECT e.header, e.signature FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.epoch=? AND e.seq=? AND e.hash=?",
        (node_id, head.epoch, head.seq, head.hash),
    ).fetchone()
    return WireEntry(*row) if row else None


def knows(view: Ground, node_id: bytes, head: HeadMark) -> bool:
    """Whether exactly this entry of the author was ever stored here (in any standing)."""
    row = view.connection.execute(
        "SELECT 1 FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.epoch=? AND e.seq=? AND e.hash=?",
        (node_id, head.epoch, head.seq, head.hash),
    ).fetchone()
    return row is not None


def day_of(ms: int) -> str:
    return calendar.day_of(ms).isoformat()


def case_of(fields: HeaderFields) -> str | None:
    """The case an entry belongs to. One that should name a case and does not, or names one and should not, belongs to none."""
    if fields.entry_class == "case":
        return fields.case.case_no if fields.case is not None else None
    if fields.entry_class == "note":
        return fields.subject if note_kind(fields.kind).goes is Goes.WITH_CASE else None
    return fields.subject if fields.entry_class == "request" else None
