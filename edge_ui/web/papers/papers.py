"""Papers as pages: look, issue, print, save as PDF; and what the QR of one says to whoever holds it."""

from __future__ import annotations

import urllib.parse
from typing import ClassVar

from edge_ui.papers.answers import page_of, send_pdf
from edge_ui.papers.page import Refused
from edge_ui.shared.form_key import form_key
from edge_ui.web.base import PageHandler
from edge_ui.web.papers.pages import VerifyPage
from node.domain.cases.access import Function
from node.domain.papers.changed import CORRECT, FIELDS, PAPER_OF, REVOKE
from node.domain.papers.documents import Verification
from node.domain.words.errors import FIELD_ERRORS, TongbanError


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
        self.see_other(_address(no, paper))


class PaperChangePage(PageHandler):
    """The form below a paper that corrects or revokes it; what was typed stays when it is refused."""

    function = Function.READ_CASE
    writes = Function.CHANGE_PAPER
    as_written = True
    what: ClassVar[str] = ""

    async def on_get(self, no: str, paper: str) -> None:
        self.see_other(_address(no, paper))

    async def on_post(self, no: str, paper: str) -> None:
        door = self.center.paper_changes.correct if self.what == CORRECT else self.center.paper_changes.revoke
        given = {spec.name: self.fields.get(spec.name, "") for spec in FIELDS[self.what]}
        try:
            await self.call(door, no, paper, given, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            found = await self.call(self.center.papers.show, no, paper, self.person)
            refused = Refused(self.what, given, self.said(error), "" if error.fields else error.sentence(self.language))
            self.show("papers/paper.html", page_of(self, found, refused), error.status)
            return
        self.see_other(_address(no, PAPER_OF[self.what]))

    def said(self, error: TongbanError) -> dict[str, str]:
        return {name: FIELD_ERRORS[code][0 if self.language == "zh" else 1] for name, code in error.fields.items()}


class CorrectPageHandler(PaperChangePage):
    """更正."""

    what = CORRECT


class RevokePageHandler(PaperChangePage):
    """撤销."""

    what = REVOKE


def _address(no: str, paper: str) -> str:
    return f"/cases/{urllib.parse.quote(no, safe='')}/papers/{urllib.parse.quote(paper, safe='')}"


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
