"""The day on which a supervisor looks: from when on a case is on its way too long, and which files of a month are drawn.

The draw (`node.domain.supervision.draw`) is of the last month that is over, or of a month that is asked for, among the cases that units of
the own subtree turned away in it. It is derived and written nowhere: whoever has the same entries draws the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from node.domain.calendar import ONE, WorkCalendar, day_of, end_of_day_ms
from node.domain.supervision.documents import Drawn
from node.domain.supervision.draw import SHARE, SHARE_DECIDED, draw
from node.services.tree.freshness import Freshness, subtree
from node.store import drawing
from node.store.measures import Day
from node.store.store import Store, Tx, View

KEPT_MS = 600_000
_KEPT: WeakKeyDictionary[Store, tuple[object, Draw]] = WeakKeyDictionary()


class Draw(NamedTuple):
    """What is drawn, and of each case the unit that it was drawn of, its item and its position."""

    document: Drawn
    cases: Mapping[str, tuple[bytes, str, int]]


def start_of(day: dt.date) -> int:
    """The first millisecond of a day in China."""
    return end_of_day_ms(day - ONE)


def on_the_day(view: View, calendar: WorkCalendar, fresh: Freshness) -> Day:
    """Today, without a draw. On its way too long is what a whole working day has passed over (DOMAIN A0, 移交途中)."""
    today = day_of(view.now())
    return Day(today, start_of(calendar.add_workdays(today, -1)), list(fresh.since), here=view.identity.node_id)


def last_month(today: dt.date) -> dt.date:
    """The first day of the last month that is over."""
    return (today.replace(day=1) - ONE).replace(day=1)


def next_month(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1)


def drawn(view: View | Tx, first: dt.date | None = None) -> Draw:
    """What is drawn of the month that begins on `first`, of a month that is not over nothing. For who reads it is kept as long as as much was
    decided and ended in that month, ten minutes at most: nobody waits while the cases of a month are put in order, and of two cases that
    changed places the other may be shown for so long. Who writes draws anew: his transaction may yet be undone."""
    today = day_of(view.now())
    first = first or last_month(today)
    if isinstance(view, Tx):
        return _drawn(view, first, today)
    ended = drawing.ended_in(view.connection, view.identity.node_id, first.isoformat()[:7])
    key = first, first < today.replace(day=1), ended, view.now() // KEPT_MS
    kept = _KEPT.get(view.store)
    if kept is None or kept[0] != key:
        _KEPT[view.store] = kept = key, _drawn(view, first, today)
    return kept[1]


def _drawn(view: View | Tx, first: dt.date, today: dt.date) -> Draw:
    end = next_month(first)
    seed = drawing.last_before(view.connection, view.identity.node_id, start_of(end)) if end <= today else None
    away, done = (
        _by_unit(view, found(view.connection, start_of(first), start_of(end)) if seed is not None else ())
        for found in (drawing.turned_away, drawing.decided)
    )
    cases = sorted({*draw(seed[2], away), *draw(seed[2], done, SHARE_DECIDED)}) if seed is not None else []
    unit_of = {case_no: unit for by_unit in (done, away) for unit, numbers in by_unit.items() for case_no in numbers}
    document: Drawn = {
        "month": first.isoformat()[:7], "share": SHARE, "of": sum(map(len, away.values())), "share_decided": SHARE_DECIDED,
        "of_decided": sum(map(len, done.values())),
        "seed": seed[2].hex() if seed is not None else None, "epoch": seed[0] if seed is not None else None,
        "seq": seed[1] if seed is not None else None, "cases": cases,
    }  # fmt: skip
    items = drawing.items_of(view.connection, cases)
    return Draw(document, {case_no: (unit_of[case_no], *items[case_no]) for case_no in cases if case_no in items})


def _by_unit(view: View | Tx, found: Iterable[tuple[bytes, str]]) -> dict[bytes, list[str]]:
    """What units of the own subtree ended."""
    by_unit, inside = defaultdict[bytes, list[str]](list), set(subtree(view))
    for unit, case_no in found:
        if unit in inside:
            by_unit[unit].append(case_no)
    return by_unit
