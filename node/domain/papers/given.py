"""What a paper is made from, and how its parts are written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.domain.calendar import WorkCalendar, day_of
from node.domain.catalog.item import Item
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.catalog.revisions import Counting
from node.domain.model import Case, Event
from node.domain.papers.organs import Issuer, Office
from node.domain.papers.papers import Basis, day_text
from node.domain.words import terms


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a paper is made from. `case` as it stood after the basis; `bodies` the texts of acts by entry hash, where held;
    `office` issues the paper for `issuer`; `name_of` names a node, `staff_of` who did an act;
    `defaults` are telephones where the item gives none, `more` what the service adds."""

    basis: Basis
    case: Case
    now: Case
    item: Item
    events: Sequence[Event]
    application: Mapping[str, Any]
    query_code: str
    bodies: Mapping[bytes, Mapping[str, Any]]
    office: Office
    issuer: Issuer
    organ_tier: str
    holder_tier: str
    center: str
    calendar: WorkCalendar
    at: int
    name_of: Callable[[bytes], str]
    staff_of: Callable[[Event], str]
    former: Mapping[str, str] = field(
        default_factory=dict
    )  # materials that the item's present list does not have, by their names
    material_then: Callable[[int, str], str] | None = None  # what a material was called at a version of the case's chain
    revisions: Counting | None = None  # every revision of the calendar that is here
    rules: Mapping[int, Limits] = field(default_factory=lambda: LAWFUL)  # the published limits, every revision that is here
    notices: Sequence[tuple[str, bytes, int, str]] = ()  # of papers that were corrected or revoked: kind, who, when, number
    defaults: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def counting(self) -> Counting:
        """By which days a clock of the case counts."""
        return self.revisions or self.calendar

    @property
    def body(self) -> Mapping[str, Any]:
        return self.bodies.get(self.basis.event.hash, {})


def limit_text(limit: int | None, unit: str) -> str:
    if limit is None:
        return ""
    if limit == 0:
        return "当场办结"
    return f"{limit}个工作日" if unit != "calendar" else f"{limit}日"


def word(group: str, code: str) -> str:
    """A paper leaves out what has no word."""
    return terms.label(code, "zh", group) if (group, code) in terms.BY_GROUP else ""


def day(ms: int) -> str:
    return day_text(day_of(ms)) if ms else ""


def material_name(s: Sources, code: object) -> str:
    text = str(code)
    if text.isascii() and text.isdigit() and int(text) < len(s.item.materials):
        return s.item.materials[int(text)].name
    return ""
