"""When a message may go out: after ten minutes in which more may come, not at night, and what can wait on a working day (R35)."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from node.domain.calendar import WorkCalendar, ms_of
from node.domain.model import CST

GATHER_MS = 10 * 60_000  # what comes within it is one message
_QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


class Quiet(NamedTuple):
    """The hours without messages: minutes of the day, from `start` to `end`; over midnight when end is the smaller. `gather`: ms in which
    what comes for one case is one message."""

    start: int = 21 * 60
    end: int = 8 * 60
    gather: int = GATHER_MS

    def holds(self, minute: int) -> bool:
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


def read_quiet(text: str) -> Quiet | None:
    """`21:00-08:00`, and perhaps the minutes in which messages are gathered; None for anything else."""
    hours, _, minutes = text.partition(" ")
    found = _QUIET.fullmatch(hours)
    if found is None or not (minutes == "" or minutes.isdecimal()):
        return None
    said = [int(one) for one in found.groups()]
    return Quiet(said[0] * 60 + said[1], said[2] * 60 + said[3], int(minutes) * 60_000 if minutes else GATHER_MS)


def not_before(since: int, can_wait: bool, quiet: Quiet, calendar: WorkCalendar) -> int:
    """The first moment (ms) at which what happened at `since` (ms) may be sent."""
    moment = dt.datetime.fromtimestamp((since + quiet.gather) / 1000, CST)
    for _ in range(40):  # the longest holiday has ten days
        if can_wait and not calendar.is_workday(moment.date()):
            moment = _at(moment + dt.timedelta(days=1), 0)
        elif quiet.holds(moment.hour * 60 + moment.minute):
            night = quiet.end <= moment.hour * 60 + moment.minute  # the part before midnight
            moment = _at(moment + dt.timedelta(days=int(night)), quiet.end)
        else:
            break
    return ms_of(moment)


def _at(moment: dt.datetime, minute: int) -> dt.datetime:
    return moment.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
