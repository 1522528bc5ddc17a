"""Signals once more, slowly and obviously: the end of every day is looked at by itself. The days are counted by `scripts/check_card.py`,
which shares no code with the program; the runs and rungs are counted here. What it answers once it is not asked again, or a history would take
fifty times as long."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from node.domain.calendar import WorkCalendar, day_of, end_of_day_ms
from node.domain.catalog.item import Item
from node.domain.model import Event, Place

_spec = importlib.util.spec_from_file_location("check_card", Path(__file__).parents[2] / "scripts" / "check_card.py")
assert _spec is not None and _spec.loader is not None
check_card: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(check_card)
_checkers_days = check_card.Days
check_card.Days = lambda said, cited: said.days(cited) if isinstance(said, _Said) else _checkers_days(said, cited)


class _Said(list[tuple[int, bytes, int, Any]]):
    """A calendar as the checker reads it."""

    def __init__(self, cal: WorkCalendar) -> None:
        super().__init__([(1, b"", end_of_day_ms(dt.date(2000, 1, 1)), cal.to_document())])
        self.cal = cal
        self.days: Any = cache(lambda cited: _checkers_days(list(self), cited))


_said: dict[int, _Said] = {}


class _Read(check_card.Story):  # type: ignore[misc]
    """The checker's reading, which remembers what it said of a state."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.due: Callable[[int], dt.date | None] = cache(super().due)
        self.before: Callable[[int], int] = cache(super().before)


class Fell(NamedTuple):
    """A rung: `day` is the one at whose end it fell."""

    rule: str
    rung: str
    day: dt.date
    due: dt.date
    charged: bytes
    line: bool


def acting(chain: Sequence[Event], moment: int) -> set[bytes]:
    """Who could have acted on a case just before a moment: who has it, or who gave it and whom it is on its way to."""
    last = next(one for one in reversed(chain) if one.at < moment)
    if last.custodian_after or last.status_after != "in_transit":
        return {last.custodian_after} - {b""}
    offer = next(one for one in reversed(chain) if "resume_status" in one.facts)
    target = offer.facts["target"]
    assert isinstance(target, bytes)
    return {offer.author, target}


class _Open(NamedTuple):
    """A ladder that goes on: the state that set its day, and the day."""

    first: int
    due: dt.date
    charged: bytes
    line: bool
    yellow: bool


def story(events: Sequence[Event], item: Item, places: dict[bytes, Place], cal: WorkCalendar, rule: str) -> Any:
    """A case as the checker reads it."""
    chain, last = list[SimpleNamespace](), 0
    for one in events:
        last = max(last, one.at)
        chain.append(
            SimpleNamespace(
                kind=one.kind, author=one.author, staff=one.staff_id, at=last, facts={**one.facts, "item_hash": b"item"}, status=one.status_after,
                holder=one.custodian_after, cal=(0, b""), rules=(0, b""), hash=one.hash,
            )
        )  # fmt: skip
    docs = {
        "calendar": _said.get(id(cal)) or _said.setdefault(id(cal), _Said(cal)),
        "rules": [],
        b"item": item.to_document(),
    }
    tree = {node: (place.parent, place.tier) for node, place in places.items()}
    return _Read(chain, rule, docs, tree)


def signals(
    events: Sequence[Event], item: Item, places: dict[bytes, Place], cal: WorkCalendar, until: dt.date, rules: Sequence[str]
) -> list[Fell]:
    """Every card and line until the end of a day."""
    told = {rule: story(events, item, places, cal, rule) for rule in rules}
    running: dict[str, list[_Open]] = {rule: [] for rule in rules}
    found: list[Fell] = []
    day = day_of(events[0].at)
    while day <= until:
        moment = end_of_day_ms(day)
        for late in (True, False):  # what began over passes within the day, maybe before somebody meets another limit on it
            for rule in sorted(rules):
                found += _newly_over(told[rule], running, rule, day, moment, told, late)
            for rule in sorted(rules):
                running[rule] = [open for open in running[rule] if _is_open(told[rule], open, moment)]
        for rule in rules:
            found += _older(running, rule, day, cal)
        day += dt.timedelta(days=1)
    return found


def _is_open(one: Any, open: _Open, moment: int) -> bool:
    """Whether nobody has met it before a moment."""
    for n in range(open.first + 1, one.before(moment) + 1):
        silence = one.rule in ("T01", "T02") and one.chain[n].staff == "system"
        if one.due(n) != open.due and not silence:
            return False
    return True


def _older(running: dict[str, list[_Open]], rule: str, day: dt.date, cal: WorkCalendar) -> list[Fell]:
    found = []
    for n, open in enumerate(running[rule]):
        if open.line or not open.charged:
            continue
        if day == cal.add_workdays(open.due, 1):
            running[rule][n] = open._replace(yellow=True)
            found.append(Fell(rule, "yellow", day, open.due, open.charged, False))
        elif open.yellow and day == cal.add_workdays(open.due, 3):
            found.append(Fell(rule, "red", day, open.due, open.charged, False))
    return found


def _newly_over(
    one: Any, running: dict[str, list[_Open]], rule: str, day: dt.date, moment: int, told: dict[str, Any], late: bool
) -> list[Fell]:
    """What passes at the end of this day, or (`late`) was over already when it began on this day."""
    k, found = one.before(moment), []
    for first in range(k + 1):
        due = one.due(first)
        if due is None or (first and one.due(first - 1) == due):
            continue
        began_over = due < day == day_of(one.chain[first].at)
        if not (began_over if late else due == day) or not _is_open(one, _Open(first, due, b"", False, False), moment):
            continue
        try:
            charged = one.charged(first, due)
        except check_card.Wrong:
            charged = b""
        line = bool(charged) and _has_card(one, running, charged, day, one.chain[first].at + 1 if late else moment, told)
        running[rule].append(_Open(first, due, charged, line, False))
        found += [] if late else [Fell(rule, "overdue", day, due, charged, line)]
    return found


def _has_card(one: Any, running: dict[str, list[_Open]], charged: bytes, day: dt.date, moment: int, told: dict[str, Any]) -> bool:
    """Whether it is a line: an open card of the same stay; of a unit that gave the case up any card of before."""
    given_up = _holder(one, one.before(moment)) != charged
    if given_up:
        return charged in one.__dict__.setdefault("carded", set()) or any(
            charged in t.__dict__.get("carded", ()) for t in told.values()
        )
    for rule, opens in running.items():
        for open in opens:
            if open.charged == charged and not open.line and _is_open(told[rule], open, moment):
                since = end_of_day_ms(open.due)
                between = [n for n in range(len(one.chain)) if since <= one.chain[n].at < moment]
                if all(_holder(one, n) == charged for n in between):
                    return True
    one.__dict__.setdefault("carded", set()).add(charged)
    return False


def _holder(one: Any, n: int) -> bytes:
    return one.chain[n].holder or one.latest(n, "author")  # type: ignore[no-any-return]
