"""Roll-ups are what a recount says, whatever became of a case and of the tree (after every fault run: `counted.py` in `healed.py`)."""

from __future__ import annotations

import pytest

from federation.protocol.facts import FactValue
from federation.protocol.proofs import ENROLMENT
from node.services.upkeep.verification import rebuild, rebuild_check
from node.store import rollups
from node.store.journal import Draft
from node.store.projected.rollups import Rollups
from node.store.store import Tx
from tests.federation.builders import Author, seed
from tests.network.counted import check_facts, check_node, check_sums
from tests.support.network import CLERK, DAY, Town


def check(town: Town) -> None:
    for node in town.nodes.values():
        check_node(node)
        check_facts(node)
    check_sums(town, list(town.nodes))


def some_life(town: Town) -> None:
    """Filed, handed over, on the way, accepted, returned, refused, decided, overdue."""
    numbers = [town.file("village") for _ in range(4)]
    for no in numbers[:3]:
        town.act("village", no, "hand_over")
    check_node(town["village"])
    town.heal()
    check(town)
    town.do("township", numbers[0], "receive", CLERK)
    town.do("township", numbers[1], "receive", CLERK)
    town.do("township", numbers[0], "accept", CLERK)
    town.do("township", numbers[1], "not_accept", CLERK)
    town.heal()
    check(town)
    town.world.advance(40 * DAY)
    town.heal()
    check(town)


def test_roll_ups_follow_the_life_of_cases(town: Town) -> None:
    some_life(town)
    city = town["city"].center
    kept = rows(town)
    assert not rebuild_check(city.store)
    rebuild(city.store)
    assert rows(town) == kept
    city.store.run(lambda tx: tx.connection.execute("UPDATE rolled SET n=n+1") and None)
    assert "rolled" in rebuild_check(city.store)
    city.store.run(lambda tx: tx.connection.execute("UPDATE fact_items SET n=n+1") and None)
    with pytest.raises(AssertionError, match="analysis of"):
        check_facts(town["city"])


def rows(town: Town) -> list[list[object]]:
    with town["city"].center.store.reading() as view:
        return [view.connection.execute(f"SELECT * FROM {table}").fetchall() for table in rollups.KEYS]


def test_what_a_case_counted_for_before_is_taken_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: it is not, and the recount finds it."""
    monkeypatch.setattr(Rollups, "leave", lambda self, tx, case_nos: None)
    with pytest.raises(AssertionError, match="counted anew"):
        some_life(town)


def test_who_is_enrolled_after_its_cases_came_is_counted_under_its_parent(town: Town) -> None:
    """A place that nobody knew is counted elsewhere, and below its parent as soon as it is known."""
    late, city = Author("420150000000"), town["city"]
    town.file("village")
    town.heal()

    def elsewhere(tx: Tx) -> None:
        tx.connection.execute("UPDATE cases SET custodian=?, origin=?", (late.node_id, late.node_id))
        Rollups().finish(tx, {})

    def enrol(tx: Tx) -> None:
        facts: dict[str, FactValue] = {
            "node": late.node_id, "key": late.signer.public, "code": late.name, "tier": "district", "parent": city.id,
            "link_key": seed("link"), "invitation": seed("code"),
        }  # fmt: skip
        tx.journal.append(Draft("node_enrolled", "node", {**facts, "proof": ENROLMENT.prove(late.signer, facts)}))

    city.center.store.run(elsewhere)
    check_node(city)
    assert scoped(town, (rollups.OUTSIDE, b"")) and not scoped(town, (rollups.BELOW, city.id))
    city.center.store.run(enrol)
    check_node(city)
    assert scoped(town, (rollups.BELOW, city.id)) and not scoped(town, (rollups.OUTSIDE, b""))


def scoped(town: Town, scope: tuple[int, bytes]) -> int:
    with town["city"].center.store.reading() as view:
        sql = "SELECT coalesce(sum(n), 0) FROM rolled WHERE level=? AND place=?"
        return int(view.connection.execute(sql, scope).fetchone()[0])
