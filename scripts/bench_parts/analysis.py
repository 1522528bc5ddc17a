"""Analysis at a city of 3,702 nodes with 2,000,000 cases: each question with the tables of the node, and over Parquet by DuckDB where that is
installed. Processor time; at most 1 s and 0.3 s are wanted. Nodes, items and days are drawn evenly, which is the worst there can be."""

from __future__ import annotations

import importlib.util
import os
import re
import statistics
import tempfile
from functools import partial
from pathlib import Path

from node.demo.memory_network import Node
from node.store import fact_counts
from node.store.store import Tx
from scripts.bench_parts.common import town
from scripts.bench_parts.oversight import BIG, DISTRICT, OVERSEER, Question, furnish, processor

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
_DAY = r"CAST(strftime('%Y%m%d', (\1 + 28800000) / 1000, 'unixepoch') AS INTEGER)"  # what stands for DAY(…)
_FACTS = """WITH said AS (SELECT c.case_no, c.item_id, o.id AS origin, DAY(c.filed_at) AS filed, coalesce(a.id, 0) AS decider,
    CASE WHEN a.id IS NULL THEN 0 ELSE DAY(c.decided_at) END AS decided, c.decision,
    CASE WHEN a.id IS NULL THEN 0 ELSE (c.decided_at - c.filed_at) * 5 / 7 / 86400000 END AS days, c.first_arrival % 20 = 3 AS stood,
    date((c.decided_at + 28800000) / 1000, 'unixepoch') > d.decided_due AS late
  FROM cases c JOIN authors o ON o.node_id=c.origin LEFT JOIN decisions d ON d.case_no=c.case_no LEFT JOIN authors a ON a.node_id=d.charged
  WHERE NOT EXISTS (SELECT 1 FROM facts f WHERE f.case_no=c.case_no))
INSERT INTO facts SELECT case_no, item_id, origin, filed, filed / 100, decider, decided, decided / 100, decision, days, stood * 3,
  coalesce(late, 0), CASE WHEN late THEN decider ELSE 0 END FROM said"""


def run() -> None:
    size = int(os.environ.get("TONGBAN_BENCH_CASES", BIG))
    with town() as network, tempfile.TemporaryDirectory() as folder:
        city = furnish(network, size)
        city.center.store.run(_fill)
        for given in QUESTIONS:
            report(given, "", partial(city.center.analysis.of, given, OVERSEER))
        if importlib.util.find_spec("duckdb") is not None:
            _export(city, Path(folder))
            for given in QUESTIONS:
                report(given, "DuckDB, ", partial(city.center.analysis.of, given, OVERSEER, Path(folder)))


def _fill(tx: Tx) -> None:
    """The facts that the rows of the cases would have, and the counts beside them."""
    triggers = tx.connection.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='facts'").fetchall()
    for name, _ in triggers:
        tx.connection.execute(f"DROP TRIGGER {name}")
    nodes = {one.node_id: tx.author_row(one.node_id) for one in tx.trust.nodes()}  # villages have written nothing
    tx.connection.execute(re.sub(r"DAY\((.*?)\)", _DAY, _FACTS))
    places = [(nodes[one.node_id], nodes[_branch(tx, one.node_id)], one.tier) for one in tx.trust.nodes()]
    tx.connection.executemany("INSERT OR IGNORE INTO fact_places VALUES(?,?,?)", places)
    fact_counts.recount(tx.connection)
    (found,) = tx.connection.execute("SELECT count(*) FROM facts").fetchone()
    print(f"{found} facts", flush=True)
    for _, sql in triggers:
        tx.connection.execute(sql)


def _branch(tx: Tx, node: bytes) -> bytes:
    path = tx.trust.path(node)
    return path[-2] if len(path) > 1 else node


def _export(city: Node, folder: Path) -> None:
    for month in city.center.exporting.months(folder, "parquet", OVERSEER):
        city.center.exporting.month(month, folder, "parquet", OVERSEER)


def report(given: dict[str, str], how: str, question: Question) -> None:
    times = [processor(question) for _ in range(ROUNDS)]
    print(f"{how}{' '.join(given.values())}: {statistics.median(times):.0f} ms, {min(times):.0f} at best", flush=True)
