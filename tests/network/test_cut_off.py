"""Property: cutting off any subtree at any time makes no light and no overdue count of its cases better, and no rate stands without its mark.

Each round cuts one line, lets people below and above go on, lets time pass, looks at every tier above the cut, and heals. What was
overdue with the line is overdue without it; of what a silent unit holds nothing reads as in time; a branch with a silent unit says so beside
its figures.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from node.domain.model import Actor
from node.domain.supervision.documents import OversightCase
from node.domain.supervision.unit_documents import OversightUnits
from node.domain.words.errors import TongbanError
from node.services.cases import documents
from node.services.supervision import rows
from node.services.supervision.oversight import Oversight
from node.store.measures import HOLDER, VIEWS
from tests.network.test_heard import MINUTE, pass_time
from tests.services.test_charged import OVERSEER, rows_of
from tests.support.network import FOUR, Town, four_tiers

HOUR = 60 * MINUTE
ROUNDS, SEEDS = 60, int(os.environ.get("TONGBAN_EXAMPLES", "2"))  # `scripts/deep` tries many more
TIERS = list(FOUR)
ACTS = ("hand_over", "receive", "accept", "complete_step", "refer", "approve", "conclude")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def known(town: Town, name: str) -> dict[str, OversightCase]:
    return {row["case_no"]: row for row in rows_of(town, name, "?view=open")}


def overdue(town: Town, name: str) -> set[str]:
    return {row["case_no"] for row in rows_of(town, name, "?view=overdue")}


def someone_acts(town: Town, dice: random.Random, names: list[str]) -> None:
    """A case is filed, or something is done with one that lies there."""
    name = dice.choice(names)
    if name in ("village", "township") and dice.random() < 0.4:
        town.file(name, dice.choice(("ZW007", "ZW001")))
        return
    held = [no for no, row in known(town, name).items() if row["custodian"] == FOUR[name]]
    if not held:
        return
    case = dice.choice(sorted(held))
    try:
        action = next((one for one in ACTS if one in town.offered(name, case)), None)
        if action is not None:
            town.do(name, case, action)
    except TongbanError:
        return  # what it needs lies beyond the line


def look(town: Town, name: str) -> tuple[set[str], int]:
    """What a tier above the cut says; (what reads overdue, marks seen). Checks what must hold at once."""
    oversight = town[name].center.oversight
    nodes, silent = oversight.nodes(OVERSEER), 0
    for row in known(town, name).values():
        holder = row["holder"]["node"]
        if holder in nodes["unknown_since"]:
            assert row["light"] not in ("green", "warn", "none"), (name, row)
            assert row["unknown_since"] is not None, (name, row)
            silent += 1
    for at in (FOUR[one] for one in TIERS[TIERS.index(name) :]):
        found = oversight.units({"at": at}, OVERSEER)
        for unit in found["units"]:
            inside = TIERS[[FOUR[one] for one in TIERS].index(unit["code"]) :]
            behind = [one for one in (inside if not unit["own"] else inside[:1]) if FOUR[one] in nodes["unknown_since"]]
            assert unit["silent"] == len(behind) and (unit["unknown_since"] is None) == (not behind), (name, unit)
    return overdue(town, name), silent


def cuts(town: Town, seed: int) -> tuple[int, int]:
    """Cut and heal, and check what must hold each time; answers how often a mark and an overdue case were met."""
    dice, marks, late = random.Random(seed), 0, 0
    for _ in range(ROUNDS):
        for _ in range(dice.randrange(3)):
            someone_acts(town, dice, TIERS)
        town.heal()
        cut = dice.choice(TIERS[1:])
        above, below = TIERS[: TIERS.index(cut)], TIERS[TIERS.index(cut) :]
        before = {name: known(town, name) for name in above}
        town.lines[cut].cut()
        for _ in range(dice.randrange(3)):
            someone_acts(town, dice, below)
        town.world.advance(dice.choice((0, 3 * HOUR, 20 * HOUR, 50 * HOUR)))
        pass_time(town, 90 * MINUTE, 30 * MINUTE)
        seen = {}
        for name in above:
            seen[name], silent = look(town, name)
            marks += silent
        town.heal()
        for name in above:
            with_the_line = overdue(town, name) & set(before[name])
            late += len(with_the_line)
            assert with_the_line <= seen[name], (seed, name, cut)
    return marks, late


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_cut_makes_anything_better(town: Town, seed: int) -> None:
    marks, late = cuts(town, seed)
    assert marks > ROUNDS and late > ROUNDS


def believes_the_silent(patch: pytest.MonkeyPatch) -> None:
    """The light of a case is that of its dates, whoever has it."""
    light = documents.light
    patch.setattr(rows, "light", lambda view, rules, case, item, silent: light(view, rules, case, item, None))


def forgets_the_silent(patch: pytest.MonkeyPatch) -> None:
    """What a silent unit holds is not counted as overdue."""
    one, silent = VIEWS["overdue"], f"hex({HOLDER}) IN (SELECT value FROM json_each(:silent))"
    patch.setitem(VIEWS, "overdue", replace(one, condition=f"{one.condition} AND NOT {silent}"))


def marks_nobody(patch: pytest.MonkeyPatch) -> None:
    """A figure stands without the mark that a unit of it is silent."""
    units = Oversight.units

    def unmarked(oversight: Oversight, given: Mapping[str, str], actor: Actor) -> OversightUnits:
        answer = units(oversight, given, actor)
        for unit in answer["units"]:
            unit["silent"] = 0
        return answer

    patch.setattr(Oversight, "units", unmarked)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", [believes_the_silent, forgets_the_silent, marks_nobody])
def test_a_planted_fault_is_found(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        cuts(town, 0)
