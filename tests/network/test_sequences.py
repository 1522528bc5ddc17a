"""One pinned sequence for each deliberate bug of `scripts/mutants.py`; each passes here and fails with its bug patched in."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from node.domain.model import NewEvent
from node.domain.words.errors import TongbanError
from node.services.cases.custody import write_events
from node.services.upkeep.backup import backup, restore
from node.store.store import Tx
from tests.network.editing import EDITOR
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.network.knowledge import check_known
from tests.network.test_heard import HOUR, pass_time, said, unknown, until
from tests.support.network import AGENT, CLERK, DIRECTOR, PowerCut, Town


def proof(town: Town, *restored: str, **confirmed: str) -> None:
    """Heal, and ask every invariant."""
    history = History({("village", number): case_no for number, case_no in confirmed.items()}, restored=set(restored))
    check_always(town, history)
    town.heal()
    check_always(town, history)
    check_healed(town, history)


def fails_once(town: Town, name: str, error: BaseException, stage: str = "before_commit", skip: int = 0) -> None:
    """The next commit but `skip` of a node fails."""
    writer = town[name].center.store.writer
    left = [skip]

    def fault(at: str) -> None:
        if at == stage:
            left[0] -= 1
            if left[0] < 0:
                writer.fault = None
                raise error

    writer.fault = fault


def power_back(town: Town, name: str) -> None:
    town[name].center.store.close()
    for child, line in town.lines.items():
        if name in (child, line.parent):
            line.cut("power cut")
    town[name].reopen()


def test_nothing_is_acknowledged_before_it_is_committed(town: Town) -> None:
    case_no = town.file("village", application_no="A1")
    line = town.lines["village"]
    line.pump()
    fails_once(town, "township", sqlite3.OperationalError("database or disk is full"))
    while line.step():
        pass
    check_always(town, History())
    proof(town, A1=case_no)


def test_nothing_is_sent_before_it_is_committed(town: Town) -> None:
    writer = town["village"].center.store.writer
    line = town.lines["village"]

    def fault(at: str) -> None:
        if at == "before_commit":
            writer.fault = None
            line.pump()
            raise sqlite3.OperationalError("database or disk is full")

    writer.fault = fault
    with pytest.raises(TongbanError, match="disk_full"):
        town.file("village", application_no="A1")
    while line.step():
        pass
    case_no = town.file("village", item="ZW001", application_no="A2")
    proof(town, A2=case_no)


def test_a_take_begins_a_new_term(town: Town) -> None:
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over", AGENT)
    proof(town, A1=case_no)
    with town["township"].center.store.reading() as view:
        case = view.cases.get(case_no)
    assert case is not None
    assert (case.term, case.custodian) == (2, town["township"].id)


def test_the_watermark_moves_with_the_entries(town: Town) -> None:
    """Whichever commit of the township the power meets while a batch comes in."""
    line = town.lines["village"]
    confirmed = {}
    for skip in range(8):
        confirmed[f"A{skip}"] = town.file("village", application_no=f"A{skip}")
        town.connect()
        line.pump()
        fails_once(town, "township", PowerCut("township"), skip=skip)
        try:
            while line.step():
                pass
        except PowerCut:
            power_back(town, "township")
        town["township"].center.store.writer.fault = None
        check_always(town, History())
    proof(town, **confirmed)


def test_custody_is_taken_with_all_bodies(town: Town) -> None:
    line = town.lines["village"]
    line.objects_up = False
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over", AGENT)
    town.settle()
    with town["township"].center.store.reading() as view:
        case = view.cases.get(case_no)
    assert case is not None
    assert case.custodian != town["township"].id, "taken without the papers"
    line.objects_up = True
    proof(town, A1=case_no)
    assert town["township"].center.cases.case(case_no, CLERK)["custodian"] == town["township"].center.place.code


def test_an_event_must_name_the_entry_before_it(town: Town) -> None:
    """A village with a fault signs, in its own good chain, the next version of a case on an entry that is not the last one."""
    case_no = town.file("village", application_no="A1")
    town.heal()

    def slip(tx: Tx) -> None:
        case = tx.cases.get(case_no)
        assert case is not None
        event = NewEvent("counselled", {"topic": "general"}, case.status, case.custodian, case.term)
        tx.journal.append_event(case_no, case.version + 1, bytes(32), event, staff_id="s-fault")

    town["village"].center.store.run(slip)
    town.heal()
    for name in town.nodes:
        with town[name].center.store.reading() as view:
            assert len(view.cases.entries(case_no)) == 2, name
            case = view.cases.get(case_no)
        assert case is not None and (case.version, case.unknown_kinds) == (1, ()), name
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    check_always(town, History())
    assert {town[name].status(case_no) for name in town.nodes} == {"in_transit"}


def test_a_restored_node_opens_a_new_epoch(town: Town, tmp_path: Path) -> None:
    backup(town["village"].center.store, tmp_path / "village.zip")
    first = town.file("village", application_no="A1")
    town.heal()
    town.cut()
    town["village"].center.store.close()
    shutil.rmtree(town["village"].folder)
    restore(tmp_path / "village.zip", town["village"].folder, town["village"].clock, entropy=town.world.entropy)
    town["village"].reopen()
    second = town.file("village", item="ZW001", application_no="A2")
    assert first != second
    proof(town, "village", A1=first, A2=second)


def test_a_request_is_answered_once(town: Town) -> None:
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    town.cut("village")
    answer = town["village"].center.cases.act(case_no, "remind", {}, AGENT)
    assert answer.status == 202
    town.do("township", case_no, "receive")
    proof(town, A1=case_no)
    town.world.advance(60_000)
    town.do("township", case_no, "accept")
    proof(town, A1=case_no)
    request = town["village"].center.cases.request(answer.asked, AGENT)["request"]
    assert request["state"] in ("done", "declined")


def test_an_application_filed_again_is_the_first_case(town: Town) -> None:
    document = town.application("village", application_no="A1")
    fails_once(town, "village", PowerCut("village"), stage="after_commit")
    with pytest.raises(PowerCut):
        town["village"].center.intake.file(document, AGENT)
    power_back(town, "village")
    again = town["village"].center.intake.file(document, AGENT)
    third = town["village"].center.intake.file(document, AGENT)
    assert (again.case_no, again.created, third.case_no) == (third.case_no, False, again.case_no)
    proof(town, A1=again.case_no)


def test_a_restored_custodian_waits_until_its_neighbours_have_spoken(town: Town, tmp_path: Path) -> None:
    """The township is restored to when it held a case that it has since referred upward."""
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step"):
        town.do("township", case_no, action)
    town.heal()
    backup(town["township"].center.store, tmp_path / "township.zip")
    town.do("township", case_no, "refer")
    town.heal()
    town.cut()
    town["township"].center.store.close()
    shutil.rmtree(town["township"].folder)
    restore(tmp_path / "township.zip", town["township"].folder, town["township"].clock, entropy=town.world.entropy)
    town["township"].reopen()
    check_always(town, History())
    with pytest.raises(TongbanError, match="frozen"):
        town.act("township", case_no, "refer", DIRECTOR, opinion="再次上报")
    proof(town, A1=case_no)
    assert town["township"].center.cases.case(case_no, DIRECTOR)["custodian"] == town["district"].center.place.code


def test_what_is_known_has_come(town: Town) -> None:
    """An entry of the village does not reach the city (its disk lost the row); words that came later make nobody know the village."""
    pass_time(town, HOUR)
    known = until(town, "city", "village")
    town.file("village")
    said(town)

    def lose(tx: Tx) -> None:
        row = tx.author_row(town["village"].id)
        tx.connection.execute("DELETE FROM entries WHERE arrival=(SELECT max(arrival) FROM entries WHERE author=?)", (row,))

    town["city"].center.store.run(lose)
    pass_time(town, HOUR)
    assert until(town, "city", "village") == known and until(town, "township", "village") != known
    check_known(town, History())


def test_an_idle_line_says_so(town: Town) -> None:
    pass_time(town, 2 * HOUR)
    for at in ("city", "district", "township"):
        assert unknown(town, at) == set()


def test_a_restored_root_gives_no_number_to_two_documents(town: Town, tmp_path: Path) -> None:
    """It published after its backup; its children know, and it does not."""
    backup(town["city"].center.store, tmp_path / "city.zip")
    town["city"].center.catalog.import_calendar(b"date,kind,name\n2026-04-11,off,x\n", EDITOR, replace=True)
    town.heal()
    town.burn("city", tmp_path / "city.zip")
    with suppress(TongbanError):
        town["city"].center.catalog.import_calendar(b"date,kind,name\n2026-04-12,off,x\n", EDITOR, replace=True)
    proof(town, "city")
    assert (
        town["city"].center.catalog.import_calendar(b"date,kind,name\n2026-04-13,off,x\n", EDITOR, replace=True)["revision"] == 3
    )
    proof(town, "city")


def test_a_kind_that_nobody_knows_does_not_keep_a_case_from_its_way(town: Town) -> None:
    case_no = town.file("village", application_no="A1")
    town.do("village", case_no, "hand_over")
    town.heal()
    town.do("township", case_no, "receive", CLERK)

    def later(tx: Tx) -> None:
        case = tx.cases.get(case_no)
        assert case is not None
        write_events(tx, case, [NewEvent("mediated", {}, case.status, case.custodian, case.term)], CLERK)

    town["township"].center.store.run(later)
    town.heal()
    with pytest.raises(TongbanError, match="needs_upgrade"):
        town.act("township", case_no, "accept", CLERK)
    town.do("township", case_no, "withdraw", CLERK)
    proof(town, A1=case_no)
    assert town["village"].center.cases.case(case_no, DIRECTOR)["custodian"] == town["village"].center.place.code


def test_what_a_clock_claims_counts_no_further_than_it_is_borne_out(town: Town) -> None:
    case_no = town.file("township")
    town.heal()
    town.world.advance(3 * 86_400_000)
    town.file("township")
    town.heal()  # a receipt of today
    town["township"].clock.skew = -3 * 86_400_000
    town.do("township", case_no, "accept", CLERK)
    town.heal()
    for name in ("city", "district", "township"):
        document = town[name].center.cases.case(case_no, DIRECTOR)
        assert "L01" in {one["rule"] for one in document["findings"]}, name
    town["township"].clock.skew = 0
    proof(town)
