"""月报: what is behind a figure of a report, as pages, files and to print: the cases of 表一 and 表六, the signals, appeals and orders of 表二."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from edge_ui.shared.sheets import Cell, Linked, Sheet
from edge_ui.web.oversight.card import CardBase
from edge_ui.web.oversight.report_pages import ReportCasesPage, ReportSignalsPage
from edge_ui.web.oversight.reports import ReportsHandler
from edge_ui.web.oversight.sheets import HEAD, MOST, PAGE, CasesSheet, SupervisionSheet
from node.domain.cases.access import Function
from node.domain.model import Actor
from node.domain.reports.columns import AGENCY, COLUMNS, SIGNALS
from node.domain.reports.documents import BehindFigure, ReportCases, ReportSignal, ReportSignals
from node.domain.supervision.documents import OversightCase

ASKED = ("month", "period", "node", "unit", "alone", "column")
OF_CASES = {**COLUMNS, **AGENCY}  # column -> its name
CASES, SIGNALLED = "/oversight/report/cases", "/oversight/report/signals"
A = TypeVar("A", bound=BehindFigure)
R = TypeVar("R")


class BehindFigures(ReportsHandler):
    """What the lists have in common."""

    def behind_title(self, answer: BehindFigure, words: Mapping[str, tuple[str, str]], nodes: Mapping[str, str]) -> str:
        """Month, unit and column in words."""
        code = answer["unit"] or answer["node"]
        name = nodes.get(code) or code
        unit = name if answer["unit"] else self.say("report.of_total", name=name)
        unit = self.say("report.alone", name=unit) if answer["alone"] else unit
        column = words[answer["column"]][0 if self.language == "zh" else 1]
        return self.say("report.behind", month=self.span_text(answer["month"] or answer["period"]), unit=unit, column=column)

    def stated_text(self, answer: BehindFigure) -> str:
        """What a report that was written states, where that is another number now; else ""."""
        if answer["stated"] is None or answer["stated"] == answer["total"]:
            return ""
        return self.say("report.stated_other", stated=answer["stated"], n=answer["total"])

    def hours_text(self, answer: ReportCases) -> str:
        """What the hours of all rows add up to; "" where no time is counted."""
        return self.say("report.whole_hours", n=answer["whole_hours"]) if answer["whole_hours"] is not None else ""

    def cut_text(self, answer: BehindFigure, shown: int) -> str:
        """That a file has not all rows; "" where it has."""
        return self.say("oversight.cut", n=answer["total"], shown=shown) if shown < answer["total"] else ""

    def around(self, given: Mapping[str, str], answer: BehindFigure, path: str) -> tuple[str, str, str]:
        """(the first page where this is another, the next, the report)."""
        kept = {name: text for name, text in given.items() if name != "cursor"}
        back = {name: text for name, text in kept.items() if name in ("month", "period", "node")}
        report = "/oversight/report/period" if answer["period"] else "/oversight/report"
        following = self.url({**kept, "cursor": answer["next"]}, path) if answer["next"] else ""
        return self.url(kept, path) if "cursor" in given else "", following, self.url(back, report)

    async def all_of(
        self, read: Callable[[Mapping[str, str], Actor], A], rows_of: Callable[[A], Sequence[R]]
    ) -> tuple[A, list[R]]:
        """(the first page, all rows) of a list, up to MOST."""
        given = {**self.asked(ASKED), "limit": PAGE}
        answer = first = await self.call(read, given, self.person)
        rows = [*rows_of(first)]
        while answer["next"] is not None and len(rows) < MOST:
            answer = await self.call(read, {**given, "cursor": answer["next"]}, self.person)
            rows += rows_of(answer)
        return first, rows


class ReportCasesHandler(BehindFigures):
    """The cases behind a figure."""

    def file_of(self, kind: str) -> str:
        return self.url(self.asked(ASKED), f"{CASES}.{kind}")

    async def on_get(self) -> None:
        given = self.asked((*ASKED, "cursor"))
        answer: ReportCases = await self.call(self.center.reports.cases, given, self.person)
        nodes, _ = await self.names()
        self.show("oversight/report_cases.html", ReportCasesPage(
            self.behind_title(answer, OF_CASES, nodes), self.stated_text(answer), answer["cases"], answer["total"],
            *self.around(given, answer, CASES), answer["known_until"], self.silent(answer, nodes), nodes, answer["hours"],
            self.hours_text(answer),
        ))  # fmt: skip


class ReportCasesSheet(BehindFigures, CasesSheet):
    """The same as a file or to print."""

    function = Function.REPORTS
    named, page = "report-cases", CASES

    async def sheet(self) -> Sheet:
        answer, told = await self.all_of(self.center.reports.cases, _with_hours)
        rows = [row for row, _ in told]
        nodes, _ = await self.names()
        title, cut = self.behind_title(answer, OF_CASES, nodes), self.cut_text(answer, len(rows))
        about = [*self.about(answer, nodes, [title], cut), *filter(None, [self.stated_text(answer), self.hours_text(answer)])]
        timed = answer["hours"] is not None
        return Sheet(
            f"{title} · {self.say('oversight.total', n=answer['total'])}", about,
            [self.say(key) for key in (*HEAD, *(["report.hours"] if timed else []))],
            [[*self._line(row, nodes), *([hours] if timed else [])] for row, hours in told],
        )  # fmt: skip


def _with_hours(answer: ReportCases) -> list[tuple[OversightCase, float]]:
    """The rows with the hours of each; 0 where no time is counted."""
    return list(zip(answer["cases"], answer["hours"] or [0.0] * len(answer["cases"]), strict=True))


class Told(NamedTuple):
    """A row of 表二 in words; `url`: the page of the signal, appeal or order."""

    what: str
    url: str
    why: str
    unit: str
    case_no: str
    item: str
    state: str


class Signalled(BehindFigures, CardBase):
    """How what 表二 counts is told."""

    function = Function.REPORTS
    columns = (
        "oversight.found_at", "report.what", "report.why", "oversight.unit", "case.no", "case.item", "oversight.signal_state",
    )  # fmt: skip

    def told(self, row: ReportSignal, nodes: Mapping[str, str], items: Mapping[str, str]) -> Told:
        """A row in words."""
        card, appeal, order = row["signal"], row["appeal"], row["order"]
        if card is not None:
            unit, item = card["unit"] or "", card["item_id"]
            return Told(
                self.rung_of(card["was_rung"] or card["rung"]), "/oversight/signals/" + card["signal_id"], self.rule_text(card),
                nodes.get(unit) or unit or self.say("oversight.nobody"), card["case_no"], items.get(item) or item, self.card_state(card),
            )  # fmt: skip
        if appeal is not None:
            why = f"{self.rung_of(appeal['rung'])} {appeal['rule']} · {self.say('appeals.ground.' + appeal['ground'])}"
            state = self.say("appeals.state." + appeal["state"])
            state += f" · {self.say('appeals.outcome.' + appeal['outcome'])}" if appeal["outcome"] else ""
            return Told(
                self.say("report.appeal"),
                "/appeals/" + appeal["appeal_id"],
                why,
                appeal["unit"]["name"],
                appeal["case_no"],
                "",
                state,
            )
        if order is not None:
            item = order["item_id"] or ""
            return Told(
                order["number"], "/orders/" + order["order_id"], self.say("report.order_from", name=order["issuer"]["name"]),
                order["unit"]["name"], order["case_no"] or "", items.get(item) or item, self.state_text(order),
            )  # fmt: skip
        return Told(self.say("report.gone"), "", "", "", "", "", "")


class ReportSignalsHandler(Signalled):
    """The signals, appeals and orders behind a figure."""

    def file_of(self, kind: str) -> str:
        return self.url(self.asked(ASKED), f"{SIGNALLED}.{kind}")

    async def on_get(self) -> None:
        given = self.asked((*ASKED, "cursor"))
        answer: ReportSignals = await self.call(self.center.reports.signals, given, self.person)
        nodes, items = await self.names()
        self.show("oversight/report_signals.html", ReportSignalsPage(
            self.behind_title(answer, SIGNALS, nodes), self.stated_text(answer), answer["rows"], answer["total"],
            *self.around(given, answer, SIGNALLED), answer["known_until"], self.silent(answer, nodes), nodes, items,
        ))  # fmt: skip


class ReportSignalsSheet(Signalled, SupervisionSheet):
    """The same as a file or to print."""

    function = Function.REPORTS
    named = "report-signals"

    async def sheet(self) -> Sheet:
        answer, rows = await self.all_of(self.center.reports.signals, lambda one: one["rows"])
        nodes, items = await self.names()
        title, cut = self.behind_title(answer, SIGNALS, nodes), self.cut_text(answer, len(rows))
        about = [*self.about(answer, nodes, [title], cut), *filter(None, [self.stated_text(answer)])]
        return Sheet(
            f"{title} · {self.say('oversight.total', n=answer['total'])}", about, [self.say(key) for key in self.columns],
            [self._line(row, nodes, items) for row in rows],
        )  # fmt: skip

    def _line(self, row: ReportSignal, nodes: Mapping[str, str], items: Mapping[str, str]) -> list[Cell]:
        one = self.told(row, nodes, items)
        case = Linked(one.case_no, "/oversight/cases/" + one.case_no) if one.case_no else ""
        return [
            self.when_ended(row["at"]),
            Linked(one.what, one.url) if one.url else one.what,
            one.why,
            one.unit,
            case,
            one.item,
            one.state,
        ]
