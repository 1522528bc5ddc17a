"""The hand-over of many cases in one act: chosen, asked once more, sent."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.agent.base import AgentHandler
from edge_ui.web.agent.pages import HandoverAskPage, HandoverListPage, HandoverPage
from node.domain.cases.access import Function


class HandoverHandler(AgentHandler):
    """Choose many, hand over in one act."""

    writes = Function.HAND_OVER_MANY

    async def on_get(self) -> None:
        await self.show_list()

    async def show_list(self, error: str = "", status: int = 200) -> None:
        found = await self.call(self.center.agent.waiting, self.person, self.argument("cursor", 20) or None)
        following = f"/handover?cursor={found['next']}" if found["next"] else ""
        self.show("agent/handover.html", HandoverPage(tuple(found["rows"]), found["total"], following, error), status)

    async def on_post(self) -> None:
        chosen = [no for no in self.fields.get("case_no", "").split(",") if no]
        if not chosen:
            await self.show_list(self.say("agent.handover.none_chosen"), 422)
            return
        if "confirm" not in self.fields:
            await self.ask(chosen)
            return
        act = await self.call(self.center.agent.hand_over, chosen, self.person)
        if not any(row["ok"] for row in act["results"]):
            said = [(row["case_no"], row["error"] if self.language == "zh" else row["error_en"]) for row in act["results"][:5]]
            await self.show_list("; ".join(f"{no}: {why}" for no, why in said), 409)
            return
        self.see_other("/handover/" + urllib.parse.quote(act["id"]))

    async def ask(self, chosen: list[str]) -> None:
        """What is to go, before it goes."""
        rows = await self.call(self.center.agent.chosen, chosen, self.person)
        if rows:
            self.show("agent/handover_ask.html", HandoverAskPage(tuple(rows)))
        else:
            await self.show_list(self.say("agent.handover.gone"), 409)


class HandoverListHandler(AgentHandler):
    """The list of one act, to be printed and signed."""

    async def on_get(self, id: str) -> None:
        act = await self.call(self.center.agent.handover, id, self.person)
        key = "error" if self.language == "zh" else "error_en"
        failed = tuple((str(row["case_no"]), str(row.get(key, ""))) for row in act["failed"])
        packed = sum(1 for row in act["rows"] if not row["left"])
        self.show("agent/handover_list.html", HandoverListPage(act, failed, packed))
