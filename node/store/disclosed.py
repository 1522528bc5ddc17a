"""SQL of what was found about items and units (`node.domain.supervision.disclosing`): work in progress, derived here and made anew by each look."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from node.domain.words.flags import finding_id
from node.store.catalog_tables import PENDING

TABLES = """
CREATE TABLE disclosed(subject BLOB, flag TEXT, author BLOB NOT NULL, at_ms INTEGER NOT NULL, item_id TEXT NOT NULL, detail TEXT NOT NULL,
  entry BLOB NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY(subject, flag)) WITHOUT ROWID;
CREATE INDEX disclosed_id ON disclosed(id);
"""


class Disclosed(NamedTuple):
    """A finding. `subject`: what a judgement names, the hash of the item's version or of unit and publication; `author`: the node charged;
    `at_ms`: since when; `item_id` "" of a unit; `entry`: by which it was published."""

    subject: bytes
    flag: str
    author: bytes
    at_ms: int
    item_id: str
    detail: str
    entry: bytes


class Published(NamedTuple):
    """A revision of the catalog: its manifest, the entry that published it, and when (ms, as its author says)."""

    revision: int
    manifest: bytes
    entry: bytes
    at_ms: int


def everything(connection: sqlite3.Connection) -> set[Disclosed]:
    """What is found now."""
    rows = connection.execute("SELECT subject, flag, author, at_ms, item_id, detail, entry FROM disclosed")
    return {Disclosed(*row) for row in rows}


def put(connection: sqlite3.Connection, found: Collection[Disclosed]) -> None:
    """In place of what was found before."""
    connection.execute("DELETE FROM disclosed")
    rows = [(*one, finding_id(one.subject, one.flag)) for one in sorted(found)]
    connection.executemany("INSERT INTO disclosed VALUES(?,?,?,?,?,?,?,?)", rows)


def published(connection: sqlite3.Connection, layer: bytes, kind: str) -> list[Published]:
    """The revisions of a layer that are here, the first first."""
    rows = connection.execute(
        "SELECT p.revision, p.manifest, coalesce(e.hash, p.manifest), p.published FROM publications p"
        " LEFT JOIN entries e ON e.arrival=p.arrival WHERE p.layer=? AND p.kind=? AND p.state<>? ORDER BY p.revision, p.published",
        (layer, kind, PENDING),
    )
    return [Published(*row) for row in rows]
