"""A document without flaws is told at one look; what the look passes, the whole search passes too, and the other way round."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from node.domain import bounded

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
