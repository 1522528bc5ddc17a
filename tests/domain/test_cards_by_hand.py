"""The signals of each sentence of DOMAIN A0 and A2, counted by hand in `tests/data/cards-by-hand.csv`, on cases that were really acted on.

A row: the sentence, the item (one of the desk's, with changes), the acts with the hour at which each was done, and what fell of the named
rules until the end of a day: rule, rung, the day (of remind and warn its morning, else its end), who is charged, and whether it is a line.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from node.domain.calendar import ms_of
from node.domain.model import CST, Role
from tests.domain.desk import TOWNSHIP, VILLAGE
from tests.domain.test_deadline_cases import _value, item_of
from tests.domain.test_signals import Watched, told

FILED_AT = {"village": VILLAGE, "township": TOWNSHIP}
with (Path(__file__).parents[1] / "data/cards-by-hand.csv").open(encoding="utf-8", newline="") as opened:
    ROWS = list(csv.DictReader(opened))


def play(hall: Watched, act: str) -> None:
    """One act, as `2026-03-02T09 accept field=value`; `step` completes all that come before a decision or referral."""
    moment, what, *given = act.split()
    name, _, place = what.partition("@")
    hall.now = ms_of(dt.datetime.fromisoformat(f"{moment}:00").replace(tzinfo=CST))
    fields = {key: _date(value) if key == "due" else _value(value) for key, _, value in (one.partition("=") for one in given)}
    if name == "file":
        hall.file(FILED_AT[place])
    elif name == "take":
        hall.take()
    elif name == "deem_accepted":
        hall.system(name, FILED_AT[place])
    elif name == "step":
        began = hall.now
        while "complete_step" in hall.names():
            hall.do("complete_step", Role.EXAMINER)
            hall.now = began
    else:
        hall.do(name, Role.APPROVER if name in ("approve", "refer") else Role.DIRECTOR, fields=fields)


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize("row", ROWS, ids=[row["case_id"] for row in ROWS])
def test_the_signals_that_follow_from_what_was_done(row: dict[str, str]) -> None:
    hall = Watched(item=item_of(row["item"]))
    for act in row["acts"].split("; "):
        play(hall, act)
    found = [told(one) for one in hall.derived(_date(row["until"])).signals if one.rule in row["rules"].split()]
    assert "|".join(found) == row["fell"], f"{row['sentence']}. {row['note']}"
