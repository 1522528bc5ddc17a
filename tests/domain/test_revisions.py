"""Which calendar counts: the one cited by the entry that started the clock, and each later one from the day after its publication on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.calendar import OFF, WORK, WorkCalendar, end_of_day_ms
from node.domain.cases.deadline_words import sentence
from node.domain.cases.deadlines import deadlines, light_of, other_date, reckon
from node.domain.catalog.limits import LAW, Limits
from node.domain.catalog.revisions import Calendars, Revision, Rulebooks, doubled, limits_of
from node.domain.model import Case, Cited, Hop, Started
from tests.domain.desk import DISTRICT, LICENCE
from tests.domain.test_deadlines import CALENDAR, case, date, ms

YEARS = frozenset({2026})


def calendar(*off: dt.date, works: tuple[dt.date, ...] = ()) -> WorkCalendar:
    return WorkCalendar(1, dict.fromkeys(off, OFF) | dict.fromkeys(works, WORK), YEARS)


def cites(number: int, mark: bytes = b"") -> Cited:
    return Cited(calendar=number, calendar_mark=mark)


def published(*found: tuple[int, int, WorkCalendar]) -> Calendars:
    """(number, published at ms, what it says)."""
    return Calendars({Revision(number, bytes([n]) * 8, at): said for n, (number, at, said) in enumerate(found, 1)})


def accepted(number: int = 1, **fields: object) -> Case:
    """A licence accepted at the district on Monday 2026-03-02, promised for the 16th, by law for the 30th."""
    started = Started(cites(number), cites(number))
    hops = (Hop(DISTRICT, None, "filed", None, ms(3, 2), cites=cites(number)),)
    return case(
        "accepted", received_at=ms(3, 2), accepted_at=ms(3, 2), started=started, hops=hops, promised_due=date(3, 16), **fields
    )


def due(calendars: Calendars, the: Case) -> dict[str, dt.date]:
    return {one.clock: one.due for one in deadlines(the, LICENCE, "district", calendars)}


def test_a_day_that_was_counted_already_is_not_taken_back() -> None:
    """Published on Friday the 6th: it makes a day off of Wednesday the 4th and of Tuesday the 10th. Only the second moves anything."""
    before = due(published((1, ms(2, 1), calendar())), accepted())
    after = due(published((1, ms(2, 1), calendar()), (2, ms(3, 6), calendar(date(3, 4), date(3, 10)))), accepted())
    assert before == {"P": date(3, 16), "S": date(3, 30)} and after == {"P": date(3, 16), "S": date(3, 31)}


def test_what_is_published_on_the_day_counts_from_the_next() -> None:
    assert due(published((1, 0, calendar()), (2, ms(3, 6), calendar(date(3, 6)))), accepted())["S"] == date(3, 30)
    assert due(published((1, 0, calendar()), (2, ms(3, 5), calendar(date(3, 6)))), accepted())["S"] == date(3, 31)


def test_a_due_day_that_is_past_moves_no_more() -> None:
    late = calendar(date(3, 30), works=(date(4, 4),))
    assert due(published((1, 0, calendar()), (2, ms(3, 29), late)), accepted())["S"] == date(3, 31)
    assert due(published((1, 0, calendar()), (2, ms(3, 30, 23), late)), accepted())["S"] == date(3, 30)


def test_each_later_revision_moves_the_day_that_the_one_before_left() -> None:
    """The second makes the 30th off; the third, published on the 30th, is in time only because of it."""
    second, third = calendar(date(3, 30)), calendar(date(3, 30), date(3, 31))
    assert due(published((1, 0, calendar()), (2, ms(3, 20), second), (3, ms(3, 30), third)), accepted())["S"] == date(4, 1)
    assert (
        due(published((1, 0, calendar()), (3, ms(3, 30), third)), accepted()) == {}
    )  # whether the second is needed nobody knows


@given(
    st.lists(st.tuples(st.integers(0, 40), st.frozensets(st.integers(1, 60), max_size=8)), max_size=4),
    st.integers(1, 5), st.randoms(use_true_random=False),
)  # fmt: skip
@settings(deadline=None)
def test_the_rule_of_the_design_told_step_by_step_is_the_same(
    later: list[tuple[int, frozenset[int]]], cited: int, random
) -> None:
    """D0 by the cited calendar; for each later one in order: if published before the end of day D, D by it, from the day after its
    publication on; else stop. And the order in which the documents came makes no difference."""
    start = date(3, 2)
    found = [(1, ms(1, 1), calendar())]
    for n, (day, off) in enumerate(sorted(later, key=lambda one: one[0]), 2):
        found.append((n, ms(3, 2) + day * 86_400_000, calendar(*(start + dt.timedelta(one) for one in off))))
    number = min(cited, len(found))
    days = dict(found[number - 1][2].days)
    the_due = _twentieth(start, days)
    for _, at, said in found[number:]:
        if at >= end_of_day_ms(the_due):
            break
        first = (dt.datetime.fromtimestamp(at / 1000, dt.UTC) + dt.timedelta(hours=8)).date() + dt.timedelta(1)
        days = {d: k for d, k in days.items() if d < first} | {d: k for d, k in said.days.items() if d >= first}
        the_due = _twentieth(start, days)
    random.shuffle(found)
    assert due(published(*found), accepted(number))["S"] == the_due


def _twentieth(start: dt.date, days: dict[dt.date, str]) -> dt.date:
    day, left = start, 20
    while left:
        day += dt.timedelta(1)
        left -= day.weekday() < 5 and days.get(day) != OFF
    return day


def test_a_year_that_becomes_known_keeps_the_fixed_holidays_that_were_counted() -> None:
    unknown, known = WorkCalendar(1, {}, frozenset({2026})), WorkCalendar(2, {}, frozenset({2026, 2027}))
    counted = published((1, 0, unknown), (2, ms(3, 2) + 310 * 86_400_000, known)).cited_by(cites(1))  # 2027-01-06
    assert counted is not None and not counted.is_workday(dt.date(2027, 1, 1)) and counted.is_workday(dt.date(2027, 10, 1))


# the printed promise ---------------------------------------------------------------------------------------------------


def test_the_printed_date_stays_and_both_are_told_when_they_part() -> None:
    counting = published((1, 0, calendar()), (2, ms(3, 5), calendar(date(3, 9))))
    the = accepted()
    p, s = deadlines(the, LICENCE, "district", counting)
    assert (p.clock, p.due, other_date(p, the, LICENCE, "district", counting)) == ("P", date(3, 16), date(3, 17))
    assert (s.clock, s.due, other_date(s, the, LICENCE, "district", counting)) == ("S", date(3, 31), date(3, 30))
    assert sentence(p, (), other=date(3, 17)).endswith(
        "应于2026年3月16日前办结。工作日历后来有调整，已告知的承诺日期不变（按调整后的日历为2026年3月17日）。"
    )
    assert sentence(s, (), other=date(3, 30)).endswith("工作日历后来有调整，期限随之由2026年3月30日改为2026年3月31日。")
    assert sentence(replace(s, clock="R"), (), "en", date(3, 30)).startswith("The working calendar has changed since")
    unchanged = published((1, 0, calendar()))
    assert [other_date(one, the, LICENCE, "district", unchanged) for one in deadlines(the, LICENCE, "district", unchanged)] == [
        None
    ] * 2


def test_an_extension_of_a_printed_promise_counts_the_days_that_were_published_since() -> None:
    counting = published((1, 0, calendar()), (2, ms(3, 5), calendar(date(3, 9), date(3, 18))))
    assert due(counting, accepted(extension_days=3, extended=True))["P"] == date(3, 20)


# two of one number ------------------------------------------------------------------------------------------------------

ONE, TWO = calendar(date(3, 10)), calendar(date(3, 11), date(3, 12))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_two_documents_of_one_number_count_the_same_wherever_both_are(order: tuple[int, ...]) -> None:
    found = [
        (Revision(1, b"1" * 8, 0), calendar()), (Revision(2, b"2" * 8, ms(3, 3)), ONE), (Revision(2, b"9" * 8, ms(3, 4)), TWO),
        (Revision(3, b"3" * 8, ms(3, 5)), calendar(date(3, 13))),
    ]  # fmt: skip
    counting = Calendars(dict(found[n] for n in order))
    assert doubled(counting.marks) == [2] and counting.in_force.days == calendar(date(3, 13)).days
    assert {name: due(counting, accepted(1)._replace(started=Started(c, c)))["S"] for name, c in
            {"first": cites(1), "one": cites(2, b"2" * 8), "two": cites(2, b"9" * 8)}.items()} == dict.fromkeys(
        ("first", "one", "two"), date(3, 31)
    )  # fmt: skip


def test_a_citation_of_the_one_is_not_answered_with_the_other() -> None:
    counting = Calendars({Revision(1, b"1" * 8, 0): calendar(), Revision(2, b"2" * 8, 5): ONE})
    assert counting.cited_by(cites(2, b"9" * 8)) is None and counting.cited_by(cites(2, b"2" * 8)) == ONE
    assert counting.cited_by(cites(2)) == ONE  # who wrote before there were marks
    assert counting.cited_by(cites(3)) is None
    rules = Rulebooks({Revision(1, b"1" * 8, 0): Limits(notice_days=3), Revision(1, b"2" * 8, 5): Limits(notice_days=4)})
    said = {mark: limits_of(rules, Cited(rules=1, rules_mark=mark)) for mark in (b"", b"1" * 8, b"2" * 8, b"3" * 8)}
    assert [one.notice_days if one else None for one in said.values()] == [4, 3, 4, None]
    assert limits_of(rules, Cited()) == LAW and sorted(rules) == [0, 1]


# what is lacking --------------------------------------------------------------------------------------------------------


def test_without_the_item_a_clock_that_needs_none_runs_and_the_light_is_unknown_until_it_is_over() -> None:
    the = accepted()
    found = reckon(the, None, "district", CALENDAR)
    assert found.lacks == ("item",) and [(one.clock, one.due) for one in found.deadlines] == [("P", date(3, 16))]
    assert light_of(the, None, "district", CALENDAR, ms(3, 10)) == "unknown"
    assert light_of(the, None, "district", CALENDAR, ms(3, 17)) == "overdue"
    unprinted = reckon(the._replace(promised_due=None), None, "district", CALENDAR)
    assert unprinted.lacks == ("item",) and not unprinted.deadlines
    with_agent = case("with_agent")
    assert not reckon(with_agent, None, "village", CALENDAR).lacks  # the agent's day needs no item
    decided = case("approved", decided_at=ms(3, 2), accepted_at=ms(3, 2), decision="approved")
    assert [one.clock for one in reckon(decided, None, "district", CALENDAR).deadlines] == ["D"]
    assert not reckon(decided, None, "district", CALENDAR).lacks


def test_a_calendar_that_is_not_here_leaves_the_day_unknown_and_never_green() -> None:
    counting = published((1, 0, calendar()))
    found = reckon(accepted(2), LICENCE, "district", counting)
    assert found.lacks == ("calendar",) and not found.deadlines
    assert light_of(accepted(2), LICENCE, "district", counting, ms(3, 3)) == "unknown"
