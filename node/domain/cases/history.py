"""What stays on record of a case's time: where it was late, and when its clocks stood. Pure.

A deadline that is over when it ends, moves or passes to another holder leaves a row, with how far it was over then and who had the
case. So an extension, a stop, a reminder or a new holder washes nothing away. What lies between an offer and its take is charged to
nobody: of a case that is handed on the days until the offer count. What was taken back (row 45) leaves no row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from node.domain.calendar import MAX_LIMIT, ONE, WorkCalendar, day_of
from node.domain.cases.casefold import MayAssign, evolve, fold
from node.domain.cases.clocks import started_by
from node.domain.cases.deadlines import Deadline, deadlines
from node.domain.cases.lateness import charged, over_days
from node.domain.cases.ledger import code, day, number
from node.domain.catalog.item import Item
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.catalog.revisions import Counting, limits_of
from node.domain.model import Case, Event

NOBODYS = frozenset({"correction"})  # the applicant's own date
GAP = "gap"  # the pause of a promise whose gap lapsed; the statutory limit runs on


class Late(NamedTuple):
    """A deadline that was over by so many working days when an act ended or moved it, and who answers for it; `at` of the act, ms.

    Of one lateness the unit answers in whose hands it came about, whoever has the case at its end (DOMAIN A4, 5); `before`: how much of it
    stands on record already. `kept`: of other units that worked on it and kept their part of the limit, the working days they used."""

    clock: str
    due: dt.date
    over: int
    holder: bytes
    ended_by: str
    at: int
    before: int = 0
    kept: Mapping[bytes, int] = MappingProxyType({})


class Paused(NamedTuple):
    """A stop: first and last day, both included, the working days among them, and those beyond the stated end; whether it goes on
    (`until` is then the stated end, of a gap today), and who stopped. `kind` GAP stops the promise only."""

    kind: str
    first: dt.date
    until: dt.date
    days: int
    over: int
    at: int
    goes_on: bool
    author: bytes


class History(NamedTuple):
    late: tuple[Late, ...] = ()
    pauses: tuple[Paused, ...] = ()


def of_clock(pauses: Sequence[Paused], clock: str) -> list[Paused]:
    """Those that stopped a clock."""
    return [one for one in pauses if clock == "P" or one.kind != GAP] if clock in ("P", "S", "first_examination") else []


def history(
    events: Sequence[Event],
    may_assign: MayAssign,
    item: Item | None,
    tier_of: Callable[[Case], str],
    counting: Counting,
    today: dt.date,
    rules: Mapping[int, Limits] = LAWFUL,
) -> History:
    """The record of a case, from its entries in the order in which they count. `tier_of`: of who holds a case."""
    cal = counting.in_force
    late: list[Late] = []
    stops: list[tuple[Event, Event | None]] = []

    def look(case: Case, event: Event) -> None:
        nonlocal late, stops
        if event.kind == "undone":
            late = [one for one in late if (one.ended_by, one.at) != (case.undo.kind, case.undo.at)]
            stops = _undone(stops, case)
        elif event.kind == "suspended":
            stops.append((event, None))
        elif event.kind == "resumed" and stops:
            stops[-1] = (stops[-1][0], event)
        if case.version and event.kind != "undone":
            days = counting.cited_by(started_by(case)) or cal
            ended = _ended(case, event, lambda one: deadlines(one, item, tier_of(one), counting, rules), days)
            late += [more for one in ended if (more := _beyond(one, late)) is not None]

    case = fold(events, may_assign, look).case
    paused = [_paused(begun, ended, cal, today) for begun, ended in stops]
    paused += _of_gap(case, rules, paused, cal, today)
    return History(tuple(late), tuple(sorted(paused, key=lambda one: one.first)))


def _of_gap(case: Case, rules: Mapping[int, Limits], others: Sequence[Paused], cal: WorkCalendar, today: dt.date) -> list[Paused]:
    """The days on which the promise stood for what did not follow in time; no day counts twice."""
    gap, limits = case.gap, limits_of(rules, case.started.accepted)
    if limits is None or not limits.gap_pauses:
        return []
    runs = [(first, last, False) for first, last in gap.stood]
    if gap.pauses and gap.due is not None:
        runs.append((gap.due + ONE, max(today, gap.due + ONE), True))
    taken = [(one.first, one.until) for one in others]
    return [
        Paused(GAP, first, last, _workdays_outside(first, last, taken, cal), 0, gap.lapsed_at, goes_on, case.custodian)
        for first, last, goes_on in runs
    ]


def _workdays_outside(first: dt.date, last: dt.date, taken: Sequence[tuple[dt.date, dt.date]], cal: WorkCalendar) -> int:
    days = (first + ONE * n for n in range(min((last - first).days + 1, MAX_LIMIT)))
    return sum(cal.is_workday(day) and not any(begun <= day <= ended for begun, ended in taken) for day in days)


def _undone(stops: list[tuple[Event, Event | None]], case: Case) -> list[tuple[Event, Event | None]]:
    if case.undo.kind == "suspended":
        return stops[:-1]
    return [*stops[:-1], (stops[-1][0], None)] if case.undo.kind == "resumed" and stops else stops


def _ended(case: Case, event: Event, open_of: Callable[[Case], tuple[Deadline, ...]], cal: WorkCalendar) -> list[Late]:
    """The deadlines that were over and are not the same afterwards, or somebody else's."""
    before = [one for one in open_of(case) if one.clock not in NOBODYS] if case.status != "concluded" else []
    until = day_of(case.offer.since if case.offer is not None else event.at)
    over = [(one, days) for one in before if (days := over_days(one.due, until, cal))]
    if not over:
        return []
    after = evolve(case, event)
    goes_on = {(one.clock, one.due) for one in open_of(after)} if charged(after) == charged(case) else set()
    return [
        Late(one.clock, one.due, days, charged(case), event.kind, event.at)
        for one, days in over
        if (one.clock, one.due) not in goes_on
    ]


def _beyond(row: Late, late: Sequence[Late]) -> Late | None:
    """A row as it continues a lateness that was taken over; None when nothing was added to it."""
    first = next((one for one in reversed(late) if (one.clock, one.due) == (row.clock, row.due)), None)
    if first is None:
        return row
    return row._replace(holder=first.holder, before=first.over) if row.over > first.over else None


def _paused(begun: Event, ended: Event | None, cal: WorkCalendar, today: dt.date) -> Paused:
    first = day(begun.facts, "from") or day_of(begun.at)
    stated = max(day(begun.facts, "until") or first, first)
    last = min(stated, max(day_of(ended.at), first)) if ended is not None else stated
    over = number(ended.facts, "over") if ended is not None else cal.count_workdays(stated, today)
    days = cal.count_workdays(first - ONE, last) if first > dt.date.min else 0
    return Paused(code(begun.facts, "kind"), first, last, days, max(over, 0), begun.at, ended is None, begun.author)
