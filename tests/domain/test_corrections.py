"""Rows 12-14: nothing becomes received without what was asked for; what came stays beside what was there; wanting once."""

from __future__ import annotations

import pytest

from node.domain.cases.audit import audit
from node.domain.cases.commands import Command
from node.domain.cases.corrections import answers, copies, held, problems
from node.domain.cases.decisions import decide
from node.domain.model import Role
from tests.domain.desk import BASIC, DAY, STAFF, TOWNSHIP, VILLAGE, Desk, refused

BLOB = bytes(range(32))


def asked(materials: str = "0,1", node: bytes = TOWNSHIP) -> Desk:
    desk = Desk(BASIC)
    if node == VILLAGE:
        desk.handed_over()
        desk.do("receive", Role.CLERK)
    else:
        desk.file(TOWNSHIP)
    desk.do("request_correction", Role.CLERK, fields={"materials": materials, "content": "照片不清\n缺章"})
    return desk


def file(desk: Desk, material: str, blob: bytes = BLOB, size: int = 700) -> None:
    fields: dict[str, object] = {"material": material, "blob": blob, "size": size, "file_name": "a.jpg", "mime": "image/jpeg"}
    role = STAFF[Role.CLERK]
    desk.write(decide(desk.the, Command("supply_material", fields, role), desk.context(TOWNSHIP)), TOWNSHIP, role)


def supply(desk: Desk, **fields: object) -> None:
    actor = STAFF[Role.CLERK]
    desk.write(decide(desk.the, Command("supply_correction", fields, actor), desk.context(TOWNSHIP)), TOWNSHIP, actor)


def test_a_supply_without_what_was_asked_for_is_refused_and_names_it() -> None:
    desk = asked()
    before = desk.the
    refused("guard_failed", lambda: supply(desk), "申请表", "证明")
    refused("guard_failed", lambda: supply(desk, note="都补好了"), "申请表", "证明")
    file(desk, "0")
    refused("guard_failed", lambda: supply(desk), "证明")
    assert desk.the.status == "awaiting_correction" and before.status == desk.the.status


def test_a_file_from_before_the_notice_is_no_answer() -> None:
    desk = Desk(BASIC)
    desk.file(TOWNSHIP)
    file(desk, "0")
    desk.do("request_correction", Role.CLERK, fields={"materials": "0"})
    refused("guard_failed", lambda: supply(desk), "申请表")
    file(desk, "0", b"n" * 32)
    supply(desk)
    assert desk.the.status == "submitted"
    (row,) = answers(desk.the)
    assert row.before is not None and row.since is not None
    assert (row.before.blob, row.since.blob) == (BLOB, b"n" * 32)


def test_paper_answers_and_is_held_with_its_count() -> None:
    desk = asked()
    file(desk, "0")
    supply(desk, papers="1:3", note_0="重拍了")
    assert (held(desk.the, "0"), held(desk.the, "1"), copies(desk.the, "1")) == ("file", "paper", 3)
    assert desk.events[-1].facts == {"files": ("0",), "papers": ("1:3",)}
    desk.do("accept", Role.CLERK)


@pytest.mark.parametrize("papers", ["7", "1:0", "1:x", "1:100", "0:1,9:1"])
def test_papers_are_of_the_materials_asked_for_and_counted(papers: str) -> None:
    refused("invalid_input", lambda: supply(asked("1"), papers=papers))


def test_a_required_material_that_came_as_paper_is_there() -> None:
    desk = Desk(BASIC)
    desk.file(TOWNSHIP, materials=())
    refused("guard_failed", lambda: desk.do("accept", Role.CLERK), "申请表")
    desk.do("request_correction", Role.CLERK, fields={"materials": "0"})
    supply(desk, papers="0:2")
    assert desk.do("accept", Role.CLERK).status == "accepted"


def test_a_notice_that_ticked_nothing_needs_a_file_or_words() -> None:
    desk = Desk(BASIC)
    desk.file(TOWNSHIP)
    desk.do("request_correction", Role.CLERK, fields={"materials": ""})
    refused("guard_failed", lambda: supply(desk), "补正了什么")
    supply(desk, note="地址已更正")
    assert desk.the.status == "submitted"


def test_the_listed_example_is_accepted_and_says_which_come_on_paper() -> None:
    desk = asked()
    file(desk, "0")
    offer = next(one for one in desk.offers(Role.CLERK) if one.action == "supply_correction")
    assert next(field.example for field in offer.fields if field.name == "papers") == "1:1"
    assert desk.take_offer(offer, STAFF[Role.CLERK]).status == "submitted"


def test_what_is_still_wanting_is_said_once_and_only_of_what_was_listed() -> None:
    desk = asked()
    assert "repeat_request" in desk.names(Role.CLERK)
    supply(desk, papers="0,1")
    refused("guard_failed", lambda: desk.do("request_correction", Role.CLERK), "一次")
    desk.do("repeat_request", Role.CLERK, fields={"materials": "1", "content": "仍然缺章"})
    assert (desk.the.status, desk.the.correction.items) == ("awaiting_correction", ("1",))
    assert desk.the.correction.due is not None
    refused("guard_failed", lambda: supply(desk), "证明")
    supply(desk, papers="1")
    refused("guard_failed", lambda: desk.do("repeat_request", Role.CLERK, fields={"materials": "1"}), "一次")
    assert "repeat_request" not in desk.names(Role.CLERK)
    assert "accept" in desk.names(Role.CLERK)


def test_nothing_new_can_be_asked_for_when_it_is_repeated() -> None:
    desk = asked("0")
    supply(desk, papers="0")
    refused("guard_failed", lambda: desk.do("repeat_request", Role.CLERK, fields={"materials": "1"}), "已经告知过")
    fresh = Desk(BASIC)
    fresh.file(TOWNSHIP)
    refused("guard_failed", lambda: fresh.do("repeat_request", Role.CLERK), "补正尚未提交")
    assert "repeat_request" not in fresh.names(Role.CLERK)


def test_the_time_after_a_second_notice_is_the_applicants_and_undone_it_never_was() -> None:
    desk = asked("0")
    supply(desk, papers="0")
    before = desk.the
    desk.do("repeat_request", Role.CLERK)
    assert (desk.the.lead.spans[-1].why, desk.the.lead.spans[-1].running) == ("applicant", False)
    desk.do("undo", Role.CLERK)
    assert (desk.the.status, desk.the.correction.notices, desk.the.correction.found_wanting) == (
        "submitted",
        before.correction.notices,
        False,
    )
    desk.now += DAY
    assert "repeat_request" in desk.names(Role.CLERK)


def test_an_undone_supply_takes_its_papers_back() -> None:
    desk = asked("1")
    supply(desk, papers="1:2")
    desk.do("undo", Role.CLERK)
    assert (desk.the.status, held(desk.the, "1")) == ("awaiting_correction", "missing")


def test_a_village_asks_with_what_it_sent_or_declares_and_the_holder_judges_it() -> None:
    desk = asked("0", VILLAGE)
    agent = STAFF[Role.AGENT]
    ask = Command("supply_correction", {}, agent)
    refused("guard_failed", lambda: decide(desk.the, ask, desk.context(VILLAGE)), "申请表")
    (request,) = decide(desk.the, ask, desk.context(VILLAGE, sent=(("0", BLOB),)))
    assert request.facts == {"asked": "supply_correction", "blobs": (BLOB,)}
    fields = {**request.facts, "asker": VILLAGE}
    declined = decide(desk.the, Command("answer", fields, STAFF[Role.SYSTEM], b"r" * 32), desk.context(TOWNSHIP))
    assert (declined[0].kind, declined[0].facts["rule"]) == ("request_declined", "row14.incomplete")
    (paper,) = decide(desk.the, Command("supply_correction", {"papers": "0:2"}, agent), desk.context(VILLAGE))
    assert paper.facts["papers"] == ("0:2",)
    desk.system("answer", TOWNSHIP, {**paper.facts, "asker": VILLAGE}, b"q" * 32)
    assert (desk.the.status, copies(desk.the, "0")) == ("submitted", 2)


def test_every_version_goes_along_when_the_case_moves_on() -> None:
    desk = asked("0")
    file(desk, "0", b"a" * 32)
    file(desk, "0", b"b" * 32)
    assert desk.the.blobs == (b"a" * 32, b"b" * 32)
    assert desk.the.materials[0][1] == b"b" * 32


def test_a_supply_of_others_without_what_was_asked_for_is_a_finding() -> None:
    desk = asked()
    file(desk, "0")
    before = desk.the
    supply(desk, papers="1")
    assert "supplied_nothing" not in audit(before, desk.events[-1])
    forged = desk.events[-1]._replace(facts={})
    assert "supplied_nothing" in audit(before, forged)


def test_the_notices_words_stand_by_the_material_they_mean() -> None:
    assert problems("照片不清\n缺章", ("0", "1")) == {"0": "照片不清", "1": "缺章"}
    assert problems("都不清楚", ("0", "1")) == {"0": "都不清楚", "1": "都不清楚"}
