"""What the pages of supervision show: one frozen dataclass a page. No applicant stands in any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.domain.supervision.documents import FoundFlaw, OversightCase

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tab:
    """A view with its figure; the link leads to exactly so many rows."""

    view: str
    value: int
    url: str


@dataclass(frozen=True, slots=True)
class OversightPage:
    """The cases of a view ("" for the rows behind a figure of the counts, then `title` says which). `silent` are (name, since)."""

    view: str
    title: str
    narrowed: Sequence[str]
    given: Mapping[str, str]
    tabs: Sequence[Tab]
    units: Sequence[Choice]
    items: Sequence[Choice]
    rows: Sequence[OversightCase]
    total: int
    first_url: str
    next_url: str
    clear_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    may_open: bool
    error: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """What was found, newest first; of one unit when `unit` names it."""

    unit: str
    rows: Sequence[FoundFlaw]
    total: int
    first_url: str
    next_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    may_open: bool
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit: its figures in the order of the columns, each with the page of exactly its rows; the share decided in time, and of how
    many."""

    name: str
    code: str
    tier: str
    figures: Sequence[tuple[int, str]]
    rate: float | None
    of: int
    silent_since: str | None
    revoked: bool


@dataclass(frozen=True, slots=True)
class UnitsPage:
    """The units of the subtree, the ones with most overdue cases first."""

    columns: Sequence[str]
    rows: Sequence[UnitRow]
    more: int
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
