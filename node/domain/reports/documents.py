"""The documents of monthly reports. Times are ISO texts, months YYYY-MM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from node.domain.bounded import BAD_LINE, has_any
from node.domain.reports.rows import Check, Row
from node.domain.supervision.appeal_documents import AppealListed
from node.domain.supervision.card_documents import CardDocument
from node.domain.supervision.documents import Fresh, OversightCase, Segment
from node.domain.supervision.order_documents import OrderListed
from node.domain.words.errors import TongbanError

MOST_NAME = 40  # characters of a name
SIGNATURE = ("filled_by", "checked_by")


class Column(TypedDict):
    name: str
    zh: str
    en: str


class ReportTable(TypedDict):
    """`rows`: one a unit, the own first; `total` of all. `names`: unit -> what it is called; `lists`: unit -> column -> the address of the
    rows that it counts."""

    columns: list[Column]
    rows: list[Row]
    total: Row
    names: dict[str, str]
    lists: dict[str, dict[str, str]]


class ReportTables(TypedDict):
    """What is not built yet is null."""

    cases: ReportTable
    signals: ReportTable
    complaints: None
    ratings: None
    fees: None
    agency: ReportTable | None


class CutLine(TypedDict):
    """A node, up to where its chain counts, and the entry of its own report. `below`: it lies in the subtree."""

    node: str
    id: str
    epoch: int
    seq: int
    report: str | None
    below: bool


class ReportBelow(TypedDict):
    """A unit directly below. `state`: open while it has not reported; `since`: since when it is not heard; `differs`: whether a recount of
    its report here says otherwise, None while that cannot be told."""

    node: str
    name: str
    state: str
    since: str | None
    signed: bool
    differs: bool | None


class Difference(TypedDict):
    """What a report states and what a recount of the same entries here says."""

    table: str
    unit: str
    column: str
    zh: str
    stated: int
    counted: int


class Missing(TypedDict):
    node: str
    name: str
    since: str | None


class Earlier(TypedDict):
    """An earlier month beside a report. `state`: whole, partial (the rows of `partial` do not have all of it) or unknown (no report, no
    tables); `tables`: cases, signals, agency -> unit -> row, with that of 合计."""

    month: str
    state: str
    partial: list[str]
    tables: dict[str, dict[str, Row]]


class Opened(TypedDict):
    """What the row of a unit adds up: itself first, then each directly below with all below it."""

    node: str
    name: str
    tables: ReportTables


class MonthlyReport(Fresh):
    """A month of a unit. `state`: open, submitted, frozen. `recounted`: whether this node has counted the same entries again; `lacks`: the
    nodes of which entries are not here for that. `missing`: units without a report, since when they are not heard; `partial`: the rows that do not
    have all of the month. `differing`: units below whose reports a recount here contradicts. `earlier`: last month and the same month of
    last year, where they were asked for. `folds`: the units below that have units below them; `opened`: those that were asked for."""

    node: str
    name: str
    month: str
    format: int
    state: str
    signed: bool
    reported_at: str | None
    freezes_at: str | None
    filled_by: str
    checked_by: str
    zero: bool
    cut: list[CutLine]
    base: str | None
    report: str | None
    tables: ReportTables
    checks: list[Check]
    text: str
    below: list[ReportBelow]
    missing: list[Missing]
    partial: list[str]
    differing: list[Missing]
    recounted: bool
    lacks: list[str]
    differences: list[Difference]
    earlier: list[Earlier]
    opened: list[Opened]
    folds: list[str]
    may_submit: bool
    why_not: str
    months: list[str]


class MailedTo(TypedDict):
    """An address to which reports are mailed. `proof`: before (chosen before codes were asked for), asked or confirmed; `off`: its owner
    ended it."""

    address: str
    proof: str
    off: bool


class PeriodMonth(TypedDict):
    month: str
    state: str
    signed: bool


class Section(TypedDict):
    heading: str
    text: str


class LateCase(TypedDict):
    """A case that was decided late, or is `open` past its day at the end of the period, and the unit that answers for it. `cause`: what the unit
    answered to an order about it, "" for nothing that is here; `segments`: whose time it was; `ground`: of the last appeal."""

    case_no: str
    item: str
    unit: str
    name: str
    due: str | None
    over_days: int
    open: bool
    cause: str
    segments: list[Segment]
    appealed: bool
    ground: str | None


class PeriodReport(Fresh):
    """A quarter or a year of a unit: the months added up (`complete`: all of them are over and reported), one by one in `by_month`, and the
    bulletin (季度通报) in `sections` with its annexes `late` (the first of `late_total`) and `idle` (units without business)."""

    node: str
    name: str
    period: str
    title: str
    to: str
    copy_to: str
    months: list[PeriodMonth]
    complete: bool
    cases: ReportTable
    signals: ReportTable
    agency: ReportTable | None
    by_month: ReportTable
    checks: list[Check]
    sections: list[Section]
    late: list[LateCase]
    late_total: int
    idle: list[str]
    periods: list[str]


class BehindFigure(Fresh):
    """The rows behind a figure: how many there are by what is here, a page of them. `stated`: what the report says that was written, null while
    it is made anew. `month`, or `period` (a quarter or a year); `alone`: of a unit below only what it does itself."""

    total: int
    stated: int | None
    next: str | None
    month: str
    period: str
    node: str
    unit: str
    alone: bool
    column: str


class ReportCases(BehindFigure):
    """The cases behind a figure, as often as each is counted. Of a column of hours each once, with its `hours` beside, and `whole_hours` of all."""

    cases: list[OversightCase]
    hours: list[float] | None
    whole_hours: float | None


class ReportSignal(TypedDict):
    """What 表二 counts. `kind`: signal (a warning or card), appeal or order, of which the other two are null."""

    kind: str
    at: str | None
    signal: CardDocument | None
    appeal: AppealListed | None
    order: OrderListed | None


class ReportSignals(BehindFigure):
    """The signals, appeals and orders behind a figure of 表二, the newest first."""

    rows: list[ReportSignal]


def read_signature(given: Mapping[str, object]) -> tuple[str, str]:
    """(填报人, 审核人). Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in SIGNATURE}
    texts: list[str] = []
    for name in SIGNATURE:
        value = given.get(name)
        text = " ".join(value.split()) if isinstance(value, str) else ""
        flaw = (
            "missing" if not text else "too_long" if len(text) > MOST_NAME else "bad_character" if has_any(BAD_LINE, text) else ""
        )
        flaws |= {name: flaw} if flaw else {}
        texts.append(text)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return texts[0], texts[1]
