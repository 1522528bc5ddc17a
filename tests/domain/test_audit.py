"""The audit of legality: what it finds in events that no `decide` would have made, and that it finds nothing in those it made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.cases import audit as rules
from node.domain.cases.acts.act import Seen
from node.domain.cases.audit import CLEAR, Judged, audit, doubted, judge, stranger
from node.domain.cases.casefold import evolve
from node.domain.cases.lifecycle import KINDS, STATUSES
from node.domain.model import Case, Event, Facts, NewEvent, Role
from node.domain.words.flags import DOUBT, FLAGS, NOTE, UNJUDGED, finding_id
from tests.domain.desk import BASIC, CALENDAR, CITY, DAY, DISTRICT, HOUR, LICENCE, PLACES, TOWNSHIP, VILLAGE, Desk, event_of

TIER = {node: place.tier for node, place in PLACES.items()}


def forged(case: Case, kind: str, status: str, author: bytes = b"", /, **facts: Any) -> Event:
    """An event that somebody signed, allowed or not."""
    who = author or case.custodian
    return event_of(case, NewEvent(kind, facts, status, who, case.term), who, "s-forger", case.last_at + HOUR)


def found(case: Case, event: Event, item: Any = LICENCE) -> list[str]:
    return audit(case, event, item, tier=TIER[event.author], calendar=CALENDAR)


def weighed(case: Case, event: Event, item: Any = LICENCE) -> set[str]:
    """Without what only informs."""
    return {flag for flag in found(case, event, item) if FLAGS[flag].weight != NOTE}


def judged(case: Case, events: list[Event], item: Any = LICENCE, so_far: Judged = CLEAR) -> tuple[Case, Judged]:
    for event in events:
        so_far = judge(so_far, case, event, found(case, event, item), item_is_here=item is not None)
        case = evolve(case, event)
    return case, so_far


def at_village() -> Case:
    desk = Desk()
    return desk.file()


def at_township(item: Any = LICENCE) -> Case:
    return Desk(item).accepted().the


# who may not ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("received", "submitted"),
        ("accepted", "accepted"),
        ("deemed_accepted", "accepted"),
        ("not_accepted", "not_accepted"),
        ("not_required_found", "not_required"),
        ("correction_requested", "awaiting_correction"),
        ("decided_at_once", "approved"),
        ("step_completed", "with_agent"),
        ("approved", "approved"),
        ("refused", "refused"),
        ("suspended", "suspended"),
        ("extended", "accepted"),
        ("terminated", "terminated"),
        ("voided", "voided"),
        ("concluded", "concluded"),
    ],
)
def test_a_village_may_do_nothing_that_only_an_organ_does(kind: str, status: str) -> None:
    case = at_village()
    assert "beyond_tier" in found(case, forged(case, kind, status))
    assert FLAGS["beyond_tier"].weight == DOUBT


def test_a_kind_that_nobody_knows_gives_a_village_no_powers() -> None:
    case = at_village()
    assert found(case, forged(case, "ratified", "approved")) == ["unknown_kind", "beyond_tier", "decided_below"]
    assert found(case, forged(case, "counselled", case.status)) == ["unknown_kind"]
    later = forged(case, "approved", "approved")._replace(schema=9)
    assert "beyond_tier" in found(case, later)


def test_who_decides_below_the_level_of_the_item_is_found_out() -> None:
    """Article 35: also by a kind or a schema that only a later version knows."""
    case = at_township()
    assert "decided_below" in found(case, forged(case, "approved", "approved"))
    assert "decided_below" in found(case, forged(case, "refused", "refused"))
    assert "decided_below" in found(case, forged(case, "ratified", "approved"))
    assert "decided_below" not in found(at_township(BASIC), forged(at_township(BASIC), "approved", "approved"), BASIC)
    assert weighed(case, forged(case, "extended", "accepted", extension_days=5)) == {"extended_below"}


def test_naming_a_request_excuses_nothing() -> None:
    desk = Desk(BASIC)
    case = desk.file(TOWNSHIP)
    assert "not_in_table" in found(case, forged(case, "approved", "approved", request=bytes(32)), BASIC)
    assert "wrong_status_after" in found(case, forged(case, "request_declined", "approved", request=bytes(32)), BASIC)
    assert "wrong_status_after" in found(case, forged(case, "reminded", "approved", request=bytes(32)), BASIC)
    assert weighed(case, forged(case, "reminded", case.status, request=bytes(32)), BASIC) == set()


@pytest.mark.parametrize("purpose", ["hand_over", "hand_back", "refer", "return", "home"])
def test_an_offer_carries_no_status_that_its_purpose_does_not_give(purpose: str) -> None:
    """Whoever takes a case takes over the status written in the offer; so it is judged there."""
    case = at_village()
    offer = NewEvent(
        "custody_offered", {"target": TOWNSHIP, "purpose": purpose, "resume_status": "approved"}, "in_transit", b"", case.term
    )
    event = event_of(case, offer, VILLAGE, "s-forger", case.last_at)
    assert {"wrong_status_after", "not_in_table"} & set(found(case, event))
    assert doubted(judged(case, [event])[1]) == 1


def test_an_assignment_carries_the_status_that_the_case_had() -> None:
    case = at_township()
    facts: Facts = {"giver": TOWNSHIP, "receiver": DISTRICT, "base": case.head, "resume_status": "approved"}
    event = event_of(case, NewEvent("custody_assigned", facts, "approved", DISTRICT, case.term + 1), CITY, "system", case.last_at)
    assert found(case, event) == ["wrong_status_after"]


def test_a_hall_does_not_file_as_an_agent() -> None:
    event = forged(Case("CASE-1"), "lodged", "with_agent", TOWNSHIP)._replace(term=1)
    assert "only_at_village" in found(Case("CASE-1"), event)


def test_a_village_receives_no_application_for_a_licence() -> None:
    event = forged(Case("CASE-1"), "submitted", "submitted", VILLAGE)._replace(term=1)
    assert weighed(Case("CASE-1"), event) == {"received_below"}
    assert weighed(Case("CASE-1"), event, BASIC) == set()  # it may be commissioned


# who may, but not so ---------------------------------------------------------------------------------------------------


def test_one_person_who_declares_it_is_no_finding() -> None:
    desk = Desk(BASIC).accepted()
    desk.do("complete_step", Role.EXAMINER)
    case = desk.the
    alone = forged(case, "approved", "approved")._replace(staff_id=case.lead.examined_by[0])
    assert weighed(case, alone, BASIC) == {"same_person"}
    said = forged(case, "approved", "approved", same_person=True)._replace(staff_id=case.lead.examined_by[0])
    assert weighed(case, said, BASIC) == set()


def test_a_second_notice_is_a_finding_only_when_it_asks_for_more() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    desk.do("request_correction", Role.CLERK, fields={"materials": "0"})
    case = desk.the
    assert weighed(case, forged(case, "correction_repeated", "awaiting_correction", items=("0",))) == set()
    assert weighed(case, forged(case, "correction_repeated", "awaiting_correction", items=("0", "1"))) == {"second_notice"}


def test_time_turns_back_only_within_one_custody_and_by_more_than_a_clock_is_set() -> None:
    case = at_township()
    early = forged(case, "urgent_set", "accepted", urgent=True)
    assert found(case, early._replace(at=case.last_at - 60_000)) == []
    assert found(case, early._replace(at=case.last_at - DAY)) == ["time_backwards"]
    assigned = case._replace(last_kind="custody_assigned")
    assert found(assigned, early._replace(at=case.last_at - DAY)) == []


def test_only_who_had_no_part_in_a_case_is_a_stranger() -> None:
    case = at_township()
    assert stranger(case, forged(case, "approved", "approved", DISTRICT))
    assert not stranger(case, forged(case, "approved", "approved", TOWNSHIP))
    assert not stranger(case, forged(case, "approved", "approved", DISTRICT)._replace(version=case.version + 2))


# what a case stands on -------------------------------------------------------------------------------------------------


def test_a_doubt_lasts_until_the_act_is_taken_back() -> None:
    case = at_village()
    case, so_far = judged(case, [forged(case, "received", "submitted")])
    assert doubted(so_far) == 1
    undone = forged(case, "undone", "with_agent", kind="received")
    case, after = judged(case, [undone], so_far=so_far)
    assert (case.status, doubted(after)) == ("with_agent", 0)
    assert {mark.flag for mark in after.marks} >= {"beyond_tier"}, "the finding stays"


def test_a_lawful_end_leaves_no_doubt_and_another_does() -> None:
    case = at_township()
    case, so_far = judged(case, [forged(case, "approved", "accepted")])
    assert doubted(so_far) == 1
    assert doubted(judged(case, [forged(case, "voided", "voided", kind="mistake", applicant_told=True)], so_far=so_far)[1]) == 0
    village = at_village()
    assert doubted(judged(village, [forged(village, "voided", "voided", kind="mistake")])[1]) == 1


def test_what_cannot_be_judged_is_neither_found_nor_cleared() -> None:
    desk = Desk().accepted()
    case = desk.the
    _, so_far = judged(case, [forged(case, "approved", "approved")], item=None)
    assert {mark.flag for mark in so_far.marks} == {UNJUDGED}
    assert doubted(so_far) == 2
    _, so_far = judged(case, [forged(case, "suspended", "suspended", kind="hearing")], item=None)
    assert ({mark.flag for mark in so_far.marks}, doubted(so_far)) == ({UNJUDGED}, 0)  # remembered, and no decision


def test_the_names_of_findings_are_the_same_everywhere() -> None:
    assert finding_id(b"h" * 32, "beyond_tier") == finding_id(b"h" * 32, "beyond_tier") != finding_id(b"h" * 32, "decided_below")
    assert all(flag.rule and flag.zh and flag.en for flag in FLAGS.values())


@given(
    kind=st.sampled_from(sorted(KINDS)), source=st.sampled_from(STATUSES), after=st.sampled_from(STATUSES),
    tier=st.sampled_from(["village", "township", "district", "city"]), own=st.booleans(), term=st.integers(1, 3), late=st.integers(-1, 1),
)  # fmt: skip
def test_seeing_at_a_glance_misses_nothing(
    kind: str, source: str, after: str, tier: str, own: bool, term: int, late: int
) -> None:
    case = at_township()._replace(status=source, term=2)
    event = forged(case, kind, after)._replace(
        term=term, custodian_after=case.custodian if own else b"", at=case.last_at + late * DAY
    )
    seen = Seen(case, event, LICENCE, tier, CALENDAR, rules._row_of(case, event))
    if rules._is_plain(seen):
        assert [flag for flag, holds in rules._OF_ALL if holds(seen)] == []
