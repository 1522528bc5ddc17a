"""Whose time it was: which unit a broken limit is charged to (DOMAIN A0, A4). Pure.

A working day belongs to whoever had the case at its beginning; the day on which a clock starts belongs to nobody, nor what lies between
an offer and its take, the days of a stop up to its stated end, and the applicant's. At 24:00 of the due day the holder's next working day
has begun and counts as used. Of an exceeded promise or statutory limit the unit answers whose own budget was exceeded by most, on a tie
the holder; a unit within its budget does not, and where all are, nobody does. The budget of each lower tier is its share of the limit, of
the last one the rest; an extension lengthens that of who extended.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from node.domain.calendar import ONE, day_of, end_of_day_ms
from node.domain.cases.lateness import charged as holder_of
from node.domain.model import Case
from node.domain.supervision.watches import State, Watch, state_before

BUDGETED = frozenset({"T05", "T06"})
_MOST_DAYS = 3660


def charged_unit(found: Sequence[State], watch: Watch, moment: int) -> bytes | None:
    """The node that a watch is charged to, settled at a moment (24:00 of the due day; later where it began past that); None: nobody."""
    state = state_before(found, moment)
    if state is None:
        return None
    if watch.rule not in BUDGETED:
        return holder_of(state.case)
    over = {node: used - budget for node, (used, budget) in shares(found, watch, moment).items()}
    most = max(over.values(), default=0)
    if most <= 0:
        return None
    holder = holder_of(state.case)
    return holder if over.get(holder) == most else next(node for node, by in over.items() if by == most)


def shares(found: Sequence[State], watch: Watch, moment: int) -> Mapping[bytes, tuple[int, int]]:
    """Of each unit that had the case while a limit ran: the working days it used until a moment, and its budget."""
    used = Counter(_days(found, watch, moment))
    units = list(dict.fromkeys((*_holders(found, watch, moment), *used)))
    extended = Counter[bytes]()
    for state in found:
        if state.event.kind == "extended" and state.since < moment:
            extended[state.event.author] += state.case.extension_days
    whole = watch.limit.days - sum(extended.values())
    share = int(whole * watch.limit.limits.lower_share / (len(units) - 1)) if len(units) > 1 else 0
    budgets = dict.fromkeys(units[:-1], share) | ({units[-1]: whole - share * (len(units) - 1)} if units else {})
    return {unit: (used[unit], budgets[unit] + extended[unit]) for unit in units}


def _holders(found: Sequence[State], watch: Watch, moment: int) -> Iterator[bytes]:
    """Who had the case while the limit ran, in the order in which they took it."""
    begun = [state for state in found[watch.first :] if state.since < moment]
    yield from (state.case.custodian for state in begun if state.case.custodian)


def _days(found: Sequence[State], watch: Watch, moment: int) -> Iterator[bytes]:
    """Whose each working day was, from the day after the clock's start, or after a claimed one that is absurd ten years back; the day that
    begins at the moment too."""
    cal, last = watch.limit.cal, day_of(moment - 1) + ONE
    day = max(watch.limit.since or day_of(watch.start), dt.date.fromordinal(max(last.toordinal() - _MOST_DAYS, 1)))
    while day < last:
        begin = end_of_day_ms(day)
        day += ONE
        counts = cal.is_workday(day) or day == last  # the next working day has begun
        state = state_before(found, begin) if counts else None
        if state is not None and _works(state.case, begin):
            yield state.case.custodian


def _works(case: Case, moment: int) -> bool:
    """Whether a day that begins so counts against who has the case."""
    if not case.custodian or case.status == "awaiting_correction":
        return False
    return not (case.status == "suspended" and case.pause.until is not None and day_of(moment) <= case.pause.until)
