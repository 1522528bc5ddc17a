"""Counts kept beside the facts of cases, by item, by branch (the child of this node below which a node stands) and by both, a row for each
month and number of days used. Triggers of the database keep them, so they cannot say anything else than the facts; whole months are read from them.
"""

from __future__ import annotations

import calendar
import sqlite3
from collections.abc import Iterator

FILED, DECIDED, LATE, NEVER = 0, 1, 2, 99_999_999
_TYPES = {"month": "INTEGER", "branch": "INTEGER", "tier": "TEXT", "item_id": "TEXT", "decision": "TEXT", "days": "INTEGER"}
KEYS = {
    "fact_items": ("month", "item_id", "decision", "days"), "fact_units": ("month", "branch", "tier", "decision", "days"),
    "fact_both": ("branch", "tier", "item_id", "decision", "days", "month"),
}  # fmt: skip
COUNTED = ("n", "late", "unlimited", "paused", "stopped")
# What of a row of facts ({0}) is counted: its columns, and how much of each count it is.
_WHAT = {
    FILED: (
        {"month": "{0}.filed_month", "node": "{0}.origin", "item_id": "{0}.item_id", "decision": "''", "days": "0"},
        ("1", "0", "0", "0", "0"),
    ),
    DECIDED: (
        {
            "month": "{0}.decided_month", "node": "{0}.decider", "item_id": "{0}.item_id", "decision": "{0}.decision", "days": "{0}.days",
        },
        ("1", "{0}.late=1", "{0}.late=2", "{0}.paused", "{0}.paused>0"),
    ),
    LATE: (
        {
            "month": "({0}.decided_month * ({0}.late=1))", "node": "{0}.late_by", "item_id": "{0}.item_id", "decision": "{0}.decision",
            "days": "0",
        },
        ("1", "0", "0", "0", "0"),
    ),
}  # fmt: skip


def _of_row(table: str, what: int, row: str, sign: str) -> str:
    """Add a row of facts to the counts, or take it away ("-"); a count of nothing goes."""
    columns, parts = _WHAT[what]
    place = f"(SELECT {{0}} FROM fact_places WHERE node={columns['node'].format(row)})"
    values = [columns[name].format(row) if name in columns else place.format(name) for name in KEYS[table]]
    names = ["what", *KEYS[table]]
    more = ", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTED)
    counts = [f"{sign}({one.format(row)})" for one in parts]
    put = (
        f"INSERT INTO {table} SELECT {what}, {', '.join([*values, *counts])} WHERE 1"
        f" ON CONFLICT({', '.join(names)}) DO UPDATE SET {more}"
    )
    gone = " AND ".join(f"{name}={value}" for name, value in zip(names, [str(what), *values], strict=True))
    return f"{put}; DELETE FROM {table} WHERE {gone} AND n=0" if sign else put


def _trigger(event: str, row: str, sign: str, what: int) -> str:
    """Count a row, or take it away, when the database does something to it."""
    done = "; ".join(_of_row(table, what, row, sign) for table in KEYS)
    name = f"facts_{event.lower()}_{row.lower()}_{what}"
    return f"CREATE TRIGGER {name} AFTER {event} ON facts WHEN {_WHAT[what][0]['month'].format(row)}>0 BEGIN {done}; END;\n"


def _table(name: str) -> str:
    keys = ", ".join(f"{key} {_TYPES[key]}" for key in KEYS[name])
    counts = ", ".join(f"{one} INTEGER NOT NULL" for one in COUNTED)
    return f"CREATE TABLE {name}(what INTEGER, {keys}, {counts}, PRIMARY KEY(what, {', '.join(KEYS[name])})) WITHOUT ROWID;\n"


_EVENTS = (("INSERT", "NEW", ""), ("UPDATE", "OLD", "-"), ("UPDATE", "NEW", ""), ("DELETE", "OLD", "-"))
TABLES = (
    "CREATE TABLE fact_places(node INTEGER PRIMARY KEY, branch INTEGER NOT NULL, tier TEXT NOT NULL);\n"
    + "".join(map(_table, KEYS))
    + "".join(_trigger(*event, what) for event in _EVENTS for what in _WHAT)
)


def recount(connection: sqlite3.Connection) -> None:
    """Count all anew: a node stands elsewhere than was known."""
    for table, names in KEYS.items():
        connection.execute(f"DELETE FROM {table}")
        for what, (columns, parts) in _WHAT.items():
            said = [columns[name].format("f") if name in columns else f"p.{name}" for name in names]
            counts = [f"sum({one.format('f')})" for one in parts]
            connection.execute(
                f"INSERT INTO {table} SELECT {what}, {', '.join([*said, *counts])} FROM facts f"
                f" JOIN fact_places p ON p.node={columns['node'].format('f')} WHERE {columns['month'].format('f')}>0"
                f" GROUP BY {', '.join(str(n) for n in range(2, len(said) + 2))}"
            )


def spans(first: int, last: int) -> Iterator[tuple[int, int, bool]]:
    """A period (days such as 20261130, 0 and NEVER for open) cut into its whole months, together, and the days before and after them:
    (first, last, whether these are whole months)."""
    begin = first // 100 if first % 100 <= 1 else _after(first // 100)
    end = last // 100 if last == NEVER or last % 100 >= _length(last // 100) else _before(last // 100)
    if begin > end:
        yield first, last, False
        return
    yield begin * 100, end * 100 + 99, True
    if first < begin * 100:
        yield first, first // 100 * 100 + 99, False
    if last > end * 100 + 99:
        yield last // 100 * 100, last, False


def _length(month: int) -> int:
    return calendar.monthrange(month // 100, month % 100)[1]


def _after(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def _before(month: int) -> int:
    return month - 1 if month % 100 > 1 else month - 89
