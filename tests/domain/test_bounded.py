"""JSON is read within bounds or refused in words. A document without flaws is told at one look; what the look passes, the whole
search passes too, and the other way round."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain import bounded
from node.domain.bounded import loads_bounded
from node.domain.words.errors import TongbanError
from tests.domain.values import ANYTHING

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", "\0", "\ud800", "\ud83d", "\u202e", "\t", "\x7f", "好" * 10_000, "x" * 10_001, "k" * 101]),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([b"", 1 << 63, object()])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(TEXTS, st.integers(0, 3)), inner, max_size=4)),
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_quick_look_agrees_with_the_search(document: dict[Any, Any]) -> None:
    assert bounded._sound(document) == (list(bounded._flaws(document)) == [])


@pytest.mark.parametrize("depth", [31, 32, 33, 34])
def test_they_agree_on_depth(depth: int) -> None:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    assert bounded._sound({"a": value}) == (list(bounded._flaws({"a": value})) == [])


@pytest.mark.parametrize("size", [4998, 4999, 5000, 5001])
def test_they_agree_on_size(size: int) -> None:
    assert bounded._sound({"a": [1] * size}) == (list(bounded._flaws({"a": [1] * size})) == [])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", b"{", b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b"NaN", b"[Infinity]", b"1e999", b"-1e999",
        b"9223372036854775808", b"9" * 5000, b"[" * 33 + b"]" * 33, b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40, b'"\\ud800"', b'{"\\udfff":1}', "\ud800", b'{"a":1}x', b"'a'", "{'a':1}", b"\x00",
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_bad_json_is_refused_in_words(data: bytes | str) -> None:
    with pytest.raises(TongbanError) as refused:
        loads_bounded(data)
    assert refused.value.code == "malformed" and refused.value.sentence("zh") and len(str(refused.value)) < 200
    json.dumps(refused.value.as_document(), ensure_ascii=False).encode()


JSON_LIKE = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"a"', '"', "\\u", "d800", "1e999", "NaN", "-Infinity", "9" * 30, "9" * 5000, "[" * 40, "null"]
)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.lists(JSON_LIKE, max_size=12).map("".join).map(str.encode) | st.text(st.characters()))
def test_any_bytes_are_json_or_malformed(data: bytes | str) -> None:
    refused = ""
    try:
        value = loads_bounded(data)
    except TongbanError as error:
        refused = error.code
    assert refused in ("", "malformed")
    if not refused:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@settings(max_examples=100, deadline=None)
@given(ANYTHING.map(lambda value: json.dumps(value, default=str)))
def test_what_json_writes_is_read_alike_or_refused(text: str) -> None:
    refused = ""
    try:
        value = loads_bounded(text)
    except TongbanError as error:
        refused = error.code
    assert refused in ("", "malformed")
    if not refused:
        assert value == json.loads(text)


def test_good_json_is_read() -> None:
    assert loads_bounded(b"\xef\xbb\xbf[1]") == [1] == loads_bounded("\ufeff[1]")
    assert loads_bounded(b"[" * 32 + b"]" * 32) is not None
    found: Any = loads_bounded(b'["\\ud83d\\ude00", 9223372036854775807, -9223372036854775808, 1.5]')
    assert found[0] == "😀"
    assert loads_bounded(b"[" + b",".join([b"{}"] * 1000) + b"]") == [{}] * 1000
    with pytest.raises(TongbanError, match="too_large"):
        loads_bounded(b" " * 100, limit=99)


def test_nothing_that_may_not_stand_in_a_text_is_printable() -> None:
    bad = [sign for sign in map(chr, range(sys.maxunicode + 1)) if bounded.BAD.search(sign) or bounded.BAD_LINE.search(sign)]
    assert len(bad) > 2000 and not any(map(str.isprintable, bad))
