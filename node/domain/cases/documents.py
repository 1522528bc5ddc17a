"""The documents about cases that services hand to pages and the API (INTERFACE.md, "Case document").

Nodes are named by their division codes, times are ISO 8601 texts (None for not yet, or not known), days are ISO dates.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, final

from node.domain.cases.bodies import Body
from node.domain.cases.material_documents import CorrectionView, GapView, MaterialRow
from node.domain.json_values import JsonObject

# a case on its way; `purpose`: hand_over, refer, home, …
Transit = TypedDict(
    "Transit",
    {"from": str | None, "from_name": str, "to": str | None, "to_name": str, "purpose": str, "since": str | None},
)


class CaseSummary(TypedDict):
    """What every list says of a case. `category`: as the catalog writes it (行政许可 …); `doubted`: the rules it is in doubt by;
    `unknown_since`: since when its holder is silent, or what its due day needs is lacking; `lacks`: what that is (item, calendar,
    rules): `due` is then the latest that it can be, or null."""

    case_no: str
    item_id: str
    item_name: str
    item_version: int
    category: str
    kind: str
    label: str
    doubted: list[str]
    unjudged: bool
    status: str
    version: int
    term: int
    custodian: str | None
    origin: str | None
    due: str | None
    light: str
    over_days: int
    provisional: bool
    as_of: str | None
    unknown_since: str | None
    lacks: list[str]
    transit: Transit | None


class CaseListed(CaseSummary):
    applicant: str | None
    filed_at: str | None


class CasePageOf(TypedDict):
    """A page of cases, newest first; `next` is the cursor of the following one."""

    cases: list[CaseListed]
    next: str | None


class Deadline(TypedDict):
    """An open deadline and what explains it. `left` in working days, negative when it is over; `limit` without the extension;
    `sentence` says how P or S comes about, of the others only what a calendar changed. `other_date`: where a calendar that was published
    later parts the two, of a printed promise (which stays) the date by that calendar, of the others (which move) the date of before."""

    clock: str
    due: str
    provisional: bool
    limit: int | None
    unit: str
    basis: str
    since: str | None
    left: int
    extension: int
    other_date: str | None
    sentence: str
    sentence_en: str


class WasLate(TypedDict):
    """Lateness that was: by how many working days a deadline was over when the act `ended_by` ended or moved it, how many of them stand on
    record already (`before_days`), and which unit answers for it (none: each kept its part). `kept_days`: what the unit
    of this node used of it where it kept its own part, else None."""

    clock: str
    due: str
    over_days: int
    before_days: int
    kept_days: int | None
    holder: str | None
    holder_name: str
    ended_by: str


class ItemChange(TypedDict):
    """A field of the item that is not what it was when the case was filed."""

    field: str
    old: str
    new: str


class NewMaterial(TypedDict):
    """A material of the list in force: its place there, and which material of the case it is by its name; None for none of them."""

    material: str
    name: str
    required: bool
    was: str | None


class ItemUpdate(TypedDict):
    """What of the item changed between the filing and now, while the case is not accepted; `withdrawn`: why it is offered no more.
    `materials`: the new list against the case's; [] while that is the same."""

    version: int
    withdrawn: str
    changes: list[ItemChange]
    materials: list[NewMaterial]


# a stop of the statutory clocks: first and last day, working days among them, and those beyond the stated end
Pause = TypedDict("Pause", {"kind": str, "from": str, "until": str, "days": int, "over": int})


class Witnessed(TypedDict):
    """Between which moments others saw an entry."""

    not_before: str | None
    receipt: str | None


# from whom to whom a case was given; names where the people work, None elsewhere
Given = TypedDict("Given", {"from": str | None, "from_name": str | None, "to": str, "to_name": str | None})


class ToldFact(TypedDict):
    """A fact of an act in words (`node.domain.cases.telling.Told`)."""

    name: str
    label: str
    value: str
    label_en: str
    value_en: str


class NoteDocument(TypedDict):
    """A note beside the case (`node.domain.notes`): what it says in words, `at` by its author's clock, `to` whom it is for."""

    id: str
    kind: str
    node: str | None
    node_name: str
    staff: str
    at: str | None
    to: list[str]
    to_names: list[str]
    told: list[ToldFact]


class TimelineRow(TypedDict):
    """An effective entry: who, where, the claimed time and the witnessed one. `dated`: the time that counts; `moved`: it is not the
    claimed one, by more than five minutes; `borne_out`: the node above its author has said by when it had it (a root's own
    clock counts); `unproven`: it has not, though an hour has passed or the time has not come yet. `doubted`: flags of the audit."""

    version: int
    term: int
    action: str
    status: str
    node: str | None
    node_name: str
    tier: str | None
    staff: str
    staff_name: str | None
    recorded_at: str | None
    dated: str | None
    moved: bool
    borne_out: bool
    unproven: bool
    witnessed: Witnessed
    hash: str
    note: str | None
    facts: JsonObject
    told: list[ToldFact]
    given: Given | None
    doubted: NotRequired[list[str]]


class TrackerRow(TypedDict):
    """A stage of the way of a case. `state`: done, now, stuck or todo; `why` is what it waits for, `until` a day."""

    step: str
    tier: str
    at: str | None
    state: str
    why: str
    since: str | None
    until: str | None
    at_tier: NotRequired[str]


class Waiting(TypedDict):
    """What a case waits for now: the parts of a TrackerRow that say so."""

    why: str
    since: str | None
    at_tier: str
    until: NotRequired[str | None]
    state: NotRequired[str]


Hop = TypedDict(
    "Hop",
    {
        "node": str | None,
        "node_name": str,
        "from": str | None,
        "to": str | None,
        "reason": str,
        "offered_at": str | None,
        "taken_at": str | None,
        "left_at": str | None,
    },
)


class Owner(TypedDict):
    """Whose case it is. Names are known at the person's own node only."""

    unit: str | None
    post: str | None
    staff_id: str
    name: str | None


class PresentStep(TypedDict):
    """What the case waits for at its holder."""

    code: str
    name: str
    post: str
    due: str | None


class RequestDocument(TypedDict):
    """A request that follows custody. `state`: pending, done or declined; `answer` is the entry that answered."""

    id: str
    action: str
    state: str
    case_no: str
    answer: str | None


@final
class Requested(TypedDict):
    request: RequestDocument


class FieldOffered(TypedDict):
    """A field of an action (`node.domain.cases.fields.FieldSpec`)."""

    name: str
    type: str
    required: bool
    choices: tuple[str, ...]
    example: str | int | bool
    labels: tuple[str, ...]


# an action a person may take; `as` is event or request, `forward` marks those that move the case on
Offered = TypedDict("Offered", {"action": str, "as": str, "forward": bool, "fields": list[FieldOffered]})


class FindingDocument(TypedDict):
    """One finding of a case: `rule` as it is listed, `flag` exactly what is wrong, who wrote it (division code) and when (claimed)."""

    finding_id: str
    rule: str
    flag: str
    zh: str
    en: str
    node: str | None
    at: str | None
    event: str
    doubt: bool


class WholeCase(CaseSummary):
    """The whole case for one reader. `time_split` in milliseconds by whose time it was, `time_split_days` in working days;
    `application` as it was handed in, None where the body is not held; `same_application`: the case that was filed first with the
    same application; `moved_at`: since when it lies where it is, in its step; `custodian_name`, `origin_name`: what people call them,
    "" where nobody is or knows."""

    application_no: str
    source: str
    channel: str
    decision: str | None
    filed_at: str | None
    received_at: str | None
    accepted_at: str | None
    decided_at: str | None
    frozen: bool
    contents_missing: bool
    same_application: str | None
    custodian_name: str
    origin_name: str
    moved_at: str | None
    deadlines: list[Deadline]
    item_update: ItemUpdate | None
    late: list[WasLate]
    pauses: list[Pause]
    time_split: dict[str, int]
    time_split_days: dict[str, int]
    timeline: list[TimelineRow]
    tracker: list[TrackerRow]
    findings: list[FindingDocument]
    cards: list[str]
    hops: list[Hop]
    owner: Owner | None
    unit: str | None
    step: PresentStep | None
    materials: list[MaterialRow]
    correction: CorrectionView | None
    gap: GapView | None
    requests: list[RequestDocument]
    notes: list[NoteDocument]
    actions: list[Offered]
    application: Body | None


@final
class CaseDocument(WholeCase):
    """The case document."""


# files ----------------------------------------------------------------------------------------------------------------


class FileInfo(TypedDict):
    """A file that is about to be sent: `size` in bytes, `suffix` with its dot; `picture`: it may be shown."""

    size: int
    mime: str
    suffix: str
    picture: bool


class UploadOffset(TypedDict):
    """How much of an upload is held, in bytes; `size` None for any."""

    offset: int
    size: int | None
    whole: NotRequired[bool]


class PieceStored(TypedDict):
    """What is held after a piece of a file: bytes from its beginning."""

    offset: int
    complete: bool


@final
class FileAsked(PieceStored):
    """The whole file became a request to the holder of the case."""

    status: int
    request: RequestDocument


@final
class FileTaken(WholeCase):
    """The whole file became part of the case, as it stands then."""

    offset: int
    complete: bool
