"""What a case awaits: every status has an answer, every answer somebody whose turn it is."""

from __future__ import annotations

import pytest

from node.domain.cases.awaits import AWAITED, ELSEWHERE, ROLES, awaits, came_back, turns_of
from node.domain.cases.lifecycle import STATUSES
from node.domain.model import Case, Role

ME = b"\x01" * 32
OVER = frozenset("not_required not_accepted withdrawn terminated voided delivered superseded returned".split())


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("tier", ["village", "township", "district", "city"])
def test_every_status_awaits_something_or_is_over(status: str, tier: str) -> None:
    case = Case(case_no="x", status=status, custodian=ME, origin=ME, version=1)
    found = awaits(case, ME, tier, lambda _: None)
    assert (found is None) == (status in OVER)
    assert found is None or found in AWAITED


def test_what_is_awaited_is_somebodys_turn_and_a_director_may_do_all() -> None:
    for awaited, roles in ROLES.items():
        assert roles and all(awaited in turns_of(role) for role in roles)
    assert set(turns_of(str(Role.DIRECTOR))) >= set(ROLES)
    assert turns_of(str(Role.ADMIN)) == () and ELSEWHERE not in ROLES


def test_a_case_held_by_another_concerns_only_who_had_it() -> None:
    other = b"\x02" * 32
    mine = Case(case_no="x", status="accepted", custodian=other, origin=ME, version=1)
    assert awaits(mine, ME, "township", lambda _: None) == ELSEWHERE
    strange = Case(case_no="x", status="accepted", custodian=other, origin=other, version=1)
    assert awaits(strange, ME, "township", lambda _: None) is None and not came_back(strange, ME)
