"""Tables of generated histories agree with the slow reference, at every unit and whatever the cut (`tests/support/slow_reports.py`)."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest

from node.domain.calendar import end_of_day_ms
from node.domain.model import Event
from node.domain.reports import tally
from node.domain.reports.columns import BALANCE
from node.domain.reports.cut import Cut
from node.domain.reports.rows import checks
from node.domain.reports.story import Story, story
from node.domain.reports.tally import Month, added, of_case
from node.domain.words.errors import TongbanError
from tests.domain.desk import CITY, DISTRICT, PLACES, TOWNSHIP, VILLAGE
from tests.domain.test_signals import Watched, basis
from tests.domain.test_signals_reference import ITEMS, ONWARD, ROLES, RULES
from tests.domain.test_stops import CALENDAR
from tests.support import slow_reports, slow_signals

HISTORIES = int(os.environ.get("TONGBAN_EXAMPLES", "2000"))
UNITS = (CITY, DISTRICT, TOWNSHIP, VILLAGE)
MONTHS = tuple(Month(2026, n) for n in range(2, 9))
BY_REFERENCE = (
    "received", "accepted", "not_accepted", "not_required", "corrections", "moved_in", "moved_out", "decided", "approved", "refused", "returned",
    "withdrawn", "terminated", "voided", "withdrawn_before", "terminated_before", "voided_before", "immediate", "commitment", "reopened",
    "extended", "deemed", "carried", "open", "suspended",
)  # fmt: skip


def history(seed: int) -> Watched:
    """A case that people do what they may with, undo included."""
    dice = random.Random(seed)
    hall = Watched(item=dice.choice(ITEMS))
    hall.on(dt.date(2026, 2, 9) + dt.timedelta(days=dice.randrange(60)), dice.randrange(8, 18))
    hall.file(dice.choice((VILLAGE, TOWNSHIP)))
    for _ in range(dice.randrange(8, 34)):
        hall.now += dice.choice((0, 1, 3, 20, 60, 150)) * 3_600_000
        try:
            _step(hall, dice)
        except TongbanError:
            continue
        if hall.the.status in ("delivered", "voided"):
            break
    return hall


def _step(hall: Watched, dice: random.Random) -> None:
    if hall.the.offer is not None:
        hall.take()
    elif hall.the.status in ("submitted", "in_transit") and dice.random() < 0.2:
        hall.system("deem_accepted", hall.the.custodian)
    else:
        role = dice.choice(ROLES)
        names = [one for one in hall.names(role) if one not in ("edit_draft", "repin")]
        if "undo" in names and dice.random() < 0.12:
            names = ["undo"]
        wanted = [one for one in names if one in ONWARD] if dice.random() < 0.8 and names != ["undo"] else names
        if wanted:
            hall.do(dice.choice(wanted), role)


def agreed(seed: int) -> Counter[str]:
    """What one generated history counts, the slow reference agreeing with every month at every unit."""
    hall = history(seed)
    return compared(hall, told(hall.events, hall), seed)


def compared(hall: Watched, one: Story, seed: int) -> Counter[str]:
    written, whole = slow_reports.records(hall.events, PLACES), Counter[str]()
    for month in MONTHS:
        found = counted(one, (), month, None, None)
        for unit in UNITS:
            said, ours = slow_reports.months([(written, hall.item)], unit, month.start, month.end), found.get(unit, Counter())
            expected = {name: said[name] for name in BY_REFERENCE}
            assert {name: ours[name] for name in BY_REFERENCE} == expected, (seed, month.code, PLACES[unit].tier)
        whole.update(name for counts in found.values() for name in BY_REFERENCE if counts[name] > 0)
        assert all(row["holds"] for row in checks((unit.hex(), counts) for unit, counts in found.items())), seed
    return whole


@cache
def histories() -> list[tuple[Watched, Story]]:
    halls = [history(seed) for seed in range(HISTORIES)]
    return [(hall, told(hall.events, hall)) for hall in halls]


def told(events: Sequence[Event], hall: Watched) -> Story:
    places = {one.hash: (1, n) for n, one in enumerate(events)}
    return story(events, places, basis(hall.item), lambda node: PLACES[node].tier)


@cache
def rows(month: Month) -> dict[bytes, Counter[str]]:
    found: dict[bytes, Counter[str]] = {}
    for _, one in histories():
        for unit, counts in counted(one, (), month, None, None).items():
            found.setdefault(unit, Counter()).update(counts)
    return found


def counted(one: Story, known: Story, month: Month, now: Cut | None, base: Cut | None) -> dict[bytes, Counter[str]]:
    """Of one case, by one cut for every unit."""
    return added(of_case(one, lambda cut: known, month, month.end, lambda unit: now, lambda unit: base))


def test_every_unit_agrees_with_the_reference_in_every_month() -> None:
    for seed, (hall, one) in enumerate(histories()):
        compared(hall, one, seed)
    for month in MONTHS:
        assert all(row["holds"] for row in checks((unit.hex(), counts) for unit, counts in rows(month).items()))


def test_the_histories_show_everything_that_is_counted() -> None:
    whole = Counter[str]()
    for month in MONTHS:
        for counts in rows(month).values():
            whole.update(counts)
    missing = {"returned", "immediate", "terminated", "terminated_before"}  # that nobody of them does
    assert {name for name in BY_REFERENCE if not whole[name]} <= missing, whole
    assert all(whole[name] for side in BALANCE for name in side if name not in missing)


def test_what_one_month_leaves_the_next_begins_with() -> None:
    for month in MONTHS[:-1]:
        here, there = rows(month), rows(month.next)
        for unit in UNITS:
            assert here.get(unit, Counter())["open"] == there.get(unit, Counter())["carried"]


def test_in_time_and_late_agree_with_the_checker() -> None:
    seen = Counter[bool]()
    for hall, one in histories():
        if any(event.kind == "undone" for event in hall.events):
            continue
        try:
            stories = {rule: slow_signals.story(hall.events, hall.item, PLACES, CALENDAR, rule) for rule in RULES}
            said = slow_reports.in_time(stories, hall.events)
        except (slow_reports.Beyond, ValueError):
            continue
        counts = {key: n for move in one for key, n in move.counts.items() if key[1] in ("in_time", "late")}
        expected = {} if said is None or not said[1] else {(said[1], "in_time" if said[0] else "late"): 1}
        assert counts == expected, [(event.kind, event.at) for event in hall.events]
        seen.update([] if said is None else [said[0]])
    assert seen[True] > HISTORIES // 20 and seen[False] > HISTORIES // 60


def test_late_facts_are_counted_once_and_the_sums_hold() -> None:
    """A report counts up to a cut, the next one the rest: together they count what one would that had known all."""
    dice, month = random.Random(5), Month(2026, 3)
    two, whole = Counter[str](), Counter[str]()
    marked = 0
    for _, one in histories():
        place = (1, dice.randrange(len(one) + 1) - 1)
        cut = dict.fromkeys(UNITS, place)
        known = [move for move in one if move.place <= place]
        early = counted(one, (), month.before, cut, None)
        for counts in early.values():
            two.update(counts)
        here, after = counted(one, (), month, cut, None), counted(one, known, month.next, None, cut)
        for unit in {*here, *after}:
            first, second = here.get(unit, Counter()), after.get(unit, Counter())
            assert first["open"] == second["carried"]
            two.update(first)
            two.update(second)
            marked += second["late_reported"]
            assert not second["corrected"] or second["reopened"] or any(n < 0 for n in second.values())
        assert all(row["holds"] for table in (here, after) for row in checks((u.hex(), c) for u, c in table.items()))
    for month_ in (month.before, month, month.next):
        for counts in rows(month_).values():
            whole.update(counts)
    flows = [name for name in BY_REFERENCE if name not in ("carried", "open", "suspended")]
    assert {name: two[name] for name in flows} == {name: whole[name] for name in flows} and marked > HISTORIES // 10


def test_a_cut_that_forgets_what_it_counted_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: what came late is not counted at all."""
    monkeypatch.setattr(tally, "_corrections", lambda counted, before, unit, start: Counter())
    with pytest.raises(AssertionError):
        test_late_facts_are_counted_once_and_the_sums_hold()


def test_a_month_has_its_first_instant_and_the_next() -> None:
    assert Month(2026, 12).next == Month(2027, 1) and Month(2027, 1).before == Month(2026, 12)
    assert Month(2026, 3).end == Month(2026, 4).start == end_of_day_ms(dt.date(2026, 3, 31))
    assert tally.read_month("2026-03") == Month(2026, 3)
    assert [tally.read_month(text) for text in ("2026-13", "2026-3", "", "２０２６-03", "0001-01", "2026-03-01")] == [None] * 6
