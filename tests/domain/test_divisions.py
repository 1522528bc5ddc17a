"""The division table: the real file, faults by line, and parents as data."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.catalog.divisions import Division, Divisions
from node.domain.words.errors import TongbanError

DATA = (Path(__file__).resolve().parents[2] / "configs" / "divisions" / "wuhan-4201.csv").read_bytes()
HEAD = "code,name,level,parent_code,kind"
CITY, DISTRICT, TOWNSHIP, VILLAGE = "420100000000", "420102000000", "420102002000", "420102002003"
SMALL = f"{HEAD}\n{CITY},武汉市,city,,\n{DISTRICT},江岸区,district,{CITY},区\n"


@pytest.fixture(scope="module")
def wuhan() -> Divisions:
    return Divisions.from_csv(DATA)


def test_the_real_table(wuhan: Divisions) -> None:
    assert len(wuhan) == 3702 and CITY in wuhan and "420102002999" not in wuhan
    assert wuhan.get(DISTRICT) == Division(DISTRICT, "江岸区", "district", CITY, "区")
    assert [d.code for d in wuhan.ancestors(VILLAGE)] == [TOWNSHIP, DISTRICT, CITY]
    assert wuhan.ancestors(CITY) == wuhan.ancestors("x") == ()
    assert wuhan.is_below(VILLAGE, CITY) and not wuhan.is_below(CITY, VILLAGE) and not wuhan.is_below(CITY, CITY)
    assert not wuhan.is_below("420103001001", DISTRICT)


def test_a_table_survives_its_document_and_odd_line_ends(wuhan: Divisions) -> None:
    document = json.loads(json.dumps(wuhan.to_document()))
    again = Divisions.from_document(document)
    assert again.to_document() == document and again.revision == 1
    odd = Divisions.from_csv(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode() + b"\r\n,,,,\r\n")
    assert len(odd) == 2


def test_children_may_stand_before_parents_and_levels_be_skipped() -> None:
    table = Divisions.from_csv(f"{HEAD}\n441900003000,东城街道,township,441900000000,\n441900000000,东莞市,city,,\n".encode())
    assert [d.name for d in table.ancestors("441900003000")] == ["东莞市"]
    assert len(Divisions.from_csv(f"code,name,level,parent_code\n{CITY},武汉市,city,\n".encode())) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("42010200000,x,district,420100000000,", "invalid"),
        ("４20103000000,x,district,420100000000,", "invalid"),
        (f"420103000000,x,district,{CITY[:4]},", "invalid"),
        (f"{DISTRICT},again,district,{CITY},", "duplicate"),
        (f"420103000000,,district,{CITY},", "missing"),
        (f"420103000000,{'x' * 101},district,{CITY},", "too_long"),
        (f"420103000000,x\x00,district,{CITY},", "bad_character"),
        (f"420103000000,x\u202e,district,{CITY},", "bad_character"),
        (f"420103000000,x,county,{CITY},", "not_a_choice"),
        ("420103000000,x,district,430000000000,", "unknown_division"),
        (f"420103000000,x,city,{DISTRICT},", "wrong_level"),
        ("420103000000,x,district,420103000000,", "wrong_level"),
        ("420103000000", "missing"),
        ('"420103000000"x,y,district,,', "invalid"),
        (f'420103000000,"{"x" * 200_000}",district,,', "invalid"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_row_is_named_by_line(line: str, code: str) -> None:
    with pytest.raises(TongbanError) as refused:
        Divisions.from_csv((SMALL + line + "\n").encode())
    assert (refused.value.code, refused.value.fields) == ("import_failed", {"line 4": code})
    assert refused.value.details["count"] == 1


@pytest.mark.parametrize("data", [b"", b"code,name\n1,2\n", HEAD.encode(), SMALL.encode("gbk"), b"\xff\xfe\x00", b'"', b"\x00"])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(TongbanError, match="import_failed"):
        Divisions.from_csv(data)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(SMALL.encode())))
def test_no_bytes_raise_anything_else(noise: bytes, where: int) -> None:
    small = SMALL.encode()
    with contextlib.suppress(TongbanError):
        Divisions.from_csv(small[:where] + noise + small[where:])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rows": 5},
        {"rows": [5]},
        {"rows": [["1"]]},
        {"rows": [[CITY, 5, "city", "", ""]]},
    ],
)
def test_a_broken_document_of_a_peer_is_no_table(document: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        Divisions.from_document(document)


def test_a_row_of_a_level_that_this_version_does_not_know_is_left_out() -> None:
    rows = [[CITY, "武汉", "city", "", ""], [DISTRICT, "x", "moon", CITY, ""]]
    assert [row[0] for row in Divisions.from_document({"rows": rows}).to_document()["rows"]] == [CITY]


def test_a_circle_ends() -> None:
    rows = {code: Division(code, "x", "district", other, "") for code, other in ((CITY, DISTRICT), (DISTRICT, CITY))}
    assert len(Divisions(rows).ancestors(CITY)) <= 4
