"""What a node elsewhere in the tree says reaches a node that has never heard of it, with the entries that prove who speaks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from node.domain.model import Facts
from node.services.upkeep.backup import backup
from node.services.upkeep.verification import rebuild
from node.store.journal import Draft
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import DIRECTOR, Town

LAYOUT = "tree"


def ask(town: Town, asker: str, case_no: str) -> bytes:
    """A request, as a node leaves it that knows the number of a case."""
    draft = Draft("requested", "request", {"asked": "remind"}, subject=case_no, staff_id=DIRECTOR.staff_id)
    return town[asker].center.store.run(lambda tx: tx.journal.append(draft)).hash


def unproven(town: Town, name: str) -> list[tuple[str]]:
    with closing(sqlite3.connect(town[name].folder / "node.db")) as connection:
        return connection.execute("SELECT reason FROM evidence").fetchall()


def state(town: Town, name: str, request: bytes) -> str:
    with town[name].center.store.reading() as view:
        row = view.requests.get(request)
    return row.state if row is not None else ""


def settled(town: Town) -> None:
    town.heal()
    check_always(town, History())
    check_healed(town, History())


@pytest.mark.parametrize("asker", ["village2", "township2", "village3"])
def test_the_request_of_a_sibling_is_answered_by_whoever_holds_the_case(town: Town, asker: str) -> None:
    no = town.file("village")
    town.heal()
    request = ask(town, asker, no)
    settled(town)
    for name in ("village", "township", "district"):
        assert (unproven(town, name), state(town, name, request)) == ([], "done"), name


@pytest.mark.parametrize("asker", ["village2", "township2", "village3", "village", "township", "district", "city"])
def test_whoever_asked_learns_the_answer_though_the_case_never_comes_there(town: Town, asker: str) -> None:
    no = town.file("village")
    town.heal()
    request = ask(town, asker, no)
    town.settle()
    settled(town)
    assert state(town, asker, request) == "done"
    with town["village"].center.store.reading() as view:
        told = view.connection.execute("SELECT count(*) FROM notes WHERE kind='request_answered'").fetchone()[0]
    assert told == (asker in ("village2", "township2", "village3"))  # who has the case sees it there
    town[asker].restart()
    assert rebuild(town[asker].center.store) and state(town, asker, request) == "done"


def test_an_answer_that_was_forgotten_in_a_restore_comes_back(town: Town, tmp_path: Path) -> None:
    no = town.file("village")
    town.heal()
    backup(town["village3"].center.store, copy := tmp_path / "copy.tgz")
    request = ask(town, "village3", no)
    town.heal()
    town.burn("village3", copy)
    settled(town)
    assert state(town, "village3", request) == "done"


@pytest.mark.parametrize("liar", ["township2", "village2"])
def test_who_does_not_hold_the_case_answers_nobody(town: Town, liar: str) -> None:
    """Its word about a request is believed by nobody who can know better, and not where the request is not its addressee's."""
    no = town.file("village")
    town.heal()
    town.cut("village")
    request = ask(town, "village3", no)
    said: Facts = {"to": (town["village2"].center.place.code,), "request": request, "outcome": "declined", "answer": bytes(32)}
    town[liar].center.store.run(
        lambda tx: tx.journal.append(Draft("request_answered", "note", said, subject=no, staff_id="s-liar"))
    )
    town.settle()
    for name in ("village2", "village3", "township", "district"):
        assert state(town, name, request) in ("", "pending"), name
    settled(town)
    assert state(town, "village3", request) == "done"


def test_the_key_of_a_sibling_may_change_before_and_after_it_is_known(town: Town) -> None:
    no = town.file("village")
    town["village3"].center.tree.rotate_key()
    town.heal()
    asked = [ask(town, "village3", no)]
    settled(town)
    town["village3"].center.tree.rotate_key()
    town["township2"].center.tree.rotate_key()
    asked.append(ask(town, "village3", no))
    asked.append(ask(town, "township2", no))
    settled(town)
    assert unproven(town, "village") == [] and [state(town, "village", one) for one in asked] == ["done"] * 3


def test_what_a_sibling_says_after_it_was_revoked_counts_nowhere(town: Town) -> None:
    no = town.file("village")
    ask(town, "village3", no)
    settled(town)
    town.cut("village3")
    town["district"].center.tree.revoke(town["village3"].center.place.code, "test")
    late = ask(town, "village3", no)
    town.heal()
    for name in ("village", "township"):
        with town[name].center.store.reading() as view:
            assert view.trust.is_revoked(town["village3"].id), name
        assert state(town, name, late) == ""
