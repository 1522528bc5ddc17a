"""The rows behind the figures of a report: cases (表一, 表六); warnings and cards, appeals and orders (表二)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from node.domain.calendar import DAY_MS
from node.domain.model import Place
from node.domain.reports.columns import AGENCY, AGENCY_COUNTED, AMOUNTS, COLUMNS, COUNTED, SIGNALS_COUNTED, STOCKS
from node.domain.reports.documents import BehindFigure, ReportCases, ReportSignal, ReportSignals
from node.domain.reports.tally import Month
from node.domain.words.errors import TongbanError
from node.services.reports.making import Making
from node.services.reports.signalled import APPEAL, SIGNAL, Mark
from node.services.reports.units import RowOf, asked_month, asked_period, behind, marks_behind, unit_of
from node.services.supervision.appeal_rows import AppealRows
from node.services.supervision.cards import Cards
from node.services.supervision.order_rows import OrderRows
from node.services.supervision.query import limit_of
from node.services.supervision.rows import Rows
from node.services.times import iso
from node.store import appeals, orders, signals
from node.store.store import View

OF_CASES: Mapping[str, str] = {
    **{name: "cases" for name in COUNTED if name in COLUMNS}, **{name: "agency" for name in AGENCY_COUNTED if name in AGENCY},
    **dict.fromkeys(AMOUNTS, "agency"),
}  # column -> table  # fmt: skip
HOUR_MS = DAY_MS // 24
OF_SIGNALS: Mapping[str, str] = dict.fromkeys(SIGNALS_COUNTED, "signals")


class Figure(NamedTuple):
    """Which figure of which months, and the page of its rows; `period`: the quarter or year, "" of a month."""

    months: Sequence[Month]
    period: str
    unit: Place
    row: RowOf
    table: str
    column: str
    at: int
    limit: int


def cases(making: Making, view: View, given: Mapping[str, str]) -> ReportCases:
    """Each case as often as it is counted. Errors: `invalid_input`."""
    one = _figure(making, view, given, OF_CASES, "accepted")
    by_month = {month: behind(making, one.unit, month, one.row, one.column) for month in _counting(one)}
    found = [case for cases in by_month.values() for case in cases]
    rows = Rows(view, making.rules, making.fresh, False)
    shown = [(case, row) for case in found[one.at : one.at + one.limit] if (row := rows.row(case.case_no, case.node)) is not None]
    return {
        **_behind(making, one, {month: len(cases) for month, cases in by_month.items()}), "cases": [row for _, row in shown],
        "hours": [round(case.n / HOUR_MS, 2) for case, _ in shown] if one.column in AMOUNTS else None,
        "whole_hours": round(sum(case.n for case in found) / HOUR_MS, 1) if one.column in AMOUNTS else None,
    }  # fmt: skip


def signalled(making: Making, view: View, given: Mapping[str, str], cards: Cards) -> ReportSignals:
    """The newest first. Errors: `invalid_input`."""
    one = _figure(making, view, given, OF_SIGNALS, "yellow")
    by_month = {month: marks_behind(making, one.unit, month, one.row, one.column) for month in _counting(one)}
    found = sorted((mark for marks in by_month.values() for mark in marks), key=lambda mark: (-mark.at, mark.id))
    shown, told = found[one.at : one.at + one.limit], _Told(making, view, cards)
    many = {month: len(marks) for month, marks in by_month.items()}
    return {**_behind(making, one, many), "rows": [told.row(mark) for mark in shown]}


class _Told:
    """What is marked, as the pages of signals, appeals and orders tell it."""

    def __init__(self, making: Making, view: View, cards: Cards) -> None:
        self._view, self._cards = view, cards
        self._appeals, self._orders = AppealRows(view, making.rules), OrderRows(view, making.rules)

    def row(self, mark: Mark) -> ReportSignal:
        found: ReportSignal = {"kind": mark.kind, "at": iso(mark.at), "signal": None, "appeal": None, "order": None}
        if mark.kind == SIGNAL and (row := signals.one_of(self._view.connection, mark.id)) is not None:
            found["signal"] = self._cards.document(self._view, row)
        elif mark.kind == APPEAL and (appeal := appeals.whole(self._view, mark.id)) is not None:
            found["appeal"] = self._appeals.row(appeal)
        elif (order := orders.whole(self._view, mark.id)) is not None:
            found["order"] = self._orders.row(order.row)
        return found


def _figure(making: Making, view: View, given: Mapping[str, str], columns: Mapping[str, str], usual: str) -> Figure:
    column, limit, first = given.get("column") or usual, limit_of(given.get("limit", "")), given.get("cursor", "")
    flaws = {} if column in columns else {"column": "not_a_choice"}
    if first and not (first.isascii() and first.isdigit() and len(first) < 10):
        flaws["cursor"] = "not_a_page"
    if flaws:
        raise TongbanError("invalid_input", flaws)
    unit = unit_of(view, making, given.get("node", ""))
    period, row = given.get("period", ""), RowOf(given.get("unit", ""), given.get("alone") == "1")
    months = asked_period(view, period, unit)[1] if period else [asked_month(view, given.get("month", ""), unit)]
    return Figure(months, period, unit, row, columns[column], column, int(first or 0), limit)


def _counting(one: Figure) -> Sequence[Month]:
    """The months whose rows are those of the figure: what stands is of the first or the last of a period."""
    return one.months if one.column not in STOCKS else one.months[:1] if one.column == "carried" else one.months[-1:]


def _behind(making: Making, one: Figure, by_month: Mapping[Month, int]) -> BehindFigure:
    total = sum(by_month.values())
    return {
        **making.fresh.document(), "month": one.months[0].code if not one.period else "", "period": one.period, "node": one.unit.code,
        "unit": one.row.code, "alone": one.row.alone, "column": one.column, "total": total, "stated": _stated(making, one, by_month),
        "next": str(one.at + one.limit) if total > one.at + one.limit else None,
    }  # fmt: skip


def _stated(making: Making, one: Figure, by_month: Mapping[Month, int]) -> int | None:
    """What the reports that were written say, with what is here of months without one; None where none was, and of times and of rows that
    stand in no report."""
    found = {month: making.cuts.latest(one.unit.node_id, month) for month in by_month}
    written = [report.rows[one.table] for report in found.values() if report is not None]
    in_none = one.row.code and not any(one.row.code in rows for rows in written)
    if not written or one.column in AMOUNTS or in_none or (one.row.alone and one.row.code != one.unit.code):
        return None
    said = sum(counts.get(one.column, 0) for rows in written for unit, counts in rows.items() if one.row.code in ("", unit))
    return said + sum(n for month, n in by_month.items() if found[month] is None)
