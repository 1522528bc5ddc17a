"""The office that issues a paper: its place, the names above it, and the authority record of an item that holds there today."""

from __future__ import annotations

from node.domain.calendar import day_of
from node.domain.catalog.divisions import Divisions
from node.domain.catalog.item import Item
from node.domain.papers.organs import Office, holding
from node.domain.published import AUTHORITY
from node.services.catalog.catalog import CatalogService
from node.store.store import Tx, View


def office_of(view: View | Tx, catalog: CatalogService, node: bytes, item: Item, name: str = "") -> Office:
    """The office of a node for an item; `name` is what its papers call it."""
    place, divisions = view.place(node), catalog.divisions()
    code, tier = (place.code, place.tier) if place is not None else (view.identity.code, view.identity.tier)
    record = catalog.snapshot().of(AUTHORITY).find(code, item.item_id, item.department)
    return Office(code, name, tier, places_of(divisions, code), holding(record, day_of(view.now())))


def places_of(divisions: Divisions, code: str) -> dict[str, str]:
    """Names of the division of a node and of those above it, by tier."""
    own = divisions.get(code[:12])
    return {row.level: row.name for row in (own, *divisions.ancestors(code[:12]))} if own is not None else {}
