"""SQL of the reading log: one row for each person, case and day. Local to the node."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from node.store import audit


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """How often somebody saw a case on a day (ISO); times in ms."""

    id: int
    day: str
    staff_id: str
    case_no: str
    name: str
    role: str
    first_at: int
    last_at: int
    count: int


def note(connection: sqlite3.Connection, key: tuple[str, str, str], name: str, role: str, count: int, at: int) -> None:
    connection.execute(
        "INSERT INTO readings(day, staff_id, case_no, name, role, first_at, last_at, count) VALUES (?,?,?,?,?,?,?,?)"
        " ON CONFLICT(day, staff_id, case_no) DO UPDATE SET last_at=excluded.last_at, count=count+excluded.count",
        (*key, name, role, at, at, count),
    )


def page(connection: sqlite3.Connection, q: str, first: str, last: str, before: int, most: int) -> list[ReadingRow]:
    """The newest rows with an id below `before` (0: all); days are inclusive, "" for no bound."""
    conditions, values = ["1"], list[str | int]()
    if before:
        conditions.append("id < ?")
        values.append(before)
    if q:
        conditions.append("(instr(case_no, ?) OR instr(name, ?) OR staff_id = ?)")
        values += [q, q, q]
    if first:
        conditions.append("day >= ?")
        values.append(first)
    if last:
        conditions.append("day <= ?")
        values.append(last)
    sql = "SELECT id, day, staff_id, case_no, name, role, first_at, last_at, count FROM readings WHERE " + " AND ".join(
        conditions
    )
    return [ReadingRow(*row) for row in connection.execute(sql + " ORDER BY id DESC LIMIT ?", (*values, most))]


def any_before(connection: sqlite3.Connection, day: str) -> bool:
    return connection.execute("SELECT 1 FROM readings WHERE day < ? LIMIT 1", (day,)).fetchone() is not None


def forget(connection: sqlite3.Connection, day: str) -> None:
    connection.execute("DELETE FROM readings WHERE day < ?", (day,))


def taken(connection: sqlite3.Connection, at: int, staff_id: str, count: int) -> None:
    """Somebody took the log away as a file."""
    audit.note(connection, at, staff_id, "readings_taken", "", {"count": count})
