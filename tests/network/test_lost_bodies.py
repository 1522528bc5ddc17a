"""A case on its way when a disk burns: its contents are looked for wherever they may be, and a case whose contents nobody has
any more does not stay on its way for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import AGENT, CLERK, DIRECTOR, FOUR, Town
from tests.support.there import there

FILE = b"\x89PNG\r\n\x1a\n".ljust(1001, b".")  # as long as the application says


def proof(town: Town, *burnt: str) -> None:
    history = History(restored=set(burnt))
    check_always(town, history)
    town.heal()
    check_always(town, history)
    check_healed(town, history)


def held(town: Town, name: str, case_no: str) -> bool:
    with town[name].center.store.reading() as view:
        case = view.cases.get(case_no)
        assert case is not None
        assert case.offer is not None or case.custodian == town[name].id
        return case.offer is None


def lost(town: Town, name: str) -> tuple[int, int]:
    """(bodies of its own that a node lost, bodies of others that are gone): a restore explains both, and neither is a fault."""
    outcome = town[name].center.upkeep.verify()
    codes = [loss["code"] for loss in outcome["losses"]]
    assert (outcome["ok"], outcome["problems"]) == (True, [])
    assert town[name].center.upkeep.status()["wanted"] == 0  # what is lost is not waited for
    with town[name].center.store.reading() as view:
        others = view.connection.execute(
            "SELECT count(*) FROM findings WHERE kind='object_gone' AND author<>?", (town[name].id,)
        ).fetchone()
    return len(codes), others[0]


@pytest.mark.parametrize("first", ["township", "village"])
def test_a_hall_that_came_back_finds_what_a_village_has_whichever_line_is_up_first(
    town: Town, tmp_path: Path, first: str
) -> None:
    """The district shows it the offer and has none of the contents."""
    backup(town["township"].center.store, tmp_path / "copy")
    town.scans(False)
    no = town.file("village")
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    town.burn("township", tmp_path / "copy")
    town.scans(True)
    town.connect(first)
    town.settle()
    proof(town, "township")
    assert held(town, "township", no)
    assert not town["township"].center.cases.case(no, CLERK)["contents_missing"]


def test_nothing_is_given_up_while_a_node_that_has_it_is_cut_off(town: Town, tmp_path: Path) -> None:
    """The hall's disk burns after it referred a case up; the district asks it for contents that it must first get from below."""
    backup(town["township"].center.store, tmp_path / "copy")
    no = town.file("village")
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    town.scans(False)
    for action in ("receive", "accept", "complete_step", "refer"):
        town.do("township", no, action)
    town.heal()
    town.burn("township", tmp_path / "copy")
    town.scans(True)
    town.connect("township", "district")
    town.settle()
    assert not held(town, "district", no)
    proof(town, "township")
    assert held(town, "district", no)
    assert not town["district"].center.cases.case(no, DIRECTOR)["contents_missing"]
    assert lost(town, "district") == (0, 4)  # what the hall itself wrote


def test_a_hall_that_came_back_gives_nothing_up_before_all_its_neighbours_spoke(town: Town, tmp_path: Path) -> None:
    """Only its own disk had the contents, as far as it remembers; a village that is cut off may know that it passed them on."""
    backup(town["township"].center.store, tmp_path / "copy")
    town.scans(False)
    no = town.file("township", actor=CLERK)
    for action in ("accept", "complete_step", "refer"):
        town.do("township", no, action)
    town.heal()
    town.burn("township", tmp_path / "copy")
    town.scans(True)
    town.connect("township", "district")
    town.settle()
    assert not held(town, "district", no)
    proof(town, "township")
    assert held(town, "district", no)
    assert town["district"].center.cases.case(no, DIRECTOR)["contents_missing"]


def test_a_case_is_taken_without_words_that_burned_with_their_writer(town: Town, tmp_path: Path) -> None:
    no = town.file("village")
    town.heal()
    backup(town["village"].center.store, tmp_path / "copy")
    town.scans(False)
    town.do("village", no, "hand_over", AGENT)  # with a note
    town.heal()
    town.burn("village", tmp_path / "copy")
    town.scans(True)
    proof(town, "village")
    assert held(town, "township", no)
    assert not town["township"].center.cases.case(no, CLERK)["contents_missing"]
    assert (lost(town, "township"), lost(town, "village")) == ((0, 1), (1, 0))


def test_the_note_of_a_hand_over_comes_before_the_case_is_taken(town: Town) -> None:
    no = town.file("village")
    town.do("village", no, "hand_over", AGENT)
    line = town.lines["village"]
    town.scans(False)
    town.heal()
    town.scans(True)
    line.pump()
    with town["village"].center.store.reading() as view:
        case = view.cases.get(no)
        assert case is not None
        note = case.bodies[-1]
    line.frames = type(line.frames)(f for f in line.frames if f[1] != "object" or f[2].request.hash != note)
    while line.step():
        pass
    assert not held(town, "township", no)
    town.cut()
    proof(town)
    assert held(town, "township", no)


def test_a_case_whose_application_burned_can_be_voided_where_it_was_going(town: Town, tmp_path: Path) -> None:
    backup(town["village"].center.store, tmp_path / "copy")
    town.scans(False)
    no = town.file("village", application_no="A1")
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    town.burn("village", tmp_path / "copy")
    town.scans(True)
    proof(town, "village")
    case = town["township"].center.cases.case(no, CLERK)
    assert (case["contents_missing"], case["application"]) == (True, None)
    assert "void" in town.offered("township", no) and "receive" not in town.offered("township", no)
    assert lost(town, "township") == (0, 2)
    town.do("township", no, "void")
    proof(town, "village")


def test_what_was_asked_with_words_that_burned_is_answered_all_the_same(town: Town, tmp_path: Path) -> None:
    no = town.file("township", actor=CLERK)
    town.heal()
    backup(town["city"].center.store, tmp_path / "copy")
    town.scans(False)
    asked = town.do("city", no, "remind")["request"]["id"]
    town.heal()
    assert town["township"].center.cases.request(asked, DIRECTOR)["request"]["state"] == "pending"
    town.burn("city", tmp_path / "copy")
    town.scans(True)
    proof(town, "city")
    for name in ("city", "township"):
        assert town[name].center.cases.request(asked, DIRECTOR)["request"]["state"] == "done"


def test_a_neighbour_with_a_better_copy_is_asked_once_more(town: Town, tmp_path: Path) -> None:
    """The first copy of the village's disk is older than the case; a second one turns up that has it."""
    backup(town["village"].center.store, tmp_path / "old")
    town.scans(False)
    no = town.file("village")
    town.do("village", no, "hand_over", AGENT)
    backup(town["village"].center.store, tmp_path / "better")
    town.heal()
    town.burn("village", tmp_path / "old")
    town.scans(True)
    proof(town, "village")
    assert town["township"].center.cases.case(no, CLERK)["contents_missing"]
    town.burn("village", tmp_path / "better")
    town.heal()
    proof(town, "village")
    assert not town["township"].center.cases.case(no, CLERK)["contents_missing"]
    assert lost(town, "township") == (0, 0)
    assert FOUR["village"] in no


def test_a_scan_that_burned_is_asked_for_again(town: Town, tmp_path: Path) -> None:
    """The case goes on; the page says that the file is lost, and it can be sent again where the case is."""
    no = town.file("village")
    town.heal()
    backup(town["village"].center.store, tmp_path / "copy")
    town.scans(False)
    sent = town["village"].center.materials.put(no, "0", AGENT, 0, FILE, len(FILE), "a.png", "image/png")
    assert sent["complete"]
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    assert material(town, "township", no) == ("on_the_way", len(FILE))
    town.burn("village", tmp_path / "copy")
    town.scans(True)
    proof(town, "village")
    assert material(town, "township", no) == ("lost", 0)
    town.do("township", no, "receive", CLERK)
    again = town["township"].center.materials.put(no, "0", CLERK, 0, FILE, len(FILE), "a.png", "image/png")
    assert again["complete"]
    assert material(town, "township", no) == ("here", len(FILE))
    proof(town, "village")


def material(town: Town, name: str, no: str) -> tuple[str, int]:
    """State of the first file at a node, and how much of it need not be sent."""
    center = town[name].center
    return center.cases.case(no, CLERK)["materials"][0]["state"], center.materials.offset(no, "0", CLERK)["offset"]


def test_an_application_filed_again_where_it_was_forgotten_is_named_as_such(town: Town, tmp_path: Path) -> None:
    """The village could not know. When it hears of the first case, everybody takes that one, and the second says which it repeats."""
    backup(town["village"].center.store, tmp_path / "copy")
    document = town.application("village", application_no="A1")
    first = town["village"].center.intake.file(document, AGENT).case_no
    town.do("village", first, "hand_over", AGENT)
    town.heal()
    town.burn("village", tmp_path / "copy")
    again = town["village"].center.intake.file(document, AGENT).case_no
    assert again != first
    proof(town, "village")
    assert town["village"].center.intake.file(document, AGENT).case_no == first
    for node in town.nodes.values():
        found = {no: node.center.cases.case(no, DIRECTOR)["same_application"] for no in (first, again)}
        assert found == {first: None, again: first}, node.name
    town.do("village", again, "withdraw")
    proof(town, "village")


def test_the_same_application_again_gives_the_case_back_its_contents(town: Town, tmp_path: Path) -> None:
    """Filed after the backup, known above by its header only; its system sends it again with the same key, as it does after every
    failure. It is the first case, and goes on."""
    backup(town["township"].center.store, tmp_path / "copy")
    document = town.application("township", application_no="A1")
    hall = town["township"].center
    first = hall.intake.file(document, CLERK, idempotency_key="k")
    town.heal()
    town.burn("township", tmp_path / "copy")
    town.heal()
    hall = town["township"].center
    assert hall.cases.case(first.case_no, CLERK)["contents_missing"]
    again = hall.intake.file(document, CLERK, idempotency_key="k")
    assert (again.case_no, again.created) == (first.case_no, False)
    assert hall.intake.file(document, CLERK, idempotency_key="k").case_no == first.case_no
    assert hall.intake.file(document, CLERK).case_no == first.case_no
    case = hall.cases.case(first.case_no, CLERK)
    assert (case["contents_missing"], there(case["application"])["application_no"], case["status"]) == (False, "A1", "submitted")
    assert [row["action"] for row in case["timeline"]] == ["submitted", "refiled"]
    assert hall.public.case(first.case_no, first.query_code, "c")["case_no"] == first.case_no  # the slip the applicant has
    with pytest.raises(TongbanError) as refused:
        hall.intake.file(document | {"form": {"reason": "别的"}}, CLERK)
    assert refused.value.code == "application_conflict"
    for action in ("accept", "complete_step", "refer"):
        town.do("township", first.case_no, action)
    proof(town, "township")
    assert held(town, "district", first.case_no)
    assert there(town["district"].center.cases.case(first.case_no, DIRECTOR)["application"])["application_no"] == "A1"
    rebuilt_as_it_was(town, "township", first.case_no)


def rebuilt_as_it_was(town: Town, name: str, no: str) -> None:
    before = town[name].center.cases.case(no, DIRECTOR)["application"]
    town[name].center.upkeep.rebuild()
    assert town[name].center.cases.case(no, DIRECTOR)["application"] == before
    assert [
        row["case_no"] for row in town[name].center.work.search(DIRECTOR, there(before)["applicant"]["id_number"])["rows"]
    ] == [no]


def test_another_application_under_the_number_is_refused_though_the_first_was_lost(town: Town, tmp_path: Path) -> None:
    backup(town["township"].center.store, tmp_path / "copy")
    first = town.file("township", item="ZW007", application_no="A1", actor=CLERK)
    town.heal()
    town.burn("township", tmp_path / "copy")
    hall = town["township"].center
    town.heal()
    with pytest.raises(TongbanError) as refused:
        hall.intake.file(town.application("township", item="ZW001", application_no="A1"), CLERK)
    assert refused.value.code == "application_conflict"
    assert hall.cases.case(first, CLERK)["contents_missing"]


def test_where_the_case_is_elsewhere_the_same_application_is_still_the_first_case(town: Town, tmp_path: Path) -> None:
    """The village forgot it and hears of it again; its contents come back from the hall, and until then nothing is compared."""
    backup(town["village"].center.store, tmp_path / "copy")
    document = town.application("village", application_no="A1")
    first = town["village"].center.intake.file(document, AGENT).case_no
    town.do("village", first, "hand_over", AGENT)
    town.heal()
    town.burn("village", tmp_path / "copy")
    town.scans(False)
    town.heal()
    assert town["village"].center.intake.file(document, AGENT).case_no == first
    town.scans(True)
    proof(town, "village")
    assert town["village"].center.intake.file(document, AGENT).case_no == first
