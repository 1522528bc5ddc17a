"""Analysis over the subtree: a measure by one dimension or by two, each figure with the address of its cases."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import CURSOR, KINDS, Answer, Operation, Param
from edge_ui.api.oversight import FIRST, LAST
from node.domain.cases.access import Function
from node.domain.supervision.analysis import DIMENSIONS, MEASURES, NONE
from node.domain.supervision.shares import PARTS


class AnalysisHandler(ApiHandler):
    """A measure by one dimension or by two."""

    operations = {
        "GET": Operation(
            "Analysis over the subtree: a measure by one dimension or by two, with the period before and the year before",
            {200: Answer("Rows with their cells; every figure has the address of exactly its cases.", "Analysis")},
            function=Function.OVERSIGHT,
            query=(
                Param(
                    "measure",
                    "What is counted (decided). `workdays`: from acceptance to decision without what stood: mean, median, nine of ten, and what"
                    " stood apart. `in_time`, `immediate`: shares, with their parts.",
                    choices=MEASURES,
                ),
                Param(
                    "by",
                    "Rows (unit). `unit`: the unit itself and those directly below it, each with all below.",
                    choices=DIMENSIONS,
                ),
                Param("across", "Columns: a second dimension.", choices=DIMENSIONS),
                Param("under", "Division code of a unit: it and all below it; this node when it is left out."),
                Param("item", "Item code."),
                Param("department", "The department that the item belongs to, by name (`none`: of none)."),
                Param("kind", "Kind of item.", choices=(*KINDS, NONE)),
                FIRST,
                LAST,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.analysis.of, self.args, self.actor))


class SharesHandler(ApiHandler):
    """Shares of immediate items, per center."""

    operations = {
        "GET": Operation(
            "Shares of immediate items per center, by item and by case, and of the other items those with one window and a limit",
            {200: Answer("A unit and the halls directly below it; every figure has the address of exactly its rows.", "Shares")},
            function=Function.OVERSIGHT,
            query=(Param("at", "Division code of the unit; this node when it is left out."), FIRST, LAST),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.shares.of, self.args, self.actor))


class OfferedItemsHandler(ApiHandler):
    """The items behind such a figure."""

    operations = {
        "GET": Operation(
            "What a center offers, or a part of it",
            {200: Answer("A page of items; `total` counts them all.", "OfferedItems")},
            function=Function.OVERSIGHT,
            query=(
                Param("at", "Division code of the center; this node when it is left out."),
                Param(
                    "part", "Which of them (all). `routed`: with one window, handed on inside and a limit.", choices=tuple(PARTS)
                ),
                CURSOR,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.shares.items, self.args, self.actor))
