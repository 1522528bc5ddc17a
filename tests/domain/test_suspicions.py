"""Rules of process and logic that an act shows by itself (DOMAIN A1: P03, P04, P06, P07, L05), on cases that were really handled."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from node.domain.cases.audit import audit
from node.domain.cases.casefold import evolve
from node.domain.catalog.item import SpecialStep
from node.domain.model import Case, NewEvent, Role
from node.domain.words.flags import FLAGS
from tests.domain.desk import BASIC, CALENDAR, HOUR, LICENCE, PLACES, STAFF, STOPPING, TOWNSHIP, Desk, event_of

VISITED = replace(BASIC, special_steps=(SpecialStep("现场核查", "site_visit", 3), SpecialStep("专家评审", "expert_review", 5)))
HERE = replace(LICENCE, approval_level="township")


def rules_of(desk: Desk) -> list[str]:
    """What the audit finds in all that was done, by the rule of A1, without what belongs to none."""
    case, found = Case("CASE-1"), []
    for event in desk.events:
        found += [FLAGS[one].rule for one in audit(case, event, desk.item, tier=PLACES[event.author].tier, calendar=CALENDAR)]
        case = evolve(case, event)
    return [one for one in found if one[0] in "PL" and one[1:].isdigit()]


def forged(desk: Desk, kind: str, status: str) -> Desk:
    case = desk.the
    event = event_of(case, NewEvent(kind, {}, status, case.custodian, case.term), case.custodian, "s-forger", case.last_at + HOUR)
    desk.case, desk.events = evolve(case, event), [*desk.events, event]
    return desk


def test_a_decision_without_the_visit_is_p03_and_one_without_the_examination_is_p01() -> None:
    assert rules_of(forged(Desk(VISITED).accepted(), "approved", "approved")) == ["P01", "P03"]
    desk = Desk(VISITED).accepted()
    desk.do("complete_step", Role.EXAMINER)
    assert rules_of(forged(desk, "approved", "approved")) == ["P01", "P03"]  # the review was not done
    desk = Desk(VISITED).accepted()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("complete_step", Role.EXAMINER)
    assert rules_of(forged(desk, "approved", "approved")) == ["P01"]  # both special steps, no examination
    desk = Desk(VISITED).accepted()
    for _ in range(3):
        desk.do("complete_step", Role.EXAMINER)
    desk.do("approve", Role.APPROVER)
    assert rules_of(desk) == []


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ("李明 42010201；王芳 42010202", []),
        ("李明 42010201\n王芳 42010202\n陈强 42010203", []),
        ("李明 42010201", ["P04"]),
        ("李明 42010201；王芳", ["P04"]),  # no number of a card
        ("李明；王芳", ["P04"]),
        ("", ["P04"]),
    ],
)
def test_a_site_visit_takes_two_with_their_cards(people: str, found: list[str]) -> None:
    desk = Desk(VISITED).accepted()
    desk.do("complete_step", Role.EXAMINER, fields={"inspectors": people})
    assert rules_of(desk) == found
    assert "李明" not in str(desk.events[-1].facts)  # names are words, not facts
    other = Desk(STOPPING).accepted()
    other.do("complete_step", Role.EXAMINER)  # a publication is no visit
    assert rules_of(other) == [] and "inspectors" not in other.events[-1].facts


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ("不符合法定条件", ["P07"]),  # the form's example, seven characters
        ("条件不够不给批", ["P07"]),
        ("一二三四五六七八九", ["P07"]),  # nine
        ("一 二 三 四 五 六 七 八 九", ["P07"]),  # blanks say nothing
        ("一二三四五六七八九十", []),  # ten
        ("经营场所没有独立出入口，整改后复查仍不符合。", []),
    ],
)
def test_a_refusal_gives_a_reason_of_ten_characters(reason: str, found: list[str]) -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refuse", Role.APPROVER, fields={"reason": reason})
    assert rules_of(desk) == found
    assert reason not in str(desk.events[-1].facts)


def test_the_example_of_the_form_is_no_reason_however_long() -> None:
    for action, example in (("not_accept", "申请事项不属于本机关职权范围"), ("not_required", "申请事项依法不需要取得行政许可")):
        desk = Desk(HERE)
        desk.file(TOWNSHIP)
        desk.do(action, Role.CLERK, fields={"reason": example})
        assert rules_of(desk) == ["P07"]
        desk = Desk(HERE)
        desk.file(TOWNSHIP)
        desk.do(action, Role.CLERK, fields={"reason": "所申请的活动不在本事项规定的范围内"})
        assert rules_of(desk) == []


def test_a_refusal_where_nothing_can_be_done_against_it_names_no_remedy() -> None:
    desk = Desk(replace(BASIC, remedy="none")).accepted()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refuse", Role.APPROVER, fields={"reason": "经营场所没有独立出入口，整改后复查仍不符合。", "remedies": ""})
    assert rules_of(desk) == ["P07"]


def test_what_was_written_before_reasons_were_measured_is_not_judged() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    assert rules_of(forged(desk, "refused", "refused")) == []


@pytest.mark.parametrize(("channel", "found"), [("window", ["P06"]), ("village_agent", [])])
def test_the_township_asks_for_a_file_that_the_village_handed_over(channel: str, found: list[str]) -> None:
    """L35: the application form came with the case; the certificate never did. Whoever is only the applicant's agent held nothing as an organ
    (nearly every correction of a demo was suspected)."""
    before = Desk(HERE)
    before.file(channel=channel)
    before.write(
        [NewEvent("material_added", {"material": "0", "blob": b"f" * 32, "size": 9}, "with_agent", before.the.custodian, 1)],
        before.the.custodian, STAFF[Role.AGENT],
    )  # fmt: skip
    before.do("hand_over", Role.AGENT)
    before.take()
    before.do("receive", Role.CLERK)
    fork = replace(before, events=list(before.events))
    before.do("request_correction", Role.CLERK, fields={"materials": "0"})
    assert rules_of(before) == found
    fork.do("request_correction", Role.CLERK, fields={"materials": "1"})
    assert rules_of(fork) == []


def test_filed_anew_without_the_receipt_date_of_the_voided_case() -> None:
    for fields, found in (
        ({}, []),
        ({"same_applicant_as": "420102-1"}, ["L05"]),
        ({"same_applicant_as": "420102-1", "replaces": "420102-1", "received_on": dt.date(2026, 2, 27)}, []),
    ):
        desk = Desk(HERE)
        desk.file(TOWNSHIP, **fields)
        assert rules_of(desk) == found
