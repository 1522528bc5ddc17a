"""容缺受理 (rows 17, 18): with what the item allows and a promise only; S and P run on; filled, postponed once, lapsed, ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest

from node.domain.cases.audit import audit
from node.domain.cases.awaits import awaits
from node.domain.cases.casefold import evolve
from node.domain.cases.commands import Command
from node.domain.cases.corrections import gap_lacking
from node.domain.cases.deadline_words import sentence
from node.domain.cases.deadlines import deadlines
from node.domain.cases.decisions import decide
from node.domain.cases.history import history
from node.domain.catalog.item import Item, Material
from node.domain.catalog.limits import parse
from node.domain.model import Role
from tests.domain.desk import BASIC, CALENDAR, DAY, DISTRICT, LICENCE, STAFF, TOWNSHIP, VILLAGE, Desk, refused

MATERIALS = (Material("申请表"), Material("租赁合同", "copy", 1, True, may_be_later=True), Material("照片", required=False))
GAPPED = replace(BASIC, materials=MATERIALS)
LICENSED = replace(LICENCE, materials=MATERIALS)


def with_gap(item: Item = GAPPED, **fields: object) -> Desk:
    """Received on Monday 2 March with the form only, accepted with the contract to follow."""
    desk = Desk(item)
    desk.file(TOWNSHIP)
    desk.do("accept_with_gap", Role.CLERK, fields=fields)
    return desk


def paper(desk: Desk, node: bytes = TOWNSHIP) -> None:
    desk.do("record_papers", Role.CLERK, node, {"papers": "1:2"})


def test_only_with_what_the_item_allows_a_promise_and_a_day_no_later_than_the_case_is_due() -> None:
    desk = Desk(replace(GAPPED, materials=(Material("申请表"), Material("租赁合同"))))
    desk.file(TOWNSHIP)
    refused("guard_failed", lambda: desk.do("accept_with_gap", Role.CLERK), "不可容缺", "租赁合同")
    assert "accept_with_gap" not in desk.names(Role.CLERK)

    desk = Desk(GAPPED)
    desk.file(TOWNSHIP)
    refused("guard_failed", lambda: desk.do("accept", Role.CLERK), "租赁合同")
    refused("guard_failed", lambda: desk.do("accept_with_gap", Role.CLERK, fields={"pledge": False}), "承诺书")
    for due in ("2026-03-02", "2026-03-17"):  # today; the day after the promise of ten working days
        refused("guard_failed", partial(desk.do, "accept_with_gap", Role.CLERK, fields={"due": due}), "2026-03-16")
    broken = desk.context(TOWNSHIP)._replace(broken_pledge=lambda: "420102002000-260101-0001-X")
    command = Command("accept_with_gap", {"due": "2026-03-09", "pledge": True}, STAFF[Role.CLERK])
    refused("guard_failed", lambda: decide(desk.the, command, broken), "420102002000-260101-0001-X")
    refused("forbidden", lambda: desk.do("accept_with_gap", Role.EXAMINER))
    desk.do("accept_with_gap", Role.CLERK, fields={"due": "2026-03-09"})
    assert (desk.the.status, desk.the.gap.due, desk.the.gap.items) == ("accepted", dt.date(2026, 3, 9), ("1",))

    paper_here = Desk(GAPPED)
    paper_here.file(TOWNSHIP)
    paper(paper_here)
    refused("guard_failed", lambda: paper_here.do("accept_with_gap", Role.CLERK), "直接受理")
    paper_here.do("accept", Role.CLERK)
    assert not paper_here.the.gap.is_open


def test_a_village_accepts_nothing_with_a_gap_either() -> None:
    desk = Desk(GAPPED)
    desk.file(VILLAGE, materials=(("0", 1000), ("1", 1000)))
    refused("forbidden", lambda: desk.do("accept_with_gap", Role.AGENT, VILLAGE))


def test_s_and_p_run_from_the_acceptance_and_nothing_stops_them() -> None:
    due = [(one.clock, one.due) for one in deadlines(with_gap(due="2026-03-09").the, GAPPED, "township", CALENDAR)]
    plain = Desk(GAPPED)
    plain.file(TOWNSHIP)
    paper(plain)
    plain.do("accept", Role.CLERK)
    assert due == [(one.clock, one.due) for one in deadlines(plain.the, GAPPED, "township", CALENDAR)]
    assert due == [("P", dt.date(2026, 3, 16)), ("S", dt.date(2026, 3, 30))]


def test_while_the_gap_is_open_nothing_is_granted_or_refused() -> None:
    desk = with_gap(due="2026-03-09")
    desk.do("complete_step", Role.EXAMINER)
    assert awaits(desk.the, TOWNSHIP, "township", lambda _: GAPPED) == "gap"
    for action in ("approve", "refuse"):
        refused("guard_failed", partial(desk.do, action, Role.APPROVER), "容缺")
    refused("guard_failed", lambda: desk.do("fill_gap", Role.CLERK, fields={"papers": ""}), "租赁合同")
    paper(desk)
    assert awaits(desk.the, TOWNSHIP, "township", lambda _: GAPPED) == "fill"
    desk.do("fill_gap", Role.CLERK)
    assert not desk.the.gap.is_open and awaits(desk.the, TOWNSHIP, "township", lambda _: GAPPED) == "approve"
    desk.do("approve", Role.APPROVER)
    assert desk.the.status == "approved"


def test_it_is_filled_with_originals_at_the_counter_and_that_can_be_taken_back() -> None:
    desk = with_gap(due="2026-03-09")
    desk.do("fill_gap", Role.CLERK)  # the box of the contract ticked
    assert desk.events[-1].facts == {"papers": ("1:1",)} and desk.the.pieces[-1].copies == 1
    desk.do("undo", Role.CLERK)
    assert desk.the.gap.items == ("1",) and gap_lacking(desk.the) == ("1",)


def test_whoever_took_it_in_elsewhere_tells_who_has_it() -> None:
    desk = with_gap(LICENSED, due="2026-03-09")
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    desk.take()
    assert desk.the.gap.is_open and {"record_papers", "withdraw"} <= set(desk.names(Role.CLERK, TOWNSHIP))
    asked = decide(desk.the, Command("record_papers", {"papers": "1:2"}, STAFF[Role.CLERK]), desk.context(TOWNSHIP))
    assert (asked[0].kind, asked[0].facts) == ("requested", {"asked": "record_papers", "papers": ("1:2",)})
    refused(
        "invalid_input",
        lambda: decide(desk.the, Command("record_papers", {"papers": "7"}, STAFF[Role.CLERK]), desk.context(TOWNSHIP)),
    )
    desk.system("answer", DISTRICT, {**asked[0].facts, "asker": TOWNSHIP}, request=b"r" * 32)
    assert desk.events[-1].kind == "papers_recorded" and gap_lacking(desk.the) == ()
    desk.do("fill_gap", Role.CLERK)
    assert desk.events[-1].facts == {"papers": ("1:2",)} and not desk.the.gap.is_open


def at(desk: Desk, day: dt.date) -> Desk:
    desk.now = int(dt.datetime.combine(day, dt.time(9), dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000)
    return desk


@pytest.mark.parametrize(("day", "words"), [(9, "没有届满"), (10, "")])
def test_it_lapses_after_its_day(day: int, words: str) -> None:
    desk = at(with_gap(due="2026-03-09"), dt.date(2026, 3, day))

    def lapse() -> None:
        node = desk.context(TOWNSHIP)._replace(heard_below=lambda: desk.now)
        desk.write(decide(desk.the, Command("lapse_gap", {}, STAFF[Role.SYSTEM]), node), TOWNSHIP, STAFF[Role.SYSTEM])

    if words:
        refused("guard_failed", lapse, words)
        return
    lapse()
    assert (desk.the.status, bool(desk.the.gap.lapsed_at)) == ("accepted", True)
    assert awaits(desk.the, TOWNSHIP, "township", lambda _: GAPPED) == "gap_over"


def test_an_absence_has_an_effect_only_when_it_is_known() -> None:
    """Borne out by another clock, the place where it was filed heard after the day, nothing on its way, people back, nothing here."""
    desk = at(with_gap(due="2026-03-09"), dt.date(2026, 3, 10))
    command, known = Command("lapse_gap", {}, STAFF[Role.SYSTEM]), desk.context(TOWNSHIP)._replace(heard_below=lambda: desk.now)
    for words, changed in (
        ("尚未与上级联系", known._replace(witnessed=desk.now - DAY)),
        ("时间", known._replace(clock_agrees=False)),
        ("收件单位", known._replace(heard_below=lambda: desk.now - DAY)),
        ("待核对", known._replace(asked_of_it=lambda: True)),
        ("首个工作日", known._replace(back_on=dt.date(2026, 3, 10))),
    ):
        refused("guard_failed", partial(decide, desk.the, command, changed), words)
    paper(desk)
    refused("guard_failed", lambda: decide(desk.the, command, known), "待核对")


def lapsed() -> Desk:
    desk = at(with_gap(due="2026-03-09"), dt.date(2026, 3, 10))
    context = desk.context(TOWNSHIP)._replace(heard_below=lambda: desk.now)
    desk.write(decide(desk.the, Command("lapse_gap", {}, STAFF[Role.SYSTEM]), context), TOWNSHIP, STAFF[Role.SYSTEM])
    return desk


def test_what_lapsed_is_ended_by_a_person_or_postponed_once() -> None:
    desk = lapsed()
    refused("guard_failed", lambda: desk.do("fill_gap", Role.CLERK), "容缺期限已过")
    desk.do("postpone_gap", Role.CLERK, fields={"due": "2026-03-12", "reason": "大雪封路"})
    assert (desk.the.gap.due, desk.the.gap.postponed, desk.the.gap.lapsed_at) == (dt.date(2026, 3, 12), True, 0)
    refused("guard_failed", lambda: desk.do("postpone_gap", Role.CLERK, fields={"due": "2026-03-13"}), "一次")
    refused("guard_failed", lambda: desk.do("terminate", Role.EXAMINER), "没有届满")
    desk.do("fill_gap", Role.CLERK)
    assert not desk.the.gap.is_open

    other = lapsed()
    refused("forbidden", lambda: other.do("terminate", Role.CLERK))
    other.do("terminate", Role.EXAMINER)
    assert other.the.status == "terminated" and other.the.gap.lapsed_at


PAUSING = {0: parse({"gap_pauses": 1})}


def standing(item: Item = GAPPED) -> Desk:
    """Lapsed where the published limits let the promise stand (LIFECYCLE, "容缺 lapse")."""
    desk = at(with_gap(item, due="2026-03-09"), dt.date(2026, 3, 10))
    context = desk.context(TOWNSHIP)._replace(heard_below=lambda: desk.now, rules=PAUSING)
    desk.write(decide(desk.the, Command("lapse_gap", {}, STAFF[Role.SYSTEM]), context), TOWNSHIP, STAFF[Role.SYSTEM])
    return desk


def dues(desk: Desk, item: Item = GAPPED) -> dict[str, dt.date]:
    return {one.clock: one.due for one in deadlines(desk.the, item, "township", CALENDAR, PAUSING)}


def pausing(desk: Desk, action: str, role: Role, **fields: object) -> None:
    command = Command(action, fields, STAFF[role])
    desk.write(decide(desk.the, command, desk.context(TOWNSHIP)._replace(rules=PAUSING)), TOWNSHIP, STAFF[role])


def test_the_promise_stands_until_it_comes_where_the_published_limits_say_so_and_the_statute_runs_on() -> None:
    desk = standing()
    assert desk.events[-1].facts["pauses"] is True and dues(desk) == {"S": dt.date(2026, 3, 30)}
    desk.do("complete_step", Role.EXAMINER)
    assert awaits(desk.the, TOWNSHIP, "township", lambda _: GAPPED) == "gap", "it is the applicant's turn"
    refused(
        "guard_failed", lambda: pausing(desk, "postpone_gap", Role.CLERK, due=dt.date(2026, 3, 12), reason="大雪封路"), "不用顺延"
    )
    refused("guard_failed", lambda: pausing(desk, "terminate", Role.EXAMINER, reason="没有补齐"), "2026-03-30")
    refused("guard_failed", lambda: pausing(desk, "refuse", Role.APPROVER, reason="没有补齐", basis="第三十八条"), "容缺")
    at(desk, dt.date(2026, 3, 12))
    pausing(desk, "fill_gap", Role.CLERK, papers="1:1")
    assert dues(desk) == {"P": dt.date(2026, 3, 19), "S": dt.date(2026, 3, 30)}, "it stood on the 10th, 11th and 12th"
    (stood,) = history(desk.events, lambda *_: True, GAPPED, lambda _: "township", CALENDAR, dt.date(2026, 3, 12), PAUSING).pauses
    assert (stood.kind, stood.first, stood.until, stood.days) == ("gap", dt.date(2026, 3, 10), dt.date(2026, 3, 12), 3)
    said = {one.clock: sentence(one, [stood]) for one in deadlines(desk.the, GAPPED, "township", CALENDAR, PAUSING)}
    assert "扣除容缺材料逾期待补3个工作日（2026年3月10日至2026年3月12日）" in said["P"] and "扣除" not in said["S"]
    desk.do("undo", Role.CLERK)
    assert dues(desk) == {"S": dt.date(2026, 3, 30)} and desk.the.gap.pauses


def test_when_the_statute_is_over_or_there_is_none_a_person_ends_what_stands() -> None:
    desk = at(standing(), dt.date(2026, 3, 30))
    pausing(desk, "terminate", Role.EXAMINER, reason="没有补齐")
    assert desk.the.status == "terminated"
    other = standing(replace(GAPPED, statutory_limit=None))
    pausing(other, "terminate", Role.EXAMINER, reason="没有补齐")
    assert other.the.status == "terminated"


@pytest.mark.parametrize(
    ("on", "facts", "finds"),
    [
        (30, None, False), (30, {}, False), (20, {}, True), (20, {"statute": dt.date(2026, 3, 30)}, True),
        (20, {"statute": dt.date(2026, 3, 12)}, True), (27, {"statute": dt.date(2026, 3, 27)}, False),  # a day off that was taken back
    ],
)  # fmt: skip
def test_who_ends_what_stands_before_the_statute_is_over_is_found_at_every_node(
    on: int, facts: dict[str, object] | None, finds: bool
) -> None:
    """`facts`: as a program that was altered wrote them."""
    desk = at(standing(), dt.date(2026, 3, 30))
    before = desk.the
    pausing(desk, "terminate", Role.EXAMINER, reason="没有补齐")
    event = desk.events[-1]
    assert event.facts["statute"] == dt.date(2026, 3, 30)
    moved = event._replace(at=event.at - (30 - on) * DAY, facts=event.facts if facts is None else facts)  # type: ignore[arg-type]
    assert ("gap_ended_early" in audit(before, moved, GAPPED, tier="township", calendar=CALENDAR)) is finds


def test_a_node_cannot_stop_its_promise_where_the_limits_do_not_say_so() -> None:
    desk = standing()
    found = {one.clock: one.due for one in deadlines(desk.the, GAPPED, "township", CALENDAR)}
    assert found == {"P": dt.date(2026, 3, 16), "S": dt.date(2026, 3, 30)}


def test_what_came_and_will_not_do_ends_the_case_after_its_day() -> None:
    desk = with_gap(due="2026-03-09")
    paper(desk)
    refused("guard_failed", lambda: desk.do("terminate", Role.EXAMINER), "没有届满")
    at(desk, dt.date(2026, 3, 10))
    desk.do("terminate", Role.EXAMINER, fields={"reason": "合同未盖章"})
    assert desk.the.status == "terminated"


def test_the_audit_finds_a_gap_that_another_node_may_not_give() -> None:
    desk = with_gap(due="2026-03-09")
    filed = evolve(desk.the._replace(version=0), desk.events[0])
    good = desk.events[1]
    assert audit(filed, good, GAPPED, tier="township", calendar=CALENDAR) == []
    strict = replace(GAPPED, materials=(Material("申请表"), Material("租赁合同")))
    assert audit(filed, good, strict, tier="township", calendar=CALENDAR) == ["gap_not_allowed"]
    for facts, flag in (
        ({"pledge": False}, "gap_not_allowed"),
        ({"gap": ()}, "accepted_without"),
        ({"gap_due": dt.date(2026, 4, 1)}, "gap_too_long"),
    ):
        event = good._replace(facts={**good.facts, **facts})
        assert audit(filed, event, GAPPED, tier="township", calendar=CALENDAR) == [flag], facts
    early = lapsed()
    event = early.events[-1]._replace(at=early.events[-1].at - 5 * DAY)
    assert "gap_lapsed_early" in audit(desk.the, event, GAPPED, tier="township", calendar=CALENDAR)
