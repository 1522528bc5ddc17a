"""After a restore, or when a peer knows more of our chain than we do.

The node opens epoch+1 and a new store generation, so that its neighbours send everything again. New filings go on at
once (their numbers carry the new generation and epoch). A case that existed before stays frozen until every neighbour
concerned has confirmed that we have all again (`Status.confirms`): the parent, and the child in whose subtree the case was
filed. A case filed at a root concerns nobody else: a director releases it.
"""

from __future__ import annotations

from node.domain.case_number import parse_case_no
from node.domain.model import Case, Facts
from node.domain.words.errors import TongbanError
from node.store import hearings, sources
from node.store.journal import Draft, chain_head
from node.store.projected import outbox
from node.store.store import Tx, View

DIRECTOR = 0  # the "peer" a root's own cases wait for
RELEASED = -1
EPOCH_LEAP = 900  # two restores of one backup open different epochs, nearly always; a collision is found at first contact


def generation_mark(generation: bytes) -> str:
    """The two characters of the store generation that a case number carries."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return alphabet[generation[0] & 31] + alphabet[generation[1] & 31]


def mark_recovering(tx: Tx, beyond: int = 0) -> None:
    """Open a new epoch (after `beyond`) and generation; every neighbour must confirm what existed before."""
    me = tx.identity
    if me.parent is None:
        tx.links.freeze_filed_at(me.node_id, DIRECTOR)
    tx.links.forget_neighbours()
    hearings.forget_own(tx.connection)
    sources.came_back(tx, 0)
    outbox.came_back(tx)
    tx.change_identity(generation=tx.store.entropy(16))
    open_epoch(tx, 1 + int.from_bytes(tx.store.entropy(4), "big") % EPOCH_LEAP, beyond)


def open_epoch(tx: Tx, leap: int = 1, beyond: int = 0) -> None:
    """Go on in an epoch later than all we know of our chain."""
    head = chain_head(tx, tx.identity.node_id)
    tx.meta.set("epoch_base", head.hash)
    tx.change_identity(epoch=max(head.epoch, tx.identity.epoch, beyond) + leap)
    facts: Facts = {"base_epoch": head.epoch, "base_seq": head.seq, "base": head.hash}
    tx.journal.append(Draft("epoch_opened", "node", facts))


def leave_passed_epoch(tx: Tx) -> None:
    """Nothing that we write may stand before what we wrote in a life that burned: once it has come back, go on beyond it."""
    if chain_head(tx, tx.identity.node_id).epoch > tx.identity.epoch:
        tx.backlog.project()
        open_epoch(tx)


def awaits_neighbours(view: View | Tx) -> bool:
    """Whether a neighbour has not yet said all that we may have forgotten."""
    return bool(view.links.unconfirmed())


def key_superseded(view: View | Tx) -> bool:
    """Whether the key we sign with is not the one in force: our backup is older than a change of the key."""
    current = view.trust.current_key(view.identity.node_id)
    return current is not None and current.key_id != view.store.signer.key_id


def require_key(view: View | Tx) -> None:
    """What rests on our key in force is not done with an older one. Raises key_superseded, root_key_lost."""
    if key_superseded(view):
        raise TongbanError("root_key_lost" if view.identity.parent is None else "key_superseded")


def filed_since(view: View | Tx, case_no: str) -> bool:
    """Whether a case was filed here in the present life of the store."""
    identity = view.identity
    parsed = parse_case_no(case_no)
    return (
        parsed is not None
        and parsed.code == identity.code
        and parsed.epoch == identity.epoch
        and parsed.generation == generation_mark(identity.generation)
    )


def blocked(view: View | Tx, case: Case) -> bool:
    """Whether the case must wait for a neighbour (or a director) after a restore."""
    marks = view.links.frozen_marks(case.case_no)
    if RELEASED in marks:
        return False
    if DIRECTOR in marks:
        return True
    concerned = {view.identity.parent, view.step_towards(case.origin) if case.origin else None} - {None}
    unconfirmed = [
        row for node in concerned if node is not None and (row := view.links.get(node)) is not None and not row.confirmed
    ]
    return bool(unconfirmed) and not filed_since(view, case.case_no)


def release(tx: Tx, case_no: str) -> None:
    """A director's word that the case is as it stands here. Errors: `not_found`, `guard_failed` when it does not wait for that."""
    if tx.cases.get(case_no) is None:
        raise TongbanError("not_found", what=case_no[:60])
    if not tx.links.frozen_marks(case_no):
        raise TongbanError("guard_failed", rule="只有根节点恢复后、在根节点收件的办件才由主任放行")
    tx.links.set_frozen_mark(case_no, RELEASED)
    tx.cases.touched.add(case_no)
