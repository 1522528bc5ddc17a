"""The days on which the statutory clocks stood (行政许可法 45), and due days moved by them (DOMAIN A0, Clocks).

A suspension has its own day as the first and the day on which it ends as the last. It moves a limit in working days by the working
days among them, whenever it begins before the limit is over: also on the day on which the clock starts, which is no day of the limit.
No day stops twice: a second suspension on the day on which the first ended counts from the next. A case that is late already stays
late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeAlias

from node.domain.calendar import MAX_LIMIT, ONE, Due, WorkCalendar, day_of, due_date
from node.domain.model import Case, Span

Days: TypeAlias = Sequence[tuple[dt.date, dt.date]]  # first and last day, both included

LAST_DAY = day_of(1 << 62)


def stops_of(case: Case, since: int = -(1 << 62), also: Days = ()) -> list[tuple[dt.date, dt.date]]:
    """The stops of a case in order, no day twice. One that is open reaches to its stated end; of one that began before the instant
    `since` (ms) only the days after that count. `also`: days on which only this clock stood."""
    stopped = [one for one in case.lead.spans if one.clock in ("S", "P") and not one.running]
    begun = [
        (max(day_of(one.start), day_of(since) + ONE) if one.start < since else day_of(one.start), _last(case, one))
        for one in stopped
    ]
    found: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted([*begun, *also]):
        if found:
            first = max(first, found[-1][1] + ONE)
        if first <= last:
            found.append((first, last))
    return found


def _last(case: Case, span: Span) -> dt.date:
    """Without a stated end the first day at least; a stated end may be absurd."""
    return min(day_of(span.end) if span.end is not None else case.pause.until or day_of(span.start), LAST_DAY)


def stated_end(case: Case, today: dt.date, days: int, cal: WorkCalendar) -> dt.date:
    """The last day of a stop of so many working days that begins today."""
    return due_date(cal, today - ONE, days, pauses=stops_of(case)).date


def moved(cal: WorkCalendar, start: dt.date, days: int, stops: Days, away: Days = ()) -> Due:
    """The last of so many working days after `start` and outside `away`, moved by each stop that begins before it is over."""
    due = due_date(cal, start, _bounded(days), pauses=away)
    for first, last in stops:
        if first > due.date:
            break
        stood = min(cal.count_workdays(first, last) + cal.is_workday(first), MAX_LIMIT - days)
        after = due_date(cal, due.date, _bounded(stood), pauses=away)
        due, days = Due(after.date, due.provisional or after.provisional), days + stood
    return due


def moved_calendar(cal: WorkCalendar, start: dt.date, days: int, stops: Days, away: Days = ()) -> Due:
    """The same for a limit in calendar days."""
    at_once = sum(first == start for first, _ in stops)  # the day of the start is no day of the limit
    return due_date(cal, start, _bounded(days + at_once), "calendar", pauses=[*stops, *away])


def _bounded(days: int) -> int:
    """An authentic event may say anything; deriving from it must not fail."""
    return min(max(days, 0), MAX_LIMIT)
