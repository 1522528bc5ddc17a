"""What differs between two versions of an item, what to warn of, and how two people's changes are put together.

A difference is facts only: which field, the old and the new value, and for lists (materials, special steps) which rows came,
went, changed or moved. The words are the reader's (`edge_ui`). Rows of a list are known by their names.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.domain.catalog.documents import ChangeDocument, Row, RowChangeDocument, Value
from node.domain.catalog.item import ART_45, LICENCE, LISTS, Item, Material, SpecialStep
from node.domain.json_values import JsonObject

FIELDS = (
    "name", "department", "category", "item_code_basic", "item_code_real", "case_type", "approval_level", "accept_levels",
    "agent_allowed", "statutory_limit", "statutory_unit", "promised_limit", "extension_days", "paper_required_at",
    "special_steps", "materials", "conditions", "fee", "result",
    "legal_basis", "legal_text_version", "remedy", "review_organ", "court", "co_departments", "contact", "withdrawn", "extra",
)  # fmt: skip
MAPPINGS = ("contact", "extra")


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of a list: `kind` is added, removed, changed or moved; places count from 1, 0 for none."""

    kind: str
    name: str
    old: Row | None
    new: Row | None
    old_place: int
    new_place: int

    def as_document(self) -> RowChangeDocument:
        places = (self.old_place, self.new_place)
        return {
            "kind": self.kind,
            "name": self.name,
            "old": self.old,
            "new": self.new,
            "old_place": places[0],
            "new_place": places[1],
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. Of contact and extra each entry is a field of its own, named `contact.KEY`."""

    field: str
    old: Value
    new: Value
    rows: tuple[RowChange, ...] = ()

    def as_document(self) -> ChangeDocument:
        return {"field": self.field, "old": self.old, "new": self.new, "rows": [row.as_document() for row in self.rows]}


def difference(old: Item | None, new: Item) -> tuple[Change, ...]:
    """Field by field, in the order of the form; without the version, the start and the layer. All filled fields when there is no old."""
    found: list[Change] = []
    for name in FIELDS:
        before = getattr(old, name) if old is not None else None
        after = getattr(new, name)
        if name in MAPPINGS:
            found += _entries(name, before or {}, after)
        elif name in LISTS:
            if rows := _rows(before or (), after):
                found.append(Change(name, None, None, rows))
        elif before != after and not (old is None and after in ("", None, ())):
            found.append(Change(name, _plain(before), _plain(after)))
    return tuple(found)


def same_content(one: Item, other: Item) -> bool:
    """Whether two versions say the same, whenever they start and whoever published them."""
    return _content(one) == _content(other)


def _content(item: Item) -> bytes:
    return dataclasses.replace(item, effective_from=None, layer_tier="city", version=0).content_bytes()


def _plain(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


def _entries(field: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    keys = [*new, *(key for key in old if key not in new)]
    return [Change(f"{field}.{key}", old.get(key, ""), new.get(key, "")) for key in keys if old.get(key, "") != new.get(key, "")]


def _rows(old: Sequence[Material | SpecialStep], new: Sequence[Material | SpecialStep]) -> tuple[RowChange, ...]:
    before = {row.name: (place, dataclasses.asdict(row)) for place, row in enumerate(old, 1)}
    after = {row.name: (place, dataclasses.asdict(row)) for place, row in enumerate(new, 1)}
    stayed_before = [name for name in before if name in after]
    stayed_after = [name for name in after if name in before]
    moved = {name for one, name in zip(stayed_before, stayed_after, strict=True) if one != name}
    found = []
    for name, (place, row) in after.items():
        was = before.get(name)
        if was is None:
            found.append(RowChange("added", name, None, row, 0, place))
        elif was[1] != row:
            found.append(RowChange("changed", name, was[1], row, was[0], place))
        elif name in moved:
            found.append(RowChange("moved", name, was[1], row, was[0], place))
    found += [RowChange("removed", name, row, None, place, 0) for name, (place, row) in before.items() if name not in after]
    return tuple(found)


# doubts --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at before publishing. `refused`: publication is refused until it is put right."""

    code: str
    refused: bool = False
    details: JsonObject = dataclasses.field(default_factory=dict)

    def as_document(self) -> JsonObject:
        return {"code": self.code, "refused": self.refused, **self.details}


def unfounded_stop(step: SpecialStep, regime: str) -> bool:
    """Whether a step claims not to count without the right to: 行政许可法 45 (licences only) or a citation of its own."""
    return not step.counts and not step.stop_basis and not (regime == LICENCE and step.kind in ART_45)


def doubts(old: Item | None, new: Item) -> tuple[Doubt, ...]:
    """What an editor is told of a change, the refusals first."""
    found = [Doubt("stop_without_basis", True, {"step": s.name}) for s in new.special_steps if unfounded_stop(s, new.regime)]
    if promise_over_statute(new):
        limits = {"promised": new.promised_limit, "statutory": new.statutory_limit, "unit": new.statutory_unit}
        found.append(Doubt("promise_over_statute", details=limits))
    if old is not None:
        found += _tougher(old, new)
    return tuple(found)


def promise_over_statute(item: Item) -> bool:
    """Whether working days promised end after the statutory limit; seven days of the calendar have five working days."""
    if item.statutory_limit is None or item.promised_limit is None:
        return False
    if item.statutory_unit == "calendar":
        return item.promised_limit * 7 > item.statutory_limit * 5
    return item.promised_limit > item.statutory_limit


def _tougher(old: Item, new: Item) -> list[Doubt]:
    """What makes it harder for the applicant than it was."""
    found = []
    if new.withdrawn and not old.withdrawn:
        found.append(Doubt("withdrawn"))
    if old.promised_limit is not None and (new.promised_limit is None or new.promised_limit > old.promised_limit):
        found.append(Doubt("promise_longer", details={"old": old.promised_limit, "new": new.promised_limit}))
    known = {m.name for m in old.materials if m.required}
    asked = [m.name for m in new.materials if m.required and m.name not in known]
    if asked:
        found.append(Doubt("more_materials", details={"names": asked}))
    gone = [level for level in old.accept_levels if level not in new.accept_levels]
    if gone:
        found.append(Doubt("fewer_places", details={"levels": gone}))
    return found


# putting together ----------------------------------------------------------------------------------------------------


def merge(base: Item | None, mine: Item, current: Item) -> tuple[Item, tuple[str, ...]]:
    """My changes since `base` put on `current`; the fields both of us changed differently, where mine stands.

    Lists are one field: rows of one list are not mixed, because their order means something.
    """
    changes = {}
    clashes = []
    for name in FIELDS:
        was = getattr(base, name) if base is not None else getattr(current, name)
        my, now = getattr(mine, name), getattr(current, name)
        if name in MAPPINGS:
            my, clashed = _merged(was, my, now)
            if clashed:
                clashes.append(name)
        elif my in (was, now):
            continue
        elif now != was:
            clashes.append(name)
        changes[name] = my
    return dataclasses.replace(current, **changes), tuple(clashes)


def _merged(base: Mapping[str, str], mine: Mapping[str, str], now: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    merged, clash = dict(now), False
    for key in {*base, *mine}:
        if mine.get(key, "") == base.get(key, ""):
            continue
        clash = clash or now.get(key, "") not in (base.get(key, ""), mine.get(key, ""))
        merged[key] = mine.get(key, "")
    return {key: text for key, text in merged.items() if text}, clash


def edit_document(item: Item) -> str:
    """An item as text to be kept; `Item.from_document` reads it again."""
    return json.dumps(item.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
