"""What a child makes of its parent's word about it (`heard`), and what everybody else makes of it.

It holds its parent's signature on what it said (`Statement.of_you`). So a parent that calls it silent all the same, that cites words it
never said, or that claims to hold less of it than it named, is found out by it. A parent that writes nothing is merely silent itself.

Everybody else goes by the statement that the word shows (`Heard.proofs`): of a time after it, or without it, the word says nothing; and its
parent's parent, who gets everything from it in its order, has what the statement names, or it was kept back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from federation.protocol.statements import BadStatementError, Said, shown_statement, statement_hash
from node.domain.tree import heard
from node.domain.tree.heard import SILENT_AFTER_MS, name_of
from node.store import hearings
from node.store.maintenance import CASE_GAP, place

if TYPE_CHECKING:
    from node.store.stored import Stored
    from node.store.turn import Turn

CALLED_SILENT = "called_silent"  # findings about a parent
WORDS_MADE_UP = "words_made_up"
KEPT_BACK = "kept_back"
GAP = "gap"  # a finding about the author of a chain
SLACK_MS = 60_000  # by which a parent's clock may be set back without its being accused


def shown(tx: Turn, author: bytes, word: heard.Heard, name: bytes, child: bytes) -> Said | None:
    """What a child said, as its parent's word shows it; None when it shows nothing that the child signed for this time."""
    proof = word.proofs.get(name, b"")
    try:
        said = shown_statement(proof, tx.trust, author=child, to=author)
        if statement_hash(proof[heard.SIGNATURE :]) == word.spoke.get(name) and word.at_ms <= said.after_ms:
            return said
    except BadStatementError as error:
        if error.code == "superseded_key":
            return None  # its key may yet come
    if author in tx.trust.children(tx.identity.node_id):
        tx.finding(author, WORDS_MADE_UP, name.hex())
    return None


def came_with_it(tx: Turn, stored: Stored, child: bytes, mark: tuple[int, int]) -> None:
    """A child of ours passes on what its children write before it writes what it has of them."""
    if mark[1] and _comes_in_order(tx, stored) and not hearings.has_come(tx.connection, child, mark):
        tx.finding(stored.author, KEPT_BACK, place(*stored.fields.position))


def came_whole(tx: Turn, stored: Stored, child: bytes, since: tuple[int, int], head: tuple[int, int]) -> None:
    """A child of ours says that it knows a child of its own up to `head`, which it may only when it has all before it. It passes on all that it
    has: what is missing here between two entries that came is kept back, and no fault of the chain."""
    if head <= since or not _comes_in_order(tx, stored):
        return
    missing = hearings.first_missing(tx.connection, child, since, head)
    if missing is not None:
        tx.finding(stored.author, KEPT_BACK, place(head[0], missing[0]))
        _acquit(tx, child, head[0], missing[1], head[1])


def _comes_in_order(tx: Turn, stored: Stored) -> bool:
    """Whether a child of ours says it now. What another child of it brings back after its disk went back comes when that is on the line,
    before or after the entries that it is about."""
    if tx.replaying or stored.author not in tx.trust.children(tx.identity.node_id):
        return False
    tx.journal.write()
    sql = "SELECT 1 FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND epoch>? LIMIT 1"
    return tx.connection.execute(sql, (stored.author, stored.fields.epoch)).fetchone() is None


def _acquit(tx: Turn, child: bytes, epoch: int, after: int, last: int) -> None:
    """What of its chain and its cases continues nothing from behind the hole on is not laid to the child."""
    connection, where = tx.connection, "author=? AND kind=? AND detail"
    connection.execute(f"DELETE FROM findings WHERE {where}=?", (child, GAP, place(epoch, after)))
    connection.execute(
        f"DELETE FROM findings WHERE {where} IN (SELECT 'epoch ' || epoch || ' seq ' || seq FROM entries"
        " WHERE author=(SELECT id FROM authors WHERE node_id=?1) AND epoch=?3 AND seq BETWEEN ?4 AND ?5)",
        (child, CASE_GAP, epoch, after, last),
    )


def judge(tx: Turn, stored: Stored, word: heard.Heard) -> None:
    """Our parent's word about us, against what we said and it signed that it had."""
    me = tx.identity
    if stored.author != me.parent or tx.replaying:
        return
    noted, name = stored.fields.recorded_at, name_of(me.node_id)
    detail = place(*stored.fields.position)
    if name in word.silent:
        proof = hearings.spoke_since(tx.connection, noted - SILENT_AFTER_MS + SLACK_MS, noted - 1)
        if proof is not None:
            tx.finding(stored.author, CALLED_SILENT, detail)
            if all(proof):
                hearings.dispute(tx.connection, stored.hash, *proof)
        return
    if name not in word.spoke or hearings.spoke_since(tx.connection, 0, noted) is None:
        return  # what it cites may be of another life of our disk
    head = hearings.own_word(tx.connection, word.spoke[name])
    if head is None:
        tx.finding(stored.author, WORDS_MADE_UP, detail)
        return
    mark = hearings.heard_of(tx.connection, me.node_id)
    if mark is not None and mark.mark < head:
        tx.finding(stored.author, KEPT_BACK, detail)


def judge_dispute(tx: Turn, stored: Stored) -> None:
    """Somebody shows that its parent called it silent and had signed that it spoke."""
    facts, child = stored.fields.facts, stored.author
    word, proofs, parent = facts.get("word"), facts.get("proofs"), tx.trust.parent(child)
    found = _word(tx, word, parent) if isinstance(word, bytes) else None
    if found is None or parent in (None, tx.identity.node_id) or not isinstance(proofs, tuple) or len(proofs) != 2:
        return
    told, position, noted = found
    if name_of(child) in told.silent and parent is not None and _spoke(tx, child, parent, proofs, noted):
        tx.finding(parent, CALLED_SILENT, place(*position))


def _word(tx: Turn, hash: bytes, author: bytes | None) -> tuple[heard.Heard, tuple[int, int], int] | None:
    """A `heard` of an author that is here: what it says, where it stands, when it was written."""
    row = tx.connection.execute(
        "SELECT header FROM entries WHERE hash=? AND kind=? AND standing=0", (hash, heard.KIND)
    ).fetchone()
    fields = decode_header(row[0]) if row is not None else None
    word = heard.read(fields.facts) if fields is not None and fields.author_id == author else None
    return (word, fields.position, fields.recorded_at) if word is not None and fields is not None else None


def _spoke(tx: Turn, child: bytes, parent: bytes, proofs: tuple[object, ...], noted: int) -> bool:
    """Whether the parent signed before `noted` that it had a statement of the child, made since it would have been silent. In the same
    millisecond it may have heard it after it wrote: a line that opens after days brings both at once."""
    said, answer = (one if isinstance(one, bytes) else b"" for one in proofs)
    try:
        spoke = shown_statement(said, tx.trust, author=child, to=parent)
        taken = shown_statement(answer, tx.trust, author=parent, to=child)
    except BadStatementError:
        return False
    if taken.of_you != statement_hash(said[heard.SIGNATURE :]):
        return False
    return noted - SILENT_AFTER_MS + SLACK_MS < spoke.after_ms <= taken.clock_ms < noted
