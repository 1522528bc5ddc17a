"""What may change in a layer of the catalog: an upsert keeps the rest, an overlay tightens, a tier adds its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from node.domain.catalog.importing import plan_import
from node.domain.catalog.item import Item
from tests.domain.catalog_rows import STEP, notes, parse, row


def published(*rows: dict[str, str], tier: str = "city") -> dict[str, Item]:
    plan = plan_import({}, {}, parse(*rows), tier)
    assert not plan.errors
    return {item.item_id: item for item in plan.changed}


def test_an_upsert_keeps_what_a_file_does_not_speak_of() -> None:
    current = published(row("A1", contact_phone="1", fee="10元"), row("A2"))
    partial = row("A1", promised_limit_workdays="5")
    del partial["special_steps"], partial["department"]
    plan = plan_import(current, {}, parse(partial), "city")
    (item,) = plan.changed
    assert (item.version, item.promised_limit, item.department, item.fee, item.contact) == (2, 5, "残联", "10元", {"phone": "1"})
    cleared = plan_import(current, {}, parse({**row("A1"), "fee": "", "contact_phone": ""}), "city").changed[0]
    assert cleared.fee == "" and cleared.contact == {}
    assert item.layer_tier == "city"


def test_below_the_city_a_promise_may_be_tightened_and_contacts_added() -> None:
    above = published(row("A1", contact_hours="9-17"), row("A2"))
    for tier in ("district", "township"):
        plan = plan_import({}, above, parse(row("A1", promised_limit_workdays="5", contact_phone="027-1"), row("A2")), tier)
        assert not plan.errors and plan.unchanged == 1
        (item,) = plan.changed
        assert (item.version, item.promised_limit, item.layer_tier) == (2, 5, tier)
        assert item.contact == {"hours": "9-17", "phone": "027-1"}
        again = plan_import({"A1": item}, above, parse(row("A1", promised_limit_workdays="5", contact_phone="027-1")), tier)
        assert again.changed == () and again.unchanged == 1


def test_an_overlay_may_go_back_to_what_holds_above_but_never_beyond() -> None:
    above = published(row("A1"))
    (own,) = plan_import({}, above, parse(row("A1", promised_limit_workdays="5")), "district").changed
    (back,) = plan_import({"A1": own}, above, parse(row("A1")), "district").changed
    assert (back.promised_limit, back.version) == (10, 3)
    assert plan_import({"A1": back}, above, parse(row("A1")), "district").unchanged == 1
    loose = plan_import({"A1": own}, above, parse(row("A1", promised_limit_workdays="11")), "district")
    assert notes(loose.errors) == [(2, "promised_limit_workdays", "overlay_looser")] and loose.changed == ()
    none = plan_import({}, above, parse(row("A1", promised_limit_workdays="")), "district")
    assert notes(none.errors) == [(2, "promised_limit_workdays", "overlay_looser")]
    open_ended = published(row("A1", promised_limit_workdays=""))
    assert not plan_import({}, open_ended, parse(row("A1")), "district").errors


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "别名"}, {"department": "x"}, {"category": "行政许可"}, {"approval_level": "township"}, {"accept_levels": "district"},
        {"case_type": "immediate"}, {"statutory_limit": "10"}, {"statutory_unit": "calendar"}, {"materials": "[]"},
        {"special_steps": [STEP]}, {"agent_allowed": "no"}, {"fee": "1元"}, {"legal_basis": "x"}, {"legal_text_version": "x"},
        {"conditions": "x"}, {"result": "x"}, {"co_departments": "公安局"}, {"item_code_basic": "x"}, {"item_code_real": "x"},
        {"remark": "x"}, {"effective_from": "2026-01-01"},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_everything_else_is_reported_by_line(changes: dict[str, Any]) -> None:
    above = published(row("A1", effective_from="2026-02-01"), row("A2"))
    found = plan_import({}, above, parse(row("A2"), row("A1", **changes)), "district")
    assert notes(found.errors) == [(3, next(iter(changes)), "overlay_changes")] and found.changed == ()


def test_an_overlay_never_starts_before_what_it_overlays() -> None:
    above = published(row("A1", effective_from="2026-02-01"))
    (item,) = plan_import({}, above, parse(row("A1", promised_limit_workdays="5")), "district").changed
    assert item.effective_from == dt.date(2026, 2, 1)
    later = row("A1", promised_limit_workdays="5", effective_from="2026-03-01")
    assert plan_import({}, above, parse(later), "district").changed[0].effective_from == dt.date(2026, 3, 1)


def test_who_may_add_items() -> None:
    above = published(row("A1"))
    mine = parse(row("D1"))
    added = plan_import({}, above, mine, "district")
    assert [(item.item_id, item.version, item.layer_tier) for item in added.changed] == [("D1", 1, "district")]
    assert notes(plan_import({}, above, parse(row("D1", approval_level="city")), "district").errors) == [
        (2, "approval_level", "not_our_level")
    ]
    assert notes(plan_import({}, above, mine, "township").errors) == [(2, "item_id", "layer_may_not_add")]
    assert notes(plan_import({}, above, parse(row("A1")), "village").errors) == [(2, "item_id", "layer_may_not_overlay")]
    own = parse(row("D1", approval_level="township"))
    assert plan_import({}, {}, own, "township", root=True).changed  # a root may
    early = plan_import({}, {}, own, "township")  # nothing has come down yet: that makes nobody a root
    assert notes(early.errors) == [(2, "item_id", "layer_may_not_add")]
