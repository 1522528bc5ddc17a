"""What the pages of the counter show: one frozen dataclass per page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from node.domain.catalog.item_documents import DepartmentCount, ItemDocument, MaterialDocument, OfferedItem
from node.domain.filing.documents import DraftAside, DraftDocument, DraftFileRow, DraftSummary, LodgedResult, PersonHints
from node.domain.filing.ids import KINDS
from node.domain.touched import Clash, seen_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AgentHomePage:
    """The agent's day. First what came back or came to nothing, with the reason; `lists` are (key, rows, total) in the order of the
    page; `stuck` rows carry why, since, at_tier."""

    came_back: tuple[Row, ...]
    came_back_total: int

    lists: tuple[tuple[str, tuple[Row, ...], int], ...]
    stuck: tuple[Row, ...]
    stuck_total: int
    under_way: int
    handover: Row | None
    drafts: tuple[Row, ...]
    drafts_total: int
    aside: int = 0  # drafts that are to be removed
    notice: str = ""


@dataclass(frozen=True, slots=True)
class NewPage:
    """Picking an item: by search, or by department."""

    q: str
    department: str
    departments: tuple[DepartmentCount, ...]
    items: tuple[OfferedItem, ...]
    total: int
    previous_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class ItemStartPage:
    """The guide of one item with the button that begins an application."""

    item: ItemDocument
    tier: str


@dataclass(frozen=True, slots=True)
class DraftsPage:
    """All drafts of this counter that are not finished; `aside` those that are to be removed, with `until`."""

    rows: tuple[DraftSummary, ...]
    total: int
    next_url: str
    aside: tuple[DraftAside, ...] = ()


class DraftMaterial(MaterialDocument):
    """A row of the checklist: the files sorted to it, how many originals lie here on `paper`, whether it is ticked as missing."""

    files: list[DraftFileRow]
    paper: int | None
    lacking: bool


@dataclass(frozen=True, slots=True)
class DraftPage:
    """One draft: the form as typed, the files, the guide. `errors` are sentences by field; `problems` (field, sentence)
    in the order of the form, for the summary on top."""

    draft: DraftDocument
    item: ItemDocument
    loose: tuple[DraftFileRow, ...]
    materials: tuple[DraftMaterial, ...]
    channels: tuple[str, ...]
    tier: str
    errors: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    clashes: tuple[Clash, ...] = ()
    id_types: tuple[str, ...] = KINDS

    @property
    def sorted_seen(self) -> str:
        """The mark of what the choices of materials show."""
        return seen_of({one["id"]: one["material"] for one in self.draft["files"]})


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The part of a draft that says what is known of the person whose number is typed."""

    draft_id: str
    person: PersonHints


@dataclass(frozen=True, slots=True)
class DonePage:
    """After lodging: number, query code, QR (a data URI, or "")."""

    result: LodgedResult
    qr: str
    tier: str


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """Cases to hand over, to be ticked: first those of today that are complete; the others say why they are not ticked."""

    rows: tuple[Row, ...]
    total: int
    next_url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class HandoverAskPage:
    """The question before a hand-over: what is to go."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class HandoverListPage:
    """What one act handed over: the list that goes with the bag, and what could not be handed over. `packed`: how many have not left
    this machine yet."""

    act: Row
    failed: tuple[tuple[str, str], ...]
    packed: int = 0
