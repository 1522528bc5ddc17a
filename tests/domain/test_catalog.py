"""The catalog: the real file, and faults by line."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.catalog.importing import ImportPlan, parse_catalog_csv, plan_import
from node.domain.catalog.item import ART_45, KINDS, Item, Material, SpecialStep, label, special_kind
from node.domain.model import TIERS, Case, Gap
from tests.domain.catalog_rows import STEP, notes, parse, row, text

CATALOGS = Path(__file__).resolve().parents[2] / "configs" / "catalog"
DATA = (CATALOGS / "items-detailed.csv").read_bytes()
REAL = parse_catalog_csv(DATA)
STOP_LINES = [24, 25, 48, 86, 127, 132, 139, 146, 147]


# the real file ---------------------------------------------------------------------------------------------------------


def test_the_153_items_import_with_exactly_the_warnings_the_rules_ask_for() -> None:
    assert len(REAL.items) == 153 and REAL.errors == ()
    stops = [note.line for note in REAL.warnings if note.code == "stop_without_basis"]
    late = [note.line for note in REAL.warnings if note.code == "promise_over_statute"]
    assert stops == STOP_LINES and late == [24, 37] and len(REAL.warnings) == len(stops) + len(late)
    for note in REAL.warnings:
        assert note.message_zh and note.message_en and "{" not in note.message_zh + note.message_en
    assert "收养评估、公告" in next(note.message_zh for note in REAL.warnings if note.line == 25)


def test_a_step_without_a_right_to_stop_the_clock_counts() -> None:
    steps = [(item, step) for item in REAL.items for step in item.special_steps]
    assert {item.regime for item, step in steps if not step.counts} == {"licence"}
    assert {step.kind for _, step in steps if not step.counts} <= set(ART_45)
    assert sum(not step.counts for _, step in steps) == 31 - 11  # 31 claim it, 11 on nine lines have no right to
    assert all(step.counts for _, step in steps if step.kind in ("site_visit", "public_notice"))
    by_line = {line: item_id for item_id, line in REAL.lines.items()}
    items = {item.item_id: item for item in REAL.items}
    assert all(step.counts for line in STOP_LINES for step in items[by_line[line]].special_steps)


def test_what_the_real_items_say() -> None:
    items = {item.item_id: item for item in REAL.items}
    assert sum(item.regime == "licence" for item in items.values()) == 75
    move = items["ZW002"]
    assert (move.statutory_limit, move.statutory_unit, move.promised_limit, move.approval_level) == (
        20,
        "workday",
        10,
        "district",
    )
    assert move.accept_levels == ("district", "township") and move.lowest_level == "township" and move.agent_allowed
    assert [m.name for m in move.materials if not m.required] == ["准予迁入证明"]
    assert items["ZW005"].statutory_unit == "calendar" and not items["ZW005"].agent_allowed
    assert move.extra["real_name"] == "户口迁移审批" and move.version == 0 and move.effective_from is None


def test_the_list_of_real_names_is_no_catalog() -> None:
    found = parse_catalog_csv((CATALOGS / "items-real-guangan.csv").read_bytes())
    assert not found.items and ("item_id", "missing_column") in {(n.column, n.code) for n in found.errors}


def test_the_sources_are_named() -> None:
    notice = (CATALOGS / "NOTICE.md").read_text(encoding="utf-8")
    assert "Apache License 2.0" in notice and "v-luobo/zwfw" in notice
    assert "Version 2.0, January 2004" in (CATALOGS / "LICENSE-Apache-2.0.txt").read_text(encoding="utf-8")


def test_the_same_file_again_changes_nothing() -> None:
    first = plan_import({}, {}, REAL, "city")
    assert len(first.changed) == 153 and {item.version for item in first.changed} == {1} and not first.errors
    current = {item.item_id: item for item in first.changed}
    for data in (DATA, b"\xef\xbb\xbf" + DATA, DATA.replace(b"\n", b"\r\n")):
        again = plan_import(current, {}, parse_catalog_csv(data), "city")
        assert again == ImportPlan((), 153, (), REAL.warnings)
    for tier in TIERS[1:]:  # below, it is an overlay without a difference
        assert plan_import({}, current, REAL, tier).changed == () == plan_import({}, current, REAL, tier).errors


# items -----------------------------------------------------------------------------------------------------------------


def test_every_field_of_an_item_stands_in_its_document_under_its_name() -> None:
    """The hash of what is published hangs on the keys; the three that came later are there only where something is said."""
    later = {"extension_days": 5, "paper_required_at": "decide", "withdrawn": "停办"}
    for item in REAL.items:
        plain = json.loads(json.dumps({**asdict(item), "effective_from": None, "regime": item.regime}))
        for one in plain["materials"]:
            if not one["may_be_later"]:
                del one["may_be_later"]  # said only where it is so
        assert item.effective_from is None and item.to_document() == {key: plain[key] for key in plain.keys() - later.keys()}
    follow = [item for item in REAL.items if any(one.may_be_later for one in item.materials)]
    assert len(follow) == 9 and all(item.case_type != "immediate" for item in follow), (
        "nothing can follow what is done the same day"
    )
    full = replace(REAL.items[0], extension_days=5, paper_required_at="decide", withdrawn="停办")
    assert full.to_document() == {**REAL.items[0].to_document(), **later}


def test_an_item_survives_its_document() -> None:
    for item in REAL.items:
        document = json.loads(json.dumps(item.to_document()))
        assert Item.from_document(document) == item == Item.from_document({**document, "of_a_later_version": 1})
        assert Item.from_document(document).content_bytes() == item.content_bytes()
        assert replace(item, version=9).content_bytes() == item.content_bytes() != replace(item, fee="1").content_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"item_id": "../x"}, {"item_id": 5}, {"name": None}, {"version": "1"}, {"version": -1}, {"approval_level": "county"},
        {"accept_levels": []}, {"accept_levels": ["x"]}, {"accept_levels": 5}, {"statutory_limit": "20"}, {"promised_limit": True},
        {"materials": [5]}, {"materials": [{"name": 5}]}, {"materials": [{}]}, {"special_steps": [{"name": "x"}]}, {"contact": 5},
        {"contact": {"phone": 5}}, {"agent_allowed": "no"}, {"effective_from": "soon"}, {"effective_from": 5}, {"layer_tier": "moon"},
    ],
)  # fmt: skip
def test_a_broken_document_of_a_peer_is_no_item(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        Item.from_document({**REAL.items[0].to_document(), **change})


def test_the_process_by_tier() -> None:
    item = Item(
        "A1", category="行政许可", approval_level="district", accept_levels=("district", "township"),
        special_steps=(SpecialStep("现场核查", "site_visit", 5), SpecialStep("听证", "hearing", 20, counts=False)),
    )  # fmt: skip
    for tier in ("village", "township"):
        assert [(s.code, s.role, s.limit_days) for s in item.steps_at(tier)] == [("first_examination", "examiner", 20)]
        assert not item.decides_at(tier)
    for tier in ("district", "city"):
        assert [(s.code, s.role) for s in item.steps_at(tier)] == [
            ("special.1", "examiner"), ("special.2", "examiner"), ("examine", "examiner"), ("approve", "approver"),
        ]  # fmt: skip
        assert item.decides_at(tier)
    other = replace(item, category="公共服务")
    assert other.regime == "other" and other.steps_at("township")[0].limit_days is None


def test_the_customary_label() -> None:
    item = Item("A1", case_type="joint")
    assert label(item, Case("1", status="accepted")) == "joint"
    assert label(item, Case("1", status="accepted", urgent=True)) == "urgent"
    assert label(item, Case("1", status="accepted", urgent=True, gap=Gap(None, ("0",)))) == "gap"
    assert label(item, Case("1", status="returned", gap=Gap(None, ("0",)))) == "returned"
    assert label(item, Case("1", status="refused")) == item.case_type, "a refusal on the merits is no 退办"
    assert label(item, Case("1", status="refused", ground="technical")) == "returned"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("听证公示", "hearing"), ("招标拍卖", "tender"), ("水质检测", "testing"), ("专家鉴定", "appraisal"), ("房屋鉴定", "appraisal"),
        ("专家评审", "expert_review"), ("技术评估", "expert_review"), ("现场评定", "site_visit"), ("伐区核查", "site_visit"),
        ("村内公示", "public_notice"), ("离婚冷静期", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_the_kind_of_a_step_is_in_its_name(name: str, kind: str) -> None:
    assert special_kind(name) == kind and kind in KINDS


# faults by line --------------------------------------------------------------------------------------------------------

FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"item_id": ""}, "item_id", "missing"),
    ({"item_id": "a b"}, "item_id", "invalid"),
    ({"item_id": "x" * 65}, "item_id", "invalid"),
    ({"name": " "}, "name", "missing"),
    ({"name": "x" * 201}, "name", "too_long"),
    ({"name": "a\x00b"}, "name", "bad_character"),
    ({"conditions": "x" * 5001}, "conditions", "too_long"),
    ({"category": "许可"}, "category", "not_a_choice"),
    ({"approval_level": "county"}, "approval_level", "not_a_choice"),
    ({"approval_level": ""}, "approval_level", "missing"),
    ({"accept_levels": ""}, "accept_levels", "missing"),
    ({"accept_levels": "district;moon"}, "accept_levels", "not_a_choice"),
    ({"accept_levels": "district;district"}, "accept_levels", "duplicate"),
    ({"case_type": "fast"}, "case_type", "not_a_choice"),
    ({"statutory_limit": "-5"}, "statutory_limit", "invalid"),
    ({"statutory_limit": "20.0"}, "statutory_limit", "invalid"),
    ({"statutory_limit": "２０"}, "statutory_limit", "invalid"),
    ({"statutory_limit": "9" * 5000}, "statutory_limit", "invalid"),
    ({"statutory_limit": "3651"}, "statutory_limit", "out_of_range"),
    ({"statutory_unit": "week"}, "statutory_unit", "not_a_choice"),
    ({"statutory_unit": ""}, "statutory_unit", "missing"),
    ({"promised_limit_workdays": "1e3"}, "promised_limit_workdays", "invalid"),
    ({"agent_allowed": "maybe"}, "agent_allowed", "not_a_choice"),
    ({"effective_from": "2026-02-30"}, "effective_from", "invalid"),
    ({"effective_from": "20260301"}, "effective_from", "invalid"),
    ({"materials": "身份证"}, "materials", "bad_json"),
    ({"materials": {"name": "x"}}, "materials", "bad_json"),
    ({"materials": ["身份证"]}, "materials", "bad_json"),
    ({"materials": [{"name": "x"}, {"name": " x"}]}, "materials", "bad_json"),
    ({"materials": [{"name": "x", "copies": True}]}, "materials", "bad_json"),
    ({"materials": [{"name": "x", "copies": -1}]}, "materials", "bad_json"),
    ({"materials": [{"name": "x", "form": "fax"}]}, "materials", "bad_json"),
    ({"materials": [{"name": "x", "required": "yes"}]}, "materials", "bad_json"),
    ({"materials": '[{"name": "\\ud800"}]'}, "materials", "bad_json"),
    ({"materials": '[{"name": "a\\u0000"}]'}, "materials", "bad_json"),
    ({"materials": '[{"name": "a", "name": "b"}]'}, "materials", "bad_json"),
    ({"materials": "[" * 5000}, "materials", "bad_json"),
    ({"materials": "[NaN]"}, "materials", "bad_json"),
    ({"materials": [{"name": str(n)} for n in range(101)]}, "materials", "bad_json"),
    ({"special_steps": [{**STEP, "days": -1}]}, "special_steps", "bad_json"),
    ({"special_steps": [{**STEP, "days": 10**30}]}, "special_steps", "bad_json"),
    ({"special_steps": [{**STEP, "days": "5"}]}, "special_steps", "bad_json"),
    ({"special_steps": [{**STEP, "unit": "hour"}]}, "special_steps", "bad_json"),
    ({"special_steps": [{**STEP, "stop_basis": 5}]}, "special_steps", "bad_json"),
    ({"special_steps": [{**STEP, "name": "等待", "kind": "nap"}]}, "special_steps", "bad_json"),
    ({"special_steps": [{"days": 5}]}, "special_steps", "bad_json"),
]


@pytest.mark.parametrize(("changes", "column", "code"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_bad_cell_is_named_by_line_and_column(changes: dict[str, Any], column: str, code: str) -> None:
    found = parse(row("OK1"), row(**changes), row("OK2"))
    assert notes(found.errors) == [(3, column, code)]
    assert [item.item_id for item in found.items] == ["OK1", "OK2"]
    note = found.errors[0]
    assert note.message_zh and note.message_en and len(note.message_zh) < 300
    assert plan_import({}, {}, found, "city").changed == ()


def test_several_faults_of_a_file_are_all_reported() -> None:
    found = parse(row("A1"), row("A1"), row("A2", name="", case_type="x"))
    assert notes(found.errors) == [(3, "item_id", "duplicate"), (4, "name", "missing"), (4, "case_type", "not_a_choice")]
    assert "2" in found.errors[0].message_zh


def test_lines_are_those_of_the_file() -> None:
    long = row("A1", conditions="一\n二\r\n三")
    data = text(long, row("A2"), row("A3", name="")).replace(b"A2", b"A2", 1)
    blank = data.replace(b"\r\nA2", b"\r\n,,,\r\n\r\nA2")
    assert [note.line for note in parse_catalog_csv(data).errors] == [6]
    assert [note.line for note in parse_catalog_csv(blank).errors] == [8]
    assert parse_catalog_csv(data).lines == {"A1": 2, "A2": 5, "A3": 6}


def test_columns_missing_twice_unknown_or_empty() -> None:
    assert ("materials", "missing_column") in {(n.column, n.code) for n in parse_catalog_csv(b"item_id,name\nA,B\n").errors}
    good = text(row())
    twice = parse_catalog_csv(good.replace(b"department", b"fee", 1).replace(b"agent_allowed", b"fee", 1))
    assert notes(twice.errors) == [(1, "fee", "duplicate_column")]
    typo = parse_catalog_csv(good.replace(b"promised_limit_workdays", b"promised_limit", 1))
    assert notes(typo.warnings) == [(1, "promised_limit", "unknown_column")] and typo.items[0].extra == {"promised_limit": "10"}
    lines = good.split(b"\r\n")
    assert parse_catalog_csv(b"\r\n".join(line and line + b",," for line in lines)).items == parse_catalog_csv(good).items
    assert notes(parse_catalog_csv(b"\r\n".join([lines[0], lines[1] + b",x"])).errors) == [(2, "", "wrong_width")]
    assert notes(parse_catalog_csv(b"\r\n".join([lines[0], b"A1,x"])).errors) == [(2, "", "wrong_width")]
    assert parse_catalog_csv(b"," + good).errors[0].line == 1


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe" + "item_id".encode("utf-16-le"), b"\x00" * 100, b'"' + b"x" * 200_000])
def test_what_is_no_catalog_is_refused_on_its_first_line(data: bytes) -> None:
    found = parse_catalog_csv(data)
    assert found.errors and found.errors[0].line == 1 and not found.items


def test_another_encoding_is_named_on_every_line() -> None:
    found = parse_catalog_csv(
        text(row("A1"), row("A2", name="ascii", category="x", department="", materials="[]")).decode().encode("gbk")
    )
    assert notes(found.errors) == [(2, "", "encoding")] and "UTF-8" in found.errors[0].message_zh
    assert len(parse_catalog_csv(DATA.decode().encode("gb18030")).errors) == 153


def test_absurd_files_are_answered_by_line_and_within_bounds() -> None:
    lines = DATA.split(b"\n")
    huge = b"\n".join([*lines[:3], lines[3].replace(b",", b"," + b"x" * 10_000_000, 1), *lines[4:]])
    assert notes(parse_catalog_csv(huge).errors) == [(4, "", "bad_csv")]  # no cell of 10 MB; the rest is not guessed at
    wide = parse_catalog_csv(",".join(f"c{n}" for n in range(20_000)).encode())
    assert notes(wide.errors) == [(1, "", "too_many_columns")] and not wide.warnings
    foreign = parse_catalog_csv(b"\xc4\n" * 1_000_000)
    assert len(foreign.errors) == 1000 and foreign.errors[-1].line == 1000


def test_broken_quotes_are_reported_and_end_the_reading() -> None:
    found = parse_catalog_csv(text(row("A1")) + b'A2,"x"y\r\n')
    assert notes(found.errors) == [(3, "", "bad_csv")]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 4000))
def test_no_bytes_raise(noise: bytes, where: int) -> None:
    head = DATA[:4000]
    for data in (noise, head[:where] + noise + head[where:]):
        found = parse_catalog_csv(data)
        for item in found.items:
            item.content_bytes()
        for note in (*found.errors, *found.warnings):
            f"{note.message_zh}{note.message_en}{note.column}".encode()


# doubts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "changes", "counts"),
    [
        ("行政许可", {"name": "专家评审"}, False),
        ("公共服务", {"name": "专家评审"}, True),
        ("公共服务", {"name": "专家评审", "stop_basis": "《条例》第十二条"}, False),
        ("公共服务", {"name": "专家评审", "stop_basis": "  "}, True),
        ("行政许可", {"name": "现场核查"}, True),
        ("行政许可", {"name": "现场核查", "kind": "hearing"}, True),  # the name decides
        ("行政许可", {"name": "现场核查", "stop_basis": "《条例》第十二条"}, False),
        ("行政许可", {"name": "公示"}, True),
        ("行政许可", {"name": "会审", "kind": "expert_review"}, False),
    ],
)
def test_which_steps_may_stop_the_clock(category: str, changes: dict[str, Any], counts: bool) -> None:
    found = parse(row(category=category, special_steps=[{**STEP, "counts_against_limit": False, **changes}]))
    assert not found.errors and found.items[0].special_steps[0].counts is counts
    assert notes(found.warnings) == ([(2, "special_steps", "stop_without_basis")] if counts else [])


@pytest.mark.parametrize(
    ("statutory", "unit", "promised", "late"),
    [
        ("20", "workday", "20", False), ("20", "workday", "21", True), ("0", "workday", "1", True), ("", "", "90", False),
        ("60", "calendar", "42", False), ("60", "calendar", "43", True), ("20", "workday", "", False),
    ],
)  # fmt: skip
def test_a_promise_later_than_the_statute_is_warned_of(statutory: str, unit: str, promised: str, late: bool) -> None:
    found = parse(row(statutory_limit=statutory, statutory_unit=unit, promised_limit_workdays=promised))
    assert not found.errors and notes(found.warnings) == (
        [(2, "promised_limit_workdays", "promise_over_statute")] if late else []
    )


def test_materials_and_steps_as_written() -> None:
    found = parse(row(materials=[{"name": " 照片 ", "form": "copy", "copies": 2, "required": False}], special_steps=[STEP]))
    assert found.items[0].materials == (Material("照片", "copy", 2, False),)
    assert found.items[0].special_steps == (SpecialStep("现场核查", "site_visit", 5),)
    assert parse(row(accept_levels="district；township")).items[0].accept_levels == ("district", "township")
