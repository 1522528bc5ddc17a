"""季度通报 and the table of a year: read, printed, and as a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from edge_ui.shared.sheets import CSV, EXCEL, Cell, Linked, Sheet
from edge_ui.web.oversight.report_pages import PeriodPage
from edge_ui.web.oversight.reports import ReportsHandler
from edge_ui.web.sheets import SheetHandler
from node.domain.reports.documents import LateCase, PeriodReport, ReportTable
from node.domain.reports.rows import Row
from node.domain.words.errors import TongbanError

ASKED = ("period", "node")
CASES, BY_MONTH = "cases", "by_month"
_CASE = re.compile(r"\d{12}-\d{6}-[0-9A-Z-]+")


def tables_of(found: PeriodReport) -> list[tuple[str, ReportTable]]:
    """(name, table), as far as there is one."""
    made = [(CASES, found["cases"]), ("signals", found["signals"]), ("agency", found["agency"]), (BY_MONTH, found["by_month"])]
    return [(name, table) for name, table in made if table is not None]


class PeriodBase(ReportsHandler):
    """What page and file have in common."""

    async def period(self, given: Mapping[str, str]) -> PeriodReport:
        found: PeriodReport = await self.call(self.center.periods.report, given, self.person)
        return found

    late_columns = (
        "report.number", "case.no", "case.item", "report.answers", "report.over_days", "report.cause", "report.appealed",
    )  # fmt: skip
    annex_columns = (
        "case.no", "case.item", "report.answers", "case.due", "report.over_days", "oversight.split", "case.state", "report.cause",
        "report.appealed",
    )  # fmt: skip

    def late_line(self, number: int, row: LateCase) -> list[str | int]:
        """A late case in the bulletin: number, item, unit, days, reason, whether it appealed."""
        return [number, row["case_no"], row["item"], row["name"], row["over_days"], self._cause(row), self._appealed(row)]

    def annex_line(self, row: LateCase) -> list[str | int]:
        state = self.say("report.still_open" if row["open"] else "report.decided_late")
        return [
            row["case_no"], row["item"], row["name"], self.when(row["due"]), row["over_days"], self.split_text(row["segments"]), state,
            row["cause"] or self.say("report.unexplained"), self._appealed(row),
        ]  # fmt: skip

    def is_case(self, cell: str | int) -> bool:
        """Whether a cell is the number of a case."""
        return isinstance(cell, str) and _CASE.fullmatch(cell) is not None

    def _cause(self, row: LateCase) -> str:
        """What the unit said; else where the time went."""
        return row["cause"] or self.say("report.no_cause", split=self.split_text(row["segments"]) or "–")

    def _appealed(self, row: LateCase) -> str:
        return (
            self.say("appeals.ground." + row["ground"])
            if row["ground"]
            else self.say("report.yes" if row["appealed"] else "report.no")
        )

    def row_name(self, table: ReportTable, row: Row) -> str:
        """Of a row of months the month."""
        code = str(row["unit"])
        return self.month_text(code) if len(code) == 7 and code[4] == "-" else self.unit_name(table, row)


class PeriodHandler(PeriodBase):
    """The bulletin of a quarter, the tables of a quarter or a year."""

    async def on_get(self) -> None:
        given, error = self.asked(ASKED), ""
        try:
            found = await self.period(given)
        except TongbanError as refusal:
            error = self.wrongly_asked(refusal)
            found = await self.period({})
        nodes, _ = await self.names()
        tables, of = tables_of(found), {"period": found["period"], "node": found["node"]}
        files = [
            (name, kind, self.url({**of, "table": name}, f"/oversight/period.{kind}"))
            for name, _ in tables
            for kind in (EXCEL, CSV)
        ]
        self.show("oversight/period.html", PeriodPage(
            found, tables, found["known_until"], self.silent(found, nodes), nodes, files, error,
        ), 422 if error else 200)  # fmt: skip


class PeriodSheet(SheetHandler, PeriodBase):
    """A table of a quarter or a year as a file; the first with the bulletin and its annexes."""

    named, page = "period", "/oversight/report/period"

    async def sheet(self) -> Sheet:
        found = await self.period(self.asked(ASKED))
        name = self.argument("table", 20) or CASES
        table = dict(tables_of(found)).get(name)
        if table is None:
            raise TongbanError("not_found", what=name)
        nodes, _ = await self.names()
        about = [
            self.span_text(found["period"]), found["name"], self.say("report.table." + name),
            self.say("oversight.as_of", at=found["known_until"] or ""),
            self.say("report.complete" if found["complete"] else "report.incomplete"),
            *[self.say("oversight.silent_one", name=unit, at=since) if since else unit for unit, since in self.silent(found, nodes)],
        ]  # fmt: skip
        rows = table["rows"] if name == BY_MONTH else [*table["rows"], table["total"]]
        head = [
            self.say("report.months") if name == BY_MONTH and one["name"] == "unit" else self.column_text(one)
            for one in table["columns"]
        ]
        return Sheet(
            found["title"], about, head, [self._line(table, row) for row in rows], self._bulletin(found) if name == CASES else ()
        )

    def _line(self, table: ReportTable, row: Row) -> list[Cell]:
        cells: list[Cell] = [self.row_name(table, row)]
        for column in (one["name"] for one in table["columns"] if one["name"] != "unit"):
            url, value = self.list_url(table, row, column), row[column]
            cells.append(Linked(value, url) if url and value is not None else value)
        return cells

    def _bulletin(self, found: PeriodReport) -> list[list[Cell]]:
        """The check sums; of a quarter the sections with the late cases one by one; the annexes."""
        lines: list[list[Cell]] = [[self.check_text(one, found["cases"])] for one in found["checks"]]
        for number, one in enumerate(found["sections"] if "-Q" in found["period"] else ()):
            lines += [[one["heading"], one["text"]]]
            if number == 1 and found["late"]:
                lines += [[self.say(key) for key in self.late_columns]]
                lines += [self._linked(self.late_line(n, row)) for n, row in enumerate(found["late"], 1)]
        lines += [[], [self.say("report.annex1"), self.say("report.no_scores")], [self.say("report.annex2")]]
        lines += [[self.say(key) for key in self.annex_columns], *[self._linked(self.annex_line(row)) for row in found["late"]]]
        return [*lines, [self.say("report.annex3"), self.say("city.comma").join(found["idle"]) or self.say("report.none_idle")]]

    def _linked(self, cells: Sequence[str | int]) -> list[Cell]:
        return [
            Linked(cell, "/oversight/cases/" + cell) if isinstance(cell, str) and self.is_case(cell) else cell for cell in cells
        ]
