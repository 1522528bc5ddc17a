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

The days are those of the calendar that the entry cites which started the clock, and from the day after its publication on those of
each later revision (`catalog.revisions`). The numbers of A, R and D, and S of a licence whose item gives none, are those of the
published limits (`catalog.limits`) in the revision that the same entry cites: limits that come later move nothing that runs.

What a clock needs and is not here (the version of the item, a revision of the calendar or the limits) is *lacking*: the clock is left
out, the others are derived without it, and the light says `unknown` unless one of those is over.

While a referral is on its way the lower clock runs on, until the upper receipt. Of deemed acceptance `accepted_at` is the
day of receipt (casefold). Statutory pauses stop P and S, an open one up to its stated end (`stops.py`). `due` is the earliest open
one. After `concluded` D is shown until delivery, and is nobody's delay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases.clocks import (
    DECIDED,
    RUNNING,
    Clock,
    Deadline,
    Ground,
    ItemTerms,
    LackingError,
    branch_deadline,
    default_limit,
    own,
    promise,
    promised_at_once,
    promised_days,
    received_at,
    running_status,
    started_by,
    to_answer,
    to_correct,
    to_hand_over,
    to_receive,
    to_serve,
    unreceived,
)
from node.domain.cases.lateness import rung
from node.domain.cases.ledger import closed
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.catalog.revisions import Alone, Counting
from node.domain.model import Case

__all__ = [
    "Deadline", "ItemTerms", "Reckoned", "as_decided", "branch_deadline", "deadlines", "default_limit", "due_of", "due_when_decided",
    "light_of", "other_date", "promised_at_once", "promised_days", "received_at", "reckon", "started_by", "time_split", "when_decided",
    "workdays_split",
]  # fmt: skip
_RANK = ("P", "S", "first_examination", "R", "T", "A", "D", "correction")  # which names the due date when two fall together


class Reckoned(NamedTuple):
    """The open deadlines that can be derived, earliest first, and what the others lack ("item", "calendar", "rules")."""

    deadlines: tuple[Deadline, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def first(self) -> Deadline | None:
        """The earliest. Where something is lacking the case is due then at the latest."""
        return next(iter(self.deadlines), None)


def reckon(case: Case, item: ItemTerms | None, tier: str, cal: Counting, rules: Mapping[int, Limits] = LAWFUL) -> Reckoned:
    """The open deadlines where the case is held, and what is lacking to say the others. `tier`: of the custodian; in transit, of the
    offer's target. `rules`: the limits of every revision that is here."""
    ground, found, lacks = Ground(case, item, tier, cal, rules), list[Deadline](), dict[str, None]()
    for clock in _clocks(case):
        try:
            one = clock(ground)
        except LackingError as error:
            lacks[error.what] = None
            continue
        if one is not None:
            found.append(one)
    if item is None and any(one.clock == "R" for one in found):
        lacks["item"] = None  # of what is done at once there is an earlier one
    return Reckoned(tuple(sorted(found, key=lambda one: (one.due, _RANK.index(one.clock)))), tuple(lacks))


def _clocks(case: Case) -> Sequence[Clock]:
    """Those that run."""
    status, found = running_status(case), list[Clock]()
    if unreceived(case):
        found.append(to_receive)
    if case.status == "with_agent":
        found.append(to_hand_over)
    elif status == "submitted" and received_at(case):
        found.append(to_answer)
    elif status == "awaiting_correction" and case.correction.due is not None:
        found.append(to_correct)
    elif status in RUNNING and case.accepted_at:
        found += [promise, own]
    elif status in DECIDED and case.decided_at and not case.delivered_at:
        found.append(to_serve)
    return found


def deadlines(
    case: Case, item: ItemTerms | None, tier: str, cal: Counting, rules: Mapping[int, Limits] = LAWFUL
) -> tuple[Deadline, ...]:
    """The open deadlines that can be derived; see `reckon`."""
    return reckon(case, item, tier, cal, rules).deadlines


def other_date(
    one: Deadline, case: Case, item: ItemTerms | None, tier: str, cal: Counting, rules: Mapping[int, Limits] = LAWFUL
) -> dt.date | None:
    """Where a calendar that came later has parted the two dates of an open deadline, the other one: of a printed promise, which stays,
    the date that the calendar now gives; of the other clocks, which move, the date that people were told. None where it is the same."""
    then = _date_of(one.clock, reckon(case, item, tier, Alone(cal), rules))
    if one.clock != "P" or case.promised_due is None:
        return then if then != one.due else None
    if item is None or promised_at_once(item):
        return None
    counted = case._replace(promised_due=None)
    now, then = (_date_of("P", reckon(counted, item, tier, by, rules)) for by in (cal, Alone(cal)))
    return now if now != then else None


def _date_of(clock: str, found: Reckoned) -> dt.date | None:
    return next((one.due for one in found.deadlines if one.clock == clock), None)


# what people see ---------------------------------------------------------------------------------------------------------


def due_of(case: Case, item: ItemTerms | None, tier: str, cal: Counting, rules: Mapping[int, Limits] = LAWFUL) -> Deadline | None:
    """The earliest open deadline that can be derived; None where there is none."""
    return reckon(case, item, tier, cal, rules).first


def when_decided(case: Case, item: ItemTerms | None, tier: str, cal: Counting, rules: Mapping[int, Limits] = LAWFUL) -> Reckoned:
    """The deadlines that the decision had to meet: those of the case as the organ held it when it decided."""
    return reckon(as_decided(case), item, tier, cal, rules) if case.decided_at and case.accepted_at else Reckoned()


def due_when_decided(
    case: Case, item: ItemTerms | None, tier: str, cal: Counting, rules: Mapping[int, Limits] = LAWFUL
) -> Deadline | None:
    """The earliest of them; None without a limit, or where none can be derived."""
    return when_decided(case, item, tier, cal, rules).first


def as_decided(case: Case) -> Case:
    """A decided case as the organ held it when it decided."""
    held = tuple(hop for hop in case.hops if hop.taken_at <= case.decided_at)
    return case._replace(status="accepted", custodian=case.decided_by, offer=None, hops=held)


def light_of(
    case: Case, item: ItemTerms | None, tier: str, cal: Counting, now_ms: int, rules: Mapping[int, Limits] = LAWFUL
) -> str:
    """none | green | warn (due today) | overdue | yellow | red: the derived rung of the present clock (`lateness`). While something is
    lacking it is `unknown`, unless one of the deadlines that can be derived is over.

    While the applicant's correction is awaited nobody here is late before its date; once that has passed the case is overdue (row 15
    is due), and goes no further. After `concluded` the organ's clocks are over: there is a date to deliver by, but no light.
    """
    if running_status(case) == "concluded":
        return "none"
    found = reckon(case, item, tier, cal, rules)
    light = _light(found.first, now_ms, cal.in_force)
    return "unknown" if found.lacks and light not in ("overdue", "yellow", "red") else light


def _light(deadline: Deadline | None, now_ms: int, cal: WorkCalendar) -> str:
    if deadline is None:
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
