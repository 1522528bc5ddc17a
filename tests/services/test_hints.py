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
    assert any(no in one["message"] for one in drafts.draft(id, CLERK)["hints"])


def test_a_person_too_young_for_the_item_is_pointed_out(town: Town) -> None:
    filed = town["village"].center.intake.file(town.application("village", "ZW026"), AGENT)
    assert "too_young" in codes(filed.warnings)
    drafts = town["village"].center.drafts
    id = drafts.start("ZW026", AGENT)
    drafts.save(id, {"id_number": "４２０１０６１９８７０２０７９９６３"}, AGENT)
    assert codes(drafts.draft(id, AGENT)["hints"])[-1] == "too_young"
