"""The resident's pages: landing, guide, state of a case. They need no login and keep nothing about who asks."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from edge_ui.web.base import PageHandler
from edge_ui.web.public.pages import GuideItemPage, GuidePage, LandingPage, NoItemPage, StatusPage
from node.domain.case_number import parse_case_no
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError

_NUMBER = re.compile(r"\d[\d ()-]{2,}")
GIVEN = 80  # characters of a search that come back into the field


class ResidentHandler(PageHandler):
    """What the pages share. A stranger's machine that asks without pause is slowed down; a person is not."""

    def count_stranger(self) -> None:
        """Errors: `rate_limited`."""
        if self.session is None:
            self.application.public_reads.take(self.client)

    def tel(self, text: str) -> str:
        """The first number of some words as an address that a phone dials; "" when there is none."""
        number = _NUMBER.search(text)
        return "tel:" + re.sub(r"\D", "", number[0]) if number else ""


class LandingHandler(ResidentHandler):
    """Three doors for strangers; whoever is logged in goes to the home of the role."""

    function = None

    async def on_get(self) -> None:
        if self.session is not None and self.home != "/" and not self.argument("retried", 64):
            self.see_other(self.home)
            return
        self.count_stranger()
        about = await self.call(self.center.guide.about)
        self.show("public/home.html", LandingPage(about["items"], about["as_of"]))


class GuideHandler(ResidentHandler):
    """The items in force: all of them, or those that fit what was typed."""

    function = None

    async def on_get(self) -> None:
        self.count_stranger()
        q, number = self.argument("q", GIVEN), self.argument("page", 6)
        found = await self.call(self.center.guide.page, q, int(number) if number.isascii() and number.isdigit() else 1)
        page, pages, rows = int(found["page"]), int(found["pages"]), found["rows"]
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
            found = await self.call(self.center.guide.item, item)
        except TongbanError as error:
            if error.code != "not_found":
                raise
            self.show("public/no_item.html", NoItemPage(item[:64]), error.status)
            return
        url = urllib.parse.quote(item, safe="")
        self.show("public/item.html", GuideItemPage(
            found, f"/new/{url}" if self.may(Function.DRAFT) and found["here"] else "", f"/catalog/{url}" if self.may(Function.EDIT_CATALOG) else "",
        ))  # fmt: skip

    def limit_text(self, item: Mapping[str, Any], which: str) -> str:
        """The promised or the legal limit in words; "" when there is none."""
        days = item.get(f"{which}_limit")
        if days is None:
            return ""
        if days == 0:
            return self.say("item.at_once")
        calendar = which == "statutory" and item.get("statutory_unit") == "calendar"
        return self.say("item.days" if calendar else "item.workdays", n=days)

    def tiers(self, levels: list[str]) -> str:
        return self.say("public.comma").join(self.name_of(one, "tier") for one in levels)

    def step_text(self, step: Mapping[str, Any]) -> str:
        """One step of the process in a sentence."""
        return self.say(f"public.step.{step['step']}", tier=self.name_of(step["tier"], "tier"), name=step["name"])

    def agent_key(self, item: Mapping[str, Any]) -> str:
        """Whether an agent of the village can do it: yes, no (only oneself), hall (yes, but not in the village)."""
        if not item.get("agent_allowed"):
            return "no"
        return "yes" if "village" in item.get("accept_levels", ()) else "hall"


class StatusHandler(ResidentHandler):
    """The state of a case by its number and query code. The code is sent in the form's body, never in an address."""

    function = None

    async def on_get(self) -> None:
        self.show("public/status.html", StatusPage(self.argument("no", 64)))

    async def on_post(self) -> None:
        typed, code = (self.fields.get(name, "").strip()[:100] for name in ("no", "code"))
        number = parse_case_no(typed)
        try:
            self.application.public_tries.take(self.client)
            self.check_path({"no": typed, "code": code})
            found = await self.call(self.center.public_case, str(number or typed), code, self.client)
        except TongbanError as error:
            if error.status >= 500:
                raise
            self._refuse(typed, error)
            return
        self.application.public_tries.give_back(self.client, 0.9)
        stage: Mapping[str, Any] = next((row for row in found["tracker"] if row["state"] in ("now", "stuck")), {})
        self.show("public/status.html", StatusPage(
            str(found["case_no"]), found=found, turn=turn_of(found, stage), until=str(stage.get("until") or ""),
        ))  # fmt: skip

    def _refuse(self, typed: str, error: TongbanError) -> None:
        slow = error.code == "rate_limited"
        if slow:
            self.set_header("Retry-After", str(error.details.get("retry_after", 60)))
        text = self.say("public.slow" if slow else "public.wrong")
        self.show("public/status.html", StatusPage("".join(c for c in typed if c >= " "), text), 429 if slow else 404)


TURNS = frozenset({"applicant", "deliver", "hand_over", "not_taken", "line", "revoked", "accept", "receive", "examine", "refer", "approve", "resume",
                   "conclude", "complete", "checking"})  # fmt: skip


def turn_of(found: Mapping[str, Any], stage: Mapping[str, Any]) -> str:
    """Which sentence tells the resident what comes next: public.turn.*."""
    if found.get("finished"):
        return "delivered" if found.get("status") == "delivered" else "ended"
    if found.get("status") == "checking":
        return "checking"
    why = str(stage.get("why") or "")
    return why if why in TURNS else "wait"


class OldAddressHandler(PageHandler):
    """`/public` stands in the QR of slips that were printed before; a code in an address is dropped."""

    function = None

    async def on_get(self) -> None:
        number = self.argument("no", 64)
        self.redirect("/status" + ("?" + urllib.parse.urlencode({"no": number}) if number else ""), permanent=True)
