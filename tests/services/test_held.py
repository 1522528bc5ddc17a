"""What a counter holds of an application: files, originals on paper, and what is still missing; what papers say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from node.domain.cases.corrections import copies
from node.domain.cases.documents import CaseDocument
from node.domain.words.errors import TongbanError
from tests.support.network import AGENT, CLERK, DAY, Town, four_tiers


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


def filed(town: Town, name: str = "township", *held: dict[str, Any]) -> str:
    """A case whose materials are held as said, in the order of the item's list."""
    document = town.application(name)
    names = [one["material"] for one in document["attachments"]]
    document["attachments"] = [{"material": material, **how} for material, how in zip(names, held, strict=False)]
    document["attachments"] += [{"material": material, "held": "paper", "count": 1} for material in names[len(held) :]]
    return town[name].center.intake.file(document, AGENT if name == "village" else CLERK).case_no


def seen(town: Town, case_no: str, name: str = "township") -> CaseDocument:
    return town[name].center.cases.case(case_no, AGENT if name == "village" else CLERK)


def offered(town: Town, case_no: str) -> list[str]:
    return [row["action"] for row in seen(town, case_no)["actions"]]


def test_a_counter_takes_paper_and_an_incomplete_application(town: Town) -> None:
    case_no = filed(town, "township", {"held": "missing"}, {"held": "paper", "count": 2})
    rows = seen(town, case_no)["materials"]
    assert seen(town, case_no)["status"] == "submitted"
    assert [(row["held"], row["copies"]) for row in rows[:2]] == [("missing", 0), ("paper", 2)]


def test_acceptance_names_what_is_missing_until_it_is_recorded_at_the_window(town: Town) -> None:
    case_no = filed(town, "township", {"held": "missing"})
    name = seen(town, case_no)["materials"][0]["name"]
    assert "accept" not in offered(town, case_no)
    with pytest.raises(TongbanError, match="guard_failed") as caught:
        town.act("township", case_no, "accept", CLERK)
    assert name in caught.value.sentence("zh")
    town.act("township", case_no, "record_papers", CLERK, papers="0:2")
    row = seen(town, case_no)["timeline"][-1]
    assert row["action"] == "papers_recorded" and row["staff"] == CLERK.staff_id
    assert name in str(row["told"])
    town.act("township", case_no, "accept", CLERK)
    assert seen(town, case_no)["status"] == "accepted"


def test_what_is_not_spoken_of_is_refused_as_before(town: Town) -> None:
    document = town.application("township")
    gone = document["attachments"].pop(0)["material"]
    with pytest.raises(TongbanError) as caught:
        town["township"].center.intake.file(document, CLERK)
    assert caught.value.fields == {"attachments": "missing_material"}
    assert gone in str(caught.value.as_document())


def test_a_village_may_say_paper_and_not_missing(town: Town) -> None:
    case_no = filed(town, "village", {"held": "paper", "count": 3})
    assert seen(town, case_no, "village")["materials"][0]["copies"] == 3
    with pytest.raises(TongbanError) as caught:
        filed(town, "village", {"held": "missing"})
    assert caught.value.fields == {"attachments": "missing_material"}


@pytest.mark.parametrize(
    ("how", "field", "code"),
    [
        ({"held": "lost"}, "held", "not_a_choice"),
        ({"held": 3}, "held", "wrong_type"),
        ({"held": "paper", "count": 0}, "count", "out_of_range"),
        ({"held": "paper", "count": 100}, "count", "out_of_range"),
        ({"held": "paper", "count": "2"}, "count", "wrong_type"),
        ({"held": "paper", "count": True}, "count", "wrong_type"),
    ],
)
def test_a_wrong_word_about_a_material_has_its_field(town: Town, how: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(TongbanError) as caught:
        filed(town, "township", how)
    assert caught.value.fields == {f"attachments[0].{field}": code}


def test_papers_that_are_recorded_must_be_of_the_case(town: Town) -> None:
    case_no = filed(town, "township", {"held": "missing"})
    for papers in ("77:1", "0:0", "0:x", ""):
        with pytest.raises(TongbanError, match="invalid_input"):
            town.act("township", case_no, "record_papers", CLERK, papers=papers)


def test_a_saved_draft_of_a_counter_is_handed_in_with_what_it_says_is_missing(town: Town) -> None:
    document = town.application("township")
    document["attachments"] = [{"material": one["material"], "held": "missing"} for one in document["attachments"]]
    intake = town["township"].center.intake
    assert intake.file(document, CLERK, draft=True).status == "draft"
    assert intake.file(document, CLERK).status == "submitted"


def paper(town: Town, case_no: str, which: str) -> str:
    return str(town["township"].center.papers.show(case_no, which, CLERK))


def test_the_receipt_lists_which_is_paper_and_which_is_missing(town: Town) -> None:
    case_no = filed(town, "township", {"held": "missing"}, {"held": "paper", "count": 2})
    blocks = town["township"].center.papers.show(case_no, "receipt", CLERK)["blocks"]
    tables = {str(one["caption"]): str(one) for one in blocks if "caption" in one}
    assert "纸质原件" in tables["收到的材料"]
    name = seen(town, case_no)["materials"][0]["name"]
    assert name in tables["尚未收到的材料"] and name not in tables["收到的材料"]


def test_acceptance_says_complete_only_when_it_is(town: Town) -> None:
    whole = filed(town, "township")
    town.act("township", whole, "accept", CLERK)
    assert "材料齐全" in paper(town, whole, "acceptance")
    announced = filed(town, "township", {"size": 1000})
    town.act("township", announced, "accept", CLERK)
    text = paper(town, announced, "acceptance")
    assert "材料齐全" not in text and "文件待传" in text


def test_originals_recorded_after_a_notice_answer_it_and_stand_as_paper_on_its_receipt(town: Town) -> None:
    case_no = filed(town, "township", {"held": "missing"})
    town.act("township", case_no, "request_correction", CLERK, content="缺申请表", due="2026-03-20", materials="0")
    town.act("township", case_no, "record_papers", CLERK, papers="0:2")
    town.act("township", case_no, "supply_correction", CLERK)
    assert (seen(town, case_no)["materials"][0]["held"], seen(town, case_no)["materials"][0]["copies"]) == ("paper", 2)
    blocks = town["township"].center.papers.show(case_no, "receipt", CLERK)["blocks"]
    table = next(str(one) for one in blocks if one.get("caption") == "收到的材料")
    assert "纸质原件" in table and "电子件" not in table
    town.act("township", case_no, "accept", CLERK)


def test_the_tier_above_holds_the_same(town: Town) -> None:
    case_no = filed(town, "township", {"held": "missing"}, {"held": "paper", "count": 4})
    town.act("township", case_no, "record_papers", CLERK, papers="0:3")
    before = [(row["held"], row["copies"]) for row in seen(town, case_no)["materials"]]
    town.heal()
    above = town["district"].center
    with above.store.reading() as view:
        case = view.cases.get(case_no)
    assert case is not None and [copies(case, one) for one in ("0", "1")] == [3, 4] == [n for _, n in before[:2]]


def test_an_older_case_is_not_ready_to_be_handed_over_and_says_how_old_it_is(town: Town) -> None:
    case_no = filed(town, "village")
    agent = town["village"].center.agent

    def row() -> dict[str, Any]:
        return next(dict(one) for one in agent.waiting(AGENT)["rows"] if one["case_no"] == case_no)

    assert (row()["age"], row()["ready"]) == (0, True)
    town.world.advance(2 * DAY)
    assert (row()["age"], row()["ready"]) == (2, False)
