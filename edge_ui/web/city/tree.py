"""The network: every node that is known, what is known of it, and since when not."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

from edge_ui.web.city.base import CityHandler
from edge_ui.web.city.pages import NetworkPage
from node.domain.cases.access import Function

STATES = ("online", "offline", "never", "revoked", "heard", "unknown")
SHOWS = (*STATES, "attention", "overdue", "silent", "findings")
ATTENTION = ("overdue", "silent", "revoked", "findings")


class NetworkHandler(CityHandler):
    """The tree; with `q` or `show` a flat list of what fits."""

    function = Function.NETWORK

    async def on_get(self) -> None:
        at, q, show = self.argument("at", 32), self.argument("q", 60), self.argument("show", 20)
        show = show if show in SHOWS else ""
        network = await self.call(self.center.network.tree, self.person, at, q, show)
        peer = self.argument("retried", 64)
        notice = self.say("city.net.retried", peer=peer) if peer else ""
        self.show("city/network.html", NetworkPage(network, at, q, show, self.may(Function.MANAGE_NODE), notice))

    def state_tone(self, state: str) -> str:
        return {"online": "good", "offline": "bad", "revoked": "bad", "unknown": "warn"}.get(state, "dim")

    def state_sign(self, state: str) -> str:
        return {"online": "●", "offline": "▲", "revoked": "✕", "unknown": "?", "heard": "◐"}.get(state, "○")

    def attention(self, counted: Mapping[str, int]) -> list[tuple[str, int, str]]:
        """(what, how many, address of exactly those; "" for who may not see them)."""
        urls = {"overdue": "/oversight?view=overdue", "findings": "/oversight/findings"} if self.may_list else {}
        shown = {**dict.fromkeys(("silent", "revoked")), **urls}
        return [(what, counted[what], urls.get(what) or (f"/network?show={what}" if what in shown else "")) for what in ATTENTION]

    def states(self, counted: Mapping[str, int]) -> list[tuple[str, int]]:
        return [(state, counted[state]) for state in STATES if counted.get(state)]


class RetryLinkHandler(CityHandler):
    """“立即重试”: clears the back-off of one of our own links (admin)."""

    function = Function.MANAGE_NODE

    async def on_post(self, peer: str) -> None:
        code = peer
        await self.call(self.center.administration.retry, code, self.person)
        self.see_other(f"/network?retried={urllib.parse.quote(code, safe='')}")
