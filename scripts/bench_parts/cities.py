"""Cities of 3,702 nodes whose query tables are filled directly, for the measurements of supervision and of analysis.

The nodes are enrolled by entries that they would have written; sixty real cases, the longest overdue, are the first that lists show. A big city
takes some minutes to fill. With TONGBAN_BENCH_KEEP=FOLDER a filled city stays there and the next run asks it again, as long as it was filled for
tables of the same versions.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.facts import FactValue
from federation.protocol.proofs import ENROLMENT
from node.demo.memory_network import Network, Node
from node.store import outdated
from node.store.desk import NEVER
from node.store.journal import Draft
from node.store.projected.cases import Cases
from node.store.projected.registry import PROJECTIONS
from node.store.projected.rollups import recount
from node.store.store import Tx
from scripts.bench_parts import beside, facts
from scripts.bench_parts.common import town
from tests.federation.builders import Author, seed
from tests.support.network import CHAIN, CLERK, DAY, Town, four_tiers

SMALL, BIG, REAL = 20_000, 2_000_000, 60
DISTRICTS, TOWNSHIPS, VILLAGES = 13, 160, 3528  # with the city 3,702
ITEMS, SPAN = 100, 400 * DAY  # items of the cases; in which time they came in, ms
STATES = (("accepted", "examine"), ("accepted", "approve"), ("submitted", "accept"), ("suspended", "examine"))
MARK = "filled.json"  # beside a kept city: what it was filled for


@contextmanager
def city_of(size: int) -> Iterator[Node]:
    """The root of a city with so many cases."""
    kept = os.environ.get("TONGBAN_BENCH_KEEP")
    if not kept:
        with town() as network:
            yield furnish(network, size)
        return
    folder = Path(kept) / str(size)
    network = _kept(folder) or _filled(folder, size)
    try:
        yield network["city"]
    finally:
        Network.close(network)


def _versions() -> dict[str, int]:
    return {outdated.KNOWN: outdated.KINDS, **{one.NAME: one.VERSION for one in PROJECTIONS}}


def _kept(folder: Path) -> Town | None:
    """The city that was filled before; None where there is none, or for tables of other versions."""
    mark = json.loads((folder / MARK).read_text()) if (folder / MARK).exists() else {}
    if mark.get("versions") != _versions():
        return None
    network = Town(folder)
    network.world.time = mark["time"]
    for name, parent, _ in CHAIN:
        network.adopt(name, parent)
    return network


def _filled(folder: Path, size: int) -> Town:
    shutil.rmtree(folder, ignore_errors=True)
    network = four_tiers(folder)
    furnish(network, size)
    (folder / MARK).write_text(json.dumps({"versions": _versions(), "time": network.world.time}))
    return network


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
    for fill in (_fill, facts.fill, beside.fill):
        city.center.store.run(partial(fill, nodes=nodes, size=size))
    print(f"{size} cases of {len(nodes)} nodes laid down in {time.perf_counter() - begin:.0f} s", flush=True)
    return city


# the tree ----------------------------------------------------------------------------------------------------------------


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
    """One case in twenty is open; of the others one in twenty ended otherwise, one in ten was late, one in a hundred waits to be collected."""
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


def _stands(n: int, random: Random) -> tuple[str, str]:
    """(status, what it waits for) of a case."""
    if n % 20 == 0:
        return ("in_transit", "transit") if n % 2000 == 0 else random.choice(STATES)
    decided = {"approved": n % 200 == 3, "refused": n % 400 == 1}
    status = next((one for one, fits in decided.items() if fits), "concluded" if n % 100 == 7 else "delivered")
    return status, {"delivered": "", "concluded": "deliver"}.get(status, "conclude")


def _rows(
    nodes: list[bytes], size: int, now: int, first: int
) -> Iterator[tuple[tuple[object, ...], tuple[object, ...], tuple[object, ...]]]:
    random = Random(1)
    days = [time.strftime("%Y-%m-%d", time.gmtime((now + 28_800_000 + n * DAY) / 1000)) for n in range(-8, 40)]
    for n in range(size):
        node, item, no, filed = random.choice(nodes), f"ZW{random.randrange(ITEMS):03}", f"B-{n:08}", now - random.randrange(SPAN)
        is_open, ended = n % 20 == 0, n % 20 == 1
        status, step = _stands(n, random)
        on_way, due = step == "transit", random.choice(days) if is_open or step == "conclude" else None
        decided, over = 0 if is_open else filed + DAY * random.randrange(1, 20), random.randrange(-1, 9)
        concluded = 0 if step == "conclude" else decided
        yield (
            (no, status, b"" if on_way else node, node, item, 5, 1, bytes(32), filed, filed, decided, concluded, 0 if step else decided,
             "" if is_open else "refused" if ended else "approved",
             node if on_way else None, node if on_way else None, due, 0, first + n, 0, 0, "elsewhere" if step else None, due or NEVER, 0, 0,
             "" if n % 40 else "s-1", None, 0, "", filed, step, int(n % 4000 == 20 or n % 2000 == 0), "P" if due else ""),
            () if is_open else (no, time.strftime("%Y-%m-%d", time.gmtime((decided + DAY * over) / 1000)), node, node if over < 0 else b""),
            (no, "refused", decided, node, due or NEVER, first + n) if ended else (),
        )  # fmt: skip
