"""The documents about drafts and the agent's desk that services hand to pages. Times are ISO 8601 texts."""

from __future__ import annotations

from typing import Generic, NotRequired, TypedDict, TypeVar

from node.domain.cases.documents import CaseSummary
from node.domain.catalog.item_documents import ItemDocument, MaterialDocument
from node.domain.json_values import JsonObject
from node.domain.touched import Clash
from node.domain.words.errors import FieldErrorDocument


class FilingAnswer(TypedDict):
    """What became of one application of a file that was handed in at the command line: a case, or the `errors`."""

    application_no: str | None
    case_no: NotRequired[str]
    status: NotRequired[str]
    query_code: NotRequired[str]
    warnings: NotRequired[list[FieldErrorDocument]]
    errors: NotRequired[list[FieldErrorDocument]]


class ApplicantGiven(TypedDict):
    """The applicant as an application names him. `id_type`: a kind of `ids.KINDS`, the citizen's number where none is said."""

    name: str
    sex: NotRequired[str]
    id_type: NotRequired[str]
    id_number: NotRequired[str]
    phone: NotRequired[str]
    address: NotRequired[str]


class AttachmentGiven(TypedDict):
    """One material as an application declares it. `size` in bytes; `count`: originals on paper; `held`: file, paper or missing."""

    material: str
    form: NotRequired[str]
    copies: NotRequired[int]
    file: NotRequired[str]
    mime: NotRequired[str]
    size: NotRequired[int]
    held: NotRequired[str]
    count: NotRequired[int]


class ApplicationGiven(TypedDict):
    """An application as other systems send it (INTERFACE.md, "Application"); `application.validate_application` checks it."""

    application_no: str
    item_id: str
    applicant: ApplicantGiven
    replaces: NotRequired[str]
    source: NotRequired[str]
    draft: NotRequired[bool]
    submitted_at: NotRequired[str]
    item_name: NotRequired[str]
    entry_node: NotRequired[str]
    village_code: NotRequired[str]
    channel: NotRequired[str]
    form: NotRequired[JsonObject]
    attachments: NotRequired[list[AttachmentGiven]]


class FiledDocument(TypedDict):
    """The case that an application became. `query_code` is "" where it is not known any more."""

    case_no: str
    status: str
    query_code: str
    warnings: list[FieldErrorDocument]


class DraftSaved(TypedDict):
    """`seen`: the mark of what the form shows now; `clashes`: what a colleague changed meanwhile, not stored."""

    saved_at: str | None
    seen: str
    clashes: tuple[Clash, ...]


class PersonCase(TypedDict):
    """A case of the person whose number is typed."""

    case_no: str
    item_name: str
    status: str
    filed_at: str | None


class LastGiven(TypedDict):
    """What a person gave at his last case here; texts that were not given are ""."""

    case_no: str
    filed_at: str | None
    name: str
    phone: str
    address: str


class PersonHints(TypedDict):
    """What is said at the number of a person: open cases for the item and an age that does not fit, his last cases, what he gave."""

    warnings: list[FieldErrorDocument]
    cases: list[PersonCase]
    last: LastGiven | None


class DraftSummary(TypedDict):
    """A draft in a list. `by`: the name of who began it."""

    id: str
    item_id: str
    item_name: str
    state: str
    applicant: str
    by: str
    staff_id: str
    case_no: str
    created_at: str | None
    updated_at: str | None
    aside: bool


class DraftAside(DraftSummary):
    """A draft in the bin; it is not removed before `until`."""

    until: str | None


class DraftsPage(TypedDict):
    drafts: list[DraftSummary]
    next: str | None
    total: int
    aside: int


class DraftFileRow(TypedDict):
    """A file of a draft. `size` as announced, `offset` what is held, both in bytes; `picture`: it may be shown."""

    id: str
    n: int
    material: str
    file_name: str
    mime: str
    size: int
    whole: bool
    offset: int
    picture: bool


class ChecklistRow(MaterialDocument):
    """A material of the item with the ids of the files that are sorted to it."""

    files: list[str]


class DraftDocument(DraftSummary):
    """A draft with all that its form shows. `seen` is the mark of that; `item` None when it is offered no more; `villages` (code, name)
    to choose from; `person`: what to look at beside the number."""

    fields: dict[str, str]
    seen: str
    item: ItemDocument | None
    files: list[DraftFileRow]
    checklist: list[ChecklistRow]
    application_no: str
    villages: list[tuple[str, str]]
    tier: str
    person: PersonHints
    village_name: str


class Defect(FieldErrorDocument):
    """What stands in the way of lodging; `place` is the form's field it belongs to."""

    place: str


class LodgeAnswer(TypedDict):
    """The case, or all defects and nothing was written."""

    case_no: NotRequired[str]
    defects: NotRequired[list[Defect]]


class LodgedResult(TypedDict):
    """What the applicant takes along."""

    case_no: str
    query_code: str
    item_name: str
    status: str
    filed_at: str | None
    applicant: str
    has_parent: bool
    materials: int


class DeskCase(CaseSummary):
    """A case on the agent's desk. `files_missing`: declared files that are not here."""

    applicant: str
    filed_at: str | None
    since: str | None
    files_missing: int


class WaitingCase(DeskCase):
    """A case to be handed over. `age` in days since the filing; `ready`: filed today, complete and never handed back; `reason`: why it came
    back, in both languages."""

    age: int
    ready: bool
    back: bool
    reason: str
    reason_en: str


class HandedOver(TypedDict):
    """One case of a hand-over: `before`, it had been handed over; or the refusal in both languages."""

    case_no: str
    ok: bool
    before: NotRequired[bool]
    error: NotRequired[str]
    error_en: NotRequired[str]


class HandoverAct(TypedDict):
    id: str
    results: list[HandedOver]


class LastHandover(TypedDict):
    """When a case was last handed over from here; `taken_at` None while it is not known to be taken."""

    case_no: str
    at: str | None
    taken_at: str | None


class WaitingPage(TypedDict):
    rows: list[WaitingCase]
    total: int
    next: str | None


class CaseUntil(DeskCase):
    """A case that waits for a correction or for what was promised to follow; `until` is the day by which (None: no day was set)."""

    until: str | None


class CaseBack(DeskCase):
    """A case that was handed back, to be mended (`do` is "mend"), or turned down, to be told (`do` is "serve"); the reason in both languages."""

    reason: str
    reason_en: str
    do: str
    said_at: str | None


class CaseStuck(DeskCase):
    """A case on its way, and why it does not get on: `not_received`, `not_taken`, `coming_home`, `line` or `revoked`; `at_tier`: where
    it waits or goes."""

    why: str
    at_tier: str


_Row = TypeVar("_Row")


class DeskList(TypedDict, Generic[_Row]):
    """The first rows of one list of the home page, and how many there are in all."""

    rows: list[_Row]
    total: int


class AgentHome(TypedDict):
    """The agent's day. `under_way`: how many cases of this node are not decided; `handover`: the last one (None: none lately)."""

    came_back: DeskList[CaseBack]
    to_bring: DeskList[DeskCase]
    to_deliver: DeskList[DeskCase]
    to_answer: DeskList[CaseUntil]
    to_follow: DeskList[CaseUntil]
    stuck: DeskList[CaseStuck]
    under_way: int
    handover: LastHandover | None


class CaseHandedOver(DeskCase):
    """A case of one hand-over: the `originals` and `copies` that lie with it, as declared; `left`: the hand-over is known above."""

    originals: int
    copies: int
    left: bool


class HandoverList(TypedDict):
    """One act of handing over: who, when, the cases as they stand now, what was refused; `to` is the code of the node above ("" at a
    root)."""

    id: str
    by: str
    at: str | None
    rows: list[CaseHandedOver]
    failed: list[HandedOver]
    to: str
    to_tier: str
