"""What the pages of papers ask of a node."""

from __future__ import annotations

from typing import Protocol

from node.domain.model import Actor
from node.domain.papers.documents import Issued, PaperDocument, PaperListed, Verification


class PapersPort(Protocol):
    """`node.services.papers.papers.Papers`."""

    def listing(self, case_no: str, actor: Actor) -> list[PaperListed]: ...
    def show(self, case_no: str, paper: str, actor: Actor) -> PaperDocument: ...
    def issue(self, case_no: str, paper: str, actor: Actor, *, idempotency_key: str | None = None) -> Issued: ...
    def verify(self, text: str) -> Verification: ...
