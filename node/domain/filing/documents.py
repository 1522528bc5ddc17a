"""The documents about drafts and the agent's desk that services hand to pages. Times are ISO 8601 texts."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from node.domain.cases.documents import CaseSummary
from node.domain.catalog.item_documents import ItemDocument, MaterialDocument
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
    """A case on the agent's desk. `why` and `at_tier`: why one that is on its way does not get on; `until`: when an answer is due."""

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
