"""The agent's home."""

from __future__ import annotations

from typing import Any

from edge_ui.web.agent.base import AgentHandler
from edge_ui.web.agent.pages import AgentHomePage
from node.domain.filing.documents import DraftsPage

DRAFTS_SHOWN = 6


class AgentHomeHandler(AgentHandler):
    """What to bring, to answer, to deliver, what is stuck."""

    async def on_get(self) -> None:
        desk = await self.call(self.center.agent.home, self.person)
        drafts = await self.call(self.center.drafts.drafts, self.person, None, DRAFTS_SHOWN)
        self.show("agent/home.html", home_page(desk, drafts))


def home_page(desk: dict[str, Any], drafts: DraftsPage) -> AgentHomePage:
    names = ("to_bring", "to_answer", "to_deliver")
    return AgentHomePage(
        came_back=tuple(desk["came_back"]["rows"]),
        came_back_total=desk["came_back"]["total"],
        lists=tuple((name, tuple(desk[name]["rows"]), desk[name]["total"]) for name in names),
        stuck=tuple(desk["stuck"]["rows"]),
        stuck_total=desk["stuck"]["total"],
        under_way=desk["under_way"],
        handover=desk["handover"],
        drafts=tuple(drafts["drafts"]),
        drafts_total=drafts["total"],
        aside=drafts["aside"],
    )
