"""Entries that are durable but not yet in the query tables: nothing is lost, nothing is out of order, every command is up to date."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from node.app import assemble
from node.store import backlog
from node.store.projected.applications import Applications
from node.store.projected.base import Change
from node.store.store import Tx
from tests.support.network import CLERK, Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def behind(town: Town, *names: str) -> None:
    for name in names:
        town[name].center.store.writer.prompt = False


def listed(town: Town, name: str) -> set[str]:
    """What the lists of a node show, without a command that would bring them up to date."""
    with town[name].center.store.reading() as view:
        return set(view.cases.numbers())


def touch(town: Town, name: str) -> None:
    town[name].center.store.run(lambda tx: None)


def test_a_node_that_falls_behind_catches_up_with_its_next_command(town: Town) -> None:
    behind(town, "township")
    no = town.file("village")
    town.heal()
    assert no not in listed(town, "township")  # durable, acknowledged, not in the lists
    with town["township"].center.store.reading() as view:
        assert view.cases.get(no) is not None  # a case is folded from the journal and never behind
    touch(town, "township")
    assert no in listed(town, "township")
    assert town["township"].center.upkeep.verify()["ok"]


def test_what_was_behind_when_the_power_went_is_there_after_the_start(town: Town) -> None:
    behind(town, "township", "district", "city")
    numbers = {town.file("village") for _ in range(5)}
    town.heal()
    for name in ("township", "district", "city"):
        town[name].restart()
        touch(town, name)
        assert numbers <= listed(town, name), name
        assert town[name].center.upkeep.verify()["ok"], name


def test_verify_and_a_backup_of_a_node_that_is_behind_hold(town: Town, tmp_path: Path) -> None:
    behind(town, "township")
    no = town.file("village")
    town.heal()
    assert no not in listed(town, "township")
    assert town["township"].center.upkeep.verify()["ok"]
    behind(town, "township")
    town["township"].center.upkeep.backup(str(tmp_path / "copy.tongban-backup"))
    assert (tmp_path / "copy.tongban-backup").exists()


def test_an_entry_that_changes_trust_finds_everything_before_it_done(town: Town) -> None:
    behind(town, "township", "district")
    first = town.file("village")
    town["village"].center.tree.rotate_key()
    second = town.file("village")
    town.heal()
    assert first in listed(town, "township") and second not in listed(town, "township")
    touch(town, "township")
    assert second in listed(town, "township") and town["township"].center.upkeep.verify()["ok"]


def test_it_never_grows_beyond_its_bound(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST", 3)
    behind(town, "township")
    numbers = [town.file("village") for _ in range(7)]
    town.heal()
    assert set(numbers[:6]) <= listed(town, "township") and numbers[6] not in listed(town, "township")


def test_what_waits_is_taken_in_slices_and_memory_holds_one_of_them(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "SLICE", 2)
    behind(town, "township", "district")
    numbers = [town.file("village") for _ in range(5)]
    town.heal()
    store = town["township"].center.store
    assert len(store.writer.tx.backlog._kept) <= 2
    store.ledger(lambda tx: tx.when_idle())
    shown = listed(town, "township") & set(numbers)
    assert shown and shown < set(numbers)  # one slice, the rest still waits
    town["district"].restart()  # between two slices the power goes
    for name in ("township", "district"):
        touch(town, name)
        assert set(numbers) <= listed(town, name)
        assert town[name].center.upkeep.verify()["ok"]


def test_a_command_that_fails_leaves_it_as_it_was(town: Town) -> None:
    behind(town, "township")
    no = town.file("village")
    town.heal()

    def fails(tx: object) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        town["township"].center.store.run(fails)
    touch(town, "township")
    assert no in listed(town, "township") and town["township"].center.upkeep.verify()["ok"]


def test_custody_moves_through_nodes_that_are_behind(town: Town) -> None:
    for _ in range(3):
        behind(town, "village", "township", "district", "city")
        no = town.file("village")
        town.act("village", no, "hand_over")
        for _ in range(6):
            town.heal()
            for name in town.nodes:
                touch(town, name)
        town.do("township", no, "receive", CLERK)
        assert town["township"].center.cases.case(no, CLERK)["custodian"] == town["township"].center.place.code


def test_a_node_with_a_thread_keeps_its_lists_up_to_date_by_itself(town: Town) -> None:
    no = town.file("village")
    village, township = town["village"], town["township"]
    above, below = township.id, village.id
    township.center.store.close()
    threaded = assemble(township.folder, township.clock)
    try:
        with threaded.store.reading() as view:
            received = view.links.get(below).received  # type: ignore[union-attr]
        threaded.inbound.on_entries(below, village.center.inbound.outgoing(above, received, 100))
        deadline, pause = time.monotonic() + 10, threading.Event()
        while True:
            with threaded.store.reading() as view:
                if no in view.cases.numbers():
                    break
            assert time.monotonic() < deadline
            pause.wait(0.01)
    finally:
        threaded.store.close()
        township.reopen()


def test_an_entry_that_cannot_be_projected_costs_itself_and_not_the_node(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours in a projection: the entry is kept and listed, everything else goes on."""
    numbers = [town.file("village") for _ in range(3)]
    whole = Applications.apply

    def fails_for_one(self: Applications, tx: Tx, changes: Sequence[Change]) -> None:
        whole(self, tx, changes)  # half of it is written when it fails
        if tx.identity.tier == "township" and any(case is not None and case.case_no == numbers[1] for _, _, case in changes):
            raise KeyError("a mistake")

    monkeypatch.setattr(Applications, "apply", fails_for_one)
    town.heal()
    assert listed(town, "township") == {numbers[0], numbers[2]}
    assert listed(town, "city") == set(numbers)  # what was set aside was passed on
    with town["township"].center.store.reading() as view:
        found = view.connection.execute("SELECT detail FROM findings WHERE kind='not_projectable'").fetchall()
    assert len(found) == 1 and "KeyError" in found[0][0]
    assert town.file("township", actor=CLERK) in listed(town, "township")
    assert town["township"].center.upkeep.status()["links"][1]["waiting"] == 0
