"""Quarters and years: the months of a unit as they were reported, or as they stand now, added up; the bulletin to the departments."""

from __future__ import annotations

from collections.abc import Mapping

from node.domain.cases.access import Function, require
from node.domain.model import Actor, Place
from node.domain.reports.documents import LateCase, PeriodMonth, PeriodReport
from node.domain.reports.periods import COPY_TO, TO, Compared, Period, bulletin, joined, period_of, title
from node.domain.reports.rows import checks
from node.domain.reports.tally import Month, month_of
from node.services.cases.context import Rules
from node.services.reports.comparing import TOTAL
from node.services.reports.making import TABLE_NAMES, Counts, Making, Memory
from node.services.reports.showing import Showing, state_of
from node.services.reports.units import RowOf, asked_period, began, behind, unit_of
from node.services.supervision.rows import Rows
from node.store import appeals
from node.store.store import Store, View

MOST_LATE = 200  # cases of the second annex


class Periods:
    """Reports of more than a month of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules
        self._memory = Memory()

    def report(self, given: Mapping[str, str], actor: Actor) -> PeriodReport:
        """A quarter (`period` YYYY-Qn) or a year (YYYY) of this node or of a unit below it; without one the present quarter.

        Errors: `forbidden` first, then `invalid_input`."""
        require(Function.REPORTS, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            making = Making(view, self._rules, self._memory)
            unit = unit_of(view, making, given.get("node", ""))
            period, months = asked_period(view, given.get("period", ""), unit)
            return self._document(view, making, unit, period, months)

    def _document(self, view: View, making: Making, unit: Place, period: Period, months: list[Month]) -> PeriodReport:
        showing, first, present = Showing(making), began(view, unit), month_of(view.now())
        there = [month for month in period.months if first is None or month >= first]
        counted = {month: self._counts(making, unit, month) for month in months}
        whole = _whole(list(counted.values()))
        given = {"period": period.code, "node": unit.code}
        tables = {name: showing.table(unit, name, whole[name], given) for name in TABLE_NAMES}
        by_month = showing.table(
            unit, "cases", {month.code: _total(counts["cases"]) for month, counts in counted.items()}, {"node": unit.code}
        )
        late = self._late(view, making, unit, months)
        parts = showing.parts(unit, tables["cases"], tables["agency"])
        idle = [one.name for one in parts if one.idle]
        compared = Compared(self._decided(making, unit, period.before), self._decided(making, unit, period.year_before))
        sections = bulletin(period, tables["cases"]["total"], tables["signals"]["total"], compared, parts, len(late), idle)
        return {
            **making.fresh.document(), "node": unit.code, "name": showing.name(unit.code), "period": period.code, "title": title(period),
            "to": TO, "copy_to": COPY_TO.get(unit.tier, ""), "months": [self._month(making, unit, month) for month in months],
            "complete": len(months) == len(there) and all(making.cuts.latest(unit.node_id, one) is not None for one in months),
            "cases": tables["cases"], "signals": tables["signals"], "agency": tables["agency"] if tables["agency"]["rows"] else None,
            "by_month": {**by_month, "lists": {code: found for code, found in by_month["lists"].items() if code != TOTAL}},
            "checks": checks([*whole["cases"].items(), (TOTAL, _total(whole["cases"]))]),
            "sections": [{"heading": heading, "text": text} for heading, text in sections], "late": late, "idle": idle,
            "periods": _choices(present, first),
        }  # fmt: skip

    def _counts(self, making: Making, unit: Place, month: Month) -> Counts:
        written = making.cuts.latest(unit.node_id, month)
        if written is not None:
            return written.rows
        return making.counted(unit.node_id, month, making.cut(unit.node_id, month), making.base(unit.node_id, month))

    def _month(self, making: Making, unit: Place, month: Month) -> PeriodMonth:
        written = making.cuts.latest(unit.node_id, month)
        return {"month": month.code, "state": state_of(making, written, month), "signed": written is not None and written.signed}

    def _decided(self, making: Making, unit: Place, period: Period) -> int | None:
        """What was decided in a period; None where not all of its months were reported."""
        found = [making.cuts.latest(unit.node_id, month) for month in period.months]
        rows = [one.rows["cases"] for one in found if one is not None]
        return sum(_total(one).get("decided", 0) for one in rows) if len(rows) == len(found) else None

    def _late(self, view: View, making: Making, unit: Place, months: list[Month]) -> list[LateCase]:
        rows, found = Rows(view, self._rules, making.fresh, True), list[LateCase]()
        numbers = [one for month in months for one in behind(making, unit, month, RowOf(), "late")]
        for case_no, node, _ in numbers[:MOST_LATE]:
            row = rows.row(case_no, node)
            if row is not None:
                last = row["was_late"][0] if row["was_late"] else None
                found.append({
                    "case_no": case_no, "item": row["item"], "unit": making.code(node), "name": rows.name(node),
                    "over_days": last["over_days"] if last is not None else row["over_days"],
                    "due": last["due"] if last is not None else row["due"], "appealed": appeals.of_case(view.connection, case_no),
                })  # fmt: skip
        return found


def _whole(months: list[Counts]) -> dict[str, dict[str, Mapping[str, int]]]:
    """Table -> unit -> counts of all months together."""
    found: dict[str, dict[str, Mapping[str, int]]] = {}
    for name in TABLE_NAMES:
        units = dict.fromkeys(unit for counts in months for unit in counts[name])
        found[name] = {unit: joined([counts[name].get(unit, {}) for counts in months]) for unit in units}
    return found


def _total(rows: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for counts in rows.values():
        for name, n in counts.items():
            found[name] = found.get(name, 0) + n
    return found


def _choices(present: Month, first: Month | None) -> list[str]:
    """The last eight quarters and three years, as far as the unit was there."""
    found, period = list[Period](), period_of(present)
    for _ in range(8):
        found.append(period)
        period = period.before
    found += [Period(present.year - n) for n in range(3)]
    return [one.code for one in found if first is None or one.months[-1] >= first]
