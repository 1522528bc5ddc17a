"""PNG files of pages made small: at most 256 colours (the rest go to the nearest), the best filter of two, zlib at its best.

Reads what Chromium writes: 8 bits a channel, RGB or RGBA, not interlaced.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
STEP = 3  # bits of each channel that are dropped when there are too many colours


def smaller(png: bytes) -> bytes:
    """The same picture in fewer bytes; the file itself when that is no gain."""
    width, height, pixels = decode(png)
    counted = Counter(pixels)
    if len(counted) > COLOURS:
        pixels = [tuple(min(255, (c >> STEP << STEP) + (1 << STEP >> 1)) if c < 252 else 255 for c in p) for p in pixels]
        counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    index = {colour: n for n, colour in enumerate(palette)}
    for colour in counted:
        if colour not in index:
            index[colour] = min(
                range(len(palette)), key=lambda n: sum((a - b) ** 2 for a, b in zip(palette[n], colour, strict=True))
            )
    rows = bytes(index[p] for p in pixels)
    plain = b"".join(b"\0" + rows[y * width : (y + 1) * width] for y in range(height))
    made = _file(width, height, palette, min((zlib.compress(one, 9) for one in (plain, _up(rows, width, height))), key=len))
    return made if len(made) < len(png) else png


def decode(png: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """(width, height, pixels as (r, g, b))."""
    assert png.startswith(SIGNATURE)
    at, data, head = 8, b"", b""
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        part = png[at + 8 : at + 8 + size]
        head, data = (part if kind == b"IHDR" else head), data + (part if kind == b"IDAT" else b"")
        at += 12 + size
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", head)
    assert depth == 8 and colour in (2, 6) and not interlace
    step = 3 if colour == 2 else 4
    raw, pixels, before = zlib.decompress(data), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        row = _unfilter(raw[start], bytearray(raw[start + 1 : start + 1 + width * step]), before, step)
        pixels += [tuple(row[x : x + 3]) for x in range(0, width * step, step)]
        before = row
    return width, height, pixels


def _unfilter(kind: int, row: bytearray, before: bytearray, step: int) -> bytearray:
    for x in range(len(row)):
        left, up = (row[x - step] if x >= step else 0), before[x]
        if kind == 1:
            row[x] = (row[x] + left) & 255
        elif kind == 2:
            row[x] = (row[x] + up) & 255
        elif kind == 3:
            row[x] = (row[x] + (left + up) // 2) & 255
        elif kind == 4:
            row[x] = (row[x] + _paeth(left, up, before[x - step] if x >= step else 0)) & 255
    return row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def _up(rows: bytes, width: int, height: int) -> bytes:
    before, lines = bytes(width), []
    for y in range(height):
        row = rows[y * width : (y + 1) * width]
        lines.append(b"\2" + bytes((a - b) & 255 for a, b in zip(row, before, strict=True)))
        before = row
    return b"".join(lines)


def _file(width: int, height: int, palette: list[tuple[int, ...]], data: bytes) -> bytes:
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(bytes(one) for one in palette)),
        (b"IDAT", data),
        (b"IEND", b""),
    )
    out = [struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts]
    return SIGNATURE + b"".join(out)
