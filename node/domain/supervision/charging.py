"""Whose time it was: which unit a broken limit is charged to (DOMAIN A0, A4). Pure.

A working day belongs to whoever had the case at its beginning; the day on which a clock starts belongs to nobody, nor what lies between
an offer and its take, the days of a stop up to its stated end, and the applicant's. At 24:00 of the due day the holder's next working day
has begun and counts as used. Of an exceeded promise or statutory limit the unit answers whose own budget was exceeded by most, on a tie
the holder; a unit within its budget does not, and where all are, nobody does. Of a promise each tier that only examines has its share, whoever
has got the case meanwhile, and who decides has the rest; the statutory limit runs where the case is decided, and is all his. An extension
lengthens the budget of who extended.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from node.domain.calendar import ONE, day_of, end_of_day_ms
from node.domain.cases.lateness import charged as holder_of
from node.domain.model import Case
from node.domain.supervision.watches import Basis, State, Watch, lower_tiers, share_of, state_before

BUDGETED = frozenset({"T05", "T06"})
WORKED = "handling"
_MOST_DAYS = 3660


class Day(NamedTuple):
    """A day that counts of a limit: whose it was (b"": nobody's), and of which kind (a code of `lateness.SEGMENTS`)."""

    date: dt.date
    node: bytes
    kind: str


def settled_at(watch: Watch) -> int:
    """When it is settled whom a limit is charged to: at 24:00 of its day, or as it began past that."""
    return max(watch.due_moment, watch.start + 1)


def charged_unit(found: Sequence[State], watch: Watch, moment: int, basis: Basis) -> bytes | None:
    """The node that a watch is charged to, settled at a moment (24:00 of the due day; later where it began past that); None: nobody."""
    state = state_before(found, moment)
    if state is None:
        return None
    if watch.rule not in BUDGETED:
        return holder_of(state.case)
    over = {node: used - budget for node, (used, budget) in shares(found, watch, moment, basis).items()}
    most = max(over.values(), default=0)
    if most <= 0:
        return None
    holder = holder_of(state.case)
    return holder if over.get(holder) == most else next(node for node, by in over.items() if by == most)


def shares(found: Sequence[State], watch: Watch, moment: int, basis: Basis) -> Mapping[bytes, tuple[int, int]]:
    """Of each unit that had the case while a limit ran, and of a statutory one may decide: the working days it used until a moment, and its
    budget."""
    begun = [state for state in found if state.since < moment]
    used, extended = Counter(one.node for one in days(found, watch, moment) if one.kind == WORKED), Counter(_extended(begun))
    lower = lower_tiers(begun, basis) if begun and watch.rule == "T05" else 0
    whole = watch.limit.days - sum(extended.values())
    share = share_of(whole, watch.limit.limits, lower)
    budgets = dict[bytes, int]()
    for state in begun:
        node, item = state.case.custodian, basis.item_of(state.case)
        if node and (state.since >= watch.start or node in used):
            decides = item is None or item.decides_at(basis.tier_of(state.case))
            if decides or lower:
                budgets[node] = (whole - share * lower if decides else share) + extended[node]
    return {unit: (used[unit], budget) for unit, budget in budgets.items()}


def _extended(begun: Sequence[State]) -> Mapping[bytes, int]:
    """By how many days each unit extended what it may."""
    found, before = Counter[bytes](), 0
    for state in begun:
        if state.event.kind == "extended":
            found[state.event.author] += state.case.extension_days - before
        before = state.case.extension_days
    return found


def days(found: Sequence[State], watch: Watch, moment: int) -> Iterator[Day]:
    """Whose each day that counts was (the working days; all of a limit in calendar days), from the day after the clock's start, or after a
    claimed one that is absurd ten years back; the day that begins at the moment too."""
    limit, last, ran = watch.limit, day_of(moment - 1) + ONE, 0
    day = max(limit.since or day_of(watch.start), dt.date.fromordinal(max(last.toordinal() - _MOST_DAYS, 1)))
    while day < last:
        begin = end_of_day_ms(day)
        day += ONE
        whole = limit.unit == "calendar" and (ran < limit.days or day > limit.due)  # days off to which it rolled are nobody's
        counts = whole or (limit.unit != "calendar" and limit.cal.is_workday(day)) or day == last  # the next day has begun
        state = state_before(found, begin) if counts else None
        if state is not None:
            kind = _kind(state.case, begin)
            ran += kind != "special"
            yield Day(day, state.case.custodian if kind == WORKED else b"", kind)


def _kind(case: Case, moment: int) -> str:
    """What a day that begins so is: of who has the case, or of nobody."""
    if not case.custodian:
        return "transit"
    if case.status == "awaiting_correction":
        return "applicant"
    stopped = case.status == "suspended" and case.pause.until is not None and day_of(moment) <= case.pause.until
    return "special" if stopped else WORKED
