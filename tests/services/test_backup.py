"""Backup, restore, verification and rebuild of real nodes."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from node.domain.upkeep.documents import Verified
from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import ABOUT, backup, restore
from node.services.upkeep.verification import rebuild, rebuild_check, verify
from node.store.journal import Draft, chain_head
from tests.services.nodes import HandClock, Small, make_child, make_root, open_small
from tests.support.network import AGENT, CLERK, DIRECTOR, Town, four_tiers
from tests.support.there import there


@pytest.fixture
def node(tmp_path: Path) -> Small:
    root = make_root(tmp_path / "city", HandClock())
    root.store.run(lambda tx: tx.journal.append(Draft("tested", "staff", {}, body=b'{"salt":"x"}', body_class="internal")))
    (root.folder / "config.toml").write_text("[node]\n")
    blob = b"scan" * 50_000
    digest = hashlib.sha256(blob).digest()
    source = tmp_path / "scan"
    source.write_bytes(blob)
    root.store.run(lambda tx: tx.objects.put_file(source, digest, len(blob)))
    return root


def codes(report: Verified) -> set[str]:
    return {problem["code"] for problem in report["problems"]}


# backup and restore --------------------------------------------------------------------------------------------------


def test_a_backup_is_private_and_says_what_it_holds(node: Small, tmp_path: Path) -> None:
    answer = backup(node.store, tmp_path / "b.zip")
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert {"keys", "objects"} <= set(answer["contains"]) and "private keys" in answer["warning"]
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        names = archive.namelist()
        assert json.loads(archive.read(ABOUT))["contains"] == answer["contains"]
    assert {"node.db", "config.toml", "keys/box.pem"} <= set(names) and sum(n.startswith("objects/") for n in names) == 1
    assert not list(node.folder.glob(".backup-*"))


def test_no_secret_and_nothing_that_only_lies_beside_is_in_a_backup(node: Small, tmp_path: Path) -> None:
    """What opens a gateway stays on the machine; neither is what somebody puts into the folder taken along."""
    beside = ("secrets/sms", "secrets/smtp", "keys/more/old.pem", "keys/.hidden", "config.toml.bak", "note.txt")
    for place in beside:
        (node.folder / place).parent.mkdir(exist_ok=True)
        (node.folder / place).write_text(f"canary of {place}")
    backup(node.store, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert "config.toml" in inside and {"keys", "objects"} <= {name.split("/")[0] for name in inside}
    assert not [name for name in inside if name in beside or b"canary of" in inside[name]]
    restore(tmp_path / "b.zip", tmp_path / "again", node.clock)
    assert not (tmp_path / "again" / "secrets").exists()


def test_a_restored_node_opens_a_new_epoch_on_the_old_head(node: Small, tmp_path: Path) -> None:
    backup(node.store, tmp_path / "b.zip")
    with node.store.reading() as view:
        before, generation = chain_head(view, node.id), view.identity.generation
    answer = restore(tmp_path / "b.zip", tmp_path / "again", node.clock)
    assert answer["epoch"] > before.epoch and answer["code"] == node.store.identity.code
    again = open_small(tmp_path / "again", node.clock)
    with again.store.reading() as view:
        head = chain_head(view, again.id)
        assert (head.epoch, head.seq) == (answer["epoch"], 1) and view.identity.generation != generation
        row = view.connection.execute("SELECT kind FROM entries WHERE hash=?", (head.hash,)).fetchone()
        assert row[0] == "epoch_opened" and view.meta.get("epoch_base") == before.hash
    assert stat.S_IMODE((tmp_path / "again" / "keys" / "box.pem").stat().st_mode) == 0o600
    assert verify(again.store)["ok"]


def test_restore_refuses_folders_in_use_and_damaged_files(node: Small, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    backup(node.store, file)
    with pytest.raises(TongbanError, match=r"^already_a_node"):
        restore(file, node.folder, node.clock)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(TongbanError, match=r"^not_empty"):
        restore(file, tmp_path / "full", node.clock)
    with pytest.raises(TongbanError, match=r"^not_found"):
        restore(tmp_path / "none.zip", tmp_path / "new", node.clock)
    (tmp_path / "not.zip").write_bytes(b"no zip")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "damaged.zip").write_bytes(data)
    (tmp_path / "short.zip").write_bytes(file.read_bytes()[:-100])
    for name in ("not.zip", "damaged.zip", "short.zip"):
        with pytest.raises(TongbanError, match=r"^bad_backup"):
            restore(tmp_path / name, tmp_path / "new", node.clock)
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["../outside", "keys/../../x", "/etc/x", "objects/ab/../x"])
def test_restore_writes_nowhere_else(node: Small, tmp_path: Path, name: str) -> None:
    backup(node.store, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as good, zipfile.ZipFile(tmp_path / "evil.zip", "w") as evil:
        about = json.loads(good.read(ABOUT))
        for known in about["files"]:
            evil.writestr(known, good.read(known))
        about["files"][name] = hashlib.sha256(b"x").hexdigest()
        evil.writestr(name, b"x")
        evil.writestr(ABOUT, json.dumps(about))
    with pytest.raises(TongbanError, match=r"^bad_backup"):
        restore(tmp_path / "evil.zip", tmp_path / "new", node.clock)


# verification --------------------------------------------------------------------------------------------------------


def test_an_honest_node_verifies(node: Small, tmp_path: Path) -> None:
    district = make_child(node, tmp_path / "district")
    for store in (node.store, district.store):
        report = verify(store)
        assert report["ok"], report["problems"]
        assert report["checked"]["entries"] >= 2
        assert verify(store, recent=True)["ok"]
    node.membership.rotate_key()
    assert verify(node.store)["ok"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE entries SET header=header||x'00' WHERE arrival=3", "wrong_hash"),
        ("UPDATE entries SET signature=zeroblob(64) WHERE arrival=3", "bad_signature"),
        ("UPDATE entries SET kind='other' WHERE arrival=3", "wrong_columns"),
        ("DELETE FROM entries WHERE arrival=2", "gap"),
        ("UPDATE objects SET data=x'7b7d' WHERE data IS NOT NULL", "object_altered"),
        ("DELETE FROM objects WHERE data IS NOT NULL", "body_lost"),
        ("INSERT INTO applications VALUES('default','A1',zeroblob(16),'420102-x')", "query_table"),
        ("UPDATE meta SET value=zeroblob(32) WHERE key='root'", "unknown_author"),
    ],
)
def test_every_alteration_is_found(node: Small, sql: str, code: str) -> None:
    node.store.run(lambda tx: tx.connection.execute(sql) and None)
    report = verify(node.store)
    assert not report["ok"] and code in codes(report)


def test_a_missing_or_altered_file_is_found(node: Small) -> None:
    path = next(p for p in (node.folder / "objects").rglob("*") if p.is_file())
    path.write_bytes(b"other")
    assert codes(verify(node.store)) == {"object_altered"}
    path.unlink()
    assert codes(verify(node.store)) == {"object_missing"}


def test_rebuild_removes_what_the_journal_does_not_say(node: Small) -> None:
    node.store.run(lambda tx: tx.connection.execute("INSERT INTO applications VALUES('default','A1',zeroblob(16),'x')") and None)
    assert rebuild_check(node.store) == {"applications": (1, 0)}
    rebuild(node.store)
    assert rebuild_check(node.store) == {}
    assert not list(node.folder.glob(".verify-*"))


# a director's word ---------------------------------------------------------------------------------------------------


def brought_back(town: Town, name: str, file: Path) -> None:
    """The machine of the node burns, and the backup is put in its place; it is made now if there is none."""
    if not file.exists():
        backup(town[name].center.store, file)
    town[name].center.store.close()
    shutil.rmtree(town[name].folder)
    restore(file, town[name].folder, town[name].clock, entropy=town.world.entropy)
    town[name].reopen()


def test_a_director_releases_what_was_filed_at_a_restored_root_and_nothing_else(tmp_path: Path) -> None:
    town = four_tiers(tmp_path / "town")
    case_no, below = town.file("city", "ZW017"), town.file("village")
    town.heal()
    for name, number, code in (
        ("city", case_no, "guard_failed"),
        ("village", below, "guard_failed"),
        ("city", "none", "not_found"),
    ):
        with pytest.raises(TongbanError, match=code):
            town[name].center.cases.release(number, DIRECTOR)
    for life in ("first", "second"):  # a word given once does not hold for the next restore
        town.cut()
        brought_back(town, "city", tmp_path / f"{life}.zip")
        town.heal()
        with pytest.raises(TongbanError, match="frozen_at_root"):
            town.act("city", case_no, "accept", CLERK)
        for _ in range(2):
            assert town["city"].center.cases.release(case_no, DIRECTOR) == {"case_no": case_no, "released": True}
        town.do("city", case_no, "accept" if life == "first" else "complete_step")
    town.close()


# what only the burnt disk had ----------------------------------------------------------------------------------------


def test_a_case_whose_contents_are_lost_can_only_be_voided_and_filed_anew(tmp_path: Path) -> None:
    """Filed after the backup and never handed on: the city knows its headers, and nobody its contents."""
    town = four_tiers(tmp_path / "town")
    backup(town["district"].center.store, tmp_path / "old.zip")
    lost, sent = town.file("district", "ZW007"), town.file("village")
    town.do("village", sent, "hand_over")
    town.heal()
    town.do("township", sent, "receive")
    town.heal()
    town.cut()
    brought_back(town, "district", tmp_path / "old.zip")
    town.heal()
    district = town["district"].center
    case = district.cases.case(lost, CLERK)
    assert (case["contents_missing"], case["application"], case["frozen"]) == (True, None, False)
    assert set(town.offered("district", lost)) == {"void", "withdraw"}
    with pytest.raises(TongbanError, match="contents_missing"):
        town.act("district", lost, "accept", CLERK)
    checked = district.upkeep.verify()
    assert (checked["ok"], [(one["case_no"], one["code"]) for one in checked["losses"]]) == (True, [(lost, "application_lost")])
    assert {link["waiting"] for link in district.upkeep.status()["links"]} == {0}  # nobody has it: nothing is waited for
    assert not town["township"].center.cases.case(sent, CLERK)["contents_missing"]
    town.world.time += 3 * 86_400_000
    town.do("district", lost, "void")
    anew = district.cases.case(town.file("district", "ZW007", replaces=lost), CLERK)
    assert there(anew["received_at"])[:10] == there(case["received_at"])[:10] < there(anew["filed_at"])[:10]
    town.close()


def test_what_was_handed_on_since_the_backup_comes_back_whole(tmp_path: Path) -> None:
    """One case stayed above, one came back: the first is fetched because we offered it, the second because it was offered to us."""
    town = four_tiers(tmp_path / "town")
    backup(town["village"].center.store, tmp_path / "old.zip")
    above, case_no = town.file("village"), town.file("village")
    for one in (above, case_no):
        town.do("village", one, "hand_over")
    town.heal()
    town.do("township", case_no, "hand_back")
    town.heal()
    town.cut()
    brought_back(town, "village", tmp_path / "old.zip")
    town.heal()
    village = town["village"].center
    assert not village.cases.case(case_no, AGENT)["contents_missing"]
    assert village.cases.case(above, AGENT)["application"] is not None
    assert village.upkeep.verify()["problems"] == []
    town.do("village", case_no, "hand_over")
    town.close()
