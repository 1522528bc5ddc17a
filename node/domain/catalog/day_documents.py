"""What the pages and commands of the working calendar get. Days are ISO texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from node.domain.catalog.days import DayChange


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day that is not what its weekday says, or has a name. kind: off | work. `provisional`: fixed by law, its year not published."""

    date: str
    kind: str
    name: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class MoveRow:
    """An open case whose due day moves. `unit`: the center that has it, by name; `after` is "" where no day is left."""

    case_no: str
    item_id: str
    item: str
    node: str
    unit: str
    before: str
    after: str


class DaysListed(TypedDict):
    """`years`: those that are published whole."""

    revision: int
    years: list[int]
    days: list[dict[str, object]]


class DaysPublished(TypedDict):
    """`added`, `removed` and `altered` count days. `moved`: cases whose due day moved, the first 1,000 of `moved_count`; `following`: more
    may be found, because not every case was reckoned anew yet."""

    days: int
    years: list[int]
    changed: bool
    revision: int
    added: int
    removed: int
    altered: int
    moved_count: int
    following: bool
    moved: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is put together and not published yet. `token` stands for what was seen; `untouched`: days before `since`, which stay as they
    are; `unseen`: cases that may move too and were not looked at."""

    token: str
    since: str
    changes: tuple[DayChange, ...]
    untouched: tuple[DayChange, ...]
    removed: int
    years: tuple[int, ...]
    moved: tuple[MoveRow, ...]
    unseen: int
    revision: int
    by: str


@dataclass(frozen=True, slots=True)
class CalendarRevision:
    """One publication of the calendar. `at`: when it was written, ISO with zone; `since`: from which day it counts, "" for all."""

    revision: int
    at: str
    by: str
    since: str
    changes: tuple[DayChange, ...]
    moved: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What one publication changed and moved: a page of rows. `following`: the cases here are still being looked at."""

    revision: CalendarRevision
    rows: tuple[MoveRow, ...]
    total: int
    page: int
    pages: int
    following: bool


@dataclass(frozen=True, slots=True)
class YearOfDays:
    """A year as everybody sees it. `today` for the mark; `pending`: changes that wait to be published."""

    year: int
    years: tuple[int, ...]
    revision: int
    known: bool
    days: tuple[ListedDay, ...]
    workdays: tuple[int, ...]
    today: str
    pending: int
    root: bool
