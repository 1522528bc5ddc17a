"""What the pages of the counter show: one frozen dataclass per page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.domain.catalog.item_documents import DepartmentCount, ItemDocument, MaterialDocument, OfferedItem
from node.domain.filing.documents import (
    AgentHome,
    DeskCase,
    DraftAside,
    DraftDocument,
    DraftFileRow,
    DraftSummary,
    HandoverList,
    LodgedResult,
    PersonHints,
    WaitingCase,
)
from node.domain.filing.documents import DraftsPage as Drafts
from node.domain.filing.ids import KINDS
from node.domain.notices.documents import ToTell
from node.domain.touched import Clash, seen_of


@dataclass(frozen=True, slots=True)
class AgentHomePage:
    """The agent's day; first what came back or came to nothing, with the reason."""

    desk: AgentHome
    drafts: Drafts
    to_tell: tuple[ToTell, ...] = ()  # people to be told face to face
    to_tell_total: int = 0
    notice: str = ""

    @property
    def lists(self) -> tuple[tuple[str, Sequence[DeskCase], int], ...]:
        """(key, rows, total) of the plain lists in the order of the page; what is to follow only where there is some."""
        desk = self.desk
        return (
            ("to_bring", desk["to_bring"]["rows"], desk["to_bring"]["total"]),
            ("to_answer", desk["to_answer"]["rows"], desk["to_answer"]["total"]),
            *((("to_follow", desk["to_follow"]["rows"], desk["to_follow"]["total"]),) if desk["to_follow"]["rows"] else ()),
            ("to_deliver", desk["to_deliver"]["rows"], desk["to_deliver"]["total"]),
        )


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

    rows: tuple[WaitingCase, ...]
    total: int
    next_url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class HandoverAskPage:
    """The question before a hand-over: what is to go."""

    rows: tuple[WaitingCase, ...]


@dataclass(frozen=True, slots=True)
class HandoverListPage:
    """What one act handed over: the list that goes with the bag, and what could not be handed over. `packed`: how many have not left
    this machine yet."""

    act: HandoverList
    failed: tuple[tuple[str, str], ...]
    packed: int = 0
