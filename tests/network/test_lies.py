"""A lie about a case that a custodian signs with its good key: whose fault `verify` says it is, and what it never hides."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from federation.protocol.envelope import CaseStamp
from node.domain.model import NewEvent
from node.domain.upkeep.documents import Verified
from node.services.upkeep.verification import rebuild
from node.store.store import Tx
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.hostile import Hostile
from tests.support.network import DIRECTOR, Town


def lie(town: Town, name: str, case_no: str, prev: bytes) -> None:
    """The node signs the next version of a case on an entry that is not the last one."""

    def write(tx: Tx) -> None:
        case = tx.cases.get(case_no)
        assert case is not None
        event = NewEvent("counselled", {"topic": "general"}, case.status, case.custodian, case.term)
        tx.journal.append_event(case_no, case.version + 1, prev, event, staff_id="s-lie-nothing")

    town[name].center.store.run(write)


def at_the_township(town: Town) -> str:
    """A case of the village, held by the township: five versions."""
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over")
    town.heal()
    town.do("township", case_no, "receive")
    town.heal()
    return case_no


def verified(town: Town, name: str) -> Verified:
    return town[name].center.upkeep.verify()


def gaps(outcome: Verified) -> set[tuple[str, int]]:
    """The case events said to continue nothing, by version."""
    return {("case_gap", int(one["what"].split()[1])) for one in outcome["problems"] if one["code"] == "case_gap"}


def findings(town: Town, name: str) -> list[tuple[str, bytes]]:
    with town[name].center.store.reading() as view:
        return view.connection.execute("SELECT kind, author FROM findings").fetchall()


def without(town: Town, name: str, statement: str) -> None:
    """Somebody changes the database of a node while it is off."""
    folder: Path = town[name].folder
    for child, line in town.lines.items():
        if name in (child, line.parent):
            line.cut()
    town[name].center.store.close()
    with closing(sqlite3.connect(folder / "node.db")) as database:
        assert database.execute(statement).rowcount == 1
        database.commit()
    town[name].reopen()


@pytest.mark.parametrize("older", [False, True])
def test_a_lie_is_a_finding_about_its_author_and_no_problem_of_who_stores_it(town: Town, older: bool) -> None:
    case_no = at_the_township(town)
    with town["township"].center.store.reading() as view:
        prev = view.cases.entries(case_no)[0].event.hash if older else bytes(32)
    lie(town, "township", case_no, prev)
    town.do("township", case_no, "accept")
    town.heal()
    check_always(town, History())
    check_healed(town, History())
    for name in town.nodes:
        outcome = verified(town, name)
        assert (outcome["problems"], outcome["findings"]) == ([], 1), name
        assert findings(town, name) == [("case_gap", town["township"].id)], name


@pytest.mark.parametrize("made_anew", [False, True])
def test_a_deleted_predecessor_is_a_problem_whatever_somebody_lied_before(town: Town, made_anew: bool) -> None:
    """At the village, which need not hold every entry of the township: nothing but the case shows that one is gone."""
    case_no = at_the_township(town)
    lie(town, "township", case_no, bytes(32))
    town.do("township", case_no, "accept")
    town.heal()
    without(town, "village", f"DELETE FROM entries WHERE case_no='{case_no}' AND kind='custody_taken'")
    if made_anew:
        rebuild(town["village"].center.store)
    assert ("case_gap", 4) in gaps(verified(town, "village"))


def test_a_head_that_was_deleted_before_its_successor_came_was_here(town: Town) -> None:
    case_no = at_the_township(town)
    without(town, "village", f"DELETE FROM entries WHERE case_no='{case_no}' AND version=5")  # the head
    town.do("township", case_no, "accept")
    town.heal()
    assert ("case_gap", 6) in gaps(verified(town, "village"))


def test_what_only_came_early_is_no_finding_when_its_predecessor_has_come(town: Town) -> None:
    case_no = at_the_township(town)
    hostile = Hostile(town["township"], town["district"])
    with town["township"].center.store.reading() as view:
        case = view.cases.get(case_no)
    assert case is not None
    stamp = CaseStamp(case_no, case.version + 1, case.head, case.term, case.status, case.custodian)
    first = hostile.signed("counselled", "case", {}, stamp)
    second = hostile.signed("counselled", "case", {}, stamp._replace(version=case.version + 2, prev=hostile.prev))
    hostile.send(second)
    assert ("case_gap", town["township"].id) in findings(town, "district")
    assert not gaps(verified(town, "district"))
    hostile.send(first)
    assert ("case_gap", town["township"].id) not in findings(town, "district")
    assert town["district"].center.cases.case(case_no, DIRECTOR)["version"] == case.version + 2


def test_who_takes_a_case_of_a_node_that_was_revoked_unheard_is_accused_of_nothing(town: Town) -> None:
    """An ancestor revokes the village while the line is down, so it keeps the village's offer apart; the township, which has not
    heard of it, goes on from that offer."""
    case_no = town.file("village", application_no="A1")
    town.heal()
    town.cut("township")
    town["district"].center.tree.revoke(town["village"].center.place.code, "gone")
    town.do("village", case_no, "hand_over")
    town.settle()
    town.do("township", case_no, "receive")
    town.connect("township")
    town.heal()
    for name in ("township", "district", "city"):
        assert ("case_gap", town["township"].id) not in findings(town, name), name
        assert not gaps(verified(town, name)), name
