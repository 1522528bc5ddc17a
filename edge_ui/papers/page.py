"""The context of a paper's template, and what stands at its head."""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.papers.documents import PaperDocument


def mark_of(paper: PaperDocument) -> str:
    """What a reader must know of this print: a preview, a copy, one more print. Papers are Chinese whatever the page's language."""
    if paper["state"] == "preview":
        return "预览，尚未出具"
    if paper["state"] == "running":
        return "随办件流转，未编号"
    marks = [f"副本（原件由{paper['center']}出具）"] if paper["state"] == "copy" else []
    marks += ["原稿遗失，按登记重新生成"] if paper["remade"] else []
    marks += [f"补打 {paper['reprinted']}"] if paper["reprinted"] else []
    return "　".join(marks)


@dataclass(frozen=True, slots=True)
class PaperPage:
    """One paper to look at, to issue and to print. `qr` is "" for what nobody may rely on: a preview, a copy."""

    paper: PaperDocument
    qr: str = ""

    @property
    def mark(self) -> str:
        return mark_of(self.paper)
