"""The campaigns of `scripts/deep`: each tries seed after seed with the functions of its test, and says what it met."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.domain import test_reports_reference as months_reference
from tests.domain import test_signals_reference as reference
from tests.network import test_cut_off


class Campaign(NamedTuple):
    """`wanted`: how many by default. `tries`: from a first seed on, (how many were tried, what they met) each time."""

    wanted: int
    tries: Callable[[int], Iterator[tuple[int, Mapping[str, int]]]]


def histories(seed: int) -> Iterator[tuple[int, Mapping[str, int]]]:
    """One generated history after the other; those that the reference does not count are no try."""
    while True:
        one = reference.agreed(seed)
        yield (1, Counter(fell.rung for fell in one.said)) if one is not None else (0, {"not counted": 1})
        seed += 1


def months(seed: int) -> Iterator[tuple[int, Mapping[str, int]]]:
    """The months of one generated history after the other, at every unit."""
    while True:
        yield 1, months_reference.agreed(seed)
        seed += 1


def cuts(seed: int) -> Iterator[tuple[int, Mapping[str, int]]]:
    """One town after the other, a hundred cuts and some."""
    while True:
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
            met = test_cut_off.cuts(Path(folder), seed)
        yield met.pop("cuts"), met
        seed += 1


CAMPAIGNS: Mapping[str, Campaign] = {
    "histories": Campaign(100_000, histories),
    "months": Campaign(100_000, months),
    "cuts": Campaign(10_000, cuts),
}


def run(names: list[str], count: int, minutes: float, seed: int) -> int:
    """Each campaign to its number, or until the time of all is over. Answers the exit status."""
    end, failed = time.monotonic() + minutes * 60 if minutes else float("inf"), 0
    for at, name in enumerate(names):
        share = (end - time.monotonic()) / (len(names) - at)
        failed |= _campaign(name, CAMPAIGNS[name], count or CAMPAIGNS[name].wanted, time.monotonic() + share, seed)
    return failed


def _campaign(name: str, one: Campaign, wanted: int, end: float, seed: int) -> int:
    began, done, met, now = time.monotonic(), 0, Counter[str](), seed
    tries = one.tries(seed)
    while done < wanted and time.monotonic() < end:
        try:
            tried, found = next(tries)
        except AssertionError as error:
            print(f"{name}: seed {now} disagrees: {str(error)[:2000]}", flush=True)
            return 1
        done, now = done + tried, now + 1
        met.update(found)
    told = ", ".join(f"{value} {word}" for word, value in sorted(met.items()))
    print(
        f"{name}: {done} of {wanted} tried from seed {seed}, none disagrees; met {told}; {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return 0
