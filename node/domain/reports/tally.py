"""The counts of the units for a month: what a cut counts up to its end, less what the cut of the month before counted (DOMAIN A8). Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from node.domain.calendar import day_of, end_of_day_ms
from node.domain.reports.columns import AGENCY_COUNTED, FLOWS
from node.domain.reports.cut import Cut, reach
from node.domain.reports.story import Story

CutOf: TypeAlias = Callable[[bytes], Cut | None]  # of a unit; None: everything that is here
_NOTHING = {"open": 0, "suspended": 0, "overdue_open": 0}
_EVER = -(2**62)
_FLOWS = frozenset(FLOWS)
_ADDED = frozenset({*FLOWS, *AGENCY_COUNTED, "used_days", "used_cases", "law_days", "law_used"})


class Month(NamedTuple):
    """A month of the calendar. `start` and `end` in ms: the first instant, and the first after it."""

    year: int
    month: int

    @property
    def code(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def start(self) -> int:
        return end_of_day_ms(self.first - dt.timedelta(days=1))

    @property
    def end(self) -> int:
        return self.next.start

    @property
    def next(self) -> Month:
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> Month:
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def year_before(self) -> Month:
        return Month(self.year - 1, self.month)


def read_month(text: str) -> Month | None:
    """YYYY-MM, of the years that a calendar may have; None for anything else."""
    year, dash, month = text.partition("-")
    fits = dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()
    return Month(int(year), int(month)) if fits and 1 <= int(month) <= 12 and 1990 <= int(year) <= 2999 else None


def month_of(ms: int) -> Month:
    day = day_of(ms)
    return Month(day.year, day.month)


class Told(NamedTuple):
    """What one case counts for one unit."""

    unit: bytes
    counts: Mapping[str, int]


def of_case(
    story: Story, earlier: Callable[[Cut], Story], month: Month, until: int, now: CutOf, base: CutOf
) -> Iterator[Told]:  # fmt: skip
    """What a case counts for each unit until a moment (the end of the month, or now). `earlier`: the entries that a cut counted, in the
    order in which they counted then. A `base` of None: nothing was reported of the unit before."""
    start = month.start
    for unit in _units(story):
        counted, cut = story[: reach(story, now(unit))], base(unit)
        before = counted if cut is None else earlier(cut)
        found = _between(counted, unit, start, until)
        if cut is not None:
            found.update(_corrections(counted, before, unit, start))
        found["carried"] += _stock(before, unit, start)["open"]
        found.update(_stock(counted, unit, until))
        if any(found.values()):
            yield Told(unit, {name: n for name, n in found.items() if n})


def _units(story: Story) -> Iterable[bytes]:
    found: dict[bytes, None] = {}
    for move in story:
        for unit in (move.holder, move.answers):
            if unit:
                found[unit] = None
        for unit, _ in move.counts:
            found[unit] = None
    return found


def _between(story: Story, unit: bytes, start: int, end: int) -> Counter[str]:
    """What was counted in a time."""
    found = Counter[str]()
    for move in story:
        if move.counts and start <= move.at < end:
            for (one, name), n in move.counts.items():
                if one == unit and name in _ADDED:
                    found[name] += n
    return found


def _corrections(counted: Story, before: Story, unit: bytes, start: int) -> Counter[str]:
    """What changes the counts of earlier months: it is counted now, and marked."""
    changed = _between(counted, unit, _EVER, start)
    changed.subtract(_between(before, unit, _EVER, start))
    of_cases = [n for name, n in changed.items() if name in _FLOWS and n]
    if of_cases:
        changed["corrected" if min(of_cases) < 0 else "late_reported"] += 1
    return changed


def _stock(story: Story, unit: bytes, moment: int) -> Mapping[str, int]:
    """How the unit had the case at a moment; past due it is his who answers for that."""
    last = next((move for move in reversed(story) if move.at < moment), None)
    if last is None or unit not in (last.holder, last.answers):
        return _NOTHING
    over = bool(last.due) and last.due < day_of(moment).isoformat() and last.answers == unit
    has = last.holder == unit
    return {"open": int(has), "suspended": int(has and last.suspended), "overdue_open": int(over)}


def added(told: Iterable[Told]) -> dict[bytes, Counter[str]]:
    """By unit, of all cases."""
    found: dict[bytes, Counter[str]] = {}
    for one in told:
        found.setdefault(one.unit, Counter()).update(one.counts)
    return found
