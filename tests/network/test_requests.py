"""A request finds whoever holds the case from any node that knows it, and what it says travels with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.demo.memory_network import Node
from node.services.upkeep.verification import rebuild_check
from tests.network.counted import check_node, reminded
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import DIRECTOR, Town, four_tiers

FILE = b"\x89PNG\r\n\x1a\n".ljust(1001, b".")  # as long as the application says


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def settled(town: Town) -> None:
    """Heal; every invariant holds and nothing waits anywhere."""
    town.heal()
    check_always(town, History())
    check_healed(town, History())
    for node in town.nodes.values():
        status = node.center.upkeep.status()
        assert [(link["peer"], link["waiting"]) for link in status["links"] if link["waiting"]] == [], node.name
        assert status["wanted"] == 0, node.name


@pytest.mark.parametrize(("asker", "holder"), [("city", "village"), ("city", "township"), ("district", "village")])
@pytest.mark.parametrize("action", ["remind", "withdraw"])
def test_a_request_from_far_above_is_answered(town: Town, asker: str, holder: str, action: str) -> None:
    no = town.file("village")
    if holder == "township":
        town.do("village", no, "hand_over")
    town.heal()
    request = town.do(asker, no, action)["request"]["id"]
    settled(town)
    for name in (asker, holder):
        assert town[name].center.cases.request(request, DIRECTOR)["request"]["state"] == "done", name


def test_who_was_reminded_from_above_is_counted_until_it_is_answered(town: Town) -> None:
    """Each way stands in the row of the case: what the one who has it was told, and the request before it has come so far."""
    no = town.file("village")
    town.heal()
    town.cut("village")
    town.do("city", no, "remind")
    for node in town.nodes.values():
        check_node(node)
    assert [len(waits(town[name])) for name in ("city", "village")] == [1, 0]
    town.heal()
    settled(town)
    for node in town.nodes.values():
        check_node(node)
        assert not rebuild_check(node.center.store)
    assert len(waits(town["village"])) == 1  # nothing was done with it since
    town.do("village", no, "hand_over")
    settled(town)
    assert [len(waits(town[name])) for name in ("city", "village")] == [0, 0]


def waits(node: Node) -> list[str]:
    with node.center.store.reading() as view:
        return reminded(view)


def test_a_file_from_far_above_arrives_with_its_request(town: Town) -> None:
    no = town.file("township")
    town.heal()
    sent: Any = town["city"].center.materials.put(no, "0", DIRECTOR, 0, FILE, len(FILE), "a.png", "image/png")
    assert sent["status"] == 202
    settled(town)
    piece, found = town["township"].center.materials.read(no, "0", 0, len(FILE) + 1, DIRECTOR)
    assert (piece, found["size"]) == (FILE, len(FILE))
