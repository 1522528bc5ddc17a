"""The documents about papers that services hand to pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict


class PaperBlock(TypedDict):
    """A block of a paper (`node.domain.papers.templates`): words, or rows of cells; of a table also its head and the shares of the
    width."""

    kind: str
    text: NotRequired[str]
    rows: NotRequired[list[list[str]]]
    head: NotRequired[list[str]]
    widths: NotRequired[list[int]]
    caption: NotRequired[str]


class PaperChange(TypedDict):
    """What was said of a paper after it was issued: `kind` corrected or revoked, by the notice with this number and day."""

    kind: str
    number: str
    date: str


class PaperDocument(TypedDict):
    """A paper as blocks that HTML and PDF draw alike. `state` is `preview`, `issued`, `copy` (this node did not act), `running` (the
    tracking sheet of the moment) or `sheet` (for the applicant to sign, never issued);
    `number` and `code` are "" until it is issued. `reprinted` is the day of a later print; `remade`:
    the frozen words were lost with a disk and are composed anew. `by`: the center that acts for the organ.
    `layout`: `document` (文书式) or `form` (表格式). `changes`: the notices about it; `may_correct`, `may_revoke`: whether the reader
    may issue one here."""

    case_no: str
    paper: str
    title: str
    organ: str
    by: str
    center: str
    number: str
    day: str
    state: str
    issued_at: str
    reprinted: str
    remade: bool
    may_issue: bool
    blocks: list[PaperBlock]
    code: str
    sealed: bool
    version: int
    wording: int
    layout: str
    valid: str
    copies: str
    notes: str
    changes: list[PaperChange]
    may_correct: bool
    may_revoke: bool


class PaperIssued(TypedDict):
    """What issuing a paper answers: its number, and the code that people verify it by."""

    number: str
    code: str


class PaperRow(TypedDict):
    """One paper that a case has."""

    paper: str
    title: str
    number: str
    issued_at: str | None
    basis_version: int | None
    state: str


class PaperListed(PaperRow):
    """One paper in the list of a case. `state` `none` comes with the reason why there is no such paper."""

    reason: str
    reason_en: str


class Later(TypedDict):
    """What happened after a paper: the day, the word for it, and its code."""

    date: str
    what: str
    kind: str


class Verification(TypedDict):
    """What a code is worth here. `changes`: why it is corrected or withdrawn, where a notice says so. `genuine` is null where that is
    not known; `reason` says why it cannot be told: `doubted`, `unjudged`; `phone`: whom to ask."""

    result: str
    genuine: bool | None
    case_no: str
    paper: str
    title: str
    number: str
    date: str | None
    organ: str
    status: str
    later: list[Later]
    changes: list[PaperChange]
    node: str
    reason: str
    phone: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Issued:
    """The outcome of issuing; `created` is False when it had been issued before."""

    created: bool
    document: PaperDocument
