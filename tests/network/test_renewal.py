"""A backup older than a rotation, on whole nodes: filed offline, in contact, renewed; then everybody knows everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.protocol.envelope import decode_header
from node.domain.words.errors import TongbanError
from node.services.tree.freshness import known_until
from node.services.upkeep.backup import backup
from tests.network.editing import EDITOR, changed_item
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.by_itself import go_on
from tests.support.network import AGENT, DIRECTOR, Town


def proof(town: Town, restored: str, confirmed: dict[tuple[str, str], str]) -> None:
    history = History(dict(confirmed), restored={restored})
    town.heal()
    check_always(town, history)
    check_healed(town, history)
    for name in town.nodes:
        with town[name].center.store.reading() as view:
            assert view.connection.execute("SELECT count(*) FROM evidence").fetchone() == (0,), name


@pytest.mark.parametrize("name", ["village", "township"])
def test_a_backup_older_than_a_rotation(town: Town, tmp_path: Path, name: str) -> None:
    backup(town[name].center.store, tmp_path / "old.zip")
    first = town.file(name, application_no="A1")
    town[name].center.tree.rotate_key()
    second = town.file(name, item="ZW001", application_no="A2")
    town.heal()
    town.burn(name, tmp_path / "old.zip")
    third = town.file(name, item="ZW001", application_no="A3")  # offline: nobody knows yet
    town.heal()
    assert town.superseded(name)
    fourth = town.file(name, item="ZW001", application_no="A4")
    town.heal()
    above = town[town[name].parent or ""]
    assert above.status(fourth) == ""
    town[name].restart()  # it opens all the same
    town.renew(name)
    town.heal()
    assert not town.superseded(name)
    fifth = town.file(name, application_no="A5")
    numbers = (first, second, third, fourth, fifth)
    proof(town, name, {(name, f"A{k}"): number for k, number in enumerate(numbers, 1)})


def test_who_was_renewed_is_known_again_within_the_minute(town: Town, tmp_path: Path) -> None:
    """What it said with its old key counted for nothing: it says so again with the new one at once, not with its next heartbeat."""
    backup(town["village"].center.store, tmp_path / "old.zip")
    town["village"].center.tree.rotate_key()
    town.heal()
    town.burn("village", tmp_path / "old.zip")
    town.world.advance(5 * 3_600_000)
    go_on(town)
    told_ms = town.world.time - 60_000  # when the lines opened, and its parent told it the time
    town.renew("village")
    go_on(town)
    for name in ("township", "district", "city"):
        with town[name].center.store.reading() as view:
            assert known_until(view, town["village"].id) >= told_ms, name


def test_a_village_goes_on_below_a_township_that_must_be_renewed(town: Town, tmp_path: Path) -> None:
    """The village's case is taken by the township with its old key; the village believes it after the renewal."""
    backup(town["township"].center.store, tmp_path / "old.zip")
    town["township"].center.tree.rotate_key()
    town.heal()
    town.burn("township", tmp_path / "old.zip")
    town.heal()
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    assert town["village"].status(case_no) == town["district"].status(case_no) == "in_transit"
    assert town["township"].center.cases.case(case_no, DIRECTOR)["custodian"] == town["township"].center.place.code
    town.renew("township")
    town.heal()
    for name in ("village", "district", "city"):
        with town[name].center.store.reading() as view:
            case = view.cases.get(case_no)
        assert case is not None and case.custodian == town["township"].id, name
    town.do("township", case_no, "receive")
    proof(town, "township", {("village", "A1"): case_no})


def test_a_parent_restored_after_a_renewal_learns_of_it_again(town: Town, tmp_path: Path) -> None:
    """Its child sends what the old key signed before the renewal comes."""
    backup(town["village"].center.store, tmp_path / "village.zip")
    town["village"].center.tree.rotate_key()
    town.heal()
    backup(town["township"].center.store, tmp_path / "township.zip")
    town.burn("village", tmp_path / "village.zip")
    case_no = town.file("village", application_no="A1")
    town.heal()
    town.renew("village")
    town.heal()
    town.burn("township", tmp_path / "township.zip")
    town.connect("village")
    town.settle()
    proof(town, "township", {("village", "A1"): case_no})


def test_what_came_from_above_may_come_back_from_below_first(town: Town, tmp_path: Path) -> None:
    """A township forgets a publication and its own renewal; its village is the first to tell it of both."""
    backup(town["township"].center.store, tmp_path / "oldest.zip")
    town["township"].center.tree.rotate_key()
    town.heal()
    town.burn("township", tmp_path / "oldest.zip")
    town.heal()
    backup(town["township"].center.store, tmp_path / "old.zip")
    town.renew("township")
    town["city"].center.catalog.import_calendar(b"date,kind,name\n2026-04-11,off,x\n", EDITOR, replace=True)
    town.heal()
    town.burn("township", tmp_path / "old.zip")
    town.connect("village")
    town.settle()
    town.heal()
    town.renew("township")
    proof(town, "township", {})


def test_both_ends_of_a_line_are_renewed_from_above(town: Town, tmp_path: Path) -> None:
    for name in ("township", "village"):
        backup(town[name].center.store, tmp_path / f"{name}.zip")
        town[name].center.tree.rotate_key()
    town.heal()
    for name in ("township", "village"):
        town.burn(name, tmp_path / f"{name}.zip")
    case_no = town.file("village", application_no="A1")
    town.heal()
    with pytest.raises(TongbanError, match="key_superseded"):
        town.renew("village")
    for name in ("township", "village"):
        town.renew(name)
        town.heal()
    proof(town, "village", {("village", "A1"): case_no})


def test_a_root_that_burned_takes_its_own_publication_back_from_below(town: Town, tmp_path: Path) -> None:
    """What it published after the backup is in force below; it must be so at the root as well, or its next revision would clash."""
    backup(town["city"].center.store, tmp_path / "old.zip")
    town["city"].center.catalog.import_csv(changed_item(1), EDITOR)
    town.heal()
    town.burn("city", tmp_path / "old.zip")
    proof(town, "city", {})
    item = town["city"].center.catalog.item("ZW007")
    assert item is not None
    assert item.promised_limit == 1


@pytest.mark.parametrize("then", ["renewed", "revoked"])
def test_a_township_that_forgot_a_change_of_key_believes_the_old_one_until_it_hears(
    town: Town, tmp_path: Path, then: str
) -> None:
    """Both disks burn: what the village files with its old key is good at the township until it hears of the change from above.
    That is somebody else's fault and is listed, but the township's own store holds."""
    for name in ("township", "village"):
        backup(town[name].center.store, tmp_path / f"{name}.zip")
    town["village"].center.tree.rotate_key()
    town.heal()
    for name in ("township", "village"):
        town.burn(name, tmp_path / f"{name}.zip")
    town.connect("village")
    town.settle()
    number = town.file("village", application_no="A1")
    town.settle()
    assert town["township"].status(number) != ""
    town.heal()
    township, village = town["township"].center, town["village"].center
    if then == "renewed":
        town.renew("village")
    else:
        township.tree.revoke(village.place.code, "lost")
    town.heal()
    assert township.upkeep.verify()["ok"], township.upkeep.verify()["problems"]
    with township.store.reading() as view:
        kinds = [
            kind
            for (kind,) in view.connection.execute("SELECT DISTINCT kind FROM findings WHERE author=?", (village.place.node_id,))
        ]
    assert "superseded_key" in kinds
    if then == "renewed":
        assert {name: town[name].status(number) for name in town.nodes} == dict.fromkeys(town.nodes, "with_agent")


def test_a_restored_district_asks_its_parent_for_what_was_published(town: Town, tmp_path: Path) -> None:
    """The township gives the district back that something was published; the objects it never had itself."""
    backup(town["district"].center.store, tmp_path / "district.zip")
    town.scans(False)
    town["city"].center.catalog.import_calendar(b"date,kind,name\n2026-04-13,off,x\n", EDITOR, replace=True)
    town.heal()
    town.burn("district", tmp_path / "district.zip")
    town.connect("township")
    town.settle()
    town.scans(True)
    town.heal()
    city = town["city"].center
    for name in ("district", "township", "village"):
        found = town[name].center.catalog.snapshot().revisions.get((city.place.node_id, "calendar"), 0)
        assert found == city.catalog.calendar().revision, name


@pytest.mark.parametrize("order", ["later", "earlier"])
def test_two_lives_from_one_old_backup_are_both_proven_by_the_renewal(town: Town, tmp_path: Path, order: str) -> None:
    """The village's disk burns twice before anybody renews its key. What was filed in the life that nobody remembers counts, comes
    back to the village, and stands before the change of key, whichever of the two lives has the later epoch."""
    backup(town["village"].center.store, tmp_path / "old.zip")
    town["village"].center.tree.rotate_key()
    town.heal()
    town.burn("village", tmp_path / "old.zip")
    first = town.file("village", application_no="A1")
    town.heal()
    epochs = (0, 0)
    while epochs[0] == epochs[1] or (epochs[0] < epochs[1]) != (order == "later"):  # they are drawn
        town.burn("village", tmp_path / "old.zip")
        epochs = epoch(town, "village"), epoch_of(town, "township", first)
    second = town.file("village", item="ZW001", application_no="A2")
    town.heal()
    town.renew("village")
    proof(town, "village", {("village", "A1"): first, ("village", "A2"): second})
    for number in (first, second):
        assert {name: town[name].status(number) for name in town.nodes} == dict.fromkeys(town.nodes, "with_agent")
    town.cut()
    generation = town["village"].center.store.identity.generation
    proof(town, "village", {})
    assert town["village"].center.store.identity.generation == generation, "it goes on asking for everything again"


def epoch(town: Town, name: str) -> int:
    return town[name].center.store.identity.epoch


def epoch_of(town: Town, name: str, case_no: str) -> int:
    """The epoch of an entry that waits for proof there."""
    with town[name].center.store.reading() as view:
        found = [decode_header(header) for (header,) in view.connection.execute("SELECT header FROM evidence")]
    return next(fields.epoch for fields in found if fields.case is not None and fields.case.case_no == case_no)


def test_a_life_that_nobody_can_prove_yet_keeps_its_cases_from_being_done_twice(town: Town, tmp_path: Path) -> None:
    """The village handed a case over in a life that it does not remember. It files anew, but waits with the case for its new key."""
    case_no = town.file("village", application_no="A1")
    town.heal()
    backup(town["village"].center.store, tmp_path / "old.zip")
    town["village"].center.tree.rotate_key()
    town.heal()
    for life in ("first", "second"):
        town.burn("village", tmp_path / "old.zip")
        town.heal()
        if life == "first":
            town.do("village", case_no, "hand_over", AGENT)
            town.heal()
    with pytest.raises(TongbanError, match="frozen"):
        town["village"].center.cases.act(case_no, "hand_over", {}, AGENT)
    new = town.file("village", item="ZW001", application_no="A2")
    town.heal()
    town.renew("village")
    proof(town, "village", {("village", "A1"): case_no, ("village", "A2"): new})
    assert {town[name].status(case_no) for name in town.nodes} == {"in_transit"}
    town.do("village", new, "hand_over", AGENT)
    proof(town, "village", {})


@pytest.mark.parametrize("comes", ["never", "later"])
def test_what_a_burnt_disk_alone_had_is_no_fault_of_who_hears_of_the_rest(town: Town, tmp_path: Path, comes: str) -> None:
    """The district files, then changes its key, and only the township hears, and only of the key. Later the city hears of the key
    through the township: what stood before is missing there, and is a finding about the district until it comes."""
    backup(town["district"].center.store, tmp_path / "old.zip")
    for k in range(2):
        town.file("district", application_no=f"A{k}")
    backup(town["district"].center.store, tmp_path / "late.zip")
    town.cut("district")
    town["district"].center.tree.rotate_key()
    town.settle()
    town.burn("district", tmp_path / "old.zip")
    town.heal()
    assert all("gap_after_restore" in found(town, name, "district") for name in ("city", "district"))
    if comes == "later":
        town.burn("district", tmp_path / "late.zip")
        town.heal()
    town.renew("district")
    town.heal()
    for name in town.nodes:
        assert [one["code"] for one in town[name].center.upkeep.verify()["problems"]] == [], name
    if comes == "later":
        assert "gap_after_restore" not in found(town, "city", "district")


def found(town: Town, name: str, about: str) -> set[str]:
    with town[name].center.store.reading() as view:
        rows = view.connection.execute("SELECT kind FROM findings WHERE author=?", (town[about].id,)).fetchall()
    return {kind for (kind,) in rows}
