"""The rows of the table as people meet them: what works, what is refused, and that a refusal names its rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from node.domain.audit import audit
from node.domain.casefold import evolve
from node.domain.commands import Command
from node.domain.decisions import decide
from node.domain.errors import TongbanError
from node.domain.fields import ARTICLE_45
from node.domain.model import SYSTEM, Actor, Case, Purpose, Role
from node.domain.schema import check_facts
from tests.domain.desk import (
    BASIC,
    CALENDAR,
    CITY,
    DAY,
    DISTRICT,
    IMMEDIATE,
    LICENCE,
    STAFF,
    START,
    STOPPING,
    TOWNSHIP,
    VILLAGE,
    Desk,
    event_of,
)


def refused(code: str, act: Callable[[], object], *words: str) -> TongbanError:
    with pytest.raises(TongbanError) as caught:
        act()
    assert caught.value.code == code, caught.value
    sentence = caught.value.sentence("zh")
    assert all(word in sentence for word in words), sentence
    return caught.value


# filing ------------------------------------------------------------------------------------------------------------------


def test_a_village_lodges_and_a_hall_submits() -> None:
    village, hall = Desk(), Desk()
    assert village.file(VILLAGE).status == "with_agent"
    assert hall.file(TOWNSHIP).status == "submitted"
    assert (village.the.version, village.the.term, village.the.received_at) == (1, 1, 0)
    assert hall.the.received_at == START
    facts = hall.events[0].facts
    assert check_facts("submitted", facts) == []
    assert facts["materials"] == ("0:1000",)
    assert hall.the.materials == (("0", b"", 1000),)


def test_a_commissioned_village_receives_what_is_no_licence() -> None:
    desk = Desk(BASIC)
    desk.file(VILLAGE)
    assert desk.the.status == "submitted"
    received = desk.the.received_at
    desk.do("hand_over", Role.AGENT)
    desk.take()
    desk.do("receive", Role.CLERK)
    assert desk.the.received_at == received  # R starts earlier at a commissioned point
    licence = Desk(replace(LICENCE, item_id="BASIC"))
    refused("guard_failed", lambda: licence.file(VILLAGE, "submit"), "第5行")


def test_a_draft_moves_on() -> None:
    desk = Desk()
    desk.file(VILLAGE, "save")
    assert desk.the.status == "draft"
    assert desk.names(Role.AGENT) == ["lodge"]
    desk.write(decide(desk.the, Command("lodge", {}, STAFF[Role.AGENT]), desk.context(VILLAGE)), VILLAGE, STAFF[Role.AGENT])
    assert (desk.the.status, desk.the.filed_at, desk.the.item_id) == ("with_agent", START, "LIC")


def test_a_draft_is_not_handed_in_before_it_is_complete() -> None:
    """Row 5: required fields; they are told by name."""
    for node, action in ((TOWNSHIP, "submit"), (VILLAGE, "lodge")):
        desk = Desk()
        desk.file(node, "save", materials=())
        command = Command(action, {}, STAFF[Role.DIRECTOR])
        lacking = desk.context(node, flaws=("applicant.phone",))
        refused("guard_failed", partial(decide, desk.the, command, lacking), "第5行" if action == "submit" else "第4行", "phone")
        refused("guard_failed", partial(decide, desk.the, command, desk.context(node)), "申请表")
        assert action not in desk.names()


def test_who_and_what_may_not_be_filed() -> None:
    refused("forbidden", lambda: Desk().file(VILLAGE, role=Role.ADMIN), "第4行")
    refused("forbidden", lambda: Desk().file(TOWNSHIP, role=Role.AGENT))
    refused("forbidden", lambda: Desk().file(TOWNSHIP, "lodge"))
    refused("guard_failed", lambda: Desk(replace(LICENCE, agent_allowed=False)).file(VILLAGE), "代办")
    refused("illegal_action", lambda: Desk().file(TOWNSHIP, "accept"))
    assert Desk(replace(LICENCE, agent_allowed=False)).file(VILLAGE, channel="counter").status == "with_agent"


# refusals ----------------------------------------------------------------------------------------------------------------


def test_what_the_table_does_not_allow_is_refused_with_its_row() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    error = refused("illegal_action", lambda: desk.do("approve"), "第37行")
    assert error.status == 409
    refused("illegal_action", lambda: desk.do("fly"))
    refused("illegal_action", lambda: desk.do("open_branches"))  # its place is kept, it is not built
    refused("forbidden", lambda: desk.do("accept", Role.EXAMINER), "第16行")
    refused("forbidden", lambda: desk.do("accept", Role.ADMIN))
    refused("forbidden", lambda: desk.do("deem_accepted"))


def test_elsewhere_one_may_only_ask() -> None:
    desk = Desk().accepted()
    error = refused("not_custodian", lambda: desk.do("complete_step", node=DISTRICT), "420102002000")
    assert error.details["custodian"] == "420102002000"
    asked = decide(desk.the, Command("withdraw", {"reason": "不办了"}, STAFF[Role.AGENT]), desk.context(VILLAGE))
    assert [(event.kind, event.facts) for event in asked] == [("requested", {"asked": "withdraw"})]
    assert asked[0].body == {"reason": "不办了"}
    refused("forbidden", lambda: decide(desk.the, Command("withdraw", {"reason": "x"}, STAFF[Role.ADMIN]), desk.context(VILLAGE)))


def test_whoever_is_waited_for_may_be_reminded_until_the_result_is_served() -> None:
    desk = Desk(IMMEDIATE)
    desk.file(TOWNSHIP)
    desk.do("decide_at_once", Role.CLERK)
    assert desk.names(Role.CLERK, DISTRICT) == ["remind"]
    reminding = Command("remind", {}, STAFF[Role.CLERK])
    assert decide(desk.the, reminding, desk.context(DISTRICT))[0].kind == "requested"
    withdrawing = Command("withdraw", {"reason": "不办了"}, STAFF[Role.CLERK])
    refused("illegal_action", lambda: decide(desk.the, withdrawing, desk.context(DISTRICT)), "请求")
    desk.do("conclude", Role.CLERK)
    desk.do("deliver", Role.CLERK)
    refused("illegal_action", lambda: decide(desk.the, reminding, desk.context(DISTRICT)), "已办结", "请求")


def test_in_transit_nobody_acts() -> None:
    desk = Desk()
    desk.file()
    desk.do("hand_over", Role.AGENT)
    for node in (VILLAGE, TOWNSHIP, CITY):
        error = refused("in_transit", partial(desk.do, "receive", node=node))
        assert (error.details["sender"], error.details["receiver"]) == ("420102002003", "420102002000")
    refused("guard_failed", lambda: desk.system("take", DISTRICT))


def test_a_frozen_case_refuses_everything() -> None:
    desk = Desk().accepted()
    context = desk.context(TOWNSHIP, frozen=True)
    refused("frozen", lambda: decide(desk.the, Command("withdraw", {}, STAFF[Role.CLERK]), context))
    assert desk.offers(frozen=True) == []


def test_what_this_version_does_not_know_it_does_not_take() -> None:
    desk = Desk()
    desk.file()
    desk.do("hand_over", Role.AGENT)
    desk.case = replace(desk.the, unknown_kinds=("mediated",))
    refused("needs_upgrade", desk.take)


def test_fields_are_checked_all_at_once() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    given = {"content": " ", "due": "2026-02-30", "colour": "red"}
    act = Command("request_correction", given, STAFF[Role.CLERK])
    error = refused("invalid_input", lambda: decide(desk.the, act, desk.context(TOWNSHIP)))
    assert error.fields == {"content": "blank", "due": "invalid", "colour": "unknown_field"}
    refused("invalid_input", lambda: desk.do("request_correction", fields={"content": "\x00"}))
    refused("invalid_input", lambda: desk.do("request_correction", fields={"content": "字" * 2001}))
    refused("invalid_input", lambda: desk.do("request_correction", fields={"due": "2026-03-02"}))
    refused("invalid_input", lambda: desk.do("request_correction", fields={"materials": "7"}))


# intake ------------------------------------------------------------------------------------------------------------------


def test_corrections_are_asked_once_and_completely() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    desk.do("request_correction", Role.CLERK, fields={"materials": "0", "due": "2026-03-06"})
    assert (desk.the.status, desk.the.correction_due) == ("awaiting_correction", dt.date(2026, 3, 6))
    refused("guard_failed", lambda: desk.do("repeat_request", fields={"materials": "1"}))
    desk.do("repeat_request", Role.CLERK)
    assert audit(desk.the, desk.events[-1])[-1] == "second_notice"
    desk.do("supply_correction", Role.CLERK)
    assert desk.the.status == "submitted"
    assert desk.the.supplied_at == desk.events[-1].at
    refused("guard_failed", lambda: desk.do("request_correction"), "一次")


def test_after_five_working_days_a_licence_is_accepted_by_law_and_nothing_can_be_asked() -> None:
    """Row 12 and 行政许可法 32(4); other regimes have no such rule."""
    desk = Desk()
    desk.file(TOWNSHIP)
    desk.now = START + 7 * DAY  # Monday: the fifth working day
    assert "request_correction" in desk.names(Role.CLERK)
    desk.now += DAY
    refused("guard_failed", lambda: desk.do("request_correction", Role.CLERK), "第12行", "即为受理")
    assert "request_correction" not in desk.names(Role.CLERK)
    assert desk.do("accept", Role.CLERK).status == "accepted"
    other = Desk(BASIC)
    other.file(TOWNSHIP)
    other.now += 30 * DAY
    assert other.do("request_correction", Role.CLERK).status == "awaiting_correction"


def test_terminating_needs_the_period_over_and_a_reminder() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    desk.do("request_correction", Role.CLERK, fields={"due": "2026-03-06"})
    refused("guard_failed", lambda: desk.do("terminate"), "未满")
    desk.now = START + 7 * DAY
    refused("guard_failed", lambda: desk.do("terminate"), "催告")
    desk.do("remind", Role.CLERK)
    assert desk.do("terminate", Role.CLERK).status == "terminated"


def test_accepting_prints_the_promised_day() -> None:
    desk = Desk().accepted()
    assert desk.the.promised_due == dt.date(2026, 3, 16)
    assert desk.the.accepted_by == TOWNSHIP
    late = Desk(now=START + 1400 * DAY)
    late.file(TOWNSHIP)
    late.do("accept", Role.CLERK)
    assert late.events[-1].facts["provisional"] is True


def test_nothing_is_accepted_incomplete() -> None:
    desk = Desk()
    desk.file(TOWNSHIP, materials=(("1", 5),))
    refused("guard_failed", lambda: desk.do("accept"), "申请表")


def test_silence_for_five_working_days_is_acceptance_as_of_receipt() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    desk.now = START + 7 * DAY  # Monday: the fifth working day
    refused("guard_failed", lambda: desk.system("deem_accepted", TOWNSHIP))
    desk.now += DAY
    unsure = desk.context(TOWNSHIP, clock_agrees=False)
    refused("guard_failed", lambda: decide(desk.the, Command("deem_accepted", {}, SYSTEM), unsure))
    alone = desk.context(TOWNSHIP, witnessed=START + 7 * DAY)  # nobody but our own clock says that it is Tuesday
    refused("guard_failed", lambda: decide(desk.the, Command("deem_accepted", {}, SYSTEM), alone), "上级")
    case = desk.system("deem_accepted", TOWNSHIP)
    assert (case.status, case.accepted_at) == ("accepted", START)
    assert case.promised_due == dt.date(2026, 3, 16)
    other = Desk(BASIC)
    other.file(TOWNSHIP)
    other.now += 30 * DAY
    refused("guard_failed", lambda: other.system("deem_accepted", TOWNSHIP), "许可")


def test_immediate_items_are_decided_in_one_act_where_they_are_decided() -> None:
    desk = Desk(IMMEDIATE)
    desk.file(TOWNSHIP)
    case = desk.do("decide_at_once", Role.CLERK)
    assert (case.status, case.decision, case.promised_due) == ("approved", "approved", dt.date(2026, 3, 2))
    above = Desk(replace(IMMEDIATE, approval_level="district"))
    above.file(TOWNSHIP)
    refused("guard_failed", lambda: above.do("decide_at_once"), "上报")
    above.do("accept")
    assert above.the.promised_due is None  # a promise of 0 decided above counts from the upper take
    above.do("complete_step")
    above.do("refer")
    above.now += 3 * DAY
    assert above.take().promised_due == dt.date(2026, 3, 5)


def test_the_two_legal_refusals_to_take_an_application() -> None:
    for action, status in (("not_accept", "not_accepted"), ("not_required", "not_required")):
        desk = Desk().handed_over()
        desk.do("receive")
        assert desk.do(action, Role.CLERK).status == status
        assert desk.the.ended_at
        desk.system("offer_home", TOWNSHIP)
        assert desk.take().status == status
        assert desk.the.custodian == VILLAGE
    desk = Desk()
    desk.file(TOWNSHIP)
    refused("invalid_input", lambda: desk.do("not_accept", fields={"competent_organ": ""}))


# handling ----------------------------------------------------------------------------------------------------------------


def test_one_examines_another_approves() -> None:
    desk = Desk(BASIC).accepted()
    refused("guard_failed", lambda: desk.do("approve", Role.APPROVER))
    refused("forbidden", lambda: desk.do("complete_step", Role.APPROVER))
    desk.do("complete_step", Role.EXAMINER)
    refused("guard_failed", lambda: desk.do("complete_step", Role.EXAMINER))
    same = Actor("examiner-1", Role.APPROVER)
    refused(
        "guard_failed", lambda: decide(desk.the, Command("approve", {"opinion": "x"}, same), desk.context(TOWNSHIP)), "一审一核"
    )
    assert desk.do("approve", Role.APPROVER).decided_by == TOWNSHIP
    assert "same_person" not in desk.events[-1].facts


def test_a_director_may_do_both_and_the_entry_says_so() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step")
    before = desk.the
    desk.do("approve")
    assert desk.events[-1].facts["same_person"] is True
    assert audit(before, desk.events[-1]) == ["same_person"]


def test_sending_back_arms_the_step_again() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("send_back", Role.APPROVER)
    assert (desk.the.step, desk.the.steps_done, desk.the.examined_by) == (0, (), ())
    refused("guard_failed", lambda: desk.do("send_back"))
    desk.do("complete_step", Role.EXAMINER)


def test_only_article_45_stops_a_licence() -> None:
    desk = Desk().accepted()
    kinds = next(offer for offer in desk.offers(Role.APPROVER) if offer.action == "suspend").fields[0].choices
    assert kinds == ARTICLE_45
    refused("invalid_input", lambda: desk.do("suspend", fields={"kind": "site_visit"}))
    refused("guard_failed", lambda: desk.do("suspend", fields={"days": 0}))
    desk.do("suspend", Role.APPROVER)
    assert desk.the.suspend_until == CALENDAR.add_workdays(dt.date(2026, 3, 2), 10)
    refused("guard_failed", lambda: desk.system("resume", TOWNSHIP))
    desk.now += 30 * DAY
    assert desk.system("resume", TOWNSHIP).status == "accepted"


def test_other_regimes_stop_on_their_own_basis_only() -> None:
    refused("invalid_input", lambda: Desk(BASIC).accepted().do("suspend", fields={"kind": "hearing"}))
    desk = Desk(STOPPING).accepted()
    assert desk.do("suspend").suspend_kind == "public_notice"


def test_extending_once_before_the_day_and_where_it_is_decided() -> None:
    here = replace(LICENCE, approval_level="township")
    desk = Desk(here).accepted()
    refused("guard_failed", lambda: desk.do("extend", fields={"days": 11}))
    desk.do("extend", Role.APPROVER)
    assert (desk.the.extended, desk.the.extension_days) == (True, 10)
    refused("guard_failed", lambda: desk.do("extend"), "一次")
    late = Desk(here).accepted()
    late.now += 60 * DAY
    refused("guard_failed", lambda: late.do("extend"))
    assert Desk(replace(here, case_type="joint")).accepted().do("extend").extension_days == 15
    refused("guard_failed", lambda: Desk().accepted().do("extend"))
    refused("guard_failed", lambda: Desk(BASIC).accepted().do("extend"), "行政许可")  # the ten days are of the licensing law


def test_refusing_needs_reason_basis_and_that_the_applicant_was_heard() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    refused("invalid_input", lambda: desk.do("refuse", fields={"reason": ""}))
    refused("guard_failed", lambda: desk.do("refuse", fields={"heard": False}), "陈述和申辩")
    case = desk.do("refuse", Role.APPROVER)
    assert (case.status, case.decision) == ("refused", "refused")
    desk.do("conclude", Role.CLERK)
    refused("guard_failed", lambda: desk.do("deliver", fields={"identity_checked": False}))
    assert desk.do("deliver", Role.CLERK).status == "delivered"


def test_undo_is_for_the_same_person_on_the_same_day_with_nothing_out() -> None:
    desk = Desk().accepted()
    refused("guard_failed", lambda: desk.do("undo", Role.EXAMINER), "本人")
    out = desk.context(TOWNSHIP, papers_out=True)
    undo = Command("undo", {"reason": "误操作"}, STAFF[Role.CLERK])
    refused("guard_failed", lambda: decide(desk.the, undo, out))
    tomorrow = replace(desk.context(TOWNSHIP), now=START + DAY)
    refused("guard_failed", lambda: decide(desk.the, undo, tomorrow), "当天")
    assert desk.do("undo", Role.CLERK).status == "submitted"
    refused("guard_failed", lambda: desk.do("undo", Role.CLERK))
    assert desk.do("accept", Role.CLERK).status == "accepted"


def test_a_change_of_custody_ends_what_can_be_undone() -> None:
    desk = Desk().referred()
    assert "undo" not in desk.names()


def test_voiding_needs_the_applicant_told_and_no_decision_yet() -> None:
    desk = Desk().accepted()
    refused("guard_failed", lambda: desk.do("void", fields={"applicant_told": False}))
    refused("forbidden", lambda: desk.do("void", Role.CLERK))
    assert desk.do("void", Role.APPROVER).status == "voided"
    decided = Desk(IMMEDIATE)
    decided.file(TOWNSHIP)
    decided.do("decide_at_once")
    refused("illegal_action", lambda: decided.do("void"))


# custody -----------------------------------------------------------------------------------------------------------------


def test_hand_over_waits_for_the_clerk_and_can_be_handed_back() -> None:
    desk = Desk().handed_over()
    assert (desk.the.status, desk.the.custodian, desk.the.term, desk.the.received_at) == ("in_transit", TOWNSHIP, 2, 0)
    assert desk.names(Role.CLERK)[:2] == ["receive", "hand_back"]
    desk.do("hand_back", Role.CLERK)
    assert desk.take().status == "with_agent"
    assert (desk.the.custodian, desk.the.term) == (VILLAGE, 3)
    desk.do("hand_over", Role.AGENT)
    desk.take()
    desk.do("receive")
    desk.do("hand_back")
    assert desk.take().status == "with_agent"


def test_handed_back_after_its_receipt_it_is_with_the_agent_as_if_never_received() -> None:
    """A village never holds what only an organ may receive, and the clock starts with the receipt that counts."""
    desk = Desk().handed_over()
    desk.do("receive")
    desk.do("hand_back")
    desk.take()
    assert (desk.the.status, desk.the.received_at) == ("with_agent", 0)
    assert (desk.the.spans[-1].clock, desk.the.spans[-1].why) == ("A", "agent")
    desk.now += 10 * DAY
    desk.do("hand_over", Role.AGENT)
    desk.take()
    again = replace(desk)
    again.do("receive")
    assert again.the.received_at == again.events[-1].at
    refused("guard_failed", lambda: again.system("deem_accepted", TOWNSHIP), "未满")
    desk.do("hand_back")
    assert desk.take().status == "with_agent"


def test_what_is_filed_here_cannot_be_handed_back() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    refused("guard_failed", lambda: desk.do("hand_back"))


def test_referral_up_and_return_down() -> None:
    desk = Desk().accepted()
    refused("guard_failed", lambda: desk.do("approve"), "上报")
    refused("guard_failed", lambda: desk.do("refer"), "初审")
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    offer = desk.the.offer
    assert offer is not None
    assert (offer.purpose, offer.target, offer.resume_status) == (Purpose.REFER, DISTRICT, "accepted")
    assert set(offer.objects) == set(desk.the.bodies[:-1])
    desk.take()
    assert (desk.the.status, desk.the.examined_below, desk.the.step) == ("accepted", True, 0)
    refused("guard_failed", lambda: desk.do("refer"))
    desk.do("return_to_lower", Role.EXAMINER)
    desk.take()
    assert (desk.the.custodian, desk.the.examined_below, desk.the.steps_done) == (TOWNSHIP, False, ())
    refused("guard_failed", lambda: desk.do("return_to_lower"))


def test_what_came_back_from_above_may_go_back_further_down() -> None:
    """Row 35 at a tier between: the city returns it to the district, the district to the township."""
    desk = Desk(replace(LICENCE, approval_level="city")).referred()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    desk.take()
    desk.do("return_to_lower", Role.EXAMINER)
    desk.take()
    assert (desk.the.custodian, desk.the.examined_below, desk.the.spans[-1].why) == (DISTRICT, True, "upper")
    desk.do("return_to_lower", Role.EXAMINER)
    desk.take()
    assert (desk.the.custodian, desk.the.examined_below, desk.the.spans[-1].why) == (TOWNSHIP, False, "handler")


def test_going_home_is_one_hop_and_needs_no_person() -> None:
    desk = Desk().handed_over()
    for action in ("receive", "accept", "complete_step", "refer"):
        desk.do(action)
    desk.take()
    for action in ("complete_step", "approve", "conclude"):
        desk.do(action)
    home = desk.system("offer_home", DISTRICT)
    assert home.offer is not None
    assert (home.offer.target, home.offer.purpose, home.offer.resume_status, home.status) == (
        TOWNSHIP,
        Purpose.HOME,
        "concluded",
        "in_transit",
    )
    desk.take()
    last = desk.system("offer_home", TOWNSHIP)
    assert last.offer is not None
    assert not set(last.offer.objects) & set(last.internal_bodies)  # opinions do not go to villages
    desk.take()
    refused("guard_failed", lambda: desk.system("offer_home", VILLAGE))
    assert desk.do("deliver", Role.AGENT).status == "delivered"


# requests ----------------------------------------------------------------------------------------------------------------


def answer(desk: Desk, asked: str, **fields: object) -> Case:
    request = bytes([desk.the.version]) * 32
    return desk.system("answer", desk.the.custodian, {"asked": asked, "asker": VILLAGE, **fields}, request)


def test_requests_are_answered_with_the_act_or_with_the_rule_once() -> None:
    desk = Desk().handed_over()
    desk.do("receive")
    desk.do("request_correction", fields={"materials": "0"})
    assert answer(desk, "supply_material", material="0", blob=b"b" * 32, size=7).materials == (("0", b"b" * 32, 7),)
    assert answer(desk, "supply_correction", note="已补").status == "submitted"
    assert answer(desk, "remind").reminded_at == 0  # a nudge to the handler is no notice to the applicant
    assert answer(desk, "supply_correction").status == "submitted"
    assert desk.events[-1].facts == {
        "rule": "row14.not_awaited",
        "asked": "supply_correction",
        "request": bytes([desk.the.version - 1]) * 32,
    }
    done = bytes([desk.the.version - 1]) * 32
    refused("guard_failed", lambda: desk.system("answer", TOWNSHIP, {"asked": "remind"}, done))
    assert answer(desk, "withdraw", reason="不办了").status == "withdrawn"
    answer(desk, "withdraw")
    assert desk.events[-1].kind == "request_declined"
    assert len(desk.the.answered) == 6
    answer(desk, "请")
    assert desk.events[-1].facts["asked"] == "unknown"


def test_a_recall_goes_back_as_long_as_nobody_has_looked() -> None:
    desk = Desk().handed_over()
    seen = Desk(now=desk.now, case=desk.case, events=list(desk.events))
    answer(desk, "recall")
    assert desk.the.offer is not None
    assert (desk.the.offer.target, desk.events[-1].facts["reason"]) == (VILLAGE, "recalled")
    assert desk.take().status == "with_agent"
    opened = decide(seen.the, Command("open", {}, STAFF[Role.CLERK]), seen.context(TOWNSHIP))
    seen.write(opened, TOWNSHIP, STAFF[Role.CLERK])
    answer(seen, "recall")
    assert seen.events[-1].facts["rule"] == "recall.opened"


def test_reading_twice_opens_once() -> None:
    desk = Desk().referred()
    opening = Command("open", {}, STAFF[Role.EXAMINER])
    desk.write(decide(desk.the, opening, desk.context(DISTRICT)), DISTRICT, STAFF[Role.EXAMINER])
    refused("guard_failed", lambda: decide(desk.the, opening, desk.context(DISTRICT)))


def test_a_refusal_changes_nothing() -> None:
    desk = Desk().accepted()
    before = desk.the
    for action in ("approve", "receive", "deliver", "hand_over", "refer", "extend"):
        with pytest.raises(TongbanError):
            desk.do(action)
    assert desk.the is before


def test_a_fact_says_what_the_act_said() -> None:
    """Every event that decide makes passes the schema and the audit."""
    desk = Desk()
    desk.file(TOWNSHIP)
    new = decide(desk.the, Command("withdraw", {"reason": "不办了", "note": "电话"}, STAFF[Role.CLERK]), desk.context(TOWNSHIP))[
        0
    ]
    assert new.facts == {}
    assert new.body == {"reason": "不办了", "note": "电话"}
    event = event_of(desk.the, new, TOWNSHIP, "clerk-1", desk.now)
    assert audit(desk.the, event, LICENCE, tier="township", calendar=CALENDAR) == []
    assert evolve(desk.the, event).ended_at == desk.now
