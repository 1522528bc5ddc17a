"""A node that came back from a backup gets back what it asked, in its own words, and then nobody waits for anything.

And requests beyond what one turn of the writer answers are answered in the next turns, with or without a line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.app import assemble
from node.services.center import Center
from node.services.upkeep.backup import backup
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import AGENT, CLERK, DIRECTOR, Town, four_tiers

FILE = b"\x89PNG\r\n\x1a\n".ljust(1001, b".")  # as long as the application says


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "town")
    yield made
    made.close()


def at_rest(town: Town, *burnt: str) -> None:
    """Heal; the invariants hold and nobody waits for anything."""
    history = History(restored=set(burnt))
    town.heal()
    check_always(town, history)
    check_healed(town, history)
    for node in town.nodes.values():
        status = node.center.upkeep.status()
        waiting = [(link["peer"], link["waiting"]) for link in status["links"] if link["waiting"]]
        assert (status["wanted"], waiting) == (0, []), node.name


def burn(town: Town, name: str, tmp_path: Path) -> None:
    town.burn(name, tmp_path / f"{name}.copy")


def keep(town: Town, name: str, tmp_path: Path) -> None:
    backup(town[name].center.store, tmp_path / f"{name}.copy")


def words(town: Town, name: str, request: str) -> bool:
    """Whether what a request says is here, its file too."""
    with town[name].center.store.reading() as view:
        row = view.requests.get(bytes.fromhex(request))
        assert row is not None, f"{name} does not know the request"
        named = view.connection.execute(
            "SELECT r.hash FROM object_refs r JOIN entries e ON e.case_no=r.case_no WHERE e.hash=? AND (r.hash=e.body_hash OR"
            " instr(e.header, r.hash))",
            (row.id,),
        ).fetchall()
        return bool(named) and all(view.objects.size(hash) is not None for (hash,) in named)


def state(town: Town, name: str, request: str) -> str:
    return str(town[name].center.cases.request(request, DIRECTOR)["request"]["state"])


def lost_words(town: Town, name: str) -> int:
    """Bodies of its own that `verify` says a node lost with its disk, which is no fault of its store."""
    checked = town[name].center.upkeep.verify()
    assert checked["ok"], checked["problems"]
    return len(checked["losses"])


def on_its_way(town: Town, *, scans: bool = False) -> str:
    """A case that the village has handed over and the hall cannot take, because its contents do not come: on no line, or only not
    from the village."""
    no = town.file("village")
    town.heal()
    town.scans(scans)
    town.lines["village"].objects_up = False
    town.do("village", no, "hand_over", AGENT)
    town.heal()
    return no


@pytest.mark.parametrize("asker", ["city", "district"])
def test_a_restored_node_gets_back_its_words_though_the_case_is_on_its_way(town: Town, tmp_path: Path, asker: str) -> None:
    """The case is nobody's when the request comes back: the side to ask is that of the giver and of the target."""
    keep(town, asker, tmp_path)
    no = on_its_way(town, scans=True)
    asked = town.do(asker, no, "remind")["request"]["id"]
    town.heal()
    assert words(town, "township", asked) and not words(town, "village", asked)
    burn(town, asker, tmp_path)
    town.heal()
    assert words(town, asker, asked)
    town.scans(True)
    at_rest(town, asker)
    assert lost_words(town, asker) == 0


@pytest.mark.parametrize("asker", ["city", "district", "township"])
@pytest.mark.parametrize("first", ["village", "district"])
def test_words_that_nobody_has_any_more_keep_nobody_waiting(town: Town, tmp_path: Path, asker: str, first: str) -> None:
    """Asked of a case on its way while no contents came, then the asker's disk burned: a finding, and an answer."""
    no = on_its_way(town)
    keep(town, asker, tmp_path)
    asked = town.do(asker, no, "remind")["request"]["id"]
    town.heal()
    burn(town, asker, tmp_path)
    town.scans(True)
    town.connect(first)
    town.settle()
    at_rest(town, asker)
    assert not words(town, asker, asked)
    assert lost_words(town, asker) == 1
    assert {state(town, name, asked) for name in town.nodes} == {"done"}


def test_a_request_of_the_one_to_whom_the_case_is_going_is_answered_after_its_restore(town: Town, tmp_path: Path) -> None:
    """Its own words were wanted from nobody, for ever."""
    no = on_its_way(town)
    keep(town, "township", tmp_path)
    asked = town.do("township", no, "withdraw")["request"]["id"]
    town.heal()
    burn(town, "township", tmp_path)
    town.heal()
    town.scans(True)
    at_rest(town, "township")
    assert {state(town, name, asked) for name in town.nodes} <= {"done", "declined"}


def test_a_restored_node_gets_back_the_file_that_it_sent(town: Town, tmp_path: Path) -> None:
    no = town.file("township", actor=CLERK)
    for action in ("accept", "complete_step"):
        town.do("township", no, action)
    town.heal()
    keep(town, "city", tmp_path)
    town.lines["township"].objects_up = False
    town.do("township", no, "refer")
    town.heal()
    sent: Any = town["city"].center.materials.put(no, "0", DIRECTOR, 0, FILE, len(FILE), "a.png", "image/png")
    town.heal()
    burn(town, "city", tmp_path)
    town.heal()
    assert words(town, "city", sent["request"]["id"])
    town.scans(True)
    at_rest(town, "city")


def test_words_are_looked_for_on_every_side(town: Town, tmp_path: Path) -> None:
    """The hall asked; the district that the case went to lost its disk too, and only the village still has the words."""
    no = town.file("village")
    keep(town, "township", tmp_path)
    keep(town, "district", tmp_path)
    town.heal()
    asked = town.do("township", no, "remind")["request"]["id"]
    town.heal()
    for name in ("district", "township"):
        burn(town, name, tmp_path)
    town.connect("township", "district")
    town.settle()
    at_rest(town, "township", "district")
    assert words(town, "township", asked) and words(town, "village", asked)


def test_nobody_waits_for_a_node_that_was_revoked(town: Town) -> None:
    """A hall waits for contents of a village whose trust ends: they are lost, as if its disk had burned."""
    no = on_its_way(town)
    asked = town.do("village", no, "remind")["request"]["id"]
    town.heal()
    assert town["township"].center.upkeep.status()["wanted"]
    town["township"].center.tree.revoke(town["village"].center.place.code, "lost")
    town.cut("village")
    town.scans(True)
    for _ in range(3):
        town.connect("township", "district")
        town.settle()
    for name in ("township", "district", "city"):
        status = town[name].center.upkeep.status()
        assert (status["wanted"], [link["waiting"] for link in status["links"] if link["peer"] != town["village"].center.place.code
                                   and link["waiting"]]) == (0, []), name  # fmt: skip
    assert asked


# more requests than one turn answers


MANY = 40


def pile_up(town: Town, asker: str, no: str, count: int = MANY) -> list[str]:
    return [town.do(asker, no, "remind")["request"]["id"] for _ in range(count)]


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_all_are_answered_when_the_case_has_ended(town: Town, restarted: bool) -> None:
    """They wait for a case on its way; who takes it answers the withdrawal first, and then nothing else moves the case there."""
    no = on_its_way(town, scans=True)
    asked = [town.do("district", no, "withdraw")["request"]["id"], *pile_up(town, "district", no)]
    town.heal()
    assert {state(town, "township", one) for one in asked} == {"pending"}
    town.cut("township")
    hall = town["township"]
    hall.center.store.writer.prompt = not restarted  # the power goes before the second turn
    town.scans(True)
    town.settle()
    assert hall.status(no) in ("withdrawn", "in_transit")
    if restarted:
        assert "pending" in {state(town, "township", one) for one in asked}
        town.cut()
        hall.restart()
        hall.center.store.catch_up()
    assert {state(town, "township", one) for one in asked} <= {"done", "declined"}
    at_rest(town)
    assert {state(town, name, one) for name in town.nodes for one in asked} <= {"done", "declined"}
    with town["village"].center.store.reading() as view:
        case = view.cases.get(no)
        assert case is not None and (case.status, case.custodian) == ("withdrawn", town["village"].id)


def test_a_node_with_a_thread_goes_on_by_itself_after_a_restart(town: Town) -> None:
    """Its timers look; no line is up, nobody works."""
    no = on_its_way(town, scans=True)
    asked = pile_up(town, "district", no)
    town.heal()
    town.cut("township")
    hall = town["township"]
    hall.center.store.writer.prompt = False
    town.scans(True)
    town.settle()
    town.cut()
    hall.center.store.close()
    threaded = assemble(hall.folder, hall.clock)
    try:
        assert pending(threaded, no)
        threaded.tick()
        deadline, pause = time.monotonic() + 20, threading.Event()
        while pending(threaded, no):
            assert time.monotonic() < deadline
            pause.wait(0.02)
    finally:
        threaded.store.close()
        hall.reopen()
    at_rest(town)
    assert {state(town, name, one) for name in town.nodes for one in asked} <= {"done", "declined"}


def pending(center: Center, no: str) -> int:
    with center.store.reading() as view:
        return len(view.requests.of_case(no, "pending"))


def test_asked_while_the_line_was_down_of_a_case_that_ended_meanwhile(town: Town) -> None:
    no = town.file("village")
    town.heal()
    town.cut("village")
    asked = pile_up(town, "township", no)
    town.do("village", no, "withdraw", AGENT)
    at_rest(town)
    assert {state(town, name, one) for name in ("village", "township") for one in asked} <= {"done", "declined"}
