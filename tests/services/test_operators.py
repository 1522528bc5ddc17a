"""Who gives a command: the person at the machine, under a role that the tier has; and which roles a command hands out."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from node.cli.groups import RoleName
from node.domain.cases import access
from node.domain.model import TIERS, Role
from node.domain.words.errors import TongbanError
from node.running.operations import FUNCTIONS, OPERATIONS
from tests.support.network import Town, four_tiers


@pytest.mark.parametrize("tier", TIERS)
def test_every_command_is_as_the_table_says(tier: str) -> None:
    """Refused before anything is touched where nobody of the tier has the function; else it goes on to ask the node."""
    nothing = SimpleNamespace(place=SimpleNamespace(tier=tier))
    for function, named in FUNCTIONS.items():
        for done in named:
            with pytest.raises(Exception) as told:
                OPERATIONS[done.__name__](nothing, {})
            refused = isinstance(told.value, TongbanError) and told.value.code == "forbidden"
            assert refused == (access.TABLE[function][tier] == ()), (done.__name__, told.value)
    assert set(OPERATIONS) == {done.__name__ for named in FUNCTIONS.values() for done in named}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return four_tiers(tmp_path_factory.mktemp("operators"))


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_a_role_that_the_tier_has_not_is_not_given(town: Town, tier: str, role: Role) -> None:
    center = town[tier].center
    for command, among in (("token", access.tokens(tier)), ("staff_add", access.persons(tier))):
        if role in among:
            assert OPERATIONS[command](center, {"name": f"{role} 甲", "role": str(role)})
            continue
        before = center.status()["journal"]["entries"]
        with pytest.raises(TongbanError, match=r"^wrong_role") as told:
            OPERATIONS[command](center, {"name": "乙", "role": str(role)})
        assert center.status()["journal"]["entries"] == before
        assert told.value.status == 422 and told.value.fields == {"role": "not_a_choice"}
        assert "没有“" in told.value.sentence("zh") and re.fullmatch(r"[\x20-\x7e“”]+", told.value.sentence("en"))


def test_the_command_line_knows_the_roles_of_the_table() -> None:
    assert set(RoleName.__args__) == {str(role) for tier in TIERS for role in access.tokens(tier)}  # type: ignore[attr-defined]


def test_who_files_from_the_command_line() -> None:
    assert [access.operator(access.Function.FILE_CASE, tier) for tier in TIERS] == ["agent", "clerk", "clerk", "clerk"]
