"""SQL of what is made of its notes (an order of supervision, an appeal against a card): the notes about it as they stand in the journal."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from federation.protocol.envelope import HeaderFields, decode_header


@dataclass(frozen=True, slots=True)
class Kept:
    """One entry about it."""

    id: bytes
    author: bytes
    arrival: int
    fields: HeaderFields


def acts_of(connection: sqlite3.Connection, table: str, key: str, id: bytes, most: int) -> list[Kept]:
    """The notes that a table has under an id, and what says that one of them arrived."""
    rows = connection.execute(
        f"SELECT a.id, e.arrival, e.header FROM {table} a JOIN entries e ON e.arrival=a.arrival WHERE a.{key}=? AND e.standing=0"
        " ORDER BY a.arrival LIMIT ?",
        (id, most),
    ).fetchall()
    marks = ",".join("?" * len(rows))
    rows += connection.execute(
        f"SELECT n.id, e.arrival, e.header FROM notes n JOIN entries e ON e.arrival=n.arrival WHERE n.about IN ({marks}) AND e.standing=0"
        " ORDER BY n.arrival LIMIT ?",
        (*(row[0] for row in rows), most),
    ).fetchall()
    found = [(hash, arrival, decode_header(header)) for hash, arrival, header in rows]
    return [Kept(hash, fields.author_id, arrival, fields) for hash, arrival, fields in found]
