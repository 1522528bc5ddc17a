"""The font of papers, parsed once a process; each paper takes the few glyphs it uses.

The library parses the font anew for every document, because making the part that a PDF carries destroys what was parsed. With
twelve megabytes that is a second of a core for each paper. Here the parsed font is never changed: a paper gets a copy of the
library's object and at its end a font of its own glyphs, which the library may then take apart.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont, newTable
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

import configs

FILE = Path(configs.__file__).parent / "fonts" / "TongbanSong-Regular.ttf"
ALWAYS = 4  # the first glyphs of a font: what stands for a missing one, two empty ones, the space
_SMALL = ("head", "hhea", "maxp", "OS/2", "name", "post")  # tables that do not grow with the glyphs
_LOCK = threading.Lock()


def _whole() -> TTFFont:
    """The parsed font, which nobody changes; the first who prints waits a second for it."""
    with _LOCK:
        return _parsed()


@cache
def _parsed() -> TTFFont:
    sheet = FPDF(format="A4")
    sheet.add_font("Song", fname=FILE)
    found = sheet.fonts["song"]
    assert isinstance(found, TTFFont)
    return found


def known() -> frozenset[int]:
    """The code points that the font has."""
    return frozenset(_whole().cmap)


class Borrowed(TTFFont):
    """The font as one document has it: to measure and write with, and at the end, when the library asks, its own glyphs."""

    __slots__ = ("_part",)

    def __init__(self) -> None:
        whole = _whole()
        for name in TTFFont.__slots__:
            if name != "ttfont" and hasattr(whole, name):
                setattr(self, name, getattr(whole, name))
        self.missing_glyphs = []
        self.subset = SubsetMap(self)
        self._part: TTFont | None = None

    @property
    def ttfont(self) -> TTFont:
        """Made once every character is written."""
        if self._part is None:
            self._part = part_of(_whole().ttfont, self.subset.get_all_glyph_names())
        return self._part


def part_of(whole: TTFont, names: Iterable[str]) -> TTFont:
    """A font with these glyphs alone. `whole` is only read."""
    wanted = {whole.getGlyphID(name) for name in names} | set(range(ALWAYS))
    order = [whole.getGlyphName(number) for number in sorted(wanted)]
    part = TTFont(sfntVersion=whole.sfntVersion, recalcTimestamp=False)
    part.setGlyphOrder(order)
    for tag in _SMALL:
        part[tag] = copy.deepcopy(whole[tag])
    part["hmtx"], part["loca"], part["glyf"], part["cmap"] = (newTable(tag) for tag in ("hmtx", "loca", "glyf", "cmap"))
    metrics = part["hmtx"].metrics = {name: whole["hmtx"].metrics[name] for name in order}
    part["glyf"].glyphOrder = order
    part["glyf"].glyphs = {name: copy.copy(whole["glyf"].glyphs[name]) for name in order}
    part["cmap"].tableVersion, part["cmap"].tables = 0, []
    for table in whole["cmap"].tables:
        mine = copy.copy(table)
        mine.cmap = {code: name for code, name in table.cmap.items() if name in metrics}
        part["cmap"].tables.append(mine)
    return part
