"""Charts of an analysis, as SVG made at the server: no script, printable, one size that fits a phone. The table beside says the same.

A label stands above its bar, so that a long name needs no width. What is compared are marks of a shape of their own, never a colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, PLOT, ROW, BAR = 380, 300, 40, 14  # pixels
TALL, FOOT, HEAD = 130, 34, 18  # of columns
MOST, COLUMNS, PANELS = 12, 24, 6


@dataclass(frozen=True, slots=True)
class Point:
    """What is drawn of one row: its words, its value and how that is written; where it has them the median, what nine of ten needed, what
    was before and a year ago."""

    label: str
    value: float
    text: str
    median: float | None = None
    p90: float | None = None
    before: float | None = None
    year_ago: float | None = None

    @property
    def highest(self) -> float:
        return max(self.value, self.p90 or 0, self.before or 0, self.year_ago or 0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in pixels from its foot: `size` long; `at` is where it begins across; marks as far along as the bar is long."""

    label: str
    text: str
    at: float
    size: float
    thick: float
    median: float | None
    p90: float | None
    before: float | None
    year_ago: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """`title`: of one of several, "" of one alone; `said`: what it shows in one sentence, for who does not see it."""

    title: str
    said: str
    upright: bool
    drawn: tuple[Drawn, ...]
    width: int
    height: int
    more: int

    @property
    def scale(self) -> float:
        """One alone is drawn larger."""
        return 1.0 if self.title else 1.2


def chart(points: Sequence[Point], title: str, said: str, upright: bool, top: float = 0) -> Chart:
    """Bars from the top for names, upright columns for periods. `top`: the value of the longest, where several charts are compared."""
    shown = points[-COLUMNS:] if upright else points[:MOST]
    most = top or max((one.highest for one in shown), default=0) or 1
    room = TALL if upright else PLOT
    step = min(64, (WIDE - 10) / max(len(shown), 1)) if upright else ROW
    thick = min(34, step * 0.62) if upright else BAR

    def along(value: float | None) -> float | None:
        return None if value is None else round(room * value / most, 1)

    drawn = tuple(
        Drawn(
            one.label, one.text, round(5 + n * step + (step - thick) / 2 if upright else n * ROW + 18, 1), along(one.value) or 0, thick,
            along(one.median), along(one.p90), along(one.before), along(one.year_ago),
        )
        for n, one in enumerate(shown)
    )  # fmt: skip
    height = HEAD + TALL + FOOT if upright else len(shown) * ROW + 4
    width = max(150, round(10 + step * len(shown))) if upright else WIDE
    return Chart(title, said, upright, drawn, width, height, len(points) - len(shown))
