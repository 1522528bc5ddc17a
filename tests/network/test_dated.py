"""When an act was done counts the same at every tier, whatever the clock of its author says (FOUND 7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from federation.protocol.envelope import decode_header
from federation.protocol.receipts import parse_receipt, receipt_hash
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup
from node.store.links import Links
from tests.network.test_heard import HOUR, MINUTE, pass_time, said
from tests.support.network import DAY, DIRECTOR, Town, four_tiers

ADMIN = Actor("s-admin", Role.ADMIN)
HALLS = ("city", "district", "township")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def last_row(town: Town, name: str, no: str) -> dict[str, Any]:
    return dict(town[name].center.cases.case(no, DIRECTOR)["timeline"][-1])


def rules(town: Town, name: str, no: str) -> list[str]:
    return sorted(one["rule"] for one in town[name].center.cases.case(no, DIRECTOR)["findings"])


def test_a_header_cites_the_latest_receipt_and_the_receipt_is_kept(town: Town) -> None:
    """It held the own head, which proves nothing."""
    for _ in range(3):
        no = town.file("township")
        town.heal()
    town.file("township")
    with town["township"].center.store.reading() as view:
        (header,) = view.connection.execute("SELECT header FROM entries WHERE via=0 ORDER BY arrival DESC LIMIT 1").fetchone()
        kept = {receipt_hash(row[0]): row[0] for row in view.connection.execute("SELECT receipt FROM receipts")}
    fields = decode_header(header)
    assert fields.not_before in kept and parse_receipt(kept[fields.not_before]).at_ms == fields.not_before_ms
    assert no and town["township"].center.upkeep.verify()["ok"]


def test_a_clock_days_behind_makes_nothing_timely(town: Town) -> None:
    """The promise of ten days was over for two; the clock of the hall says that it was not."""
    no = town.file("township")
    town.heal()
    town.world.advance(12 * DAY)
    town.heal()
    town.file("township")  # the line is up: a receipt of today is here
    town.heal()
    town["township"].clock.skew = -5 * DAY
    town.do("township", no, "accept")
    town.heal()
    today = town["city"].center.cases.case(no, DIRECTOR)["as_of"]
    for name in HALLS:
        row = last_row(town, name, no)
        assert str(row["dated"])[:10] == str(today)[:10] and row["moved"], name
        assert row["recorded_at"] < row["dated"], name
        assert {"L01", "T02", "late_reported"} <= set(rules(town, name, no)), name
    assert len({repr(last_row(town, name, no)["dated"]) for name in HALLS}) == 1


def test_a_clock_that_is_right_moves_nothing(town: Town) -> None:
    no = town.file("township")
    town.heal()
    town.world.advance(DAY)
    town.do("township", no, "accept")
    town.heal()
    for name in HALLS:
        row = last_row(town, name, no)
        assert row["dated"] == row["recorded_at"] and not row["moved"] and rules(town, name, no) == [], name


def test_a_root_whose_clock_most_children_contradict_evaluates_nothing_and_says_so(town: Town) -> None:
    for n in range(2):
        town.child(f"district{n}", "city", f"42010{n + 3}000000", "district")
    town.heal()
    watch = town["city"].center.store.watch
    with town["city"].center.store.reading() as view:
        assert watch.agrees(view) and not watch.apart()
    town["city"].clock.skew = 20 * 60_000
    with town["city"].center.store.reading() as view:
        assert not watch.agrees(view)
    told = {one["code"]: one for one in town["city"].center.administration.overview(ADMIN)["warnings"]}
    assert told["root_clock"]["apart"] == {"n": 20, "unit": "minutes"}
    town["city"].clock.skew = 0
    town["district1"].clock.skew = -DAY  # one of three is not most of them
    town.heal()
    with town["city"].center.store.reading() as view:
        assert watch.agrees(view)


def test_two_children_that_agree_contradict_a_root_and_one_alone_does_not(town: Town) -> None:
    watch = town["city"].center.store.watch
    town["city"].clock.skew = 20 * 60_000
    assert watch.apart() == 0, "one child: nobody knows whose clock is wrong"
    town["city"].clock.skew = 0
    town.child("district0", "city", "420103000000", "district")
    town.heal()
    assert watch.apart() == 0
    town["city"].clock.skew = 20 * 60_000
    assert abs(watch.apart() + 20 * 60_000) < 60_000
    town["city"].clock.skew = 0
    town["district0"].clock.skew = -DAY
    town.cut()
    town.heal()
    assert watch.apart() == 0, "two that differ prove nothing"


# the word of the parent ---------------------------------------------------------------------------------------------------


def test_a_clock_days_ahead_makes_nothing_late(town: Town) -> None:
    """The notice was given in time; the clock of the hall says that it was not. The district's word that it has the entry says more."""
    no = town.file("township")
    pass_time(town, HOUR)
    town["township"].clock.skew = 8 * DAY
    town.do("township", no, "accept")
    said(town)
    before = last_row(town, "city", no)
    assert not before["borne_out"] and before["dated"] == before["recorded_at"], "nobody has borne it out yet"
    pass_time(town, 2 * HOUR)
    for name in HALLS:
        row = last_row(town, name, no)
        assert row["borne_out"] and row["moved"] and row["dated"] < row["recorded_at"], name
        assert rules(town, name, no) == ["L01"], name
    assert len({last_row(town, name, no)["dated"] for name in HALLS}) == 1
    for name in HALLS:
        assert town[name].center.upkeep.verify()["ok"], name
        town[name].center.upkeep.rebuild()
        assert last_row(town, name, no)["dated"] == last_row(town, "city", no)["dated"], name


def test_a_time_that_nobody_bore_out_for_an_hour_reads_unproven(town: Town) -> None:
    """A fresh act does not, nor one that the node above has on record; one of a clock that runs ahead does at once."""
    no = town.file("village")
    said(town)
    assert [last_row(town, name, no)["unproven"] for name in ("village", "township", "city")] == [False] * 3
    pass_time(town, 2 * HOUR)
    assert last_row(town, "village", no)["borne_out"] and not last_row(town, "city", no)["unproven"]
    town.cut("village")
    late = town.file("village")
    pass_time(town, 2 * HOUR)
    assert last_row(town, "village", late)["unproven"]
    town.connect("village")
    pass_time(town, HOUR)
    assert not last_row(town, "village", late)["unproven"] and not last_row(town, "city", late)["unproven"]
    town["township"].clock.skew = 2 * HOUR
    ahead = town.file("township")
    said(town)
    assert last_row(town, "city", ahead)["unproven"]


def times_of(town: Town, name: str) -> dict[tuple[str, str], int]:
    """When each entry of each case counts as done at a node."""
    with town[name].center.store.reading() as view:
        return {(no, one.event.hash.hex()): one.event.at for no in view.cases.numbers() for one in view.cases.entries(no)}


@pytest.mark.parametrize("seed", range(4))
def test_every_tier_dates_every_act_the_same_whatever_the_clocks_lines_and_disks_do(
    town: Town, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    copy = tmp_path / "copy.zip"
    backup(town["township"].center.store, copy)
    names = list(town.nodes)
    for _ in range(14):
        name = random.choice(names)
        match random.randrange(6):
            case 0 | 1:
                with suppress(TongbanError):  # a clock that is behind refuses what was handed in later
                    town.file(random.choice(names[1:]))
            case 2:
                town[name].clock.skew = random.choice((-3 * DAY, -2 * HOUR, 0, 2 * HOUR, 3 * DAY))
            case 3:
                town.cut(*([name] if name != "city" else []))
            case 4:
                pass_time(town, random.choice((HOUR, DAY)), step=4 * HOUR)
            case _:
                town.connect()
                said(town)
    town.burn("township", copy)
    for name in names:
        town[name].clock.skew = 0
    town.heal()
    pass_time(town, 3 * HOUR)
    town.heal()
    found = {name: times_of(town, name) for name in names}
    for name in names[1:]:
        assert {key: at for key, at in found["city"].items() if key in found[name]} == found[name], name
    for name in names:
        tables = [one for one in town[name].center.upkeep.verify()["problems"] if one["code"] == "query_table"]
        assert tables == [], name


# old receipts ------------------------------------------------------------------------------------------------------------


def findings(town: Town, name: str) -> set[str]:
    return {one["kind"] for one in town[name].center.upkeep.status()["findings"]}


@pytest.mark.parametrize("liar", ["township", "district"])
def test_who_cites_an_old_receipt_to_date_an_act_back_is_found_by_what_it_signed_since(
    town: Town, liar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its statements name the time of the node above before which it wrote nothing more; the act was done after the last of them."""
    above = HALLS[: HALLS.index(liar)]
    numbers = [town.file(liar) for _ in range(2)]
    pass_time(town, HOUR, 10 * MINUTE)
    with town[liar].center.store.reading() as view:
        old = view.links.last_receipt
    pass_time(town, 5 * HOUR, 10 * MINUTE)
    town.do(liar, numbers[0], "accept")
    pass_time(town, HOUR, 10 * MINUTE)
    assert [findings(town, name) for name in above] == [set()] * len(above), "whoever is honest is accused of nothing"
    monkeypatch.setattr(Links, "cite_receipt", lambda self: old)
    town[liar].clock.skew = -4 * HOUR
    town.do(liar, numbers[1], "accept")
    town[liar].clock.skew = 0
    monkeypatch.undo()
    pass_time(town, HOUR, 10 * MINUTE)
    assert not last_row(town, "city", numbers[1])["moved"], "its bounds say nothing"
    assert [findings(town, name) for name in above] == [{"dated_back"}] * len(above)
