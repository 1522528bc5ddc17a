"""How a note that is for certain nodes gets there: on which side of us each lies, who carries its words, and how long.

A note names division codes, because its author knows few nodes of the tree by their ids. Whoever knows no live node of a code takes it for
somewhere above; at the root it waits until one joins. The words are an object that belongs to the note (`ref`), and to no case: being
addressed gives the message, no part of the case, and holding the case gives no message. They pass from neighbour to neighbour. Who
lies on the way keeps them until the nodes beyond have said that they received them, and then deletes them.

An author has at most `OPEN_MOST` notes under way, each counted once for each node that has not received it. Who carries takes five times
as many, since what it knows may be older; what a liar sends beyond that is a finding, and goes no further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.domain.notes import NOTES, Words
from node.domain.words.errors import TongbanError

if TYPE_CHECKING:
    from node.store.ground import Ground

PREFIX = "note:"  # of what an object belongs to, where that is a note and no case
OPEN_MOST = 200
CARRIED_MOST = 5 * OPEN_MOST
TOO_MANY = "too_many_notes"  # a finding about an author
NOWHERE = b""
_WORDLESS = tuple(row.name for row in NOTES if row.words is Words.NONE)


def require_room(view: Ground, n: int) -> None:
    """Whether this node may send a note to so many more. Errors: `guard_failed`."""
    if n and open_of(view, view.identity.node_id, OPEN_MOST) + n > OPEN_MOST:
        raise TongbanError("guard_failed", rule="已有 200 条消息还没有送到，请等线路恢复、送到后再发")


def ref(id: bytes) -> str:
    """What the words of a note belong to."""
    return PREFIX + id.hex()


def note_of(named: str) -> bytes | None:
    """The note that an object belongs to; None when it belongs to a case or to everybody."""
    return bytes.fromhex(named[len(PREFIX) :]) if named.startswith(PREFIX) else None


def step_to(view: Ground, code: str) -> bytes | None:
    """The neighbour on the way to whoever has a division code; None for ourselves, NOWHERE at a root that knows nobody."""
    if code == view.identity.code:
        return None
    node = view.trust.active_code(code)
    return view.step_towards(node) if node is not None else view.identity.parent or NOWHERE


def addressees(view: Ground, id: bytes) -> dict[str, bool]:
    """Whom a note is for, and whether it was received there."""
    rows = view.connection.execute("SELECT code, received_at IS NOT NULL FROM note_to WHERE id=?", (id,)).fetchall()
    return {code: bool(received) for code, received in rows}


def is_ours(view: Ground, id: bytes, author: bytes) -> bool:
    """Whether we wrote it, or are addressed."""
    return author == view.identity.node_id or view.identity.code in addressees(view, id)


def carries(view: Ground, id: bytes, author: bytes) -> bool:
    """Whether we lie between the author and somebody who has not received it."""
    if is_ours(view, id, author):
        return False
    origin = view.step_towards(author)
    return any(step_to(view, code) != origin for code, received in addressees(view, id).items() if not received)


def may_have(view: Ground, id: bytes, author: bytes, asker: bytes) -> bool:
    """Whether `asker` (we, or a neighbour) may have the words of a note."""
    if asker == view.identity.node_id:
        return is_ours(view, id, author) or carries(view, id, author)
    return asker in {view.step_towards(author), *(step_to(view, code) for code in addressees(view, id))}


def sides(view: Ground, id: bytes, author: bytes) -> set[bytes]:
    """The neighbours on whose side the words of a note may be, as far as we are still concerned with them."""
    if author == view.identity.node_id:
        steps = {step_to(view, code) for code in addressees(view, id)}
    else:
        steps = {view.step_towards(author)} if is_ours(view, id, author) or carries(view, id, author) else set()
    return {step for step in steps if step}


def open_of(view: Ground, author: bytes, most: int) -> int:
    """How many notes of an author are under way, each once for each node that has not received it; at most `most` are counted. Of a
    kind without words there is nothing to carry, and nobody says that he received it."""
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM note_to t JOIN notes n USING(id)"
        f" WHERE t.author=? AND t.received_at IS NULL AND n.kind NOT IN ({','.join('?' * len(_WORDLESS))}) LIMIT ?)"
    )
    return int(view.connection.execute(sql, (author, *_WORDLESS, most)).fetchone()[0])


def waiting_for(view: Ground, code: str) -> list[tuple[int, bytes]]:
    """(arrival, author) of the notes that nobody with a division code has received."""
    sql = "SELECT n.arrival, n.author FROM note_to t JOIN notes n USING(id) WHERE t.code=? AND t.received_at IS NULL ORDER BY n.arrival"
    return view.connection.execute(sql, (code,)).fetchall()
