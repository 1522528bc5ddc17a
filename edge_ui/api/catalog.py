"""The catalog of this node."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import Answer, Operation
from node.domain.cases.access import Function
from node.domain.catalog.item_documents import ItemList


class ItemsHandler(ApiHandler):
    """Service items that this node may offer."""

    operations = {
        "GET": Operation("What this node may offer", {200: Answer("The items.", "ItemList")}, function=Function.READ_CATALOG)
    }

    async def on_get(self) -> None:
        items: ItemList = {"items": await self.call(self.center.catalog.documents)}
        self.send_json(items)


class ItemHandler(ApiHandler):
    """One service item."""

    operations = {
        "GET": Operation("One item", {200: Answer("The item.", "Item")}, errors=("not_found",), function=Function.READ_CATALOG)
    }

    async def on_get(self, id: str) -> None:
        self.send_json(await self.call(self.center.catalog.document, id))
