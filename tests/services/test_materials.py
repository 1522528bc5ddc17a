"""Files of a case: what a client finds that lost the reply, the same file again, a better copy, dangerous content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.filing import uploads
from tests.support.network import AGENT, CLERK, DAY, Town, four_tiers

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


def put(town: Town, case_no: str, data: bytes, offset: int = 0, total: int = 0, material: str = "0") -> Any:
    center = town["village"].center
    return center.materials.put(case_no, material, AGENT, offset, data, total or len(data), "a.jpg", "image/jpeg")


def filed(town: Town, size: int = len(PHOTO)) -> str:
    document = town.application("village")
    for attachment in document["attachments"]:
        attachment["size"] = size
    return town["village"].center.intake.file(document, AGENT).case_no


def test_a_lodging_and_its_files_are_one_row_of_the_tracking_sheet(town: Town) -> None:
    case_no = filed(town)
    for material in ("0", "1"):
        put(town, case_no, PHOTO, material=material)
    town.act("village", case_no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept"):
        town.do("township", case_no, action)
    shown = town["township"].center.papers.show(case_no, "tracking", CLERK)
    rows = next(block["rows"] for block in shown["blocks"] if block["kind"] == "table")
    assert "、" in rows[0][8].partition("材料：")[2] and not any("上传材料" in row[1] for row in rows)


def kinds(town: Town, case_no: str) -> list[str]:
    return [row["action"] for row in town["village"].center.cases.case(case_no, AGENT)["timeline"]]


def test_a_client_that_lost_the_reply_finds_the_whole_file(town: Town) -> None:
    case_no = filed(town)
    put(town, case_no, PHOTO)
    found = town["village"].center.materials.offset(case_no, "0", AGENT)
    assert (found["offset"], found["size"]) == (len(PHOTO), len(PHOTO))


def test_the_same_file_again_is_no_second_material(town: Town) -> None:
    case_no = filed(town)
    first = put(town, case_no, PHOTO)
    again = put(town, case_no, PHOTO)
    assert again["complete"] and again["version"] == first["version"]
    half = put(town, case_no, PHOTO[:1000], total=len(PHOTO))
    assert half == {"offset": 1000, "complete": False}
    assert put(town, case_no, PHOTO[1000:], 1000, len(PHOTO))["version"] == first["version"]
    assert put(town, case_no, b"", len(PHOTO), len(PHOTO))["complete"]  # "nothing left" of a file that is whole
    with pytest.raises(TongbanError, match="guard_failed") as gap:
        put(town, case_no, b"", 7, len(PHOTO))
    assert gap.value.details["offset"] == 0
    assert kinds(town, case_no).count("material_added") == 1


def test_a_better_copy_may_have_another_size(town: Town) -> None:
    case_no = filed(town)
    put(town, case_no, PHOTO)
    put(town, case_no, PHOTO + b"sharper")
    assert kinds(town, case_no).count("material_added") == 2
    assert town["village"].center.materials.offset(case_no, "0", AGENT)["size"] == len(PHOTO) + 7


def test_after_custody_left_the_same_file_is_one_request(town: Town) -> None:
    case_no = filed(town)
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    first = put(town, case_no, PHOTO)
    assert first["status"] == 202
    assert town["village"].center.materials.offset(case_no, "0", AGENT)["offset"] == len(PHOTO)
    again = put(town, case_no, PHOTO)
    assert (again["status"], again["request"]["id"]) == (202, first["request"]["id"])
    town.heal()
    assert kinds(town, case_no).count("material_added") == 1
    assert put(town, case_no, PHOTO)["request"]["state"] == "done"


@pytest.mark.parametrize(
    "data", [b"<html><script>alert(1)</script>", b"\x7fELF\x02\x01", b'<?xml version="1.0"?><svg/>', b"#!/bin/sh\n"]
)
def test_programs_and_pages_are_refused_by_their_content(town: Town, data: bytes) -> None:
    case_no = filed(town, len(data))
    with pytest.raises(TongbanError, match="file_refused"):
        put(town, case_no, data)
    assert kinds(town, case_no).count("material_added") == 0
    assert town["village"].center.materials.offset(case_no, "0", AGENT)["offset"] == 0


def test_a_corrected_photograph_may_have_another_size_than_the_first_was_declared_with(town: Town) -> None:
    case_no = filed(town)
    with pytest.raises(TongbanError) as caught:
        put(town, case_no, PHOTO + b"x", material="2")
    assert caught.value.fields == {"content": "wrong_size"}
    town.act("village", case_no, "hand_over", AGENT)
    town.heal()
    town.do("township", case_no, "receive", CLERK)
    town.act("township", case_no, "request_correction", CLERK, content="照片不清", due="2026-03-20", materials="2")
    town.heal()
    assert put(town, case_no, PHOTO + b"x", material="2")["status"] == 202
    town.heal()
    states = {row["material"]: row["state"] for row in town["township"].center.cases.case(case_no, CLERK)["materials"]}
    assert states["2"] == "here"


def test_a_second_sender_gets_the_standing_offset_or_is_refused(town: Town) -> None:
    case_no = filed(town)
    put(town, case_no, PHOTO[:1000], total=len(PHOTO))
    assert put(town, case_no, PHOTO[:300], total=len(PHOTO)) == {"offset": 1000, "complete": False}, "the same bytes again"
    with pytest.raises(TongbanError, match="upload_other") as other:
        put(town, case_no, PHOTO[:9] + b"another picture", total=len(PHOTO))
    assert other.value.details["offset"] == 1000
    town.world.advance(60_000)  # nobody sends any more: the other picture begins anew
    second = PHOTO[:9] + b"!" * (len(PHOTO) - 9)
    assert put(town, case_no, second[:500], total=len(PHOTO))["offset"] == 500
    with pytest.raises(TongbanError, match="guard_failed"):
        put(town, case_no, PHOTO[1000:], 1000, len(PHOTO))  # who sent the first is told, and nothing is mixed
    assert put(town, case_no, second)["complete"]
    assert town["village"].center.materials.read(case_no, "0", 0, 1 << 20, AGENT)[0] == second


def test_two_people_never_write_one_file(town: Town) -> None:
    case_no = filed(town)
    center, colleague = town["village"].center, Actor("s-2", Role.AGENT, "钱芳")
    put(town, case_no, PHOTO[:1000], total=len(PHOTO))
    with pytest.raises(TongbanError, match="upload_taken"):
        center.materials.put(case_no, "0", colleague, 0, PHOTO, len(PHOTO), "a.jpg", "image/jpeg")
    assert center.materials.offset(case_no, "0", colleague)["offset"] == 0, "an upload belongs to its person"
    town.world.advance(60_000)
    center.materials.put(case_no, "0", colleague, 0, PHOTO, len(PHOTO), "a.jpg", "image/jpeg")
    assert put(town, case_no, PHOTO[1000:], 1000, len(PHOTO))["complete"], "the same content is the same file"
    assert kinds(town, case_no).count("material_added") == 1


def test_who_may_not_supply_writes_no_byte(town: Town) -> None:
    """Role before existence before state; nothing is left in the folder."""
    center, case_no = town["village"].center, filed(town)
    folder = center.store.files.folder / "uploads"
    before = sorted(folder.iterdir()) if folder.is_dir() else []
    for role in (Role.REVIEWER, Role.CLERK, Role.ADMIN, Role.OVERSEER):
        for no in (case_no, "no such case"):
            with pytest.raises(TongbanError, match="forbidden"):
                center.materials.put(no, "0", Actor("s-9", role, "张"), 0, PHOTO[:100], len(PHOTO), "a.jpg", "image/jpeg")
    with pytest.raises(TongbanError, match="not_found"):
        center.materials.put("no such case", "0", AGENT, 0, PHOTO[:100], len(PHOTO), "a.jpg", "image/jpeg")
    town.act("village", case_no, "withdraw", AGENT, reason="不办了")
    with pytest.raises(TongbanError, match="illegal_action"):
        put(town, case_no, PHOTO[:100], total=len(PHOTO))
    assert (sorted(folder.iterdir()) if folder.is_dir() else []) == before


def test_an_action_that_is_refused_at_the_end_leaves_the_bytes_where_they_were(town: Town) -> None:
    """All came, and the case ended meanwhile: no file of a resident stays under a hash that nothing names."""
    case_no = filed(town)
    center = town["village"].center
    put(town, case_no, PHOTO[:-1], total=len(PHOTO))
    files = sorted(path for path in center.store.files.folder.rglob("*") if path.is_file())
    with center.store.reading() as view:
        (part,) = view.partials.of_material(case_no, "0")
    center.materials.uploads.append(part, PHOTO[-1:])
    town.act("village", case_no, "withdraw", AGENT, reason="不办了")
    with center.store.reading() as view, pytest.raises(TongbanError, match="illegal_action"):
        center.materials._finish(case_no, "0", AGENT, part)
    assert sorted(path for path in center.store.files.folder.rglob("*") if path.is_file()) == files


def test_what_is_under_way_is_bounded_and_swept(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PERSON_BYTES", 3 * len(PHOTO))
    center = town["village"].center
    numbers = [filed(town) for _ in range(4)]
    for one in center.materials.uploads.folder.iterdir():
        one.unlink()
    with center.store.reading() as view:
        center.materials.uploads.drop(view.partials.of_person(AGENT.staff_id))
    for case_no in numbers[:3]:
        put(town, case_no, PHOTO[:10], total=len(PHOTO))
    with pytest.raises(TongbanError, match="too_many_uploads"):
        put(town, numbers[3], PHOTO[:10], total=len(PHOTO))
    town.world.advance(60_000)  # nobody sends the oldest any more: it gives way
    put(town, numbers[3], PHOTO[:10], total=len(PHOTO))
    assert center.materials.offset(numbers[0], "0", AGENT)["offset"] == 0
    assert center.materials.offset(numbers[1], "0", AGENT)["offset"] == 10
    town["village"].clock.skew += 400 * DAY  # the clock jumps: nothing is taken away
    center.tick()
    assert center.materials.offset(numbers[1], "0", AGENT)["offset"] == 10
    town["village"].clock.skew -= 400 * DAY
    town.world.advance(30 * DAY)
    center.tick()
    assert center.materials.offset(numbers[1], "0", AGENT)["offset"] == 0
    assert list(center.materials.uploads.folder.iterdir()) == []
