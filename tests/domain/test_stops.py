"""A stop of n working days moves the dates by n (DOMAIN A0, Clocks), on cases that were really suspended and resumed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.calendar import WorkCalendar, day_of, due_date, ms_of
from node.domain.cases.commands import Context
from node.domain.cases.deadlines import deadlines, due_of, light_of, time_split
from node.domain.catalog.item import Item
from node.domain.model import CST, Case, Role
from tests.domain.desk import BASIC, DISTRICT, IMMEDIATE, LICENCE, PLACES, TOWNSHIP, Desk, refused

CALENDAR = WorkCalendar.from_csv((Path(__file__).parents[2] / "configs/calendar/days-2024-2026.csv").read_bytes())
HERE = replace(LICENCE, approval_level="township")  # P 10, S 20 working days
EITHER = (HERE, replace(HERE, statutory_limit=60, statutory_unit="calendar"))
HOUR = 3_600_000


@dataclass
class Hall(Desk):
    """A desk that works by the published calendar."""

    item: Item = HERE

    def context(self, node: bytes, **changes: object) -> Context:
        return super().context(node, **({"calendar": CALENDAR} | changes))

    def on(self, day: dt.date, hour: int = 9) -> Hall:
        self.now = ms_of(dt.datetime(day.year, day.month, day.day, hour, tzinfo=CST))
        return self

    def begun(self, day: dt.date) -> Hall:
        self.on(day).accepted(TOWNSHIP)
        return self

    def stop(self, days: int, day: dt.date, hour: int = 10) -> Hall:
        self.on(day, hour).do("suspend", Role.APPROVER, fields={"days": days})
        return self

    def go_on(self, day: dt.date, hour: int = 11) -> Hall:
        self.on(day, hour).do("resume", Role.EXAMINER)
        return self

    def dues(self, tier: str = "township") -> dict[str, dt.date]:
        return {one.clock: one.due for one in deadlines(self.the, self.item, tier, CALENDAR)}


def day(month: int, day_of_month: int) -> dt.date:
    return dt.date(2026, month, day_of_month)


def later(date: dt.date, days: int) -> dt.date:
    return CALENDAR.add_workdays(date, days)


def test_a_suspension_of_five_days_moves_both_dates_by_five_and_its_own_day_is_the_first() -> None:
    """Accepted on Monday 2 March, stopped on Wednesday the 4th: 4, 5, 6, 9, 10."""
    hall = Hall().begun(day(3, 2))
    before = hall.dues()
    hall.stop(5, day(3, 4))
    assert hall.the.pause.until == day(3, 10)
    assert hall.dues() == {clock: later(due, 5) for clock, due in before.items()} == {"P": day(3, 23), "S": day(4, 7)}
    hall.go_on(day(3, 10))
    assert hall.dues() == {"P": day(3, 23), "S": day(4, 7)}


starts = st.dates(dt.date(2024, 3, 1), dt.date(2026, 6, 1))


@settings(deadline=None)  # a busy machine is no fault
@given(starts, st.integers(0, 14), st.integers(1, 30))
def test_a_stop_moves_the_dates_by_its_days_whenever_it_begins(start: dt.date, later_by: int, days: int) -> None:
    """On the day of acceptance, across weekends and holidays, on a day off, on the last day itself."""
    hall = Hall().begun(start)
    before = hall.dues()
    begins = min(start + dt.timedelta(days=later_by), before["P"])
    hall.stop(days, begins)
    assert hall.dues() == {clock: later(due, days) for clock, due in before.items()}
    promised = hall.dues()
    until = hall.the.pause.until
    assert until is not None
    hall.go_on(until, 23)
    assert hall.dues() == promised


@settings(deadline=None)  # a busy machine is no fault
@given(starts, st.integers(1, 9), st.integers(1, 20))
def test_a_case_and_the_command_that_counts_agree(start: dt.date, later_by: int, days: int) -> None:
    """`tongban due --pause FROM..TO`, both days included."""
    hall = Hall().begun(start)
    begins = later(start, later_by)
    hall.stop(days, begins)
    until = hall.the.pause.until
    assert until is not None
    for clock, limit in (("P", 10), ("S", 20)):
        assert hall.dues()[clock] == due_date(CALENDAR, start, limit, pauses=[(begins, until)]).date


@settings(deadline=None)  # a busy machine is no fault
@given(starts, st.integers(0, 9), st.integers(1, 20), st.integers(0, 30))
def test_resumed_early_it_moves_by_the_days_that_it_took(start: dt.date, later_by: int, days: int, took: int) -> None:
    """The day of the resumption is still the procedure's; one day when it is resumed on the day itself."""
    hall = Hall().begun(start)
    before = hall.dues()
    begins = later(start, later_by)
    hall.stop(days, begins)
    until = hall.the.pause.until
    assert until is not None
    ends = min(until, begins + dt.timedelta(days=took))
    used = CALENDAR.count_workdays(begins - dt.timedelta(days=1), ends)
    hall.go_on(ends)
    assert hall.dues() == {clock: later(due, used) for clock, due in before.items()}


@settings(deadline=None)  # a busy machine is no fault
@given(starts, st.integers(0, 6), st.integers(1, 9), st.integers(0, 9), st.integers(1, 9))
def test_two_stops_move_by_both_and_never_count_a_day_twice(start: dt.date, first: int, days: int, gap: int, more: int) -> None:
    """Also when the second begins on the day on which the first ended."""
    hall = Hall().begun(start)
    before = hall.dues()
    hall.stop(days, later(start, first))
    until = hall.the.pause.until
    assert until is not None
    hall.go_on(until)
    again = min(until + dt.timedelta(days=gap), hall.dues()["P"])
    hall.stop(more, again, 15)
    assert hall.dues() == {clock: later(due, days + more) for clock, due in before.items()}
    stops = [(day_of(span.start), span.end) for span in hall.the.lead.spans if span.why == "statutory_pause"]
    assert len(stops) == 2


def test_stopping_and_resuming_over_and_over_wins_one_day_a_day() -> None:
    hall = Hall().begun(day(3, 2))
    before = hall.dues()
    for hour in (9, 12, 15, 18):
        hall.stop(5, day(3, 4), hour).go_on(day(3, 4), hour + 1)
    assert hall.dues() == {clock: later(due, 1) for clock, due in before.items()}


def test_after_the_stated_end_the_clocks_run_on_by_themselves_and_a_person_resumes() -> None:
    hall = Hall().begun(day(3, 2)).stop(2, day(3, 4))
    promised = hall.dues()
    hall.on(day(3, 27))
    refused("forbidden", lambda: hall.system("resume", TOWNSHIP))
    assert hall.the.status == "suspended"
    assert hall.dues() == promised
    due = due_of(hall.the, HERE, "township", CALENDAR)
    assert due is not None and due.due < day(3, 27)
    assert light_of(hall.the, HERE, "township", CALENDAR, hall.now) == "red"
    hall.go_on(day(3, 30))
    assert (hall.the.status, hall.dues()) == ("accepted", promised)


def test_what_is_over_the_stated_end_is_the_handlers_time_before_and_after_the_resumption() -> None:
    """Stopped on Wednesday 4 March at 10 for two days, so until midnight after Thursday; looked at, and resumed, on Saturday at 11."""
    hall = Hall().begun(day(3, 2)).stop(2, day(3, 4))
    stood, ran = 38 * HOUR, 35 * HOUR
    looked = time_split(hall.the, hall.on(day(3, 7), 11).now)
    hall.go_on(day(3, 7), 11)
    after = time_split(hall.the, hall.on(day(3, 7), 11).now)
    for split in (looked, after):
        assert split["statutory_pause"] == pytest.approx(stood, abs=2)
        assert split["handler"] == pytest.approx(49 * HOUR + ran, abs=2)
    assert hall.events[-1].facts["over"] == 1


def test_a_stop_where_a_referral_was_taken_the_same_day_moves_the_upper_clock_too() -> None:
    """The take starts S; a stop that the lower tier had on that day is not the upper tier's."""
    hall = Hall(item=LICENCE).begun(day(3, 2))
    hall.stop(5, day(3, 4), 8).go_on(day(3, 4), 9)
    hall.on(day(3, 4), 10).do("complete_step", Role.EXAMINER)
    hall.do("refer", Role.APPROVER)
    hall.take()
    before = hall.dues("district")
    assert before == {"P": later(day(3, 2), 11), "S": later(day(3, 4), 20)}
    hall.on(day(3, 4), 15).do("suspend", Role.APPROVER, fields={"days": 5})
    assert PLACES[hall.the.custodian].node_id == DISTRICT
    assert hall.dues("district")["P"] == later(before["P"], 5)
    assert hall.dues("district")["S"] in (later(before["S"], 5), later(before["S"], 6))


def test_a_limit_in_calendar_days_is_moved_by_the_days_of_the_stop() -> None:
    item = EITHER[1]
    hall = Hall(item=item).begun(day(3, 2))
    assert hall.dues()["S"] == day(5, 6)  # the sixtieth is 1 May
    hall.stop(5, day(3, 4))  # until the 10th: seven days
    assert hall.dues()["S"] == due_date(CALENDAR, day(3, 2), 67, "calendar").date == day(5, 8)
    same_day = Hall(item=item).begun(day(3, 2)).stop(5, day(3, 2))  # until the 6th: five days
    assert same_day.dues()["S"] == due_date(CALENDAR, day(3, 2), 65, "calendar").date


def test_what_is_promised_at_once_is_moved_too() -> None:
    item = replace(IMMEDIATE, category="行政许可", statutory_limit=20)
    hall = Hall(item=item).on(day(3, 2))
    hall.accepted(TOWNSHIP)
    assert hall.dues() == {"P": day(3, 2), "S": day(3, 30)}
    hall.stop(5, day(3, 2))
    assert hall.dues() == {"P": day(3, 9), "S": day(4, 7)}


def test_a_stop_of_a_case_that_is_late_moves_nothing() -> None:
    hall = Hall(item=replace(BASIC, special_steps=())).begun(day(3, 2))
    hall.item = HERE
    before = hall.dues()
    hall.stop(5, day(3, 17))
    assert hall.dues()["P"] == before["P"] == day(3, 16)
    assert light_of(hall.the, HERE, "township", CALENDAR, hall.now) not in ("none", "green", "warn")


# waiting to be collected


def concluded() -> Hall:
    hall = Hall().begun(day(3, 2))
    hall.on(day(3, 3)).do("complete_step", Role.EXAMINER)
    hall.do("approve", Role.APPROVER)
    hall.do("conclude", Role.CLERK)
    return hall


def test_what_waits_to_be_collected_has_a_date_and_no_light() -> None:
    hall = concluded()
    assert hall.dues() == {"D": later(day(3, 3), 10)}
    assert light_of(hall.the, HERE, "township", CALENDAR, ms_of(dt.datetime(2026, 6, 1, tzinfo=CST))) == "none"


def test_the_days_until_it_is_collected_are_not_the_handlers() -> None:
    hall = concluded()
    ready = hall.now - HOUR
    handled = time_split(hall.the, ready)["handler"]
    hall.on(day(6, 1))
    assert time_split(hall.the, hall.now)["handler"] == handled
    hall.do("deliver", Role.CLERK)
    assert time_split(hall.the, hall.now)["handler"] == handled
    assert time_split(hall.the, hall.now)["applicant"] == day_ms(6, 1) - ready


def day_ms(month: int, of_month: int) -> int:
    return ms_of(dt.datetime(2026, month, of_month, 9, tzinfo=CST))


def test_ready_at_the_place_where_it_was_filed_it_is_nobodys_delay_either() -> None:
    """Decided above, brought home, waiting there."""
    desk = Hall(item=LICENCE)
    desk.on(day(3, 2)).referred()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("approve", Role.APPROVER)
    desk.do("conclude", Role.CLERK)
    desk.system("offer_home", DISTRICT)
    on_the_way: Case = desk.the
    assert light_of(on_the_way, LICENCE, "township", CALENDAR, day_ms(6, 1)) == "none"
    desk.take()
    spent = time_split(desk.the, desk.now)
    later_on = time_split(desk.the, day_ms(6, 1))
    assert {why for why in later_on if later_on[why] != spent.get(why)} == {"applicant"}
