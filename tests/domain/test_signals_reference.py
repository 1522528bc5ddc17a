"""Signals of generated histories agree with the slow reference; each planted bug is found by them (`tests/support/slow_signals.py`)."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import count, islice
from typing import NamedTuple

import pytest

import node.domain.supervision.charging as charging
import node.domain.supervision.signals as signals
import node.domain.supervision.watches as watches
from node.domain.calendar import day_of, end_of_day_ms
from node.domain.catalog.revisions import Calendars, Revision
from node.domain.model import Cited, Event, Role
from node.domain.supervision import rulebook
from node.domain.supervision.rulebook import Supervisions
from node.domain.supervision.signals import derive
from node.domain.words.errors import TongbanError
from tests.domain.desk import BASIC, CITY, DAY, LICENCE, PLACES, STOPPING, TOWNSHIP, VILLAGE, path_up
from tests.domain.test_signals import FOREVER, Watched, basis
from tests.domain.test_stops import CALENDAR
from tests.support import slow_signals
from tests.support.slow_signals import Fell, check_card

RULES = ("T01", "T02", "T05", "T06", "T07", "T08", "T09")
ITEMS = (
    BASIC,
    STOPPING,
    LICENCE,
    replace(LICENCE, approval_level="township"),
    replace(BASIC, promised_limit=3),
)
ROLES = (Role.AGENT, Role.CLERK, Role.EXAMINER, Role.APPROVER)
ONWARD = {
    "hand_over",
    "receive",
    "accept",
    "complete_step",
    "approve",
    "refuse",
    "refer",
    "suspend",
    "resume",
    "extend",
    "conclude",
}
LEFT_OUT = {"undo", "edit_draft", "repin"}
OFF = rulebook.parse(rulebook.read(b'kind="supervision"\n[[rule]]\ncode="T03"\nactive=false\n'))
NO_STEPS = Supervisions({Revision(1, b"", 0): OFF})  # the reference does not count steps
HISTORIES = int(os.environ.get("TONGBAN_EXAMPLES", "2000"))  # `scripts/deep` tries many more
ALL_HEARD = dict.fromkeys(PLACES, FOREVER)


def history(seed: int) -> tuple[Watched, dt.date]:
    """A case that people do what they may with, in no hurry."""
    dice = random.Random(seed)
    hall = Watched(item=dice.choice(ITEMS), rules=NO_STEPS)
    hall.on(dt.date(2026, 3, 2) + dt.timedelta(days=dice.randrange(60)), dice.randrange(8, 18))
    hall.file(dice.choice((VILLAGE, TOWNSHIP)))
    for _ in range(dice.randrange(4, 18)):
        hall.now += dice.choice((1, 3, 20, 30, 80, 200)) * 3_600_000
        try:
            _step(hall, dice)
        except TongbanError:
            continue
        if hall.the.status in ("delivered", "withdrawn", "voided", "terminated"):
            break
    return hall, day_of(hall.now) + dt.timedelta(days=dice.randrange(30))


def _step(hall: Watched, dice: random.Random) -> None:
    if hall.the.offer is not None:
        hall.take()
    elif hall.the.status in ("submitted", "in_transit") and dice.random() < 0.3:
        hall.system("deem_accepted", hall.the.custodian)
    else:
        role = dice.choice(ROLES)
        names = [one for one in hall.names(role) if one not in LEFT_OUT]
        wanted = [one for one in names if one in ONWARD] if dice.random() < 0.7 else names
        if wanted:
            hall.do(dice.choice(wanted), role)


class Reader(NamedTuple):
    """What one tier has of a history: the first `has` entries, and of each node until when (ms) it was heard."""

    node: bytes
    has: int
    heard: Mapping[bytes, int]


def readers(hall: Watched, seed: int) -> list[Reader]:
    """Every tier as it reads the history with each line up until a moment of its own, or still up."""
    dice = random.Random(f"lines {seed}")
    up = {node: dice.choice((FOREVER, hall.events[0].at + dice.randrange(120 * 24) * 3_600_000)) for node in PLACES}
    found = []
    for reader in PLACES:
        heard = {node: min([FOREVER, *(up[one] for one in {*path_up(node)} ^ {*path_up(reader)})]) for node in PLACES}
        missing = (n for n, one in enumerate(hall.events) if one.at > heard[one.author])
        found.append(Reader(reader, next(missing, len(hall.events)), heard))
    return found


class History(NamedTuple):
    """A generated history until the end of a day, with what the reference says of it, whole and as each tier has it."""

    hall: Watched
    until: dt.date
    said: tuple[Fell, ...]
    told: tuple[tuple[Reader, tuple[Told, ...]], ...]


class Told(NamedTuple):
    """A rung, and whether it is known."""

    fell: Fell
    known: bool


def compared(seed: int) -> History | None:
    """None where the reference does not count."""
    hall, until = history(seed)
    try:
        said = slow(hall.events, hall, until)
        told = tuple((one, slow_at(one, hall, until, said)) for one in readers(hall, seed) if one.has)
    except check_card.Beyond:
        return None
    return History(hall, until, said, told)


def slow(events: Sequence[Event], hall: Watched, until: dt.date) -> tuple[Fell, ...]:
    """What the reference says of the entries of a history."""
    return tuple(sorted(slow_signals.signals(events, hall.item, PLACES, CALENDAR, until, RULES)))


def slow_at(reader: Reader, hall: Watched, until: dt.date, said: tuple[Fell, ...]) -> tuple[Told, ...]:
    """What the reference says that one tier knows: a rung is known where all that could have prevented it were heard past it."""
    events = hall.events[: reader.has]
    fell = said if events == hall.events else slow(events, hall, until)

    def known(one: Fell) -> bool:
        moment = end_of_day_ms(one.day)
        return all(reader.heard[node] >= moment for node in {one.charged, CITY} | slow_signals.acting(events, moment) if node)

    return tuple(Told(one, known(one)) for one in fell)


def fast(events: Sequence[Event], hall: Watched, until: dt.date, heard: Mapping[bytes, int]) -> tuple[Told, ...]:
    """The same as the program derives it, the city publishing."""
    made = derive(events, basis(hall.item, hall.rules), lambda node: heard[node], heard[CITY], end_of_day_ms(until)).signals
    return tuple(
        sorted(
            Told(Fell(one.rule, one.rung, day_of(one.at_ms - 1), one.due, one.charged, bool(one.line_of)), one.known)
            for one in made
            if one.rule in RULES and one.rung in ("overdue", "yellow", "red")
        )
    )


def differs(one: History) -> str:
    """Where program and reference do not agree, "" where they do: with everything heard, and at every tier with what it heard."""
    whole = fast(one.hall.events, one.hall, one.until, ALL_HEARD)
    if whole != tuple(Told(fell, True) for fell in one.said):
        return f"with everything heard: {whole} is not {one.said}"
    for reader, told in one.told:
        ours = fast(one.hall.events[: reader.has], one.hall, one.until, reader.heard)
        if ours != told:
            return f"at the {PLACES[reader.node].tier}: {ours} is not {told}"
        if not {fell for fell, known in ours if known} <= {*one.said}:
            return f"at the {PLACES[reader.node].tier} something is known that is not so"
    return ""


def agreed(seed: int) -> History | None:
    """One history on which both agree; None where the reference does not count."""
    one = compared(seed)
    assert one is None or not (why := differs(one)), (seed, one.hall.item.item_id, one.until, why)
    return one


@cache
def histories() -> list[History]:
    """So many generated histories; those that the reference does not count are left out."""
    return list(islice((one for seed in count() if (one := compared(seed)) is not None), HISTORIES))


def test_generated_histories_agree_with_the_reference_at_every_tier() -> None:
    for one in histories():
        kinds = [(day_of(event.at).isoformat(), event.kind, event.status_after) for event in one.hall.events]
        assert not (why := differs(one)), (one.hall.item.item_id, one.until, why, kinds)
    fell = [fell for one in histories() for fell in one.said]
    assert {one.rule for one in fell} == set(RULES) and {one.rung for one in fell} == {"overdue", "yellow", "red"}
    assert any(one.line for one in fell) and {one.charged for one in fell} >= {VILLAGE, TOWNSHIP}
    seen = Counter((reader.node, known) for one in histories() for reader, told in one.told for _, known in told)
    assert all(seen[node, known] > HISTORIES // 20 for node in PLACES for known in (True, False)), seen


def test_who_is_cut_off_loses_nothing_and_gains_nothing() -> None:
    """Silence takes no signal away: what falls is the same, it only is not known; and more is never known with less heard."""
    dice = random.Random(3)
    for hall, until, _, _ in histories():
        now = end_of_day_ms(until)
        whole = hall.derived(until).signals
        heard = {node: hall.events[0].at + dice.randrange(120) * DAY for node in PLACES}
        less = derive(hall.events, basis(hall.item, NO_STEPS), lambda node: heard.get(node, 0), FOREVER, now).signals  # noqa: B023
        assert [one._replace(known=True) for one in less] == [one._replace(known=True) for one in whole]
        assert all(full.known or not part.known for full, part in zip(whole, less, strict=True))
        assert not any(one.known for one in less if one.charged and heard[one.charged] < one.at_ms)


def disagrees() -> bool:
    """Whether the reference finds something in one of the histories."""
    return any(differs(one) for one in histories())


@cache
def without_a_bug(found: Callable[[], bool]) -> bool:
    return found()


def rewrites() -> bool:
    """Whether a calendar that is published later changes a signal that fell before."""
    said = {Revision(1, b"1" * 8, 0): CALENDAR}
    later = replace(CALENDAR, days={**CALENDAR.days, **{dt.date(2026, 3, n): "off" for n in range(2, 32) if n not in (7, 8)}})
    new = end_of_day_ms(dt.date(2026, 7, 31))
    for hall, _, _, _ in histories()[:40]:
        before, after = (
            derive(
                _citing(hall.events), basis(hall.item, NO_STEPS)._replace(counting=one), lambda node: FOREVER, FOREVER, new
            ).signals
            for one in (Calendars(said), Calendars({**said, Revision(2, b"2" * 8, new): later}))
        )
        if {one.id for one in before} - {one.id for one in after}:
            return True
    return False


def _citing(events: Sequence[Event]) -> list[Event]:
    return [one._replace(cites=Cited(calendar=1, calendar_mark=b"1" * 8)) for one in events]


BUGS: tuple[tuple[str, object, str, object, Callable[[], bool]], ...] = (
    ("fires without hearing the holder", signals, "_all_known", lambda found, one, known, published: True, disagrees),
    ("charges the filing node", charging, "holder_of", lambda case: case.origin, disagrees),
    ("an effect of absence cures it", watches, "_met", lambda found, at, rule: True, disagrees),
    ("a new calendar rewrites a card", Calendars, "cited_by", lambda self, cites: self.in_force, rewrites),
    (
        "a red card without days of cure",
        signals,
        "end_of_day_ms",
        lambda day: end_of_day_ms(day - dt.timedelta(days=1)),
        disagrees,
    ),
)


@pytest.mark.parametrize("bug", BUGS, ids=[one[0] for one in BUGS])
def test_each_planted_bug_is_caught(
    bug: tuple[str, object, str, object, Callable[[], bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, where, name, wrong, found = bug
    assert not without_a_bug(found)
    monkeypatch.setattr(where, name, wrong)
    assert found()
