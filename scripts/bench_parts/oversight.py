"""Supervision at a city of 3,702 nodes: 2,000,000 cases against 20,000, asked in turns in the same process; and what roll-ups cost a filing.

The nodes are enrolled by entries that they would have written, and the query tables are filled directly; sixty real cases, the longest
overdue, are the first that lists show. The big city takes some minutes to fill.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from random import Random

from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.facts import FactValue
from federation.protocol.proofs import ENROLMENT
from node.demo.memory_network import Node
from node.domain.model import Actor, Role
from node.store.desk import NEVER
from node.store.journal import Draft
from node.store.measures import VIEWS
from node.store.projected.cases import Cases
from node.store.projected.rollups import Rollups, recount
from node.store.store import Tx
from scripts.bench_parts.common import town
from tests.federation.builders import Author, seed
from tests.support.network import AGENT, CLERK, DAY, Town

SMALL, BIG, REAL = 20_000, 2_000_000, 60
DISTRICTS, TOWNSHIPS, VILLAGES = 13, 160, 3528  # with the city 3,702
ITEMS, SPAN = 100, 400 * DAY  # items of the cases; in which time they came in, ms
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
OVERSEER = Actor("s-overseer", Role.OVERSEER)
STATES = (("accepted", "examine"), ("accepted", "approve"), ("submitted", "accept"), ("suspended", "examine"))
Question = Callable[[], object]


def run() -> None:
    big_size = int(os.environ.get("TONGBAN_BENCH_CASES", BIG))
    with town() as little, town() as large:
        cities = [furnish(network, size) for network, size in ((little, SMALL), (large, big_size))]
        small, big = (asked(city) for city in cities)
        for name in small:
            compare(name, small[name], big[name], big_size)
        writing(little)


# the tree ----------------------------------------------------------------------------------------------------------------


def furnish(network: Town, size: int) -> Node:
    city = network["city"]
    for n in range(REAL):
        filed = network.file("township", application_no=f"R-{n}", actor=CLERK)
        network.do("township", filed, "accept", CLERK)
    network.heal()
    network.world.advance(90 * DAY)
    begin = time.perf_counter()
    nodes = city.center.store.run(partial(_grow, city))
    with city.center.store.reading() as view:
        city.center.store.reload_trust(view.connection)
    city.center.store.run(partial(_fill, nodes=nodes, size=size))
    print(f"{size} cases of {len(nodes)} nodes laid down in {time.perf_counter() - begin:.0f} s", flush=True)
    return city


def _grow(city: Node, tx: Tx) -> list[bytes]:
    """Enrol districts by the city, townships by them, villages by these; all were heard a minute ago, one in forty three days ago."""
    made: list[tuple[Author, bytes]] = []
    districts = [Author(f"4201{50 + n}000000") for n in range(DISTRICTS)]
    for one in districts:
        tx.journal.append(Draft("node_enrolled", "node", _facts(one, city.id, "district")))
        made.append((one, city.id))
    townships = [(Author(f"4201{50 + n % DISTRICTS}{n + 1:03}000"), districts[n % DISTRICTS]) for n in range(TOWNSHIPS)]
    villages = [
        (Author(f"{townships[n % TOWNSHIPS][0].name[:9]}{n // TOWNSHIPS + 1:03}"), townships[n % TOWNSHIPS][0])
        for n in range(VILLAGES)
    ]
    for tier, ones in (("township", townships), ("village", villages)):
        for one, parent in ones:
            _store(tx, parent, one, tier)
            made.append((one, parent.node_id))
    now = tx.now()
    rows = [
        (one.node_id, parent, at := now - (3 * DAY if n % 40 == 39 else 60_000) - n, at, at)
        for n, (one, parent) in enumerate(made)
    ]
    tx.connection.executemany("INSERT INTO heard_of VALUES(?,?,1,1,?,?,0,1,1,?)", rows)
    return [city.id, *(one.node_id for one, _ in made)]


def _facts(child: Author, parent: bytes, tier: str) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {
        "node": child.node_id, "key": child.signer.public, "code": child.name, "tier": tier, "parent": parent,
        "link_key": seed(f"link {child.name}"), "invitation": seed(f"code {child.name}"),
    }  # fmt: skip
    return {**facts, "proof": ENROLMENT.prove(child.signer, facts)}


def _store(tx: Tx, parent: Author, child: Author, tier: str) -> None:
    entry = parent.write("node_enrolled", _facts(child, parent.node_id, tier), entry_class="node")
    fields = decode_header(entry.header)
    tx.journal.write()
    tx.connection.execute(
        "INSERT INTO entries VALUES((SELECT max(arrival)+1 FROM entries),?,?,?,?,?,'node',NULL,NULL,?,?,NULL,0,?,0)",
        (
            tx.author_row(parent.node_id),
            fields.epoch,
            fields.seq,
            entry_hash(entry.header),
            fields.kind,
            entry.header,
            entry.signature,
            tx.now(),
        ),
    )


# the cases ---------------------------------------------------------------------------------------------------------------


def _fill(tx: Tx, nodes: list[bytes], size: int) -> None:
    """One case in twenty is open; of the others one in twenty ended otherwise, one in ten was late."""
    late = [line for line in Cases.TABLES.split(";\n") if line.strip().startswith("CREATE INDEX")]
    for line in late:
        tx.connection.execute(f"DROP INDEX {line.split()[2]}")
    first = tx.connection.execute("SELECT max(arrival) FROM entries").fetchone()[0] + 1
    columns = tx.connection.execute("SELECT * FROM cases LIMIT 1").description
    insert = f"INSERT INTO cases VALUES({','.join('?' * len(columns))})"
    made = _rows(nodes, size, tx.now(), first)
    while some := list(islice(made, 20_000)):
        tx.connection.executemany(insert, [row for row, _, _ in some])
        tx.connection.executemany("INSERT INTO decisions VALUES(?,?,0,?,?)", [one for _, one, _ in some if one])
        tx.connection.executemany("INSERT INTO ends VALUES(?,?,?,?,?,?)", [one for _, _, one in some if one])
    for line in late:
        tx.connection.execute(line)
    recount(tx.connection, tx.trust, tx.identity.node_id)
    tx.connection.execute("PRAGMA optimize")


def _rows(
    nodes: list[bytes], size: int, now: int, first: int
) -> Iterator[tuple[tuple[object, ...], tuple[object, ...], tuple[object, ...]]]:
    random = Random(1)
    days = [time.strftime("%Y-%m-%d", time.gmtime((now + 28_800_000 + n * DAY) / 1000)) for n in range(-8, 40)]
    for n in range(size):
        node, item, no, filed = random.choice(nodes), f"ZW{random.randrange(ITEMS):03}", f"B-{n:08}", now - random.randrange(SPAN)
        is_open, on_way = n % 20 == 0, n % 2000 == 0
        status, step = ("in_transit", "transit") if on_way else random.choice(STATES) if is_open else ("delivered", "")
        due = random.choice(days) if is_open else None
        decided, over = 0 if is_open else filed + DAY * random.randrange(1, 20), random.randrange(-1, 9)
        yield (
            (no, status, b"" if on_way else node, node, item, 5, 1, bytes(32), filed, filed, decided, decided, decided, "" if is_open else "approved",
             node if on_way else None, node if on_way else None, due, 0, first + n, 0, 0, "elsewhere" if is_open else None, due or NEVER, 0, 0,
             "" if n % 40 else "s-1", None, 0, "", filed, step, int(n % 4000 == 20), "P" if is_open else ""),
            () if is_open else (no, time.strftime("%Y-%m-%d", time.gmtime((decided + DAY * over) / 1000)), node, node if over < 0 else b""),
            (no, "refused", decided, node, NEVER, first + n) if n % 20 == 1 else (),
        )  # fmt: skip


# asking ------------------------------------------------------------------------------------------------------------------


def asked(city: Node) -> dict[str, Question]:
    """What is asked of a city, by name: what begins with "overview" is to take twice the time at most, a list three times."""
    oversight, network = city.center.oversight, city.center.network
    found: dict[str, Question] = {
        "overview: desk": partial(oversight.desk, {}, OVERSEER),
        "overview: units": partial(oversight.units, {}, OVERSEER),
        "overview: desk of a district": partial(oversight.desk, {"under": DISTRICT}, OVERSEER),
        "overview: units of a district": partial(oversight.units, {"at": DISTRICT}, OVERSEER),
        "network": partial(network.tree, OVERSEER),
        "every node": partial(oversight.nodes, OVERSEER),
    }
    found |= {f"list {view}": partial(oversight.listed, {"view": view}, OVERSEER) for view in VIEWS}
    for name, text in NARROWED.items():
        found[f"list open, {name}"] = partial(oversight.listed, {"view": "open", name: text}, OVERSEER)
    for measure, by in COUNTED:
        found[f"counts of {measure} by {by}"] = partial(oversight.stats, OVERSEER, measure, by)
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
