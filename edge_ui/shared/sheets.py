"""A table that leaves the node: said once, given as CSV, as Excel or as a page to print. Each says what it is, its filter and its "as of".

A figure keeps the address of its rows everywhere: as a link on paper's page and in Excel, in CSV in a column of its own at the end.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge_ui.shared.tables import safe_cell

CSV, EXCEL = "csv", "xlsx"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML holds them
_WIDEST, _LONGEST = 48, 32_000  # of a column, of a text; in characters


@dataclass(frozen=True, slots=True)
class Linked:
    """A figure or a number of a case, and the page behind it (a path; "" for none)."""

    value: int | float | str
    url: str


Cell = str | int | float | None | Linked


@dataclass(frozen=True, slots=True)
class Sheet:
    """`about`: what narrows it, as of when, what is missing, in words; `after`: lines below the table."""

    title: str
    about: Sequence[str]
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    after: Sequence[Sequence[Cell]] = ()


def plain(cell: Cell) -> str | int | float:
    """What stands in a cell."""
    value = cell.value if isinstance(cell, Linked) else cell
    return "" if value is None else value


def as_csv(sheet: Sheet, rows_of: str) -> bytes:
    """`rows_of`: how the columns of addresses are called, with {column}."""
    figures = [n for n in range(len(sheet.head)) if any(_is_figure(row, n) for row in sheet.rows)]
    head = [*sheet.head, *(rows_of.format(column=sheet.head[n]) for n in figures)]
    lines: list[list[str | int | float]] = [[one] for one in (sheet.title, *sheet.about)]
    lines.append([*head])
    for row in sheet.rows:
        lines.append([*map(plain, row), *(_address(row[n]) for n in figures)])
    lines += [[], *[[plain(cell) for cell in row] for row in sheet.after]] if sheet.after else []
    text = io.StringIO()
    csv.writer(text).writerows([[safe_cell(cell) for cell in line] for line in lines])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _is_figure(row: Sequence[Cell], n: int) -> bool:
    return n < len(row) and isinstance(cell := row[n], Linked) and bool(cell.url) and not isinstance(cell.value, str)


def _address(cell: Cell) -> str:
    return cell.url if isinstance(cell, Linked) else ""


def as_excel(sheet: Sheet, origin: str) -> bytes:
    """`origin`: scheme and host of this node, before the paths of the links."""
    import xlsxwriter

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page, bold, link = (
        book.add_worksheet(),
        book.add_format({"bold": True}),
        book.add_format({"font_color": "blue", "underline": 1}),
    )
    for number, line in enumerate([sheet.title, *sheet.about]):
        page.write_string(number, 0, _fit(line), bold if not number else None)
    first = len(sheet.about) + 2
    for column, word in enumerate(sheet.head):
        page.write_string(first, column, _fit(word), bold)
        page.set_column(column, column, _width(sheet, column))
    for number, row in enumerate([*sheet.rows, *([[]] if sheet.after else []), *sheet.after], first + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Linked) and cell.url:
                page.write_url(number, column, origin + cell.url, link, _fit(str(cell.value)))
            value, form = plain(cell), link if isinstance(cell, Linked) and cell.url else None
            if not isinstance(value, str):
                page.write_number(number, column, value, form)
            elif form is None:
                page.write_string(number, column, _fit(value))
    page.freeze_panes(first + 1, 1)
    page.fit_to_pages(1, 0)
    page.set_landscape()
    page.repeat_rows(first)
    book.close()
    return data.getvalue()


def _fit(text: str) -> str:
    return _UNFIT.sub("", text)[:_LONGEST]


def _width(sheet: Sheet, column: int) -> int:
    """Wide enough for most: a Chinese character takes two places."""
    texts = [str(sheet.head[column]), *(str(plain(row[column])) for row in sheet.rows[:200] if column < len(row))]
    return min(_WIDEST, 2 + max(sum(1 + (char > "\u2e7f") for char in text) for text in texts))
