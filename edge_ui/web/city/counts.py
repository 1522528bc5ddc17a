"""Counts over the tree: one measure by one group in a period, as a chart, a table and a file; each branch with its "as of"."""

from __future__ import annotations

import datetime as dt
import urllib.parse
from collections.abc import Mapping, Sequence

from edge_ui.shared.sheets import Cell, Linked, Sheet
from edge_ui.web.city.base import CityHandler
from edge_ui.web.city.charts import Bars, bars_of
from edge_ui.web.city.pages import CountRow, CountsPage
from edge_ui.web.sheets import SheetHandler
from node.domain.calendar import day_of
from node.domain.cases.access import Function
from node.domain.cases.lifecycle import STATUSES
from node.domain.figures import GROUPS, MEASURES, RATE
from node.domain.model import TIERS
from node.domain.supervision.network_documents import Branch
from node.domain.words.errors import TongbanError

COUNTED = (*(one for one in MEASURES if one not in (*RATE, "unlimited")), "in_time")  # the share and its parts are one figure
BY = ("tier", *(one for one in GROUPS if one != "tier"))
NAMED = {"item": "item", "node": "node", "filed_at": "node"}  # groups whose keys have names
SHOWN = 200


class CountLines(CityHandler):
    """The lines of a measure by a group."""

    function = Function.STATS

    def list_url(self, measure: str, first: str, last: str) -> str:
        """The page with all cases that a measure counts in the period."""
        given = {"measure": measure, "from": first, "to": last}
        return self.page_list("?" + urllib.parse.urlencode({name: text for name, text in given.items() if text}))

    def one(self, name: str, choices: Sequence[str]) -> str:
        given = self.argument(name, 20)
        return given if given in choices else choices[0]

    async def rows_of(self, measure: str, by: str, first: str, last: str) -> list[CountRow]:
        """The lines, largest first (days and tiers in their order)."""
        counted = [await self._counts(one, by, first, last) for one in (RATE if measure == "in_time" else (measure,))]
        keys = dict.fromkeys(key for figures in counted for key in figures)
        names = await self.call(self.center.network.names, self.person, NAMED[by]) if by in NAMED else {}
        found = [self._row(measure, by, key, [figures.get(key, (0, "")) for figures in counted], names) for key in keys]
        order = {"tier": TIERS[::-1], "status": STATUSES}.get(by, ())
        places = {key: n for n, key in enumerate(order)}
        if by == "day":
            return sorted(found, key=lambda row: row.key)
        return sorted(found, key=lambda row: (places.get(row.key, 99), -row.value, row.key))

    async def _counts(self, measure: str, by: str, first: str, last: str) -> dict[str, tuple[int, str]]:
        """Key -> (figure, the page with its rows)."""
        answer = await self.call(self.center.oversight.stats, self.person, measure, by, first or None, last or None)
        return {str(row["key"]): (int(row["value"]), self.page_list(str(row["list"]))) for row in answer["rows"]}

    def _row(self, measure: str, by: str, key: str, figures: Sequence[tuple[int, str]], names: Mapping[str, str]) -> CountRow:
        name = self.name_of(key, by) if by in ("tier", "status") else str(names.get(key, ""))
        name = self.step_word(key) if by == "step" else name
        name = self.say("oversight.unknown_unit") if key == "unknown" and by in ("node", "filed_at", "tier") else name
        parts, urls = tuple(value for value, _ in figures), tuple(url for _, url in figures)
        return CountRow(key, name, sum(parts), parts, urls, share_of(parts) if measure == "in_time" else None)

    def total_of(self, measure: str, rows: Sequence[CountRow], first: str = "", last: str = "") -> CountRow:
        """The last line: the sums, over the rows that are shown and those that are not."""
        measures = RATE if measure == "in_time" else (measure,)
        parts = tuple(sum(row.parts[n] for row in rows) for n in range(len(measures)))
        urls = tuple(self.list_url(one, first, last) for one in measures)
        return CountRow("", "", sum(parts), parts, urls, share_of(parts) if measure == "in_time" else None)


class CountsHandler(CountLines):
    """The page."""

    async def on_get(self) -> None:
        measure, by = self.one("measure", COUNTED), self.one("by", BY)
        first, last = self.argument("from", 10), self.argument("to", 10)
        errors: dict[str, str] = {}
        rows: list[CountRow] = []
        try:
            rows = await self.rows_of(measure, by, first, last)
        except TongbanError as error:
            errors = self.refused_fields(error)
        branches = await self.call(self.center.network.branches, self.person)
        apart = 0
        if measure == "in_time" and not errors:
            apart = sum(figure for figure, _ in (await self._counts("unlimited", "tier", first, last)).values())
        query = urllib.parse.urlencode({"measure": measure, "by": by, "from": first, "to": last})
        self.show("city/counts.html", CountsPage(
            measure, by, first, last, self._periods(), tuple(rows[:SHOWN]), max(0, len(rows) - SHOWN),
            self.total_of(measure, rows, first, last), self._bars(measure, rows), branches,
            sum(1 for row in branches if row.unknown_since), "?" + query, apart,
            self.list_url("unlimited", first, last), errors,
        ), 422 if errors else 200)  # fmt: skip

    def _bars(self, measure: str, rows: Sequence[CountRow]) -> Bars | None:
        if measure == "in_time":
            lines = [(row.name or row.key, row.share or 0.0, f"{row.share:g}% ({row.parts[0]}/{row.value})") for row in rows]
            return bars_of(lines, 100.0)
        return bars_of([(row.name or row.key, float(row.value), str(row.value)) for row in rows])

    def _periods(self) -> tuple[tuple[str, str, str], ...]:
        """(words, first day, last day) of the usual periods."""
        today = day_of(self.center.clock.now())
        month = today.replace(day=1)
        before = month - dt.timedelta(days=1)
        days = [
            ("month", month, today), ("last_month", before.replace(day=1), before), ("year", today.replace(month=1, day=1), today),
        ]  # fmt: skip
        return (("all", "", ""), *((word, start.isoformat(), end.isoformat()) for word, start, end in days))


class CountsSheetHandler(SheetHandler, CountLines):
    """The same lines as a file or to print, with what they rest on."""

    named = "counts"

    async def sheet(self) -> Sheet:
        measure, by = self.one("measure", COUNTED), self.one("by", BY)
        first, last = self.argument("from", 10), self.argument("to", 10)
        rows = await self.rows_of(measure, by, first, last)
        branches = await self.call(self.center.network.branches, self.person)
        head = [self.say("city.count.key"), self.say("city.count.name"), self.say("city.measure." + measure)]
        if measure == "in_time":
            head = [
                *head[:2],
                *(self.say(f"city.count.{one}") for one in RATE),
                self.say("city.count.share"),
                self.say("oversight.state"),
            ]
        silent = any(one.unknown_since for one in branches)
        title = self.say("city.count.file", measure=self.say("city.measure." + measure), by=self.say("city.by." + by))
        about = [self.say("city.count.about", first=first or "–", last=last or "–"), *self._fresh(branches)]
        total = self.total_of(measure, rows, first, last)
        fresh: list[list[Cell]] = [[one.code, one.name, one.as_of or "", one.unknown_since or ""] for one in branches]
        return Sheet(
            title,
            about,
            head,
            [self._cells(measure, row, silent) for row in [*rows, total]],
            [[self.say("city.count.fresh")], *fresh],
        )

    def _fresh(self, branches: Sequence[Branch]) -> list[str]:
        """As of when, and which branches are not heard."""
        known = min((one.as_of for one in branches if one.as_of), default="")
        silent = [one.name or one.code for one in branches if one.unknown_since]
        said = [self.say("oversight.as_of", at=known)]
        return [*said, self.say("city.unknown_branches", n=len(silent)) + self.say("city.comma").join(silent)] if silent else said

    def _cells(self, measure: str, row: CountRow, silent: bool) -> list[Cell]:
        name = row.name if row.key else self.say("city.count.total")
        figures: list[Cell] = [Linked(part, url) for part, url in zip(row.parts, row.urls, strict=True)]
        if measure == "in_time":
            return [
                row.key,
                name,
                *figures,
                row.share,
                self.say("oversight.not_all_heard") if silent else self.say("oversight.heard"),
            ]
        return [row.key, name, *figures]


def share_of(parts: Sequence[int]) -> float | None:
    """按期办结率 in per cent: in time ÷ (in time + late + undecided past due); None of nothing."""
    return round(100 * parts[0] / sum(parts), 1) if sum(parts) else None
