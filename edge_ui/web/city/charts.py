"""Bar charts made at the server, as SVG: no script, printable. The table beside a chart says the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge_ui.web.figures import fitted

ROW, BAR, LABEL, WIDE, VALUE = 26, 16, 190, 330, 90  # pixels
MOST = 40  # bars of one chart
LABELLED = 13  # characters of a label


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its length and place in pixels."""

    label: str
    text: str
    length: float
    y: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart: bars from the top, its size in pixels."""

    bars: tuple[Bar, ...]
    width: int
    height: int


def bars_of(rows: Sequence[tuple[str, float, str]], top: float | None = None) -> Bars | None:
    """A chart of (label, value, what is written at the bar), None for no rows. The longest bar is `top`, else the largest value."""
    if not rows:
        return None
    most = top if top is not None else max(value for _, value, _ in rows)
    shown = [
        Bar(fitted(label, LABELLED), text, round(WIDE * value / most, 1) if most > 0 else 0.0, 4 + n * ROW)
        for n, (label, value, text) in enumerate(rows[:MOST])
    ]
    return Bars(tuple(shown), LABEL + WIDE + VALUE, 8 + len(shown) * ROW)
