"""Reminders many at once and findings of volunteers: to who has the case, answered, over lines that were down and disks that burnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup
from node.services.upkeep.verification import rebuild_check
from tests.network.counted import check_node
from tests.network.test_orders import AGENT, HEAD, OVERSEER
from tests.network.test_siblings import settled
from tests.support.network import Town

WORDS = "已超期三天，请今天下班前办结"
LAYOUT = "tree"


def test_many_at_once_to_who_has_each_and_what_became_of_each(town: Town) -> None:
    here, there = town.file("village"), town.file("village3")
    settled(town)
    town.cut("village3")
    sent = town["district"].center.prompts.send({"case_nos": [here, there, "420102-x"], "text": WORDS}, OVERSEER)["sent"]
    assert [bool(one["id"]) for one in sent] == [True, True, False] and sent[2]["case_no"] == "420102-x" and sent[2]["error"]
    listed = town["district"].center.oversight.cases({"view": "unanswered_reminders"}, OVERSEER)
    assert listed["total"] == 2  # shown until they are answered
    check_node(town["district"])
    settled(town)
    assert town.holders(WORDS) == {"district", "village", "village3"}
    (row,) = town["village"].center.prompts.listed({"box": "received"}, AGENT)["reminders"]
    assert (row["text"], row["staff_name"], row["case_no"], row["may_answer"]) == (WORDS, "周督察", here, True)
    assert town["village"].center.prompts.waiting() == 1
    town["village"].center.prompts.answer(row["id"], {"text": "今天已经上门"}, AGENT)
    settled(town)
    (mine,) = town["district"].center.prompts.listed({"case_no": here}, OVERSEER)["reminders"]
    assert (mine["answer"], mine["answered_by"]) == ("今天已经上门", "王站长")
    assert town["district"].center.oversight.cases({"view": "unanswered_reminders"}, OVERSEER)["total"] == 1
    for node in town.nodes.values():
        check_node(node)
        assert not rebuild_check(node.center.store)
    assert town["district"].center.prompts.listed({"box": "sent", "answered": "no"}, OVERSEER)["total"] == 1
    assert town["township"].center.prompts.listed({"box": "below"}, OVERSEER)["reminders"][0]["words"] == "elsewhere"
    with pytest.raises(TongbanError, match="guard_failed"):
        town["village"].center.prompts.answer(row["id"], {"text": "再说一次"}, AGENT)
    assert town["township"].center.upkeep.verify()["ok"]


def test_no_clock_of_the_case_moves(town: Town) -> None:
    no = town.file("village")
    settled(town)
    with town["village"].center.store.reading() as view:
        before = view.cases.get(no)
    id = town["district"].center.prompts.send({"case_nos": [no], "text": WORDS}, OVERSEER)["sent"][0]["id"]
    settled(town)
    town["village"].center.prompts.answer(str(id), {"text": "好"}, AGENT)
    settled(town)
    for name in ("village", "district"):
        with town[name].center.store.reading() as view:
            assert view.cases.get(no) == before


def test_what_a_volunteer_found_is_recorded_answered_and_counted(town: Town) -> None:
    given = {"what": "volunteer", "to": town.code("township"), "text": "窗口上午无人值守", "source": "人大代表赵某"}
    assert town["district"].center.prompts.send(given, OVERSEER)["sent"][0]["id"]
    settled(town)
    (row,) = town["township"].center.prompts.listed({"box": "received", "what": "volunteer"}, HEAD)["reminders"]
    assert (row["source"], row["case_no"]) == ("人大代表赵某", None)
    town["township"].center.prompts.answer(row["id"], {"text": "已安排AB岗"}, HEAD)
    settled(town)
    counted = [
        town["district"].center.prompts.listed({"what": "volunteer", **more}, OVERSEER)["total"]
        for more in ({}, {"answered": "yes"}, {"answered": "no"})
    ]
    assert counted == [1, 1, 0]


def test_the_issuers_disk_burns_after_the_answer_came(town: Town, tmp_path: Path) -> None:
    no, copy = town.file("township"), tmp_path / "backup"
    settled(town)
    backup(town["district"].center.store, copy)
    id = str(town["district"].center.prompts.send({"case_nos": [no], "text": WORDS}, OVERSEER)["sent"][0]["id"])
    settled(town)
    town["township"].center.prompts.answer(id, {"text": "好"}, HEAD)
    settled(town)
    town.burn("district", copy)
    settled(town)
    (row,) = town["district"].center.prompts.listed({}, OVERSEER)["reminders"]
    assert (row["answer"], row["text"]) == ("好", WORDS)


def test_who_may_and_what_is_wrong(town: Town) -> None:
    no = town.file("village")
    settled(town)
    prompts = town["district"].center.prompts
    for given, field in (
        ({"text": WORDS}, "case_nos"), ({"case_nos": [no]}, "text"), ({"case_nos": [1], "text": WORDS}, "case_nos"),
        ({"case_nos": [no] * 201, "text": WORDS}, "case_nos"), ({"what": "volunteer", "to": town.code("township"), "text": "x"}, "source"),
        ({"what": "x", "case_nos": [no], "text": WORDS}, "what"), ({"case_nos": [no], "text": WORDS, "x": 1}, "x"),
    ):  # fmt: skip
        with pytest.raises(TongbanError) as refused:
            prompts.send(given, OVERSEER)
        assert field in refused.value.fields, given
    with pytest.raises(TongbanError, match="forbidden"):
        town["village"].center.prompts.send({"case_nos": [no], "text": WORDS}, AGENT)
    id = str(prompts.send({"case_nos": [no], "text": WORDS}, OVERSEER)["sent"][0]["id"])
    settled(town)
    with pytest.raises(TongbanError, match="not_found"):
        town["township"].center.prompts.answer(id, {"text": "好"}, HEAD)  # it is not for this unit
    with pytest.raises(TongbanError, match="forbidden"):
        town["village"].center.prompts.answer(id, {"text": "好"}, OVERSEER)
