"""An item that changes, or is withdrawn, between the filing and the acceptance of a case (DOMAIN 0.11, R03)."""

from __future__ import annotations

from dataclasses import replace

from node.domain.model import Role
from node.services.cases.item_update import item_update
from tests.domain.desk import LICENCE, TOWNSHIP, Desk, refused


def test_what_is_withdrawn_cannot_be_accepted_but_turned_down_with_the_reason() -> None:
    desk = Desk(LICENCE)
    desk.file(TOWNSHIP)
    gone = replace(LICENCE, version=4, withdrawn="停止实施")
    context = desk.context
    desk.context = lambda node, **changes: context(node, **({"in_force": gone} | changes))  # type: ignore[method-assign]
    refused("guard_failed", lambda: desk.do("accept", Role.CLERK), "不能受理")
    assert "accept" not in desk.names(Role.CLERK) and "not_required" in desk.names(Role.CLERK)
    assert desk.do("not_required", Role.CLERK, fields={"reason": "事项已取消"}).status == "not_required"


def test_until_it_is_accepted_a_case_says_what_of_its_item_changed() -> None:
    desk = Desk(LICENCE)
    desk.file(TOWNSHIP)
    now = replace(LICENCE, version=4, promised_limit=7, materials=LICENCE.materials[:1])
    found = item_update(desk.the, LICENCE, now)
    assert found is not None and [(one["field"], one["old"], one["new"]) for one in found["changes"]] == [
        ("promised_limit", "10", "7"),
        ("materials", "证明", ""),
    ]
    assert item_update(desk.the, LICENCE, replace(LICENCE, version=4)) is None
    desk.do("accept", Role.CLERK)
    assert item_update(desk.the, LICENCE, now) is None
