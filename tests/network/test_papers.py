"""Papers as signed facts on a real network: where they come, what a restore leaves of them, and what liars cannot do with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.papers.documents import PaperDocument
from node.domain.papers.facts import ISSUED, PaperFact
from node.domain.papers.papers import PaperCode
from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup
from node.services.upkeep.verification import rebuild, verify
from node.store.journal import Draft
from node.store.store import Tx
from tests.support.hostile import Hostile
from tests.support.network import AGENT, APPROVER, CLERK, DIRECTOR, EXAMINER, Town, fresh
from tests.support.usurper import usurp

PATH = ("village", "township", "district", "city")


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Town]:
    made = fresh("tree", tmp_path / "tree")
    made.heal()
    yield made
    made.close()


def upward(town: Town, level: str = "district") -> str:
    """A case of the village, accepted at the township and referred to the district where it is to be decided."""
    item = next(
        one["item_id"]
        for one in town["township"].center.catalog.documents()
        if one["approval_level"] == level and "village" in one["accept_levels"]
    )
    no = town.file("village", item)
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    town.do("township", no, "receive", CLERK)
    town.do("township", no, "accept", CLERK)
    return no


def decide(town: Town, no: str) -> None:
    town.do("township", no, "complete_step", EXAMINER)
    town.do("township", no, "refer", APPROVER)
    town.heal()
    while "complete_step" in town.offered("district", no, EXAMINER):
        town.do("district", no, "complete_step", EXAMINER)
    town.do("district", no, "approve", APPROVER)


def issue(town: Town, name: str, no: str, paper: str) -> PaperDocument:
    return town[name].center.papers.issue(no, paper, DIRECTOR).document


def results(town: Town, code: str, names: tuple[str, ...] = PATH) -> dict[str, str]:
    return {name: town[name].center.papers.verify(code)["result"] for name in names}


def everywhere(result: str, names: tuple[str, ...] = PATH) -> dict[str, str]:
    return dict.fromkeys(names, result)


def at_rest(town: Town) -> None:
    for node in town.nodes.values():
        assert [link for link in node.center.upkeep.status()["links"] if link["waiting"]] == [], node.name
        report = verify(node.center.store)
        assert report["ok"], (node.name, report["problems"])


def table(town: Town, name: str) -> list[tuple[object, ...]]:
    with town[name].center.store.reading() as view:
        return view.connection.execute(
            "SELECT case_no, paper, number_of FROM (SELECT *, serial AS number_of FROM papers)"
        ).fetchall()


# where facts come ----------------------------------------------------------------------------------------------------


def test_a_paper_is_unknown_until_its_fact_comes_and_then_verifiable_on_the_whole_path(town: Town) -> None:
    no = upward(town)
    accepted = issue(town, "township", no, "acceptance")
    decide(town, no)
    town.cut()
    decision = issue(town, "district", no, "decision")
    assert results(town, decision["code"]) == everywhere("unknown_here") | {"district": "genuine"}
    town.heal()
    for paper in (accepted, decision):
        assert results(town, paper["code"]) == everywhere("genuine")
        assert {town[name].center.papers.verify(paper["code"])["number"] for name in PATH} == {paper["number"]}
    at_rest(town)


def test_words_of_a_paper_are_only_where_the_case_was(tree: Town) -> None:
    no = upward(tree)
    decide(tree, no)
    decision = issue(tree, "district", no, "decision")
    tree.heal()
    for name, known in (("village", True), ("township", True), ("district", True), ("city", False), ("village2", False)):
        with tree[name].center.store.reading() as view:
            row = view.connection.execute("SELECT document FROM papers WHERE case_no=? AND paper='decision'", (no,)).fetchone()
            assert (row is not None) == (name != "village2"), name
            assert (row is not None and view.objects.size(row[0]) is not None) == known, name
    assert results(tree, decision["code"], ("village2", "township2")) == everywhere("unknown_here", ("village2", "township2"))
    copy = tree["village"].center.papers.show(no, "decision", AGENT)
    assert (copy["state"], copy["number"], copy["blocks"]) == ("copy", decision["number"], decision["blocks"])
    at_rest(tree)


def test_a_node_that_is_concerned_later_gets_the_papers_of_before(tree: Town) -> None:
    """The township asks the district; what was issued before the case was routed there comes with it, words and all."""
    no = upward(tree)
    accepted = issue(tree, "township", no, "acceptance")
    decide(tree, no)
    tree.heal()
    with tree["district"].center.store.reading() as view:
        (document,) = view.connection.execute("SELECT document FROM papers WHERE case_no=?", (no,)).fetchone()
        assert view.objects.size(document) is not None
    assert tree["district"].center.papers.show(no, "acceptance", CLERK)["number"] == accepted["number"]
    at_rest(tree)


def test_a_child_that_is_concerned_later_gets_the_papers_of_before(tree: Town) -> None:
    """What the district issued before it sends its own case down to a township comes with the case, words and all."""
    no = tree.file(
        "district",
        next(one["item_id"] for one in tree["district"].center.catalog.documents() if "district" in one["accept_levels"]),
    )
    receipt = issue(tree, "district", no, "receipt")
    tree.heal()
    assert results(tree, receipt["code"], ("township",)) == {"township": "unknown_here"}
    down: dict[str, Any] = {
        "target": tree["township"].id,
        "purpose": "return",
        "resume_status": "submitted",
        "objects": (),
        "blobs": (),
    }
    usurp(tree, "district", no, "custody_offered", status="in_transit", **down)
    tree.heal()
    assert results(tree, receipt["code"], ("township", "district", "city")) == everywhere(
        "genuine", ("township", "district", "city")
    )
    with tree["township"].center.store.reading() as view:
        (document,) = view.connection.execute("SELECT document FROM papers WHERE case_no=?", (no,)).fetchone()
        assert view.objects.size(document) is not None
    assert results(tree, receipt["code"], ("village", "township2")) == everywhere("unknown_here", ("village", "township2"))


def test_tables_made_anew_hold_the_same_papers(town: Town) -> None:
    no = upward(town)
    issue(town, "township", no, "acceptance")
    issue(town, "township", no, "tracking")
    town.heal()
    for name in PATH:
        before = table(town, name)
        rebuild(town[name].center.store)
        assert table(town, name) == before and len(before) == 2
    town.heal()
    at_rest(town)


def test_a_row_taken_out_of_the_table_is_found(town: Town) -> None:
    no = upward(town)
    issue(town, "township", no, "acceptance")
    town["township"].center.store.run(lambda tx: tx.connection.execute("DELETE FROM papers"))
    report = verify(town["township"].center.store)
    assert [problem["where"] for problem in report["problems"]] == ["papers"]


# taken back ----------------------------------------------------------------------------------------------------------


def test_a_tracking_sheet_binds_nobody_and_is_genuine_for_where_it_stood(town: Town) -> None:
    no = upward(town)
    sheet = issue(town, "township", no, "tracking")
    assert "undo" in town.offered("township", no, CLERK)
    assert town["township"].center.papers.verify(sheet["code"])["result"] == "genuine"
    town.act("township", no, "undo", CLERK, reason="点错了")
    assert town["township"].center.papers.verify(sheet["code"])["result"] == "withdrawn"
    town.heal()
    assert results(town, sheet["code"]) == everywhere("withdrawn")


# restores ------------------------------------------------------------------------------------------------------------


def test_after_a_restore_no_number_comes_twice_and_the_facts_come_back(town: Town, tmp_path: Path) -> None:
    first, second = town.file("township"), town.file("township")
    for no in (first, second):
        town.do("township", no, "accept", CLERK)
    town.heal()
    backup(town["township"].center.store, tmp_path / "copy")
    lost = issue(town, "township", first, "acceptance")
    town.heal()
    town.burn("township", tmp_path / "copy")
    with pytest.raises(TongbanError, match="frozen"):
        issue(town, "township", first, "acceptance")
    fresh_case = town.file("township")
    town.do("township", fresh_case, "accept", CLERK)
    offline = issue(town, "township", fresh_case, "acceptance")
    assert offline["number"] != lost["number"] and "-1号" in offline["number"]
    town.heal()
    again = issue(town, "township", first, "acceptance")
    assert (again["number"], again["code"], again["remade"]) == (lost["number"], lost["code"], True)
    later = issue(town, "township", second, "acceptance")
    assert len({paper["number"] for paper in (lost, offline, later)}) == 3
    town.heal()
    up = ("township", "district", "city")
    for paper in (lost, offline, later):
        assert results(town, paper["code"], up) == everywhere("genuine", up)


def test_frozen_words_come_back_from_who_holds_them(town: Town, tmp_path: Path) -> None:
    no = upward(town)
    backup(town["township"].center.store, tmp_path / "copy")
    issued = issue(town, "township", no, "acceptance")
    town.heal()
    town.burn("township", tmp_path / "copy")
    town.heal()
    again = town["township"].center.papers.show(no, "acceptance", CLERK)
    assert (again["number"], again["blocks"], again["remade"]) == (issued["number"], issued["blocks"], False)
    at_rest(town)


# liars ---------------------------------------------------------------------------------------------------------------


def claim(case_no: str, paper: str, version: int, basis: bytes, author: bytes, serial: int = 987654) -> PaperFact:
    return PaperFact(case_no, paper, basis, version, author, "liar", "", 2026, "", serial, dt.date(2026, 1, 1), b"", "s-liar", 0)


def act_of(town: Town, no: str, kind: str) -> tuple[int, bytes]:
    with town["city"].center.store.reading() as view:
        return next((entry.event.version, entry.event.hash) for entry in view.cases.entries(no) if entry.event.kind == kind)


@pytest.mark.parametrize("liar", ["village", "village2", "city"])
def test_who_may_not_issue_makes_nothing_genuine(tree: Town, liar: str) -> None:
    no = upward(tree)
    decide(tree, no)
    tree.heal()
    forged = claim(no, "decision", *act_of(tree, no, "approved"), tree[liar].id)

    def sign(tx: Tx) -> None:
        tx.journal.append(Draft(ISSUED, "note", forged.facts(), subject=no, staff_id="s-liar"))

    tree[liar].center.store.run(sign)
    tree.heal()
    assert results(tree, forged.code) == everywhere("unknown_here")
    decision = issue(tree, "district", no, "decision")
    tree.heal()
    assert results(tree, decision["code"]) == everywhere("genuine") and results(tree, forged.code) == everywhere("not_genuine")
    at_rest(tree)


def test_a_decision_by_a_village_is_doubted_at_every_tier(town: Town) -> None:
    no = town.file("village")
    usurp(town, "village", no, "accepted", "approved")
    town.heal()
    forged = claim(no, "decision", *act_of(town, no, "approved"), town["village"].id, 1)

    def sign(tx: Tx) -> None:
        tx.journal.append(Draft(ISSUED, "note", forged.facts(), subject=no, staff_id="s-liar"))

    town["village"].center.store.run(sign)
    town.heal()
    for name in PATH:
        found = town[name].center.papers.verify(forged.code)
        assert (found["result"], found["reason"], found["genuine"], found["number"]) == ("unknown_here", "doubted", None, ""), (
            name
        )


@pytest.mark.parametrize(
    "change",
    [{"serial": 0}, {"serial": -1}, {"serial": 1 << 62}, {"paper": "love_letter"}, {"basis": b"short"}, {"series": "k7"}, {"day": "2026"},
     {"year": 1}, {"version": 0}, {"organ": 5}, {"type": None}, {"organ": "u:0020"}],
)  # fmt: skip
def test_a_note_that_says_nothing_sound_is_kept_and_counts_for_nothing(town: Town, change: dict[str, object]) -> None:
    no = town.file("village")
    town.heal()
    facts = {**claim(no, "receipt", *act_of(town, no, "lodged"), town["village"].id, 1).facts(), **change}
    said = {name: value for name, value in facts.items() if value is not None}
    Hostile(town["village"], town["township"]).say(ISSUED, "note", said, subject=no)
    town["township"].center.store.catch_up()
    assert table(town, "township") == []
    report = verify(town["township"].center.store)
    assert report["ok"], report["problems"]


def test_a_code_of_a_version_that_is_not_here_yet_is_not_called_false(town: Town) -> None:
    """The second notice of corrections is unknown where only the first has come; a number that is taken is false."""
    no = town.file("township")
    town.act("township", no, "request_correction", CLERK, content="照片不清", due="2026-03-20", materials="2")
    first = issue(town, "township", no, "correction")
    town.heal()
    city = town["city"].center.papers
    ahead = PaperCode(no, "correction", first["version"] + 5, 2026, 2, dt.date(2026, 3, 9)).signed(b"x" * 32)
    taken = PaperCode(no, "correction", first["version"] + 5, 2026, 1, dt.date(2026, 3, 2)).signed(b"x" * 32)
    assert (city.verify(ahead)["result"], city.verify(taken)["result"]) == ("unknown_here", "not_genuine")


def stoppable(town: Town) -> str:
    """An accepted licence of the district."""
    item = next(
        one["item_id"] for one in town["district"].center.catalog.documents()
        if one["regime"] == "licence" and one["approval_level"] == "district" and "district" in one["accept_levels"]
        and one["case_type"] == "commitment"
    )  # fmt: skip
    no = town.file("district", item)
    town.do("district", no, "accept", CLERK)
    return no


def test_a_stop_that_a_restore_forgot_comes_back_with_its_number_and_is_not_numbered_twice(town: Town, tmp_path: Path) -> None:
    first, second = stoppable(town), stoppable(town)
    town.heal()
    backup(town["district"].center.store, tmp_path / "copy")
    town.do("district", first, "suspend", APPROVER)
    lost = town["district"].center.papers.show(first, "special_procedure", CLERK)
    town.heal()
    town.burn("district", tmp_path / "copy")
    with pytest.raises(TongbanError, match="frozen"):
        town.act("district", first, "suspend", APPROVER, kind="hearing", citation="第四十五条", days=3, reason="申请人要求")
    town.heal()
    case = town["district"].center.cases.case(first, CLERK)
    [again] = [one for one in town["district"].center.papers.listing(first, CLERK) if one["paper"] == "special_procedure"]
    assert (case["status"], again["number"], again["state"]) == ("suspended", lost["number"], "issued")
    with pytest.raises(TongbanError) as caught:  # its words were nowhere else: nothing is made up
        town["district"].center.papers.show(first, "special_procedure", CLERK)
    assert "请以已送达的原件为准" in caught.value.sentence()
    town.do("district", second, "suspend", APPROVER)
    assert town["district"].center.papers.show(second, "special_procedure", CLERK)["number"] != lost["number"]
    town.heal()
    for name in ("district", "city"):
        assert town[name].center.papers.verify(lost["code"])["result"] == "genuine"
        before = table(town, name)
        rebuild(town[name].center.store)
        assert table(town, name) == before and len(before) == 2
    at_rest(town)
