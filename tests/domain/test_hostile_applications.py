"""Applications that nobody means well with: every value is named, and nothing that is sent raises anything."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.filing.application import validate_application
from node.domain.words.errors import FIELD_ERRORS
from tests.domain.applications import CITY, PLACES, ROOT, TOWNSHIP, at, codes, file, sound_application
from tests.domain.values import ANYTHING


@pytest.fixture
def sound() -> dict[str, Any]:
    return sound_application()


@pytest.mark.parametrize("number", ["", None, 5, "a b", "a" * 65, "申请", "a\n", "..", ".", "a/b"])
def test_numbers_and_sources_are_plain(sound: dict[str, Any], number: Any) -> None:
    assert {field for field, _ in codes(file({**sound, "application_no": number}))} == {"application_no"}
    if number:
        assert {field for field, _ in codes(file({**sound, "source": number}))} == {"source"}


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("form", {"n": 1 << 63}, ("form.n", "out_of_range")),
        ("form", {"n": 10**5000}, ("form.n", "out_of_range")),
        ("form", {"n": math.nan}, ("form.n", "out_of_range")),
        ("form", {"n": -math.inf}, ("form.n", "out_of_range")),
        ("form", {"\ud800": 1}, ("form", "bad_character")),
        ("form", {"k" * 101: 1}, ("form", "bad_character")),
        ("form", {5: 1}, ("form", "bad_character")),
        ("form", {"n": b"bytes"}, ("form.n", "wrong_type")),
        ("form", {"n": {1, 2}}, ("form.n", "wrong_type")),
        ("form", {"n": [0] * 5001}, ("form.n", "too_long")),
        ("form", ["x"], ("form", "wrong_type")),
        ("remark", "x" * 10_001, ("remark", "too_long")),
        ("attachments", {}, ("attachments", "wrong_type")),
        ("attachments", [{"material": "a", "size": 1}] * 201, ("attachments", "too_long")),
        ("applicant", "吴", ("applicant", "wrong_type")),
        ("applicant", None, ("applicant", "missing")),
        ("submitted_at", "yesterday", ("submitted_at", "invalid")),
        ("submitted_at", 5, ("submitted_at", "invalid")),
        ("village_code", 420102002003, ("village_code", "wrong_type")),
        ("entry_node", 1.5, ("entry_node", "wrong_type")),
        ("item_id", ["ZW002"], ("item_id", "wrong_type")),
    ],
)
def test_hostile_values_are_named(sound: dict[str, Any], path: str, value: Any, wanted: tuple[str, str]) -> None:
    assert wanted in codes(file({**sound, path: value}, TOWNSHIP))


def test_a_circle_and_a_well_end(sound: dict[str, Any]) -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for form in (circle, {"x": deep}):
        assert [code for _, code in codes(file({**sound, "form": form}))] == ["too_long"]
    while deep:  # let it go without exhausting the stack of the interpreter
        deep = deep.pop()


@pytest.mark.parametrize("document", [None, 5, "x", [], [{}], {}, True, b"x"])
def test_what_is_no_application_is_refused(document: Any) -> None:
    clean, errors, _ = validate_application(document, at(CITY))
    assert clean is None and errors


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _paths(inner, (*path, n))


BASE = json.loads((ROOT / "tests" / "data" / "sample-wuhan-100.jsonl").read_text(encoding="utf-8").splitlines()[0])


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(sorted(_paths(BASE), key=str)), value=ANYTHING, tier=st.sampled_from(sorted(PLACES)), draft=st.booleans()
)
def test_anything_anywhere_gives_errors_that_can_be_shown(path: tuple[Any, ...], value: Any, tier: str, draft: bool) -> None:
    document = copy.deepcopy(BASE)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    clean, errors, warnings = file(document, tier, draft=draft)
    for error in (*errors, *warnings):
        assert error.code in FIELD_ERRORS
        json.dumps(error.as_document(), ensure_ascii=False).encode()
    assert (clean is None) == bool(errors)
    if clean is not None:
        json.dumps(clean.document, ensure_ascii=False, allow_nan=False).encode()


@settings(max_examples=150, deadline=None)
@given(ANYTHING, st.dictionaries(st.sampled_from(sorted(BASE)), ANYTHING, max_size=6), st.sampled_from(sorted(PLACES)))
def test_any_document_at_all_is_answered(document: Any, members: dict[str, Any], tier: str) -> None:
    for one in (document, members, {**members, "applicant": members}, {**members, "attachments": [members]}):
        clean, errors, _ = file(one, tier)
        assert (clean is None) == bool(errors)
