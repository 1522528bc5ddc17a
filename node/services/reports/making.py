"""A month of a unit as it is now, as it was reported, and as a recount of the reported entries says (one view)."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

from node.domain.calendar import ONE, WorkCalendar, day_of, end_of_day_ms
from node.domain.model import Place
from node.domain.reports import cut as cuts_of
from node.domain.reports.columns import AGENCY, AGENCY_COUNTED, COLUMNS, COUNTED, FORMAT, SIGNALS, SIGNALS_COUNTED
from node.domain.reports.cut import Row
from node.domain.reports.documents import Difference
from node.domain.reports.rows import differences
from node.domain.reports.tally import Month
from node.services.cases.context import Rules
from node.services.reports.asked import Asked
from node.services.reports.counting import UNCOMPARED, Counting, Tables
from node.services.reports.cuts import Cuts, Written, now
from node.services.tree.freshness import Freshness, freshness
from node.store import reports as sql
from node.store.store import Tx, View

FREEZES_ON = 3  # the working day of the next month at whose end a month is frozen (A8)
NAMES: Mapping[str, Sequence[str]] = {"cases": COUNTED, "signals": SIGNALS_COUNTED, "agency": AGENCY_COUNTED}
TABLE_NAMES = tuple(NAMES)
WORDS = {"cases": COLUMNS, "signals": SIGNALS, "agency": AGENCY}
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]  # table -> unit (code) -> column -> how many


def freezes_at(month: Month, cal: WorkCalendar) -> int:
    """The first instant (ms) at which a month is frozen."""
    return end_of_day_ms(cal.add_workdays(month.next.first - ONE, FREEZES_ON))


class Memory:
    """Counts of the last cuts that were asked for: while nothing comes, a page is not counted again."""

    MOST = 12

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, Tables] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: Hashable) -> Tables | None:
        with self._turn:
            return self._found.get(key)

    def keep(self, key: Hashable, counts: Tables) -> None:
        with self._turn:
            self._found[key] = counts
            while len(self._found) > self.MOST:
                self._found.popitem(last=False)


class Making:
    """Reports of one view."""

    def __init__(self, view: View | Tx, rules: Rules, memory: Memory | None = None) -> None:
        """`memory`: what was counted lately, kept by whoever asks often."""
        self.view, self.rules = view, rules
        self._memory = memory
        self.cuts = Cuts(view)
        self.counting = Counting(view, rules)

    @cached_property
    def fresh(self) -> Freshness:
        assert isinstance(self.view, View)
        return freshness(self.view, self.rules.calendar)

    @cached_property
    def _below(self) -> Mapping[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for node in self.view.trust.nodes():
            if node.parent is not None:
                found.setdefault(node.parent, []).append(node.node_id)
        return found

    @cached_property
    def began(self) -> Mapping[bytes, int]:
        """When the first entry of each node was stored here, ms."""
        return sql.all_began(self.view.connection)

    def has_below(self, unit: bytes) -> bool:
        """Whether there are units below a unit."""
        return unit in self._below

    def children(self, unit: bytes) -> list[bytes]:
        """The units directly below, by code; those that were revoked too, for what they did before."""
        return sorted(self._below.get(unit, ()), key=lambda node: (self.code(node), node))

    def inside(self, unit: bytes) -> list[bytes]:
        """A unit and all below it."""
        found = [unit]
        for node in found:
            found += self.children(node)
        return found

    def code(self, node: bytes) -> str:
        place = self.view.place(node)
        return place.code if place is not None else node.hex()[:12]

    def is_frozen(self, month: Month) -> bool:
        return self.view.now() >= freezes_at(month, self.rules.calendar)

    # counting ----------------------------------------------------------------------------------------------------------

    def base(self, unit: bytes, month: Month) -> Written | None:
        """The report that a month goes on from: that of the month before, once it is frozen."""
        return self.cuts.latest(unit, month.before) if self.is_frozen(month.before) else None

    def cut(self, unit: bytes, month: Month) -> list[Row]:
        """As all stands here now."""
        return now(self.cuts, unit, month, self.children)

    def asked(self, unit: bytes, month: Month, rows: Sequence[Row], base: Written | None, by: int = FORMAT) -> Asked:
        """`by`: the format by the meaning of which it is counted."""
        units, own = self.inside(unit), cuts_of.positions(rows)
        counts = dict.fromkeys(units, own) | self.cuts.of(rows)
        before = self.cuts.of(base.cut) if base is not None else {}
        return Asked(
            month,
            min(month.end, self.view.now() + 1),
            frozenset(units),
            counts,
            before,
            by,
            base.format if base is not None else by,
        )

    def counted(
        self, unit: bytes, month: Month, rows: Sequence[Row], base: Written | None, by: int = FORMAT, of: bytes = b""
    ) -> Counts:  # fmt: skip
        """The unit by itself and each directly below with all below it; `by`: as `asked`; `of`: so of a unit below it, by the same cut."""
        return self._added(of or unit, self._tables(unit, month, rows, base, by))

    def _tables(self, unit: bytes, month: Month, rows: Sequence[Row], base: Written | None, by: int) -> Tables:
        asked = self.asked(unit, month, rows, base, by)
        key = (unit, month, tuple(rows), base.report.entry if base is not None else b"", day_of(asked.until - 1), by)
        if self._memory is not None and (known := self._memory.get(key)) is not None:
            return known
        made = self.counting.tables(asked)
        found = {table: {node: counts for node, counts in made[table].items() if counts} for table in made}
        if self._memory is not None:
            self._memory.keep(key, found)
        return found

    def groups(self, unit: bytes) -> list[tuple[str, list[bytes]]]:
        """(code, units) of the rows of a report: the unit by itself, then each directly below with all below it."""
        found: dict[str, list[bytes]] = {self.code(unit): [unit]}
        for child in self.children(unit):
            found.setdefault(self.code(child), []).extend(self.inside(child))
        return list(found.items())

    def _added(self, unit: bytes, tables: Tables) -> Counts:
        found: dict[str, dict[str, dict[str, int]]] = {}
        for table, by_unit in tables.items():
            found[table] = {}
            for code, units in self.groups(unit):
                counts = Counter[str]()
                for node in units:
                    counts.update(by_unit.get(node, {}))
                if table != "agency" or any(self._is_village(node) for node in units):
                    found[table][code] = {name: n for name, n in counts.items() if n}
        return found

    def _is_village(self, node: bytes) -> bool:
        place = self.view.place(node)
        return place is not None and place.tier == "village"

    # recounting --------------------------------------------------------------------------------------------------------

    def recount(self, unit: bytes, written: Written, month: Month) -> tuple[list[str], list[Difference]]:
        """(nodes of which entries are not here for it; where a recount says something else than the report)."""
        base = self.cuts.written(written.base) if written.base else None
        lacks = self.cuts.lacks(written.cut)
        if written.base and base is None:
            lacks.append(self.code(unit))
        if lacks or not 1 <= written.format <= FORMAT:
            return lacks, []
        counted = self.counted(unit, month, written.cut, base, written.format)
        return [], [
            Difference(table=table, unit=code, column=name, zh=WORDS[table].get(name, (name, name))[0], stated=stated, counted=here)
            for table in NAMES
            for code in dict.fromkeys((*written.rows[table], *counted[table]))
            for name, stated, here in differences(
                written.rows[table].get(code, {}), counted[table].get(code, {}), [n for n in NAMES[table] if n not in UNCOMPARED]
            )
        ]  # fmt: skip

    def missing(self, rows: Sequence[Row]) -> list[tuple[str, int]]:
        """(code, since when it is not heard, ms, 0 where it is) of the units below that a cut names without a report."""
        return [
            (one.code, self.fresh.since.get(one.node, 0))
            for one in rows[1:]
            if one.below and not one.report and not self.view.trust.is_revoked(one.node)
        ]

    def body(
        self, unit: Place, month: Month, rows: Sequence[Row], counted: Counts, base: Written | None, names: tuple[str, str]
    ) -> dict[str, Any]:  # fmt: skip
        """What is signed."""
        missing = [{"node": code, "since": since} for code, since in self.missing(rows)]
        return {
            "format": FORMAT, "month": month.code, "node": unit.code, "cut": cuts_of.written(rows),
            "base": base.report.entry.hex() if base is not None else None, "rows": counted, "missing": missing, "filled_by": names[0],
            "checked_by": names[1],
        }  # fmt: skip
