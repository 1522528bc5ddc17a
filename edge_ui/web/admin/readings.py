"""Who read which case, for the auditor: a page, and the same as a file."""

from __future__ import annotations

import csv
import io
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_ui.shared.tables import safe_cell
from edge_ui.web.admin.base import AdminHandler
from node.domain.cases.access import Function
from node.domain.people import ReadingDocument
from node.domain.words.errors import TongbanError


@dataclass(frozen=True, slots=True)
class ReadingsPage:
    """Rows of the log and the search that found them."""

    rows: Sequence[ReadingDocument]
    q: str
    day_from: str
    day_to: str
    before: str
    next: str
    error: str = ""


class ReadingsHandler(AdminHandler):
    """A search goes by POST, because it may hold a name."""

    function = Function.READING_LOG

    async def on_get(self) -> None:
        await self.listed({name: self.argument(name, 80) for name in ("from", "to", "before")} | {"q": ""})

    async def on_post(self) -> None:
        await self.listed(await self.typed("q", "from", "to", "before"))

    async def listed(self, asked: Mapping[str, str]) -> None:
        error, status = "", 200
        wanted = {"q": asked["q"], "day_from": asked["from"], "day_to": asked["to"], "before": asked["before"]}
        try:
            found = await self.call(self.center.readings.page, self.person, **wanted)
        except TongbanError as refused:
            if refused.code != "invalid_input":
                raise
            error, status = "; ".join(self.field_errors(refused).values()), 422
            found = await self.call(self.center.readings.page, self.person)
        page = ReadingsPage(found["rows"], asked["q"], asked["from"], asked["to"], asked["before"], found["next"], error)
        self.show("admin/readings.html", page, status)


class ReadingsFileHandler(AdminHandler):
    """The log as CSV; taking it goes on record, so it is asked for by POST."""

    function = Function.READING_LOG

    async def on_get(self) -> None:
        self.see_other(
            "/admin/readings?" + urllib.parse.urlencode({"from": self.argument("from", 10), "to": self.argument("to", 10)})
        )

    async def on_post(self) -> None:
        asked = await self.typed("q", "from", "to")
        found = await self.call(self.center.readings.file, self.person, q=asked["q"], day_from=asked["from"], day_to=asked["to"])
        head = [self.say(f"admin.readings.{key}") for key in ("day", "who", "post", "case", "first", "last", "count")]
        lines: list[list[object]] = [[*head]]
        lines += [
            [row["day"], row["name"], self.name_of(row["role"], "role"), row["case_no"], row["first"], row["last"], row["count"]]
            for row in found
        ]
        text = io.StringIO()
        csv.writer(text).writerows([[safe_cell(cell) for cell in line] for line in lines])
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="readings.csv"')
        self.finish(b"\xef\xbb\xbf" + text.getvalue().encode("utf-8"))
