"""Single days of the working calendar: what a publication changes, from which day it counts, and which due days can move by it.

A change names a day and what it is to be: off, a working weekend, or an ordinary day again. Changes of days before the day from
which a publication counts are left out: what has been counted stays as people were told. A single day makes no year known: only
the file of a whole year does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from node.domain.calendar import ONE, WorkCalendar


@dataclass(frozen=True, slots=True)
class Listed:
    """What the calendar says of a day. kind: off | work | "" for an ordinary day."""

    kind: str = ""
    name: str = ""


class DayChange(TypedDict):
    """One day of a difference; kinds as in `Listed`."""

    day: str
    old: str
    old_name: str
    new: str
    new_name: str


Changes = Mapping[dt.date, Listed]


def listed(calendar: WorkCalendar, day: dt.date) -> Listed:
    """What the calendar says of a day."""
    kind = calendar.days.get(day, "")
    return Listed(kind, calendar.names.get(day, "") if kind else "")


def changed(
    calendar: WorkCalendar, changes: Changes, years: frozenset[int] = frozenset(), since: dt.date | None = None
) -> WorkCalendar:
    """The calendar with these days changed. `years`: those a file made known; `since`: earlier days stay as they are."""
    counted = {day: one for day, one in changes.items() if since is None or day >= since}
    days = {day: kind for day, kind in calendar.days.items() if day not in counted}
    names = {day: name for day, name in calendar.names.items() if day not in counted}
    days |= {day: one.kind for day, one in counted.items() if one.kind}
    names |= {day: one.name for day, one in counted.items() if one.kind and one.name}
    return replace(calendar, days=days, names=names, years=calendar.years | years)


def changes_between(old: WorkCalendar, new: WorkCalendar) -> dict[dt.date, Listed]:
    """The days of which two calendars say different things, and what the second says."""
    both = sorted({*old.days, *new.days})
    return {day: listed(new, day) for day in both if listed(old, day) != listed(new, day)}


def difference(old: WorkCalendar, new: WorkCalendar) -> list[DayChange]:
    """The same in words for people to compare, by day."""
    return [
        DayChange(day=day.isoformat(), old=(was := listed(old, day)).kind, old_name=was.name, new=one.kind, new_name=one.name)
        for day, one in changes_between(old, new).items()
    ]


def first_moved(old: WorkCalendar, new: WorkCalendar) -> dt.date | None:
    """The first day that counts otherwise; a due day before it cannot move. None when every day counts as before."""
    return next((day for day in _in_question(old, new) if old.is_workday(day) != new.is_workday(day)), None)


def _in_question(old: WorkCalendar, new: WorkCalendar) -> Iterator[dt.date]:
    """In order: the days on either list, and every day of a year that became known or unknown."""
    found = {*old.days, *new.days}
    for year in old.years ^ new.years:
        found |= {dt.date(year, 1, 1) + ONE * n for n in range(365)} | {dt.date(year, 12, 31)}
    yield from sorted(found)
