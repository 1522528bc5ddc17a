"""What the pages of a hall show: one frozen dataclass per page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge_ui.web.hall.story import Told, Turn
from node.domain.cases.desk_documents import CaseOnDesk, DeskPart, ReceivedRow
from node.domain.cases.documents import CaseDocument, CaseListed
from node.domain.cases.material_documents import CorrectionView, MaterialRow
from node.domain.cases.messages import MessageDocument, Partner
from node.domain.notices.documents import CaseNotices, NewsDocument, ToTell
from node.domain.supervision.order_documents import OrderListed

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """The workbench: `parts` with their counts, the rows of the chosen part, the most urgent first."""

    part: str
    parts: tuple[DeskPart, ...]
    rows: tuple[CaseOnDesk, ...]
    next_url: str
    first_url: str
    error: str = ""
    to_tell: int = 0  # people to be told face to face


@dataclass(frozen=True, slots=True)
class ReceivePage:
    """What arrived and waits for its receipt, all ticked."""

    rows: tuple[CaseOnDesk, ...]
    next_url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """What a receipt of many did, case by case."""

    rows: tuple[ReceivedRow, ...]


@dataclass(frozen=True, slots=True)
class CasesPage:
    """A page of the case list with the filter that made it."""

    status: str
    item: str
    statuses: tuple[str, ...]
    rows: tuple[CaseListed, ...]
    next_url: str
    first_url: str
    as_of: object
    error: str = ""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """What a search found; `more` when there are more than are shown."""

    q: str
    rows: tuple[CaseOnDesk, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of an action's form with what the person typed and what is wrong with it.

    `options` (value, words) are boxes to tick; what is ticked is joined with commas. `labels`: names of the choices, where those
    are people.
    """

    name: str
    type: str
    required: bool
    choices: tuple[str, ...]
    value: str
    example: str
    error: str
    options: tuple[tuple[str, str], ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One action a person may take now. `form_id` makes a double click one act."""

    action: str
    is_request: bool
    forward: bool
    fields: tuple[FormField, ...]
    form_id: str
    error: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class ToTellPage:
    """Whom to tell face to face, the longest waiting first; `total` of them in all."""

    rows: tuple[ToTell, ...]
    total: int
    notice: str = ""


@dataclass(frozen=True, slots=True)
class NewsPage:
    """What is new for whoever is logged in."""

    found: NewsDocument
    notice: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionPart:
    """The correction of a case: `view` as the case document has it, the form that supplies it or asks once more (None: not this
    person's), what was typed and what is wrong with single rows. `offline`: what is asked for waits for the line."""

    view: CorrectionView
    supply: ActionForm | None
    again: ActionForm | None
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str = ""
    offline: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case: its way, papers beside the forms of what may be done now. `correction`: what the applicant is asked to
    correct, and what came. `kinds`: media types of the
    files that are here; `split`: whose time it was; `others`: other cases of the same person for the same item."""

    case: CaseDocument
    facts: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    forms: tuple[ActionForm, ...]
    kinds: Mapping[str, str]
    split: tuple[tuple[str, str], ...]
    others: tuple[CaseOnDesk, ...] = ()
    papers: tuple[Row, ...] = ()
    correction: CorrectionPart | None = None
    said_back: str = ""  # why it was handed back or turned down
    recording: ActionForm | None = None  # originals on paper that come now
    boxes: Mapping[str, tuple[MaterialRow, ...]] = field(default_factory=dict)  # beside which form originals may be ticked
    wanting: tuple[MaterialRow, ...] = ()  # required materials of which nothing lies here, beside the form that accepts
    story: tuple[Told, ...] = ()
    turn: Turn | None = None
    keys: Mapping[str, str] = field(default_factory=dict)  # the letter of each forward act
    messages: MessagesPart | None = None
    orders: Sequence[OrderListed] = ()
    notices: CaseNotices | None = None
    contact_errors: Mapping[str, str] = field(default_factory=dict)
    may_supply: bool = False  # whether who reads may add files
    beside: Mapping[str, str] = field(default_factory=dict)  # what was wrong with the file sent for a material
    notice: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class MessagesPart:
    """The messages on a case, the newest first, and the form to write one. `partners`: the offices that may be ticked."""

    case_no: str
    rows: tuple[MessageDocument, ...]
    total: int
    next_url: str
    partners: tuple[Partner, ...]
    ticked: frozenset[str]
    other: str
    text: str
    errors: Mapping[str, str]
    form_id: str


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """The messages on one case, for an office that may know nothing else of it."""

    case_no: str
    part: MessagesPart
    known: bool
    notice: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What came here about any case."""

    rows: tuple[MessageDocument, ...]
    next_url: str
    first_url: str
