"""What can be asked of the counts is what the store counts, and each has its words on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

import edge_ui
from edge_ui.shared.words import Words
from edge_ui.web.city.counts import BY, COUNTED
from node.domain import figures
from node.domain.words.flags import FLAGS
from node.store import measures

WORDS = Words.load(Path(edge_ui.__file__).parent / "locale")


def test_the_store_counts_every_measure_and_view_that_can_be_asked_for() -> None:
    assert set(measures.MEASURES) == set(figures.MEASURES) and set(measures.VIEWS) == set(figures.VIEWS)
    assert set(figures.RATE) < set(figures.MEASURES) and set(BY) == set(figures.GROUPS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_measure_and_group_of_the_page_has_words(language: str) -> None:
    assert [one for one in COUNTED if not WORDS.has(language, f"city.measure.{one}")] == []
    assert [one for one in BY if not WORDS.has(language, f"city.by.{one}")] == []


def test_every_flag_is_of_a_monitor() -> None:
    assert {flag.monitor for flag in FLAGS.values()} <= set(figures.MONITORS)
