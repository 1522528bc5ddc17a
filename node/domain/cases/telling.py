"""What an event says in its facts, in words: on the page of a case, its timeline and the tracking sheet.

Driven by the schema: a fact is told under its name (`fact` in the glossary), and a code by the word of the group that has the
fact's name, so that a new fact needs its words only. `GROUPS` names the group where it is called otherwise, `HOW` what is no code
of the glossary, and `HIDDEN` what people do not read here, with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from node.domain.cases.lifecycle import BY_ACTION
from node.domain.model import Event, Facts, FactValue
from node.domain.words.terms import label

Said: TypeAlias = tuple[str, str]  # in Chinese and in English

# The group of a code where it is not called like the fact.
GROUPS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("suspended", "kind"): "step_kind",
        ("resumed", "kind"): "step_kind",
        ("voided", "kind"): "void_kind",
        ("undone", "kind"): "kind",
        ("reminded", "to"): "reminded",
        ("request_declined", "asked"): "action",
    }
)
IN_THE_ROW, ELSEWHERE, MACHINE = "stands in the row itself", "stands elsewhere on the page", "for machines"
UNSAID = frozenset({("ground", "none")})  # says that something else was not done
HIDDEN: Mapping[str, str] = MappingProxyType(
    {
        "tier": IN_THE_ROW, "resume_status": IN_THE_ROW, "assignee": IN_THE_ROW, "from": IN_THE_ROW,
        "item": ELSEWHERE, "materials": ELSEWHERE, "size": ELSEWHERE, "village": ELSEWHERE, "item_version": ELSEWHERE,
        "item_hash": MACHINE, "source": MACHINE, "query_salt": MACHINE, "query_hash": MACHINE, "objects": MACHINE, "blobs": MACHINE,
        "organ": ELSEWHERE, "type": ELSEWHERE, "year": ELSEWHERE, "series": ELSEWHERE, "serial": ELSEWHERE, "day": ELSEWHERE,
        "reason_chars": MACHINE, "reason_is_example": MACHINE, "remedies": MACHINE,
        "places": MACHINE, "blob": MACHINE, "base": MACHINE, "request": MACHINE, "sends": ELSEWHERE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One fact in both languages; `name` is that of the fact."""

    name: str
    label: str
    value: str
    label_en: str
    value_en: str


@dataclass(frozen=True, slots=True)
class Names:
    """What only who holds the tables knows: the names of nodes, of steps and of materials, and the day of reading."""

    node: Callable[[bytes], str]
    step: Callable[[str], str]
    material: Callable[[str], str]
    today: dt.date


def tell(event: Event, names: Names) -> tuple[Told, ...]:
    """The facts of an event that people read, in the order of the entry. Total: a fact of a later version is told as it is."""
    return tell_facts(event.kind, event.facts, names)


def tell_facts(kind: str, facts: Facts, names: Names) -> tuple[Told, ...]:
    """The same of any entry that is about a case."""
    found = []
    for name, value in facts.items():
        if name in HIDDEN or value in ((), "") or (name, value) in UNSAID:
            continue
        said = HOW[name](value, names) if name in HOW else _plain(group_of(kind, name), value, names)
        if said is not None:
            found.append(Told(name, label(name, "zh", "fact"), said[0], label(name, "en", "fact"), said[1]))
    return tuple(found)


def group_of(kind: str, fact: str) -> str:
    """The group of the glossary in which the codes of a fact have their words."""
    return GROUPS.get((kind, fact), fact)


def group_of_field(action: str, field: str) -> str:
    """The same for the choices of a field: they become the fact of that name."""
    return next((group for row in BY_ACTION.get(action, ()) if (group := group_of(row.kind, field)) != field), field)


# how -----------------------------------------------------------------------------------------------------------------------


def _node(value: FactValue, names: Names) -> Said | None:
    name = names.node(value) if isinstance(value, bytes) else ""
    return (name, name) if name else None


def _step(value: FactValue, names: Names) -> Said | None:
    return _all((names.step(str(value)) or label(str(value), "zh"),), (names.step(str(value)) or label(str(value), "en"),))


def _materials(value: FactValue, names: Names) -> Said | None:
    """Numbers of materials, perhaps with how many copies came: `2:1`."""
    codes = value if isinstance(value, tuple) else (value,)
    found = [name for code in codes if (name := names.material(str(code).partition(":")[0]))]
    return _all(found, found)


def _workdays(value: FactValue, names: Names) -> Said | None:
    """A day more than nought; what is no number is not told."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    return f"{value} 个工作日", "1 working day" if value == 1 else f"{value} working days"


def _people(value: FactValue, names: Names) -> Said | None:
    return f"{value!s} 人", str(value)


def _as_written(value: FactValue, names: Names) -> Said | None:
    return str(value), str(value)


HOW: Mapping[str, Callable[[FactValue, Names], Said | None]] = MappingProxyType(
    {
        "step": _step, "target": _node, "giver": _node, "receiver": _node,
        "items": _materials, "files": _materials, "papers": _materials, "material": _materials, "gap": _materials,
        "days": _workdays, "over": _workdays, "extension_days": _workdays,
        "application_no": _as_written, "basis": _as_written, "replaces": _as_written, "same_applicant_as": _as_written,
        "inspectors": _people, "month": _as_written, "inspectors_carded": _people,
    }
)  # fmt: skip


def _plain(group: str, value: FactValue, names: Names) -> Said | None:
    """By its type: a code by its word, a day as people write it, yes or no. A hash is for machines."""
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, dt.date):
        return day_of_people(value, names.today)
    if isinstance(value, tuple):
        codes = [one for one in value if isinstance(one, str)]
        return _all([label(one, "zh", group) for one in codes], [label(one, "en", group) for one in codes])
    if isinstance(value, bytes):
        return None
    return label(str(value), "zh", group), label(str(value), "en", group)


def day_of_people(day: dt.date, today: dt.date) -> Said:
    """With the year only when it is not this one."""
    this = day.year == today.year
    zh = f"{day.month}月{day.day}日" if this else f"{day.year}年{day.month}月{day.day}日"
    return zh, f"{day:%d %b}".lstrip("0") if this else f"{day:%d %b %Y}".lstrip("0")


def _all(zh: list[str] | tuple[str, ...], en: list[str] | tuple[str, ...]) -> Said | None:
    return ("、".join(zh), ", ".join(en)) if zh else None
