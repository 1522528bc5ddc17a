"""Where a case is on its way, as rows that a resident understands: filed, safe at the hall, taken, accepted, referred, decided,
home, delivered (USERS "the honest way of a case").

Made from what this node knows, so a village whose line is down sees how far it knew; nothing is guessed. The first row that is
not done says what it waits for: a turn (`node.domain.cases.awaits`), a line, somebody's taking over.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.cases.awaits import awaits
from node.domain.cases.documents import TrackerRow, Waiting
from node.domain.cases.lifecycle import ENDED
from node.domain.model import TIERS, Case
from node.services.cases.context import Rules
from node.services.times import iso
from node.services.tree.standing import is_apart
from node.store.store import Tx, View


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its code, the tier it happens at, when it was reached (ms, 0 for not yet), and whether it was."""

    step: str
    tier: str
    at: int = 0
    reached: bool = False


def tracker(view: View | Tx, rules: Rules, case: Case, receipt: str | None, *, doubted: bool = False) -> list[TrackerRow]:
    """The stages in order. `receipt`: when the node above had the filing.
    `doubted`: what came after `case` is in doubt, and the case waits for that to be cleared up."""
    stages = _stages(view, rules, case)
    if case.status in ENDED and case.status != "delivered":
        done = [_row(stage, "done") for stage in stages if stage.reached]
        last = Stage("ended", _tier(view, case.custodian), case.ended_at or case.last_at, True)
        return [*_safe(view, case, receipt, done), {**_row(last, "done"), "why": case.status}]
    rows: list[TrackerRow] = []
    waiting = False
    for stage in stages:
        if stage.reached and not waiting:
            rows.append(_row(stage, "done"))
        elif not waiting:
            waiting = True
            row = _row(stage, "now")
            if doubted:
                row |= {"why": "checking", "state": "stuck"}
            else:
                row.update(_why(view, rules, case))  # type: ignore[typeddict-item]  # mypy: a part of a row
            rows.append(row)
        else:
            rows.append(_row(stage, "todo"))
    return _safe(view, case, receipt, rows)


def _stages(view: View | Tx, rules: Rules, case: Case) -> list[Stage]:
    origin = _tier(view, case.origin)
    item = rules.item_of(case)
    hall = TIERS[max(TIERS.index(origin), 1)] if origin in TIERS else "township"
    stages = [Stage("filed", origin, case.filed_at, True)]
    if origin == "village":
        taken = next((hop.taken_at for hop in reversed(case.hops) if hop.reason == "hand_over"), 0)
        back = case.status == "with_agent" or (case.offer is not None and case.offer.resume_status == "with_agent")
        stages.append(Stage("taken", hall, taken, bool(taken) and not back))
    stages.append(Stage("accepted", hall, case.accepted_at, bool(case.accepted_at)))
    decides = item.approval_level if item is not None else hall
    stages += [_referred(view, case, tier) for tier in TIERS if TIERS.index(hall) < TIERS.index(tier) <= TIERS.index(decides)]
    top = TIERS[max(TIERS.index(hall), TIERS.index(decides))]
    stages.append(Stage("decided", _tier(view, case.decided_by) or top, case.decided_at, bool(case.decided_at)))
    if top != origin:
        home = next((hop.taken_at for hop in reversed(case.hops) if hop.node == case.origin and hop.giver), 0)
        stages.append(Stage("home", origin, home, bool(case.decided_at) and home > case.decided_at))
    stages.append(Stage("delivered", origin, case.delivered_at, bool(case.delivered_at)))
    return stages


def _referred(view: View | Tx, case: Case, tier: str) -> Stage:
    """Reached while the case is at that tier or above, or once it is decided; a return to the lower tier takes it back."""
    taken = next((hop.taken_at for hop in reversed(case.hops) if hop.reason == "refer" and _tier(view, hop.node) == tier), 0)
    holder = _tier(view, case.custodian or (case.offer.giver if case.offer is not None else b""))
    there = holder in TIERS and TIERS.index(holder) >= TIERS.index(tier)
    return Stage("referred", tier, taken, bool(taken) and (there or bool(case.decided_at)))


def _safe(view: View | Tx, case: Case, receipt: str | None, rows: list[TrackerRow]) -> list[TrackerRow]:
    """Whether the filing is safe above stands on the first row of a case that this node filed under a parent."""
    mine = case.origin == view.identity.node_id and view.identity.parent is not None
    if rows and mine:
        rows[0] |= {"why": "safe" if receipt else "kept_here" if is_apart(view) else "only_here", "since": receipt}
    taken = next((row for row in rows if row["step"] == "taken" and row["state"] == "done"), None)
    if taken is not None:
        hall = next((hop.node for hop in case.hops if hop.reason == "hand_over"), b"")
        taken["why"] = "opened" if hall in case.opened_by or case.accepted_at else "not_opened"
    return rows


def _why(view: View | Tx, rules: Rules, case: Case) -> Waiting:
    """What the case waits for now."""
    offer = case.offer
    if offer is not None:
        found: Waiting = {"why": "not_taken", "since": iso(offer.since), "at_tier": _tier(view, offer.target)}
        if offer.giver == view.identity.node_id and _line_down(view, offer.target):
            apart = offer.target == view.identity.parent and is_apart(view)
            found |= {"why": "revoked" if apart else "line", "state": "stuck"}
        return found
    tier = _tier(view, case.custodian)
    turn = awaits(case, case.custodian, tier or "township", rules.item_of) or ""
    until = {
        "applicant": case.correction.due,
        "resume": case.pause.until,
        "statement": case.statement.due,
        "gap": case.gap.due,
    }.get(turn)
    if turn == "gap" and case.gap.pauses:
        turn = "gap_stands"
    return {"why": turn, "since": iso(case.moved_at), "until": until.isoformat() if until is not None else None, "at_tier": tier}


def _line_down(view: View | Tx, peer: bytes) -> bool:
    row = view.links.get(peer)
    return row is None or row.state != "online"


def _row(stage: Stage, state: str) -> TrackerRow:
    at = iso(stage.at) if stage.reached else None
    return {"step": stage.step, "tier": stage.tier, "at": at, "state": state, "why": "", "since": None, "until": None}


def _tier(view: View | Tx, node_id: bytes) -> str:
    place = view.place(node_id) if node_id else None
    return place.tier if place is not None else ""
