"""The audit of legality at every tier: who may not decide decides nothing there, and is found out."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest

from federation.ports import WireEntry
from node.domain.cases.acts import IN_DOUBT
from node.domain.cases.documents import CaseDocument
from node.domain.model import Actor, Facts, NewEvent, Role
from node.services.tree.admission import admit
from node.services.upkeep.verification import rebuild
from node.store.store import Tx
from tests.network.editing import EDITOR, changed_item
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.hostile import Hostile
from tests.support.network import DIRECTOR, Town, fresh
from tests.support.usurper import doubted, flags, usurp

OVERSEER = Actor("s-overseer", Role.OVERSEER)

UP = ("village", "township", "district", "city")
ABOVE = UP[1:]


def usurped(town: Town) -> str:
    """A village decides a case itself."""
    case_no = town.file("village")
    usurp(town, "village", case_no, "accepted", "approved", "concluded")
    town.heal()
    return case_no


def documents(town: Town, case_no: str) -> dict[str, CaseDocument]:
    return {name: town[name].center.cases.case(case_no, DIRECTOR) for name in UP}


def counted(town: Town, name: str, measure: str) -> int:
    return sum(row["value"] for row in town[name].center.oversight.stats(OVERSEER, measure, "node", None, None)["rows"])


# a village decides -----------------------------------------------------------------------------------------------------


def test_a_village_that_decides_is_doubted_at_every_tier(town: Town) -> None:
    case_no = usurped(town)
    for name, document in documents(town, case_no).items():
        assert doubted(town, name, case_no) == 1, name
        assert document["status"] == "concluded", "status stays the chain's"
        assert document["label"] == "doubted", name
        assert {"beyond_tier", "decided_below", "not_in_table"} <= set(document["doubted"]), name
        assert {one["rule"] for one in document["findings"]} >= set(document["doubted"]), name
        assert all(one["node"] == town["village"].center.place.code for one in document["findings"])
        assert document["light"] != "none", "its clock runs on"


def test_findings_are_named_the_same_at_every_node(town: Town) -> None:
    case_no = usurped(town)
    named = {name: [one["finding_id"] for one in document["findings"]] for name, document in documents(town, case_no).items()}
    assert len({tuple(ids) for ids in named.values()}) == 1 and len(set(named["city"])) == len(named["city"])


def test_the_public_reads_that_it_is_being_checked(town: Town) -> None:
    made = town["village"].center.intake.file(town.application("village"), DIRECTOR)
    usurp(town, "village", made.case_no, "accepted", "approved", "concluded")
    town.heal()
    for name in UP:
        found = town[name].center.public.case(made.case_no, made.query_code)
        assert (found["status"], found["finished"], found["decided_at"]) == ("checking", False, None), name
        assert [row["why"] for row in found["tracker"] if row["state"] == "stuck"] == ["checking"], name
        assert not any(row["step"] == "decided" and row["state"] == "done" for row in found["tracker"]), name


def test_it_counts_as_open_and_as_no_decision(town: Town) -> None:
    usurped(town)
    for name in ABOVE:
        assert {one: counted(town, name, one) for one in ("filed", "decided", "concluded", "on_time")} == {
            "filed": 1, "decided": 0, "concluded": 0, "on_time": 0,
        }, name  # fmt: skip
        nodes = {row["code"]: row for row in town[name].center.oversight.nodes(DIRECTOR)["nodes"]}
        row = nodes[town["village"].center.place.code]
        assert row["findings"] == 6, row


def test_the_clock_of_a_case_in_doubt_runs_on(town: Town) -> None:
    """Who decides a case himself does not get out of its being overdue."""
    case_no = usurped(town)
    town.world.advance(30 * 86_400_000)
    town.heal()
    for name in ABOVE:
        assert counted(town, name, "overdue") == 1, name
        assert town[name].center.cases.case(case_no, DIRECTOR)["light"] in ("overdue", "red"), name


def test_verify_counts_it_as_findings_and_no_problem_of_the_store(town: Town) -> None:
    usurped(town)
    for name in UP:
        outcome = town[name].center.upkeep.verify()
        assert outcome["problems"] == [], name
        assert outcome["finding_kinds"]["beyond_tier"] == 3, name


def test_nobody_builds_on_it(town: Town) -> None:
    """A village writes an acceptance and hands the case over: the township may send it back or void it, and nothing else."""
    case_no = town.file("village")
    usurp(town, "village", case_no, "accepted")
    offer_as(town, "village", "township", case_no, "hand_over", "submitted")
    town.heal()
    town.do("township", case_no, "receive")
    offered = set(town.offered("township", case_no))
    assert {"hand_back", "void", "withdraw"} <= offered <= IN_DOUBT, offered
    town.do("township", case_no, "void")
    town.heal()
    for name in UP:
        assert doubted(town, name, case_no) == 0, name
        assert "beyond_tier" in flags(town, name, case_no), "the finding stays"


def offer_as(town: Town, name: str, to: str, case_no: str, purpose: str, resume: str) -> None:
    """A node offers its case with words of its own."""

    def write(tx: Tx) -> None:
        case = tx.cases.get(case_no)
        assert case is not None
        facts: Facts = {"target": town[to].id, "purpose": purpose, "resume_status": resume, "objects": case.bodies, "blobs": ()}
        tx.journal.append_event(
            case_no,
            case.version + 1,
            case.head,
            NewEvent("custody_offered", facts, "in_transit", b"", case.term),
            staff_id="s-usurper",
        )

    town[name].center.store.run(write)


@pytest.mark.parametrize("resume", ["approved", "concluded", "accepted"])
def test_a_status_written_in_an_offer_is_no_decision(town: Town, resume: str) -> None:
    """The township takes the case by itself, and with it the status that the village wrote into the offer."""
    case_no = town.file("village")
    offer_as(town, "village", "township", case_no, "refer", resume)
    town.heal()
    assert town["district"].status(case_no) == resume
    for name in UP:
        assert doubted(town, name, case_no) == 1, name


@pytest.mark.parametrize(
    "kind", ["received", "accepted", "deemed_accepted", "not_accepted", "terminated", "voided", "decided_at_once"]
)
def test_whatever_only_an_organ_does_is_doubted_when_a_village_does_it(town: Town, kind: str) -> None:
    case_no = town.file("village")
    usurp(town, "village", case_no, kind)
    town.heal()
    for name in UP:
        assert doubted(town, name, case_no) == 1, name


def test_a_stranger_to_a_case_is_found_out(town: Town) -> None:
    """It has no effect, and it is no slip either: nobody who goes by the rules writes it."""
    case_no = town.file("township")
    town.heal()
    usurp(town, "district", case_no, "accepted")
    town.heal()
    for name in ("district", "city"):
        assert town[name].status(case_no) == "submitted"
        assert (flags(town, name, case_no), doubted(town, name, case_no)) == (["not_custodian"], 0), name


# a township decides what the district decides -----------------------------------------------------------------------------


def test_a_township_that_decides_what_the_district_decides_is_doubted(town: Town) -> None:
    case_no = town.file("township")
    town.do("township", case_no, "accept")
    town.do("township", case_no, "complete_step")
    usurp(town, "township", case_no, "approved", "concluded")
    town.heal()
    for name in ABOVE:
        assert doubted(town, name, case_no) == 1, name
        assert flags(town, name, case_no) == ["decided_below"], name
        assert town[name].center.cases.case(case_no, DIRECTOR)["doubted"] == ["decided_below"], name


def test_an_undo_takes_the_doubt_back(town: Town) -> None:
    case_no = town.file("township")
    town.do("township", case_no, "accept")
    usurp(town, "township", case_no, "approved")
    usurp(town, "township", case_no, "undone", status="accepted")
    town.heal()
    for name in ABOVE:
        assert doubted(town, name, case_no) == 0, name
        assert "decided_below" in flags(town, name, case_no), name


def test_an_honest_case_is_clear_everywhere(town: Town) -> None:
    """Up to the district and home again."""
    case_no = town.file("village")
    for name, action in (
        ("village", "hand_over"), ("township", "receive"), ("township", "accept"), ("township", "complete_step"), ("township", "refer"),
        ("district", "complete_step"), ("district", "approve"), ("district", "conclude"),
    ):  # fmt: skip
        town.do(name, case_no, action)
        town.heal()
    for name in UP:
        assert (doubted(town, name, case_no), flags(town, name, case_no)) == (0, []), name
        assert counted(town, name, "concluded") == 1, name
    check_always(town, History())
    check_healed(town, History())


# what comes late -------------------------------------------------------------------------------------------------------


def of_an_overlay(town: Town, *usurps: str) -> str:
    """A case of an item version that only the township has, which is not yet above."""
    town["township"].center.catalog.import_csv(changed_item(3), EDITOR)
    case_no = town.file("township")
    town.do("township", case_no, "accept")
    usurp(town, "township", case_no, *usurps)
    return case_no


def test_a_decision_is_judged_when_the_item_comes_and_not_before(town: Town) -> None:
    town.scans(False)
    case_no = of_an_overlay(town, "approved")
    town.heal()
    for name in ("district", "city"):
        assert (doubted(town, name, case_no), flags(town, name, case_no)) == (2, ["unjudged", "unjudged"]), name
        document = town[name].center.cases.case(case_no, DIRECTOR)
        assert (document["doubted"], document["findings"], document["unjudged"]) == ([], [], True), "no finding yet"
        assert counted(town, name, "decided") == 0, "and nothing cleared"
    town.scans(True)
    town.heal()
    for name in ABOVE:
        assert (doubted(town, name, case_no), flags(town, name, case_no)) == (1, ["decided_below", "steps_skipped"]), name


def test_an_honest_decision_is_cleared_when_the_item_comes(town: Town) -> None:
    town["township"].center.catalog.import_csv(changed_item(3), EDITOR)
    case_no = town.file("township")
    for name, action in (
        ("township", "accept"), ("township", "complete_step"), ("township", "refer"), ("district", "complete_step"),
    ):  # fmt: skip
        town.do(name, case_no, action)
        if action == "refer":
            town.cut("district")
            town.settle()
    town.scans(False)
    town.do("district", case_no, "approve")
    town.heal()
    assert (doubted(town, "city", case_no), flags(town, "city", case_no)) == (2, ["unjudged", "unjudged"])
    town.scans(True)
    town.heal()
    assert (doubted(town, "city", case_no), flags(town, "city", case_no)) == (0, [])
    assert counted(town, "city", "decided") == 1


def test_a_calendar_that_comes_late_is_judged_by(town: Town) -> None:
    """Published before those days, while a line was down: two weeks are off, and the notice was in time."""
    case_no = town.file("township")
    town.cut("district")
    days = "".join(f"2026-03-{day:02d},off,x\n" for day in range(3, 12))
    town["city"].center.catalog.import_calendar(f"date,kind,name\n{days}".encode(), EDITOR, replace=True)
    town.world.advance(9 * 86_400_000)
    town.do("township", case_no, "accept")
    town.settle()
    assert flags(town, "district", case_no) == ["notice_late"]
    town.heal()
    for name in ABOVE:
        town[name].center.tick()
        assert flags(town, name, case_no) == [], name


def test_a_calendar_published_afterwards_excuses_nobody(town: Town) -> None:
    """What has been counted stays as people were told."""
    case_no = town.file("township")
    town.world.advance(9 * 86_400_000)
    town.do("township", case_no, "accept")
    town.heal()
    days = "".join(f"2026-03-{day:02d},off,x\n" for day in range(3, 12))
    town["city"].center.catalog.import_calendar(f"date,kind,name\n{days}".encode(), EDITOR, replace=True)
    town.heal()
    for name in ABOVE:
        town[name].center.tick()
        assert flags(town, name, case_no) == ["notice_late"], name


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_arrival_changes_nothing(town: Town, tmp_path: Any, seed: int) -> None:
    """Events, and the item they rest on, come to a node in any order."""
    other = fresh("chain", tmp_path / "other")
    try:
        case_no = of_an_overlay(town, "approved", "concluded")
        usurp(town, "township", case_no, "undone", status="approved")
        town.heal()
        with town["district"].center.store.reading() as view:
            entries = view.connection.execute("SELECT header, signature FROM entries WHERE case_no=?", (case_no,)).fetchall()
            case = view.cases.get(case_no)
            assert case is not None
            item = view.objects.get(case.item_hash)
            expected = sorted(view.connection.execute("SELECT * FROM marks").fetchall())
        assert item is not None and expected
        deliver(other, entries, item, random.Random(seed))
        with other["district"].center.store.reading() as view:
            assert sorted(view.connection.execute("SELECT * FROM marks").fetchall()) == expected
        assert doubted(other, "district", case_no) == doubted(town, "district", case_no) == 1
    finally:
        other.close()


def deliver(other: Town, entries: list[tuple[bytes, bytes]], item: bytes, chance: random.Random) -> None:
    """Hand the entries to a district that knows nothing of the case, one by one, with the item somewhere between."""
    store = other["district"].center.store
    things: list[Any] = [WireEntry(*entry) for entry in entries] + [item]
    chance.shuffle(things)

    def take(tx: Tx, thing: Any) -> None:
        if isinstance(thing, bytes):
            digest = tx.objects.put(thing)
            store.object_arrived(tx, digest)
        else:
            admit(tx, [thing], tx.author_row(other["township"].id))

    for thing in things:
        store.run(partial(take, thing=thing))
        store.catch_up()


def test_a_rebuild_finds_the_same(town: Town) -> None:
    usurped(town)
    town.scans(False)
    of_an_overlay(town, "approved")
    town.heal()
    for name in UP:
        store = town[name].center.store
        with store.reading() as view:
            before = [
                view.connection.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in ("marks", "cases", "decisions")
            ]
        assert not town[name].center.upkeep.verify()["problems"], name
        rebuild(store)
        with store.reading() as view:
            after = [
                view.connection.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in ("marks", "cases", "decisions")
            ]
        assert before == after, name
        assert before[0], name


def test_what_a_restored_node_is_given_back_is_judged_the_same(town: Town, tmp_path: Any) -> None:
    town["township"].center.upkeep.backup(str(tmp_path / "copy"))
    case_no = usurped(town)
    before = flags(town, "township", case_no)
    town.burn("township", tmp_path / "copy")
    town.heal()
    assert (flags(town, "township", case_no), doubted(town, "township", case_no)) == (before, 1)


# a tier is what stands above it -----------------------------------------------------------------------------------------


def test_a_node_is_never_as_high_as_its_parent(town: Town) -> None:
    """A township enrols a node of its own as a district, which then decides what a district decides."""

    def rank(reader: str, node_id: bytes) -> str:
        store = town[reader].center.store
        return store.ranks.of(store.trust, node_id)

    assert [rank("city", town[name].id) for name in UP] == list(UP)
    hostile = Hostile(town["township"], town["district"])
    facts = {"node": b"n" * 16, "key": b"k" * 32, "parent": town["township"].id, "code": "420102000001", "tier": "district"}
    hostile.say("node_enrolled", "node", facts)
    assert rank("district", b"n" * 16) == "village"
    facts = {**facts, "node": b"m" * 16, "code": "420102000002", "tier": "ministry"}
    hostile.say("node_enrolled", "node", facts)
    assert rank("district", b"m" * 16) == "village"


def test_an_acceptance_without_a_required_material_is_a_finding_above(town: Town) -> None:
    """The township's own program refuses it; one that is not ours signed it all the same."""
    document = town.application("township")
    document["attachments"][0] = {"material": document["attachments"][0]["material"], "held": "missing"}
    case_no = town["township"].center.intake.file(document, DIRECTOR).case_no
    usurp(town, "township", case_no, "accepted")
    town.heal()
    for name in ABOVE:
        assert (doubted(town, name, case_no), flags(town, name, case_no)) == (0, ["accepted_without"]), name
        (found,) = town[name].center.cases.case(case_no, DIRECTOR)["findings"]
        assert found["zh"].startswith("缺少必需材料即予受理"), "the act stands, and everybody reads what was wrong with it"
        assert town[name].center.upkeep.verify()["finding_kinds"]["accepted_without"] == 1, name
        if name != "township":
            nodes = {row["code"]: row for row in town[name].center.oversight.nodes(DIRECTOR)["nodes"]}
            assert nodes[town["township"].center.place.code]["findings"] == 1
