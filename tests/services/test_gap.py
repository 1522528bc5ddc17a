"""容缺受理 on a real network: filed with something missing, its papers, supplied above by file and by paper, the day that passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.words.errors import TongbanError
from tests.support.follow import EDITOR, let_follow
from tests.support.network import APPROVER, CLERK, DAY, EXAMINER, Town, four_tiers

ITEM = "ZW168"  # 烟草专卖零售许可证新办: decided at the district, ten working days promised
LEASE, PHOTO = "3", b"\xff\xd8\xff\xe0new" + bytes(range(256)) * 40


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    let_follow(network, ITEM, int(LEASE))
    yield network
    network.close()


def incomplete(town: Town, at: str = "township", **changes: Any) -> str:
    """Received at a counter with everything but the lease."""
    document = town.application(at, ITEM, **changes)
    lease = document["attachments"][int(LEASE)]
    document["attachments"][int(LEASE)] = {"material": lease["material"], "held": "missing"}
    return town[at].center.intake.file(document, CLERK).case_no


def with_gap(town: Town, at: str = "township", **changes: Any) -> str:
    case_no = incomplete(town, at, **changes)
    town.act(at, case_no, "accept_with_gap", CLERK, due="2026-03-11", pledge=True)
    return case_no


def shown(town: Town, at: str, case_no: str) -> Any:
    return town[at].center.cases.case(case_no, CLERK)


def referred(town: Town) -> str:
    case_no = with_gap(town)
    town.act("township", case_no, "complete_step", EXAMINER, opinion="符合条件")
    town.act("township", case_no, "refer", APPROVER, opinion="初审同意")
    town.heal()
    return case_no


def text(document: Any) -> str:
    return str(document["title"]) + str(document["blocks"])


def test_the_case_says_what_is_to_follow_until_when_and_counts_as_before(town: Town) -> None:
    case_no = with_gap(town)
    case = shown(town, "township", case_no)
    assert (case["status"], case["label"], case["due"], case["light"]) == ("accepted", "gap", "2026-03-16", "green")
    assert (case["gap"]["due"], case["gap"]["materials"], case["gap"]["lacking"]) == ("2026-03-11", [LEASE], [LEASE])
    assert case["materials"][int(LEASE)]["held"] == "missing"
    assert [row["action"] for row in case["timeline"]][-1] == "accepted_with_gap" and not case["findings"]
    town.heal()
    assert shown(town, "district", case_no)["gap"] is not None, "the tier above knows it too"


def test_the_papers_list_what_is_here_and_what_is_to_follow(town: Town) -> None:
    case_no, papers = incomplete(town), town["township"].center.papers
    sheet = papers.show(case_no, "gap_pledge", CLERK)
    assert "场所使用证明" in text(sheet) and "日前补齐" in text(sheet) and not sheet["may_issue"]
    with pytest.raises(TongbanError, match="no_such_paper"):
        papers.issue(case_no, "gap_pledge", CLERK)
    town.act("township", case_no, "accept_with_gap", CLERK, due="2026-03-11", pledge=True)
    notice = papers.issue(case_no, "gap", CLERK).document
    assert notice["title"] == "补办件通知书" and "字〔2026〕第1号" in notice["number"]
    assert "请于2026年3月11日前" in text(notice) and "将终止办理" in text(notice) and "受理日期为2026年3月2日" in text(notice)
    tables = {block["caption"]: block["rows"] for block in notice["blocks"] if block["kind"] == "table"}
    assert [row[1] for row in tables["待补齐的材料"]] == ["场所使用证明（产权证明或租赁合同）"]
    assert len(tables["已收到的材料"]) == 3
    pledge = papers.issue(case_no, "gap_pledge", CLERK).document
    assert "2026年3月11日前补齐" in text(pledge) and not pledge["sealed"]
    with pytest.raises(TongbanError) as none:
        papers.show(case_no, "acceptance", CLERK)
    assert "补办件通知书" in str(none.value.details["reason"])
    complete = town.file("township", ITEM, CLERK)
    with pytest.raises(TongbanError, match="no_such_paper"):
        papers.show(complete, "gap_pledge", CLERK)


def test_what_was_brought_to_the_counter_below_fills_the_gap_above(town: Town) -> None:
    """A file and the original, handed in where it was filed, while the case is at the district."""
    case_no = referred(town)
    sent = town["township"].center.materials.put(case_no, LEASE, CLERK, 0, PHOTO, len(PHOTO), "lease.jpg", "image/jpeg")
    assert sent["complete"] and "request" in sent
    assert town.act("township", case_no, "record_papers", CLERK, papers=f"{LEASE}:1")["request"]["state"] == "pending"
    assert shown(town, "township", case_no)["gap"]["rows"][0]["state"] == "sent"
    town.heal()
    above = shown(town, "district", case_no)
    assert (above["gap"]["lacking"], above["materials"][int(LEASE)]["copies"]) == ([], 1)
    assert "fill_gap" in town.offered("district", case_no, CLERK)
    town.act("district", case_no, "fill_gap", CLERK)
    town.heal()
    for name in ("district", "township"):
        assert shown(town, name, case_no)["gap"] is None and shown(town, name, case_no)["label"] == "commitment"
    receipt = town["district"].center.papers.show(case_no, "receipt", CLERK)
    assert receipt["title"] == "补齐材料收件凭证" and "场所使用证明" in text(receipt)


def test_the_day_that_passed_is_said_by_the_node_when_it_is_known_and_a_person_ends_the_case(town: Town) -> None:
    case_no = referred(town)
    town.world.advance(8 * DAY)  # Tuesday the 10th
    town.heal()
    town["district"].center.tick()
    assert not shown(town, "district", case_no)["gap"]["lapsed_at"]
    town.cut()
    town.world.advance(2 * DAY)
    town["district"].center.tick()
    assert not shown(town, "district", case_no)["gap"]["lapsed_at"], "the township was not heard since: it may have come there"
    with pytest.raises(TongbanError, match="guard_failed"):
        town.act("district", case_no, "terminate", EXAMINER, reason="没有补齐")
    town.connect()
    town.file("township", actor=CLERK)
    town.heal()
    town["district"].center.tick()
    case = shown(town, "district", case_no)
    assert case["gap"]["lapsed_at"] and case["status"] == "accepted"
    assert "fill_gap" not in town.offered("district", case_no) and "postpone_gap" in town.offered("district", case_no)
    town.act("district", case_no, "terminate", EXAMINER, reason="容缺材料没有补齐")
    paper = town["district"].center.papers.issue(case_no, "termination", EXAMINER).document
    assert "容缺材料逾期（2026年3月11日）未补齐" in text(paper)
    town.heal()
    with town["district"].center.store.reading() as view:
        assert view.connection.execute("SELECT gap_due FROM cases WHERE case_no=?", (case_no,)).fetchone() == (None,)

    again = incomplete(town, "district")
    with pytest.raises(TongbanError) as broken:
        town.act("district", again, "accept_with_gap", CLERK, due="2026-03-18", pledge=True)
    assert case_no in broken.value.sentence("zh"), "who broke a promise gets no other for a year"


def test_the_resident_reads_what_to_bring_until_when(town: Town) -> None:
    case_no = with_gap(town)
    with town["township"].center.store.reading() as view:
        from node.services.cases.timeline import filing_body

        found = view.cases.get(case_no)
        assert found is not None
        code = str(filing_body(view, found)["query_code"])
    answer = town["township"].center.public.case(case_no, code, "127.0.0.1")
    assert (answer["bring"], answer["bring_by"]) == (["场所使用证明（产权证明或租赁合同）"], "2026-03-11")


def test_the_tables_are_made_anew_with_the_same_days(town: Town) -> None:
    case_no = with_gap(town)
    center = town["township"].center
    center.upkeep.rebuild()
    with center.store.reading() as view:
        assert view.connection.execute("SELECT gap_due FROM cases WHERE case_no=?", (case_no,)).fetchone() == ("2026-03-11",)
    assert center.upkeep.verify()["problems"] == []


def test_the_promise_stands_where_the_published_limits_say_so_and_every_tier_counts_the_same(town: Town) -> None:
    """From Thursday the 12th, the day after, until what is missing came: six working days by Thursday the 19th."""
    town["city"].center.catalog.import_rules(b'kind = "limits"\ngap_pauses = 1\n', EDITOR)
    town.heal()
    case_no = referred(town)
    notice = text(town["township"].center.papers.show(case_no, "gap", CLERK))
    assert "自期满次日起暂停计算承诺办结期限" in notice and "法定办结期限不停止计算" in notice
    for _ in range(2):
        town.world.advance(5 * DAY)
        town.file("township", actor=CLERK)
        town.heal()
        town["district"].center.tick()
    town.heal()
    for name in ("township", "district", "city"):
        case = shown(town, name, case_no)
        assert case["gap"]["pauses"] and [one["clock"] for one in case["deadlines"]] == ["S"], name
        (pause,) = case["pauses"]
        assert (pause["kind"], pause["from"], pause["until"], pause["days"]) == ("gap", "2026-03-12", "2026-03-12", 1), name
    town.world.advance(7 * DAY)
    town.act("district", case_no, "fill_gap", CLERK, papers=f"{LEASE}:1")
    town.heal()
    for name in ("township", "district", "city"):
        case = shown(town, name, case_no)
        assert (case["due"], case["gap"]) == ("2026-03-24", None), name
        assert "扣除容缺材料逾期待补6个工作日（2026年3月12日至2026年3月19日）" in case["deadlines"][0]["sentence"], name
    sheet = text(town["district"].center.papers.show(case_no, "tracking", CLERK))
    assert "容缺材料逾期待补" in sheet
    for name in ("township", "district", "city"):
        assert town[name].center.upkeep.verify()["ok"], name
