"""Mixed versions over custody: a node that does not know a kind of entry takes the case, shows it, passes it on and serves its result; it
refuses only to decide. Whoever knows more asks first whether the nodes on the way home can serve it (DESIGN, "Compatible")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.protocol.envelope import CaseStamp
from node.domain.cases import decisions
from node.domain.cases.acts import FEATURES
from node.domain.model import Actor, Facts, NewEvent, Role
from node.domain.words.errors import TongbanError
from node.services.cases.custody import write_events
from node.store import papers
from node.store.journal import Draft
from node.store.running import runs
from node.store.store import Tx
from tests.network.healed import check_healed
from tests.network.invariants import History, check_always
from tests.support.network import AGENT, APPROVER, DIRECTOR, Town, four_tiers

LATER = Actor("s-later", Role.APPROVER)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def at_the_district(town: Town) -> str:
    """A case of the village that the township referred."""
    no = town.file("village")
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step", "refer"):
        town.do("township", no, action)
    town.heal()
    return no


def writes(town: Town, name: str, no: str, kind: str, status: str, facts: Facts | None = None, *, gives: bool = False) -> None:
    """What the program of a later version would write at a node."""
    node = town[name]

    def command(tx: Tx) -> None:
        case = tx.cases.get(no)
        assert case is not None
        write_events(tx, case, [NewEvent(kind, facts or {}, status, b"" if gives else node.id, case.term)], LATER)

    node.center.store.run(command)


def where(town: Town, no: str) -> dict[str, tuple[str, str | None]]:
    found = {}
    for name in town.nodes:
        document = town[name].center.cases.case(no, DIRECTOR)
        found[name] = (document["status"], document["custodian"])
    return found


def test_a_kind_that_the_nodes_on_the_way_do_not_know_comes_home_and_is_served(town: Town) -> None:
    no = at_the_district(town)
    town.do("district", no, "complete_step")
    fields = town.offered("district", no)["approve"]
    writes(town, "district", no, "mediated", "accepted", {"sittings": 2})
    town.heal()
    with pytest.raises(TongbanError, match=r"^needs_upgrade"):
        town.act("district", no, "approve", **fields)
    writes(town, "district", no, "approved", "approved")
    writes(town, "district", no, "concluded", "concluded")
    town.heal()
    village = town["village"].center.place.code
    assert where(town, no) == dict.fromkeys(town.nodes, ("concluded", village))
    assert "deliver" in town.offered("village", no, AGENT)
    town.do("village", no, "deliver", AGENT)
    town.heal()
    assert where(town, no) == dict.fromkeys(town.nodes, ("delivered", village))
    check_always(town, History())
    check_healed(town, History())


def test_an_end_that_nobody_on_the_way_knows_comes_home_too(town: Town) -> None:
    """A later version calls the end by a status of its own; the township passes it on, the village shows it."""
    no = at_the_district(town)
    writes(town, "district", no, "settled", "settled")
    with town["district"].center.store.reading() as view:
        case = view.cases.get(no)
        assert case is not None
        facts: Facts = {
            "target": town["township"].id, "purpose": "home", "resume_status": "settled", "objects": case.bodies, "blobs": case.blobs,
        }  # fmt: skip
    writes(town, "district", no, "custody_offered", "in_transit", facts, gives=True)
    town.heal()
    assert where(town, no) == dict.fromkeys(town.nodes, ("settled", town["village"].center.place.code))
    with pytest.raises(TongbanError):
        town.act("village", no, "deliver", AGENT)
    check_healed(town, History())


def test_a_later_meaning_of_a_known_kind_counts_for_its_own_entries_only(town: Town) -> None:
    """`extended` of schema 9 may mean anything: its stamp is followed, and an entry of today's schema means what it always did."""
    no = at_the_district(town)

    def command(tx: Tx) -> None:
        case = tx.cases.get(no)
        assert case is not None
        event = NewEvent("extended", {"extension_days": 500}, "accepted", town["district"].id, case.term)
        stamp = CaseStamp(no, case.version + 1, case.head, event.term, event.status_after, event.custodian_after)
        tx.journal.append(Draft(event.kind, "case", event.facts, staff_id="s-later", stamp=stamp, schema=9))

    town["district"].center.store.run(command)
    town.heal()
    for name in town.nodes:
        with town[name].center.store.reading() as view:
            case = view.cases.get(no)
        assert case is not None and (case.extension_days, case.unknown_kinds) == (0, ("extended:9",)), name


def test_a_fact_that_only_adds_needs_no_new_kind(town: Town) -> None:
    """DESIGN, "Compatible": what a later version says beside (which unit, which post) is no finding here, and nothing is lost of the rest;
    a paper whose note says more is the same paper."""
    no = at_the_district(town)
    town.do("district", no, "complete_step")
    district = town["district"]

    def command(tx: Tx) -> None:
        case = tx.cases.get(no)
        assert case is not None
        facts: Facts = {"kind": "expert_review", "days": 3, "from": day, "until": until, "unit": "W-03", "seats": 4, **numbered}
        write_events(tx, case, [NewEvent("suspended", facts, "suspended", district.id, case.term)], LATER)

    day, until = dt.date(2026, 3, 3), dt.date(2026, 3, 5)
    numbered: Facts = {"organ": "A", "type": "B", "year": 2026, "series": "", "serial": 1, "day": day}
    district.center.store.run(command)
    town.do("township", no := town.file("township"), "accept")
    issued = town["township"].center.papers.issue(no, "acceptance", DIRECTOR).document["code"]
    other = town.file("township")
    town.do("township", other, "accept")
    with town["township"].center.store.reading() as view:
        event = view.cases.entries(other)[-1].event
    said: Facts = {"paper": "acceptance", "basis": event.hash, "version": event.version, **numbered, "serial": 77, "unit": "W-03"}
    note = Draft("paper_issued", "note", said, subject=other, staff_id="s-later", ref=event.hash)
    town["township"].center.store.run(lambda tx: tx.journal.append(note))
    town.heal()
    for name in town.nodes:
        with town[name].center.store.reading() as view:
            flags = [mark.flag for one in view.cases.numbers() for mark in view.cases.judged(one).marks]
        assert "free_text_in_facts" not in flags, name
    for name in ("township", "district", "city"):
        assert town[name].center.papers.verify(issued)["result"] == "genuine"
        with town[name].center.store.reading() as view:
            assert [fact.serial for fact in papers.of_case(view.connection, other)] == [77], name


def test_an_entry_of_a_class_that_nobody_knows_is_kept_and_passed_on(town: Town) -> None:
    draft = Draft("later_thing", "later", {"what": "ever"}, subject="X", staff_id="s-later")
    hash = town["village"].center.store.run(lambda tx: tx.journal.append(draft)).hash
    no = town.file("village")
    town.heal()
    for name in town.nodes:
        with town[name].center.store.reading() as view:
            known = view.connection.execute("SELECT standing FROM entries WHERE hash=?", (hash,)).fetchall()
        assert known == [(0,)] and town[name].status(no) == "with_agent", name
        assert town[name].center.upkeep.verify()["problems"] == [], name


def test_an_act_that_a_node_on_the_way_home_cannot_serve_is_refused_before_it_is_done(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = at_the_district(town)
    town.do("district", no, "complete_step")
    for node in town.nodes.values():
        node.center.announce()
    fields = town.offered("district", no, APPROVER)["approve"]
    monkeypatch.setattr(decisions, "FEATURE_OF", {"approved": "approved-by-video"})
    assert "approve" not in town.offered("district", no, APPROVER)
    with pytest.raises(TongbanError) as caught:
        town.act("district", no, "approve", APPROVER, **fields)
    assert caught.value.code == "peer_needs_upgrade" and town["township"].center.place.code in caught.value.sentence("zh")
    for name in ("village", "township"):
        town[name].center.announce("tongban-9.0", ("approved-by-video",))
    town.heal()
    assert town.do("district", no, "approve", APPROVER)["status"] == "approved"


def test_what_a_program_knows_is_told_on_the_line_and_shown_in_the_tree(town: Town) -> None:
    """A neighbour says it itself, of a deeper node its entry tells; of one that never said nothing is claimed."""
    town["village"].center.announce("tongban-0.9", tuple(one for one in FEATURES if one != "gap"))
    town.heal()
    rows = {row.code: row for row in town["city"].center.network.tree(DIRECTOR, show="").tree}
    district = rows[town["district"].center.place.code]
    township = district.children[0]
    village = township.children[0]
    assert (district.features, district.lacks) == (FEATURES, ())  # on the line
    assert (township.features, township.lacks) == ((), ())
    assert "gap" not in village.features and village.lacks == ("gap",)
    above = town["district"].center.network.tree(DIRECTOR).up
    assert above is not None and above.features == FEATURES


def test_what_a_node_runs_is_written_once_and_again_when_it_changes(town: Town) -> None:
    def said() -> int:
        with town["village"].center.store.reading() as view:
            return int(view.connection.execute("SELECT count(*) FROM entries WHERE kind='node_runs'").fetchone()[0])

    town["village"].center.announce()
    town["village"].center.announce()
    assert said() == 1
    town["village"].center.announce("tongban-9.0", ("more",))
    town.heal()
    assert said() == 2
    with town["city"].center.store.reading() as view:
        assert runs(view, town["village"].id) == ("tongban-9.0", frozenset({"more"}))
