"""Today, overdue, by how much: one definition for lists, tabs, pages, statistics and lights. Pure.

A case is due until the end of its due day in China (24:00 CST) and overdue from then on, working day or not. At that moment the
next working day of whoever has the case has begun and counts as used: a case due on Friday is one working day over on Saturday,
Sunday and Monday, two on Tuesday (DOMAIN A0). The applicant's date of a correction is a due date like others: once it has passed,
whoever has the case has not done what its passing asks for. After `concluded` the organ's clocks are over.

Rungs fall at 24:00 of working days: yellow one working day after the due day, red two working days of cure later (DOMAIN A2).

What a silent node holds may have moved on unseen. It never reads better than with the line: in time becomes `unknown`; past due it
stays `overdue`, and goes no further up the ladder unless the node was still heard after the due day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.calendar import ONE, WorkCalendar, day_of, end_of_day_ms
from node.domain.model import Case

YELLOW_AFTER, RED_AFTER = 1, 3  # whole working days past the due day
WORK_BEGINS_MS, WORK_ENDS_MS = 9 * 3_600_000, 17 * 3_600_000  # after midnight
GRACE_MS = 3_600_000  # of working time that a node may be silent
LINE_MS = 3_600_000  # that a case may lie between an offer and its take before the line is out (A0)
SEGMENTS = {
    "handler": "handling", "upper": "upper", "agent": "agent", "transit": "transit", "link_outage": "outage",
    "statutory_pause": "special", "applicant": "applicant",
}  # fmt: skip


def is_due_today(due: dt.date, today: dt.date) -> bool:
    return due == today


def is_overdue(due: dt.date, today: dt.date) -> bool:
    """Whether the end of the due day has passed."""
    return due < today


def over_days(due: dt.date, day: dt.date, cal: WorkCalendar) -> int:
    """By how many working days a case due on `due` is over on `day`; 0 while it is not."""
    return cal.count_workdays(due, cal.next_workday(day)) if is_overdue(due, day) else 0


def rung(due: dt.date, today: dt.date, cal: WorkCalendar) -> str:
    """green | warn (due today) | overdue | yellow | red."""
    if not is_overdue(due, today):
        return "warn" if is_due_today(due, today) else "green"
    past = cal.count_workdays(due, today - ONE)
    return "red" if past >= RED_AFTER else "yellow" if past >= YELLOW_AFTER else "overdue"


# silence -----------------------------------------------------------------------------------------------------------------


def is_working_time(at_ms: int, cal: WorkCalendar) -> bool:
    """Whether offices are open."""
    day = day_of(at_ms)
    return cal.is_workday(day) and WORK_BEGINS_MS <= at_ms - end_of_day_ms(day - ONE) < WORK_ENDS_MS


def is_silent(known_ms: int, now_ms: int, cal: WorkCalendar) -> bool:
    """Whether a node known until `known_ms` is to be called silent: an hour of working time has passed since. Who is off over night is
    so from one hour into the next working day."""
    day, today, worked = day_of(known_ms), day_of(now_ms), 0
    while day <= today and worked < GRACE_MS:
        if cal.is_workday(day):
            begin = end_of_day_ms(day - ONE)
            worked += max(0, min(now_ms, begin + WORK_ENDS_MS) - max(known_ms, begin + WORK_BEGINS_MS))
        day += ONE
    return worked >= GRACE_MS


def back_on(outages: Sequence[tuple[int, int]], now_ms: int, cal: WorkCalendar) -> dt.date | None:
    """The first working day that a node's people have after it was off (from, until; ms) beyond the first hour of another working day.
    None when it was not: a night or a weekend is no outage."""
    ends = [until for since, until in outages if until <= now_ms and _beyond_the_night(since, until, cal)]
    return cal.next_workday(day_of(max(ends))) if ends else None


def _beyond_the_night(since_ms: int, until_ms: int, cal: WorkCalendar) -> bool:
    next_day = cal.next_workday(day_of(since_ms) + ONE)
    return until_ms >= end_of_day_ms(next_day - ONE) + WORK_BEGINS_MS + GRACE_MS


def rung_unheard(light: str, due: dt.date | None, heard_ms: int) -> str:
    """The light of a case whose holder has been silent since `heard_ms` (0: never heard)."""
    if due is None or light not in ("overdue", "yellow", "red"):
        return "unknown"
    return light if day_of(heard_ms) > due else "overdue"


# whose time it was -------------------------------------------------------------------------------------------------------


def charged(case: Case) -> bytes:
    """Who has to answer for a case now: the holder; on its way the giver, until it is taken."""
    return (case.offer.giver if case.offer is not None else case.custodian) or case.origin


def charged_for_decision(case: Case) -> bytes:
    """Whose a decision is: the deciding node's. Of one that came late another may have to answer (`supervision/answering.py`)."""
    return case.decided_by


def here_since(case: Case) -> int:
    """When the case came to where it is, or set out from there (ms). Nothing but a move changes it."""
    if case.offer is not None:
        return case.offer.since
    return case.hops[-1].taken_at if case.hops else case.filed_at


def is_pressed(case: Case) -> bool:
    """Whether who has the case was reminded, and nothing was done with it since (reading it is nothing)."""
    return case.pressed_at > case.moved_at


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a case's time: whose it was, of which kind (a code of SEGMENTS), from when until when (ms, None: still)."""

    node: bytes
    kind: str
    start: int
    end: int | None

    def workdays(self, cal: WorkCalendar, now_ms: int) -> int:
        """Working days that began in it: the day on which a clock starts belongs to nobody."""
        return cal.count_workdays(day_of(self.start), day_of(self.end if self.end is not None else now_ms))


def segments(case: Case, line: int = 0, now_ms: int = 0) -> Sequence[Segment]:
    """The stretches of a line of a case in order, neighbours of one node and kind in one. What no clock ran over is not there. What lies on the
    way for more than an hour is, beyond that, an outage of the line (DOMAIN A0); `now_ms` says so of what is on its way still."""
    return [part for one in _joined(case, line) for part in _way(one, now_ms)]


def _way(one: Segment, now_ms: int) -> Sequence[Segment]:
    out = one.start + LINE_MS
    if one.kind != "transit" or (one.end if one.end is not None else now_ms) <= out:
        return (one,)
    return Segment(one.node, one.kind, one.start, out), Segment(one.node, "outage", out, one.end)


def _joined(case: Case, line: int) -> Sequence[Segment]:
    found: list[Segment] = []
    for span in sorted(case.lines[line].spans, key=lambda one: one.start):
        node, kind, end = span.holder, SEGMENTS.get(span.why, "handling"), span.end
        last = found[-1] if found else None
        if last is not None and (last.node, last.kind, last.end) == (node, kind, span.start):
            found[-1] = Segment(node, kind, last.start, end)
        else:
            found.append(Segment(node, kind, span.start, end))
    return found
