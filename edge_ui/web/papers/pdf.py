"""A paper as PDF, drawn from the same blocks as the page (fpdf2, with the font that ships in `configs/fonts`).

A character that the font lacks is printed as its code point, 〔U+2A6D6〕: a name on a paper must never be an empty box.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

import configs
from edge_ui.web.papers.pages import mark_of
from edge_ui.web.qr import qr_squares
from node.domain.paper_documents import PaperDocument

FONT = Path(configs.__file__).parent / "fonts" / "TongbanSong-Regular.ttf"
MARGIN, TEXT, SMALL, LINE = 24, 11.5, 9, 6.6  # mm, points, points, mm
QR = 26  # mm


def pdf_of(paper: PaperDocument, address: str) -> bytes:
    """The paper on A4. `address` is what its QR says, "" for none."""
    sheet = Sheet(paper)
    sheet.add_page()
    sheet.heading()
    for block in paper["blocks"]:
        sheet.block(block)
    sheet.signature()
    sheet.foot(address)
    return bytes(sheet.output())


class Sheet(FPDF):
    """A4 with the paper's mark at the head of each page and its page number at the foot."""

    def __init__(self, paper: PaperDocument) -> None:
        super().__init__(format="A4")
        self.paper = paper
        self.add_font("Song", fname=FONT)
        self.set_margins(MARGIN, 20, MARGIN)
        self.set_auto_page_break(True, margin=20)
        self.set_title(paper["title"])
        self.set_lang("zh-CN")
        self.set_creator("Tongban")

    def header(self) -> None:
        self.set_font("Song", size=SMALL)
        self.set_text_color(90)
        self.cell(0, 5, f"办件编号 {self.paper['case_no']}")
        self.cell(0, 5, self.printable(mark_of(self.paper)), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(0)
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Song", size=SMALL)
        self.cell(0, 5, f"第 {self.page_no()} 页", align="C")

    def printable(self, text: str) -> str:
        """Every character as the font can show it."""
        font = self.fonts["song"]
        known = font.cmap if isinstance(font, TTFFont) else {}
        return "".join(c if ord(c) in known or c == "\n" else f"〔U+{ord(c):04X}〕" for c in text)

    def write_lines(self, text: str, size: float = TEXT, align: str = "L", line: float = LINE) -> None:
        self.set_font("Song", size=size)
        self.multi_cell(0, line, self.printable(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self) -> None:
        self.write_lines(self.paper["organ"], 15, "C", 8)
        self.write_lines(self.paper["title"], 21, "C", 12)
        if self.paper["number"]:
            self.write_lines(self.paper["number"], TEXT, "C")
        self.ln(3)

    def block(self, block: dict[str, Any]) -> None:
        kind = block["kind"]
        if kind in ("to", "text", "small"):
            indent = "\u3000\u3000" if kind == "text" else ""  # two wide spaces, as a Chinese paragraph begins
            self.write_lines(indent + block["text"], SMALL if kind == "small" else TEXT)
        elif kind == "table":
            self.listing(block)
        else:
            self.pairs(block["rows"], large=kind == "code")
        self.ln(2)

    def pairs(self, rows: list[list[str]], large: bool) -> None:
        """Label and value, one row each; what is to be filled in by hand has room."""
        self.set_font("Song", size=14 if large else TEXT)
        with self.table(
            col_widths=(3, 9), first_row_as_headings=False, line_height=LINE + 1, text_align=("LEFT", "LEFT")
        ) as table:
            for label, value in rows:
                table.row([self.printable(label), self.printable(value)])

    def listing(self, block: dict[str, Any]) -> None:
        if block["caption"]:
            self.write_lines(block["caption"])
        self.set_font("Song", size=SMALL if len(block["head"]) > 5 else TEXT - 1)
        plain = FontFace(emphasis="", fill_color=235)
        with self.table(
            col_widths=tuple(block["widths"]), headings_style=plain, line_height=LINE - 0.6, text_align="LEFT"
        ) as table:
            for row in [block["head"], *block["rows"]]:
                table.row([self.printable(cell) for cell in row])

    def signature(self) -> None:
        """Organ and day on the right, with room for the seal."""
        if self.paper["sealed"]:
            self.ln(4)
            self.write_lines(self.paper["organ"], TEXT, "R")
            self.write_lines(f"{self.paper['seal']} {self.paper['day']}", TEXT, "R")

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
