"""决策分析 (R59): what can be counted by what, the figures of a group of cases, and the periods that are compared. Pure.

A question is a measure by one dimension or by two, in a period, of a unit and all below it. Of time three figures stand beside each other:
the mean, the median and what nine of ten cases needed, because a few long cases hide in a mean; the days that stood (特别程序) stand apart.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from node.domain.calendar import ONE

MEASURES = (
    "filed", "decided", "workdays", "in_time", "immediate", "on_time", "late", "unlimited", "open", "overdue", "unknown", "overdue_open",
)  # fmt: skip
NOW = frozenset({"open", "overdue", "unknown", "overdue_open"})  # as it stands now: nothing to compare with
PERIODS = ("month", "quarter", "year")
DIMENSIONS = ("unit", "node", "tier", "item", "department", "kind", *PERIODS, "decision")
NONE = "none"  # the key of an item without a department, or that is not known here
DECIDED_ONLY = frozenset({"decision"})  # dimensions that only what was decided has
# What a share is made of, each part a list of its own: it is the first of all of them, of immediate items (即办件) of all that was filed.
PARTS: Mapping[str, tuple[str, ...]] = {"in_time": ("on_time", "late", "overdue_open"), "immediate": ("immediate", "filed")}
IMMEDIATE = "immediate"
FILED = frozenset({"filed", IMMEDIATE})  # counted by the day and the place of filing
ENOUGH = 10  # cases: with fewer a mean or a share is chance (DOMAIN A7, 样本不足)


class Cell(NamedTuple):
    """Cases that agree in what they are grouped by (a node's id, an item, a month such as 202611, a decision; where it is not asked
    for, nothing) and in how long they took. `paused` is the sum of the days that stood, in `stopped` cases. Where cases are counted by
    branch, the node is the child of this one in whose branch they lie, and `tier` that of their own node. `took`: of cases that took differently
    long the days and how many took so long, in place of `days`."""

    node: bytes = b""
    item: str = ""
    month: int = 0
    decision: str = ""
    days: int = 0
    n: int = 0
    late: int = 0
    unlimited: int = 0
    paused: int = 0
    stopped: int = 0
    tier: str = ""
    took: Sequence[tuple[int, int]] = ()


@dataclass(slots=True)
class Tally:
    """A group of cases. `days`: working days used -> cases; `parts`: of a share, what it is made of."""

    n: int = 0
    paused: int = 0
    stopped: int = 0
    days: Counter[int] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.n += other.n
        self.paused += other.paused
        self.stopped += other.stopped
        if other.days:  # of tens of thousands of cells most have neither
            self.days.update(other.days)
        if other.parts:
            self.parts.update(other.parts)

    def share(self, measure: str) -> float | None:
        """The first part in per cent of all with one decimal; None of nothing."""
        whole = self.whole(measure)
        return round(100 * self.parts[PARTS[measure][0]] / whole, 1) if whole else None

    def whole(self, measure: str) -> int:
        """Of how many cases a share is."""
        return self.parts["filed"] if measure == IMMEDIATE else sum(self.parts[one] for one in PARTS[measure])

    @property
    def mean(self) -> float | None:
        """Working days with one decimal; None of nothing."""
        return round(sum(day * n for day, n in self.days.items()) / self.n, 1) if self.n else None

    @property
    def median(self) -> float | None:
        """The middle one, of an even number the mean of the two in the middle."""
        low, high = self._at(((self.n + 1) // 2, self.n // 2 + 1))
        return (low + high) / 2 if low is not None and high is not None else None

    @property
    def p90(self) -> int | None:
        """The fewest working days in which nine of ten were done."""
        return self._at((-(-9 * self.n // 10),))[0]

    def _at(self, places: Sequence[int]) -> list[int | None]:
        """The days of the cases at some places (from 1), a later one never before an earlier, when all stand by their days."""
        found, seen, days = list[int | None](), 0, sorted(self.days.items())
        at = iter(days)
        day: int | None = None
        for place in places:
            while seen < place:
                day, n = next(at, (None, place))
                seen += n
            found.append(day)
        return found


# periods ------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def period_key(month: int, by: str) -> str:
    """The month, quarter or year that a month such as 202611 lies in: 2026-11, 2026-Q4, 2026."""
    year, number = divmod(month, 100)
    return {"month": f"{year}-{number:02}", "quarter": f"{year}-Q{(number + 2) // 3}", "year": str(year)}[by]


def period_days(key: str) -> tuple[dt.date, dt.date]:
    """First and last day of such a period. Errors: ValueError."""
    year = int(key[:4])
    if "Q" in key:
        first, months = dt.date(year, 3 * int(key[-1]) - 2, 1), 3
    else:
        first, months = dt.date(year, int(key[5:] or 1), 1), 1 if len(key) > 4 else 12
    return first, moved(first, months) - ONE


def period_before(key: str, by: str) -> str:
    """The one before."""
    return period_of(period_days(key)[0] - ONE, by)


def period_year_ago(key: str, by: str) -> str:
    """The same a year earlier."""
    return period_of(moved(period_days(key)[0], -12), by)


def period_of(day: dt.date, by: str) -> str:
    """The period that a day lies in."""
    return period_key(day.year * 100 + day.month, by)


def before(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The period before: as many whole months earlier as it has; for the first days of a month or of months the same days of those
    before; else as many days."""
    if first.day == 1:
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return moved(first, -months), _last(last, -months)
    return first - (last - first) - ONE, first - ONE


def year_ago(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The same days a year earlier."""
    return moved(first, -12), _last(last, -12)


def _last(day: dt.date, months: int) -> dt.date:
    """The end of a month stays the end of a month."""
    if (day + ONE).day == 1:
        return moved(day.replace(day=1), months + 1) - ONE
    return moved(day, months)


def moved(day: dt.date, months: int) -> dt.date:
    """So many months on; a day that the month has not is its last. Errors: ValueError beyond the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def total(tallies: Iterable[Tally]) -> Tally:
    """All together."""
    found = Tally()
    for one in tallies:
        found.add(one)
    return found
