"""The authority record on a real network: it flows down, and organ, title, remedy and number of every paper follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import SYSTEM, Actor, Role
from node.domain.words.errors import TongbanError
from tests.support.network import APPROVER, CLERK, EXAMINER, Town, four_tiers

HEAD = "node_code,item_id,department,way,organ,organ_code,asked_organ,asked_code,series,review_organ,court\n"
DISTRICT = "420102000000,,公安局,own,武汉市公安局江岸区分局,岸公,,,,武汉市人民政府,武汉铁路运输法院\n"
TOWNSHIP = "420102002000,,公安局,online,武汉市公安局江岸区分局,岸公,大智街道办事处,岸大智,DZJ,武汉市人民政府,武汉铁路运输法院\n"
RECORD = (HEAD + DISTRICT + TOWNSHIP).encode()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


@pytest.fixture
def recorded(town: Town) -> Town:
    town["city"].center.authority.publish(RECORD, SYSTEM)
    town.heal()
    return town


def of_police(town: Town, category: str = "行政许可") -> str:
    return next(
        str(one["item_id"])
        for one in town["township"].center.catalog.documents()
        if one["department"] == "公安局" and one["category"] == category and "township" in one["accept_levels"]
    )


def accepted(town: Town, item: str) -> str:
    no = town.file("township", item, actor=CLERK)
    town.act("township", no, "accept", CLERK)
    return no


def decide(town: Town, no: str, action: str = "approve") -> None:
    town.do("township", no, "complete_step", EXAMINER)
    town.do("township", no, "refer", APPROVER)
    town.heal()
    while "complete_step" in town.offered("district", no, EXAMINER):
        town.do("district", no, "complete_step", EXAMINER)
    for act in ("offer_statement", "record_statement", "refuse") if action == "refuse" else (action,):
        town.do("district", no, act, APPROVER)


def test_the_record_flows_down_and_a_missing_row_is_told(town: Town) -> None:
    township = town["township"].center
    assert {one["why"] for one in township.authority.missing()} == {"none"}
    town["city"].center.authority.publish(RECORD, SYSTEM)
    town.heal()
    assert township.authority.document(CLERK)["revision"] == 1
    assert not any(one["department"] == "公安局" for one in township.authority.missing())
    assert town["village"].center.authority.missing() == []


def test_two_offices_in_one_organs_name_never_print_one_number(recorded: Town) -> None:
    item = of_police(recorded)
    no = accepted(recorded, item)
    lower = recorded["township"].center.papers.issue(no, "acceptance", CLERK).document
    assert lower["number"] == "岸公受字〔2026〕第DZJ-1号"
    assert (lower["organ"], lower["by"]) == ("武汉市公安局江岸区分局", recorded["township"].center.name)
    own = recorded.file("district", item, actor=CLERK)
    recorded.act("district", own, "accept", CLERK)
    upper = recorded["district"].center.papers.issue(own, "acceptance", CLERK).document
    assert (upper["number"], upper["by"]) == ("岸公受字〔2026〕第1号", "")


def test_a_decision_is_called_by_the_category_and_cited_by_its_number_everywhere(recorded: Town) -> None:
    no = accepted(recorded, of_police(recorded))
    decide(recorded, no)
    decision = recorded["district"].center.papers.issue(no, "decision", APPROVER).document
    assert (decision["title"], decision["number"]) == ("准予行政许可决定书", "岸公许准字〔2026〕第1号")
    assert "六十日内向武汉市人民政府申请行政复议" in str(decision["blocks"]) and "直接向武汉铁路运输法院" in str(
        decision["blocks"]
    )
    recorded.act("district", no, "conclude", CLERK, sealed=True)
    recorded.heal()
    served = recorded["township"].center.papers.show(no, "delivery", CLERK)
    assert "岸公许准字〔2026〕第1号" in str(served["blocks"]) and served["copies"] == "本回证一份，存卷。"
    for name in ("village", "township", "district", "city"):
        found = recorded[name].center.papers.verify(decision["code"])
        assert name == "village" or (found["result"], found["number"]) == ("genuine", decision["number"])
    issued = recorded["township"].center.papers.issue(no, "delivery", CLERK).document
    assert issued["number"] == "岸公送字〔2026〕第DZJ-1号"


def test_grants_and_refusals_have_series_of_their_own(recorded: Town) -> None:
    numbers = []
    for action in ("approve", "refuse", "approve"):
        no = accepted(recorded, of_police(recorded))
        decide(recorded, no, action)
        numbers.append(recorded["district"].center.papers.issue(no, "decision", APPROVER).document["number"])
    assert numbers == ["岸公许准字〔2026〕第1号", "岸公许不字〔2026〕第1号", "岸公许准字〔2026〕第2号"]


def test_an_organ_does_not_send_people_to_itself(recorded: Town) -> None:
    no = recorded.file("township", of_police(recorded), actor=CLERK)
    with pytest.raises(TongbanError, match="guard_failed") as caught:
        recorded.act("township", no, "not_accept", CLERK, competent_organ="大智街道办事处", reason="不属本机关")
    assert "不能填本机关" in caught.value.sentence() and "the organ itself" in caught.value.sentence("en")
    recorded.act("township", no, "not_accept", CLERK, competent_organ="武汉市公安局江岸区分局", reason="不属本机关")
    paper = recorded["township"].center.papers.issue(no, "not_accepted", CLERK).document
    assert (paper["organ"], paper["number"], paper["by"]) == ("大智街道办事处", "岸大智不受字〔2026〕第1号", "")


def test_the_record_is_published_by_the_root_and_read_by_everybody_who_reads_the_catalog(town: Town) -> None:
    with pytest.raises(TongbanError, match="wrong_tier"):
        town["district"].center.authority.publish(RECORD, SYSTEM)
    with pytest.raises(TongbanError, match="forbidden"):
        town["city"].center.authority.publish(RECORD, Actor("s-c", Role.CLERK))
    assert town["city"].center.authority.publish(RECORD, SYSTEM) == {"records": 2, "changed": True, "revision": 1}
    assert town["city"].center.authority.publish(RECORD, SYSTEM)["changed"] is False


def test_a_file_is_shown_as_a_difference_first(recorded: Town) -> None:
    city = recorded["city"].center.authority
    seen = city.preview((HEAD + DISTRICT.replace("岸公", "江公")).encode(), SYSTEM)
    assert [(one["kind"], one["node"]) for one in seen["differences"]] == [
        ("changed", "420102000000"),
        ("removed", "420102002000"),
    ]
    assert seen["removed"] == 1 and city.preview(RECORD, SYSTEM)["differences"] == []
    assert city.preview(b"x", SYSTEM)["errors"][0]["line"] == 1
    stranger = city.preview((HEAD + DISTRICT.replace("420102000000", "420199000000")).encode(), SYSTEM)
    assert stranger["unknown"] == ["420199000000"]


def test_the_record_of_the_demo_names_every_office_and_item(town: Town) -> None:
    from node.services.catalog.shipped import AUTHORITY

    town["city"].center.authority.publish(AUTHORITY.read_bytes(), SYSTEM)
    town.heal()
    for name in ("city", "district", "township"):
        assert town[name].center.authority.missing() == [], name


def test_what_the_approver_types_of_a_grant_stands_on_the_paper(recorded: Town) -> None:
    no = recorded.file("district", of_police(recorded), actor=CLERK)
    recorded.act("district", no, "accept", CLERK)
    while "complete_step" in recorded.offered("district", no, EXAMINER):
        recorded.do("district", no, "complete_step", EXAMINER)
    typed = {"scope": "准予迁入大智街道", "certificate": "户口准迁证第7号", "validity": "自2026年3月2日至2026年4月1日"}
    recorded.act("district", no, "approve", APPROVER, opinion="同意", **typed)
    words = str(recorded["district"].center.papers.issue(no, "decision", APPROVER).document["blocks"])
    assert all(text in words for text in typed.values()) and "同意" not in words


POSTED = TOWNSHIP.replace(",online,", ",posted,")


def test_posted_people_decide_at_the_township_in_the_upper_organs_name(town: Town) -> None:
    """派员联办: nothing is referred; every tier knows that it was decided by right, also after the record has changed."""
    item = of_police(town)
    before = accepted(town, item)
    assert "refer" not in town.offered("township", before, APPROVER)
    town.act("township", before, "complete_step", EXAMINER, opinion="符合条件")
    assert "refer" in town.offered("township", before, APPROVER), "without a record it is the district's"
    town["city"].center.authority.publish((HEAD + DISTRICT + POSTED).encode(), SYSTEM)
    town.heal()
    no = accepted(town, item)
    township = town["township"].center
    case = township.cases.case(no, CLERK)
    assert not case["item_update"] and [row["step"] for row in case["tracker"] if row["step"] == "referred"] == []
    while "complete_step" in town.offered("township", no, EXAMINER):
        town.do("township", no, "complete_step", EXAMINER)
    assert "refer" not in town.offered("township", no, APPROVER)
    town.do("township", no, "approve", APPROVER)
    paper = township.papers.issue(no, "decision", APPROVER).document
    assert paper["organ"] == "武汉市公安局江岸区分局" and "岸公许准字〔2026〕第DZJ-1号" in paper["number"]
    town.heal()

    def clear() -> None:
        for name in ("township", "district", "city"):
            found = town[name].center.cases.case(no, CLERK)
            assert (found["doubted"], found["findings"], found["status"]) == ([], [], "approved"), name

    clear()
    town.world.advance(3 * 86_400_000)
    town["city"].center.authority.publish(RECORD, SYSTEM, replace=True)
    town.heal()
    for name in ("township", "district", "city"):
        town[name].center.tick()
        town[name].center.upkeep.rebuild()
    clear()
    again = accepted(town, item)
    town.act("township", again, "complete_step", EXAMINER, opinion="符合条件")
    assert "refer" in town.offered("township", again, APPROVER)
