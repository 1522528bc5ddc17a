"""The document of a monthly report: as it was reported, or made of what is here now."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from node.domain.cases.access import Function, has
from node.domain.model import Actor, Place
from node.domain.reports import cut as cuts_of
from node.domain.reports.columns import AGENCY, AMOUNTS, COLUMNS, FORMAT, HIDDEN, SIGNALS
from node.domain.reports.documents import Column, CutLine, Missing, MonthlyReport, Opened, ReportBelow, ReportTable, ReportTables
from node.domain.reports.rows import Row, agency_row, case_row, checks, columns, signal_row
from node.domain.reports.tally import Month, month_of, read_month
from node.domain.reports.texts import Part, month_text
from node.services.cases.names import office_namer
from node.services.reports.comparing import TOTAL, Comparing
from node.services.reports.comparing import added as _sum
from node.services.reports.cuts import Written
from node.services.reports.making import WORDS, Counts, Making, freezes_at
from node.services.times import iso
from node.store import reports as sql

MONTHS = 24  # to choose from
ADDRESS = "/api/v1/reports/monthly/"
_ROWS: Mapping[str, tuple[Mapping[str, tuple[str, str]], Callable[[str, Mapping[str, int]], Row]]] = {
    "cases": (COLUMNS, case_row), "signals": (SIGNALS, signal_row), "agency": (AGENCY, agency_row),
}  # fmt: skip
_BEHIND = {"cases": "cases", "agency": "cases", "signals": "signals"}


class Showing:
    """Makes documents within one view."""

    def __init__(self, making: Making) -> None:
        self._making, self._view = making, making.view
        self.name = office_namer(making.view, making.rules.catalog.divisions())

    def document(
        self, unit: Place, month: Month, actor: Actor, compared: bool = False, opened: Sequence[str] = ()
    ) -> MonthlyReport:
        """`compared`: with the months before beside it; `opened`: units below whose own units are told too."""
        making, view = self._making, self._view
        written = making.cuts.latest(unit.node_id, month)
        cut = list(written.cut) if written is not None else making.cut(unit.node_id, month)
        base = making.base(unit.node_id, month) if written is None else None
        counted: Counts = written.rows if written is not None else making.counted(unit.node_id, month, cut, base)
        lacks, differ = making.recount(unit.node_id, written, month) if written is not None else ([], [])
        tables, whole = self._tables(unit, month, counted), _sum(counted["cases"])
        by, reached = (written.format, making.cuts.written(written.base)) if written is not None else (FORMAT, base)
        more = [] if lacks else [
            self._opened(unit, month, node, making.counted(unit.node_id, month, cut, reached, by, node)) for node in self._inside(unit, opened)
        ]  # fmt: skip
        why_not = self.why_not(unit, month) if unit.node_id == view.identity.node_id else "只能签报本单位的月报"
        missing = self._missing(cut, written)
        without = {one["node"] for one in missing if one["since"]}
        entry = written.base if written is not None else base.report.entry if base is not None else b""
        return {
            **making.fresh.document(), "node": unit.code, "name": self.name(unit.code), "month": month.code,
            "format": written.format if written is not None else FORMAT, "state": state_of(self._making, written, month),
            "signed": written is not None and written.signed, "reported_at": iso(written.report.at_ms) if written is not None else None,
            "freezes_at": iso(freezes_at(month, making.rules.calendar)),
            "filled_by": written.filled_by if written is not None else "", "checked_by": written.checked_by if written is not None else "",
            "zero": not any(n for rows in counted.values() for name, n in _sum(rows).items() if name not in HIDDEN),
            "cut": cast(list[CutLine], cuts_of.written(cut)),
            "base": entry.hex() or None, "report": written.report.entry.hex() if written is not None else None, "tables": tables,
            "checks": checks([*counted["cases"].items(), (TOTAL, whole)]), "text": self._text(unit, month, tables, without),
            "partial": Comparing(making).partial(unit, month, without),
            "below": [self._below(node, month) for node in making.children(unit.node_id) if not view.trust.is_revoked(node)],
            "missing": missing, "differing": self._differing(unit, month),
            "recounted": written is not None and not lacks, "lacks": lacks, "differences": differ,
            "earlier": Comparing(making).earlier(unit, month) if compared else [], "opened": more,
            "folds": [making.code(node) for node in making.inside(unit.node_id)[1:] if making.has_below(node)],
            "may_submit": not why_not and has(Function.SUBMIT_REPORT, view.identity.tier, actor.role), "why_not": why_not,
            "months": self._months(unit),
        }  # fmt: skip

    def why_not(self, unit: Place, month: Month) -> str:
        """Why the report of this node for a month cannot be signed now; "" when it can."""
        making, view = self._making, self._view
        if view.now() < month.end:
            return "本月还没有结束，不能签报"
        if making.is_frozen(month):
            return "月报已经冻结，不能再签报；以后知道的事实记入下月补报"
        waiting = [code for code, since in making.missing(making.cut(unit.node_id, month)) if not since]
        direct = {making.code(node) for node in making.children(unit.node_id)}
        if names := "、".join(self.name(code) for code in waiting if code in direct):
            return f"下级单位还没有签报：{names}"
        return ""

    def _tables(self, unit: Place, month: Month, counted: Counts) -> ReportTables:
        return _whole({name: self.table(unit, name, counted[name], {"month": month.code, "node": unit.code}) for name in _ROWS})

    def _inside(self, unit: Place, codes: Sequence[str]) -> list[bytes]:
        """The units of these codes below a unit that have units below them."""
        below = self._making.inside(unit.node_id)[1:] if codes else []
        return [node for node in below if self._making.code(node) in codes and self._making.children(node)]

    def _opened(self, unit: Place, month: Month, node: bytes, counted: Counts) -> Opened:
        """What a row of a report adds up, by the cut of that report."""
        place = self._view.place(node)
        assert place is not None  # it has children
        given = {"month": month.code, "node": unit.code}
        return {
            "node": place.code, "name": self.name(place.code),
            "tables": _whole({name: self.table(place, name, counted[name], given, alone=place.code) for name in _ROWS}),
        }  # fmt: skip

    def table(
        self, unit: Place, name: str, counts: Mapping[str, Mapping[str, int]], given: Mapping[str, str], alone: str = ""
    ) -> ReportTable:  # fmt: skip
        """A table of rows by unit, the own first. `given`: of which month or period of which unit the lists are; `alone`: of which row not
        what is below it. Rows by month have their lists by month."""
        named, row = _ROWS[name]
        codes = sorted(counts, key=lambda code: (code != unit.code, code))
        lists = {code: _lists(name, {**given, **_row_of(code, alone)}, counts[code]) for code in codes}
        lists[TOTAL] = _lists(name, {**given, "unit": alone} if alone else given, _sum(counts))
        return {
            "columns": cast(list[Column], columns(named)), "rows": [row(code, counts[code]) for code in codes], "total": row(TOTAL, _sum(counts)),
            "names": {code: self.name(code) for code in codes}, "lists": lists,
        }  # fmt: skip

    def text_of(self, unit: Place, month: Month, written: Written) -> str:
        """A report that was written, in words."""
        return self._text(unit, month, self._tables(unit, month, written.rows), Comparing(self._making).without(written))

    def _text(self, unit: Place, month: Month, tables: ReportTables, without: Collection[str]) -> str:
        before = Comparing(self._making).before(unit, month, without)
        parts = self.parts(unit, tables["cases"], tables["agency"])
        return month_text(month.month, tables["cases"]["total"], tables["signals"]["total"], before, parts)

    def parts(self, unit: Place, cases: ReportTable, agency: ReportTable | None) -> list[Part]:
        """The units of a text."""
        registered = {row["unit"] for row in (agency["rows"] if agency is not None else ()) if row["registered"]}
        return [
            Part(self.name(str(row["unit"])), row, row["unit"] != unit.code, row["unit"] in registered) for row in cases["rows"]
        ]

    def _below(self, node: bytes, month: Month) -> ReportBelow:
        written, code, since = self._making.cuts.latest(node, month), self._making.code(node), self._making.fresh.since.get(node)
        return {
            "node": code, "name": self.name(code), "state": state_of(self._making, written, month), "since": iso(since) if since else None,
            "signed": written is not None and written.signed,
            "differs": sql.differs(self._view.connection, written.report.entry) if written is not None else None,
        }  # fmt: skip

    def _differing(self, unit: Place, month: Month) -> list[Missing]:
        """The units below whose reports a recount here contradicts."""
        inside = set(self._making.inside(unit.node_id))
        found = [node for node in sql.contradicted(self._view.connection, month.code) if node in inside]
        codes = sorted(map(self._making.code, found))
        return [{"node": code, "name": self.name(code), "since": None} for code in codes]

    def _missing(self, cut: list[cuts_of.Row], written: Written | None) -> list[Missing]:
        rows = list(written.missing) if written is not None else self._making.missing(cut)
        rows += self._making.cuts.missing_below(cut)
        return [{"node": code, "name": self.name(code), "since": iso(since) if since else None} for code, since in rows]

    def _months(self, unit: Place) -> list[str]:
        """The present month and those before it, as far as the unit was there."""
        found, month = list[str](), month_of(self._view.now())
        ms = sql.began(self._view.connection, unit.node_id)
        for _ in range(MONTHS):
            if found and ms and month < month_of(ms):
                break
            found.append(month.code)
            month = month.before
        return found


def _row_of(code: str, alone: str) -> dict[str, str]:
    return {"month": code} if read_month(code) is not None else {"unit": code, **({"alone": "1"} if code == alone else {})}


def _lists(table: str, given: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, str]:
    """The addresses of the rows behind the figures of a row. A share and a mean count no rows; behind a time are those that it adds up."""
    return {
        name: f"{ADDRESS}{_BEHIND[table]}?{urllib.parse.urlencode({**given, 'column': name})}"
        for name in WORDS[table]
        if counts.get(AMOUNTS.get(name, name), 0) > 0
    }


def _whole(made: Mapping[str, ReportTable]) -> ReportTables:
    """With what is not built yet."""
    return {
        "cases": made["cases"], "signals": made["signals"], "complaints": None, "ratings": None, "fees": None,
        "agency": made["agency"] if made["agency"]["rows"] else None,
    }  # fmt: skip


def state_of(making: Making, written: Written | None, month: Month) -> str:
    """open, submitted or frozen."""
    return "open" if written is None else "frozen" if making.is_frozen(month) or not written.signed else "submitted"
