"""The rows of the table as people meet them: what works, what is refused, and that a refusal names its rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

from node.domain.cases.audit import audit
from node.domain.cases.commands import Command
from node.domain.cases.decisions import decide
from node.domain.cases.schema import check_facts
from node.domain.catalog.item import ART_45
from node.domain.model import SYSTEM, Actor, Role
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
    refused,
)

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
    refused("guard_failed", lambda: licence.file(VILLAGE, "submit"))


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
        refused("guard_failed", partial(decide, desk.the, command, lacking), "phone")
        refused("guard_failed", partial(decide, desk.the, command, desk.context(node)), "申请表")
        assert action not in desk.names()


def test_who_and_what_may_not_be_filed() -> None:
    refused("forbidden", lambda: Desk().file(VILLAGE, role=Role.ADMIN))
    refused("forbidden", lambda: Desk().file(TOWNSHIP, role=Role.AGENT))
    refused("forbidden", lambda: Desk().file(TOWNSHIP, "lodge"))
    refused("guard_failed", lambda: Desk(replace(LICENCE, agent_allowed=False)).file(VILLAGE), "代办")
    refused("illegal_action", lambda: Desk().file(TOWNSHIP, "accept"))
    assert Desk(replace(LICENCE, agent_allowed=False)).file(VILLAGE, channel="counter").status == "with_agent"


# refusals ----------------------------------------------------------------------------------------------------------------


def test_what_the_table_does_not_allow_is_refused_with_its_row() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    error = refused("illegal_action", lambda: desk.do("approve"))
    assert error.status == 409
    refused("illegal_action", lambda: desk.do("fly"))
    refused("illegal_action", lambda: desk.do("open_branches"))  # its place is kept, it is not built
    refused("forbidden", lambda: desk.do("accept", Role.EXAMINER))
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
    refused("guard_failed", lambda: desk.system("take_custody", DISTRICT))


def test_a_frozen_case_refuses_everything() -> None:
    desk = Desk().accepted()
    context = desk.context(TOWNSHIP, frozen=True)
    refused("frozen", lambda: decide(desk.the, Command("withdraw", {}, STAFF[Role.CLERK]), context))
    assert desk.offers(frozen=True) == []


def test_what_this_version_does_not_know_it_passes_on_and_does_not_decide() -> None:
    desk = Desk()
    desk.file()
    desk.do("hand_over", Role.AGENT)
    desk.case = desk.the._replace(unknown_kinds=("mediated",))
    desk.take()
    desk.do("receive", Role.CLERK)
    refused("needs_upgrade", lambda: desk.do("accept", Role.CLERK))
    assert {"hand_back", "withdraw"} <= set(desk.names()) and "accept" not in desk.names()


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
    assert (desk.the.status, desk.the.correction.due) == ("awaiting_correction", dt.date(2026, 3, 6))
    refused("guard_failed", lambda: desk.do("repeat_request", fields={"materials": "1"}))
    desk.do("repeat_request", Role.CLERK)
    assert audit(desk.the, desk.events[-1])[-1] == "repeated_notice"
    desk.do("supply_correction", Role.CLERK)
    assert desk.the.status == "submitted"
    assert desk.the.correction.supplied_at == desk.events[-1].at
    refused("guard_failed", lambda: desk.do("request_correction"), "一次")


def test_after_five_working_days_a_licence_is_accepted_by_law_and_nothing_can_be_asked() -> None:
    """Row 12 and 行政许可法 32(4); other regimes have no such rule."""
    desk = Desk()
    desk.file(TOWNSHIP)
    desk.now = START + 7 * DAY  # Monday: the fifth working day
    assert "request_correction" in desk.names(Role.CLERK)
    desk.now += DAY
    refused("guard_failed", lambda: desk.do("request_correction", Role.CLERK), "即为受理")
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
    assert audit(before, desk.events[-1]) == ["declared_same_person"]


def test_sending_back_arms_the_step_again() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("send_back", Role.APPROVER)
    assert (desk.the.lead.step, desk.the.lead.steps_done, desk.the.lead.examined_by) == (0, (), ())
    refused("guard_failed", lambda: desk.do("send_back"))
    desk.do("complete_step", Role.EXAMINER)


def test_only_article_45_stops_a_licence() -> None:
    desk = Desk().accepted()
    kinds = next(offer for offer in desk.offers(Role.APPROVER) if offer.action == "suspend").fields[0].choices
    assert kinds == ART_45
    refused("invalid_input", lambda: desk.do("suspend", fields={"kind": "site_visit"}))
    refused("guard_failed", lambda: desk.do("suspend", fields={"days": 0}))
    desk.do("suspend", Role.APPROVER)
    assert desk.the.pause.until == CALENDAR.add_workdays(dt.date(2026, 3, 2), 9)  # with its own day ten
    desk.now += 30 * DAY
    refused("forbidden", lambda: desk.system("resume", TOWNSHIP))
    assert desk.do("resume", Role.EXAMINER).status == "accepted"


def test_other_regimes_stop_on_their_own_basis_only() -> None:
    refused("invalid_input", lambda: Desk(BASIC).accepted().do("suspend", fields={"kind": "hearing"}))
    desk = Desk(STOPPING).accepted()
    assert desk.do("suspend").pause.kind == "public_notice"


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
    assert Desk(replace(here, case_type="joint", statutory_limit=45)).accepted().do("extend").extension_days == 15
    refused("guard_failed", lambda: Desk().accepted().do("extend"))
    refused("guard_failed", lambda: Desk(BASIC).accepted().do("extend"), "其他法律")  # the ten days are of the licensing law


def test_refusing_needs_reason_and_basis() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    refused("invalid_input", lambda: desk.do("refuse", fields={"reason": ""}))
    refused("invalid_input", lambda: desk.do("refuse", fields={"basis": ""}))
    refused("invalid_input", lambda: desk.do("refuse", fields={"heard": True}))  # derived, no field
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
    tomorrow = desk.context(TOWNSHIP)._replace(now=START + DAY)
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
