"""The same month of a unit earlier: last month and the same month of last year, as they were reported (DOMAIN A8).

Only what was signed or frozen is set beside a month. A report that was made without some unit, or of a month in which a unit began, is not
whole: its rows are named, and nothing is reckoned from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from node.domain.model import Place
from node.domain.reports.documents import Earlier
from node.domain.reports.rows import Row, agency_row, case_row, signal_row
from node.domain.reports.tally import Month
from node.domain.reports.texts import Before
from node.services.reports.cuts import Written
from node.services.reports.making import Making

TOTAL = "合计"
WHOLE, PARTIAL, UNKNOWN = "whole", "partial", "unknown"
_ROW = {"cases": case_row, "signals": signal_row, "agency": agency_row}
Rows = Mapping[str, Mapping[str, Mapping[str, int]]]  # table -> unit -> counts


def added(rows: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """Of all units."""
    whole = Counter[str]()
    for counts in rows.values():
        whole.update(counts)
    return whole


def rows_of(table: str, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Row]:
    """Unit -> row as people read it, with the total."""
    row = _ROW[table]
    return {**{code: row(code, one) for code, one in counts.items()}, TOTAL: row(TOTAL, added(counts))}


class Comparing:
    """Earlier months within one view."""

    def __init__(self, making: Making) -> None:
        self._making = making

    def earlier(self, unit: Place, month: Month) -> list[Earlier]:
        """The month before and the same month of the year before."""
        return [self._one(unit, one) for one in (month.before, month.year_before)]

    def _one(self, unit: Place, month: Month) -> Earlier:
        written = self._making.cuts.latest(unit.node_id, month)
        partial = self.partial(unit, month, self.without(written)) if written is not None else []
        tables = {name: rows_of(name, written.rows[name]) for name in _ROW} if written is not None else {}
        return {
            "month": month.code,
            "state": UNKNOWN if written is None else PARTIAL if partial else WHOLE,
            "partial": partial,
            "tables": tables,
        }

    def without(self, written: Written) -> set[str]:
        """The units of which a report had not everything, at every tier: who was heard is counted, reported or not."""
        return {code for code, since in (*written.missing, *self._making.cuts.missing_below(written.cut)) if since}

    def partial(self, unit: Place, month: Month, without: Collection[str]) -> list[str]:
        """The rows that do not have all of a month, with the total; none where it is whole."""
        found = [
            code
            for code, nodes in self._making.groups(unit.node_id)
            if any(self._making.code(node) in without or self._began_in(node, month) for node in nodes)
        ]
        return [*found, TOTAL] if found else []

    def _began_in(self, node: bytes, month: Month) -> bool:
        return month.start < self._making.began.get(node, 0) < month.end

    def before(self, unit: Place, month: Month, without: Collection[str]) -> Before:
        """What was received in the month before, for the text. `without`: the units that the month itself does without."""
        written = self._making.cuts.latest(unit.node_id, month.before)
        if self._making.view.now() < month.end:
            return Before(None, "unfinished")
        if self.partial(unit, month, without):
            return Before(None, "incomplete")
        if written is None:
            return Before(None, "before_unknown")
        if self.partial(unit, month.before, self.without(written)):
            return Before(None, "before_incomplete")
        return Before(added(written.rows["cases"])["received"])
