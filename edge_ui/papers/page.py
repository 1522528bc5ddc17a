"""The context of a paper's template, and what stands at its head."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.domain.cases.fields import FieldSpec
from node.domain.papers.changed import CORRECT, FIELDS, REVOKE
from node.domain.papers.documents import PaperBlock, PaperDocument

OF_THE_APPLICANT = frozenset({"gap_pledge"})
_CHANGED = {"corrected": "已更正", "revoked": "已撤销"}
_NUMBER = re.compile(r"(\d{12}(?:-[0-9A-Z]+){3,6})")
NARROW = 12  # wide characters that half a line of a form takes


def paired(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows (label, value), two short ones beside each other: a paper is to fit on one page."""
    found: list[list[str]] = []
    for row in rows:
        beside = found and len(found[-1]) == 2 and _is_short(found[-1]) and _is_short(row)
        if beside:
            found[-1] = [*found[-1], *row]
        else:
            found.append(list(row))
    return found


def is_paired(row: Sequence[str]) -> bool:
    return len(row) == 4


def _is_short(row: Sequence[str]) -> bool:
    """Whether both cells fit beside another pair in one line."""
    return "\n" not in row[1] and _wide(row[1]) <= NARROW and _wide(row[0]) <= NARROW / 2


def _wide(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)


def mark_of(paper: PaperDocument) -> str:
    """What a reader must know of this print: a preview, a copy, one more print. Papers are Chinese whatever the page's language."""
    if paper["state"] == "preview":
        return "预览，尚未出具"
    if paper["state"] == "running":
        return "随办件流转，未编号"
    marks = [f"查阅件（原件由{paper['center']}出具）"] if paper["state"] == "copy" else []
    marks += ["原稿遗失，按登记重新生成"] if paper["remade"] else []
    marks += [f"{_CHANGED[one['kind']]}（{one['number']}）" for one in paper["changes"]]
    marks += [f"补打 {paper['reprinted']}"] if paper["reprinted"] else []
    return "　".join(marks)


def letterhead(paper: PaperDocument) -> str:
    """Whose paper it is, above its title; what the applicant signs is no organ's."""
    return "" if paper["paper"] in OF_THE_APPLICANT else paper["organ"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A form below a paper that was refused: what was typed, what is wrong with each field, and with all of it."""

    action: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """One paper to look at, to issue and to print. `qr` is "" for what nobody may rely on: a preview, a copy. `form_id` makes a double
    click one act."""

    paper: PaperDocument
    qr: str = ""
    refused: Refused = Refused()
    form_id: str = ""

    @property
    def changes(self) -> list[tuple[str, Sequence[FieldSpec]]]:
        """What the reader may say of the paper now (correct_paper, revoke), with the fields of each."""
        may = {CORRECT: self.paper["may_correct"], REVOKE: self.paper["may_revoke"]}
        return [(action, FIELDS[action]) for action, fits in may.items() if fits]

    def rows_of(self, block: PaperBlock) -> list[list[str]]:
        """The rows of a block of pairs as lines of a table."""
        return paired(block["rows"]) if block["kind"] == "rows" else [list(row) for row in block["rows"]]

    def pieces_of(self, line: str) -> list[tuple[str, bool]]:
        """A line in pieces, those that are case numbers apart: they are not broken."""
        return [(piece, bool(n % 2)) for n, piece in enumerate(_NUMBER.split(line)) if piece]

    @property
    def letterhead(self) -> str:
        return letterhead(self.paper)

    @property
    def mark(self) -> str:
        return mark_of(self.paper)
