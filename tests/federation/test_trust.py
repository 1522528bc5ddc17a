"""Who may speak, as tables: what was written, by whom, and what a reader with the pinned root makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.ports import WireEntry
from federation.protocol.chains import authenticate_run
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.facts import FactValue
from federation.protocol.proofs import RENEWAL
from federation.protocol.signing import Signer
from federation.protocol.trust import TrustStore
from tests.federation.builders import Author, Tree, back_from_an_old_backup, resigned, seed, statuses, thief

Scenario = Callable[[Tree], list[WireEntry]]
SCENARIOS: dict[str, tuple[Scenario, str]] = {}


def scenario(expected: str) -> Callable[[Scenario], Scenario]:
    """One row: the entries a reader gets after the tree's proof, and the expected verdicts."""

    def note(function: Scenario) -> Scenario:
        SCENARIOS[function.__name__] = (function, expected)
        return function

    return note


@scenario("accepted")
def an_enrolled_node_speaks(t: Tree) -> list[WireEntry]:
    return t.village.many(3)


@scenario("unknown_author")
def a_stranger_speaks(t: Tree) -> list[WireEntry]:
    return Author("stranger").many(2)


@scenario("unknown_author")
def a_stranger_brings_his_own_root(t: Tree) -> list[WireEntry]:
    pretender = Author("pretender")
    return [pretender.initialise(), *pretender.many(1)]


@scenario("bad_signature")
def somebody_signs_in_the_name_of_another(t: Tree) -> list[WireEntry]:
    return [resigned(t.village.write(), t.other.signer)]


@scenario("bad_signature")
def a_node_uses_its_parents_key(t: Tree) -> list[WireEntry]:
    t.village.signer = t.township.signer
    return t.village.many(1)


@scenario("accepted unknown_author")
def an_enrolment_that_names_another_parent(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    return [t.township.enrol(newcomer, parent=t.district), newcomer.write()]


@scenario("unknown_author")
def an_enrolment_by_a_stranger(t: Tree) -> list[WireEntry]:
    stranger, newcomer = Author("stranger"), Author("newcomer")
    return [stranger.enrol(newcomer), newcomer.write()]


@scenario("accepted")
def an_enrolment_in_the_batch_matters_to_later_entries(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    return [t.township.enrol(newcomer), *newcomer.many(3)]


@scenario("unknown_author accepted")
def an_enrolment_that_comes_too_late(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    return [newcomer.write(), t.township.enrol(newcomer)]


@scenario("accepted bad_signature")
def a_second_enrolment_does_not_replace_a_key(t: Tree) -> list[WireEntry]:
    impostor = Author("village")
    impostor.signer = Signer.from_seed(seed("key impostor"))
    return [t.other.enrol(impostor), impostor.write()]


@scenario("accepted")
def a_rotated_key_speaks_from_the_next_entry(t: Tree) -> list[WireEntry]:
    return [*t.village.many(2), t.village.rotate("new"), *t.village.many(2), t.village.rotate("newer"), *t.village.many(2)]


@scenario("accepted accepted bad_signature accepted")
def a_new_key_does_not_vouch_for_what_was_written_before_it(t: Tree) -> list[WireEntry]:
    first = t.village.many(1)
    before = replace(t.village.head)
    rotation = t.village.rotate("new")
    new, t.village.signer, t.village.head = t.village.signer, Signer.from_seed(seed("key village")), before
    fork = t.village.write()  # in the place of the rotation
    t.village.signer = new
    return [*first, rotation, WireEntry(fork.header, b"spoiled"), t.village.write()]


@scenario("bad_signature")
def an_entry_that_names_another_key_than_it_is_signed_with(t: Tree) -> list[WireEntry]:
    return [t.village.write(key_id=b"12345678")]


@scenario("accepted bad_signature")
def the_old_key_is_dead_after_a_rotation(t: Tree) -> list[WireEntry]:
    old = t.village.signer
    rotation = t.village.rotate("new")
    t.village.signer = old
    return [rotation, t.village.write()]


@scenario("bad_signature")
def a_new_key_before_its_rotation(t: Tree) -> list[WireEntry]:
    t.village.signer = Signer.from_seed(seed("key new"))
    return [t.village.write()]


@scenario("bad_signature")
def a_rotation_signed_by_the_new_key_brings_no_key(t: Tree) -> list[WireEntry]:
    thief = Signer.from_seed(seed("key thief"))
    rotation = resigned(t.village.rotate("thief"), thief)
    return [rotation, *t.village.many(3)]


@scenario("accepted accepted bad_signature bad_signature")
def a_forged_rotation_at_the_end_of_a_run_is_not_vouched_for_by_its_own_key(t: Tree) -> list[WireEntry]:
    good = t.village.many(2)
    thief = Signer.from_seed(seed("key thief"))
    return [*good, resigned(t.village.rotate("thief"), thief), t.village.write()]


@scenario("accepted accepted accepted accepted quarantined quarantined")
def beyond_the_last_good_entry_of_a_revoked_node(t: Tree) -> list[WireEntry]:
    written = t.village.many(5)
    return [t.township.revoke(t.village, 1, 3), *written]


@scenario("accepted quarantined")
def a_new_epoch_does_not_escape_a_revocation(t: Tree) -> list[WireEntry]:
    return [t.district.revoke(t.village, 1, 3), t.village.write(epoch=2, seq=1)]


@scenario("accepted")
def a_revocation_by_a_node_that_is_no_ancestor_is_void(t: Tree) -> list[WireEntry]:
    return [t.other.revoke(t.village, 1, 0), *t.village.many(2)]


@scenario("accepted")
def a_child_cannot_revoke_its_parent(t: Tree) -> list[WireEntry]:
    return [t.village.revoke(t.township, 1, 0), *t.township.many(2)]


@scenario("accepted quarantined accepted")
def what_a_revoked_node_revokes_afterwards_is_void(t: Tree) -> list[WireEntry]:
    return [t.city.revoke(t.district, 1, t.district.head.seq), t.district.revoke(t.township, 1, 0), t.township.write()]


@scenario("accepted accepted accepted unknown_author")
def what_a_revoked_node_enrolled_beyond_falls_with_it(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    last_good = t.township.head.seq
    return [t.township.enrol(newcomer), newcomer.write(), t.district.revoke(t.township, 1, last_good), newcomer.write()]


@scenario("accepted")
def what_a_revoked_node_enrolled_before_stays(t: Tree) -> list[WireEntry]:
    return [t.district.revoke(t.township, 1, t.township.head.seq), *t.village.many(2)]


@scenario("accepted accepted quarantined")
def a_revocation_that_comes_before_its_node_is_known(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    enrolment = t.township.enrol(newcomer)
    return [t.district.revoke(newcomer, 1, 0), enrolment, newcomer.write()]


@scenario("accepted bad_signature")
def an_old_key_in_a_new_epoch_proves_nothing(t: Tree) -> list[WireEntry]:
    return [back_from_an_old_backup(t), t.village.write()]


@scenario("accepted")
def a_key_that_the_parent_renewed_counts_from_its_epoch_on(t: Tree) -> list[WireEntry]:
    rotation = back_from_an_old_backup(t)
    later = [t.township.rekey(t.village, 7), *t.village.many(2), t.village.rotate("village 3"), *t.village.many(2)]
    return [rotation, *later]


@scenario("accepted accepted accepted bad_signature")
def a_renewed_key_does_not_count_before_its_epoch(t: Tree) -> list[WireEntry]:
    rotation = back_from_an_old_backup(t)
    return [rotation, t.township.rekey(t.village, 7), t.village.write(), t.village.write(epoch=6, seq=1)]


@scenario("accepted accepted bad_signature")
def a_grandparent_renews_no_key(t: Tree) -> list[WireEntry]:
    return [back_from_an_old_backup(t), t.district.rekey(t.village, 7), t.village.write()]


@scenario("accepted bad_signature bad_signature")
def a_node_does_not_renew_its_own_key(t: Tree) -> list[WireEntry]:
    return [back_from_an_old_backup(t), t.village.rekey(t.village, 7), t.village.write()]


@scenario("accepted accepted quarantined")
def a_revoked_node_is_not_renewed(t: Tree) -> list[WireEntry]:
    return [t.district.revoke(t.village, 1, 9), t.township.rekey(t.village, 7), t.village.write(epoch=7, seq=1)]


# what a parent says of its child's key without the child


def speaks_with(node: Author, signer: Signer, epoch: int) -> WireEntry:
    """An entry in the name of the node."""
    node.restore(signer, epoch)
    return node.write()


@scenario("accepted bad_signature")
def a_parent_makes_up_a_key_for_its_child(t: Tree) -> list[WireEntry]:
    return [t.township.rekey(t.village, 7, thief()), speaks_with(t.village, thief(), 7)]


@scenario("accepted bad_signature")
def a_parent_names_a_key_of_its_own(t: Tree) -> list[WireEntry]:
    return [t.township.rekey(t.village, 7, t.township.signer), speaks_with(t.village, t.township.signer, 7)]


@scenario("accepted accepted bad_signature")
def a_parent_renews_a_key_that_the_child_did_not_ask_for(t: Tree) -> list[WireEntry]:
    old = t.village.signer
    rotation = t.village.rotate("village 2")
    return [rotation, t.township.rekey(t.village, 7, old, prover=t.township.signer), speaks_with(t.village, old, 7)]


@scenario("accepted bad_signature accepted bad_signature")
def a_parent_moves_the_epoch_of_a_true_request(t: Tree) -> list[WireEntry]:
    old, rotation = t.village.signer, t.village.rotate("village 2")
    early = speaks_with(t.village, old, 5)
    return [rotation, early, t.township.rekey(t.village, 7, old, epoch=5), speaks_with(t.village, old, 6)]


@scenario("accepted accepted bad_signature")
def a_request_made_to_another_parent(t: Tree) -> list[WireEntry]:
    old, rotation = t.village.signer, t.village.rotate("village 2")
    asked: dict[str, FactValue] = {
        "node": t.village.node_id,
        "key": old.public,
        "epoch": 7,
        "lives": (),
        "invitation": seed("renewal 7"),
    }
    proof = RENEWAL.prove(old, {**asked, "parent": t.other.node_id})
    return [rotation, t.township.rekey(t.village, 7, old, proof=proof), speaks_with(t.village, old, 7)]


@scenario("accepted unknown_author")
def a_parent_enrols_a_key_that_nobody_has_shown(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    return [t.township.enrol(newcomer, prover=t.township.signer), newcomer.write()]


@scenario("accepted unknown_author")
def a_parent_enrols_an_id_with_another_key_than_it_is_made_of(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    newcomer.signer = thief()
    return [t.township.enrol(newcomer), newcomer.write()]


@scenario("accepted unknown_author")
def an_invitation_of_another_parent(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    stolen = decode_header(t.other.enrol(newcomer).header).facts
    return [t.township.write("node_enrolled", {**stolen, "parent": t.township.node_id}), newcomer.write()]


@scenario("accepted unknown_author")
def an_enrolment_under_another_code_than_the_newcomer_signed(t: Tree) -> list[WireEntry]:
    newcomer = Author("newcomer")
    return [t.township.enrol(newcomer, code="420102000000"), newcomer.write()]


@scenario("accepted accepted bad_signature")
def a_node_claims_the_key_of_another(t: Tree) -> list[WireEntry]:
    """It would like to pass for the author of what the other signs."""
    rotation = t.village.rotate("other", prover=thief())
    t.village.signer = Signer.from_seed(seed("key village"))
    return [rotation, t.village.write(), speaks_with(t.village, t.other.signer, 1)]


@scenario("accepted")
def a_rotation_that_becomes_known_after_a_renewal_keeps_its_place(t: Tree) -> list[WireEntry]:
    first = t.village.signer
    early = [t.village.rotate("village 2"), *t.village.many(2), t.village.rotate("village 3"), t.village.write()]
    t.village.restore(first, 7)
    return [*early[:3], t.township.rekey(t.village, 7), t.village.write(), *early[3:]]


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    build, expected = SCENARIOS[name]
    tree = Tree()
    assert statuses(build(tree), tree.trust()) == expected


def test_nothing_is_trusted_before_the_pinned_root() -> None:
    tree = Tree()
    assert statuses(tree.proof, TrustStore(seed("another root"))) == "unknown_author"
    with pytest.raises(ValueError):
        TrustStore(b"short")


def test_the_pin_may_be_the_first_sixteen_bytes() -> None:
    tree = Tree()
    assert statuses(tree.proof, TrustStore(entry_hash(tree.genesis.header)[:16])) == "accepted"


def test_a_copy_is_changed_alone() -> None:
    tree = Tree()
    trust = tree.trust()
    tried = trust.copy()
    authenticate_run([tree.city.revoke(tree.other, 1, 0)], tried)
    assert tried.is_revoked(tree.other.node_id)
    assert not trust.is_revoked(tree.other.node_id)
    newcomer = Author("newcomer")
    authenticate_run([tree.other.enrol(newcomer)], trust)
    assert trust.is_live(newcomer.node_id)
    assert tried.node(newcomer.node_id) is None
