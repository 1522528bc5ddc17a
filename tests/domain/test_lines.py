"""Two lines of a case side by side: the lead's S and P, and a branch with B. No event opens a branch yet; the rules can hold one."""

from __future__ import annotations

from node.domain.cases.deadlines import branch_deadline, deadlines, time_split
from node.domain.cases.lateness import segments
from node.domain.cases.ledger import clocks, timed_branch
from node.domain.model import Case, Line, Role, Span
from tests.domain.desk import CALENDAR, DAY, DISTRICT, HOUR, LICENCE, START, TOWNSHIP, Desk

OPENED = START + 5 * HOUR  # a Monday


def opened(limit: int = 5) -> Desk:
    """Accepted at the township; a unit of the district has received what it is asked for."""
    desk = Desk().accepted()
    span = Span("B", OPENED, None, True, "handler", DISTRICT)
    desk.case = desk.the._replace(branches=(Line(spans=(span,), unit="fire", limit=limit),))
    return desk


def ended(case: Case, at: int) -> Case:
    return case._replace(branches=timed_branch(case, 1, at))


def test_line_0_is_the_leads() -> None:
    desk = opened()
    assert [line.unit for line in desk.the.lines] == ["", "fire"]
    assert [span.clock for span in desk.the.lead.spans] == ["R", "S"]


def test_each_line_has_its_own_deadline_and_b_is_none_of_the_case() -> None:
    desk = opened(limit=5)
    before = Desk().accepted().the
    assert deadlines(desk.the, LICENCE, "township", CALENDAR) == deadlines(before, LICENCE, "township", CALENDAR)
    due = branch_deadline(desk.the, 1, CALENDAR)
    assert due is not None and (due.clock, due.due.isoformat(), due.limit) == ("B", "2026-03-09", 5)
    assert branch_deadline(desk.the, 0, CALENDAR) is None
    assert branch_deadline(ended(desk.the, OPENED + DAY), 1, CALENDAR) is None


def test_the_same_instant_counts_once_on_each_line() -> None:
    case, now = opened().the, START + 3 * DAY
    accepted = case.lead.spans[-1].start
    assert time_split(case, now)["handler"] == now - case.lead.spans[0].start
    assert time_split(case, now, 1) == {"handler": now - OPENED}
    done = ended(case, OPENED + DAY)
    assert time_split(done, now, 1) == {"handler": DAY} and time_split(done, now) == time_split(case, now)
    assert [(one.node, one.start) for one in segments(done, 1)] == [(DISTRICT, OPENED)]
    assert segments(done)[-1].end is None and accepted < OPENED + DAY


def test_a_branch_that_ends_leaves_the_clocks_of_the_others() -> None:
    case = opened().the
    two = case._replace(branches=(*case.branches, case.branches[0]._replace(unit="police")))
    after = two._replace(branches=timed_branch(two, 2, OPENED + DAY))
    assert (after.lead, after.branches[0]) == (two.lead, two.branches[0])
    assert after.branches[1].spans == clocks(two, OPENED + DAY, line=2)


def test_what_the_lead_does_and_takes_back_leaves_the_branch_as_it_is() -> None:
    desk = opened()
    branch = desk.the.branches
    desk.do("suspend", Role.APPROVER)
    assert (desk.the.lead.spans[-1].running, desk.the.branches) == (False, branch)
    desk.do("resume", Role.APPROVER)
    assert (desk.the.lead.spans[-1].running, desk.the.branches) == (True, branch)
    desk.do("undo", Role.APPROVER)
    assert (desk.the.lead.spans[-1].running, desk.the.branches) == (False, branch)
    desk.do("resume", Role.APPROVER)
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    assert (desk.take().custodian, desk.the.branches, desk.the.hops[0].node) == (DISTRICT, branch, TOWNSHIP)
