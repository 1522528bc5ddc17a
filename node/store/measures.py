"""What is counted over the query tables, said once: which cases, at which moment, and who has to answer for them.

A `Measure` is an SQL condition with its moment and its place; figures (`counted`), lists (`page`, `total`) and the lists behind the
figures are all made of it, so a figure and its list cannot differ. Every text here is our own; values from outside are only ever
bound parameters. Conditions see `c` (cases) and `d` (decisions, where a decision is known) and the parameter :today.

Times are ms since 1970, days are those of China.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from node.domain.cases.lifecycle import UNDECIDED

UNFINISHED = (*UNDECIDED, "approved", "refused")  # not yet concluded
MOST = 200  # rows of a page

ORIGIN = "c.origin"
HOLDER = f"coalesce(c.offered_by, nullif(c.custodian, x''), {ORIGIN})"  # on its way a case is the giver's (`lateness.charged`)
DECIDER = f"coalesce(nullif(d.charged, x''), {HOLDER})"  # `lateness.charged_for_decision`
_REAL, _FILED = "c.version > 0", "c.filed_at"
_DOUBTED = (
    "c.doubted > 0"  # ended by somebody who may not, or nobody can say yet: its moments are those of before, it counts as open
)
CHECKING = "checking"  # the status under which it is counted
_DECIDED = "c.decided_at > 0"
_OPEN = "(c.status IN ({}) OR ({} AND c.status <> 'draft'))".format(", ".join(f"'{status}'" for status in UNFINISHED), _DOUBTED)
_OVERDUE = f"{_OPEN} AND c.due < :today"  # `lateness.is_overdue`
_DAY = "date(({} + 28800000) / 1000, 'unixepoch')"
_DECIDED_DAY = _DAY.format("c.decided_at")
_REMINDED = "EXISTS (SELECT 1 FROM requests r WHERE r.case_no = c.case_no AND r.asked = 'remind' AND r.state = 'pending')"


@dataclass(frozen=True, slots=True)
class Measure:
    """Which cases, the moment that puts them into a period, and who has to answer for them (a node id)."""

    condition: str
    moment: str
    place: str


MEASURES = {
    "cases": Measure("1", _FILED, ORIGIN),
    "filed": Measure("c.status <> 'draft'", _FILED, ORIGIN),
    "concluded": Measure("c.concluded_at > 0", "c.concluded_at", DECIDER),
    "decided": Measure(_DECIDED, "c.decided_at", DECIDER),
    "on_time": Measure(f"{_DECIDED} AND {_DECIDED_DAY} <= d.decided_due", "c.decided_at", DECIDER),
    "late": Measure(f"{_DECIDED} AND {_DECIDED_DAY} > d.decided_due", "c.decided_at", DECIDER),
    "unlimited": Measure(f"{_DECIDED} AND d.decided_due IS NULL", "c.decided_at", DECIDER),
    "overdue": Measure(_OVERDUE, _FILED, HOLDER),
    "overdue_open": Measure(f"{_OVERDUE} AND NOT {_DECIDED}", _FILED, HOLDER),
}
VIEWS = {
    "open": Measure(_OPEN, _FILED, HOLDER),
    "due_today": Measure(f"{_OPEN} AND c.due = :today", _FILED, HOLDER),  # `lateness.is_due_today`
    "overdue": MEASURES["overdue"],
    "past_overdue": MEASURES["late"],
    "in_transit": Measure("c.offered_to IS NOT NULL", _FILED, HOLDER),
    "stopped": Measure("c.status = 'suspended'", _FILED, HOLDER),
    "unanswered_reminders": Measure(f"{_OPEN} AND {_REMINDED}", _FILED, HOLDER),
}


@dataclass(frozen=True, slots=True)
class Narrow:
    """What narrows a measure. `places` and `origins` are node ids; with `other_places` it is every node but these."""

    first_ms: int = -(2**62)
    end_ms: int = 2**62
    status: str = ""
    item: str = ""
    places: Sequence[bytes] | None = None
    other_places: bool = False
    origins: Sequence[bytes] | None = None
    other_origins: bool = False
    items: Sequence[str] | None = field(default=None)


def counted(
    connection: sqlite3.Connection, measure: Measure, by: str, narrow: Narrow, today: dt.date
) -> list[tuple[str | bytes, int]]:
    """(key, count). Keys of node, tier and filed_at are node ids."""
    status = f"CASE WHEN {_DOUBTED} THEN '{CHECKING}' ELSE c.status END"
    key = {
        "status": status, "item": "c.item_id", "day": _DAY.format(measure.moment), "filed_at": ORIGIN, "node": measure.place,
        "tier": measure.place,
    }[by]  # fmt: skip
    where, values = _where(measure, narrow, today)
    return connection.execute(
        f"SELECT {key}, count(*) FROM {_source(measure, key)} WHERE {where} GROUP BY 1 ORDER BY 1", values
    ).fetchall()


def total(connection: sqlite3.Connection, measure: Measure, narrow: Narrow, today: dt.date) -> int:
    where, values = _where(measure, narrow, today)
    return int(connection.execute(f"SELECT count(*) FROM {_source(measure, where)} WHERE {where}", values).fetchone()[0])


def page(
    connection: sqlite3.Connection, measure: Measure, narrow: Narrow, today: dt.date, after: tuple[str, int], limit: int
) -> list[tuple[str, str, int, bytes]]:
    """(case number, due day or the last there is, position, who answers for it) after a (due, position), due first."""
    where, values = _where(measure, narrow, today)
    values |= {"due": after[0], "arrival": after[1], "limit": limit}
    return connection.execute(
        f"SELECT c.case_no, c.turn_due, c.first_arrival, {measure.place} FROM {_source(measure, where)} WHERE {where}"
        " AND (c.turn_due, c.first_arrival) > (:due, :arrival) ORDER BY c.turn_due, c.first_arrival LIMIT :limit",
        values,
    ).fetchall()


def _source(measure: Measure, more: str) -> str:
    decisions = "d." in f"{measure.condition} {measure.place} {more}"
    return "cases c LEFT JOIN decisions d ON d.case_no = c.case_no" if decisions else "cases c"


def _where(measure: Measure, narrow: Narrow, today: dt.date) -> tuple[str, dict[str, object]]:
    parts = [_REAL, measure.condition]
    values: dict[str, object] = {"today": today.isoformat()}
    if (narrow.first_ms, narrow.end_ms) != (-(2**62), 2**62):
        parts.append(f"{measure.moment} >= :first AND {measure.moment} < :end")
        values |= {"first": narrow.first_ms, "end": narrow.end_ms}
    if narrow.status:
        parts.append(_DOUBTED if narrow.status == CHECKING else f"c.status = :status AND NOT {_DOUBTED}")
        values["status"] = narrow.status
    if narrow.item:
        parts.append("c.item_id = :item_id")
        values["item_id"] = narrow.item
    _among(parts, values, measure.place, "place", narrow.places, narrow.other_places)
    _among(parts, values, ORIGIN, "origin", narrow.origins, narrow.other_origins)
    _among(parts, values, "c.item_id", "kind", narrow.items, False)
    return " AND ".join(parts), values


def _among(
    parts: list[str],
    values: dict[str, object],
    column: str,
    name: str,
    wanted: Sequence[bytes] | Sequence[str] | None,
    other: bool,
) -> None:
    if wanted is None:
        return
    marks = {f"{name}{n}": one for n, one in enumerate(wanted)}
    parts.append(f"{column} {'NOT ' if other else ''}IN ({', '.join(':' + mark for mark in marks)})")
    values |= marks
