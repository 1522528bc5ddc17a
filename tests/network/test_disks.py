"""A disk that goes back in time without anybody knowing, and one node that runs on two machines, in pinned sequences."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from node.services.tree import recovery
from node.services.upkeep.backup import backup
from node.store import hearings
from node.store.journal import chain_head
from tests.network.editing import EDITOR, changed_item
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import AGENT, CLERK, Town


@contextmanager
def switched_off(town: Town, name: str) -> Iterator[Path]:
    """The folder of a node whose machine is off; it starts again at the end."""
    town.cut()
    town[name].center.store.close()
    yield town[name].folder
    town[name].reopen()


def go_back(town: Town, name: str, image: Path) -> None:
    with switched_off(town, name) as folder:
        shutil.rmtree(folder)
        shutil.copytree(image, folder)


def test_a_revision_whose_contents_vanished_with_the_disk_of_the_root_does_not_keep_back_the_one_before(
    town: Town, tmp_path: Path
) -> None:
    """The city publishes twice while no contents come; its disk goes back to before the second time. Its entry is known everywhere,
    its contents nowhere. The first time counts, and the next one."""
    city = town["city"].center
    town.scans(False)
    city.catalog.import_csv(changed_item(4), EDITOR)
    town.heal()
    with switched_off(town, "city") as folder:
        shutil.copytree(folder, tmp_path / "image")
    town["city"].center.catalog.import_csv(changed_item(5), EDITOR)
    town.heal()
    go_back(town, "city", tmp_path / "image")
    town.scans(True)
    town.heal()
    assert [promised(town, name) for name in town.nodes] == [4] * 4
    town["city"].center.catalog.import_csv(changed_item(6), EDITOR)
    town.heal()
    assert [promised(town, name) for name in town.nodes] == [6] * 4


def promised(town: Town, name: str) -> int | None:
    item = town[name].center.catalog.item("ZW007")
    assert item is not None
    return item.promised_limit


@pytest.mark.parametrize("hears_first", ["village", "district"])
def test_a_hall_that_forgot_what_it_passed_on_is_found(town: Town, tmp_path: Path, hears_first: str) -> None:
    """What the township lost is none of its own entries; its new ones take the arrival numbers that the district has."""
    with switched_off(town, "township") as folder:
        shutil.copytree(folder, tmp_path / "image")
    numbers = {f"A{k}": town.file("village", application_no=f"A{k}") for k in range(6)}
    town.heal()
    go_back(town, "township", tmp_path / "image")
    numbers["B1"] = town.file("township", application_no="B1", actor=CLERK)
    town.connect("village" if hears_first == "village" else "township")
    town.settle()
    town.heal()
    for name in ("township", "district", "city"):
        assert {town[name].status(no) for no in numbers.values()} == {"with_agent", "submitted"}, name
    history = History({("village" if number[0] == "A" else "township", number): no for number, no in numbers.items()})
    check_always(town, history)
    check_healed(town, history)


def test_a_disk_that_lost_its_last_commits_is_found_and_honest_entries_flow_again(town: Town, tmp_path: Path) -> None:
    """The village's disk goes back in time without anybody knowing; it files before it has contact (a fork of its own)."""
    first = town.file("village", application_no="A1")
    town.heal()
    town.cut()
    town["village"].center.store.close()
    shutil.copytree(town["village"].folder, tmp_path / "image")
    town["village"].reopen()
    town.connect()
    second = town.file("village", application_no="A2")
    town.do("village", first, "hand_over", AGENT)
    town.heal()
    town.cut()
    town["village"].center.store.close()
    shutil.rmtree(town["village"].folder)
    shutil.copytree(tmp_path / "image", town["village"].folder)
    town["village"].reopen()
    town.file("village", item="ZW001", application_no="A3")  # takes the place that A2 has in the chain
    town.heal()
    third = town.file("village", item="ZW001", application_no="A4")
    town.heal()
    history = History(
        confirmed={("village", "A1"): first, ("village", "A2"): second, ("village", "A4"): third}, damaged={"village"}
    )
    check_always(town, history)
    check_healed(town, history)
    for name in town.nodes:
        assert town[name].status(third) == "with_agent"
        assert town[name].status(second) == "with_agent"
    with town["village"].center.store.reading() as view:
        assert view.identity.epoch > 0
        assert view.cases.get(first).custodian == town["township"].id  # type: ignore[union-attr]
        findings = {row[0] for row in view.connection.execute("SELECT kind FROM findings")}
    assert "own_branch_lost" in findings


def test_a_cloned_node_is_found_and_neither_stalls_the_other(town: Town, tmp_path: Path) -> None:
    """Two machines run the same village. The branch the parent saw first stands, the other is kept as evidence."""
    town.cut()
    town["village"].center.store.close()
    shutil.copytree(town["village"].folder, tmp_path / "clone")
    town["village"].reopen()
    one = town.file("village", application_no="A1")
    town.heal()
    town.cut()
    town["village"].center.store.close()
    shutil.move(town["village"].folder, tmp_path / "first")
    shutil.move(tmp_path / "clone", town["village"].folder)
    town["village"].reopen()
    town.file("village", item="ZW001", application_no="B1")
    town.heal()
    two = town.file("village", item="ZW001", application_no="B2")
    town.heal()
    town.cut()
    town["village"].center.store.close()
    shutil.move(town["village"].folder, tmp_path / "second")
    shutil.move(tmp_path / "first", town["village"].folder)
    town["village"].reopen()
    three = town.file("village", application_no="A3")
    town.heal()
    four = town.file("village", application_no="A4")
    town.heal()
    check_always(town, History(damaged={"village"}))
    for case_no in (one, two, four):
        assert {town[name].status(case_no) for name in town.nodes} == {"with_agent"}, case_no
    assert three


def test_of_a_fork_only_one_branch_stands_however_long_the_other_is(town: Town, tmp_path: Path) -> None:
    """The clone files four cases before its first contact. None of them stands above, not even one that leaves a gap behind it."""
    with switched_off(town, "village") as folder:
        shutil.copytree(folder, tmp_path / "image")
    one = town.file("village", application_no="A1")
    town.heal()
    go_back(town, "village", tmp_path / "image")
    lost = [town.file("village", item="ZW001", application_no=f"B{k}") for k in range(4)]
    town.heal()
    check_always(town, History(damaged={"village"}))
    for name in ("township", "district", "city"):
        assert town[name].status(one) == "with_agent"
        assert [town[name].status(no) for no in lost if no != one] == [""] * 3, (
            name
        )  # a clone counts anew: B0 got the number of A1
    with town["township"].center.store.reading() as view:
        kinds = [kind for (kind,) in view.connection.execute("SELECT reason FROM evidence")]
    assert kinds == ["fork"] * 4


class Leap(int):
    """A leap of epochs that is no draw."""

    def __rmod__(self, drawn: int) -> int:
        return int(self)


@pytest.mark.parametrize("node", ["village", "district"])
def test_a_disk_that_burns_twice_goes_on_beyond_the_life_that_its_neighbours_know(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node: str
) -> None:
    """The leap is a draw: the second life from one copy may open an epoch before that of the first, which comes back from others."""
    backup(town[node].center.store, tmp_path / "copy")
    lives = []
    for leap in (700, 100):
        monkeypatch.setattr(recovery, "EPOCH_LEAP", Leap(leap))
        town.burn(node, tmp_path / "copy")
        town.file("village", application_no=f"A{leap}")
        town.do("village", town.file("village"), "hand_over", AGENT)
        town.heal()
        lives.append(town[node].center.store.identity.epoch)
    assert lives[0] < lives[1]
    assert town[node].center.upkeep.verify()["ok"]
    town.heal()
    head = (town[node].center.store.identity.epoch, 1)
    above = {"village": "township", "district": "city"}[node]
    with town[above].center.store.reading() as view:
        assert hearings.good_head(view.connection, town[node].id) >= head


def test_a_burnt_life_that_comes_back_later_than_the_greeting_is_left_behind_too(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hall burned as well: what it shows at the greeting is old. The later life of its village comes from the district, behind it."""
    for node in ("village", "township"):
        backup(town[node].center.store, tmp_path / node)
    monkeypatch.setattr(recovery, "EPOCH_LEAP", Leap(700))
    town.burn("village", tmp_path / "village")
    town.file("village")
    town.heal()
    burnt = town["village"].center.store.identity.epoch
    monkeypatch.setattr(recovery, "EPOCH_LEAP", Leap(100))
    for node in ("township", "village"):
        town.burn(node, tmp_path / node)
    town.connect("village")
    town.settle()
    assert town["village"].center.store.identity.epoch < burnt
    town.heal()
    assert town["village"].center.store.identity.epoch > burnt
    town.file("village")
    town.heal()
    check_always(town, History())
    for name in ("township", "district", "city"):
        with town[name].center.store.reading() as view:
            assert chain_head(view, town["village"].id).epoch > burnt, name
