"""What a node is called in a sentence for people, who know no codes."""

from __future__ import annotations

from node.services.catalog.catalog import CatalogService
from node.store import enrolments
from node.store.store import Tx, View


def node_name(view: View | Tx, catalog: CatalogService, node_id: bytes) -> str:
    """What a node is called: by itself, by its invitation, else as the division; "" when it is unknown."""
    if node_id == view.identity.node_id:
        return view.identity.name
    place = view.place(node_id) if node_id else None
    if place is None:
        return ""
    division = catalog.divisions().get(place.code)
    return enrolments.names(view.connection).get(node_id) or (division.name if division is not None else "")
