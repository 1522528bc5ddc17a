"""A furnished chain of nodes on disk, and the bare commit everything is measured against."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from node.store.database import connect
from tests.support.network import Town, four_tiers

ROUNDS = 3


@contextmanager
def town() -> Iterator[Town]:
    """Four tiers, furnished; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="tongban-bench-", dir=Path.cwd()) as folder:
        made = four_tiers(Path(folder) / "town")
        try:
            yield made
        finally:
            made.close()


def bare_commit(folder: Path, count: int = 500) -> float:
    """Seconds of one durable commit (WAL, FULL) of a row of 1 KB."""
    connection = connect(folder / "bare.db")
    connection.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, data BLOB)")
    data = os.urandom(1000)

    def all_of_them() -> None:
        for _ in range(count):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO t(data) VALUES(?)", (data,))
            connection.execute("COMMIT")

    seconds = timed(all_of_them) / count
    connection.close()
    return seconds


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show(what: str, ratios: list[float], detail: str) -> None:
    middle = statistics.median(ratios)
    print(f"{what}: {middle:.2f} (min {min(ratios):.2f}, max {max(ratios):.2f}; {detail})", flush=True)
