"""The signals of a case: when each rung falls, who answers, what cures, what is known (DOMAIN A0-A4), on cases that were really handled."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from node.domain.calendar import end_of_day_ms
from node.domain.catalog.item import Item, SpecialStep
from node.domain.catalog.limits import LAWFUL
from node.domain.catalog.revisions import Revision
from node.domain.model import Case, Role
from node.domain.supervision import rulebook
from node.domain.supervision.rulebook import Supervisions
from node.domain.supervision.signals import Derived, Signal, derive
from node.domain.supervision.watches import Basis
from tests.domain.desk import CITY, DISTRICT, LICENCE, PLACES, TOWNSHIP, VILLAGE, nobody_assigns
from tests.domain.test_stops import CALENDAR, HERE, Hall, day

FOREVER = 1 << 60
NAMES = {CITY: "city", VILLAGE: "village", TOWNSHIP: "township", DISTRICT: "district", b"": "nobody"}


def basis(item: Item | None, rules: Supervisions | None = None) -> Basis:
    def tier(case: Case) -> str:
        node = case.custodian or (case.offer.target if case.offer is not None else TOWNSHIP)
        return PLACES[node].tier

    return Basis(nobody_assigns, lambda case: item, tier, CALENDAR, LAWFUL, rules or Supervisions({}))


@dataclass
class Watched(Hall):
    """A hall whose signals are derived."""

    item: Item = field(default_factory=lambda: HERE)
    rules: Supervisions | None = None

    def derived(self, until: dt.date, known: dict[bytes, int] | None = None, published: int = FOREVER) -> Derived:
        """What fell until the end of a day, everybody being known (but for those who are named)."""
        heard = known or {}
        return derive(
            self.events, basis(self.item, self.rules), lambda node: heard.get(node, FOREVER), published, end_of_day_ms(until)
        )

    def fell(self, until: dt.date) -> list[str]:
        """rule rung day charged of each signal; the day is the one at whose end (of remind and warn: in whose morning) it fell."""
        return [told(one) for one in self.derived(until).signals]


def told(one: Signal) -> str:
    at = dt.datetime.fromtimestamp((one.at_ms - 1) / 1000, dt.timezone(dt.timedelta(hours=8)))
    return f"{one.rule} {one.rung} {at:%m-%d} {NAMES[one.charged]}" + (" line" if one.line_of else "")


def test_a_promise_that_nobody_keeps_climbs_the_ladder() -> None:
    """Accepted on Monday 2 March, promised in 10 working days: Monday the 16th."""
    hall = Watched().begun(day(3, 2))
    assert isinstance(hall, Watched)
    assert hall.fell(day(3, 31))[:5] == [
        "T05 remind 03-13 township", "T05 warn 03-16 township", "T05 overdue 03-16 township", "T05 yellow 03-17 township",
        "T05 red 03-19 township",
    ]  # fmt: skip
    assert hall.fell(day(3, 16))[-1] == "T05 overdue 03-16 township"
    assert hall.derived(day(3, 16)).next_ms == end_of_day_ms(day(3, 17))


VISITED = replace(HERE, special_steps=(SpecialStep("现场核查", "site_visit", 3),))
STEP = ["T03 remind 03-04 township", "T03 warn 03-05 township", "T03 overdue 03-05 township", "T03 yellow 03-06 township"]


def steps(hall: Hall, until: dt.date) -> list[str]:
    assert isinstance(hall, Watched)
    return [one for one in hall.fell(until) if one.startswith("T03")]


def test_a_special_step_has_its_own_days_from_the_entry_that_came_to_it() -> None:
    """Accepted on Monday 2 March, three working days for the visit: Thursday the 5th. The examination after it has no days of its own."""
    assert steps(Watched(item=VISITED).begun(day(3, 2)), day(3, 31)) == [*STEP, "T03 red 03-10 township"]
    hall = Watched(item=VISITED).begun(day(3, 2))
    hall.on(day(3, 5)).do("complete_step", Role.EXAMINER)
    assert steps(hall, day(3, 31)) == STEP[:2]
    assert isinstance(hall, Watched)
    assert "T05 overdue 03-16 township" in hall.fell(day(3, 31))  # no line of anything


def test_the_days_of_a_step_stand_still_while_the_case_does() -> None:
    """Stopped for five working days from the 4th to the 10th: the visit is due on the 12th."""
    hall = Watched(item=VISITED).begun(day(3, 2)).stop(5, day(3, 4)).go_on(day(3, 10))
    assert steps(hall, day(3, 12)) == [
        "T03 remind 03-04 township", "T03 remind 03-11 township", "T03 warn 03-12 township", "T03 overdue 03-12 township",
    ]  # fmt: skip


def test_a_step_that_is_over_opens_the_card_and_the_promise_is_a_line_of_it() -> None:
    hall = Watched(item=VISITED).begun(day(3, 2))
    assert isinstance(hall, Watched)
    assert [one for one in hall.fell(day(3, 31)) if one.startswith("T05")] == ["T05 overdue 03-16 township line"]


def test_what_passes_later_in_the_same_stay_is_a_line_of_the_card() -> None:
    hall = Watched().begun(day(3, 2))
    assert isinstance(hall, Watched)
    signals = hall.derived(day(4, 30)).signals
    card = next(one for one in signals if one.rung == "overdue" and one.rule == "T05")
    assert [told(one) for one in signals if one.rule == "T06"] == ["T06 overdue 03-30 township line"]
    assert next(one for one in signals if one.rule == "T06").line_of == card.id


def test_an_act_of_a_person_after_yellow_closes_the_ladder() -> None:
    hall = Watched().begun(day(3, 2))
    assert isinstance(hall, Watched)
    hall.on(day(3, 18)).do("complete_step", Role.EXAMINER)
    assert any(one.startswith("T05 red") for one in hall.fell(day(3, 31)))  # to work on it is no decision
    while "approve" not in hall.names():
        hall.do("complete_step", Role.EXAMINER)
    hall.do("approve", Role.APPROVER)
    assert [one for one in hall.fell(day(3, 31)) if one.startswith("T05")][-1] == "T05 yellow 03-17 township"


def test_nothing_is_known_before_everybody_is_heard() -> None:
    hall = Watched().begun(day(3, 2))
    assert isinstance(hall, Watched)
    heard = end_of_day_ms(day(3, 17))
    found = {one.rung: one.known for one in hall.derived(day(3, 31), {TOWNSHIP: heard}).signals if one.rule == "T05"}
    assert found == {"remind": True, "warn": True, "overdue": True, "yellow": True, "red": False}
    assert not any(one.known for one in hall.derived(day(3, 31), published=0).signals)


def test_an_extension_is_another_day_and_another_signal() -> None:
    hall = Watched().begun(day(3, 2))
    assert isinstance(hall, Watched)
    before = {one.id for one in hall.derived(day(3, 13)).signals}
    hall.on(day(3, 13), 15).do("extend", Role.APPROVER)
    after = hall.derived(day(3, 30)).signals
    assert [told(one) for one in after if one.rule == "T05"] == [
        "T05 remind 03-13 township", "T05 remind 03-27 township", "T05 warn 03-30 township", "T05 overdue 03-30 township",
    ]  # fmt: skip
    assert before < {one.id for one in after}


def test_a_rule_that_is_switched_off_finds_nothing_from_its_day_on() -> None:
    off = rulebook.parse(rulebook.read(b'kind="supervision"\n[[rule]]\ncode="T05"\nactive=false\n'))
    early = Supervisions({Revision(2, b"a", end_of_day_ms(day(3, 1))): off})
    late = Supervisions({Revision(2, b"a", end_of_day_ms(day(3, 16))): off})
    hall = Watched().begun(day(3, 2))
    assert isinstance(hall, Watched)
    with_all = hall.derived(day(3, 31)).signals
    hall.rules = early
    assert not any(one.rule == "T05" for one in hall.derived(day(3, 31)).signals)
    hall.rules = late
    assert [one for one in hall.derived(day(3, 31)).signals if one.rule == "T05"] == [
        one for one in with_all if one.rule == "T05"
    ]


def test_silence_is_no_cure_of_its_own_card() -> None:
    """A licence received on Monday 2 March and not answered: accepted by silence after the 9th, and the card goes on."""
    hall = Watched(item=replace(LICENCE, approval_level="township"))
    hall.on(day(3, 2)).file(TOWNSHIP)
    hall.on(day(3, 10)).system("deem_accepted", TOWNSHIP)
    found = [one for one in hall.fell(day(3, 13)) if one.startswith("T02")]
    assert found == [
        "T02 remind 03-06 township", "T02 warn 03-09 township", "T02 overdue 03-09 township", "T02 yellow 03-10 township",
        "T02 red 03-12 township",
    ]  # fmt: skip
