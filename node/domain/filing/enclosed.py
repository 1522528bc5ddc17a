"""What an application says of the materials that come with it: the name behind an index, those said to be missing."""

from __future__ import annotations

from collections.abc import Mapping

from node.domain.cases.corrections import MISSING
from node.domain.catalog.item import Item
from node.domain.json_values import JsonObject


def material_name(item: Item, document: JsonObject, index: str) -> str:
    """The name behind a material's index: the item's, or that of an extra attachment of the application; "" when unknown."""
    if not (index.isascii() and index.isdigit() and len(index) < 5):
        return ""
    names = list(dict.fromkeys(material.name for material in item.materials))
    declared = document.get("attachments")
    for attachment in declared if isinstance(declared, list) else ():
        name = attachment.get("material") if isinstance(attachment, Mapping) else None
        if isinstance(name, str) and name.strip() not in names:
            names.append(name.strip())
    return names[int(index)] if int(index) < len(names) else ""


def said_missing(document: JsonObject) -> frozenset[str]:
    """The names of the materials that an application says are missing."""
    declared = document.get("attachments")
    rows = (one for one in (declared if isinstance(declared, list) else ()) if isinstance(one, Mapping))
    return frozenset(str(one.get("material", "")).strip() for one in rows if one.get("held") == MISSING)
