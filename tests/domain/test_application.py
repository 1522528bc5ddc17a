"""Applications: each flaw kind gets exactly its field and code, sound ones pass, and nothing that is sent raises anything."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from typing import Any

import pytest

from node.domain.catalog.csv import parse_catalog_csv
from node.domain.catalog.divisions import Divisions
from node.domain.filing.application import loads_bounded, validate_application
from node.domain.filing.enclosed import material_name
from node.domain.model import Place
from node.domain.words.errors import FieldError
from tests.data import gen_applications as generator
from tests.domain.applications import (
    CITY,
    DISTRICT,
    DIVISIONS_FILE,
    ITEMS,
    ITEMS_FILE,
    PLACES,
    ROOT,
    SMALL_ROWS,
    TOWNSHIP,
    VILLAGE,
    at,
    codes,
    file,
    sound_application,
)


@pytest.fixture
def sound() -> dict[str, Any]:
    return sound_application()


# the generator's flaws -------------------------------------------------------------------------------------------------

EXPECTED = {
    "missing_required_material": ("attachments", "missing_material"),
    "bad_id_check_digit": ("applicant.id_number", "check_digit"),
    "phone_too_short": ("applicant.phone", "invalid"),
    "empty_attachment": ("attachments[", "empty"),
    "attachment_too_big": ("attachments[", "too_large"),
    "unknown_village_code": ("village_code", "unknown_division"),
    "wrong_entry_level": ("entry_node", "wrong_level"),
    "name_blank": ("applicant.name", "blank"),
    "id_date_impossible": ("applicant.id_number", "impossible_date"),
    "duplicate_material": ("attachments[", "duplicate"),
    "agent_not_allowed": ("channel", "agent_not_allowed"),
}


def generated() -> list[tuple[dict[str, Any], str]]:
    return list(generator.generate(SMALL_ROWS, generator.read_csv(ITEMS_FILE), 1000, 7, 0.4))


def test_every_generated_flaw_gets_exactly_its_field_and_code() -> None:
    seen: Counter[str] = Counter()
    for document, flaw in generated():
        found = codes(file(document))
        seen[flaw] += 1
        if flaw in EXPECTED:
            field, code = EXPECTED[flaw]
            assert len(found) == 1 and found[0][0].startswith(field) and found[0][1] == code, (flaw, found)
        else:
            assert found == [], (flaw, document)
    assert set(seen) == {*EXPECTED, "name_with_script_tag", ""} and min(seen.values()) >= 5


def test_generated_applications_enter_at_every_place_they_may() -> None:
    """Sound ones pass at each place whose level takes the item, and are refused by name everywhere else."""
    filed: Counter[str] = Counter()
    for document, flaw in generated()[:300]:
        if flaw:
            continue
        item, entry = ITEMS[document["item_id"]], document["entry_node"]
        for code, tier in PLACES.items():
            found = codes(file(document, code))
            assert found == ([] if code == entry else [("entry_node", "wrong_node")])
            moved = codes(file({**document, "entry_node": code}, code))
            assert moved == ([] if tier in item.accept_levels else [("entry_node", "wrong_level")])
            filed[tier] += not moved
    assert set(filed) == set(PLACES.values()) and min(filed.values()) > 3


def test_the_real_sample_is_sound_at_its_entry_nodes() -> None:
    table = Divisions.from_csv(DIVISIONS_FILE.read_bytes())
    lines = (ROOT / "tests" / "data" / "sample-wuhan-100.jsonl").read_bytes().splitlines()
    assert len(lines) == 100
    for line in lines:
        document: Any = loads_bounded(line)
        division = table.get(document["entry_node"])
        assert division is not None
        place = Place(b"", division.code, division.level)
        clean, errors, _ = validate_application(document, at(CITY, place=place, divisions=table))
        assert clean is not None and not errors and clean.document == document
        assert len(clean.materials) == len(document["attachments"])


def test_markup_in_a_name_is_text(sound: dict[str, Any]) -> None:
    sound["applicant"]["name"] = "吴鑫建<script>alert(1)</script>"
    clean, errors, _ = file(sound)
    assert clean is not None and not errors and clean.document["applicant"] == sound["applicant"]


# where it may be filed -------------------------------------------------------------------------------------------------


def test_the_entry_node_defaults_to_this_node(sound: dict[str, Any]) -> None:
    del sound["entry_node"]
    assert codes(file(sound, TOWNSHIP)) == codes(file(sound, DISTRICT)) == []
    assert codes(file(sound, VILLAGE)) == [("entry_node", "wrong_level")]


def test_a_wrong_level_names_the_place_above_the_village(sound: dict[str, Any]) -> None:
    for entry in (VILLAGE, CITY):
        _, errors, _ = file({**sound, "entry_node": entry})
        assert [(e.field, e.code, e.details["node"]) for e in errors] == [("entry_node", "wrong_level", TOWNSHIP)]
        assert TOWNSHIP in errors[0].as_document()["message"]


def test_another_node_is_named(sound: dict[str, Any]) -> None:
    _, errors, _ = file(sound, DISTRICT)
    assert errors == [FieldError("entry_node", "wrong_node", {"node": TOWNSHIP})]
    _, errors, _ = file({**sound, "entry_node": "420199000000"}, DISTRICT)
    assert errors == [FieldError("entry_node", "wrong_node", {"node": "420199000000"})]
    assert codes(file({**sound, "entry_node": "../x"}, DISTRICT)) == [("entry_node", "invalid")]


def test_without_a_division_table_enrolled_nodes_are_known(sound: dict[str, Any]) -> None:
    empty = Divisions()
    assert codes(file(sound, divisions=empty)) == [("village_code", "unknown_division")]
    assert codes(file(sound, divisions=empty, known_codes=frozenset({VILLAGE}))) == []
    assert codes(file({**sound, "village_code": TOWNSHIP}, divisions=empty, known_codes=frozenset())) == []
    _, errors, _ = file({**sound, "entry_node": VILLAGE}, VILLAGE, divisions=empty)
    assert [(e.code, e.details["node"]) for e in errors] == [("wrong_level", "district/township")]


def test_a_village_stands_for_itself(sound: dict[str, Any]) -> None:
    at_village = next(i for i in ITEMS.values() if "village" in i.accept_levels and not any(m.required for m in i.materials[1:]))
    document = {**sound, "item_id": at_village.item_id, "entry_node": VILLAGE}
    document["attachments"] = [{"material": m.name, "size": 5} for m in at_village.materials]
    del document["village_code"]
    clean, errors, _ = file(document)
    assert clean is not None and not errors and clean.village_code == VILLAGE
    del sound["village_code"]
    clean, _, _ = file(sound)
    assert clean is not None and clean.village_code == ""


def test_agents_are_tested_by_their_channel_only(sound: dict[str, Any]) -> None:
    closed = next(item for item in ITEMS.values() if not item.agent_allowed and "district" in item.accept_levels)
    document = {**sound, "item_id": closed.item_id, "entry_node": DISTRICT}
    document["attachments"] = [{"material": m.name, "size": 5} for m in closed.materials]
    for channel, wanted in (("window", []), ("online", []), ("village_agent", [("channel", "agent_not_allowed")])):
        assert codes(file({**document, "channel": channel})) == wanted
    assert codes(file({**document, "channel": "fax"})) == [("channel", "not_a_choice")]
    assert codes(file({**document, "channel": ["window"]})) == [("channel", "wrong_type")]


def test_an_item_has_to_be_known_and_in_force(sound: dict[str, Any]) -> None:
    assert codes(file({**sound, "item_id": "ZW999"})) == [("item_id", "unknown_item")]
    later = parse_catalog_csv(
        ITEMS_FILE.read_bytes().replace(b"src_fee\n", b"effective_from\n").replace(b"estimated\n", b"2026-12-01\n")
    )
    waiting = {item.item_id: item for item in later.items}
    assert codes(file(sound, item=waiting.get)) == [("item_id", "not_published")]
    assert codes(file(sound, item=waiting.get, today=dt.date(2026, 12, 1))) == []


# attachments -----------------------------------------------------------------------------------------------------------


def test_materials_are_counted_by_their_place_in_the_item(sound: dict[str, Any]) -> None:
    item = ITEMS["ZW002"]
    sound["attachments"].reverse()
    sound["attachments"].insert(1, {"material": " 情况说明 ", "size": 7})
    clean, errors, warnings = file(sound)
    assert clean is not None and not errors
    assert [(w.field, w.code) for w in warnings] == [("attachments[1].material", "unknown_material")] and clean.warnings == tuple(
        warnings
    )
    names = [material_name(item, sound, index) for index, _ in clean.materials]
    assert names == [a["material"].strip() for a in sound["attachments"]]
    assert dict(clean.materials)[str(len(item.materials))] == 7
    assert {index for index, _ in clean.materials} <= {str(n) for n in range(len(item.materials) + 1)}
    assert [material_name(item, sound, bad) for bad in ("", "x", "99", "-1", "٣", "9" * 99)] == [""] * 6


def test_sizes_are_whole_bytes_up_to_50_megabytes(sound: dict[str, Any]) -> None:
    for size, wanted in (
        (1, None), (50_000_000, None), (50_000_001, "too_large"), (0, "empty"), (-1, "out_of_range"), (True, "wrong_type"),
        (1.0, "wrong_type"), ("5", "wrong_type"), (None, "missing"),
    ):  # fmt: skip
        sound["attachments"][0]["size"] = size
        found = codes(file(sound))
        assert [code for _, code in found] == ([wanted] if wanted else []), size
        assert all(field.startswith("attachments[0]") for field, _ in found)


@pytest.mark.parametrize("name", ["../passwd", "a/b", "a\\b", "C:x", "..", ".", " ", "x\ny", "\u202efdp.exe"])
def test_a_file_name_is_no_path(sound: dict[str, Any], name: str) -> None:
    sound["attachments"][0]["file"] = name
    assert codes(file(sound)) in ([("attachments[0].file", "invalid")], [("attachments[0].file", "bad_character")])


def test_one_material_is_given_once_and_several_may_lack(sound: dict[str, Any]) -> None:
    first = sound["attachments"][0]
    sound["attachments"] = [first, {**first, "file": "other.pdf"}]
    _, errors, _ = file(sound)
    assert [(e.field, e.code) for e in errors] == [("attachments[1]", "duplicate"), ("attachments", "missing_material")]
    lacking = [m.name for m in ITEMS["ZW002"].materials if m.required and m.name != first["material"]]
    assert errors[1].details["material"] == "、".join(lacking) and lacking[0] in errors[1].as_document()["message"]


# persons ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"name": ""}, ("applicant.name", "blank")),
        ({"name": "\u3000\u200b "}, ("applicant.name", "blank")),
        ({"name": None}, ("applicant.name", "missing")),
        ({"name": ["吴"]}, ("applicant.name", "wrong_type")),
        ({"name": "吴" * 101}, ("applicant.name", "too_long")),
        ({"name": "吴" * 1_000_000}, ("applicant.name", "too_long")),
        ({"name": "吴\x00"}, ("applicant.name", "bad_character")),
        ({"name": "吴\ud800"}, ("applicant.name", "bad_character")),
        ({"name": "吴\u202e建"}, ("applicant.name", "bad_character")),
        ({"name": "吴\n建"}, ("applicant.name", "bad_character")),
        ({"phone": ""}, ("applicant.phone", "invalid")),
        ({"phone": None}, ("applicant.phone", "missing")),
        ({"phone": "1549339310"}, ("applicant.phone", "invalid")),
        ({"phone": "１５４９３３９３１０６"}, ("applicant.phone", "invalid")),
        ({"phone": 15493393106}, ("applicant.phone", "wrong_type")),
        ({"id_number": None}, ("applicant.id_number", "missing")),
        ({"id_number": "42010619860429999"}, ("applicant.id_number", "invalid")),
        ({"id_number": "４20106198604299997"}, ("applicant.id_number", "invalid")),
        ({"id_number": 420106198604299997}, ("applicant.id_number", "wrong_type")),
        ({"id_type": "driver"}, ("applicant.id_type", "not_a_choice")),
        ({"id_type": "uscc"}, ("applicant.id_number", "check_digit")),
        ({"id_type": {}}, ("applicant.id_type", "wrong_type")),
        ({"address": "x" * 301}, ("applicant.address", "too_long")),
    ],
)
def test_defects_of_the_applicant(sound: dict[str, Any], changes: dict[str, Any], wanted: tuple[str, str]) -> None:
    sound["applicant"].update(changes)
    assert codes(file(sound)) == [wanted]


@pytest.mark.parametrize(
    ("changes", "character"),
    [
        ({"id_number": "42010619860429l99O"}, "第 15 个字符是“l”"),
        ({"id_number": "4201061986042999O7", "id_type": "hmt"}, "第 17 个字符是“O”"),
        ({"phone": "1549339310O"}, "第 11 个字符是“O”"),
        ({"id_number": "E1234567𠮷", "id_type": "passport"}, "第 9 个字符是“𠮷”"),
    ],
)
def test_a_letter_in_the_place_of_a_digit_is_named(sound: dict[str, Any], changes: dict[str, Any], character: str) -> None:
    sound["applicant"].update(changes)
    (error,) = file(sound)[1]
    assert character in str(error.details["mend"])


def test_phones_of_the_village_and_of_the_office(sound: dict[str, Any]) -> None:
    for phone in ("15493393106", "+8615493393106", "86-15493393106", "027-82811234", "02782811234", " 15493393106 "):
        sound["applicant"]["phone"] = phone
        assert codes(file(sound)) == [], phone


def test_an_organisation_is_known_by_its_code(sound: dict[str, Any]) -> None:
    with (ROOT / "tests" / "data" / "ids-public.csv").open(encoding="utf-8", newline="") as numbers:
        rows = list(csv.DictReader(numbers))
    for row in rows:
        sound["applicant"].update(id_type=row["kind"], id_number=row["number"])
        clean, errors, warnings = file(sound)
        assert (clean is None) == (row["expected"] == "invalid"), row
        assert {e.field for e in errors} <= {"applicant.id_number"}
        assert [w.code for w in warnings] == (["unknown_county"] if row["expected"] == "warning" else [])


# drafts ----------------------------------------------------------------------------------------------------------------


def test_a_draft_may_lack_things_but_not_be_malformed(sound: dict[str, Any]) -> None:
    bare = {"application_no": "T-2", "item_id": "ZW002"}
    clean, errors, _ = file(bare, TOWNSHIP, draft=True)
    assert clean is not None and not errors and clean.materials == () and clean.source == "default"
    assert {code for _, code in codes(file(bare, TOWNSHIP))} == {"missing", "missing_material"}
    blank = {**bare, "applicant": {"name": "", "phone": "", "id_number": ""}, "attachments": [{"material": "申请表"}]}
    assert codes(file(blank, TOWNSHIP, draft=True)) == []
    sound["applicant"]["phone"], sound["attachments"] = "1", [{"material": "申请表", "size": 0}]
    assert codes(file(sound, draft=True)) == [("applicant.phone", "invalid"), ("attachments[0]", "empty")]
    assert codes(file({"application_no": "T-2"}, TOWNSHIP, draft=True)) == [("item_id", "missing")]
