"""陈述、申辩 before a licence is refused (行政许可法 36; DOMAIN B19): told, answered or let pass, and only then refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.domain.cases.audit import audit
from node.domain.cases.awaits import awaits
from node.domain.cases.casefold import evolve
from node.domain.model import Case, Role
from tests.domain.desk import BASIC, CALENDAR, DAY, DISTRICT, LICENCE, TOWNSHIP, Desk, refused

ITEM = replace(LICENCE, approval_level="township")


def examined() -> Desk:
    desk = Desk(ITEM).accepted()
    desk.do("complete_step", Role.EXAMINER)
    return desk


def turn(desk: Desk) -> str | None:
    return awaits(desk.the, desk.the.custodian, "township", lambda _: desk.item)


def test_a_licence_is_refused_only_to_somebody_who_was_heard() -> None:
    desk = examined()
    assert "refuse" not in desk.names(Role.APPROVER) and {"approve", "offer_statement"} <= set(desk.names(Role.APPROVER))
    refused("guard_failed", lambda: desk.do("refuse", Role.APPROVER), "先告知申请人陈述、申辩的权利", "第三十六条")
    refused("guard_failed", lambda: desk.do("record_statement", Role.CLERK), "没有等待登记")
    desk.do("offer_statement", Role.APPROVER)
    assert turn(desk) == "statement" and desk.the.status == "accepted"
    assert "refuse" not in desk.names(Role.APPROVER) and "offer_statement" not in desk.names(Role.APPROVER)
    refused("guard_failed", lambda: desk.do("refuse", Role.APPROVER), "期限未满")
    refused("guard_failed", lambda: desk.do("record_statement", Role.CLERK, fields={"statement": ""}), "写明")
    desk.do("record_statement", Role.CLERK)
    assert turn(desk) == "approve"
    case = desk.do("refuse", Role.APPROVER)
    assert case.status == "refused" and desk.events[-1].facts["heard"] is True


def test_who_says_nothing_in_his_days_may_be_refused_when_they_are_over() -> None:
    desk = examined()
    desk.do("offer_statement", Role.APPROVER, fields={"days": 3})  # Monday 2 March: until Thursday
    refused("guard_failed", lambda: desk.do("record_statement", Role.CLERK, fields={"outcome": "lapsed"}), "期限未满")
    desk.now += 3 * DAY
    assert "refuse" not in desk.names(Role.APPROVER)  # the last day is his
    desk.now += DAY
    alone = {offer.action for offer in desk.offers(Role.APPROVER, witnessed=0)}
    assert "approve" in alone and "refuse" not in alone  # nobody but our own clock says so
    assert "refuse" in desk.names(Role.APPROVER)
    desk.do("record_statement", Role.EXAMINER, fields={"outcome": "lapsed", "statement": ""})
    desk.do("refuse", Role.APPROVER)
    assert "heard" not in desk.events[-1].facts


def test_who_says_that_he_makes_none_need_not_wait() -> None:
    desk = examined()
    desk.do("offer_statement", Role.EXAMINER)
    desk.do("record_statement", Role.CLERK, fields={"outcome": "waived", "statement": ""})
    assert "refuse" in desk.names(Role.APPROVER) and "offer_statement" in desk.names(Role.APPROVER)  # other reasons are told anew


@pytest.mark.parametrize("days", [0, 31, 9999])
def test_the_days_to_answer_are_bounded(days: int) -> None:
    desk = examined()
    refused("guard_failed", lambda: desk.do("offer_statement", Role.APPROVER, fields={"days": days}), "1 至 30")


def test_what_is_no_licence_needs_none() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    assert "offer_statement" not in desk.names() and "refuse" in desk.names(Role.APPROVER)


def test_telling_and_recording_may_be_taken_back_the_same_day() -> None:
    desk = examined()
    desk.do("offer_statement", Role.APPROVER)
    told = desk.the
    desk.do("record_statement", Role.CLERK)
    assert desk.do("undo", Role.CLERK).statement == told.statement
    other = examined()
    other.do("offer_statement", Role.APPROVER)
    assert other.do("undo", Role.APPROVER).statement.offered_at == 0


def test_a_stop_leaves_it_and_another_tier_begins_anew() -> None:
    desk = examined()
    desk.do("offer_statement", Role.APPROVER)
    told = desk.the.statement
    desk.do("suspend", Role.APPROVER)
    assert desk.do("record_statement", Role.CLERK).status == "suspended"
    desk.do("resume", Role.APPROVER)
    assert desk.the.statement.outcome == "stated" and desk.the.statement.due == told.due
    upper = Desk(LICENCE).referred()
    while "complete_step" in upper.names(Role.EXAMINER):
        upper.do("complete_step", Role.EXAMINER)
    upper.do("offer_statement", Role.APPROVER)
    upper.do("return_to_lower", Role.APPROVER)
    assert upper.take().statement.offered_at == 0
    assert upper.the.custodian == TOWNSHIP != DISTRICT


def found(desk: Desk, before: Case, **changes: Any) -> list[str]:
    return audit(before, desk.events[-1]._replace(**changes), desk.item, tier="township", calendar=CALENDAR)


def test_a_refusal_without_it_is_found_and_old_ones_say_so_themselves() -> None:
    desk = examined()
    before = desk.the
    desk.do("offer_statement", Role.APPROVER)
    told = desk.the
    desk.do("record_statement", Role.CLERK)
    heard = desk.the
    desk.do("refuse", Role.APPROVER)
    refusal = desk.events[-1]
    assert "refused_unheard" not in found(desk, heard)
    for case in (before, told):
        assert "refused_unheard" in found(desk, case, version=case.version + 1, prev=case.head, at=case.last_at)
    assert "refused_unheard" not in found(desk, told, at=told.last_at + 9 * DAY)  # his days were over
    assert "refused_unheard" not in found(desk, before, schema=1, facts={"heard": True})
    assert evolve(before, refusal).status == "refused"
