"""SQL over the facts of cases (`projected/facts.py`): cells of cases that agree, for analysis; the rows of a month, for the export.

What is asked by item or by branch is read from counts that are kept beside the facts (`fact_counts.py`), whole months at once. The days that a
period has beyond these, and single nodes, are counted from the facts, along an index in the order in which is grouped, so that nothing is
sorted. DuckDB runs the same statement over the exported files (`parquet.py`). Times are days like 20261130.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.domain.calendar import day_of
from node.domain.supervision.analysis import Cell
from node.store.fact_counts import COUNTED, DECIDED, FILED, LATE, NEVER, spans
from node.store.measures import Narrow

FEW = 400  # nodes that are looked up one by one
_SUMS = ("count(*) FILTER (WHERE late=1)", "count(*) FILTER (WHERE late=2)", "sum(paused)", "count(*) FILTER (WHERE paused>0)")
_COUNTS = [f"sum({one})" for one in COUNTED]
AMONG = "(SELECT value FROM json_each(:{name}))"  # how a list of values is said


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: what was FILED, DECIDED, or decided LATE (at the unit that answers for it); by which columns it is grouped (node, or unit:
    the branch below this node and the tier; item, month, decision; never item and node with a month), whether also by the days used."""

    what: int
    columns: frozenset[str]
    days: bool
    narrow: Narrow


def cells(connection: sqlite3.Connection, asked: Asked) -> Iterator[Cell]:
    """The cells, in no order that means anything; one may come in parts. By unit their node is the branch where that is counted, else the
    node itself."""
    nodes = dict(connection.execute("SELECT id, node_id FROM authors").fetchall())
    rows = {node_id: row for row, node_id in nodes.items()}
    given = [rows[one] for one in asked.narrow.places or () if one in rows]
    table, whole = _table(asked), period(asked.narrow)
    for first, last, of_counts in spans(*whole) if table else [(*whole, False)]:
        if of_counts:
            sql, values = _of_counts(asked, table, first, last)
        else:
            sql, values = statement(asked, f"facts INDEXED BY {_index(asked, (first, last))}", given, (first, last))
        for node, *rest in connection.execute(sql, values):
            yield Cell(nodes.get(node, b""), *rest)


def period(narrow: Narrow) -> tuple[int, int]:
    """First and last day, 0 and NEVER for open."""
    return _number(narrow.first_ms, 0), _number(narrow.end_ms - 1, NEVER)


def _table(asked: Asked) -> str:
    """The counts that say it; "" where only the facts do."""
    by, narrow = asked.columns, asked.narrow
    if narrow.places is not None or "node" in by:
        return ""
    if "unit" not in by:
        return "fact_items"
    return "fact_both" if "item" in by or narrow.item or narrow.items is not None else "fact_units"


def _of_counts(asked: Asked, table: str, first: int, last: int) -> tuple[str, dict[str, object]]:
    """Of whole months."""
    by, unit = asked.columns, table != "fact_items"
    keys = {
        "branch": ("0", unit), "item_id": ("''", "item" in by), "month": ("0", "month" in by), "decision": ("''", "decision" in by),
        "days": ("0", asked.days),
    }  # fmt: skip
    said = [name if wanted else nothing for name, (nothing, wanted) in keys.items()]
    parts = ["what=:what", "month BETWEEN :first AND :last"]
    values: dict[str, object] = {"what": asked.what, "first": first // 100, "last": last // 100}
    _among(parts, values, asked.narrow, [], "", AMONG)
    tier = "tier" if unit else "''"
    group = [name for name, (_, wanted) in keys.items() if wanted] + (["tier"] if unit else [])
    sql = f"SELECT {', '.join([*said, *_COUNTS, tier])} FROM {table} WHERE {' AND '.join(parts)}"
    return sql + (f" GROUP BY {', '.join(group)}" if group else " HAVING sum(n)>0"), values


def _index(asked: Asked, days: tuple[int, int]) -> str:
    """To look nodes up where few are wanted or items are asked for with them, to walk along the nodes where nothing but these is asked for,
    else along the months."""
    by, places = asked.columns, asked.narrow.places
    few = places is not None and not asked.narrow.other_places and len(places) < FEW
    both = few or ("item" in by and bool(by & {"node", "unit"}))
    table = {FILED: "facts_filed_", DECIDED: "facts_", LATE: "facts_late_"}[asked.what]
    return table + ("both" if both or _only_nodes(asked, days) else "node")


def _only_nodes(asked: Asked, days: tuple[int, int]) -> bool:
    return asked.columns == {"node"} and not asked.days and days == (0, NEVER)


def _in_order(asked: Asked, days: tuple[int, int], node: str, month: str) -> list[str]:
    """By what SQLite groups: in the order of the index that it walks, which may have more columns than were asked for."""
    of_node = bool(asked.columns & {"node", "unit"})
    order = [node, "item_id"] if of_node and "item" in asked.columns else [month, node] if of_node else [month, "item_id"]
    order = [node] if _only_nodes(asked, days) else order
    order += ["decision"] if asked.what != FILED and (asked.days or "decision" in asked.columns) else []
    return order + (["days"] if asked.days else [])


def _as_asked(asked: Asked, node: str, month: str) -> list[str]:
    """By what was asked for, and nothing else."""
    keys = {node: asked.columns & {"node", "unit"}, "item_id": "item" in asked.columns, month: "month" in asked.columns}
    keys |= {"decision": "decision" in asked.columns and asked.what != FILED, "days": asked.days}
    return [key for key, wanted in keys.items() if wanted]


def statement(
    asked: Asked, source: str, places: Sequence[int] | Sequence[str], days: tuple[int, int], among: str = AMONG
) -> tuple[str, dict[str, object]]:  # fmt: skip
    """The statement over facts and its values. `places`: the nodes that narrow it, as the source writes them; `days`: of which period;
    `among`: how it says a list of values (with AMONG, as SQLite, they are JSON)."""
    node, filed = {FILED: "origin", DECIDED: "decider", LATE: "late_by"}[asked.what], asked.what == FILED
    day, month = ("filed", "filed_month") if filed else ("decided", "decided_month")
    order = _in_order(asked, days, node, month) if among == AMONG else _as_asked(asked, node, month)
    said = [
        node if node in order else "0", "item_id" if "item_id" in order else "''", month if month in order else "0",
        "decision" if "decision" in order else "''", "days" if asked.days else "0", "count(*)",
    ]  # fmt: skip
    sums = _SUMS if asked.what == DECIDED else ("0",) * 4
    parts, values = _in_days(month, day, days) if among == AMONG else _on_dates(f"{day}_on", days)
    parts += ["late=1"] if asked.what == LATE else []
    _among(parts, values, asked.narrow, places, node, among)
    group = f"GROUP BY {', '.join(order)}" if order else "HAVING count(*)>0"
    return f"SELECT {', '.join([*said, *sums])} FROM {source} WHERE {' AND '.join(parts)} {group}", values


def _in_days(month: str, day: str, days: tuple[int, int]) -> tuple[list[str], dict[str, object]]:
    if days == (0, NEVER):
        return [f"{month}>0"], {}
    values: dict[str, object] = {"first_month": days[0] // 100, "last_month": days[1] // 100, "first": days[0], "last": days[1]}
    return [f"{month}>0", f"{month} BETWEEN :first_month AND :last_month", f"{day} BETWEEN :first AND :last"], values


def _on_dates(column: str, days: tuple[int, int]) -> tuple[list[str], dict[str, object]]:
    """The same over a column of dates, which DuckDB finds by what its files say of themselves."""
    parts, values = [f"{column} IS NOT NULL"], dict[str, object]()
    for name, sign, number in (("first", ">=", days[0]), ("last", "<=", days[1])):
        if (date := _date(number % NEVER)) is not None:
            parts.append(f"{column} {sign} :{name}")
            values[name] = date
    return parts, values


def _among(
    parts: list[str], values: dict[str, object], narrow: Narrow, places: Sequence[int] | Sequence[str], node: str, among: str
) -> None:  # fmt: skip
    """Which nodes and items."""
    if narrow.item:
        parts.append("item_id=:item_id")
        values["item_id"] = narrow.item
    for name, column, wanted, other in (
        ("places", node, places if narrow.places is not None else None, narrow.other_places),
        ("items", "item_id", narrow.items, narrow.other_items),
    ):
        if wanted is not None:
            parts.append(f"{column} {'NOT ' if other else ''}IN {among.format(name=name)}")
            values[name] = json.dumps(list(wanted)) if among == AMONG else list(wanted)


def _number(ms: int, otherwise: int) -> int:
    """The day of an instant as a number; `otherwise` where nothing was said."""
    if abs(ms) >= 2**62 - 1:
        return otherwise
    day = day_of(ms)
    return day.year * 10_000 + day.month * 100 + day.day


def first_month(connection: sqlite3.Connection) -> int:
    """The month of the first filing that is known, such as 202611; 0 for none."""
    row = connection.execute("SELECT min(month) FROM fact_items WHERE what=?", (FILED,)).fetchone()
    return int(row[0] or 0)


# export -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """A case as it is exported. Days None while there is none; nodes by their ids."""

    case_no: str
    item: str
    origin: bytes
    filed: dt.date | None
    decider: bytes
    decided: dt.date | None
    decision: str
    days: int
    paused: int
    late: int
    late_by: bytes


def months(connection: sqlite3.Connection) -> list[int]:
    """The months in which something was filed, such as 202611, in order."""
    return [row[0] for row in connection.execute("SELECT DISTINCT month FROM fact_items WHERE what=? ORDER BY 1", (FILED,))]


def of_month(connection: sqlite3.Connection, month: int) -> Iterator[Fact]:
    """What was filed in a month, by case number."""
    rows = connection.execute(
        "SELECT case_no, item_id, o.node_id, filed, d.node_id, decided, decision, days, paused, late, l.node_id FROM facts f"
        " JOIN authors o ON o.id=f.origin LEFT JOIN authors d ON d.id=f.decider LEFT JOIN authors l ON l.id=f.late_by"
        " WHERE f.filed_month=? ORDER BY case_no",
        (month,),
    )
    for no, item, origin, filed, decider, decided, decision, days, paused, late, late_by in rows:
        yield Fact(no, item, origin, _date(filed), decider or b"", _date(decided), decision, days, paused, late, late_by or b"")


def _date(number: int) -> dt.date | None:
    return dt.date(number // 10_000, number // 100 % 100, number % 100) if number else None
