"""The font is parsed once and lent to each paper: what comes out is what the library makes of the whole font."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from fpdf import FPDF
from fpdf.fonts import TTFFont

from edge_ui.papers.font import FILE, Borrowed

DAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
TEXTS = [f"第{n}件：{chr(0x4E00 + 37 * n)}{chr(0x5000 + 41 * n)} abc {n}" for n in range(12)]


def page(sheet: FPDF, text: str) -> bytes:
    sheet.set_creation_date(DAY)
    sheet.add_page()
    sheet.set_font("Song", size=12)
    sheet.cell(0, 6, text)
    return bytes(sheet.output())


def borrowed(text: str) -> bytes:
    sheet = FPDF()
    sheet.fonts["song"] = Borrowed()
    return page(sheet, text)


def test_a_paper_is_the_same_as_with_the_whole_font() -> None:
    sheet = FPDF()
    sheet.add_font("Song", fname=FILE)
    assert isinstance(sheet.fonts["song"], TTFFont)
    assert borrowed(TEXTS[0]) == page(sheet, TEXTS[0])


def test_many_may_print_at_once() -> None:
    alone = [borrowed(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(borrowed, TEXTS)) == alone
