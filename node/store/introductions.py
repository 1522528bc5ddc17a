"""Who must be introduced to a child before it can believe what it is told.

A child knows the nodes from the root to itself and those below it. What somebody else says (a request of a sibling, a message from
another district) goes to it behind the entries that prove the author: the enrolments and keys of the nodes on the author's side of us,
each once for a child. From then on it is told of every change of these keys too. Revocations go to everybody as it is.

The table `introduced` is no copy of the journal: it says what stands in `down`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from node.store import carriage

if TYPE_CHECKING:
    from node.store.turn import Turn

TABLES = "CREATE TABLE introduced(node BLOB, peer INTEGER, PRIMARY KEY(node, peer)) WITHOUT ROWID;\n"


def introduce(tx: Turn, child: int, authors: Iterable[bytes]) -> list[int]:
    """The arrivals that prove these authors to a child, in the order to give them; none for whom it knows."""
    found: list[int] = []
    for author in dict.fromkeys(authors):
        strangers = [node for node in reversed(tx.trust.path(author)) if _is_strange(tx, child, node)]
        if strangers and _note(tx, child, strangers):
            found += _proofs(tx, strangers)
    return list(dict.fromkeys(found))


def give_what_waits(tx: Turn, child: int, code: str) -> None:
    """A node takes part on the side of a child under a division code: notes for that office that nobody has received go there."""
    waiting = carriage.waiting_for(tx, code)
    if waiting:
        tx.links.route(child, [*introduce(tx, child, (author for _, author in waiting)), *(arrival for arrival, _ in waiting)])


def told_of(tx: Turn, node: bytes) -> list[int]:
    """The children to which a node was introduced."""
    return [row[0] for row in tx.connection.execute("SELECT peer FROM introduced WHERE node=?", (node,)).fetchall()]


def _is_strange(tx: Turn, child: int, node: bytes) -> bool:
    me = tx.identity.node_id
    return node != me and tx.child_towards(node) != child and node not in tx.trust.ancestors(me)


def _note(tx: Turn, child: int, strangers: Collection[bytes]) -> bool:
    """Whether one of them was not introduced before."""
    sql = "INSERT OR IGNORE INTO introduced VALUES(?,?)"
    return tx.connection.executemany(sql, [(node, child) for node in strangers]).rowcount > 0


def _proofs(tx: Turn, strangers: Iterable[bytes]) -> list[int]:
    hashes = [key.entry for one in strangers if (node := tx.trust.node(one)) is not None for key in node.keys]
    tx.journal.write()
    marks = ",".join("?" * len(hashes))
    rows = tx.connection.execute(
        "SELECT hash, arrival FROM entries WHERE class NOT IN ('case','request') AND class='node' AND standing=0"
        f" AND hash IN ({marks})",
        hashes,
    ).fetchall()
    known = dict(rows)
    return [known[hash] for hash in hashes if hash in known]
