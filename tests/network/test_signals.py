"""Cards over the tree: derived everywhere, served once by the parent of the node that answers, never taken back (DESIGN, "Signals")."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.services.supervision.signals import SELDOM_MS, SOON_MS, Knows, facts_of
from node.services.upkeep.backup import backup
from node.store import signals
from node.store.journal import Draft
from node.store.projected import signals as projected
from node.store.store import Tx
from tests.network.test_heard import HOUR, MINUTE, said
from tests.support.derived import derived_of
from tests.support.network import AGENT, DAY, FOUR, Town, four_tiers

OVERSEER = Actor("s-overseer", Role.OVERSEER)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def pass_days(town: Town, days: float, step: int = 12 * HOUR) -> None:
    """Time passes as for running nodes: clocks are looked at, lines that are up carry what there is to say, signals are looked at."""
    end = town.world.time + int(days * DAY)
    while town.world.time < end:
        town.world.advance(min(step, end - town.world.time))
        for _ in range(2):
            for node in town.nodes.values():
                node.center.hearing.tick()
            said(town)
            town.world.advance(11 * MINUTE)
        for node in town.nodes.values():
            node.center.watching.tick()
        said(town)


def served(town: Town, name: str, case: str) -> list[tuple[str, str, str, str]]:
    """(rule, rung, charged, served by) of the cards of a case at one node, in the order in which they fell."""
    codes = {town[tier].center.place.node_id: tier for tier in FOUR}
    with town[name].center.store.reading() as view:
        rows = signals.served_of(view.connection, case)
    ordered = sorted(rows, key=lambda row: row.fell_ms)
    return [(row.rule, row.rung, codes[row.charged], codes[row.author]) for row in ordered]


LADDER = [("T05", rung, "township", "district") for rung in ("overdue", "yellow", "red")]


def sat_on(town: Town, item: str = "ZW135") -> str:
    """A case that the township accepts and never decides: promised for the next working day."""
    case = town.file("township", item)
    town.do("township", case, "accept")
    town.heal()
    return case


def test_a_card_is_served_once_by_the_parent_and_known_above(town: Town) -> None:
    case = sat_on(town)
    pass_days(town, 8)
    for tier in ("township", "district", "city"):
        assert [one for one in served(town, tier, case) if one[0] == "T05"] == LADDER, tier
    for tier in FOUR:
        assert town[tier].center.upkeep.verify()["problems"] == [], tier


def test_nothing_is_served_of_a_node_that_is_not_heard_and_all_of_it_when_it_is(town: Town) -> None:
    case = sat_on(town)
    pass_days(town, 1)
    town.cut("township")
    pass_days(town, 8)
    assert served(town, "district", case) == []
    town.heal()
    pass_days(town, 1)
    assert [one for one in served(town, "city", case) if one[0] == "T05"] == LADDER


def test_who_did_it_in_time_with_the_line_down_gets_no_card(town: Town) -> None:
    """Promised in five days, of which two are the township's."""
    case = sat_on(town, "ZW147")
    pass_days(town, 1)
    town.cut("township")
    for _ in range(6):
        offered = town.offered("township", case)
        step = next((one for one in ("complete_step", "approve", "refer") if one in offered), None)
        if step is None:
            break
        town.do("township", case, step)
    pass_days(town, 8)
    town.heal()
    pass_days(town, 2)
    assert not [one for one in served(town, "city", case) if one[0] in ("T04", "T05", "T06")]


def test_without_a_line_to_the_publisher_nobody_serves(town: Town) -> None:
    """A calendar that moves the day may be under way: the district does not know it."""
    case = sat_on(town)
    pass_days(town, 1)
    town.cut("district")
    pass_days(town, 8)
    assert served(town, "district", case) == []
    town.heal()
    pass_days(town, 1)
    assert [one for one in served(town, "district", case) if one[0] == "T05"] == LADDER


def test_a_restored_parent_serves_nothing_twice(town: Town, tmp_path: Path) -> None:
    case = sat_on(town)
    copy = tmp_path / "copy.tongban"
    backup(town["district"].center.store, copy)
    pass_days(town, 8)
    before = served(town, "city", case)
    assert [one for one in before if one[0] == "T05"] == LADDER
    town.burn("district", copy)
    town.heal()
    pass_days(town, 2)
    assert served(town, "city", case) == before == served(town, "district", case)
    with town["city"].center.store.reading() as view:
        count = view.connection.execute("SELECT count(*) FROM served").fetchone()[0]
    assert count == len(before)


@pytest.mark.parametrize("planted", [False, True])
def test_two_tiers_do_not_serve(town: Town, planted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note of a node that is not the parent is no card, whatever it says. Planted: everybody's note counts, and this finds it."""
    if planted:
        monkeypatch.setattr(projected, "serves", lambda tx, author, charged: True)
    case = sat_on(town)
    pass_days(town, 8)
    before = served(town, "city", case)

    def usurp(tx: Tx) -> None:
        found = derived_of(tx, town["city"].center.rules, case, Knows(tx), tx.now()).signals
        tx.journal.append(Draft("signal_served", "note", {**facts_of(found[-1]), "id": b"\1" * 32}, subject=case))

    town["city"].center.store.run(usurp)
    town.heal()
    assert (served(town, "city", case) == before) is not planted


def next_looks(town: Town, name: str) -> dict[str, int]:
    """When a node looks again at each case."""
    with town[name].center.store.reading() as view:
        return dict(view.connection.execute("SELECT case_no, next_ms FROM signal_watch").fetchall())


def test_a_silent_node_is_looked_at_seldom_and_a_restart_looks_at_once(town: Town) -> None:
    """What is not known yet is looked at each minute after a start, then ever less often; what can never be known is not looked at again."""
    gone = town.file("village", "ZW007")
    town.do("village", gone, "hand_over", AGENT)
    town.heal()
    town.do("township", gone, "receive")
    case = sat_on(town)
    town.cut("township")
    waits = list[int]()
    for _ in range(3):
        pass_days(town, 2)
        town["district"].center.watching.tick()
        waits.append(next_looks(town, "district")[case] - town.world.time)
    assert waits[0] < waits[-1] == SELDOM_MS
    with town["village"].center.store.reading() as view:
        rows = view.connection.execute("SELECT charged, known FROM signals WHERE case_no=?", (gone,)).fetchall()
    assert rows == [(town["township"].id, 0)]  # of the unit above nobody here will ever know
    assert next_looks(town, "village")[gone] - town.world.time > SELDOM_MS  # only when the next may fall
    town["district"].restart()
    town["district"].center.watching.tick()
    assert next_looks(town, "district")[case] - town.world.time == SOON_MS
