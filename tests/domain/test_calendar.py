"""The calendar and the counting of days: the published cases, properties, and files that are no calendar."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.calendar import Due, WorkCalendar, day_of, due_date, end_of_day_ms, ms_of
from node.domain.model import CST
from node.domain.words.errors import TongbanError

ROOT = Path(__file__).parents[2]
FILE = (ROOT / "configs/calendar/days-2024-2026.csv").read_bytes()
CALENDAR = WorkCalendar.from_csv(FILE)
HEAD = b"date,kind,name\n"
with (ROOT / "tests/data/deadlines-public.csv").open(encoding="utf-8", newline="") as opened:
    CASES = list(csv.DictReader(opened))

days = st.dates(dt.date(2023, 6, 1), dt.date(2027, 6, 1))
limits = st.integers(0, 90)
units = st.sampled_from(["workday", "calendar"])
pauses = st.lists(st.tuples(days, st.integers(0, 60)).map(lambda p: (p[0], p[0] + dt.timedelta(days=p[1]))), max_size=4)


def pauses_of(text: str) -> list[tuple[dt.date, dt.date]]:
    found = []
    for pause in text.split(";"):
        if pause:
            first, last = pause.split("/")
            found.append((dt.date.fromisoformat(first), dt.date.fromisoformat(last)))
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["case_id"] for case in CASES])
def test_published_deadline(case: dict[str, str]) -> None:
    start = day_of(ms_of(dt.datetime.fromisoformat(case["accepted_at"])))
    stops = pauses_of(case["paused_from_to_inclusive"])
    due = due_date(CALENDAR, start, int(case["limit"]), case["unit"], int(case["extension"]), stops)
    assert due == Due(dt.date.fromisoformat(case["expected_due"]), provisional=False), case["note"]


def test_all_twenty_cases_were_read() -> None:
    assert len(CASES) == 20


@given(days, limits, units, pauses)
def test_a_longer_limit_or_an_extension_is_never_due_earlier(start, limit, unit, stops) -> None:
    due = due_date(CALENDAR, start, limit, unit, 0, stops).date
    assert start <= due <= due_date(CALENDAR, start, limit + 1, unit, 0, stops).date
    assert due_date(CALENDAR, start, limit, unit, 7, stops) == due_date(CALENDAR, start, limit + 7, unit, 0, stops)


@given(days, limits, units, pauses, pauses)
def test_a_pause_never_makes_it_earlier(start, limit, unit, stops, more) -> None:
    assert due_date(CALENDAR, start, limit, unit, 0, stops).date <= due_date(CALENDAR, start, limit, unit, 0, stops + more).date


@given(days, st.integers(1, 90), units, pauses)
def test_due_on_a_working_day_outside_every_pause(start, limit, unit, stops) -> None:
    due = due_date(CALENDAR, start, limit, unit, 0, stops).date
    assert CALENDAR.is_workday(due)
    assert not any(first <= due <= last for first, last in stops)


@given(days, limits, pauses)
def test_the_working_days_outside_pauses_add_up_to_the_limit(start, limit, stops) -> None:
    due = due_date(CALENDAR, start, limit, "workday", 0, stops).date
    counted = [start + dt.timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(CALENDAR.is_workday(day) and not any(a <= day <= b for a, b in stops) for day in counted) == limit


@given(days, st.integers(-200, 200))
def test_counting_is_the_inverse_of_adding(day, count) -> None:
    other = CALENDAR.add_workdays(day, count)
    assert CALENDAR.count_workdays(day, other) == max(count, 0)
    if count < 0:
        assert CALENDAR.is_workday(other)
        assert CALENDAR.count_workdays(other - dt.timedelta(days=1), day - dt.timedelta(days=1)) == -count


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (dt.date(1, 1, 3), -1, dt.date(1, 1, 2)), (dt.date(1, 1, 3), -5, dt.date.min), (dt.date.min, -1, dt.date.min),
        (dt.date(9999, 12, 28), 1, dt.date(9999, 12, 29)), (dt.date(9999, 12, 28), 40, dt.date.max), (dt.date.max, 1, dt.date.max),
        (dt.date.min, 0, dt.date.min), (dt.date.max, 0, dt.date.max), (dt.date.max, -1, dt.date(9999, 12, 30)),
        (dt.date.min, 1, dt.date(1, 1, 2)),
    ],
)  # fmt: skip
def test_there_is_no_working_day_before_the_year_1_nor_after_the_year_9999(day: dt.date, count: int, found: dt.date) -> None:
    assert CALENDAR.add_workdays(day, count) == found


@given(days, days)
def test_counting_by_formula_is_counting_day_by_day(after, until) -> None:
    between = (after + dt.timedelta(days=n) for n in range(1, (until - after).days + 1))
    assert CALENDAR.count_workdays(after, until) == sum(map(CALENDAR.is_workday, between))


@given(days)
def test_the_next_working_day(day) -> None:
    following = CALENDAR.next_workday(day)
    assert CALENDAR.is_workday(following)
    assert following == (day if CALENDAR.is_workday(day) else CALENDAR.add_workdays(day, 1))


def test_agrees_with_the_library_on_every_day() -> None:
    library = pytest.importorskip("chinese_calendar")
    year = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(1096)]
    assert [day for day in year if CALENDAR.is_workday(day) != library.is_workday(day)] == []


def test_a_limit_of_zero_is_the_day_itself() -> None:
    saturday = dt.date(2026, 3, 7)
    assert due_date(CALENDAR, saturday, 0) == due_date(CALENDAR, saturday, 0, "calendar") == Due(saturday, False)


def test_a_calendar_limit_does_not_end_in_a_pause_it_rolls_into() -> None:
    friday, monday = dt.date(2026, 3, 6), dt.date(2026, 3, 9)
    assert due_date(CALENDAR, friday, 1, "calendar").date == monday
    assert due_date(CALENDAR, friday, 1, "calendar", 0, [(monday, dt.date(2026, 3, 11))]).date == dt.date(2026, 3, 12)


def test_provisional_beyond_the_known_calendar() -> None:
    assert due_date(CALENDAR, dt.date(2026, 12, 30), 1) == Due(dt.date(2026, 12, 31), False)
    assert due_date(CALENDAR, dt.date(2026, 12, 30), 2) == Due(dt.date(2027, 1, 4), True)  # 1 January is a Friday
    assert due_date(CALENDAR, dt.date(2023, 12, 29), 1).provisional  # counted from before it
    gap = WorkCalendar.from_rows([(dt.date(2024, 1, 1), "off"), (dt.date(2026, 1, 1), "off")])
    assert due_date(gap, dt.date(2024, 12, 1), 400).provisional  # the year between is unknown
    assert due_date(WorkCalendar(), dt.date(2026, 1, 5), 1) == Due(dt.date(2026, 1, 6), True)


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("limit", (-1,)),
        ("limit", (10_001,)),
        ("limit", (1, "workday", -1)),
        ("unit", (1, "week")),
        ("pause", (1, "workday", 0, [(dt.date(2026, 1, 2), dt.date(2026, 1, 1))])),
    ],
)
def test_absurd_questions_are_refused(field: str, arguments: tuple) -> None:
    with pytest.raises(TongbanError) as caught:
        due_date(CALENDAR, dt.date(2026, 1, 5), *arguments)
    assert set(caught.value.fields) == {field}


def test_the_end_of_all_days() -> None:
    with pytest.raises(TongbanError, match=r"^invalid_input"):
        due_date(CALENDAR, dt.date(9999, 12, 30), 5)
    with pytest.raises(TongbanError, match=r"^invalid_input"):
        due_date(CALENDAR, dt.date(2026, 1, 5), 5, "workday", 0, [(dt.date(1, 1, 1), dt.date.max)])
    assert due_date(CALENDAR, dt.date(2026, 1, 5), 1, "workday", 0, [(dt.date(2026, 1, 6), dt.date(9000, 1, 1))]).provisional


# days and instants


@given(st.integers(-(1 << 80), 1 << 80))
def test_the_day_of_any_number(ms) -> None:
    assert dt.date(1, 1, 1) <= day_of(ms) <= dt.date(9000, 12, 31)


@given(st.dates(dt.date(1, 1, 2), dt.date(9000, 1, 1)), st.times())
def test_the_day_of_a_moment(day, time) -> None:
    moment = dt.datetime.combine(day, time, CST)
    assert day_of(ms_of(moment)) == moment.date()
    assert day_of(end_of_day_ms(moment.date()) - 1) == moment.date()
    assert day_of(end_of_day_ms(moment.date())) == moment.date() + dt.timedelta(days=1)


def test_midnight_is_in_china() -> None:
    assert day_of(ms_of(dt.datetime(2026, 3, 1, 15, 59, 59, tzinfo=dt.UTC))) == dt.date(2026, 3, 1)
    assert day_of(ms_of(dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC))) == dt.date(2026, 3, 2)
    with pytest.raises(ValueError):
        ms_of(dt.datetime(2026, 3, 1))  # noqa: DTZ001 - what is refused


def test_pauses_are_counted_in_whatever_order_they_come() -> None:
    first, second = (dt.date(2026, 3, 3), dt.date(2026, 3, 4)), (dt.date(2026, 3, 5), dt.date(2026, 3, 6))
    for stops in ([first, second], [second, first], [second, first, second]):
        assert due_date(CALENDAR, dt.date(2026, 3, 2), 1, pauses=stops).date == dt.date(2026, 3, 9)


# files


def test_the_published_file() -> None:
    assert (CALENDAR.first_year, CALENDAR.last_year, len(CALENDAR.days)) == (2024, 2026, 110)
    assert WorkCalendar.from_document(CALENDAR.to_document()) == CALENDAR


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + HEAD + b"2027-01-01,off,x\n",
        b"date,kind,name\r\n2027-01-01,off,x\r\n\r\n",
        b"name,kind,date\nx,off,2027/1/1\n,,\n",
        b"date,kind\n2027-1-1, off \n",
    ],
    ids=["bom", "crlf", "spreadsheet", "spaces"],
)
def test_files_as_they_come(data: bytes) -> None:
    assert WorkCalendar.from_csv(data).days == {dt.date(2027, 1, 1): "off"}


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"", {"column date": "missing_column", "column kind": "missing_column"}),
        (HEAD, {"line 1": "missing"}),
        (b"day,sort\n2027-01-01,off\n", {"column date": "missing_column", "column kind": "missing_column"}),
        (HEAD + b"2027-02-30,off,\n2027-01-01,holiday,\n", {"line 2": "invalid", "line 3": "not_a_choice"}),
        (HEAD + b"2027-01-01,off,\n\n2027-01-01,off,\n", {"line 4": "duplicate"}),
        (HEAD + b"2027-01-04,makeup_workday,\n", {"line 2": "out_of_range"}),
        (HEAD + b"2027-01-01,off,\n2027-01-02,off," + "元旦".encode("gbk") + b"\n", {"line 3": "bad_character"}),
        (HEAD + b"2027-01-01,off,\0\n", {"line 2": "bad_character"}),
        (HEAD + b"2027-01-01,off," + b"x" * 200_000, {"line 2": "invalid"}),
        (HEAD + b'2027-01-01,off,"a\nb"\nnonsense,off,\n', {"line 4": "invalid"}),
        (HEAD + "２０２７-01-01,off,\n".encode(), {"line 2": "invalid"}),
    ],
    ids="empty header-only columns rows duplicate weekday gbk nul huge quoted full-width".split(),
)
def test_a_bad_file_is_refused_by_line(data: bytes, fields: dict[str, str]) -> None:
    with pytest.raises(TongbanError) as caught:
        WorkCalendar.from_csv(data)
    assert (caught.value.code, caught.value.fields) == ("import_failed", fields)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data) -> None:
    try:
        WorkCalendar.from_csv(HEAD + data)
    except TongbanError as error:
        refused = error
    else:
        return
    assert refused.code == "import_failed" and refused.fields


# merging


def test_a_new_year_is_added_and_an_old_one_replaced() -> None:
    later = WorkCalendar.from_csv(HEAD + b"2027-01-01,off,\n2026-05-01,off,\n", revision=4)
    merged = CALENDAR.merged(later)
    assert (merged.first_year, merged.last_year, merged.revision) == (2024, 2027, 4)
    assert merged.is_workday(dt.date(2026, 10, 1)) and not merged.is_workday(dt.date(2025, 10, 1))
    assert CALENDAR.merged(CALENDAR) == CALENDAR


def test_legal_holidays_with_a_date_of_their_own_are_days_off_before_their_year_is_published() -> None:
    off = [dt.date(2027, month, day) for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))]
    assert not any(CALENDAR.is_workday(day) for day in off) and CALENDAR.is_workday(dt.date(2027, 5, 3))
    known = CALENDAR.merged(WorkCalendar.from_csv(HEAD + b"2027-02-08,off,\n"))
    assert known.is_workday(dt.date(2027, 10, 1))  # what is published says which days are off, and nothing else does


@given(days, st.integers(0, 4000))
def test_days_are_counted_as_they_are_told_one_by_one(start: dt.date, length: int) -> None:
    end = start + dt.timedelta(days=length)
    for calendar in (CALENDAR, WorkCalendar()):
        one_by_one = sum(calendar.is_workday(start + dt.timedelta(days=n)) for n in range(1, length + 1))
        assert calendar.count_workdays(start, end) == one_by_one


def test_the_calendar_of_2027_settles_what_was_provisional() -> None:
    before = due_date(CALENDAR, dt.date(2026, 12, 30), 3)
    assert before == Due(dt.date(2027, 1, 5), True)
    notice = b"2027-01-01,off,\n2027-01-02,off,\n2027-01-03,makeup_workday,\n"
    known = CALENDAR.merged(WorkCalendar.from_csv(HEAD + notice))
    assert due_date(known, dt.date(2026, 12, 30), 3) == Due(dt.date(2027, 1, 4), False)
    assert due_date(known, dt.date(2026, 12, 30), 2) == Due(dt.date(2027, 1, 3), False)
    assert due_date(known, dt.date(2027, 12, 31), 1).provisional
    for start in (dt.date(2024, 2, 7), dt.date(2025, 9, 29)):
        assert due_date(known, start, 10) == due_date(CALENDAR, start, 10)


def test_a_flood_of_faults_is_bounded() -> None:
    with pytest.raises(TongbanError) as caught:
        WorkCalendar.from_csv(HEAD + b"x,off,\n" * 3000)
    assert len(caught.value.fields) == 1000 and caught.value.details["count"] == 3000
    with pytest.raises(TongbanError) as caught:
        WorkCalendar.from_csv(HEAD + b"\n" * (5 << 20))
    assert caught.value.fields == {"line 1": "too_long"}


def test_a_notice_that_begins_in_december_does_not_replace_that_year() -> None:
    notice = WorkCalendar.from_csv(HEAD + b"2026-12-31,off,\n2026-12-26,makeup_workday,\n2027-01-01,off,\n")
    assert notice.years == {2027}
    merged = CALENDAR.merged(notice)
    assert not merged.is_workday(dt.date(2026, 10, 1)) and merged.is_workday(dt.date(2026, 12, 26))
    assert merged.merged(CALENDAR).is_workday(dt.date(2026, 12, 26))  # nor does last year's file, read again, forget it
