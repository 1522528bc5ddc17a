"""Working days: the published calendar, and due dates counted by it.

Rule of counting (practice of 行政许可法 82 and the general rule of periods): the day of acceptance is not counted, the next
working day is the first; make-up Saturdays and Sundays are working days; due at the end of the last counted day. Days in
a pause, first and last included, are not counted. A limit in calendar days that ends on a day off moves to the next
working day outside a pause (民事诉讼法 85). A limit of 0 ends on the day itself, even if that is a day off.

The calendar is data and covers whole years. Beyond them weekends are the rule and the legal holidays that have a date of their own
(FIXED) are days off already, and every answer says `provisional`: make-up days and the holidays of the moon come with the notice. A
listed day makes its year known, except a day in December: it has no statutory holiday, so it comes from the notice of the
next year (2018-12-29 was a make-up day of New Year 2019).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

from node.domain.model import CST, Cited
from node.domain.words.errors import TongbanError

OFF, WORK = "off", "work"
ONE = dt.timedelta(days=1)
MAX_LIMIT = 10_000
MAX_BYTES, MAX_FAULTS, MAX_NAME = 4 << 20, 1000, 60
# Legal holidays of the solar calendar (全国年节及纪念日放假办法, as of 2025): New Year, Labour Day, National Day.
FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_KINDS = {"off": OFF, "work": WORK, "makeup_workday": WORK}
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")  # a spreadsheet turns 2027-01-01 into 2027/1/1
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY = _EPOCH.toordinal()
DAY_MS = 86_400_000
_CST_MS = 8 * 3_600_000
_FIRST_DAY, _LAST_DAY = dt.date(1, 1, 1).toordinal(), dt.date(9000, 12, 31).toordinal()


@dataclass(frozen=True, slots=True)
class Due:
    """A due date (end of that day, China Standard Time); `provisional` when the calendar does not reach that far."""

    date: dt.date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Listed days of whole years: `off` on what would be a working day or is a holiday, `work` on a make-up weekend."""

    revision: int = 0
    days: Mapping[dt.date, str] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    names: Mapping[dt.date, str] = field(default_factory=dict)  # of listed days: what people call them

    @classmethod
    def from_rows(
        cls, rows: Sequence[tuple[dt.date, str]], revision: int = 1, names: Mapping[dt.date, str] | None = None
    ) -> WorkCalendar:
        return cls(revision, dict(rows), frozenset(day.year for day, _ in rows if day.month != 12), dict(names or {}))

    @classmethod
    def from_csv(cls, data: bytes, revision: int = 1) -> WorkCalendar:
        """Columns date, kind (off | makeup_workday), name. Raises import_failed with every bad line; nothing is half read."""
        rows = _read_rows(data)
        return cls.from_rows([(day, kind) for day, kind, _ in rows], revision, {day: name for day, _, name in rows if name})

    @property
    def in_force(self) -> WorkCalendar:
        return self

    def cited_by(self, cites: Cited) -> WorkCalendar:
        """A calendar alone is the one that counts, whatever is cited (`catalog.revisions` chooses among several)."""
        return self

    def cited_alone(self, cites: Cited) -> WorkCalendar:
        return self

    @property
    def first_year(self) -> int:
        return min(self.years, default=0)

    @property
    def last_year(self) -> int:
        return max(self.years, default=0)

    def known(self, day: dt.date) -> bool:
        return day.year in self.years

    def is_workday(self, day: dt.date) -> bool:
        kind = self.days.get(day)
        return kind == WORK if kind is not None else day.weekday() < 5 and not self.is_fixed(day)

    def is_fixed(self, day: dt.date) -> bool:
        """Whether it is a legal holiday before the notice of its year says so."""
        return (day.month, day.day) in FIXED and day.year not in self.years

    def next_workday(self, day: dt.date) -> dt.date:
        """The first working day on or after `day`."""
        while not self.is_workday(day):
            day += ONE
        return day

    def add_workdays(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day`, before it for a negative count; day itself for 0. There is no day before the year 1 nor
        after the year 9999: there it ends."""
        step, last = (ONE, dt.date.max) if count >= 0 else (-ONE, dt.date.min)
        left = abs(count)
        while left > 0 and day != last:
            day += step
            left -= self.is_workday(day)
        return day

    def count_workdays(self, after: dt.date, until: dt.date) -> int:
        """Working days in (after, until]; 0 when `until` is not later. Takes no longer for a distant day."""
        if until <= after:
            return 0
        count = _weekdays_through(until) - _weekdays_through(after) - _fixed_through(until) + _fixed_through(after)
        count += sum(after < day <= until for year in self.years for day in _fixed_weekdays(year))
        for day, kind in self.days.items():
            if after < day <= until:
                count += (kind == WORK) - (day.weekday() < 5 and not self.is_fixed(day))
        return count

    def merged(self, other: WorkCalendar) -> WorkCalendar:
        """A new year is added or replaces that year. Days of a year `other` does not know are added one by one, and a
        replaced year keeps what the next year's notice said of its December unless `other` has its own."""
        decembers = {day.year for day in other.days if day.month == 12}
        kept = {
            day: kind
            for day, kind in self.days.items()
            if day.year not in other.years or (day.month == 12 and day.year not in decembers)
        }
        names = {day: name for day, name in self.names.items() if day in kept} | dict(other.names)
        return WorkCalendar(max(self.revision, other.revision), {**kept, **other.days}, self.years | other.years, names)

    def to_document(self) -> dict[str, Any]:
        days = [[day.isoformat(), kind] for day, kind in sorted(self.days.items())]
        names = {day.isoformat(): name for day, name in sorted(self.names.items()) if day in self.days}
        return {"revision": self.revision, "years": sorted(self.years), "days": days, "names": names}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> WorkCalendar:
        """The inverse of `to_document`; a kind of day that this version does not know is an ordinary day."""
        days = {dt.date.fromisoformat(day): str(kind) for day, kind in document["days"] if kind in (OFF, WORK)}
        said = document.get("names", {}).items()
        names = {dt.date.fromisoformat(day): str(name)[:MAX_NAME] for day, name in said}
        return cls(int(document["revision"]), days, frozenset(document["years"]), names)


def _weekdays_through(day: dt.date) -> int:
    """Mondays to Fridays from 0001-01-01 (a Monday) to `day`, both included."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


@lru_cache(maxsize=1024)
def _fixed_weekdays(year: int) -> tuple[dt.date, ...]:
    """The fixed holidays of a year that are no Saturday or Sunday."""
    days = (dt.date(year, month, day) for month, day in FIXED) if dt.MINYEAR <= year <= dt.MAXYEAR else ()
    return tuple(day for day in days if day.weekday() < 5)


@lru_cache(maxsize=1)
def _fixed_in_a_cycle() -> tuple[int, ...]:
    """How many of them the first n of 400 years have, for n from 0: after 400 years the days of the week come again."""
    return tuple(accumulate((len(_fixed_weekdays(year)) for year in range(1, 401)), initial=0))


def _fixed_through(day: dt.date) -> int:
    """Fixed holidays on Mondays to Fridays from 0001-01-01 to `day`, both included."""
    cycles, rest = divmod(day.year - 1, 400)
    before = _fixed_in_a_cycle()
    return cycles * before[-1] + before[rest] + sum(one <= day for one in _fixed_weekdays(day.year))


# reading a file ----------------------------------------------------------------------------------------------------------


def _read_rows(data: bytes) -> list[tuple[dt.date, str, str]]:
    rows: dict[dt.date, tuple[dt.date, str, str]] = {}
    bad: dict[str, str] = {}
    for line, row in _lines(data):
        day, kind = read_day(row.get("date") or ""), kind_of(row.get("kind") or "")
        name = " ".join((row.get("name") or "").split())
        if day is None:
            bad[f"line {line}"] = "invalid"
        elif day in rows:
            bad[f"line {line}"] = "duplicate"
        elif flaw := flaw_of(day, kind, name):
            bad[f"line {line}"] = flaw
        else:
            rows[day] = (day, kind, name)
    if not rows and not bad:
        raise _refused(1, "missing")
    if bad:
        raise TongbanError("import_failed", dict(list(bad.items())[:MAX_FAULTS]), count=len(bad))
    return list(rows.values())


def kind_of(text: str) -> str:
    """`off` or `work` for what a file or a person says; "" for anything else."""
    return _KINDS.get(text.strip(), "")


def flaw_of(day: dt.date, kind: str, name: str) -> str:
    """What is wrong with a listed day, as a code of FIELD_ERRORS; "" for nothing."""
    if kind not in (OFF, WORK):
        return "not_a_choice"
    if kind == WORK and day.weekday() < 5:
        return "out_of_range"  # a make-up day is a Saturday or a Sunday
    if len(name) > MAX_NAME:
        return "too_long"
    return "" if name.isprintable() else "bad_character"


def _lines(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row that is not blank. Raises import_failed for what is no such table at all."""
    if len(data) > MAX_BYTES:
        raise _refused(1, "too_long")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:  # most likely GBK, from a spreadsheet
        raise _refused(data.count(b"\n", 0, error.start) + 1, "bad_character") from None
    if "\0" in text:
        raise _refused(text.count("\n", 0, text.index("\0")) + 1, "bad_character")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        if lacking := [name for name in ("date", "kind") if name not in header]:
            raise TongbanError("import_failed", {f"column {name}": "missing_column" for name in lacking}, count=len(lacking))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error:
        raise _refused(reader.line_num, "invalid") from None


def read_day(text: str) -> dt.date | None:
    """A day as people and spreadsheets write it; None for what is none."""
    match = _DATE.fullmatch(text.strip())
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])) if match is not None else None
    except ValueError:
        return None


def _refused(line: int, code: str) -> TongbanError:
    return TongbanError("import_failed", {f"line {line}": code}, count=1)


# counting ----------------------------------------------------------------------------------------------------------------


def due_date(
    cal: WorkCalendar,
    start: dt.date,
    limit: int,
    unit: str = "workday",
    extension: int = 0,
    pauses: Sequence[tuple[dt.date, dt.date]] = (),
) -> Due:
    """The last day of `limit` (+ `extension`) days counted from the day after `start`. Pauses are inclusive.

    unit: "workday" or "calendar". Raises invalid_input for a negative or absurd limit or a pause that ends before it begins.
    """
    if unit not in ("workday", "calendar"):
        raise TongbanError("invalid_input", {"unit": "not_a_choice"})
    if not 0 <= limit <= MAX_LIMIT or not 0 <= extension <= MAX_LIMIT:
        raise TongbanError("invalid_input", {"limit": "out_of_range"})
    if any(last < first for first, last in pauses):
        raise TongbanError("invalid_input", {"pause": "out_of_range"})
    try:
        day = _count(cal, start, limit + extension, unit, sorted(pauses))
    except OverflowError:
        raise TongbanError("invalid_input", {"accepted_at": "out_of_range"}) from None
    return Due(day, not cal.years.issuperset(range(start.year, day.year + 1)))


def _count(cal: WorkCalendar, start: dt.date, total: int, unit: str, pauses: list[tuple[dt.date, dt.date]]) -> dt.date:
    day = start
    while total > 0:
        day = _outside(day + ONE, pauses)
        total -= unit == "calendar" or cal.is_workday(day)
    while unit == "calendar" and day != start and not cal.is_workday(day):
        day = _outside(day + ONE, pauses)
    return day


def _outside(day: dt.date, pauses: list[tuple[dt.date, dt.date]]) -> dt.date:
    """The first day from `day` on that lies in no pause; `pauses` are in order of their first days."""
    for first, last in pauses:
        if first <= day <= last:
            day = last + ONE
    return day


# days and instants -------------------------------------------------------------------------------------------------------


def day_of(ms: int) -> dt.date:
    """The day in China of an instant in ms since 1970. Never raises: an absurd claim becomes the first or last day we count."""
    return _counted((int(ms) + _CST_MS) // DAY_MS)


@lru_cache(maxsize=4096)
def _counted(since_epoch: int) -> dt.date:
    return dt.date.fromordinal(min(max(_EPOCH_DAY + since_epoch, _FIRST_DAY), _LAST_DAY))


def ms_of(moment: dt.datetime) -> int:
    """Milliseconds since 1970 of an aware datetime. Raises ValueError for a naive one: whose time would it be?"""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone")
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


def end_of_day_ms(day: dt.date) -> int:
    """The first instant after a day in China."""
    return ms_of(dt.datetime.combine(day, dt.time(), CST)) + DAY_MS
