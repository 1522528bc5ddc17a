"""The exported facts as Parquet, written and counted by DuckDB (the extra `analysis`); any DuckDB, ClickHouse or Spark reads them as they are.

The statement that counts is the one of `facts.py`; only where it reads from differs.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from node.domain.supervision.analysis import Cell
from node.domain.words.errors import TongbanError
from node.store.fact_counts import DECIDED, FILED, LATE
from node.store.facts import Asked, period, statement

EXTRA = "analysis"
# Column -> type, in the order in which they stand in the files.
COLUMNS: Mapping[str, str] = {
    "case_no": "VARCHAR", "item_id": "VARCHAR", "kind": "VARCHAR", "department": "VARCHAR", "filed_on": "DATE", "filed_at": "VARCHAR",
    "filed_node": "VARCHAR", "decided_on": "DATE", "decided_by": "VARCHAR", "decided_node": "VARCHAR", "decision": "VARCHAR",
    "workdays": "INTEGER", "paused_workdays": "INTEGER", "in_time": "VARCHAR", "late_by": "VARCHAR", "late_node": "VARCHAR",
}  # fmt: skip
_DAY = (
    "coalesce(year({0}) * 10000 + month({0}) * 100 + day({0}), 0) AS {1}, coalesce(year({0}) * 100 + month({0}), 0) AS {1}_month"
)
_FACTS = (
    "SELECT item_id, {origin} AS origin, {decider} AS decider, coalesce(decision, '') AS decision, workdays AS days,"
    " paused_workdays AS paused, CASE in_time WHEN 'late' THEN 1 WHEN 'unlimited' THEN 2 ELSE 0 END AS late, {late_by} AS late_by,"
    f" filed_on, decided_on, {_DAY.format('filed_on', 'filed')}, {_DAY.format('decided_on', 'decided')} FROM read_parquet({{files}}) {{units}}"
)
# Each node's branch and tier as one text: counted by unit, a city has some twenty of them and not 3,702 nodes.
_UNITS = "LEFT JOIN (SELECT unnest($nodes) AS node, unnest($units) AS unit) u ON u.node = {node}"
_AMONG = "(SELECT unnest(CAST(:{name} AS VARCHAR[])))"


def check() -> None:
    """Errors: `extra_missing` where DuckDB is not installed."""
    if importlib.util.find_spec("duckdb") is None:
        raise TongbanError("extra_missing", extra=EXTRA)


def write(source: Path, target: Path) -> None:
    """A Parquet file of an exported CSV file, whole or not at all. Errors: `extra_missing`."""
    check()
    import duckdb

    half = target.with_suffix(".part")
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    read = f"read_csv({_quoted(source)}, header=true, nullstr='', columns={{{types}}})"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM {read}) TO {_quoted(half)} (FORMAT parquet, COMPRESSION zstd)")
    os.replace(half, target)


def cells(files: Sequence[Path], places: Mapping[bytes, tuple[bytes, str]], asked: Asked) -> Iterator[Cell]:
    """As `facts.cells`, counted over exported files. `places`: the branch and the tier of each node. Errors: `extra_missing`."""
    check()
    import duckdb

    nodes = {"origin": "filed_node", "decider": "decided_node", "late_by": "late_node"}
    facts, units = {**nodes, "units": ""}, dict[str, object]()
    if "unit" in asked.columns and "node" not in asked.columns and asked.narrow.places is None:
        counted = {FILED: "origin", DECIDED: "decider", LATE: "late_by"}[asked.what]
        facts |= {counted: f"coalesce(u.unit, {nodes[counted]})", "units": _UNITS.format(node=nodes[counted])}
        units = {"nodes": [node.hex() for node in places], "units": [f"{unit.hex()}.{tier}" for unit, tier in places.values()]}
    source = _FACTS.format(files=f"[{', '.join(map(_quoted, files))}]", **facts)
    given = [one.hex() for one in asked.narrow.places or ()]
    sql, values = statement(asked, f"({source}) facts", given, period(asked.narrow), _AMONG)
    with duckdb.connect() as connection:
        for text, *rest in connection.execute(re.sub(r":(\w+)", r"$\1", sql), {**values, **units}).fetchall():
            node, _, tier = text.partition(".") if isinstance(text, str) else ("", "", "")
            yield Cell(bytes.fromhex(node), *rest)._replace(tier=tier)


def _quoted(path: Path) -> str:
    """A path as a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
