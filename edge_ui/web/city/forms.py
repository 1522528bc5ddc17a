"""The editor's form as texts: rows of lists that are added, moved and removed by buttons, without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from node.domain.catalog.item import CONTACT, LISTS
from node.domain.json_values import Json, JsonObject
from node.domain.touched import merge

ROW_KEYS = {
    "materials": ("name", "form", "copies", "required", "may_be_later"),
    "special_steps": ("name", "kind", "days", "unit", "counts", "stop_basis"),
}
EMPTY: dict[str, dict[str, str]] = {
    "materials": {"name": "", "form": "original", "copies": "1", "required": "1", "may_be_later": ""},
    "special_steps": {"name": "", "kind": "other", "days": "", "unit": "workday", "counts": "1", "stop_basis": ""},
}
TEXTS = (
    "item_id", "name", "department", "category", "item_code_basic", "item_code_real", "case_type", "approval_level", "statutory_limit",
    "statutory_unit", "promised_limit", "conditions", "fee", "result", "legal_basis", "legal_text_version", "co_departments", "agent_allowed",
    "extension_days", "paper_required_at",
    "remedy", "review_organ", "court",
)  # fmt: skip
_ROW = re.compile(r"(materials|special_steps)\.(\d{1,4})\.([a-z_]+)")


def document_of(fields: Mapping[str, str]) -> dict[str, Json]:
    """What was typed, as the editor service reads it; nothing is checked here."""
    found: dict[str, Json] = {name: fields[name] for name in TEXTS if name in fields}
    found["accept_levels"] = [level for level in fields.get("accept_levels", "").split(",") if level]
    found["agent_allowed"] = bool(fields.get("agent_allowed"))
    found["contact"] = {name.removeprefix("contact."): text for name, text in fields.items() if name.startswith("contact.")}
    rows: dict[str, dict[int, dict[str, str]]] = {name: {} for name in LISTS}
    for name, text in fields.items():
        if (match := _ROW.fullmatch(name)) and match[3] in ROW_KEYS[match[1]]:
            rows[match[1]].setdefault(int(match[2]), {})[match[3]] = text
    for name in LISTS:
        found[name] = [_row(name, row) for _, row in sorted(rows[name].items())]
    return found


def _row(name: str, row: Mapping[str, str]) -> JsonObject:
    ticks = ("required", "may_be_later") if name == "materials" else ("counts",)
    return {**{key: row.get(key, "") for key in ROW_KEYS[name]}, **{tick: bool(row.get(tick)) for tick in ticks}}


def rows_of(document: JsonObject, name: str) -> list[JsonObject]:
    """The rows of a list of the form."""
    rows = document.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def parts_of(document: JsonObject, name: str) -> JsonObject:
    """A field of the form that has parts of its own, such as contact."""
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def flat(document: JsonObject) -> dict[str, str]:
    """Each field of the form as one text, lists as wholes: what the form's mark is made of (`node.domain.touched`)."""
    found = {name: _text(document.get(name)) for name in (*TEXTS, *LISTS)}
    levels = document.get("accept_levels")
    found["accept_levels"] = ",".join(sorted(str(one) for one in levels)) if isinstance(levels, list) else ""
    found |= {f"contact.{key}": _text(parts_of(document, "contact").get(key)) for key in CONTACT}
    for name in LISTS:
        rows = [[_text(row.get(key)) for key in ROW_KEYS[name]] for row in rows_of(document, name)]
        found[name] = json.dumps(rows, ensure_ascii=False)
    return found


def _text(value: object) -> str:
    return "" if value is None or value is False else "1" if value is True else str(value)


def merged(mine: JsonObject, theirs: JsonObject, seen: str) -> dict[str, Json]:
    """What was typed, with the other's version of every field that was not touched here."""
    found = merge(seen, flat(mine), flat(theirs))
    kept = {*found.values, *found.clash_names}
    document = {name: value if name in kept else theirs.get(name) for name, value in mine.items() if name != "contact"}
    given, other = parts_of(mine, "contact"), parts_of(theirs, "contact")
    return {**document, "contact": {k: v if f"contact.{k}" in kept else other.get(k, "") for k, v in given.items()}}


def rearranged(document: dict[str, Json], do: str) -> str:
    """Do what a row button says (`materials.add`, `materials.up.2`, …); the list it belongs to, "" when it is no such button."""
    name, _, rest = do.partition(".")
    act, _, place = rest.partition(".")
    if name not in LISTS or act not in ("add", "up", "down", "remove"):
        return ""
    rows = rows_of(document, name)
    n = int(place) if place.isdigit() else -1
    if act == "add":
        rows.append(dict(EMPTY[name]))
    elif 0 <= n < len(rows):
        row = rows.pop(n)
        if act != "remove":
            rows.insert(max(0, n - 1 if act == "up" else n + 1), row)
    document[name] = rows
    return name
