"""月报: the report of a month with its tables, sums and state, signing, and the tables as files and to print."""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Mapping
from urllib.parse import quote

from edge_ui.shared.form_key import form_key
from edge_ui.shared.sheets import Cell, Linked, Sheet
from edge_ui.web.figures import page_url
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.report_pages import ReportPage, ReportPrintPage
from edge_ui.web.oversight.report_rows import Line, earlier_line, lines_of
from edge_ui.web.sheets import SheetHandler
from node.domain.cases.access import Function
from node.domain.reports.columns import BALANCE, OUTCOMES
from node.domain.reports.documents import SIGNATURE, Column, Earlier, MailedTo, MonthlyReport, ReportTable
from node.domain.reports.rows import Check, Row, Value
from node.domain.words.errors import FIELD_ERRORS, TongbanError
from node.domain.words.rule_words import in_english

TABLES = ("cases", "signals", "agency")
LATER = ("complaints", "ratings", "fees")
IN_ORDER = ("cases", "signals", "complaints", "ratings", "fees", "agency")  # 表一 to 表六
ASKED = ("month", "node", "compare", "open", "table")
MOST_NAMED = 20
TOTAL = "合计"


class ReportsHandler(SupervisionHandler):
    """What the pages of reports have in common."""

    function = Function.REPORTS
    in_order = IN_ORDER

    async def report(self) -> MonthlyReport:
        given = self.asked(ASKED)
        found: MonthlyReport = await self.call(self.center.reports.report, given, self.person)
        return found

    def tables(self, found: MonthlyReport) -> list[tuple[str, ReportTable]]:
        """(name, table) of what is built."""
        made = found["tables"]
        return [
            (name, table) for name, table in zip(TABLES, (made["cases"], made["signals"], made["agency"]), strict=True) if table
        ]

    def month_text(self, month: str) -> str:
        return self.say("oversight.month", year=month[:4], month=int(month[5:]))

    def span_text(self, code: str) -> str:
        """A month, quarter or year in words."""
        year, _, rest = code.partition("-")
        if rest.startswith("Q"):
            return self.say("report.quarter", year=year, n=rest[1:])
        return self.month_text(code) if rest else self.say("report.year", year=year)

    def title_of(self, found: MonthlyReport) -> str:
        return self.say("report.title", name=found["name"], month=self.month_text(found["month"]))

    def report_state(self, state: str, signed: bool) -> str:
        return self.say("report.state." + ("unsigned" if state == "frozen" and not signed else state))

    def column_text(self, column: Column) -> str:
        return column["zh"] if self.language == "zh" else column["en"]

    def width_of(self, table: ReportTable) -> str:
        """The class of a table whose heads stand upright on paper; "" of others."""
        return " wide" if len(table["columns"]) > 20 else ""

    def unit_name(self, table: ReportTable, row: Row) -> str:
        code = str(row["unit"])
        return self.say("report.total") if code == TOTAL else table["names"].get(code) or code

    def unit_text(self, line: Line) -> str:
        """The unit of a line; itself among what it adds up says so."""
        name = self.unit_name(line.table, line.row)
        return self.say("report.alone", name=name) if line.alone else name

    def shown(self, value: Value) -> str:
        """A figure as it is read; what is not built or has nothing to share is a dash."""
        return "–" if value is None else str(value)

    def list_url(self, table: ReportTable, row: Row, column: str) -> str:
        """The page with the rows behind a figure; "" where there is none."""
        address = table["lists"].get(str(row["unit"]), {}).get(column, "")
        return page_url(address) if address else ""

    def check_text(self, one: Check, table: ReportTable) -> str:
        """The balance of a unit with its figures, both sides, and whether they are the same."""
        row = table["total"] if one["unit"] == TOTAL else next(row for row in table["rows"] if row["unit"] == one["unit"])
        left, right = ("＋".join(self._summand(name, table, row) for name in side) for side in BALANCE)
        key = "report.check.holds" if one["holds"] else "report.check.differs"
        return self.say(
            key, unit=self.unit_name(table, row), of_left=left, of_right=right, left=one["left"], right=one["right"],
            by=abs(one["left"] - one["right"]),
        )  # fmt: skip

    def _summand(self, column: str, table: ReportTable, row: Row) -> str:
        """A figure with its column; of what was decided how it ended."""
        names = {
            one["name"]: self.column_text(one).removeprefix("本期").removeprefix("其中：").partition("（")[0]
            for one in table["columns"]
        }
        parts = "＋".join(f"{names[name]}{row[name]}" for name in OUTCOMES) if column == "decided" else ""
        return f"{names[column]}{row[column]}" + (f"（{parts}）" if parts else "")

    def missing_text(self, found: MonthlyReport) -> str:
        """The units without a report, and since when they are not heard."""
        said = [
            self.say("report.missing_one", name=one["name"], at=one["since"]) if one["since"] else self.say("report.missing_heard", name=one["name"])
            for one in sorted(found["missing"], key=lambda one: (not one["since"], one["since"] or ""))
        ]  # fmt: skip
        return self.say("city.comma").join(said[:MOST_NAMED]) + (
            self.say("report.and_more", n=len(said)) if len(said) > MOST_NAMED else ""
        )

    def why_text(self, reason: str) -> str:
        return reason if self.language == "zh" else in_english(reason)

    def at(self, path: str, found: MonthlyReport, **more: str) -> str:
        """An address of the same report, as it is shown now but for `more` ("": without)."""
        kept = {**self.asked(ASKED), "month": found["month"], "node": found["node"], **more}
        return path + "?" + urllib.parse.urlencode({name: text for name, text in kept.items() if text})

    def lines(self, found: MonthlyReport, name: str, table: ReportTable) -> list[Line]:
        return list(lines_of(found, name, table))

    def fold_url(self, found: MonthlyReport, line: Line) -> str:
        """The page with a row opened, or closed."""
        opened = [code for code in self.argument("open", 512).split(",") if code and code != line.code]
        return self.at("/oversight/report", found, open=",".join(opened if line.opened else [*opened, line.code]))

    def line_name(self, line: Line) -> str:
        """What a line is about, in files: parts of a row stand in, an earlier month says which."""
        name = self.unit_text(line)
        if line.earlier is not None:
            return f"{name}（{self.earlier_text(line.earlier)}）"
        return "　" * line.depth + name + ("（◐）" if line.partial else "")

    def earlier_text(self, one: Earlier) -> str:
        """An earlier month, and whether it is whole."""
        month = self.month_text(one["month"])
        return month if one["state"] == "whole" else self.say(f"report.earlier.{one['state']}", month=month)

    def value_of(self, line: Line, column: str) -> str:
        """A figure; of what nobody reported that."""
        return self.say("report.unknown") if line.unknown else self.shown(line.row[column])

    def states(self, found: MonthlyReport) -> list[tuple[str, str, bool]]:
        """(state, who and when, whether it is reached) of a report, in their order."""
        names = self.say("report.signers", filled=found["filled_by"] or "–", checked=found["checked_by"] or "–")
        at = self.when(found["reported_at"]) if found["reported_at"] else ""
        frozen, unsigned = found["state"] == "frozen", found["state"] == "frozen" and not found["signed"]
        frozen_at = at if unsigned else self.when_ended(found["freezes_at"])
        return [
            (self.say("report.state.open"), self.say("report.state.open_note") if found["state"] == "open" else "", True),
            (self.say("report.state.late" if unsigned else "report.state.submitted"), f"{names}　{at}" if found["signed"] else "",
             found["signed"]),
            (self.say("report.state.frozen"), self.say("report.state.by_itself", at=frozen_at) if frozen else
             self.say("report.freezes", at=frozen_at), frozen),
        ]  # fmt: skip


class ReportHandler(ReportsHandler):
    """A month."""

    async def on_get(self) -> None:
        try:
            found = await self.report()
        except TongbanError as refusal:
            error = self.wrongly_asked(refusal)
            found = await self.call(self.center.reports.report, {}, self.person)
            await self.show_report(found, error=error, status=422)
            return
        await self.show_report(found)

    async def show_report(
        self, found: MonthlyReport, errors: Mapping[str, str] | None = None, error: str = "", status: int = 200
    ) -> None:  # fmt: skip
        nodes, _ = await self.names()
        chosen = self.argument("table", 20)
        typed = (
            {name: self.fields.get(name, "") for name in SIGNATURE}
            if self.request.method == "POST"
            else {"filled_by": self.person.name}
        )
        self.show("oversight/report.html", ReportPage(
            found, self.tables(found), LATER, typed, dict(errors or {}), error, secrets.token_hex(12), found["known_until"],
            self.silent(found, nodes), nodes, await self._mailed(), chosen if chosen in (*TABLES, *LATER) else TABLES[0],
        ), status)  # fmt: skip

    async def _mailed(self) -> list[MailedTo] | None:
        if not self.may(Function.REPORT_MAIL):
            return None
        return list(await self.call(self.center.report_mail.addresses, self.person))

    def proof_text(self, one: MailedTo) -> str:
        """Whether an address is proven."""
        return self.say("report.mail.off" if one["off"] else f"report.mail.proof.{one['proof']}")


class ReportSignHandler(ReportHandler):
    """Signing, with a tick that it was looked through."""

    function = Function.SUBMIT_REPORT
    writes = Function.SUBMIT_REPORT

    async def on_get(self) -> None:
        self.see_other("/oversight/report")

    async def on_post(self) -> None:
        month, given = self.fields.get("month", "")[:7], {name: self.fields.get(name, "").strip() for name in SIGNATURE}
        try:
            if not self.fields.get("sure"):
                raise TongbanError("invalid_input", {"sure": "missing"})
            await self.call(self.center.reports.submit, month, given, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            if "month" in error.fields:
                await self.show_report(
                    await self.call(self.center.reports.report, {}, self.person), {}, self.refusal_text(error), 422
                )
                return
            found = await self.call(self.center.reports.report, {"month": month}, self.person)
            errors = {name: FIELD_ERRORS[code][0 if self.language == "zh" else 1] for name, code in error.fields.items()}
            await self.show_report(found, errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other("/oversight/report?month=" + quote(month))


class ReportPrintHandler(ReportsHandler):
    """The form on paper: all tables with the sums and the text (A8)."""

    async def on_get(self) -> None:
        found = await self.report()
        self.show("oversight/report_print.html", ReportPrintPage(found, self.tables(found), self.at("/oversight/report", found)))


class ReportSheet(SheetHandler, ReportsHandler):
    """A table as a file."""

    named, page = "report", "/oversight/report"

    async def on_get(self, kind: str, table: str = "") -> None:
        self.table = table
        self.named = f"report-{table}"
        await super().on_get(kind)

    async def sheet(self) -> Sheet:
        found = await self.report()
        table = dict(self.tables(found)).get(self.table)
        if table is None:
            raise TongbanError("not_found", what=self.table[:20])
        nodes, _ = await self.names()
        about = [
            self.report_state(found["state"], found["signed"]),
            self.say("report.signers", filled=found["filled_by"] or "–", checked=found["checked_by"] or "–"),
            self.say("oversight.as_of", at=found["known_until"] or ""),
            *[
                self.say("oversight.silent_one", name=name, at=since) if since else name
                for name, since in self.silent(found, nodes)
            ],
        ]
        after: list[list[Cell]] = [[self.check_text(one, table)] for one in found["checks"]] if self.table == "cases" else []
        after += [[found["text"]]] if self.table == "cases" else []
        about += [self.missing_text(found)] if found["missing"] else []
        about += [self.say("report.zero")] if found["zero"] else []
        about += [self.say("report.beside", month=self.earlier_text(one)) for one in found["earlier"]]
        lines = [line for line in self.lines(found, self.table, table) if line.earlier is None]
        return Sheet(
            f"{self.title_of(found)} · {self.say('report.table.' + self.table)}", about, self._head(found, table),
            [self._line(found, line) for line in lines], after,
        )  # fmt: skip

    def _head(self, found: MonthlyReport, table: ReportTable) -> list[str]:
        """The columns, each with the earlier months beside it."""
        head = [self.say("report.number")] if self.table == "cases" else []
        for column in table["columns"]:
            name, beside = self.column_text(column), found["earlier"] if column["name"] != "unit" else ()
            head += [name, *(f"{name}（{self.month_text(one['month'])}）" for one in beside)]
        return head

    def _line(self, found: MonthlyReport, line: Line) -> list[Cell]:
        cells: list[Cell] = [line.number or ""] if self.table == "cases" else []
        beside = [earlier_line(line, one, self.table) for one in found["earlier"]] if not line.depth else []
        for column in (one["name"] for one in line.table["columns"]):
            cells.append(self._cell(line, column))
            if column != "unit":
                cells += [self._earlier(one, column) for one in beside] or [None] * len(found["earlier"])
        return cells

    def _earlier(self, line: Line, column: str) -> Cell:
        """A figure of an earlier month; one that is not of the whole month says so."""
        value = line.row[column]
        return self.say("report.unknown") if line.unknown else f"◐ {self.shown(value)}" if line.partial else value

    def _cell(self, line: Line, column: str) -> Cell:
        if column == "unit":
            return self.line_name(line)
        url, value = self.list_url(line.table, line.row, column), line.row[column]
        return Linked(value, url) if url and value is not None else value
