"""Telling people, the rules: which event is told, when, in which words, and what a published text may not say (R35)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.calendar import day_of
from node.domain.cases import lifecycle
from node.domain.catalog.faults import lines_of
from node.domain.model import CST, Case
from node.domain.notes import CORRECTED, REVOKED
from node.domain.notices import events, texts, timing
from node.domain.published import NOTICES
from node.domain.words.errors import TongbanError
from tests.domain.desk import CALENDAR, DISTRICT, TOWNSHIP

QUIET = timing.Quiet()


def ms(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=CST).timestamp() * 1000)


def moment(at: int) -> str:
    return dt.datetime.fromtimestamp(at / 1000, CST).strftime("%Y-%m-%d %H:%M")


def faults(text: str) -> list[str]:
    with pytest.raises(TongbanError) as refused:
        NOTICES.read(f"kind = 'notices'\n[texts]\n{text}\n".encode())
    return [f"{line['line']} {line['code']}" for line in lines_of(refused.value)]


def test_every_kind_that_is_told_is_of_the_table_and_every_event_has_words() -> None:
    kinds = {row.kind for row in (*lifecycle.TABLE, *lifecycle.EXTRA)}
    assert set(events.KINDS) <= kinds
    assert set(events.KINDS.values()) | {events.DUE_SOON, CORRECTED, REVOKED} == set(events.EVENTS)
    assert set(events.EVENTS) | {events.DIGEST, events.ANSWER, events.HELP, events.OFF, events.ON} == set(texts.SHIPPED)


@pytest.mark.parametrize("event", sorted(texts.SHIPPED))
def test_the_shipped_texts_hold_what_is_checked_at_publishing(event: str) -> None:
    assert texts.fault_of(texts.SHIPPED[event]) == ("", "")
    assert texts.parts(texts.longest(texts.SHIPPED[event])) <= (
        3 if event == events.ANSWER else 2
    )  # the status page's own sentence


def test_a_message_goes_ten_minutes_later_not_at_night_and_what_can_wait_on_a_working_day() -> None:
    friday = ms("2026-03-06 15:00")
    assert moment(timing.not_before(friday, True, QUIET, CALENDAR)) == "2026-03-06 15:10"
    late = ms("2026-03-06 20:55")
    assert moment(timing.not_before(late, False, QUIET, CALENDAR)) == "2026-03-07 08:00"
    assert moment(timing.not_before(late, True, QUIET, CALENDAR)) == "2026-03-09 08:00"
    assert moment(timing.not_before(ms("2026-03-07 02:00"), False, QUIET, CALENDAR)) == "2026-03-07 08:00"


@given(st.integers(ms("2026-01-01 00:00"), ms("2026-12-01 00:00")), st.booleans(), st.integers(0, 1439), st.integers(0, 1439))
def test_no_message_in_quiet_hours_whatever_they_are(since: int, can_wait: bool, start: int, end: int) -> None:
    quiet = timing.Quiet(start, end)
    at = timing.not_before(since, can_wait, quiet, CALENDAR)
    there = dt.datetime.fromtimestamp(at / 1000, CST)
    assert at >= since + timing.GATHER_MS
    assert not quiet.holds(there.hour * 60 + there.minute)
    assert not can_wait or CALENDAR.is_workday(day_of(at))


def test_quiet_hours_are_two_times() -> None:
    assert timing.read_quiet("21:00-08:00") == timing.Quiet(1260, 480)
    assert [timing.read_quiet(one) for one in ("", "21-8", "24:00-08:00", "21:00-08:60")] == [None] * 4


def test_a_text_with_number_and_query_code_or_more_of_a_person_than_the_surname_is_refused() -> None:
    assert faults('ready = "{case_no}的查询码是{query_code}"') == ["3 secret_name"]
    assert faults('ready = "{name}您好"') == ["3 personal_name"]
    assert faults('ready = "{surname}您好，请找13912345678"') == ["3 personal_name"]
    assert faults('ready = "{weather}"\nno_event = "x"\naccepted = ""') == ["3 unknown_name", "4 unknown_key", "5 missing"]
    assert faults(f'ready = "{"字" * 230}"') == ["3 too_many_parts"]
    assert faults('ready = "{surname"') == ["3 bad_character"]


def test_a_text_of_the_city_counts_and_what_a_faulty_peer_publishes_does_not() -> None:
    document = NOTICES.read('kind = "notices"\n[texts]\nready = "{surname}您好,可以来取了"\n'.encode())
    published = NOTICES.parse(document)
    assert published.of("ready") == "{surname}您好，可以来取了"
    assert published.of("accepted") == texts.SHIPPED["accepted"]
    faulty = NOTICES.parse({"texts": {"ready": "{query_code}", "accepted": 3, "of_later": "x"}, "revision": 2})
    assert faulty.of("ready") == texts.SHIPPED["ready"]
    assert NOTICES.parse({"texts": ["x"]}) == texts.NO_TEXTS
    assert NOTICES.parse(NOTICES.read(texts.as_toml(published))).of("ready") == published.of("ready")


@pytest.mark.parametrize(
    ("text", "parts"),
    [("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("a" * 160, 1), ("a" * 161, 2), ("𠮷" * 36, 2)],
)
def test_parts_of_an_sms(text: str, parts: int) -> None:
    assert texts.parts(text) == parts


def test_what_is_filled_in_is_cut_to_what_was_counted() -> None:
    filled = texts.fill("{surname}您好，“{item}”", {"surname": "欧阳", "item": "很" * 60, "other": "x"})
    assert filled == f"欧阳您好，“{'很' * 19}…”"
    assert texts.parts(filled) <= texts.parts(texts.longest("{surname}您好，“{item}”"))


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("王秀英", "王"),
        ("欧阳建国", "欧阳"),
        ("单于", "单"),
        ("𠮷田一", "𠮷"),
        ("阿卜杜拉·买买提", ""),
        ("迪丽热巴", ""),
        ("John", ""),
        ("", ""),
    ],
)
def test_the_surname_and_nothing_else(name: str, surname: str) -> None:
    assert texts.surname(name) == surname
    assert texts.surname(name, is_person=False) == ""


def test_of_several_events_the_furthest_on_is_told() -> None:
    assert events.latest(["received", "accepted"]) == 1
    assert events.latest(["accepted", "received"]) == 0
    assert events.latest(["correction", "correction"]) == 1
    assert events.latest([]) == -1


def test_what_became_pointless_does_not_stand_any_more() -> None:
    case = Case("C", status="accepted", received_at=1, accepted_at=2)
    assert [code for code in events.EVENTS if events.stands(code, case)] == [CORRECTED, "accepted", "due_soon", REVOKED]
    done = case._replace(status="delivered", decided_at=3, concluded_at=4, delivered_at=5)
    assert [code for code in events.EVENTS if events.stands(code, done)] == [CORRECTED, "delivered", REVOKED]  # of papers always
    assert not events.stands("of_later", case)


def test_the_sender_is_the_lowest_hall_that_said_so_and_else_the_author() -> None:
    assert events.sender(Case("C"), TOWNSHIP) == TOWNSHIP
    assert events.sender(Case("C", sender=TOWNSHIP), DISTRICT) == TOWNSHIP
