"""The documents of the units and nodes of a subtree and of the rules at work there, in figures with the addresses of their rows."""

from __future__ import annotations

from typing import TypedDict

from node.domain.supervision.card_documents import CardDocument
from node.domain.supervision.documents import CaseFigures, Fresh, HeadFigure, OversightCase
from node.domain.supervision.finding_documents import FoundFlaw


class Head(TypedDict):
    epoch: int
    seq: int


class OversightNode(TypedDict):
    """A node of the subtree with its figures and the addresses of their rows; `in_time_rate` in per cent, None of nothing; `unknown`
    open cases of which nobody here can say when they are due."""

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
    unknown: int
    concluded: int
    on_time: int
    late: int
    overdue_open: int
    findings: int
    in_time_rate: float | None
    lists: dict[str, str]


class UnitFigures(TypedDict):
    """A unit with all below it, or (`own`) by itself: figures, the addresses of their rows, the share in time (per cent, None of nothing) and
    of how many cases; `silent` units of it are not heard, the first since `unknown_since`; `below`: how many units are below it. `depth`: how far
    below the unit that was asked for its row stands; `unfolds`: whether anything is directly below it, `open` whether that is told too."""

    code: str
    tier: str
    name: str
    own: bool
    depth: int
    unfolds: bool
    open: bool
    revoked: bool
    below: int
    silent: int
    unknown_since: str | None
    as_of: str | None
    in_time_rate: float | None
    of: int
    figures: dict[str, int]
    lists: dict[str, str]


class PostFigures(TypedDict):
    """What waits for a post: `step` is what is awaited, `post` the role whose turn it is ("" on the way)."""

    step: str
    post: str
    figures: dict[str, int]
    lists: dict[str, str]


class Named(TypedDict):
    code: str
    name: str


class OversightUnits(Fresh):
    """A unit of the subtree: the way to it from this node, its own figures and those of the units directly below it with all below
    them, and what waits for which post there."""

    at: str
    path: list[Named]
    units: list[UnitFigures]
    posts: list[PostFigures]


class UnitLine(TypedDict):
    """How far a unit is known: `link` the state of the line to one directly below this node, None of others; `here`: it is this node."""

    link: str | None
    here: bool
    known_until: str | None
    unknown_since: str | None


class PersonFigures(TypedDict):
    """Who has open cases at a unit."""

    staff_id: str
    name: str
    figures: dict[str, int]
    lists: dict[str, str]


class MonthFigures(TypedDict):
    """What happened in a month at a unit and below it; not `whole`: it goes on."""

    month: str
    whole: bool
    figures: dict[str, int]
    lists: dict[str, str]


class UnitTold(OversightUnits):
    """One unit: the table below it, the unit with all below (`whole`), its line, its people (None where they are not told here), its first cases of
    a view, its newest cards in force, and its months, the newest first."""

    whole: UnitFigures
    line: UnitLine
    people: list[PersonFigures] | None
    view: str
    cases: list[OversightCase]
    cards: list[CardDocument]
    cards_total: int
    cards_list: str
    months: list[MonthFigures]


class Urgent(TypedDict):
    """A row of what is to be seen first. `why`: red or yellow (then `card`), suspected (then `finding`), else the view because of which it stands
    here. `case`: None of what is about no case that is known here; `minutes` from acceptance to decision, of a finding that is about them."""

    why: str
    case: OversightCase | None
    card: CardDocument | None
    finding: FoundFlaw | None
    minutes: int | None


class OversightDesk(Fresh, CaseFigures):
    """What a supervisor sees first: the figures of the first row (`heads`), the few rows that matter, the worst at the top, and the figures of
    the views."""

    heads: list[HeadFigure]
    first: list[Urgent]


class OversightFront(OversightDesk):
    """The same with the table of units (`units.units`)."""

    table: OversightUnits


class MonitorRow(TypedDict):
    """A rule of supervision at work: how many cases it is about now (of ends: this month; None where cases do not show it) and how many
    findings, each with the address of exactly its rows. Not `in_use`: switched off, or its facts are not written yet (未启用)."""

    rule: str
    zh: str
    en: str
    condition: str
    law: str
    in_use: bool
    cases: int | None
    findings: int
    lists: dict[str, str]


class OversightMonitor(Fresh):
    """The rules of a monitor, as published (`revision`)."""

    monitor: str
    revision: int
    rules: list[MonitorRow]


class OversightNodes(Fresh):
    nodes: list[OversightNode]
    next: None
    total: int
