"""What each kind of event changes in a case, one small function a kind; used by `casefold.evolve` only.

A function gets the case before and the event, and answers the fields that change. None of them judges or raises: facts
are read with getters that answer an empty value for what is missing or of another type.

The clock ledger. `Case.spans` lists intervals: R (notice within five days), A (agent), S (statutory, with who had the
case), D (service). Every event that moves a clock closes the open span and opens the next, so the spans of a case follow
one another and never count an instant twice. A stop (Art. 45) is a span of S with `running=False`; P stops with S. `why`
says whose time it was: agent, handler, upper (after a referral), transit, applicant (a correction or the collection of the result is
awaited), statutory_pause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from node.domain.calendar import end_of_day_ms
from node.domain.cases.ledger_custody import assigned, offered, taken
from node.domain.cases.ledger_reading import STOPPED, Changes, clocks, code, codes, day, number, octets, whose
from node.domain.model import Case, Event, Hop, Piece, Span


def changes_of(case: Case, event: Event) -> Changes:
    """The fields a known kind changes (a new dict)."""
    handler = _HANDLERS.get(event.kind)
    return handler(case, event) if handler is not None else {}


# filing ------------------------------------------------------------------------------------------------------------------


def _draft_saved(case: Case, event: Event) -> Changes:
    return _filed(case, event) if not case.version else {}


def _lodged(case: Case, event: Event) -> Changes:
    changes = _draft_saved(case, event)
    changes["spans"] = clocks(case, event.at, Span("A", event.at, None, True, "agent", event.author))
    return changes


def _submitted(case: Case, event: Event) -> Changes:
    changes = _draft_saved(case, event)
    changes["received_at"] = _receipt(changes.get("received_on", case.received_on), event.at)
    changes["spans"] = clocks(case, event.at, Span("R", event.at, None, True, "handler", event.author))
    return changes


def _receipt(inherited: dt.date | None, at: int) -> int:
    """When the organ had it: now, or on the day on which it had the voided case that this one replaces (row 47)."""
    return min(at, end_of_day_ms(inherited) - 1) if inherited is not None and inherited.year < dt.MAXYEAR else at


def _filed(case: Case, event: Event) -> Changes:
    facts = event.facts
    return {
        "case_no": event.case_no,
        "custodian": event.author,
        "origin": event.author,
        "item_id": code(facts, "item"),
        "item_version": number(facts, "item_version"),
        "item_hash": octets(facts, "item_hash"),
        "source": code(facts, "source"),
        "application_no": code(facts, "application_no"),
        "channel": code(facts, "channel"),
        "village": code(facts, "village"),
        "filed_at": event.at,
        "materials": _declared(codes(facts, "materials")),
        "query_salt": octets(facts, "query_salt"),
        "query_hash": octets(facts, "query_hash"),
        "mandate": codes(facts, "mandate"),
        "mandate_until": day(facts, "mandate_until"),
        "replaces": code(facts, "replaces"),
        "received_on": day(facts, "received_on"),
        "hops": (Hop(event.author, None, "filed", None, event.at),),
    }


def _declared(listed: tuple[str, ...]) -> tuple[tuple[str, bytes, int], ...]:
    """The declared materials, written as `index:size`."""
    found = []
    for one in listed:
        index, _, size = one.rpartition(":")
        found.append((index, b"", int(size) if size.isascii() and size.isdigit() else 0))
    return tuple(found)


# intake ------------------------------------------------------------------------------------------------------------------


def _received(case: Case, event: Event) -> Changes:
    start = case.received_at or _receipt(case.received_on, event.at)
    return {
        "received_at": start,
        "received_status": "",
        "spans": clocks(case, event.at, Span("R", event.at, None, True, "handler", event.author)),
    }


def _correction_requested(case: Case, event: Event) -> Changes:
    return {
        "correction_due": day(event.facts, "due"),
        "correction_items": codes(event.facts, "items"),
        "correction_listed": codes(event.facts, "items"),
        "corrections": case.corrections + 1,
        "notices": case.notices + 1,
        "found_wanting": False,
        "reminded_at": 0,
        "spans": clocks(case, event.at, Span("R", event.at, None, False, "applicant", event.author)),
    }


def _correction_repeated(case: Case, event: Event) -> Changes:
    """Asked again: while nothing came, or because what came was found wanting (then the time is the applicant's again)."""
    changes: Changes = {
        "correction_items": codes(event.facts, "items") or case.correction_items,
        "correction_due": day(event.facts, "due") or case.correction_due,
        "notices": case.notices + 1,
        "reminded_at": 0,
    }
    if case.status == "submitted":
        stop = Span("R", event.at, None, False, "applicant", event.author)
        changes |= {"found_wanting": True, "spans": clocks(case, event.at, stop)}
    return changes


def _correction_supplied(case: Case, event: Event) -> Changes:
    papers = (one.partition(":") for one in codes(event.facts, "papers"))
    came = tuple(Piece(index, b"", 0, event.at, case.notices, _count(count)) for index, _, count in papers if index)
    return {
        "pieces": (*case.pieces, *came),
        "supplied_at": event.at,
        "correction_due": None,
        "spans": clocks(case, event.at, Span("R", event.at, None, True, "handler", event.author)),
    }


def _count(text: str) -> int:
    """Originals on paper; one when it is not said."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 4 else 1


def _accepted(case: Case, event: Event) -> Changes:
    return _accepted_as_of(case, event, event.at)


def _deemed_accepted(case: Case, event: Event) -> Changes:
    return _accepted_as_of(case, event, case.supplied_at or case.received_at or event.at)


def _accepted_as_of(case: Case, event: Event, at: int) -> Changes:
    return {
        "accepted_at": at,
        "accepted_by": event.author,
        "assignee": "",
        "promised_due": day(event.facts, "due"),
        "correction_due": None,
        "step": 0,
        "steps_done": (),
        "examined_by": (),
        "spans": clocks(case, at, Span("S", at, None, True, whose(case), event.author)),
    }


def _decided_at_once(case: Case, event: Event) -> Changes:
    return (
        _accepted(case, event)
        | _decided(case, event)
        | {"spans": clocks(case, event.at, Span("D", event.at, None, True, whose(case), event.author))}
    )


def _ended(case: Case, event: Event) -> Changes:
    return {"ended_at": event.at, "assignee": "", "correction_due": None, "spans": clocks(case, event.at)}


# handling ----------------------------------------------------------------------------------------------------------------


def _step_completed(case: Case, event: Event) -> Changes:
    return {
        "step": case.step + 1,
        "steps_done": (*case.steps_done, code(event.facts, "step")),
        "examined_by": (*case.examined_by, event.staff_id),
        "assignee": "",
    }


def _sent_back(case: Case, event: Event) -> Changes:
    return {
        "step": max(0, case.step - 1),
        "steps_done": case.steps_done[:-1],
        "examined_by": case.examined_by[:-1],
        "assignee": "",
    }


def _assigned_to(case: Case, event: Event) -> Changes:
    return {"assignee": code(event.facts, "assignee")}


def _suspended(case: Case, event: Event) -> Changes:
    stop = Span("S", event.at, None, False, STOPPED, event.author)
    return {
        "suspend_kind": code(event.facts, "kind"),
        "suspended_at": event.at,
        "suspend_until": day(event.facts, "until"),
        "spans": clocks(case, event.at, stop),
    }


def _resumed(case: Case, event: Event) -> Changes:
    """The pause ends when it ends, but at the stated end at the latest: what is over is the handler's time (row 26)."""
    running = Span("S", max(event.at, case.suspended_at), None, True, whose(case), event.author)
    return {"suspend_kind": "", "suspended_at": 0, "suspend_until": None, "spans": clocks(case, event.at, running)}


def _extended(case: Case, event: Event) -> Changes:
    return {"extended": True, "extension_days": case.extension_days + number(event.facts, "extension_days")}


def _decided(case: Case, event: Event) -> Changes:
    decision = "refused" if event.kind == "refused" else "approved"
    return {
        "decided_at": event.at,
        "decided_by": event.author,
        "assignee": "",
        "decision": decision,
        "ground": _ground(event),
        "spans": clocks(case, event.at, Span("D", event.at, None, True, whose(case), event.author)),
    }


def _ground(event: Event) -> str:
    """The ground of a 退办 (H3.7), empty for any other decision."""
    ground = event.facts.get("ground")
    return ground if isinstance(ground, str) and ground != "none" else ""


def _concluded(case: Case, event: Event) -> Changes:
    """The result is ready and the applicant told: what follows is his time (A0)."""
    return {
        "assignee": "",
        "concluded_at": event.at,
        "spans": clocks(case, event.at, Span("D", event.at, None, False, "applicant", event.author)),
    }


def _delivered(case: Case, event: Event) -> Changes:
    return {"assignee": "", "delivered_at": event.at, "spans": clocks(case, event.at)}


def _undone(case: Case, event: Event) -> Changes:
    return {**case.undo_to, "undo_status": "", "undo_to": {}, "undo_kind": ""}


# beside the table --------------------------------------------------------------------------------------------------------


def _opened(case: Case, event: Event) -> Changes:
    return {"opened_by": case.opened_by | {event.author}}


def _reminded(case: Case, event: Event) -> Changes:
    return {"reminded_at": event.at} if code(event.facts, "to") == "applicant" else {}


def _material_added(case: Case, event: Event) -> Changes:
    index, blob, size = code(event.facts, "material"), octets(event.facts, "blob"), number(event.facts, "size")
    if not index:
        return {}
    held = {one[0]: one for one in case.materials} | {index: (index, blob, size)}
    came = Piece(index, blob, size, event.at, case.notices)
    return {"materials": tuple(held.values()), "pieces": (*case.pieces, came)}


def _urgent_set(case: Case, event: Event) -> Changes:
    return {"urgent": event.facts.get("urgent") is not False}


_HANDLERS: dict[str, Callable[[Case, Event], Changes]] = {
    "draft_saved": _draft_saved,
    "lodged": _lodged,
    "submitted": _submitted,
    "custody_offered": offered,
    "custody_taken": taken,
    "custody_assigned": assigned,
    "received": _received,
    "correction_requested": _correction_requested,
    "correction_repeated": _correction_repeated,
    "correction_supplied": _correction_supplied,
    "accepted": _accepted,
    "deemed_accepted": _deemed_accepted,
    "decided_at_once": _decided_at_once,
    "not_required_found": _ended,
    "not_accepted": _ended,
    "terminated": _ended,
    "withdrawn": _ended,
    "voided": _ended,
    "step_completed": _step_completed,
    "sent_back": _sent_back,
    "taken_up": _assigned_to,
    "assigned": _assigned_to,
    "reassigned": _assigned_to,
    "suspended": _suspended,
    "resumed": _resumed,
    "extended": _extended,
    "approved": _decided,
    "refused": _decided,
    "concluded": _concluded,
    "delivered": _delivered,
    "undone": _undone,
    "opened": _opened,
    "reminded": _reminded,
    "material_added": _material_added,
    "urgent_set": _urgent_set,
}
