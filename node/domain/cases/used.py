"""How long a decision took, in working days of the case's own calendar, and how many days of that stood (DOMAIN A7, 平均用时). Pure."""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import ONE, WorkCalendar, day_of
from node.domain.cases.stops import stops_of
from node.domain.model import Case


def used(case: Case, calendar: WorkCalendar) -> tuple[int, int]:
    """(working days used, working days that stood) of a decided case, from the day after the acceptance to the day of the decision.

    What stood is 特别程序 (行政许可法 45): no day of the limit, and no day of whoever decided. No day counts twice."""
    first, last = day_of(case.accepted_at or case.decided_at), day_of(case.decided_at)
    whole = calendar.count_workdays(first, last)
    stood = sum(_within(calendar, max(begun, first + ONE), min(ended, last)) for begun, ended in stops_of(case))
    return whole - stood, stood


def _within(calendar: WorkCalendar, first: dt.date, last: dt.date) -> int:
    """Working days from `first` to `last`, both included."""
    return calendar.count_workdays(first - ONE, last) if first <= last else 0
