"""SQL of membership: invitations, names of nodes, and the entries a newcomer starts with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from federation.ports import WireEntry
from node.domain.published import EVERY_REVISION
from node.store.catalog_tables import ACTIVE, PENDING, PIN
from node.store.maintenance import KEY_UNPROVEN


@dataclass(frozen=True, slots=True)
class Invitation:
    """One join code; `expires` ms. `used_key`, `answer` and `node_id` are set once, when it is redeemed. `renews` is the child
    whose key it renews, None for a newcomer."""

    secret_hash: bytes
    code: str
    name: str
    tier: str
    expires: int
    used_key: bytes | None = None
    answer: bytes | None = None
    node_id: bytes | None = None
    renews: bytes | None = None


COLUMNS = "secret_hash, code, name, tier, expires, used_key, answer, node_id, renews"


def add_invitation(connection: sqlite3.Connection, row: Invitation) -> None:
    connection.execute(
        "INSERT INTO invites(secret_hash, code, name, tier, expires, renews) VALUES (?,?,?,?,?,?)",
        (row.secret_hash, row.code, row.name, row.tier, row.expires, row.renews),
    )


def invitation(connection: sqlite3.Connection, secret_hash: bytes) -> Invitation | None:
    row = connection.execute(f"SELECT {COLUMNS} FROM invites WHERE secret_hash=?", (secret_hash,)).fetchone()
    return Invitation(*row) if row else None


def consume(connection: sqlite3.Connection, secret_hash: bytes, key: bytes, node_id: bytes, answer: bytes) -> None:
    """The secret is used up; the same newcomer gets `answer` again."""
    connection.execute(
        "UPDATE invites SET used_key=?, node_id=?, answer=? WHERE secret_hash=?", (key, node_id, answer, secret_hash)
    )


def save_name(connection: sqlite3.Connection, node_id: bytes, code: str, name: str, tier: str, parent: bytes | None) -> None:
    """Names are not in the journal (facts have no free text); they are kept here for the pages of this node."""
    connection.execute(
        "INSERT OR REPLACE INTO nodes(node_id, code, name, tier, parent) VALUES (?,?,?,?,?)", (node_id, code, name, tier, parent)
    )


def names(connection: sqlite3.Connection) -> dict[bytes, str]:
    return dict(connection.execute("SELECT node_id, name FROM nodes").fetchall())


def node_entries(connection: sqlite3.Connection, hashes: Sequence[bytes]) -> list[WireEntry]:
    """The entries about nodes with these hashes, in the order given. Raises KeyError for one that is not here."""
    rows = connection.execute(
        "SELECT hash, header, signature FROM entries WHERE class NOT IN ('case','request') AND class='node' AND standing=0"
    )
    found = {row[0]: WireEntry(row[1], row[2]) for row in rows}
    return [found[hash] for hash in hashes]


def found_unproven(connection: sqlite3.Connection) -> list[tuple[bytes, str, bytes]]:
    """(author, detail, hash of the entry) of every finding that a key was named without proof."""
    return connection.execute(
        "SELECT f.author, f.detail, e.hash FROM findings f JOIN authors a ON a.node_id=f.author JOIN entries e ON e.author=a.id"
        " WHERE f.kind=? AND e.class='node' AND f.detail='epoch ' || e.epoch || ' seq ' || e.seq",
        (KEY_UNPROVEN,),
    ).fetchall()


def last_of_epochs(connection: sqlite3.Connection, node_id: bytes, epoch: int) -> list[tuple[int, int, bytes]]:
    """(epoch, seq, hash) of the last entry of a node in that epoch and in each later one known here."""
    return connection.execute(
        "SELECT e.epoch, max(e.seq), e.hash FROM entries e JOIN authors a ON a.id=e.author"
        " WHERE a.node_id=? AND e.epoch>=? AND e.standing<2 GROUP BY e.epoch ORDER BY e.epoch",
        (node_id, epoch),
    ).fetchall()


def headers_since(connection: sqlite3.Connection, node_id: bytes, epoch: int) -> list[bytes]:
    """Headers of a node's entries in that epoch and later ones."""
    rows = connection.execute(
        "SELECT e.header FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.epoch>=? AND e.standing<2",
        (node_id, epoch),
    )
    return [row[0] for row in rows]


def first_of_epochs(connection: sqlite3.Connection, node_id: bytes) -> list[bytes]:
    """The header of a node's first entry of each epoch known here, the earliest epoch first."""
    rows = connection.execute(
        "SELECT e.header, min(e.seq) FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.standing<2"
        " GROUP BY e.epoch ORDER BY e.epoch",
        (node_id,),
    )
    return [row[0] for row in rows]


def starting_arrivals(connection: sqlite3.Connection, authors: Iterable[bytes]) -> list[int]:
    """Arrivals of what a new child must be told at once: the publications in force, older ones where entries cite them, and the
    revocations by its ancestors."""
    kept = sorted(EVERY_REVISION)
    published = connection.execute(
        f"SELECT arrival FROM publications WHERE state IN (?,?) AND kind<>? OR kind IN ({','.join('?' * len(kept))})",
        (ACTIVE, PENDING, PIN, *kept),
    )
    arrivals = {row[0] for row in published}
    for author in authors:
        revoked = connection.execute(
            "SELECT e.arrival FROM entries e JOIN authors a ON a.id=e.author"
            " WHERE e.class NOT IN ('case','request') AND e.class='node' AND e.kind='node_revoked' AND e.standing=0"
            " AND a.node_id=?",
            (author,),
        )
        arrivals.update(row[0] for row in revoked)
    return sorted(arrivals)


def open_invitations(connection: sqlite3.Connection, now: int) -> list[Invitation]:
    """Invitations that can still be used, those that end first leading."""
    sql = f"SELECT {COLUMNS} FROM invites WHERE used_key IS NULL AND expires>? ORDER BY expires"
    rows = connection.execute(sql, (now,))
    return [Invitation(*row) for row in rows]


def cancel_invitation(connection: sqlite3.Connection, secret_hash: bytes) -> str:
    """Withdraw an unused invitation; answers its node code, "" when there is none."""
    row = connection.execute("SELECT code FROM invites WHERE secret_hash=? AND used_key IS NULL", (secret_hash,)).fetchone()
    connection.execute("DELETE FROM invites WHERE secret_hash=? AND used_key IS NULL", (secret_hash,))
    return str(row[0]) if row else ""
