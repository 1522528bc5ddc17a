"""Counts over the tables, for status pages, statistics and oversight. Read-only. Measures of cases: `measures.py`.

Everything counts what is known here now; how fresh that is for each node of the subtree is answered by `last_heard`.
Keys that are node ids stay bytes here; the services turn them into division codes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from federation.protocol.envelope import decode_header


def held(connection: sqlite3.Connection, node_id: bytes) -> int:
    """Cases whose custodian a node is."""
    return int(connection.execute("SELECT count(*) FROM cases WHERE custodian=?", (node_id,)).fetchone()[0])


def last_heard(connection: sqlite3.Connection, nodes: Iterable[bytes]) -> dict[bytes, tuple[int, int, int]]:
    """Node id -> (received_at ms, epoch, seq) of its last entry stored here; nodes never heard are left out."""
    found = {}
    for node_id in nodes:
        row = connection.execute(
            "SELECT e.received_at, e.epoch, e.seq FROM entries e WHERE e.author=(SELECT id FROM authors WHERE node_id=?)"
            " AND e.standing < 2 ORDER BY e.epoch DESC, e.seq DESC LIMIT 1",
            (node_id,),
        ).fetchone()
        if row is not None:
            found[node_id] = (row[0], row[1], row[2])
    return found


@dataclass(frozen=True, slots=True)
class Heard:
    """The last entry of a node: when it was stored here (ms), its place, and the catalog revision the node went by then."""

    received_at: int
    epoch: int
    seq: int
    catalog: int


def heard(connection: sqlite3.Connection) -> dict[bytes, Heard]:
    """Node id -> its last entry, for every author stored here."""
    rows = connection.execute(
        "SELECT a.node_id, e.received_at, e.epoch, e.seq, e.header FROM authors a JOIN entries e ON e.arrival=("
        "SELECT arrival FROM entries WHERE author=a.id AND standing<2 ORDER BY epoch DESC, seq DESC LIMIT 1)"
    )
    return {row[0]: Heard(row[1], row[2], row[3], decode_header(row[4]).cites.catalog) for row in rows}


def catalog_waits(connection: sqlite3.Connection) -> set[bytes]:
    """The children that have not acknowledged the latest revision of some layer of the catalog. Only unacknowledged rows are read."""
    rows = connection.execute(
        "SELECT DISTINCT a.node_id FROM peers p JOIN authors a ON a.id=p.id JOIN down d ON d.peer=p.id AND d.n>p.acked"
        " JOIN publications c ON c.arrival=d.arrival AND c.kind='catalog' AND c.state<>'superseded' WHERE p.direction='down'"
    )
    return {row[0] for row in rows}


def software(connection: sqlite3.Connection) -> dict[bytes, str]:
    """Node id -> what a neighbour said at the last greeting it runs."""
    rows = connection.execute("SELECT a.node_id, p.software FROM peers p JOIN authors a ON a.id=p.id WHERE p.software<>''")
    return dict(rows.fetchall())


def received_at(connection: sqlite3.Connection) -> dict[bytes, int]:
    """Hash of each entry about nodes -> when it was stored here (ms)."""
    rows = connection.execute("SELECT hash, received_at FROM entries WHERE class NOT IN ('case', 'request') AND class='node'")
    return dict(rows.fetchall())


# links ---------------------------------------------------------------------------------------------------------------


def wanted_by_peer(connection: sqlite3.Connection) -> dict[int, int]:
    """Row id of a neighbour -> objects to fetch from it."""
    return dict(connection.execute("SELECT peer, count(*) FROM wanted GROUP BY peer").fetchall())


def open_offers(connection: sqlite3.Connection, giver: bytes) -> dict[bytes, int]:
    """Target -> offers of custody by `giver` that were not taken yet."""
    rows = connection.execute(
        "SELECT offered_to, count(*) FROM cases WHERE offered_to IS NOT NULL AND offered_by=? GROUP BY offered_to", (giver,)
    )
    return dict(rows.fetchall())


def pending_requests(connection: sqlite3.Connection, author: bytes) -> list[tuple[bytes, bytes | None]]:
    """(custodian, offered_to) of the case of each request asked by `author` that waits for an answer."""
    rows = connection.execute(
        "SELECT c.custodian, c.offered_to FROM requests r JOIN cases c ON c.case_no=r.case_no"
        " WHERE r.state='pending' AND r.author=?",
        (author,),
    )
    return [(row[0], row[1]) for row in rows]


# journal -------------------------------------------------------------------------------------------------------------


def authors(connection: sqlite3.Connection) -> int:
    """How many nodes have written something that is stored here."""
    row = connection.execute(
        "SELECT count(*) FROM authors a WHERE EXISTS (SELECT 1 FROM entries e WHERE e.author=a.id AND e.standing<2)"
    ).fetchone()
    return int(row[0])


def object_count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM objects").fetchone()[0])


def objects_by_kind(connection: sqlite3.Connection) -> dict[str, int]:
    """Bodies (named as the body of an entry) and blobs (the contents of materials) stored here; the catalog's not counted."""
    bodies = connection.execute(
        "SELECT count(*) FROM (SELECT DISTINCT body_hash AS hash FROM entries WHERE body_hash IS NOT NULL) b"
        " JOIN objects o ON o.hash=b.hash"
    ).fetchone()[0]
    public = connection.execute(
        "SELECT count(*) FROM (SELECT manifest AS hash FROM publications UNION SELECT hash FROM items) p"
        " JOIN objects o ON o.hash=p.hash"
    ).fetchone()[0]
    return {"bodies": int(bodies), "blobs": max(0, object_count(connection) - int(bodies) - int(public))}
