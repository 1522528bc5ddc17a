"""Two acts that cross on the line, a publication cut in half, a command that fails among others: one outcome everywhere."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from federation.ports import Outgoing
from node.domain.model import Actor, Facts, Role
from node.domain.words.errors import TongbanError
from node.store.journal import Draft
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import CLERK, CONFIGS, Town, four_tiers

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def send_up(town: Town, below: str, above: str, *, objects: bool = True) -> None:
    """Carry entries and objects upward; nothing comes down, not even the acknowledgement."""
    child, parent = town[below], town[above]
    with parent.center.store.reading() as view:
        received = view.links.get(child.id).received  # type: ignore[union-attr]
    batch: Outgoing = child.center.inbound.outgoing(parent.id, received, 1000)
    parent.center.inbound.on_entries(child.id, batch)
    while objects and (wanted := parent.center.inbound.wanted(child.id, 100)):
        for hash, offset in wanted:
            parent.center.inbound.write_object(child.id, child.center.inbound.read_object(parent.id, hash, offset, 1 << 20))


def held_by(town: Town, no: str) -> set[tuple[str, str, int]]:
    found = set()
    for node in town.nodes.values():
        with node.center.store.reading() as view:
            case = view.cases.get(no)
            if case is not None:
                found.add((case.custodian.hex(), case.status, case.term))
    return found


def test_a_recall_that_crosses_the_take_loses_and_everybody_agrees(town: Town) -> None:
    no = town.file("village")
    town.cut()
    town.act("village", no, "hand_over")
    send_up(town, "village", "township")
    with town["township"].center.store.reading() as view:
        assert view.cases.get(no).custodian == town["township"].id  # type: ignore[union-attr]
    offered = town.offered("village", no)
    assert "recall" in offered, sorted(offered)
    town.do("village", no, "recall")
    town.heal()
    town.heal()
    assert len(held_by(town, no)) == 1
    check_always(town, History())
    check_healed(town, History(confirmed={("village", "T-000001"): no}))


def test_a_recall_before_the_take_wins_and_the_offer_is_gone(town: Town) -> None:
    no = town.file("village")
    town.cut()
    town.act("village", no, "hand_over")
    send_up(town, "village", "township", objects=False)  # without its bodies nothing is taken
    town.do("village", no, "recall")
    town.heal()
    assert {custodian for custodian, _, _ in held_by(town, no)} == {town["village"].id.hex()}
    assert "receive" not in town.offered("township", no)


def changed_items(days: str) -> bytes:
    """The catalog with another promise for one item."""
    text = (CONFIGS / "catalog" / "items-detailed.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    one = next(row for row in rows if row["item_id"] == "ZW007")
    out = io.StringIO()
    writer = csv.DictWriter(out, list(one))
    writer.writeheader()
    writer.writerow({**one, "promised_limit_workdays": days})
    return out.getvalue().encode()


def in_force(town: Town, name: str) -> tuple[Any, int, int]:
    snapshot = town[name].center.catalog.snapshot()
    return snapshot.items["ZW007"].promised_limit, snapshot.revision, snapshot.calendar.revision


def test_half_a_publication_changes_nothing_and_the_rest_switches_all_at_once(town: Town) -> None:
    before = in_force(town, "district")
    town.cut()
    town["city"].center.catalog.import_csv(changed_items("3"), EDITOR)
    city, district = town["city"], town["district"]
    with district.center.store.reading() as view:
        row = view.links.get(city.id)
    assert row is not None
    batch = city.center.inbound.outgoing(district.id, row.received, 1000)
    district.center.inbound.on_entries(city.id, batch)
    wanted = district.center.inbound.wanted(city.id, 100)
    assert wanted and in_force(town, "district") == before  # the entry is here, the manifest is not
    for hash, offset in wanted[:1]:
        district.center.inbound.write_object(city.id, city.center.inbound.read_object(district.id, hash, offset, 1 << 20))
    assert in_force(town, "district") == before  # the manifest is here, its items are not
    town["district"].restart()
    assert in_force(town, "district") == before
    town.heal()
    assert in_force(town, "village") == in_force(town, "city") != before and in_force(town, "village")[0] == 3


@pytest.mark.parametrize("first", ["calendar", "catalog"])
def test_calendar_and_catalog_arrive_in_either_order(town: Town, first: str) -> None:
    city = town["city"].center
    town.cut()

    def calendar() -> None:
        city.catalog.import_calendar(b"date,kind,name\n2026-03-10,off,holiday\n", EDITOR, replace=True)

    def catalog() -> None:
        city.catalog.import_csv(changed_items("4"), EDITOR)

    for publish in (calendar, catalog) if first == "calendar" else (catalog, calendar):
        publish()
    no = town.file("township", actor=CLERK)  # filed under the old ones
    town.heal()
    assert all(in_force(town, name) == in_force(town, "city") for name in town.nodes)
    assert town["township"].center.cases.case(no, CLERK)["item_version"] == 1
    check_healed(town, History())


def test_a_command_that_fails_in_a_group_undoes_itself_alone(town: Town) -> None:
    store = town["township"].center.store
    futures: list[Future[Any]] = [Future() for _ in range(3)]

    def put(name: str) -> Any:
        return lambda tx: tx.meta.set(name, b"1")

    def fails(tx: Any) -> None:
        tx.meta.set("group-b", b"1")
        raise TongbanError("guard_failed", rule="no")

    store.writer.run_group(list(zip((put("group-a"), fails, put("group-c")), futures, strict=True)))
    assert futures[0].exception() is None and futures[2].exception() is None
    assert isinstance(futures[1].exception(), TongbanError)
    with store.reading() as view:
        assert [view.meta.get(f"group-{one}") for one in "abc"] == [b"1", None, b"1"]


def test_trust_that_changed_in_a_group_is_undone_with_it(town: Town) -> None:
    """One command revokes, another of the group fails, and then the disk is full: nothing of it counts, here or after a start."""
    city, village = town["city"], town["village"]
    futures: list[Future[Any]] = [Future() for _ in range(2)]

    def revokes(tx: Any) -> None:
        facts: Facts = {"node": village.id, "epoch": 0, "seq": 1, "reason": "lost"}
        tx.journal.append(Draft("node_revoked", "node", facts))

    def fails(tx: Any) -> None:
        raise TongbanError("guard_failed", rule="no")

    def full(moment: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    city.center.store.writer.fault = full
    city.center.store.writer.run_group(list(zip((revokes, fails), futures, strict=True)))
    city.center.store.writer.fault = None
    assert {str(one.exception()) for one in futures} == {"disk_full"}
    assert not city.center.store.trust.is_revoked(village.id)
    town.file("village")
    town.heal()
    check_healed(town, History())
