"""SQL of signals: what was derived here, what was served by whom, and which cases are to be looked at again."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from node.domain.supervision.signals import Signal

NEWEST = (1 << 62, b"\xff" * 32)  # a place before the newest of a page
SIGNAL = "id, case_no, item_id, rule, rung, clock, days, due, anchor, charged, staff_id, fell_ms, over_days, version, known, line_of, ended_ms"
_SERVED = (  # the same of a note by which a card was served: of a case it says no item
    "id, case_no, item_id, rule, rung, clock, days, due, anchor, charged, staff_id, fell_ms, over_days, version, 1, x'', 0, entry, author, at_ms"
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


# What was derived here, and what was only served: two sources, each walked by itself, for SQLite puts both together in order before it stops.
_SOURCES = (
    f"""SELECT {SIGNAL}, coalesce((SELECT min(v.entry) FROM served v WHERE v.id=d.id AND v.rightly), x'') AS entry FROM signals d""",
    """SELECT v.id AS id, v.case_no AS case_no, CASE v.case_no WHEN '' THEN v.item_id
  ELSE coalesce((SELECT c.item_id FROM cases c WHERE c.case_no=v.case_no), '') END AS item_id,
  v.rule AS rule, v.rung AS rung, v.clock AS clock, v.days AS days, v.due AS due, v.anchor AS anchor, v.charged AS charged,
  v.staff_id AS staff_id, v.fell_ms AS fell_ms, v.over_days AS over_days, v.version AS version, 1 AS known, x'' AS line_of, 0 AS ended_ms,
  v.entry AS entry FROM served v WHERE v.derived=0
  AND v.entry=(SELECT min(w.entry) FROM served w WHERE w.id=v.id AND w.rightly)""",
)
_FINAL = "a.state='final' AND a.outcome"
_STATED = [
    f"""
SELECT s.*, x'' AS author, 0 AS at_ms, CASE
  WHEN s.line_of<>x'' THEN 'line' WHEN s.charged=x'' THEN 'nobody' WHEN s.rung IN ('remind', 'warn') THEN 'shown'
  WHEN s.entry<>x'' THEN CASE WHEN a.state<>'final' THEN 'appealed' WHEN {_FINAL}='revoke' THEN 'revoked'
    WHEN {_FINAL}='reassign' THEN 'moved' WHEN s.ended_ms THEN 'closed' ELSE 'in_force' END
  WHEN EXISTS (SELECT 1 FROM appeals b JOIN served w ON w.id=b.card WHERE b.case_no=s.case_no AND b.state='final'
    AND b.outcome IN ('revoke', 'reassign') AND s.clock<>'' AND (w.rule, w.charged, w.due)=(s.rule, s.charged, s.due)) THEN 'revoked'
  ELSE 'waiting' END AS state,
  CASE WHEN {_FINAL}='downgrade' THEN 'warn' ELSE s.rung END AS counts_as,
  CASE WHEN {_FINAL}='reassign' AND a.to_node<>x'' THEN a.to_node ELSE s.charged END AS answers, coalesce(a.id, x'') AS appeal
FROM ({source}) s LEFT JOIN appeals a ON a.card=s.id
"""
    for source in _SOURCES
]


# What a state says of the row itself, so that most are left out before anything is looked up.
_CARD = "line_of=x'' AND charged<>x'' AND rung NOT IN ('remind', 'warn')"
_IMPLIED = {
    "line": "line_of<>x''", "nobody": "charged=x''", "shown": "rung IN ('remind', 'warn')",
    "in_force": f"{_CARD} AND ended_ms=0", "closed": f"{_CARD} AND ended_ms<>0",
    "appealed": f"{_CARD} AND id IN (SELECT card FROM appeals WHERE state<>'final')",
    "moved": f"{_CARD} AND id IN (SELECT card FROM appeals WHERE outcome='reassign')",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signals: rungs, a rule, the charged nodes (None: everybody's), a case, a state, items (`other_items`: every item but these); (), ""
    and None for all."""

    rungs: Sequence[str] = ()
    rule: str = ""
    charged: Sequence[bytes] | None = None
    case_no: str = ""
    state: str = ""
    items: Sequence[str] | None = None
    other_items: bool = False


STANDING = Wanted(state="in_force")
# How many these are, by what is fewest: cards that nobody made good, served, and no appeal took them away or runs.
_STANDS = """FROM signals d INDEXED BY {} WHERE d.ended_ms=0 AND d.line_of=x'' AND d.charged<>x''
  AND d.rung NOT IN ('remind', 'warn') AND EXISTS (SELECT 1 FROM served v WHERE v.id=d.id AND v.rightly)
  AND NOT EXISTS (SELECT 1 FROM appeals a INDEXED BY appeals_against
    WHERE a.card=d.id AND (a.state <> 'final' OR a.outcome IN ('revoke', 'reassign', 'downgrade')){})"""
_STANDING = "SELECT count(*) " + _STANDS.format("signals_standing", " AND NOT (a.state = 'final' AND a.outcome = 'downgrade')")
# Those that no appeal made a warning: each counts as what it fell as, of its unit.
_UNLOWERED = f"SELECT d.rung, {{}}, count(*) {_STANDS.format('signals_borne', '')} AND d.rung IN"


def page(connection: sqlite3.Connection, wanted: Wanted, before: tuple[int, bytes], limit: int) -> tuple[list[Row], int]:
    """(the next signals before a (moment, id), newest first; how many there are): derived here, or served by who must."""
    where, values = _fits(wanted)
    counts, rows, total = list(where), list[Row](), 0
    if wanted.rungs and not wanted.state and wanted.charged is None:  # counted without a look at the appeals of each
        counts.remove(where[0])
        counts.append(_of_rungs(wanted.rungs))
    plain = not any(name in one for one in counts for name in ("counts_as", "answers", "state=:state"))
    place = {"fell": before[0], "id": before[1], "limit": limit}
    for source, stated in list(zip(_SOURCES, _STATED, strict=True))[: 2 if _lone(connection) else 1]:
        rows_of = "signals" if plain and source is _SOURCES[0] else f"({source if plain else stated})"
        sql = f"SELECT count(*) FROM {rows_of} WHERE {' AND '.join(counts)}"
        if wanted == STANDING and source is _SOURCES[0]:
            sql = _STANDING
        total += int(connection.execute(sql, values).fetchone()[0])
        sql = f"SELECT * FROM ({stated}) WHERE {' AND '.join(where)} AND (fell_ms, id) < (:fell, :id) ORDER BY fell_ms DESC, id DESC LIMIT :limit"
        rows += (Row(*row) for row in connection.execute(sql, {**values, **place}))
    newest = sorted(rows, key=lambda one: (one.fell_ms, one.id), reverse=True)[:limit]
    return [_with_entry(connection, row) for row in newest], total


def _fits(wanted: Wanted) -> tuple[list[str], dict[str, object]]:
    """The conditions, that of the rungs first, and their values. What follows from a condition stands beside it where an index has it."""
    where, values = list[str](), dict[str, object]()
    if wanted.rungs:
        values |= {f"rung{n}": one for n, one in enumerate(wanted.rungs)}
        where.append(f"counts_as IN ({_marks('rung', wanted.rungs)})")
    if wanted.charged is not None:
        values |= {f"node{n}": one for n, one in enumerate(wanted.charged)}
        marks = _marks("node", wanted.charged)
        moved = f"SELECT card FROM appeals WHERE to_node<>x'' AND to_node IN ({marks})"
        where += [f"answers IN ({marks})", f"(charged IN ({marks}) OR id IN ({moved}))"]
    for column, text in (("rule", wanted.rule), ("case_no", wanted.case_no), ("state", wanted.state)):
        if text:
            where.append(f"{column}=:{column}")
            values[column] = text
    if wanted.state:
        where.append(_IMPLIED.get(wanted.state, _CARD))
    if wanted.items is not None:
        where.append(f"item_id {'NOT ' if wanted.other_items else ''}IN (SELECT value FROM json_each(:items))")
        values["items"] = json.dumps(list(wanted.items))
    return where or ["1"], values


def in_force(
    connection: sqlite3.Connection, rungs: Sequence[str], wanted: Wanted, *, by_unit: bool = True
) -> Counter[tuple[str, bytes]]:
    """(what it counts as, who answers for it) -> how many cards of these rungs are in force, of the items that are `wanted`. Not `by_unit`:
    under b"" those of all."""
    count = Counter[tuple[str, bytes]]()
    for n, (stated, where, values) in enumerate(_open(connection, rungs, wanted)):
        if n == 0:  # derived here
            unit = "d.charged" if by_unit else "x''"
            sql = f"{_UNLOWERED.format(unit)} ({_marks('rung', rungs)})"
            if wanted.items is not None:
                sql += f" AND d.item_id {'NOT ' if wanted.other_items else ''}IN (SELECT value FROM json_each(:items))"
            count.update({(rung, node): cards for rung, node, cards in connection.execute(f"{sql} GROUP BY 2, 1", values)})
            continue
        sql = f"SELECT counts_as, answers, count(*) FROM ({stated}) WHERE {where} GROUP BY 1, 2"
        for rung, node, cards in connection.execute(sql, values):
            count[rung, node if by_unit else b""] += cards
    return count


def longest(connection: sqlite3.Connection, rung: str, wanted: Wanted, limit: int) -> list[Row]:
    """The cards of a rung that are in force, those that fell first at the top."""
    rows = list[Row]()
    for stated, where, values in _open(connection, (rung,), wanted):
        if wanted.charged is not None:
            where += " AND hex(answers) IN (SELECT value FROM json_each(:nodes))"
            values["nodes"] = json.dumps([one.hex().upper() for one in wanted.charged])
        sql = f"SELECT * FROM ({stated}) WHERE {where} ORDER BY fell_ms, id LIMIT {limit}"
        rows += (Row(*row) for row in connection.execute(sql, values))
    return [_with_entry(connection, row) for row in sorted(rows, key=lambda one: (one.fell_ms, one.id))[:limit]]


def _open(connection: sqlite3.Connection, rungs: Sequence[str], wanted: Wanted) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(source, condition, values) of the cards of these rungs that are in force: what fell as another and counts as one of them is none."""
    fits, values = _fits(Wanted(state="in_force", items=wanted.items, other_items=wanted.other_items))
    values |= {f"rung{n}": one for n, one in enumerate(rungs)}
    fits += [f"{column} IN ({_marks('rung', rungs)})" for column in ("rung", "counts_as")]
    for stated in _STATED[: 2 if _lone(connection) else 1]:
        yield stated, " AND ".join(fits), dict(values)


def _marks(name: str, wanted: Sequence[object]) -> str:
    return ", ".join(f":{name}{n}" for n in range(len(wanted)))


def _of_rungs(rungs: Sequence[str]) -> str:
    """The same as what they count as: but for the few that an appeal lowered, what they fell as."""
    lowered = "id IN (SELECT card FROM appeals INDEXED BY appeals_lowered WHERE state='final' AND outcome='downgrade')"
    return f"(rung IN ({_marks('rung', rungs)}) AND NOT {lowered}{f' OR {lowered}' if 'warn' in rungs else ''})"


def _lone(connection: sqlite3.Connection) -> bool:
    """Whether anything was served that was not derived here."""
    return connection.execute("SELECT 1 FROM served WHERE derived=0 LIMIT 1").fetchone() is not None


def one_of(connection: sqlite3.Connection, id: bytes) -> Row | None:
    """One signal by its id."""
    found = (connection.execute(f"SELECT * FROM ({one}) WHERE id=?", (id,)).fetchone() for one in _STATED)
    row = next((one for one in found if one), None)
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
    """(staff id, case) of the warnings that fell to the people of a node in a time, its end with it, each case of a person once."""
    sql = (
        "SELECT DISTINCT staff_id, case_no FROM signals WHERE fell_ms>? AND fell_ms<=? AND charged=? AND rung='warn' AND staff_id<>''"
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
