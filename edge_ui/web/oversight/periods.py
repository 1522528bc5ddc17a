"""季度通报 and the table of a year: read, printed, and as a file."""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.shared.sheets import Cell, Sheet
from edge_ui.web.oversight.report_pages import PeriodPage
from edge_ui.web.oversight.reports import ReportsHandler
from edge_ui.web.sheets import SheetHandler
from node.domain.reports.documents import PeriodReport, ReportTable
from node.domain.reports.rows import Row
from node.domain.words.errors import TongbanError

ASKED = ("period", "node")


class PeriodBase(ReportsHandler):
    """What page and file have in common."""

    async def period(self, given: Mapping[str, str]) -> PeriodReport:
        found: PeriodReport = await self.call(self.center.periods.report, given, self.person)
        return found

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
        self.show("oversight/period.html", PeriodPage(
            found, [("cases", found["cases"]), ("signals", found["signals"]), ("by_month", found["by_month"])], found["known_until"],
            self.silent(found, nodes), nodes, self.url({"period": found["period"], "node": found["node"]}, "/oversight/period.xlsx"),
            self.url({"period": found["period"], "node": found["node"]}, "/oversight/period.csv"), error,
        ), 422 if error else 200)  # fmt: skip


class PeriodSheet(SheetHandler, PeriodBase):
    """The units and the months as a file."""

    named, page = "period", "/oversight/report/period"

    async def sheet(self) -> Sheet:
        found = await self.period(self.asked(ASKED))
        table, by_month = found["cases"], found["by_month"]
        about = [
            self.span_text(found["period"]),
            found["name"],
            self.say("oversight.as_of", at=found["known_until"] or ""),
            self.say("report.complete" if found["complete"] else "report.incomplete"),
        ]
        lines = [(table, row) for row in (*table["rows"], table["total"])] + [(by_month, row) for row in by_month["rows"]]
        after: list[list[Cell]] = [[one["heading"], one["text"]] for one in found["sections"]]
        head = [self.column_text(one) for one in table["columns"]]
        return Sheet(found["title"], about, head, [self._line(of, row) for of, row in lines], after)

    def _line(self, table: ReportTable, row: Row) -> list[Cell]:
        return [self.row_name(table, row), *(row[one["name"]] for one in table["columns"] if one["name"] != "unit")]
