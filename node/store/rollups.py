"""Roll-ups: how many cases of a kind there are, kept by level, so that an overview takes the same time over millions.

Two tables. `rolled` has the cases that are open or on their way (who holds them, item, state, due day, what they wait for);
`rolled_months` what happened (filed, decided, late, concluded, ended otherwise) by the month in which it did, and in which state
those are that are over. A row counts cases of one place:
OWN of the node itself, BELOW of all that are strictly under it in the own subtree, OUTSIDE of nodes elsewhere together. Every row stands
twice, under EVERY item and (EACH) with its own, but what happened at other nodes by themselves only under EVERY. Beside them stands how many
cases each place has at all (PLACES, but for the node that counts), and of all places together what happened on each day (DAYS).

They are written with the rows of the cases, in the entry's transaction (`projected/rollups.py`). What a `Measure` asks of `cases` is asked of
`rolled` in the same words: its columns have the same names.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from federation.protocol.trust import TrustStore
from node.domain.calendar import DAY_MS
from node.domain.figures import NO_STEP
from node.store.questions import CHECKING, END_MS, FIRST_MS, UNASSIGNED, Day, Measure, Narrow, Scope

OWN, BELOW, OUTSIDE = 0, 1, 2  # levels at which all items are counted together
EACH = 3  # added to the level where each item is counted by itself
PLACES, DAYS = 6, 7
EVERY = ""  # the item under which all are counted
NOW, THEN = (
    ("status", "due", "unsure", "step", "clock", "decided_at", "doubted", "owner", "offered", "pressed"),
    ("what", "month", "how"),
)
KEYS = {"rolled": NOW, "rolled_months": THEN}
TABLES = """
CREATE TABLE rolled(
  level INTEGER, place BLOB, item_id TEXT, status TEXT, due TEXT,  -- '' for none
  unsure INTEGER, step TEXT, clock TEXT, decided_at INTEGER, doubted INTEGER,  -- 0 or 1
  owner TEXT,  -- '' when it is nobody's
  offered INTEGER,  -- on its way: since which day (days since 1970), 0: it is not
  pressed INTEGER,
  n INTEGER NOT NULL,
  PRIMARY KEY(level, place, item_id, status, due, unsure, step, clock, decided_at, doubted, owner, offered, pressed)) WITHOUT ROWID;
CREATE TABLE rolled_months(
  level INTEGER, place BLOB, item_id TEXT, what TEXT,
  month TEXT,  -- of DAYS the day; '' of what is over
  how TEXT, n INTEGER NOT NULL,
  PRIMARY KEY(level, place, item_id, what, month, how)) WITHOUT ROWID;
"""
_READ = (
    "(SELECT level, place, item_id, status, nullif(due, '') AS due, unsure, step, clock, decided_at, doubted, owner,"
    " nullif(offered, 0) AS offered_to, offered * 86400000 - 28800000 AS since, pressed, n FROM rolled) c"
)
CST_MS, LAST_MS = 28_800_000, 253_370_736_000_000  # the clock of China, ms; 9999 begins


def scopes(trust: TrustStore, here: bytes, place: bytes) -> list[Scope]:
    """Under what a case of a place is counted at a node."""
    if place == here:
        return [(OWN, place)]
    above = trust.ancestors(place)
    if here not in above:
        return [(OWN, place), (OUTSIDE, b"")]
    return [(OWN, place), *((BELOW, node) for node in above[: above.index(here) + 1])]


def whole(here: bytes) -> list[Scope]:
    """Everything known at a node."""
    return [(OWN, here), (BELOW, here), (OUTSIDE, b"")]


def branches(trust: TrustStore, here: bytes, tops: Sequence[bytes]) -> list[Scope] | None:
    """Nodes with all below them; None when one is not in the own subtree. One that lies under another is counted with that."""
    if any(here not in trust.path(top) for top in tops):
        return None
    chosen = dict.fromkeys(top for top in tops if not any(other in trust.ancestors(top) for other in tops))
    return [(level, top) for top in chosen for level in (OWN, BELOW)]


# writing -----------------------------------------------------------------------------------------------------------------


def add(connection: sqlite3.Connection, table: str, counts: Iterable[tuple[tuple[Any, ...], int]]) -> None:
    """Add to the rows of a table; a row that counts nothing any more goes."""
    keys = ("level", "place", "item_id", *KEYS[table])
    changed = [(*key, n) for key, n in counts if n]
    insert = f"INSERT INTO {table} VALUES({','.join('?' * (len(keys) + 1))})"
    connection.executemany(f"{insert} ON CONFLICT({', '.join(keys)}) DO UPDATE SET n = n + excluded.n", changed)
    if not (fewer := [row[:-1] for row in changed if row[-1] < 0]):
        return
    connection.executemany(f"DELETE FROM {table} WHERE {' AND '.join(f'{key}=?' for key in keys)} AND n=0", fewer)


def has_place(connection: sqlite3.Connection, place: bytes) -> bool:
    """Whether something is counted of a node itself."""
    return any(
        connection.execute(f"SELECT 1 FROM {table} WHERE level=? AND place=? LIMIT 1", (OWN, place)).fetchone() for table in KEYS
    )


# reading -----------------------------------------------------------------------------------------------------------------


class Kept(NamedTuple):
    """A question that the roll-ups can answer: FROM, WHERE and parameters of a query over `c`, whose counts are `c.n`."""

    source: str
    where: str
    values: Mapping[str, object]

    def total(self, connection: sqlite3.Connection) -> int:
        sql = f"SELECT coalesce(sum(c.n), 0) FROM {self.source} WHERE {self.where}"
        return int(connection.execute(sql, self.values).fetchone()[0])

    def by(self, connection: sqlite3.Connection, key: str) -> list[tuple[str | bytes, int]]:
        """(key, how many), by key."""
        sql = f"SELECT {key}, sum(c.n) FROM {self.source} WHERE {self.where} GROUP BY 1 ORDER BY 1"
        return connection.execute(sql, self.values).fetchall()

    def grouped(self, connection: sqlite3.Connection, by: Sequence[str]) -> list[tuple[bytes, str, int, int]]:
        """(node id, item, 0, how many) by what of it is asked for, as `measures.grouped`."""
        said = {"node": ("c.place", "x''"), "item": ("c.item_id", "''")}
        keys = ", ".join(wanted if name in by else nothing for name, (wanted, nothing) in said.items())
        sql = f"SELECT {keys}, 0, sum(c.n) FROM {self.source} WHERE {self.where} GROUP BY 1, 2"
        return connection.execute(sql, self.values).fetchall()


def kept(measure: Measure, narrow: Narrow, day: Day, by: str = "", each: bool = False) -> Kept | None:
    """A measure from the roll-ups; None when they do not say it. `by`: "node" for each node by itself, "item" for each item; `each`: with the
    former each item too."""
    now, months = "c.what" not in measure.kept, _months(narrow)
    narrowed = (
        narrow.origins is not None
        or narrow.other_places
        or narrow.other_items
        or bool(narrow.decision)
        or bool(narrow.staff)
        or months is None
    )
    if not (measure.kept and day.here) or narrowed or (now and months != ("", "")):
        return None
    scoped = _scopes(measure, narrow, day, by)
    items = each or by == "item" or bool(narrow.item) or narrow.items is not None
    if items and not now and (scoped is None or any(level == OWN and place != day.here for level, place in scoped)):
        return None
    if (narrow.hows and now) or (
        not now and (narrow.status or narrow.step or narrow.due_to or narrow.clock or narrow.unassigned)
    ):
        return None
    parts, values = [measure.kept], day.values(measure.kept)
    _items(parts, values, narrow)
    (_now if now else _then)(parts, values, narrow, months)
    return Kept(_from(_READ if now else "rolled_months c", scoped, EACH if items else 0, values), " AND ".join(parts), values)


def figured(
    connection: sqlite3.Connection, columns: Mapping[str, Measure], scopes: Sequence[Scope] | None, day: Day
) -> dict[Scope, dict[str, int]]:
    """Scope -> column -> how many, of measures that are kept: each table is walked once for all its columns. `scopes` None: each node by
    itself. A scope of which nothing is counted is missing."""
    found: dict[Scope, dict[str, int]] = {}
    for now in (True, False):
        names = [name for name, one in columns.items() if ("c.what" not in one.kept) == now]
        sums = ", ".join(f"coalesce(sum(c.n) FILTER (WHERE {columns[name].kept}), 0)" for name in names)
        values = day.values(sums)
        source = _from(_READ if now else "rolled_months c", scopes, 0, values)
        for level, place, *counts in (
            connection.execute(f"SELECT c.level, c.place, {sums} FROM {source} GROUP BY 1, 2", values) if names else ()
        ):
            found.setdefault((level, place), {}).update(zip(names, counts, strict=True))
    return found


def monthly(
    connection: sqlite3.Connection, columns: Mapping[str, Measure], scopes: Sequence[Scope], first: str, day: Day
) -> dict[str, dict[str, int]]:
    """Month such as 2026-11 -> column -> how many of what happened in it, from a month on, of these scopes together."""
    sums = ", ".join(f"coalesce(sum(c.n) FILTER (WHERE {one.kept}), 0)" for one in columns.values())
    values = {**day.values(sums), "first_month": first}
    source = _from("rolled_months c", scopes, 0, values)
    sql = f"SELECT c.month, {sums} FROM {source} WHERE c.month >= :first_month GROUP BY 1"
    return {month: dict(zip(columns, counts, strict=True)) for month, *counts in connection.execute(sql, values)}


def places(connection: sqlite3.Connection, measure: Measure, here: bytes) -> list[bytes]:
    """The nodes that have cases of the kind of a measure (open ones, or any that something happened to): what there is to choose from."""
    sql = f"SELECT place FROM {{0}} WHERE level = {PLACES} UNION ALL SELECT ? WHERE EXISTS (SELECT 1 FROM {{0}} WHERE level = {OWN} AND place = ?)"
    return [row[0] for row in connection.execute(sql.format(_table(measure)), (here, here))]


def by_status(connection: sqlite3.Connection, here: bytes) -> dict[str, int]:
    """Status -> all cases known at a node; what is in doubt is being checked, whatever its entries say."""
    found, values = Counter[str](), dict[str, object]()
    said = (
        (f"CASE WHEN c.doubted > 0 THEN '{CHECKING}' ELSE c.status END", "rolled c", "c.item_id = ''"),
        ("c.how", "rolled_months c", "c.item_id = '' AND c.what = 'over'"),
    )
    for status, table, where in said:
        sql = f"SELECT {status}, sum(c.n) FROM {_from(table, whole(here), 0, values)} WHERE {where} GROUP BY 1"
        found.update(dict(connection.execute(sql, values).fetchall()))
    return {status: n for status, n in sorted(found.items()) if status and n}


def by_day(connection: sqlite3.Connection, measure: Measure, narrow: Narrow, day: Day) -> list[tuple[str | bytes, int]] | None:
    """(day, how many) of what happened anywhere in a period of whole days; None when the roll-ups do not say it."""
    first, end = (_day(one) for one in (narrow.first_ms, narrow.end_ms))
    plain = replace(narrow, first_ms=FIRST_MS, end_ms=END_MS) == Narrow()
    if not (day.here and "c.what" in measure.kept and plain) or first is None or end is None:
        return None
    key = "CASE WHEN month IN ('', '9999-99') THEN NULL ELSE month END"
    where = f"c.level = {DAYS} AND c.place = x'' AND c.item_id = '' AND {measure.kept} AND month >= ? AND month < ?"
    sql = f"SELECT {key}, sum(c.n) FROM rolled_months c WHERE {where} GROUP BY 1 ORDER BY 1"
    return connection.execute(sql, (first, end or "A")).fetchall()


def things(connection: sqlite3.Connection, measure: Measure, here: bytes) -> list[str]:
    """The items of such cases."""
    found: set[str] = set()
    for level, place in whole(here):
        sql = _distinct(measure, "item_id", f"level = {level + EACH} AND place = :place")
        found.update(row[0] for row in connection.execute(sql, {"place": place}))
    return sorted(found)


def _distinct(measure: Measure, column: str, where: str) -> str:
    """The values of a column, each found by one look into the key of the table."""
    least = f"SELECT min({column}) FROM {_table(measure)} WHERE {where}"
    return (
        f"WITH RECURSIVE one(v) AS ({least} UNION ALL SELECT ({least} AND {column} > one.v) FROM one WHERE one.v IS NOT NULL)"
        " SELECT v FROM one WHERE v IS NOT NULL"
    )


def _table(measure: Measure) -> str:
    return "rolled_months" if "c.what" in measure.kept else "rolled"


def _scopes(measure: Measure, narrow: Narrow, day: Day, by: str) -> list[Scope] | None:
    """Which rows are to be added; None for each node by itself."""
    places = narrow.places
    if measure.silent:
        places = [one for one in day.silent if places is None or one in set(places)]
    elif narrow.scopes is not None and by != "node":
        return list(narrow.scopes)
    if places is not None:
        return [(OWN, one) for one in places]
    return None if by == "node" else whole(day.here)


def _from(table: str, scoped: Sequence[Scope] | None, each: int, values: dict[str, object]) -> str:
    """The rows of each scope, looked up one scope after the other."""
    if not scoped:
        return f"{table} JOIN (SELECT 1) ON c.level = {OWN + each if scoped is None else -1}"
    values |= {f"scope{n}": place for n, (_, place) in enumerate(scoped)}
    wanted = ", ".join(f"({level + each}, :scope{n})" for n, (level, _) in enumerate(scoped))
    return f"(SELECT column1 AS level, column2 AS place FROM (VALUES {wanted})) s CROSS JOIN {table} ON c.level = s.level AND c.place = s.place"


def _items(parts: list[str], values: dict[str, object], narrow: Narrow) -> None:
    if narrow.item:
        parts.append("c.item_id = :item_id")
        values["item_id"] = narrow.item
    if narrow.items is not None:
        parts.append("c.item_id IN (SELECT value FROM json_each(:items))")
        values["items"] = json.dumps(list(narrow.items))


def _now(parts: list[str], values: dict[str, object], narrow: Narrow, months: tuple[str, str] | None) -> None:
    """What narrows the cases that are open or on their way."""
    doubted = "c.doubted > 0"
    if narrow.status:
        parts.append(doubted if narrow.status == CHECKING else f"c.status = :status AND NOT {doubted}")
        values["status"] = narrow.status
    if narrow.step:
        parts.append("c.step = :step")
        values["step"] = "" if narrow.step == NO_STEP else narrow.step
    if narrow.due_to:
        parts.append("c.due <= :due_to")
        values["due_to"] = narrow.due_to
    if narrow.clock:
        parts.append("c.clock = :clock")
        values["clock"] = narrow.clock
    if narrow.unassigned:
        parts.append(UNASSIGNED)


def _then(parts: list[str], values: dict[str, object], narrow: Narrow, months: tuple[str, str] | None) -> None:
    """What narrows that which happened in a month."""
    first, end = months or ("", "")
    if first:
        parts.append("c.month >= :from_month")
        values["from_month"] = first
    if end:
        parts.append("c.month < :to_month")
        values["to_month"] = end
    if narrow.hows:
        parts.append("c.how IN (SELECT value FROM json_each(:hows))")
        values["hows"] = json.dumps(list(narrow.hows))


def _months(narrow: Narrow) -> tuple[str, str] | None:
    """The months from and before which it is counted, "" for no limit; None when the period does not begin and end with a month."""
    first = _month(narrow.first_ms) if narrow.first_ms != FIRST_MS else ""
    end = _month(narrow.end_ms) if narrow.end_ms != END_MS else ""
    return (first, end) if first is not None and end is not None else None


def _month(at_ms: int) -> str | None:
    """The month that begins at a moment; None when none does. Months of before 1970 are not told apart."""
    day = _day(at_ms)
    return day[:7] if day and day.endswith("-01") else None


def _day(at_ms: int) -> str | None:
    """The day that begins at a moment; "" where no period ends, None when none begins."""
    if at_ms in (FIRST_MS, END_MS):
        return ""
    if not 0 < at_ms < LAST_MS or (at_ms + CST_MS) % DAY_MS:
        return None
    return (dt.date(1970, 1, 1) + dt.timedelta(milliseconds=at_ms + CST_MS)).isoformat()
