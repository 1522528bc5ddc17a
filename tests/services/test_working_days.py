"""The working calendar: absence in a file is no deletion, single days come and go, what moves is told before and kept after."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest

from node.domain.catalog.kind import Kind
from node.domain.model import Actor, Role
from node.domain.published import DIVISIONS, LIMITS, PAPERS
from node.domain.words.errors import TongbanError
from node.services.cases import timers
from node.services.cases.working_days import WorkingDays
from tests.services.nodes import HandClock, Small, make_root
from tests.support.network import AGENT, CLERK, CONFIGS, Town

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR, "蔡晶")
SHIPPED = (CONFIGS / "calendar" / "days-2024-2026.csv").read_bytes()
TWO_LINES = b"date,kind,name\n2026-10-01,off,National Day\n2026-10-10,makeup_workday,x\n"
PLACES = b"code,name,level,parent_code\n420100000000,Wuhan,city,\n420102000000,Jiang'an,district,420100000000\n"
FEWER = b"code,name,level,parent_code\n420100000000,Wuhan,city,\n"
DAY = dt.date.fromisoformat


@pytest.fixture
def city(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def days(town: Town) -> WorkingDays:
    return town["city"].center.days


# absence in a file ---------------------------------------------------------------------------------------------------


def test_a_calendar_file_of_two_lines_takes_no_published_day_away(city: Small) -> None:
    city.catalog.import_calendar(SHIPPED, EDITOR)
    with pytest.raises(TongbanError) as caught:
        city.catalog.import_calendar(TWO_LINES, EDITOR)
    assert caught.value.code == "takes_away" and caught.value.details["count"] == 37 + 2 - 1 - 1
    assert "2026-01-01 off 元旦" in list(caught.value.details["rows"])  # type: ignore[arg-type]
    assert city.catalog.calendar().revision == 1 and not city.catalog.calendar().is_workday(DAY("2026-01-01"))
    answer = city.catalog.import_calendar(TWO_LINES, EDITOR, replace=True)
    assert answer["revision"] == 2 and city.catalog.calendar().is_workday(DAY("2026-01-01"))


def test_the_first_file_over_what_init_loaded_needs_no_word(city: Small) -> None:
    city.catalog.import_calendar(SHIPPED)
    assert city.catalog.import_calendar(TWO_LINES, EDITOR)["changed"]
    with pytest.raises(TongbanError, match=r"^takes_away"):
        city.catalog.import_calendar(b"date,kind,name\n2026-05-01,off,x\n", EDITOR)


@pytest.mark.parametrize(
    ("kind", "first", "second", "row"),
    [
        (DIVISIONS, PLACES, FEWER, "420102000000 Jiang'an"),
        (LIMITS, b'kind = "limits"\nnotice_days = 3\n', b'kind = "limits"\nservice_days = 9\n', "notice_days 3"),
        (PAPERS, b'[common]\nphone = "027-1"\nvalid = "x"\n', b'[common]\nphone = "027-2"\n', "common.valid"),
    ],
)
def test_no_kind_of_file_deletes_by_leaving_out(city: Small, kind: Kind[object], first: bytes, second: bytes, row: str) -> None:
    take = partial(city.catalog.import_document, kind)
    take(first, EDITOR)
    with pytest.raises(TongbanError) as caught:
        take(second, EDITOR)
    assert (caught.value.code, caught.value.details["rows"]) == ("takes_away", [row])
    assert take(first, EDITOR)["revision"] == 1 and take(second, EDITOR, replace=True)["removed"] == 1


def test_a_file_that_adds_or_alters_needs_no_word(city: Small) -> None:
    city.catalog.import_calendar(SHIPPED, EDITOR)
    assert city.catalog.import_calendar(SHIPPED + b"2026-12-07,off,local\n", EDITOR)["revision"] == 2
    assert city.catalog.import_calendar(b"date,kind,name\n2027-01-01,off,x\n", EDITOR)["years"] == [2024, 2027]


# single days ---------------------------------------------------------------------------------------------------------


def test_a_wrong_day_is_taken_back_by_one_more_publication(days: WorkingDays) -> None:
    added = days.change("2026-12-07", "off", "局庆", EDITOR)
    assert (added["added"], added["removed"], added["changed"]) == (1, 0, True)
    (row,) = [one for one in days.listing(2026)["days"] if one["date"] == "2026-12-07"]
    assert row == {"date": "2026-12-07", "kind": "off", "name": "局庆", "provisional": False}
    taken = days.change("2026-12-07", "", "", EDITOR)
    assert (taken["removed"], taken["revision"]) == (1, added["revision"] + 1)
    assert days.listing(2026)["days"][0]["name"] and taken["days"] == 110


@pytest.mark.parametrize(
    ("day", "kind", "name", "fields"),
    [
        ("2026-02-30", "off", "", {"day": "invalid"}), ("", "off", "", {"day": "missing"}), ("2026-12-07", "half", "", {"kind": "not_a_choice"}),
        ("2026-12-07", "work", "", {"kind": "weekday_works"}), ("2026-12-08", "", "", {"day": "not_listed"}),
        ("2026-12-07", "off", "x" * 61, {"name": "too_long"}), ("2026-12-07", "off", "a\u202eb", {"name": "bad_character"}),
        ("0001-01-01", "off", "", {"day": "invalid"}),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_by_field(days: WorkingDays, day: str, kind: str, name: str, fields: dict[str, str]) -> None:
    with pytest.raises(TongbanError) as caught:
        days.change(day, kind, name, EDITOR)
    assert (caught.value.code, caught.value.fields) == ("invalid_input", fields)


def test_one_day_makes_no_year_known_and_fixed_holidays_stay_provisional(days: WorkingDays) -> None:
    days.change("2027-05-04", "off", "x", EDITOR)
    page = days.year(2027)
    assert not page.known and [one.date for one in page.days if one.provisional] == [
        "2027-01-01", "2027-05-01", "2027-05-02", "2027-10-01", "2027-10-02", "2027-10-03",
    ]  # fmt: skip


def test_only_the_root_publishes_and_only_who_may(town: Town, days: WorkingDays) -> None:
    with pytest.raises(TongbanError, match=r"^forbidden"):
        days.change("2026-12-07", "off", "", CLERK)
    with pytest.raises(TongbanError, match=r"^wrong_tier"):
        town["district"].center.days.change("2026-12-07", "off", "", EDITOR)
    assert town["village"].center.days.year(2026).days


# what moves ------------------------------------------------------------------------------------------------------------


def test_what_moves_is_listed_before_and_stays_readable_after_at_every_tier(town: Town, days: WorkingDays) -> None:
    case_no = town.file("village", actor=AGENT)
    town.heal()
    days.stage("2026-03-03", "off", "停电", EDITOR)
    seen = days.proposal("2026-03-03", EDITOR)
    ((row,), unseen) = (seen.moved, seen.unseen)
    assert (row.case_no, row.before, row.after, row.node, unseen) == (case_no, "2026-03-03", "2026-03-04", "420102002003", 0)
    assert row.item and row.unit
    answer = days.publish(seen.token, seen.since, False, EDITOR)
    assert answer is not None and [(one["case_no"], one["after"]) for one in answer["moved"]] == [(case_no, "2026-03-04")]
    town.heal()
    for node in town.nodes.values():
        node.center.tick()
        kept = node.center.days.moved(answer["revision"], 1, Actor("s", Role.DIRECTOR))
        assert [(one.case_no, one.before, one.after) for one in kept.rows] == [(case_no, "2026-03-03", "2026-03-04")]
        assert not kept.following and kept.revision.changes[0]["new_name"] == "停电"
    assert town["city"].center.days.revisions()[0].moved == 1
    with pytest.raises(TongbanError, match=r"^forbidden"):
        days.moved(answer["revision"], 1, Actor("s", Role.ADMIN))


def test_what_was_written_anew_before_the_table_followed_is_on_record_too(town: Town, days: WorkingDays) -> None:
    """A parent's word dates entries anew just after the calendar came: the row of the case counts by it before the tick that follows."""
    case_no = town.file("village", actor=AGENT)
    town.heal()
    answer = days.change("2026-03-03", "off", "停电", EDITOR)
    town.settle()
    for name, node in town.nodes.items():
        node.center.store.run(lambda tx: tx.cases.refold(case_no))
        node.center.tick()
        kept = node.center.days.moved(answer["revision"], 1, Actor("s", Role.DIRECTOR))
        assert [(one.case_no, one.before, one.after) for one in kept.rows] == [(case_no, "2026-03-03", "2026-03-04")], name


def test_of_very_many_cases_the_answer_does_not_wait_for_the_last(
    town: Town, days: WorkingDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "SLICE", 1)
    monkeypatch.setattr(timers, "AT_ONCE", 2)
    numbers = {town.file("village", actor=AGENT) for _ in range(5)}
    town.heal()
    answer = days.change("2026-03-03", "off", "停电", EDITOR)
    assert answer["following"] and 0 < answer["moved_count"] < 5
    assert days.moved(answer["revision"], 1, Actor("s", Role.DIRECTOR)).following
    town["city"].center.tick()
    kept = days.moved(answer["revision"], 1, Actor("s", Role.DIRECTOR))
    assert {one.case_no for one in kept.rows} == numbers and not kept.following


def test_what_was_not_seen_is_not_published(days: WorkingDays) -> None:
    days.stage("2026-12-07", "off", "a", EDITOR)
    seen = days.proposal("", EDITOR)
    days.stage("2026-12-08", "off", "b", EDITOR)
    assert days.publish(seen.token, seen.since, True, EDITOR) is None
    now = days.proposal("", EDITOR)
    assert len(now.changes) == 2 and days.publish(now.token, now.since, True, EDITOR) is not None
    assert days.year(2026).pending == 0


def test_days_before_the_day_it_counts_from_stay_as_they_were(days: WorkingDays) -> None:
    days.stage("2026-12-07", "off", "a", EDITOR)
    days.stage("2026-12-09", "off", "b", EDITOR)
    seen = days.proposal("2026-12-08", EDITOR)
    assert [one["day"] for one in seen.changes] == ["2026-12-09"] and [one["day"] for one in seen.untouched] == ["2026-12-07"]
    answer = days.publish(seen.token, "2026-12-08", False, EDITOR)
    assert answer is not None and answer["added"] == 1 and days.revisions()[0].since == "2026-12-08"


def test_taking_days_away_on_the_page_wants_a_word(days: WorkingDays) -> None:
    days.stage_file(TWO_LINES, EDITOR)
    seen = days.proposal("2026-01-01", EDITOR)
    assert seen.removed == 37
    with pytest.raises(TongbanError) as caught:
        days.publish(seen.token, seen.since, False, EDITOR)
    assert caught.value.fields == {"removed": "not_confirmed"} and days.year(2026).pending
    done = days.publish(seen.token, seen.since, True, EDITOR)
    assert done is not None and done["removed"] == 37
    days.stage_undo(done["revision"], EDITOR)
    back = days.proposal("2026-01-01", EDITOR)
    assert len(back.changes) == len(seen.changes) and back.removed == 0


def test_a_day_put_back_as_it_is_waits_no_longer(days: WorkingDays) -> None:
    days.stage("2026-12-07", "off", "a", EDITOR)
    days.stage("2026-12-07", "", "", EDITOR)
    assert days.year(2026).pending == 0
    days.stage("2026-12-07", "off", "a", EDITOR)
    days.drop(EDITOR)
    assert days.year(2026).pending == 0
