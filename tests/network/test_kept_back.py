"""A parent passes nothing on of a child of its (issue 14.7): either the tiers above find that something is missing, or the child finds
that its parent's word about it is not true, and holds the parent's signature on what it said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from federation.ports import Outgoing
from federation.protocol.envelope import decode_header
from federation.protocol.statements import statement_hash
from node.domain.tree.heard import KIND, Heard, name_of
from node.services.upkeep.backup import backup
from node.store import hearings
from node.store.journal import Draft
from node.store.store import Tx
from tests.network.test_heard import HOUR, MINUTE, pass_time, unknown
from tests.support.network import Town, four_tiers, fresh

VICTIMS = {"township": "village", "district": "township", "city": ""}
UP = ("village", "township", "district", "city")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    pass_time(made, HOUR)
    yield made
    made.close()


def above(name: str) -> tuple[str, ...]:
    return UP[UP.index(name) + 1 :]


def keeps_back(town: Town, liar: str) -> None:
    """A changed program at one node: what its child wrote does not go up any more; everything else does."""
    victim, parent, inbound = town[VICTIMS[liar]].id, town[town[liar].parent or ""].id, town[liar].center.inbound
    honest = inbound.outgoing

    def outgoing(peer: bytes, after: int, limit: int) -> Outgoing:
        found = honest(peer, after, limit)
        if peer != parent:
            return found
        return replace(found, entries=tuple(one for one in found.entries if decode_header(one.header).author_id != victim))

    inbound.outgoing = outgoing  # type: ignore[method-assign]


def proof(town: Town, liar: str) -> bytes:
    """What the child signed last."""
    with town[liar].center.store.reading() as view:
        return hearings.proof_of(view.connection, view.row_of(town[VICTIMS[liar]].id))


def says(town: Town, liar: str, silent: bool, proof: bytes = b"") -> None:
    """Its own word about the child: silent, or that it spoke and did nothing."""
    victim = town[VICTIMS[liar]].id

    def write(tx: Tx) -> None:
        said = hearings.statement_of(tx.connection, tx.row_of(victim))
        assert said is not None
        name = name_of(victim)
        cited = statement_hash(proof[64:]) if proof else said.hash
        word = Heard(tx.now(), {}, frozenset({name}) if silent else frozenset(), {} if silent else {name: cited})
        if proof:
            word = replace(word, at_ms=min(said.after_ms, tx.now()), proofs={name: proof})
        tx.journal.append(Draft(KIND, "note", word.facts()))

    town[liar].center.store.run(write)


def is_silenced(town: Town, liar: str) -> None:
    """Its program writes nothing about its children by itself any more."""
    hearing: Any = town[liar].center.hearing
    hearing.tick = hearing.spoke = lambda *_: None
    town[liar].center.inbound.talks.spoke = lambda peer, before_ms: None


def findings(town: Town, name: str) -> set[str]:
    return {one["kind"] for one in town[name].center.upkeep.status()["findings"]}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("liar", ["township", "district"])
def test_what_a_parent_keeps_back_is_missed_above(town: Town, liar: str, seed: int) -> None:
    """Whatever else happens meanwhile: its own word names what the tiers above do not have, so its child is unknown there."""
    random, victim = Random(seed), VICTIMS[liar]
    keeps_back(town, liar)
    town.file(victim)
    for _ in range(random.randint(1, 4)):
        town.file(random.choice(("village", "township")))
        pass_time(town, random.randint(5, 50) * MINUTE)
    pass_time(town, 2 * HOUR, 10 * MINUTE)
    for name in above(liar):
        assert victim in unknown(town, name), name
    assert victim not in unknown(town, liar)


@pytest.mark.parametrize("liar", ["township", "district"])
def test_a_child_said_to_have_done_nothing_finds_its_parent_out(town: Town, liar: str) -> None:
    victim = VICTIMS[liar]
    keeps_back(town, liar)
    is_silenced(town, liar)
    town.file(victim)
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    says(town, liar, silent=False)
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    assert "kept_back" in findings(town, victim)
    assert "kept_back" not in findings(town, liar)


@pytest.mark.parametrize("shows", ["nothing", "an old word", "the last word"])
@pytest.mark.parametrize("liar", ["township", "district"])
def test_a_child_said_to_have_done_nothing_is_not_taken_for_idle_and_the_liar_is_found_above(
    town: Town, liar: str, shows: str
) -> None:
    """The tier above looks at what the child signed, whatever of it its parent shows; without it nothing is known."""
    victim, grandparent = VICTIMS[liar], town[liar].parent or ""
    old = proof(town, liar)
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    keeps_back(town, liar)
    is_silenced(town, liar)
    town.file(victim)
    for _ in range(9):
        pass_time(town, 20 * MINUTE, 10 * MINUTE)
        says(town, liar, silent=False, proof={"nothing": b"", "an old word": old, "the last word": proof(town, liar)}[shows])
    pass_time(town, 10 * MINUTE, 10 * MINUTE)
    for name in above(liar):
        assert victim in unknown(town, name), name
    assert findings(town, grandparent) == {"kept_back" if shows == "the last word" else "words_made_up"}
    assert findings(town, liar) == set()


@pytest.mark.parametrize("liar", ["township", "district"])
def test_a_child_called_silent_is_unknown_above_and_never_known(town: Town, liar: str) -> None:
    victim = VICTIMS[liar]
    keeps_back(town, liar)
    is_silenced(town, liar)
    town.file(victim)
    for _ in range(4):
        pass_time(town, 40 * MINUTE, 10 * MINUTE)
        says(town, liar, silent=True)
    town.settle()
    for name in above(liar):
        assert victim in unknown(town, name), name


@pytest.mark.parametrize("liar", ["township", "district"])
def test_who_kept_a_silent_child_back_is_found_when_it_speaks_of_it_again_and_the_child_is_not_accused(
    town: Town, liar: str
) -> None:
    """The child knows at once. Above nothing can be found while nothing of the child comes: it looks as if its line were down."""
    victim, grandparent = VICTIMS[liar], town[liar].parent or ""
    keeps_back(town, liar)
    is_silenced(town, liar)
    held = town.file(victim)
    for _ in range(3):
        pass_time(town, 40 * MINUTE, 10 * MINUTE)
        says(town, liar, silent=True)
    pass_time(town, 10 * MINUTE, 10 * MINUTE)
    assert findings(town, victim) == {"called_silent"} and findings(town, grandparent) == set()
    del town[liar].center.inbound.outgoing  # from now on everything goes up
    town.do(victim, held, {"village": "hand_over", "township": "accept"}[victim])  # of what it filed nothing is known above
    town.file(victim)
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    says(town, liar, silent=False, proof=proof(town, liar))
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    with town[grandparent].center.store.reading() as view:
        found = set(view.connection.execute("SELECT kind, author FROM findings").fetchall())
    assert found == {(kind, town[liar].id) for kind in ("called_silent", "kept_back")}, (
        "the last that the child disputed came too"
    )
    for name in above(liar):
        assert victim in unknown(town, name), name


def test_a_parent_whose_words_come_back_before_the_entries_of_its_child_is_accused_of_nothing(tmp_path: Path) -> None:
    """Its disk and that of its parent went back; another child brings what it had written, and the line of the first is down (found by the model)."""
    town = fresh("tree", tmp_path / "t")
    town.heal()
    pass_time(town, HOUR)
    copies = {name: tmp_path / f"{name}.zip" for name in ("city", "district")}
    for name, copy in copies.items():
        backup(town[name].center.store, copy)
    town.file("township")
    pass_time(town, HOUR, 10 * MINUTE)
    for name, copy in copies.items():
        town.burn(name, copy)
    town.connect("district", "township2")
    town.settle()
    assert "kept_back" not in findings(town, "city")
    town.connect()
    town.heal()
    assert "kept_back" not in findings(town, "city")
    town.close()
