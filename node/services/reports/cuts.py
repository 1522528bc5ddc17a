"""Which cut counts for which unit in a report: its own, unless a unit below has a report of its own that the cut names, which has its own.

`Written` is a report as it was signed or frozen: the words of its entry, read as what they are, the words of another node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from node.domain.cases.bodies import read_body
from node.domain.model import SYSTEM
from node.domain.reports import cut as cuts
from node.domain.reports.columns import FORMAT
from node.domain.reports.cut import Cut, Row
from node.domain.reports.tally import Month
from node.services.tree.above import waits_from
from node.store import reports as sql
from node.store.reports import Report
from node.store.store import Tx, View

TABLES = ("cases", "signals", "agency")
_DEEPEST = 8  # tiers of a tree


class Written(NamedTuple):
    """A report that was written. `rows`: table -> unit -> column -> how many; `base`: the report of the month before (its entry)."""

    report: Report
    rows: Mapping[str, Mapping[str, Mapping[str, int]]]
    cut: Sequence[Row]
    base: bytes
    missing: Sequence[tuple[str, int]]
    filled_by: str
    checked_by: str
    format: int

    @property
    def signed(self) -> bool:
        """Whether people signed it; else the node froze it."""
        return self.report.staff_id != SYSTEM.staff_id


class Cuts:
    """Reads of one view."""

    def __init__(self, view: View | Tx) -> None:
        self.view = view
        self._read: dict[bytes, Written | None] = {}

    def latest(self, node: bytes, month: Month) -> Written | None:
        """The report of a node for a month, if its words are here."""
        found = sql.latest(self.view.connection, node, month.code)
        return self.written(found.entry) if found is not None else None

    def written(self, entry: bytes) -> Written | None:
        """A report by the hash of its entry; None while it, or its words, are not here."""
        if entry not in self._read:
            found = sql.one(self.view.connection, entry)
            body = read_body(self.view.objects.get(found.body)) if found is not None else {}
            self._read[entry] = _written(found, body) if found is not None and body else None
        return self._read[entry]

    def of(self, rows: Sequence[Row], deep: int = 0) -> dict[bytes, Cut]:
        """Unit -> the cut that counts for it."""
        own = cuts.positions(rows)
        found = {one.node: own for one in rows if one.below}
        for one in rows if deep < _DEEPEST else ():
            child = self.written(one.report) if one.report else None
            if child is not None and child.report.author == one.node:
                found |= self.of(child.cut, deep + 1)
        return found

    def lacks(self, rows: Sequence[Row], deep: int = 0) -> list[str]:
        """Of which nodes (codes) something that a cut counts is not here yet."""
        found = [one.code for one in rows if one.place > _head(self.view, one.node)]
        for one in rows if deep < _DEEPEST else ():
            if one.report:
                child = self.written(one.report)
                found += [one.code] if child is None else self.lacks(child.cut, deep + 1)
        return list(dict.fromkeys(found))

    def missing_below(self, rows: Sequence[Row], deep: int = 0) -> list[tuple[str, int]]:
        """(code, since when it was not heard, ms, 0 where it was) of the units that the reports which a cut names did without."""
        found: list[tuple[str, int]] = []
        for child in [self.written(one.report) for one in rows if one.report] if deep < _DEEPEST else []:
            if child is not None:
                found += [*child.missing, *self.missing_below(child.cut, deep + 1)]
        return found


def now(cuts: Cuts, unit: bytes, month: Month, children: Callable[[bytes], Sequence[bytes]]) -> list[Row]:
    """The cut of a unit as all stands here now: the unit, what is below it as far as no report of the month covers it, and who is above. A
    report covers nothing before its words, and all that they count, are here."""
    view, rows, below = cuts.view, [_row(cuts.view, unit)], list(children(unit))
    while below:
        node = below.pop(0)
        report = sql.latest(view.connection, node, month.code)
        row = _row(view, node, report.entry if report is not None else b"")
        covered = report is not None and not cuts.lacks([row])
        rows.append(row if covered else row._replace(report=b""))
        below += () if covered else children(node)
    above = [node for node in view.trust.path(unit) if node != unit]
    return rows + [_row(view, node)._replace(below=False) for node in above]


def _head(view: View | Tx, node: bytes) -> tuple[int, int]:
    """Up to where the chain of a node counts here."""
    return sql.head(view.connection, node, waits_from(view))


def _row(view: View | Tx, node: bytes, report: bytes = b"") -> Row:
    place = view.place(node)
    return Row(node, place.code if place is not None else "", _head(view, node), report)


def _written(found: Report, body: Mapping[str, Any]) -> Written:
    base, said, missing = body.get("base"), body.get("rows"), body.get("missing")
    rows = said if isinstance(said, dict) else {}
    number = body.get("format")
    return Written(
        found, {table: _counts(rows.get(table)) for table in TABLES}, cuts.read(body.get("cut")), _hash(base),
        _missing(missing),
        _text(body, "filled_by"), _text(body, "checked_by"), number if isinstance(number, int) else FORMAT,
    )  # fmt: skip


def _missing(said: object) -> list[tuple[str, int]]:
    rows = said if isinstance(said, list) else []
    found = [(str(one.get("node"))[:12], one.get("since")) for one in rows if isinstance(one, dict)]
    return [(code, since if isinstance(since, int) and 0 <= since < 1 << 60 else 0) for code, since in found]


def _counts(said: object) -> dict[str, dict[str, int]]:
    rows = said if isinstance(said, dict) else {}
    return {
        str(unit)[:12]: {str(name)[:40]: n for name, n in counts.items() if isinstance(n, int) and abs(n) < 1 << 53}
        for unit, counts in rows.items()
        if isinstance(counts, dict)
    }


def _hash(said: object) -> bytes:
    try:
        return bytes.fromhex(said) if isinstance(said, str) else b""
    except ValueError:
        return b""


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value[:100] if isinstance(value, str) else ""
