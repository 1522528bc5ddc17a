"""Monthly reports (月报, R44; INTERFACE "Oversight")."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import CURSOR, IDEMPOTENCY, LIMIT, Answer, Operation, Param
from node.domain.cases.access import Function
from node.domain.reports.columns import AGENCY, AGENCY_COUNTED, AMOUNTS, COLUMNS, COUNTED, SIGNALS_COUNTED

MONTH = Param("month", "YYYY-MM; the last month that is over when it is left out.", most=7)
NODE = Param("node", "Division code of a unit of the subtree; this node when it is left out.")
UNIT = Param("unit", "The row: the unit itself, or one directly below with all below it; all rows when it is left out.")
OPEN = Param("open", "Division codes with commas between: what the rows of these units add up, each unit by itself.", most=1000)
PERIOD = Param("period", "YYYY-Qn or YYYY in place of a month: the figure of a quarter or a year.", most=7)
ALONE = Param("alone", "1: of a unit below only what it does itself.", choices=("1",))
OF_CASES = (*(name for name in COUNTED if name in COLUMNS), *(name for name in AGENCY_COUNTED if name in AGENCY), *AMOUNTS)


class MonthlyReportHandler(ApiHandler):
    """The report of a unit for a month: as it was signed or frozen, or as all stands now."""

    operations = {
        "GET": Operation(
            "A monthly report with its tables, the sums that must hold, its text, and what a recount here says of it",
            {200: Answer("The report; tables whose subject is not built yet are null.", "MonthlyReport")},
            function=Function.REPORTS,
            query=(
                MONTH,
                NODE,
                Param("compare", "1: with last month and the same month of last year beside it.", choices=("1",)),
                OPEN,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.reports.report, self.args, self.actor))


class PeriodHandler(ApiHandler):
    """A quarter with its bulletin, or a year."""

    operations = {
        "GET": Operation(
            "The months of a quarter or a year added up, with the bulletin to the departments",
            {200: Answer("The period.", "PeriodReport")},
            function=Function.REPORTS,
            query=(Param("period", "YYYY-Qn or YYYY; the present quarter when it is left out.", most=7), NODE),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.periods.report, self.args, self.actor))


class ReportCasesHandler(ApiHandler):
    """The cases behind a figure of a report."""

    operations = {
        "GET": Operation(
            "The cases that a column of a row counts, each as often as it is counted",
            {200: Answer("A page of cases; `total` is the figure.", "ReportCases")},
            function=Function.REPORTS,
            query=(MONTH, PERIOD, NODE, UNIT, ALONE, Param("column", "The column (accepted).", choices=OF_CASES), CURSOR, LIMIT),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.reports.cases, self.args, self.actor))


class ReportSignalsHandler(ApiHandler):
    """What is behind a figure of 表二."""

    operations = {
        "GET": Operation(
            "The warnings and cards, appeals or orders that a column of a row of the table of signals counts, the newest first",
            {200: Answer("A page of them; `total` counts them all.", "ReportSignals")},
            function=Function.REPORTS,
            query=(
                MONTH,
                PERIOD,
                NODE,
                UNIT,
                ALONE,
                Param("column", "The column (yellow).", choices=SIGNALS_COUNTED),
                CURSOR,
                LIMIT,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.reports.signals, self.args, self.actor))


class SubmitReportHandler(ApiHandler):
    """Signing a report."""

    operations = {
        "POST": Operation(
            "Sign the report of this node for a month that is over and not frozen yet; the last signature before the freeze counts",
            {200: Answer("The report as it was signed.", "MonthlyReport")},
            headers=(IDEMPOTENCY,),
            body="ReportSigned",
            function=Function.SUBMIT_REPORT,
            errors=("guard_failed", "idempotency_conflict"),
        )
    }

    async def on_post(self, month: str) -> None:
        given, key = self.json_object(), self.idempotency_key()
        self.send_json(await self.call(self.center.reports.submit, month, given, self.actor, idempotency_key=key))
