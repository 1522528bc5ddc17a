"""Every revision of what a root published, and which of them counts for a clock. Pure.

A clock begins with the calendar that the entry cites which started it. What is published later changes the days from the day after its
publication on, and no day before: what has been counted stays as people were told. So a due day that has passed cannot move any more,
and one that is open moves with each later revision in turn (DESIGN, "Revisions"). Whoever holds the same entries and the same documents
counts the same days, wherever and whenever he counts.

A revision is named by its number and the beginning of its hash. A root that was restored may have published a second document under a
number that it had forgotten: then both are revisions, one after the other by the moment of their publication, and the next number
supersedes both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, Protocol

from node.domain.calendar import FIXED, OFF, ONE, WorkCalendar, day_of
from node.domain.catalog.limits import LAW, Limits
from node.domain.model import Cited


class Revision(NamedTuple):
    """One published document: its number, its mark (the first bytes of its hash), and when it was published (ms)."""

    number: int
    mark: bytes
    published: int


class Counting(Protocol):
    """Whatever says which days count. A single calendar says the same whatever is cited."""

    @property
    def in_force(self) -> WorkCalendar:
        """The calendar of the latest revision."""
        ...

    def cited_by(self, cites: Cited) -> WorkCalendar | None:
        """The days as they count for a clock whose start cites so; None while something is not here that this needs."""
        ...

    def cited_alone(self, cites: Cited) -> WorkCalendar | None:
        """The days as they were said when the clock started; None while that document is not here."""
        ...


class Alone:
    """As if nothing had been published since each clock started."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting

    @property
    def in_force(self) -> WorkCalendar:
        return self._counting.in_force

    def cited_by(self, cites: Cited) -> WorkCalendar | None:
        return self._counting.cited_alone(cites)

    def cited_alone(self, cites: Cited) -> WorkCalendar | None:
        return self._counting.cited_alone(cites)


class Calendars:
    """All revisions of the calendar that are here."""

    def __init__(self, found: Mapping[Revision, WorkCalendar]) -> None:
        """`found`: the documents that are here and can be read; the order does not matter."""
        self._revisions = in_order(found)
        self._found = dict(found)
        self._made: dict[tuple[int, bytes], WorkCalendar | None] = {}

    @property
    def in_force(self) -> WorkCalendar:
        return self._found[self._revisions[-1]] if self._revisions else WorkCalendar()

    @property
    def marks(self) -> list[tuple[int, bytes]]:
        """(number, mark) of each revision in the order in which they count."""
        return [(one.number, one.mark) for one in self._revisions]

    def with_another(self, calendar: WorkCalendar, at: int) -> Calendars:
        """As it would be with one more publication, at the moment `at` (ms)."""
        last = self._revisions[-1].number if self._revisions else 0
        return Calendars({**self._found, Revision(last + 1, b"", at): calendar})

    def cited_by(self, cites: Cited) -> WorkCalendar | None:
        key = (cites.calendar, cites.calendar_mark)
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def cited_alone(self, cites: Cited) -> WorkCalendar | None:
        at = _place(self._revisions, cites.calendar, cites.calendar_mark)
        if at is None:
            return None
        return self._found[self._revisions[at]] if cites.calendar else WorkCalendar()

    def _make(self, number: int, mark: bytes) -> WorkCalendar | None:
        at, calendar = _place(self._revisions, number, mark), self.cited_alone(Cited(calendar=number, calendar_mark=mark))
        if at is None or calendar is None or has_gap(self._revisions[at:], number):
            return None
        for later in self._revisions[at + 1 if number else 0 :]:
            calendar = followed(calendar, self._found[later], day_of(later.published) + ONE)
        return calendar


class Rulebooks(Mapping[int, Limits]):
    """The limits of all revisions of the rules that are here, by number (of two of one number the later); 0 is the law."""

    def __init__(self, found: Mapping[Revision, Limits]) -> None:
        self._revisions = in_order(found)
        self._marked = {(one.number, one.mark): limits for one, limits in found.items()}
        self._numbered = {0: LAW, **{one.number: found[one] for one in self._revisions}}

    def __getitem__(self, number: int) -> Limits:
        return self._numbered[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbered)

    def __len__(self) -> int:
        return len(self._numbered)

    @property
    def marks(self) -> list[tuple[int, bytes]]:
        return [(one.number, one.mark) for one in self._revisions]

    def cited_by(self, cites: Cited) -> Limits | None:
        """What an entry cites; None while it is not here."""
        if not cites.rules_mark:
            return self._numbered.get(cites.rules)
        return self._marked.get((cites.rules, cites.rules_mark))


def limits_of(rules: Mapping[int, Limits], cites: Cited) -> Limits | None:
    """The limits that an entry cites, by number where the reader has no marks; None while they are not here."""
    return rules.cited_by(cites) if isinstance(rules, Rulebooks) else rules.get(cites.rules)


# order -------------------------------------------------------------------------------------------------------------------


def in_order(found: Mapping[Revision, object]) -> list[Revision]:
    """As they count: by number, of one number by the moment of publication, of one moment by the hash."""
    return sorted(found, key=lambda one: (one.number, one.published, one.mark))


def doubled(marks: Sequence[tuple[int, bytes]]) -> list[int]:
    """The numbers under which there are two documents."""
    return sorted({one for (one, _), (other, _) in pairwise(sorted(marks)) if one == other})


def has_gap(revisions: Sequence[Revision], before: int) -> bool:
    """Whether a revision between them, or between the number `before` and them, has not come yet."""
    numbers = [before, *(one.number for one in revisions)]
    return any(later - one > 1 for one, later in pairwise(numbers))


def _place(revisions: Sequence[Revision], number: int, mark: bytes) -> int | None:
    """Where a cited revision stands; of a number without a mark the first. None when it is not here; 0 where none is cited."""
    if not number:
        return 0
    fit = (n for n, one in enumerate(revisions) if one.number == number and (not mark or one.mark == mark))
    return next(fit, None)


# the days ----------------------------------------------------------------------------------------------------------------


def followed(old: WorkCalendar, new: WorkCalendar, first: dt.date) -> WorkCalendar:
    """The days as `old` says before `first`, and from that day on as `new` says."""
    days = {day: kind for day, kind in old.days.items() if day < first} | {d: kind for d, kind in new.days.items() if d >= first}
    names = {day: name for day, name in old.names.items() if day < first} | {
        d: name for d, name in new.names.items() if d >= first
    }
    for year in old.years ^ new.years:  # a legal holiday is one by its date alone only while its year is not known
        for day in (dt.date(year, *one) for one in FIXED):
            if (old if day < first else new).is_fixed(day) and day not in days:
                days[day] = OFF
    return replace(new, days=days, names=names, years=old.years | new.years)
