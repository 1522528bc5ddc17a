"""Contexts of the pages of papers, one per template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def mark_of(paper: dict[str, Any]) -> str:
    """What a reader must know of this print: a preview, a copy, one more print. Papers are Chinese whatever the page's language."""
    if paper["state"] == "preview":
        return "预览,尚未出具"
    if paper["state"] == "copy":
        return f"副本(原件由 {paper['center']} 出具)"
    return f"补打 {paper['reprinted']}" if paper["reprinted"] else ""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """One paper to look at, to issue and to print. `qr` is "" for what nobody may rely on: a preview, a copy."""

    paper: dict[str, Any]
    qr: str = ""

    @property
    def mark(self) -> str:
        return mark_of(self.paper)


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """What the code of a paper says here; `found` is None before a question."""

    code: str = ""
    found: dict[str, Any] | None = None
    error: str = ""
