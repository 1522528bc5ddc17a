"""Signals of generated histories agree with the slow reference; each planted bug is found by them (`tests/support/slow_signals.py`)."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

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
from tests.domain.desk import BASIC, DAY, LICENCE, PLACES, STOPPING, TOWNSHIP, VILLAGE
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
HISTORIES = int(os.environ.get("TONGBAN_EXAMPLES", "300"))  # `scripts/deep` tries many more
NOW = end_of_day_ms(dt.date(2026, 9, 30))


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


@cache
def histories() -> list[tuple[Watched, dt.date, tuple[Fell, ...]]]:
    """The generated histories with what the reference says of each; those that it does not count are left out."""
    found = []
    for seed in range(HISTORIES):
        hall, until = history(seed)
        if (said := slow(hall, until)) is not None:
            found.append((hall, until, said))
    return found


def slow(hall: Watched, until: dt.date) -> tuple[Fell, ...] | None:
    """What the reference says of a history; None where it does not count."""
    try:
        return tuple(sorted(slow_signals.signals(hall.events, hall.item, PLACES, CALENDAR, until, RULES)))
    except check_card.Beyond:
        return None


def agreed(seed: int) -> tuple[Fell, ...] | None:
    """What both say of one history; None where the reference does not count."""
    hall, until = history(seed)
    said = slow(hall, until)
    assert said is None or fast(hall, until) == said, (seed, hall.item.item_id, until)
    return said


def fast(hall: Watched, until: dt.date) -> tuple[Fell, ...]:
    made = hall.derived(until).signals
    return tuple(
        sorted(
            Fell(one.rule, one.rung, day_of(one.at_ms - 1), one.due, one.charged, bool(one.line_of))
            for one in made
            if one.rule in RULES and one.rung in ("overdue", "yellow", "red")
        )
    )


def test_generated_histories_agree_with_the_reference() -> None:
    seen = histories()
    assert len(seen) > HISTORIES // 2
    for hall, until, said in seen:
        kinds = [(day_of(one.at).isoformat(), one.kind, one.status_after) for one in hall.events]
        assert fast(hall, until) == said, (hall.item.item_id, until, kinds)
    fell = [one for _, _, said in seen for one in said]
    assert {one.rule for one in fell} == set(RULES) and {one.rung for one in fell} == {"overdue", "yellow", "red"}
    assert any(one.line for one in fell) and {one.charged for one in fell} >= {VILLAGE, TOWNSHIP}


def test_who_is_cut_off_loses_nothing_and_gains_nothing() -> None:
    """Silence takes no signal away: what falls is the same, it only is not known; and more is never known with less heard."""
    dice = random.Random(3)
    for hall, until, _ in histories():
        now = end_of_day_ms(until)
        whole = hall.derived(until).signals
        heard = {node: hall.events[0].at + dice.randrange(120) * DAY for node in PLACES}
        less = derive(hall.events, basis(hall.item, NO_STEPS), lambda node: heard.get(node, 0), FOREVER, now).signals  # noqa: B023
        assert [one._replace(known=True) for one in less] == [one._replace(known=True) for one in whole]
        assert all(full.known or not part.known for full, part in zip(whole, less, strict=True))
        assert not any(one.known for one in less if one.charged and heard[one.charged] < one.at_ms)


def disagrees() -> bool:
    """Whether the reference finds something in one of the histories."""
    return any(fast(hall, until) != said for hall, until, said in histories())


def fires_unheard() -> bool:
    """Whether something is known of a node that was not heard."""
    return any(
        one.known
        for hall, until, _ in histories()[:40]
        for one in derive(hall.events, basis(hall.item, NO_STEPS), lambda node: 0, FOREVER, NOW).signals
    )


def rewrites() -> bool:
    """Whether a calendar that is published later changes a signal that fell before."""
    said = {Revision(1, b"1" * 8, 0): CALENDAR}
    later = replace(CALENDAR, days={**CALENDAR.days, **{dt.date(2026, 3, n): "off" for n in range(2, 32) if n not in (7, 8)}})
    new = end_of_day_ms(dt.date(2026, 7, 31))
    for hall, _, _ in histories()[:40]:
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
    ("fires without hearing the holder", signals, "_all_known", lambda found, one, known, published: True, fires_unheard),
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
    histories()
    assert not found()
    monkeypatch.setattr(where, name, wrong)
    assert found()
