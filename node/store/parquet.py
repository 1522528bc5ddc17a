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
# Of cells that differ by the days used only: the cases together, and how many used how many days.
_SUMMED = ", ".join(f"CAST(sum({one}) AS BIGINT)" for one in ("n", "late", "unlimited", "paused", "stopped"))
_TOOK = f"""SELECT node, item, month, decision, 0, {_SUMMED}, list(n), list(days)
FROM ({{}}) t(node, item, month, decision, days, n, late, unlimited, paused, stopped) GROUP BY ALL"""
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


class Counting:
    """Counting over exported files, for one answer: DuckDB is started once, and knows in which unit and tier each node stands."""

    def __init__(self, files: Sequence[Path], places: Mapping[bytes, tuple[bytes, str]]) -> None:
        """`places`: the branch and the tier of each node. Errors: `extra_missing`."""
        check()
        import duckdb

        self._files, self._units = f"[{', '.join(map(_quoted, files))}]", sorted(set(places.values()))
        number = {unit: n for n, unit in enumerate(self._units)}
        self._connection = duckdb.connect()
        nodes: dict[str, object] = {
            "nodes": [node.hex() for node in places],
            "units": [number[unit] for unit in places.values()],
        }
        self._connection.execute("CREATE TABLE units AS SELECT unnest($nodes) AS node, unnest($units) AS unit", nodes)

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def cells(self, asked: Asked) -> Iterator[Cell]:
        """As `facts.cells`. Cases that agree but for the days they took are one cell."""
        facts: dict[str, str] = {"origin": "filed_node", "decider": "decided_node", "late_by": "late_node", "units": ""}
        counted = {FILED: "origin", DECIDED: "decider", LATE: "late_by"}[asked.what]
        if by_unit := "unit" in asked.columns and "node" not in asked.columns and asked.narrow.places is None:
            facts |= {"units": f"LEFT JOIN units u ON u.node = {facts[counted]}", counted: "u.unit"}
        source = _FACTS.format(files=self._files, **facts)
        given = [one.hex() for one in asked.narrow.places or ()]
        sql, values = statement(asked, f"({source}) facts", given, period(asked.narrow), _AMONG)
        rows = self._connection.execute(re.sub(r":(\w+)", r"$\1", _TOOK.format(sql) if asked.days else sql), values).fetchall()
        for node, *rest in rows:
            took = tuple(zip(rest.pop(), rest.pop(), strict=True)) if asked.days else ()
            unit, tier = self._unit(node) if by_unit else (bytes.fromhex(node) if isinstance(node, str) else b"", "")
            yield Cell(unit, *rest)._replace(tier=tier, took=took)

    def _unit(self, number: int | None) -> tuple[bytes, str]:
        """Of a node that is not known here nothing."""
        return self._units[number] if number is not None else (b"", "")


def _quoted(path: Path) -> str:
    """A path as a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
