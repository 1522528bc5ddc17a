"""Messages on a case between nodes: whoever is addressed gets the words, those between carry them for a while, nobody else has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node.domain.model import Actor, Role
from node.domain.notes import MESSAGE
from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup
from node.store import carriage
from node.store.journal import Draft
from tests.network.test_siblings import settled
from tests.support.network import CLERK, Town

WORDS = "住户白天不在家，请下午五点后再上门核对门牌"
PERSON = Actor("s-clerk", Role.CLERK, "李梅")
LAYOUT = "tree"


def at_township(town: Town) -> str:
    """A case of the village that the township has received."""
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    town.do("township", no, "receive", CLERK)
    town.heal()
    return no


def write(town: Town, name: str, no: str, to: list[str], text: str = WORDS) -> str:
    person = PERSON if town[name].center.place.tier != "village" else Actor("s-agent", Role.AGENT, "王站长")
    return town[name].center.messages.write(no, to, text, person)["id"]


def listed(town: Town, name: str, no: str) -> list[dict[str, Any]]:
    return list(town[name].center.messages.listing(no, Actor("d", Role.DIRECTOR))["messages"])  # type: ignore[arg-type]


def test_a_township_writes_to_its_sibling_which_answers_with_lines_down_and_back(town: Town) -> None:
    no = at_township(town)
    town.cut("township2")
    write(town, "township", no, [town.code("township2")])
    town.settle()
    assert town.holders(WORDS) == {"township", "district"}  # the words wait with who carries them
    (mine,) = listed(town, "township", no)
    assert (mine["text"], mine["acknowledged"], mine["ours"]) == (WORDS, {}, True)
    settled(town)
    assert town.holders(WORDS) == {"township", "township2"}  # and are gone there when they have come
    (got,) = listed(town, "township2", no)
    assert (got["text"], got["from"]["node"], got["from"]["staff_name"]) == (WORDS, town.code("township"), "李梅")
    assert list(listed(town, "township", no)[0]["acknowledged"]) == [town.code("township2")]
    with town["township2"].center.store.reading() as view:
        assert view.cases.get(no) is None  # no part of the case
    write(town, "township2", no, ["all"], "好的，明天下午去")
    settled(town)
    assert [one["text"] for one in listed(town, "township", no)] == ["好的，明天下午去", WORDS]
    assert town.holders("明天下午去") == {"township", "township2"}


def test_to_all_are_the_offices_of_the_case_and_nobody_else_has_the_words(town: Town) -> None:
    no = at_township(town)
    write(town, "township", no, ["all"])
    settled(town)
    assert town.holders(WORDS) == {"township", "village"}
    for name in ("district", "city", "village2", "township2"):
        with pytest.raises(TongbanError, match="not_found") if name[-1] == "2" else pytest.raises(AssertionError):
            assert listed(town, name, no)


def test_who_does_not_hold_the_case_writes_to_its_offices_only(town: Town) -> None:
    no = at_township(town)
    with pytest.raises(TongbanError, match="guard_failed"):
        write(town, "village", no, [town.code("township2")])
    write(town, "village", no, [town.code("township")])
    settled(town)
    assert [one["text"] for one in listed(town, "township", no)] == [WORDS]


@pytest.mark.parametrize(
    ("to", "text", "field"),
    [
        (["420199999999"], WORDS, {"to": "unknown_division"}), ([], WORDS, {"to": "missing"}), (["x"], WORDS, {"to": "not_a_code"}),
        (["own"], WORDS, {"to": "own_node"}), (["all"], " \n", {"text": "blank"}), (["all"], "长" * 2001, {"text": "too_long"}),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_sent_says_why(town: Town, to: list[str], text: str, field: dict[str, str]) -> None:
    no = at_township(town)
    with pytest.raises(TongbanError) as refused:
        write(town, "township", no, [town.code("township") if one == "own" else one for one in to], text)
    assert refused.value.fields == field
    settled(town)


def test_a_case_that_is_over_can_still_be_written_about(town: Town) -> None:
    no = at_township(town)
    town.act("township", no, "not_required", reason="不属于行政许可")
    town.heal()
    write(town, "village", no, ["all"])
    settled(town)
    assert [one["text"] for one in listed(town, "township", no)] == [WORDS]


def test_an_office_whose_machine_is_replaced_gets_what_waited_for_it(town: Town) -> None:
    no = at_township(town)
    town.cut("village3")
    write(town, "township", no, [town.code("village3")])
    town["township2"].center.tree.revoke(town.code("village3"), "other")
    town.settle()
    town.nodes.pop("village3").center.store.close()
    town.lines.pop("village3")
    town.child("village4", "township2", "420102003001", "village")
    settled(town)
    assert [one["text"] for one in listed(town, "village4", no)] == [WORDS]
    assert town.holders(WORDS) == {"township", "village4"}


@pytest.mark.parametrize("burnt", ["township", "district", "township2"])
def test_after_a_restore_a_message_is_where_it_belongs_and_nothing_is_asked_for_ever(
    town: Town, burnt: str, tmp_path: Path
) -> None:
    no = at_township(town)
    backup(town[burnt].center.store, tmp_path / "copy")
    write(town, "township", no, [town.code("township2")])
    town.heal()
    town.burn(burnt, tmp_path / "copy")
    settled(town)
    ends = {"township", "township2"}
    assert town.holders(WORDS) == ends - {burnt}  # who carried the words has deleted them: they burned with the disk
    assert {name: listed(town, name, no)[0]["words"] for name in ends} == {
        name: "lost" if name == burnt else "here" for name in ends
    }


@pytest.mark.parametrize("burnt", ["township", "village"])
def test_between_neighbours_the_words_come_back_after_a_restore(town: Town, burnt: str, tmp_path: Path) -> None:
    no = at_township(town)
    backup(town[burnt].center.store, tmp_path / "copy")
    write(town, "township", no, [town.code("village")])
    town.heal()
    town.burn(burnt, tmp_path / "copy")
    settled(town)
    assert town.holders(WORDS) == {"township", "village"}


def test_what_a_liar_sends_beyond_the_limit_is_a_finding_and_goes_no_further(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    no = at_township(town)
    monkeypatch.setattr(carriage, "OPEN_MOST", 3)
    monkeypatch.setattr(carriage, "CARRIED_MOST", 3)
    town.cut("township2")
    for _ in range(3):
        write(town, "township", no, [town.code("township2")])
    with pytest.raises(TongbanError, match="guard_failed"):
        write(town, "township", no, [town.code("township2")])
    draft = Draft(MESSAGE, "note", {"to": (town.code("township2"),)}, subject=no, staff_id="s-liar")
    town["township"].center.store.run(lambda tx: tx.journal.append(draft))
    town.heal()
    assert len(listed(town, "township2", no)) == 3
    with town["district"].center.store.reading() as view:
        found = view.connection.execute("SELECT author FROM findings WHERE kind=?", (carriage.TOO_MANY,)).fetchall()
    assert found == [(town["township"].id,)]
    write(town, "township", no, [town.code("township2")])  # those before have arrived
