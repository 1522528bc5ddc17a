"""SQL of what the proof of a card consists of: entries as they were signed, by what they are needed for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

Signed = tuple[bytes, bytes]  # header, signature
_SIGNED = "SELECT e.header, e.signature FROM entries e JOIN authors a ON a.id=e.author WHERE e.standing=0 AND "


def by_hash(connection: sqlite3.Connection, case_no: str, hashes: Iterable[bytes]) -> list[Signed]:
    """Entries of a case in the order of its chain."""
    wanted = set(hashes)
    rows = connection.execute(f"SELECT e.hash, {_SIGNED[7:]} e.case_no=? AND e.class='case' ORDER BY e.version", (case_no,))
    return [(header, signature) for hash, header, signature in rows.fetchall() if hash in wanted]


def note(connection: sqlite3.Connection, entry: bytes) -> list[Signed]:
    """One note."""
    return connection.execute(f"{_SIGNED} e.class='note' AND e.hash=?", (entry,)).fetchall()


def of_tree(connection: sqlite3.Connection, authors: Sequence[bytes]) -> list[Signed]:
    """What these nodes wrote of nodes and keys, and the first entry of the root."""
    marks = ",".join("?" * len(authors))
    kinds = "('node_initialised','node_enrolled','node_rekeyed','key_rotated')"
    return connection.execute(
        f"{_SIGNED} e.class='node' AND e.kind IN {kinds} AND a.node_id IN ({marks}) ORDER BY e.arrival", authors
    ).fetchall()


def arrived(connection: sqlite3.Connection, arrivals: Sequence[int]) -> list[Signed]:
    """Entries by their arrival (publications, acts on an order), in its order."""
    marks = ",".join("?" * len(arrivals))
    return connection.execute(f"{_SIGNED} e.arrival IN ({marks}) ORDER BY e.arrival", arrivals).fetchall()


def chain(connection: sqlite3.Connection, author: bytes, since: tuple[int, int], until: tuple[int, int]) -> list[Signed]:
    """All that a node wrote from one position up to another."""
    return connection.execute(
        f"{_SIGNED} a.node_id=? AND (e.epoch, e.seq) >= (?, ?) AND (e.epoch, e.seq) <= (?, ?) ORDER BY e.epoch, e.seq",
        (author, *since, *until),
    ).fetchall()


def words_of(connection: sqlite3.Connection, parent: bytes, kind: str) -> list[Signed]:
    """What a parent wrote of its children, in order."""
    return connection.execute(
        f"{_SIGNED} e.class='note' AND e.kind=? AND a.node_id=? ORDER BY e.arrival", (kind, parent)
    ).fetchall()
