"""Papers that were corrected or revoked after they were issued: every node on the case's path, and every one above, says so; no other
node knows the paper; what somebody says of another's paper counts for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.notes import CORRECTED, REVOKED
from node.domain.papers.papers import PaperCode, parse_code
from node.domain.words.errors import TongbanError
from node.services.cases.timeline import filing_body
from node.services.upkeep.backup import backup
from node.services.upkeep.verification import rebuild, verify
from node.store.journal import Draft
from tests.network.test_papers import PATH, at_rest, decide, everywhere, issue, results, upward
from tests.support.network import AGENT, APPROVER, CLERK, DIRECTOR, Town, fresh

WRONG = {"old_words": "保成社区1组1号", "new_words": "保成社区1组2号"}
REVOKED_FOR = {"revoked_for": "unqualified", "reason": "经复核，申请人不符合规定的条件"}


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Town]:
    made = fresh("tree", tmp_path / "tree")
    made.heal()
    yield made
    made.close()


def decided(tree: Town) -> tuple[str, str]:
    """A case that the district decided, and the code of its decision, known on the whole path."""
    no = upward(tree)
    decide(tree, no)
    code = issue(tree, "district", no, "decision")["code"]
    tree.heal()
    assert results(tree, code) == everywhere("genuine")
    return no, code


def correct(town: Town, name: str, no: str, paper: str = "decision") -> str:
    return town[name].center.paper_changes.correct(no, paper, WRONG, APPROVER).document["code"]


def states(town: Town, name: str, no: str) -> dict[str, str]:
    return {row["paper"]: row["state"] for row in town[name].center.papers.listing(no, DIRECTOR) if row["number"]}


def test_each_kind_of_code_has_its_answer_on_the_path_and_is_unknown_elsewhere(tree: Town) -> None:
    no, genuine = decided(tree)
    accepted = issue(tree, "township", no, "acceptance")["code"]
    code = parse_code(genuine)
    assert code is not None
    with tree["village"].center.store.reading() as view:
        basis = next(one.event.hash for one in view.cases.entries(no) if one.event.kind == "approved")
    forged = PaperCode(no, "decision", code.version, code.year, 987654, code.day).signed(basis)
    altered = genuine.replace(".DE", ".RC")
    never = PaperCode(no, "correction_of_paper", code.version, code.year, 9, code.day).signed(basis)
    notice = correct(tree, "township", no, "acceptance")
    tree["district"].center.paper_changes.revoke(no, "decision", REVOKED_FOR, APPROVER)
    tree.heal()
    expected = {
        forged: "not_genuine", altered: "not_genuine", never: "unknown_here", accepted: "corrected", genuine: "withdrawn", notice: "genuine",
    }  # fmt: skip
    for one, result in expected.items():
        assert results(tree, one) == everywhere(result), one
        beside = ("village2", "township2", "village3")
        assert results(tree, one, beside) == everywhere("unknown_here", beside), one
    answer = tree["city"].center.papers.verify(accepted)
    assert (answer["genuine"], [row["kind"] for row in answer["changes"]]) == (True, ["corrected"])
    answer = tree["village"].center.papers.verify(genuine)
    assert [row["kind"] for row in answer["changes"]] == ["revoked"] and "撤字" in answer["changes"][0]["number"]
    for name in PATH:
        assert rebuild(tree[name].center.store) and verify(tree[name].center.store)["ok"], name
        assert results(tree, accepted, (name,)) == {name: "corrected"}
    at_rest(tree)


def test_a_notice_has_a_number_and_words_and_comes_to_who_held_the_case(tree: Town) -> None:
    no, _ = decided(tree)
    tree["district"].center.paper_changes.correct(no, "decision", WRONG, APPROVER)
    tree.heal()
    for name in ("village", "township", "district"):
        paper = tree[name].center.papers.show(no, "correction_of_paper", DIRECTOR)
        assert "原“保成社区1组1号”，更正为“保成社区1组2号”" in str(paper["blocks"]), name
        assert paper["title"] == "更正通知书" and "更字〔2026〕第1号" in paper["number"] and "欧阳建国" in str(paper["blocks"])
        assert paper["state"] == ("issued" if name == "district" else "copy")
        shown = tree[name].center.papers.show(no, "decision", DIRECTOR)
        assert [(one["kind"], one["number"]) for one in shown["changes"]] == [("corrected", paper["number"])]
        assert states(tree, name, no)["decision"] == "corrected" and states(tree, name, no)["correction_of_paper"] == "issued"
    assert states(tree, "city", no)["decision"] == "corrected"
    village = tree["village"].center  # where it was filed: the resident reads it, and the agent takes the first paper back
    with village.store.reading() as view:
        case = view.cases.get(no)
        assert case is not None
        code = str(filing_body(view, case)["query_code"])
    told = village.public.case(no, code)["changed"]
    assert [one["kind"] for one in told] == ["corrected"] and "〔2026〕第1号" in told[0]["of"] and "更字" in told[0]["number"]
    assert (
        village.news.page(AGENT)["counts"]["changed"] == 1 and tree["city"].center.news.page(DIRECTOR)["counts"]["changed"] == 0
    )
    with tree["city"].center.store.reading() as view:
        document = view.connection.execute("SELECT document FROM papers WHERE about<>''").fetchone()[0]
        assert view.objects.size(document) is None  # the city never held the case
    again = tree["district"].center.paper_changes.correct(no, "decision", {"old_words": "甲", "new_words": "乙"}, APPROVER)
    assert "更字〔2026〕第2号" in again.document["number"]


def test_an_organ_above_revokes_and_names_nobody(tree: Town) -> None:
    no, code = decided(tree)
    fields = {"revoked_for": "review", "reason": "行政复议决定撤销原决定", "instrument": "武政复决〔2026〕5号"}
    made = tree["city"].center.paper_changes.revoke(no, "decision", fields, APPROVER).document
    assert made["title"].startswith("撤销") and "申请人：" in str(made["blocks"]) and "欧阳" not in str(made)
    assert "武政复决〔2026〕5号" in str(made["blocks"])
    tree.heal()
    assert results(tree, code) == everywhere("withdrawn")
    assert tree["district"].center.papers.show(no, "revocation", DIRECTOR)["number"] == made["number"]
    at_rest(tree)


@pytest.mark.parametrize(
    ("name", "paper", "action", "actor", "error"),
    [
        ("township", "decision", "correct", APPROVER, "guard_failed"),  # another organ's paper
        ("township", "decision", "revoke", APPROVER, "guard_failed"),  # below it
        ("district", "acceptance", "revoke", APPROVER, "guard_failed"),  # no decision
        ("district", "decision", "correct", CLERK, "forbidden"),
        ("village", "receipt", "correct", AGENT, "forbidden"),  # no organ
        ("district", "tracking", "correct", APPROVER, "no_such_paper"),
        ("township2", "decision", "revoke", APPROVER, "not_found"),
    ],
)
def test_who_may_not_change_a_paper_is_told_why(
    tree: Town, name: str, paper: str, action: str, actor: object, error: str
) -> None:
    no, code = decided(tree)
    issue(tree, "township", no, "acceptance")
    tree.heal()
    door = tree[name].center.paper_changes
    with pytest.raises(TongbanError) as caught:
        door.correct(no, paper, WRONG, actor) if action == "correct" else door.revoke(no, paper, REVOKED_FOR, actor)  # type: ignore[arg-type]
    assert caught.value.code == error
    assert results(tree, code, ("district",)) == {"district": "genuine"}


def test_what_is_revoked_is_neither_corrected_nor_revoked_again(tree: Town) -> None:
    no, _ = decided(tree)
    door = tree["district"].center.paper_changes
    first = door.revoke(no, "decision", REVOKED_FOR, APPROVER, idempotency_key="k")
    assert door.revoke(no, "decision", REVOKED_FOR, APPROVER, idempotency_key="k").document["number"] == first.document["number"]
    for act in (
        lambda: door.revoke(no, "decision", REVOKED_FOR, APPROVER),
        lambda: door.correct(no, "decision", WRONG, APPROVER),
    ):
        with pytest.raises(TongbanError, match="guard_failed"):
            act()
    for wrong in ({"old_words": "a", "new_words": "a"}, {"old_words": "", "new_words": "b"}, {}):
        with pytest.raises(TongbanError):
            tree["township"].center.paper_changes.correct(no, "acceptance", wrong, APPROVER)
    with pytest.raises(TongbanError, match="invalid_input"):
        door.revoke(no, "decision", {**REVOKED_FOR, "revoked_for": "court"}, APPROVER)


@pytest.mark.parametrize("kind", [CORRECTED, REVOKED])
@pytest.mark.parametrize("liar", ["township", "village", "township2"])
def test_what_a_node_says_of_anothers_paper_counts_nowhere(tree: Town, kind: str, liar: str) -> None:
    no, code = decided(tree)
    with tree["district"].center.store.reading() as view:
        header = view.connection.execute(
            "SELECT e.header FROM entries e JOIN papers p USING(arrival) WHERE p.paper='decision'"
        ).fetchone()
        from federation.protocol.envelope import decode_header

        said = dict(decode_header(header[0]).facts)
    said |= {"paper": "correction_of_paper" if kind == CORRECTED else "revocation", "about": "decision", "serial": 5}
    said |= {"revoked_for": "court"} if kind == REVOKED else {}
    tree[liar].center.store.run(lambda tx: tx.journal.append(Draft(kind, "note", said, subject=no, staff_id="s-liar")))
    tree.heal()
    assert results(tree, code) == everywhere("genuine")


def test_a_correction_that_was_forgotten_in_a_restore_comes_back(tree: Town, tmp_path: Path) -> None:
    no, code = decided(tree)
    backup(tree["district"].center.store, copy := tmp_path / "copy.tgz")
    first = correct(tree, "district", no)
    tree.heal()
    tree.burn("district", copy)
    assert results(tree, code, ("district",)) == {"district": "genuine"}
    tree.heal()
    assert results(tree, code) == everywhere("corrected") and results(tree, first) == everywhere("genuine")
    second = (
        tree["district"]
        .center.paper_changes.correct(no, "decision", {"old_words": "甲", "new_words": "乙"}, APPROVER)
        .document["number"]
    )
    assert second != tree["district"].center.papers.verify(first)["number"] and "-" in second  # the series of the new epoch
