"""Papers as pages: look, issue, print, save as PDF; and what the QR of one says to whoever holds it."""

from __future__ import annotations

import urllib.parse

from edge_ui.base import BaseHandler
from edge_ui.web.base import PageHandler
from edge_ui.web.hall.work import CASES
from edge_ui.web.papers.pages import PaperPage, VerifyPage
from edge_ui.web.qr import qr_picture
from node.domain.papers.documents import PaperDocument
from node.domain.words.errors import TongbanError

PDF = "application/pdf"


def verify_address(handler: BaseHandler, paper: PaperDocument) -> str:
    """Where the QR leads; "" for what was not issued. The code carries no personal data."""
    if not paper["code"]:
        return ""
    return f"{handler.request.protocol}://{handler.request.host}/verify?code={urllib.parse.quote(paper['code'], safe='')}"


def page_of(handler: BaseHandler, paper: PaperDocument) -> PaperPage:
    address = verify_address(handler, paper)
    return PaperPage(paper, qr_picture(address) if address else "")


async def send_pdf(handler: BaseHandler, paper: PaperDocument) -> None:
    """The paper as a file to look at or print."""
    from edge_ui.web.papers.pdf import pdf_of  # fpdf2 and its fonts take a third of a second to load: when somebody prints

    data = await handler.call(pdf_of, paper, verify_address(handler, paper))
    handler.set_header("Content-Type", PDF)
    handler.set_header("Content-Security-Policy", "default-src 'none'")
    handler.set_header("Content-Disposition", f'inline; filename="{paper["case_no"]}-{paper["paper"]}.pdf"')
    handler.finish(data)


class PaperPageHandler(PageHandler):
    """One paper of a case: a preview until somebody issues it; issuing gives it its number."""

    roles = CASES

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

    roles = None

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
        self.show("papers/verify.html", VerifyPage(code, found))
