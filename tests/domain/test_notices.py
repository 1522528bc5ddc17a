"""A stop or an extension has its effect with the paper that tells the applicant of it (行政许可法 45, 42; DOMAIN 0.4)."""

from __future__ import annotations

import pytest

from node.domain.cases.audit import audit
from node.domain.cases.casefold import evolve
from node.domain.cases.deadlines import due_of
from node.domain.model import Case, Event, Role
from node.domain.papers.facts import issued_with
from tests.domain.desk import CALENDAR, NUMBER, Desk, refused
from tests.domain.test_history import REVIEWED


def acted(action: str) -> tuple[Desk, Case, Event]:
    """A case that was stopped or extended: as it stood before, and the entry."""
    desk = Desk(REVIEWED).accepted()
    before = desk.the
    desk.do(action, Role.APPROVER)
    return desk, before, desk.events[-1]


def due(case: Case) -> object:
    found = due_of(case, REVIEWED, "township", CALENDAR)
    return found.due if found is not None else None


@pytest.mark.parametrize("action", ["suspend", "extend"])
def test_without_its_paper_the_act_moves_no_clock_and_is_found(action: str) -> None:
    desk, before, event = acted(action)
    assert due(desk.the) != due(before)
    for lacking in NUMBER:
        bare = event._replace(facts={name: value for name, value in event.facts.items() if name != lacking})
        assert due(evolve(before, bare)) == due(before)
        assert "notice_missing" in audit(before, bare, REVIEWED, tier="township", calendar=CALENDAR)
    assert due(evolve(before, event._replace(body_hash=b""))) == due(before)  # a number without the words
    assert "notice_missing" not in audit(before, event, REVIEWED, tier="township", calendar=CALENDAR)


@pytest.mark.parametrize("action", ["suspend", "extend"])
def test_what_was_written_before_papers_were_part_of_it_keeps_its_effect(action: str) -> None:
    desk, before, event = acted(action)
    old = event._replace(schema=1, facts={name: value for name, value in event.facts.items() if name not in NUMBER})
    assert due(evolve(before, old)) == due(desk.the)
    assert "notice_missing" not in audit(before, old, REVIEWED, tier="township", calendar=CALENDAR)


@pytest.mark.parametrize("action", ["suspend", "extend"])
def test_it_cannot_be_taken_back_for_its_paper_is_out(action: str) -> None:
    desk, _, _ = acted(action)
    assert "undo" not in desk.names(Role.APPROVER)
    refused("guard_failed", lambda: desk.do("undo", Role.APPROVER), "告知文书已随办理一并出具")


def test_the_entry_of_the_act_is_the_fact_of_the_issue() -> None:
    _, _, event = acted("suspend")
    fact = issued_with(event)
    assert fact is not None and (fact.paper, fact.basis, fact.version) == ("special_procedure", event.hash, event.version)
    assert fact.document == event.body_hash and fact.number.endswith("第1号")
    for wrong in ({"serial": 0}, {"organ": "江岸区 市监局"}, {"day": "x"}, {"year": 1}):
        assert issued_with(event._replace(facts={**event.facts, **wrong})) is None
