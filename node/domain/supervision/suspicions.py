"""Suspicions and watch lines that the whole of a case shows (DOMAIN A1: L02, L03, A01 to A12, data errors). Pure.

A row is a rule: its flag (words and weight in `words.flags`), the kinds of entries at which it looks, and its condition. What one entry
shows by itself is found by the audit of legality (`cases.audit`); here a condition may look at the entries before it, at the papers of the
case, its signals, and the published numbers of the rule on the day of the entry. A rule that is switched off on that day finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from node.domain.calendar import WorkCalendar, day_of, end_of_day_ms
from node.domain.cases.audit import Mark
from node.domain.catalog.item import Item
from node.domain.model import Case, Event
from node.domain.supervision.rulebook import RULES, Rule, Supervisions
from node.domain.supervision.signals import Signal
from node.domain.supervision.watches import State
from node.domain.words.flags import FLAGS

MINUTE_MS = 60_000
LATE_ENTRY_DAYS = 2  # working days after which an entry of what was done before is 补录 of something old
CONFIRM_DAYS = 3  # working days in which a signed 送达回证 is followed by its record
FILED = ("draft_saved", "lodged", "submitted")
LISTED = "listed"  # how far a line of the watch list goes
DECIDED = ("approved", "refused", "decided_at_once")


class Paper(NamedTuple):
    """A paper of the case as its note says: `about` the paper that it corrects or revokes, "" for one of its own."""

    hash: bytes
    author: bytes
    paper: str
    about: str
    at: int


class Seen(NamedTuple):
    """What a condition looks at: an entry, the case before it, and what else is known of the case; `rule` as published on that day."""

    event: Event
    before: Case
    found: Sequence[State]
    item: Item | None
    papers: Sequence[Paper]
    signals: Sequence[Signal]
    rule: Rule | None
    calendar: WorkCalendar


class Row(NamedTuple):
    flag: str
    kinds: tuple[str, ...]
    holds: Callable[[Seen], bool]


def _at_once(seen: Seen) -> bool:
    """受理 and decision within minutes, of what is not decided at the counter: done first and recorded afterwards (L02)."""
    accepted = [
        one.since for one in seen.found if one.event.kind in ("accepted", "accepted_with_gap") and one.since <= seen.event.at
    ]
    slow = seen.item is not None and seen.item.case_type in ("commitment", "joint", "referral")
    minutes = seen.rule.minutes if seen.rule is not None else 0
    return slow and bool(accepted) and seen.event.at - accepted[-1] < minutes * MINUTE_MS


def _no_paper(seen: Seen) -> bool:
    """办结 without an issued decision (L03). That the result is ready is what 办结 says here, so there is no second half."""
    return not any(one.paper == "decision" and not one.about and one.at <= seen.event.claimed for one in seen.papers)


def _entered_late(seen: Seen) -> bool:
    """Written down more than two working days after the time that it claims (L04, second half)."""
    return seen.calendar.count_workdays(day_of(seen.event.claimed), day_of(seen.event.at)) > LATE_ENTRY_DAYS


def _was_overdue(seen: Seen) -> bool:
    return any(one.rung == "overdue" and one.at_ms < seen.event.at for one in seen.signals)


def _is_draft(case: Case) -> bool:
    """Nothing but saved: neither lodged nor received."""
    return not case.lead.spans


ROWS: tuple[Row, ...] = (
    Row("decided_in_minutes", ("approved", "refused"), _at_once),
    Row("no_decision_paper", ("concluded",), _no_paper),
    Row("late_entry", (), _entered_late),  # of every kind
    Row("case_returned", ("refused",), lambda seen: seen.event.facts.get("ground") not in (None, "none", "")),
    Row("case_voided", ("voided",), lambda seen: not _is_draft(seen.before)),
    Row("draft_deleted", ("voided",), lambda seen: _is_draft(seen.before)),
    Row("never_corrected", ("terminated",), lambda seen: seen.before.status == "awaiting_correction"),
    Row("turned_down", ("not_accepted", "not_required_found"), lambda seen: True),
    Row("not_granted", ("refused",), lambda seen: seen.event.facts.get("ground") in (None, "none", "")),
    Row("withdrawn_late", ("withdrawn",), _was_overdue),
    Row("urgent_case", ("urgent_set",), lambda seen: seen.event.facts.get("urgent") is not False),
    Row("deemed_accepted", ("deemed_accepted",), lambda seen: True),
    Row("declared_same_person", (*DECIDED,), lambda seen: seen.event.facts.get("same_person") is True),
)


# Rules whose every finding the rows say, so that they can be asked what other numbers would have found (L04 also counts over cases).
BY_ROWS = frozenset({FLAGS[row.flag].rule for row in ROWS if row.kinds} | {"A10"})


def suspicions(
    found: Sequence[State], item: Item | None, said: Supervisions, papers: Sequence[Paper], signals: Sequence[Signal],
    calendar: WorkCalendar,
) -> Iterator[Mark]:  # fmt: skip
    """What the rows find in a case, in the order of its entries."""
    before = Case(found[0].case.case_no) if found else Case("")
    for state in found:
        for row in ROWS:
            if row.kinds and state.event.kind not in row.kinds:
                continue
            rule = rule_of(row.flag, said, state.since)
            seen = Seen(state.event, before, found, item, papers, signals, rule, calendar)
            if (rule is None or rule.active) and row.holds(seen):
                yield Mark(state.event.hash, row.flag, state.event.author, state.since)
        before = state.case


def of_papers(papers: Sequence[Paper], said: Supervisions) -> Iterator[Mark]:
    """A paper that was corrected or revoked (A10)."""
    for one in papers:
        rule = rule_of("paper_changed", said, one.at)
        if one.about and rule is not None and rule.active:
            yield Mark(one.hash, "paper_changed", one.author, one.at)


def unconfirmed(found: Sequence[State], papers: Sequence[Paper], calendar: WorkCalendar, known_ms: int) -> Iterator[Mark]:
    """A data error: a signed 送达回证, and three working days later the delivery is not recorded. `known_ms`: until when the holder is
    known; before that nobody can say that nothing was written."""
    done = [one.since for one in found if one.event.kind == "delivered"]
    for one in papers:
        end = end_of_day_ms(calendar.add_workdays(day_of(one.at), CONFIRM_DAYS))
        if one.paper == "delivery" and not one.about and known_ms >= end and not any(at <= end for at in done):
            yield Mark(one.hash, "completion_unconfirmed", one.author, end)


def rule_of(flag: str, said: Supervisions, at_ms: int) -> Rule | None:
    """The published rule that a flag is listed under, as it counts on a day; None where it belongs to none."""
    code = FLAGS[flag].rule
    return said.on(day_of(at_ms)).rules[code] if code in RULES else None


def bursts(times: Sequence[int], minutes: int, count: int) -> list[int]:
    """Where in the moments of one person's decisions (ms, in order) `count` of them fall within `minutes`: the place of the one that makes
    the number full, once for each run of such (L04)."""
    found, inside = list[int](), False
    for at, moment in enumerate(times):
        full = at >= count - 1 and moment - times[at - count + 1] <= minutes * MINUTE_MS
        if full and not inside:
            found.append(at)
        inside = full
    return found
