"""Until when each node knows what the root publishes: as far as the line reaches, and no further."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.services.tree.published import published_until
from tests.network.test_heard import HOUR, MINUTE, pass_time
from tests.support.network import DAY, FOUR, Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def known(town: Town, name: str) -> int:
    with town[name].center.store.reading() as view:
        return published_until(view)


def test_every_tier_knows_of_the_root_as_far_as_the_line_reaches(town: Town) -> None:
    pass_time(town, 2 * HOUR, 10 * MINUTE)
    assert known(town, "city") == town.world.time
    for tier in ("district", "township", "village"):
        assert town.world.time - HOUR < known(town, tier) <= town.world.time, tier


def test_a_cut_line_ends_it_for_all_below(town: Town) -> None:
    pass_time(town, HOUR, 10 * MINUTE)
    town.cut("district")
    before = town.world.time
    pass_time(town, DAY, HOUR)
    assert known(town, "city") == town.world.time
    for tier in FOUR.keys() - {"city"}:
        assert known(town, tier) <= before, tier
