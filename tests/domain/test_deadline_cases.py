"""The deadlines of each rule (DOMAIN 0 and A0), counted by hand in `tests/data/deadlines-rules.csv`, on cases that were really acted on.

A row: the item (one of the desk's, with changes), the acts with the hour at which each was done, and the open deadlines that follow
where the case is held. A date with a question mark is provisional.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from node.domain.calendar import WorkCalendar, ms_of
from node.domain.cases.audit import audit
from node.domain.cases.commands import Context
from node.domain.cases.deadlines import deadlines
from node.domain.catalog.item import Item
from node.domain.catalog.limits import LAWFUL, Limits, parse
from node.domain.model import CST, Role
from node.domain.words.flags import FLAGS
from tests.domain.desk import ITEMS, TOWNSHIP, VILLAGE, Desk

ROOT = Path(__file__).parents[2]
CALENDAR = WorkCalendar.from_csv((ROOT / "configs/calendar/days-2024-2026.csv").read_bytes())
with (ROOT / "tests/data/deadlines-rules.csv").open(encoding="utf-8", newline="") as opened:
    ROWS = list(csv.DictReader(opened))
with (ROOT / "tests/data/stops-p05.csv").open(encoding="utf-8", newline="") as opened:
    STOPS = list(csv.DictReader(opened))
FILED_AT = {"village": VILLAGE, "township": TOWNSHIP}


class Scene(Desk):
    rules: Mapping[int, Limits] = LAWFUL

    def context(self, node: bytes, **changes: object) -> Context:
        own = {"calendar": CALENDAR, "heard_below": lambda: self.now, "rules": self.rules}
        return super().context(node, **(own | changes))

    def play(self, act: str) -> None:
        """One act, as `2026-03-02T09 accept field=value`, or what the office works by, as `limits gap_pauses=1`."""
        moment, what, *given = act.split()
        if moment == "limits":
            self.rules = {0: parse({name: int(value) for name, _, value in [what.partition("=")]})}
            return
        name, _, place = what.partition("@")
        self.now = ms_of(dt.datetime.fromisoformat(f"{moment}:00").replace(tzinfo=CST))
        fields = {key: _value(value) for key, _, value in (one.partition("=") for one in given)}
        if name == "file":
            self.file(FILED_AT[place])
        elif name == "take":
            self.take()
        elif name == "lapse_gap":
            self.system(name, self.the.custodian)
        else:
            self.do(name, Role.DIRECTOR, fields=fields)


def _value(text: str) -> object:
    return int(text) if text.isdigit() else text


def item_of(text: str) -> Item:
    """`LIC statutory_limit= case_type=joint`: an item of the desk with changes; nothing after the sign is no value."""
    name, *changes = text.split()
    item = next(one for one in ITEMS if one.item_id == name)
    changed = {key: _value(value) if value else None for key, _, value in (one.partition("=") for one in changes)}
    return Item.from_document({**item.to_document(), **changed})


@pytest.mark.parametrize("row", ROWS, ids=[row["case_id"] for row in ROWS])
def test_the_deadlines_that_follow_from_what_was_done(row: dict[str, str]) -> None:
    scene = Scene(item=item_of(row["item"]))
    for act in row["acts"].split("; "):
        scene.play(act)
    found = deadlines(scene.the, scene.item, row["tier"], CALENDAR, scene.rules)
    said = "|".join(sorted(f"{one.clock} {one.due}{'?' if one.provisional else ''}" for one in found))
    assert said == "|".join(sorted(filter(None, row["due"].split("|")))), row["note"]


@pytest.mark.parametrize("row", STOPS, ids=[row["case_id"] for row in STOPS])
def test_a_stop_or_an_extension_at_the_last_and_a_second_stop_are_found(row: dict[str, str]) -> None:
    """P05 (DOMAIN A0: the due day of the promise or the working day before it), by hand in `tests/data/stops-p05.csv`."""
    scene = Scene(item=item_of(row["item"]))
    *before, last = row["acts"].split("; ")
    for act in before:
        scene.play(act)
    stood = scene.the
    scene.play(last)
    found = audit(stood, scene.events[-1], scene.item, tier="township", calendar=CALENDAR)
    assert "|".join(found) == row["flags"], row["note"]
    assert all(FLAGS[flag].rule == "P05" for flag in found)
