"""The agent's home and the hand-over of many cases in one act."""

from __future__ import annotations

import urllib.parse
from typing import Any

from edge_ui.web.agent.pages import AgentHomePage, HandoverListPage, HandoverPage
from edge_ui.web.base import PageHandler
from node.domain.cases.access import Function
from node.domain.filing.documents import DraftsPage

DRAFTS_SHOWN = 6


class AgentHandler(PageHandler):
    """A page of the village's agents (and of the director of the village)."""

    function = Function.AGENT_DESK


class AgentHomeHandler(AgentHandler):
    """What to bring, to answer, to deliver, what is stuck."""

    async def on_get(self) -> None:
        desk = await self.call(self.center.agent.home, self.person)
        drafts = await self.call(self.center.drafts.drafts, self.person, None, DRAFTS_SHOWN)
        self.show("agent/home.html", home_page(desk, drafts))


def home_page(desk: dict[str, Any], drafts: DraftsPage) -> AgentHomePage:
    names = ("to_bring", "to_answer", "to_deliver")
    return AgentHomePage(
        lists=tuple((name, tuple(desk[name]["rows"]), desk[name]["total"]) for name in names),
        stuck=tuple(desk["stuck"]["rows"]),
        stuck_total=desk["stuck"]["total"],
        under_way=desk["under_way"],
        handover=desk["handover"],
        drafts=tuple(drafts["drafts"]),
        drafts_total=drafts["total"],
        aside=drafts["aside"],
    )


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
        act = await self.call(self.center.agent.hand_over, chosen, self.person)
        if not any(row["ok"] for row in act["results"]):
            said = [(row["case_no"], row["error"] if self.language == "zh" else row["error_en"]) for row in act["results"][:5]]
            await self.show_list("; ".join(f"{no}: {why}" for no, why in said), 409)
            return
        self.see_other("/handover/" + urllib.parse.quote(act["id"]))


class HandoverListHandler(AgentHandler):
    """The list of one act, to be printed and signed."""

    async def on_get(self, id: str) -> None:
        act = await self.call(self.center.agent.handover, id, self.person)
        key = "error" if self.language == "zh" else "error_en"
        failed = tuple((str(row["case_no"]), str(row.get(key, ""))) for row in act["failed"])
        self.show("agent/handover_list.html", HandoverListPage(act, failed))
