"""Working days: the published calendar, and due dates counted by it.

Rule of counting (practice of 行政许可法 82 and the general rule of periods): the day of acceptance is not counted, the next
working day is the first; make-up Saturdays and Sundays are working days; due at the end of the last counted day. Days in
a pause, first and last included, are not counted. A limit in calendar days that ends on a day off moves to the next
working day. A limit of 0 ends on the day itself.

The calendar is data and covers whole years. Beyond them weekends are the rule, and every answer says `provisional`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.domain.errors import TongbanError
from node.domain.model import CST

OFF, WORK = "off", "work"
ONE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date (end of that day, China Standard Time); `provisional` when the calendar does not reach that far."""

    date: dt.date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Listed days of whole years: `off` on what would be a working day or is a holiday, `work` on a make-up weekend."""

    revision: int = 0
    days: Mapping[dt.date, str] = ()  # type: ignore[assignment]
    years: frozenset[int] = frozenset()

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[dt.date, str]], revision: int = 1) -> WorkCalendar:
        return cls(revision, dict(rows), frozenset(day.year for day, _ in rows))

    @classmethod
    def from_csv(cls, data: bytes, revision: int = 1) -> WorkCalendar:
        """Columns date, kind (off | makeup_workday), name. Raises import_failed with every bad line; nothing is half read."""
        return cls.from_rows(_read_rows(data), revision)

    @property
    def first_year(self) -> int:
        return min(self.years, default=0)

    @property
    def last_year(self) -> int:
        return max(self.years, default=0)

    def known(self, day: dt.date) -> bool:
        return day.year in self.years

    def is_workday(self, day: dt.date) -> bool:
        kind = self.days.get(day) if self.days else None
        return kind == WORK if kind is not None else day.weekday() < 5

    def next_workday(self, day: dt.date) -> dt.date:
        """The first working day on or after `day`."""
        while not self.is_workday(day):
            day += ONE
        return day

    def add_workdays(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day` (day itself for 0)."""
        while count > 0:
            day += ONE
            if self.is_workday(day):
                count -= 1
        return day

    def count_workdays(self, after: dt.date, until: dt.date) -> int:
        """Working days in (after, until]."""
        count, day = 0, after
        while day < until:
            day += ONE
            count += self.is_workday(day)
        return count

    def merged(self, other: WorkCalendar) -> WorkCalendar:
        """A new year is added or replaces that year."""
        kept = {day: kind for day, kind in (self.days or {}).items() if day.year not in other.years}
        return WorkCalendar(max(self.revision, other.revision), {**kept, **other.days}, self.years | other.years)

    def to_document(self) -> dict[str, Any]:
        days = [[day.isoformat(), kind] for day, kind in sorted((self.days or {}).items())]
        return {"revision": self.revision, "years": sorted(self.years), "days": days}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> WorkCalendar:
        days = {dt.date.fromisoformat(day): str(kind) for day, kind in document["days"]}
        return cls(int(document["revision"]), days, frozenset(document["years"]))


def _read_rows(data: bytes) -> list[tuple[dt.date, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TongbanError("import_failed", {"line 1": "bad_character"}, count=1) from None
    rows: list[tuple[dt.date, str]] = []
    bad: dict[str, str] = {}
    seen: set[dt.date] = set()
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
        try:
            day = dt.date.fromisoformat((row.get("date") or "").strip())
        except ValueError:
            bad[f"line {line}"] = "invalid"
            continue
        kind = (row.get("kind") or "").strip()
        kind = WORK if kind == "makeup_workday" else kind
        if kind not in (OFF, WORK):
            bad[f"line {line}"] = "not_a_choice"
        elif day in seen:
            bad[f"line {line}"] = "duplicate"
        elif kind == WORK and day.weekday() < 5:
            bad[f"line {line}"] = "out_of_range"  # a make-up day is a Saturday or a Sunday
        seen.add(day)
        rows.append((day, kind))
    if not rows and not bad:
        bad["line 1"] = "missing"
    if bad:
        raise TongbanError("import_failed", bad, count=len(bad))
    return rows


def due_date(
    cal: WorkCalendar, start: dt.date, limit: int, unit: str = "workday", extension: int = 0, pauses: Sequence[tuple[dt.date, dt.date]] = ()
) -> Due:
    """The last day of `limit` (+ `extension`) days counted from the day after `start`. Pauses are inclusive.

    unit: "workday" or "calendar". Raises invalid_input for a negative or absurd limit or a pause that ends before it begins.
    """
    if unit not in ("workday", "calendar"):
        raise TongbanError("invalid_input", {"unit": "not_a_choice"})
    total = limit + extension
    if not 0 <= limit <= 10_000 or not 0 <= extension <= 10_000:
        raise TongbanError("invalid_input", {"limit": "out_of_range"})
    if any(last < first for first, last in pauses):
        raise TongbanError("invalid_input", {"pause": "out_of_range"})
    try:
        day = _count(cal, start, total, unit, pauses)
    except OverflowError:
        raise TongbanError("invalid_input", {"accepted_at": "out_of_range"}) from None
    return Due(day, not (cal.known(start) and cal.known(day)))


def _count(cal: WorkCalendar, start: dt.date, total: int, unit: str, pauses: Sequence[tuple[dt.date, dt.date]]) -> dt.date:
    day = start
    while total > 0:
        day += ONE
        paused = any(first <= day <= last for first, last in pauses)
        if not paused and (unit == "calendar" or cal.is_workday(day)):
            total -= 1
    return cal.next_workday(day) if unit == "calendar" and day != start else day


def day_of(ms: int) -> dt.date:
    """The day in China of an instant in ms since 1970."""
    return dt.datetime.fromtimestamp(ms / 1000, CST).date()


def ms_of(moment: dt.datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return round(moment.timestamp() * 1000)


def end_of_day_ms(day: dt.date) -> int:
    """The first instant after a day in China."""
    return ms_of(dt.datetime.combine(day + ONE, dt.time(), CST))
