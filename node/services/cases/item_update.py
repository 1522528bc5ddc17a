"""What of an item changed between the filing of a case and its acceptance (DOMAIN 0.11): the town sees it before it accepts."""

from __future__ import annotations

from node.domain.cases.documents import ItemChange, ItemUpdate, NewMaterial
from node.domain.cases.repin import by_name, same_list
from node.domain.catalog.diff import Change, difference, same_content
from node.domain.catalog.item import Item
from node.domain.model import Case

BEFORE = frozenset({"draft", "with_agent", "in_transit", "submitted", "awaiting_correction"})


def item_update(case: Case, filed: Item | None, now: Item | None) -> ItemUpdate | None:
    """None when nothing changed, is not known here, or the case was accepted."""
    if case.status not in BEFORE or case.accepted_at or filed is None or now is None or same_content(filed, now):
        return None
    return {
        "version": now.version, "withdrawn": now.withdrawn, "changes": [_change(one) for one in difference(filed, now)],
        "materials": [] if same_list(filed, now) else _materials(filed, now),
    }  # fmt: skip


def _materials(filed: Item, now: Item) -> list[NewMaterial]:
    was = {new: old for old, new in by_name(filed.materials, now.materials).items()}
    return [
        {"material": str(n), "name": one.name, "required": one.required, "was": was.get(str(n))}
        for n, one in enumerate(now.materials)
    ]


def _change(one: Change) -> ItemChange:
    if one.rows:
        old = [row.name for row in one.rows if row.kind != "added"]
        new = [row.name for row in one.rows if row.kind != "removed"]
        return {"field": one.field, "old": "、".join(old), "new": "、".join(new)}
    return {"field": one.field, "old": _text(one.old), "new": _text(one.new)}


def _text(value: object) -> str:
    if isinstance(value, list):
        return "、".join(str(part) for part in value)
    return "" if value is None else str(value)
