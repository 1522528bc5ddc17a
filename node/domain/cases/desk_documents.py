"""The documents of the workbench: its parts, a case as a row of it, what became of a receipt of many (times as in `documents.py`)."""

from __future__ import annotations

from typing import TypedDict

from node.domain.cases.documents import CaseSummary, Owner


class CaseOnDesk(CaseSummary):
    """A case as a row of the workbench: who applied, since when it lies, at which tier; whose turn it is."""

    applicant: str
    filed_at: str | None
    since: str | None
    at_tier: str
    owner: Owner | None
    awaits: str
    back: bool


class ReceivedRow(TypedDict):
    """The outcome of one case of a receipt of many: `outcome` done, before or refused (`why`, in both languages)."""

    case_no: str
    applicant: str
    item_name: str
    outcome: str
    why: str
    why_en: str


class DeskPart(TypedDict):
    """A part of the workbench. `more`: there are more than were counted."""

    part: str
    count: int
    more: bool


class Desk(TypedDict):
    part: str
    parts: list[DeskPart]
    rows: list[CaseOnDesk]
    next: str | None


class CasesFound(TypedDict):
    rows: list[CaseOnDesk]
    more: bool
