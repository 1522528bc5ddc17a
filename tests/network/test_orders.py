"""督办单 between real nodes: down the tree and back over three tiers, with lines cut, limits passed, the receiver's disk burnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_ui.papers.font import known
from edge_ui.papers.lines import printable
from edge_ui.papers.pdf import pdf_of
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup
from tests.network.test_siblings import settled
from tests.support.network import DAY, Town

WORDS = "请查明大智街道居住证办理超期的原因，并说明窗口排班"
OVERSEER = Actor("s-overseer", Role.OVERSEER, "周督察")
HEAD = Actor("s-head", Role.DIRECTOR, "孙主任")
AGENT = Actor("s-agent", Role.AGENT, "王站长")
REPLY: dict[str, Any] = {
    "result": "已办结",
    "cause": "经办人休假",
    "responsible": "刘洋，已批评",
    "measures": "设AB岗",
    "attachments": ["排班表"],
}
LAYOUT = "tree"


def draft(town: Town, name: str, to: str, **more: object) -> str:
    given = {"to": town.code(to), "demand": WORDS, **more}
    return town[name].center.orders.draft(given, OVERSEER)["order_id"]


def do(town: Town, name: str, id: str, action: str, actor: Actor | None = None, **given: object) -> dict[str, Any]:
    person = actor or (OVERSEER if action in ("sign", "close", "return", "circulate") else HEAD)
    return dict(town[name].center.orders.act(id, action, given, person))


def signed(town: Town, name: str, to: str, **more: object) -> str:
    id = draft(town, name, to, **more)
    do(town, name, id, "sign")
    return id


def seen(town: Town, name: str, id: str, actor: Actor = HEAD) -> dict[str, Any]:
    return dict(town[name].center.orders.one(id, actor))


def state(town: Town, name: str, id: str) -> str:
    return str(seen(town, name, id)["state"])


def pass_days(town: Town, days: int) -> None:
    """Days go by with lines as they are; who is on the line speaks, and everybody looks at the clock."""
    for _ in range(days):
        town.world.advance(DAY - 30 * 60_000)
        for _ in range(3):
            town.world.advance(10 * 60_000)
            for node in town.nodes.values():
                node.center.hearing.tick()
            town.settle()
        for node in town.nodes.values():
            node.center.tick()
        town.settle()


def test_an_order_goes_down_three_tiers_is_answered_and_closed(town: Town) -> None:
    id = draft(town, "city", "village")
    with pytest.raises(TongbanError, match="not_found"):
        seen(town, "village", id)  # nobody knows of a draft
    made = do(town, "city", id, "sign")
    assert (made["state"], made["number"]) == ("signed", "420100000000督〔2026〕1号")
    settled(town)
    assert state(town, "city", id) == state(town, "village", id) == "delivered"
    assert town.holders(WORDS) == {"city", "village"}  # who carried the words keeps none
    assert town["village"].center.orders.waiting() == 1
    do(town, "village", id, "receive", AGENT)
    do(town, "village", id, "reply", AGENT, **REPLY)
    settled(town)
    got = seen(town, "city", id)
    assert got["state"] == "replied" and got["in_time"] is True and got["replies"][0]["cause"] == "经办人休假"
    assert town.holders("经办人休假") == {"city", "village"}
    do(town, "city", id, "close", opinion="情况属实，同意核销")
    settled(town)
    assert {state(town, name, id) for name in ("city", "district", "township", "village")} == {"closed"}
    assert seen(town, "district", id)["words"] == "elsewhere" and seen(town, "district", id)["demand"] == ""
    for name in ("township2", "village2", "village3"):
        with pytest.raises(TongbanError, match="not_found"):
            seen(town, name, id)
    assert town["village"].center.orders.waiting() == 0


def test_with_the_line_down_for_days_nobody_is_late_and_the_limit_runs_from_its_coming(town: Town) -> None:
    town.cut("township")
    id = signed(town, "district", "village")
    pass_days(town, 12)
    assert state(town, "district", id) == "signed" and seen(town, "district", id)["due"] is None
    settled(town)
    got = seen(town, "district", id)
    assert got["state"] == "delivered" and got["due"] > got["reply_by"] and not got["history"][0]["rung"]
    assert [one["kind"] for one in got["history"]] == ["order_signed", "note_received"]


def test_a_unit_that_is_cut_off_after_it_came_is_unknown_and_not_late(town: Town) -> None:
    id = signed(town, "district", "township")
    settled(town)
    do(town, "township", id, "receive")
    town.cut("township")
    do(town, "township", id, "reply", **REPLY)  # in time, and nobody above knows
    pass_days(town, 20)
    got = seen(town, "district", id)
    assert got["unknown_since"] and not [one for one in got["history"] if one["rung"]]
    settled(town)
    got = seen(town, "district", id)
    assert (got["state"], got["in_time"], got["unknown_since"]) == ("replied", True, None)


def test_what_is_not_signed_not_answered_is_reminded_of_and_circulated_by_its_limits(town: Town) -> None:
    id = signed(town, "district", "township")
    settled(town)
    rungs: list[tuple[str, ...]] = []
    for _ in range(16):
        pass_days(town, 1)
        got = seen(town, "district", id)
        found = tuple(one["rung"] or one["kind"] for one in got["history"] if one["rung"] or one["kind"] == "order_circulated")
        if not rungs or rungs[-1] != found:
            rungs.append(found)
    assert rungs == [(), ("unsigned",), ("unsigned", "unanswered"), ("unsigned", "unanswered", "order_circulated")]
    for name in ("district", "township", "city"):  # one yellow card, by the parent of the unit, known at every tier
        (card,) = town[name].center.cards.listed({"rule": "order"}, OVERSEER)["cards"]
        assert (card["rung"], card["state"], card["unit"], card["served_by"]) == (
            "yellow",
            "in_force",
            town.code("township"),
            town.code("district"),
        )
        assert card["subject"] == {"type": "order", "id": id} and card["order_id"] == id and card["due"] == got["due"]
    settled(town)
    assert state(town, "township", id) == state(town, "township2", id) == "circulated"  # a circular is for all children
    do(town, "township", id, "reply", **REPLY)
    settled(town)
    assert do(town, "district", id, "close")["state"] == "closed"


def test_it_is_returned_once_and_a_reply_that_crossed_does_not_answer_the_return(town: Town) -> None:
    id = signed(town, "district", "township")
    settled(town)
    do(town, "township", id, "receive")
    do(town, "township", id, "reply", **REPLY)
    settled(town)
    do(town, "district", id, "return", reason="没有说明责任人")
    settled(town)
    assert state(town, "township", id) == "returned"
    do(town, "township", id, "reply", **{**REPLY, "responsible": "刘洋、郑浩"})
    settled(town)
    assert [one["responsible"] for one in seen(town, "district", id)["replies"]] == ["刘洋，已批评", "刘洋、郑浩"]
    with pytest.raises(TongbanError, match="guard_failed"):
        do(town, "district", id, "return", reason="再来")
    assert do(town, "district", id, "circulate", reason="整改不力")["state"] == "circulated"


def test_nothing_of_it_touches_the_case_and_its_clocks(town: Town) -> None:
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    town.do("township", no, "receive")
    town.do("township", no, "accept")
    town.heal()

    def case(name: str) -> dict[str, Any]:
        found = dict(town[name].center.cases.case(no, HEAD))
        return {key: value for key, value in found.items() if key not in ("as_of", "time_split", "timeline")}

    with town["township"].center.store.reading() as view:
        before, folded = case("township"), view.cases.get(no)
    id = town["district"].center.orders.draft({"case_no": no, "demand": WORDS}, OVERSEER)["order_id"]
    do(town, "district", id, "sign")
    settled(town)
    do(town, "township", id, "receive")
    do(town, "township", id, "reply", **REPLY)
    settled(town)
    do(town, "district", id, "close")
    settled(town)
    with town["township"].center.store.reading() as view:
        assert view.cases.get(no) == folded
    after = case("township")
    assert after == before
    assert seen(town, "township", id)["unit"]["node"] == town.code("township")  # who has it, by the case


def test_the_receivers_disk_burns_between_reply_and_close(town: Town, tmp_path: Path) -> None:
    id = signed(town, "district", "township")
    settled(town)
    copy = tmp_path / "backup"
    backup(town["township"].center.store, copy)
    do(town, "township", id, "receive")
    do(town, "township", id, "reply", **REPLY)
    settled(town)
    town.burn("township", copy)
    assert state(town, "township", id) in ("signed", "delivered")
    settled(town)
    got = seen(town, "township", id)
    assert (got["state"], got["replies"][0]["cause"]) == ("replied", "经办人休假")
    with pytest.raises(TongbanError, match="guard_failed"):
        do(town, "township", id, "reply", **REPLY)
    do(town, "district", id, "close")
    settled(town)
    assert state(town, "township", id) == "closed"


def test_the_issuers_disk_burns_and_no_number_comes_twice(town: Town, tmp_path: Path) -> None:
    copy = tmp_path / "backup"
    backup(town["district"].center.store, copy)
    first = signed(town, "district", "township")
    settled(town)
    town.burn("district", copy)
    second = signed(town, "district", "township")
    settled(town)
    numbers = [seen(town, "township", id)["number"] for id in (first, second)]
    assert len(set(numbers)) == 2 and state(town, "district", first) == "delivered"


def test_an_order_to_the_own_hall(town: Town) -> None:
    id = signed(town, "district", "district")
    assert state(town, "district", id) == "delivered"
    do(town, "district", id, "receive")
    do(town, "district", id, "reply", **REPLY)
    with pytest.raises(TongbanError, match="guard_failed"):
        do(town, "district", id, "close", HEAD)  # nobody writes off his own reply
    assert do(town, "district", id, "close")["state"] == "closed"
    settled(town)


def test_who_may_and_in_which_order_it_is_asked(town: Town) -> None:
    id = signed(town, "district", "township")
    settled(town)
    clerk = Actor("s-clerk", Role.EXAMINER, "李")
    for name, action, actor, expected in (
        ("village", "sign", HEAD, "forbidden"),  # a village has nobody below
        ("district", "sign", clerk, "forbidden"),
        ("township", "reply", OVERSEER, "forbidden"),  # who supervises does not answer for the unit
        ("district", "reply", HEAD, "not_found"),  # it is not the unit
        ("township", "close", OVERSEER, "not_found"),  # nor this the issuer
        ("village3", "receive", AGENT, "not_found"),
        ("township", "reply", HEAD, "guard_failed"),  # received first
    ):
        with pytest.raises(TongbanError, match=expected):
            do(town, name, id, action, actor, **(REPLY if action == "reply" else {}))
    with pytest.raises(TongbanError, match="guard_failed"):
        draft(town, "township", "township2")  # not below
    with pytest.raises(TongbanError, match="unknown_division"):
        town["township"].center.orders.draft({"to": "420199999999", "demand": WORDS}, OVERSEER)


def test_the_same_request_twice_is_one_order(town: Town) -> None:
    orders = town["district"].center.orders
    given = {"to": town.code("township"), "demand": WORDS}
    one, two = (orders.draft(given, OVERSEER, idempotency_key="k")["order_id"] for _ in range(2))
    assert one == two
    for _ in range(2):
        assert orders.act(one, "sign", {}, OVERSEER, idempotency_key="s")["state"] == "signed"
    with pytest.raises(TongbanError, match="idempotency_conflict"):
        orders.draft({**given, "urgent": True}, OVERSEER, idempotency_key="k")


def test_its_paper_says_what_stands_and_what_was_written_on_it(town: Town) -> None:
    no = town.file("village")
    town.heal()
    pass_days(town, 2)
    id = town["district"].center.orders.draft({"case_no": no, "demand": WORDS, "urgent": True}, OVERSEER)["order_id"]
    preview = town["district"].center.orders.paper(id, OVERSEER)
    assert preview["state"] == "preview" and preview["number"] == ""
    do(town, "district", id, "sign")
    settled(town)
    do(town, "village", id, "receive", AGENT)
    do(town, "village", id, "reply", AGENT, **REPLY)
    settled(town)
    do(town, "district", id, "close", opinion="同意")
    settled(town)
    for name in ("district", "village"):
        paper = town[name].center.orders.paper(id, HEAD)
        text = str(paper["blocks"])
        assert paper["number"] == "420102000000督〔2026〕1号" and all(
            word in text
            for word in (no, WORDS, "周督察", "■急件", "经办人休假", "排班表", "■同意核销", "该件尚未受理", "分段用时")
        )
        assert "欧阳" not in text and "420106198702079963" not in text  # nothing of the applicant
        assert pdf_of(paper, "").startswith(b"%PDF") and all(
            printable(text, known()) == text for text in ("■□　", paper["number"])
        )
    with pytest.raises(TongbanError, match="no_such_paper"):
        town["township"].center.orders.paper(id, HEAD)


def test_the_tables_of_orders_are_made_anew_as_they_were(town: Town) -> None:
    id = signed(town, "district", "village")
    settled(town)
    do(town, "village", id, "receive", AGENT)
    settled(town)
    for name in ("district", "township", "village", "city"):
        assert town[name].center.upkeep.verify()["ok"]
