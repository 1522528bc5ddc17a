"""The time limits that ran over a case, each from the entry that set its date to the act that met it (DOMAIN A0, A1 时限监察). Pure.

A *watch* is one limit with one due day: of a rule, from a state of the case to the act of a person that ends it. An effect of absence
(逾期视为受理) is no act of a person: the watch goes on until somebody does something. A limit whose day is moved (an extension, a stop)
is another watch. What a limit needs and is not here makes it unsure; nothing is served on it, nor on a provisional date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from node.domain.calendar import WorkCalendar, day_of, end_of_day_ms
from node.domain.cases.casefold import MayAssign, fold
from node.domain.cases.clocks import examination, promised_at_once, promised_days, running_status
from node.domain.cases.deadlines import reckon, started_by
from node.domain.cases.stops import moved, moved_calendar, stops_of
from node.domain.catalog.item import Item
from node.domain.catalog.limits import LAW, Limits
from node.domain.catalog.revisions import Counting, limits_of
from node.domain.model import SYSTEM, TIERS, Case, Event, Purpose
from node.domain.supervision.rulebook import Supervisions

RULE_OF: Mapping[str, str] = {
    "T": "T01", "R": "T02", "first_examination": "T04", "P": "T05", "S": "T06", "pause": "T07", "D": "T08", "A": "T09",
    "correction": "T11", "step": "T03",
}  # clock -> rule  # fmt: skip


WORKED_ON = ("accepted", "suspended")
SILENT = ("T01", "T02")  # what acceptance by silence would end, and does not meet


class Basis(NamedTuple):
    """What signals are derived from, beside the entries of a case. `item_of` and `tier_of`: of who holds it in a state."""

    may_assign: MayAssign
    item_of: Callable[[Case], Item | None]
    tier_of: Callable[[Case], str]
    counting: Counting
    limits: Mapping[int, Limits]
    supervisions: Supervisions


class State(NamedTuple):
    """The case after an entry, and from when on (ms) it stood so: never before the state that it follows."""

    case: Case
    event: Event
    since: int


class Limit(NamedTuple):
    """A limit that runs in a state: `days` of `unit` with the extension, of `clock`; `cal` and `limits` are those of the entry that started
    it."""

    clock: str
    due: dt.date
    days: int
    provisional: bool
    unsure: bool
    since: dt.date | None
    cal: WorkCalendar
    limits: Limits
    unit: str = "workday"


class Watch(NamedTuple):
    """A limit from the state `first` on. `start` (ms): of that state; `end` (ms, None: still): of the act that met it, `ended_by` its state."""

    rule: str
    limit: Limit
    first: int
    start: int
    end: int | None
    ended_by: int | None

    @property
    def due_moment(self) -> int:
        """24:00 of the due day."""
        return end_of_day_ms(self.limit.due)

    def open_at(self, moment: int) -> bool:
        """Whether it ran at a moment and nobody had met it before."""
        return self.start < moment and (self.end is None or self.end >= moment)


def states(events: Sequence[Event], may_assign: MayAssign) -> list[State]:
    """How the case stood after each of its effective entries."""
    befores: list[Case] = []
    seen: list[Event] = []

    def look(case: Case, event: Event) -> None:
        befores.append(case)
        seen.append(event)

    last = fold(events, may_assign, look).case
    found: list[State] = []
    for event, after in zip(seen, [*befores[1:], last], strict=True) if seen else ():
        found.append(State(after, event, max(event.at, found[-1].since if found else event.at)))
    return found


def watches(found: Sequence[State], basis: Basis) -> list[Watch]:
    """Every limit that ran, in the order in which they began."""
    running: dict[tuple[str, dt.date], tuple[int, Limit]] = {}
    done: list[Watch] = []
    for at, state in enumerate(found):
        limits = (*limits_in(state.case, basis), *step_limit(found, at, basis), *inner_limit(found, at, basis))
        now = {(RULE_OF[one.clock], one.due): one for one in limits}
        for key in [key for key in running if key not in now]:
            if _met(found, at, key[0]):
                first, limit = running.pop(key)
                done.append(Watch(key[0], limit, first, found[first].since, state.since, at))
        for key, limit in now.items():
            running.setdefault(key, (at, limit))
    done += [Watch(rule, limit, first, found[first].since, None, None) for (rule, _), (first, limit) in running.items()]
    return sorted(done, key=lambda one: (one.first, one.rule, one.limit.due))


def _met(found: Sequence[State], at: int, rule: str) -> bool:
    """Whether a limit that runs no more was met: by a person, or by what leaves nothing to be met. Silence of the organ meets nothing."""
    event = found[at].event
    return rule not in SILENT or event.staff_id != SYSTEM.staff_id or event.kind == "custody_assigned"


def limits_in(case: Case, basis: Basis) -> Iterator[Limit]:
    """The limits that run in a state."""
    tier, item = basis.tier_of(case), basis.item_of(case)
    cites = started_by(case)
    cal, limits = basis.counting.cited_by(cites), limits_of(basis.limits, cites)
    found = reckon(case, item, tier, basis.counting, basis.limits)
    unsure = bool(found.lacks) or cal is None or limits is None
    cal, limits = cal or basis.counting.in_force, limits or LAW
    for one in found.deadlines:
        if _is_watched(case, one.clock):
            yield Limit(one.clock, one.due, one.limit + one.extension, one.provisional, unsure, one.since, cal, limits, one.unit)
    if case.status == "suspended" and case.pause.kind and case.pause.until is not None:
        until = case.pause.until
        yield Limit("pause", until, 0, not cal.known(until), unsure, None, cal, limits)
    if case.status == "awaiting_correction" and (due := case.correction.due) is not None and not case.correction.reminded_at:
        days = basis.supervisions.on(due).rules["T11"].days
        over = cal.add_workdays(due, days)
        yield Limit("correction", over, days, not cal.known(over), unsure, due, cal, limits)


def step_limit(found: Sequence[State], at: int, basis: Basis) -> Iterator[Limit]:
    """The limit of the special step that a state waits for: its days from the entry that came to it, moved by each stop since. The first
    examination has a rule of its own (T04), and a step without days none."""
    case = found[at].case
    item = basis.item_of(case) if case.status in WORKED_ON and case.custodian else None
    steps = item.steps_at(basis.tier_of(case)) if item is not None else ()
    special = item.special_of(steps[case.lead.step].code) if item is not None and case.lead.step < len(steps) else None
    if special is None or special.days <= 0:
        return
    first = at
    while first and _same_step(found[first - 1].case, case):
        first -= 1
    began, cites = found[first].since, found[first].event.cites
    cal, limits = basis.counting.cited_by(cites), limits_of(basis.limits, cites)
    count = moved_calendar if special.unit == "calendar" else moved
    due = count(cal or basis.counting.in_force, day_of(began), special.days, stops_of(case, began))
    unsure = cal is None or limits is None
    days = cal or basis.counting.in_force
    yield Limit("step", due.date, special.days, due.provisional, unsure, day_of(began), days, limits or LAW, special.unit)


def inner_limit(found: Sequence[State], at: int, basis: Basis) -> Iterator[Limit]:
    """The share of the promise in which a tier that only examines what is no licence passes it on (T04, A0): its own working days of all its
    stays together. It is watched and is nobody's due day. A promise so short that nothing is left for it has none."""
    case = found[at].case
    item, tier = basis.item_of(case), basis.tier_of(case)
    running = running_status(case) in WORKED_ON and case.accepted_at and _is_watched(case, "first_examination")
    lower = lower_tiers(found[: at + 1], basis) if running else 0
    if item is None or not lower or item.regime == "licence" or item.decides_at(tier):
        return
    cites = started_by(case)
    cal, limits = basis.counting.cited_by(cites), limits_of(basis.limits, cites)
    unsure = cal is None or limits is None
    cal, limits = cal or basis.counting.in_force, limits or LAW
    days = 0 if promised_at_once(item) else share_of(promised_days(item, limits) or 0, limits, lower)
    if days:
        one = examination(case, days, cal)
        yield Limit(one.clock, one.due, days, one.provisional, unsure, one.since, cal, limits)


def lower_tiers(found: Sequence[State], basis: Basis) -> int:
    """How many tiers only examine a case: from the one that accepted it up to the one that decides; 0 where that decides itself."""
    last = found[-1].case
    first = next((one.case for one in found if one.case.accepted_at and one.case.accepted_at == last.accepted_at), last)
    item = basis.item_of(first)
    return max(TIERS.index(item.approval_level) - TIERS.index(basis.tier_of(first)), 0) if item is not None else 0


def share_of(promised: int, limits: Limits, lower: int) -> int:
    """The working days of a promise that each of so many lower tiers has."""
    return int(promised * limits.lower_share / lower + 1e-9) if lower else 0


def _same_step(before: Case, case: Case) -> bool:
    """Whether the case waited for the same step at the same node before; while it is suspended it still does."""
    held = before.status in WORKED_ON and before.custodian == case.custodian and before.term == case.term
    return held and before.lead.step == case.lead.step and len(before.lead.steps_done) == len(case.lead.steps_done)


def _is_watched(case: Case, clock: str) -> bool:
    """The applicant's own date is nobody's; the first examination ends with the referral, D with the result that is ready."""
    if clock == "correction":
        return False
    if clock == "first_examination":
        return case.offer is None or case.offer.purpose is not Purpose.REFER
    return clock != "D" or not case.concluded_at


def state_before(found: Sequence[State], moment: int) -> State | None:
    """How the case stood just before a moment; None when there was none."""
    return next((one for one in reversed(found) if one.since < moment), None)
