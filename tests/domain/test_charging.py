"""Whose time it was: the working days of a limit whose claimed beginning is absurd (DOMAIN A4), on a case that was really handled."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from node.domain.calendar import end_of_day_ms
from node.domain.supervision.charging import charged_unit, shares
from node.domain.supervision.watches import Basis, State, Watch, states, watches
from tests.domain.desk import TOWNSHIP, nobody_assigns
from tests.domain.test_signals import Watched, basis
from tests.domain.test_stops import HERE, day

BEGUN, PASSED = day(3, 2), end_of_day_ms(day(3, 16))


def promised(since: dt.date, moment: int = PASSED) -> tuple[list[State], Watch, int, Basis]:
    """A case that was accepted on Monday 2 March and promised in 10 working days, as if its clock had been claimed to begin on a day."""
    found = states(Watched().begun(BEGUN).events, nobody_assigns)
    watch = next(one for one in watches(found, basis(HERE)) if one.rule == "T05")
    return found, watch._replace(limit=watch.limit._replace(since=since)), moment, basis(HERE)


@pytest.mark.parametrize("since", [dt.date.min, dt.date(1, 1, 2), dt.date(1015, 3, 2), dt.date(2016, 3, 8)])
def test_a_claimed_day_long_before_the_case_charges_nobody_for_more(since: dt.date) -> None:
    """Ten working days until the 16th, and the next has begun; nobody had the case before it was filed."""
    honest, absurd = (shares(*promised(one)) for one in (BEGUN, since))
    assert absurd == honest == {TOWNSHIP: (11, 10)}
    assert charged_unit(*promised(since)) == TOWNSHIP


@pytest.mark.parametrize("since", [day(3, 17), dt.date(9999, 12, 30), dt.date.max])
def test_a_claimed_day_after_the_moment_charges_nobody(since: dt.date) -> None:
    assert shares(*promised(since)) == {TOWNSHIP: (0, 10)}
    assert charged_unit(*promised(since)) is None


def test_a_moment_in_the_first_years_looks_no_further_back_than_the_year_1() -> None:
    assert shares(*promised(dt.date.min, end_of_day_ms(dt.date(5, 1, 1)))) == {}


def test_a_statutory_limit_in_calendar_days_is_used_up_in_calendar_days() -> None:
    """Whoever had a case on all sixty days of its limit has not kept it: its working days among them are no measure of that."""
    item = replace(HERE, statutory_limit=60, statutory_unit="calendar")
    found = states(Watched(item=item).begun(BEGUN).events, nobody_assigns)
    watch = next(one for one in watches(found, basis(item)) if one.rule == "T06")
    assert shares(found, watch, watch.due_moment, basis(item)) == {TOWNSHIP: (61, 60)}  # the next day has begun
    assert charged_unit(found, watch, watch.due_moment, basis(item)) == TOWNSHIP
