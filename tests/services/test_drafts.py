"""Drafts on a real node: saved as typed, photographed into, lodged once whatever happens between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.filing.documents import LodgeAnswer
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.center import Center
from node.store.database import storage_error
from tests.support.drafts import ITEM, PHOTO, QIAN, TYPED, ZHOU, photograph
from tests.support.network import CLERK, DIRECTOR, Town, four_tiers
from tests.support.there import there


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


@pytest.fixture
def center(town: Town) -> Center:
    return town["village"].center


def ready(center: Center) -> str:
    """A draft without defects."""
    id = center.drafts.start(ITEM, ZHOU)
    center.drafts.save(id, TYPED, ZHOU)
    for row in center.drafts.draft(id, ZHOU)["checklist"]:
        if row["required"]:
            photograph(center, id, row["name"], PHOTO + row["name"].encode())
    return id


def places(answer: LodgeAnswer) -> set[tuple[str, str]]:
    return {(one["place"], one["code"]) for one in answer["defects"]}


def test_what_was_typed_is_kept_as_it_is_and_seen_by_the_others(center: Center) -> None:
    id = center.drafts.start(ITEM, ZHOU)
    center.drafts.save(id, {"name": "𠮷", "id_number": "12", "strange": "x"}, ZHOU)
    center.drafts.save(id, {"phone": "abc\x00"}, QIAN)
    found = center.drafts.draft(id, QIAN)
    assert (found["fields"]["name"], found["fields"]["id_number"], found["fields"]["phone"]) == ("𠮷", "12", "abc")
    assert "strange" not in found["fields"] and found["staff_id"] == "s-zhou"
    assert id in [row["id"] for row in center.drafts.drafts(QIAN)["drafts"]]


def test_a_draft_survives_the_end_of_the_process(town: Town) -> None:
    id = ready(town["village"].center)
    town["village"].center.store.close()  # nothing is flushed at the end: what was answered is on the disk
    town["village"].reopen()
    center = town["village"].center
    found = center.drafts.draft(id, ZHOU)
    assert found["fields"]["name"] == TYPED["name"] and all(one["whole"] for one in found["files"])


def test_every_defect_comes_at_once_beside_its_field(center: Center) -> None:
    id = center.drafts.start(ITEM, ZHOU)
    wrong = {
        "name": "  ",
        "id_number": "42010619870207996X",
        "phone": "12",
        "village": "999",
        "mandate_scope": "",
        "mandate_until": "",
    }
    center.drafts.save(id, wrong, ZHOU)
    photograph(center, id, "")
    center.drafts.add_file(id, "cut", "b.jpg", 500, "", ZHOU)
    found = places(center.drafts.lodge(id, ZHOU))
    assert found == {
        ("name", "blank"), ("id_number", "check_digit"), ("phone", "invalid"), ("village", "unknown_division"), ("mandate_scope", "missing"),
        ("mandate_until", "missing"), ("mandate_signed", "missing"), ("materials", "missing_material"), ("materials", "unsorted_files"),
        ("materials", "unfinished_files"),
    }  # fmt: skip
    assert center.drafts.draft(id, ZHOU)["state"] == "open"


def test_lodging_files_once_with_all_files_and_the_mandate(center: Center) -> None:
    id = ready(center)
    first = next(row["name"] for row in center.drafts.draft(id, ZHOU)["checklist"])
    photograph(center, id, first, PHOTO + b"second page")
    case_no = center.drafts.lodge(id, ZHOU)["case_no"]
    assert center.drafts.lodge(id, QIAN) == {"case_no": case_no}
    case = center.cases.case(case_no, ZHOU)
    assert case["status"] == "with_agent" and there(case["application"])["applicant"]["name"] == "𠮷田·买买提"
    assert there(case["application"])["applicant"]["id_number"] == "420106198702079963"
    assert there(case["application"])["mandate"] == {
        "agent": "s-zhou", "agent_name": "周玲", "scope": ["submit", "correct", "withdraw", "collect"], "until": "2026-06-30", "signed": "handprint",
    }  # fmt: skip
    assert f"{first} (2)" in [row["name"] for row in case["materials"]]
    assert {row["state"] for row in case["materials"] if row["size"]} == {"here"}
    assert len(center.drafts.result(case_no, ZHOU)["query_code"]) >= 6
    assert not (center.drafts.folder.folder / id).exists() and center.drafts.draft(id, ZHOU)["fields"] == {}


class Cut(BaseException):
    """The power went here."""


@pytest.mark.parametrize("step", ["file", "first_material", "settle"])
def test_a_power_cut_while_lodging_is_finished_at_the_next_opening(
    town: Town, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    center = town["village"].center
    id = ready(center)

    def cut(*args: object, **kwargs: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        target = {
            "file": (center.intake, "file"),
            "first_material": (center.materials, "put"),
            "settle": (center.drafts, "_settle"),
        }[step]
        patch.setattr(*target, cut)
        with pytest.raises(Cut):
            center.drafts.lodge(id, ZHOU)
    center.store.close()
    town["village"].reopen()
    center = town["village"].center
    assert center.drafts.draft(id, ZHOU)["state"] == "lodging"
    with pytest.raises(TongbanError, match="guard_failed"):
        center.drafts.save(id, {"name": "another"}, ZHOU)
    case_no = center.drafts.finish(id, ZHOU)
    case = center.cases.case(case_no, ZHOU)
    added = [row for row in case["timeline"] if row["action"] == "material_added"]
    assert len(added) == sum(1 for row in case["materials"] if row["size"]) and {
        r["state"] for r in case["materials"] if r["size"]
    } == {"here"}
    assert len([c for c in center.cases.listed(ZHOU)["cases"] if c["case_no"] == case_no]) == 1


def test_a_file_that_somebody_else_sent_meanwhile_does_not_take_the_place_of_ours(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine sends the same material between the filing and the draft's files: what was photographed here still becomes part."""
    id = ready(center)
    other = b"\xff\xd8\xff\xe0" + b"!" * (len(PHOTO) - 4)
    put = center.materials.put

    def first_another(case_no: str, material: str, *rest: Any) -> Any:
        monkeypatch.setattr(center.materials, "put", put)
        size = next(there(row["size"]) for row in center.cases.case(case_no, ZHOU)["materials"] if row["name"] == material)
        put(case_no, material, Actor("s-machine", Role.INTEGRATION), 0, other.ljust(size, b"!"), size, "m.jpg", "image/jpeg")
        return put(case_no, material, *rest)

    monkeypatch.setattr(center.materials, "put", first_another)
    case_no = center.drafts.lodge(id, ZHOU)["case_no"]
    stored = center.materials.read(case_no, "0", 0, 1 << 20, ZHOU)[0]
    assert stored.startswith(PHOTO), "the draft's photograph is the later one"


def test_a_file_that_comes_while_the_draft_is_checked_is_not_lodged_unseen(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = ready(center)
    name = center.drafts.draft(id, ZHOU)["checklist"][0]["name"]
    freeze = center.drafts._freeze

    def late(tx: Any, *rest: Any) -> None:
        monkeypatch.setattr(center.drafts, "_freeze", freeze)
        tx.drafts.add_file("a" * 16, id, "s-qian", "late", name, "IMG_2.jpg", 10)
        freeze(tx, *rest)

    monkeypatch.setattr(center.drafts, "_freeze", late)
    with pytest.raises(TongbanError, match="guard_failed"):
        center.drafts.lodge(id, ZHOU)
    assert center.drafts.lodge(id, ZHOU)["case_no"]


def test_an_upload_is_resumed_where_it_was_cut(center: Center) -> None:
    id = center.drafts.start(ITEM, ZHOU)
    made = center.drafts.add_file(id, "photo-1", "a.jpg", len(PHOTO), "", ZHOU)
    assert center.drafts.put_file(id, made["id"], 0, PHOTO[:4000], ZHOU)["offset"] == 4000
    again = center.drafts.add_file(id, "photo-1", "a.jpg", len(PHOTO), "", ZHOU)
    assert (again["id"], again["offset"]) == (made["id"], 4000)
    assert center.drafts.put_file(id, made["id"], 0, PHOTO, ZHOU)["offset"] == 4000  # a repeated piece changes nothing
    done = center.drafts.put_file(id, made["id"], 4000, PHOTO[4000:], ZHOU)
    assert (done["whole"], done["mime"], done["picture"]) == (True, "image/jpeg", True)
    assert center.drafts.read_file(id, made["id"], 0, 1 << 20, ZHOU)[0] == PHOTO


def test_a_page_with_a_script_is_refused_and_forgotten(center: Center) -> None:
    id = center.drafts.start(ITEM, ZHOU)
    data = b"<svg onload=alert(1)>"
    made = center.drafts.add_file(id, "svg", "photo.jpg", len(data), "", ZHOU)
    with pytest.raises(TongbanError, match="file_refused"):
        center.drafts.put_file(id, made["id"], 0, data, ZHOU)
    assert center.drafts.draft(id, ZHOU)["files"] == []
    for size, code in ((0, "invalid_input"), (50_000_001, "too_large")):
        with pytest.raises(TongbanError, match=code):
            center.drafts.add_file(id, "x", "x", size, "", ZHOU)


def test_a_disk_that_refuses_is_a_plain_sentence(center: Center) -> None:
    id = center.drafts.start(ITEM, ZHOU)
    made = center.drafts.add_file(id, "k", "a.jpg", len(PHOTO), "", ZHOU)
    center.drafts.folder.folder.mkdir(parents=True, exist_ok=True)
    (center.drafts.folder.folder / id).write_text("in the way")
    with pytest.raises(TongbanError, match="storage_failed"):
        center.drafts.put_file(id, made["id"], 0, PHOTO, ZHOU)
    (center.drafts.folder.folder / id).unlink()
    assert center.drafts.put_file(id, made["id"], 0, PHOTO, ZHOU)["whole"]


def test_a_case_that_was_filed_is_never_said_not_to_be_saved(center: Center) -> None:
    """The number is taken, then the disk takes no more photographs: told so, without a path, and the next try goes on."""
    id = ready(center)
    uploads = center.materials.uploads.folder
    moved = uploads.rename(uploads.with_name("aside")) if uploads.exists() else None
    uploads.write_text("in the way")
    with pytest.raises(TongbanError, match="half_done") as caught:
        center.drafts.lodge(id, ZHOU)
    for said in (caught.value.sentence("zh"), caught.value.sentence("en")):
        assert "没有保存" not in said and "not saved" not in said and str(uploads.parent) not in said
        assert "420" in said, "the number of the case"
    uploads.unlink()
    if moved is not None:
        moved.rename(uploads)
    case_no = center.drafts.lodge(id, ZHOU)["case_no"]
    assert case_no in caught.value.sentence("zh")
    assert all(one["state"] == "here" for one in center.cases.case(case_no, ZHOU)["materials"] if one["required"])


def test_no_sentence_about_the_disk_names_a_path() -> None:
    for error in (OSError(5, "Input/output error", "/srv/secret"), OSError(13, "Permission denied", "/srv/secret"),
                  FileExistsError(17, "File exists", "/srv/secret")):  # fmt: skip
        refused = storage_error(error)
        assert "/srv" not in refused.sentence("zh") + refused.sentence("en") + str(refused.as_document())
        assert not re.search("[A-Za-z]", refused.sentence("zh")), refused.sentence("zh")


def test_files_are_sorted_taken_back_and_removed(center: Center) -> None:
    id = center.drafts.start(ITEM, ZHOU)
    name = center.drafts.draft(id, ZHOU)["checklist"][0]["name"]
    file = photograph(center, id, "")
    center.drafts.sort_files(id, {file: name, "unknown": name}, ZHOU)
    assert center.drafts.draft(id, ZHOU)["checklist"][0]["files"] == [file]
    center.drafts.sort_files(id, {file: "no such material"}, ZHOU)
    assert center.drafts.draft(id, ZHOU)["files"][0]["material"] == ""
    center.drafts.remove_file(id, file, ZHOU)
    assert center.drafts.draft(id, ZHOU)["files"] == []


def test_only_who_files_at_this_kind_of_node_may(town: Town) -> None:
    village, township = town["village"].center, town["township"].center
    for center, actor in (
        (village, CLERK),
        (township, ZHOU),
        (village, Actor("s-x", Role.ADMIN)),
        (township, Actor("s-e", Role.EXAMINER)),
    ):
        with pytest.raises(TongbanError, match="forbidden"):
            center.drafts.start(ITEM, actor)
    assert village.drafts.start(ITEM, DIRECTOR)


def at_the_window(town: Town, **typed: str) -> str:
    """A clerk's draft at the township, with all it needs."""
    center = town["township"].center
    item = next(one for one in center.agent.items("", "", 1)["items"] if not any(m["required"] for m in one["materials"]) or one)
    id = center.drafts.start(item["item_id"], CLERK)
    center.drafts.save(id, {**TYPED, "village": town["village"].center.place.code, **typed}, CLERK)
    for row in center.drafts.draft(id, CLERK)["checklist"]:
        if row["required"]:
            made = center.drafts.add_file(id, row["name"].encode().hex()[:60], "a.pdf", 20, row["name"], CLERK)
            center.drafts.put_file(id, made["id"], 0, b"%PDF-1.7\n".ljust(20), CLERK)
    return id


def test_a_clerk_files_at_the_window_without_a_mandate(town: Town) -> None:
    center = town["township"].center
    case = center.cases.case(center.drafts.lodge(at_the_window(town), CLERK)["case_no"], CLERK)
    assert case["status"] == "submitted" and case["channel"] == "window" and "mandate" not in there(case["application"])


def test_a_clerk_files_anew_in_the_place_of_a_voided_case(tmp_path: Path) -> None:
    """The number as people type it; of a case that was not voided here it is a defect of that field."""
    town = four_tiers(tmp_path)  # its own, because the days go by
    center = town["township"].center
    before = center.drafts.lodge(at_the_window(town), CLERK)["case_no"]
    id = at_the_window(town, replaces=f" {before.lower()} ")
    assert places(center.drafts.lodge(id, CLERK)) == {("replaces", "not_voided")}
    received = center.cases.case(before, CLERK)["received_at"]
    town.do("township", before, "void")
    town.world.time += 3 * 86_400_000
    case = center.cases.case(center.drafts.lodge(id, CLERK)["case_no"], CLERK)
    assert there(case["received_at"])[:10] == there(received)[:10] < there(case["filed_at"])[:10]
    assert places(center.drafts.lodge(at_the_window(town, replaces="上次那件"), CLERK)) == {("replaces", "invalid")}
    town.close()


def test_an_agent_acts_within_the_mandate(town: Town) -> None:
    center = town["village"].center
    id = ready(center)
    center.drafts.save(id, {"mandate_scope": "submit"}, ZHOU)
    case_no = center.drafts.lodge(id, ZHOU)["case_no"]
    assert "withdraw" not in town.offered("village", case_no, ZHOU)
    with pytest.raises(TongbanError, match="guard_failed"):
        center.cases.act(case_no, "withdraw", {"reason": "不办了"}, ZHOU)
    town.heal()
    assert "withdraw" in town.offered("village", center.drafts.lodge(ready(center), ZHOU)["case_no"], ZHOU)


def test_many_cases_are_handed_over_in_one_act(town: Town) -> None:
    center = town["village"].center
    numbers = [town.file("village") for _ in range(3)]
    before = center.agent.home(ZHOU)
    assert before["to_bring"]["total"] >= 3 and {row["case_no"] for row in center.agent.waiting(ZHOU)["rows"]} >= set(numbers)
    town.cut()
    act = center.agent.hand_over([*numbers, numbers[0], "nonsense"], ZHOU)
    assert [row["ok"] for row in act["results"]] == [True, True, True, False]
    listed = center.agent.handover(act["id"], ZHOU)
    assert [row["case_no"] for row in listed["rows"]] == numbers and listed["to"] == town["township"].center.place.code
    assert len(listed["failed"]) == 1 and listed["rows"][0]["originals"] + listed["rows"][0]["copies"] > 0
    home = center.agent.home(ZHOU)
    assert {row["case_no"]: row["why"] for row in home["stuck"]["rows"]}[numbers[0]] in ("line", "not_taken")
    last = home["handover"]
    assert last is not None and last["at"] and last["taken_at"] is None
    town.heal()
    home = center.agent.home(ZHOU)
    last = home["handover"]
    assert last is not None and last["taken_at"]
    assert {r["case_no"]: r["why"] for r in home["stuck"]["rows"]}[numbers[0]] == "not_received"
    assert center.agent.hand_over(numbers[:1], ZHOU)["results"] == [{"case_no": numbers[0], "ok": True, "before": True}]


def test_items_are_those_that_may_be_filed_here(center: Center) -> None:
    page = center.agent.items("", "", 1)
    assert page["items"] and all("village" in one["accept_levels"] for one in page["items"])
    assert sum(row["items"] for row in page["departments"]) == page["total"]
    assert center.agent.items("没有这样的事项", "", 1)["total"] == 0


def test_a_better_photograph_of_a_correction_shows_in_to_answer(town: Town, tmp_path: Path) -> None:
    center = town["village"].center
    case_no = town.file("village")
    town.do("village", case_no, "hand_over", ZHOU)
    town.heal()
    town.do("township", case_no, "receive")
    town.do("township", case_no, "request_correction")
    town.heal()
    rows = center.agent.home(ZHOU)["to_answer"]["rows"]
    assert next(row["until"] for row in rows if row["case_no"] == case_no)


def test_a_draft_of_an_item_that_was_stopped_meanwhile_stays_readable(town: Town) -> None:
    center, city = town["village"].center, town["city"].center
    item = next(one["item_id"] for one in center.agent.items("", "", 1)["items"] if one["item_id"] != ITEM)
    id = center.drafts.start(item, ZHOU)
    center.drafts.save(id, TYPED, ZHOU)
    editor = Actor("s-editor", Role.CATALOG_EDITOR, "编目员")
    city.editor.withdraw(item, "事项停办", editor)
    city.editor.publish(city.editor.changes(editor)["token"], "2026-03-02", editor)
    town.heal()
    found = center.drafts.draft(id, ZHOU)
    assert found["item"] is not None and found["item"]["name"] and found["fields"]["name"] == TYPED["name"]
    assert ("item", "not_published") in places(center.drafts.lodge(id, ZHOU))
    with pytest.raises(TongbanError, match="not_found"):
        center.drafts.start(item, ZHOU)
