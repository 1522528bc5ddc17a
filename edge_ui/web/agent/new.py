"""Beginning an application: find the item, read what it asks for, begin. For agents and hall clerks alike."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.agent.pages import DraftsPage, ItemStartPage, NewPage
from edge_ui.web.base import PageHandler
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError


class FilingHandler(PageHandler):
    """A page for whoever takes applications here."""

    function = Function.DRAFT


class NewHandler(FilingHandler):
    """Items that this node may file, 50 to a page."""

    async def on_get(self) -> None:
        q, department = self.argument("q", 100), self.argument("department", 100)
        text = self.argument("page", 6)
        page = max(1, int(text)) if text.isascii() and text.isdigit() else 1
        found = await self.call(self.center.agent.items, q, department, page)
        departments = tuple(found["departments"]) if page == 1 else ()
        self.show(
            "agent/new.html",
            NewPage(
                q, department, departments, tuple(found["items"]), found["total"],
                self.page_url(q, department, page - 1) if page > 1 else "", self.page_url(q, department, page + 1) if found["more"] else "",
            ),
        )  # fmt: skip

    def page_url(self, q: str, department: str, page: int) -> str:
        given = {"q": q, "department": department, "page": str(page) if page > 1 else ""}
        return "/new?" + urllib.parse.urlencode({key: value for key, value in given.items() if value})


class ItemStartHandler(FilingHandler):
    """The guide of an item; beginning makes a draft."""

    async def on_get(self, item: str) -> None:
        document = await self.call(self.center.catalog.document, item)
        if self.center.place.tier not in document["accept_levels"]:
            levels = "、".join(self.name_of(level, "tier") for level in document["accept_levels"])
            raise TongbanError("guard_failed", rule=self.say("agent.item.not_here", levels=levels))
        self.show("agent/item.html", ItemStartPage(document, self.center.place.tier))

    async def on_post(self, item: str) -> None:
        id = await self.call(self.center.drafts.start, item, self.person)
        self.see_other(f"/drafts/{id}")


class DraftsHandler(FilingHandler):
    """Every draft of this counter that is not finished."""

    async def on_get(self) -> None:
        found = await self.call(self.center.drafts.drafts, self.person, self.argument("cursor", 20) or None)
        following = f"/drafts?cursor={found['next']}" if found["next"] else ""
        aside = () if self.argument("cursor", 20) else tuple(await self.call(self.center.drafts.set_aside, self.person))
        self.show("agent/drafts.html", DraftsPage(tuple(found["drafts"]), found["total"], following, aside))
