"""A revoked node: how it learns of it, what it still does, and what it says; and the node below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.cases.documents import TrackerRow
from node.domain.words.errors import TongbanError
from node.running.operations import OPERATIONS
from node.services.tree import founding
from tests.support.network import AGENT, CLERK, FOUR, Town, four_tiers
from tests.support.there import there

NEWCOMER = ("420102002009", "某村", "village", ("127.0.0.1:1",), "127.0.0.1:2")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def revoke(town: Town, learns: str) -> None:
    """The district revokes the township, which hears of it over the open line or is refused at the next contact."""
    if learns == "by refusal":
        town.cut("township")
    town["district"].center.tree.revoke(FOUR["township"], "lost")
    town.heal()
    town.cut()  # what the line says afterwards is no news


def line(town: Town, name: str) -> str:
    return str(there(town[name].center.upkeep.pulse()["line"])["state"])


def refused() -> pytest.RaisesExc[TongbanError]:
    return pytest.raises(TongbanError, match=r"^revoked")


LEARNS = pytest.mark.parametrize("learns", ["by the entry", "by refusal"])


@LEARNS
def test_nothing_new_begins_at_a_revoked_node(town: Town, learns: str) -> None:
    center = town["township"].center
    document = town.application("township")
    kept = center.intake.file(document, CLERK).case_no
    draft = town.application("township")
    center.intake.file(draft, CLERK, draft=True)
    code = center.tree.invite(*NEWCOMER)
    revoke(town, learns)
    for _ in range(2):
        status = center.upkeep.status()
        assert status["node"]["revoked"] and not status["node"]["cut_off"] and line(town, "township") == "revoked"
        for one in (town.application("township"), draft):
            with refused():
                center.intake.file(one, CLERK)
        with refused():
            center.tree.invite(NEWCOMER[0][:-1] + "8", *NEWCOMER[1:])
        with refused():
            center.tree.redeem(founding.prepare_join(town.folder / "late", code).request)
        town["township"].restart()
        center = town["township"].center
    assert center.intake.file(document, CLERK).case_no == kept  # filed before: asked again, it is the same case
    assert town.offered("township", kept)  # and people go on with it
    answer: Any = OPERATIONS["case_file"](center, {"documents": [town.application("township")], "source": "default"})
    assert [error["code"] for error in answer["results"][0]["errors"]] == ["revoked"]


def test_nobody_is_told_that_what_waits_goes_up_when_the_line_is_back(town: Town) -> None:
    no = town.file("village")
    town.cut("village")
    assert tracker(town, no)[0]["why"] == "only_here"
    town.act("village", no, "hand_over")
    assert "line" in [row["why"] for row in tracker(town, no)]
    town["township"].center.tree.revoke(FOUR["village"], "lost")
    town.heal()
    whys = [row["why"] for row in tracker(town, no)]
    assert whys[0] == "kept_here" and "revoked" in whys and "line" not in whys
    stuck = town["village"].center.agent.home(AGENT)["stuck"]["rows"]
    assert [row["why"] for row in stuck] == ["revoked"]


def tracker(town: Town, case_no: str) -> list[TrackerRow]:
    return [row for row in town["village"].center.cases.case(case_no, AGENT)["tracker"] if row.get("why")]


@LEARNS
def test_a_revoked_node_that_wants_a_new_key_still_starts(town: Town, learns: str) -> None:
    """Found by the model: its change of key counted nowhere, not even with itself, and the key that did count was gone."""
    kept = town.file("township")
    revoke(town, learns)
    if learns == "by the entry":
        with refused():
            town["township"].center.tree.rotate_key()
    else:
        town["township"].center.tree.rotate_key()  # it cannot read in its journal where its word ends
    town["township"].restart()
    assert town["township"].status(kept) == "submitted" and line(town, "township") == "revoked"


@LEARNS
def test_a_node_below_says_what_it_knows(town: Town, learns: str) -> None:
    revoke(town, learns)
    assert line(town, "village") == ("cut_off" if learns == "by the entry" else "offline")
    node = town["village"].center.upkeep.status()["node"]
    assert (node["revoked"], node["cut_off"]) == (False, learns == "by the entry")
    assert town.file("village")


def test_a_parent_that_takes_the_link_again_has_forgotten_the_revocation(town: Town) -> None:
    """It came back from a backup made before; what it said holds until then, whatever else goes wrong with the line."""
    township, district = town["township"].center, town["district"].id
    for error, state in (
        ("refused here: this node was revoked by its parent", "offline"),
        ("refused by the peer: this node was revoked by its parent", "revoked"),
        ("nobody listens at 10.0.0.1:8801", "revoked"),
    ):
        township.inbound.on_link_state(district, False, error)
        assert line(town, "township") == state
    township.inbound.on_link_state(district, True, "")
    assert line(town, "township") == "online" and town.file("township")


def test_what_a_child_says_is_no_revocation(town: Town) -> None:
    refusal = "refused by the peer: this node was revoked by its parent"
    town["township"].center.inbound.on_link_state(town["village"].id, False, refusal)
    assert line(town, "township") == "online"
