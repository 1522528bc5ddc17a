"""Analysis at a city of 3,702 nodes with 2,000,000 cases: each question with the tables of the node, and over Parquet by DuckDB where that is
installed. Processor time; at most 1 s and 0.3 s are wanted. Nodes, items and days are drawn evenly, which is the worst there can be."""

from __future__ import annotations

import importlib.util
import os
import statistics
import tempfile
from functools import partial
from pathlib import Path

from node.demo.memory_network import Node
from scripts.bench_parts.cities import BIG, city_of
from scripts.bench_parts.oversight import DISTRICT, OVERSEER, Question, processor

ROUNDS = 3
YEAR = {"from": "2026-01-01", "to": "2026-05-17"}
QUESTIONS: tuple[dict[str, str], ...] = (
    {"measure": "workdays", "by": "unit"}, {"measure": "workdays", "by": "item", "across": "month"},
    {"measure": "workdays", "by": "unit", "across": "item"}, {"measure": "workdays", "by": "department", "across": "kind"},
    {"measure": "workdays", "by": "item", **YEAR}, {"measure": "decided", "by": "unit", "across": "month"},
    {"measure": "decided", "by": "decision", "across": "quarter"}, {"measure": "in_time", "by": "tier", "across": "item"},
    {"measure": "immediate", "by": "unit", "across": "month"}, {"measure": "filed", "by": "node"},
    {"measure": "workdays", "by": "node"}, {"measure": "late", "by": "node", "across": "item"},
    {"measure": "workdays", "by": "unit", "across": "month", "under": DISTRICT}, {"measure": "overdue", "by": "unit", "across": "item"},
)  # fmt: skip


def run() -> None:
    size, only = int(os.environ.get("TONGBAN_BENCH_CASES", BIG)), os.environ.get("TONGBAN_BENCH_ONLY", "")
    with city_of(size) as city, tempfile.TemporaryDirectory() as folder:
        asked = [given for given in QUESTIONS if only in " ".join(given.values())]
        for given in asked:
            report(given, "", partial(city.center.analysis.of, given, OVERSEER))
        if importlib.util.find_spec("duckdb") is not None:
            _export(city, Path(folder))
            for given in asked:
                report(given, "DuckDB, ", partial(city.center.analysis.of, given, OVERSEER, Path(folder)))


def _export(city: Node, folder: Path) -> None:
    for month in city.center.exporting.months(folder, "parquet", OVERSEER):
        city.center.exporting.month(month, folder, "parquet", OVERSEER)


def report(given: dict[str, str], how: str, question: Question) -> None:
    times = [processor(question) for _ in range(ROUNDS)]
    print(f"{how}{' '.join(given.values())}: {statistics.median(times):.0f} ms, {min(times):.0f} at best", flush=True)
