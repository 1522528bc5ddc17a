"""The rows of the table on which a case moves between nodes, and what others may ask of its holder."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest

from node.domain.calendar import day_of
from node.domain.cases.audit import audit
from node.domain.cases.casefold import evolve
from node.domain.cases.commands import Command
from node.domain.cases.decisions import decide
from node.domain.model import SYSTEM, Case, Event, Purpose, Role
from node.domain.words.errors import TongbanError
from tests.domain.desk import (
    CALENDAR,
    DAY,
    DISTRICT,
    IMMEDIATE,
    LICENCE,
    STAFF,
    TOWNSHIP,
    VILLAGE,
    Desk,
    event_of,
    refused,
)

# custody -----------------------------------------------------------------------------------------------------------------


def test_hand_over_waits_for_the_clerk_and_can_be_handed_back() -> None:
    desk = Desk().handed_over()
    assert (desk.the.status, desk.the.custodian, desk.the.term) == ("in_transit", TOWNSHIP, 2)
    assert desk.the.received_at == desk.events[-1].at  # the law counts from here, whoever receives it when
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
    assert (desk.the.lead.spans[-1].clock, desk.the.lead.spans[-1].why) == ("A", "agent")
    desk.now += 10 * DAY
    desk.do("hand_over", Role.AGENT)
    desk.take()
    taken = desk.events[-1].at
    again = replace(desk)
    again.do("receive")
    assert again.the.received_at == taken
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
    assert set(offer.objects) == set(desk.the.bodies)  # with the referral's own opinion
    desk.take()
    assert (desk.the.status, desk.the.examined_below, desk.the.lead.step) == ("accepted", True, 0)
    refused("guard_failed", lambda: desk.do("refer"))
    desk.do("return_to_lower", Role.EXAMINER)
    desk.take()
    assert (desk.the.custodian, desk.the.examined_below, desk.the.lead.steps_done) == (TOWNSHIP, False, ())
    refused("guard_failed", lambda: desk.do("return_to_lower"))


def test_what_came_back_from_above_may_go_back_further_down() -> None:
    """Row 35 at a tier between: the city returns it to the district, the district to the township."""
    desk = Desk(replace(LICENCE, approval_level="city")).referred()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    desk.take()
    desk.do("return_to_lower", Role.EXAMINER)
    desk.take()
    assert (desk.the.custodian, desk.the.examined_below, desk.the.lead.spans[-1].why) == (DISTRICT, True, "upper")
    desk.do("return_to_lower", Role.EXAMINER)
    desk.take()
    assert (desk.the.custodian, desk.the.examined_below, desk.the.lead.spans[-1].why) == (TOWNSHIP, False, "handler")


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
    assert answer(desk, "remind").correction.reminded_at == 0  # a nudge to the handler is no notice to the applicant
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


def test_a_licence_that_nobody_receives_is_accepted_by_silence_five_days_after_it_was_taken() -> None:
    desk = Desk().handed_over()
    taken = desk.the.received_at
    desk.now += 6 * DAY
    refused("guard_failed", lambda: desk.system("deem_accepted", TOWNSHIP), "未满")
    desk.now += 2 * DAY
    desk.system("deem_accepted", TOWNSHIP)
    assert (desk.the.status, desk.the.accepted_at, desk.the.received_status) == ("accepted", taken, "")


def test_an_item_that_wants_the_papers_first_is_received_with_the_day_on_which_they_came() -> None:
    desk = Desk(item=replace(LICENCE, paper_required_at="accept")).handed_over()
    assert desk.the.received_at == 0
    desk.now += 10 * DAY
    refused("guard_failed", lambda: desk.system("deem_accepted", TOWNSHIP), "尚未收到")
    refused("invalid_input", lambda: desk.do("receive", fields={"papers_arrived": ""}))
    for wrong in ("2026-03-01", "2026-03-13"):
        refused("guard_failed", partial(desk.do, "receive", fields={"papers_arrived": wrong}), "到达日期")
    desk.do("receive", fields={"papers_arrived": "2026-03-05"})
    assert day_of(desk.the.received_at) == dt.date(2026, 3, 5)
    assert not audit(*_last(desk), LICENCE, tier="township")
    other = Desk().handed_over()
    refused("invalid_input", lambda: other.do("receive", fields={"papers_arrived": "2026-03-02"}))


def test_who_puts_the_receipt_off_for_papers_that_the_item_does_not_want_is_found() -> None:
    desk = Desk(item=replace(LICENCE, paper_required_at="accept")).handed_over()
    assert audit(*_last(desk), LICENCE, tier="township") == ["receipt_put_off"]
    assert audit(*_last(desk), desk.item, tier="township") == []


def _last(desk: Desk) -> tuple[Case, Event]:
    case = Case("CASE-1")
    for event in desk.events[:-1]:
        case = evolve(case, event)
    return case, desk.events[-1]


def test_after_an_outage_of_its_own_a_node_gives_its_people_the_first_working_day() -> None:
    desk = Desk(item=LICENCE)
    desk.file(TOWNSHIP)
    desk.now += 10 * DAY  # Thursday the 12th
    command = Command("deem_accepted", {}, SYSTEM)
    back = desk.context(TOWNSHIP, back_on=dt.date(2026, 3, 12))
    refused("guard_failed", lambda: decide(desk.the, command, back), "停机")
    assert decide(desk.the, command, back._replace(now=back.now + DAY, witnessed=back.now + DAY))


def test_what_is_decided_at_once_is_not_accepted_by_silence() -> None:
    desk = Desk(item=replace(IMMEDIATE, category="行政许可"))
    desk.file(TOWNSHIP)
    desk.now += 10 * DAY
    refused("guard_failed", lambda: desk.system("deem_accepted", TOWNSHIP), "即办件")
    below = replace(desk, item=replace(desk.item, approval_level="district"))
    assert below.system("deem_accepted", TOWNSHIP).status == "accepted"
