"""Acts that are issued with their paper, on a real network: 特别程序所需时间告知书, 延期通知书; and what ends or resumes a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.services.upkeep.verification import rebuild, verify
from tests.services.test_catalog_service import file, row
from tests.support.follow import republish
from tests.support.network import AGENT, APPROVER, CLERK, DAY, EXAMINER, Town, four_tiers

PATH = ("village", "township", "district", "city")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def licence(town: Town) -> str:
    """An accepted licence of the district, that a village agent handed in."""
    item = next(
        one["item_id"]
        for one in town["district"].center.catalog.documents()
        if one["regime"] == "licence" and one["approval_level"] == "district" and one["statutory_limit"] in (None, 20)
        and "district" in one["accept_levels"] and one["case_type"] == "commitment" and not one["special_steps"]
    )  # fmt: skip
    no = town.file("district", item, actor=CLERK)
    town.act("district", no, "accept", CLERK)
    return no


def words(town: Town, name: str, no: str, paper: str) -> str:
    shown = town[name].center.papers.show(no, paper, CLERK)
    return str(shown["title"]) + str(shown["blocks"])


def stop(town: Town, no: str, **fields: object) -> None:
    given = {"kind": "hearing", "citation": "《安全生产法》第三十四条", "days": 10, "reason": "申请人要求听证"}
    town.act("district", no, "suspend", APPROVER, **{**given, **fields})


def test_a_stop_goes_out_with_its_paper_in_one_entry(town: Town) -> None:
    no, papers = licence(town), town["district"].center.papers
    before = town["district"].center.cases.case(no, CLERK)
    stop(town, no)
    case = town["district"].center.cases.case(no, CLERK)
    assert (case["status"], case["version"]) == ("suspended", before["version"] + 1)
    shown = papers.show(no, "special_procedure", CLERK)
    assert shown["state"] == "issued" and shown["number"].endswith("第1号") and shown["code"].startswith(no)
    said = words(town, "district", no, "special_procedure")
    assert "依法需要进行听证（依据：《中华人民共和国安全生产法》第三十四条）" in said
    assert "所需时间10个工作日（自2026年3月2日起至2026年3月13日止）不计算在办理期限内" in said and "顺延至" in said
    assert papers.verify(shown["code"])["result"] == "genuine"
    again = papers.issue(no, "special_procedure", APPROVER)
    assert (again.created, again.document["number"]) == (False, shown["number"])
    assert {row["paper"]: row["state"] for row in papers.listing(no, CLERK)}["special_procedure"] == "issued"
    with pytest.raises(TongbanError) as caught:
        town.act("district", no, "undo", APPROVER, reason="点错了")
    assert "告知文书已随办理一并出具" in caught.value.sentence()


def test_a_stop_of_what_is_late_says_that_the_date_does_not_move(town: Town) -> None:
    no = licence(town)
    due = town["district"].center.cases.case(no, CLERK)["due"]
    town.world.advance(60 * DAY)
    stop(town, no)
    said = words(town, "district", no, "special_procedure")
    assert "不因此顺延" in said and "顺延至" not in said
    assert town["district"].center.cases.case(no, CLERK)["due"] == due


def test_another_node_is_told_who_may_stop_the_clock_and_nothing_is_written(town: Town) -> None:
    no = licence(town)
    town.heal()
    district = town["district"].center
    before = district.cases.case(no, CLERK)["version"]
    with pytest.raises(TongbanError) as caught:
        town.act("city", no, "suspend", APPROVER, kind="hearing", citation="第四十五条", days=3)
    assert caught.value.code == "not_custodian" and district.cases.case(no, CLERK)["version"] == before
    assert {row["paper"]: row["state"] for row in district.papers.listing(no, CLERK)}["special_procedure"] == "none"


def test_the_number_of_the_next_one_follows_and_the_copies_elsewhere_say_the_same(town: Town) -> None:
    first, second = licence(town), licence(town)
    stop(town, first)
    stop(town, second)
    papers = town["district"].center.papers
    numbers = [papers.show(no, "special_procedure", CLERK)["number"] for no in (first, second)]
    assert [one.rpartition("第")[2] for one in numbers] == ["1号", "2号"]
    town.heal()
    code = papers.show(second, "special_procedure", CLERK)["code"]
    assert town["city"].center.papers.verify(code)["result"] == "genuine"
    body, _, check = code.rpartition(".")
    assert papers.verify(f"{body.replace('-2.', '-1.')}.{check}")["result"] in ("not_genuine", "unknown_here")
    for name in ("district", "city"):
        store = town[name].center.store
        report = verify(store)
        assert report["ok"], report["problems"]
        with store.reading() as view:
            held = view.connection.execute("SELECT * FROM papers ORDER BY arrival").fetchall()
        rebuild(store)
        with store.reading() as view:
            assert view.connection.execute("SELECT * FROM papers ORDER BY arrival").fetchall() == held and held


def test_resuming_says_until_when_it_stood_and_by_when_it_is_decided(town: Town) -> None:
    no = licence(town)
    stop(town, no, days=5)
    town.act("district", no, "resume", EXAMINER, result="听证结束")
    said = words(town, "district", no, "resumed")
    assert "听证已于2026年3月2日结束，自次日起恢复计时，承诺办结日期为" in said
    assert town["district"].center.papers.issue(no, "resumed", EXAMINER).document["title"] == "恢复办理告知书"


def test_an_extension_goes_out_with_its_paper(town: Town) -> None:
    no = licence(town)
    town.act("district", no, "extend", APPROVER, days=10, reason="案情复杂。")
    shown = town["district"].center.papers.show(no, "extension", CLERK)
    said = words(town, "district", no, "extension")
    assert (
        shown["state"] == "issued"
        and "因案情复杂，依照《中华人民共和国行政许可法》第四十二条第一款的规定，经本机关负责人批准，延长10个工作日" in said
    )
    assert town["district"].center.papers.verify(shown["code"])["result"] == "genuine"


def test_what_is_no_licence_cites_the_basis_of_its_item(town: Town) -> None:
    step = {"name": "公示", "kind": "public_notice", "days": 7, "counts_against_limit": False, "stop_basis": "《某条例》第九条"}
    item = row("A1", category="公共服务", approval_level="district", special_steps=json.dumps([step]))
    town["city"].center.catalog.import_csv(file(item))
    town.heal()
    no = town.file("district", "A1", actor=CLERK)
    town.act("district", no, "accept", CLERK)
    town.do("district", no, "suspend", APPROVER)
    said = words(town, "district", no, "special_procedure")
    assert "第四十五条" not in said and "按规定需要进行公示。依照《某条例》第九条的规定，所需时间" in said


def test_what_is_withdrawn_has_a_paper_of_whoever_ended_it(town: Town) -> None:
    no = licence(town)
    town.act("district", no, "withdraw", CLERK, reason="不办了")
    issued = town["district"].center.papers.issue(no, "termination", CLERK).document
    said = str(issued["blocks"])
    assert (
        issued["title"] == "终止办理告知书"
        and "因申请人于2026年3月2日书面撤回，本机关于2026年3月2日终止办理" in said
        and "行政复议" in said
        and "文件待传" not in said  # what never came cannot be given back
        and "没有需要退还的纸质材料" in said
    )
    lodged = town.file("village")
    town.act("village", lodged, "withdraw", AGENT, reason="不办了")
    ended = town["village"].center.papers.issue(lodged, "termination", AGENT).document
    assert "本站于" in str(ended["blocks"]) and "本机关" not in str(ended["blocks"])
    assert ended["organ"] == town["village"].center.papers.show(lodged, "receipt", AGENT)["organ"]


def examined(town: Town) -> str:
    no = licence(town)
    while "complete_step" in town.offered("district", no, EXAMINER):
        town.do("district", no, "complete_step", EXAMINER)
    return no


def test_a_refusal_says_how_the_applicant_was_heard(town: Town) -> None:
    no, center = examined(town), town["district"].center
    assert "refuse" not in town.offered("district", no, APPROVER)
    town.act("district", no, "offer_statement", APPROVER, reason="不具备安全生产条件。", days=3)
    told = center.papers.issue(no, "statement", APPROVER).document
    said = str(told["blocks"])
    assert (
        told["title"] == "陈述申辩权利告知书"
        and "作出不予许可的决定，理由：不具备安全生产条件。依照《中华人民共和国行政许可法》第三十六条" in said
    )
    assert "在收到之日起3个工作日内陈述和申辩" in said and center.papers.verify(told["code"])["result"] == "genuine"
    [row] = [one for one in center.work.desk(APPROVER, "open")["rows"] if one["case_no"] == no]
    assert row["awaits"] == "statement"
    town.act("district", no, "record_statement", CLERK, outcome="stated", statement="已经整改，附照片。")
    town.act("district", no, "refuse", APPROVER, reason="整改不合格，不符合法定条件", basis="《行政许可法》第三十八条")
    decision = str(center.papers.show(no, "decision", APPROVER)["blocks"])
    assert "本机关于2026年3月2日告知你享有陈述、申辩的权利，并于2026年3月2日听取了你的陈述、申辩：已经整改，附照片。" in decision
    assert center.cases.case(no, APPROVER)["findings"] == []
    town.heal()
    assert town["city"].center.papers.verify(told["code"])["result"] == "genuine"


def test_who_let_his_days_pass_reads_so_in_the_refusal(town: Town) -> None:
    no, center = examined(town), town["district"].center
    town.act("district", no, "offer_statement", APPROVER, reason="不符合条件", days=1)
    town.world.advance(4 * DAY)
    town.heal()
    town.act("district", no, "refuse", APPROVER, reason="不符合法定条件和标准", basis="第三十八条")
    assert "你逾期未提出陈述、申辩。" in str(center.papers.show(no, "decision", APPROVER)["blocks"])
    assert center.cases.case(no, APPROVER)["findings"] == []


def test_an_applicant_who_withdraws_elsewhere_while_he_is_heard_ends_the_case(town: Town) -> None:
    """The village asks, the district that waits for the statement does it, and gives the paper of it."""
    district, village = town["district"].center, town["village"].center
    item = next(
        one["item_id"] for one in district.catalog.documents()
        if one["regime"] == "licence" and one["approval_level"] == "district" and "village" in one["accept_levels"]
        and one["case_type"] != "immediate"
    )  # fmt: skip
    no = town.file("village", item)
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    town.do("township", no, "receive", CLERK)
    town.do("township", no, "accept", CLERK)
    town.do("township", no, "complete_step", EXAMINER)
    town.do("township", no, "refer", APPROVER)
    town.heal()
    while "complete_step" in town.offered("district", no, EXAMINER):
        town.do("district", no, "complete_step", EXAMINER)
    town.do("district", no, "offer_statement", APPROVER)
    town.heal()
    asked = village.cases.act(no, "withdraw", {"reason": "不办了"}, AGENT)
    assert asked.status == 202
    town.heal()
    assert village.cases.case(no, AGENT)["status"] == "withdrawn"
    ended = district.papers.issue(no, "termination", CLERK).document
    assert "书面撤回" in str(ended["blocks"])
    town.heal()
    assert village.papers.verify(ended["code"])["result"] == "genuine"


@pytest.mark.parametrize("department", ["烟草专卖局", ""])
def test_who_handles_the_case_is_never_empty(town: Town, department: str) -> None:
    """承办机构 is the item's department; where the item names none, the office."""
    republish(town, "ZW168", department=department)
    no = town.file("district", "ZW168", actor=CLERK)
    town.act("district", no, "accept", CLERK)
    stop(town, no)
    office = town["district"].center.papers.show(no, "special_procedure", CLERK)["center"]
    said = words(town, "district", no, "special_procedure")
    assert f"承办机构：{department or office}\\n联系电话：12345" in said and office  # a number never stands apart from its name
