"""What a node said last that it runs (`node_runs`)."""

from __future__ import annotations

from typing import NamedTuple

from federation.protocol.envelope import decode_header
from node.store.ground import Ground

RUNS = "node_runs"  # an entry of class `node`


class Runs(NamedTuple):
    """The program of a node, and the features it knows, as codes."""

    software: str
    features: frozenset[str]


def runs(at: Ground, node_id: bytes) -> Runs | None:
    """None when the node never said."""
    row = at.connection.execute(
        "SELECT e.header FROM entries e WHERE e.class NOT IN ('case','request') AND e.class='node' AND e.kind=? AND e.standing=0"
        " AND e.author=? ORDER BY e.epoch DESC, e.seq DESC LIMIT 1",
        (RUNS, at.row_of(node_id)),
    ).fetchone()
    if row is None:
        return None
    return _read(row[0])


def features(at: Ground) -> dict[bytes, frozenset[str]]:
    """Node id -> the features it knows: as its last entry says, of a neighbour as it said last on the line; nodes that never said are
    left out."""
    rows = at.connection.execute(
        "SELECT a.node_id, e.header FROM entries e JOIN authors a ON a.id=e.author WHERE e.class NOT IN ('case','request')"
        " AND e.class='node' AND e.kind=? AND e.standing=0 ORDER BY e.epoch, e.seq",
        (RUNS,),
    ).fetchall()
    found = {node: _read(header).features for node, header in rows}
    told = at.connection.execute("SELECT a.node_id, p.features FROM peers p JOIN authors a ON a.id=p.id WHERE p.features<>''")
    return found | {node: frozenset(words.split()) for node, words in told.fetchall()}


def _read(header: bytes) -> Runs:
    facts = decode_header(header).facts
    known = facts.get("features")
    return Runs(str(facts.get("software", "")), frozenset(map(str, known)) if isinstance(known, tuple) else frozenset())
