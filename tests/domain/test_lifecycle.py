"""The transition table is whole, consistent with the standard table, and what is generated from it is up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from node.domain.cases import acts
from node.domain.cases.access import AT_VILLAGE, CASE_ROLES, HALLS, may, may_ask
from node.domain.cases.lifecycle import (
    BUILT,
    EXTRA,
    INDEX,
    KINDS,
    NEW,
    PREVIOUS,
    REQUESTS,
    RESUME,
    SAME,
    STATUSES,
    TABLE,
    Transition,
)
from node.domain.cases.schema import SCHEMA, check_facts
from node.domain.model import Role
from node.domain.notes import BY_NAME
from node.domain.papers.kinds import LETTERS
from node.domain.papers.papers import NOTICES
from node.domain.words.flags import FLAGS

BUILT_ROWS = {*range(2, 3), *range(3, 9), *range(10, 23), 25, 26, 28, 33, 34, 35, 36, 37, 38, 41, 42, 45, 47}


def test_every_row_of_the_standard_table_has_its_place() -> None:
    assert {row.row for row in TABLE} == set(range(1, 51))
    assert {row.row for row in TABLE if row.built} == BUILT_ROWS


@pytest.mark.parametrize("row", [*TABLE, *EXTRA], ids=lambda row: f"{row.row}-{row.action}")
def test_a_row_speaks_of_what_exists(row: Transition) -> None:
    assert set(row.sources) <= {*STATUSES, NEW}
    assert row.to in {*STATUSES, SAME, PREVIOUS, RESUME}
    assert set(row.roles) <= set(Role)
    if row.built:
        assert row.kind == "" or row.kind in SCHEMA
        assert not row.forward or row.to not in ("withdrawn", "terminated", "voided", "not_accepted", "not_required", "refused")


def test_one_status_and_action_means_one_row() -> None:
    pairs = [(source, row.action) for row in BUILT for source in row.sources]
    assert len(pairs) == len(set(pairs)) == len(INDEX)


def test_every_built_row_has_its_room_with_builder_guards_fact_and_answer() -> None:
    assert list(acts.faults()) == []
    assert set(SCHEMA) == {*KINDS, *acts.NO_EVENTS, *BY_NAME}


def test_what_a_row_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "BUILDERS", {name: one for name, one in acts.BUILDERS.items() if name != "suspend"})
    monkeypatch.setattr(acts, "GUARDS", {name: one for name, one in acts.GUARDS.items() if name != "stoppable"})
    monkeypatch.setattr(acts, "OF_KIND", {name: one for name, one in acts.OF_KIND.items() if name != "resumed"} | {"strange": 0})
    assert list(acts.faults()) == [
        "no room builds suspend",
        "no room has the guard stoppable of suspend",
        "no room knows the fact resumed",
        "no row leaves strange",
    ]


def test_a_room_names_only_flags_and_papers_that_exist() -> None:
    assert {flag for kind in acts.OF_KIND.values() for flag, _ in kind.rules} <= set(FLAGS)
    assert {paper for kind in acts.OF_KIND.values() for paper in kind.papers} | set(NOTICES) == set(LETTERS)


def test_a_village_never_accepts_or_decides() -> None:
    organ = {
        row
        for row in BUILT
        if row.action in ("accept", "not_accept", "not_required", "request_correction", "approve", "refuse", "refer", "receive")
    }
    assert len(organ) == 8
    assert not any(may(row, "village", role) for row in organ for role in Role)
    assert set(AT_VILLAGE) <= {row.action for row in BUILT} | set(REQUESTS)


@pytest.mark.parametrize("tier", ["village", *HALLS])
def test_only_people_with_a_case_role_act(tier: str) -> None:
    for role in (Role.ADMIN, Role.OVERSEER, Role.CATALOG_EDITOR):
        assert not any(may(row, tier, role) for row in BUILT)
        assert not any(may_ask(action, tier, role) for action in REQUESTS)
    assert all(may(row, tier, Role.DIRECTOR) for row in BUILT for role in CASE_ROLES[tier] if may(row, tier, Role(role)))


def test_free_text_is_no_fact() -> None:
    assert check_facts("withdrawn", {"reason": "不想办了"}) == ["reason"]
    assert check_facts("delivered", {"mode": "direct mail"}) == ["mode"]
    assert check_facts("delivered", {"mode": "direct", "request": b"r" * 32}) == []
    assert check_facts("suspended", {"days": True, "until": "2026-01-01"}) == ["days", "until"]
    assert check_facts("a_later_kind", {"what": "ever"}) == []


def test_the_diagram_is_drawn_from_the_table() -> None:
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "make_state_diagram.py"))
    assert script["main"](["--check"]) == 0, "run python scripts/make_state_diagram.py"
    text = script["render"]()
    assert "submitted --> accepted: accept" in text
    assert "(not built)" in text
