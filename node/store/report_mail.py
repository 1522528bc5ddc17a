"""SQL of the addresses to which this node's monthly reports are mailed. Local to the node."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

TABLES = """
CREATE TABLE report_mail(address TEXT PRIMARY KEY, staff_id TEXT NOT NULL, at INTEGER NOT NULL,
  told TEXT NOT NULL  -- the entry (hex) of the last report that was put into the outbox for it, or that stood when it was chosen
) WITHOUT ROWID;
"""


def of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(address, the last report that it was told)."""
    return connection.execute("SELECT address, told FROM report_mail ORDER BY address").fetchall()


def choose(connection: sqlite3.Connection, addresses: Sequence[str], staff_id: str, at: int, told: str) -> None:
    """These and no others. Who is new is told of the reports from now on."""
    known = dict(of(connection))
    connection.execute("DELETE FROM report_mail")
    connection.executemany(
        "INSERT INTO report_mail VALUES(?,?,?,?)", [(one, staff_id, at, known.get(one, told)) for one in addresses]
    )


def was_told(connection: sqlite3.Connection, address: str, entry: str) -> None:
    connection.execute("UPDATE report_mail SET told=? WHERE address=?", (entry, address))
