"""Files of a case: what a client finds that lost the reply, the same file again, a better copy, dangerous content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.domain.errors import TongbanError
from tests.support.network import AGENT, CLERK, Town, four_tiers

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


def put(town: Town, case_no: str, data: bytes, offset: int = 0, total: int = 0, material: str = "0") -> dict:
    center = town["village"].center
    return center.put_material(case_no, material, AGENT, offset, data, total or len(data), "a.jpg", "image/jpeg")


def filed(town: Town, size: int = len(PHOTO)) -> str:
    document = town.application("village")
    for attachment in document["attachments"]:
        attachment["size"] = size
    return town["village"].center.file_case(document, AGENT).case_no


def kinds(town: Town, case_no: str) -> list[str]:
    return [row["action"] for row in town["village"].center.case(case_no, AGENT)["timeline"]]


def test_a_client_that_lost_the_reply_finds_the_whole_file(town: Town) -> None:
    case_no = filed(town)
    put(town, case_no, PHOTO)
    found = town["village"].center.material_offset(case_no, "0", AGENT)
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
    with pytest.raises(TongbanError, match="invalid_input"):
        put(town, case_no, b"", 7, len(PHOTO))
    assert kinds(town, case_no).count("material_added") == 1


def test_a_better_copy_may_have_another_size(town: Town) -> None:
    case_no = filed(town)
    put(town, case_no, PHOTO)
    put(town, case_no, PHOTO + b"sharper")
    assert kinds(town, case_no).count("material_added") == 2
    assert town["village"].center.material_offset(case_no, "0", AGENT)["size"] == len(PHOTO) + 7


def test_after_custody_left_the_same_file_is_one_request(town: Town) -> None:
    case_no = filed(town)
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    first = put(town, case_no, PHOTO)
    assert first["status"] == 202
    assert town["village"].center.material_offset(case_no, "0", AGENT)["offset"] == len(PHOTO)
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
    assert town["village"].center.material_offset(case_no, "0", AGENT)["offset"] == 0


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
    states = {row["material"]: row["state"] for row in town["township"].center.case(case_no, CLERK)["materials"]}
    assert states["2"] == "here"
