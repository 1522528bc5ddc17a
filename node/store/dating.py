"""Entries of cases whose claim is later than the first `heard` that covers them: that is when they count as done (`cases.dated`).

The table `dated` has a row for each of them, so that reading a case asks for no bounds: of an honest clock there is none. An entry and
the `heard` come in either order. What comes second finds the other: `covered` when a `heard` comes, `until` when an entry does.
"""

from __future__ import annotations

from federation.protocol.envelope import claimed
from node.domain.cases.dated import MOVED_MS, dated
from node.store import hearings
from node.store.maintenance import place
from node.store.stored import Stored
from node.store.turn import Turn

DATED_BACK = "dated_back"  # a finding about the author
TABLE = """
CREATE TABLE dated(arrival INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL);
"""


def until(tx: Turn, stored: Stored) -> int | None:
    """The upper bound of an entry that has just come, where its claim is later; None where it is not, or nobody has borne it out."""
    fields = stored.fields
    if not stored.via or tx.trust.parent(fields.author_id) is None:
        return None
    if fields.position > tx.last_mark(fields.author_id):
        return None
    found = hearings.covering(tx.connection, fields.author_id, *fields.position)
    if found is None:
        return None
    _judge(tx, fields.author_id, fields.position, dated(fields.recorded_at, fields.not_before_ms))
    if dated(fields.recorded_at, fields.not_before_ms) <= found[0]:
        return None
    tx.connection.execute("INSERT OR REPLACE INTO dated VALUES(?,?)", (stored.arrival, found[0]))
    return found[0]


def covered(tx: Turn, child: bytes, mark: tuple[int, int], noted_ms: int) -> None:
    """A parent wrote at `noted_ms` that it has a child's chain up to `mark`: date what it is the first to cover."""
    before = hearings.mark_before(tx.connection, child, mark)
    tx.journal.write()
    rows = tx.connection.execute(
        "SELECT arrival, case_no, header, EXISTS(SELECT 1 FROM dated d WHERE d.arrival=entries.arrival), epoch, seq FROM entries"
        " WHERE author=(SELECT id FROM authors WHERE node_id=?) AND (epoch, seq) > (?, ?)"
        " AND (epoch, seq) <= (?, ?) AND standing<2 AND standing=0 AND class='case'",
        (child, *before, *mark),
    ).fetchall()
    signed = hearings.nothing_after(tx.connection, child, before)
    for arrival, case_no, header, was_late, epoch, seq in rows:
        at = dated(*claimed(header))
        late = at > noted_ms
        _compare(tx, child, (epoch, seq), at, signed)
        if late:
            tx.connection.execute("INSERT OR REPLACE INTO dated VALUES(?,?)", (arrival, noted_ms))
        elif was_late:
            tx.connection.execute("DELETE FROM dated WHERE arrival=?", (arrival,))
        if (late or was_late) and case_no is not None:
            tx.cases.refold(case_no)


def _judge(tx: Turn, author: bytes, position: tuple[int, int], at: int) -> None:
    """An entry came after the `heard` that covers it."""
    before = hearings.mark_before(tx.connection, author, position)
    _compare(tx, author, position, at, hearings.nothing_after(tx.connection, author, before))


def _compare(tx: Turn, author: bytes, position: tuple[int, int], at: int, signed: int) -> None:
    """Nothing is dated before a moment until which its author had signed that there was nothing: who cites an old receipt does so. What a
    parent's clock said that ran ahead accuses nobody."""
    if at < signed - MOVED_MS and signed <= tx.now() and not tx.replaying:
        tx.finding(author, DATED_BACK, place(*position))
