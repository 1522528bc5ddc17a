"""SQL of the views that people saved for themselves: what narrows a list of supervision, under a name. Local to the node."""

from __future__ import annotations

import sqlite3

TABLES = """
CREATE TABLE saved_views(staff_id TEXT, name TEXT, query TEXT NOT NULL, PRIMARY KEY(staff_id, name)) WITHOUT ROWID;
"""


def of(connection: sqlite3.Connection, staff_id: str) -> list[tuple[str, str]]:
    """(name, query) of a person's views, by name."""
    return connection.execute("SELECT name, query FROM saved_views WHERE staff_id=? ORDER BY name", (staff_id,)).fetchall()


def put(connection: sqlite3.Connection, staff_id: str, name: str, query: str) -> None:
    connection.execute("INSERT OR REPLACE INTO saved_views VALUES(?,?,?)", (staff_id, name, query))


def forget(connection: sqlite3.Connection, staff_id: str, name: str) -> None:
    connection.execute("DELETE FROM saved_views WHERE staff_id=? AND name=?", (staff_id, name))
