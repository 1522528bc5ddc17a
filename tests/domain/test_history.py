"""Lateness that was stays on record, stops stand with their days, and one sentence says how a day came about (DOMAIN 0.9, A4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest

from node.domain.calendar import day_of
from node.domain.cases.audit import audit
from node.domain.cases.deadline_words import sentence
from node.domain.cases.deadlines import deadlines
from node.domain.cases.history import History, history
from node.domain.catalog.item import Item, SpecialStep
from node.domain.model import Role
from tests.domain.desk import DISTRICT, LICENCE, PLACES, STOPPING, TOWNSHIP, Desk, nobody_assigns, refused
from tests.domain.test_stops import CALENDAR, HERE, Hall, day

REVIEWED = replace(HERE, special_steps=(SpecialStep("专家评审", "expert_review", 5, counts=False),))


@dataclass
class Recorded(Hall):
    """A hall that tells what stays on record."""

    item: Item = field(default_factory=lambda: HERE)

    def record(self) -> History:
        return history(
            self.events,
            nobody_assigns,
            self.item,
            lambda case: PLACES[case.custodian or TOWNSHIP].tier,
            CALENDAR,
            day_of(self.now),
        )

    def late(self) -> list[tuple[str, dt.date, int, bytes, str]]:
        return [(one.clock, one.due, one.over, one.holder, one.ended_by) for one in self.record().late]

    def said(self, clock: str = "P", language: str = "zh") -> str:
        found = deadlines(self.the, self.item, "township", CALENDAR)
        return next(sentence(one, self.record().pauses, language) for one in found if one.clock == clock)


def test_an_extension_of_a_case_that_was_late_does_not_wash_it() -> None:
    """Promised for Monday 16 March, extended on Thursday the 19th: three working days over."""
    hall = Recorded()
    hall.begun(day(3, 2))
    hall.on(day(3, 19)).do("extend", Role.APPROVER)
    assert hall.late() == [("P", day(3, 16), 3, TOWNSHIP, "extended")]
    facts = hall.events[-1].facts
    assert (facts["approver"], facts["due_before"], facts["due"]) == ("organ_head", day(3, 16), day(3, 30))
    assert "undo" not in hall.names(Role.APPROVER)  # its paper went out with it


def test_a_reminder_or_an_act_in_time_leaves_nothing_on_record() -> None:
    hall = Recorded()
    hall.begun(day(3, 2))
    hall.on(day(3, 10)).do("extend", Role.APPROVER)
    assert hall.late() == []


def test_a_new_holder_sees_what_was_late_before_and_whose_it_was() -> None:
    hall = Recorded(item=LICENCE)
    hall.begun(day(3, 2))
    hall.on(day(3, 18)).do("complete_step", Role.EXAMINER)
    hall.do("refer", Role.APPROVER)
    hall.on(day(3, 25)).take()  # what lay between the offer and the take is nobody's
    assert hall.late() == [("P", day(3, 16), 2, TOWNSHIP, "custody_taken")]
    assert hall.the.custodian == DISTRICT


def test_one_lateness_is_on_record_once_and_stays_with_the_unit_in_whose_hands_it_came_about() -> None:
    """Three tiers further on nothing was added; then the district's own days (DOMAIN A4, 5)."""
    hall = Recorded(item=LICENCE)
    hall.begun(day(3, 2))
    hall.on(day(3, 18)).do("complete_step", Role.EXAMINER)
    hall.do("refer", Role.APPROVER)
    hall.take()
    first = ("P", day(3, 16), 2, TOWNSHIP, "custody_taken")
    assert hall.late() == [first]
    hall.do("complete_step", Role.EXAMINER)
    hall.do("approve", Role.APPROVER)
    assert hall.late() == [first]
    hall.do("undo", Role.APPROVER)
    hall.on(day(3, 25)).do("approve", Role.APPROVER)
    assert hall.late() == [first, ("P", day(3, 16), 7, TOWNSHIP, "approved")]
    assert [one.before for one in hall.record().late] == [0, 2]


def test_the_sentence_is_made_of_its_parts_and_never_adds_the_extension_to_the_limit() -> None:
    hall = Recorded(item=REVIEWED)
    hall.begun(day(3, 2))
    hall.stop(5, day(3, 4)).go_on(day(3, 10))
    hall.do("extend", Role.APPROVER)
    assert hall.said() == (
        "自2026年3月2日次日起，承诺10个工作日；经批准延长10个工作日；扣除专家评审5个工作日（2026年3月4日至2026年3月10日），"
        "应于2026年4月7日前办结。"
    )
    assert hall.said("S").startswith("自2026年3月2日次日起，法定20个工作日；经批准延长10个工作日；")
    assert "extension" in hall.said(language="en")


def test_a_stop_that_began_when_the_promise_was_over_is_no_part_of_its_sentence() -> None:
    """Promised for Monday 16 March, stopped on Wednesday the 18th: nothing is deducted, and the statutory day moves."""
    hall = Recorded(item=REVIEWED)
    hall.begun(day(3, 2))
    hall.stop(5, day(3, 18))
    assert hall.said() == "自2026年3月2日次日起，承诺10个工作日，应于2026年3月16日前办结。"
    assert "without" not in hall.said(language="en") and "扣除专家评审5个工作日" in hall.said("S")
    facts = hall.events[-1].facts
    assert facts["due"] == facts["due_before"] == day(3, 16)


def test_a_stop_beyond_its_stated_end_stands_with_what_is_over() -> None:
    hall = Recorded(item=REVIEWED)
    hall.begun(day(3, 2))
    hall.stop(2, day(3, 4))
    hall.on(day(3, 9))
    assert [(one.kind, one.first, one.until, one.days, one.over) for one in hall.record().pauses] == [
        ("expert_review", day(3, 4), day(3, 5), 2, 2)
    ]
    facts = hall.events[-1].facts
    assert (facts["from"], facts["until"], facts["due_before"], facts["due"]) == (day(3, 4), day(3, 5), day(3, 16), day(3, 18))
    hall.go_on(day(3, 9))
    assert [(one.days, one.over) for one in hall.record().pauses] == [(2, 2)]


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({}, 10), ({"statutory_limit": None}, 10), ({"statutory_limit": 30}, 0), ({"statutory_unit": "calendar"}, 0),
        ({"statutory_limit": 45, "case_type": "joint"}, 15), ({"statutory_limit": None, "case_type": "joint"}, 15),
        ({"statutory_limit": 60, "case_type": "joint"}, 0), ({"statutory_limit": 30, "extension_days": 7}, 7),
        ({"extension_days": 0}, 0), ({"category": "公共服务"}, 0), ({"category": "公共服务", "extension_days": 5}, 5),
    ],
)  # fmt: skip
def test_the_extension_is_the_licensing_laws_only_where_the_limit_is(changes: dict[str, object], days: int) -> None:
    item = Item.from_document({**HERE.to_document(), **changes})
    assert item.longest_extension == days
    desk = Desk(item).accepted()
    if not days:
        refused("guard_failed", lambda: desk.do("extend", fields={"days": 1}), "其他法律")
        return
    refused("guard_failed", lambda: desk.do("extend", fields={"days": days + 1}))
    desk.do("extend", Role.APPROVER)
    assert desk.the.extension_days == days
    assert desk.events[-1].facts["approver"] == ("government_head" if days == 15 else "organ_head")


def test_a_stop_that_the_item_does_not_list_needs_a_reason_and_is_found() -> None:
    desk = Desk(REVIEWED).accepted()
    choices = next(offer for offer in desk.offers(Role.APPROVER) if offer.action == "suspend").fields[0].choices
    assert choices[0] == "expert_review" and "hearing" in choices
    refused("guard_failed", lambda: desk.do("suspend", fields={"kind": "hearing", "reason": ""}), "理由")
    before = desk.the
    desk.do("suspend", Role.APPROVER, fields={"kind": "hearing", "reason": "申请人要求听证"})
    assert audit(before, desk.events[-1], REVIEWED, tier="township") == ["stop_not_in_item"]
    other = Desk(REVIEWED).accepted()
    before = other.the
    other.do("suspend", Role.APPROVER)
    assert audit(before, other.events[-1], REVIEWED, tier="township") == []
    assert Desk(STOPPING).accepted().do("suspend").pause.kind == "public_notice"
