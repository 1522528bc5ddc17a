"""Signals as the API and the pages are given them (DOMAIN A3). No applicant in any of them."""

from __future__ import annotations

from typing import TypedDict

from node.domain.cases.explain import Explanation
from node.domain.supervision.documents import Fresh


class ChargedUnit(TypedDict):
    """Who answers: `node` a division code (None: nobody), `staff_id` None above the parent of that node."""

    node: str | None
    unit: str | None
    post: str | None
    staff_id: str | None


class CardSubject(TypedDict):
    type: str
    id: str


class CardSegment(TypedDict):
    """Whose time it was: `kind` a code of `lateness.SEGMENTS`, times ISO, working days."""

    node: str | None
    unit: str | None
    kind: str
    start: str | None
    end: str | None
    workdays: int


class CardDocument(TypedDict):
    """A signal. `state`: `in_force` once it was served, `appealed` while an appeal is open, then as that ended (`revoked`, `moved`; the card
    that was made a warning reads `rung` warn and `was_rung` as before), `closed` once what was due was done (it stays a card); `shown` for a
    reminder or warning (which nobody serves), `line` for what passed in the run of another card (`line_of`), `nobody` where every unit was
    within its budget, `waiting` while it is not served: then `known` says whether everybody was heard past it. `due` and `fired_day` are
    dates, the others ISO moments; `recipients` posts as codes. `subject` (`type`, `id`) is the case, the item or the unit
    (of a finding that was confirmed), or the order that was not answered in time; `order_id` that order, or the latest about the card."""

    signal_id: str
    rule: str
    zh: str
    en: str
    law: str
    rung: str
    rung_zh: str
    was_rung: str | None
    case_no: str
    item_id: str
    unit: str | None
    post: str | None
    staff_id: str | None
    charged: ChargedUnit
    moved_from: str | None
    subject: CardSubject
    clock: str
    limit: int
    due: str
    fired_at: str | None
    fired_day: str
    over_days: int
    recipients: list[str]
    cc: list[str]
    state: str
    known: bool
    line_of: str | None
    served_by: str | None
    served_at: str | None
    closed_at: str | None
    appeal_id: str | None
    order_id: str | None
    evidence: list[str]


class PostTold(TypedDict):
    """A post that a signal is told to. `names`: who holds it, at the unit itself (of a village's township at that); `state`: `held`, `nobody`
    (无人接收: it falls to `falls_to`, "" where nobody is left), `elsewhere` where that is not known here."""

    post: str
    names: list[str]
    state: str
    falls_to: str


class WarningLetter(TypedDict):
    """提示函: so many warnings of one person on different cases in a month (A2), for who leads the unit. `name` "" where it is not held."""

    staff_id: str
    name: str
    month: str
    cases: list[str]


class CardsPage(Fresh):
    """A page of signals, those that fell last first. `in_use`: as of findings."""

    in_use: bool
    cards: list[CardDocument]
    total: int
    next: str | None


class CardShare(TypedDict):
    """A unit that had the case while the limit ran, up to when it was settled who answers: working days used, and of its own budget (None
    where the rule has none: then who had the case answers)."""

    unit: str | None
    used: int
    budget: int | None
    charged: bool


class CardStretch(TypedDict):
    """Working days of the limit that followed each other and were of one unit and kind: first and last day, both included."""

    unit: str | None
    kind: str
    first: str
    last: str
    workdays: int


class CardHere(TypedDict):
    """What the limit says of the unit whose node answers: its days and budget, whether it kept within it, and by how many working days
    the case was over when it took it (None: it was not)."""

    unit: str
    used: int
    budget: int | None
    within: bool
    taken_over: int | None


class CardVersions(TypedDict):
    """Revisions that it rests on, 0 for what ships: `rules` of ladder and recipients, `limits` and `calendar` as the clock's start cites."""

    rules: int
    limits: int
    calendar: int
    entries: int


class CardStep(TypedDict):
    """A line of its history. `what`: fell (a rung of the same limit, `signal_id`), confirmed (of a finding), served, arrived, line (what passed
    in its run, with its `rule`), done (what was due), appeal (`kind` of the act, `outcome` or what `lapsed`), order (`order_id`, `number`,
    `state`). `at` ISO."""

    what: str
    at: str | None
    node: str | None
    rung: str
    rule: str
    signal_id: str
    kind: str
    outcome: str
    lapsed: str
    order_id: str
    number: str
    state: str


class CardTold(CardDocument):
    """One signal with the time of its case and why it is whose, how its day came about (`working`, None where no days were counted; `sentence`, of
    what has none the condition of the rule), what became of it, who gets it, and the hashes of the entries that it rests on."""

    segments: list[CardSegment]
    told: list[PostTold]
    shares: list[CardShare]
    stretches: list[CardStretch]
    here: CardHere | None
    working: Explanation | None
    sentence: str
    sentence_en: str
    versions: CardVersions
    history: list[CardStep]
    provable: bool
    proof: list[str]
    as_of: dict[str, str | None]
    unknown_since: dict[str, str | None]
