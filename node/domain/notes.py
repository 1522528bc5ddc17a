"""The kinds of notes: entries of class `note`, which change no case and say something beside it (DESIGN "Custody", "Notes").

A row says what a kind may carry and how the store treats it: where it goes down, who may have its words, and in which table it is
kept. Going up needs no rule, every entry does. A kind that this version does not know goes by what its entry says of itself: to the
nodes in its fact `to`, if it has one, with its words.

A new kind is one row here, its words in `words/terms.py`, and the service that writes it. What a row lacks is said when this module is
imported; that the store has a way for each is said by `node.store.projected.registry`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from node.domain.cases.acts.act import CODE, CODES, DATE, FLAG, HASH, HASHES, NUMBER, NUMBERED, PROOFS
from node.domain.cases.lifecycle import KINDS as CASE_KINDS
from node.domain.tree.heard import DISPUTED
from node.domain.tree.heard import KIND as HEARD

TO = "to"  # the fact that names whom a note is for: division codes


class Goes(StrEnum):
    """Where a note goes down."""

    WITH_CASE = "with_case"  # as an event of its case would
    TO = "to"  # to the nodes that its fact `to` names
    UP = "up"  # nowhere: it is for the tiers above
    COVERING = "covering"  # with the first entry that it covers, and to the children it is about (`heard`)


class Words(StrEnum):
    """Who may have the body of a note."""

    HOLDERS = "holders"  # whoever holds or held its case
    NAMED = "named"  # its author, whom it is for, and while it is on its way whoever carries it
    NONE = "none"  # it has none


_ISSUED: Mapping[str, str] = {"paper": CODE, "basis": HASH, "version": NUMBER, **NUMBERED}
_SERVED: Mapping[str, str] = {
    "id": HASH, "rule": CODE, "rung": CODE, "clock": CODE, "days": NUMBER, "due": DATE, "anchor": HASH, "charged": HASH, "staff": CODE,
    "fell": NUMBER, "over": NUMBER, "version": NUMBER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoteKind:
    """One kind. The subject of its entries is the number of a case; `heard` and what is about no case have none. `kept`: the projection
    that keeps it; `told`: it stands among the notes on the page of its case, in the words of its facts."""

    name: str
    facts: Mapping[str, str]
    goes: Goes
    words: Words
    kept: str = "notes"
    told: bool = True


ISSUED, MESSAGE, RECEIVED = "paper_issued", "message", "note_received"
CORRECTED, REVOKED = (
    "paper_corrected",
    "paper_revoked",
)  # rows 48 and 49: a notice about a paper that was issued, the fact `about`
NOTE = "note"  # the fact of RECEIVED: the hash of the note whose words have come

ANSWERED, REQUEST = "request_answered", "request"  # to who asked and has no part in the case; the fact that names the request
SERVED = "signal_served"  # a card, by the parent of the node that it is charged to
ORDER_CARDED = "order_card_served"  # the same of an order that was not answered in time, which may be about no case
ITEM_CARDED = "item_card_served"  # the same of a finding about an item or a unit (O01, O02, F01) that was confirmed
CARDED = (SERVED, ORDER_CARDED, ITEM_CARDED)
# 督办单 (`node.domain.supervision.orders`): the issuer's acts have a version, the unit's name the one that they answer
ORDER_DRAFTED, ORDER_SIGNED, ORDER_RECEIVED, ORDER_REPLIED = "order_drafted", "order_signed", "order_received", "order_replied"
ORDER_REMINDED, ORDER_RETURNED, ORDER_CLOSED = "order_reminded", "order_returned", "order_closed"
ORDER_CIRCULATED = "order_circulated"
PROMPTED, PROMPT_ANSWERED = (
    "prompted",
    "prompt_answered",
)  # a reminder, or what a volunteer found; the fact NOTE names what is answered
MONTH_REPORTED = "month_reported"  # 月报: signed, or frozen by the node itself; its numbers are for every tier above
EXAMINED = "file_examined"  # what came of looking at a file that was drawn by lot
FINDING_JUDGED = "finding_judged"  # by who supervises: being checked, confirmed or dismissed
# 申诉 (`node.domain.supervision.appeals`): all name the card; those after the first also the one that filed
APPEAL_FILED, APPEAL_PASSED, APPEAL_DECIDED, APPEAL_LAPSED = "appeal_filed", "appeal_passed", "appeal_decided", "appeal_lapsed"
REVIEW_ASKED, REVIEW_DECIDED = "review_asked", "review_decided"
_ABOUT: Mapping[str, str] = {TO: CODES, "unit": CODE, "item": CODE, "card": CODE, "urgent": FLAG, "reply_by": DATE}
_ON: Mapping[str, str] = {TO: CODES, "order": HASH, "version": NUMBER}
_OF_CARD: Mapping[str, str] = {TO: CODES, "card": HASH}
_RULED: Mapping[str, str] = {**_OF_CARD, "appeal": HASH, "outcome": CODE, "unit": CODE}


def _order(name: str, facts: Mapping[str, str]) -> NoteKind:
    return NoteKind(name, facts, Goes.TO, Words.NAMED, told=False)


UNTOLD = "untold"  # a message to an applicant was refused three times: the office that filed the case tells him
DELIVERY = "notice_handed_over"  # what became of a message to the applicant, at the node that sent it
REACH = "notice_reach"  # whether a hall has recorded where the applicant is told: contact, off (he wants none) or none
OUTCOMES = ("done", "declined")
NOTES: tuple[NoteKind, ...] = (
    NoteKind(ISSUED, _ISSUED, Goes.WITH_CASE, Words.HOLDERS, kept="papers", told=False),
    NoteKind(CORRECTED, {**_ISSUED, "about": CODE}, Goes.WITH_CASE, Words.HOLDERS, kept="papers", told=False),
    NoteKind(REVOKED, {**_ISSUED, "about": CODE, "revoked_for": CODE}, Goes.WITH_CASE, Words.HOLDERS, kept="papers", told=False),
    NoteKind(
        HEARD,
        {"at": NUMBER, "advanced": CODES, "silent": CODES, "spoke": HASHES, "proofs": PROOFS},
        Goes.COVERING,
        Words.NONE,
        kept="hearings",
        told=False,
    ),
    NoteKind(DISPUTED, {"word": HASH, "proofs": PROOFS}, Goes.UP, Words.NONE, kept="hearings", told=False),
    NoteKind(MESSAGE, {TO: CODES}, Goes.TO, Words.NAMED, told=False),
    NoteKind(ANSWERED, {TO: CODES, REQUEST: HASH, "outcome": CODE, "answer": HASH}, Goes.TO, Words.NONE, told=False),
    NoteKind(UNTOLD, {TO: CODES, "mark": HASH, "event": CODE}, Goes.TO, Words.NONE, told=False),
    NoteKind(
        DELIVERY,
        {"marks": HASHES, "event": CODE, "channel": CODE, "state": CODE},
        Goes.WITH_CASE,
        Words.NONE,
        told=False,
    ),
    NoteKind(REACH, {"reach": CODE}, Goes.WITH_CASE, Words.NONE, told=False),
    NoteKind(SERVED, _SERVED, Goes.WITH_CASE, Words.NONE, kept="signals", told=False),
    NoteKind(ORDER_CARDED, {TO: CODES, **_SERVED, "order": HASH}, Goes.TO, Words.NONE, kept="signals", told=False),
    NoteKind(ITEM_CARDED, {TO: CODES, **_SERVED, "item": CODE, "flag": CODE}, Goes.TO, Words.NONE, kept="signals", told=False),
    NoteKind(RECEIVED, {TO: CODES, NOTE: HASH}, Goes.TO, Words.NONE, told=False),
    _order(ORDER_DRAFTED, _ABOUT),  # for nobody yet
    _order(ORDER_SIGNED, {**_ABOUT, **_ON, **NUMBERED}),
    _order(ORDER_RECEIVED, _ON),
    _order(ORDER_REPLIED, _ON),
    _order(ORDER_REMINDED, {**_ON, "rung": CODE}),
    _order(ORDER_RETURNED, {**_ON, "reply_by": DATE}),
    _order(ORDER_CLOSED, _ON),
    NoteKind(EXAMINED, {"result": CODE, "why": CODE, "month": CODE}, Goes.WITH_CASE, Words.HOLDERS),
    _order(FINDING_JUDGED, {TO: CODES, "unit": CODE, "event": HASH, "flag": CODE, "state": CODE, "item": CODE, "found": NUMBER}),
    _order(MONTH_REPORTED, {TO: CODES, "month": CODE, "digest": HASH}),
    _order(PROMPTED, {TO: CODES, "unit": CODE, "what": CODE}),
    _order(PROMPT_ANSWERED, {TO: CODES, NOTE: HASH}),
    _order(ORDER_CIRCULATED, {**_ON, "unit": CODE, **NUMBERED}),
    _order(APPEAL_FILED, {**_OF_CARD, "ground": CODE, "arrived": NUMBER}),
    _order(APPEAL_PASSED, {**_OF_CARD, "appeal": HASH}),
    _order(APPEAL_DECIDED, _RULED),
    _order(APPEAL_LAPSED, {**_OF_CARD, "appeal": HASH, "what": CODE}),
    _order(REVIEW_ASKED, {**_OF_CARD, "appeal": HASH}),
    _order(REVIEW_DECIDED, _RULED),
)
BY_NAME: Mapping[str, NoteKind] = MappingProxyType({row.name: row for row in NOTES})
TOLD = frozenset(row.name for row in NOTES if row.told)
UNKNOWN = NoteKind("", MappingProxyType({}), Goes.TO, Words.NAMED, told=False)  # of a later version


def note_kind(name: str) -> NoteKind:
    """The row of a kind; that of the unknown when there is none."""
    return BY_NAME.get(name, UNKNOWN)


def addressed(facts: Mapping[str, object]) -> tuple[str, ...]:
    """Whom a note is for, as division codes, each once. Total."""
    named = facts.get(TO)
    codes = named if isinstance(named, tuple) else (named,)
    return tuple(dict.fromkeys(code for code in codes if isinstance(code, str) and code))


def is_about(facts: Mapping[str, object]) -> bytes | None:
    """The note that was received, as RECEIVED says it. Total."""
    named = facts.get(NOTE)
    return named if isinstance(named, bytes) and len(named) == 32 else None


def answers(facts: Mapping[str, object]) -> tuple[bytes, str, bytes] | None:
    """The request that was answered, whether it was done or declined, and the entry that answered it, as ANSWERED says it. Total."""
    request, outcome, answer = (facts.get(name) for name in (REQUEST, "outcome", "answer"))
    if not (isinstance(request, bytes) and len(request) == 32 and isinstance(answer, bytes) and len(answer) == 32):
        return None
    return (request, outcome, answer) if isinstance(outcome, str) and outcome in OUTCOMES else None


def faults(rows: Iterable[NoteKind] = NOTES) -> Iterable[str]:
    """What a row lacks; empty when all are whole."""
    seen = set[str]()
    for row in rows:
        if not row.name or row.name in seen or row.name in CASE_KINDS:
            yield f"the kind {row.name!r} stands in two places, or has no name"
        seen.add(row.name)
        if (row.goes is Goes.TO) != (row.facts.get(TO) == CODES):
            yield f"{row.name}: what goes to nodes names them in `{TO}`, and nothing else does"
        if row.goes is Goes.WITH_CASE and row.words is Words.NAMED:
            yield f"{row.name} goes with its case, so its words are for holders of the case"


if _found := list(faults()):
    raise ImportError("; ".join(_found))
