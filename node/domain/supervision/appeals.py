"""申诉: an appeal against a card, its two instances, and what they make of the card (DOMAIN A5). Pure.

The head of the charged unit appeals within three working days of the card's arrival there. The node that served the card decides within five;
where everybody who could decide there confirmed the finding, it passes the appeal to its parent. Within three working days of the decision the
unit, or the unit that it names, may ask once for a review by the node above, which has five. Who lets his days pass has lost: an appeal that is
not decided, or a review that is not, stands. A lapse is written by a node above and only when the one who is late is known past the day.

All acts are notes that name the card. So what becomes of it is a function of the *set* of acts, in whatever order they came; the stages
are fixed, of two acts of one stage the earlier counts, and what the table does not allow counts for nothing. No appeal changes the case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from node.domain import notes
from node.domain.calendar import WorkCalendar, day_of
from node.domain.model import Facts

GROUNDS = ("attribution", "outage", "force_majeure", "applicant", "item_limit", "pause_not_entered", "other")
UPHOLD, REVOKE, REASSIGN, DOWNGRADE = "uphold", "revoke", "reassign", "downgrade"
OUTCOMES = (UPHOLD, REVOKE, REASSIGN, DOWNGRADE)
STATES = ("filed", "delivered", "decided", "review", "review_delivered", "final")
NONE, FINAL = "", "final"  # before there is an appeal, and when nothing more can come
TO_DECIDE, TO_REVIEW = ("filed", "delivered"), ("review", "review_delivered")
UNDECIDED, UNAPPLIED, UNREVIEWED = "undecided", "unapplied", "unreviewed"  # what lapsed
CARD_STATES = (
    "in_force",
    "appealed",
    "revoked",
    "moved",
    "closed",
)  # of a served card; closed: what was due was done, and it stays
FILE_WITHIN, DECIDE_WITHIN, APPLY_WITHIN, REVIEW_WITHIN = 3, 5, 3, 5  # working days
MOST_ACTS = 200  # about one card that are looked at


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the table: who acts (`Appeal.may`), from which states, to which. `of`: what lapsed, or the kinds whose words came."""

    action: str
    by: str
    kind: str
    sources: tuple[str, ...]
    to: str
    of: tuple[str, ...] = ("",)


TABLE: tuple[Move, ...] = (
    Move("file", "unit", notes.APPEAL_FILED, (NONE,), "filed"),
    Move("deliver", "decider", notes.RECEIVED, ("filed",), "delivered", (notes.APPEAL_FILED, notes.APPEAL_PASSED)),
    Move("pass", "decider", notes.APPEAL_PASSED, TO_DECIDE, "filed"),
    Move("decide", "decider", notes.APPEAL_DECIDED, TO_DECIDE, "decided"),
    Move("lapse", "reviewer", notes.APPEAL_LAPSED, ("delivered",), FINAL, (UNDECIDED,)),
    Move("tell", "party", notes.RECEIVED, ("decided",), "decided", (notes.APPEAL_DECIDED,)),
    Move("apply", "party", notes.REVIEW_ASKED, ("decided",), "review"),
    Move("lapse", "decider", notes.APPEAL_LAPSED, ("decided",), FINAL, (UNAPPLIED,)),
    Move("deliver", "reviewer", notes.RECEIVED, ("review",), "review_delivered", (notes.REVIEW_ASKED,)),
    Move("review", "reviewer", notes.REVIEW_DECIDED, TO_REVIEW, FINAL),
    Move("lapse", "above", notes.APPEAL_LAPSED, ("review_delivered",), FINAL, (UNREVIEWED,)),
)
ACTIONS = ("decide", "apply", "review")  # of people, once there is an appeal
_STAGE = {
    notes.APPEAL_FILED: 0, (notes.RECEIVED, notes.APPEAL_FILED): 1, notes.APPEAL_PASSED: 2, (notes.RECEIVED, notes.APPEAL_PASSED): 3,
    notes.APPEAL_DECIDED: 4, (notes.APPEAL_LAPSED, UNDECIDED): 4, (notes.RECEIVED, notes.APPEAL_DECIDED): 5, notes.REVIEW_ASKED: 6,
    (notes.APPEAL_LAPSED, UNAPPLIED): 6, (notes.RECEIVED, notes.REVIEW_ASKED): 7, notes.REVIEW_DECIDED: 8,
    (notes.APPEAL_LAPSED, UNREVIEWED): 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One act; `at` (ms) is when it counts as done, `about` of a receipt the kind of what was received."""

    kind: str
    author: bytes
    at: int
    staff_id: str
    id: bytes
    facts: Facts
    about: str = ""

    @property
    def of(self) -> str:
        """What lapsed, or the kind of what came; "" for the others."""
        what = self.facts.get("what") if self.kind == notes.APPEAL_LAPSED else self.about
        return what if isinstance(what, str) else ""

    @property
    def stage(self) -> int:
        """Where it stands among the acts; -1 for what is none."""
        return _STAGE.get((self.kind, self.of) if self.of else self.kind, -1)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who: the charged node, and who served the card with the nodes above it, nearest first. `of` finds a node by its code."""

    unit: bytes
    chain: tuple[bytes, ...]
    of: Callable[[str], bytes | None] = field(default=lambda code: None, compare=False)

    def above(self, steps: int) -> bytes:
        """So many tiers above who served; the root where there are not so many."""
        return self.chain[min(steps, len(self.chain) - 1)]


@dataclass(frozen=True, slots=True)
class Appeal:
    """What is made of one card. `id`: the act that filed it; `passed` once the parent decides; `outcome` what holds so far and `to_unit` where
    it moves; `told` when the demand of this stage reached whom (ms by node); `final_at` when it became final (0: it is open)."""

    parties: Parties
    state: str = NONE
    id: bytes = b""
    passed: bool = False
    outcome: str = ""
    to_unit: str = ""
    told: Mapping[bytes, int] = field(default_factory=dict)
    final_at: int = 0
    lapsed: str = ""
    acts: tuple[Act, ...] = ()

    @property
    def decider(self) -> bytes:
        return self.parties.above(1 if self.passed else 0)

    @property
    def reviewer(self) -> bytes:
        return self.parties.above(2 if self.passed else 1)

    @property
    def applicants(self) -> tuple[bytes, ...]:
        """Who may ask for a review: the charged unit, and the one that the decision names."""
        named = self.parties.of(self.to_unit) if self.to_unit else None
        return tuple(dict.fromkeys((self.parties.unit, *((named,) if named is not None else ()))))

    def may(self, by: str) -> tuple[bytes, ...]:
        """The nodes that stand for a role of the table."""
        above = self.parties.above(3 if self.passed else 2)
        found = {"unit": (self.parties.unit,), "decider": (self.decider,), "reviewer": (self.reviewer,), "above": (above,)}
        return found.get(by, ()) or self.applicants

    def last(self, kind: str) -> Act | None:
        """The latest act of a kind that counts."""
        return next((act for act in reversed(self.acts) if act.kind == kind), None)


def fold(acts: Iterable[Act], parties: Parties) -> Appeal:
    """What a set of acts makes of a card. Total."""
    appeal = Appeal(parties)
    for act in sorted((one for one in acts if one.stage >= 0), key=lambda one: (one.stage, one.at, one.id)):
        appeal = step(appeal, act)
    return appeal


def step(appeal: Appeal, act: Act) -> Appeal:
    """The appeal with one act more; itself when the table does not allow it."""
    row = _row(appeal, act)
    return _after(replace(appeal, state=row.to, acts=(*appeal.acts, act)), row, act) if row is not None else appeal


def _row(appeal: Appeal, act: Act) -> Move | None:
    rows = (row for row in TABLE if row.kind == act.kind and act.of in row.of and appeal.state in row.sources)
    row = next((row for row in rows if act.author in appeal.may(row.by)), None)
    return row if row is not None and _sound(appeal, row, act) else None


def _sound(appeal: Appeal, row: Move, act: Act) -> bool:
    """Whether an act names what it must."""
    facts = act.facts
    if row.action == "file":
        return facts.get("ground") in GROUNDS
    if row.kind == notes.RECEIVED:
        return row.by != "decider" or (act.about == notes.APPEAL_PASSED) == appeal.passed
    if facts.get("appeal") != appeal.id:
        return False
    if row.action == "pass":
        return not appeal.passed and appeal.decider != appeal.reviewer
    outcome = facts.get("outcome")
    named = isinstance(facts.get("unit"), str) and facts.get("unit") != ""
    return row.action not in ("decide", "review") or (outcome in OUTCOMES and (outcome != REASSIGN or named))


def _after(appeal: Appeal, row: Move, act: Act) -> Appeal:
    return _EFFECTS[row.action](appeal, row, act)


def _filed(appeal: Appeal, row: Move, act: Act) -> Appeal:
    found = replace(appeal, id=act.id) if row.action == "file" else replace(appeal, passed=True)
    own = act.author == found.decider
    return replace(found, state="delivered" if own else "filed", told={found.decider: act.at} if own else {})


def _told(appeal: Appeal, row: Move, act: Act) -> Appeal:
    return replace(appeal, told={act.author: act.at, **appeal.told})


def _decided(appeal: Appeal, row: Move, act: Act) -> Appeal:
    found = _ruled(appeal, act)
    if found.outcome == REVOKE:
        return replace(found, state=FINAL, final_at=act.at)
    return replace(found, told={act.author: act.at} if act.author in found.applicants else {})


def _reviewed(appeal: Appeal, row: Move, act: Act) -> Appeal:
    return replace(appeal if act.facts["outcome"] == UPHOLD else _ruled(appeal, act), final_at=act.at)


def _ruled(appeal: Appeal, act: Act) -> Appeal:
    outcome = str(act.facts["outcome"])
    return replace(appeal, outcome=outcome, to_unit=str(act.facts["unit"]) if outcome == REASSIGN else "")


def _applied(appeal: Appeal, row: Move, act: Act) -> Appeal:
    own = act.author == appeal.reviewer
    return replace(appeal, state="review_delivered" if own else "review", told={act.author: act.at} if own else {})


def _lapsed(appeal: Appeal, row: Move, act: Act) -> Appeal:
    found = replace(appeal, final_at=act.at, lapsed=act.of)
    return found if act.of == UNAPPLIED else replace(found, outcome=REVOKE, to_unit="")


_EFFECTS: Mapping[str, Callable[[Appeal, Move, Act], Appeal]] = MappingProxyType(
    {
        "file": _filed, "pass": _filed, "deliver": _told, "tell": _told, "decide": _decided, "apply": _applied, "review": _reviewed,
        "lapse": _lapsed,
    }
)  # fmt: skip


# what may be done -----------------------------------------------------------------------------------------------------


def why_not(appeal: Appeal, action: str) -> str:
    """Why the state of an appeal does not allow an act of a person, in words; empty when it does."""
    if any(row.action == action and appeal.state in row.sources for row in TABLE):
        return ""
    return _REFUSED.get((action, appeal.state)) or _REFUSED[action, ""]


_REFUSED: Mapping[tuple[str, str], str] = {
    ("file", ""): "这张监察信号已经申诉过，只能申诉一次",
    ("decide", ""): "申诉已经决定",
    ("apply", "filed"): "申诉还没有决定，不能申请复核",
    ("apply", "delivered"): "申诉还没有决定，不能申请复核",
    ("apply", FINAL): "申诉已经了结，不能再申请复核",
    ("apply", ""): "已经申请复核，复核只有一次",
    ("review", "decided"): "还没有人申请复核",
    ("review", FINAL): "申诉已经了结",
    ("review", ""): "申诉还没有决定，不能复核",
}


# limits ---------------------------------------------------------------------------------------------------------------


def file_due(arrived_ms: int, cal: WorkCalendar) -> dt.date:
    """The last day for an appeal against a card that reached the charged node then."""
    return cal.add_workdays(day_of(arrived_ms), FILE_WITHIN)


def due(appeal: Appeal, cal: WorkCalendar) -> dt.date | None:
    """By when the next act is to come; None where nothing runs (it has not come yet, or all is over)."""
    within = {"delivered": DECIDE_WITHIN, "decided": APPLY_WITHIN, "review_delivered": REVIEW_WITHIN}.get(appeal.state)
    waited = waited_for(appeal)
    if within is None or any(node not in appeal.told for node in waited):
        return None
    return max(cal.add_workdays(day_of(appeal.told[node]), within) for node in waited)


def waited_for(appeal: Appeal) -> tuple[bytes, ...]:
    """Whose act is to come."""
    if appeal.state in ("filed", "delivered"):
        return (appeal.decider,)
    return appeal.applicants if appeal.state == "decided" else (appeal.reviewer,)


def next_lapse(appeal: Appeal, cal: WorkCalendar, known: Callable[[bytes], int]) -> str:
    """What lapsed, everybody who could have acted being known past the day; "" for nothing. Nothing rests on a day beyond the published
    calendar."""
    day = due(appeal, cal)
    if day is None or not cal.known(day) or any(day_of(known(node)) <= day for node in waited_for(appeal)):
        return ""
    return {"delivered": UNDECIDED, "decided": UNAPPLIED, "review_delivered": UNREVIEWED}[appeal.state]


def writer(appeal: Appeal, lapse: str) -> bytes:
    """The node that writes a lapse."""
    return next(appeal.may(row.by)[0] for row in TABLE if lapse in row.of)
