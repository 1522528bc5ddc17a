"""What a reader knows of the tree: who is above whom, who may assign custody or renew a key, the proof that convinces a stranger."""

from __future__ import annotations

import pytest

from federation.protocol.chains import authenticate_run
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.trust import TrustStore
from tests.federation.builders import Author, Tree, back_from_an_old_backup, statuses, thief


def test_the_tree_can_be_read() -> None:
    t = Tree()
    trust = t.trust()
    assert trust.ancestors(t.village.node_id) == (t.township.node_id, t.district.node_id, t.city.node_id)
    assert trust.parent(t.city.node_id) is None
    assert trust.root == t.city.node_id
    assert trust.is_below(t.village.node_id, t.city.node_id)
    assert not trust.is_below(t.village.node_id, t.other.node_id)
    between = [
        one
        for one in (t.city, t.district, t.township, t.village)
        if trust.is_between(one.node_id, t.district.node_id, t.village.node_id)
    ]
    assert between == [t.district, t.township, t.village]
    assert trust.is_between(t.city.node_id, t.village.node_id, t.other.node_id)
    assert not trust.is_between(t.village.node_id, t.city.node_id, t.township.node_id)
    assert set(trust.children(t.city.node_id)) == {t.district.node_id, t.other.node_id}
    assert trust.active_code("village") == t.village.node_id
    assert trust.active_code("nowhere") is None
    assert trust.live_codes() == {"420100000000", "district", "township", "village", "other"}
    authenticate_run([t.city.revoke(t.other, 1, 0)], trust)
    assert "other" not in trust.live_codes()
    assert trust.active_code("other") is None


@pytest.mark.parametrize(
    ("author", "giver", "receiver", "dead", "may"),
    [
        ("township", "township", "village", "", True),  # the giver is above the receiver
        ("district", "township", "village", "", False),  # not the nearest
        ("village", "township", "village", "", False),
        ("township", "township", "village", "village", True),
        ("district", "township", "village", "township", True),  # the nearest is dead: the next one up
        ("city", "village", "other", "", True),
        ("district", "village", "other", "", False),
        ("city", "village", "stranger", "", False),
    ],
)
def test_who_may_assign_custody(author: str, giver: str, receiver: str, dead: str, may: bool) -> None:
    t = Tree()
    trust = t.trust()
    if dead:
        authenticate_run([t.city.revoke(getattr(t, dead), 1, 100)], trust)
    id_of = {name: getattr(t, name).node_id for name in ("city", "district", "township", "village", "other")}
    stranger = Author("stranger").node_id
    assert trust.may_assign(id_of.get(author, stranger), id_of[giver], id_of.get(receiver, stranger)) is may


def test_the_proof_of_a_node_convinces_a_stranger_with_the_same_root() -> None:
    t = Tree()
    t.city.rotate("city 2")
    later = [t.city.entries[-1], t.city.enrol(newcomer := Author("newcomer")), newcomer.rotate("newcomer 2")]
    trust = t.trust()
    authenticate_run(later, trust)
    by_hash = {entry_hash(entry.header): entry for entry in t.proof + later}
    proof = [by_hash[hash] for hash in trust.chain_of(newcomer.node_id)]
    stranger = TrustStore(trust.root_hash)
    assert statuses([*proof, newcomer.write()], stranger) == "accepted"
    assert len(proof) == 4
    assert stranger.node(t.village.node_id) is None


def test_an_entry_beyond_the_last_good_one_is_not_applied_even_when_given() -> None:
    t = Tree()
    trust = t.trust()
    authenticate_run([t.city.revoke(t.township, 1, t.township.head.seq)], trust)
    late = t.township.revoke(t.village, 1, 0)
    assert trust.apply(decode_header(late.header), entry_hash(late.header)) == "quarantined"
    assert trust.is_live(t.village.node_id)


@pytest.mark.parametrize(
    ("author", "facts", "reason"),
    [
        ("township", {}, ""),
        ("township", {"epoch": 1}, "stale"),  # a key of that epoch is known
        ("township", {"epoch": 0}, "stale"),
        ("district", {}, "not_its_parent"),
        ("village", {}, "not_its_parent"),
        ("township", {"node": b"x" * 16}, "not_its_parent"),
        ("township", {"epoch": "7"}, "incomplete"),
        ("township", {"key": b"short"}, "unproven"),
        ("township", {"lives": ("9:1:00",)}, "unproven"),
        ("township", {"invitation": b"another"}, "unproven"),
        ("township", {"proof": b"x" * 64}, "unproven"),
        ("township", {"proof": "text"}, "unproven"),
    ],
)
def test_who_may_renew_a_key_and_when(author: str, facts: dict[str, object], reason: str) -> None:
    t = Tree()
    trust = t.trust()
    old = t.village.signer
    authenticate_run([t.village.rotate("village 2")], trust)
    asked = getattr(t, author).rekey(t.village, int(str(facts.get("epoch", 7))), old, **facts)
    header = decode_header(asked.header)
    assert trust.apply(header, b"1" * 32) == reason
    assert trust.apply(header, b"1" * 32) == (reason or "already_known")


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)])
def test_a_renewal_waits_for_the_rotation_that_its_key_came_with(order: tuple[int, int, int]) -> None:
    """In whatever order they become known, the same keys count in the same places."""
    t = Tree()
    early = [t.village.rotate("village 2"), t.village.rotate("village 3")]
    facts = [*early, t.township.rekey(t.village, 7, thief("village 2"))]
    trust = t.trust()
    for place in order:
        trust.apply(decode_header(facts[place].header), entry_hash(facts[place].header))
    node = trust.node(t.village.node_id)
    assert node is not None
    names = ("village", "village 2", "village 3", "village 2")
    assert [(key.since, key.public) for key in node.keys] == [
        (since, thief(name).public) for since, name in zip(((0, 0), (1, 2), (1, 3), (7, 1)), names, strict=True)
    ]


def test_a_node_whose_enrolment_fell_keeps_its_keys_at_the_next() -> None:
    t = Tree()
    trust = t.trust()
    newcomer = Author("newcomer")
    last_good = t.township.head.seq
    assert statuses([t.township.enrol(newcomer), newcomer.rotate("newcomer 2"), newcomer.write()], trust) == "accepted"
    authenticate_run([t.district.revoke(t.township, 1, last_good)], trust)
    first = Author("newcomer")
    assert statuses([t.other.enrol(first), newcomer.write()], trust) == "accepted"
    assert statuses([first.write()], trust) == "accepted"


def test_the_proof_of_a_renewed_node_convinces_a_stranger() -> None:
    t = Tree()
    known = [t.township.rotate("township 2"), back_from_an_old_backup(t), t.township.rekey(t.village, 7)]
    known += [t.village.write(), t.village.rotate("village 3")]
    trust = t.trust()
    assert statuses(known, trust) == "accepted"
    by_hash = {entry_hash(entry.header): entry for entry in t.proof + known}
    stranger = TrustStore(trust.root_hash)
    proof = [by_hash[hash] for hash in trust.chain_of(t.village.node_id)]
    assert statuses([*proof, t.village.write()], stranger) == "accepted"


def test_applying_twice_changes_nothing() -> None:
    t = Tree()
    trust = t.trust()
    entries = [t.village.rotate("new"), t.township.revoke(t.village, 1, 9)]
    for _ in range(2):
        assert statuses(entries, trust) == "accepted"
    node = trust.node(t.village.node_id)
    assert node is not None
    assert len(node.keys) == 2
    assert len(node.revocations) == 1
