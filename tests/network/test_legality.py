"""The audit of legality at every tier: who may not decide decides nothing there, and is found out."""

from __future__ import annotations

import pytest

from tests.support.network import Town
from tests.support.usurper import doubted, flags, usurp

UP = ("village", "township", "district", "city")


def usurped(town: Town) -> str:
    """A village decides a case itself."""
    case_no = town.file("village")
    usurp(town, "village", case_no, "accepted", "approved", "concluded")
    town.heal()
    return case_no


def test_a_village_that_decides_is_doubted_at_every_tier(town: Town) -> None:
    case_no = usurped(town)
    for name in UP:
        assert doubted(town, name, case_no) == 1, name
        assert set(flags(town, name, case_no)) >= {"not_in_table", "beyond_tier", "decided_below"}, name


def test_an_honest_case_is_clear_everywhere(town: Town) -> None:
    case_no = town.file("township")
    for action in ("accept", "complete_step", "approve", "conclude"):
        if action in town.offered("township", case_no):
            town.do("township", case_no, action)
    town.heal()
    for name in ("township", "district", "city"):
        assert (doubted(town, name, case_no), flags(town, name, case_no)) == (0, []), name


@pytest.mark.parametrize(
    "kind", ["received", "accepted", "deemed_accepted", "not_accepted", "terminated", "voided", "decided_at_once"]
)
def test_whatever_only_an_organ_does_is_doubted_when_a_village_does_it(town: Town, kind: str) -> None:
    case_no = town.file("village")
    usurp(town, "village", case_no, kind)
    town.heal()
    for name in UP:
        assert doubted(town, name, case_no) == 1, name
