"""Enrolment, revocation and key change between real nodes, without a network."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.services.tree import founding
from node.store import enrolments
from node.store.journal import Draft, chain_head
from node.store.store import Tx
from tests.services.nodes import CHEAP, CITY, DISTRICT, TOWNSHIP, HandClock, make_child, make_root, open_small


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def refused(code: str):
    return pytest.raises(TongbanError, match=f"^{code}")


def test_a_root_knows_itself_and_gives_a_password(tmp_path: Path, clock: HandClock) -> None:
    made = founding.create_root(tmp_path / "city", clock, code=CITY, name="武汉市", tier="city", hasher=CHEAP)
    assert made["username"] == "admin" and len(made["password"]) >= 16
    root = open_small(tmp_path / "city", clock)
    with root.store.reading() as view:
        assert view.trust.root == root.id and view.trust.is_live(root.id)
        assert view.identity.code == CITY and view.identity.parent is None
    with refused("already_a_node"):
        founding.create_root(tmp_path / "city", clock, code=CITY, name="武汉市", tier="city", hasher=CHEAP)


def test_key_files_are_the_owners_alone(tmp_path: Path, clock: HandClock) -> None:
    root = make_root(tmp_path / "city", clock)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in root.keys.folder.iterdir()}
    assert modes == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="modes are no protection on Windows")
def test_a_nodes_directory_is_closed_to_others(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    (tmp_path / "district").mkdir(mode=0o755)  # made by the administrator before
    district = make_child(city, tmp_path / "district")
    assert [stat.S_IMODE(node.store.folder.stat().st_mode) for node in (city, district)] == [0o700, 0o700]


@pytest.mark.parametrize(
    ("code", "name", "tier", "field"),
    [("42", "a", "city", "code"), (CITY, " ", "city", "name"), (CITY, "a", "county", "tier"), (CITY, "a\nb", "city", "name")],
)
def test_a_wrong_description_leaves_nothing(
    tmp_path: Path, clock: HandClock, code: str, name: str, tier: str, field: str
) -> None:
    with pytest.raises(TongbanError) as caught:
        founding.create_root(tmp_path / "x", clock, code=code, name=name, tier=tier, hasher=CHEAP)
    assert field in caught.value.fields and not (tmp_path / "x" / "node.db").exists()


def test_an_interrupted_init_can_be_tried_again(tmp_path: Path, clock: HandClock) -> None:
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "node.db").touch()
    assert make_root(folder, clock).store.identity.code == CITY


def test_joining_gives_the_child_the_chain_to_the_root(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    district = make_child(city, tmp_path / "district")
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    with township.store.reading() as view:
        assert view.trust.ancestors(township.id) == (district.id, city.id)
        assert [peer.direction for peer in view.links.all()] == ["up"]
        place = view.place(city.id)
        assert place is not None and place.code == CITY
    with district.store.reading() as view:
        assert [place.code for place in view.children()] == [TOWNSHIP]
        assert enrolments.names(view.connection)[city.id] == "武汉市"


def test_the_same_newcomer_gets_the_same_answer_and_nobody_else(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    code = city.membership.invite(DISTRICT, "江岸区", "district", ("a:1",), "a:2")
    lost = founding.prepare_join(tmp_path / "district", code)
    city.membership.redeem(lost.request)  # the answer never arrives
    clock.advance(30 * 86_400_000)  # and by the time of the second try the code has expired
    again = founding.prepare_join(tmp_path / "district", code)
    assert again.pending.node_id == lost.pending.node_id
    founding.complete_join(again, city.membership.redeem(again.request), clock, CHEAP)
    assert open_small(tmp_path / "district", clock).id == lost.pending.node_id
    with city.store.reading() as view:
        assert len(view.children()) == 1
    other = founding.prepare_join(tmp_path / "other", code)
    with refused("join_code_used"):
        city.membership.redeem(other.request)


def test_the_parents_clock_alone_says_whether_a_code_has_expired(tmp_path: Path, clock: HandClock) -> None:
    """The newcomer's may be years off: it is neither asked nor told to come back with another code."""
    city = make_root(tmp_path / "city", clock)
    code = city.membership.invite(DISTRICT, "江岸区", "district", ("a:1",), "a:2")
    wrong = HandClock(clock.now() + 400 * 86_400_000)
    joining = founding.prepare_join(tmp_path / "district", code)
    assert founding.complete_join(joining, city.membership.redeem(joining.request), wrong, CHEAP)["code"] == DISTRICT
    late = city.membership.invite("420103000000", "江汉区", "district", ("a:1",), "a:2")
    clock.advance(8 * 86_400_000)
    with refused("join_code_expired"):
        city.membership.redeem(founding.prepare_join(tmp_path / "late", late).request)


def test_refused_invitations(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    district = make_child(city, tmp_path / "district")
    with refused("wrong_tier"):
        district.membership.invite("420103000000", "江汉区", "district", ("a:1",), "")
    with refused("code_active"):
        city.membership.invite(DISTRICT, "江岸区", "district", ("a:1",), "")
    with refused("invalid_input"):
        city.membership.invite("420103000000", "江汉区", "district", (), "")


def test_a_code_taken_meanwhile_is_refused_at_redeeming(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    codes = [city.membership.invite(DISTRICT, "江岸区", "district", ("a:1",), "") for _ in range(2)]
    first, second = (founding.prepare_join(tmp_path / str(n), code) for n, code in enumerate(codes))
    city.membership.redeem(first.request)
    with refused("code_active"):
        city.membership.redeem(second.request)


def test_strangers_and_nonsense_are_refused(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    elsewhere = make_root(tmp_path / "elsewhere", clock)
    code = elsewhere.membership.invite(DISTRICT, "江岸区", "district", ("a:1",), "")
    joining = founding.prepare_join(tmp_path / "district", code)
    with refused("wrong_parent"):
        city.membership.redeem(joining.request)
    for nonsense in (b"", b"\x01", b"\x01" * 200):
        with pytest.raises(TongbanError):
            city.membership.redeem(nonsense)
    with refused("wrong_parent"):
        founding.complete_join(joining, b"\x01" * 100, clock, CHEAP)
    with refused("bad_join_code"):
        founding.prepare_join(tmp_path / "y", "TB1-NONSENSE")


def test_revoking_names_the_last_entry_held_and_reassigns(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    district = make_child(city, tmp_path / "district")
    seen: list[bytes] = []

    def reassign(tx: Tx, node_id: bytes) -> dict[str, list[str]]:
        seen.append(node_id)
        return {"assigned": ["x"]}

    city.membership._reassign = reassign
    answer = city.membership.revoke(DISTRICT, "机器被盗，已报案")
    assert answer["assigned"] == ["x"] and answer["last_good"] == {"epoch": 0, "seq": 0}
    assert seen == [district.id] and city.store.trust.is_revoked(district.id)
    with refused("already_revoked"):
        city.membership.revoke(DISTRICT, "lost")
    with refused("unknown_node"):
        district.membership.revoke(CITY, "lost")
    replacement = make_child(city, tmp_path / "replacement")  # the code is free again
    assert replacement.id != district.id


def test_a_new_key_signs_from_the_next_entry_on(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    old = city.store.signer.key_id
    city.membership.rotate_key()
    fresh = city.store.signer.key_id
    assert fresh != old and list(city.keys.signers()) == [fresh]
    stored = city.store.run(lambda tx: tx.journal.append(Draft("tested", "staff", {})))
    assert stored.fields.key_id == fresh == city.store.trust.current_key(city.id).key_id  # type: ignore[union-attr]
    city.store.close()
    assert open_small(city.folder, clock).store.signer.key_id == fresh


def test_a_rotation_that_is_rolled_back_keeps_the_old_key(tmp_path: Path, clock: HandClock) -> None:
    city = make_root(tmp_path / "city", clock)
    old = city.store.signer.key_id

    def power_cut(moment: str) -> None:
        if moment == "before_commit":
            raise OSError(28, "no space left on device")

    city.store.writer.fault = power_cut
    with refused("disk_full"):
        city.membership.rotate_key()
    city.store.writer.fault = None
    assert city.store.signer.key_id == old and len(city.keys.signers()) == 2
    city.store.run(lambda tx: tx.journal.append(Draft("tested", "staff", {})))
    city.store.close()
    reopened = open_small(city.folder, clock)
    assert reopened.store.signer.key_id == old
    with reopened.store.reading() as view:
        assert chain_head(view, reopened.id).seq >= 2
