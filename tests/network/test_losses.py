"""What a restore cost is listed by case with what to do, and is no problem; what was altered or deleted here stays one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.services.upkeep.backup import backup
from node.services.upkeep.verification import LISTED
from tests.support.network import AGENT, CLERK, Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "town")
    yield made
    made.close()


def checked(town: Town, name: str) -> dict[str, Any]:
    return dict(town[name].center.upkeep.verify())


def codes(town: Town, name: str) -> set[str]:
    return {problem["code"] for problem in checked(town, name)["problems"]}


def burnt(town: Town, name: str, tmp_path: Path) -> tuple[str, str]:
    """A node that filed two cases after its backup; one of them was accepted before it."""
    before = town.file(name, actor=CLERK)
    backup(town[name].center.store, tmp_path / "copy")
    after = town.file(name, actor=CLERK)
    town.do(name, before, "accept", CLERK)
    town.do(name, before, "complete_step")
    town.heal()
    town.burn(name, tmp_path / "copy")
    town.heal()
    return before, after


def test_a_documented_restore_leaves_no_problem_but_a_list_of_what_is_lost(town: Town, tmp_path: Path) -> None:
    before, after = burnt(town, "township", tmp_path)
    outcome = checked(town, "township")
    assert (outcome["ok"], outcome["problem_count"]) == (True, 0)
    found = {(loss["case_no"], loss["code"]) for loss in outcome["losses"]}
    assert found == {(after, "application_lost"), (before, "words_lost")}
    assert all(loss["what"] and loss["what_zh"] for loss in outcome["losses"])


def test_a_second_restore_from_the_same_copy_leaves_none_either(town: Town, tmp_path: Path) -> None:
    """Its neighbours know two lives now, the first with holes: what reached only the village came from there, now from above too."""
    backup(town["township"].center.store, tmp_path / "copy")
    village_case = town.file("village")
    town.do("village", village_case, "hand_over", AGENT)
    town.heal()
    town.cut("township")
    town.file("township", actor=CLERK)
    town.do("township", village_case, "receive", CLERK)  # the village hears of it, the district does not
    town.file("township", actor=CLERK)
    town.do("township", village_case, "accept", CLERK)
    town.settle()
    for first in ("village", "township"):  # whose line is up first
        town.burn("township", tmp_path / "copy")
        town.connect(first)
        town.settle()
        town.heal()
        for name in town.nodes:
            assert checked(town, name)["problems"] == [], name
    assert town["township"].status(village_case) == "accepted"
    backup(town["district"].center.store, tmp_path / "upper")
    town.burn("district", tmp_path / "upper")
    town.heal()
    assert checked(town, "district")["problems"] == []


@pytest.mark.parametrize("also", [False, True], ids=["of_before_the_backup", "of_what_came_back"])
def test_a_text_deleted_after_the_restore_is_a_problem(town: Town, tmp_path: Path, also: bool) -> None:
    """One that the backup had, or one that came back from a neighbour: nobody can pass it off as burnt."""
    kept = town.file("village")
    town.heal()
    backup(town["village"].center.store, tmp_path / "copy")
    given = town.file("village")
    for no in (kept, given):
        town.do("village", no, "hand_over", AGENT)
    town.heal()
    town.burn("village", tmp_path / "copy")
    town.heal()
    assert checked(town, "village")["problems"] == checked(town, "village")["losses"] == []
    chosen = given if also else kept
    with town["village"].center.store.reading() as view:
        case = view.cases.get(chosen)
        assert case is not None
        body = case.bodies[0]
    town["village"].center.store.run(lambda tx: tx.connection.execute("DELETE FROM objects WHERE hash=?", (body,)) and None)
    assert "body_lost" in codes(town, "village")
    assert checked(town, "village")["losses"] == []


def test_an_alteration_does_not_hide_behind_many_other_problems(town: Town) -> None:
    """Of each kind up to 200 are listed, and how many there are of each."""
    center = town["village"].center
    town.file("village")

    def spoil(tx: Any) -> None:
        execute = tx.connection.execute
        for n in range(LISTED + 50):
            execute("INSERT INTO objects VALUES(?,1,?)", (n.to_bytes(32, "big"), b"x"))
        execute("UPDATE entries SET header=header||x'00' WHERE arrival=(SELECT max(arrival) FROM entries)")

    center.store.run(spoil)
    outcome = center.upkeep.verify()
    listed = [problem["code"] for problem in outcome["problems"]]
    assert listed.count("object_altered") == LISTED and outcome["problem_kinds"]["object_altered"] == LISTED + 50
    assert "wrong_hash" in listed
    assert outcome["problem_count"] == sum(outcome["problem_kinds"].values())
