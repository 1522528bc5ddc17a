"""Where to ask for an object that is wanted, and when to give it up for lost.

An object of a case may be at its author and at whoever holds or held the case (`objects.holders`); it is asked for at the
neighbours on their side, one after the other, as each says that it does not have it. A neighbour that has no hope of getting
it either, but from who asks, says that it is gone: when all sides said so, nobody has it any more (a disk burned), and what
waits for it goes on without it; the audit lists it with its author. A neighbour that comes back with another disk is asked once
more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.store import carriage
from node.store.objects import EXPECTED, PUBLIC, holders

if TYPE_CHECKING:
    from node.store.ground import Ground
    from node.store.turn import Turn

OBJECT_GONE = "object_gone"  # a finding: nobody has any more what its author named


def sides(view: Ground, hash: bytes) -> frozenset[int]:
    """Row ids of the neighbours on whose side an object of a case may be."""
    nodes: set[bytes] = set()
    for case_no, author in view.connection.execute("SELECT case_no, author FROM object_refs WHERE hash=?", (hash,)).fetchall():
        if (note := carriage.note_of(case_no)) is not None:
            nodes |= carriage.sides(view, note, author)
            continue
        case = view.cases.get(case_no)
        nodes |= {author} | (holders(case) if case is not None else frozenset())
    steps = {view.step_towards(node) for node in nodes if node != view.identity.node_id}
    return frozenset(view.row_of(step) for step in steps if step is not None and view.trust.is_live(step))


def is_lost(view: Ground, hash: bytes, besides: int = 0) -> bool:
    """Whether no side but that of `besides` (a neighbour's row id) can have it: all said that it is gone."""
    return sides(view, hash) - {besides} <= _gone(view, hash)


def seek(tx: Turn, hash: bytes, case_no: str, hint: int, *, blob: bool = False) -> None:
    """Want an object of a case from the neighbour `hint` (a row id, 0 for none), or from another on whose side it may be. What
    nobody else ever held, or all of them said is gone, is lost and not wanted."""
    if tx.objects.size(hash) is not None:
        return
    if left := sides(tx, hash) - _gone(tx, hash):
        tx.objects.want(hash, case_no, hint if hint in left else min(left), blob=blob)
    else:
        note_lost(tx, hash)


def too_many(tx: Turn, author: bytes) -> bool:
    """Whether an author has more under way than anybody carriage.carries; a finding then."""
    if author == tx.identity.node_id or carriage.open_of(tx, author, carriage.CARRIED_MOST + 1) <= carriage.CARRIED_MOST:
        return False
    tx.finding(author, carriage.TOO_MANY, str(carriage.CARRIED_MOST))
    return True


def release(tx: Turn, id: bytes) -> None:
    """A note was received somewhere: what we only carried, and carry no more, is deleted."""
    row = tx.connection.execute("SELECT author, body_hash FROM notes WHERE id=?", (id,)).fetchone()
    if row is None or row[1] is None or carriage.is_ours(tx, id, row[0]) or carriage.carries(tx, id, row[0]):
        return
    others = tx.connection.execute("SELECT 1 FROM object_refs WHERE hash=? AND case_no<>?", (row[1], carriage.ref(id))).fetchone()
    if others is None:
        tx.objects.drop(row[1])


def look_again(tx: Turn, code: str) -> None:
    """Somebody takes part under a division code, or does no more: of the notes for that office, what we now carry is fetched, and what
    we carry no more is deleted."""
    me = tx.identity.node_id
    rows = tx.connection.execute(
        "SELECT n.id, n.body_hash FROM note_to t JOIN notes n USING(id) WHERE t.code=? AND t.received_at IS NULL", (code,)
    ).fetchall()
    for id, body in rows:
        release(tx, id)
        if body and tx.objects.may_fetch(body, me):
            seek(tx, body, carriage.ref(id), 0)


def note_lost(tx: Turn, hash: bytes) -> None:
    """List, with its author, that nobody has an object any more; until it comes after all."""
    for (author,) in tx.connection.execute("SELECT author FROM object_refs WHERE hash=?", (hash,)).fetchall():
        tx.finding(author, OBJECT_GONE, named(hash))


def note_lost_word(tx: Turn, hash: bytes) -> None:
    """An entry of our own came back after a restore: unless its words are here or asked for, they burned with the disk."""
    if tx.objects.size(hash) is None and not tx.connection.execute("SELECT 1 FROM wanted WHERE hash=?", (hash,)).fetchone():
        tx.finding(tx.identity.node_id, OBJECT_GONE, named(hash))


def not_there(tx: Turn, hash: bytes, peer: int, gone: bool) -> None:
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


def turned_away(tx: Turn) -> None:
    """Somebody is trusted no longer: what was wanted from there is asked for elsewhere, or given up."""
    for hash, case_no, peer in tx.connection.execute("SELECT hash, case_no, peer FROM wanted").fetchall():
        if case_no in (PUBLIC, EXPECTED) or tx.trust.is_live(tx.node_of(peer)):
            continue
        if left := sides(tx, hash) - _gone(tx, hash):
            tx.connection.execute("UPDATE wanted SET peer=? WHERE hash=?", (min(left), hash))
        else:
            _give_up(tx, hash, case_no)


def _give_up(tx: Turn, hash: bytes, case_no: str) -> None:
    tx.connection.execute("DELETE FROM wanted WHERE hash=?", (hash,))
    if carriage.note_of(case_no) is None:
        tx.cases.touched.add(case_no)
    note_lost(tx, hash)


def arrived(tx: Turn, hash: bytes) -> None:
    """It is here after all."""
    tx.connection.execute("DELETE FROM wanted WHERE hash=?", (hash,))
    tx.connection.execute("DELETE FROM gone WHERE hash=?", (hash,))
    _strike_off(tx, hash)


def came_back(tx: Turn, peer: int) -> None:
    """A neighbour has another disk than when it was asked; 0: we have."""
    rows = tx.connection.execute("SELECT hash, case_no, peer, blob FROM gone WHERE ? IN (0, peer)", (peer,)).fetchall()
    tx.connection.execute("DELETE FROM gone WHERE ? IN (0, peer)", (peer,))
    for hash, case_no, told_by, blob in rows:
        tx.objects.want(hash, case_no, told_by, blob=bool(blob))
        _strike_off(tx, hash)


def _strike_off(tx: Turn, hash: bytes) -> None:
    tx.connection.execute(
        "DELETE FROM findings WHERE kind=? AND detail=? AND author IN (SELECT author FROM object_refs WHERE hash=?)",
        (OBJECT_GONE, named(hash), hash),
    )


def named(hash: bytes) -> str:
    """How findings name an object."""
    return f"object {hash.hex()[:16]}"


def _gone(view: Ground, hash: bytes) -> frozenset[int]:
    rows = view.connection.execute("SELECT peer FROM gone WHERE hash=?", (hash,)).fetchall()
    return frozenset(row[0] for row in rows)
