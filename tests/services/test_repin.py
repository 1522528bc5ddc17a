"""A case whose item changed between filing and acceptance (DOMAIN 0.11): pinned at acceptance, moved to the new list before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.words.errors import TongbanError
from tests.support.follow import Materials, republish
from tests.support.network import AGENT, CLERK, EXAMINER, Town, four_tiers

ITEM = "ZW168"  # 申请表, 申请人身份证, 营业执照或主体资格证明, 场所使用证明（…）: ten working days
PHOTO = b"\xff\xd8\xff\xe0new" + bytes(range(256)) * 40


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def shown(town: Town, at: str, case_no: str) -> Any:
    return town[at].center.cases.case(case_no, CLERK)


def changed(given: Materials) -> Materials:
    """The identity card goes, the licence stands first under another name, a sketch is new."""
    form, _, licence, lease = given
    return [{**licence, "name": "营业执照"}, form, lease, {"name": "店铺位置图", "form": "copy", "copies": 1, "required": True}]


def paper(town: Town, case_no: str, *pairs: str) -> None:
    town.act("township", case_no, "record_papers", CLERK, papers=",".join(pairs))


def names(case: Any) -> dict[str, tuple[str, str]]:
    return {row["material"]: (row["name"], row["held"]) for row in case["materials"]}


def test_the_version_in_force_is_pinned_with_the_acceptance(town: Town) -> None:
    """Only the promise changed: nobody has to look again, and the promise is the published one."""
    case_no, before = town.file("township", ITEM, CLERK), town.file("township", ITEM, CLERK)
    town.act("township", before, "accept", CLERK)
    version = shown(town, "township", case_no)["item_version"]
    republish(town, ITEM, promised_limit_workdays="5")
    case = shown(town, "township", case_no)
    assert [one["field"] for one in case["item_update"]["changes"]] == ["promised_limit"] and case["item_update"][
        "materials"
    ] == []
    accepted = town.act("township", case_no, "accept", CLERK)
    assert (accepted["item_version"] > version, accepted["due"], accepted["item_update"]) == (True, "2026-03-09", None)
    assert "5个工作日" in str(town["township"].center.papers.show(case_no, "acceptance", CLERK)["blocks"])
    running = shown(town, "township", before)
    assert (running["item_version"], running["due"], running["item_update"]) == (version, "2026-03-16", None), (
        "it stays on its own"
    )
    town.heal()
    for name in ("district", "city"):
        assert (shown(town, name, case_no)["due"], shown(town, name, case_no)["findings"]) == ("2026-03-09", []), name
    town.act("township", case_no, "undo", CLERK, reason="点错了")
    assert shown(town, "township", case_no)["item_version"] == version and shown(town, "township", case_no)["item_update"]


def test_a_changed_list_is_looked_at_first_and_every_material_keeps_its_file(town: Town) -> None:
    case_no = town.file("township", ITEM, CLERK)
    paper(town, case_no, "1:1", "2:3")
    put = town["township"].center.materials.put
    put(case_no, "3", CLERK, 0, PHOTO[:1004], 1004, "lease.jpg", "image/jpeg")
    republish(town, ITEM, changed)
    case = shown(town, "township", case_no)
    assert [(one["name"], one["was"]) for one in case["item_update"]["materials"]] == [
        ("营业执照", None), ("申请表", "0"), ("场所使用证明（产权证明或租赁合同）", "3"), ("店铺位置图", None),
    ]  # fmt: skip
    assert "accept" not in town.offered("township", case_no, CLERK)
    with pytest.raises(TongbanError) as first:
        town.act("township", case_no, "accept", CLERK)
    assert "改按现行规定办理" in first.value.sentence("zh")
    version = case["item_update"]["version"]
    for fields in (
        {"item_version": version - 1},
        {"item_version": version, "mapping": "9:0"},
        {"item_version": version, "mapping": "1:1"},
    ):
        with pytest.raises(TongbanError, match="guard_failed"):
            town.act("township", case_no, "repin", CLERK, reason="指南更新", **fields)
    moved = town.act("township", case_no, "repin", CLERK, item_version=version, reason="指南更新", mapping="2:0")
    assert moved["item_version"] == version and moved["item_update"] is None
    assert names(moved) == {
        "0": ("营业执照", "paper"), "1": ("申请表", "file"), "2": ("场所使用证明（产权证明或租赁合同）", "file"),
        "3": ("店铺位置图", "missing"), f"v{version - 1}.1": ("申请人身份证", "paper"),
    }  # fmt: skip
    read = town["township"].center.materials.read(case_no, "2", 0, 4000, CLERK)[0]
    assert read == PHOTO[:1004]
    told = {row["action"]: row["told"] for row in moved["timeline"]}
    (papers,) = [one["value"] for one in told["papers_recorded"] if one["name"] == "papers"]
    assert papers == "申请人身份证、营业执照或主体资格证明", "what was written before is told by the list of its time"

    with pytest.raises(TongbanError, match="guard_failed"):
        town.act("township", case_no, "accept", CLERK)
    paper(town, case_no, "3:1")
    accepted = town.act("township", case_no, "accept", CLERK)
    assert accepted["status"] == "accepted" and accepted["item_version"] == version
    notice = str(town["township"].center.papers.show(case_no, "acceptance", CLERK)["blocks"])
    assert "店铺位置图" in notice and "申请人身份证" in notice
    town.heal()
    for name in ("district", "city"):
        assert (shown(town, name, case_no)["item_version"], shown(town, name, case_no)["findings"]) == (version, []), name
    assert town["township"].center.upkeep.verify()["problems"] == []
    with pytest.raises(TongbanError, match="illegal_action"):
        town.act("township", case_no, "repin", CLERK, item_version=version, reason="再改")
    town.act("township", case_no, "complete_step", EXAMINER, opinion="符合条件")


def test_a_file_asked_for_under_the_old_list_lands_where_it_belongs(town: Town) -> None:
    """The village sent a photograph while its line was down, and the township moved the case meanwhile."""
    item = "ZW007"
    case_no = town.file("village", item)
    town.act("village", case_no, "hand_over")
    town.heal()
    town.act("township", case_no, "receive", CLERK)
    town.heal()
    town.cut("village")
    names_before = [row["name"] for row in shown(town, "township", case_no)["materials"]]
    sent = town["village"].center.materials.put(case_no, "1", AGENT, 0, PHOTO[:1002], 1002, "a.jpg", "image/jpeg")
    assert "request" in sent
    republish(town, item, lambda given: given[::-1])
    version = shown(town, "township", case_no)["item_update"]["version"]
    town.act("township", case_no, "repin", CLERK, item_version=version, reason="指南更新")
    town.connect()
    town.heal()
    rows = {row["name"]: row for row in shown(town, "township", case_no)["materials"]}
    assert rows[names_before[1]]["state"] == "here" and rows[names_before[0]]["state"] == "declared"
