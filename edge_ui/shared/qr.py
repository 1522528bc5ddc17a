"""QR codes: as a picture in a page, as squares in a PDF."""

from __future__ import annotations

import io
import urllib.parse
from functools import lru_cache

import segno

Squares = tuple[tuple[bool, ...], ...]


def qr_picture(text: str) -> str:
    """An SVG as a data address, for an <img>."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=2)
    return "data:image/svg+xml," + urllib.parse.quote(out.getvalue().decode("utf-8"))


@lru_cache(maxsize=16)  # a paper is drawn up to three times until it fits its page
def qr_squares(text: str) -> Squares:
    """The dark squares, row by row, without a border."""
    return tuple(tuple(bool(square) for square in row) for row in segno.make(text, error="m").matrix)
