"""A node that came back from a backup older than its last rotation: how it goes on, and how its parent renews its key."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from federation.ports import LinkRefusedError, WireEntry
from federation.protocol.enrolment import JoinAnswer, JoinKey, make_request, open_request, seal_answer
from federation.protocol.join_code import JoinCode
from federation.protocol.proofs import RENEWAL
from federation.protocol.signing import Signer
from node.domain.tree.documents import KeyChanged
from node.domain.words.errors import TongbanError
from node.services.tree import founding
from node.services.tree.admission import admit
from node.services.tree.recovery import key_superseded
from node.services.tree.renewal import Renewal
from node.services.upkeep.backup import backup, restore
from node.services.upkeep.verification import verify
from node.store import enrolments, evidence
from node.store.journal import Draft, chain_head
from node.store.store import Tx
from tests.services.nodes import (
    CITY,
    DISTRICT,
    TOWNSHIP,
    VILLAGE,
    HandClock,
    Small,
    exchange,
    make_child,
    make_root,
    open_small,
    speak,
)
from tests.support.there import there

WEB = ("127.0.0.1:8800",)


@pytest.fixture
def city(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def district(city: Small, tmp_path: Path) -> Small:
    return make_child(city, tmp_path / "district")


def refused(code: str):
    return pytest.raises(TongbanError, match=f"^{code}")


def renewal(node: Small) -> Renewal:
    return Renewal(node.store, node.keys, node.membership)


def superseded(node: Small) -> bool:
    with node.store.reading() as view:
        return key_superseded(view)


def write(node: Small, count: int = 1) -> None:
    for _ in range(count):
        node.store.run(lambda tx: tx.journal.append(Draft("tested", "staff", {})))


def burn(node: Small, file: Path) -> Small:
    node.store.close()
    shutil.rmtree(node.folder)
    restore(file, node.folder, node.clock)
    return open_small(node.folder, node.clock)


def outdated(node: Small, parent: Small, file: Path, *children: Small) -> Small:
    """Backup, rotation, contact, fire: back with the first key, having heard of the second."""
    backup(node.store, file)
    node.membership.rotate_key()
    write(node, 2)
    exchange(node, parent)
    for child in children:
        exchange(child, node)
    again = burn(node, file)
    write(again)
    exchange(again, parent)
    return again


def talk(*lines: tuple[Small, Small]) -> None:
    for child, parent in lines * 2:
        exchange(child, parent)


def renew(child: Small, parent: Small, code: str = DISTRICT) -> KeyChanged:
    asking = renewal(child)
    _, request = asking.begin(renewal(parent).invite(code, WEB))
    done: KeyChanged | None = None
    while request:
        request, done = asking.finish(parent.membership.redeem(request))
    return there(done)


def unproven(node: Small) -> int:
    with node.store.reading() as view:
        return len(evidence.unproven(view.connection))


def test_it_opens_with_the_newest_key_it_has_and_is_evidence_above(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    assert superseded(district) and unproven(city) == 2
    district.store.close()
    district = open_small(district.folder, district.clock)
    assert superseded(district)
    write(district)
    for forbidden in (
        district.membership.rotate_key,
        lambda: district.membership.invite(TOWNSHIP, "街", "township", WEB, "a:1"),
        lambda: renewal(district).invite(TOWNSHIP, WEB) if make_child(district, tmp_path / "t", TOWNSHIP, "township") else None,
    ):
        with refused("key_superseded"):
            forbidden()


def test_a_renewal_proves_what_was_written_and_the_key_changes_at_once(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    write(district, 3)  # not sent yet
    old = district.store.signer.key_id
    answer = renew(district, city)
    assert answer["old_backups"] == "needs_renewal" and not superseded(district)
    assert district.store.signer.key_id != old and list(district.keys.signers()) == [district.store.signer.key_id]
    write(district)
    exchange(district, city)
    with district.store.reading() as mine, city.store.reading() as theirs:
        assert chain_head(mine, district.id) == chain_head(theirs, district.id)
        assert theirs.connection.execute("SELECT count(*) FROM findings").fetchone() == (0,)
    assert unproven(city) == unproven(district) == 0
    for node in (city, district):
        assert verify(node.store)["ok"]
    backup(district.store, tmp_path / "new.zip")  # and a backup made now serves as ever
    assert not superseded(burn(district, tmp_path / "new.zip"))


def test_all_below_and_newcomers_learn_of_it(city: Small, district: Small, tmp_path: Path) -> None:
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    village = make_child(township, tmp_path / "village", VILLAGE, "village")
    talk((township, district), (village, township))
    district = outdated(district, city, tmp_path / "b.zip", township)
    talk((township, district), (village, township))
    assert unproven(township) > 0
    renew(district, city)
    talk((district, city), (township, district), (village, township))
    newcomer = make_child(district, tmp_path / "newcomer", "420102003000", "township")
    for node in (city, district, township, village, newcomer):
        assert node.store.trust.current_key(district.id).key_id == district.store.signer.key_id  # type: ignore[union-attr]
        assert unproven(node) == 0 and verify(node.store)["ok"]


def test_the_same_request_gets_the_same_answer(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    code, asking = renewal(city).invite(DISTRICT, WEB), renewal(district)
    _, lost = asking.begin(code)
    city.membership.redeem(lost)  # the answer never arrives
    _, again = asking.begin(code)
    asking.finish(city.membership.redeem(again))
    assert not superseded(district)
    with city.store.reading() as view:
        rows = view.connection.execute("SELECT count(*) FROM entries WHERE kind='node_rekeyed'").fetchone()
    assert rows == (1,)


def test_a_renewal_that_came_over_the_link_leaves_only_the_rotation(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    code, asking = renewal(city).invite(DISTRICT, WEB), renewal(district)
    city.membership.redeem(asking.begin(code)[1])
    exchange(district, city)
    renewed = district.store.signer.key_id
    assert not superseded(district)
    assert asking.begin(code) == ((), b"")
    assert district.store.signer.key_id != renewed
    with refused("renew_not_needed"):
        asking.begin(code)


def test_a_second_fire_before_the_renewal_loses_neither_life(city: Small, district: Small, tmp_path: Path) -> None:
    """The backup of the second life holds entries of the first that nobody has proven yet."""
    district = outdated(district, city, tmp_path / "b.zip")
    backup(district.store, tmp_path / "second.zip")
    district = burn(district, tmp_path / "second.zip")
    write(district, 2)
    exchange(district, city)
    renew(district, city)
    exchange(district, city)
    assert unproven(city) == 0 and verify(city.store)["ok"] and verify(district.store)["ok"]


def test_an_epoch_that_others_have_passed_is_left_first(city: Small, district: Small, tmp_path: Path) -> None:
    """The same old backup again, and the new epoch lies before that of the first renewal."""
    file = tmp_path / "b.zip"
    district = outdated(district, city, file)
    district.store.run(lambda tx: tx.change_identity(epoch=5000) and None)
    renew(district, city)
    exchange(district, city)
    district = burn(district, file)
    assert district.store.identity.epoch < 5000
    with pytest.raises(LinkRefusedError, match="knows more of our chain"):
        exchange(district, city)  # the line begins anew
    exchange(district, city)
    assert superseded(district) and district.store.identity.epoch > 5000
    renew(district, city)
    exchange(district, city)
    assert not superseded(district) and district.store.identity.epoch > 5000
    assert district.store.trust.current_key(district.id) == city.store.trust.current_key(district.id)


def test_a_renewal_does_not_ask_the_childs_clock(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    district.store.clock = HandClock(district.clock.now() + 400 * 86_400_000)
    assert renew(district, city)["old_backups"] == "needs_renewal"


def test_what_a_parent_refuses(city: Small, district: Small, tmp_path: Path) -> None:
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    exchange(district, city)
    with refused("unknown_node"):
        renewal(city).invite("420199000000", WEB)
    with refused("unknown_node"):
        renewal(city).invite("420100000000", WEB)
    with refused("not_direct_child"):
        renewal(city).invite(TOWNSHIP, WEB)
    with refused("renew_not_needed"):
        renewal(district).begin(renewal(city).invite(DISTRICT, WEB))
    with refused("wrong_parent"):
        renewal(township).begin(renewal(city).invite(DISTRICT, WEB))
    district = outdated(district, city, tmp_path / "b.zip")
    with refused("renew_other_node"):
        joining = founding.prepare_join(tmp_path / "x", renewal(city).invite(DISTRICT, WEB))
        city.membership.redeem(joining.request)
    with refused("not_a_renewal"):
        plain = city.membership.invite("420103000000", "江汉区", "district", WEB, "a:1")
        city.membership.redeem(renewal(district).begin(plain)[1])
    city.membership.revoke(DISTRICT, "lost")
    with refused("unknown_node"):
        renewal(city).invite(DISTRICT, WEB)


@pytest.mark.parametrize("node_is", ["well", "back with an old key", "burnt"])
def test_a_code_in_a_strangers_hand_brings_no_new_key_in(city: Small, district: Small, tmp_path: Path, node_is: str) -> None:
    """Whoever finds the printed code makes a key and asks in the node's name; the code stays good for the node itself."""
    if node_is == "back with an old key":
        district = outdated(district, city, tmp_path / "b.zip")
    code = renewal(city).invite(DISTRICT, WEB)
    before = city.store.trust.node(district.id)
    request, _ = make_request(
        JoinCode.from_text(code), district.id, Signer.generate(), district.keys.link_public_der(), epoch=900
    )
    with refused("strange_key") as refusal:
        city.membership.redeem(request)
    for language, advice in (("zh", "注销"), ("en", "revokes")):
        assert advice in refusal.value.sentence(language)
    assert city.store.trust.node(district.id) == before
    if node_is == "back with an old key":
        asking = renewal(district)
        asking.finish(city.membership.redeem(asking.begin(code)[1]))
        assert not superseded(district)
    if node_is == "burnt":  # and with it all its keys: a new machine takes its place, and the old name is dead
        city.membership.revoke(DISTRICT, "lost")
        again = make_child(city, tmp_path / "again")
        assert again.id != district.id and city.store.trust.active_code(DISTRICT) == again.id


def test_a_code_that_was_stolen_with_an_old_key_is_no_word_for_another_epoch(
    city: Small, district: Small, tmp_path: Path
) -> None:
    """The proof names the lives and the epoch; a request in which either was changed is not one."""
    district = outdated(district, city, tmp_path / "b.zip")
    asking = renewal(district)
    _, request = asking.begin(renewal(city).invite(DISTRICT, WEB))
    opened = open_request(JoinKey(city.keys.box()), city.id, request)
    for changed in (replace(opened, epoch=opened.epoch + 1), replace(opened, lives=()), replace(opened, secret_hash=bytes(32))):
        facts = {**changed.renewal(), "parent": city.id}
        assert opened.lives and not RENEWAL.holds(facts)
    assert RENEWAL.holds({**opened.renewal(), "parent": city.id})


def test_a_renewal_that_comes_before_its_rotation_is_a_finding_until_that_comes(
    city: Small, district: Small, tmp_path: Path
) -> None:
    """The township goes on with the second of its three keys. The city hears of the renewal first, then of all else."""
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    talk((district, city))
    township.membership.rotate_key()
    backup(township.store, tmp_path / "second.zip")
    township.membership.rotate_key()
    exchange(township, district)
    township = burn(township, tmp_path / "second.zip")
    write(township)
    exchange(township, district)
    renew(township, district, TOWNSHIP)
    exchange(township, district)
    kinds = ("node_rekeyed", "key_rotated", "tested", "epoch_opened")
    with district.store.reading() as view:
        rows = view.connection.execute(f"SELECT kind, header, signature FROM entries WHERE kind IN {kinds} ORDER BY arrival")
        entries = [(kind, WireEntry(header, signature)) for kind, header, signature in rows]
    renewal_first = sorted(entries, key=lambda one: one[0] != "node_rekeyed")
    found = []
    for _, entry in renewal_first:
        city.store.run(partial(hear, entry, district))
        found.append(unproven_keys(city))
    assert found[0] == [(district.id,)] and found[-1] == []
    talk((township, district), (district, city))
    for reader in (city, district):
        assert reader.store.trust.node(township.id) == township.store.trust.node(township.id)
        assert reader.store.trust.current_key(township.id).key_id == township.store.signer.key_id  # type: ignore[union-attr]
        assert unproven(reader) == 0 and verify(reader.store)["ok"], verify(reader.store)["problems"]


def hear(entry: WireEntry, via: Small, tx: Tx) -> None:
    admit(tx, [entry], tx.author_row(via.id))


def unproven_keys(node: Small) -> list[tuple[bytes]]:
    with node.store.reading() as view:
        return view.connection.execute("SELECT author FROM findings WHERE kind='key_unproven'").fetchall()


def test_what_a_parent_shows_as_ours_must_be_signed_by_us(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    asking = renewal(district)
    _, request = asking.begin(renewal(city).invite(DISTRICT, WEB))
    with city.store.reading() as view:
        (true, *_) = [one.entry for one in evidence.unproven(view.connection)]
    opened = open_request(JoinKey(city.keys.box()), city.id, request)
    with city.store.reading() as view:
        chain = tuple(enrolments.node_entries(view.connection, view.trust.chain_of(district.id)))
    answer = JoinAnswer(city.id, CITY, "", DISTRICT, "", "district", chain, lives=(WireEntry(true.header, bytes(64)),))
    with refused("wrong_parent"):
        asking.finish(seal_answer(city.store.signer, opened, answer.pack()))


def test_a_key_does_not_count_from_where_the_parent_holds_other_entries(city: Small, district: Small, tmp_path: Path) -> None:
    district = outdated(district, city, tmp_path / "b.zip")
    renew(district, city)
    exchange(district, city)
    code, asking = renewal(city).invite(DISTRICT, WEB), renewal(district)
    asking._half_done = lambda: False  # type: ignore[method-assign]
    with city.store.reading() as view:
        known = chain_head(view, district.id)
    for epoch in (1, known.epoch):
        asking._first_epoch = lambda tx, code, epoch=epoch: epoch  # type: ignore[misc,method-assign]
        with refused("backup_too_old"):
            city.membership.redeem(asking.begin(code)[1])
    asking._first_epoch = lambda tx, code: known.epoch + 1  # type: ignore[method-assign]
    city.membership.redeem(asking.begin(code)[1])  # a refusal leaves the code as it is


def test_a_restored_node_rotates_once_its_neighbours_have_spoken(city: Small, district: Small, tmp_path: Path) -> None:
    backup(district.store, tmp_path / "b.zip")
    district = burn(district, tmp_path / "b.zip")
    with refused("rotate_later"):
        district.membership.rotate_key()
    exchange(district, city)
    speak(district, city)
    assert district.membership.rotate_key()["old_backups"] == "needs_renewal"


def test_a_root_has_nobody_to_renew_its_key(city: Small, district: Small, tmp_path: Path) -> None:
    backup(city.store, tmp_path / "b.zip")
    assert city.membership.rotate_key()["old_backups"] == "useless"
    exchange(district, city)
    city = burn(city, tmp_path / "b.zip")
    exchange(district, city)
    assert superseded(city)
    backup(city.store, tmp_path / "late.zip")
    city.store.close()
    with refused("root_key_lost"):
        open_small(city.folder, city.clock)
    with refused("root_key_lost"):
        restore(tmp_path / "late.zip", tmp_path / "again", city.clock)
    assert not (tmp_path / "again").exists()
