"""SQL of the monthly draw: what it is drawn from, and the entry that seeds it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from federation.protocol.envelope import decode_header
from node.domain.supervision.ends import TURNED_AWAY
from node.store.rollups import BELOW, EVERY, OWN

_TURNED_AWAY = ",".join(f"'{how}'" for how in TURNED_AWAY)


def turned_away(connection: sqlite3.Connection, first_ms: int, end_ms: int) -> list[tuple[bytes, str]]:
    """(who ended it, case number) of what was turned away in [first, end)."""
    return connection.execute(
        f"SELECT e.charged, e.case_no FROM ends e WHERE e.at >= ? AND e.at < ? AND e.how IN ({_TURNED_AWAY})",
        (first_ms, end_ms),
    ).fetchall()


def decided(connection: sqlite3.Connection, first_ms: int, end_ms: int) -> list[tuple[bytes, str]]:
    """(who decided it, case number) of what was decided in [first, end) and turned nobody away."""
    return connection.execute(
        "SELECT d.charged, c.case_no FROM cases c JOIN decisions d ON d.case_no = c.case_no LEFT JOIN ends e ON e.case_no = c.case_no"
        f" WHERE c.decided_at > 0 AND c.decided_at >= ? AND c.decided_at < ? AND c.version > 0 AND (e.how IS NULL OR e.how NOT IN ({_TURNED_AWAY}))",
        (first_ms, end_ms),
    ).fetchall()


def items_of(connection: sqlite3.Connection, case_nos: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The items of cases, and their positions."""
    sql = "SELECT case_no, item_id, first_arrival FROM cases WHERE version > 0 AND case_no IN (SELECT value FROM json_each(?))"
    return {case_no: (item, at) for case_no, item, at in connection.execute(sql, (json.dumps(list(case_nos)),))}


def ended_in(connection: sqlite3.Connection, node_id: bytes, month: str) -> tuple[tuple[object, ...], ...]:
    """How many cases of a node and of all below it were decided and ended in a month (YYYY-MM), as the roll-ups have it."""
    sql = "SELECT level, what, how, n FROM rolled_months WHERE level IN (?, ?) AND place=? AND item_id=? AND what<>'filed' AND month=?"
    return tuple(connection.execute(sql, (OWN, BELOW, node_id, EVERY, month)).fetchall())


def last_before(connection: sqlite3.Connection, node_id: bytes, at_ms: int) -> tuple[int, int, bytes] | None:
    """(epoch, seq, hash) of the last entry of a node that it says it wrote before a moment; None when there is none here.

    Times go forward along a chain, so the place is found by halving."""
    row = connection.execute("SELECT id FROM authors WHERE node_id=?", (node_id,)).fetchone()
    chains = connection.execute(
        "SELECT epoch, min(seq), max(seq) FROM entries WHERE author=? AND standing<2 GROUP BY epoch ORDER BY epoch DESC",
        row or (0,),
    ).fetchall()
    for epoch, low, high in chains:
        if not _is_before(connection, row[0], (epoch, low), at_ms):
            continue
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _is_before(connection, row[0], (epoch, middle), at_ms) else (low, middle - 1)
        found = _entry(connection, row[0], (epoch, low))
        return (epoch, low, found[0]) if found is not None else None
    return None


def _is_before(connection: sqlite3.Connection, author: int, place: tuple[int, int], at_ms: int) -> bool:
    found = _entry(connection, author, place)
    return found is None or found[1] < at_ms


def _entry(connection: sqlite3.Connection, author: int, place: tuple[int, int]) -> tuple[bytes, int] | None:
    """(hash, when its author says that it was written), None when it is not here."""
    row = connection.execute(
        "SELECT hash, header FROM entries WHERE author=? AND epoch=? AND seq=? AND standing<2", (author, *place)
    ).fetchone()
    return (row[0], decode_header(row[1]).recorded_at) if row is not None else None
