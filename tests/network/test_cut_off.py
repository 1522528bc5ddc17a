"""Property: cutting off any subtree at any time makes no light and no overdue count of its cases better, and no rate stands without its mark.

In a round one line after the other is cut, in any order. After each cut people below it go on and time passes, and every tier above it is
looked at: of what a silent unit holds nothing reads as in time, and a branch with a silent unit says so beside its figures. Then all is
healed: what is overdue with the lines was overdue without them, unless what was done beyond a line gave it another day; then its holder is
silent there, and it is among the unknown, or was heard less than an hour of working time ago (DESIGN, "known until").
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from node.domain.model import Actor
from node.domain.supervision.unit_documents import OversightUnits
from node.domain.words.errors import TongbanError
from node.services.cases import documents
from node.services.supervision import rows
from node.services.supervision.looked import on_the_day
from node.services.supervision.oversight import Oversight
from node.services.tree.freshness import freshness
from node.store import measures
from node.store.measures import HOLDER, VIEWS, Narrow
from tests.network.test_heard import MINUTE, said
from tests.services.test_charged import OVERSEER
from tests.support.network import TREE, Town, at_rest

HOUR = 60 * MINUTE
CUTS = 100  # of a town
TICKS = 2
SEEDS = int(os.environ.get("TONGBAN_EXAMPLES", "20"))  # `scripts/deep` tries many more
CODE = {name: code for name, _, code in TREE}
ACTS = ("hand_over", "receive", "accept", "complete_step", "refer", "approve", "conclude")


def path_of(town: Town, name: str) -> list[str]:
    """A node and all above it."""
    above = town[name].parent
    return [name, *(path_of(town, above) if above is not None else ())]


def inside(town: Town, name: str) -> list[str]:
    """A node and all below it."""
    return [one for one in town.nodes if name in path_of(town, one)]


def overdue(town: Town, name: str) -> set[str]:
    """What the list of the overdue holds at a tier."""
    center = town[name].center
    calendar = center.catalog.calendar()
    with center.store.reading() as view:
        day = on_the_day(view, calendar, freshness(view, calendar))
        found, total = measures.begun(view.connection, VIEWS["overdue"], Narrow(), day, 1_000)
    assert len(found) == total
    return {case_no for case_no, _, _, _ in found}


def dues(town: Town, name: str) -> dict[str, str]:
    """The cases that a tier has, and when each is due as far as it knows."""
    with town[name].center.store.reading() as view:
        return dict(view.connection.execute("SELECT case_no, turn_due FROM cases"))


def someone_acts(town: Town, dice: random.Random, names: Sequence[str]) -> None:
    """A case is filed, or something is done with one that lies there."""
    name = dice.choice(names)
    with town[name].center.store.reading() as view:
        held = [no for no in view.cases.numbers() if (case := view.cases.get(no)) and case.custodian == town[name].id]
    if name not in ("city", "district") and (not held or dice.random() < 0.15):
        town.file(name, dice.choice(("ZW007", "ZW001")))
    elif held:
        chosen = dice.choice(held)
        try:
            offered = town.offered(name, chosen)
            action = next((one for one in ACTS if one in offered), None)
            if action is not None:
                town.act(name, chosen, action, **offered[action])
        except TongbanError:
            return  # what it needs lies beyond the line


def pass_time(town: Town, ms: int) -> None:
    """Time passes; what is due is said on the lines that are up."""
    town.world.advance(ms)
    for _ in range(TICKS):
        town.world.advance(10 * MINUTE)
        for node in town.nodes.values():
            node.center.hearing.tick()
        said(town)


def look(town: Town, name: str) -> tuple[set[str], int]:
    """What a tier above a cut says; (what reads overdue, marks seen). Checks what must hold at once."""
    oversight, marks = town[name].center.oversight, 0
    silent = oversight.nodes(OVERSEER)["unknown_since"]
    for code in silent:
        for row in oversight.cases({"view": "open", "holder": code, "limit": "200"}, OVERSEER)["cases"]:
            assert row["light"] not in ("green", "warn", "none"), (name, row)
            assert row["unknown_since"] is not None, (name, row)
            marks += 1
    for at in (one for one in inside(town, name) if inside(town, one) != [one]):
        for unit in oversight.units({"at": CODE[at]}, OVERSEER)["units"]:
            (named,) = (one for one, code in CODE.items() if code == unit["code"])
            behind = [one for one in ([named] if unit["own"] else inside(town, named)) if CODE[one] in silent]
            assert unit["silent"] == len(behind) and (unit["unknown_since"] is None) == (not behind), (name, unit)
    return overdue(town, name), marks


def a_round(town: Town, dice: random.Random) -> Counter[str]:
    """Cut and heal, and check what must hold; answers how often a mark and an overdue case were met, and the cuts."""
    met, seen = Counter[str](), dict[str, set[str]]()
    for _ in range(dice.randrange(3)):
        someone_acts(town, dice, [*town.nodes])
    for cut in dice.sample([*town.lines], dice.randrange(2, len(town.lines) + 1)):
        town.lines[cut].cut()
        if dice.random() < 0.5:
            someone_acts(town, dice, inside(town, cut))
        pass_time(town, dice.choice((0, 40 * MINUTE, 3 * HOUR, 20 * HOUR)))
        met["cuts"] += 1
        for name in path_of(town, cut)[1:]:
            seen[name], marks = look(town, name)
            met["marks"] += marks
    seen, known = {name: overdue(town, name) for name in seen}, {name: dues(town, name) for name in seen}
    town.connect()
    said(town)
    for name, without_the_lines in seen.items():
        after = dues(town, name)
        with_the_lines = {no for no in overdue(town, name) if known[name].get(no) == after[no]}
        met["overdue"] += len(with_the_lines)
        assert with_the_lines <= without_the_lines, name
    return met


def cuts(folder: Path, seed: int) -> Counter[str]:
    """A town of four tiers, of each tenth seed one with branches."""
    town, dice, met = at_rest("tree" if seed % 10 == 9 else "chain", folder), random.Random(seed), Counter[str]()
    try:
        while met["cuts"] < CUTS:
            met += a_round(town, dice)
    finally:
        town.close()
    return met


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_cut_makes_anything_better(tmp_path: Path, seed: int) -> None:
    met = cuts(tmp_path, seed)
    assert met["marks"] > CUTS and met["overdue"] > CUTS


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        cuts(tmp_path, 0)
