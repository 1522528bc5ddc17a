"""The counts of a month by unit, from what is here: of cases and agencies (表一, 表六) by their stories, of signals (表二) by their marks.

What rests on more than positions (warnings are derived, orders are notes of several nodes, promises are the catalog's) is counted as it
stands when the report is made; ancestors do not compare it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from node.domain.reports.columns import AGENCY_COUNTED, COUNTED
from node.domain.reports.cut import Cut
from node.domain.reports.tally import Told, added, of_case
from node.services.cases.context import Rules
from node.services.reports.asked import Asked
from node.services.reports.signalled import Signalled
from node.services.reports.stories import Stories
from node.store import reports as sql
from node.store.store import Tx, View

UNCOMPARED = frozenset({"items_law", "items_saved", "warn", "orders", "replied_in_time", "circulated", "appeals", "revoked"})
Tables = Mapping[str, Mapping[bytes, Counter[str]]]  # table -> unit -> counts


class Counting:
    """Counts of one view."""

    def __init__(self, view: View | Tx, rules: Rules) -> None:
        self._view, self._rules = view, rules
        self._stories = Stories(view, rules)

    def tables(self, asked: Asked) -> Tables:
        cases = added(told for _, told in self.cases(asked))
        for unit, law in self._promises(asked.units).items():
            cases.setdefault(unit, Counter()).update(law)
        agency = {unit: counts for unit, counts in cases.items() if self._tier(unit) == "village"}
        return {
            "cases": {unit: _only(cases.get(unit, Counter()), COUNTED) for unit in asked.units},
            "signals": self._signals(asked),
            "agency": {unit: _only(counts, AGENCY_COUNTED) for unit, counts in agency.items()},
        }

    def cases(self, asked: Asked) -> Iterator[tuple[str, Told]]:
        """What each case counts for each unit."""
        beyond = _earliest(asked.base.values())
        case_nos = sql.concerned(self._view.connection, asked.month.start, beyond)
        disputed = sql.disputed(self._view.connection, set(case_nos)) if asked.base or asked.cuts else set()
        for case_no, story in self._stories.of(case_nos):
            earlier = partial(self._stories.earlier, case_no, story, case_no in disputed)
            for told in of_case(story, earlier, asked.month, asked.until, asked.cuts.get, asked.base.get):
                if told.unit in asked.units:
                    yield case_no, told

    def _tier(self, unit: bytes) -> str:
        place = self._view.place(unit)
        return place.tier if place is not None else ""

    def _promises(self, units: frozenset[bytes]) -> dict[bytes, Counter[str]]:
        """The limits of the items in force that a unit decides, in working days, and what its promises save of them."""
        by_tier: dict[str, Counter[str]] = {}
        for item in self._rules.catalog.snapshot().items.values():
            law, promised = item.statutory_limit, item.promised_limit
            if law and promised is not None and item.statutory_unit != "calendar" and not item.withdrawn:
                found = by_tier.setdefault(item.approval_level, Counter())
                found.update({"items_law": law, "items_saved": law - promised})
        return {unit: by_tier[tier] for unit in units if (tier := self._tier(unit)) in by_tier}

    def _signals(self, asked: Asked) -> dict[bytes, Counter[str]]:
        found, signalled = {unit: Counter[str]() for unit in asked.units}, Signalled(self._view, self._rules)
        for mark in signalled.marks(asked):
            found[mark.unit].update(mark.columns)
        for unit, many in signalled.warned(asked):
            found[unit]["warn"] += many
        return found


def _only(counts: Mapping[str, int], names: Sequence[str]) -> Counter[str]:
    return Counter({name: counts[name] for name in names if counts.get(name)})


def _earliest(cuts: Iterable[Cut]) -> dict[bytes, tuple[int, int]]:
    """Of each node the earliest position of these cuts."""
    found: dict[bytes, tuple[int, int]] = {}
    for cut in cuts:
        for node, place in cut.items():
            found[node] = min(place, found.get(node, place))
    return found
