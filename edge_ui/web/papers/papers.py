"""Papers as pages: look, issue, print, save as PDF; and what the QR of one says to whoever holds it."""

from __future__ import annotations

import urllib.parse

from edge_ui.papers.answers import page_of, send_pdf
from edge_ui.web.base import PageHandler
from edge_ui.web.papers.pages import VerifyPage
from node.domain.cases.access import Function
from node.domain.papers.documents import Verification
from node.domain.words.errors import TongbanError


class PaperPageHandler(PageHandler):
    """One paper of a case: a preview until somebody issues it; issuing gives it its number."""

    function = Function.READ_CASE
    writes = Function.ISSUE_PAPER
    as_written = True

    async def on_get(self, no: str, paper: str) -> None:
        found = await self.call(self.center.papers.show, no, paper, self.person)
        if self.argument("as", 8) == "pdf":
            await send_pdf(self, found)
        else:
            self.show("papers/paper.html", page_of(self, found))

    async def on_post(self, no: str, paper: str) -> None:
        await self.call(self.center.papers.issue, no, paper, self.person)
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}/papers/{urllib.parse.quote(paper, safe='')}")


class VerifyHandler(PageHandler):
    """Whether a paper is genuine and whether its case has moved on. Slowed per client like the state of a case."""

    function = None

    async def on_get(self) -> None:
        code = self.argument("code", 300)
        if not code:
            self.show("papers/verify.html", VerifyPage())
            return
        try:
            self.application.public_tries.take(self.client)
            found = await self.call(self.center.papers.verify, code)
        except TongbanError as error:
            if error.status >= 500:
                raise
            key = "papers.verify.slow" if error.code == "rate_limited" else "papers.verify.no_code"
            self.show("papers/verify.html", VerifyPage(code, error=self.say(key)), error.status)
            return
        if found["genuine"]:
            self.application.public_tries.give_back(self.client, 0.9)
        self.show("papers/verify.html", VerifyPage(code, found, later=self.later(found)))

    def later(self, found: Verification) -> str:
        """What the case came to after the paper, in one line."""
        events = [f"{self.when(one['date'])}{self.name_of(one['kind'], 'kind')}" for one in found["later"]]
        return ("，" if self.language == "zh" else ", ").join(events)
