"""What the events of custody change in a case: offered, taken, assigned."""

from __future__ import annotations

from dataclasses import replace

from node.domain.cases.ledger_reading import STOPPED, Changes, clocks, code, day, hashes, octets, still_stopped
from node.domain.model import Case, Event, Hop, Offer, Purpose, Span

_PURPOSES = {str(purpose): purpose for purpose in Purpose}


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
    changes: Changes = {"offer": offer, "custodian": b"", "assignee": "", "hops": _left(case, at)}
    if purpose is None:
        changes["unknown_kinds"] = (*case.unknown_kinds, "purpose:" + code(facts, "purpose"))
    if case.spans and case.spans[-1].end is None:
        clock = case.spans[-1].clock
        running = clock != "A"  # the agent's day does not run while the case travels; S runs until the upper receipt
        changes["spans"] = clocks(case, at, Span(clock, at, None, running, "transit", event.author))
    return changes


def _left(case: Case, at: int) -> tuple[Hop, ...]:
    if not case.hops or case.hops[-1].left_at is not None:
        return case.hops
    return (*case.hops[:-1], replace(case.hops[-1], left_at=at))


def taken(case: Case, event: Event) -> Changes:
    offer = case.offer
    purpose = offer.purpose if offer is not None else _PURPOSES.get(code(event.facts, "purpose"), Purpose.HOME)
    giver = offer.giver if offer is not None else octets(event.facts, "giver")
    hop = Hop(event.author, giver, str(purpose), offer.since if offer is not None else None, event.at)
    changes: Changes = {
        "offer": None,
        "custodian": event.author,
        "previous_custodian": giver,
        "hops": (*case.hops, hop),
        "assignee": "",
    }
    if purpose in (Purpose.REFER, Purpose.RETURN):
        changes |= {"step": 0, "steps_done": (), "examined_by": (), "examined_below": _examined_below(case, event, purpose)}
        if (due := day(event.facts, "due")) is not None:
            changes["promised_due"] = due
    elif purpose is Purpose.HAND_OVER and offer is not None:
        changes["received_status"] = offer.resume_status
    elif purpose is Purpose.HAND_BACK and event.status_after == "with_agent":
        changes["received_at"] = 0  # no organ has received it any more
    changes["spans"] = _spans_after_take(case, event, purpose)
    return changes


def _examined_below(case: Case, event: Event, purpose: Purpose) -> bool:
    """Whether a lower tier's first examination stands behind the holder: also when a still higher one sent it back here."""
    return purpose is Purpose.REFER or any(hop.node == event.author and hop.reason == "refer" for hop in case.hops)


def _spans_after_take(case: Case, event: Event, purpose: Purpose) -> tuple[Span, ...]:
    if not case.spans or case.spans[-1].end is not None:
        return case.spans
    clock, at = case.spans[-1].clock, event.at
    if purpose is Purpose.HAND_BACK and event.status_after == "with_agent":
        return clocks(case, at, Span("A", at, None, True, "agent", event.author))
    if purpose is Purpose.HAND_OVER and clock == "A":
        return clocks(case, at, Span("A", at, None, False, "handler", event.author))  # waits for the clerk's receipt
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
    )
    changes: Changes = {
        "offer": None,
        "custodian": event.custodian_after,
        "previous_custodian": octets(event.facts, "giver"),
        "hops": (*_left(case, event.at), hop),
        "assignee": "",
    }
    if case.spans and case.spans[-1].end is None:
        last, waits = case.spans[-1], event.status_after in ("suspended", "awaiting_correction", "concluded")
        waits = waits and (last.why != STOPPED or still_stopped(case, event.at))
        running, why = (last.running, last.why) if waits else (True, "agent" if event.status_after == "with_agent" else "handler")
        changes["spans"] = clocks(case, event.at, Span(last.clock, event.at, None, running, why, event.custodian_after))
    if event.status_after == "accepted":
        changes |= {"step": 0, "steps_done": (), "examined_by": ()}
    return changes
