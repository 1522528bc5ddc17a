"""申诉 between real nodes: filed below, decided and reviewed above, lapsed by its limits, and the card follows everywhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.supervision import query
from node.services.supervision.appeals import Appeals
from node.services.upkeep.backup import backup
from tests.network.test_heard import HOUR
from tests.network.test_signals import pass_days, sat_on
from tests.network.test_suspected import decide, look
from tests.support.network import FOUR, Town, four_tiers

OVERSEER, OTHER = Actor("s-overseer", Role.OVERSEER, "周督察"), Actor("s-overseer2", Role.OVERSEER, "吴督察")
HEAD = Actor("s-head", Role.DIRECTOR, "孙主任")
WORDS = "当日停电，系统无法登录，有供电所证明"
FILING: dict[str, Any] = {
    "ground": "outage", "text": WORDS, "evidence": ["供电所证明（纸质）", {"name": "照片.jpg", "content": base64.b64encode(b"photo").decode()}],
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def cards(town: Town, name: str, case: str, **given: str) -> dict[str, dict[str, Any]]:
    found = town[name].center.cards.listed({"case_no": case, **given}, OVERSEER)["cards"]
    return {one["was_rung"] or one["rung"]: dict(one) for one in found if one["rule"] == "T05" and one["served_by"]}


def states(town: Town, case: str, rung: str = "overdue") -> dict[str, str]:
    return {name: cards(town, name, case)[rung]["state"] for name in ("township", "district", "city")}


def carded(town: Town, rung: str = "overdue", case: str = "") -> tuple[str, str]:
    """(case, card) of a card against the township that came there just now."""
    case = case or sat_on(town)
    for _ in range(16):
        if rung in cards(town, "township", case):
            return case, cards(town, "township", case)[rung]["signal_id"]
        pass_days(town, 0.5, 12 * HOUR)
    raise AssertionError("no card")


def filed(town: Town, rung: str = "overdue", case: str = "") -> tuple[str, str]:
    case, card = carded(town, rung, case)
    made = town["township"].center.appeals.file(card, FILING, HEAD)
    town.heal()
    return case, made["appeal_id"]


def tell(town: Town, name: str, id: str, action: str, actor: Actor = OVERSEER, **given: object) -> dict[str, Any]:
    return dict(town[name].center.appeals.act(id, action, given, actor))


def seen(town: Town, name: str, id: str, actor: Actor = OVERSEER) -> dict[str, Any]:
    return dict(town[name].center.appeals.one(id, actor))


def later(town: Town, days: float) -> None:
    """Days go by, and every node looks at its limits."""
    for _ in range(int(days)):
        pass_days(town, 1, 12 * HOUR)
        for node in town.nodes.values():
            node.center.appeals.tick()
        town.heal()


def test_an_appeal_is_won_in_the_review_and_the_card_follows_at_every_tier(town: Town) -> None:
    case, id = filed(town)
    assert states(town, case) == dict.fromkeys(("township", "district", "city"), "appealed")
    assert cards(town, "city", case)["overdue"]["appeal_id"] == id
    before = town["township"].center.cases.case(case, HEAD)
    assert town["district"].center.appeals.waiting() == 1 and town["city"].center.appeals.waiting() == 0
    got = seen(town, "district", id)
    assert (got["state"], got["text"], got["actions"], got["evidence"][1]["size"]) == ("delivered", WORDS, ["decide"], 5)
    assert town["district"].center.appeals.evidence(id, 1, OVERSEER) == ("照片.jpg", b"photo")
    with pytest.raises(TongbanError, match="not_found"):
        town["district"].center.appeals.evidence(id, 0, OVERSEER)  # only its name
    assert "village" not in town.holders(WORDS)
    tell(town, "district", id, "decide", outcome="uphold", reason="其他窗口当日均正常办理")
    town.heal()
    assert states(town, case)["township"] == "appealed"  # it may still ask for a review
    assert seen(town, "township", id, HEAD)["actions"] == ["apply"]
    tell(town, "township", id, "apply", HEAD, text="只有本窗口断电")
    town.heal()
    assert town["city"].center.appeals.waiting() == 1 and seen(town, "city", id)["actions"] == ["review"]
    tell(town, "city", id, "review", outcome="revoke", reason="证明属实")
    town.heal()
    assert states(town, case) == dict.fromkeys(("township", "district", "city"), "revoked")
    last = seen(town, "township", id, HEAD)
    assert (last["state"], last["outcome"], last["actions"]) == ("final", "revoke", []) and last["final_at"]
    assert [one["text"] for one in last["history"] if one["text"]] == ["其他窗口当日均正常办理", "只有本窗口断电", "证明属实"]
    after = town["township"].center.cases.case(case, HEAD)
    assert (before["version"], before["due"], before["light"]) == (after["version"], after["due"], after["light"])
    pass_days(town, 4, 12 * HOUR)
    assert set(cards(town, "city", case)) == {"overdue"}  # of a limit of which a card was revoked no more is served
    assert {one["state"] for one in town["city"].center.cards.listed({"case_no": case, "rung": "red"}, OVERSEER)["cards"]} == {
        "revoked"
    }
    assert [
        one["kind"] for one in town["city"].center.findings.listed({}, OVERSEER)["findings"] if one["kind"].startswith("card_")
    ] == []
    for tier in FOUR:
        assert town[tier].center.upkeep.verify()["problems"] == [], tier


def test_who_may_not_appeal_and_when(town: Town) -> None:
    case, card = carded(town)
    below, above = town["township"].center.appeals, town["district"].center.appeals
    with pytest.raises(TongbanError, match="forbidden"):
        below.file(card, FILING, Actor("s-clerk", Role.CLERK))
    for id in (card[:-2] + "zz", "0" * 64):
        with pytest.raises(TongbanError, match="not_found"):
            below.file(id, FILING, HEAD)
    with pytest.raises(TongbanError, match="not_found"):
        above.file(card, FILING, HEAD)  # a card of another unit
    shown = town["township"].center.cards.listed({"case_no": case, "state": "shown"}, OVERSEER)["cards"]
    assert shown
    for one in shown:  # it has a page, but nobody served it
        with pytest.raises(TongbanError) as refused:
            below.file(one["signal_id"], FILING, HEAD)
        assert (refused.value.code, "没有送达" in refused.value.sentence("zh")) == ("guard_failed", True)
    for given, field in (
        ({}, "ground"), ({"ground": "x", "text": "x"}, "ground"), ({"ground": "other", "text": " "}, "text"), ({**FILING, "more": 1}, "more"),
        ({**FILING, "evidence": [{"name": "x"}]}, "evidence"), ({**FILING, "evidence": "x"}, "evidence"),
        ({**FILING, "evidence": [{"name": "x", "content": "AAAA" * 800_000}]}, "evidence"),
    ):  # fmt: skip
        with pytest.raises(TongbanError) as refused:
            below.file(card, given, HEAD)
        assert field in refused.value.fields, given
    assert [one["signal_id"] for one in below.open_cards(HEAD)["cards"]].count(card) == 1
    check_pages_of_open_cards(below, card)
    made = below.file(card, FILING, HEAD, idempotency_key="k")
    assert below.file(card, FILING, HEAD, idempotency_key="k") == made
    with pytest.raises(TongbanError, match="只能申诉一次"):
        below.file(card, FILING, HEAD)
    assert card not in [one["signal_id"] for one in below.open_cards(HEAD)["cards"]]
    pass_days(town, 5, 12 * HOUR)
    red = cards(town, "township", case)["red"]["signal_id"]
    pass_days(town, 6, 12 * HOUR)
    with pytest.raises(TongbanError, match="3个工作日"):
        below.file(red, FILING, HEAD)
    assert below.open_cards(HEAD)["cards"] == []


def check_pages_of_open_cards(below: Appeals, card: str) -> None:
    """Each once, whatever is asked for first; one that is asked for by itself; a place that is none."""
    whole, cursor, seen = below.open_cards(HEAD)["cards"], "", list[str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "PAGE", 1)
        for _ in range(len(whole)):
            page = below.open_cards(HEAD, cursor)
            seen += [one["signal_id"] for one in page["cards"]]
            assert page["total"] == len(whole) and (page["next"] is None) == (len(seen) == len(whole))
            cursor = page["next"] or ""
    assert seen == [one["signal_id"] for one in whole] and len(seen) > 0
    assert [one["signal_id"] for one in below.open_cards(HEAD, "", card)["cards"]] == [card]
    with pytest.raises(TongbanError, match="invalid_input"):
        below.open_cards(HEAD, "0")


def test_a_decision_moves_a_card_or_makes_it_a_warning(town: Town) -> None:
    case, id = filed(town)
    above = town["district"].center
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"outcome": "reassign", "reason": "x"}, "unit"), ({"outcome": "reassign", "unit": "999", "reason": "x"}, "unit"),
        ({"outcome": "uphold", "unit": FOUR["village"], "reason": "x"}, "unit"), ({"outcome": "uphold"}, "reason"), ({"reason": "x"}, "outcome"),
    )  # fmt: skip
    for given, code in wrong:
        with pytest.raises(TongbanError) as refused:
            tell(town, "district", id, "decide", **given)
        assert code in refused.value.fields, given
    with pytest.raises(TongbanError, match="只能改定"):
        tell(town, "district", id, "decide", outcome="reassign", unit=FOUR["city"], reason="x")
    with pytest.raises(TongbanError, match="forbidden"):
        tell(town, "district", id, "decide", Actor("s-clerk", Role.CLERK), outcome="uphold", reason="x")
    with pytest.raises(TongbanError, match="not_found"):
        tell(town, "city", id, "decide", outcome="uphold", reason="x")
    tell(town, "district", id, "decide", outcome="reassign", unit=FOUR["village"], reason="材料在代办站滞留")
    town.heal()
    _, other = filed(town, "yellow", case)
    tell(town, "district", other, "decide", outcome="downgrade", reason="情节轻微")
    town.heal()
    later(town, 7)  # nobody asks for a review
    found = cards(town, "city", case)["overdue"]
    assert (found["state"], found["unit"], found["moved_from"]) == ("moved", FOUR["village"], FOUR["township"])
    assert town["city"].center.cards.listed({"case_no": case, "node": FOUR["village"], "rung": "overdue"}, OVERSEER)["total"] == 1
    assert above.cards.listed({"case_no": case, "state": "moved"}, OVERSEER)["total"] == 1
    assert seen(town, "township", id, HEAD)["lapsed"] == "unapplied"
    found = cards(town, "city", case)["yellow"]
    assert (found["state"], found["rung"], found["was_rung"]) == ("in_force", "warn", "yellow")
    assert town["city"].center.cards.listed({"case_no": case, "rung": "yellow"}, OVERSEER)["total"] == 0


def test_who_lets_his_days_pass_has_lost_and_only_when_he_is_known_past_them(town: Town) -> None:
    case, id = filed(town)
    town.cut("district")  # the city does not hear the district any more
    for _ in range(10):
        pass_days(town, 1, 12 * HOUR)
        for node in town.nodes.values():
            node.center.appeals.tick()
    assert seen(town, "city", id)["state"] == "delivered" and seen(town, "city", id)["unknown_since"]
    with pytest.raises(TongbanError, match="视为成立"):
        tell(town, "district", id, "decide", outcome="uphold", reason="x")
    town.heal()
    later(town, 1)
    for name in ("township", "district", "city"):
        assert (seen(town, name, id)["lapsed"], cards(town, name, case)["overdue"]["state"]) == ("undecided", "revoked"), name


def test_a_decision_signed_in_time_behind_a_dead_line_holds(town: Town) -> None:
    case, id = filed(town)
    town.cut("district")
    tell(town, "district", id, "decide", outcome="uphold", reason="照章")
    for _ in range(10):
        pass_days(town, 1, 12 * HOUR)
        for node in town.nodes.values():
            node.center.appeals.tick()
    town.heal()
    later(town, 1)
    assert (seen(town, "city", id)["outcome"], seen(town, "city", id)["lapsed"]) == ("uphold", "unapplied")
    assert states(town, case) == dict.fromkeys(("township", "district", "city"), "in_force")


def test_the_disk_of_who_appealed_burns_and_the_appeal_comes_back(town: Town, tmp_path: Path) -> None:
    case, card = carded(town)
    backup(town["township"].center.store, tmp_path / "copy")
    id = town["township"].center.appeals.file(card, FILING, HEAD)["appeal_id"]
    town.heal()
    town.burn("township", tmp_path / "copy")
    town.heal()
    later(town, 1)
    assert seen(town, "township", id, HEAD)["text"] == WORDS and states(town, case)["township"] == "appealed"


@pytest.mark.parametrize("where", ["district", "city"])
def test_who_confirmed_a_finding_does_not_decide_and_where_he_is_alone_the_parent_does(town: Town, where: str) -> None:
    case = town.file("township", "ZW186")
    town.do("township", case, "accept")
    decide(town, case)
    look(town)
    row = town[where].center.findings.listed({"rule": "L02"}, OVERSEER)["findings"][0]
    town[where].center.findings.confirm(row["finding_id"], {"state": "confirmed", "reason": "调阅案卷属实"}, OVERSEER)
    for _ in range(2):
        look(town)
    (card,) = town["township"].center.cards.listed({"case_no": case, "rule": "L02"}, HEAD)["cards"]
    id = town["township"].center.appeals.file(card["signal_id"], FILING, HEAD)["appeal_id"]
    town.heal()
    if where == "district":
        with pytest.raises(TongbanError, match="认定这个问题的人"):
            tell(town, "district", id, "decide", outcome="uphold", reason="x")
    town["district"].center.appeals.tick()
    town.heal()
    decider = "city" if where == "district" else "district"  # at the district nobody else has an account
    assert seen(town, "city", id)["decider"]["node"] == FOUR[decider]
    assert tell(town, decider, id, "decide", OTHER, outcome="revoke", reason="属实")["state"] == "final"
    town.heal()
    assert {town[name].center.cards.one(card["signal_id"], HEAD)["state"] for name in ("township", "district", "city")} == {
        "revoked"
    }
