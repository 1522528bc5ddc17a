"""Text as a printed page can show it: characters that the font has, broken into lines that fit. Pure.

Chinese may break between any two characters, but a line neither begins with a closing mark nor ends with an opening one; a word of
letters or digits stays whole unless it is longer than a line. Whatever an input accepts comes out as lines: a character that the font
lacks is printed as its code point, 〔U+2A6D6〕, because a name on a paper must never be an empty box, and marks that only steer a screen
(joiners, variation selectors, directions) are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container

_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CLOSING, _OPENING = "，。、；：！？）》」』】〕”’…·,.;:!?)%℃", "（《「『【〔“‘("
_MARKS = "\u0300-\u036f\u3099\u309a\u20d0-\u20ff"
_PIECE = re.compile(
    rf"[ \u3000]|[{re.escape(_OPENING)}]*(?:[!-~\u00a1-\u024f]+|[^ \u3000][{_MARKS}]*)[{re.escape(_CLOSING)}]*",
)
_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def printable(text: str, known: Container[int]) -> str:
    """`text` in characters whose code points are `known`; line ends are `\\n`."""
    plain = _INVISIBLE.sub("", _ENDS.sub("\n", text)).replace("\t", "\u3000")
    return "".join(_shown(c, known) for c in plain)


def _shown(c: str, known: Container[int]) -> str:
    if c == "\n" or ord(c) in known:
        return c
    kind = unicodedata.category(c)
    return "" if kind in ("Cf", "Cc") else " " if kind == "Zs" else f"〔U+{ord(c):04X}〕"


def wrap(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """The lines of a text, each at most `room` wide as `width` measures (one character at least)."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, room, width)]


def _lines(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    found: list[str] = []
    line, used = "", 0.0
    for piece in _PIECE.findall(text):
        wide = width(piece)
        if line and used + wide > room:
            found.append(line.rstrip(" "))
            line, used = "", 0.0
            if piece == " ":
                continue
        if wide > room:
            *whole, piece = _cut(piece, room, width)
            found += whole
            wide = width(piece)
        line, used = line + piece, used + wide
    return [*found, line]


def _cut(piece: str, room: float, width: Callable[[str], float]) -> list[str]:
    """A piece that is longer than a line: a code after one of its dashes or dots, anything else by characters."""
    found, line, used = [], "", 0.0
    for c in piece:
        wide = width(c)
        if line and used + wide > room:
            kept = max(line.rfind("-"), line.rfind(".")) + 1 or len(line)
            found.append(line[:kept])
            line = line[kept:]
            used = width(line)
        line, used = line + c, used + wide
    return [*found, line]
