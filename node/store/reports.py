"""SQL of monthly reports: those that were written, what each case counts, and where every chain stands."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.domain.reports.cut import Cut
from node.domain.reports.story import Move, Position, Story


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was written; `staff_id`: who signed it, that of the system where it was frozen unsigned."""

    entry: bytes
    author: bytes
    month: str
    staff_id: str
    at_ms: int
    place: Position
    body: bytes


_NONE: Mapping[tuple[bytes, str], int] = {}
_COLUMNS = "entry, author, month, staff_id, at_ms, epoch, seq, body"


def _report(row: Any) -> Report:
    entry, author, month, staff_id, at_ms, epoch, seq, body = row
    return Report(entry, author, month, staff_id, at_ms, (epoch, seq), body)


def latest(connection: sqlite3.Connection, node: bytes, month: str) -> Report | None:
    """The report of a node for a month: the last that it wrote."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM reports WHERE author=? AND month=? ORDER BY epoch DESC, seq DESC LIMIT 1", (node, month)
    ).fetchone()
    return _report(row) if row else None


def one(connection: sqlite3.Connection, entry: bytes) -> Report | None:
    """By the hash of its entry."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM reports WHERE entry=?", (entry,)).fetchone()
    return _report(row) if row else None


def months_of(connection: sqlite3.Connection, node: bytes) -> list[str]:
    """The months that a node has reported, the last first."""
    rows = connection.execute("SELECT DISTINCT month FROM reports WHERE author=? ORDER BY month DESC", (node,))
    return [month for (month,) in rows.fetchall()]


def began(connection: sqlite3.Connection, node: bytes) -> int:
    """When the first entry of a node was stored here, ms; 0 when there is none. `standing<2` lets the index of chains serve, here and below."""
    row = connection.execute(
        "SELECT received_at FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND standing<2 AND standing=0"
        " ORDER BY epoch, seq LIMIT 1",
        (node,),
    ).fetchone()
    return int(row[0]) if row else 0


def all_began(connection: sqlite3.Connection) -> dict[bytes, int]:
    """The same of every node that has an entry here, in one walk: a city has thousands."""
    rows = connection.execute(
        "SELECT a.node_id, (SELECT e.received_at FROM entries e WHERE e.author=a.id AND e.standing<2 AND e.standing=0"
        " ORDER BY e.epoch, e.seq LIMIT 1)"
        " FROM authors a"
    )
    return {node: int(at) for node, at in rows if at is not None}


def head(connection: sqlite3.Connection, node: bytes, waits_from: int) -> Position:
    """The last good entry of a node that is here and that the tables show (`waits_from`: of peers they show none from this arrival on);
    (0, 0) for none."""
    row = connection.execute(
        "SELECT epoch, seq FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND standing<2 AND standing=0"
        " AND (arrival<? OR via=0) ORDER BY epoch DESC, seq DESC LIMIT 1",
        (node, waits_from),
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def unchecked(connection: sqlite3.Connection, node: bytes, limit: int) -> list[Report]:
    """Reports of others than a node that were not counted again here, the last first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM reports WHERE author<>? AND entry NOT IN (SELECT entry FROM report_checks) ORDER BY at_ms DESC LIMIT ?",
        (node, limit),
    )
    return [_report(row) for row in rows.fetchall()]


def note_checks(connection: sqlite3.Connection, found: Mapping[bytes, bool]) -> None:
    """Reports were counted again here: entry -> whether the recount says otherwise."""
    connection.executemany("INSERT OR REPLACE INTO report_checks VALUES(?,?)", list(found.items()))


def differs(connection: sqlite3.Connection, entry: bytes) -> bool | None:
    """Whether a recount here contradicts a report; None while nobody counted."""
    row = connection.execute("SELECT differs FROM report_checks WHERE entry=?", (entry,)).fetchone()
    return bool(row[0]) if row else None


def contradicted(connection: sqlite3.Connection, month: str) -> list[bytes]:
    """The authors of the reports of a month that a recount here contradicts."""
    rows = connection.execute(
        "SELECT DISTINCT r.author FROM reports r JOIN report_checks c ON c.entry=r.entry WHERE r.month=? AND c.differs=1",
        (month,),
    )
    return [node for (node,) in rows.fetchall()]


# stories -------------------------------------------------------------------------------------------------------------


def put(connection: sqlite3.Connection, case_no: str, told: Story) -> None:
    """What a case counts now."""
    connection.execute("DELETE FROM story_watch WHERE case_no=?", (case_no,))
    last = max((move.at for move in told), default=0)
    is_open = bool(told and told[-1].holder)
    connection.execute("INSERT OR REPLACE INTO stories VALUES(?,?,?,?)", (case_no, _written(told), last, is_open))


def to_tell(connection: sqlite3.Connection, limit: int) -> list[str]:
    """Cases whose story is to be told anew."""
    rows = connection.execute("SELECT case_no FROM story_watch ORDER BY case_no LIMIT ?", (limit,))
    return [case_no for (case_no,) in rows.fetchall()]


def concerned(connection: sqlite3.Connection, since_ms: int, beyond: Cut) -> list[str]:
    """The cases that can count something: those in process, those of which something was done since a moment, those with an entry
    beyond one of these positions, and those that are to be told anew."""
    found = {no for (no,) in connection.execute("SELECT case_no FROM stories WHERE open=1 OR last_at>=?", (since_ms,))}
    found |= {no for (no,) in connection.execute("SELECT case_no FROM story_watch")}
    for node, place in beyond.items():
        rows = connection.execute(
            "SELECT DISTINCT case_no FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND (epoch, seq) > (?, ?)"
            " AND standing<2 AND standing=0 AND class='case' AND +case_no IS NOT NULL",
            (node, *place),
        )
        found |= {no for (no,) in rows}
    return sorted(found)


def told(connection: sqlite3.Connection, case_nos: Sequence[str]) -> dict[str, Story]:
    """The stories that are kept and stand as their cases do."""
    sql = (
        "SELECT s.case_no, s.told FROM stories s WHERE s.case_no IN (SELECT value FROM json_each(?))"
        " AND s.case_no NOT IN (SELECT case_no FROM story_watch)"
    )
    return {case_no: _read(text) for case_no, text in connection.execute(sql, (json.dumps(list(case_nos)),))}


def disputed(connection: sqlite3.Connection, case_nos: Collection[str]) -> set[str]:
    """Those of these cases of which some entries do not stand."""
    rows = connection.execute("SELECT case_no FROM cases WHERE voided>0 OR parked>0")
    return {no for (no,) in rows if no in case_nos}


def _written(story: Story) -> str:
    """Nodes by their place in a list, which stands first."""
    nodes = list(
        dict.fromkeys(
            node for move in story for node in (move.author, move.holder, move.answers, *(unit for unit, _ in move.counts))
        )
    )
    at = {node: n for n, node in enumerate(nodes)}
    moves = [
        [
            at[one.author], *one.place, one.at, at[one.holder], int(one.suspended), one.due,
            [[at[unit], name, n] for (unit, name), n in one.counts.items()], at[one.answers],
        ]
        for one in story
    ]  # fmt: skip
    return json.dumps([[node.hex() for node in nodes], moves], separators=(",", ":"))


def _read(text: str) -> Story:
    named, moves = json.loads(text)
    nodes = [bytes.fromhex(one) for one in named]
    return [
        Move(
            nodes[author], (epoch, seq), at, {(nodes[unit], name): n for unit, name, n in counts} if counts else _NONE, nodes[holder],
            bool(suspended), due, nodes[answers],
        )
        for author, epoch, seq, at, holder, suspended, due, counts, answers in moves
    ]  # fmt: skip


# cards and orders ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A served card: whom it charges, by which rule and rung, when it fell (ms), and the entry by which it was served."""

    id: bytes
    charged: bytes
    rule: str
    rung: str
    fell_ms: int
    author: bytes
    place: Position


def cards(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> list[Card]:
    """Yellow and red cards that were served since a moment and fell before another, each as it was served first."""
    rows = connection.execute(
        "SELECT v.id, v.charged, v.rule, v.rung, v.fell_ms, v.author, p.epoch, p.seq FROM served v JOIN card_places p ON p.entry=v.entry"
        " WHERE v.rung IN ('yellow', 'red') AND v.rightly AND v.at_ms>=? AND v.fell_ms<? ORDER BY v.at_ms, v.entry",
        (since_ms, until_ms),
    ).fetchall()
    found: dict[bytes, Card] = {}
    for id, charged, rule, rung, fell_ms, author, epoch, seq in rows:
        found.setdefault(id, Card(id, charged, rule, rung, fell_ms, author, (epoch, seq)))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Appealed:
    """What became of a card that was appealed against: filed and final when (ms; 0: not yet), and how; `to` whom it was moved."""

    card: bytes
    unit: bytes
    filed_ms: int
    final_ms: int
    outcome: str
    to: bytes


def appeals(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> dict[bytes, Appealed]:
    """By card, those that were filed before a moment and final not before another."""
    rows = connection.execute(
        "SELECT card, unit, filed_ms, CASE state WHEN 'final' THEN final_ms ELSE 0 END, outcome, to_node FROM appeals"
        " WHERE filed_ms<? AND (state<>'final' OR final_ms>=?)",
        (until_ms, since_ms),
    ).fetchall()
    return {row[0]: Appealed(*row) for row in rows}


_WARNED = (
    "FROM signals WHERE rung='warn' AND line_of=x'' AND charged<>x'' AND fell_ms>=? AND fell_ms<?"  # warnings derived for a time
)


def warnings(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[tuple[bytes, int]]:
    """(charged, how many) of the warnings that were derived for a time."""
    return connection.execute(f"SELECT charged, count(*) {_WARNED} GROUP BY charged", (start_ms, end_ms)).fetchall()


def warned(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[tuple[bytes, bytes, int]]:
    """(charged, signal, when it fell) of each of them."""
    return connection.execute(f"SELECT charged, id, fell_ms {_WARNED}", (start_ms, end_ms)).fetchall()


def orders(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[tuple[bytes, str, str, int]]:
    """(order, the unit it is for, its state, when it was signed) of the orders that were signed in a time."""
    return connection.execute(
        "SELECT id, unit, state, at_ms FROM orders WHERE state<>'draft' AND at_ms>=? AND at_ms<? ORDER BY id", (start_ms, end_ms)
    ).fetchall()
