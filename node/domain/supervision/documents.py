"""The documents of oversight that services hand to pages and the API: cases, their figures and their way by facts. Never an applicant in any of
them.

Nodes are named by their division codes, times are ISO 8601 texts (None for not yet, or not known), days are ISO dates.
"""

from __future__ import annotations

from typing import TypedDict

from node.domain.cases.documents import Deadline, FindingDocument, ToldFact


class Fresh(TypedDict):
    """How far what is told reaches: until when the whole is known, until when each node is, and since when the silent ones are not."""

    known_until: str | None
    as_of: dict[str, str | None]
    unknown_since: dict[str, str | None]


class StatRow(TypedDict):
    """One figure; `key` a node's code, a tier, an item, a status or a day; `list` is the address of exactly its rows."""

    key: str
    value: int
    list: str


class Stats(Fresh):
    measure: str
    by: str
    rows: list[StatRow]


class Holder(TypedDict):
    """Who has to answer for a case. `post`: whose turn it is; `staff_id`: whom the step was given to, where that may be known, and `person`
    what they are called, where somebody told."""

    node: str | None
    name: str
    unit: str | None
    post: str | None
    staff_id: str | None
    person: str | None


Segment = TypedDict(
    "Segment",
    {"node": str | None, "name": str, "unit": str | None, "kind": str, "from": str | None, "to": str | None, "workdays": int},
)

OnTheWay = TypedDict("OnTheWay", {"from": str | None, "to": str | None, "since": str | None})


class LateThere(TypedDict):
    """Lateness that stays on record: by how many working days, who had the case, and the act or decision that ended it."""

    clock: str
    due: str
    over_days: int
    holder: str | None
    ended_by: str
    ended_on: str


class Before(TypedDict):
    """What was done about the time of a case: extended by how many days, reminded how often; `unanswered`: nothing was done since."""

    extended: int
    reminded: int
    unanswered: bool


class Ended(TypedDict):
    """How and when a case ended that was turned down, handed back, given up or voided (`ends.HOWS`); None of others."""

    ended: str | None
    ended_at: str | None


class OversightCase(Before, Ended):
    """A case as a supervisor gets it (`node.services.supervision.rows`); `step` is what it waits for where it lies."""

    case_no: str
    item_id: str
    item: str
    kind: str
    category: str
    status: str
    custodian: str | None
    origin: str | None
    holder: Holder
    step: str
    due: str | None
    over_days: int
    light: str
    since: str | None
    segments: list[Segment]
    was_late: list[LateThere]
    doubted: list[str]
    unjudged: bool
    transit: OnTheWay | None
    unknown_since: str | None


class Drawn(TypedDict):
    """The files of a month that are drawn by lot: `share` per cent of the `of` cases that were turned away, and `share_decided` per cent of the
    `of_decided` others that were decided, at least one of each unit, in the order of SHA-256(seed, case number). `seed`: hash of the last
    entry of the drawing node in the month, at `epoch` and `seq`."""

    month: str
    share: int
    of: int
    share_decided: int
    of_decided: int
    seed: str | None
    epoch: int | None
    seq: int | None
    cases: list[str]


class ViewFigure(TypedDict):
    """How many cases a view holds, and the address of its rows."""

    view: str
    value: int
    list: str


class CaseFigures(TypedDict):
    """The figures of the views, and what a list can be narrowed by: units by code, items by id, departments by name."""

    figures: list[ViewFigure]
    units: list[str]
    items: list[str]
    departments: list[str]


class OversightCases(Fresh):
    """A page of cases of a view ("" behind a figure of `measure`); `total` counts them all, `next` is the cursor; `draw` says how the files
    of the view `drawn` were drawn."""

    view: str
    measure: str
    cases: list[OversightCase]
    total: int
    next: str | None
    draw: Drawn | None


class OversightList(OversightCases, CaseFigures):
    """The same with the figures of all views."""


class HeadFigure(TypedDict):
    """A figure of the first row: cards in force by rung, cases of a view, or findings that are suspected, and the address of its rows. None
    where what was asked narrows no such thing."""

    figure: str
    value: int | None
    list: str


class ActTold(TypedDict):
    """An act on a case: what, where, when as everybody counts it (`claimed`: what its author said, when that is another time), and its facts.
    `person`: who acted, for the node and its parent."""

    version: int
    action: str
    status: str
    node: str | None
    node_name: str
    person: str | None
    at: str | None
    claimed: str | None
    unproven: bool
    told: list[ToldFact]
    hash: str


class Asked(TypedDict):
    """A request on a case: what was asked by which node, and whether it is pending, done or declined."""

    asked: str
    node_name: str
    state: str


class CaseFacts(TypedDict):
    """The way of a case by facts alone."""

    case: OversightCase
    filed_at: str | None
    accepted_at: str | None
    decided_at: str | None
    concluded_at: str | None
    deadlines: list[Deadline]
    findings: list[FindingDocument]
    asked: list[Asked]
    acts: list[ActTold]


class CaseTold(Fresh, CaseFacts):
    """The same with how far it is known."""
