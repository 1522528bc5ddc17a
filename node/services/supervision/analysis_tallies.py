"""Cells put together as the rows and columns of an analysis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from node.domain.supervision.analysis import Cell, Tally

Keys: TypeAlias = "tuple[str, str]"


def folded(
    cells: Iterable[Cell], part: str, row: Callable[[Cell], str], column: Callable[[Cell], str], timed: bool
) -> dict[Keys, Tally]:
    """Cells put together by their keys: of a city a hundred thousand."""
    found = defaultdict[Keys, Tally](Tally)
    number = _NUMBERS.get(part)
    for cell in cells:
        if not (n := number(cell) if number is not None else cell.n):
            continue
        tally = found[row(cell), column(cell)]
        tally.n += n
        if cell.stopped:
            tally.paused += cell.paused
            tally.stopped += cell.stopped
        for days, cases in (cell.took or ((cell.days, n),)) if timed else ():
            tally.days[days] += cases
    return found


# How many of a cell are of a measure, where that is not all.
_NUMBERS: Mapping[str, Callable[[Cell], int]] = {
    "on_time": lambda cell: cell.n - cell.late - cell.unlimited,
    "unlimited": lambda cell: cell.unlimited,
}


def summed(found: Mapping[Keys, Tally], place: int) -> dict[str, Tally]:
    """The sums of rows (0) or of columns (1)."""
    sums = defaultdict[str, Tally](Tally)
    for keys, tally in found.items():
        sums[keys[place]].add(tally)
    return dict(sums)
