"""Which layers of the catalog stand above a node, and which version of an item each of them says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from node.domain.catalog.item import Item
from node.services.catalog.publishing import Parsed, rebased
from node.store import catalog_tables as tables
from node.store.catalog_tables import ItemRow
from node.store.store import Tx, View


def chain_of(view: View | Tx) -> list[bytes]:
    """Node ids from the root down to this node."""
    me = view.identity.node_id
    return [*reversed(view.trust.ancestors(me)), me]


def effective(view: View | Tx, layers: Sequence[bytes], today: dt.date) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (version in force, hash), the lowest layer last and therefore winning."""
    found: dict[str, tuple[Item, bytes]] = {}
    for layer in layers:
        seen: set[str] = set()
        for row in tables.items_of(view.connection, layer):  # newest version first
            if row.item_id in seen:
                continue
            item = Parsed.item(row)
            if item.effective_from is None or item.effective_from <= today:
                seen.add(row.item_id)
                found[row.item_id] = (item, row.hash)
    return found


def newest_above(view: View | Tx) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (newest version of the layers above, in force or not yet; hash), the lowest of them winning."""
    found: dict[str, tuple[Item, bytes]] = {}
    for layer in chain_of(view)[:-1]:
        found |= newest_of(view, layer)
    return found


def newest_of(view: View | Tx, layer: bytes) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (newest version of one layer, hash)."""
    found: dict[str, tuple[Item, bytes]] = {}
    for row in tables.items_of(view.connection, layer):
        if row.item_id not in found:
            found[row.item_id] = (Parsed.item(row), row.hash)
    return found


def not_published(view: View | Tx, items: Sequence[Item], today: dt.date) -> list[Item]:
    """Those of the planned items that say something new. An overlay does not where it is in force as it is, and what it
    becomes on a version above that waits for its day is published too."""
    me = view.identity.node_id
    held, newest, above = effective(view, [me], today), newest_of(view, me), newest_above(view)

    def stands(item: Item) -> bool:
        key = item.item_id
        if key not in held or key not in above:
            return False
        later = rebased(item, above[key][0]).content_bytes()
        return held[key][0].content_bytes() == item.content_bytes() and newest[key][0].content_bytes() == later

    return [item for item in items if not stands(item)]


def current(rows: Sequence[ItemRow]) -> dict[str, Item]:
    """The newest version of each item of a layer, in force or not yet."""
    newest: dict[str, Item] = {}
    for row in rows:
        if row.item_id not in newest:
            newest[row.item_id] = Parsed.item(row)
    return newest
