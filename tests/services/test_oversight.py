"""Status, statistics and oversight: counts with their freshness, never persons."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest

from node.domain.model import CST, Actor, Role
from node.domain.supervision.documents import Stats
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.supervision.oversight import Oversight
from node.services.upkeep.status import StatusService
from node.store.desk import NEVER
from node.store.journal import Draft
from tests.services.nodes import (
    CITY,
    DISTRICT,
    TOWNSHIP,
    HandClock,
    Small,
    count_anew,
    exchange,
    make_child,
    make_root,
    send,
    speak,
)

DAY = 86_400_000
OVERSEER = Actor("s-overseer", Role.OVERSEER)


@pytest.fixture
def city(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def district(city: Small, tmp_path: Path) -> Small:
    return make_child(city, tmp_path / "district")


def put_case(node: Small, case_no: str, **columns: object) -> None:
    """A row of the query table as a case would leave it (the journal side is tested elsewhere)."""
    row: dict[str, object] = {
        "case_no": case_no, "status": "accepted", "custodian": node.id, "origin": node.id, "item_id": "A1", "version": 3,
        "term": 1, "head": bytes(32), "filed_at": node.clock.now(), "accepted_at": 0, "decided_at": 0, "concluded_at": 0,
        "delivered_at": 0, "decision": "", "offered_to": None, "offered_by": None, "due": None, "unsure": 0,
        "first_arrival": None, "parked": 0, "voided": 0, "awaits": None, "turn_due": NEVER, "back": 0, "doubted": 0, "owner": "",
        "turned": 0, "turned_by": "", **columns,
    }  # fmt: skip
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    node.store.run(lambda tx: tx.connection.execute(f"INSERT INTO cases({names}) VALUES({marks})", tuple(row.values())) and None)
    count_anew(node)


def overseen(node: Small) -> Oversight:
    return Oversight(node.store, Rules(node.store, node.catalog))


def rows(answer: Stats) -> dict[str, int]:
    return {row["key"]: row["value"] for row in answer["rows"]}


def noon(day: int) -> int:
    return int(dt.datetime(2026, 3, day, 12, tzinfo=CST).timestamp() * 1000)


def test_measures_and_groups(city: Small, district: Small) -> None:
    put_case(city, "c1", filed_at=noon(1), due="2026-03-01")
    put_case(city, "c2", filed_at=noon(2), due="2026-03-02", origin=district.id, item_id="B2")
    put_case(city, "c3", filed_at=noon(2), status="concluded", concluded_at=noon(5), due="2026-03-01", origin=district.id)
    put_case(city, "c4", filed_at=noon(2), status="draft")
    put_case(city, "c5", version=0, status="")  # only an event whose predecessor is missing: not yet a case
    stats = partial(overseen(city).stats, OVERSEER)
    assert rows(stats("cases", "status")) == {"accepted": 2, "concluded": 1, "draft": 1}
    assert rows(stats("filed", "node")) == {CITY: 1, DISTRICT: 2}
    assert rows(stats("filed", "tier")) == {"city": 1, "district": 2}
    assert rows(stats("cases", "item")) == {"A1": 3, "B2": 1}
    assert rows(stats("overdue", "node")) == {CITY: 1}  # today is 2026-03-02: due today is not overdue, concluded neither
    assert rows(stats("concluded", "day")) == {"2026-03-05": 1}
    assert rows(stats("filed", "day", "2026-03-02", "2026-03-02")) == {"2026-03-02": 2}
    assert rows(stats("filed", "day", None, "2026-03-01")) == {"2026-03-01": 1}


def test_a_day_is_a_day_of_china(city: Small) -> None:
    midnight = int(dt.datetime(2026, 3, 2, tzinfo=CST).timestamp() * 1000)
    put_case(city, "before", filed_at=midnight - 1)
    put_case(city, "after", filed_at=midnight)
    stats = partial(overseen(city).stats, OVERSEER)
    assert rows(stats("filed", "day")) == {"2026-03-01": 1, "2026-03-02": 1}
    assert rows(stats("filed", "status", "2026-03-02", "2026-03-02")) == {"accepted": 1}


@pytest.mark.parametrize(
    ("measure", "by", "first", "last", "field"),
    [
        ("persons", "status", None, None, "measure"),
        ("cases", "name", None, None, "by"),
        ("cases", "status", "yesterday", None, "from"),
        ("cases", "status", None, "2026-02-30", "to"),
        ("cases", "status", "2026-03-02", "2026-03-01", "to"),
        ("cases", "status", "20260302", None, "from"),
    ],
)
def test_wrong_questions(city: Small, measure: str, by: str, first: str | None, last: str | None, field: str) -> None:
    with pytest.raises(TongbanError) as caught:
        overseen(city).stats(OVERSEER, measure, by, first, last)
    assert caught.value.code == "invalid_input" and set(caught.value.fields) == {field}


def test_extreme_dates_are_answered(city: Small) -> None:
    put_case(city, "c1")
    assert rows(overseen(city).stats(OVERSEER, "cases", "status", "0001-01-01", "9999-12-31")) == {"accepted": 1}


def test_silence_is_unknown_and_not_zero(city: Small, district: Small, tmp_path: Path) -> None:
    enrolled = city.clock.now()
    city.clock.advance(DAY)
    answer = overseen(city).stats(OVERSEER, "cases", "status")
    assert answer["as_of"][DISTRICT] is None and str(answer["as_of"][CITY]).startswith("2026-03-03T09:00")
    since = dt.datetime.fromtimestamp(enrolled / 1000, CST).isoformat(timespec="milliseconds")
    assert answer["unknown_since"] == {DISTRICT: since}
    make_child(district, tmp_path / "township", TOWNSHIP, "township")
    exchange(district, city)
    speak(district, city)
    answer = overseen(city).stats(OVERSEER, "cases", "status")
    assert str(answer["as_of"][DISTRICT]).startswith("2026-03-03T09:00") and set(answer["unknown_since"]) == {TOWNSHIP}
    city.clock.advance(DAY)
    city.inbound.on_link_state(district.id, True, "")  # a line that is up says nothing of the node behind it
    answer = overseen(city).stats(OVERSEER, "cases", "status")
    assert str(answer["as_of"][DISTRICT]).startswith("2026-03-03T09:00") and set(answer["unknown_since"]) == {DISTRICT, TOWNSHIP}
    exchange(district, city)
    speak(district, city)
    assert str(overseen(city).stats(OVERSEER, "cases", "status")["as_of"][DISTRICT]).startswith("2026-03-04T09:00")


def test_on_its_way_a_case_is_the_givers(city: Small, district: Small) -> None:
    exchange(district, city)
    put_case(city, "c1", due="2026-03-01", origin=city.id, custodian=b"", offered_by=district.id, offered_to=city.id)
    nodes = {node["code"]: node for node in overseen(city).nodes(OVERSEER)["nodes"]}
    assert nodes[DISTRICT]["overdue"] == 1 and nodes[DISTRICT]["parent"] == CITY and nodes[DISTRICT]["name"] == "江岸区"
    assert (nodes[CITY]["overdue"], nodes[DISTRICT]["filed"], nodes[CITY]["filed"]) == (0, 0, 1)


def test_status_is_the_interface_document(city: Small, district: Small) -> None:
    status = StatusService(district.store, district.catalog).status()
    assert status["node"]["code"] == DISTRICT and status["node"]["parent"] == CITY and status["node"]["tier"] == "district"
    link = status["links"][0]
    assert (link["peer"], link["direction"], link["state"], link["last_contact"]) == (CITY, "up", "never", None)
    assert set(status) >= {"journal", "catalog", "cases", "held", "objects"}
    assert set(status["journal"]) >= {"entries", "head", "authors"} and set(status["objects"]) == {"bodies", "blobs"}


def test_waiting_falls_to_zero_at_both_ends(city: Small, district: Small) -> None:
    def waiting() -> tuple[int, int]:
        up = StatusService(district.store, district.catalog).status()["links"][0]
        down = StatusService(city.store, city.catalog).status()["links"][0]
        return up["waiting"], down["waiting"]

    district.store.run(lambda tx: tx.journal.append(Draft("tested", "staff", {})) and None)
    assert waiting() == (2, 0)  # the administrator's entry and this one
    city.catalog.import_divisions(b"code,name,level,parent_code,kind\n420100000000,x,city,,\n")
    assert waiting() == (2, 1)
    exchange(district, city)
    assert waiting() == (0, 0)
    city.catalog.import_divisions(b"code,name,level,parent_code,kind\n420100000000,y,city,,\n")
    send(city, district)
    assert waiting() == (1, 0)  # the document is not fetched yet
    exchange(district, city)
    put_case(district, "c1", custodian=b"", offered_by=district.id, offered_to=city.id)
    assert waiting() == (1, 0)  # an offer that was not taken


def test_revoked_links_say_so(city: Small, district: Small) -> None:
    city.membership.revoke(DISTRICT, "lost")
    assert StatusService(city.store, city.catalog).status()["links"][0]["state"] == "revoked"


def test_metrics_are_the_nodes_own_and_hold_no_names(city: Small, district: Small) -> None:
    put_case(city, "c1")
    mine, theirs = (StatusService(node.store, node.catalog).metrics().decode() for node in (city, district))
    assert f'tongban_cases{{node="{CITY}",status="accepted"}} 1.0' in mine and "tongban_cases{" not in theirs
    assert f'tongban_link_waiting{{direction="down",node="{CITY}",peer="{DISTRICT}"}}' in mine
    assert "武汉" not in mine and "管理员" not in mine
    assert StatusService(city.store, city.catalog).health()["ok"] is True
