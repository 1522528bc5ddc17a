"""The documents of an analysis of cases."""

from __future__ import annotations

from typing import TypedDict

from node.domain.supervision.documents import Fresh


class Part(TypedDict):
    """Of what a share is made; `list` is the address of exactly so many cases."""

    n: int
    list: str


class AnalysedCell(TypedDict):
    """A group of `n` cases, `list` their address ("" of a share, which has its parts). `value`: what was asked for: a number of cases, the
    mean of the working days, or per cent. Of working days also `median`, `p90` (nine of ten needed no more), and apart from them
    `paused`: working days that stood, in `stopped` of the cases. `few`: so few that a mean or a share is chance."""

    n: int
    value: float | None
    list: str
    few: bool
    median: float | None
    p90: int | None
    paused: int | None
    stopped: int | None
    parts: dict[str, Part]


class AnalysedRow(TypedDict):
    """`key` is a code, a name or a period; `silent`: it is a unit in which somebody is not heard (of the total: somebody is not);
    `cells` by the key of the second dimension; `all` of them together; the same `before` and a
    `year_ago`, None where that cannot be compared."""

    key: str
    silent: bool
    cells: dict[str, AnalysedCell]
    all: AnalysedCell
    before: AnalysedCell | None
    year_ago: AnalysedCell | None


class Compared(TypedDict):
    """The days that are compared, None where the dimension is a period itself: each row then has its own."""

    before: tuple[str, str] | None
    year_ago: tuple[str, str] | None


class Analysis(Fresh):
    """`across` "" for one dimension; `columns` are its keys; `of` is the number of cases in all. `left_out`:
    of single nodes only the busiest are told apart, so many are not; the sums have them. `path`: the unit that is
    looked at, below those above it; `below`: the codes of the units directly below it."""

    measure: str
    by: str
    across: str
    columns: list[str]
    rows: list[AnalysedRow]
    total: AnalysedRow
    compared: Compared
    of: int
    left_out: int
    path: list[str]
    below: list[str]
