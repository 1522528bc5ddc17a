"""决策分析 (R59): a measure by one dimension or two, in a period, of a unit and all below it, with what was before.

What was filed and decided is counted from the facts (`node.store.facts`), what is so now from the cases. Each figure has the address of
exactly its cases, made of the same filters. What was exported as Parquet gives the same answers, by the same statement.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from node.domain.cases.access import Function, require
from node.domain.model import TIERS, Actor
from node.domain.supervision import analysis as rules
from node.domain.supervision.analysis import FILED, IMMEDIATE, NONE, NOW, PARTS, PERIODS, Cell, Tally
from node.domain.supervision.analysis_documents import AnalysedCell, AnalysedRow, Analysis, Compared, Part
from node.services.supervision import query as asked
from node.services.supervision.analysis_question import Period, Question, read
from node.services.supervision.analysis_tallies import Keys, folded, summed
from node.services.supervision.exporting import files, places
from node.services.supervision.looked import on_the_day
from node.services.tree.freshness import freshness
from node.store import fact_counts, facts, measures, parquet
from node.store.facts import Asked
from node.store.measures import MEASURES, VIEWS
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.cases.context import Rules

MOST_NODES = 200  # that are told apart one by one
Source: TypeAlias = Callable[[Asked], Iterable[Cell]]


class Analysing:
    """Reads over the subtree of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def of(self, given: Mapping[str, str], actor: Actor, exported: Path | None = None) -> Analysis:
        """`exported`: count over the Parquet files of this folder. Errors: `forbidden` before anything else; `invalid_input` naming each field;
        `not_found` for a folder without them, `extra_missing`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = read(given)
        exported_files = files(exported) if exported is not None else None
        with self._store.reading() as view:
            if exported_files is None:
                return _Answer(view, self._rules, question, partial(facts.cells, view.connection)).document()
            with parquet.Counting(exported_files, places(view, {question.by, question.across})) as counting:
                return _Answer(view, self._rules, question, counting.cells).document()


class _Answer:
    """One question in one view."""

    def __init__(self, view: View, rules: Rules, question: Question, source: Source) -> None:
        self._view, self._catalog, self._question = view, rules.catalog, question
        self._fresh = freshness(view, rules.calendar)
        self._day = on_the_day(view, rules.calendar, self._fresh)
        self._source = source

    def document(self) -> Analysis:
        question = self._question
        found, sums, below = self._counted_twice()
        rows: dict[str, dict[str, Tally]] = {key: {} for key in sums}
        for (row, column), tally in found.items():
            rows[row][column] = tally
        columns = sorted(below, key=self._order(question.across, found, 1)) if question.across else []
        days = self._compared()
        before, year_ago = self._others(days["before"], "before"), self._others(days["year_ago"], "year_ago")
        ordered = sorted(rows, key=self._order(question.by, found, 0))
        whole = rules.total((sums if question.by != "node" else below).values())
        return {
            **self._fresh.document(), "measure": question.measure, "by": question.by, "across": question.across, "columns": columns,
            "rows": [self._row(key, rows[key], sums[key], before, year_ago) for key in ordered],
            "total": {
                "key": "", "silent": bool(self._fresh.since.keys() - self._fresh.revoked),
                "cells": {column: self._cell(tally, "", column, question.period) for column, tally in below.items()},
                "all": self._cell(whole, "", "", question.period),
                "before": self._past("", rules.total(before[0].values()), days["before"]),
                "year_ago": self._past("", rules.total(year_ago[0].values()), days["year_ago"]),
            },
            "compared": days, "of": self._n(whole), "left_out": self._left_out, "path": self._path(), "below": sorted(set(self._branches.values())),
        }  # fmt: skip

    # counting --------------------------------------------------------------------------------------------------------

    def _counted_twice(self) -> tuple[dict[Keys, Tally], dict[str, Tally], dict[str, Tally]]:
        """The cells, the sums of the rows and those of the columns. Where only the busiest nodes are told apart, what is summed over nodes is
        counted without them."""
        question, by, across = self._question, self._question.by, self._question.across
        found = self._tallies(question.period, by, across, self._busiest)
        sums = summed(found, 0)
        below = summed(found, 1)
        if self._busiest is not None and by == "node":
            below = {column: tally for (_, column), tally in self._tallies(question.period, "", across).items()}
        elif self._busiest is not None:
            sums = {row: tally for (row, _), tally in self._tallies(question.period, by, "").items()}
        return found, sums, below

    @cached_property
    def _by_node(self) -> Mapping[str, int]:
        """Code -> cases."""
        found = self._tallies(self._question.period, "node", "", timed=False)
        return {code: self._n(tally) for (code, _), tally in found.items()}

    @cached_property
    def _busiest(self) -> Sequence[bytes] | None:
        """The nodes with most cases, where there are more than can be told apart; None where all are, or nothing is long to count."""
        measure, by, across = self._question.measure, self._question.by, self._question.across
        if (
            "node" not in (by, across)
            or measure in NOW
            or not (measure == "workdays" or across)
            or len(self._by_node) <= MOST_NODES
        ):
            return None
        chosen = set(sorted(self._by_node, key=lambda code: (code == asked.UNKNOWN, -self._by_node[code], code))[:MOST_NODES])
        return [node for node, code in self._codes.items() if code in chosen]

    @property
    def _left_out(self) -> int:
        return len(self._by_node) - MOST_NODES if self._busiest is not None else 0

    def _tallies(
        self, period: Period, by: str, across: str, only: Sequence[bytes] | None = None, *, timed: bool = True
    ) -> dict[Keys, Tally]:  # fmt: skip
        """(row, column) -> its cases in a period. `only`: of these nodes; `timed`: with the days that were used."""
        measure, found = self._question.measure, defaultdict[Keys, Tally](Tally)
        for part in PARTS.get(measure, (measure,)):
            for key, tally in self._counted(part, period, by, across, only, timed).items():
                one = found[key]
                one.add(tally)
                if measure in PARTS:
                    one.parts[part] += tally.n
        return {key: tally for key, tally in found.items() if tally.n}

    def _counted(
        self, part: str, period: Period, by: str, across: str, only: Sequence[bytes] | None, timed: bool
    ) -> dict[Keys, Tally]:  # fmt: skip
        """The cases of a measure, or of a part of one."""
        given = self._given(part, {}, period)
        if given is None:
            return {}
        narrow = asked.narrow(self._view, self._catalog, asked.question(given))
        if only is not None:
            inside = set(narrow.places) if narrow.places is not None else None
            narrow = replace(
                narrow, places=[one for one in only if inside is None or one in inside], other_places=False, scopes=None
            )
        columns, timed = frozenset(self._column(one, part) for one in (by, across) if one), timed and part == "workdays"
        if part in NOW:
            rows = measures.grouped(self._view.connection, _subject(part), columns, narrow, self._day)
            cells: Iterable[Cell] = [Cell(node, item, month, n=n) for node, item, month, n in rows]
        else:
            what = fact_counts.FILED if part in FILED else fact_counts.LATE if part == "late" else fact_counts.DECIDED
            cells = self._source(Asked(what, columns, timed, narrow))
        return folded(cells, part, self._key(by), self._key(across), timed)

    def _column(self, dimension: str, part: str) -> str:
        """What of a case is asked for: of the whole subtree units and tiers are counted together."""
        whole = part not in NOW and not self._question.filters.get("under") and dimension in ("unit", "tier")
        return "unit" if whole else COLUMN[dimension]

    def _key(self, dimension: str) -> Callable[[Cell], str]:
        """The key of a cell in a dimension."""
        if dimension == "tier":
            return lambda cell: cell.tier or self._tiers.get(cell.node, asked.UNKNOWN)
        if COLUMN.get(dimension) == "node":
            units = self._units if dimension == "unit" else self._codes
            return lambda cell: units.get(cell.node, asked.UNKNOWN)
        if dimension in ("kind", "department"):
            known = asked.all_items(self._catalog)
            said = {one: (item.case_type if dimension == "kind" else item.department) or NONE for one, item in known.items()}
            return lambda cell: said.get(cell.item, NONE)
        if dimension in PERIODS:
            return lambda cell: rules.period_key(cell.month, dimension)
        return {"item": lambda cell: cell.item, "decision": lambda cell: cell.decision}.get(dimension, lambda _: "")

    @cached_property
    def _codes(self) -> Mapping[bytes, str]:
        return {node.node_id: node.code for node in self._view.trust.nodes()}

    @cached_property
    def _tiers(self) -> Mapping[bytes, str]:
        return {node.node_id: node.tier for node in self._view.trust.nodes()}

    def _path(self) -> list[str]:
        """From this node down to the unit that is looked at, by code."""
        code, inside = self._question.filters.get("under", ""), self._fresh.below
        at = next((node for node, one in inside.items() if one == code), self._view.identity.node_id)
        return [self._codes[node] for node in reversed(self._view.trust.path(at)) if node in inside]

    @cached_property
    def _branches(self) -> Mapping[bytes, str]:
        """Each node below the unit that is looked at -> the code of the one directly below that unit on its way."""
        found: dict[bytes, str] = {}
        trust, code = self._view.trust, self._question.filters.get("under", "") or self._view.identity.place.code
        for top in asked.nodes_of(self._view, code, "under"):
            for child in (one.node_id for one in trust.nodes() if trust.parent(one.node_id) == top):
                found |= dict.fromkeys(asked.below(self._view, child), self._codes[child])
        return found

    @cached_property
    def _silent(self) -> frozenset[str]:
        """The rows of units in which somebody is not heard: what is said of them is what is known."""
        units = {"unit": self._units, "node": self._codes}.get(self._question.by, {})
        return frozenset(units[one] for one in self._fresh.since.keys() - self._fresh.revoked if one in units)

    @cached_property
    def _units(self) -> Mapping[bytes, str]:
        return {**self._codes, **self._branches}

    # lists -----------------------------------------------------------------------------------------------------------

    def _given(self, part: str, keys: Mapping[str, str], period: Period) -> dict[str, str] | None:
        """What a list is asked by; None when it would be empty whatever there is."""
        given = {**self._question.filters, "from": period[0], "to": period[1]}
        for dimension, key in keys.items():
            if not self._narrowed(given, dimension, key):
                return None
        if part == IMMEDIATE:
            if given.get("kind", IMMEDIATE) != IMMEDIATE:
                return None
            given["kind"] = IMMEDIATE
        name = {"workdays": "decided", IMMEDIATE: "filed"}.get(part, part)
        return {"measure" if name in MEASURES else "view": name, **{name: text for name, text in given.items() if text}}

    def _narrowed(self, given: dict[str, str], dimension: str, key: str) -> bool:
        """Narrow what a list is asked by to one key; whether anything can be left."""
        if dimension in PERIODS:
            first, last = (day.isoformat() for day in rules.period_days(key))
            given["from"], given["to"] = max(given["from"], first), min(given["to"] or last, last)
            return given["from"] <= given["to"]
        name = dimension
        if COLUMN[dimension] == "node":
            below = dimension == "unit" and key in set(self._branches.values())
            name = "tier" if dimension == "tier" and key != asked.UNKNOWN else "under" if below else "holder"
        given[name] = key
        return True

    def _list(self, part: str, row: str, column: str, period: Period) -> str:
        keys = {name: key for name, key in ((self._question.by, row), (self._question.across, column)) if name and key}
        given = self._given(part, keys, period)
        return asked.address(**{("from_" if name == "from" else name): text for name, text in given.items()}) if given else ""

    # the document ----------------------------------------------------------------------------------------------------

    def _row(
        self, key: str, cells: Mapping[str, Tally], whole: Tally, before: _Others, year_ago: _Others
    ) -> AnalysedRow:  # fmt: skip
        period, across = self._question.period, self._question.across
        return {
            "key": key, "silent": key in self._silent,
            "cells": {one: self._cell(tally, key, one, period) for one, tally in cells.items()} if across else {},
            "all": self._cell(whole, key, "", period), "before": self._other(key, before, rules.period_before),
            "year_ago": self._other(key, year_ago, rules.period_year_ago),
        }  # fmt: skip

    def _n(self, tally: Tally) -> int:
        measure = self._question.measure
        return tally.whole(measure) if measure in PARTS else tally.n

    def _cell(self, tally: Tally, row: str, column: str, period: Period) -> AnalysedCell:
        measure, n = self._question.measure, self._n(tally)
        timed, parts = measure == "workdays", PARTS.get(measure, ())
        made: dict[str, Part] = {
            one: {"n": tally.parts[one], "list": self._list(one, row, column, period)} for one in parts if tally.parts[one]
        }
        return {
            "n": n, "value": tally.mean if timed else tally.share(measure) if parts else float(n),
            "list": "" if parts else self._list(measure, row, column, period), "few": (timed or bool(parts)) and n < rules.ENOUGH,
            "median": tally.median if timed else None, "p90": tally.p90 if timed else None, "paused": tally.paused if timed else None,
            "stopped": tally.stopped if timed else None, "parts": made,
        }  # fmt: skip

    # what was before -------------------------------------------------------------------------------------------------

    def _compared(self) -> Compared:
        """Which days are compared; none where the measure is of now, or the period is open."""
        first, last = (_day(one) for one in self._question.period)
        if self._question.measure in NOW or self._question.by in PERIODS or first is None or last is None:
            return {"before": None, "year_ago": None}
        return {
            "before": self._known(_said(rules.before, first, last)),
            "year_ago": self._known(_said(rules.year_ago, first, last)),
        }

    def _known(self, days: Period | None) -> Period | None:
        """Days of which something can be known: before the first filing here there is no figure, not a figure of 0."""
        return days if days is not None and days[1] >= self._first_day else None

    @cached_property
    def _first_day(self) -> str:
        month = facts.first_month(self._view.connection)
        return f"{month // 100:04}-{month % 100:02}-01" if month else "9999"

    def _others(self, days: Period | None, which: str) -> _Others:
        """What is compared with: by key, and of which days where the keys are no periods themselves."""
        if self._question.by in PERIODS and self._question.measure not in NOW:
            return self._periods, None
        return (
            {row: tally for (row, _), tally in self._tallies(days, self._question.by, "", self._busiest).items()}
            if days is not None
            else {}
        ), days

    @cached_property
    def _periods(self) -> dict[str, Tally]:
        """Whole periods from a year before the first that is asked for, whatever the question is narrowed to."""
        by, (begin, _) = self._question.by, self._question.period
        first = _day(begin)
        since = ""
        if first is not None and first.year > 1:
            since = rules.moved(rules.period_days(rules.period_of(first, by))[0], -12).isoformat()
        return {row: tally for (row, _), tally in self._tallies((since, ""), by, "").items()}

    def _other(self, key: str, others: _Others, moved: Callable[[str, str], str]) -> AnalysedCell | None:
        """A row's cases of before. Of periods only where the row is a whole one that is over."""
        found, days = others
        if days is not None:
            return self._past(key, found.get(key, Tally()), days)
        if self._question.by not in PERIODS or self._question.measure in NOW or not self._is_whole(key):
            return None
        then = moved(key, self._question.by)
        if rules.period_days(then)[1].isoformat() < self._first_day:
            return None
        return self._cell(found.get(then, Tally()), then, "", ("", ""))

    def _is_whole(self, key: str) -> bool:
        first, last = rules.period_days(key)
        begin, end = self._question.period
        return last < self._day.today and (begin or "0") <= first.isoformat() and last.isoformat() <= (end or "9")

    def _past(self, key: str, tally: Tally, days: Period | None) -> AnalysedCell | None:
        return self._cell(tally, key, "", days) if days is not None else None

    def _order(self, dimension: str, found: Mapping[Keys, Tally], place: int) -> Callable[[str], tuple[int, str]]:
        """Periods, tiers, kinds and units in their order; everything else with most cases first."""
        fixed = {"tier": TIERS[::-1], "decision": asked.DECISIONS, "kind": ("immediate", "commitment", "joint", "referral")}
        if dimension in PERIODS or dimension == "unit":
            return lambda key: (key == asked.UNKNOWN, key)
        if order := fixed.get(dimension):
            return lambda key: (order.index(key) if key in order else len(order), key)
        sizes: dict[str, int] = defaultdict(int)
        for keys, tally in found.items():
            sizes[keys[place]] += self._n(tally)
        return lambda key: (-sizes[key], key)


_Others: TypeAlias = "tuple[Mapping[str, Tally], Period | None]"
COLUMN = {
    "unit": "node", "node": "node", "tier": "node", "item": "item", "department": "item", "kind": "item", "decision": "decision",
    **dict.fromkeys(PERIODS, "month"),
}  # fmt: skip


def _subject(name: str) -> measures.Measure:
    return MEASURES.get(name) or VIEWS[name]


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _said(moved: Callable[[dt.date, dt.date], tuple[dt.date, dt.date]], first: dt.date, last: dt.date) -> Period | None:
    """None for what no calendar has."""
    try:
        before = moved(first, last)
    except (ValueError, OverflowError):
        return None
    return before[0].isoformat(), before[1].isoformat()
