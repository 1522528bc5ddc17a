"""SQL of sessions and of the browsers (stations) where people have given their password.

Only SHA-256 digests of the cookies' texts are stored. Times are ms since 1970. A session's row goes when it ends; that it
was there stays in the audit.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One open session. `way`: password or pin; `seen_at` at most a minute old while the person is active."""

    id: int
    digest: bytes
    staff_id: str
    station: bytes
    way: str
    client: str
    opened_at: int
    seen_at: int
    ends_at: int
    locked: bool


@dataclass(frozen=True, slots=True)
class StationPerson:
    """A person at a browser: when the password was given there, wrong PINs since."""

    staff_id: str
    password_at: int
    wrong: int


_COLUMNS = "id, digest, staff_id, station, way, client, opened_at, seen_at, ends_at, locked"


def _row(values: tuple[int, bytes, str, bytes, str, str, int, int, int, int]) -> SessionRow:
    return SessionRow(*values[:9], bool(values[9]))


def add(connection: sqlite3.Connection, row: SessionRow) -> int:
    """Insert (the id of `row` is ignored); answers the id."""
    cursor = connection.execute(
        "INSERT INTO sessions(digest, staff_id, station, way, client, opened_at, seen_at, ends_at, locked) VALUES (?,?,?,?,?,?,?,?,?)",
        (row.digest, row.staff_id, row.station, row.way, row.client, row.opened_at, row.seen_at, row.ends_at, int(row.locked)),
    )
    return int(cursor.lastrowid or 0)


def by_digest(connection: sqlite3.Connection, digest: bytes) -> SessionRow | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM sessions WHERE digest=?", (digest,)).fetchone()
    return _row(row) if row else None


def by_id(connection: sqlite3.Connection, session_id: int) -> SessionRow | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM sessions WHERE id=?", (session_id,)).fetchone()
    return _row(row) if row else None


def alive(connection: sqlite3.Connection, now: int, seen_after: int) -> list[SessionRow]:
    """Every session that has not ended, the most recently used first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM sessions WHERE ends_at>? AND seen_at>? ORDER BY seen_at DESC", (now, seen_after)
    )
    return [_row(row) for row in rows]


def touch(connection: sqlite3.Connection, session_id: int, seen_at: int, locked: bool) -> None:
    connection.execute("UPDATE sessions SET seen_at=?, locked=? WHERE id=?", (seen_at, int(locked), session_id))


def end(connection: sqlite3.Connection, digest: bytes) -> None:
    connection.execute("DELETE FROM sessions WHERE digest=?", (digest,))


def end_of(connection: sqlite3.Connection, staff_id: str, keep: int = 0) -> int:
    """End the sessions of a person but the one with the id `keep`; answers how many."""
    return connection.execute("DELETE FROM sessions WHERE staff_id=? AND id<>?", (staff_id, keep)).rowcount


def end_all(connection: sqlite3.Connection) -> None:
    """After a restore: cookies of before open nothing, and every person gives the password again."""
    connection.execute("DELETE FROM sessions")
    connection.execute("DELETE FROM station_people")


def sweep(connection: sqlite3.Connection, now: int, seen_before: int, password_before: int) -> None:
    """Forget sessions that have ended and stations where nobody's password is fresh."""
    connection.execute("DELETE FROM sessions WHERE ends_at<=? OR seen_at<=?", (now, seen_before))
    connection.execute("DELETE FROM station_people WHERE password_at<=?", (password_before,))


# stations ------------------------------------------------------------------------------------------------------------


def password_given(connection: sqlite3.Connection, station: bytes, staff_id: str, at: int) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO station_people(station, staff_id, password_at) VALUES (?,?,?)", (station, staff_id, at)
    )


def people_at(connection: sqlite3.Connection, station: bytes) -> list[StationPerson]:
    rows = connection.execute("SELECT staff_id, password_at, wrong FROM station_people WHERE station=?", (station,))
    return [StationPerson(*row) for row in rows]


def person_at(connection: sqlite3.Connection, station: bytes, staff_id: str) -> StationPerson | None:
    row = connection.execute(
        "SELECT staff_id, password_at, wrong FROM station_people WHERE station=? AND staff_id=?", (station, staff_id)
    ).fetchone()
    return StationPerson(*row) if row else None


def count_wrong(connection: sqlite3.Connection, station: bytes, staff_id: str, wrong: int) -> None:
    connection.execute("UPDATE station_people SET wrong=? WHERE station=? AND staff_id=?", (wrong, station, staff_id))


def forget_person(connection: sqlite3.Connection, staff_id: str) -> None:
    """No browser may let the person in by PIN any more."""
    connection.execute("DELETE FROM station_people WHERE staff_id=?", (staff_id,))
