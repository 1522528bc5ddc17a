"""SQL of signals: what was derived here, what was served by whom, and which cases are to be looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from node.domain.supervision.signals import Signal

SIGNAL = "id, case_no, item_id, rule, rung, clock, days, due, anchor, charged, staff_id, fell_ms, over_days, version, known, line_of, ended_ms"
_SERVED = (  # the same of a note `signal_served`, which says no item
    "id, case_no, '', rule, rung, clock, days, due, anchor, charged, staff_id, fell_ms, over_days, version, 1, x'', 0, entry, author, at_ms"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A signal as it is kept; `entry`: by which it was served (b"": by nobody yet), `author` and `at_ms` of that. What an appeal made of it:
    `state`, `counts_as` (its rung) and `answers` (the node that it is charged to) as of now, `appeal` (b"": there is none).
    `order_id`: the order about it, or that it is about."""

    id: bytes
    case_no: str
    item_id: str
    rule: str
    rung: str
    clock: str
    days: int
    due: str
    anchor: bytes
    charged: bytes
    staff_id: str
    fell_ms: int
    over_days: int
    version: int
    known: int
    line_of: bytes
    ended_ms: int
    entry: bytes = b""
    author: bytes = b""
    at_ms: int = 0
    state: str = ""
    counts_as: str = ""
    answers: bytes = b""
    appeal: bytes = b""
    order_id: bytes = b""


def put(connection: sqlite3.Connection, case_no: str, found: Iterable[Signal]) -> None:
    """What is derived of a case now."""
    connection.execute("DELETE FROM signals WHERE case_no=?", (case_no,))
    connection.executemany(
        f"INSERT OR REPLACE INTO signals({SIGNAL}) VALUES(?{',?' * 16})",
        [
            (
                one.id, case_no, one.item_id, one.rule, one.rung, one.clock, one.limit, one.due.isoformat(), one.anchor, one.charged,
                one.staff_id, one.at_ms, one.over_days, one.version, one.known, one.line_of, one.ended_ms,
            )
            for one in found
        ],
    )  # fmt: skip


def look_again(connection: sqlite3.Connection, case_no: str, next_ms: int | None) -> None:
    """When to look at a case; None: only when it changes."""
    if next_ms is None:
        connection.execute("DELETE FROM signal_watch WHERE case_no=?", (case_no,))
    else:
        connection.execute("INSERT OR REPLACE INTO signal_watch VALUES(?,?)", (case_no, next_ms))


def look_now(connection: sqlite3.Connection, now_ms: int, until_ms: int) -> None:
    """Look now at every case that was to be looked at by then."""
    connection.execute("UPDATE signal_watch SET next_ms=?1 WHERE next_ms>?1 AND next_ms<=?2", (now_ms, until_ms))


def to_look_at(connection: sqlite3.Connection, now_ms: int, limit: int) -> list[str]:
    """The cases to be looked at, those that waited longest first."""
    sql = "SELECT case_no FROM signal_watch WHERE next_ms<=? ORDER BY next_ms, case_no LIMIT ?"
    return [row[0] for row in connection.execute(sql, (now_ms, limit))]


def served_of(connection: sqlite3.Connection, case_no: str) -> list[Row]:
    """Every card of a case that was served, the earliest first."""
    return _served(connection, "case_no", case_no)


def taken_back(connection: sqlite3.Connection, case_no: str) -> set[tuple[str, bytes, str]]:
    """(rule, charged, due) of the cards of a case that an appeal took from their unit: of a limit, which has a ladder, nothing more falls."""
    sql = (
        "SELECT v.rule, v.charged, v.due FROM appeals a JOIN served v ON v.id=a.card AND v.rightly"
        " WHERE a.case_no=? AND a.state='final' AND a.outcome IN ('revoke', 'reassign')"
    )
    return {(rule, charged, due) for rule, charged, due in connection.execute(sql, (case_no,))}


def _served(connection: sqlite3.Connection, column: str, value: str | bytes) -> list[Row]:
    """The notes by which cards were served, of a case or of one card."""
    sql = f"SELECT {_SERVED} FROM served WHERE {column}=? AND rightly ORDER BY at_ms, entry"
    return [Row(*row) for row in connection.execute(sql, (value,))]


_ALL = f"""
SELECT {SIGNAL}, coalesce((SELECT min(v.entry) FROM served v WHERE v.id=s.id AND v.rightly), x'') AS entry FROM signals s
UNION ALL SELECT v.id, v.case_no, coalesce(c.item_id, ''), v.rule, v.rung, v.clock, v.days, v.due, v.anchor, v.charged, v.staff_id,
  v.fell_ms, v.over_days, v.version, 1, x'', 0, v.entry FROM served v LEFT JOIN cases c ON c.case_no=v.case_no
  WHERE NOT EXISTS (SELECT 1 FROM signals s WHERE s.id=v.id) AND v.entry=(SELECT min(w.entry) FROM served w WHERE w.id=v.id AND w.rightly)
"""
_FINAL = "a.state='final' AND a.outcome"
_STATED = f"""
SELECT s.*, x'' AS author, 0 AS at_ms, CASE
  WHEN s.line_of<>x'' THEN 'line' WHEN s.charged=x'' THEN 'nobody' WHEN s.rung IN ('remind', 'warn') THEN 'shown'
  WHEN s.entry=x'' AND EXISTS (SELECT 1 FROM appeals b JOIN served w ON w.id=b.card WHERE b.case_no=s.case_no AND b.state='final'
    AND b.outcome IN ('revoke', 'reassign') AND s.clock<>'' AND (w.rule, w.charged, w.due)=(s.rule, s.charged, s.due)) THEN 'revoked'
  WHEN s.entry=x'' THEN 'waiting' WHEN a.state<>'final' THEN 'appealed' WHEN {_FINAL}='revoke' THEN 'revoked'
  WHEN {_FINAL}='reassign' THEN 'moved' WHEN s.ended_ms THEN 'closed' ELSE 'in_force' END AS state,
  CASE WHEN {_FINAL}='downgrade' THEN 'warn' ELSE s.rung END AS counts_as,
  CASE WHEN {_FINAL}='reassign' AND a.to_node<>x'' THEN a.to_node ELSE s.charged END AS answers, coalesce(a.id, x'') AS appeal
FROM ({_ALL}) s LEFT JOIN appeals a ON a.card=s.id
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signals: rungs, a rule, the charged nodes (None: everybody's), a case, a state; () and "" for all."""

    rungs: Sequence[str] = ()
    rule: str = ""
    charged: Sequence[bytes] | None = None
    case_no: str = ""
    state: str = ""


def page(connection: sqlite3.Connection, wanted: Wanted, before: tuple[int, bytes], limit: int) -> tuple[list[Row], int]:
    """(the next signals before a (moment, id), newest first; how many there are): derived here, or served by who must."""
    where, values = ["1"], list[object]()
    for column, chosen in (("counts_as", wanted.rungs), ("answers", wanted.charged)):
        if chosen or (chosen is not None and column == "answers"):
            where.append(f"{column} IN ({','.join('?' * len(chosen))})")
            values += chosen
    for column, text in (("rule", wanted.rule), ("case_no", wanted.case_no), ("state", wanted.state)):
        if text:
            where.append(f"{column}=?")
            values.append(text)
    fits = " AND ".join(where)
    total = connection.execute(f"SELECT count(*) FROM ({_STATED}) WHERE {fits}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT * FROM ({_STATED}) WHERE {fits} AND (fell_ms, id) < (?, ?) ORDER BY fell_ms DESC, id DESC LIMIT ?",
        (*values, *before, limit),
    ).fetchall()
    return [_with_entry(connection, Row(*row)) for row in rows], int(total)


def one_of(connection: sqlite3.Connection, id: bytes) -> Row | None:
    """One signal by its id."""
    row = connection.execute(f"SELECT * FROM ({_STATED}) WHERE id=?", (id,)).fetchone()
    return _with_entry(connection, Row(*row)) if row else None


def _with_entry(connection: sqlite3.Connection, row: Row) -> Row:
    if not row.entry:
        return row
    first = _served(connection, "id", row.id)[0]
    return replace(row, entry=first.entry, author=first.author, at_ms=first.at_ms, order_id=_order(connection, row.id))


def _order(connection: sqlite3.Connection, id: bytes) -> bytes:
    """The order that a card is about, else the latest about the card; b"" for none."""
    of_order = connection.execute("SELECT order_id FROM served WHERE id=? AND order_id<>x'' AND rightly", (id,)).fetchone()
    sql = "SELECT id FROM orders WHERE card=? AND card<>'' AND state<>'draft' ORDER BY since DESC LIMIT 1"
    row = of_order or connection.execute(sql, (id.hex(),)).fetchone()
    return row[0] if row else b""


def warned(connection: sqlite3.Connection, charged: bytes, since_ms: int, until_ms: int) -> list[tuple[str, str]]:
    """(staff id, case) of the warnings that fell to the people of a node in a time, each case of a person once."""
    sql = (
        "SELECT DISTINCT staff_id, case_no FROM signals WHERE fell_ms>=? AND fell_ms<? AND charged=? AND rung='warn' AND staff_id<>''"
        " AND line_of=x'' ORDER BY staff_id, case_no"
    )
    return list(connection.execute(sql, (since_ms, until_ms, charged)))


def changed_since(connection: sqlite3.Connection, since_ms: int, limit: int) -> tuple[list[str], int]:
    """(the cases of which a signal fell or an entry came since a moment, those filed last first; how many more there are)."""
    sql = (
        "SELECT case_no FROM cases WHERE case_no IN (SELECT case_no FROM signals WHERE fell_ms>=?1 UNION SELECT case_no FROM entries"
        " WHERE class='case' AND received_at>=?1) OR (due IS NOT NULL AND status NOT IN ('delivered', 'voided'))"
    )
    total = int(connection.execute(f"SELECT count(*) FROM ({sql})", (since_ms,)).fetchone()[0])
    rows = connection.execute(f"{sql} ORDER BY first_arrival DESC LIMIT ?2", (since_ms, limit)).fetchall()
    return [row[0] for row in rows], max(0, total - len(rows))
