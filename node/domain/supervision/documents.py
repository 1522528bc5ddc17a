"""The documents of the network and of oversight that services hand to pages and the API. Never an applicant in any of them.

Nodes are named by their division codes, times are ISO 8601 texts (None for not yet, or not known), days are ISO dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

# the network ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThisNode:
    """Who tells. `entries`: how many it wrote."""

    code: str
    name: str
    tier: str
    software: str
    revision: int
    entries: int


@dataclass(frozen=True, slots=True)
class NodeRow:
    """What is known of a node. `state` is that of its line, else heard, never or revoked; `direct`: there is a line. `lists` leads
    from a figure to its rows. In a tree also the nodes below it: `size` of them, counted by state; `cut`: not shown here."""

    node_id: str
    code: str
    tier: str
    name: str
    direct: bool
    state: str
    since: str | None
    last_contact: str | None
    last_entry: str | None
    waiting: int | None
    software: str
    revision: int | None
    catalog_waits: bool
    reason: str
    error: str | None
    error_at: str | None
    unknown_since: str | None
    silent: bool
    open: int
    overdue: int
    findings: int
    lists: Mapping[str, str]
    children: tuple[NodeRow, ...] = ()
    size: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    cut: bool = False

    @property
    def shown(self) -> str:
        """The state that is shown: a node of which we only have records is `unknown` once it is silent."""
        return "unknown" if self.silent and self.state == "heard" else self.state


@dataclass(frozen=True, slots=True)
class NetworkTree:
    """The subtree of `at` (None: of this node), or what was `found`, then `more` is how many were left out."""

    here: ThisNode
    up: NodeRow | None
    at: NodeRow | None
    total: int
    states: Mapping[str, int]
    as_of: str | None
    attention: Mapping[str, int]
    tree: tuple[NodeRow, ...] = ()
    found: tuple[NodeRow, ...] | None = None
    more: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """This node, or a direct child with all below it: how many nodes, how many silent, and since when the first."""

    code: str
    name: str
    as_of: str | None
    unknown_since: str | None
    nodes: int
    silent: int


# oversight ------------------------------------------------------------------------------------------------------------


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
    """Who has to answer for a case. `post`: whose turn it is; `staff_id`: whom the step was given to, where that may be known."""

    node: str | None
    name: str
    unit: str | None
    post: str | None
    staff_id: str | None


Segment = TypedDict(
    "Segment",
    {"node": str | None, "unit": str | None, "kind": str, "from": str | None, "to": str | None, "workdays": int},
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


class OversightCase(TypedDict):
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


class ViewFigure(TypedDict):
    """How many cases a view holds, and the address of its rows."""

    view: str
    value: int
    list: str


class CaseFigures(TypedDict):
    """What a list can be narrowed by: units by code, items by id."""

    figures: list[ViewFigure]
    units: list[str]
    items: list[str]


class OversightCases(Fresh):
    """A page of cases of a view ("" behind a figure of `measure`); `total` counts them all, `next` is the cursor."""

    view: str
    measure: str
    cases: list[OversightCase]
    total: int
    next: str | None


class OversightList(OversightCases, CaseFigures):
    """The same with the figures of all views."""


class Head(TypedDict):
    epoch: int
    seq: int


class OversightNode(TypedDict):
    """A node of the subtree with its figures and the addresses of their rows; `in_time_rate` in per cent, None of nothing."""

    code: str
    tier: str
    parent: str | None
    name: str
    revoked: bool
    link: str | None
    as_of: str | None
    unknown_since: str | None
    head: Head | None
    filed: int
    open: int
    due_today: int
    overdue: int
    concluded: int
    on_time: int
    late: int
    overdue_open: int
    findings: int
    in_time_rate: float | None
    lists: dict[str, str]


class OversightNodes(Fresh):
    nodes: list[OversightNode]
    next: None
    total: int


class Charged(TypedDict):
    """Whom a finding is about."""

    node: str | None
    unit: str | None
    post: None
    staff_id: None


class FoundFlaw(TypedDict):
    """A finding; of a case, or of the chain of a node (then `case_no` is None). `evidence`: hashes of entries, hex."""

    finding_id: str
    rule: str
    kind: str
    monitor: str
    zh: str
    en: str
    case_no: str | None
    item_id: str | None
    charged: Charged
    at: str | None
    detail: str
    state: str
    evidence: list[str]


class FoundFlaws(Fresh):
    findings: list[FoundFlaw]
    total: int
    next: str | None
