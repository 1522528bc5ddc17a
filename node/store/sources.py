"""Where to ask for an object that is wanted, and when to give it up for lost.

An object of a case may be at its author and at whoever holds or held the case (`objects.holders`); it is asked for at the
neighbours on their side, one after the other, as each says that it does not have it. A neighbour that has no hope of getting
it either, but from who asks, says that it is gone: when all sides said so, nobody has it any more (a disk burned), and what
waits for it goes on without it; the audit lists it with its author. A neighbour that comes back with another disk is asked once
more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.store.objects import EXPECTED, PUBLIC, holders

if TYPE_CHECKING:
    from node.store.store import Tx, View

OBJECT_GONE = "object_gone"  # a finding: nobody has any more what its author named


def sides(view: View | Tx, hash: bytes) -> frozenset[int]:
    """Row ids of the neighbours on whose side an object of a case may be."""
    nodes: set[bytes] = set()
    for case_no, author in view.connection.execute("SELECT case_no, author FROM object_refs WHERE hash=?", (hash,)).fetchall():
        case = view.cases.get(case_no)
        nodes |= {author} | (holders(case) if case is not None else frozenset())
    steps = {view.step_towards(node) for node in nodes if node != view.identity.node_id}
    return frozenset(view.row_of(step) for step in steps if step is not None and view.trust.is_live(step))


def is_lost(view: View | Tx, hash: bytes, besides: int = 0) -> bool:
    """Whether no side but that of `besides` (a neighbour's row id) can have it: all said that it is gone."""
    return sides(view, hash) - {besides} <= _gone(view, hash)


def seek(tx: Tx, hash: bytes, case_no: str, hint: int, *, blob: bool = False) -> None:
    """Want an object of a case from the neighbour `hint` (a row id, 0 for none), or from another on whose side it may be. What
    nobody else ever held, or all of them said is gone, is lost and not wanted."""
    if tx.objects.size(hash) is not None:
        return
    if left := sides(tx, hash) - _gone(tx, hash):
        tx.objects.want(hash, case_no, hint if hint in left else min(left), blob=blob)
    else:
        note_lost(tx, hash)


def note_lost(tx: Tx, hash: bytes) -> None:
    """List, with its author, that nobody has an object any more; until it comes after all."""
    for (author,) in tx.connection.execute("SELECT author FROM object_refs WHERE hash=?", (hash,)).fetchall():
        tx.finding(author, OBJECT_GONE, named(hash))


def note_lost_word(tx: Tx, hash: bytes) -> None:
    """An entry of our own came back after a restore: unless its words are here or asked for, they burned with the disk."""
    if tx.objects.size(hash) is None and not tx.connection.execute("SELECT 1 FROM wanted WHERE hash=?", (hash,)).fetchone():
        tx.finding(tx.identity.node_id, OBJECT_GONE, named(hash))


def not_there(tx: Tx, hash: bytes, peer: int, gone: bool) -> None:
    """A neighbour does not have what we want: ask on another side. Given up when it is gone on all of them."""
    wanted = tx.connection.execute("SELECT case_no, peer, blob FROM wanted WHERE hash=?", (hash,)).fetchone()
    if wanted is None or wanted[0] in (PUBLIC, EXPECTED):
        return
    if gone:
        tx.connection.execute("INSERT OR IGNORE INTO gone VALUES(?,?,?,?)", (hash, peer, wanted[0], wanted[2]))
    left = sorted(sides(tx, hash) - _gone(tx, hash))
    if not left:
        _give_up(tx, hash, wanted[0])
    elif wanted[1] == peer and left != [peer]:
        tx.connection.execute("UPDATE wanted SET peer=? WHERE hash=?", (next((s for s in left if s > peer), left[0]), hash))
    tx.after_commit(tx.store.wake_links)


def turned_away(tx: Tx) -> None:
    """Somebody is trusted no longer: what was wanted from there is asked for elsewhere, or given up."""
    for hash, case_no, peer in tx.connection.execute("SELECT hash, case_no, peer FROM wanted").fetchall():
        if case_no in (PUBLIC, EXPECTED) or tx.trust.is_live(tx.node_of(peer)):
            continue
        if left := sides(tx, hash) - _gone(tx, hash):
            tx.connection.execute("UPDATE wanted SET peer=? WHERE hash=?", (min(left), hash))
        else:
            _give_up(tx, hash, case_no)


def _give_up(tx: Tx, hash: bytes, case_no: str) -> None:
    tx.connection.execute("DELETE FROM wanted WHERE hash=?", (hash,))
    tx.cases.touched.add(case_no)
    note_lost(tx, hash)


def arrived(tx: Tx, hash: bytes) -> None:
    """It is here after all."""
    tx.connection.execute("DELETE FROM wanted WHERE hash=?", (hash,))
    tx.connection.execute("DELETE FROM gone WHERE hash=?", (hash,))
    _strike_off(tx, hash)


def came_back(tx: Tx, peer: int) -> None:
    """A neighbour has another disk than when it was asked; 0: we have."""
    rows = tx.connection.execute("SELECT hash, case_no, peer, blob FROM gone WHERE ? IN (0, peer)", (peer,)).fetchall()
    tx.connection.execute("DELETE FROM gone WHERE ? IN (0, peer)", (peer,))
    for hash, case_no, told_by, blob in rows:
        tx.objects.want(hash, case_no, told_by, blob=bool(blob))
        _strike_off(tx, hash)


def _strike_off(tx: Tx, hash: bytes) -> None:
    tx.connection.execute(
        "DELETE FROM findings WHERE kind=? AND detail=? AND author IN (SELECT author FROM object_refs WHERE hash=?)",
        (OBJECT_GONE, named(hash), hash),
    )


def named(hash: bytes) -> str:
    """How findings name an object."""
    return f"object {hash.hex()[:16]}"


def _gone(view: View | Tx, hash: bytes) -> frozenset[int]:
    rows = view.connection.execute("SELECT peer FROM gone WHERE hash=?", (hash,)).fetchall()
    return frozenset(row[0] for row in rows)
