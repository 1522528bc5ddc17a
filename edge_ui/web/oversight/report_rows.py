"""The lines of a table of a monthly report: units, what an opened row adds up, and earlier months, for page, paper and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from node.domain.reports.documents import Earlier, MonthlyReport, ReportTable
from node.domain.reports.rows import Row

TOTAL = "合计"


@dataclass(frozen=True, slots=True)
class Line:
    """`row` of `table` (whose names and lists it has); `depth`: how many rows it is part of; `number`: its 序号, 0 for the total, parts and
    earlier months; `earlier`: of which month, None of the report's own; `unknown`: nobody reported it; `partial`: it does not have all
    of the month; `alone`: of what an opened row adds up the unit by itself; `folds`: whether it can be opened, or `opened` is."""

    table: ReportTable
    row: Row
    depth: int = 0
    number: int = 0
    earlier: Earlier | None = None
    unknown: bool = False
    partial: bool = False
    alone: bool = False
    folds: bool = False
    opened: bool = False

    @property
    def code(self) -> str:
        return str(self.row["unit"])

    @property
    def is_total(self) -> bool:
        return self.code == TOTAL


def lines_of(found: MonthlyReport, name: str, table: ReportTable) -> Iterator[Line]:
    """The lines of one of its tables, the total last."""
    inner = {one["node"]: dict(_tables(one["tables"]))[name] for one in found["opened"]}
    for number, row in enumerate(table["rows"], 1):
        own = str(row["unit"]) == found["node"]
        yield from _unit(
            found, name, replace(Line(table, row), number=number, partial=row["unit"] in found["partial"]), inner, own
        )
    yield from _with_earlier(found, name, Line(table, table["total"], partial=TOTAL in found["partial"]))


def _unit(found: MonthlyReport, name: str, line: Line, inner: Mapping[str, ReportTable | None], alone: bool) -> Iterator[Line]:
    below = None if alone else inner.get(line.code)
    folds = not alone and line.code in found["folds"]
    yield from _with_earlier(found, name, replace(line, folds=folds, opened=below is not None))
    for row in below["rows"] if below is not None else ():
        itself = str(row["unit"]) == line.code
        yield from _unit(
            found,
            name,
            replace(line, table=below or line.table, row=row, depth=line.depth + 1, number=0, alone=itself, partial=False),
            inner,
            itself,
        )


def _with_earlier(found: MonthlyReport, name: str, line: Line) -> Iterator[Line]:
    """A line, and below it the same of earlier months; what a row adds up is not kept in their reports."""
    yield line
    for one in found["earlier"] if not line.depth else ():
        yield earlier_line(line, one, name)


def earlier_line(line: Line, one: Earlier, name: str) -> Line:
    """The same row in an earlier month."""
    row = one["tables"].get(name, {}).get(line.code)
    empty: Row = {column["name"]: None for column in line.table["columns"]}
    return Line(
        line.table, row or {**empty, "unit": line.code}, earlier=one, unknown=row is None, partial=line.code in one["partial"]
    )


def _tables(made: object) -> Sequence[tuple[str, ReportTable | None]]:
    assert isinstance(made, dict)
    return [(name, made[name]) for name in ("cases", "signals", "agency")]
