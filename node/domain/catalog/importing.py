"""Planning what a catalog file changes in one layer.

An import is an upsert: missing rows stay, columns the file does not have keep what they say now, the same file changes
nothing, and with one fault nothing is imported. The city keeps the unified layer; a district may add its own items and
overlay those from above, a township may only overlay, a village neither (LIFECYCLE "Who may, by tier"). The only legal
changes of an overlay are a tighter promise, local contact data (R02) and a later start of these; whatever else differs
from the item above is reported by line. A root has no layer above it and may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from node.domain.catalog.csv import ATTRIBUTES, ParsedCatalog, parse_catalog_csv
from node.domain.catalog.item import LICENCE, Item
from node.domain.catalog.line_notes import LineNote, line_note
from node.domain.model import TIERS

ADDS = frozenset({"city", "district"})  # tiers that may add items below a root
OVERLAYS = frozenset({"city", "district", "township"})
_OWN = frozenset({"item_id", "version", "layer_tier", "withdrawn"})
_LOCAL = frozenset({"promised_limit", "contact", "effective_from", "extra"})
_COLUMNS = {attribute: column for column, attribute in ATTRIBUTES.items()}


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would publish; nothing when there are errors."""

    changed: tuple[Item, ...]
    unchanged: int
    errors: tuple[LineNote, ...]
    warnings: tuple[LineNote, ...]


def plan_import(
    current: Mapping[str, Item], inherited: Mapping[str, Item], parsed: ParsedCatalog, tier: str, *, root: bool = False
) -> ImportPlan:
    """What a file changes in this layer. `current`: this layer's own items; `inherited`: those in force from above, none yet
    where the catalog has not come down; `root`: no layer stands above."""
    changed: list[Item] = []
    errors = list(parsed.errors)
    for item in parsed.items:
        line, above, own = parsed.lines[item.item_id], inherited.get(item.item_id), current.get(item.item_id)
        if above is None:
            faults = _may_add(line, item, tier, root=root)
            item = replace(_upsert(item, own, parsed.given), layer_tier=tier)
        else:
            faults = _overlay_faults(line, above, item, tier, parsed.given)
            item = _overlay(above, own, item, tier, parsed.given)
        errors += faults
        base = own if own is not None else above
        if base is None or base.content_bytes() != item.content_bytes():
            newest = max((known.version for known in (own, above) if known is not None), default=0)
            changed.append(replace(item, version=newest + 1))
    unchanged = len(parsed.items) - len(changed)
    return ImportPlan(() if errors else tuple(changed), unchanged, tuple(errors), parsed.warnings)


def _may_add(line: int, item: Item, tier: str, *, root: bool) -> list[LineNote]:
    if not root and tier not in ADDS:
        return [line_note(line, "item_id", "layer_may_not_add")]
    if TIERS.index(item.approval_level) > TIERS.index(tier):  # who decides would not know the item
        return [line_note(line, "approval_level", "not_our_level", value=item.approval_level)]
    return []


def _upsert(item: Item, own: Item | None, given: frozenset[str]) -> Item:
    """The item of the file, with what its columns do not say taken from the present version."""
    if own is None:
        return item
    kept: dict[str, Any] = {name: getattr(own, name) for column, name in ATTRIBUTES.items() if column not in given}
    kept["withdrawn"] = own.withdrawn  # a file does not bring back what was withdrawn
    kept["contact"] = {k: v for k, v in own.contact.items() if f"contact_{k}" not in given} | dict(item.contact)
    kept["extra"] = {k: v for k, v in own.extra.items() if k not in given} | dict(item.extra)
    return replace(item, **kept)


def _overlay_faults(line: int, above: Item, item: Item, tier: str, given: frozenset[str]) -> list[LineNote]:
    if tier not in OVERLAYS:
        return [line_note(line, "item_id", "layer_may_not_overlay")]
    faults = []
    for name in (f.name for f in fields(Item) if f.name not in _OWN | _LOCAL):
        if _COLUMNS[name] in given and getattr(item, name) != getattr(above, name):
            faults.append(line_note(line, _COLUMNS[name], "overlay_changes"))
    for name in sorted(given & above.extra.keys() | item.extra.keys()):
        if item.extra.get(name, "") != above.extra.get(name, ""):
            faults.append(line_note(line, name, "overlay_changes"))
    if above.effective_from is not None and item.effective_from is not None and item.effective_from < above.effective_from:
        faults.append(line_note(line, "effective_from", "overlay_changes"))
    promise = _promise(above, item, given)
    if above.promised_limit is not None and (promise is None or promise > above.promised_limit):
        faults.append(line_note(line, "promised_limit_workdays", "overlay_looser"))
    return faults


def _overlay(above: Item, own: Item | None, item: Item, tier: str, given: frozenset[str]) -> Item:
    """The item from above with this tier's promise and contact data; the item from above itself when nothing is local."""
    present = own if own is not None else above
    promise = _promise(present, item, given)
    local = {k: v for k, v in present.contact.items() if f"contact_{k}" not in given} | dict(item.contact)
    contact = {**above.contact, **local}
    if own is None and promise == above.promised_limit and contact == above.contact:
        return above
    start = item.effective_from or above.effective_from
    return replace(above, promised_limit=promise, contact=contact, layer_tier=tier, effective_from=start)


def _promise(present: Item, item: Item, given: frozenset[str]) -> int | None:
    return item.promised_limit if "promised_limit_workdays" in given else present.promised_limit


def rebased(overlay: Item, base: Item) -> Item:
    """An overlay put on another version of what it overlays: the base with the tighter promise and the local contact."""
    promised = overlay.promised_limit
    starts = [day for day in (overlay.effective_from, base.effective_from) if day is not None]
    if base.promised_limit is not None and (promised is None or base.promised_limit < promised):
        promised = base.promised_limit
    return replace(
        base, version=max(overlay.version, base.version) + 1, promised_limit=promised, effective_from=max(starts, default=None),
        contact={**base.contact, **overlay.contact}, layer_tier=overlay.layer_tier,
    )  # fmt: skip


__all__ = ["LICENCE", "ImportPlan", "LineNote", "ParsedCatalog", "line_note", "parse_catalog_csv", "plan_import", "rebased"]
