"""Builders of the custody rows (6, 8, 33, 34, 35), the way home, and the answers to requests.

An offer names what belongs to the case: the bodies its taker must hold (without internal opinions when the taker is a
village) and the files that may follow. Every take raises the term by one.

A request is answered exactly once, mechanically, by whoever holds the case: with the act itself when the table allows it
now, else with `request_declined` and the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from node.domain.cases.corrections import is_answered, paper_codes
from node.domain.cases.decisions_intake import supply_correction
from node.domain.cases.events import Builder, Built, promised_facts
from node.domain.cases.guards import giver_below
from node.domain.cases.lifecycle import SAME, STATUSES, Transition, transition
from node.domain.model import Case, FactValue, NewEvent, Offer, Place, Purpose
from node.domain.words.errors import TongbanError

# offers ------------------------------------------------------------------------------------------------------------------


def offer_to(built: Built, target: Place, purpose: Purpose, resume: str, *names: str, reason: str = "") -> NewEvent:
    """The offer of the case to a neighbour."""
    case = built.case
    private = set(case.internal_bodies) if target.tier == "village" else set()
    facts: dict[str, FactValue] = {
        "target": target.node_id,
        "purpose": str(purpose),
        "resume_status": resume,
        "objects": tuple(hash for hash in case.bodies if hash not in private),
        "blobs": case.blobs,
    }
    if reason:
        facts["reason"] = reason
    return built.event(facts, built.texts(*names), status="in_transit", custodian=b"")


def _hand_over(built: Built) -> NewEvent:
    return offer_to(built, _parent(built), Purpose.HAND_OVER, "submitted")


def _refer(built: Built) -> NewEvent:
    return offer_to(built, _parent(built), Purpose.REFER, "accepted", "opinion")


def _parent(built: Built) -> Place:
    parent = built.ctx.parent
    assert parent is not None  # guard has_parent
    return parent


def _hand_back(built: Built, reason: str = "") -> NewEvent:
    case, target = built.case, giver_below(built.case, built.ctx, "hand_over")
    assert target is not None  # guard giver_below
    received_below = 0 < case.received_at < case.hops[-1].taken_at  # at a commissioned receiving point
    resume = "submitted" if received_below else "with_agent"
    return offer_to(built, target, Purpose.HAND_BACK, resume, reason=reason or built.text("reason"))


def _return_to_lower(built: Built, reason: str = "") -> NewEvent:
    target = giver_below(built.case, built.ctx, "refer")
    assert target is not None  # guard giver_below
    return offer_to(built, target, Purpose.RETURN, "accepted", "reason", reason=reason)


def _offer_home(built: Built) -> NewEvent:
    target = built.ctx.route(built.case.origin)
    assert target is not None  # guard not_at_origin
    return offer_to(built, target, Purpose.HOME, built.case.status)


# taking ------------------------------------------------------------------------------------------------------------------


def _take(built: Built) -> NewEvent:
    """Take custody of what is offered to this node by its parent or a child of it. The service has seen to the bodies."""
    ctx, offer = built.ctx, built.case.offer
    if offer is None or offer.target != ctx.here.node_id:
        raise TongbanError("guard_failed", rule="办件没有移交给本节点")
    giver = ctx.place(offer.giver)
    if giver is None or ctx.here.node_id not in (giver.parent, giver.node_id):
        giver = giver if giver is not None and ctx.here.parent == giver.node_id else None
    if giver is None:
        raise TongbanError("guard_failed", rule="办件只能在上下级之间移交")
    item = ctx.known_item
    facts: dict[str, FactValue] = {"giver": offer.giver, "purpose": str(offer.purpose)}
    if offer.purpose is Purpose.REFER and item.promised_limit == 0 and item.decides_at(ctx.here.tier):
        due = promised_facts(ctx, ctx.today).get("due")
        facts |= {"due": due} if due is not None else {}
    if (resumes := _resumes(offer)) not in STATUSES:
        raise TongbanError("guard_failed", rule="移交记录没有写明接收后的状态")
    return built.event(facts, status=resumes, term=built.case.term + 1)


def _resumes(offer: Offer) -> str:
    """A hand-over waits for the clerk's receipt; everything else goes on as the offer says."""
    return "in_transit" if offer.purpose is Purpose.HAND_OVER else offer.resume_status


# answers -----------------------------------------------------------------------------------------------------------------

Answer: TypeAlias = Callable[[Built], "NewEvent | str"]


def _answer(built: Built) -> NewEvent:
    """The answer to one request; `fields` are what was asked: asked, asker, and the facts and body of the request."""
    asked = built.text("asked")
    answer = _ANSWERS.get(asked)
    outcome = answer(built) if answer is not None else "unknown"
    if isinstance(outcome, NewEvent):
        return outcome
    facts: dict[str, FactValue] = {"rule": outcome, "asked": asked if answer is not None else "unknown"}
    return _as(built, "request_declined").event(facts)


def _as(built: Built, kind: str, to: str = SAME) -> Built:
    row = Transition(0, (), "answer", kind, ("system",), (), to, "", "", "", True, False, True)
    return Built(built.case, built.command, built.ctx, row)


def _with_row(built: Built, action: str) -> Built | None:
    row = transition(built.case.status, action)
    return Built(built.case, built.command, built.ctx, row) if row is not None else None


def _asked_withdraw(built: Built) -> NewEvent | str:
    held = _with_row(built, "withdraw")
    return held.event({}, built.texts("reason")) if held is not None else "row36.decided"


def _asked_correction(built: Built) -> NewEvent | str:
    held = _with_row(built, "supply_correction")
    if held is None:
        return "row14.not_awaited"
    try:
        papers = paper_codes(built.command.fields.get("papers"), built.case)
    except TongbanError:
        return "row14.incomplete"
    answered = is_answered(built.case, (), [material for material, _ in papers], built.text("note"))
    return supply_correction(held) if answered else "row14.incomplete"


def _asked_material(built: Built) -> NewEvent | str:
    held = _with_row(built, "supply_material")
    blob, size, index = built.command.fields.get("blob"), built.number("size"), built.text("material")
    if held is None:
        return "row14.decided"
    if not isinstance(blob, bytes) or not index or size <= 0:
        return "row14.incomplete"
    body = {name: value for name in ("file_name", "mime", "note") if (value := built.text(name))}
    return held.event({"material": index, "blob": blob, "size": size}, body)


def _asked_remind(built: Built) -> NewEvent | str:
    return _as(built, "reminded").event({"to": "handler"}, built.texts())


def _asked_recall(built: Built) -> NewEvent | str:
    """Back to where it came from, as long as nobody here has looked at it."""
    case, here = built.case, built.ctx.here.node_id
    if here in case.opened_by:
        return "recall.opened"
    action = recallable(case)
    held = _with_row(built, action) if action else None
    if held is None:
        return "recall.begun"
    target = giver_below(case, built.ctx, "refer" if action == "return_to_lower" else "hand_over")
    asker = built.command.fields.get("asker")
    towards = built.ctx.route(asker) if isinstance(asker, bytes) else target
    if target is None or towards is None or towards.node_id != target.node_id:
        return "recall.not_the_giver"
    return _hand_back(held, "recalled") if action == "hand_back" else _return_to_lower(held, "recalled")


def recallable(case: Case) -> str:
    """The row by which an untouched case goes back to its giver; empty when it was touched."""
    reason = case.hops[-1].reason if case.hops else ""
    if reason == "hand_over" and case.status in ("in_transit", "submitted") and not case.corrections:
        return "hand_back"
    if reason == "refer" and case.status == "accepted" and not case.steps_done:
        return "return_to_lower"
    return ""


_ANSWERS: Mapping[str, Answer] = {
    "withdraw": _asked_withdraw,
    "supply_correction": _asked_correction,
    "supply_material": _asked_material,
    "remind": _asked_remind,
    "recall": _asked_recall,
}

CUSTODY: Mapping[str, Builder] = {
    "hand_over": _hand_over,
    "hand_back": _hand_back,
    "refer": _refer,
    "return_to_lower": _return_to_lower,
    "offer_home": _offer_home,
    "take_custody": _take,
    "answer": _answer,
}
