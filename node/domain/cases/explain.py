"""A deadline with its working: every day counted or skipped, and why (INTERFACE, "explain"). The day itself is the one that `deadlines`
says; nothing is counted here a second time in another way, and the days counted are those of the limit and its extension."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict

from node.domain.calendar import ONE, WORK, WorkCalendar
from node.domain.cases.deadlines import Deadline
from node.domain.cases.documents import Pause
from node.domain.cases.history import Paused

MOST = 4000  # days that are told


class ExplainedDay(TypedDict):
    """One day; `why`: start, workday, makeup, weekend, holiday, pause, not_here, rolled, calendar_day."""

    date: str
    counted: bool
    why: str
    law: str


class CalendarCited(TypedDict):
    revision: int
    hash: str


class Explanation(TypedDict):
    """A due day with its working; `clock` and `due` are None where nothing runs."""

    clock: str | None
    due: str | None
    provisional: bool
    start: str | None
    limit: int | None
    unit: str | None
    extension: int
    days: list[ExplainedDay]
    pauses: list[Pause]
    calendar: CalendarCited


LAWS = {
    "start": "《民事诉讼法》第八十五条", "weekend": "《行政许可法》第八十二条", "holiday": "《行政许可法》第八十二条",
    "workday": "《行政许可法》第八十二条",
    "makeup": "《行政许可法》第八十二条", "pause": "《行政许可法》第四十五条", "rolled": "《民事诉讼法》第八十五条",
}  # fmt: skip


def explained(one: Deadline, cal: WorkCalendar, pauses: Sequence[Paused] = ()) -> list[ExplainedDay]:
    """The days from the start to the due day, both included; none for a date that was set."""
    if one.since is None:
        return []
    found, left, at = [_day(one.since, False, "start")], one.limit + one.extension, one.since
    while at < one.due and len(found) < MOST:
        at += ONE
        why = _why(at, one.unit, cal, pauses)
        if why in ("workday", "makeup", "calendar_day") and left <= 0:
            why = "not_here"  # of a stop that began on the day of the start, or while the case was with another node
        counted = why in ("workday", "makeup", "calendar_day")
        left -= counted
        found.append(_day(at, counted, why))
    if one.unit == "calendar":
        _rolled(found)
    return found


def _why(at: dt.date, unit: str, cal: WorkCalendar, pauses: Sequence[Paused]) -> str:
    if any(pause.first <= at <= pause.until for pause in pauses):
        return "pause"
    if unit == "calendar":
        return "calendar_day"
    if cal.is_workday(at):
        return "makeup" if cal.days.get(at) == WORK else "workday"
    return "weekend" if at.weekday() >= 5 and at not in cal.days else "holiday"


def _rolled(days: list[ExplainedDay]) -> None:
    """A limit in calendar days that ends on a day off goes on to the next working day."""
    for row in reversed(days):
        if row["why"] != "not_here":
            return
        row["why"], row["law"] = "rolled", LAWS["rolled"]


def _day(at: dt.date, counted: bool, why: str) -> ExplainedDay:
    return {"date": at.isoformat(), "counted": counted, "why": why, "law": LAWS.get(why, "")}
