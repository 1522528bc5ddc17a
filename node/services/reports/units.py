"""What readers of reports ask for: which unit, which month, and the cases behind a figure."""

from __future__ import annotations

from typing import NamedTuple

from node.domain.model import Place
from node.domain.reports.columns import AMOUNTS, FORMAT
from node.domain.reports.periods import Period, period_of, read_period
from node.domain.reports.tally import Month, month_of, read_month
from node.domain.words.errors import TongbanError
from node.services.reports.asked import Asked
from node.services.reports.making import Making
from node.services.reports.signalled import Mark, Signalled
from node.store import reports as sql
from node.store.store import View


class RowOf(NamedTuple):
    """A row of a report: a unit ("" for all) with all below it; the reporting unit, and `alone` any other, by itself."""

    code: str = ""
    alone: bool = False


class Counted(NamedTuple):
    """A case as a column counts it for a unit; `n` of a time in ms."""

    case_no: str
    node: bytes
    n: int


def unit_of(view: View, making: Making, code: str) -> Place:
    """Errors: `invalid_input` for what is not of the subtree."""
    me = view.identity.place
    if not code or code == me.code:
        return me
    place = view.find_code(code)
    if place is None or not view.trust.is_below(place.node_id, me.node_id):
        raise TongbanError("invalid_input", {"node": "unknown_division"})
    return place


def asked_month(view: View, text: str, unit: Place) -> Month:
    """The last that is over where none is named, of a unit that began later its first. Errors: `invalid_input`."""
    present, first = month_of(view.now()), began(view, unit)
    month = read_month(text) if text else max(present.before, first or present.before)
    if month is None or month > present or (first is not None and month < first):
        raise TongbanError(
            "invalid_input", {"month": flaw_of(month is not None, month is not None and month > present, "not_a_month")}
        )
    return month


def asked_period(view: View, text: str, unit: Place) -> tuple[Period, list[Month]]:
    """A quarter or a year ("": the present quarter) and those of its months that have begun and in which the unit was there.
    Errors: `invalid_input`."""
    present, first = month_of(view.now()), began(view, unit)
    period = read_period(text) if text else period_of(present)
    to_come = period is not None and period.months[0] > present
    if period is None or to_come or (first is not None and period.months[-1] < first):
        raise TongbanError("invalid_input", {"period": flaw_of(period is not None, to_come, "not_a_period")})
    return period, [month for month in period.months if month <= present and (first is None or month >= first)]


def flaw_of(read: bool, to_come: bool, unreadable: str) -> str:
    """What is wrong with a time that was asked for: not to be read, not come yet, or before there was anything."""
    return unreadable if not read else "to_come" if to_come else "before_node"


def began(view: View, unit: Place) -> Month | None:
    """The month in which a unit began, as far as that is known here."""
    ms = sql.began(view.connection, unit.node_id)
    return month_of(ms) if ms else None


def behind(making: Making, unit: Place, month: Month, row: RowOf, column: str) -> list[Counted]:
    """The cases of a column of a row, as often as each is counted; of a time once each. Errors: `invalid_input`."""
    wanted = _of_row(making, unit, row)
    told = making.counting.cases(_asked(making, unit, month))
    kept = AMOUNTS.get(column, column)
    found = [(no, one.unit, one.counts.get(kept, 0)) for no, one in told if one.unit in wanted]
    return [Counted(no, node, n) for no, node, n in found for _ in range(min(n, 1) if column in AMOUNTS else n)]


def marks_behind(making: Making, unit: Place, month: Month, row: RowOf, column: str) -> list[Mark]:
    """What a column of 表二 counts for a row. Errors: `invalid_input`."""
    wanted, signalled, asked = _of_row(making, unit, row), Signalled(making.view, making.rules), _asked(making, unit, month)
    marks = signalled.warnings(asked) if column == "warn" else signalled.marks(asked)
    return [one for one in marks if one.unit in wanted and column in one.columns]


def _of_row(making: Making, unit: Place, row: RowOf) -> set[bytes]:
    inside = making.inside(unit.node_id)
    if not row.code:
        return set(inside)
    named = [node for node in inside if making.code(node) == row.code]
    if not named:
        raise TongbanError("invalid_input", {"unit": "unknown_division"})
    return set(named) if row.alone or unit.node_id in named else {one for node in named for one in making.inside(node)}


def _asked(making: Making, unit: Place, month: Month) -> Asked:
    """By the cuts of the report that was written, else as all stands here now."""
    written = making.cuts.latest(unit.node_id, month)
    cut = written.cut if written is not None else making.cut(unit.node_id, month)
    base = making.cuts.written(written.base) if written is not None else making.base(unit.node_id, month)
    return making.asked(unit.node_id, month, cut, base, written.format if written is not None else FORMAT)
