"""Codes that pages turn into words by a key of the locale files: each has its words in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import edge_ui
from edge_ui.shared.words import Words
from node.services.tree import link_reasons

WORDS = Words.load(Path(edge_ui.__file__).parent / "locale")


def coded(language: str, prefix: str) -> set[str]:
    return {key.removeprefix(prefix) for key in WORDS.tables[language] if key.startswith(prefix)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_of_a_link_has_words(language: str) -> None:
    codes = {code for _, code in link_reasons._REASONS}
    assert len(codes) > 10 and codes | {"other"} == coded(language, "city.reason.")
