"""Pictures for the demo: what a photographed paper looks like from afar, drawn here as PNG files of a few kilobytes.

Nobody's paper: lines of grey strokes instead of words, a portrait without a face, a red seal without a name.
"""

from __future__ import annotations

import struct
import zlib
from random import Random

WIDTH, HEIGHT = 480, 680  # pixels, A4 upright
PALETTE = ((236, 232, 222), (252, 251, 247), (58, 62, 70), (150, 154, 160), (190, 36, 30), (176, 205, 232))
DESK, PAPER, INK, PALE, SEAL, BLUE = range(len(PALETTE))


def paper_picture(random: Random) -> bytes:
    """One sheet on a desk, as a PNG file."""
    sheet = _Sheet()
    sheet.box(18, 14, WIDTH - 18, HEIGHT - 14, PAPER)
    sheet.strokes(random, 130, 50, WIDTH - 130, 26, INK)
    if random.random() < 0.5:
        sheet.portrait(WIDTH - 150, 110)
    for line in range(random.randrange(9, 15)):
        right = WIDTH - 60 - random.randrange(0, 120) - (130 if line < 4 else 0)
        sheet.strokes(random, 60, 120 + line * 32, right, 13, PALE if line % 3 else INK)
    sheet.ring(WIDTH - 140, HEIGHT - 130, 52)
    return sheet.png()


class _Sheet:
    """A picture of palette indices, one byte each."""

    def __init__(self) -> None:
        self.rows = [bytearray([DESK]) * WIDTH for _ in range(HEIGHT)]

    def box(self, left: int, top: int, right: int, bottom: int, colour: int) -> None:
        for row in self.rows[top:bottom]:
            row[left:right] = bytes([colour]) * (right - left)

    def strokes(self, random: Random, left: int, top: int, right: int, height: int, colour: int) -> None:
        """A line of writing."""
        at = left
        while at + height < right:
            for part in range(3):
                y = top + part * height // 3
                self.box(at + random.randrange(0, 3), y, at + height - random.randrange(1, 4), y + max(1, height // 9), colour)
            x = at + random.randrange(2, height - 2)
            self.box(x, top, x + max(1, height // 9), top + height - 2, colour)
            at += height + 3

    def portrait(self, left: int, top: int) -> None:
        self.box(left, top, left + 84, top + 108, BLUE)
        for y, row in enumerate(self.rows[top : top + 108]):
            for x in range(84):
                head = (x - 42) ** 2 + (y - 42) ** 2 < 24**2
                shoulders = ((x - 42) / 38) ** 2 + ((y - 108) / 38) ** 2 < 1
                if head or shoulders:
                    row[left + x] = PALE

    def ring(self, middle_x: int, middle_y: int, radius: int) -> None:
        for y in range(middle_y - radius, middle_y + radius):
            for x in range(middle_x - radius, middle_x + radius):
                away = (x - middle_x) ** 2 + (y - middle_y) ** 2
                star = abs(x - middle_x) + abs(y - middle_y) < radius // 4
                if (radius - 5) ** 2 < away < radius**2 or star:
                    self.rows[y][x] = SEAL

    def png(self) -> bytes:
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
        colours = b"".join(bytes(one) for one in PALETTE)
        lines = zlib.compress(b"".join(b"\0" + row for row in self.rows), 6)
        parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", lines), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_part(kind, data) for kind, data in parts)


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
