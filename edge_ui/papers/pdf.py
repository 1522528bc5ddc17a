"""A paper as PDF, drawn from the same blocks as the page (fpdf2, with the font that ships in `configs/fonts`).

Two layouts (DOMAIN B0): 文书式 for what decides about somebody, set as GB/T 9704 sets a letter of an organ; 表格式 for what is filled in,
on one page where that can be: lower rows are tried before a second page. Signature, seal, QR and notes are one piece and never stand
alone on a page: they take the last lines of the text along.

Lines and tables are laid out here (`lines.py`): the table of the library refuses a row that is taller than a page, and a notice of
corrections may be longer than that. A row that does not fit goes on over the page, under the same head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from edge_ui.papers.font import Borrowed, known
from edge_ui.papers.lines import printable, wrap
from edge_ui.papers.page import is_paired, letterhead, mark_of, paired
from edge_ui.shared.qr import qr_squares
from node.domain.papers.documents import PaperBlock, PaperDocument

POINT = 25.4 / 72  # mm
SHORT = 12  # a row of up to so many lines stays in one piece
QR = 24  # mm
HEAD = 4  # lines that the mark may take at the head of a page
INDENT = "\u3000\u3000"  # two wide spaces, as a Chinese paragraph begins


@dataclass(frozen=True, slots=True)
class Measures:
    """Margins, lines and the padding of cells in mm, type in points. `room` is left above the signature for the seal."""

    top: float
    bottom: float
    left: float
    right: float
    organ: float
    title: float
    text: float
    line: float
    cell: float
    cell_line: float
    small: float = 9
    small_line: float = 4.6
    pad: float = 1.0
    room: float = 4


# 公文用纸天头37mm、订口28mm；题二号、文三号，行距28磅 (GB/T 9704-2012)
DOCUMENT = Measures(37, 35, 28, 26, 16, 22, 16, 28 * POINT, 12, 6.8, 10, 5.2, 1.0, 10)
FORM = Measures(20, 18, 24, 24, 15, 20, 11.5, 6.6, 11, 6.0)
LOW = Measures(16, 15, 22, 22, 14, 18, 10.5, 5.4, 10, 4.9, 8.5, 4.2, 0.7, 2)
LAYOUTS = {"document": (DOCUMENT,), "form": (FORM, LOW)}


def pdf_of(paper: PaperDocument, address: str) -> bytes:
    """The paper on A4. `address` is what its QR says, "" for none."""
    tries = LAYOUTS.get(paper["layout"], (FORM,))
    sheets = []
    for measures in tries:
        sheets.append(_drawn(paper, address, measures, 1))
        if sheets[-1].page_no() == 1:
            return bytes(sheets[-1].output())
    pages = sheets[0].page_no()
    return bytes(_drawn(paper, address, tries[0], pages).output())


def _drawn(paper: PaperDocument, address: str, measures: Measures, total: int) -> Sheet:
    sheet = Sheet(measures, total)
    sheet.draw(paper, address)
    return sheet


class Sheet(FPDF):
    """A4 with the paper's mark at the head of each page, and at the foot which page of how many (`total`, 0: not told)."""

    paper: PaperDocument

    def __init__(self, measures: Measures = FORM, total: int = 0) -> None:
        super().__init__(format="A4")
        self.m, self.total = measures, total
        self.song = self.fonts["song"] = Borrowed()
        self.set_margins(measures.left, measures.top - 9, measures.right)
        self.set_auto_page_break(True, margin=measures.bottom)
        self.set_lang("zh-CN")
        self.set_creator("Tongban")
        self.known = known()
        self.kept = 0.0  # mm that must follow what is drawn now on the same page

    def draw(self, paper: PaperDocument, address: str) -> None:
        """The paper from a new page on."""
        self.paper = paper
        self.set_title(paper["title"])
        self.add_page()
        self.heading()
        end = self._signature_height() + self._foot_height(address)
        for block, after in zip_longest(paper["blocks"], paper["blocks"][1:]):
            if after is None:
                self.kept = end
            elif after is paper["blocks"][-1] and after["kind"] == "lines" and block["kind"] == "text":
                self.kept = end + self._height(after) + self.m.pad * 4  # a page of signatures has words of the paper
            self.block(block)
        self.need(self.kept)
        self.kept = 0.0
        self.signature()
        self.foot(address)

    def width(self, text: str) -> float:
        """How wide a text is in the present size, mm."""
        return sum(map(self.song.cw.__getitem__, map(ord, text))) * self.font_size_pt / 1000 / self.k

    def wrapped(self, text: str, room: float) -> list[str]:
        return wrap(printable(text, self.known), room, self.width)

    @property
    def left_over(self) -> float:
        """mm to the end of the page."""
        return self.page_break_trigger - self.get_y()

    def need(self, height: float) -> None:
        """A new page where so much does not fit on this one, but does on a page."""
        if self.left_over < height < self.page_break_trigger - self.m.top:
            size = self.font_size_pt
            self.add_page()
            self.set_font("Song", size=size)

    def header(self) -> None:
        self.set_text_color(90)
        self.set_font("Song", size=9)
        case = self.paper["case_no"]
        number, room = f"办件编号 {case}" if case else "", self.epw - 2 * self.c_margin
        marks = self.wrapped(mark_of(self.paper), room)[:HEAD]
        if len(marks) > 1 or self.width(number + marks[0]) + 4 > room:
            self.write_lines(number, 9, line=4.5)
        else:
            self.cell(0, 4.5, number, new_x=XPos.LMARGIN, new_y=YPos.TOP)
        self.write_lines("\n".join(marks), 9, "R", 4.5)
        self.set_text_color(0)
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Song", size=9)
        of = f" 共 {self.total} 页" if self.total else ""
        self.cell(0, 5, f"第 {self.page_no()} 页{of}", align="C")

    def write_lines(self, text: str, size: float, align: str = "L", line: float = 0) -> None:
        self.set_font("Song", size=size)
        for one in self.wrapped(text, self.epw - 2 * self.c_margin):
            self.cell(0, line or self.m.line, one, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self) -> None:
        self.write_lines(letterhead(self.paper), self.m.organ, "C", self.m.organ * 0.55)
        self.write_lines(self.paper["title"], self.m.title, "C", self.m.title * 0.55)
        if self.paper["number"]:
            self.write_lines(self.paper["number"], self.m.text, "C")
        self.ln(self.m.line / 3)

    # blocks --------------------------------------------------------------------------------------------------------

    def block(self, block: PaperBlock) -> None:
        kind = block["kind"]
        if kind in ("text", "to", "small"):
            self._words(block)
        elif kind == "table":
            if block["caption"]:
                self.write_lines(block["caption"], self.m.cell, line=self.m.cell_line)
            size = 9 if len(block["head"]) > 5 else self.m.cell
            line = self.m.small_line if len(block["head"]) > 5 else self.m.cell_line
            self.grid(block["rows"], block["widths"], size, line, head=block["head"])
        elif kind == "rows":
            for row in paired(block["rows"]):
                self.grid([row], (2, 4, 2, 4) if is_paired(row) else (2, 10), self.m.cell, self.m.cell_line)
        else:
            large = kind == "code"
            self.need(self._height(block) + self.kept if kind == "lines" else 0)
            self.grid(block["rows"], (3, 9), 14 if large else self.m.cell, self.m.cell_line + (0.6 if large else 0))
        self.ln(self.m.pad * 2)

    def _words(self, block: PaperBlock) -> None:
        small = block["kind"] == "small"
        indent = "" if block["kind"] == "to" else INDENT
        size, line = (self.m.small, self.m.small_line) if small else (self.m.text, self.m.line)
        text = "\n".join(indent + one for one in block["text"].splitlines() or [""])
        self.set_font("Song", size=size)
        lines = self.wrapped(text, self.epw - 2 * self.c_margin)
        rest = lines[-2:] if self.kept else []
        if len(lines) > len(rest):
            self.write_lines("\n".join(lines[: len(lines) - len(rest)]), size, line=line)
        if rest:
            self.need(len(rest) * line + self.kept)
            self.write_lines("\n".join(rest), size, line=line)

    def _height(self, block: PaperBlock) -> float:
        return len(block["rows"]) * (self.m.cell_line + 2 * self.m.pad)

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
        for n, row in enumerate(rows, 1):
            cells = self._cells(row, columns)
            if self.kept and n == len(rows):
                self._keep_last(cells, columns, line, top)
            self._row(cells, columns, line, top)

    def _keep_last(self, cells: list[list[str]], columns: Sequence[float], line: float, head: list[list[str]] | None) -> None:
        """The last row goes along with what must follow it."""
        height = max(map(len, cells)) * line + 2 * self.m.pad + self.kept
        if self.left_over < height < self.page_break_trigger - self.m.top:
            self._next_page(columns, line, head)

    def _cells(self, row: Sequence[str], columns: Sequence[float]) -> list[list[str]]:
        return [self.wrapped(text, room - 2 * self.m.pad) for text, room in zip(row, columns, strict=True)]

    def _row(
        self, cells: list[list[str]], columns: Sequence[float], line: float, head: list[list[str]] | None, fill: int = 255
    ) -> None:
        """One row, in as many pieces as pages ask for."""
        while (most := max(map(len, cells))) > 0:
            room = int((self.left_over - 2 * self.m.pad) / line)
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
        height = max(map(len, cells)) * line + 2 * self.m.pad
        self.set_fill_color(fill)
        for lines, room in zip(cells, columns, strict=True):
            self.rect(left, top, room, height, style="DF")
            for n, text in enumerate(lines):
                self.set_xy(left + self.m.pad - self.c_margin, top + self.m.pad + n * line)
                self.cell(room, line, text)
            left += room
        self.set_xy(self.l_margin, top + height)

    # foot ----------------------------------------------------------------------------------------------------------

    def _signed(self) -> list[str]:
        """Organ, the center that acts for it, and the day, in lines."""
        self.set_font("Song", size=self.m.text)
        by = [f"（由{self.paper['by']}代为受理）"] if self.paper["by"] else []
        return [line for text in (self.paper["organ"], *by, self.paper["day"]) for line in self.wrapped(text, self.epw * 0.7)]

    def _signature_height(self) -> float:
        return self.m.room + len(self._signed()) * self.m.line if self.paper["sealed"] else 0

    def signature(self) -> None:
        """Organ and under it the day, on the right, each in the middle of where the seal goes."""
        if not self.paper["sealed"]:
            return
        lines = self._signed()
        self.ln(self.m.room)
        wide = max(map(self.width, lines))
        left = self.w - self.r_margin - wide - self.m.text * POINT * 2
        for line in lines:
            self.set_x(left)
            self.cell(wide, self.m.line, line, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _foot_words(self, address: str) -> str:
        paper = self.paper
        words = [paper["valid"]] if paper["sealed"] else []
        words += [paper["copies"], paper["notes"], f"核验码 {paper['code']}"] if address else [paper["copies"], paper["notes"]]
        return "\n".join(word for word in words if word)

    def _foot_height(self, address: str) -> float:
        self.set_font("Song", size=9)
        room = self.epw - 2 * self.c_margin - (QR + 4 if address else 0)
        return 4 + max(len(self.wrapped(self._foot_words(address), room)) * 4.6, QR if address else 0)

    def foot(self, address: str) -> None:
        self.ln(4)
        top, margin = self.get_y(), self.l_margin
        if address:
            self.qr(address, margin, top)
        self.set_left_margin(margin + (QR + 4 if address else 0))
        self.set_xy(self.l_margin, top)
        self.write_lines(self._foot_words(address), 9, line=4.6)
        self.set_left_margin(margin)

    def qr(self, address: str, left: float, top: float) -> None:
        squares = qr_squares(address)
        size = QR / len(squares)
        self.set_fill_color(0)
        for y, row in enumerate(squares):
            x = 0
            for dark, run in groupby(row):  # what is dark side by side is one rectangle
                width = sum(1 for _ in run)
                if dark:
                    self.rect(left + x * size, top + y * size, width * size, size, style="F")
                x += width
