"""Of which version the tables of each projection are, and making them.

The version stands in the table `projected`, written in the transaction that made the tables and filled them. So a power cut before its
end leaves the tables of before, and the next opening finds them outdated again.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence

from node.domain.cases.acts import OF_KIND
from node.domain.notes import NOTES
from node.store.projected.base import Projection

KNOWN = "known kinds"  # no projection: which kinds the program knew that made the tables
# What this program knows. Another one folded the same entries by their stamps alone.
KINDS = zlib.crc32(
    " ".join(sorted((*(f"{one.name}:{one.schema}" for one in OF_KIND.values()), *(one.name for one in NOTES)))).encode()
)


def find(connection: sqlite3.Connection, projections: Sequence[Projection]) -> list[Projection]:
    """Those whose tables are of another version, or not there; all when they were made by a program that knew other kinds of entries."""
    versions = dict(connection.execute("SELECT name, version FROM projected").fetchall())
    if versions.get(KNOWN) != KINDS:
        return list(projections)
    return [one for one in projections if versions.get(one.NAME) != one.VERSION]


def note_kinds(connection: sqlite3.Connection) -> None:
    """All tables are made by this program now."""
    connection.execute("INSERT OR REPLACE INTO projected VALUES(?,?)", (KNOWN, KINDS))


def make_tables(connection: sqlite3.Connection, projection: Projection) -> None:
    """Empty tables in place of those that are there, and the version. Its late indexes are `make_late_indexes`."""
    for table in projection.tables:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in projection.TABLES.split(";\n"):
        if statement.strip() and not _is_late(statement, projection):
            connection.execute(statement)
    connection.execute("INSERT OR REPLACE INTO projected VALUES(?,?)", (projection.NAME, projection.VERSION))


def make_late_indexes(connection: sqlite3.Connection, projection: Projection) -> None:
    """In one go, which costs a third of keeping them up row by row."""
    for statement in projection.TABLES.split(";\n"):
        if _is_late(statement, projection):
            connection.execute(statement)


def _is_late(statement: str, projection: Projection) -> bool:
    return any(statement.strip().startswith(f"CREATE INDEX {name} ") for name in projection.LATE)


def make_first(connection: sqlite3.Connection, projections: Sequence[Projection]) -> None:
    """The tables of a node that has no entry yet."""
    if connection.execute("SELECT 1 FROM entries LIMIT 1").fetchone() is None:
        for projection in find(connection, projections):
            make_tables(connection, projection)
            make_late_indexes(connection, projection)
        note_kinds(connection)
