"""A paper as PDF, drawn from the same blocks as the page (fpdf2, with the font that ships in `configs/fonts`).

Lines and tables are laid out here (`lines.py`): the table of the library refuses a row that is taller than a page, and a notice of
corrections may be longer than that. A row that does not fit goes on over the page, under the same head.
"""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from edge_ui.papers.font import Borrowed, known
from edge_ui.papers.lines import printable, wrap
from edge_ui.papers.page import mark_of
from edge_ui.shared.qr import qr_squares
from node.domain.papers.documents import PaperBlock, PaperDocument

MARGIN, TEXT, SMALL, LINE = 24, 11.5, 9, 6.6  # mm, points, points, mm
PAD = 1.0  # mm between the frame of a cell and its text
SHORT = 12  # a row of up to so many lines stays in one piece
QR = 26  # mm
HEAD = 4  # lines that the mark may take at the head of a page
INDENT = "\u3000\u3000"  # two wide spaces, as a Chinese paragraph begins


def pdf_of(paper: PaperDocument, address: str) -> bytes:
    """The paper on A4. `address` is what its QR says, "" for none."""
    sheet = Sheet()
    sheet.draw(paper, address)
    return bytes(sheet.output())


class Sheet(FPDF):
    """A4 with the paper's mark at the head of each page and its page number at the foot."""

    paper: PaperDocument

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.song = self.fonts["song"] = Borrowed()
        self.set_margins(MARGIN, 20, MARGIN)
        self.set_auto_page_break(True, margin=20)
        self.set_lang("zh-CN")
        self.set_creator("Tongban")
        self.known = known()

    def draw(self, paper: PaperDocument, address: str) -> None:
        """The paper from a new page on."""
        self.paper = paper
        self.set_title(paper["title"])
        self.add_page()
        self.heading()
        for block in paper["blocks"]:
            self.block(block)
        self.signature()
        self.foot(address)

    def width(self, text: str) -> float:
        """How wide a text is in the present size, mm."""
        return sum(map(self.song.cw.__getitem__, map(ord, text))) * self.font_size_pt / 1000 / self.k

    def wrapped(self, text: str, room: float) -> list[str]:
        return wrap(printable(text, self.known), room, self.width)

    def header(self) -> None:
        self.set_text_color(90)
        self.set_font("Song", size=SMALL)
        number, room = f"办件编号 {self.paper['case_no']}", self.epw - 2 * self.c_margin
        marks = self.wrapped(mark_of(self.paper), room)[:HEAD]
        if len(marks) > 1 or self.width(number + marks[0]) + 4 > room:
            self.write_lines(number, SMALL, line=5)
        else:
            self.cell(0, 5, number, new_x=XPos.LMARGIN, new_y=YPos.TOP)
        self.write_lines("\n".join(marks), SMALL, "R", 5)
        self.set_text_color(0)
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Song", size=SMALL)
        self.cell(0, 5, f"第 {self.page_no()} 页", align="C")

    def write_lines(self, text: str, size: float = TEXT, align: str = "L", line: float = LINE) -> None:
        self.set_font("Song", size=size)
        for one in self.wrapped(text, self.epw - 2 * self.c_margin):
            self.cell(0, line, one, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self) -> None:
        self.write_lines(self.paper["organ"], 15, "C", 8)
        self.write_lines(self.paper["title"], 21, "C", 12)
        if self.paper["number"]:
            self.write_lines(self.paper["number"], TEXT, "C")
        self.ln(3)

    def block(self, block: PaperBlock) -> None:
        kind = block["kind"]
        if kind == "text":
            self.write_lines("\n".join(INDENT + line for line in block["text"].splitlines()))
        elif kind == "small":
            self.write_lines(block["text"], SMALL, line=5)
        elif kind == "to":
            self.write_lines(block["text"])
        elif kind == "table":
            if block["caption"]:
                self.write_lines(block["caption"])
            size = SMALL if len(block["head"]) > 5 else TEXT - 1
            self.grid(block["rows"], block["widths"], size, LINE - 0.6, head=block["head"])
        else:
            self.keep_together(len(block["rows"]) if kind == "lines" else 1)
            self.grid(block["rows"], (3, 9), 14 if kind == "code" else TEXT, LINE + (0.6 if kind == "code" else 0))
        self.ln(2)

    def keep_together(self, rows: int) -> None:
        """What is filled in by hand stands on one page, with its date."""
        if self.get_y() + rows * (LINE + 2 * PAD) > self.page_break_trigger:
            self.add_page()

    # tables --------------------------------------------------------------------------------------------------------

    def grid(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], size: float, line: float, head: Sequence[str] = ()
    ) -> None:
        """A framed table; `head` stands again on every page."""
        self.set_font("Song", size=size)
        columns = [self.epw * one / sum(widths) for one in widths]
        top = self._cells(head, columns) if head else None
        if top:
            self._row(top, columns, line, None, 235)
        for row in rows:
            self._row(self._cells(row, columns), columns, line, top)

    def _cells(self, row: Sequence[str], columns: Sequence[float]) -> list[list[str]]:
        return [self.wrapped(text, room - 2 * PAD) for text, room in zip(row, columns, strict=True)]

    def _row(
        self, cells: list[list[str]], columns: Sequence[float], line: float, head: list[list[str]] | None, fill: int = 255
    ) -> None:
        """One row, in as many pieces as pages ask for."""
        while (most := max(map(len, cells))) > 0:
            room = int((self.page_break_trigger - self.get_y() - 2 * PAD) / line)
            if room < min(most, SHORT if most <= SHORT else 3):
                self._next_page(columns, line, head)
                continue
            self._frame([cell[:room] for cell in cells], columns, line, fill)
            cells = [cell[room:] for cell in cells]

    def _next_page(self, columns: Sequence[float], line: float, head: list[list[str]] | None) -> None:
        size = self.font_size_pt
        self.add_page()
        self.set_font("Song", size=size)
        if head and max(map(len, head)) <= SHORT:
            self._frame(head, columns, line, 235)

    def _frame(self, cells: list[list[str]], columns: Sequence[float], line: float, fill: int) -> None:
        left, top = self.l_margin, self.get_y()
        height = max(map(len, cells)) * line + 2 * PAD
        self.set_fill_color(fill)
        for lines, room in zip(cells, columns, strict=True):
            self.rect(left, top, room, height, style="DF")
            for n, text in enumerate(lines):
                self.set_xy(left + PAD - self.c_margin, top + PAD + n * line)
                self.cell(room, line, text)
            left += room
        self.set_xy(self.l_margin, top + height)

    # foot ----------------------------------------------------------------------------------------------------------

    def signature(self) -> None:
        """Organ and day on the right, with room for the seal."""
        if self.paper["sealed"]:
            self.ln(4)
            self.write_lines(self.paper["organ"], TEXT, "R")
            if self.paper["by"]:
                self.write_lines(f"（由{self.paper['by']}代为受理）", TEXT, "R")
            self.write_lines(self.paper["day"], TEXT, "R")

    def foot(self, address: str) -> None:
        words = [self.paper["valid"], self.paper["copies"]] if self.paper["sealed"] else []
        words += [self.paper["notes"], f"核验码 {self.paper['code']}"] if address else [self.paper["notes"]]
        if self.get_y() > self.h - 20 - QR - 4:
            self.add_page()
        self.ln(4)
        top = self.get_y()
        if address:
            self.qr(address, self.l_margin, top)
        self.set_left_margin(MARGIN + (QR + 4 if address else 0))
        self.set_xy(self.l_margin, top)
        self.write_lines("\n".join(words), SMALL, line=5)
        self.set_left_margin(MARGIN)

    def qr(self, address: str, left: float, top: float) -> None:
        squares = qr_squares(address)
        size = QR / len(squares)
        self.set_fill_color(0)
        for y, row in enumerate(squares):
            for x, dark in enumerate(row):
                if dark:
                    self.rect(left + x * size, top + y * size, size, size, style="F")
