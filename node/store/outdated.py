"""Of which version the tables of each projection are, and making them.

The version stands in the table `projected`, written in the transaction that made the tables and filled them. So a power cut before its
end leaves the tables of before, and the next opening finds them outdated again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from node.store.projected.base import Projection


def find(connection: sqlite3.Connection, projections: Sequence[Projection]) -> list[Projection]:
    """Those whose tables are of another version, or not there."""
    versions = dict(connection.execute("SELECT name, version FROM projected").fetchall())
    return [one for one in projections if versions.get(one.NAME) != one.VERSION]


def make_tables(connection: sqlite3.Connection, projection: Projection) -> None:
    """Empty tables in place of those that are there, and the version."""
    for table in projection.tables:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in projection.TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute("INSERT OR REPLACE INTO projected VALUES(?,?)", (projection.NAME, projection.VERSION))


def make_first(connection: sqlite3.Connection, projections: Sequence[Projection]) -> None:
    """The tables of a node that has no entry yet."""
    if connection.execute("SELECT 1 FROM entries LIMIT 1").fetchone() is None:
        for projection in find(connection, projections):
            make_tables(connection, projection)
