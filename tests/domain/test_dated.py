"""When an act was done: its claim, between the receipt that it cites and the first word of its author's parent that covers it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.domain.cases.audit import audit
from node.domain.cases.dated import MOVED_MS, bounded, dated, is_late_report, is_moved
from node.domain.model import Event
from tests.domain.test_deadlines import ms

times = st.integers(-(2**62), 2**62)


@given(times, times, st.none() | times)
def test_a_time_lies_between_its_bounds_and_is_the_claim_where_that_does(claim: int, since: int, until: int | None) -> None:
    at = dated(claim, since, until)
    assert until is None or at <= until
    assert at >= since or at == until
    if since <= claim and (until is None or claim <= until):
        assert at == claim


def event(claim: int, since: int = 0) -> Event:
    return Event("opened", b"a" * 16, "s", dated(claim, since), {}, "c", 2, b"", 1, "accepted", b"a" * 16, b"h" * 32, claim=claim)


def test_what_has_not_been_borne_out_is_dated_as_claimed_and_what_came_before_it_is_bounded() -> None:
    early = event(ms(3, 2))
    assert bounded(early, None) == early == bounded(early, ms(3, 3))
    assert bounded(early, ms(3, 1)).at == ms(3, 1) and bounded(early, ms(3, 1)).claimed == ms(3, 2)


def test_five_minutes_are_no_finding_and_more_than_a_working_day_is_a_late_report() -> None:
    assert not is_moved(event(ms(3, 2), ms(3, 2) + MOVED_MS)) and is_moved(event(ms(3, 2), ms(3, 2) + MOVED_MS + 1))
    assert not is_late_report(event(ms(3, 6), ms(3, 9))) and is_late_report(event(ms(3, 6), ms(3, 10)))  # over a weekend
    ahead = replace_at(event(ms(3, 10)), ms(3, 2))
    assert is_moved(ahead) and not is_late_report(ahead)


def replace_at(one: Event, at: int) -> Event:
    return one._replace(at=at)


def test_both_stand_among_the_findings_of_the_audit() -> None:
    from tests.domain.test_deadlines import ACCEPTED

    late = event(ms(3, 6), ms(3, 10))
    assert {"claim_moved", "late_reported"} <= set(audit(ACCEPTED, late))
    assert not {"claim_moved", "late_reported"} & set(audit(ACCEPTED, event(ms(3, 6))))
