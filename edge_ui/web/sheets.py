"""A page's table as a file or to print: `/….csv`, `/….xlsx`, `/….print`, made of one `Sheet`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_ui.shared.sheets import CSV, EXCEL, Cell, Sheet, as_csv, as_excel, plain
from edge_ui.web.base import PageHandler
from node.domain.words.errors import TongbanError

_WHOLE = re.compile(r"\d{12}-\d{6}-[0-9A-Z-]+|\d{4}-\d\d-\d\d|\d{1,2}月\d{1,2}日")
KINDS = (CSV, EXCEL, "print")
TYPES = {CSV: "text/csv; charset=utf-8", EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True, slots=True)
class PrintPage:
    """The table to print, and the page it was made of."""

    sheet: Sheet
    back: str


class SheetHandler(PageHandler):
    """`named`: what its files are called; `page`: where the table stands, "" for the address of the file without its ending."""

    named = ""
    page = ""

    async def sheet(self) -> Sheet:
        """The table. Errors: as the page."""
        raise NotImplementedError

    def shown_at(self) -> str:
        return self.page or str(self.request.path).rpartition(".")[0]

    def bare(self, cell: Cell) -> str | int | float:
        """What stands in a cell."""
        return plain(cell)

    def is_whole(self, cell: Cell) -> bool:
        """Whether a cell is a number of a case or a day: on paper it is not broken into lines."""
        return _WHOLE.fullmatch(str(plain(cell))) is not None

    async def on_get(self, kind: str) -> None:
        if kind not in KINDS:
            raise TongbanError("not_found", what=kind[:20])
        sheet = await self.sheet()
        if kind == "print":
            self.show("print.html", PrintPage(sheet, self.shown_at() + (f"?{self.request.query}" if self.request.query else "")))
            return
        if kind == CSV:
            data = await self.call(as_csv, sheet, self.say("sheet.rows_of", column="{column}"))
        else:
            data = await self.call(as_excel, sheet, f"{self.request.protocol}://{self.request.host}")
        self.set_header("Content-Type", TYPES[kind])
        self.set_header("Content-Disposition", f'attachment; filename="{self.named}.{kind}"')
        self.finish(data)
