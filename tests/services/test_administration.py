"""What an administrator sees and does: warnings with a cause, invitations, revocation, backups that can be checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.calendar import DAY_MS
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.people.staff import StaffService
from node.services.upkeep.administration import Administration
from node.services.upkeep.upkeep import Upkeep
from tests.services.nodes import CHEAP, CITY, DISTRICT, HandClock, Small, make_child, make_root
from tests.support.there import there

ADMIN = Actor("boss", Role.ADMIN)
OTHERS = [Actor(role.value, role) for role in Role if role not in (Role.ADMIN, Role.SYSTEM)]


@pytest.fixture
def node(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def desk(node: Small) -> Administration:
    found = Administration(node.store, node.keys, node.membership, node.catalog, Upkeep(node.store, node.catalog))
    found.threaded = False
    found.make_backup_key(ADMIN)
    return found


def codes(desk: Administration) -> set[str]:
    return {one["code"] for one in desk.overview(ADMIN)["warnings"]}


def test_a_new_node_says_what_is_missing_and_a_backup_cures_it(node: Small, desk: Administration) -> None:
    assert {"backup_never", "one_admin", "calendar_none", "divisions_none", "catalog_none"} <= codes(desk)
    desk.start_backup(ADMIN)
    made = desk.backups(ADMIN)
    assert there(made["job"])["state"] == "done" and len(made["files"]) == 1 and not made["old"]
    assert "backup_never" not in codes(desk)
    node.clock.advance(8 * DAY_MS)
    assert "backup_old" in codes(desk) and desk.backups(ADMIN)["old"]
    assert not Path(desk.backup_file(made["files"][0]["name"], ADMIN)["path"]).stat().st_mode & 0o077


def test_posts_that_nobody_holds_are_named_until_somebody_does(node: Small, desk: Administration) -> None:
    def missing() -> set[str]:
        return {str(one["role"]) for one in desk.overview(ADMIN)["warnings"] if one["code"] == "role_none"}

    staff = StaffService(node.store, CHEAP)
    assert missing() == {"clerk", "approver"} and {"authority_none"} <= codes(desk)
    staff.add("甲", "clerk")
    assert missing() == {"approver"}
    staff.add("乙", "director")  # who may do what the center may
    assert missing() == set()


@pytest.mark.parametrize(
    ("ms", "apart"),
    [(6, (6, "minutes")), (119, (119, "minutes")), (120, (2, "hours")), (-2879, (48, "hours")), (2880, (2, "days")), (525_600, (365, "days"))],
)  # fmt: skip
def test_a_clock_that_is_off_is_to_be_set_where_it_is_off(
    node: Small, desk: Administration, tmp_path: Path, ms: int, apart: tuple[int, str]
) -> None:
    """The parent's is right, unless somebody above says otherwise: only the child is told to set its own."""
    child = make_child(node, tmp_path / "district")
    below = Administration(child.store, child.keys, child.membership, child.catalog, Upkeep(child.store, child.catalog))
    for one in (node, child):
        one.store.run(lambda tx: tx.links.update(tx.links.all()[0].id, clock_skew=ms * 60_000))
    seen = [next(w for w in one.overview(ADMIN)["warnings"] if "clock" in w["code"]) for one in (desk, below)]
    assert [(one["code"], one["peer"]) for one in seen] == [("clock_below", DISTRICT), ("clock", CITY)]
    assert all((one["apart"]["n"], one["apart"]["unit"]) == apart for one in seen)


def test_a_backup_is_checked_to_its_end(node: Small, desk: Administration) -> None:
    desk.start_backup(ADMIN)
    name = desk.backups(ADMIN)["files"][0]["name"]
    desk.start_check(name, ADMIN)
    assert there(desk.backups(ADMIN)["job"])["result"]["ok"] is True
    path = node.folder / "backups" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    desk.start_check(name, ADMIN)
    job = there(desk.backups(ADMIN)["job"])
    assert job["state"] == "failed" or job["result"]["ok"] is False
    for wrong in ("../node.db", "tongban-x.zip", "tongban-420100000000-20260302-090001.zip"):
        with pytest.raises(TongbanError, match=r"^not_found"):
            desk.backup_file(wrong, ADMIN)


def test_the_whole_node_is_verified(desk: Administration) -> None:
    desk.start_verify(ADMIN)
    job = there(desk.backups(ADMIN)["job"])
    assert job["state"] == "done" and job["result"]["ok"] and job["done"] == job["total"] > 0


def test_invitations_are_listed_withdrawn_and_used(node: Small, desk: Administration, tmp_path: Path) -> None:
    made = desk.invite(DISTRICT, "江岸区", "district", "10.0.0.1:8800", "10.0.0.1:8801", ADMIN)
    assert made["join_code"].startswith("TB1-")
    listed = desk.nodes(ADMIN)
    assert listed["parent"] is None and listed["tiers"] == ["village", "township", "district"]
    desk.cancel_invitation(listed["invitations"][0]["id"], ADMIN)
    assert desk.nodes(ADMIN)["invitations"] == []
    make_child(node, tmp_path / "district")
    child = desk.nodes(ADMIN)["children"][0]
    assert (child["peer"], child["name"], child["tier"], child["state"]) == (DISTRICT, "江岸区", "district", "never")


@pytest.mark.parametrize("address", ["", "x", "0.0.0.0:8800", "http://a:80", "host:0"])
def test_an_address_that_no_child_could_use_is_refused(desk: Administration, address: str) -> None:
    with pytest.raises(TongbanError) as caught:
        desk.invite(DISTRICT, "江岸区", "district", address, "10.0.0.1:8801", ADMIN)
    assert caught.value.fields == {"address": "invalid"}


def test_revoking_wants_a_reason_and_the_code_typed(node: Small, desk: Administration, tmp_path: Path) -> None:
    make_child(node, tmp_path / "district")
    with pytest.raises(TongbanError) as caught:
        desk.revoke(DISTRICT, "", "", "42", ADMIN)
    assert caught.value.fields == {"reason": "missing", "typed": "not_confirmed"}
    desk.revoke(DISTRICT, "lost", "", DISTRICT, ADMIN)
    assert desk.nodes(ADMIN)["children"][0]["state"] == "revoked"


def test_every_act_stands_in_the_audit_with_who_did_it(node: Small, desk: Administration, tmp_path: Path) -> None:
    desk.invite(DISTRICT, "江岸区", "district", "10.0.0.1:8800", "10.0.0.1:8801", ADMIN)
    desk.cancel_invitation(desk.nodes(ADMIN)["invitations"][0]["id"], ADMIN)
    make_child(node, tmp_path / "district")
    desk.revoke(DISTRICT, "lost", "", DISTRICT, ADMIN)
    desk.start_backup(ADMIN)
    with node.store.reading() as view:
        rows = view.connection.execute("SELECT kind, actor, subject FROM audit ORDER BY id").fetchall()
    assert rows == [
        ("node_initialised", "system", node.store.identity.code), ("staff_added", "system", rows[1][2]),
        ("backup_key_made", "boss", ""), ("invited", "boss", DISTRICT), ("invitation_cancelled", "boss", DISTRICT), ("invited", "system", DISTRICT),
        ("node_enrolled", "system", DISTRICT), ("node_revoked", "boss", DISTRICT), ("backup_made", "boss", rows[-1][2]),
    ]  # fmt: skip


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.role.value)
def test_only_an_administrator(desk: Administration, actor: Actor) -> None:
    acts = (
        lambda: desk.overview(actor), lambda: desk.nodes(actor), lambda: desk.backups(actor), lambda: desk.start_backup(actor),
        lambda: desk.start_verify(actor), lambda: desk.revoke(DISTRICT, "lost", "", DISTRICT, actor), lambda: desk.retry("x", actor),
        lambda: desk.invite(DISTRICT, "x", "district", "a:1", "a:2", actor), lambda: desk.backup_file("x", actor),
    )  # fmt: skip
    for act in acts:
        with pytest.raises(TongbanError, match=r"^forbidden"):
            act()
