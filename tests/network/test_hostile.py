"""An enrolled node that lies: whatever it signs, its neighbour goes on working and can still be read, verified and rebuilt."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from federation.ports import HeadMark, LinkRefusedError, WireEntry
from federation.protocol.envelope import CaseStamp
from node.domain.cases.lifecycle import KINDS, STATUSES
from node.domain.cases.schema import SCHEMA
from node.domain.papers.papers import BUILT
from node.domain.words.errors import TongbanError
from node.services.tree.recovery import EPOCH_LEAP
from node.store.measures import MEASURES
from node.store.stored import wire_entry
from tests.support.hostile import Hostile, filing
from tests.support.network import CLERK, DIRECTOR, EXAMINER, Town, fresh


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = fresh("chain", tmp_path_factory.mktemp("hostile"))
    made.heal()
    yield made
    made.close()


def liar(town: Town, name: str = "village", victim: str = "township") -> Hostile:
    return Hostile(town[name], town[victim])


def refused(act: Any) -> None:
    """A refusal is an answer; anything else that is raised is not."""
    with suppress(TongbanError):
        act()


def works(town: Town, *case_numbers: str, name: str = "township", wholly: bool = True) -> None:
    """The node takes commands, and everything it shows can be made."""
    center = town[name].center
    center.store.run(lambda tx: None)
    center.tick()
    for no in case_numbers:
        refused(lambda no=no: center.cases.case(no, DIRECTOR))
        refused(lambda no=no: center.papers.listing(no, DIRECTOR))
        for paper in BUILT:
            refused(lambda no=no, paper=paper: center.papers.show(no, paper, DIRECTOR))
    if wholly:
        center.upkeep.status()
        center.upkeep.metrics()
        for measure in MEASURES:
            center.oversight.listed({"measure": measure, "limit": "200"}, DIRECTOR)
        center.oversight.nodes(DIRECTOR)
        center.findings.listed({}, DIRECTOR)
        center.network.tree(DIRECTOR, show="attention")
        center.cases.listed(DIRECTOR)
        center.work.desk(DIRECTOR, "elsewhere")
        center.oversight.stats(DIRECTOR, "filed", "day", None, None)
        found = [one for one in center.upkeep.verify()["problems"] if one["code"] != "gap"]
        assert not found, found


def test_a_case_event_without_a_place_in_a_case_is_stored_and_means_nothing(town: Town) -> None:
    liar(town).say("lodged", "case", {"item": "ZW007"})
    liar(town).say("requested", "request", {}, CaseStamp("H-other", 1, b"", 1, "draft", b""), subject="H-subject")
    works(town)


def test_a_sequence_number_that_no_table_can_hold_is_not_an_entry(town: Town) -> None:
    with pytest.raises(ValueError, match="position"):
        liar(town).signed("heard", "staff", epoch=7, seq=1 << 63, prev=b"")


@pytest.mark.parametrize("at", [-(1 << 63), (1 << 63) - 1, 253_402_300_799_999, -1])
def test_a_claimed_time_may_be_absurd(town: Town, at: int) -> None:
    filing(liar(town), f"H-time{at}", {}, recorded_at=at, not_before_ms=at)
    works(town, f"H-time{at}")


def test_the_last_instant_there_is_lies_in_no_day_of_china(town: Town) -> None:
    last = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    filing(liar(town), "H-last", {"mandate_until": last})
    works(town, "H-last")


BODIES = [
    b"", b"no JSON", b"\xff\xfe", b"null", b"[1]", b"[" * 100_000, b'{"application":[]}', b'{"application":{"applicant":[1]}}',
    b'{"application":{"applicant":{"name":"\\ud800"}}}', b'{"application":{"attachments":5,"form":3,"applicant":{"name":{"a":1}}}}',
    b'{"application":{"attachments":[1,{"material":[]}],"channel":[],"applicant":{"id_type":{}}},"query_code":{}}',
]  # fmt: skip


def offered(hostile: Hostile, case_no: str, body: bytes, **facts: Any) -> None:
    """File a case with a body and offer it to the victim, who takes it when the body has come."""
    digest = hashlib.sha256(body).digest()
    item = {"item": "ZW007", "item_version": 1}
    head = filing(hostile, case_no, item, body_hash=digest)
    offer = {"target": hostile.victim.id, "purpose": "hand_over", "resume_status": "submitted", "objects": (digest,), **facts}
    hostile.say("custody_offered", "case", offer, CaseStamp(case_no, 2, head, 1, "in_transit", b""))
    hostile.give(body)


@pytest.mark.parametrize("n", range(len(BODIES)))
def test_a_body_may_be_anything_at_all(town: Town, n: int) -> None:
    offered(liar(town), f"H-body{n}", BODIES[n])
    with town["township"].center.store.reading() as view:
        assert view.objects.size(hashlib.sha256(BODIES[n]).digest()) == len(BODIES[n])  # it came, and nothing hangs on it
    works(town, f"H-body{n}")


@pytest.mark.parametrize("n", range(len(BODIES)))
def test_the_body_of_a_request_may_be_anything_at_all(town: Town, n: int) -> None:
    offered(liar(town), f"H-asked{n}", b'{"salt":"%d"}' % n)
    hostile = liar(town)
    hostile.say(
        "requested", "request", {"asked": "withdraw"}, subject=f"H-asked{n}", body_hash=hashlib.sha256(BODIES[n]).digest()
    )
    hostile.give(BODIES[n])
    works(town, f"H-asked{n}")
    with town["township"].center.store.reading() as view:
        assert [row.state for row in view.requests.of_case(f"H-asked{n}")] != ["pending"]


def test_an_offer_that_does_not_say_what_follows_is_not_taken(town: Town) -> None:
    offered(liar(town), "H-offer", b'{"salt":"o"}', purpose="refer", resume_status="")
    works(town, "H-offer")
    with town["township"].center.store.reading() as view:
        case = view.cases.get("H-offer")
        assert case is not None and case.custodian == b""


@pytest.mark.parametrize("size", [1, 31, 33, 5000])
def test_a_hash_of_a_wrong_length_is_never_asked_for(town: Town, size: int) -> None:
    """The peer hangs up on such a question, so it would be in the way of every object of the line."""
    hostile, no = liar(town), f"H-hash{size}"
    head = filing(hostile, no, {"item": "ZW007", "item_version": 1})
    added = {"material": "0", "blob": b"x" * size, "size": 5}
    head = hostile.say("material_added", "case", added, CaseStamp(no, 2, head, 1, "with_agent", hostile.liar.id))
    offer = {"target": hostile.victim.id, "purpose": "hand_over", "resume_status": "submitted"}
    hostile.say("custody_offered", "case", offer, CaseStamp(no, 3, head, 1, "in_transit", b""))
    hostile.say("requested", "request", {"asked": "supply_material", **added}, subject=no)
    wanted = town["township"].center.inbound.wanted(town["village"].id, 1000)
    assert all(len(hash) == 32 for hash, _ in wanted)
    works(town, no)


def test_a_second_filing_of_a_case_does_not_change_who_applied(town: Town) -> None:
    hostile, first, second = (
        liar(town),
        b'{"application":{"applicant":{"name":"A"}}}',
        b'{"application":{"applicant":{"name":"B"}}}',
    )
    head = filing(hostile, "H-twice", {"item": "ZW007", "item_version": 1}, kind="draft_saved", status="draft",
                  body_hash=hashlib.sha256(first).digest())  # fmt: skip
    hostile.say("lodged", "case", {}, CaseStamp("H-twice", 2, head, 1, "with_agent", hostile.liar.id),
                body_hash=hashlib.sha256(second).digest())  # fmt: skip
    hostile.give(first)
    hostile.give(second)
    works(town, "H-twice")


# anything at all ---------------------------------------------------------------------------------------------------------

CODES = st.sampled_from(
    ["", "x", "ZW007", "hand_over", "refer", "home", "submitted", "0", "1:99999999999999999999", "village", "." * 128]
)
VALUES = st.one_of(
    CODES, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.binary(max_size=40), st.dates(),
    st.datetimes(timezones=st.just(dt.UTC)), st.lists(CODES, max_size=3).map(tuple),
    st.lists(st.binary(max_size=40), min_size=1, max_size=3).map(tuple),
)  # fmt: skip
NAMES = sorted({name for facts in SCHEMA.values() for name in facts} | {"receiver", "node", "epoch", "seq", "layer", "manifest"})
FACTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
EVENTS = st.lists(
    st.tuples(st.sampled_from([*sorted(KINDS), "later"]), FACTS, st.sampled_from([*STATUSES, "strange", ""]), st.booleans()),
    max_size=6,
)
OTHERS = st.lists(
    st.tuples(st.sampled_from([("requested", "request"), ("node_enrolled", "node"), ("epoch_opened", "node"), ("published", "catalog")]),
              FACTS),
    max_size=2,
)  # fmt: skip
counted = iter(range(1_000_000))


@pytest.mark.parametrize(("name", "victim"), [("village", "township"), ("city", "district")])
@given(first=FACTS, events=EVENTS, others=OTHERS, at=st.integers(-(2**63), 2**63 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_signed_the_neighbour_works(
    town: Town, name: str, victim: str, first: Any, events: Any, others: Any, at: int
) -> None:
    hostile, no = liar(town, name, victim), f"H-any{next(counted)}"
    sound = {"item": "ZW007", "item_version": 1}
    head = filing(hostile, no, {**first, **sound}, kind="submitted", status="submitted", recorded_at=at)
    for version, (kind, facts, status, to_victim) in enumerate(events, 2):
        said = {**facts, "target": hostile.victim.id} if to_victim else facts
        after = b"" if kind == "custody_offered" else hostile.liar.id
        head = hostile.say(kind, "case", said, CaseStamp(no, version, head, 1, status, after), recorded_at=at)
    for (kind, entry_class), facts in others:
        hostile.say(kind, entry_class, {**facts, "parent": hostile.liar.id}, subject=no)
    works(town, no, name=victim, wholly=not next(counted) % 5)


# what belongs to somebody else -------------------------------------------------------------------------------------------


def at_the_township(town: Town) -> str:
    """A case of the village that the township holds and has examined."""
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    for action, person in (("receive", CLERK), ("accept", CLERK), ("complete_step", EXAMINER)):
        town.do("township", no, action, person)
    town.heal()
    return no


def served(town: Town, asker: str, hash: bytes) -> bool:
    return not town["township"].center.inbound.read_object(town[asker].id, hash, 0, 100).missing


@pytest.mark.parametrize("asker", ["district", "village2"])
def test_naming_the_hash_of_a_body_gives_no_right_to_it(tmp_path: Path, asker: str) -> None:
    town = fresh("tree", tmp_path)
    with town["township"].center.store.reading() as view:
        case = view.cases.get(at_the_township(town))
    assert case is not None
    body = case.bodies[0]
    assert not served(town, asker, body)
    hostile = liar(town, asker)
    filing(hostile, "H-mine", {"blob": body}, body_hash=body)
    hostile.say("requested", "request", {"asked": "remind", "blob": body}, subject="H-mine", body_hash=body)
    said = {"layer": hostile.liar.id, "revision": 99, "manifest": body}
    for kind in ("catalog", "calendar", "papers", "later"):
        hostile.say("published", "catalog", {**said, "kind": kind})
    assert not served(town, asker, body) and not served(town, "village2", body)
    assert served(town, "village", body)
    works(town)
    town.close()


def test_a_body_that_comes_later_is_not_public_because_a_case_calls_it_its_item(tmp_path: Path) -> None:
    town = fresh("tree", tmp_path)
    body = b'{"salt":"s","application":{}}'
    digest = hashlib.sha256(body).digest()
    hostile = liar(town, "village2")
    head = filing(hostile, "H-pin", {"item": "ZW007", "item_version": 1, "item_hash": digest})
    offer = {"target": hostile.victim.id, "purpose": "hand_over", "resume_status": "submitted"}
    hostile.say("custody_offered", "case", offer, CaseStamp("H-pin", 2, head, 1, "in_transit", b""))
    offered(liar(town), "H-own", body)
    assert served(town, "village", digest) and not served(town, "village2", digest)
    town.close()


def test_an_internal_opinion_does_not_go_to_a_village(tmp_path: Path) -> None:
    town = fresh("chain", tmp_path)
    no = at_the_township(town)
    with town["township"].center.store.reading() as view, town["village"].center.store.reading() as below:
        case = view.cases.get(no)
        assert case is not None and case.internal_bodies
        assert [below.objects.size(hash) for hash in case.internal_bodies] == [None]
        assert not served(town, "village", case.internal_bodies[0]) and served(town, "village", case.bodies[0])
    assert town["village"].center.upkeep.status()["wanted"] == 0
    town.close()


def test_a_disk_that_went_back_in_time_sends_again_what_it_counts_anew(tmp_path: Path) -> None:
    """The township's disk is rolled back by commits that hold only entries of its villages: its own chain shows nothing."""
    town = fresh("tree", tmp_path)
    town.heal()
    town.cut()
    township = town["township"]
    township.center.store.close()
    shutil.copytree(township.folder, tmp_path / "before")
    township.reopen()
    numbers = [town.file("village2") for _ in range(3)]
    town.connect()
    town.settle()
    town.cut()
    township.center.store.close()
    shutil.rmtree(township.folder)
    shutil.copytree(tmp_path / "before", township.folder)
    township.reopen()
    numbers += [town.file("village") for _ in range(2)]
    town.connect("village")  # its entries take the numbers that the lost ones had
    town.settle()
    town.heal()
    for name in ("district", "city"):
        with town[name].center.store.reading() as view:
            assert [view.cases.get(no) is not None for no in numbers] == [True] * 5, name
    assert [link["waiting"] for link in township.center.upkeep.status()["links"]] == [0, 0, 0]
    town.close()


def test_a_sibling_cannot_take_the_number_of_a_case_before_it_is_known_above(tmp_path: Path) -> None:
    """Numbers can be guessed; the filing of the node whose code stands in the number is the case."""
    town = fresh("tree", tmp_path)
    town.heal()
    town.cut()
    no = town.file("village")
    filing(liar(town, "village2"), no, {"item": "ZW007", "item_version": 1})
    town.heal()
    town.act("village", no, "hand_over")
    town.heal()
    for name in ("village", "township", "district", "city"):
        with town[name].center.store.reading() as view:
            case = view.cases.get(no)
            assert case is not None and (case.origin, case.custodian) == (town["village"].id, town["township"].id), name
    works(town, no)
    town.close()


def test_a_child_cannot_make_its_parent_forget_itself_by_a_claim(town: Town) -> None:
    """`I know more of your chain` opens a new epoch and freezes cases, so a child has to show what it knows."""
    hall, village = town["township"].center, town["village"]
    before = hall.store.identity
    honest = village.center.inbound.greeting(town["township"].id)
    far = HeadMark(0, 1 << 40, b"x" * 32)
    forged = liar(town).signed("lodged", "case", {}, None)
    for shown in (None, honest.known_entry, forged, WireEntry(b"junk", b"")):
        hall.inbound.on_greeting(village.id, replace(honest, known_of_you=far, known_entry=shown))
    assert hall.store.identity == before
    works(town)
    with hall.store.reading() as view:
        found = view.connection.execute("SELECT count(*) FROM findings WHERE kind='unproven_claim'").fetchone()
    assert found[0] == 1


def test_a_parent_that_shows_a_forged_entry_of_ours_or_none_cannot_use_up_our_epochs(tmp_path: Path) -> None:
    """A parent's word opens one epoch, and no entry shown that is not ours says which: else one claim would take us to the last there is."""
    town = fresh("chain", tmp_path)
    town.heal()
    village, hall = town["village"].center, town["township"].center
    before = village.store.identity
    honest = hall.inbound.greeting(before.node_id)
    mine = village.inbound.greeting(town["township"].id).own_head
    forged = liar(town, "township", "district").signed("epoch_opened", "node", {}, None)
    last = HeadMark((1 << 32) - 1, 7, b"x" * 32)
    with pytest.raises(LinkRefusedError, match="knows more of our chain"):
        village.inbound.on_greeting(town["township"].id, replace(honest, known_of_you=last, known_entry=None))
    opened = village.store.identity
    assert before.epoch < opened.epoch <= before.epoch + EPOCH_LEAP
    with village.store.reading() as view:
        other = wire_entry(view, before.node_id, mine)  # ours, and not what is claimed
    assert other is not None
    for shown in (None, forged, other, replace(other, signature=forged.signature), WireEntry(b"junk", b"")):
        village.inbound.on_greeting(town["township"].id, replace(honest, known_of_you=last, known_entry=shown))
    assert village.store.identity == opened
    works(town)
    town.close()
