"""Waits grow, are capped, differ, belong to one peer, and end with contact. The clock is a number."""

from __future__ import annotations

from random import Random

import pytest

from federation.protocol.backoff import CAP, SHORTEST, Backoff

A, B = b"a" * 16, b"b" * 16


class Highest(Random):
    """Chance that always draws the bound."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_bound_doubles_up_to_the_cap() -> None:
    backoff = Backoff(Highest())
    assert [backoff.failed(A, 0.0) for _ in range(9)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, CAP, CAP]


def test_a_year_of_failures_is_still_a_minute() -> None:
    backoff = Backoff(Highest())
    assert {backoff.failed(A, 0.0) for _ in range(3000)} <= {0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, CAP}


@pytest.mark.parametrize("chance", range(5))
def test_waits_are_drawn_evenly_below_the_bound(chance: int) -> None:
    backoff = Backoff(Random(chance))
    waits = [backoff.failed(A, 0.0) for _ in range(400)][20:]
    assert all(SHORTEST <= wait <= CAP for wait in waits)
    assert 20 < sum(waits) / len(waits) < 40
    assert len(set(waits)) > 300


def test_due_when_the_wait_is_over() -> None:
    backoff = Backoff(Highest())
    assert backoff.due(A, 0.0)
    backoff.failed(A, 100.0)
    assert backoff.wait(A, 100.2) == pytest.approx(0.3)
    assert not backoff.due(A, 100.49)
    assert backoff.due(A, 100.5)


def test_each_peer_waits_by_itself_and_contact_clears() -> None:
    backoff = Backoff(Highest())
    for _ in range(5):
        backoff.failed(A, 0.0)
    assert backoff.due(B, 0.0)
    assert backoff.failures(B) == 0
    backoff.clear(A)
    backoff.clear(A)
    assert backoff.due(A, 0.0)
    assert backoff.failed(A, 0.0) == 0.5


def test_a_clock_set_back_does_not_stretch_the_wait() -> None:
    backoff = Backoff(Highest())
    backoff.failed(A, 1_000_000.0)
    assert backoff.wait(A, 0.0) <= CAP


def test_it_is_kept_over_a_restart() -> None:
    backoff, again = Backoff(Highest()), Backoff(Highest())
    backoff.failed(A, 0.0)
    backoff.failed(A, 0.0)
    again.load(backoff.dump())
    assert again.failures(A) == 2
    assert again.wait(A, 0.0) == 1.0
    assert again.failed(A, 0.0) == 2.0
