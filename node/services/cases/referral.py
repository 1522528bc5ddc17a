"""What becomes of custody when a node is revoked.

`custody_assigned` is written by the nearest live common ancestor of giver and receiver (DESIGN "Custody"): the cases held
at a revoked node, or on offer to it, go to the last custodian before it that is alive and not below it (whose line leads through
it and would never hear of it); those without one are listed for a person. Later events of the old term are void wherever the
assignment is known.
"""

from __future__ import annotations

from node.domain.model import SYSTEM, Case, Facts, NewEvent
from node.services.cases.custody import write_events
from node.store.store import Tx


def reassign_after_revoke(tx: Tx, node_id: bytes) -> dict[str, list[str]]:
    """Assign what a revoked node held. Answers {"assigned": case numbers, "listed": case numbers}."""
    outcome: dict[str, list[str]] = {"assigned": [], "listed": []}
    for case_no in tx.cases.at_node(node_id):
        case = tx.cases.get(case_no)
        if case is None:
            continue
        target = _last_live_custodian(tx, case, node_id)
        if target is None:
            tx.finding(node_id, "custody_without_heir", case_no)
            outcome["listed"].append(case_no)
            continue
        write_events(tx, case, [assignment(case, node_id, target)], SYSTEM)
        outcome["assigned"].append(case_no)
    return outcome


def assignment(case: Case, fenced: bytes, target: bytes) -> NewEvent:
    """The event that moves custody past `fenced`."""
    resume = case.offer.resume_status if case.offer is not None else case.status
    giver = case.offer.giver if case.offer is not None else fenced
    facts: Facts = {"giver": giver if giver != target else fenced, "receiver": target, "base": case.head, "resume_status": resume}
    return NewEvent("custody_assigned", facts, resume, target, case.term + 1)


def _last_live_custodian(tx: Tx, case: Case, fenced: bytes) -> bytes | None:
    me = tx.identity.node_id
    for hop in reversed(case.hops):
        giver = case.offer.giver if case.offer is not None else fenced
        if (
            hop.node != fenced
            and tx.trust.is_live(hop.node)
            and not tx.trust.is_below(hop.node, fenced)
            and tx.may_assign(me, fenced if giver == hop.node else giver, hop.node)
        ):
            return hop.node
    return None
