"""The front page and the guide: every item in force and what is disclosed of it."""

from __future__ import annotations

import urllib.parse
from typing import Literal

from edge_ui.web.public.base import ResidentHandler
from edge_ui.web.public.pages import GuideItemPage, GuidePage, LandingPage, NoItemPage
from node.domain.cases.access import Function
from node.domain.catalog.item_documents import GuideItem, GuideRow, ProcessStep
from node.domain.words.errors import TongbanError

GIVEN = 80  # characters of a search that come back into the field


class LandingHandler(ResidentHandler):
    """Three doors for strangers; whoever is logged in goes to the home of the role."""

    function = None

    async def on_get(self) -> None:
        if self.session is not None and self.home != "/" and not self.argument("retried", 64):
            self.see_other(self.home)
            return
        self.count_stranger()
        about = await self.call(self.center.public.about)
        self.show("public/home.html", LandingPage(about["items"], about["as_of"]))


class GuideHandler(ResidentHandler):
    """The items in force: all of them, or those that fit what was typed."""

    function = None

    async def on_get(self) -> None:
        self.count_stranger()
        q, number = self.argument("q", GIVEN), self.argument("page", 6)
        found = await self.call(self.center.public.page, q, int(number) if number.isascii() and number.isdigit() else 1)
        page, pages, rows = found["page"], found["pages"], found["rows"]
        named = tuple(row for row in rows if row["named"])
        self.show("public/guide.html", GuidePage(
            q, found["state"], named, tuple(row for row in rows if not row["named"]), found["total"], found["named"], page, pages,
            self._url(q, page - 1) if page > 1 else "", self._url(q, page + 1) if page < pages else "",
        ))  # fmt: skip

    def _url(self, q: str, page: int) -> str:
        given = [("q", q), ("page", str(page) if page > 1 else "")]
        return "/guide?" + urllib.parse.urlencode([(key, text) for key, text in given if text])


class ItemHandler(ResidentHandler):
    """Everything that is disclosed of an item."""

    function = None

    async def on_get(self, item: str) -> None:
        self.count_stranger()
        try:
            found = await self.call(self.center.public.item, item)
        except TongbanError as error:
            if error.code != "not_found":
                raise
            self.show("public/no_item.html", NoItemPage(item[:64]), error.status)
            return
        url = urllib.parse.quote(item, safe="")
        self.show("public/item.html", GuideItemPage(
            found, f"/new/{url}" if self.may(Function.DRAFT) and found["here"] else "", f"/catalog/{url}" if self.may(Function.EDIT_CATALOG) else "",
        ))  # fmt: skip

    def limit_text(self, item: GuideItem | GuideRow, which: Literal["promised", "statutory"]) -> str:
        """The promised or the legal limit in words; "" when there is none."""
        days = item["promised_limit"] if which == "promised" else item.get("statutory_limit")
        if days is None:
            return ""
        if days == 0:
            return self.say("item.at_once")
        calendar = which == "statutory" and item.get("statutory_unit") == "calendar"
        return self.say("item.days" if calendar else "item.workdays", n=days)

    def tiers(self, levels: list[str]) -> str:
        return self.say("public.comma").join(self.name_of(one, "tier") for one in levels)

    def step_text(self, step: ProcessStep) -> str:
        """One step of the process in a sentence."""
        return self.say(f"public.step.{step['step']}", tier=self.name_of(step["tier"], "tier"), name=step["name"])

    def agent_key(self, item: GuideItem) -> str:
        """Whether an agent of the village can do it: yes, no (only oneself), hall (yes, but not in the village)."""
        if not item["agent_allowed"]:
            return "no"
        return "yes" if "village" in item["accept_levels"] else "hall"
