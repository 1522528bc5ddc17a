"""Drafts that nobody touches: set aside, taken out, removed a week later, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.services.center import Center
from node.services.filing.draft_bin import REMOVED_AT_ONCE
from tests.support.drafts import ITEM, QIAN, TYPED, ZHOU, photograph
from tests.support.network import DAY, Town, four_tiers


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


def old_draft(center: Center) -> str:
    id = center.drafts.start(ITEM, ZHOU)
    center.drafts.save(id, TYPED, ZHOU)
    photograph(center, id, "")
    return id


def in_bin(center: Center) -> list[str]:
    return [row["id"] for row in center.drafts.set_aside(ZHOU)]


def passes(town: Town, days: int) -> None:
    """Days on which the node runs and hears its parent."""
    town.world.advance(days * DAY)
    town.file("village")
    town.heal()  # a receipt that agrees with the clock
    town["village"].center.tick()


def test_a_draft_nobody_touches_for_a_month_is_set_aside_and_a_week_later_removed(town: Town) -> None:
    center = town["village"].center
    old, taken = old_draft(center), old_draft(center)
    passes(town, 20)
    kept = center.drafts.start(ITEM, ZHOU)
    passes(town, 11)
    assert set(in_bin(center)) >= {old, taken} and kept not in in_bin(center)
    assert old not in [row["id"] for row in center.drafts.drafts(ZHOU)["drafts"]]
    center.drafts.restore(taken, QIAN)
    passes(town, 6)
    assert center.drafts.draft(old, ZHOU)["fields"]["name"] == TYPED["name"], "not before the week is over"
    passes(town, 2)
    gone = center.drafts.draft(old, ZHOU)
    assert (gone["state"], gone["fields"], gone["files"]) == ("discarded", {}, [])
    assert not (center.drafts.folder.folder / old).exists()
    assert [center.drafts.draft(id, ZHOU)["state"] for id in (kept, taken)] == ["open", "open"]
    with center.store.reading() as view:
        rows = view.connection.execute("SELECT kind FROM audit WHERE subject=? ORDER BY id", (old,)).fetchall()
    assert [row[0] for row in rows] == ["draft_set_aside", "draft_removed"], "on record"


@pytest.mark.parametrize("restart", [False, True])
def test_a_clock_that_jumps_forth_removes_no_draft(town: Town, restart: bool) -> None:
    """A dead battery, a hand on the clock: forty days ahead for eight seconds."""
    node = town["village"]
    id = old_draft(node.center)
    node.clock.skew = 40 * DAY
    try:
        for _ in range(4):
            if restart:
                node.restart()
            node.center.tick()
            town.world.advance(2_000)
    finally:
        node.clock.skew = 0
    node.center.tick()
    found = node.center.drafts.draft(id, ZHOU)
    assert (found["state"], found["fields"]["name"], len(found["files"])) == ("open", TYPED["name"], 1)
    assert id not in in_bin(node.center)


def test_a_clock_that_stays_wrong_removes_nothing_that_nobody_else_bears_out(town: Town) -> None:
    """Two months ahead and running for weeks, with the line down: set aside at most; and taken out when the clock is mended."""
    node = town["village"]
    id = old_draft(node.center)
    town.cut()
    node.clock.skew = 60 * DAY
    for _ in range(20):
        town.world.advance(DAY)
        node.center.tick()
    assert id in in_bin(node.center) and node.center.drafts.draft(id, ZHOU)["fields"]
    node.clock.skew = 0
    node.center.tick()
    assert id not in in_bin(node.center), "the clock of today would not have set it aside"
    town.connect()
    town.heal()


def test_a_clock_that_goes_back_hangs_nothing_and_removes_nothing(town: Town) -> None:
    node = town["village"]
    id = old_draft(node.center)
    node.clock.skew = -40 * DAY
    node.center.tick()
    node.center.drafts.save(id, {"note": "写于过去"}, ZHOU)
    node.clock.skew = 0
    node.center.tick()
    assert node.center.drafts.draft(id, ZHOU)["fields"]["note"] == "写于过去" and id not in in_bin(node.center)


def test_drafts_are_removed_a_few_at_a_time(town: Town) -> None:
    center = town["village"].center
    many = [center.drafts.start(ITEM, ZHOU) for _ in range(REMOVED_AT_ONCE + 5)]
    passes(town, 31)
    passes(town, 8)

    def left() -> int:
        return sum(center.drafts.draft(id, ZHOU)["state"] == "open" for id in many)

    first = left()
    assert first >= 5
    center.tick()
    assert left() == first, "at most so many in an hour"
    passes(town, 1)
    assert left() == 0
