"""`rebuild` of the query tables of a node that filed 6,000 cases, and of the node above it that got them through a link.

The ratio is that of a bare durable insert of as many rows of 1 KB in one transaction, on the same disk; the figure to compare between two
versions of the program is the entries a second, run in turns.
"""

from __future__ import annotations

import os
from pathlib import Path

from node.store.database import connect
from scripts.bench_parts.common import ROUNDS, show, timed, town

FILINGS = 6000


def run() -> None:
    with town() as made:
        for node in made.nodes.values():
            node.center.store.writer.wait_for_disk(False)
        for n in range(FILINGS):
            made.file("village", application_no=f"R-{n}")
        made.heal()
        for name in ("village", "township"):
            made[name].center.store.writer.wait_for_disk(True)
            ratios, best = [], 0.0
            for _ in range(ROUNDS):
                bare = _bare(made[name].folder)
                seconds = timed(made[name].center.upkeep.rebuild)
                ratios.append(seconds / bare)
                best = max(best, FILINGS / seconds)
            show(f"rebuild at the {name}, multiples of inserting the rows", ratios, f"{FILINGS} filings; {best:.0f}/s at best")


def _bare(folder: Path) -> float:
    connection = connect(folder / "bare.db")
    connection.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, data BLOB)")
    rows = [(os.urandom(1000),) for _ in range(FILINGS)]

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t(data) VALUES(?)", rows)
        connection.execute("COMMIT")

    seconds = timed(insert)
    connection.close()
    return seconds
