"""Who gives a command: the person at the machine, under a role that the tier has; and which roles a command hands out."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from node.cli.groups import RoleName
from node.domain.cases import access
from node.domain.json_values import JsonObject
from node.domain.model import TIERS, Role
from node.domain.words.errors import TongbanError
from node.running.operations import FUNCTIONS, OPERATIONS
from tests.support.network import Town, four_tiers


@pytest.mark.parametrize("tier", TIERS)
def test_every_command_is_as_the_table_says(tier: str) -> None:
    """Refused before anything is touched where nobody of the tier has the function; else it goes on to ask the node."""
    nothing: Any = SimpleNamespace(place=SimpleNamespace(tier=tier))
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
            assert OPERATIONS[command](center, {"name": f"{role} 甲", "role": str(role), "days": 30})
            continue
        before = center.upkeep.status()["journal"]["entries"]
        with pytest.raises(TongbanError, match=r"^wrong_role") as told:
            OPERATIONS[command](center, {"name": "乙", "role": str(role), "days": 30})
        assert center.upkeep.status()["journal"]["entries"] == before
        assert told.value.status == 422 and told.value.fields == {"role": "not_a_choice"}
        assert "没有“" in told.value.sentence("zh") and re.fullmatch(r"[\x20-\x7e“”]+", told.value.sentence("en"))


def test_the_command_line_knows_the_roles_of_the_table() -> None:
    assert set(RoleName.__args__) == {str(role) for tier in TIERS for role in access.tokens(tier)}  # type: ignore[attr-defined]


def test_who_files_from_the_command_line() -> None:
    assert [access.operator(access.Function.FILE_CASE, tier) for tier in TIERS] == ["agent", "clerk", "clerk", "clerk"]


@pytest.mark.parametrize(
    ("operation", "said"),
    [("token", {"name": 5, "role": "clerk"}), ("token", {}), ("case_file", {"documents": "x", "source": "default"}),
     ("due", {"accepted_at": "2026-03-02", "limit": "5", "unit": "workday", "extension": 0, "pauses": []}),
     ("due", {"accepted_at": "2026-03-02", "limit": 5, "unit": "workday", "extension": 0, "pauses": [["2026-03-02"]]}),
     ("document_import", {"kind": "rules", "data": ["eA=="]})],
)  # fmt: skip
def test_an_argument_that_is_missing_or_of_another_kind_is_named_and_no_fault_of_ours(
    town: Town, operation: str, said: JsonObject
) -> None:
    with pytest.raises(TongbanError, match=r"^malformed"):
        OPERATIONS[operation](town["city"].center, said)
