"""SQL of second factors: the secret from which a person's telephone makes one-time codes, and codes on paper for when it is lost.

The secret is in the database like the keys of the node (a file of this user alone); of the codes on paper only SHA-256 digests are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactorRow:
    """`step`: the latest period whose code was used; `set_at` ms."""

    staff_id: str
    secret: str
    step: int
    set_at: int


def of(connection: sqlite3.Connection, staff_id: str) -> FactorRow | None:
    row = connection.execute("SELECT staff_id, secret, step, set_at FROM second_factors WHERE staff_id=?", (staff_id,)).fetchone()
    return FactorRow(*row) if row else None


def put(connection: sqlite3.Connection, row: FactorRow, recovery: Iterable[bytes]) -> None:
    """In place of what was set before."""
    clear(connection, row.staff_id)
    connection.execute(
        "INSERT INTO second_factors(staff_id, secret, step, set_at) VALUES (?,?,?,?)",
        (row.staff_id, row.secret, row.step, row.set_at),
    )
    connection.executemany("INSERT INTO recovery_codes VALUES (?,?)", [(row.staff_id, digest) for digest in recovery])


def used(connection: sqlite3.Connection, staff_id: str, step: int) -> None:
    connection.execute("UPDATE second_factors SET step=? WHERE staff_id=?", (step, staff_id))


def use_recovery(connection: sqlite3.Connection, staff_id: str, digest: bytes) -> bool:
    """Whether that code on paper was still good; it is not any more."""
    return connection.execute("DELETE FROM recovery_codes WHERE staff_id=? AND digest=?", (staff_id, digest)).rowcount == 1


def recovery_left(connection: sqlite3.Connection, staff_id: str) -> int:
    return int(connection.execute("SELECT count(*) FROM recovery_codes WHERE staff_id=?", (staff_id,)).fetchone()[0])


def clear(connection: sqlite3.Connection, staff_id: str) -> bool:
    """Whether there was one."""
    connection.execute("DELETE FROM recovery_codes WHERE staff_id=?", (staff_id,))
    return connection.execute("DELETE FROM second_factors WHERE staff_id=?", (staff_id,)).rowcount == 1
