"""The format is frozen as 1.0: bytes are written as they were recorded, and nothing that may be said goes away or changes its type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from node.domain.cases.acts import FEATURE_OF, OF_KIND
from scripts.recording import fixtures, golden

V1 = Path(__file__).resolve().parents[1] / "data" / "v1"
FROZEN = (
    "Format 1.0 is frozen (docs/changing.md, “After 1.0”). Do not record the fixtures anew: nodes of 1.0 hash, sign and compare these bytes."
    " Add a field, a fact, a kind with its feature, or a schema beside what is there, and leave what is there as it is."
)
GOLDEN: dict[str, str] = json.loads((V1 / fixtures.GOLDEN).read_text("utf-8"))
SHAPE: dict[str, Any] = json.loads((V1 / fixtures.SHAPE).read_text("utf-8"))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_bytes_of_1_0_are_written_as_they_were(name: str) -> None:
    assert golden.values().get(name) == GOLDEN[name], f"{name}: {FROZEN}"


@pytest.mark.parametrize("part", ["case kinds", "note kinds", "messages"])
def test_no_kind_fact_or_field_of_1_0_goes_away_or_changes_its_type(part: str) -> None:
    now = golden.shape()[part]
    for name, fields in SHAPE[part].items():
        assert name in now, f"{part}: {name} is gone. {FROZEN}"
        changed = {field: (was, now[name].get(field)) for field, was in fields.items() if now[name].get(field) != was}
        assert not changed, f"{part}: {name} says something else: {changed}. {FROZEN}"


@pytest.mark.parametrize("part", ["statuses", "features", "migrations"])
def test_what_1_0_knows_is_still_known(part: str) -> None:
    missing = [one for one in SHAPE[part] if one not in golden.shape()[part]]
    assert not missing, f"{part}: {missing} went away. {FROZEN}"


def test_letters_of_papers_stand_for_what_they_stood_for() -> None:
    now = golden.shape()["letters of papers"]
    assert {paper: now.get(paper) for paper in SHAPE["letters of papers"]} == SHAPE["letters of papers"], FROZEN


def test_a_schema_is_only_raised_and_a_new_kind_names_its_feature() -> None:
    """So that who holds a case knows whether the nodes on its way home can serve what it is about to write."""
    now, were = golden.shape()["schemas"], SHAPE["schemas"]
    assert all(now[name] >= schema for name, schema in were.items()), FROZEN
    new = set(OF_KIND) - set(were)
    lacking = sorted(new - set(FEATURE_OF))
    assert not lacking, f"{lacking}: a kind of case events that 1.0 does not know needs `feature` (docs/changing.md, “After 1.0”)"
