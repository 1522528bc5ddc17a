"""A paper as an answer: the context of its page, or the PDF itself."""

from __future__ import annotations

import secrets
import urllib.parse

from edge_ui.base import BaseHandler
from edge_ui.papers.page import PaperPage, Refused
from edge_ui.shared.qr import qr_picture
from node.domain.papers.documents import PaperDocument

PDF = "application/pdf"


def verify_address(handler: BaseHandler, paper: PaperDocument) -> str:
    """Where the QR leads; "" for what was not issued. The code carries no personal data."""
    if not paper["code"]:
        return ""
    origin = handler.application.hosts.origin(handler.request)
    return f"{origin}/verify?code={urllib.parse.quote(paper['code'], safe='')}"


def page_of(handler: BaseHandler, paper: PaperDocument, refused: Refused | None = None) -> PaperPage:
    address = verify_address(handler, paper)
    return PaperPage(paper, qr_picture(address) if address else "", refused or Refused(), secrets.token_hex(12))


async def send_pdf(handler: BaseHandler, paper: PaperDocument) -> None:
    """The paper as a file to look at or print."""
    from edge_ui.papers.pdf import pdf_of  # fpdf2 and its fonts take a third of a second to load: when somebody prints

    data = await handler.call(pdf_of, paper, verify_address(handler, paper))
    handler.set_header("Content-Type", PDF)
    handler.set_header("Content-Security-Policy", "default-src 'none'")
    handler.set_header(
        "Content-Disposition", f'inline; filename="{paper["case_no"] or paper["issued_at"][:10]}-{paper["paper"]}.pdf"'
    )
    handler.finish(data)
