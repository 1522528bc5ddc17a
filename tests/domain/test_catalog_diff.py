"""What differs between two versions of an item, and how two people's changes are put together."""

from __future__ import annotations

from typing import Any

import pytest

from node.domain.catalog import diff
from node.domain.catalog.edit import form_of, read_item, read_overlay
from node.domain.catalog.item import Item, Material, SpecialStep
from node.domain.words.errors import TongbanError

BASE = Item(
    "A1", 3, name="甲", category="行政许可", accept_levels=("district",), statutory_limit=20, statutory_unit="workday", promised_limit=10,
    materials=(Material("身份证"), Material("照片", copies=2), Material("申请表")), contact={"phone": "1"}, case_type="commitment",
    special_steps=(SpecialStep("听证", "hearing", 20, counts=False),),
)  # fmt: skip


def change(**values: object) -> Item:
    return Item.from_document({**BASE.to_document(), **values})


def test_nothing_differs_from_itself() -> None:
    assert diff.difference(BASE, BASE) == () and diff.doubts(BASE, BASE) == ()
    assert diff.same_content(BASE, change(version=9, effective_from="2026-03-01", layer_tier="district"))


def test_the_form_reads_back_as_the_same_item() -> None:
    again = read_item(form_of(BASE), BASE, "city", root=True)
    assert again == BASE and diff.same_content(again, BASE)


def test_rows_come_go_change_and_move() -> None:
    rows = [{"name": "照片", "copies": 3}, {"name": "申请表"}, {"name": "身份证"}, {"name": "委托书"}]
    (found,) = diff.difference(BASE, change(materials=rows))
    assert [(row.kind, row.name, row.old_place, row.new_place) for row in found.rows] == [
        ("changed", "照片", 2, 1), ("moved", "申请表", 3, 2), ("moved", "身份证", 1, 3), ("added", "委托书", 0, 4),
    ]  # fmt: skip
    (found,) = diff.difference(change(materials=rows), BASE)
    assert [row.kind for row in found.rows if row.name == "委托书"] == ["removed"]


def test_removing_a_row_moves_no_other() -> None:
    (found,) = diff.difference(BASE, change(materials=[{"name": "照片", "copies": 2}, {"name": "申请表"}]))
    assert [(row.kind, row.name) for row in found.rows] == [("removed", "身份证")]


def test_each_entry_of_the_contact_is_a_field() -> None:
    assert [(c.field, c.old, c.new) for c in diff.difference(BASE, change(contact={"address": "路"}))] == [
        ("contact.address", "", "路"), ("contact.phone", "1", ""),
    ]  # fmt: skip


def test_a_new_item_shows_what_is_filled() -> None:
    fields = [c.field for c in diff.difference(None, BASE)]
    assert "name" in fields and "fee" not in fields and "withdrawn" not in fields


@pytest.mark.parametrize(
    ("step", "category", "refused"),
    [
        (SpecialStep("听证", "hearing", 20, counts=False), "行政许可", False),
        (SpecialStep("听证", "hearing", 20, counts=False), "公共服务", True),  # 行政许可法 45 governs licences only
        (SpecialStep("现场核查", "site_visit", 5, counts=False), "行政许可", True),  # not in Article 45
        (SpecialStep("现场核查", "site_visit", 5, counts=False, stop_basis="条例第三条"), "行政许可", False),
        (SpecialStep("现场核查", "site_visit", 5), "公共服务", False),
    ],
)
def test_a_step_that_does_not_count_needs_the_right_to(step: SpecialStep, category: str, refused: bool) -> None:
    item = Item("A1", category=category, accept_levels=("district",), special_steps=(step,))
    assert [doubt.refused for doubt in diff.doubts(None, item)] == ([True] if refused else [])


def test_a_merge_keeps_both_and_names_where_they_clash() -> None:
    mine, theirs = (
        change(name="我的", fee="1元", contact={"phone": "1", "hours": "九点"}),
        change(name="他的", result="证", contact={"phone": "2"}),
    )
    merged, clashes = diff.merge(BASE, mine, theirs)
    assert (merged.name, merged.fee, merged.result, merged.contact) == ("我的", "1元", "证", {"phone": "2", "hours": "九点"})
    assert clashes == ("name",)
    assert diff.merge(BASE, mine, mine) == (mine, ())


@pytest.mark.parametrize("promise", ["", "11", "x"])
def test_an_overlay_only_tightens(promise: str) -> None:
    with pytest.raises(TongbanError) as caught:
        read_overlay({"promised_limit": promise, "name": "别的"}, BASE, "district")
    assert set(caught.value.fields) == {"promised_limit"}
    kept = read_overlay({"promised_limit": "9", "name": "别的", "contact": {"phone": "2"}}, BASE, "district")
    assert (kept.name, kept.promised_limit, kept.contact, kept.layer_tier) == ("甲", 9, {"phone": "2"}, "district")


@pytest.mark.parametrize(
    "garbage", [{}, {"materials": "x"}, {"materials": [1, None, {"name": 5}]}, {"accept_levels": ["county"]}, {"contact": None}]
)
def test_garbage_is_refused_field_by_field(garbage: dict[str, Any]) -> None:
    with pytest.raises(TongbanError) as caught:
        read_item(garbage, None, "city", root=True)
    assert caught.value.code == "invalid_input" and caught.value.fields
