"""What the pages of the agent share."""

from __future__ import annotations

from edge_ui.web.base import PageHandler
from node.domain.cases.access import Function


class AgentHandler(PageHandler):
    """A page of the village's agents (and of the director of the village)."""

    function = Function.AGENT_DESK
