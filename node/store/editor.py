"""SQL of catalog editing: changes that are not published yet, files waiting for a decision, and what a publication touches.

Pending changes are local to the node and shared by its editors, one a piece of the catalog. `n` is the number of the save, never
used twice, so that two editors of one item notice each other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.store.measures import UNFINISHED

ASKED = ("draft", *UNFINISHED)  # cases that a change of their item concerns


@dataclass(frozen=True, slots=True)
class EditRow:
    """One pending change. `base` is the hash of the version it was made from, b"" for a new item; `at_ms` the last save."""

    item_id: str
    base: bytes
    document: str
    n: int
    staff_id: str
    staff_name: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Published:
    """A publication that was made from pending changes; `token` names what was shown."""

    token: str
    revision: int
    count: int
    effective: str
    staff_name: str
    at_ms: int


_EDIT = "SELECT item_id, base, document, n, staff_id, staff_name, at_ms FROM edits "


def edits(connection: sqlite3.Connection) -> list[EditRow]:
    return [EditRow(*row) for row in connection.execute(_EDIT + "ORDER BY item_id")]


def edit_of(connection: sqlite3.Connection, item_id: str) -> EditRow | None:
    row = connection.execute(_EDIT + "WHERE item_id=?", (item_id,)).fetchone()
    return EditRow(*row) if row else None


def edit_marks(connection: sqlite3.Connection) -> dict[str, tuple[int, bool]]:
    """Item id -> (n, whether it is new) of every pending change."""
    return {row[0]: (row[1], row[2] == b"") for row in connection.execute("SELECT item_id, n, base FROM edits")}


def put_edit(connection: sqlite3.Connection, row: EditRow) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO edits(item_id, base, document, n, staff_id, staff_name, at_ms) VALUES (?,?,?,?,?,?,?)",
        (row.item_id, row.base, row.document, row.n, row.staff_id, row.staff_name, row.at_ms),
    )


def drop_edits(connection: sqlite3.Connection, item_ids: Iterable[str]) -> None:
    connection.executemany("DELETE FROM edits WHERE item_id=?", ((one,) for one in item_ids))


def published(connection: sqlite3.Connection, token: str) -> Published | None:
    row = connection.execute(
        "SELECT token, revision, count, effective, staff_name, at_ms FROM edit_publications WHERE token=?", (token,)
    ).fetchone()
    return Published(*row) if row else None


def note_published(connection: sqlite3.Connection, row: Published) -> None:
    connection.execute(
        "INSERT INTO edit_publications(token, revision, count, effective, staff_name, at_ms) VALUES (?,?,?,?,?,?)",
        (row.token, row.revision, row.count, row.effective, row.staff_name, row.at_ms),
    )


# files ---------------------------------------------------------------------------------------------------------------


def keep_file(connection: sqlite3.Connection, key: str, name: str, data: bytes, staff_id: str, at_ms: int, most: int) -> None:
    """Keep a file until it is decided on; only the last `most` are kept."""
    connection.execute(
        "INSERT OR REPLACE INTO edit_files(key, name, data, staff_id, at_ms) VALUES (?,?,?,?,?)",
        (key, name, data, staff_id, at_ms),
    )
    connection.execute(
        "DELETE FROM edit_files WHERE key NOT IN (SELECT key FROM edit_files ORDER BY at_ms DESC, key LIMIT ?)", (most,)
    )


def file_of(connection: sqlite3.Connection, key: str) -> tuple[str, bytes] | None:
    """(name, contents)."""
    row = connection.execute("SELECT name, data FROM edit_files WHERE key=?", (key,)).fetchone()
    return (row[0], row[1]) if row else None


# what a publication touches ------------------------------------------------------------------------------------------


def touched(connection: sqlite3.Connection, item_ids: Sequence[str]) -> list[tuple[str, str, bytes, bool, int]]:
    """(item, status, node that holds it, whether accepted, count) of the open cases of some items.

    In transit that is the node it comes from. The whole table is read once, however many items there are."""
    found: list[tuple[str, str, bytes, bool, int]] = []
    marks = ",".join("?" * len(ASKED))
    rows = connection.execute(
        "SELECT item_id, status, CASE WHEN custodian=x'' THEN COALESCE(offered_by, origin) ELSE custodian END, accepted_at>0, count(*)"
        f" FROM cases WHERE version>0 AND status IN ({marks}) GROUP BY 1, 2, 3, 4",
        ASKED,
    )
    wanted = set(item_ids)
    for item_id, status, node, accepted, count in rows:
        if item_id in wanted:
            found.append((item_id, status, node, bool(accepted), count))
    return found


# versions and history ------------------------------------------------------------------------------------------------


def versions(connection: sqlite3.Connection) -> list[tuple[bytes, str, int, bytes, int]]:
    """(layer, item, version, hash, revision) of every stored version, newest first within a layer and item; no documents."""
    return connection.execute(
        "SELECT layer, item_id, version, hash, revision FROM items ORDER BY item_id, layer, version DESC"
    ).fetchall()


def layers_of(connection: sqlite3.Connection, item_id: str) -> list[tuple[bytes, int, bytes, str, int]]:
    """(layer, version, hash, document, revision) of one item, newest first within a layer."""
    return connection.execute(
        "SELECT layer, version, hash, document, revision FROM items WHERE item_id=? ORDER BY layer, version DESC", (item_id,)
    ).fetchall()


def history(
    connection: sqlite3.Connection, layers: Sequence[bytes], offset: int, limit: int
) -> list[tuple[bytes, int, int, str, bytes, int]]:
    """(layer, revision, received at, state, header, items first named in it) of the publications of some layers, newest first."""
    marks = ",".join("?" * len(layers))
    return connection.execute(
        "SELECT p.layer, p.revision, e.received_at, p.state, e.header,"
        " (SELECT count(*) FROM items i WHERE i.layer=p.layer AND i.revision=p.revision)"
        f" FROM publications p JOIN entries e ON e.arrival=p.arrival WHERE p.kind='catalog' AND p.layer IN ({marks})"
        " ORDER BY e.arrival DESC LIMIT ? OFFSET ?",
        (*layers, limit, offset),
    ).fetchall()


def of_revision(
    connection: sqlite3.Connection, layer: bytes, revision: int
) -> list[tuple[str, int, bytes, str, str | None, bytes | None]]:
    """(item, version, hash, document, document of the version before in that layer, its hash) of what a revision brought."""
    rows = connection.execute(
        "SELECT item_id, version, hash, document FROM items WHERE layer=? AND revision=? ORDER BY item_id, version",
        (layer, revision),
    ).fetchall()
    found = []
    for item_id, version, digest, document in rows:
        before = connection.execute(
            "SELECT document, hash FROM items WHERE layer=? AND item_id=? AND version<? ORDER BY version DESC LIMIT 1",
            (layer, item_id, version),
        ).fetchone()
        found.append((item_id, version, digest, document, before[0] if before else None, before[1] if before else None))
    return found
