"""Issuing a paper as a signed fact: who may issue, what the fact says, and what a code is worth beside the facts. Pure.

Whoever acted issues the paper: a note `paper_issued` in the journal of that node, with codes, numbers, dates and hashes only. It
names the case (subject), the act it rests on (hash and version), organ, number and day; the body is the frozen document, and its
hash stands in the header. A note travels like the events of its case, so every node on its path can compare a paper with it.

What is said of a paper afterwards (it was corrected, its decision revoked) is a note of the same form with the paper it is about.

A fact counts when its author may issue: the author of the act, for the receipt of service also who has the result to deliver, for
the tracking sheet who holds or held the case. Where the law makes the notice part of the act (`suspended`, `extended`) the entry of the
act says number and day itself, and its body has the words. What anybody else says of a paper is kept and counts for nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from node.domain import notes
from node.domain.cases.access import CASE_ROLES, may
from node.domain.cases.acts import ISSUES
from node.domain.cases.acts.act import NUMBERED
from node.domain.cases.lifecycle import BY_ACTION, rows_of_kind
from node.domain.cases.schema import SCHEMA, wrong_facts
from node.domain.model import Case, Event, Facts, Purpose, Role
from node.domain.papers.papers import (
    BLANK,
    CORRECTION,
    KINDS,
    NOTICES,
    REVOCATION,
    TRACKING,
    Basis,
    PaperCode,
    number_text,
    read_word,
    spelled,
    standing_acts,
)

ISSUED = notes.ISSUED
GENUINE, NOT_GENUINE, UNKNOWN_HERE, WITHDRAWN = "genuine", "not_genuine", "unknown_here", "withdrawn"
CORRECTED, DECISION = "corrected", "decision"
NOTICE_OF: Mapping[str, str] = {notes.CORRECTED: CORRECTION, notes.REVOKED: REVOCATION}  # kind of note -> the paper it issues
IsAbove: TypeAlias = Callable[[bytes, bytes], bool]  # whether a node is an ancestor of another

_SERIES = re.compile(r"([0-9A-HJKMNP-TV-Z]{2}|[0-9A-HJKMNP-TV-Z]{3}|[0-9A-HJKMNP-TV-Z]{5})?")
# Whose act it is where the kind of the basis alone does not say who may issue.
_BY_KIND = {"deemed_accepted": ("accept",), "concluded": ("deliver",), "delivered": ("deliver",)}
_BY_PURPOSE: Mapping[str, tuple[str, ...]] = {
    Purpose.HAND_OVER: ("hand_over",), Purpose.HAND_BACK: ("hand_back",), Purpose.REFER: ("refer",), Purpose.RETURN: ("return_to_lower",),
    Purpose.HOME: ("conclude",),
}  # fmt: skip
_OF_TRACKING = ("accept", "complete_step", "send_back")


@dataclass(frozen=True, slots=True)
class PaperFact:
    """One issue of a paper, as its author signed it. `document` is the hash of the frozen document, b"" for the tracking sheet, which
    goes on with the case; `about`: of a notice the paper that it corrects or revokes, which rests on the same act; `organ` is the 机关代字 of
    the number (of an organ without one the code of the office), `kind` its 文种, `series` the two characters of the epoch after the
    office's own three, each where there is one. Times in ms."""

    case_no: str
    paper: str
    basis: bytes
    version: int
    author: bytes
    organ: str
    kind: str
    year: int
    series: str
    serial: int
    day: dt.date
    document: bytes
    staff_id: str
    issued_at: int
    about: str = ""

    @property
    def number(self) -> str:
        head = f"{self.organ}{self.kind}字" if self.organ or self.kind else ""
        return head + number_text(self.year, self.serial, self.series)

    @property
    def code(self) -> str:
        """What the QR says."""
        return self._code().signed(self.basis)

    def _code(self) -> PaperCode:
        return PaperCode(self.case_no, self.paper, self.version, self.year, self.serial, self.day, series=self.series)

    def has_number_of(self, code: PaperCode) -> bool:
        """Whether the code says this number and day."""
        return (self.year, self.series, self.serial, self.day) == (code.year, code.series, code.serial, code.day)

    def says(self, code: PaperCode) -> bool:
        """Whether the code says what was issued, in every part."""
        return code.check != "" and f"{code.core}.{code.check}" == self.code

    def facts(self) -> Facts:
        about: Facts = {"about": self.about} if self.about else {}
        return {"paper": self.paper, "basis": self.basis, "version": self.version, **self.numbered(), **about}

    def numbered(self) -> Facts:
        """What an act says of the paper that is issued with it."""
        return {
            "organ": spelled(self.organ), "type": spelled(self.kind), "year": self.year, "series": self.series, "serial": self.serial,
            "day": self.day,
        }  # fmt: skip


def read_fact(kind: str, case_no: str, author: bytes, staff_id: str, at: int, document: bytes, facts: Facts) -> PaperFact | None:
    """The fact in a note of this kind; None when it is none that this version understands. Total."""
    if not set(facts) >= set(SCHEMA[kind]) or wrong_facts(kind, facts) or NOTICE_OF.get(kind, facts["paper"]) != facts["paper"]:
        return None
    return _read(
        {name: facts[name] for name in (*SCHEMA[ISSUED], *(("about",) if kind in NOTICE_OF else ()))},
        case_no=case_no,
        author=author,
        staff_id=staff_id,
        issued_at=at,
        document=document,
    )


def issued_with(event: Event) -> PaperFact | None:
    """The paper that was issued with an act, in one entry: number and day are facts of it, the frozen words its body; None when none
    was."""
    if event.kind not in ISSUES or any(name not in event.facts for name in NUMBERED) or wrong_facts(event.kind, event.facts):
        return None
    numbered = {name: event.facts[name] for name in NUMBERED}
    return _read(
        {**numbered, "paper": ISSUES[event.kind], "basis": event.hash, "version": event.version},
        case_no=event.case_no, author=event.author, staff_id=event.staff_id, issued_at=event.at, document=event.body_hash,
    )  # fmt: skip


def _read(facts: Facts, **said: object) -> PaperFact | None:
    numbers = {name: value for name, value in facts.items() if name not in ("organ", "type")}
    organ, kind = (read_word(str(facts[name])) for name in ("organ", "type"))
    if organ is None or kind is None:
        return None
    fact = _made(organ=organ, kind=kind, **numbers, **said)
    return fact if _is_sound(fact) else None


def _made(**said: object) -> PaperFact:
    return PaperFact(**said)  # type: ignore[arg-type]


def _is_sound(fact: PaperFact) -> bool:
    of = fact.about or fact.paper
    return (
        (fact.paper in NOTICES) == bool(fact.about)
        and of in KINDS
        and (of != TRACKING or not fact.about)
        and len(fact.basis) == 32
        and 0 < fact.version < 1_000_000
        and 2000 <= fact.year < 2100
        and 0 < fact.serial < 1_000_000_000
        and _SERIES.fullmatch(fact.series) is not None
        and 2000 <= fact.day.year < 2100
        and -(1 << 62) < fact.issued_at < 1 << 62
    )


# who may issue -----------------------------------------------------------------------------------------------------------


def may_ever_issue(paper: str, tier: str, role: Role) -> bool:
    """Whether this role may issue such a paper at a node of this tier, whatever act of the case it rests on."""
    if paper not in KINDS:
        return role in CASE_ROLES[tier]
    if paper == TRACKING:
        return _may_any(_OF_TRACKING, tier, role)
    return any(_may_any(_acts(kind, purpose), tier, role) for kind in KINDS[paper] for purpose in Purpose)


def may_issue(basis: Basis, tier: str, role: Role) -> bool:
    """Whether this role may do the act that the paper rests on, and this node did it."""
    if basis.variant == BLANK:
        return False
    if basis.paper == TRACKING:
        return basis.mine and _may_any(_OF_TRACKING, tier, role)
    kind = "concluded" if basis.paper == "delivery" else basis.event.kind
    return basis.mine and _may_any(_acts(kind, basis.event.facts.get("purpose")), tier, role)


def _acts(kind: str, purpose: object) -> tuple[str, ...]:
    if kind == "custody_offered":
        return _BY_PURPOSE.get(str(purpose), ())
    return _BY_KIND.get(kind) or tuple({row.action for row in rows_of_kind(kind)})


def _may_any(actions: Iterable[str], tier: str, role: Role) -> bool:
    return any(may(row, tier, role) for action in actions for row in BY_ACTION[action])


# what counts -------------------------------------------------------------------------------------------------------------


def rightful(facts: Iterable[PaperFact], case: Case, events: Sequence[Event], is_above: IsAbove) -> list[PaperFact]:
    """The facts whose authors may issue, about acts that took effect (`events`); of notices those whose authors issued the paper, and of
    a revocation those above them (`is_above`)."""
    by_hash = {event.hash: event for event in events}
    holders = {hop.node for hop in case.hops}
    known = [fact for fact in facts if (event := by_hash.get(fact.basis)) is not None and event.version == fact.version]
    papers = [fact for fact in known if not fact.about and _counts(fact, by_hash[fact.basis], holders)]
    return [fact for fact in known if (_may_change(fact, papers, is_above) if fact.about else fact in papers)]


def _may_change(notice: PaperFact, papers: Iterable[PaperFact], is_above: IsAbove) -> bool:
    issuers = {one.author for one in papers if (one.paper, one.basis) == (notice.about, notice.basis)}
    if notice.paper == CORRECTION:
        return notice.author in issuers
    return notice.about == DECISION and any(notice.author == one or is_above(notice.author, one) for one in issuers)


def _counts(fact: PaperFact, event: Event, holders: set[bytes]) -> bool:
    if fact.paper == TRACKING:
        return fact.author in holders
    delivers = fact.paper == "delivery" and event.kind == "concluded" and fact.author in holders
    return event.kind in KINDS[fact.paper] and (fact.author == event.author or delivers)


def stands(fact: PaperFact, events: Sequence[Event]) -> bool:
    """Whether the act that a paper rests on was not taken back."""
    return any(act.hash == fact.basis for _, act in standing_acts(events))


def changes_of(fact: PaperFact, facts: Iterable[PaperFact]) -> list[PaperFact]:
    """The notices among the rightful facts that are about a paper, in the order they came."""
    return [one for one in facts if (one.about, one.basis) == (fact.paper, fact.basis)]


def worth(fact: PaperFact, facts: Sequence[PaperFact], events: Sequence[Event]) -> str:
    """What a paper that was issued is worth now: `genuine`, `corrected`, or `withdrawn` (revoked, or its act was taken back)."""
    changed = {one.paper for one in changes_of(fact, facts)}
    if REVOCATION in changed or not stands(fact, events):
        return WITHDRAWN
    return CORRECTED if CORRECTION in changed else GENUINE


def compare(code: PaperCode, facts: Sequence[PaperFact], events: Sequence[Event]) -> tuple[str, PaperFact | None]:
    """What a code is worth beside the rightful facts of its case: what the paper is worth, with the fact that says the same in every
    part; `not_genuine` where what is held here contradicts it; `unknown_here` where the issue may not have come yet."""
    for fact in facts:
        if fact.says(code):
            return worth(fact, facts, events), fact
    held = [fact for fact in facts if fact.paper == code.paper]
    once = code.paper not in NOTICES  # a paper may be corrected more than once
    if any((once and fact.version == code.version) or fact.has_number_of(code) for fact in held):
        return NOT_GENUINE, None
    return (NOT_GENUINE if facts and _impossible(code, events) else UNKNOWN_HERE), None


def _impossible(code: PaperCode, events: Sequence[Event]) -> bool:
    """Whether no such paper can rest on the act of that version, or its check is not of that act."""
    act = next((event for event in events if event.version == code.version), None)
    if act is None:
        return False
    elsewhere = code.paper in KINDS and code.paper != TRACKING and act.kind not in KINDS[code.paper]
    return elsewhere or code.check != code.check_of(act.hash)
