"""What the pages of supervision show: one frozen dataclass a page. No applicant stands in any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_ui.papers.page import PaperPage
from edge_ui.web.oversight.charts import Chart
from node.domain.supervision.analysis_documents import AnalysedRow, Analysis
from node.domain.supervision.appeal_documents import AppealDocument, AppealListed, OpenCard
from node.domain.supervision.card_documents import CardDocument, CardStretch, CardTold, WarningLetter
from node.domain.supervision.documents import ActTold, CaseTold, Drawn, OversightCase
from node.domain.supervision.draw import Examined
from node.domain.supervision.finding_documents import FoundFlaw, Judgement
from node.domain.supervision.order_documents import OrderDocument, OrderListed
from node.domain.supervision.prompts import PromptDocument
from node.domain.supervision.share_documents import OfferedItems, Shares
from node.domain.supervision.unit_documents import MonitorRow, UnitFigures, UnitTold, Urgent

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tab:
    """A view with its figure; the link leads to exactly so many rows."""

    view: str
    value: int
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """A figure of the first row; `value` None where what is asked narrows no such thing."""

    figure: str
    value: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Filters:
    """The form that narrows: what is `given`, what it keeps besides its own fields, and what can be chosen; the person's `saved` views (name,
    address), and the `query` that can be saved."""

    given: Mapping[str, str]
    kept: Mapping[str, str]
    units: Sequence[Choice]
    items: Sequence[Choice]
    departments: Sequence[str]
    saved: Sequence[Choice] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class OversightPage:
    """The cases of a view ("" for the rows behind a figure of the counts, then `title` says which). `silent` are (name, since)."""

    view: str
    title: str
    narrowed: Sequence[str]
    tabs: Sequence[Tab]
    filters: Filters
    rows: Sequence[OversightCase]
    total: int
    here_url: str
    first_url: str
    next_url: str
    clear_url: str
    draw: Drawn | None
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    may_open: bool
    error: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonitorPage:
    """The rules of one monitor at work, with the other monitors beside it."""

    monitor: str
    tabs: Sequence[tuple[str, str]]
    rules: Sequence[MonitorRow]
    later: bool
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class CasePage:
    """The way of one case; its acts, the newest first."""

    told: CaseTold
    acts: Sequence[ActTold]
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    may_open: bool
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnitTable:
    """The units of a table; `here_url` is its own address; `days`: by code and whether by itself the
    time used: (mean, of how many, address of these); None while it is not asked for. `folds`: the address in which a unit is folded the other way."""

    rows: Sequence[UnitFigures]
    more: int
    columns: Sequence[str]
    here_url: str
    folds: Mapping[str, str]
    days: Mapping[tuple[str, bool], tuple[float, int, str]] | None


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What a supervisor sees first: the figures of the first row, the rows that matter, the other views, the units."""

    heads: Sequence[Head]
    tabs: Sequence[Tab]
    urgent: Sequence[Urgent]
    table: UnitTable
    filters: Filters
    narrowed: Sequence[str]
    here_url: str
    clear_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    names: Mapping[str, str]
    error: str = ""


@dataclass(frozen=True, slots=True)
class SignalsPage:
    """Signals, those that fell last first; `rungs` are (rung or "", address) of the tabs; `narrowed` says in words which of them."""

    rung: str
    rungs: Sequence[tuple[str, str]]
    narrowed: Sequence[str]
    case_no: str
    rows: Sequence[CardDocument]
    counted: str
    in_use: bool
    first_url: str
    next_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    may_open: bool
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """What was found, newest first; `narrowed` says in words which of it."""

    narrowed: Sequence[str]
    rows: Sequence[FoundFlaw]
    counted: str
    in_use: bool
    first_url: str
    next_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    may_open: bool
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnitsPage:
    """A unit, those below it, and (`told`) its line, people, cases, cards and months, with a chart of these."""

    told: UnitTold
    name: str
    table: UnitTable
    counted: Sequence[str]
    post_columns: Sequence[str]
    charts: Sequence[Chart]
    rows: Sequence[OversightCase]
    cases_url: str
    here_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """督办单: those sent to this unit, issued here, or of the subtree; `waiting` for this unit; `letters` (提示函) for who leads it."""

    box: str
    state: str
    boxes: Sequence[str]
    states: Sequence[str]
    rows: Sequence[OrderListed]
    total: int
    waiting: int
    first_url: str
    next_url: str
    as_of: str | None
    may_issue: bool
    case_no: str
    error: str
    letters: Sequence[WarningLetter] = ()


@dataclass(frozen=True, slots=True)
class OrderNewPage:
    """The form of a new order; what was typed stays. `units`: this node and its direct children; `items` in force."""

    units: Sequence[Choice]
    items: Sequence[Choice]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order; `forms` are the acts that this person may do now with their fields, `action` the one that was refused."""

    order: OrderDocument
    forms: Sequence[tuple[str, Sequence[str]]]
    action: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str


@dataclass(frozen=True, slots=True)
class OrderPaperPage(PaperPage):
    """The order as paper; `back` is its page."""

    back: str = ""


@dataclass(frozen=True, slots=True)
class RemindersPage:
    """Reminders and findings of volunteers. `refused`: the id of that whose answer was refused; `sent`: how many
    just were."""

    box: str
    boxes: Sequence[str]
    what: str
    answered: str
    rows: Sequence[PromptDocument]
    total: int
    waiting: int
    next_url: str
    as_of: str | None
    may_issue: bool
    form_id: str
    refused: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    sent: str


@dataclass(frozen=True, slots=True)
class RemindNewPage:
    """The form: the cases that may be ticked, or (`volunteer`) the unit to which it is put."""

    volunteer: bool
    rows: Sequence[OversightCase]
    units: Sequence[Choice]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    form_id: str


@dataclass(frozen=True, slots=True)
class ExaminePage:
    """A drawn file; `may`: what can be said of it by who looks, none when it was said."""

    found: Examined
    may: Sequence[str]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str


@dataclass(frozen=True, slots=True)
class JudgingPage:
    """A finding, what was said of it last, and (`may`) what it can be called now by who looks."""

    row: FoundFlaw
    said: Judgement | None
    unit: str
    item: str
    may: Sequence[str]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the bar of a card: how it looks (charged, other, nobodys), where it begins and how wide it is; whether its number fits in."""

    one: CardStretch
    look: str
    at: float
    width: float
    fits: bool


@dataclass(frozen=True, slots=True)
class CardPage:
    """One signal. `why` it is whose, and what it says of the unit that looks (`here`), in words; `bar` of its days; `sentence`: how its due day
    came about. `appeal_by`: until when this unit may appeal against it, "" when it may not."""

    card: CardTold
    why: str
    here: Sequence[str]
    bar: Sequence[Stretch]
    sentence: str
    names: Mapping[str, str]
    appeal_by: str
    grounds: Sequence[str]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str


@dataclass(frozen=True, slots=True)
class AppealsPage:
    """Cards against which this unit may appeal (`box` open), or appeals: to be decided here, filed here, or of the subtree. `waits`: how many
    ask for something, by box."""

    box: str
    boxes: Sequence[str]
    waits: Mapping[str, int]
    cards: Sequence[OpenCard]
    rows: Sequence[AppealListed]
    total: int
    first_url: str
    next_url: str
    as_of: str | None
    error: str


@dataclass(frozen=True, slots=True)
class AppealPage:
    """One appeal; `forms` are the acts that this person may do now with their fields, `action` the one that was refused."""

    appeal: AppealDocument
    forms: Sequence[tuple[str, Sequence[str]]]
    outcomes: Sequence[str]
    units: Sequence[Choice]
    action: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str


@dataclass(frozen=True, slots=True)
class AnalysisPage:
    """An analysis: `given` what was asked, `query` its address, `opened` whether it is narrowed; the words above the columns, the columns and
    rows with their names, and how many are left out; `units` that can be chosen; `compared`: whether anything is; `shares`: what each
    share is made of; `own` the unit that is looked at."""

    answer: Analysis
    given: Mapping[str, str]
    query: str
    narrowed: Sequence[str]
    periods: Sequence[tuple[str, str, bool]]
    opened: bool
    charts: Sequence[Chart]
    head: Sequence[str]
    columns: Sequence[Choice]
    rows: Sequence[tuple[AnalysedRow, str]]
    more: int
    more_columns: int
    units: Sequence[Choice]
    items: Sequence[Choice]
    departments: Sequence[str]
    saved: Sequence[Choice]
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    error: str
    measures: Sequence[str]
    dimensions: Sequence[str]
    kinds: Sequence[str]
    shares: Mapping[str, Sequence[str]]
    compared: bool
    own: str


@dataclass(frozen=True, slots=True)
class SharesPage:
    """Shares per center in a period (`first`, `last`, "" for open)."""

    answer: Shares
    first: str
    last: str
    query: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """What a center offers, or a part of it."""

    answer: OfferedItems
    query: str
    first_url: str
    next_url: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
