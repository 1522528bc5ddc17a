"""Supervision at a city of 3,702 nodes: 2,000,000 cases against 20,000 (`cities.py`), asked in turns in the same process; and what roll-ups cost a
filing."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice

from node.demo.memory_network import Node
from node.domain.model import Actor, Role
from node.services.center import Center
from node.store.measures import VIEWS
from node.store.projected.rollups import Rollups
from scripts.bench_parts.cities import BIG, SMALL, city_of
from scripts.bench_parts.common import town
from tests.support.network import AGENT, Town

ROUNDS, FILINGS = 5, 200
DISTRICT = "420150000000"
NARROWED = {"under": DISTRICT, "holder": "420150001001", "item": "ZW007", "kind": "commitment", "step": "approve", "over": "5"}
COUNTED = (
    ("filed", "node"),
    ("filed", "item"),
    ("on_time", "tier"),
    ("late", "node"),
    ("overdue", "step"),
    ("filed", "status"),
    ("filed", "day"),
)
BESIDE: dict[str, Callable[[Center], Callable[..., object]]] = {
    "signals": lambda center: center.cards.listed, "orders": lambda center: center.orders.listed,
    "appeals": lambda center: center.appeals.listed, "reminders": lambda center: center.prompts.listed,
    "findings": lambda center: center.findings.listed,
}  # fmt: skip
NARROWED_BESIDE: dict[str, tuple[dict[str, str], ...]] = {
    "signals": ({"rung": "yellow"}, {"state": "in_force"}, {"rule": "T02"}, {"node": DISTRICT}),
    "orders": ({"box": "below"}, {"state": "received"}, {"state": "overdue"}, {"unit": DISTRICT}),
    "appeals": ({"box": "below"}, {"state": "review"}),
    "reminders": ({"box": "below"}, {"answered": "no"}), "findings": ({"node": DISTRICT}, {"monitor": "logic"}),
}  # fmt: skip
OVERSEER = Actor("s-overseer", Role.OVERSEER)
Question = Callable[[], object]


def run() -> None:
    big_size, only = int(os.environ.get("TONGBAN_BENCH_CASES", BIG)), os.environ.get("TONGBAN_BENCH_ONLY", "")
    with city_of(SMALL) as little, city_of(big_size) as large:
        small, big = asked(little), asked(large)
        for name in (one for one in small if only in one):
            compare(name, small[name], big[name], big_size)
    if not only:
        with town() as network:
            writing(network)


# asking ------------------------------------------------------------------------------------------------------------------


def asked(city: Node) -> dict[str, Question]:
    """What is asked of a city, by name: what begins with "overview" is to take twice the time at most, a list three times."""
    oversight, network = city.center.oversight, city.center.network
    found: dict[str, Question] = {
        "overview: desk": partial(oversight.desk, {}, OVERSEER),
        "overview: units": partial(oversight.units, {}, OVERSEER),
        "overview: desk of a district": partial(oversight.desk, {"under": DISTRICT}, OVERSEER),
        "overview: units of a district": partial(oversight.units, {"at": DISTRICT}, OVERSEER),
        "overview: page of a district": partial(oversight.unit, {"at": DISTRICT}, OVERSEER),
        "network": partial(network.tree, OVERSEER),
        "every node": partial(oversight.nodes, OVERSEER),
    }
    found |= {f"list {view}": partial(oversight.listed, {"view": view}, OVERSEER) for view in VIEWS}
    for name, text in NARROWED.items():
        found[f"list open, {name}"] = partial(oversight.listed, {"view": "open", name: text}, OVERSEER)
    for measure, by in COUNTED:
        found[f"counts of {measure} by {by}"] = partial(oversight.stats, OVERSEER, measure, by)
    for name, listed in BESIDE.items():
        for given in ({}, *NARROWED_BESIDE[name]):
            found[" ".join(("list of", name, *given.values()))] = partial(listed(city.center), given, OVERSEER)
    return found


def compare(name: str, small: Question, big: Question, size: int) -> None:
    """The ratio of medians, the two asked in turns, by processor time: another process does not count."""
    small(), big()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for question, found in zip((small, big), times, strict=True):
            found.append(processor(question))
    little, large = (statistics.median(found) for found in times)
    print(
        f"{name}: {large / little:.2f} ({little:.0f} ms at {SMALL}, {large:.0f} ms at {size}, {min(times[1]):.0f} at best)",
        flush=True,
    )


def processor(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


# writing -----------------------------------------------------------------------------------------------------------------


def writing(network: Town) -> None:
    """What roll-ups cost a filing at a village: the processor time that is spent in them."""
    center, documents = (
        network["village"].center,
        (network.application("village", application_no=f"W-{n}") for n in range(FILINGS * (ROUNDS + 1))),
    )
    parts = list[float](), list[float]()
    with watched() as spent:
        for _ in range(ROUNDS + 1):
            some = list(islice(documents, FILINGS))
            spent.clear()
            whole = processor(lambda some=some: [center.intake.file(one, AGENT) for one in some]) * 1000 / FILINGS  # type: ignore[misc]
            parts[0].append(sum(spent) * 1e6 / FILINGS)
            parts[1].append(whole)
    more, whole = (statistics.median(found[1:]) for found in parts)
    print(
        f"roll-ups of a filing: {more:.0f} µs ({100 * more / (whole - more):.1f} % of the rest, {whole - more:.0f} µs; at most 5 % or 50 µs)",
        flush=True,
    )


@contextmanager
def watched() -> Iterator[list[float]]:
    """Seconds of processor time of each look at the roll-ups."""
    spent: list[float] = []
    kept = {name: getattr(Rollups, name) for name in ("leave", "settle")}

    def timing(name: str) -> Callable[..., None]:
        def work(*arguments: object) -> None:
            begin = time.thread_time()
            kept[name](*arguments)
            spent.append(time.thread_time() - begin)

        return work

    for name in kept:
        setattr(Rollups, name, timing(name))
    try:
        yield spent
    finally:
        for name, before in kept.items():
            setattr(Rollups, name, before)
