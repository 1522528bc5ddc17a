"""Quarters and years: the months of a unit as they were reported, or as they stand now, added up; the bulletin to the departments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node.domain.cases.access import Function, require
from node.domain.model import Actor, Place
from node.domain.reports.documents import PeriodMonth, PeriodReport
from node.domain.reports.periods import COPY_TO, TO, Compared, Period, bulletin, joined, period_of, title
from node.domain.reports.rows import case_row, checks
from node.domain.reports.tally import Month, month_of
from node.services.cases.context import Rules
from node.services.reports.comparing import TOTAL, Comparing, added
from node.services.reports.late import Late
from node.services.reports.making import TABLE_NAMES, Counts, Making, Memory
from node.services.reports.showing import Showing, state_of
from node.services.reports.units import asked_period, began, unit_of
from node.store.store import Store, View


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
            unit, "cases", {month.code: added(counts["cases"]) for month, counts in counted.items()}, {"node": unit.code}
        )
        late, many = Late(making, view).of(unit, months)
        parts = showing.parts(unit, tables["cases"], tables["agency"])
        idle = [one.name for one in parts if one.idle]
        compared = self._compared(making, unit, period, months)
        sections = bulletin(tables["cases"]["total"], tables["signals"]["total"], compared, parts, many, idle)
        return {
            **making.fresh.document(), "node": unit.code, "name": showing.name(unit.code), "period": period.code, "title": title(period),
            "to": TO, "copy_to": COPY_TO.get(unit.tier, ""), "months": [self._month(making, unit, month) for month in months],
            "complete": len(months) == len(there) and all(making.cuts.latest(unit.node_id, one) is not None for one in months),
            "cases": tables["cases"], "signals": tables["signals"], "agency": tables["agency"] if tables["agency"]["rows"] else None,
            "by_month": {**by_month, "lists": {code: found for code, found in by_month["lists"].items() if code != TOTAL}},
            "checks": checks([*whole["cases"].items(), (TOTAL, added(whole["cases"]))]),
            "sections": [{"heading": heading, "text": text} for heading, text in sections], "late": late, "late_total": many, "idle": idle,
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

    def _compared(self, making: Making, unit: Place, period: Period, months: Sequence[Month]) -> list[Compared]:
        """The period before and the same of the year before. Only what is over and whole is compared."""
        names = ("上季", "上年同期") if period.quarter else ("上年",)
        others = [period.before, period.year_before][: len(names)]
        if len(months) < len(period.months) or making.view.now() < months[-1].end:
            return [
                Compared(name, None, "本期未完" if making.view.now() < period.months[-1].end else "本期不全") for name in names
            ]
        if not self._is_whole(making, unit, months):
            return [Compared(name, None, "本期月报不全") for name in names]
        return [self._other(making, unit, name, other) for name, other in zip(names, others, strict=True)]

    def _other(self, making: Making, unit: Place, name: str, period: Period) -> Compared:
        if not self._is_whole(making, unit, period.months):
            return Compared(name, None, f"{name}月报不全")
        found = [one.rows["cases"] for month in period.months if (one := making.cuts.latest(unit.node_id, month)) is not None]
        return Compared(name, case_row(TOTAL, joined([added(rows) for rows in found])))

    def _is_whole(self, making: Making, unit: Place, months: Sequence[Month]) -> bool:
        """Whether each month was reported, with everything."""
        comparing = Comparing(making)
        found = [(month, making.cuts.latest(unit.node_id, month)) for month in months]
        return all(one is not None and not comparing.partial(unit, month, comparing.without(one)) for month, one in found)


def _whole(months: list[Counts]) -> dict[str, dict[str, Mapping[str, int]]]:
    """Table -> unit -> counts of all months together."""
    found: dict[str, dict[str, Mapping[str, int]]] = {}
    for name in TABLE_NAMES:
        units = dict.fromkeys(unit for counts in months for unit in counts[name])
        found[name] = {unit: joined([counts[name].get(unit, {}) for counts in months]) for unit in units}
    return found


def _choices(present: Month, first: Month | None) -> list[str]:
    """The last eight quarters and three years, as far as the unit was there."""
    found, period = list[Period](), period_of(present)
    for _ in range(8):
        found.append(period)
        period = period.before
    found += [Period(present.year - n) for n in range(3)]
    return [one.code for one in found if first is None or one.months[-1] >= first]
