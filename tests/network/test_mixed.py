"""Two versions over custody: a node in the middle of a case's path that lacks a kind neither keeps the case from its way home nor loses an
entry, and after its upgrade it reads what came before as everybody else does (DESIGN, "Compatible from 1.0 on")."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import Case
from node.domain.words.errors import TongbanError
from node.services.upkeep.verification import verify
from tests.network.healed import check_healed
from tests.network.invariants import History
from tests.support.network import AGENT, APPROVER, EXAMINER, Town, four_tiers
from tests.support.older import run_older, without

LATER = frozenset({"suspended", "resumed", "extended"})
VERY_LATE = LATER | {"accepted", "step_completed", "approved", "concluded"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def case_at(town: Town, name: str, no: str) -> Case:
    with town[name].center.store.reading() as view:
        case = view.cases.get(no)
    assert case is not None
    return case


def entries(town: Town, name: str) -> set[bytes]:
    with town[name].center.store.reading() as view:
        return {row[0] for row in view.connection.execute("SELECT hash FROM entries WHERE class='case'").fetchall()}


def through(town: Town) -> str:
    """A case of the village that the district decides, with a procedure that stops the clock, and sends home."""
    no = town.file("village", "ZW016")
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step", "refer"):
        town.do("township", no, action)
    town.heal()
    return no


def decided(town: Town, no: str) -> None:
    town.do("district", no, "suspend", APPROVER)
    town.heal()
    town.do("district", no, "resume", EXAMINER)
    town.do("district", no, "complete_step", EXAMINER)
    town.do("district", no, "approve", APPROVER)
    town.do("district", no, "conclude")
    town.heal()


@pytest.mark.parametrize("kinds", [LATER, VERY_LATE], ids=["some kinds", "most kinds"])
@pytest.mark.parametrize("middle", ["township", "city"])
def test_a_node_that_lacks_kinds_lets_the_case_home_and_folds_them_after_its_upgrade(
    town: Town, middle: str, kinds: frozenset[str]
) -> None:
    no = through(town)
    run_older(town, middle, kinds)
    decided(town, no)
    older = case_at(town, middle, no)
    assert set(older.unknown_kinds) >= {"suspended", "resumed"} and older.status == "concluded"
    assert case_at(town, "village", no).custodian == town["village"].id  # home, through the node that does not understand it
    with without(kinds):
        assert verify(town[middle].center.store)["problems"] == []
    town.do("village", no, "deliver", AGENT)
    town.heal()
    assert entries(town, middle) == entries(town, "district")  # nothing is lost
    town[middle].restart()  # upgraded
    for name in town.nodes:
        assert case_at(town, name, no) == case_at(town, "district", no), name
    assert case_at(town, middle, no).unknown_kinds == () and case_at(town, middle, no).pause.stops == 1
    assert verify(town[middle].center.store)["problems"] == []
    check_healed(town, History())


def test_an_older_node_in_the_middle_refuses_only_to_decide(town: Town) -> None:
    no = through(town)
    run_older(town, "township", LATER)
    town.do("district", no, "suspend", APPROVER)
    town.do("district", no, "resume", EXAMINER)
    town.do("district", no, "return_to_lower", EXAMINER)
    town.heal()
    assert case_at(town, "township", no).custodian == town["township"].id
    with pytest.raises(TongbanError, match=r"^needs_upgrade"):
        town.act("township", no, "approve", APPROVER)
    assert "set_urgent" in town.offered("township", no, APPROVER)
    town["township"].restart()
    town.do("township", no, "complete_step", EXAMINER)
    town.do("township", no, "refer", APPROVER)
    town.heal()
    assert case_at(town, "district", no).custodian == town["district"].id
    check_healed(town, History())
