"""Nobody speaks for another: what a parent says of its child (`heard`), and a child of itself and of those below it, on real nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from federation.ports import Below, Status
from federation.protocol.statements import Said, make_statement
from node.domain.tree.heard import KIND, Heard, name_of
from node.services.upkeep.backup import backup
from node.store import hearings
from node.store.journal import Draft, chain_head
from node.store.store import Tx
from tests.network.test_heard import HOUR, MINUTE, pass_time, said, unknown, until
from tests.support.network import Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    pass_time(made, 30 * MINUTE, 10 * MINUTE)
    yield made
    made.close()


def found(town: Town, at: str) -> set[tuple[str, str]]:
    """(kind, about whom) of what a node found."""
    names = {node.id: name for name, node in town.nodes.items()}
    with town[at].center.store.reading() as view:
        return {(kind, names.get(author, "")) for kind, author in view.connection.execute("SELECT kind, author FROM findings")}


def claim(town: Town, liar: str, word: Callable[[Tx, bytes], Heard]) -> None:
    """A node signs a `heard` of its own making about the village, and it goes its way."""
    name = name_of(town["village"].id)
    store = town[liar].center.store
    store.run(lambda tx: tx.journal.append(Draft(KIND, "note", word(tx, name).facts())))
    said(town)


def own_word(tx: Tx, name: bytes) -> bytes:
    """The statement of the village that its parent holds."""
    row = tx.connection.execute(
        "SELECT hash FROM statements s JOIN authors a ON a.id=s.peer WHERE substr(a.node_id, 1, 8)=?", (name,)
    )
    return bytes(row.fetchone()[0])


@pytest.mark.parametrize("minutes", [0, 1, 4, 8, 9])
def test_a_parent_that_calls_a_child_silent_is_found_out_by_it(town: Town, minutes: int) -> None:
    """At whatever moment between two words of the child it does so."""
    town.world.advance(minutes * MINUTE)
    claim(town, "township", lambda tx, name: Heard(tx.now(), silent=frozenset({name})))
    assert ("called_silent", "township") in found(town, "village")
    pass_time(town, MINUTE, MINUTE)
    for above in ("district", "city"):  # the village showed what the township had signed
        assert found(town, above) == {("called_silent", "township")}
    assert found(town, "township") == set()


def test_a_parent_that_cites_what_was_never_said_is_found_out_by_it(town: Town) -> None:
    claim(town, "township", lambda tx, name: Heard(tx.now(), spoke={name: bytes(16)}))
    assert ("words_made_up", "township") in found(town, "village")


def test_a_parent_that_owns_up_to_less_than_it_was_told_is_found_out_by_it(town: Town) -> None:
    town.file("village")
    pass_time(town, 10 * MINUTE, 10 * MINUTE)  # the village says that it wrote
    town["township"].center.store.run(lambda tx: tx.connection.execute("UPDATE heard_of SET seq=0") and None)
    town["village"].center.store.run(lambda tx: tx.connection.execute("UPDATE heard_of SET seq=0") and None)
    claim(town, "township", lambda tx, name: Heard(tx.now(), spoke={name: own_word(tx, name)}))
    assert ("kept_back", "township") in found(town, "village")


def test_an_honest_parent_is_accused_of_nothing(town: Town) -> None:
    """Lines that come and go, a parent that was off, and a night."""
    for cut in ("village", "township"):
        town.cut(cut)
        pass_time(town, HOUR)
        town.file("village")
        town.connect(cut)
        pass_time(town, 30 * MINUTE, 10 * MINUTE)
    town.cut()
    town["township"].restart()
    town.connect()
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    assert [found(town, at) for at in town.nodes] == [set()] * 4


def test_a_parent_whose_clock_was_set_back_and_forth_is_accused_of_nothing(town: Town) -> None:
    """By its clock the child spoke a day ago (found by the model); the child knows better only when it remembers the time before."""
    for skew in (-24 * HOUR, 0):
        town["township"].clock.skew = skew
        if skew:
            pass_time(town, 10 * MINUTE, 10 * MINUTE)
    town.cut("village")
    town["township"].center.tick()
    claim(town, "township", lambda tx, name: Heard(tx.now(), silent=frozenset({name})))
    town.connect("village")
    said(town)
    assert [found(town, at) for at in town.nodes] == [set()] * 4


def test_a_word_of_the_moment_in_which_the_child_speaks_again_is_no_lie(town: Town) -> None:
    """A line opens after days: the parent wrote that it heard nothing, and hears the child in the same millisecond."""
    town.cut("village")
    pass_time(town, 3 * HOUR, HOUR)
    for _ in range(2):  # what it heard the parent tells with its next word
        town.cut("village")
        town.connect("village")
        said(town)
    claim(town, "township", lambda tx, name: Heard(tx.now(), silent=frozenset({name})))
    assert [found(town, at) for at in town.nodes] == [set()] * 4


def test_a_parent_cannot_make_its_child_forget_that_it_spoke(town: Town) -> None:
    """By a clock that is a year ahead for one word."""
    for skew in (0, 400 * 24 * HOUR, 0):
        town["township"].clock.skew = skew
        pass_time(town, 20 * MINUTE, 10 * MINUTE)
    town.world.advance(MINUTE)
    claim(town, "township", lambda tx, name: Heard(tx.now(), silent=frozenset({name})))
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    with town["village"].center.store.reading() as view:
        since = view.now() - 2 * HOUR
        assert hearings.spoke_since(view.connection, since, since + HOUR + 20 * MINUTE) is not None
    assert ("called_silent", "township") in found(town, "village")


def test_a_word_about_somebody_elses_child_counts_for_nothing(town: Town) -> None:
    town.cut("village")
    pass_time(town, 3 * HOUR)
    known = until(town, "city", "village")
    claim(town, "district", lambda tx, name: Heard(tx.now(), spoke={name: bytes(16)}))
    assert until(town, "city", "village") == known and unknown(town, "city") == {"village"}


def test_a_time_that_has_not_come_is_not_known(town: Town) -> None:
    claim(town, "township", lambda tx, name: Heard(tx.now() + 10 * HOUR, spoke={name: own_word(tx, name)}))
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    town.cut("village")
    pass_time(town, 3 * HOUR)
    assert unknown(town, "city") == {"village"}


def test_a_child_cannot_be_ahead_of_its_parents_clock(town: Town) -> None:
    """It signs that our clock showed more than we told it."""
    child, parent = town["village"], town["township"]
    with child.center.store.reading() as view:
        head, now = chain_head(view, child.id), view.now()
    lie = make_statement(child.center.store.signer, Said(child.id, parent.id, head, now, now + 10 * HOUR, b""))
    with child.center.store.reading() as view:
        generation = view.identity.generation
    parent.center.inbound.on_status(child.id, Status(generation, 0, *lie))
    with parent.center.store.reading() as view:
        kept = hearings.statement_of(view.connection, view.row_of(child.id))
        assert kept is not None and kept.after_ms <= view.now()


def test_a_child_tells_nothing_of_nodes_that_are_not_below_it(town: Town) -> None:
    township, district = town["township"], town["district"]
    with township.center.store.reading() as view:
        generation, head = view.identity.generation, chain_head(view, township.id)
    made = make_statement(township.center.store.signer, Said(township.id, district.id, head, 0, 0, b""))
    told = (
        Below(town["city"].id, "offline", 1, 99),
        Below(district.id, "offline", 1, 99),
        Below(town["village"].id, "offline", 1, 98),
    )
    district.center.inbound.on_status(township.id, Status(generation, 0, *made, below=told))
    with district.center.store.reading() as view:
        kept = hearings.below(view.connection)
    assert kept[town["village"].id].catalog == 98 and kept[town["city"].id].catalog != 99 and district.id not in kept


def test_a_node_that_came_back_with_an_old_key_is_unknown_until_it_is_renewed(town: Town, tmp_path: Path) -> None:
    """FOUND 7: it was shown as known while none of its acts count."""
    backup(town["village"].center.store, tmp_path / "b.zip")
    town["village"].center.tree.rotate_key()
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    town.burn("village", tmp_path / "b.zip")
    town.connect()
    pass_time(town, 2 * HOUR)
    assert town.superseded("village") and unknown(town, "township") == unknown(town, "city") == {"village"}
    town.renew("village")
    town.heal()
    pass_time(town, 20 * MINUTE, 10 * MINUTE)
    assert unknown(town, "township") == unknown(town, "city") == set()
