"""决策分析: a measure by one dimension or by two, as a chart and a table side by side, with what was before; saved, as a file, to print."""

from __future__ import annotations

import datetime as dt
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from edge_ui.shared.sheets import Cell, Linked, Sheet
from edge_ui.web.figures import fitted, page_url
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.charts import PANELS, Chart, Point, chart
from edge_ui.web.oversight.pages import AnalysisPage
from edge_ui.web.oversight.sheets import SupervisionSheet
from node.domain.calendar import day_of
from node.domain.cases.access import Function
from node.domain.supervision.analysis import DIMENSIONS, MEASURES, NONE, PARTS, PERIODS, moved
from node.domain.supervision.analysis_documents import AnalysedCell, AnalysedRow, Analysis
from node.domain.words.errors import TongbanError

ASKED = ("measure", "by", "across", "under", "item", "department", "kind", "period", "from", "to")
SPANS = ("month", "last_month", "quarter", "year", "all")  # usual periods
ROWS, COLUMNS = 40, 24  # of the table on the page
KINDS = ("immediate", "commitment", "joint", "referral")
PER_CENT = frozenset(PARTS)
Which: TypeAlias = Literal["before", "year_ago"]
COMPARED: tuple[Which, ...] = ("before", "year_ago")


class Names(NamedTuple):
    """Code -> name."""

    nodes: Mapping[str, str]
    items: Mapping[str, str]


class Analysed(SupervisionHandler):
    """What the page and its files share."""

    def given(self) -> dict[str, str]:
        """What is asked: its usual period by name, or days."""
        given = self.asked(ASKED)
        if {"from", "to"} & set(given):
            given.pop("period", None)
        elif given.get("period") not in SPANS:
            given["period"] = "month"
        return given

    def question(self, given: Mapping[str, str]) -> dict[str, str]:
        """The same with the days of its period."""
        asked = {name: text for name, text in given.items() if name != "period"}
        first, last = self.days_of(given["period"]) if "period" in given else ("", "")
        return {**asked, **{name: text for name, text in (("from", first), ("to", last)) if text}}

    def days_of(self, span: str) -> tuple[str, str]:
        """First and last day of a usual period, "" for none."""
        today = day_of(self.center.clock.now())
        month = today.replace(day=1)
        first, last = {
            "month": (month, today), "last_month": (moved(month, -1), month - dt.timedelta(days=1)),
            "quarter": (moved(month, -((today.month - 1) % 3)), today), "year": (today.replace(month=1, day=1), today),
        }.get(span, (None, None))  # fmt: skip
        return (first.isoformat(), last.isoformat()) if first and last else ("", "")

    def narrowed_by(self, given: Mapping[str, str], names: Names) -> list[str]:
        """Everything that narrows it, in words."""
        days = {name: given.get(name, "") for name in ("from", "to")}
        said = [self.say("analysis.period_said", first=days["from"], last=days["to"])] if any(days.values()) else []
        if not all(days.values()) and said:
            said = [self.say(f"oversight.by.{name}", word=text) for name, text in days.items() if text]
        kept = {name: text for name, text in given.items() if name in ("under", "item", "department", "kind")}
        return [*(said or [self.say("analysis.all_time")]), *self.narrowed(kept, names.nodes, names.items)]

    # words -----------------------------------------------------------------------------------------------------------

    def key_text(self, dimension: str, key: str, names: Names, own: str = "") -> str:
        """What a key of a dimension is called. `own`: the code of the unit that is looked at."""
        if dimension in ("unit", "node") or key == "unknown":
            name = self.say("oversight.unknown_unit") if key == "unknown" else names.nodes.get(key) or key
            return self.say("analysis.own", name=name) if dimension == "unit" and key == own else name
        if key == NONE:
            return self.say("analysis.none." + dimension)
        if dimension == "quarter":
            return self.say("analysis.quarter", year=key[:4], n=key[-1])
        if dimension in PERIODS:
            return (
                self.say("oversight.month", year=key[:4], month=int(key[5:]))
                if dimension == "month"
                else self.say("analysis.year", year=key)
            )
        if dimension == "decision":
            return self.say("analysis.decision." + key)
        groups = {"tier": "tier", "kind": "case_type"}
        return (
            names.items.get(key) or key
            if dimension == "item"
            else self.name_of(key, groups[dimension])
            if dimension in groups
            else key
        )

    def short_text(self, dimension: str, key: str, first: bool) -> str:
        """A period under its column: two lines, the year where it begins."""
        year, _, rest = key.partition("-")
        if dimension == "year":
            return year
        word = rest if "Q" in rest else self.say("analysis.month_short", month=int(rest))
        return f"{word}|{year if first or rest in ('01', 'Q1') else ''}"

    def value_text(self, measure: str, cell: AnalysedCell | None) -> str:
        """A figure as it is written."""
        if cell is None or cell["value"] is None:
            return self.say("city.nothing")
        value = cell["value"]
        return f"{value:g}%" if measure in PER_CENT else f"{value:g}" if measure == "workdays" else str(int(value))

    def change_text(self, measure: str, now: AnalysedCell, then: AnalysedCell | None) -> str:
        """By how much it changed since; "" where that says nothing."""
        if then is None or now["value"] is None or not then["value"]:
            return ""
        difference = now["value"] - then["value"]
        if not difference:
            return self.say("analysis.same")
        if measure in PER_CENT:
            return self.say("analysis.change", n=self.say("analysis.points", n=_signed(difference)))
        return self.say(
            "analysis.change", n=_signed(difference) if measure == "workdays" else _signed(100 * difference / then["value"]) + "%"
        )

    def nothing_text(self, measure: str, unknown: bool) -> str:
        """Of no case: a number is 0; a mean, a share, and what cannot be known, is none."""
        return self.say("city.nothing") if unknown or measure == "workdays" or measure in PER_CENT else "0"

    def part_name(self, part: str) -> str:
        return self.say("city.measure.filed") if part == "filed" else self.say("analysis.part." + part)


class AnalysisHandler(Analysed):
    """The page."""

    async def on_get(self) -> None:
        await self.show_asked(self.given())

    async def show_asked(self, given: dict[str, str], error: str = "", code: int = 200) -> None:
        try:
            answer = await self.call(self.center.analysis.of, self.question(given), self.person)
        except TongbanError as refusal:
            error, code, given = self.wrongly_asked(refusal), 422, {"period": "month"}
            answer = await self.call(self.center.analysis.of, self.question(given), self.person)
        names = Names(*await self.names())
        self.show("oversight/analysis.html", await self._page(given, answer, names, error), code)

    async def _page(self, given: dict[str, str], answer: Analysis, names: Names, error: str) -> AnalysisPage:
        saved = await self.call(self.center.saved_views.mine, self.person, "analysis")
        items = await self.call(self.center.catalog.documents)
        own, question = answer["path"][-1], self.question(given)
        return AnalysisPage(
            answer=answer, given=given, query="?" + urllib.parse.urlencode(given), narrowed=self.narrowed_by(question, names),
            periods=self._periods(given), opened=bool({"under", "item", "department", "kind", "from", "to"} & set(given)),
            charts=self._charts(answer, names, own), head=self._columns(answer, names, own),
            columns=[(key, self.key_text(answer["across"], key, names, own)) for key in answer["columns"][:COLUMNS]],
            rows=[(row, self.key_text(answer["by"], row["key"], names, own)) for row in answer["rows"][:ROWS]],
            more=max(0, len(answer["rows"]) - ROWS), more_columns=max(0, len(answer["columns"]) - COLUMNS),
            units=[(code, names.nodes.get(code) or code) for code in dict.fromkeys([*answer["path"], *answer["below"]])],
            items=[(str(one["item_id"]), str(one["name"])) for one in items],
            departments=sorted({str(one["department"]) for one in items if one["department"]}),
            saved=[(name, "/oversight/analysis?" + text) for name, text in saved], as_of=answer["known_until"],
            silent=self.silent(answer, names.nodes), error=error, measures=MEASURES, dimensions=DIMENSIONS, kinds=KINDS, shares=PARTS,
            compared=any(row["before"] or row["year_ago"] for row in answer["rows"]), own=own,
        )  # fmt: skip

    def _columns(self, answer: Analysis, names: Names, own: str) -> list[str]:
        """The words above the columns of figures."""
        measure, across = answer["measure"], answer["across"]
        if across:
            return [
                *(self.key_text(across, key, names, own) for key in answer["columns"][:COLUMNS]),
                self.say("city.count.total"),
            ]
        if measure == "workdays":
            return [*(self.say("analysis.column." + one) for one in ("mean", "median", "p90", "stood")), self.say("city.count.n")]
        return [self.say("analysis.measure." + measure), *(self.part_name(one) for one in PARTS.get(measure, ()))]

    def _periods(self, given: Mapping[str, str]) -> list[tuple[str, str, bool]]:
        """(word, address, whether it is this) of the usual periods."""
        kept = {name: text for name, text in given.items() if name not in ("period", "from", "to")}
        return [(one, self.url({**kept, "period": one}, "/oversight/analysis"), given.get("period") == one) for one in SPANS]

    # charts ----------------------------------------------------------------------------------------------------------

    def _charts(self, answer: Analysis, names: Names, own: str) -> list[Chart]:
        """One chart of one dimension; of two a small one for each of the most important keys of one, on one scale, periods along."""
        by, across = answer["by"], answer["across"]
        if not answer["rows"]:
            return []
        if not across:
            points = [
                self._point(answer, row["all"], by, row["key"], names, own, row, n == 0) for n, row in enumerate(answer["rows"])
            ]
            return [chart(points, "", self._said(answer, points), by in PERIODS)]
        if across in PERIODS:
            panels = sorted(answer["rows"], key=lambda row: -row["all"]["n"])[:PANELS]
            made = [
                (self.key_text(by, row["key"], names, own), [
                    self._point(answer, row["cells"].get(key), across, key, names, own, None, n == 0) for n, key in enumerate(answer["columns"])
                ]) for row in panels
            ]  # fmt: skip
        else:
            made = [
                (self.key_text(across, key, names, own), [
                    self._point(answer, row["cells"].get(key), by, row["key"], names, own, None, n == 0) for n, row in enumerate(answer["rows"])
                ]) for key in answer["columns"][:PANELS]
            ]  # fmt: skip
        upright = across in PERIODS or by in PERIODS
        top = max(point.highest for _, points in made for point in points)
        return [chart(points, title, f"{title}：{self._said(answer, points)}", upright, top) for title, points in made]

    def _point(
        self, answer: Analysis, cell: AnalysedCell | None, dimension: str, key: str, names: Names, own: str, row: AnalysedRow | None, first: bool
    ) -> Point:  # fmt: skip
        measure = answer["measure"]
        label = (
            self.short_text(dimension, key, first) if dimension in PERIODS else fitted(self.key_text(dimension, key, names, own))
        )
        value, text = (cell["value"] or 0.0, self.value_text(measure, cell)) if cell is not None else (0.0, "")
        then = [
            one["value"] if one is not None else None
            for one in ((row["before"], row["year_ago"]) if row is not None else (None, None))
        ]
        return Point(label, value, text, cell and cell["median"], cell and cell["p90"], *then)

    def _said(self, answer: Analysis, points: Sequence[Point]) -> str:
        """The most and the least of it, in a sentence."""
        subject = self.say(
            "city.count.file",
            measure=self.say("analysis.measure." + answer["measure"]),
            by=self.say("analysis.by." + answer["by"]),
        )
        most, least = max(points, key=lambda one: one.value), min(points, key=lambda one: one.value)
        told = {
            "n": len(points),
            "most": most.label.replace("|", " "),
            "high": most.text,
            "least": least.label.replace("|", " "),
            "low": least.text,
        }
        return self.say("analysis.said", subject=subject, **told)


class AnalysisSavedHandler(AnalysisHandler):
    """Keep what an analysis asks under a name, or take it away; refused, the analysis stands there with the reason."""

    writes = Function.OVERSIGHT

    async def on_get(self) -> None:
        self.see_other("/oversight/analysis")

    async def on_post(self) -> None:
        name, query = self.fields.get("name", ""), self.fields.get("query", "")[:2000]
        if self.fields.get("forget"):
            await self.call(self.center.saved_views.forget, name, self.person)
            self.see_other("/oversight/analysis")
            return
        given = {key: text for key, text in urllib.parse.parse_qsl(query.lstrip("?")) if key in ASKED}
        try:
            kept = await self.call(self.center.saved_views.save, name, given, self.person, "analysis")
        except TongbanError as refusal:
            await self.show_asked(given, self.wrongly_asked(refusal), refusal.status)
            return
        self.see_other("/oversight/analysis?" + kept)


class AnalysisSheet(Analysed, SupervisionSheet):
    """The table as a file or to print."""

    named = "analysis"

    async def sheet(self) -> Sheet:
        question = self.question(self.given())
        answer = await self.call(self.center.analysis.of, question, self.person)
        names = Names(*await self.names())
        own, measure = answer["path"][-1], answer["measure"]
        said = self.say("analysis.measure." + measure)
        columns = [*answer["columns"][:COLUMNS], ""]
        head = [self.say("analysis.by." + answer["by"])]
        for key in columns:
            name = (
                self.key_text(answer["across"], key, names, own)
                if key
                else self.say("city.count.total")
                if answer["across"]
                else ""
            )
            head += [f"{name} {word}".strip() for word in self._head(measure, said)]
        compared = [which for which in COMPARED if any(row[which] for row in answer["rows"])]
        for which in compared:
            head += [f"{self.say('analysis.' + which)} {word}" for word in self._head(measure, said)]
        title = self.say("city.count.file", measure=said, by=self.say("analysis.by." + answer["by"]))
        if answer["across"]:
            title += self.say("analysis.and", by=self.say("analysis.by." + answer["across"]))
        rows = [
            self._line(row, self.key_text(answer["by"], row["key"], names, own), columns, compared, measure)
            for row in answer["rows"]
        ]
        rows.append(self._line(answer["total"], self.say("city.count.total"), columns, compared, measure))
        days = [
            self.say("analysis.compared." + which, first=span[0], last=span[1])
            for which in ("before", "year_ago") if (span := answer["compared"][which])
        ]  # fmt: skip
        about = [*self.about(answer, names.nodes, self.narrowed_by(question, names)), *days, self.say("analysis.note." + measure)]
        about += [self.say("analysis.left_out", n=answer["left_out"])] if answer["left_out"] else []
        return Sheet(f"{title} · {self.say('oversight.total', n=answer['of'])}", about, head, rows)

    def _head(self, measure: str, said: str) -> list[str]:
        if measure == "workdays":
            return [
                self.say("city.count.n"),
                *(self.say("analysis.column." + one) for one in ("mean", "median", "p90", "paused", "stopped")),
            ]
        return [*(self.part_name(one) for one in PARTS[measure]), said + "%"] if measure in PARTS else [said]

    def _line(self, row: AnalysedRow, name: str, columns: Iterable[str], compared: Iterable[Which], measure: str) -> list[Cell]:
        cells = [row["cells"].get(key) if key else row["all"] for key in columns]
        cells += [row[which] for which in compared]
        said = f"{name} ◐ {self.say('analysis.silent')}" if row["silent"] else name
        return [said, *(one for cell in cells for one in self._cells(cell, measure))]

    def _cells(self, cell: AnalysedCell | None, measure: str) -> list[Cell]:
        if cell is None:
            return [None] * len(self._head(measure, ""))
        if measure in PARTS:
            parts = (cell["parts"].get(one) for one in PARTS[measure])
            return [*(Linked(one["n"], page_url(one["list"])) if one else 0 for one in parts), cell["value"]]
        n = Linked(cell["n"], page_url(cell["list"])) if cell["n"] else 0
        return [n, cell["value"], cell["median"], cell["p90"], cell["paused"], cell["stopped"]] if measure == "workdays" else [n]


def _signed(number: float) -> str:
    """With one decimal and the sign of a minus."""
    return f"{number:+.1f}".replace("-", "−")
