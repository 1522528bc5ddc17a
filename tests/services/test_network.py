"""What a node can honestly tell of the network, and the share decided in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path

import grpc
import pytest

from federation.transport.dialling import _REASONS, plain_reason
from federation.transport.server import LOST
from node.domain.calendar import WorkCalendar
from node.domain.cases.deadlines import due_when_decided
from node.domain.catalog.item import Item
from node.domain.model import CST, Actor, Case, Hop, Role
from node.services.supervision.network import WHOLE, NetworkView
from node.services.times import iso
from node.services.tree.link_reasons import reason_of
from node.services.upkeep.status import StatusService
from tests.services.nodes import (
    CITY,
    DISTRICT,
    TOWNSHIP,
    HandClock,
    Small,
    count_anew,
    exchange,
    greet,
    make_child,
    make_root,
    speak,
)
from tests.services.test_catalog_service import file, row
from tests.services.test_oversight import overseen, put_case, rows
from tests.support.there import there

OVERSEER = Actor("s-overseer", Role.OVERSEER)

DAY = 86_400_000


@pytest.fixture
def city(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def district(city: Small, tmp_path: Path) -> Small:
    return make_child(city, tmp_path / "district")


def network(node: Small) -> NetworkView:
    return NetworkView(node.store, node.catalog, StatusService(node.store, node.catalog))


def connect(child: Small, parent: Small) -> None:
    greet(child, parent)
    exchange(child, parent)
    parent.inbound.on_link_state(child.id, True, "")
    speak(child, parent)


def test_a_line_says_what_the_peer_runs_and_whether_the_catalog_is_there(city: Small, district: Small) -> None:
    assert network(city).tree(OVERSEER).tree[0].state == "never"
    connect(district, city)
    city.catalog.import_csv(file(row()))
    (node,) = network(city).tree(OVERSEER).tree
    assert (node.state, node.software, node.catalog_waits, node.unknown_since) == (
        "online",
        "tongban-1.0.0",
        True,
        None,
    )
    exchange(district, city)
    (node,) = network(city).tree(OVERSEER).tree
    assert (node.catalog_waits, node.revision) == (False, 1)


def test_a_cut_branch_is_unknown_since_the_last_contact(city: Small, district: Small, tmp_path: Path) -> None:
    make_child(district, tmp_path / "township", TOWNSHIP, "township")
    connect(district, city)
    (node,) = network(city).tree(OVERSEER).tree
    assert node.children[0].state == "never"  # enrolled, not heard: silence is not zero
    assert node.children[0].unknown_since
    city.clock.advance(3_600_000)
    connect(district, city)
    spoke = iso(city.clock.now())
    city.inbound.on_link_state(district.id, False, "nobody listens at 127.0.0.1:1")
    at = network(city).tree(OVERSEER).tree[0]
    assert (at.state, at.reason, at.unknown_since, at.last_contact) == ("offline", "nobody", None, spoke) and at.since
    city.clock.advance(3_600_000)  # of working time
    at = network(city).tree(OVERSEER).tree[0]
    assert at.unknown_since == spoke
    unknown = overseen(city).stats(OVERSEER, "cases", "node")["unknown_since"]
    assert unknown[DISTRICT] == spoke and set(unknown) == {DISTRICT, TOWNSHIP}
    own, branch = network(city).branches(OVERSEER)
    assert own.unknown_since is None and branch.unknown_since == unknown[TOWNSHIP] and branch.nodes == 2


def test_searching_and_looking_for_trouble(city: Small, district: Small) -> None:
    connect(district, city)
    assert [n.code for n in there(network(city).tree(OVERSEER, q=DISTRICT[:6]).found)] == [DISTRICT]
    assert network(city).tree(OVERSEER, q="没有").found == () and network(city).tree(OVERSEER, show="attention").found == ()
    city.inbound.on_link_state(district.id, False, "x")
    assert [n.reason for n in there(network(city).tree(OVERSEER, show="attention").found)] == ["other"]
    assert network(city).tree(OVERSEER, at="nowhere").at is None and network(city).names(OVERSEER, "node")[CITY]


def test_a_large_tree_ends_below_the_second_level(city: Small) -> None:
    known = city.store.trust.node(city.id)
    assert known is not None

    def add(n: int, parent: bytes) -> bytes:
        node = replace(known, node_id=n.to_bytes(16, "big"), code=f"{n:012d}", tier="district", parent=parent)
        city.store.trust._nodes[node.node_id] = node
        return node.node_id

    first = add(1, city.id)
    second = add(2, first)
    for n in range(WHOLE):
        add(n + 3, second)
    (top,) = network(city).tree(OVERSEER).tree
    assert top.size == WHOLE + 1 and top.children[0].cut and top.children[0].size == WHOLE
    assert len(network(city).tree(OVERSEER, at=f"{2:012d}").tree) == WHOLE


@pytest.mark.parametrize("sentence", [sentence.format("host:1") for _, sentence in _REASONS])
def test_every_reason_of_a_dial_has_plain_words(sentence: str) -> None:
    assert reason_of(sentence) not in ("", "other", "line")


def test_other_ends_of_a_link_have_plain_words() -> None:
    assert reason_of(plain_reason(grpc.StatusCode.ABORTED, "", "a:1")) == "copy"
    assert reason_of(plain_reason(grpc.StatusCode.UNAVAILABLE, "", "a:1")) == "line"
    assert reason_of(LOST) == "line"
    assert reason_of("refused by the peer: this node was revoked by its parent") == "revoked"
    assert reason_of("this node was started anew") == "restarted" and reason_of(None) == ""


# in time -------------------------------------------------------------------------------------------------------------


def at(day: int) -> int:
    return int(dt.datetime(2026, 3, day, 10, tzinfo=CST).timestamp() * 1000)


def test_a_decided_case_is_measured_where_it_was_decided() -> None:
    """Accepted on Monday 2 March with five working days: due on Monday 9 March, whatever happened to the case afterwards."""
    item = Item("A1", approval_level="district", accept_levels=("district",), promised_limit=5)
    here, home = b"d" * 16, b"t" * 16
    hops = (
        Hop(home, None, "filed", None, at(1)),
        Hop(here, home, "refer", at(2), at(2)),
        Hop(home, here, "home", at(10), at(10)),
    )
    case = Case(
        "c",
        9,
        status="delivered",
        custodian=home,
        accepted_at=at(2),
        decided_at=at(9),
        decided_by=here,
        delivered_at=at(11),
        hops=hops,
    )
    found = due_when_decided(case, item, "district", WorkCalendar())
    assert found is not None and found.due == dt.date(2026, 3, 9)
    assert due_when_decided(case._replace(decided_at=0), item, "district", WorkCalendar()) is None


def put_decision(node: Small, case_no: str, due: str | None) -> None:
    late = node.id if due and due < "2026-03-02" else b""
    row = (case_no, due, node.id, late)
    node.store.run(lambda tx: tx.connection.execute("INSERT INTO decisions VALUES(?,?,0,?,?)", row) and None)
    count_anew(node)


def test_the_shares_count_only_what_had_a_day(city: Small) -> None:
    for number, due in (("c1", "2026-03-02"), ("c2", "2026-03-01"), ("c3", None)):
        put_case(city, number, status="delivered", decided_at=at(2))
        put_decision(city, number, due)
    stats = partial(overseen(city).stats, OVERSEER)
    assert rows(stats("decided", "tier")) == {"city": 3}
    assert rows(stats("on_time", "day")) == {"2026-03-02": 1} and rows(stats("late", "item")) == {"A1": 1}


def test_what_asks_for_attention_is_counted(city: Small, district: Small, tmp_path: Path) -> None:
    """Overdue cases, a pulled line, revoked nodes, a finding: each is counted, and each leads to so many nodes (FOUND: it read 0)."""
    other = make_child(city, tmp_path / "other", "420103000000")
    third = make_child(city, tmp_path / "third", "420104000000")
    for child in (district, other, third):
        connect(child, city)
    assert network(city).tree(OVERSEER).attention == {"overdue": 0, "silent": 0, "revoked": 0, "findings": 0}
    city.membership.revoke("420103000000", "lost")
    city.membership.revoke("420104000000", "lost")
    city.inbound.on_link_state(district.id, False, "x")
    city.store.run(lambda tx: tx.finding(district.id, "gap", "epoch 1 seq 9"))
    for n in range(5):
        put_case(city, f"c{n}", due="2026-02-27", custodian=district.id)
    city.clock.advance(3_600_000)
    tree = network(city).tree(OVERSEER)
    assert tree.attention == {"overdue": 5, "silent": 1, "revoked": 2, "findings": 1}
    for show, nodes in (("silent", 1), ("revoked", 2), ("findings", 1), ("overdue", 1), ("attention", 3)):
        assert len(there(network(city).tree(OVERSEER, show=show).found)) == nodes, show


def test_a_deeper_node_that_its_parent_hears_no_more_is_silent_after_an_hour_of_work(
    city: Small, district: Small, tmp_path: Path
) -> None:
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    city.store.attach()  # what comes is projected
    city.clock.advance(8 * 3_600_000)  # Monday, 17:00
    connect(township, district)
    connect(district, city)
    heard = iso(city.clock.now())
    city.clock.advance(1)
    said = network(city).tree(OVERSEER).as_of, overseen(city).stats(OVERSEER, "cases", "node")["known_until"]
    assert said == (heard, heard)  # a page is known as far as its oldest, also while nobody counts as silent
    city.clock.advance(17 * 3_600_000 - 2)  # Tuesday, a moment before 10:00
    connect(district, city)
    (node,) = network(city).tree(OVERSEER).tree[0].children
    assert (node.silent, node.unknown_since) == (False, None)
    city.clock.advance(1)
    (node,) = network(city).tree(OVERSEER).tree[0].children
    assert (
        node.silent and node.unknown_since == heard == overseen(city).stats(OVERSEER, "cases", "node")["unknown_since"][TOWNSHIP]
    )
    assert network(city).branches(OVERSEER)[1].as_of == heard  # a branch is known as far as its oldest
    connect(township, district)
    connect(district, city)
    assert overseen(city).stats(OVERSEER, "cases", "node")["unknown_since"] == {}
