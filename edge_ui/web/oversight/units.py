"""The table of units, and the page of one: what it and those below it have to answer for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge_ui.web.figures import page_url
from edge_ui.web.oversight.base import COLUMNS, COUNTED, DeskWords
from edge_ui.web.oversight.card import CardBase
from edge_ui.web.oversight.charts import Chart, Point, chart
from edge_ui.web.oversight.pages import UnitsPage, UnitTable
from node.domain.supervision.unit_documents import OversightUnits, UnitFigures, UnitTold

CHARTED = ("on_time", "late")
AT_POSTS = ("open", "due_today", "overdue", "unassigned")
UNITS = 300  # rows of the table
KIND = "commitment"  # 平均用时 is that of 承诺件 (DOMAIN A7)
Days = Mapping[tuple[str, bool], tuple[float, int, str]]


class UnitTables(DeskWords):
    """Makes the table, on the desk and on the page of a unit."""

    async def days_used(self, at: str, rows: Sequence[UnitFigures]) -> Days:
        """(code, by itself) -> (mean working days of 承诺件, of how many, the page of these)."""
        found: dict[tuple[str, bool], tuple[float, int, str]] = {}
        for code in dict.fromkeys((at, *(row["code"] for row in rows if row["open"]))):
            given = {"measure": "workdays", "by": "unit", "kind": KIND, **({"under": code} if code else {})}
            answer = await self.call(self.center.analysis.of, given, self.person)
            own = code or rows[0]["code"]
            for row in answer["rows"]:
                cell = row["all"]
                if cell["n"] and cell["value"] is not None:
                    found[row["key"], row["key"] == own] = (cell["value"], cell["n"], page_url(cell["list"]))
        return found

    def table_of(self, answer: OversightUnits, at: str, opened: str, days: Days | None) -> UnitTable:
        """`opened`: the units that are unfolded, by code, with commas between."""
        rows, codes = answer["units"][:UNITS], [one for one in opened.split(",") if one]
        kept = {"at": at} if at else {}
        folds: dict[str, str] = {}
        for row in rows:
            if row["unfolds"]:
                others = [one for one in codes if one != row["code"]]
                shown = ",".join(others if row["open"] else [*others, row["code"]])
                folds[row["code"]] = self.url({**kept, **({"open": shown} if shown else {})}, "/oversight/units")
        here = self.url({**kept, **({"open": opened} if opened else {}), "days": "1"}, "/oversight/units")
        return UnitTable(rows, max(0, len(answer["units"]) - UNITS), COLUMNS, here, folds, days)

    def is_dark(self, row: UnitFigures) -> bool:
        """Whether nobody of a unit is heard: then what is not known of it is no figure."""
        return bool(row["silent"]) and row["silent"] > (0 if row["own"] else row["below"])


class UnitsHandler(UnitTables, CardBase):
    """A unit and those below it: what each has to answer for."""

    async def on_get(self) -> None:
        given = self.asked(("at", "open", "days"))
        timed = given.pop("days", "") == "1"
        answer = await self.call(self.center.oversight.unit, given, self.person)
        nodes, items = await self.names()
        at = given.get("at", "")
        days = await self.days_used(at, answer["units"]) if timed else None
        self.show("oversight/units.html", UnitsPage(
            answer, answer["path"][-1]["name"], self.table_of(answer, at, given.get("open", ""), days), COUNTED, AT_POSTS,
            self._charts(answer), answer["cases"], self.url({"view": answer["view"], "under": answer["at"]}),
            self.url(given, "/oversight/units"), answer["known_until"], self.silent(answer, nodes), {**items, **nodes},
        ))  # fmt: skip

    def _charts(self, answer: UnitTold) -> list[Chart]:
        """What was decided in time and late, month by month; none where nothing was."""
        made = list[Chart]()
        months = list(reversed(answer["months"]))
        top = max(float(one["figures"][name]) for one in months for name in CHARTED)
        for name in CHARTED if top else ():
            points = [
                Point(self._short(one["month"], n == 0), float(one["figures"][name]), str(one["figures"][name]))
                for n, one in enumerate(months)
            ]
            title = self.say("city.measure." + name)
            said = "；".join(f"{point.label.partition('|')[0]} {point.text}" for point in points)
            made.append(chart(points, title, f"{title}：{said}", True, top))
        return made

    def _short(self, month: str, first: bool) -> str:
        """A month under its column, the year where it begins."""
        word = self.say("analysis.month_short", month=int(month[5:]))
        return f"{word}|{month[:4] if first or month[5:] == '01' else ''}"

    def month_text(self, month: str) -> str:
        return self.say("oversight.month", year=month[:4], month=int(month[5:]))

    def heard_in(self, answer: UnitTold, month: str) -> bool:
        """Whether all that is below a unit was heard until the end of a month."""
        since = answer["whole"]["unknown_since"]
        return not answer["whole"]["silent"] or (since is not None and month < since[:7])
