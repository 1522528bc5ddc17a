"""One definition of today, overdue and by how much; whose time it was; what silence makes of a light."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from node.domain.calendar import WorkCalendar, ms_of
from node.domain.cases.lateness import Segment, is_due_today, is_overdue, is_silent, over_days, rung, rung_unheard, segments
from node.domain.model import CST, Case, Line, Span

CALENDAR = WorkCalendar.from_rows([(dt.date(2026, 1, 1), "off"), (dt.date(2026, 3, 28), "work")])
FRIDAY = dt.date(2026, 3, 13)


def day(n: int) -> dt.date:
    return dt.date(2026, 3, n)


def ms(n: int, hour: int = 9) -> int:
    return ms_of(dt.datetime(2026, 3, n, hour, tzinfo=CST))


@pytest.mark.parametrize(
    ("today", "over", "light"),
    [
        (12, 0, "green"), (13, 0, "warn"), (14, 1, "overdue"), (15, 1, "overdue"), (16, 1, "overdue"), (17, 2, "yellow"), (18, 3, "yellow"),
        (19, 4, "red"), (20, 5, "red"), (21, 6, "red"),
    ],
)  # fmt: skip
def test_due_on_friday(today: int, over: int, light: str) -> None:
    """On Saturday it is overdue, on every page: the next working day of whoever has it has begun and counts as used."""
    assert (over_days(FRIDAY, day(today), CALENDAR), rung(FRIDAY, day(today), CALENDAR)) == (over, light)
    assert is_overdue(FRIDAY, day(today)) is (today > 13) and is_due_today(FRIDAY, day(today)) is (today == 13)


def test_a_make_up_saturday_is_a_working_day() -> None:
    assert [over_days(day(27), day(n), CALENDAR) for n in (27, 28, 29, 30)] == [0, 1, 2, 2]
    assert rung(day(27), day(29), CALENDAR) == "yellow"  # the card fell at the end of that Saturday


@pytest.mark.parametrize(
    ("n", "hour", "silent"), [(13, 23, False), (15, 12, False), (16, 9, False), (16, 10, True), (17, 8, True)]
)
def test_silence_counts_from_one_hour_into_the_next_working_day(n: int, hour: int, silent: bool) -> None:
    assert is_silent(ms(13, 17), ms(n, hour), CALENDAR) is silent


def test_what_a_silent_node_holds_is_never_better_than_with_the_line() -> None:
    heard = ms(13)
    assert [rung_unheard(light, FRIDAY, heard) for light in ("none", "green", "warn")] == ["unknown"] * 3
    assert [rung_unheard(light, FRIDAY, heard) for light in ("overdue", "yellow", "red")] == [
        "overdue"
    ] * 3  # not heard past the day
    assert [rung_unheard(light, FRIDAY, ms(14)) for light in ("overdue", "yellow", "red")] == ["overdue", "yellow", "red"]
    assert rung_unheard("none", None, 0) == "unknown"


def test_the_day_on_which_a_clock_starts_belongs_to_nobody() -> None:
    assert Segment(b"n", "handling", ms(13, 10), ms(13, 18)).workdays(CALENDAR, ms(20)) == 0
    assert Segment(b"n", "handling", ms(13, 10), ms(16, 1)).workdays(CALENDAR, ms(20)) == 1
    assert Segment(b"n", "handling", ms(13, 10), None).workdays(CALENDAR, ms(20)) == 5


def test_what_lies_on_the_way_for_more_than_an_hour_is_beyond_that_an_outage() -> None:
    """DOMAIN A0: what lies between an offer and its take is 移交途中, its part beyond one hour 线路中断."""
    giver = b"g" * 16
    span = Span("S", ms(13, 10), ms(16, 9), True, "transit", giver)
    case = Case("c")._replace(lead=Line((span,)))
    assert segments(case) == [
        Segment(giver, "transit", ms(13, 10), ms(13, 11)), Segment(giver, "outage", ms(13, 11), ms(16, 9)),
    ]  # fmt: skip
    quick = case._replace(lead=Line((replace(span, end=ms(13, 11)),)))
    assert [one.kind for one in segments(quick)] == ["transit"]
    under_way = case._replace(lead=Line((replace(span, end=None),)))
    assert [one.kind for one in segments(under_way, now_ms=ms(13, 11))] == ["transit"]
    assert [(one.kind, one.end) for one in segments(under_way, now_ms=ms(13, 12))] == [("transit", ms(13, 11)), ("outage", None)]
