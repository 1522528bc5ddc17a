"""What is counted over the query tables, said once: which cases, at which moment, and who has to answer for them.

A `Measure` is an SQL condition with its moment and its place; figures (`counted`), lists (`page`, `total`) and the lists behind the
figures are all made of it, so a figure and its list cannot differ. Every text here is our own; values from outside are only ever
bound parameters. Conditions see `c` (cases), `d` (decisions, where a decision is known), `e` (abnormal ends) and the parameters of the day
(`Day`).

Times are ms since 1970, days are those of China.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace

from node.domain.cases.lifecycle import ENDED, STATUSES, UNDECIDED
from node.domain.figures import NO_STEP
from node.domain.supervision.ends import TURNED_AWAY
from node.store import rollups
from node.store.desk import NEVER
from node.store.questions import CHECKING, END_MS, FIRST_MS, UNASSIGNED
from node.store.questions import Day as Day
from node.store.questions import Measure as Measure
from node.store.questions import Narrow as Narrow

UNFINISHED = (*UNDECIDED, "approved", "refused")  # not yet concluded
MOST = 200  # rows of a page
ANY_STEP = "*"  # whatever it waits for
FEW = 8  # nodes whose cases are looked up and not looked for

ORIGIN = "c.origin"
HOLDER = f"coalesce(c.offered_by, nullif(c.custodian, x''), {ORIGIN})"  # on its way a case is the giver's (`lateness.charged`)
DECIDER = f"coalesce(nullif(d.charged, x''), {HOLDER})"  # `lateness.charged_for_decision`
LATE_BY = "d.late"  # of a late decision (`supervision/answering.py`); x'' where every unit kept its part
_STEP = f"CASE c.step WHEN '' THEN '{NO_STEP}' ELSE c.step END"
_REAL, _FILED = "c.version > 0", "c.filed_at"
_DOUBTED = (
    "c.doubted > 0"  # ended by somebody who may not, or nobody can say yet: its moments are those of before, it counts as open
)
_DECIDED = "c.decided_at > 0"
OPEN = "(c.status IN ({}) OR ({} AND c.status <> 'draft'))".format(", ".join(f"'{status}'" for status in UNFINISHED), _DOUBTED)
_UNSURE = "c.unsure = 1 AND (c.due IS NULL OR c.due >= :today)"  # something is not here that could say an earlier due day
_DUE_TODAY = f"{OPEN} AND c.due = :today AND NOT c.unsure"  # `lateness.is_due_today`
_OVERDUE = f"{OPEN} AND c.due < :today"  # `lateness.is_overdue`
_DAY = "date(({} + 28800000) / 1000, 'unixepoch')"
_DECIDED_DAY = _DAY.format("c.decided_at")
ENDER = "e.charged"
_WHO_ENDED = "(SELECT x.charged FROM ends x WHERE x.case_no = c.case_no)"
_ENDED_OR_DECIDED = "coalesce((SELECT x.at FROM ends x WHERE x.case_no = c.case_no), c.decided_at)"
_TURNED_AWAY = "e.how IN ({})".format(", ".join(f"'{how}'" for how in TURNED_AWAY))
KEPT_NOW = f"({OPEN} OR c.offered_to IS NOT NULL OR c.status = 'suspended')"  # what the roll-ups have a row of
# Of what is over nothing is due and nobody waits for a step; what is in doubt is due as it was before. So who asks for a step or a due day
# asks for what goes on: what is decided is found in the index `cases_lingering`, what ended otherwise in it, in doubt, or on its way.
LINGERING = "(c.step <> '' OR c.due IS NOT NULL)"
_GOES_ON = "(c.status IN ({}) OR {})".format(", ".join(f"'{one}'" for one in STATUSES if one not in ENDED), _DOUBTED)
_ON = "coalesce(date(({0} + 28800000) / 1000, 'unixepoch'), CASE WHEN {0} > 0 THEN '9999-99' ELSE '' END)"
# What the roll-ups count of a case (`projected/rollups.py`), in the same words as the measures.
ROLLED = f"""SELECT {HOLDER}, {DECIDER}, {ORIGIN}, c.item_id,
  CASE WHEN {KEPT_NOW} THEN 1 ELSE 0 END, c.status, coalesce(c.due, ''), c.unsure, c.step, c.clock, {_DECIDED}, {_DOUBTED},
  CASE c.owner WHEN '' THEN '' ELSE '*' END, CASE WHEN c.offered_to IS NULL THEN 0 ELSE max(1, (c.since + 28800000) / 86400000) END, c.pressed,
  CASE WHEN {_DOUBTED} THEN '{CHECKING}' ELSE c.status END, CASE c.status WHEN 'draft' THEN 'draft' ELSE 'lodged' END, {_ON.format(_FILED)},
  c.concluded_at > 0, {_ON.format("c.concluded_at")},
  CASE WHEN NOT {_DECIDED} THEN '' WHEN d.decided_due IS NULL THEN 'unlimited' WHEN {_DECIDED_DAY} <= d.decided_due THEN 'on_time'
    WHEN {_DECIDED_DAY} > d.decided_due THEN 'late' ELSE 'unclear' END, {_ON.format("c.decided_at")},
  e.how, {_ON.format("coalesce(e.at, 0)")}, {ENDER}, coalesce({LATE_BY}, x'')
 FROM cases c LEFT JOIN decisions d ON d.case_no = c.case_no LEFT JOIN ends e ON e.case_no = c.case_no WHERE {_REAL}"""


def _now(condition: str) -> Measure:
    """Open cases, charged to who has them: the roll-ups have the same columns."""
    return Measure(condition, _FILED, HOLDER, condition)


def _then(what: str, *hows: str) -> str:
    """What happened, as the roll-ups of months have it."""
    return f"c.what = '{what}'" + (f" AND c.how IN ({_texts(hows)})" if hows else "")


def _texts(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


MEASURES = {
    "cases": Measure("1", _FILED, ORIGIN, _then("filed")),
    "filed": Measure("c.status <> 'draft'", _FILED, ORIGIN, _then("filed", "lodged")),
    "concluded": Measure("c.concluded_at > 0", "c.concluded_at", DECIDER, _then("concluded")),
    "decided": Measure(_DECIDED, "c.decided_at", DECIDER, _then("decided")),
    "on_time": Measure(f"{_DECIDED} AND {_DECIDED_DAY} <= d.decided_due", "c.decided_at", DECIDER, _then("decided", "on_time")),
    "late": Measure(f"{_DECIDED} AND {_DECIDED_DAY} > d.decided_due", "c.decided_at", LATE_BY, _then("late")),
    "unlimited": Measure(f"{_DECIDED} AND d.decided_due IS NULL", "c.decided_at", DECIDER, _then("decided", "unlimited")),
    "unknown": _now(f"{OPEN} AND {_UNSURE}"),  # what it would be by is not here: neither in time nor late
    "overdue": _now(_OVERDUE),
    "overdue_open": _now(f"{_OVERDUE} AND NOT {_DECIDED}"),
}
VIEWS = {
    "open": _now(OPEN),
    "due_today": Measure(f"{_DUE_TODAY} AND c.turn_due IN (:today, '{NEVER}')", _FILED, HOLDER, _DUE_TODAY),
    "overdue": MEASURES["overdue"],
    "unknown": MEASURES["unknown"],
    "past_overdue": MEASURES["late"],
    "in_transit": _now("c.offered_to IS NOT NULL"),
    "transit_long": _now("c.offered_to IS NOT NULL AND c.since < :stuck"),  # the beginning of a day
    "stopped": _now("c.status = 'suspended'"),
    "unanswered_reminders": _now(f"{OPEN} AND c.pressed = 1"),
    "unheard": Measure(f"{OPEN} AND hex({HOLDER}) IN (SELECT value FROM json_each(:silent))", _FILED, HOLDER, OPEN, silent=True),
    "unassigned": _now(f"{OPEN} AND {UNASSIGNED}"),
    "abnormal": Measure("e.how IS NOT NULL", "e.at", ENDER, _then("ended")),
    "turned_away": Measure(_TURNED_AWAY, "e.at", ENDER, _then("ended", *TURNED_AWAY)),
    "drawn": Measure(
        "c.first_arrival IN (SELECT value FROM json_each(:drawn))", _ENDED_OR_DECIDED, f"coalesce({_WHO_ENDED}, {DECIDER})"
    ),
}
# What is few, with the index that has it in the order of the list: SQLite, which has no statistics, takes another and sorts.
_WALKED = (
    (VIEWS["stopped"], "cases_stopped"), (VIEWS["unanswered_reminders"], "cases_pressed"), (VIEWS["transit_long"], "cases_on_way"),
    (VIEWS["in_transit"], "cases_on_way"),
)  # fmt: skip


def late_by(connection: sqlite3.Connection, case_no: str) -> bytes:
    """Who answers for the late decision of a case; b"" for nobody."""
    row = connection.execute("SELECT late FROM decisions WHERE case_no=?", (case_no,)).fetchone()
    return row[0] if row else b""


def counted(connection: sqlite3.Connection, measure: Measure, by: str, narrow: Narrow, day: Day) -> list[tuple[str | bytes, int]]:
    """(key, count). Keys of node, tier and filed_at are node ids."""
    columns = {"item": "c.item_id", "node": "c.place", "tier": "c.place", **({"step": _STEP} if measure.place == HOLDER else {})}
    if measure.place == ORIGIN:
        columns["filed_at"] = "c.place"
    kept = rollups.kept(measure, narrow, day, {"tier": "node", "filed_at": "node"}.get(by, by)) if by in columns else None
    if kept is not None:
        return kept.by(connection, columns[by])
    if by == "status" and measure.place == ORIGIN and narrow == Narrow() and day.here:
        drafts = measure is MEASURES["cases"]
        return [(status, n) for status, n in rollups.by_status(connection, day.here).items() if status != "draft" or drafts]
    if by == "day" and (days := rollups.by_day(connection, measure, narrow, day)) is not None:
        return days
    status = f"CASE WHEN {_DOUBTED} THEN '{CHECKING}' ELSE c.status END"
    key = {
        "status": status, "item": "c.item_id", "day": _DAY.format(measure.moment), "filed_at": ORIGIN, "node": measure.place,
        "tier": measure.place, "step": _STEP, "owner": "c.owner",
    }[by]  # fmt: skip
    where, values = _where(measure, narrow, day)
    return connection.execute(
        f"SELECT {key}, count(*) FROM {_source(measure, key + where, narrow)} WHERE {where} GROUP BY 1 ORDER BY 1", values
    ).fetchall()


def grouped(
    connection: sqlite3.Connection, measure: Measure, columns: Collection[str], narrow: Narrow, day: Day
) -> list[tuple[bytes, str, int, int]]:
    """(node id, item, month such as 202611, count) by what of it is asked for; the rest b"", "", 0."""
    month = f"CAST(strftime('%Y%m', ({measure.moment} + 28800000) / 1000, 'unixepoch') AS INTEGER)"
    said = {"node": (measure.place, "x''"), "item": ("c.item_id", "''"), "month": (month, "0")}
    keys = ", ".join(wanted if name in columns else nothing for name, (wanted, nothing) in said.items())
    kept = rollups.kept(measure, narrow, day, "node", each="item" in columns) if "month" not in columns else None
    if kept is not None and measure.place == HOLDER:
        return kept.grouped(connection, [name for name in ("node", "item") if name in columns])
    where, values = _where(measure, narrow, day)
    sql = f"SELECT {keys}, count(*) FROM {_source(measure, keys + where, narrow)} WHERE {where} GROUP BY 1, 2, 3"
    return connection.execute(sql, values).fetchall()


def total(connection: sqlite3.Connection, measure: Measure, narrow: Narrow, day: Day) -> int:
    """How many: from the roll-ups, else by looking at every case that can be meant."""
    if (kept := rollups.kept(measure, narrow, day)) is not None:
        return kept.total(connection)
    narrow, day = _of_draw(measure, narrow, day)
    if measure is VIEWS["drawn"] and narrow == Narrow():
        return len(day.drawn)
    if (
        narrow.step == NO_STEP and (_is_decided(measure) or measure.place == ENDER) and not narrow.due_to
    ):  # what is over is nearly all
        rest = [replace(narrow, step=step) for step in ("", ANY_STEP)]
        return total(connection, measure, rest[0], day) - total(connection, measure, rest[1], day)
    where, values = _where(measure, narrow, day)
    return int(connection.execute(f"SELECT count(*) FROM {_source(measure, where, narrow)} WHERE {where}", values).fetchone()[0])


def page(
    connection: sqlite3.Connection, measure: Measure, narrow: Narrow, day: Day, after: tuple[str, int], limit: int
) -> list[tuple[str, str, int, bytes]]:
    """(case number, due day or the last there is, position, who answers for it) after a (due, position), due first."""
    narrow, day = _of_draw(measure, narrow, day)
    where, values = _where(measure, narrow, day)
    values |= {"due": after[0], "arrival": after[1], "limit": limit}
    order, after_it = (
        ("e.turn_due, e.arrival" if measure.place == ENDER and measure.kept else "c.turn_due, c.first_arrival"),
        ":due, :arrival",
    )
    if measure is VIEWS["drawn"]:  # thousands, in the order in which they came; who answers for each stands in the draw
        measure, order, after_it = replace(measure, place="x''"), "c.first_arrival", ":arrival"
    rows = connection.execute(
        f"SELECT c.case_no, c.turn_due, c.first_arrival, {measure.place} FROM {_source(measure, where, narrow)} WHERE {where}"
        f" AND ({order}) > ({after_it}) ORDER BY {order} LIMIT :limit",
        values,
    ).fetchall()
    return [(no, due, at, place or day.drawn.get(no, (b"", "", 0))[0]) for no, due, at, place in rows]


def begun(
    connection: sqlite3.Connection, measure: Measure, narrow: Narrow, day: Day, limit: int
) -> tuple[list[tuple[str, str, int, bytes]], int]:
    """(the first page, how many there are): where there is none, none is looked for."""
    found = total(connection, measure, narrow, day)
    return (page(connection, measure, narrow, day, ("", 0), limit) if found else []), found


def _source(measure: Measure, more: str, narrow: Narrow) -> str:
    """The tables, with what is fewest first."""
    text = f"{measure.condition} {measure.place} {more}"
    decided = " LEFT JOIN decisions d ON d.case_no = c.case_no" if "d." in text else ""
    if "e." in text:
        going_on = _goes_on(narrow) and not _few(narrow)  # of what is over hardly any
        return ("cases c CROSS JOIN ends e" if going_on else "ends e CROSS JOIN cases c") + " ON c.case_no = e.case_no" + decided
    if decided and _DECIDED in measure.condition and _few(narrow):
        return "decisions d CROSS JOIN cases c ON d.case_no = c.case_no"  # every decided case has its row
    if measure is VIEWS["drawn"] and _goes_on(narrow):
        return "cases c NOT INDEXED" + decided  # by what goes on, which is fewer, and not by case number
    for view, index in _WALKED if not _few(narrow) else ():
        if measure is view:
            return f"cases c INDEXED BY {index}" + decided
    return ("cases c INDEXED BY cases_lingering" if _is_decided(measure) and _goes_on(narrow) else "cases c") + decided


def _is_decided(measure: Measure) -> bool:
    return measure.place in (DECIDER, LATE_BY) and _DECIDED in measure.condition


def _goes_on(narrow: Narrow) -> bool:
    """Whether it is asked for what waits for a step, or is due."""
    return bool(narrow.due_to) or narrow.step not in ("", NO_STEP)


def _of_draw(measure: Measure, narrow: Narrow, day: Day) -> tuple[Narrow, Day]:
    """What is drawn is asked for by the units that it was drawn of and by its items, which stand in the draw."""
    if measure is not VIEWS["drawn"]:
        return narrow, day
    drawn = day.drawn
    if narrow.places is not None:
        places = set(narrow.places)
        drawn = {no: one for no, one in drawn.items() if (one[0] in places) != narrow.other_places}
    if narrow.items is not None:
        items = set(narrow.items)
        drawn = {no: one for no, one in drawn.items() if (one[1] in items) != narrow.other_items}
    if narrow.item:
        drawn = {no: one for no, one in drawn.items() if one[1] == narrow.item}
    rest = replace(narrow, places=None, other_places=False, scopes=None, item="", items=None, other_items=False)
    return rest, replace(day, drawn=drawn)


def _few(narrow: Narrow) -> bool:
    return narrow.places is not None and not narrow.other_places and len(narrow.places) <= FEW


def _where(measure: Measure, narrow: Narrow, day: Day) -> tuple[str, dict[str, object]]:
    parts = [_REAL, measure.condition]
    values = day.values(measure.condition)
    if (narrow.first_ms, narrow.end_ms) != (FIRST_MS, END_MS):
        parts.append(f"{measure.moment} >= :first AND {measure.moment} < :end")
        values |= {"first": narrow.first_ms, "end": narrow.end_ms}
    if narrow.status:
        parts.append(_DOUBTED if narrow.status == CHECKING else f"c.status = :status AND NOT {_DOUBTED}")
        values["status"] = narrow.status
    item = "c.item_id" if measure.place == ORIGIN else "+c.item_id"  # of what has an index of its own the item is no way in
    if narrow.item:
        parts.append(f"{item} = :item_id")
        values["item_id"] = narrow.item
    if narrow.decision:
        parts.append("c.decision = :decision")
        values["decision"] = narrow.decision
    _going_on(parts, values, measure, narrow)
    if narrow.staff:
        parts.append("c.owner = :owner")
        values["owner"] = narrow.staff
    if narrow.unassigned:
        parts.append(f"{OPEN} AND {UNASSIGNED}")
    if narrow.clock:
        parts.append("c.clock = :clock")
        values["clock"] = narrow.clock
    _among(parts, values, "e.how", "how", narrow.hows or None, False)
    if (
        _few(narrow)
        and (own := {HOLDER: "c.custodian", DECIDER: "d.charged"}.get(measure.place))
        and measure is not MEASURES["concluded"]
    ):
        _among(parts, values, own, "own", [*(narrow.places or ()), b""], False)  # what they answer for is theirs or nobody's
    if _few(narrow) and measure.place == LATE_BY:
        parts.append(f"{LATE_BY} <> x''")  # as its index says it
    _among(parts, values, measure.place, "place", narrow.places, narrow.other_places)
    _among(parts, values, ORIGIN, "origin", narrow.origins, narrow.other_origins)
    _among(parts, values, item, "kind", narrow.items, narrow.other_items)
    return " AND ".join(parts), values


def _going_on(parts: list[str], values: dict[str, object], measure: Measure, narrow: Narrow) -> None:
    """What waits for a step, or is due by a day; with a way to find it that does not look at what is over."""
    fits = list[str]()
    if narrow.step:
        fits.append("c.step <> ''" if narrow.step == ANY_STEP else "c.step = :step")
        values["step"] = "" if narrow.step == NO_STEP else narrow.step
    if narrow.due_to:
        fits.append("c.due <= :due_to")
        values["due_to"] = narrow.due_to
    parts += fits
    if not _goes_on(narrow):
        return
    if _is_decided(measure):
        parts.append(LINGERING)
    elif measure.place == ENDER or measure is VIEWS["drawn"]:
        parts.append(_found_going_on(" AND ".join(fits)))
    elif measure.place in (ORIGIN, DECIDER):
        parts.append(_GOES_ON)


def _found_going_on(fits: str) -> str:
    """What ended otherwise and still goes on."""
    ways = (f"INDEXED BY cases_lingering WHERE {_DECIDED} AND {LINGERING}", f"WHERE {_DOUBTED}", "WHERE c.offered_to IS NOT NULL")
    return f"c.first_arrival IN ({' UNION '.join(f'SELECT c.first_arrival FROM cases c {way} AND {fits}' for way in ways)})"


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
