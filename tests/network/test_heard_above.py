"""A node knows the nodes above its parent by what each of them signed (Status.above): a case that the district holds has the same light
and days at the village, at the township and at the city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.ports import Status
from federation.protocol.statements import Said, make_statement
from node.services.tree.freshness import known_until
from node.store.journal import chain_head
from tests.network.test_heard import HOUR, MINUTE, pass_time
from tests.network.test_heard_lies import found
from tests.support.network import AGENT, DAY, DIRECTOR, Town, four_tiers

SAME = ("status", "due", "light", "over_days", "unknown_since", "custodian")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    pass_time(made, 20 * MINUTE, 10 * MINUTE)
    yield made
    made.close()


def held_at_district(town: Town) -> str:
    no = town.file("village", "ZW016")
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step", "refer"):
        town.do("township", no, action)
    town.heal()
    return no


def told(town: Town, no: str) -> dict[str, dict[str, Any]]:
    """What each tier's page and list say of a case."""
    pages = {name: node.center.cases.case(no, DIRECTOR) for name, node in town.nodes.items()}
    return {name: {key: dict[str, Any](**page)[key] for key in SAME} for name, page in pages.items()}


def until(town: Town, at: str, of: str) -> int:
    with town[at].center.store.reading() as view:
        return known_until(view, town[of].id)


def alike(town: Town, no: str) -> str:
    """The light that every tier shows, when they say the same."""
    said = told(town, no)
    assert all(one == said["city"] for one in said.values()), said
    return str(said["city"]["light"])


def test_village_and_city_say_the_same_light_of_a_case_that_the_district_holds(town: Town) -> None:
    no = held_at_district(town)
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    seen = [alike(town, no)]
    while seen[-1] != "red" and len(seen) < 40:
        pass_time(town, DAY - 10 * MINUTE, 6 * HOUR)  # 23:50 later, so that the last words are of the morning
        pass_time(town, 20 * MINUTE, 10 * MINUTE)
        seen.append(alike(town, no))
    assert list(dict.fromkeys(seen)) == ["green", "warn", "overdue", "yellow", "red"]


def test_a_district_that_is_off_is_unknown_at_the_village_too_and_known_again_when_it_is_back(town: Town) -> None:
    no = held_at_district(town)
    town.cut("township", "district")
    cut = town.world.time
    pass_time(town, 3 * HOUR)
    said = told(town, no)
    assert said["village"]["light"] == said["township"]["light"] == said["city"]["light"] == "unknown"
    assert cut - HOUR < until(town, "village", "district") <= cut
    assert until(town, "village", "city") <= until(town, "village", "district")
    town.connect()
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    assert alike(town, no) == "green"
    assert min(until(town, "village", of) for of in ("city", "district", "township")) >= town.world.time - 25 * MINUTE


def test_nothing_above_is_known_longer_than_the_parent_itself(town: Town) -> None:
    town.cut("village")
    pass_time(town, 2 * HOUR)
    known = [until(town, "village", of) for of in ("city", "district", "township")]
    assert known == sorted(known) and known[-1] < town.world.time - HOUR


def test_who_comes_back_above_is_known_below_at_once(town: Town) -> None:
    town.cut("district")
    pass_time(town, 2 * HOUR)
    assert until(town, "village", "city") < town.world.time - HOUR
    town.connect("district")
    pass_time(town, MINUTE, MINUTE)
    assert until(town, "village", "city") >= town.world.time - 15 * MINUTE


def said_by(town: Town, speaker: str, to: str, signer: str, ahead_ms: int = 0) -> tuple[bytes, bytes]:
    """A statement (and its signature) of one node to the next, signed by whoever, of a time that has not come."""
    with town[speaker].center.store.reading() as view:
        head, now = chain_head(view, town[speaker].id), view.now()
    said = Said(town[speaker].id, town[to].id, head, now, now + ahead_ms, b"")
    return make_statement(town[signer].center.store.signer, said)


def show(town: Town, lie: tuple[bytes, bytes]) -> None:
    """The township shows its child this."""
    village, parent = town["village"].center, town["township"]
    with parent.center.store.reading() as view:
        generation = view.identity.generation
    honest = said_by(town, "township", "village", "township")
    village.inbound.on_status(parent.id, Status(generation, 0, *honest, above=(lie[1] + lie[0],)))


@pytest.mark.parametrize(
    ("speaker", "to", "signer"),
    [
        ("district", "township", "township"),
        ("township", "village", "township"),
        ("city", "township", "city"),
        ("district", "city", "district"),
    ],
)
def test_a_parent_cannot_make_up_what_a_node_above_said(town: Town, speaker: str, to: str, signer: str) -> None:
    """Signed by itself, or another's word on another line: nothing is known by it, and the child finds it."""
    town.cut("township", "district")
    pass_time(town, 3 * HOUR)
    before = until(town, "village", "district")
    show(town, said_by(town, speaker, to, signer))
    assert until(town, "village", "district") == before
    key = (
        signer == speaker
    )  # by another key than the speaker's in force it might be one that was renewed: not taken, nobody's fault
    assert found(town, "village") == ({("statement_not_taken", "township")} if key or speaker == "township" else set())


def test_a_time_that_has_not_come_makes_nobody_above_known(town: Town) -> None:
    """A parent that tells the district a wrong time gets it signed; more than an hour beyond the district's own clock it is worth nothing."""
    town.cut("township", "district")
    show(town, said_by(town, "district", "township", "district", 30 * DAY))
    pass_time(town, 3 * HOUR)
    assert until(town, "village", "district") <= town.world.time - 110 * MINUTE
