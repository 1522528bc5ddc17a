"""Custody (rows 6, 8, 33, 34, 35), the way home, and being called back.

An offer names what belongs to the case: the bodies its taker must hold (without internal opinions when the taker is a
village) and the files that may follow. Every take raises the term by one.
"""

from __future__ import annotations

from dataclasses import replace

from node.domain.cases.acts.act import CODE, DATE, FLAG, HASH, HASHES, Act, Kind, Room, Seen
from node.domain.cases.acts.common import receipt_at, sender, sends
from node.domain.cases.commands import Command, Context
from node.domain.cases.deadlines import promised_at_once
from node.domain.cases.events import Built, promised_facts, with_row
from node.domain.cases.fields import NOTE, FieldSpec, fixed, reason_note, text
from node.domain.cases.ledger import STOPPED, Changes, afresh, clocks, code, day, hashes, nobodys, octets, still_stopped
from node.domain.cases.lifecycle import STATUSES
from node.domain.cases.owners import steps_are_done
from node.domain.model import NO_STATEMENT, Case, Event, FactValue, Hop, Line, NewEvent, Offer, Place, Purpose, Span
from node.domain.words.errors import TongbanError

_PURPOSES = {str(purpose): purpose for purpose in Purpose}


def giver_below(case: Case, ctx: Context, reason: str) -> Place | None:
    """The child from which the case came here for `reason`, if it is still a child of this node."""
    for hop in reversed(case.hops):
        if hop.node == ctx.here.node_id and hop.reason == reason and hop.giver:
            place = ctx.place(hop.giver)
            return place if place is not None and place.parent == ctx.here.node_id else None
    return None


def _has_parent(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.parent is not None else "本站没有上级"


def _just_received(case: Case, cmd: Command, ctx: Context) -> str:
    fresh = bool(case.hops) and case.hops[-1].reason == "hand_over" and not case.correction.asked
    return "" if fresh else "只能退回刚移交来的办件"


def _giver_below(case: Case, cmd: Command, ctx: Context) -> str:
    reason = "refer" if cmd.action == "return_to_lower" else "hand_over"
    return "" if giver_below(case, ctx, reason) is not None else "没有可退回的下级单位"


def _referred_here(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.examined_below else "办件不是下级上报的"


def _below_approval(case: Case, cmd: Command, ctx: Context) -> str:
    return "本级有权决定，不必上报" if ctx.known_item.decides_at(ctx.here.tier) else ""


def _examined_here(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if steps_are_done(case, ctx) and case.lead.steps_done else "应先完成初审并写明意见"


def _not_at_origin(case: Case, cmd: Command, ctx: Context) -> str:
    if case.origin == ctx.here.node_id:
        return "办件已在收件地"
    return "" if ctx.route(case.origin) is not None else "不知道去往收件地的路径"


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
    received_below = any(span.clock == "R" and span.holder == target.node_id for span in case.lead.spans)  # commissioned for it
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


def _take(built: Built) -> NewEvent:
    """Take custody of what is offered to this node by its parent or a child of it. The service has seen to the bodies."""
    ctx, offer = built.ctx, built.case.offer
    if offer is None or offer.target != ctx.here.node_id:
        raise TongbanError("guard_failed", rule="办件没有移交给本站")
    giver = ctx.place(offer.giver)
    if giver is None or ctx.here.node_id not in (giver.parent, giver.node_id):
        giver = giver if giver is not None and ctx.here.parent == giver.node_id else None
    if giver is None:
        raise TongbanError("guard_failed", rule="办件只能在上下级之间移交")
    item = ctx.known_item
    facts: dict[str, FactValue] = {"giver": offer.giver, "purpose": str(offer.purpose)}
    if offer.purpose is Purpose.REFER and promised_at_once(item) and item.decides_at(ctx.here.tier):
        due = promised_facts(ctx, ctx.today, ctx.limits).get("due")
        facts |= {"due": due} if due is not None else {}
    if offer.purpose is Purpose.HAND_OVER and not built.case.received_at and item.awaits_papers:
        facts["awaits_papers"] = True
    facts |= sends(built.case, ctx)
    resumes = _resumes(offer)
    if not resumes or (resumes not in STATUSES and not built.case.unknown_kinds):  # a later version may know more of them
        raise TongbanError("guard_failed", rule="移交记录没有写明接收后的状态")
    return built.event(facts, status=resumes, term=built.case.term + 1)


def _resumes(offer: Offer) -> str:
    """A hand-over waits for the clerk's receipt; everything else goes on as the offer says."""
    return "in_transit" if offer.purpose is Purpose.HAND_OVER else offer.resume_status


def _asked_recall(built: Built) -> NewEvent | str:
    """Back to where it came from, as long as nobody here has looked at it."""
    case, here = built.case, built.ctx.here.node_id
    if here in case.opened_by:
        return "recall.opened"
    action = recallable(case)
    held = with_row(built, action) if action else None
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
    if reason == "hand_over" and case.status in ("in_transit", "submitted") and not case.correction.asked:
        return "hand_back"
    if reason == "refer" and case.status == "accepted" and not case.lead.steps_done:
        return "return_to_lower"
    return ""


def offered(case: Case, event: Event) -> Changes:
    facts, at = event.facts, event.at
    purpose = _PURPOSES.get(code(facts, "purpose"))
    belongs = hashes(facts, "objects")
    if event.body_hash:  # its own words belong to it
        belongs = (*belongs, event.body_hash)
    offer = Offer(
        event.author,
        octets(facts, "target"),
        purpose or Purpose.HOME,
        code(facts, "resume_status"),
        at,
        belongs,
        hashes(facts, "blobs"),
    )
    changes: Changes = {"offer": offer, "custodian": b"", "lead": _on_its_way(case, event), "hops": _left(case, at)}
    if purpose is None:
        changes["unknown_kinds"] = (*case.unknown_kinds, "purpose:" + code(facts, "purpose"))
    return changes


def _on_its_way(case: Case, event: Event) -> Line:
    spans = case.lead.spans
    if not spans or spans[-1].end is not None:
        return case.lead._replace(assignee="")
    clock = spans[-1].clock
    running = clock != "A"  # the agent's day does not run while the case travels; S runs until the upper receipt
    return nobodys(case, event.at, Span(clock, event.at, None, running, "transit", event.author))


def _left(case: Case, at: int) -> tuple[Hop, ...]:
    if not case.hops or case.hops[-1].left_at is not None:
        return case.hops
    return (*case.hops[:-1], replace(case.hops[-1], left_at=at))


def taken(case: Case, event: Event) -> Changes:
    offer = case.offer
    purpose = offer.purpose if offer is not None else _PURPOSES.get(code(event.facts, "purpose"), Purpose.HOME)
    giver = offer.giver if offer is not None else octets(event.facts, "giver")
    hop = Hop(event.author, giver, str(purpose), offer.since if offer is not None else None, event.at, cites=event.cites)
    changes: Changes = {
        "offer": None,
        "custodian": event.author,
        "previous_custodian": giver,
        "hops": (*case.hops, hop),
        "lead": case.lead._replace(assignee="", spans=_spans_after_take(case, event, purpose)),
        **sender(case, event),
    }
    if purpose in (Purpose.REFER, Purpose.RETURN):
        changes |= {"lead": afresh(changes["lead"]), "examined_below": _examined_below(case, event, purpose)}
        if (due := day(event.facts, "due")) is not None:
            changes["promised_due"] = due
    elif purpose is Purpose.HAND_OVER and offer is not None:
        changes["received_status"] = offer.resume_status
        if not case.received_at and not _awaits_papers(event):
            changes["received_at"] = receipt_at(case.received_on, event.at)
    elif purpose is Purpose.HAND_BACK and event.status_after == "with_agent":
        changes["received_at"] = 0  # no organ has received it any more
    if purpose in (Purpose.REFER, Purpose.RETURN):
        changes["statement"] = NO_STATEMENT  # who wants to refuse it there tells his own reasons
    return changes


def _awaits_papers(event: Event) -> bool:
    """Whether R waits for the papers; else it runs from the mechanical take, whoever looks at the case when."""
    return event.facts.get("awaits_papers") is True


def _put_off(seen: Seen) -> bool:
    return _awaits_papers(seen.event) and seen.item is not None and not seen.item.awaits_papers


def _examined_below(case: Case, event: Event, purpose: Purpose) -> bool:
    """Whether a lower tier's first examination stands behind the holder: also when a still higher one sent it back here."""
    return purpose is Purpose.REFER or any(hop.node == event.author and hop.reason == "refer" for hop in case.hops)


def _spans_after_take(case: Case, event: Event, purpose: Purpose) -> tuple[Span, ...]:
    if not case.lead.spans or case.lead.spans[-1].end is not None:
        return case.lead.spans
    clock, at = case.lead.spans[-1].clock, event.at
    if purpose is Purpose.HAND_BACK and event.status_after == "with_agent":
        return clocks(case, at, Span("A", at, None, True, "agent", event.author))
    if purpose is Purpose.HAND_OVER and clock == "A":
        waits = _awaits_papers(event) and not case.received_at
        return clocks(case, at, Span("A" if waits else "R", at, None, not waits, "handler", event.author))
    if event.status_after == "concluded":
        return clocks(case, at, Span(clock, at, None, False, "applicant", event.author))  # ready to be collected
    why = "upper" if purpose in (Purpose.REFER, Purpose.RETURN) and _examined_below(case, event, purpose) else "handler"
    return clocks(case, at, Span(clock, at, None, True, why, event.author))


def assigned(case: Case, event: Event) -> Changes:
    offer = case.offer
    hop = Hop(
        event.custodian_after,
        octets(event.facts, "giver") or None,
        "assigned",
        offer.since if offer is not None else None,
        event.at,
        cites=event.cites,
    )
    lead = case.lead._replace(assignee="")
    if case.lead.spans and case.lead.spans[-1].end is None:
        last, waits = case.lead.spans[-1], event.status_after in ("suspended", "awaiting_correction", "concluded")
        waits = waits and (last.why != STOPPED or still_stopped(case, event.at))
        running, why = (last.running, last.why) if waits else (True, "agent" if event.status_after == "with_agent" else "handler")
        lead = nobodys(case, event.at, Span(last.clock, event.at, None, running, why, event.custodian_after))
    return {
        "offer": None,
        "custodian": event.custodian_after,
        "previous_custodian": octets(event.facts, "giver"),
        "hops": (*_left(case, event.at), hop),
        "lead": afresh(lead) if event.status_after == "accepted" else lead,
        "sender": b"" if case.sender == octets(event.facts, "giver") else case.sender,  # who is gone sends nothing
    }


ROOM = Room(
    acts=(
        Act("hand_over", _hand_over, in_doubt=True),
        Act(
            "hand_back",
            _hand_back,
            fixed(FieldSpec("reason", "enum", True, ("wrong_node", "damaged", "incomplete"), "wrong_node"), NOTE),
            in_doubt=True,
        ),
        Act("refer", _refer, fixed(text("opinion", "初审合格，拟同意上报", required=True))),
        Act(
            "return_to_lower",
            _return_to_lower,
            fixed(text("reason", "初审意见有缺陷，退回重报", required=True)),
            in_doubt=True,
        ),
        Act("offer_home", _offer_home, None, in_doubt=True),
        Act("take_custody", _take, None, in_doubt=True),
        Act("recall", None, reason_note, _asked_recall),
    ),
    kinds=(
        Kind(
            "custody_offered",
            {
                "target": HASH,
                "purpose": CODE,
                "resume_status": CODE,
                "objects": HASHES,
                "blobs": HASHES,
                "reason": CODE,
                "urgent": FLAG,
            },
            offered,
            papers={"handover": "handover"},
        ),
        Kind(
            "custody_taken", {"giver": HASH, "purpose": CODE, "due": DATE, "awaits_papers": FLAG, "sends": FLAG}, taken,
            starts=("received",), of_item=True, rules=(("receipt_put_off", _put_off),),
        ),
        Kind("custody_assigned", {"giver": HASH, "receiver": HASH, "base": HASH, "resume_status": CODE}, assigned),
        Kind("released", still=True),
    ),
    guards={
        "has_parent": _has_parent,
        "just_received": _just_received,
        "giver_below": _giver_below,
        "referred_here": _referred_here,
        "below_approval": _below_approval,
        "examined_here": _examined_here,
        "not_at_origin": _not_at_origin,
    },
)  # fmt: skip
