"""What parents wrote of their children (`heard`), as far as this node knows it: at every tier the same, because it follows from entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from node.domain.tree import heard
from node.store import dating, disputed, hearings
from node.store.hearings import HeardOf
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection
from node.store.stored import Stored

if TYPE_CHECKING:
    from node.store.turn import Turn

NOBODY = (0, 0)


class Hearings(Projection):
    """`whole` and `known` rest on what was quarantined when, so they are not compared."""

    NAME = "hearings"
    VERSION = 2
    TABLES = """
CREATE TABLE hearings(child BLOB, epoch INTEGER, seq INTEGER,  -- the parent had the child's chain up to here
  noted_ms INTEGER NOT NULL,  -- when it first wrote so,
  until_ms INTEGER NOT NULL,  -- and until when it knew of nothing after it
  arrival INTEGER NOT NULL,   -- of the first `heard` that says so
  PRIMARY KEY(child, epoch, seq)) WITHOUT ROWID;
CREATE TABLE heard_of(child BLOB PRIMARY KEY, parent BLOB NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  noted_ms INTEGER NOT NULL, silent INTEGER NOT NULL, whole_epoch INTEGER NOT NULL, whole_seq INTEGER NOT NULL, known_ms INTEGER NOT NULL)
  WITHOUT ROWID;
"""
    TABLES += dating.TABLE.lstrip()
    COMPARED = {
        "dated": Compared("arrival, until_ms"),
        "hearings": Compared("child, epoch, seq, noted_ms, until_ms, arrival"),
        "heard_of": Compared("child, parent, epoch, seq, at_ms, noted_ms, silent"),
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        for stored, _, _ in changes:
            if (stored.fields.entry_class, stored.fields.kind) == ("note", heard.DISPUTED):
                disputed.judge_dispute(tx, stored)
        told = [stored for stored, _, _ in changes if (stored.fields.entry_class, stored.fields.kind) == ("note", heard.KIND)]
        if not told:
            return
        tx.cases.flush()
        parked = hearings.parked(tx.connection, tx.cases)
        for stored in told:
            if (word := heard.read(stored.fields.facts)) is not None:
                children = {heard.name_of(child): child for child in tx.trust.children(stored.author)}
                for name in {*word.silent, *word.spoke, *word.advanced} & set(children):
                    child = children[name]
                    _take(tx, stored, word, name, child, parked.get(child, -1))
                disputed.judge(tx, stored, word)


def learn(tx: Turn, child: bytes) -> None:
    """Somebody has become known here (he was introduced): take what his parent wrote of him before."""
    parent = tx.trust.parent(child)
    if parent is None:
        return
    tx.journal.write()
    rows = tx.connection.execute(
        "SELECT arrival, hash, header, via, received_at FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND kind=?"
        " AND class='note' AND standing=0 ORDER BY arrival",
        (parent, heard.KIND),
    ).fetchall()
    name, parked = heard.name_of(child), hearings.parked(tx.connection, tx.cases).get(child, -1) if rows else -1
    for arrival, hash, header, via, received in rows:
        stored = Stored(arrival, hash, decode_header(header), via, received)
        word = heard.read(stored.fields.facts)
        if word is not None and name in {*word.silent, *word.spoke, *word.advanced}:
            _take(tx, stored, word, name, child, parked)


def _take(tx: Turn, stored: Stored, word: heard.Heard, name: bytes, child: bytes, parked: int) -> None:
    """One `heard` about one child. Of a time that its writer's own clock had not reached it says nothing, nor of one after what it shows."""
    noted, before = stored.fields.recorded_at, hearings.heard_of(tx.connection, child)
    at = min(word.at_ms, noted)
    mark = word.advanced.get(name, before.mark if before is not None else NOBODY)
    whole, known = (before.whole, before.known_ms) if before is not None else (NOBODY, 0)
    said = disputed.shown(tx, stored.author, word, name, child) if name in word.spoke else None
    if name in word.advanced:
        _covered(tx, stored, child, mark, at if said is not None else 0)
    if said is not None:
        mark = max(mark, (said.head.epoch, said.head.seq))
        tx.connection.execute(
            "UPDATE hearings SET until_ms=max(until_ms, ?) WHERE child=? AND epoch=? AND seq=?", (at, child, *mark)
        )
        if hearings.is_whole(tx.connection, child, whole, mark, stored.arrival) and parked < mark[0]:
            whole, known = max(whole, mark), max(known, at)
        else:
            disputed.came_whole(tx, stored, child, whole, (said.head.epoch, said.head.seq))
    claims = (said.head.epoch, said.head.seq) if said is not None else NOBODY
    disputed.came_with_it(tx, stored, child, max(claims, word.advanced.get(name, NOBODY)))
    heard_at = max(at if said is not None else 0, before.at_ms if before is not None else 0)
    hearings.keep(tx.connection, child, HeardOf(stored.author, mark, heard_at, noted, name not in word.spoke, whole, known))


def _covered(tx: Turn, stored: Stored, child: bytes, mark: tuple[int, int], until: int) -> None:
    """The parent has the child's chain up to `mark`, and knows of nothing after it until then."""
    noted = stored.fields.recorded_at
    new = tx.connection.execute(
        "INSERT OR IGNORE INTO hearings VALUES(?,?,?,?,?,?)", (child, *mark, noted, until, stored.arrival)
    )
    if new.rowcount:
        tx.marks.clear()
        dating.covered(tx, child, mark, noted)
