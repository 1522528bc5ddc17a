"""The agent's home."""

from __future__ import annotations

from edge_ui.web.agent.base import AgentHandler
from edge_ui.web.agent.pages import AgentHomePage

DRAFTS_SHOWN = 6
TO_TELL_SHOWN = 6


class AgentHomeHandler(AgentHandler):
    """What to bring, to answer, to deliver, what is stuck."""

    async def on_get(self) -> None:
        desk = await self.call(self.center.agent.home, self.person)
        drafts = await self.call(self.center.drafts.drafts, self.person, None, DRAFTS_SHOWN)
        told = await self.call(self.center.notices.to_tell, self.person, TO_TELL_SHOWN)
        count = await self.call(self.center.notices.count_to_tell, self.person)
        self.show("agent/home.html", AgentHomePage(desk, drafts, tuple(told), count))
