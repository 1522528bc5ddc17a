"""Receiving what arrived, many in one act: ticked, one press, an outcome for each."""

from __future__ import annotations

from edge_ui.web.base import PageHandler
from edge_ui.web.hall.pages import ReceivedPage, ReceivePage
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError

PER_PAGE = 50


class ReceiveHandler(PageHandler):
    """The list of what arrived (GET), and its receipt (POST). A second press finds what was received before."""

    function = Function.WORKBENCH
    writes = Function.RECEIVE_MANY

    async def on_get(self) -> None:
        await self.show_list()

    async def show_list(self, error: str = "", status: int = 200) -> None:
        cursor = self.argument("cursor", 40)
        try:
            desk = await self.call(self.center.work.desk, self.person, "arrived", cursor or None, PER_PAGE)
        except TongbanError as refusal:
            if refusal.code != "invalid_input":
                raise
            error, status = refusal.sentence(self.language), refusal.status
            desk = await self.call(self.center.work.desk, self.person, "arrived", None, PER_PAGE)
        following = f"/receive?cursor={desk['next']}" if desk["next"] else ""
        self.show("hall/receive.html", ReceivePage(tuple(desk["rows"]), following, error), status)

    async def on_post(self) -> None:
        chosen = [no for no in self.fields.get("case_no", "").split(",") if no]
        if not chosen:
            await self.show_list(self.say("agent.handover.none_chosen"), 422)
            return
        rows = await self.call(self.center.receiving.receive, chosen, self.person)
        self.show("hall/received.html", ReceivedPage(tuple(rows)))
