"""The table of who may do what against LIFECYCLE.md ("Who may, by tier") and INTERFACE.md ("Roles"), pair by pair by hand."""

from __future__ import annotations

import pytest

from node.domain.cases import access
from node.domain.cases.access import TABLE, Function, has, may_ever, require, require_act
from node.domain.model import TIERS, Role
from node.domain.words.errors import TongbanError

YES, NO = True, False
# (role, tier, function or act, may). A function of the table, or `act:NAME` for an act of the lifecycle.
BY_HAND = (
    # enquiry, draft, batch: agent | clerk | clerk | clerk
    ("agent", "village", "file_case", YES), ("clerk", "township", "file_case", YES), ("clerk", "district", "draft", YES),
    ("clerk", "city", "file_case", YES), ("examiner", "district", "file_case", NO), ("approver", "township", "draft", NO),
    ("agent", "township", "file_case", NO), ("clerk", "village", "draft", NO), ("admin", "city", "file_case", NO),
    # receive: halls; accept, not accept, correction: never at a village
    ("clerk", "township", "act:receive", YES), ("agent", "village", "act:receive", NO), ("agent", "village", "act:accept", NO),
    ("director", "village", "act:accept", NO), ("clerk", "district", "act:accept", YES), ("clerk", "city", "act:request_correction", YES),
    ("clerk", "township", "act:not_accept", YES), ("agent", "village", "act:request_correction", NO), ("reviewer", "city", "act:accept", NO),
    # examine: examiner; decide, extend: approver; a village decides nothing; a director does what the node may do
    ("examiner", "district", "act:complete_step", YES), ("agent", "village", "act:complete_step", NO), ("clerk", "city", "act:approve", NO),
    ("approver", "township", "act:approve", YES), ("approver", "city", "act:refuse", YES), ("director", "village", "act:approve", NO),
    ("director", "township", "act:approve", YES), ("examiner", "district", "act:extend", NO), ("approver", "district", "act:extend", YES),
    # refer and return to lower: halls; hand over: the village alone; deliver: agent at the village, clerk in halls
    ("approver", "township", "act:refer", YES), ("agent", "village", "act:refer", NO), ("agent", "village", "hand_over_many", YES),
    ("clerk", "township", "act:hand_over", NO), ("agent", "village", "act:deliver", YES), ("clerk", "township", "act:deliver", YES),
    # undo own: village too; void: head of a hall, never a village
    ("agent", "village", "act:undo", YES), ("director", "village", "act:void", NO), ("approver", "city", "act:void", YES),
    # catalog: overlay at a township, own items at a district, the unified layer at the city; nothing at a village
    ("catalog_editor", "township", "edit_catalog", YES), ("catalog_editor", "city", "publish_rules", YES),
    ("director", "village", "edit_catalog", NO), ("clerk", "city", "edit_catalog", NO), ("admin", "city", "edit_catalog", NO),
    # supervision: overseer and director at every tier; figures for who supervises or decides, the network also for the administrator
    ("overseer", "village", "oversight", YES), ("director", "township", "oversight", YES), ("clerk", "district", "oversight", NO),
    ("admin", "city", "oversight", NO), ("integration", "city", "oversight", NO), ("overseer", "city", "stats", YES),
    ("admin", "township", "stats", YES), ("clerk", "city", "stats", NO), ("integration", "district", "stats", NO),
    ("admin", "village", "network", YES), ("approver", "city", "network", NO),
    # three hands: the administrator runs the node and sees no case; the overseer sees no case; systems read and file
    ("admin", "district", "read_case", NO), ("overseer", "city", "read_case", NO), ("catalog_editor", "city", "read_case", NO),
    ("integration", "township", "read_case", YES), ("reviewer", "district", "read_case", YES), ("admin", "village", "backup", YES),
    ("director", "city", "backup", NO), ("director", "district", "manage_people", NO), ("admin", "township", "audit_log", YES),
    ("overseer", "district", "audit_log", NO), ("auditor", "city", "audit_log", YES), ("auditor", "township", "reading_log", YES),
    ("admin", "city", "reading_log", NO), ("auditor", "city", "read_case", NO), ("auditor", "city", "manage_people", NO),
    ("director", "city", "release_case", YES), ("admin", "city", "release_case", NO),
)  # fmt: skip


@pytest.mark.parametrize(("role", "tier", "what", "may"), BY_HAND, ids=lambda part: str(part))
def test_as_the_lifecycle_says(role: str, tier: str, what: str, may: bool) -> None:
    kind, _, act = what.rpartition(":")
    if kind:
        assert may_ever(act, tier, Role(role)) is may
    else:
        assert has(Function(what), tier, Role(role)) is may


@pytest.mark.parametrize("tier", TIERS)
def test_the_table_is_whole_and_names_only_roles_that_the_tier_has(tier: str) -> None:
    assert set(TABLE) == set(Function)
    for function, tiers in TABLE.items():
        assert set(tiers) == set(TIERS) and set(tiers[tier]) <= set(access.ROLES[tier]), function
    for role in access.ROLES[tier]:
        assert any(role in TABLE[function][tier] for function in TABLE if function is not Function.READ_CATALOG), role


def test_refusals_say_who_may_or_that_nobody_here_does() -> None:
    with pytest.raises(TongbanError) as told:
        require(Function.OVERSIGHT, "city", Role.CLERK)
    assert told.value.sentence("zh") == "您的岗位无权进行此操作：“监察”只对监察员、中心主任开放"
    assert told.value.sentence("en") == "your role may not do this: oversight: open to overseer, director only"
    with pytest.raises(TongbanError) as told:
        require(Function.EDIT_CATALOG, "village", Role.DIRECTOR)
    assert "不在村（社区）便民服务代办站办理" in told.value.sentence("zh") and "not done at this tier" in told.value.sentence(
        "en"
    )


def test_an_act_that_nobody_knows_is_for_those_who_act_to_hear_of() -> None:
    require_act("no_such_act", "city", Role.CLERK)
    with pytest.raises(TongbanError, match=r"^forbidden"):
        require_act("no_such_act", "city", Role.ADMIN)
