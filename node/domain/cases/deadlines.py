"""Deadlines are derived, never stored (promise 6): the case, its item and the calendar give the same dates at every tier.

Clocks (LIFECYCLE "Clocks over a referral"):
A  the agent's working day to hand over, from filing or from a hand-back.
T  one working day from the mechanical take of a hand-over to the clerk's receipt. It is watched; nothing rests on it.
R  five working days from the take of a hand-over, whoever receives it when, or from complete supply (行政许可法 32; practice for what
   is no licence). Where an item wants the papers first it starts with their arrival. Of what is done at once (即办) it does not run
   where that is decided: there P runs from the receipt, `immediate_limit` days.
P  from acceptance to the printed date, unbroken over a referral. The printed date is a fact: a calendar or catalog that
   came later does not move it, a statutory pause or an extension does. A promise of 0 (即办) on an item that is decided
   above counts from the upper take, so below there is none before that.
S  the statutory limit. Where the item is decided it counts from acceptance or from the day a referral was taken. Below,
   a licence has 20 working days for the first examination (行政许可法 43). When a case is returned and comes back, each
   tier goes on with the time it has left: days from the other's take to its own are not counted (LIFECYCLE row 35).
D  ten working days for service after a decision (行政许可法 44, which speaks of grants; practice for a refusal and for what
   is no licence).

The numbers of A, R and D, and S of a licence whose item gives none, are those of the published limits (`catalog.limits`) in the
revision that the entry cites which started the clock: what is published later moves nothing that runs. While that revision is not
here, nothing is known: no due date, and the light says so.

While a referral is on its way the lower clock runs on, until the upper receipt. Of deemed acceptance `accepted_at` is the
day of receipt (casefold). Statutory pauses stop P and S, an open one up to its stated end (`stops.py`). `due` is the earliest open
one. After `concluded` D is shown until delivery, and is nobody's delay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, Protocol

from node.domain.calendar import DAY_MS, MAX_LIMIT, WorkCalendar, day_of, end_of_day_ms
from node.domain.cases.lateness import rung
from node.domain.cases.ledger import closed
from node.domain.cases.stops import LAST_DAY, Days, moved, moved_calendar, stops_of
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.model import Case, Cited, Hop, Purpose

FIRST_EXAMINATION_DAYS = 20  # 行政许可法 43
RUNNING = frozenset({"accepted", "suspended"})
DECIDED = frozenset({"approved", "refused", "concluded"})
_RANK = ("P", "S", "first_examination", "R", "T", "A", "D", "correction")  # which names the due date when two fall together


class ItemTerms(Protocol):
    """What of an item its deadlines depend on."""

    @property
    def regime(self) -> str: ...
    @property
    def case_type(self) -> str: ...
    @property
    def statutory_limit(self) -> int | None: ...
    @property
    def statutory_unit(self) -> str: ...
    @property
    def promised_limit(self) -> int | None: ...
    def decides_at(self, tier: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """One open deadline. `limit` counts days of `unit` (workday | calendar) without the `extension`; unit "date" is a date that
    was set. `basis` is a code: where the limit comes from. `since` is the day after which it is counted, None for a date that was
    set."""

    clock: str
    due: dt.date
    provisional: bool
    limit: int
    unit: str
    basis: str
    since: dt.date | None = field(default=None, compare=False)
    extension: int = 0


def received_at(case: Case) -> int:
    """Since when (ms) the organ has had what it answers: the receipt or the complete supply; 0 before."""
    return case.correction.supplied_at or case.received_at


def promised_at_once(item: ItemTerms) -> bool:
    """Whether the promise counts from the receipt where the item is decided, and below from nothing."""
    return item.case_type == "immediate" or item.promised_limit == 0


def promised_days(item: ItemTerms, limits: Limits) -> int | None:
    """Working days of the promise; None when nothing is promised."""
    return limits.immediate_limit if item.case_type == "immediate" else item.promised_limit


def cited_rules(case: Case) -> int:
    """The revision of the rules that started the clock which runs now; 0 when none does, or none was published then."""
    status = _status(case)
    if case.status == "with_agent":
        began = _handed_back(case) or (case.hops[0] if case.hops else None)
        return began.cites.rules if began is not None else 0
    if status == "submitted":
        return case.started.received.rules
    if status in RUNNING:
        return _stay(case).cites.rules
    return case.started.decided.rules if status in DECIDED else 0


def rules_are_here(case: Case, rules: Mapping[int, Limits]) -> bool:
    """Whether the limits are known by which the present clocks count; while not, nobody can say when the case is due."""
    return cited_rules(case) in rules and (not _unreceived(case) or case.hops[-1].cites.rules in rules)


def _unreceived(case: Case) -> bool:
    """Whether a hand-over was taken and no clerk has received it yet."""
    return case.status == "in_transit" and case.offer is None and bool(case.custodian and case.hops)


def deadlines(
    case: Case, item: ItemTerms, tier: str, cal: WorkCalendar, rules: Mapping[int, Limits] = LAWFUL
) -> tuple[Deadline, ...]:
    """The open deadlines where the case is held, earliest first; none while they are not known (`rules_are_here`). `tier`: of the
    custodian; in transit, of the offer's target. `rules`: the limits of every revision that is here."""
    if not rules_are_here(case, rules):
        return ()
    limits, found = rules[cited_rules(case)], list[Deadline]()
    status, received = _status(case), received_at(case)
    if _unreceived(case):
        taken = case.hops[-1]
        found.append(_one("T", cal, day_of(taken.taken_at), rules[taken.cites.rules].receipt_days, "practice"))
    if case.status == "with_agent":
        found.append(_one("A", cal, _with_agent_since(case), limits.agent_days, "agent_hand_over"))
    elif status == "submitted" and received:
        found.append(_answer(item, tier, day_of(received), cal, limits))
    elif status == "awaiting_correction" and case.correction.due is not None:
        found.append(
            Deadline("correction", case.correction.due, not cal.known(case.correction.due), 0, "date", "correction_notice")
        )
    elif status in RUNNING and case.accepted_at:
        found += _handling(case, item, tier, cal, limits)
    elif status in DECIDED and case.decided_at and not case.delivered_at:
        basis = limits.basis("service_days", _service_law(case, item))
        found.append(_one("D", cal, day_of(case.decided_at), limits.service_days, basis))
    return tuple(sorted(found, key=lambda deadline: (deadline.due, _RANK.index(deadline.clock))))


def _status(case: Case) -> str:
    """The status whose clocks run; in transit the one the taker will find."""
    if case.status != "in_transit":
        return case.status
    return case.offer.resume_status if case.offer is not None else case.received_status


def _answer(item: ItemTerms, tier: str, received: dt.date, cal: WorkCalendar, limits: Limits) -> Deadline:
    """By when what was received is answered: decided where that is done at once, else accepted or not."""
    if item.case_type == "immediate" and item.decides_at(tier):
        return _one("P", cal, received, limits.immediate_limit, "immediate")
    return _one("R", cal, received, limits.notice_days, limits.basis("notice_days", _law(item, "licensing_law_32")))


def _law(item: ItemTerms, article: str) -> str:
    return article if item.regime == "licence" else "practice"


def _service_law(case: Case, item: ItemTerms) -> str:
    return "practice" if case.decision == "refused" else _law(item, "licensing_law_44")


def _with_agent_since(case: Case) -> dt.date:
    came_back = _handed_back(case)
    return day_of(came_back.taken_at if came_back is not None else case.filed_at)


def _handed_back(case: Case) -> Hop | None:
    """The custody with which the agent's day began anew; None where it began with the filing."""
    last = case.hops[-1] if case.hops else None
    return last if last is not None and last.giver is not None else None


def branch_deadline(case: Case, line: int, cal: WorkCalendar) -> Deadline | None:
    """The open deadline of a branch (B): its working days from the receipt by the unit that is asked; None when B does not run.
    It is no deadline of the case: who holds that goes on with its own."""
    branch = case.lines[line]
    received = next((span.start for span in branch.spans if span.clock == "B"), None)
    if received is None or branch.spans[-1].end is not None or not line:
        return None
    return _one("B", cal, day_of(received), branch.limit, "branch")


# P and S -----------------------------------------------------------------------------------------------------------------


def _handling(case: Case, item: ItemTerms, tier: str, cal: WorkCalendar, limits: Limits) -> list[Deadline]:
    referred = case.offer is not None and case.offer.purpose is Purpose.REFER  # by a node that does not decide
    decides = item.decides_at(tier) and not referred
    since, away, _ = _stay(case)
    start, stops = day_of(since), stops_of(case, since)
    promise = _promise(case, item, limits, _came(case, item, since) if decides else None, cal)
    own = (
        _statutory(case, item, limits, start, cal, stops, away) if decides else _first_examination(item, start, cal, stops, away)
    )
    return [deadline for deadline in (promise, own) if deadline is not None]


def _promise(
    case: Case, item: ItemTerms, limits: Limits, decided_here_since: dt.date | None, cal: WorkCalendar
) -> Deadline | None:
    printed, promised, extension = case.promised_due, promised_days(item, limits), _bounded(case.extension_days)
    at_once = promised_at_once(item)
    if printed is None and (promised is None or (at_once and decided_here_since is None)):
        return None
    start, since = day_of(case.accepted_at), case.accepted_at
    if at_once:
        start = printed or decided_here_since or start  # the day itself
        if item.case_type == "immediate" and decided_here_since is not None:
            start = decided_here_since
        since = end_of_day_ms(min(start, LAST_DAY)) - DAY_MS
    if promised is None:
        promised = cal.count_workdays(start, printed or start)
    base, days = (min(printed, LAST_DAY), 0) if printed is not None else (start, _bounded(promised))
    due = moved(cal, base, days + extension, stops_of(case, since))
    provisional = due.provisional or not cal.years.issuperset(range(start.year, due.date.year + 1))
    basis = "immediate" if item.case_type == "immediate" else "item_promise"
    return Deadline("P", due.date, provisional, _bounded(promised), "workday", basis, start, extension)


def _came(case: Case, item: ItemTerms, since: int) -> dt.date:
    """The day on which a case came to who decides it at once: taken from below, else accepted; an immediate one received."""
    received = received_at(case)
    at = received if item.case_type == "immediate" and received and since <= case.accepted_at else since
    return day_of(min(at, since))


def default_limit(item: ItemTerms, limits: Limits) -> tuple[int, str] | None:
    """Working days of a licence whose item gives no limit of its own, and where they come from; None for what is no licence."""
    if item.regime != "licence":
        return None
    name = "default_joint" if item.case_type == "joint" else "default_one"
    return limits.default_joint if item.case_type == "joint" else limits.default_one, limits.basis(name, "licensing_law_42")


def _statutory(
    case: Case, item: ItemTerms, limits: Limits, since: dt.date, cal: WorkCalendar, stops: Days, away: Days
) -> Deadline | None:
    """The item's own limit, else that of the licensing law. 0 means that the law is silent on what is done at once."""
    limit, unit, basis = item.statutory_limit, item.statutory_unit or "workday", "item_statutory"
    if limit is None and (found := default_limit(item, limits)) is not None:
        (limit, basis), unit = found, "workday"
    return _one("S", cal, since, limit, basis, unit, case.extension_days, stops, away) if limit else None


def _first_examination(item: ItemTerms, since: dt.date, cal: WorkCalendar, stops: Days, away: Days) -> Deadline | None:
    if item.regime != "licence":
        return None  # other laws have no such limit; the promise runs
    return _one("first_examination", cal, since, FIRST_EXAMINATION_DAYS, "licensing_law_43", stops=stops, away=away)


def _one(
    clock: str, cal: WorkCalendar, start: dt.date, limit: int, basis: str, unit: str = "workday", extension: int = 0,
    stops: Days = (), away: Days = (),
) -> Deadline:  # fmt: skip
    days = _bounded(limit) + _bounded(extension)
    count = moved if unit == "workday" else moved_calendar
    due = count(cal, start, days, stops, away)
    return Deadline(clock, due.date, due.provisional, _bounded(limit), unit, basis, start, _bounded(extension))


def _bounded(days: int) -> int:
    """An authentic event may say anything; deriving from it must not fail."""
    return min(max(days, 0), MAX_LIMIT)


class _Stay(NamedTuple):
    """From when (ms) the holder's own clock counts, the days of that which the case spent at another node in between, and what the
    entry cites that started it."""

    since: int
    away: Days
    cites: Cited


def _stay(case: Case) -> _Stay:
    holder = case.offer.giver if case.offer is not None else case.custodian
    held = [(n, hop.left_at) for n, hop in enumerate(case.hops) if hop.node == holder]
    mine = [n for n, left_at in held if left_at is None or left_at >= case.accepted_at]
    if not mine:
        return _Stay(case.accepted_at, [], case.started.accepted)
    first = case.hops[mine[0]]
    start = max(case.accepted_at, first.taken_at)
    turns = [(case.hops[last + 1].taken_at, case.hops[back].taken_at) for last, back in pairwise(mine)]
    away = [_interval(day_of(gone), day_of(back)) for gone, back in turns]
    return _Stay(start, away, first.cites if first.taken_at > case.accepted_at else case.started.accepted)


def _interval(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Clocks of two nodes may disagree: at least the first day."""
    return first, max(first, last)


# what people see ---------------------------------------------------------------------------------------------------------


def due_of(case: Case, item: ItemTerms, tier: str, cal: WorkCalendar, rules: Mapping[int, Limits] = LAWFUL) -> Deadline | None:
    """The earliest open deadline; None where there is none, or it is not known."""
    return next(iter(deadlines(case, item, tier, cal, rules)), None)


def due_when_decided(
    case: Case, item: ItemTerms, tier: str, cal: WorkCalendar, rules: Mapping[int, Limits] = LAWFUL
) -> Deadline | None:
    """The deadline that the decision had to meet: that of the case as the organ held it when it decided; None without a limit."""
    return due_of(as_decided(case), item, tier, cal, rules) if case.decided_at and case.accepted_at else None


def as_decided(case: Case) -> Case:
    """A decided case as the organ held it when it decided."""
    held = tuple(hop for hop in case.hops if hop.taken_at <= case.decided_at)
    return case._replace(status="accepted", custodian=case.decided_by, offer=None, hops=held)


def light_of(case: Case, item: ItemTerms, tier: str, cal: WorkCalendar, now_ms: int, rules: Mapping[int, Limits] = LAWFUL) -> str:
    """none | green | warn (due today) | overdue | yellow | red: the derived rung of the present clock (`lateness`); unknown while the
    limits it counts by are not here.

    While the applicant's correction is awaited nobody here is late before its date; once that has passed the case is overdue (row 15
    is due), and goes no further. After `concluded` the organ's clocks are over: there is a date to deliver by, but no light.
    """
    if not rules_are_here(case, rules):
        return "unknown"
    deadline = due_of(case, item, tier, cal, rules)
    if deadline is None or _status(case) == "concluded":
        return "none"
    light = rung(deadline.due, day_of(now_ms), cal)
    if deadline.clock == "correction":
        return {"green": "none", "warn": "warn"}.get(light, "overdue")
    return light


def time_split(case: Case, now_ms: int, line: int = 0) -> dict[str, int]:
    """Milliseconds by what they are attributed to (handler, upper, statutory_pause, agent, transit, applicant), on one line."""
    split: dict[str, int] = {}
    for one in case.lines[line].spans:
        for span in closed(case, one, now_ms) if one.end is None else (one,):
            split[span.why] = split.get(span.why, 0) + max(0, (span.end or 0) - span.start)
    return split


def workdays_split(case: Case, calendar: WorkCalendar, now_ms: int, line: int = 0) -> dict[str, int]:
    """Working days by what they are attributed to, as people count them: the day of its beginning does not count."""
    split: dict[str, int] = {}
    for one in case.lines[line].spans:
        for span in closed(case, one, now_ms) if one.end is None else (one,):
            days = calendar.count_workdays(day_of(span.start), day_of(max(span.end or 0, span.start)))
            split[span.why] = split.get(span.why, 0) + days
    return split
