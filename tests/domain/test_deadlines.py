"""Deadlines derived from a case: each clock, a referral and its return, pauses, lights; and that deriving never fails."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.domain.calendar import WorkCalendar, due_date
from node.domain.cases.deadlines import Deadline, deadlines, due_of, light_of, reckon, time_split
from node.domain.catalog.item import Item
from node.domain.catalog.limits import LAW, Limits, parse
from node.domain.model import CST, Case, Cited, Correction, Hop, Line, Offer, Pause, Purpose, Span, Started
from tests.domain.desk import CITY, DISTRICT, IMMEDIATE, LICENCE, TOWNSHIP, VILLAGE

CALENDAR = WorkCalendar.from_csv((Path(__file__).parents[2] / "configs/calendar/days-2024-2026.csv").read_bytes())
SERVICE = replace(LICENCE, category="公共服务")


def ms(month: int, day: int, hour: int = 9) -> int:
    return int(dt.datetime(2026, month, day, hour, tzinfo=CST).timestamp() * 1000)


def date(month: int, day: int) -> dt.date:
    return dt.date(2026, month, day)


def found(case: Case, item: Item = LICENCE, tier: str = "district") -> dict[str, dt.date]:
    return {deadline.clock: deadline.due for deadline in deadlines(case, item, tier, CALENDAR)}


def case(status: str, **fields: object) -> Case:
    """A case filed at the district on Monday 2026-03-02."""
    known = {"custodian": DISTRICT, "origin": DISTRICT, "hops": (Hop(DISTRICT, None, "filed", None, ms(3, 2)),)}
    return Case("c", version=1, status=status, filed_at=ms(3, 2))._replace(**{**known, **fields})  # type: ignore[arg-type]


ACCEPTED = case("accepted", received_at=ms(3, 2), accepted_at=ms(3, 2))
BELOW = ACCEPTED._replace(custodian=TOWNSHIP, origin=TOWNSHIP, hops=(Hop(TOWNSHIP, None, "filed", None, ms(3, 2)),))
OFFERED = BELOW._replace(status="in_transit", custodian=b"", offer=Offer(TOWNSHIP, DISTRICT, Purpose.REFER, "accepted", ms(3, 6)),
    hops=(replace(BELOW.hops[0], left_at=ms(3, 6)),),
)  # fmt: skip
UPPER = OFFERED._replace(status="accepted", custodian=DISTRICT, offer=None,
    hops=(*OFFERED.hops, Hop(DISTRICT, TOWNSHIP, "refer", ms(3, 6), ms(3, 9))),
)  # fmt: skip


# before acceptance


def test_the_agent_has_one_working_day_from_filing_or_from_a_hand_back() -> None:
    lodged = case("with_agent", custodian=VILLAGE, hops=(Hop(VILLAGE, None, "filed", None, ms(3, 6)),), filed_at=ms(3, 6))
    assert found(lodged, tier="village") == {"A": date(3, 9)}
    back = lodged._replace(
        hops=(*lodged.hops, Hop(TOWNSHIP, VILLAGE, "hand_over", 0, ms(3, 9)), Hop(VILLAGE, TOWNSHIP, "hand_back", 0, ms(3, 10))),
    )
    assert found(back, tier="village") == {"A": date(3, 11)}


def test_nothing_runs_before_the_organ_has_it() -> None:
    assert found(case("draft")) == {}
    offer = Offer(VILLAGE, TOWNSHIP, Purpose.HAND_OVER, "submitted", ms(3, 2))
    assert found(case("in_transit", custodian=b"", offer=offer), tier="township") == {}


def test_what_was_taken_is_to_be_received_in_one_working_day_and_answered_in_five_whoever_receives_it_when() -> None:
    taken = case(
        "in_transit", custodian=TOWNSHIP, received_status="submitted", received_at=ms(3, 6),
        hops=(Hop(VILLAGE, None, "filed", None, ms(3, 2), ms(3, 5)), Hop(TOWNSHIP, VILLAGE, "hand_over", ms(3, 5), ms(3, 6))),
    )  # fmt: skip
    assert found(taken, tier="township") == {"T": date(3, 9), "R": date(3, 13)}
    assert light_of(taken, LICENCE, "township", CALENDAR, ms(3, 10)) == "overdue"
    waits = taken._replace(received_at=0)  # an item that wants the papers first
    assert found(waits, tier="township") == {"T": date(3, 9)}


def test_five_working_days_from_receipt_or_from_complete_supply() -> None:
    assert found(case("submitted", received_at=ms(9, 30, 16))) == {"R": date(10, 13)}  # PUB-06
    assert found(case("submitted", received_at=ms(2, 2), correction=Correction(supplied_at=ms(3, 2)))) == {"R": date(3, 9)}
    commissioned = case("in_transit", custodian=TOWNSHIP, received_status="submitted", received_at=ms(3, 2))
    assert found(commissioned, tier="township")["R"] == date(3, 9)


def test_the_basis_is_the_licensing_law_for_licences_only() -> None:
    received = case("submitted", received_at=ms(3, 2))
    assert [deadlines(received, item, "district", CALENDAR)[0].basis for item in (LICENCE, SERVICE)] == [
        "licensing_law_32",
        "practice",
    ]


def test_the_date_set_for_a_correction() -> None:
    waiting = case("awaiting_correction", received_at=ms(3, 2), correction=Correction(due=date(3, 20)))
    assert deadlines(waiting, LICENCE, "district", CALENDAR) == (
        Deadline("correction", date(3, 20), False, 0, "date", "correction_notice"),
    )  # fmt: skip
    assert found(waiting._replace(correction=Correction(due=None))) == {}


# P and S


def test_promise_and_statute_run_from_acceptance() -> None:
    assert found(ACCEPTED) == {"P": date(3, 16), "S": date(3, 30)}
    first = due_of(ACCEPTED, LICENCE, "district", CALENDAR)
    assert first == Deadline("P", date(3, 16), False, 10, "workday", "item_promise")


def test_custody_taken_before_acceptance_starts_nothing() -> None:
    came = ACCEPTED._replace(
        accepted_at=ms(3, 4),
        hops=(Hop(VILLAGE, None, "filed", None, ms(2, 25), ms(2, 26)), Hop(DISTRICT, VILLAGE, "hand_over", 0, ms(2, 27))),
    )
    assert found(came)["S"] == due_date(CALENDAR, date(3, 4), 20).date


def test_deemed_acceptance_counts_from_the_day_of_receipt() -> None:
    deemed = ACCEPTED._replace(accepted_at=ACCEPTED.received_at)  # as casefold has it, whenever the timer fired
    assert found(deemed) == {"P": date(3, 16), "S": date(3, 30)}


def test_a_printed_date_is_a_fact() -> None:
    printed = ACCEPTED._replace(promised_due=date(3, 18))
    assert found(printed)["P"] == date(3, 18)
    assert found(printed._replace(promised_due=date(3, 15)))["P"] == date(3, 15)  # a Sunday by the calendar of today
    assert found(printed, replace(LICENCE, promised_limit=None))["P"] == date(3, 18)
    assert "P" not in found(ACCEPTED, replace(LICENCE, promised_limit=None))


def test_an_extension_lengthens_both() -> None:
    longer = ACCEPTED._replace(promised_due=date(3, 16), extension_days=10, extended=True)
    assert found(longer) == {"P": date(3, 30), "S": date(4, 14)}
    assert found(longer._replace(promised_due=None)) == found(longer)
    assert [(d.limit, d.extension) for d in deadlines(longer, LICENCE, "district", CALENDAR)] == [(10, 10), (20, 10)]


def test_a_pause_stops_both() -> None:
    review = Span("S", ms(3, 9), ms(3, 20, 17), False, "statutory_pause", DISTRICT)  # PUB-12
    paused = ACCEPTED._replace(promised_due=date(3, 16), lead=Line(spans=(review,)))
    assert found(paused) == {"P": date(3, 30), "S": date(4, 14)}
    running = paused._replace(lead=Line(spans=(replace(review, running=True, why="transit"),)))
    assert found(running) == {"P": date(3, 16), "S": date(3, 30)}


def test_an_open_pause_reaches_to_its_stated_end() -> None:
    open_pause = Span("S", ms(3, 9), None, False, "statutory_pause", DISTRICT)
    paused = ACCEPTED._replace(status="suspended", pause=Pause(until=date(3, 20)), lead=Line(spans=(open_pause,)))
    assert found(paused) == {"P": date(3, 30), "S": date(4, 14)}
    assert found(paused._replace(pause=Pause(until=None)))["S"] == date(3, 31)  # no end is known: the first day at least


def test_limits_of_the_item_and_of_the_law() -> None:
    none = replace(LICENCE, promised_limit=None, statutory_limit=None)
    assert found(ACCEPTED, none) == {"S": date(3, 30)}
    assert found(ACCEPTED, replace(none, case_type="joint")) == {"S": due_date(CALENDAR, date(3, 2), 45).date}
    assert found(ACCEPTED, replace(none, category="公共服务")) == {}
    assert found(ACCEPTED, replace(none, statutory_limit=60, statutory_unit="calendar")) == {"S": date(5, 6)}  # PUB-18
    assert found(ACCEPTED, replace(none, statutory_limit=0)) == {}  # the law is silent


# a referral


def test_below_a_licence_has_twenty_days_for_the_first_examination() -> None:
    assert found(BELOW, tier="township") == {"P": date(3, 16), "first_examination": date(3, 30)}
    assert found(BELOW, SERVICE, "township") == {"P": date(3, 16)}


def test_on_the_way_up_the_lower_clock_runs_on() -> None:
    """In transit the tier is the target's."""
    assert found(OFFERED, tier="district") == {"P": date(3, 16), "first_examination": date(3, 30)}


def test_above_the_limit_counts_from_the_take_and_the_promise_runs_on() -> None:
    assert found(UPPER) == {"P": date(3, 16), "S": due_date(CALENDAR, date(3, 9), 20).date}


def test_a_tier_between_counts_its_examination_from_its_take() -> None:
    between = replace(LICENCE, approval_level="city")
    assert found(UPPER, between)["first_examination"] == due_date(CALENDAR, date(3, 9), 20).date


def test_returned_and_referred_again_each_goes_on_with_what_it_has_left() -> None:
    first, above = UPPER.hops
    returned = UPPER._replace(custodian=TOWNSHIP,
        hops=(first, replace(above, left_at=ms(3, 12)), Hop(TOWNSHIP, DISTRICT, "return", ms(3, 12), ms(3, 13))),
    )  # fmt: skip
    away = [(date(3, 7), date(3, 13))]  # offered on the 6th
    assert found(returned, tier="township")["first_examination"] == due_date(CALENDAR, date(3, 2), 20, pauses=away).date
    again = returned._replace(custodian=DISTRICT,
        hops=(*returned.hops[:2], replace(returned.hops[2], left_at=ms(3, 17)), Hop(DISTRICT, TOWNSHIP, "refer", ms(3, 17), ms(3, 18))),
    )  # fmt: skip
    away = [(date(3, 14), date(3, 18))]
    assert found(again)["S"] == due_date(CALENDAR, date(3, 9), 20, pauses=away).date
    assert found(again)["P"] == date(3, 16)


def test_at_once_on_an_item_decided_above_counts_from_the_upper_take() -> None:
    at_once = replace(IMMEDIATE, approval_level="district", statutory_limit=None, category="公共服务")
    assert found(BELOW, at_once, "township") == {}
    assert found(OFFERED, at_once, "district") == {}
    assert found(UPPER, at_once) == {"P": date(3, 9)}
    assert found(UPPER._replace(promised_due=date(3, 9)), at_once) == {"P": date(3, 9)}
    assert found(ACCEPTED, at_once) == {"P": date(3, 2)}
    before = Span("S", ms(3, 3), ms(3, 4), False, "statutory_pause", TOWNSHIP)
    assert found(UPPER._replace(promised_due=date(3, 9), lead=Line(spans=(before,))), at_once) == {"P": date(3, 9)}


# after the decision


@pytest.mark.parametrize("status", ["approved", "refused", "concluded"])
def test_ten_working_days_for_service(status: str) -> None:
    decided = ACCEPTED._replace(status=status, decided_at=ms(9, 30))
    assert found(decided) == {"D": due_date(CALENDAR, date(9, 30), 10).date}
    home = Offer(DISTRICT, TOWNSHIP, Purpose.HOME, status, ms(9, 30))
    assert found(decided._replace(status="in_transit", custodian=b"", offer=home), tier="township") == found(decided)


def test_the_law_on_service_speaks_of_grants() -> None:
    granted = ACCEPTED._replace(status="concluded", decided_at=ms(9, 30), decision="approved")
    for decision, item, basis in (
        ("approved", LICENCE, "licensing_law_44"), ("approved", SERVICE, "practice"), ("refused", LICENCE, "practice"),
    ):  # fmt: skip
        assert [d.basis for d in deadlines(granted._replace(decision=decision), item, "district", CALENDAR)] == [basis]


@pytest.mark.parametrize("status", "delivered not_required not_accepted withdrawn terminated voided superseded".split())
def test_nothing_runs_after_the_end(status: str) -> None:
    ended = ACCEPTED._replace(status=status, decided_at=ms(3, 5), delivered_at=ms(3, 6))
    assert found(ended) == {} and light_of(ended, LICENCE, "district", CALENDAR, ms(12, 1)) == "none"


# what people see


@pytest.mark.parametrize(
    ("day", "light"),
    [
        ((3, 13), "green"),
        ((3, 16), "warn"),
        ((3, 17), "overdue"),
        ((3, 18), "yellow"),
        ((3, 19), "yellow"),
        ((3, 20), "red"),
        ((4, 20), "red"),
    ],
)
def test_lights(day: tuple[int, int], light: str) -> None:
    """Due on Monday the 16th: the warning that day, overdue at its end, yellow after the 17th, red after two more days of cure."""
    assert light_of(ACCEPTED, LICENCE, "district", CALENDAR, ms(*day, 23)) == light


def test_the_applicants_time_is_nobodys_delay() -> None:
    waiting = case("awaiting_correction", correction=Correction(due=date(3, 20)))
    assert [light_of(waiting, LICENCE, "district", CALENDAR, ms(3, day)) for day in (10, 20, 23, 31)] == [
        "none",
        "warn",
        "overdue",
        "overdue",
    ]


def test_a_deadline_past_the_known_calendar_is_provisional() -> None:
    late = ACCEPTED._replace(accepted_at=ms(12, 28))
    assert all(deadline.provisional for deadline in deadlines(late, LICENCE, "district", CALENDAR))
    printed = late._replace(promised_due=dt.date(2027, 1, 12))
    assert due_of(printed, LICENCE, "district", CALENDAR) == Deadline(
        "P", dt.date(2027, 1, 12), True, 10, "workday", "item_promise"
    )


def test_time_by_whose_it_was() -> None:
    spans = (
        Span("R", 0, 10, True, "handler", TOWNSHIP),
        Span("S", 10, 30, True, "handler", TOWNSHIP),
        Span("S", 30, 35, True, "transit", TOWNSHIP),
        Span("S", 35, None, True, "upper", DISTRICT),
    )
    assert time_split(case("accepted", lead=Line(spans=spans)), 50) == {"handler": 30, "transit": 5, "upper": 15}
    assert time_split(case("accepted", lead=Line(spans=spans)), 20)["upper"] == 0  # a clock that was set back


# an authentic event may claim anything

instants = st.one_of(st.integers(-(1 << 62), 1 << 62), st.integers(ms(1, 1), ms(12, 31)))
dates = st.none() | st.dates()
nodes = st.sampled_from([b"", VILLAGE, TOWNSHIP, DISTRICT, CITY])
statuses = st.sampled_from(
    "draft with_agent in_transit submitted awaiting_correction accepted suspended approved concluded delivered x".split()
)
cases = st.builds(
    Case,
    case_no=st.just("c"),
    status=statuses,
    custodian=nodes,
    filed_at=instants,
    received_at=instants,
    accepted_at=instants,
    decided_at=instants,
    delivered_at=st.just(0),
    received_status=statuses,
    started=st.sampled_from([Started(), Started(*[Cited(rules=1)] * 3), Started(*[Cited(rules=9)] * 3)]),
    correction=st.builds(Correction, due=dates, supplied_at=instants),
    promised_due=dates,
    pause=st.builds(Pause, until=dates),
    extension_days=st.integers(-(1 << 63), 1 << 63),
    offer=st.none() | st.builds(Offer, nodes, nodes, st.sampled_from(Purpose), statuses, instants),
    lead=st.lists(
        st.builds(Span, st.sampled_from("ARSPD"), instants, st.none() | instants, st.booleans(), st.just("handler"), nodes),
        max_size=4,
    ).map(lambda spans: Line(tuple(spans))),
    hops=st.lists(
        st.builds(Hop, nodes, st.none() | nodes, st.just("refer"), st.none() | instants, instants, st.none() | instants),
        max_size=5,
    ).map(tuple),
)
items = st.sampled_from(
    [LICENCE, SERVICE, IMMEDIATE, replace(LICENCE, statutory_limit=10**9, promised_limit=10**9, statutory_unit="calendar")]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a case is drawn slowly on a busy machine
@given(cases, items, st.sampled_from(["village", "township", "district", "city"]), instants)
def test_deriving_never_fails(claimed, item, tier, now) -> None:
    rules = {0: LAW, 1: Limits(notice_days=3)}
    open_now = deadlines(claimed, item, tier, CALENDAR, rules)
    assert list(open_now) == sorted(open_now, key=lambda deadline: deadline.due)
    assert len({deadline.clock for deadline in open_now}) == len(open_now)
    lights = ("none", "green", "warn", "overdue", "yellow", "red")
    for known in (item, None):
        found = reckon(claimed, known, tier, CALENDAR, rules)
        light = light_of(claimed, known, tier, CALENDAR, now, rules)
        assert light in ("none", "unknown", *lights[3:]) if found.lacks else light in lights
    assert all(spent >= 0 for spent in time_split(claimed, now).values())


@given(st.dates(dt.date(2024, 1, 1), dt.date(2026, 6, 1)), st.integers(0, 30), st.integers(0, 20))
def test_a_pause_or_an_extension_never_makes_a_case_due_earlier(start, length, extension) -> None:
    at = int(dt.datetime.combine(start, dt.time(9), CST).timestamp() * 1000)
    plain = ACCEPTED._replace(accepted_at=at, promised_due=due_date(CALENDAR, start, 10).date)
    pause = Span("S", at + 3 * 86_400_000, at + (3 + length) * 86_400_000, False, "statutory_pause", DISTRICT)
    before, after = found(plain), found(plain._replace(lead=Line(spans=(pause,)), extension_days=extension))
    assert all(after[clock] >= due for clock, due in before.items())


# published limits


def under(revision: int, **changes: object) -> Case:
    cited = Cited(rules=revision)
    return case("submitted", received_at=ms(3, 2), started=Started(cited, cited, cited), **changes)


def test_a_clock_goes_by_the_limits_cited_when_it_started() -> None:
    rules = {0: LAW, 1: parse({"notice_days": 3, "service_days": 4, "default_one": 12, "default_joint": 30}), 2: LAW}
    none = replace(LICENCE, statutory_limit=None, promised_limit=None)

    def limit(the: Case, item: Item = none) -> tuple[int, str]:
        (one,) = deadlines(the, item, "district", CALENDAR, rules)
        return one.limit, one.basis

    assert [limit(under(n)) for n in (0, 1, 2)] == [(5, "licensing_law_32"), (3, "published_limits"), (5, "licensing_law_32")]
    accepted = under(1)._replace(status="accepted", accepted_at=ms(3, 2), custodian=DISTRICT)
    assert limit(accepted) == (12, "published_limits")
    assert limit(accepted, replace(none, case_type="joint")) == (30, "published_limits")
    assert limit(accepted, replace(none, statutory_limit=20)) == (20, "item_statutory")  # the item's own law is not the office's
    decided = accepted._replace(status="approved", decision="approved", decided_at=ms(3, 9))
    assert limit(decided) == (4, "published_limits")


def test_limits_that_are_not_here_are_unknown_and_no_clock_is_green() -> None:
    assert deadlines(under(9), LICENCE, "district", CALENDAR, {0: LAW}) == ()
    assert due_of(under(9), LICENCE, "district", CALENDAR, {0: LAW}) is None
    assert light_of(under(9), LICENCE, "district", CALENDAR, ms(3, 2), {0: LAW}) == "unknown"
