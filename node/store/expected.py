"""SQL of what a node works with beside its journal, for the comparison of `verify` (`services/upkeep/expected.py`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from node.store.catalog_tables import ACTIVE, PIN
from node.store.objects import EXPECTED, PUBLIC


class OwnEntry(NamedTuple):
    """An entry of this node's own chain. `came_back`: after a restore, from somebody else."""

    header: bytes
    epoch: int
    seq: int
    came_back: bool
    counts: bool


class Person(NamedTuple):
    role: str
    active: bool


def own(connection: sqlite3.Connection, author: bytes, entry_class: str) -> Iterator[OwnEntry]:
    """The node's own entries of a class, in the order of its chain. The class is one of few, for which there is an index."""
    rows = connection.execute(
        "SELECT CAST(header AS BLOB), epoch, seq, via<>0, standing=0 FROM entries WHERE class NOT IN ('case','request') AND class=?"
        " AND author=(SELECT id FROM authors WHERE node_id=?) ORDER BY epoch, seq",
        (entry_class, author),
    )
    return (OwnEntry(header, epoch, seq, bool(back), bool(counts)) for header, epoch, seq, back, counts in rows)


def people(connection: sqlite3.Connection) -> dict[str, Person]:
    """Accounts by the id of the person."""
    return {
        str(staff_id): Person(str(role), bool(active))
        for staff_id, role, active in connection.execute("SELECT staff_id, role, active FROM staff")
    }


def tokens(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """How many tokens there are, over or not, by person and role."""
    rows = connection.execute("SELECT staff_id, role, count(*) FROM tokens GROUP BY staff_id, role")
    return {(str(staff_id), str(role)): int(count) for staff_id, role, count in rows}


def neighbours(connection: sqlite3.Connection) -> dict[bytes, tuple[str, str]]:
    """Node -> (direction, division code) of the links."""
    rows = connection.execute("SELECT a.node_id, p.direction, p.code FROM peers p JOIN authors a ON a.id=p.id")
    return {node: (str(direction), str(code)) for node, direction, code in rows}


def named_nodes(connection: sqlite3.Connection) -> dict[bytes, tuple[str, str, bytes | None]]:
    """Node -> (code, tier, parent)."""
    return {
        row[0]: (str(row[1]), str(row[2]), row[3]) for row in connection.execute("SELECT node_id, code, tier, parent FROM nodes")
    }


def published(connection: sqlite3.Connection) -> Iterator[tuple[bytes, bytes]]:
    """(author, header) of every good entry that publishes something."""
    return iter(
        connection.execute(
            "SELECT a.node_id, CAST(e.header AS BLOB) FROM entries e JOIN authors a ON a.id=e.author"
            " WHERE e.class NOT IN ('case','request') AND e.class='catalog' AND e.kind='published' AND e.standing=0"
        )
    )


def publications(connection: sqlite3.Connection) -> set[tuple[bytes, str, int, bytes]]:
    """(layer, kind, revision, manifest)."""
    rows = connection.execute("SELECT layer, kind, revision, manifest FROM publications")
    return {(row[0], str(row[1]), int(row[2]), row[3]) for row in rows}


def without_document(connection: sqlite3.Connection, catalog: str) -> list[tuple[str, int]]:
    """(kind, revision) of whole documents that are not in the table from which they are read: those in force."""
    rows = connection.execute(
        "SELECT p.kind, p.revision FROM publications p WHERE p.state=? AND p.kind NOT IN (?,?) AND NOT EXISTS"
        " (SELECT 1 FROM documents d WHERE d.layer=p.layer AND d.kind=p.kind AND d.revision=p.revision AND d.manifest=p.manifest)"
        " ORDER BY 1, 2",
        (ACTIVE, catalog, PIN),
    )
    return [(str(kind), int(revision)) for kind, revision in rows]


def manifests(connection: sqlite3.Connection, catalog: str) -> list[tuple[int, bytes]]:
    """(revision, hash of the manifest) of the catalogs in force."""
    rows = connection.execute("SELECT revision, manifest FROM publications WHERE state=? AND kind=?", (ACTIVE, catalog))
    return [(int(revision), manifest) for revision, manifest in rows]


def pinned(connection: sqlite3.Connection) -> list[bytes]:
    """The hashes of item versions that were fetched because a case cites them."""
    return [row[0] for row in connection.execute("SELECT manifest FROM publications WHERE state=? AND kind=?", (ACTIVE, PIN))]


def absent_objects(connection: sqlite3.Connection) -> Iterator[tuple[bytes, str, bytes]]:
    """(hash, case number, author) of objects of cases that are neither here nor asked for, and of which no neighbour said that they are gone."""
    return iter(
        connection.execute(
            "SELECT r.hash, r.case_no, r.author FROM object_refs r WHERE r.case_no NOT IN (?,?)"
            " AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.hash=r.hash) AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.hash=r.hash)"
            " AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.hash=r.hash)",
            (PUBLIC, EXPECTED),
        )
    )


def came_back(connection: sqlite3.Connection, author: bytes, case_no: str) -> list[tuple[bytes, int, int]]:
    """(header, epoch, seq) of an author's entries about a case that came from somebody else, after a restore."""
    rows = connection.execute(
        "SELECT CAST(header AS BLOB), epoch, seq FROM entries WHERE case_no=? AND via<>0 AND author=(SELECT id FROM authors WHERE node_id=?)",
        (case_no, author),
    )
    return [(header, int(epoch), int(seq)) for header, epoch, seq in rows]


def queues(connection: sqlite3.Connection) -> list[tuple[str, int, int, int]]:
    """(child, last acknowledged number, rows of its queue, last number) of every child."""
    return connection.execute(
        "SELECT p.code, p.acked, count(d.n), coalesce(max(d.n), 0) FROM peers p LEFT JOIN down d ON d.peer=p.id"
        " WHERE p.direction='down' GROUP BY p.id ORDER BY p.code"
    ).fetchall()


def recorded_versions(connection: sqlite3.Connection) -> list[str]:
    """The names of the changes of tables that the database says were made, in order."""
    return [
        str(row[0]) for row in connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set='tongban' ORDER BY id")
    ]
