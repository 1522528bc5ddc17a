"""What a paper is made from, and how its parts are written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.domain.calendar import WorkCalendar, day_of
from node.domain.catalog.item import Item
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.model import Case, Event
from node.domain.papers.organs import Issuer, Office
from node.domain.papers.papers import Basis, day_text
from node.domain.words import terms


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a paper is made from. `case` as it stood after the basis; `bodies` the texts of acts by entry hash, where held;
    `office` issues the paper for `issuer`; `name_of` names a node, `staff_of` a person;
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
    staff_of: Callable[[str], str]
    rules: Mapping[int, Limits] = field(default_factory=lambda: LAWFUL)  # the published limits, every revision that is here
    defaults: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)

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
