"""The workbench, the list of all cases, and the search."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.base import PageHandler
from edge_ui.web.hall.pages import CasesPage, FoundPage, WorkPage
from node.domain.case_number import spellings
from node.domain.cases.access import Function
from node.domain.cases.documents import CasePageOf
from node.domain.cases.lifecycle import STATUSES
from node.domain.words.errors import TongbanError

PER_PAGE = 30


class WorkHandler(PageHandler):
    """What is a person's turn, the most urgent first."""

    function = Function.WORKBENCH

    async def on_get(self) -> None:
        part, cursor = self.argument("part", 16), self.argument("cursor", 40)
        error, status = "", 200
        try:
            desk = await self.call(self.center.work.desk, self.person, part, cursor or None)
        except TongbanError as refusal:
            if refusal.code != "invalid_input":
                raise
            error, status = refusal.sentence(self.language), refusal.status
            desk = await self.call(self.center.work.desk, self.person)
        here = f"/work?part={desk['part']}"
        page = WorkPage(
            part=desk["part"],
            parts=tuple(desk["parts"]),
            rows=tuple(desk["rows"]),
            next_url=f"{here}&cursor={desk['next']}" if desk["next"] else "",
            first_url=here if cursor else "",
            error=error,
            to_tell=await self.call(self.center.notices.count_to_tell, self.person),
        )
        self.show("hall/work.html", page, status)


class CasesHandler(PageHandler):
    """The list with filter and pages (GET), and the search (POST: a name stands in no address)."""

    function = Function.READ_CASE

    async def on_get(self) -> None:
        status, item, cursor = self.argument("status", 32), self.argument("item", 128), self.argument("cursor", 512)
        found: CasePageOf = {"cases": [], "next": None}
        error, code = "", 200
        try:
            if status and status not in STATUSES:
                raise TongbanError("invalid_input", {"status": "not_a_choice"})
            found = await self.call(
                self.center.cases.listed,
                self.person,
                status=status or None,
                item=item or None,
                cursor=cursor or None,
                limit=PER_PAGE,
            )
        except TongbanError as refusal:
            if refusal.status not in (400, 422):
                raise
            error, code = refusal.sentence(self.language), refusal.status
        kept = {k: v for k, v in (("status", status), ("item", item)) if v}
        following = found["next"]
        page = CasesPage(
            status=status,
            item=item,
            statuses=STATUSES,
            rows=tuple(found["cases"]),
            next_url="/cases?" + urllib.parse.urlencode({**kept, "cursor": following}) if following else "",
            first_url="/cases?" + urllib.parse.urlencode(kept) if cursor else "",
            as_of=self.center.clock.now(),
            error=error,
        )
        self.show("hall/cases.html", page, code)

    async def on_post(self) -> None:
        words = self.fields.get("q", "").strip()[:100]
        found = await self.call(self.center.work.search, self.person, words)
        rows = found["rows"]
        if len(rows) == 1 and rows[0]["case_no"] in map(str, spellings(words)):
            self.see_other("/cases/" + urllib.parse.quote(str(rows[0]["case_no"]), safe=""))
            return
        self.show("hall/found.html", FoundPage(words, tuple(rows), bool(found["more"])))
