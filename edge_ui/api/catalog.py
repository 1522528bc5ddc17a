"""The catalog of this node, statistics and oversight."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import GROUPS, MEASURES, Answer, Operation, Param
from node.domain.errors import TongbanError


class ItemsHandler(ApiHandler):
    """Service items that this node may offer."""

    operations = {"GET": Operation("What this node may offer", {200: Answer("The items.", "ItemList")})}

    async def on_get(self) -> None:
        self.send_json({"items": await self.call(self.center.items, self.actor)})


class ItemHandler(ApiHandler):
    """One service item."""

    operations = {"GET": Operation("One item", {200: Answer("The item.", "Item")}, errors=("not_found",))}

    async def on_get(self, id: str) -> None:
        self.send_json(await self.call(self.center.item, id))


class StatsHandler(ApiHandler):
    """Counts over the subtree."""

    operations = {
        "GET": Operation(
            "Counts over the subtree, each node's with the time it was known",
            {200: Answer("Rows and `as_of` per node.", "Stats")},
            query=(
                Param("measure", "What is counted (cases).", choices=MEASURES),
                Param("by", "How it is grouped (status).", choices=GROUPS),
                Param("from", "First day, CST.", kind="date"),
                Param("to", "Last day, CST.", kind="date"),
            ),
        )
    }

    async def on_get(self) -> None:
        start, end = self.args.get("from"), self.args.get("to")
        if start and end and start > end:
            raise TongbanError("invalid_input", {"to": "out_of_range"})
        measure, by = self.args.get("measure", "cases"), self.args.get("by", "status")
        self.send_json(await self.call(self.center.stats, measure, by, start, end))


class OversightHandler(ApiHandler):
    """Oversight over the subtree, by facts only (promise 5)."""

    operations = {
        "GET": Operation(
            "Oversight: cases or nodes; cards and scores are not yet available",
            {200: Answer("Rows with `as_of` per node.", "Oversight")},
            errors=("not_found", "not_yet_available"),
        )
    }

    async def on_get(self, kind: str) -> None:
        if kind in ("cards", "scores"):
            raise TongbanError("not_yet_available")
        if kind not in ("cases", "nodes"):
            raise TongbanError("not_found", what=kind[:64])
        self.send_json(await self.call(self.center.oversight, kind))
