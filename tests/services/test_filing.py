"""Serials of case numbers are read in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.case_number import parse_case_no
from node.domain.words.errors import TongbanError
from node.store.store import Tx
from tests.support.network import AGENT, DAY, Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def serial(town: Town, **changes: object) -> int:
    number = parse_case_no(town.file("village", **changes))  # type: ignore[arg-type]
    assert number is not None
    return number.serial


def pretend(tx: Tx, first: str, number: int) -> None:
    """One more entry of ours, as if it had been filed last and then lost to a fork."""
    tx.connection.execute(
        "INSERT INTO entries SELECT ?, author, 7, ?, hash, kind, class, ?, 1, header, signature, NULL, 0, 0, 2 FROM entries WHERE case_no=?",
        (90_000 + number, number, f"{first.replace('-0001-', f'-{number}-')}", first),
    )
    tx.forget()


def test_serials_have_no_gap_and_come_once(town: Town) -> None:
    assert [serial(town, application_no=f"A-{n}") for n in (1, 2)] == [1, 2]
    with pytest.raises(TongbanError, match="application_conflict"):
        town["village"].center.intake.file(town.application("village", application_no="A-1", form={"reason": "又来"}), AGENT)
    assert serial(town) == 3
    town["village"].center.store.close()
    town["village"].reopen()
    assert serial(town) == 4
    town.world.advance(DAY)
    assert serial(town) == 1
    town.world.advance(-DAY)  # the clock was wrong
    assert serial(town) == 5


@pytest.mark.parametrize("number", [9998, 9999, 10_000])
def test_serials_go_on_beyond_four_digits_and_after_what_was_lost(town: Town, number: int) -> None:
    first = town.file("village")
    town["village"].center.store.run(lambda tx: pretend(tx, first, number))
    assert [serial(town), serial(town)] == [number + 1, number + 2]


def test_the_last_serial_is_looked_up_among_the_numbers_of_its_day(town: Town) -> None:
    with town["village"].center.store.reading() as view:
        (plan,) = view.connection.execute(
            "EXPLAIN QUERY PLAN SELECT max(case_no) FROM entries WHERE case_no>'4' AND case_no<'5' AND author=1 AND version=1"
        ).fetchall()
    assert "entries_case (case_no>? AND case_no<?)" in plan[3]
