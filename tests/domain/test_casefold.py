"""evolve is total; fold gives one case whatever the order of arrival, and at most one effective event per place."""

from __future__ import annotations

import datetime as dt
import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.cases.audit import audit
from node.domain.cases.casefold import evolve, extends, fold
from node.domain.cases.deadlines import time_split
from node.domain.cases.lifecycle import KINDS, STATUSES
from node.domain.model import Case, Event, FactValue, Role
from node.domain.words.flags import FLAGS
from tests.domain.desk import (
    CITY,
    DAY,
    DISTRICT,
    HOUR,
    START,
    TOWNSHIP,
    VILLAGE,
    Desk,
    nearest_assigns,
    nobody_assigns,
)


def whole_life() -> Desk:
    """Village to district and home again: 16 events, five terms."""
    desk = Desk().handed_over()
    desk.do("receive", Role.CLERK)
    desk.do("accept", Role.CLERK)
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    desk.take()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("approve", Role.APPROVER)
    desk.do("conclude", Role.CLERK)
    for node in (DISTRICT, TOWNSHIP):
        desk.system("offer_home", node)
        desk.take()
    desk.do("deliver", Role.AGENT)
    return desk


LIFE = whole_life()


def assigned(case: Case, author: bytes, giver: bytes, receiver: bytes, at: int = START + 30 * DAY) -> Event:
    status = case.offer.resume_status if case.offer is not None else case.status
    facts: dict[str, FactValue] = {"giver": giver, "receiver": receiver, "base": case.head, "resume_status": status}
    name = b"assigned:" + author[:4] + case.head[:19]
    return Event(
        "custody_assigned",
        author,
        "system",
        at,
        facts,
        "CASE-1",
        case.version + 1,
        case.head,
        case.term + 1,
        status,
        receiver,
        name,
    )


def test_a_whole_life() -> None:
    case = LIFE.the
    assert (case.status, case.custodian, case.origin, case.term, case.decision) == ("delivered", VILLAGE, VILLAGE, 5, "approved")
    assert [hop.node for hop in case.hops] == [VILLAGE, TOWNSHIP, DISTRICT, TOWNSHIP, VILLAGE]
    assert [hop.reason for hop in case.hops] == ["filed", "hand_over", "refer", "home", "home"]
    assert case.promised_due == dt.date(2026, 3, 16)
    assert all(not audit(*_step(n)) for n in range(len(LIFE.events)))
    assert len(case.internal_bodies) == 2
    assert set(case.internal_bodies) < set(case.bodies)


def _step(n: int) -> tuple[Case, Event]:
    case = Case("CASE-1")
    for event in LIFE.events[:n]:
        case = evolve(case, event)
    return case, LIFE.events[n]


def test_the_ledger_counts_every_instant_once() -> None:
    spans = LIFE.the.lead.spans
    assert [span.clock for span in spans] == ["A", "A", "R", "R", "S", "S", "S", "D", "D", "D", "D", "D", "D"]
    assert all(span.end is not None and span.end >= span.start for span in spans)
    assert all(first.end == second.start for first, second in pairwise(spans))
    split = time_split(LIFE.the, LIFE.now)
    assert split["agent"] == HOUR
    assert sum(split.values()) == LIFE.the.delivered_at - LIFE.the.filed_at
    assert {span.why for span in spans} == {"agent", "transit", "handler", "upper", "applicant"}


@given(st.randoms(use_true_random=False), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_any_order_with_duplicates_folds_to_the_same_case(rng: random.Random, repeats: int) -> None:
    events = LIFE.events + [rng.choice(LIFE.events) for _ in range(repeats)]
    rng.shuffle(events)
    folded = fold(events, nobody_assigns)
    assert folded.case == LIFE.the
    assert folded.effective == tuple(event.hash for event in LIFE.events)
    assert folded.void == folded.parked == ()


@given(st.sets(st.integers(0, len(LIFE.events) - 1)))
@settings(max_examples=40, deadline=None)
def test_what_hangs_on_an_unknown_entry_is_parked(missing: set[int]) -> None:
    events = [event for n, event in enumerate(LIFE.events) if n not in missing]
    first = min(missing, default=len(LIFE.events))
    folded = fold(events, nobody_assigns)
    assert len(folded.effective) == folded.case.version == first
    assert set(folded.parked) == {event.hash for event in events[first:]}
    assert folded.void == ()


def test_of_two_branches_the_first_stands_and_the_other_is_void_with_all_that_follows() -> None:
    desk = Desk().accepted()
    fork = Desk(now=desk.now, case=desk.case, events=list(desk.events))
    desk.do("complete_step", Role.EXAMINER)
    fork.do("withdraw", Role.CLERK)
    desk.do("refer", Role.APPROVER)
    ours, theirs = desk.events[2:], fork.events[2:]
    kept = fold([*desk.events, *theirs], nobody_assigns)
    assert kept.case == desk.case
    assert kept.void == tuple(event.hash for event in theirs)
    other = fold([*fork.events, *ours], nobody_assigns)
    assert other.case == fork.case
    assert other.void == tuple(event.hash for event in ours)


def test_an_assignment_fences_off_the_take_it_overtook_and_what_followed() -> None:
    desk = Desk().accepted()
    desk.do("complete_step", Role.EXAMINER)
    desk.do("refer", Role.APPROVER)
    offered, before = desk.the, len(desk.events)
    fence = assigned(offered, DISTRICT, DISTRICT, TOWNSHIP)
    desk.take()
    desk.do("complete_step", Role.EXAMINER)
    for events in ([*desk.events, fence], [fence, *desk.events], [*reversed(desk.events), fence]):
        folded = fold(events, nearest_assigns)
        assert folded.case.custodian == TOWNSHIP
        assert (folded.case.term, folded.case.status, folded.case.offer) == (2, "accepted", None)
        assert set(folded.void) == {event.hash for event in desk.events[before:]}
    assert fold([*desk.events, fence], nobody_assigns).case == desk.the


def test_an_assignment_makes_its_own_branch_the_effective_one() -> None:
    desk = Desk().accepted()
    fork = Desk(now=desk.now, case=desk.case, events=list(desk.events))
    desk.do("complete_step", Role.EXAMINER)
    fork.do("reassign", Role.APPROVER)
    fence = assigned(fork.the, DISTRICT, TOWNSHIP, DISTRICT)
    folded = fold([*desk.events, *fork.events[2:], fence], nearest_assigns)
    assert folded.effective[-1] == fence.hash
    assert folded.case.custodian == DISTRICT
    assert folded.void == (desk.events[-1].hash,)


@pytest.mark.parametrize(
    ("author", "giver", "receiver"),
    [(CITY, TOWNSHIP, DISTRICT), (VILLAGE, TOWNSHIP, VILLAGE), (VILLAGE, VILLAGE, VILLAGE), (DISTRICT, DISTRICT, DISTRICT)],
)
def test_only_the_nearest_common_ancestor_assigns_and_only_what_the_giver_holds(
    author: bytes, giver: bytes, receiver: bytes
) -> None:
    case = Desk().accepted().the  # held by the township
    assert not extends(case, assigned(case, author, giver, receiver), nearest_assigns)
    assert extends(case, assigned(case, DISTRICT, TOWNSHIP, DISTRICT), nearest_assigns)


def test_custody_assigned_while_the_clock_stands_leaves_it_standing() -> None:
    """Who holds the case is nothing to the procedure it waits for, nor to the applicant who is to correct."""
    suspended = Desk().accepted()
    suspended.do("suspend", Role.APPROVER)
    awaited = Desk()
    awaited.file(TOWNSHIP)
    awaited.do("request_correction", Role.CLERK)
    for desk, clock, why in ((suspended, "S", "statutory_pause"), (awaited, "R", "applicant")):
        span = evolve(desk.the, assigned(desk.the, DISTRICT, TOWNSHIP, DISTRICT, at=desk.now)).lead.spans[-1]
        assert (span.clock, span.running, span.why, span.holder) == (clock, False, why, DISTRICT)


def test_extends_asks_for_place_author_and_term() -> None:
    case, event = _step(6)  # custody_offered by the township in term 2
    assert extends(case, event, nobody_assigns)
    wrong = (
        event._replace(version=event.version + 1),
        event._replace(prev=b"x" * 32),
        event._replace(author=DISTRICT),
        event._replace(term=event.term + 1),
        event._replace(kind="custody_taken", term=event.term + 1),
        event._replace(kind="submitted"),
    )
    assert not any(extends(case, one, nobody_assigns) for one in wrong)
    offered = evolve(case, event)
    taken = LIFE.events[7]
    assert extends(offered, taken, nobody_assigns)
    assert not extends(offered, taken._replace(author=CITY), nobody_assigns)
    assert not extends(offered, taken._replace(term=event.term), nobody_assigns)
    assert not extends(offered, event._replace(prev=offered.head, version=offered.version + 1), nobody_assigns)


def test_an_unknown_kind_is_followed_and_remembered() -> None:
    case = Desk().accepted().the
    later = Event(
        "mediated",
        TOWNSHIP,
        "s",
        case.last_at,
        {"x": "y"},
        "CASE-1",
        case.version + 1,
        case.head,
        case.term,
        "mediating",
        TOWNSHIP,
        b"n" * 32,
    )
    assert extends(case, later, nobody_assigns)
    after = evolve(case, later)
    assert (after.status, after.custodian, after.unknown_kinds) == ("mediating", TOWNSHIP, ("mediated",))
    assert audit(case, later) == ["unknown_kind"]


facts = st.dictionaries(
    st.sampled_from(
        "target purpose resume_status objects due items kind until material blob size step request giver to urgent".split()
    ),
    st.one_of(
        st.text(max_size=5),
        st.integers(),
        st.booleans(),
        st.binary(max_size=32),
        st.dates(),
        st.just(()),
        st.tuples(st.text(max_size=3)),
    ),
)


@given(
    st.sampled_from(range(len(LIFE.events))),
    st.sampled_from([*sorted(KINDS), "a_later_kind"]),
    facts,
    st.integers(-(2**62), 2**62),
    st.sampled_from([*STATUSES, "strange", ""]),
)
@settings(max_examples=150, deadline=None)
def test_evolve_never_raises(place: int, kind: str, said: dict, at: int, status: str) -> None:
    case, event = _step(place)
    event = event._replace(kind=kind, facts=said, at=at, status_after=status)
    after = evolve(case, event)
    assert (after.version, after.head, after.term, after.status) == (event.version, event.hash, event.term, status)
    evolve(after, event._replace(kind="undone"))
    evolve(after, event._replace(kind="resumed"))
    assert set(audit(case, event)) <= {*FLAGS}


def test_undo_puts_back_what_was_and_keeps_the_fact() -> None:
    desk = Desk()
    before = desk.file(TOWNSHIP)
    desk.do("request_correction", Role.CLERK)
    assert desk.the.status == "awaiting_correction"
    after = desk.do("undo", Role.CLERK)
    kept = {
        "version",
        "head",
        "bodies",
        "internal_bodies",
        "last_kind",
        "last_staff",
        "last_at",
        "undo",
    }
    for name in Case._fields:
        if name not in kept:
            assert getattr(after, name) == getattr(before, name), name
    assert after.version == before.version + 2
    assert "undo" not in desk.names(Role.CLERK)


def test_a_pause_beyond_its_stated_end_is_the_handlers_time() -> None:
    desk = Desk().accepted()
    desk.do("suspend", Role.APPROVER, fields={"days": 2})  # until Tuesday 3 March
    desk.now = START + 4 * DAY
    desk.do("resume", Role.EXAMINER)
    pause, over, running = desk.the.lead.spans[-3:]
    assert (pause.running, over.running, over.why, running.end) == (False, True, "handler", None)
    midnight = int(dt.datetime(2026, 3, 4, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000)
    assert (pause.end, over.start, over.end, running.start) == (midnight - 1, midnight - 1, START + 4 * DAY, START + 4 * DAY)
    assert desk.events[-1].facts["over"] == 3


def test_evolve_is_fast() -> None:
    start = time.process_time()
    for _ in range(100):
        case = Case("CASE-1")
        for event in LIFE.events:
            case = evolve(case, event)
    assert (time.process_time() - start) / (100 * len(LIFE.events)) < 100e-6  # about 10 µs; the bound is for a busy machine
