"""Papers on a real network: previews, numbers, frozen words, copies, what the QR says where, what an undo may still take back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.model import Actor, Role
from node.domain.papers.documents import PaperDocument
from node.domain.papers.papers import BUILT
from node.domain.published import PAPERS
from node.domain.words.errors import TongbanError
from tests.support.network import AGENT, APPROVER, CLERK, DAY, DIRECTOR, EXAMINER, Town, four_tiers

WORDING = """
format = 1
[papers.acceptance]
title = "受理通知书(试行)"
[[papers.acceptance.blocks]]
kind = "text"
text = "{applicant}:{item_name}已受理。"
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def accepted(town: Town, **changes: Any) -> str:
    no = town.file("township", actor=CLERK, **changes)
    town.act("township", no, "accept", CLERK)
    return no


def words(document: PaperDocument) -> str:
    return str(document["blocks"]) + str(document["title"])


def test_a_preview_has_no_number_and_no_code_and_issuing_freezes_it(town: Town) -> None:
    no, papers = accepted(town), town["township"].center.papers
    preview = papers.show(no, "acceptance", CLERK)
    assert (preview["state"], preview["number"], preview["code"]) == ("preview", "", "")
    first = papers.issue(no, "acceptance", CLERK)
    issued = first.document
    assert (
        first.created
        and issued["state"] == "issued"
        and issued["number"].endswith("〔2026〕第1号")
        and issued["code"].startswith(no)
    )
    again = papers.issue(no, "acceptance", CLERK)
    assert not again.created and again.document == issued == papers.show(no, "acceptance", EXAMINER)
    second = papers.issue(accepted(town), "acceptance", CLERK).document
    assert second["number"].endswith("〔2026〕第2号")
    assert "420106********9963" in words(issued) and "420106198702079963" not in words(issued)
    assert {row["paper"]: row["state"] for row in papers.listing(no, CLERK)}["acceptance"] == "issued"


def test_a_print_of_another_day_says_so(town: Town) -> None:
    no, papers = accepted(town), town["township"].center.papers
    papers.issue(no, "acceptance", CLERK)
    town.world.advance(2 * DAY)
    again = papers.show(no, "acceptance", CLERK)
    assert again["reprinted"] == "2026年3月4日" and again["day"] == "2026年3月2日"


def test_an_issued_paper_stops_the_undo_and_a_preview_does_not(town: Town) -> None:
    free, held = accepted(town), accepted(town)
    town["township"].center.papers.show(free, "acceptance", CLERK)
    town.act("township", free, "undo", CLERK, reason="点错了")
    town["township"].center.papers.issue(held, "acceptance", CLERK)
    with pytest.raises(TongbanError) as caught:
        town.act("township", held, "undo", CLERK, reason="点错了")
    assert "文书已发出" in caught.value.sentence()
    with pytest.raises(TongbanError) as gone:
        town["township"].center.papers.issue(free, "acceptance", CLERK)
    assert gone.value.code == "no_such_paper" and "还没有受理" in gone.value.sentence()


def test_the_code_is_genuine_and_every_change_of_it_is_not(town: Town) -> None:
    no, papers = accepted(town), town["township"].center.papers
    code = papers.issue(no, "acceptance", CLERK).document["code"]
    assert papers.verify(code)["result"] == "genuine"
    assert papers.verify(f"https://x.example/verify?code={code.lower()}&lang=zh")["result"] == "genuine"
    body, check = code.rsplit(".", 1)
    changed = [body.replace(".AC", ".DE"), body.replace("-1.", "-2."), body[:-1] + ("3" if body[-1] != "3" else "4")]
    for one in changed:
        assert papers.verify(f"{one}.{check}")["result"] == "not_genuine", one
    assert papers.verify(f"{body}.{'0' * 10}")["genuine"] is False
    town.do("township", no, "complete_step", EXAMINER)
    later = papers.verify(code)
    assert (later["result"], later["genuine"]) == ("genuine", True)
    assert later["later"] == [{"date": "2026-03-02", "what": "环节完成", "kind": "step_completed"}]
    assert not any(name in str(later) for name in ("欧阳", "420106198702079963", "15412345678"))


@pytest.mark.parametrize("text", ["", "x", "A" * 5000, "420102002000-260302-TV0-0001-G", "%' OR 1=1", "\x00", "〔2026〕第1号"])
def test_what_is_no_code_is_told_so(town: Town, text: str) -> None:
    with pytest.raises(TongbanError) as caught:
        town["township"].center.papers.verify(text)
    assert caught.value.code == "invalid_input"


def test_another_node_knows_when_the_entries_have_come_and_shows_a_copy(town: Town) -> None:
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    town.act("township", no, "receive", CLERK)
    town.act("township", no, "accept", CLERK)
    code = town["township"].center.papers.issue(no, "acceptance", CLERK).document["code"]
    district, village = town["district"].center.papers, town["village"].center.papers
    assert district.verify(code)["result"] == "unknown_here" and district.verify(code)["genuine"] is None
    town.heal()
    assert district.verify(code)["result"] == village.verify(code)["result"] == "genuine"
    copy = village.show(no, "acceptance", AGENT)
    assert (copy["state"], copy["number"].endswith("〔2026〕第1号"), copy["code"]) == ("copy", True, code)
    with pytest.raises(TongbanError, match="forbidden"):
        village.issue(no, "acceptance", AGENT)
    with pytest.raises(TongbanError, match="no_such_paper"):
        district.issue(no, "acceptance", CLERK)
    receipt = village.issue(no, "receipt", AGENT).document
    assert receipt["title"] == "代办登记回执" and not receipt["sealed"] and "行政机关尚未收件" in words(receipt)


def test_decision_delivery_and_tracking_of_a_case_that_went_up(town: Town) -> None:
    center = town["township"].center
    item = next(one["item_id"] for one in center.catalog.documents() if one["approval_level"] == "district")
    no = accepted(town, item=item)
    town.do("township", no, "complete_step", EXAMINER)
    town.do("township", no, "refer", APPROVER)
    town.heal()
    sheet = words(town["district"].center.papers.show(no, "tracking", CLERK))
    assert "逐" not in sheet and "移交事由：上报" in sheet
    district = town["district"].center
    for _ in range(12):
        offered = [one["action"] for one in district.cases.case(no, EXAMINER)["actions"] if one["action"] == "complete_step"]
        if not offered:
            break
        town.do("district", no, "complete_step", EXAMINER)
    town.do("district", no, "approve", APPROVER)
    decision = district.papers.issue(no, "decision", APPROVER).document
    assert decision["sealed"] and "江岸区" in decision["organ"] and decision["number"] == "420102000000确字〔2026〕第1号"
    town.heal()
    assert center.papers.show(no, "decision", CLERK)["state"] == "copy"
    assert center.papers.verify(decision["code"])["genuine"] is True


def to_be_decided(town: Town) -> str:
    """A case that the township may approve."""
    item = next(one["item_id"] for one in town["township"].center.catalog.documents() if one["approval_level"] == "township")
    no = accepted(town, item=item)
    while "approve" not in town.offered("township", no):
        town.do("township", no, "complete_step", EXAMINER)
    return no


def test_a_decision_bears_the_day_on_which_it_was_made_however_late_it_is_issued(town: Town) -> None:
    """成文日期 is the day of signing (GB/T 9704); the decision was in time, and its paper must not say otherwise."""
    no, center = to_be_decided(town), town["township"].center
    town.do("township", no, "approve", APPROVER)
    town.world.advance(2 * DAY)
    assert center.papers.show(no, "decision", APPROVER)["day"] == "2026年3月2日"
    late = center.papers.issue(no, "decision", APPROVER).document
    assert late["day"] == "2026年3月2日" and "2026年3月2日" in words(late) and not late["reprinted"]
    assert (late["issued_at"] or "")[:10] == "2026-03-04"
    answer = center.papers.verify(late["code"])
    assert answer["genuine"] is True and answer["date"] == "2026-03-02"


def test_what_is_issued_in_the_new_year_of_a_decision_of_the_old_has_its_number_and_day(town: Town) -> None:
    no, center = to_be_decided(town), town["township"].center
    town.do("township", no, "approve", APPROVER)
    town.world.advance(305 * DAY)
    late = center.papers.issue(no, "decision", APPROVER).document
    assert "〔2026〕第1号" in late["number"] and center.papers.verify(late["code"])["genuine"] is True


def test_what_is_a_notice_by_itself_bears_the_day_on_which_it_is_given(town: Town) -> None:
    """Nobody was told in writing before: an earlier day would hide that."""
    no, center = town.file("township", actor=CLERK), town["township"].center
    town.act("township", no, "request_correction", CLERK, content="复印件不清", materials="1", due="2026-03-20")
    town.world.advance(DAY)
    assert center.papers.issue(no, "correction", CLERK).document["day"] == "2026年3月3日"


def test_the_tracking_sheet_names_the_hands_of_other_nodes_to_the_nodes_of_the_case_only(town: Town) -> None:
    center = town["township"].center
    item = next(
        one["item_id"]
        for one in center.catalog.documents()
        if one["approval_level"] == "district" and "village" in one["accept_levels"]
    )
    li, wang = Actor("s-li", Role.AGENT, "李桂英"), Actor("s-wang", Role.EXAMINER, "王强")
    zhao = Actor("s-zhao", Role.CLERK, "赵敏")
    no = town.file("village", item, li)
    town.do("village", no, "hand_over", li)
    town.heal()
    for action, actor in (("receive", zhao), ("accept", zhao), ("complete_step", wang), ("refer", APPROVER)):
        town.do("township", no, action, actor)
    town.heal()
    assert town["township"].status(no) == "accepted"
    for name in ("village", "township", "district"):  # who said nothing with the act is named too
        rows = town[name].center.cases.case(no, DIRECTOR)["timeline"]
        hands = [row["staff_name"] for row in rows if row["action"] in ("lodged", "custody_offered", "received", "accepted")]
        assert hands[:4] == ["李桂英", "李桂英", "赵敏", "赵敏"], name
    for name in ("township", "district"):
        sheet = words(town[name].center.papers.show(no, "tracking", DIRECTOR))
        assert "李桂英" in sheet and "王强" in sheet and "赵敏" in sheet, name
    below = words(town["village"].center.papers.show(no, "tracking", DIRECTOR))
    assert "王强" in below and "情况属实，同意" not in below, "who examined is named, what was written stays inside"
    rows = town["village"].center.cases.case(no, DIRECTOR)["timeline"]
    assert [(row["staff_name"], row["note"]) for row in rows if row["action"] == "step_completed"] == [("王强", None)]
    told = str(town["city"].center.cases.case(no, DIRECTOR)["timeline"])
    assert "王强" not in told and "李桂英" not in told and "赵敏" not in told


def test_an_act_of_elsewhere_under_the_id_of_a_person_here_is_not_said_to_be_that_persons(town: Town) -> None:
    """Staff ids are opaque, and any node may write any: a name belongs to the node that says it."""
    here = town["township"].center.staff.add("赵敏", Role.CLERK)
    no = town.file("village", "ZW007", Actor(here["staff_id"], Role.AGENT))
    town.do("village", no, "hand_over", Actor(here["staff_id"], Role.AGENT))
    town.heal()
    center = town["township"].center
    assert {row["staff_name"] for row in center.cases.case(no, DIRECTOR)["timeline"]} == {None}
    for action in ("receive", "accept"):
        town.do("township", no, action, CLERK)
    assert "赵敏" not in words(center.papers.show(no, "tracking", DIRECTOR))


def test_each_kind_of_paper_has_a_reason_when_there_is_none(town: Town) -> None:
    no, papers = town.file("township", actor=CLERK), town["township"].center.papers
    states = {row["paper"]: row for row in papers.listing(no, CLERK)}
    assert set(states) == set(BUILT) and states["receipt"]["state"] == "preview"
    for paper in BUILT[1:]:
        assert states[paper]["state"] == "none" and states[paper]["reason"] and states[paper]["reason_en"]
        with pytest.raises(TongbanError) as caught:
            papers.issue(no, paper, DIRECTOR)
        assert caught.value.code == "no_such_paper" and caught.value.status == 404
    with pytest.raises(TongbanError, match="not_found"):
        papers.show(no, "love_letter", CLERK)
    with pytest.raises(TongbanError, match="not_yet_available"):
        papers.show(no, "payment", CLERK)


def test_a_city_changes_the_wording_below(town: Town) -> None:
    city = town["city"].center
    before = accepted(town)
    old = town["township"].center.papers.issue(before, "acceptance", CLERK).document
    assert city.catalog.import_document(PAPERS, WORDING.encode())["changed"] is True
    assert city.catalog.import_document(PAPERS, WORDING.encode())["changed"] is False
    town.heal()
    fresh = town["township"].center.papers.show(accepted(town), "acceptance", CLERK)
    assert fresh["title"] == "受理通知书（试行）" and "欧阳建国：居住证办理已受理。" in words(fresh)
    assert town["township"].center.papers.show(before, "acceptance", CLERK)["title"] == old["title"]  # frozen
    assert town["township"].center.papers.show(before, "receipt", CLERK)["title"] == "收件凭证"  # what it leaves out stays


@pytest.mark.parametrize(
    "bad", [b"\xff", b"format = 2", b"[papers.nothing]\nx=1", WORDING.replace("{applicant}", "{secret}").encode()]
)
def test_a_slip_in_a_published_wording_is_refused_at_the_root(town: Town, bad: bytes) -> None:
    with pytest.raises(TongbanError) as caught:
        town["city"].center.catalog.import_document(PAPERS, bad)
    assert caught.value.code == "invalid_input"


def test_a_supplied_correction_and_a_refusal_at_the_counter(town: Town) -> None:
    papers = town["township"].center.papers
    no = town.file("township", actor=CLERK)
    town.act("township", no, "request_correction", CLERK, content="照片不清，请重拍", due="2026-03-20", materials="2")
    correction = papers.issue(no, "correction", CLERK).document
    assert "照片不清" in words(correction) and "2026年3月20日" in words(correction)
    other = town.file("township", actor=CLERK)
    town.do("township", other, "not_accept", CLERK)
    assert "六十日" in words(papers.issue(other, "not_accepted", CLERK).document)
