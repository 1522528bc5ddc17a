"""What is said at the number of a person: open cases for the same item, an age that does not fit, numbers as people type them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from node.domain.words.errors import FieldErrorDocument
from tests.support.network import AGENT, CLERK, Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def codes(warnings: Sequence[FieldErrorDocument]) -> list[object]:
    return [one["code"] for one in warnings]


def test_an_open_case_of_the_person_is_named_at_filing_and_in_the_draft(town: Town) -> None:
    no = town.file("township")
    again = town["township"].center.intake.file(town.application("township"), CLERK)
    assert "open_case" in codes(again.warnings) and any(no in str(one["message"]) for one in again.warnings)
    drafts = town["township"].center.drafts
    id = drafts.start("ZW007", CLERK)
    drafts.save(id, {"id_number": " 420106 19870207\u200b9963"}, CLERK)
    assert any(no in one["message"] for one in drafts.draft(id, CLERK)["person"]["warnings"])


def test_a_person_too_young_for_the_item_is_pointed_out(town: Town) -> None:
    filed = town["village"].center.intake.file(town.application("village", "ZW026"), AGENT)
    assert "too_young" in codes(filed.warnings)
    drafts = town["village"].center.drafts
    id = drafts.start("ZW026", AGENT)
    drafts.save(id, {"id_number": "４２０１０６１９８７０２０７９９６３"}, AGENT)
    assert codes(drafts.draft(id, AGENT)["person"]["warnings"])[-1] == "too_young"


def test_earlier_cases_and_what_the_person_gave_stand_at_the_number_and_are_taken_over(town: Town) -> None:
    who = {"name": "阿依古丽·买买提", "id_number": "42010219941022999X", "phone": "13800138000", "address": "江岸区大智街道"}
    ended = town.file("township", item="ZW002", applicant=who)
    town.act("township", ended, "withdraw", CLERK, reason="不办了")
    newer = town.file("township", applicant={**who, "phone": "13900139000"})
    drafts = town["township"].center.drafts
    id = drafts.start("ZW007", CLERK)
    hints = drafts.person(id, {"id_number": "４２０１０２ 19941022999x"}, CLERK)
    assert [(one["case_no"], one["status"]) for one in hints["cases"]] == [
        (newer, hints["cases"][0]["status"]),
        (ended, "withdrawn"),
    ]
    assert all(one["filed_at"] and one["item_name"] for one in hints["cases"]) and codes(hints["warnings"]) == ["open_case"]
    last = hints["last"]
    assert last is not None and (last["name"], last["phone"], last["address"]) == (who["name"], "13900139000", who["address"])
    assert drafts.draft(id, CLERK)["fields"].get("id_number", "") == "", "asking stores nothing"
    drafts.save(id, {"id_number": who["id_number"], "note": "有急事"}, CLERK)
    drafts.take_person(id, CLERK)
    fields = drafts.draft(id, CLERK)["fields"]
    assert (fields["name"], fields["phone"], fields["note"]) == (who["name"], "13900139000", "有急事")


@pytest.mark.parametrize("number", ["", "4201", "420102195803129961", "E12345678", "没有", "%"])
def test_of_a_number_nobody_has_nothing_is_said(town: Town, number: str) -> None:
    town.file("township")
    drafts = town["township"].center.drafts
    hints = drafts.person(drafts.start("ZW007", CLERK), {"id_number": number}, CLERK)
    assert hints == {"warnings": [], "cases": [], "last": None}
