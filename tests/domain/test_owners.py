"""Whose case it is: taken, given by name, given on; nobody's again when the step is done or the case travels."""

from __future__ import annotations

from node.domain.cases.commands import Command, Context
from node.domain.cases.decisions import decide
from node.domain.cases.owners import candidates
from node.domain.model import Actor, Case, Role
from tests.domain.desk import BASIC, DISTRICT, HOUR, TOWNSHIP, Desk, refused

WANG, LI = Actor("s-wang", Role.EXAMINER, "王强"), Actor("s-li", Role.EXAMINER, "李芳")
CLERK, BOSS, CHIEF = (
    Actor("s-clerk", Role.CLERK, "赵敏"),
    Actor("s-boss", Role.APPROVER, "周正"),
    Actor("s-chief", Role.DIRECTOR, "陈刚"),
)
PEOPLE = (WANG, LI, CLERK, BOSS, CHIEF)


class Hall(Desk):
    """A township where five people work."""

    def context(self, node: bytes, **changes: object) -> Context:
        return super().context(node, **{"people": PEOPLE if node == TOWNSHIP else (), **changes})

    def act(self, actor: Actor, action: str, **fields: object) -> Case:
        return self.write(decide(self.the, Command(action, fields, actor), self.context(TOWNSHIP)), TOWNSHIP, actor)


def accepted() -> Hall:
    hall = Hall()
    hall.accepted()
    return hall


def test_only_who_does_the_step_may_take_it_and_only_while_it_is_nobodys() -> None:
    hall = accepted()
    refused("guard_failed", lambda: hall.act(CLERK, "take"), "岗位")
    assert hall.act(WANG, "take").lead.assignee == "s-wang"
    refused("guard_failed", lambda: hall.act(LI, "take"), "已经有人办理")
    assert "take" not in [one.action for one in hall.offers(Role.EXAMINER)]


def test_given_by_name_from_a_list_of_those_who_can() -> None:
    hall = accepted()
    assert [one.staff_id for one in candidates(hall.the, hall.context(TOWNSHIP))] == ["s-wang", "s-li", "s-chief"]
    (staff,) = (f for o in hall.offers(Role.APPROVER) if o.action == "assign" for f in o.fields if f.name == "staff_id")
    assert (staff.type, staff.choices, staff.labels) == ("enum", ("s-wang", "s-li", "s-chief"), ("王强", "李芳", "陈刚"))
    hall.act(BOSS, "assign", staff_id="s-wang")
    error = refused("invalid_input", lambda: hall.act(BOSS, "reassign", staff_id="s-clerk", reason="请假"))
    assert error.fields == {"staff_id": "cannot_do_step"}
    error = refused("invalid_input", lambda: hall.act(BOSS, "reassign", staff_id="s-wang", reason="请假"))
    assert error.fields == {"staff_id": "cannot_do_step"}
    assert hall.act(BOSS, "reassign", staff_id="s-li", reason="请假").lead.assignee == "s-li"
    assert hall.events[-1].facts == {"assignee": "s-li", "step": "first_examination", "from": "s-wang"}


def test_giving_a_case_is_for_who_is_in_charge_and_needs_a_reason_once_somebody_has_it() -> None:
    hall = accepted()
    refused("forbidden", lambda: hall.act(WANG, "assign", staff_id="s-li"))
    refused("forbidden", lambda: hall.act(CLERK, "reassign", staff_id="s-li", reason="x"))
    hall.act(CHIEF, "assign", staff_id="s-li")
    refused("guard_failed", lambda: hall.act(BOSS, "assign", staff_id="s-wang"), "理由")
    refused("invalid_input", lambda: hall.act(BOSS, "reassign", staff_id="s-wang"))


def test_the_next_step_is_nobodys_and_in_transit_nobody_has_it() -> None:
    hall = accepted()
    hall.act(WANG, "take")
    assert hall.act(WANG, "complete_step", opinion="同意").lead.assignee == ""
    hall.act(BOSS, "take")
    assert hall.act(BOSS, "refer", opinion="同意上报").lead.assignee == ""
    hall.take()
    assert (hall.the.custodian, hall.the.lead.assignee) == (DISTRICT, "")


def test_the_clerks_case_is_nobodys_once_it_is_accepted_and_hers_again_when_that_is_undone() -> None:
    hall = Hall()
    hall.file(TOWNSHIP)
    hall.act(CLERK, "take")
    hall.act(CLERK, "request_correction", content="缺章", materials="0", due="2026-03-20")
    assert hall.the.lead.assignee == "s-clerk"
    hall.act(CLERK, "supply_correction", papers="0")
    assert hall.act(CLERK, "accept").lead.assignee == ""
    assert hall.act(CLERK, "undo", reason="误操作").lead.assignee == "s-clerk"


def test_giving_a_case_moves_nothing_else() -> None:
    hall = accepted()
    since, due = hall.the.moved_at, hall.the.promised_due
    hall.now += 30 * HOUR
    hall.act(BOSS, "assign", staff_id="s-wang")
    hall.act(BOSS, "reassign", staff_id="s-li", reason="请假")
    assert (hall.the.moved_at, hall.the.promised_due, hall.the.status) == (since, due, "accepted")
    hall.act(BOSS, "undo", reason="误操作")
    assert (hall.the.lead.assignee, hall.the.moved_at) == ("s-wang", since)


def test_who_examined_is_not_offered_the_decision() -> None:
    hall = Hall(BASIC)
    hall.accepted()
    hall.act(CHIEF, "complete_step", opinion="同意")
    assert [one.staff_id for one in candidates(hall.the, hall.context(TOWNSHIP))] == ["s-boss", "s-chief"]
