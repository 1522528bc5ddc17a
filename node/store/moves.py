"""Which due days a published calendar moved here, kept for people to read (R08).

Written with the row of a case (`node.store.projected.cases`) while the table does not follow the calendar yet, whatever had the row
written; it is a record of this node, not made from the journal: what a table said before is in no entry. An act that comes in between
moves the day by itself, and is no move of the calendar.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TABLES = """
CREATE TABLE moves(revision INTEGER, case_no TEXT, before TEXT NOT NULL, after TEXT, item_id TEXT NOT NULL, custodian BLOB NOT NULL,
  PRIMARY KEY(revision, case_no)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Move:
    """One case whose due day moved; days as ISO texts, `after` None where there is none any more. `custodian`: where it was then."""

    case_no: str
    before: str
    after: str | None
    item_id: str
    custodian: bytes


_DUE = "SELECT case_no, due, item_id, custodian FROM cases WHERE due IS NOT NULL "


def standing(connection: sqlite3.Connection, cases: Mapping[str, bytes]) -> list[Move]:
    """What the table says of these cases as long as it knows them up to the same entry (their heads), as `Move`s that have not moved."""
    sql = f"{_DUE} AND case_no IN (SELECT value FROM json_each(?)) AND hex(head) IN (SELECT value FROM json_each(?))"
    heads = json.dumps([head.hex().upper() for head in cases.values()])
    rows = connection.execute(sql, (json.dumps(list(cases)), heads)).fetchall()
    return [Move(case_no, due, due, item_id, custodian) for case_no, due, item_id, custodian in rows]


def due_from(connection: sqlite3.Connection, day: str, limit: int) -> list[Move]:
    """Cases due on a day or later, the earliest first, as `Move`s that have not moved."""
    rows = connection.execute(f"{_DUE} AND due>=? ORDER BY due, case_no LIMIT ?", (day, limit)).fetchall()
    return [Move(case_no, due, due, item_id, custodian) for case_no, due, item_id, custodian in rows]


def count_from(connection: sqlite3.Connection, day: str) -> int:
    """How many cases are due on a day or later."""
    return int(connection.execute("SELECT count(*) FROM cases WHERE due IS NOT NULL AND due>=?", (day,)).fetchone()[0])


def keep(connection: sqlite3.Connection, revision: int, rows: Sequence[Move]) -> None:
    """Put moves on record; one that stands there already stays as it is."""
    connection.executemany(
        "INSERT OR IGNORE INTO moves(revision, case_no, before, after, item_id, custodian) VALUES(?,?,?,?,?,?)",
        [(revision, one.case_no, one.before, one.after, one.item_id, one.custodian) for one in rows],
    )


def moved_by(connection: sqlite3.Connection, revision: int, start: int = 0, limit: int = -1) -> list[Move]:
    """What a revision of the calendar moved, by the new day."""
    sql = "SELECT case_no, before, after, item_id, custodian FROM moves WHERE revision=? ORDER BY after, case_no LIMIT ? OFFSET ?"
    return [Move(*row) for row in connection.execute(sql, (revision, limit, start))]


def counts(connection: sqlite3.Connection) -> dict[int, int]:
    """How many due days each revision moved."""
    return dict(connection.execute("SELECT revision, count(*) FROM moves GROUP BY revision").fetchall())
