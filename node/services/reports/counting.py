"""The counts of a month by unit, from what is here: of cases and agencies (表一, 表六) by their stories, of signals (表二) by what was served.

What rests on more than positions (warnings are derived, orders are notes of several nodes, promises are the catalog's) is counted as it
stands when the report is made; ancestors do not compare it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from node.domain.calendar import DAY_MS
from node.domain.reports.columns import AGENCY_COUNTED, COUNTED
from node.domain.reports.cut import Cut
from node.domain.reports.tally import Month, Told, added, of_case
from node.domain.supervision.orders import answered_in_time
from node.domain.supervision.rulebook import RULES
from node.services.cases.context import Rules
from node.services.reports.stories import Stories
from node.store import orders as order_table
from node.store import reports as sql
from node.store.store import Tx, View

LOOKED_BACK_MS = 62 * DAY_MS  # how late a card may become known and still be found
UNCOMPARED = frozenset({"items_law", "items_saved", "warn", "orders", "replied_in_time", "circulated", "appeals", "revoked"})
Tables = Mapping[str, Mapping[bytes, Counter[str]]]  # table -> unit -> counts


@dataclass(frozen=True, slots=True)
class Asked:
    """A month of some units, until a moment (ms), by the cuts that count for each of them and those of the report before. A unit without a
    cut counts all that is here; one without a `base` was not reported before."""

    month: Month
    until: int
    units: frozenset[bytes]
    cuts: Mapping[bytes, Cut]
    base: Mapping[bytes, Cut]


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

    # signals -----------------------------------------------------------------------------------------------------------

    def _signals(self, asked: Asked) -> dict[bytes, Counter[str]]:
        found = {unit: Counter[str]() for unit in asked.units}
        appeals = sql.appeals(self._view.connection, asked.month.start - LOOKED_BACK_MS, asked.until)
        for served in sql.cards(self._view.connection, asked.month.start - LOOKED_BACK_MS, asked.until):
            card = _standing(served, appeals.get(served.id), asked.until)
            if card is not None and card.charged in found and (late := _counts(card, asked)) is not None:
                monitor = RULES[card.rule].monitor if card.rule in RULES else "time"
                found[card.charged].update([card.rung, monitor, *(["late_reported"] if late else [])])
        for one in appeals.values():
            if one.unit in found:
                found[one.unit]["appeals"] += one.filed_ms >= asked.month.start
                found[one.unit]["revoked"] += one.outcome == "revoke" and asked.month.start <= one.final_ms < asked.until
        for unit, many in sql.warnings(self._view.connection, asked.month.start, asked.until):
            if unit in found:
                found[unit]["warn"] += many
        self._orders(asked, found)
        return found

    def _orders(self, asked: Asked, found: Mapping[bytes, Counter[str]]) -> None:
        for id, code, state in sql.orders(self._view.connection, asked.month.start, asked.until):
            place = self._view.find_code(code)
            if place is None or place.node_id not in found:
                continue
            counts, whole = found[place.node_id], order_table.whole(self._view, id)
            counts["orders"] += 1
            counts["circulated"] += state == "circulated"
            counts["replied_in_time"] += whole is not None and bool(answered_in_time(whole.order, self._rules.calendar))


def _standing(card: sql.Card, appeal: sql.Appealed | None, until: int) -> sql.Card | None:
    """A card as it counts: what is appealed against in the month that it becomes final, for whom it is moved to; None for what is still
    open at that moment, or does not stand."""
    if appeal is None:
        return card
    if not 0 < appeal.final_ms < until or appeal.outcome in ("revoke", "downgrade"):
        return None
    return replace(card, charged=appeal.to or card.charged, fell_ms=max(card.fell_ms, appeal.final_ms))


def _counts(card: sql.Card, asked: Asked) -> bool | None:
    """Whether a card counts in this month, and then whether it is one of an earlier month that became known in it."""
    cut, base = asked.cuts.get(card.charged), asked.base.get(card.charged)
    if cut is not None and card.place > cut.get(card.author, (0, 0)):
        return None
    if card.fell_ms >= asked.month.start:
        return False
    return True if base is not None and card.place > base.get(card.author, (0, 0)) else None


def _only(counts: Mapping[str, int], names: Sequence[str]) -> Counter[str]:
    return Counter({name: counts[name] for name in names if counts.get(name)})


def _earliest(cuts: Iterable[Cut]) -> dict[bytes, tuple[int, int]]:
    """Of each node the earliest position of these cuts."""
    found: dict[bytes, tuple[int, int]] = {}
    for cut in cuts:
        for node, place in cut.items():
            found[node] = min(place, found.get(node, place))
    return found
