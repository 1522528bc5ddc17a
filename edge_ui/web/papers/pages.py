"""What the pages of papers show beside the paper itself (`edge_ui/papers`)."""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.papers.documents import Verification


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """What the code of a paper says here; `found` is None before a question; `later`: what the case came to since."""

    code: str = ""
    found: Verification | None = None
    error: str = ""
    later: str = ""
