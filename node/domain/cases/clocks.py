"""The clocks of a case, one function each: what they are, and from what each is counted, stands in `deadlines`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeAlias

from node.domain.calendar import DAY_MS, MAX_LIMIT, ONE, WorkCalendar, day_of, end_of_day_ms
from node.domain.cases.stops import LAST_DAY, Days, moved, moved_calendar, stops_of
from node.domain.catalog.limits import Limits
from node.domain.catalog.revisions import Counting, limits_of
from node.domain.model import NOTHING_CITED, Case, Cited, Hop, Purpose

FIRST_EXAMINATION_DAYS = 20  # 行政许可法 43
RUNNING = frozenset({"accepted", "suspended"})
DECIDED = frozenset({"approved", "refused", "concluded"})


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


def started_by(case: Case) -> Cited:
    """What the entry cites that started the clock which runs now; nothing when none does."""
    status = running_status(case)
    if case.status == "with_agent":
        began = _handed_back(case) or (case.hops[0] if case.hops else None)
        return began.cites if began is not None else NOTHING_CITED
    if status == "submitted":
        return case.started.received
    if status in RUNNING:
        return _stay(case).cites
    return case.started.decided if status in DECIDED else NOTHING_CITED


def unreceived(case: Case) -> bool:
    """Whether a hand-over was taken and no clerk has received it yet."""
    return case.status == "in_transit" and case.offer is None and bool(case.custodian and case.hops)


def running_status(case: Case) -> str:
    """The status whose clocks run; in transit the one the taker will find."""
    if case.status != "in_transit":
        return case.status
    return case.offer.resume_status if case.offer is not None else case.received_status


class LackingError(LookupError):
    """What a clock needs is not here: "item", "calendar" or "rules"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Ground(NamedTuple):
    """What deadlines are derived from, for one case. `tier`: of the custodian; in transit, of the offer's target."""

    case: Case
    version: ItemTerms | None
    tier: str
    calendars: Counting
    rules: Mapping[int, Limits]

    @property
    def item(self) -> ItemTerms:
        if self.version is None:
            raise LackingError("item")
        return self.version

    def calendar(self, cites: Cited) -> WorkCalendar:
        found = self.calendars.cited_by(cites)
        if found is None:
            raise LackingError("calendar")
        return found

    def limits(self, cites: Cited) -> Limits:
        found = limits_of(self.rules, cites)
        if found is None:
            raise LackingError("rules")
        return found


Clock: TypeAlias = Callable[[Ground], "Deadline | None"]


# R, T, A, D ---------------------------------------------------------------------------------------------------------------


def to_receive(ground: Ground) -> Deadline:
    taken = ground.case.hops[-1]
    cal, limits = ground.calendar(taken.cites), ground.limits(taken.cites)
    return _one("T", cal, day_of(taken.taken_at), limits.receipt_days, "practice")


def to_hand_over(ground: Ground) -> Deadline:
    cites = started_by(ground.case)
    days = ground.limits(cites).agent_days
    return _one("A", ground.calendar(cites), _with_agent_since(ground.case), days, "agent_hand_over")


def to_answer(ground: Ground) -> Deadline:
    """By when what was received is answered: decided where that is done at once, else accepted or not."""
    cites, received, item = ground.case.started.received, day_of(received_at(ground.case)), ground.version
    cal, limits = ground.calendar(cites), ground.limits(cites)
    if item is not None and item.case_type == "immediate" and item.decides_at(ground.tier):
        return _one("P", cal, received, limits.immediate_limit, "immediate")
    return _one("R", cal, received, limits.notice_days, limits.basis("notice_days", _law(item, "licensing_law_32")))


def to_correct(ground: Ground) -> Deadline | None:
    due = ground.case.correction.due
    if due is None:
        return None
    return Deadline("correction", due, not ground.calendars.in_force.known(due), 0, "date", "correction_notice")


def to_serve(ground: Ground) -> Deadline:
    cites = ground.case.started.decided
    cal, limits = ground.calendar(cites), ground.limits(cites)
    basis = limits.basis("service_days", _service_law(ground.case, ground.version))
    return _one("D", cal, day_of(ground.case.decided_at), limits.service_days, basis)


def _law(item: ItemTerms | None, article: str) -> str:
    return article if item is not None and item.regime == "licence" else "practice"


def _service_law(case: Case, item: ItemTerms | None) -> str:
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


def own(ground: Ground) -> Deadline | None:
    """S where the item is decided, below the first examination."""
    case, item, stay = ground.case, ground.item, _stay(ground.case)
    start, stops = day_of(stay.since), stops_of(case, stay.since)
    cal = ground.calendar(stay.cites)
    if _decides(ground):
        return _statutory(case, item, ground.limits(stay.cites), start, cal, stops, stay.away)
    return _first_examination(item, start, cal, stops, stay.passed_on)


def examination(case: Case, days: int, cal: WorkCalendar) -> Deadline:
    """So many working days of whoever has an accepted case, all its stays together (the first examination of what is no licence)."""
    stay = _stay(case)
    stops = stops_of(case, stay.since)
    return _one("first_examination", cal, day_of(stay.since), days, "item_promise", stops=stops, away=stay.passed_on)


def _decides(ground: Ground) -> bool:
    """Whether the holder decides; not while the case is on its way to who does."""
    offer = ground.case.offer
    return ground.item.decides_at(ground.tier) and not (offer is not None and offer.purpose is Purpose.REFER)


def promise(ground: Ground) -> Deadline | None:
    """The printed promise needs nothing but the calendar; the other parts of it the item. None while it stands for a gap."""
    case, printed = ground.case, ground.case.promised_due
    if _gap_pauses(ground) and case.gap.pauses:
        return None
    if ground.version is None and printed is not None:
        start, cal = day_of(case.accepted_at), ground.calendar(case.started.accepted)
        return _promised(ground, cal, start, case.accepted_at, cal.count_workdays(start, printed), "item_promise")
    item, since = ground.item, _stay(case).since
    decided_here_since = _came(case, item, since) if _decides(ground) else None
    at_once, stay = promised_at_once(item), _stay(case)
    promised = promised_days(item, ground.limits(stay.cites))
    if printed is None and (promised is None or (at_once and decided_here_since is None)):
        return None
    start, since = day_of(case.accepted_at), case.accepted_at
    if at_once:
        start = printed or decided_here_since or start  # the day itself
        if item.case_type == "immediate" and decided_here_since is not None:
            start = decided_here_since
        since = end_of_day_ms(min(start, LAST_DAY)) - DAY_MS
    cal = ground.calendar(stay.cites if at_once else case.started.accepted)
    if promised is None:
        promised = cal.count_workdays(start, printed or start)
    return _promised(ground, cal, start, since, promised, "immediate" if item.case_type == "immediate" else "item_promise")


def _gap_pauses(ground: Ground) -> bool:
    """Whether what did not follow in time (容缺) ever held the promise up, by the limits that the acceptance cites."""
    gap = ground.case.gap
    return bool(gap.pauses or gap.stood) and bool(ground.limits(ground.case.started.accepted).gap_pauses)


def _promised(ground: Ground, cal: WorkCalendar, start: dt.date, since: int, promised: int, basis: str) -> Deadline:
    """The promise of so many days after `start`: the printed date, moved by what stopped or extended it, never by a calendar."""
    case = ground.case
    stops = stops_of(case, since, case.gap.stood if _gap_pauses(ground) else ())
    printed, extension = case.promised_due, _bounded(case.extension_days)
    base, days = (min(printed, LAST_DAY), 0) if printed is not None else (start, _bounded(promised))
    due = moved(cal, base, days + extension, stops)
    provisional = due.provisional or not cal.years.issuperset(range(start.year, due.date.year + 1))
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
    """From when (ms) the holder's own clock counts, the days of that which did not begin with the case there because another node had it, or
    (`passed_on`) because it was offered to another, and what the entry cites that started the clock."""

    since: int
    away: Days
    passed_on: Days
    cites: Cited


def _stay(case: Case) -> _Stay:
    holder = case.offer.giver if case.offer is not None else case.custodian
    held = [(n, hop.left_at) for n, hop in enumerate(case.hops) if hop.node == holder]
    mine = [n for n, left_at in held if left_at is None or left_at >= case.accepted_at]
    if not mine:
        return _Stay(case.accepted_at, [], [], case.started.accepted)
    first = case.hops[mine[0]]
    start = max(case.accepted_at, first.taken_at)
    turns = [(case.hops[last], case.hops[last + 1].taken_at, case.hops[back].taken_at) for last, back in pairwise(mine)]
    away = [_days_after(gone, back) for _, gone, back in turns]
    passed_on = [_days_after(min(gone, hop.left_at or gone), back) for hop, gone, back in turns]
    cites = first.cites if first.taken_at > case.accepted_at else case.started.accepted
    return _Stay(start, _some(away), _some(passed_on), cites)


def _days_after(gone: int, back: int) -> tuple[dt.date, dt.date]:
    """A day belongs to whoever had the case at its beginning: the day on which it went is still the giver's, that of its return not yet."""
    return day_of(gone) + ONE, day_of(back)


def _some(days: Days) -> Days:
    """Those with a day in them: clocks of two nodes may disagree."""
    return [(first, last) for first, last in days if first <= last]
