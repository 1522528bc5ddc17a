"""Deadlines are derived, never stored (promise 6): the case, its item and the calendar give the same dates at every tier.

Clocks (LIFECYCLE "Clocks over a referral"): A the agent's day to hand over; R five working days from receipt or complete
supply (行政许可法 32); P from acceptance to the promised date, unbroken over a referral; S the statutory limit, which
below the approval tier is the first examination (20 working days for licences, 行政许可法 43) and at the approval tier
the item's limit from the day custody was taken there; D ten working days for service after a decision (行政许可法 44).
Statutory pauses stop S and P; an extension lengthens both. `due` of a case is the earliest open one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from node.domain.calendar import WorkCalendar, day_of, due_date
from node.domain.model import Case

NOTICE_DAYS, FIRST_EXAMINATION_DAYS, SERVICE_DAYS, HAND_OVER_DAYS = 5, 20, 10, 1
CURE_DAYS = 2
RUNNING = frozenset({"accepted", "suspended", "in_transit"})


class Limits(Protocol):
    """What of an item its deadlines depend on."""

    @property
    def regime(self) -> str: ...
    @property
    def statutory_limit(self) -> int | None: ...
    @property
    def statutory_unit(self) -> str: ...
    @property
    def promised_limit(self) -> int | None: ...
    def decides_at(self, tier: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """One open deadline. `basis` is a code: where the limit comes from."""

    clock: str
    due: dt.date
    provisional: bool
    limit: int
    unit: str
    basis: str


def deadlines(case: Case, item: Limits, tier: str, cal: WorkCalendar) -> tuple[Deadline, ...]:
    """The open deadlines where the case is held (`tier` of the custodian), earliest first."""
    found: list[Deadline] = []
    status = case.offer.resume_status if case.offer is not None else case.status
    if case.status == "with_agent":
        found.append(_one("A", cal, case.filed_at, HAND_OVER_DAYS, "workday", "agent_hand_over"))
    elif case.status == "submitted" and (case.supplied_at or case.received_at):
        found.append(_one("R", cal, case.supplied_at or case.received_at, NOTICE_DAYS, "workday", "licensing_law_32"))
    elif case.status == "awaiting_correction" and case.correction_due is not None:
        found.append(Deadline("correction", case.correction_due, not cal.known(case.correction_due), 0, "date", "correction_notice"))
    elif status in RUNNING and case.accepted_at:
        found += _handling(case, item, tier, cal)
    elif status in ("approved", "refused", "concluded") and case.decided_at and not case.delivered_at:
        found.append(_one("D", cal, case.decided_at, SERVICE_DAYS, "workday", "licensing_law_44"))
    return tuple(sorted(found, key=lambda deadline: deadline.due))


def _handling(case: Case, item: Limits, tier: str, cal: WorkCalendar) -> list[Deadline]:
    pauses = _pauses(case)
    found = []
    if item.promised_limit is not None:
        found.append(_promise(case, item, tier, cal, pauses))
    if item.decides_at(tier):
        if item.statutory_limit:
            start = _taken_here(case) or case.accepted_at
            unit = item.statutory_unit or "workday"
            found.append(_one("S", cal, start, item.statutory_limit, unit, "item_statutory", case.extension_days, pauses))
    elif item.regime == "licence":
        found.append(_one("first_examination", cal, case.accepted_at, FIRST_EXAMINATION_DAYS, "workday", "licensing_law_43", 0, pauses))
    return found


def _promise(case: Case, item: Limits, tier: str, cal: WorkCalendar, pauses: list[tuple[dt.date, dt.date]]) -> Deadline:
    """A promise of 0 (即办) on an item decided above counts from the upper take."""
    limit = item.promised_limit or 0
    start = case.accepted_at
    if limit == 0 and item.decides_at(tier):
        start = _taken_here(case) or start
    return _one("P", cal, start, limit, "workday", "item_promise", case.extension_days, pauses)


def _one(
    clock: str, cal: WorkCalendar, start_ms: int, limit: int, unit: str, basis: str, extension: int = 0,
    pauses: list[tuple[dt.date, dt.date]] | None = None,
) -> Deadline:  # fmt: skip
    due = due_date(cal, day_of(start_ms), limit, unit, extension, pauses or ())
    return Deadline(clock, due.date, due.provisional, limit + extension, unit, basis)


def _taken_here(case: Case) -> int:
    """When the present custodian took a referral; 0 when the case was accepted where it is."""
    if not case.hops or case.hops[-1].reason != "refer":
        return 0
    return case.hops[-1].taken_at


def _pauses(case: Case) -> list[tuple[dt.date, dt.date]]:
    """Statutory pauses, both days included; one that is open reaches to its stated end."""
    found = []
    for span in case.spans:
        if span.clock == "S" and not span.running:
            last = day_of(span.end) if span.end is not None else max(case.suspend_until or day_of(span.start), day_of(span.start))
            found.append((day_of(span.start), last))
    return found


def due_of(case: Case, item: Limits, tier: str, cal: WorkCalendar) -> Deadline | None:
    """The earliest open deadline, or None."""
    return next(iter(deadlines(case, item, tier, cal)), None)


def light_of(case: Case, item: Limits, tier: str, cal: WorkCalendar, now_ms: int) -> str:
    """none | green | yellow (due today or up to one working day over) | red (R55, default thresholds)."""
    deadline = due_of(case, item, tier, cal)
    if deadline is None:
        return "none"
    today = day_of(now_ms)
    if today < deadline.due:
        return "green"
    over = cal.count_workdays(deadline.due, today)
    return "yellow" if over <= 1 + CURE_DAYS - 1 else "red"


def time_split(case: Case, now_ms: int) -> dict[str, int]:
    """Milliseconds by what they are attributed to (handler, upper, statutory_pause, agent, transit)."""
    split: dict[str, int] = {}
    for span in case.spans:
        split[span.why] = split.get(span.why, 0) + max(0, (span.end if span.end is not None else now_ms) - span.start)
    return split
