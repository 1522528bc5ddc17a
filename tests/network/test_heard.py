"""Who was heard, and until when: an idle node is known at every tier, a dead one is not, and what is missing ends what is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.supervision.network_documents import NodeRow
from node.services.times import iso
from node.store.running import runs
from node.store.store import Tx
from tests.network.editing import EDITOR, changed_item
from tests.support.network import DAY, DIRECTOR, FOUR, Town, four_tiers

HOUR, MINUTE = 3_600_000, 60_000


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def pass_time(town: Town, ms: int, step: int = 14 * MINUTE) -> None:
    """Time passes as for running nodes: clocks are looked at, and lines that are up carry what there is to say."""
    end = town.world.time + ms
    while town.world.time < end:
        town.world.advance(min(step, end - town.world.time))
        for node in town.nodes.values():
            node.center.hearing.tick()
        said(town)


def said(town: Town) -> None:
    """Everything due is said on the lines that are up."""
    busy = True
    while busy:
        busy = False
        for line in town.lines.values():
            if line.up:
                line.pump()
        while town.step():
            busy = True
    for node in town.nodes.values():
        node.center.store.catch_up()


def told(town: Town, at: str, of: str) -> NodeRow:
    """What the page of the network at one node says of another."""
    tree = town[at].center.network.tree(DIRECTOR, q=FOUR[of])
    return next(row for row in tree.found or () if row.code == FOUR[of])


def until(town: Town, at: str, of: str) -> str | None:
    """Until when one node is known at another, as every answer of the oversight says."""
    return town[at].center.oversight.nodes(DIRECTOR)["as_of"][FOUR[of]]


def below(tier: str) -> list[str]:
    names = list(FOUR)
    return names[names.index(tier) + 1 :]


def unknown(town: Town, at: str) -> set[str]:
    codes = {code: name for name, code in FOUR.items()}
    return {codes[code] for code in town[at].center.oversight.nodes(DIRECTOR)["unknown_since"]}


def test_an_idle_node_is_known_at_every_tier_and_a_dead_one_is_not(town: Town) -> None:
    """FOUND 7: nobody above could tell a node that has nothing to say from one that is gone."""
    pass_time(town, DAY + HOUR)  # a working day without an application, a night, and a morning
    pass_time(town, HOUR, 10 * MINUTE)
    for tier in ("city", "district", "township"):
        assert unknown(town, tier) == set()
        behind = iso(town.world.time - HOUR) or ""
        assert all((until(town, tier, of) or "") >= behind for of in below(tier)), tier
    row = told(town, "city", "village")  # FOUND 1.9: the city read catalog 1 while the village ran 3
    assert (row.state, row.silent, row.revision, row.calendar, row.software) == ("online", False, 1, 1, "tongban-1.0.0")
    town["city"].center.catalog.import_csv(changed_item(9), EDITOR)
    cut = town.world.time
    town.cut("village")
    pass_time(town, 2 * HOUR, 10 * MINUTE)
    for tier in ("city", "district", "township"):
        assert unknown(town, tier) == {"village"}, tier
        assert iso(cut - HOUR) < told(town, tier, "village").unknown_since <= iso(cut), tier  # type: ignore[operator]
        row = told(town, tier, "village")
        assert (row.state, row.since) == ("offline", iso(cut)), tier
    assert told(town, "city", "township").revision == 2
    town.connect("village")
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    assert unknown(town, "city") == unknown(town, "township") == set()
    pass_time(town, 30 * MINUTE, 10 * MINUTE)  # what runs below goes up a tier with each Status
    assert told(town, "city", "village").state == "online" and told(town, "city", "village").revision == 2


def test_a_node_says_one_name_of_its_program_and_what_it_knows_on_the_line_and_in_its_record(town: Town) -> None:
    town["village"].center.announce()
    said_on_it: list[Any] = []
    line = town.lines["village"]
    line.cut()
    carry = line._send

    def listening(sender: str, channel: str, frames: list[Any]) -> None:
        said_on_it.extend(frame.status for frame in frames if channel == "link" and frame.WhichOneof("kind") == "status")
        carry(sender, channel, frames)

    line._send = listening  # type: ignore[method-assign]
    line.connect()
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    with town["township"].center.store.reading() as view:
        recorded = runs(view, town["village"].id)
    assert recorded is not None and recorded.software and recorded.features
    assert {one.software for one in said_on_it} == {recorded.software}
    told_once = [frozenset(one.features) for one in said_on_it if one.features]
    assert told_once == [recorded.features] * 2  # each end at opening, and then no more
    assert told(town, "city", "village").software == recorded.software


def test_what_is_quarantined_is_not_heard(town: Town) -> None:
    """FOUND 7: `last_heard` counted quarantined entries, so a node whose acts do not count read as known."""
    pass_time(town, HOUR)
    before = until(town, "city", "village")

    def set_aside(tx: Tx) -> None:
        row = tx.author_row(town["village"].id)
        arrival = tx.connection.execute("SELECT max(arrival) FROM entries WHERE author=?", (row,)).fetchone()[0]
        tx.connection.execute("UPDATE entries SET standing=1 WHERE arrival=?", (arrival,))

    town.file("village")
    town.settle()
    town["city"].center.store.run(set_aside)
    pass_time(town, 3 * HOUR)
    assert unknown(town, "city") == {"village"} and unknown(town, "township") == set()
    assert iso(town.world.time - 4 * HOUR) < until(town, "city", "village") <= (before or "")  # type: ignore[operator]


def test_a_leaf_that_is_off_at_night_is_known_in_the_morning(town: Town) -> None:
    pass_time(town, 9 * HOUR)  # Monday, 18:00
    town.cut("village")
    pass_time(town, 14 * HOUR)  # Tuesday, 8:00
    assert unknown(town, "city") == set()  # nobody's fault
    pass_time(town, 2 * HOUR + 5 * MINUTE)
    assert unknown(town, "city") == unknown(town, "township") == {"village"}
    town.connect("village")
    said(town)
    assert unknown(town, "city") == unknown(town, "township") == set()  # the first word makes the night known, at once
