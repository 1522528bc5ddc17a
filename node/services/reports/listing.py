"""The rows behind the figures of a report: cases (表一, 表六); warnings and cards, appeals and orders (表二)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from node.domain.model import Place
from node.domain.reports.columns import AGENCY, AGENCY_COUNTED, COLUMNS, COUNTED, SIGNALS_COUNTED
from node.domain.reports.documents import BehindFigure, ReportCases, ReportSignal, ReportSignals
from node.domain.reports.tally import Month
from node.domain.words.errors import TongbanError
from node.services.reports.making import Making
from node.services.reports.signalled import APPEAL, SIGNAL, Mark
from node.services.reports.units import asked_month, behind, marks_behind, unit_of
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
}  # column -> table  # fmt: skip
OF_SIGNALS: Mapping[str, str] = dict.fromkeys(SIGNALS_COUNTED, "signals")


class Figure(NamedTuple):
    """Which figure ("" as its row: the total), and the page of its rows."""

    month: Month
    unit: Place
    row: str
    table: str
    column: str
    at: int
    limit: int


def cases(making: Making, view: View, given: Mapping[str, str]) -> ReportCases:
    """Each case as often as it is counted. Errors: `invalid_input`."""
    one = _figure(making, view, given, OF_CASES, "accepted")
    found, rows = behind(making, one.unit, one.month, one.row, one.column), Rows(view, making.rules, making.fresh, False)
    shown = found[one.at : one.at + one.limit]
    return {**_behind(making, one, len(found)), "cases": [row for no, node in shown if (row := rows.row(no, node)) is not None]}


def signalled(making: Making, view: View, given: Mapping[str, str], cards: Cards) -> ReportSignals:
    """The newest first. Errors: `invalid_input`."""
    one = _figure(making, view, given, OF_SIGNALS, "yellow")
    found = sorted(marks_behind(making, one.unit, one.month, one.row, one.column), key=lambda mark: (-mark.at, mark.id))
    shown, told = found[one.at : one.at + one.limit], _Told(making, view, cards)
    return {**_behind(making, one, len(found)), "rows": [told.row(mark) for mark in shown]}


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
    month = asked_month(view, given.get("month", ""), unit)
    return Figure(month, unit, given.get("unit", ""), columns[column], column, int(first or 0), limit)


def _behind(making: Making, one: Figure, total: int) -> BehindFigure:
    written = making.cuts.latest(one.unit.node_id, one.month)
    rows = written.rows[one.table] if written is not None else {}
    units = [one.row] if one.row else list(rows)
    stated = sum(rows.get(unit, {}).get(one.column, 0) for unit in units) if written is not None else None
    return {
        **making.fresh.document(), "month": one.month.code, "node": one.unit.code, "unit": one.row, "column": one.column, "total": total,
        "stated": stated, "next": str(one.at + one.limit) if total > one.at + one.limit else None,
    }  # fmt: skip
