"""A correction answered over the network: a new photograph reaches the township, the old one stays; paper; once more; honest words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from node.domain.cases.documents import CaseDocument
from node.domain.words.errors import TongbanError
from tests.support.network import AGENT, CLERK, Town, four_tiers
from tests.support.there import there

OLD = b"\xff\xd8\xff\xe0old" + bytes(range(256)) * 300
NEW = b"\xff\xd8\xff\xe0new" + bytes(range(256)) * 400


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = four_tiers(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


def put(town: Town, name: str, case_no: str, data: bytes, material: str = "0") -> Any:
    actor = AGENT if name == "village" else CLERK
    return town[name].center.materials.put(case_no, material, actor, 0, data, len(data), "a.jpg", "image/jpeg")


def asked(town: Town, name: str = "village", materials: str = "0") -> str:
    """A case with an old photograph at the township, whose correction is awaited."""
    document = town.application(name)
    document["attachments"][0]["size"] = len(OLD)
    actor = AGENT if name == "village" else CLERK
    case_no = town[name].center.intake.file(document, actor).case_no
    put(town, name, case_no, OLD)
    if name == "village":
        town.act("village", case_no, "hand_over", AGENT)
        town.heal()
        town.do("township", case_no, "receive", CLERK)
    town.act("township", case_no, "request_correction", CLERK, content="照片不清", due="2026-03-20", materials=materials)
    town.heal()
    return case_no


def view(town: Town, name: str, case_no: str) -> CaseDocument:
    return town[name].center.cases.case(case_no, AGENT if name == "village" else CLERK)


def read(town: Town, name: str, case_no: str, version: int | None = None, material: str = "0") -> bytes:
    actor = AGENT if name == "village" else CLERK
    return town[name].center.materials.read(case_no, material, 0, 1 << 20, actor, version)[0]


def test_without_a_file_the_village_cannot_even_ask(town: Town) -> None:
    case_no = asked(town)
    with pytest.raises(TongbanError, match="guard_failed") as caught:
        town.act("village", case_no, "supply_correction", AGENT, note="补好了")
    assert view(town, "village", case_no)["materials"][0]["name"] in caught.value.sentence("zh")
    assert [row for row in view(town, "village", case_no)["requests"] if row["action"] == "supply_correction"] == []


def test_without_a_file_the_township_counter_is_refused(town: Town) -> None:
    case_no = asked(town, "township")
    with pytest.raises(TongbanError, match="guard_failed"):
        town.act("township", case_no, "supply_correction", CLERK)
    assert view(town, "township", case_no)["status"] == "awaiting_correction"
    assert put(town, "township", case_no, NEW)["complete"]
    town.act("township", case_no, "supply_correction", CLERK)
    assert (read(town, "township", case_no, 1), read(town, "township", case_no, 2)) == (OLD, NEW)
    assert read(town, "township", case_no) == NEW


def test_a_new_photograph_from_the_village_stands_beside_the_old_one_at_the_township(town: Town) -> None:
    case_no = asked(town)
    center = town["village"].center
    assert center.materials.offset(case_no, "0", AGENT)["offset"] == 0  # a new one is awaited, the old one is no answer
    assert put(town, "village", case_no, NEW)["status"] == 202
    assert center.materials.offset(case_no, "0", AGENT)["offset"] == len(NEW)
    assert there(view(town, "village", case_no)["correction"])["rows"][0]["sent"]
    answer = center.cases.act(case_no, "supply_correction", {"note_0": "重拍了"}, AGENT)
    assert answer.status == 202
    assert there(view(town, "village", case_no)["correction"])["state"] == "asked"
    assert read(town, "village", case_no, 0) == NEW
    town.heal()
    assert read(town, "village", case_no, 0) == NEW  # the page that was drawn before the holder took it shows it still
    found = view(town, "township", case_no)
    assert found["status"] == "submitted"
    row = there(found["correction"])["rows"][0]
    assert (row["problem"], row["said"], there(row["before"])["n"], there(row["since"])["n"]) == ("照片不清", "重拍了", 1, 2)
    assert [one["state"] for one in found["materials"][0]["files"]] == ["here", "here"]
    assert (read(town, "township", case_no, 1), read(town, "township", case_no, 2)) == (OLD, NEW)
    assert view(town, "village", case_no)["status"] == "submitted"


def test_the_supply_waits_at_the_holder_until_the_photograph_is_there(town: Town) -> None:
    case_no = asked(town)
    put(town, "village", case_no, NEW)
    town.act("village", case_no, "supply_correction", AGENT)
    town.scans(False)
    town.heal()
    waiting = view(town, "township", case_no)
    assert waiting["status"] == "awaiting_correction"
    assert {row["action"]: row["state"] for row in waiting["requests"]}["supply_correction"] == "pending"
    town.scans(True)
    town.heal()
    assert view(town, "township", case_no)["status"] == "submitted"
    assert read(town, "township", case_no) == NEW


def test_the_same_photograph_again_is_an_answer_too(town: Town) -> None:
    case_no = asked(town)
    put(town, "village", case_no, OLD)
    town.act("village", case_no, "supply_correction", AGENT)
    town.heal()
    assert view(town, "township", case_no)["status"] == "submitted"
    assert len(view(town, "township", case_no)["materials"][0]["files"]) == 2


def test_paper_is_declared_with_its_count(town: Town) -> None:
    case_no = asked(town)
    assert town.offered("village", case_no, AGENT)["supply_correction"]["papers"] == "0:1"
    town.act("village", case_no, "supply_correction", AGENT, papers="0:2")
    town.heal()
    found = view(town, "township", case_no)
    material = found["materials"][0]
    assert (found["status"], material["held"], material["copies"], material["state"]) == ("submitted", "paper", 2, "paper")
    assert [one["copies"] for one in material["files"]] == [0, 2]
    assert read(town, "township", case_no, 1) == OLD


def test_the_receipt_of_a_correction_lists_what_came_as_what(town: Town) -> None:
    case_no = asked(town, "township", "0,1")
    put(town, "township", case_no, NEW)
    town.act("township", case_no, "supply_correction", CLERK, papers="1:2")
    names = [row["name"] for row in view(town, "township", case_no)["materials"][:2]]
    rows = str(town["township"].center.papers.show(case_no, "receipt", CLERK))
    assert all(name in rows for name in names) and "电子件" in rows and "纸质原件" in rows


def test_paper_on_its_way_is_shown_as_declared(town: Town) -> None:
    case_no = asked(town)
    town.cut()
    town.act("village", case_no, "supply_correction", AGENT, papers="0:2")
    row = there(view(town, "village", case_no)["correction"])["rows"][0]
    assert row["sent"] is not None and row["sent"]["copies"] == 2
    town.heal()


def test_what_is_still_wanting_is_asked_once_more_and_answered_again(town: Town) -> None:
    case_no = asked(town)
    put(town, "village", case_no, NEW)
    town.act("village", case_no, "supply_correction", AGENT)
    town.heal()
    town.act("township", case_no, "repeat_request", CLERK, content="还是看不清", materials="0", due="2026-03-25")
    town.heal()
    found = view(town, "village", case_no)
    assert (found["status"], there(found["correction"])["again"], there(found["correction"])["due"]) == (
        "awaiting_correction",
        True,
        "2026-03-25",
    )
    with pytest.raises(TongbanError, match="guard_failed"):
        town.act("village", case_no, "supply_correction", AGENT)
    put(town, "village", case_no, NEW + b"sharp")
    town.act("village", case_no, "supply_correction", AGENT)
    town.heal()
    assert [one["state"] for one in view(town, "township", case_no)["materials"][0]["files"]] == ["here"] * 3
    assert "repeat_request" not in town.offered("township", case_no, CLERK)
    with pytest.raises(TongbanError, match="guard_failed"):
        town.act("township", case_no, "repeat_request", CLERK, content="再补", materials="0")


def test_written_while_the_line_is_down_it_goes_when_it_is_back(town: Town) -> None:
    case_no = asked(town)
    town.cut()
    put(town, "village", case_no, NEW)
    town.act("village", case_no, "supply_correction", AGENT)
    assert there(view(town, "village", case_no)["correction"])["state"] == "asked"
    assert view(town, "township", case_no)["status"] == "awaiting_correction"
    town.heal()
    assert view(town, "township", case_no)["status"] == "submitted"
