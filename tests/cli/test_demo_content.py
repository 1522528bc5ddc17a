"""What the demonstration shows: every light with its reason, and a village that nobody hears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.app import assemble
from node.demo import main as demo
from node.demo.content import make_network
from node.demo.scenes import BACK, CORRECTION, SILENT
from node.domain.model import CST, Actor, Role
from node.services.center import Center

MONDAY = int(dt.datetime(2026, 9, 14, 10, 30, tzinfo=CST).timestamp() * 1000)
DIRECTOR = Actor("s-director", Role.DIRECTOR)


class Morning:
    """The morning on which the history ends."""

    def now(self) -> int:
        return MONDAY

    def ticks(self) -> int:
        return MONDAY


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    ports = {name: (one.web, one.grpc) for name, one in demo.ports_from(18_800).items()}
    listed = make_network(root, ports, lambda _: None, weeks=4, cases=12, present=lambda: MONDAY)
    assert [node["name"] for node in listed] == list(demo.NAMES)
    return root


def opened(root: Path, name: str) -> Center:
    return assemble(root / name, Morning(), threaded=False)


@pytest.fixture(scope="module")
def township(made: Path) -> Iterator[Center]:
    center = opened(made, "township")
    yield center
    center.store.close()


def documents(center: Center) -> list[dict[str, Any]]:
    with center.store.reading() as view:
        numbers = list(view.cases.numbers())
    return [dict(center.cases.case(number, DIRECTOR)) for number in numbers]


def test_the_hall_has_a_case_of_each_light(township: Center) -> None:
    lights = {one["light"]: one for one in documents(township) if one["status"] == "accepted"}
    assert {"warn", "overdue", "yellow"} <= set(lights)
    assert lights["warn"]["due"] == "2026-09-14" and lights["overdue"]["due"] == "2026-09-11"


def test_one_case_was_accepted_on_the_promise_that_a_paper_follows(township: Center) -> None:
    (one,) = [one for one in documents(township) if one["gap"]]
    assert (one["status"], one["label"], one["findings"]) == ("accepted", "gap", [])
    assert [row["state"] for row in one["gap"]["rows"]] == ["missing"] and one["gap"]["due"] <= one["due"]


def test_a_village_that_is_not_run_is_unheard_since_days_and_so_is_what_lies_there(made: Path, township: Center) -> None:
    there = [one for one in documents(township) if one["origin"] == "420102002004"]
    lying = [one for one in there if one["custodian"] == "420102002004"]
    assert len(there) == 4 and len(lying) == 3
    assert {one["status"] for one in lying if not one["doubted"]} == {"with_agent"}
    assert all(one["unknown_since"].startswith("2026-09-07") for one in lying)
    assert (made / SILENT).is_dir()


def test_a_village_that_decided_itself_is_in_doubt_with_its_reason_at_every_tier(made: Path, township: Center) -> None:
    """It is none of the product's steps, and every node above says so; residents read that it is being looked into."""
    (here,) = [one for one in documents(township) if one["doubted"]]
    assert (here["status"], here["label"], here["origin"]) == ("approved", "doubted", "420102002004")
    assert any(one["zh"].startswith("村级代办站越权办理") and one["doubt"] for one in here["findings"])
    for name in ("district", "city"):
        center = opened(made, name)
        above = center.cases.case(here["case_no"], DIRECTOR)
        nodes = {row["code"]: row["findings"] for row in center.oversight.nodes(DIRECTOR)["nodes"]}
        center.store.close()
        assert above["doubted"] == here["doubted"] and nodes["420102002004"] >= 1, name


def test_a_case_extended_late_keeps_its_lateness_on_record(made: Path) -> None:
    center = opened(made, "district")
    late = [
        one for one in documents(center) if one["status"] == "accepted" and any(w["ended_by"] == "extended" for w in one["late"])
    ]
    center.store.close()
    assert late and late[0]["light"] == "green"


def test_corrections_and_a_case_handed_back_wait_at_the_village_with_their_reasons(made: Path) -> None:
    center = opened(made, "village")
    held = documents(center)
    center.store.close()
    asked = [one for one in held if one["status"] == "awaiting_correction" and CORRECTION in str(one)]
    assert len(asked) >= 2 and {one["origin"] for one in asked} == {"420102002003"}
    assert any(BACK.rstrip("。") in str(one) for one in held if one["status"] in ("with_agent", "in_transit"))
