"""SQL of evidence: entries kept because they could not be proven, to be judged again when a renewed key may prove them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from federation.ports import WireEntry

UNPROVEN = ("bad_signature", "unknown_author")  # reasons that a key or an enrolment known later may take away


FULL_MOST = 100  # entries of a peer that can never be proven, kept with their bytes; of more the hash is enough
ENTRIES_MOST = 2000  # kept of a child
BYTES_MOST = 4 << 20  # of their headers


class Held(NamedTuple):
    """What is kept of a peer."""

    entries: int
    bytes: int

    @property
    def too_much(self) -> bool:
        return self.entries > ENTRIES_MOST or self.bytes > BYTES_MOST


@dataclass(frozen=True, slots=True)
class Unproven:
    """One entry kept as evidence. `via` is the row id of the peer it came from."""

    id: int
    entry: WireEntry
    via: int


def held(connection: sqlite3.Connection, via: int) -> Held:
    """How much came through the peer with that row id."""
    sql = "SELECT count(*), coalesce(sum(length(header)), 0) FROM evidence WHERE via=?"
    return Held(*connection.execute(sql, (via,)).fetchone())


def unproven(connection: sqlite3.Connection) -> list[Unproven]:
    """In the order they came."""
    rows = connection.execute("SELECT id, header, signature, via FROM evidence WHERE reason IN (?,?) ORDER BY id", UNPROVEN)
    return [Unproven(row[0], WireEntry(row[1], row[2]), row[3]) for row in rows.fetchall()]


def unproven_of(connection: sqlite3.Connection, author: bytes, but: int) -> list[WireEntry]:
    """What is said to be of this author, in all epochs but one."""
    sql = "SELECT header, signature FROM evidence WHERE author=? AND epoch<>? AND reason IN (?,?)"
    rows = connection.execute(sql, (author, but, *UNPROVEN))
    return [WireEntry(*row) for row in rows.fetchall()]


def proven(connection: sqlite3.Connection, id: int) -> None:
    """An entry is in the journal now: it is no evidence any more, and what was found about it no longer holds."""
    connection.execute(
        "DELETE FROM findings WHERE EXISTS(SELECT 1 FROM evidence e WHERE e.id=? AND e.author=findings.author"
        " AND e.reason=findings.kind AND findings.detail='epoch ' || e.epoch || ' seq ' || e.seq)",
        (id,),
    )
    connection.execute("DELETE FROM evidence WHERE id=?", (id,))
