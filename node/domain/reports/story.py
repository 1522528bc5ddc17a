"""What each entry of a case counts for in a monthly report (DOMAIN A0 "Counting", A8). Pure.

A case is folded entry by entry; what an entry counts is the difference between the case before and after it, so an undo takes its counts
back by itself. Each count belongs to a unit and to the moment of its entry (`cases.dated`), never before that of the entry it follows.

办结 is the decision. Until the take a case is the giver's. 撤回, 终止, 作废 are counted after acceptance; before it they stand apart. What happens
after the decision moves nothing. A kind divides the accepted by the item's kind.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases.deadlines import Deadline, reckon, when_decided
from node.domain.cases.lateness import LINE_MS, charged, charged_for_decision
from node.domain.model import Case, Event, Purpose
from node.domain.reports.columns import KINDS
from node.domain.supervision.answering import answers_for
from node.domain.supervision.ends import ender
from node.domain.supervision.watches import Basis, State, states

Counts: TypeAlias = Mapping[tuple[bytes, str], int]  # (unit, column) -> how many
Counted: TypeAlias = Counter[tuple[bytes, str]]
Position: TypeAlias = tuple[int, int]  # epoch, number
_ENDS = {"withdrawn": "withdrawn", "terminated": "terminated", "voided": "voided"}
_BEFORE = {
    "not_accepted": "not_accepted", "not_required": "not_required", "withdrawn": "withdrawn_before", "terminated": "terminated_before",
    "voided": "voided_before", "superseded": "superseded",
}  # fmt: skip
_ACTS = {"correction_requested": "corrections", "extended": "extended", "deemed_accepted": "deemed", "accepted_with_gap": "gap"}


class Move(NamedTuple):
    """An effective entry: who wrote it where in his chain, when it counts as done (ms), what it counts, and how the case stood then.
    `holder` b"": not in process; `due`: its due day while it is, ISO, "" without one; `answers`: who does when that day passes, b"" nobody."""

    author: bytes
    place: Position
    at: int
    counts: Counts
    holder: bytes
    suspended: bool
    due: str
    answers: bytes = b""


Story: TypeAlias = Sequence[Move]


def story(
    events: Sequence[Event], places: Mapping[bytes, Position], basis: Basis, tier_at: Callable[[bytes], str]
) -> tuple[Move, ...]:  # fmt: skip
    """The entries of a case that are effective, in order. `places`: hash -> where an entry stands in its author's chain."""
    before, found, received = Case(events[0].case_no if events else ""), list[Move](), False
    stood = states(events, basis.may_assign)
    for n, state in enumerate(stood):
        case, event = state.case, state.event
        counts = _difference(before, case, stood[:n], stood[: n + 1], basis)
        counts.update(_of_act(before, event))
        if not received and (hall := _hall(case, tier_at)):
            received = True
            counts[hall, "received"] += 1
        counts.update(_agency(before, state, basis, tier_at))
        holder = charged(case) if _phase(case) == "open" else b""
        due = next(iter(_open(case, basis)), None) if holder else None
        found.append(Move(
            event.author, places.get(event.hash, (0, 0)), state.since, {key: n for key, n in counts.items() if n}, holder,
            bool(holder) and case.status == "suspended", due.due.isoformat() if due is not None else "",
            answers_for(stood[: n + 1], due, basis) if due is not None else b"",
        ))  # fmt: skip
        before = case
    return tuple(found)


def _phase(case: Case) -> str:
    """before | open | decided | ended; "" for a draft."""
    if not case.version or case.status == "draft":
        return ""
    if case.decided_at:
        return "decided"
    return "ended" if case.ended_at else "open" if case.accepted_at else "before"


def _difference(before: Case, after: Case, earlier: Sequence[State], until: Sequence[State], basis: Basis) -> Counted:
    found = _stands_for(after, _phase(before), until, basis)
    found.subtract(_stands_for(before, _phase(before), earlier, basis))
    giver, taker = charged(before), charged(after)
    if _phase(before) == _phase(after) == "open" and giver != taker:
        found.update({(giver, "moved_out"): 1, (taker, "moved_in"): 1})
    if _phase(before) in ("decided", "ended") and _phase(after) in ("open", "before"):
        found[taker, "reopened"] += 1
    return found


def _stands_for(case: Case, came_from: str, stood: Sequence[State], basis: Basis) -> Counted:
    """What a case has counted by now, as far as it can be read off the case."""
    found: Counted = Counter()
    phase = _phase(case)
    if case.accepted_at and phase:
        found.update((case.accepted_by, name) for name in _accepted(case, basis))
    if phase == "decided":
        found.update((case.decided_by, name) for name in ("decided", _outcome(case)))
        found.update(_timely(case, stood, basis))
    elif phase == "ended" and came_from:
        how = case.offer.resume_status if case.offer is not None else case.status
        column = (_ENDS if case.accepted_at else _BEFORE).get(how)
        if column:
            found[ender(case), column] += 1
    return found


def _accepted(case: Case, basis: Basis) -> Iterator[str]:
    item = basis.item_of(case)
    yield "accepted"
    if item is not None and item.case_type in KINDS:
        yield item.case_type
    if case.urgent:
        yield "urgent"


def _outcome(case: Case) -> str:
    return "approved" if case.decision != "refused" else "returned" if case.ground else "refused"


def _of_act(before: Case, event: Event) -> Counted:
    """What is counted by its kind alone, and what an undo takes back of it."""
    if event.kind == "undone":
        return Counter({(event.author, _ACTS[before.undo.kind]): -1}) if before.undo.kind in _ACTS else Counter()
    return Counter({(event.author, _ACTS[event.kind]): 1}) if event.kind in _ACTS else Counter()


def _hall(case: Case, tier_at: Callable[[bytes], str]) -> bytes:
    """The first hall that had the case, once it is received; b"" before."""
    if not case.received_at or not _phase(case):
        return b""
    return next((hop.node for hop in case.hops if tier_at(hop.node) != "village"), b"")


# how long it took --------------------------------------------------------------------------------------------------------


def _timely(case: Case, stood: Sequence[State], basis: Basis) -> Counted:
    """Whether a decision came in time, and the days that shares and means are made of. A late one is its unit's that answers for the day
    (A0); where that is another, it is with the deciding unit neither in time nor late."""
    found: Counted = Counter()
    item, tier = basis.item_of(case), basis.tier_of(case._replace(custodian=case.decided_by, offer=None))
    limits = when_decided(case, item, tier, basis.counting, basis.limits).deadlines
    cal = basis.counting.cited_by(case.started.accepted) or basis.counting.in_force
    day, unit = day_of(case.decided_at), charged_for_decision(case)
    if limits and day > limits[0].due:
        unit = answers_for(stood, limits[0], basis)
        found[unit, "late"] += bool(unit)
    elif limits:
        found[unit, "in_time"] += 1
        found[unit, "early"] += _early(limits, day, cal)
    used = used_days(case, cal)
    if item is not None and item.case_type == "commitment":
        found.update({(case.decided_by, "used_cases"): 1, (case.decided_by, "used_days"): used})
    for one in limits:
        if one.clock == "S" and one.unit == "workday":
            found.update({(case.decided_by, "law_days"): one.limit, (case.decided_by, "law_used"): used})
    return found


def _early(limits: Sequence[Deadline], day: dt.date, cal: WorkCalendar) -> bool:
    """At least one working day before the promise (A7)."""
    return any(one.clock == "P" and cal.count_workdays(day, one.due) for one in limits)


def used_days(case: Case, cal: WorkCalendar) -> int:
    """Working days from acceptance to decision, the stops of the statutory clocks left out."""
    whole = cal.count_workdays(day_of(case.accepted_at), day_of(case.decided_at))
    stops = [one for one in case.lead.spans if one.clock == "S" and not one.running and one.end is not None]
    return max(0, whole - sum(cal.count_workdays(day_of(one.start), day_of(one.end or 0)) for one in stops))


# agencies ----------------------------------------------------------------------------------------------------------------


def _agency(before: Case, state: State, basis: Basis, tier_at: Callable[[bytes], str]) -> Counted:
    """What is counted for a village (表六)."""
    found: Counted = Counter()
    case, event = state.case, state.event
    origin = case.origin if tier_at(case.origin) == "village" else b""
    if origin and _phase(case) and not _phase(before):
        found[origin, "registered"] += 1
    if origin:
        found[origin, "agency_decided"] += (_phase(case) == "decided") - (_phase(before) == "decided")
        if tier_at(event.author) == "village":
            found[event.author, "agency_delivered"] += bool(case.delivered_at) - bool(before.delivered_at)
    offer = case.offer if before.offer is None else None
    if offer is not None and offer.purpose is Purpose.HAND_OVER and tier_at(offer.giver) == "village":
        due = next((one.due for one in _open(before, basis) if one.clock == "A"), None)
        found[offer.giver, "handed_late" if due is not None and day_of(state.since) > due else "handed_in_time"] += 1
    if event.kind == "custody_taken" and before.offer is not None:
        ends = (before.offer.giver, before.offer.target)
        village = next((node for node in ends if tier_at(node) == "village"), b"")
        if village and (outage := state.since - before.offer.since - LINE_MS) > 0:
            found[village, "outage_ms"] += outage
    return found


def _open(case: Case, basis: Basis) -> Sequence[Deadline]:
    return reckon(case, basis.item_of(case), basis.tier_of(case), basis.counting, basis.limits).deadlines
