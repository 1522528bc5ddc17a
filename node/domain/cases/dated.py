"""When an act was done, as everybody counts it (DESIGN, "Heard, known, dated"). Pure.

The time that an author writes is a claim: his clock may be days off, or he may wish it were earlier. Two things bound it, both of the
clock of the node above him: the receipt that the entry cites (he had it when he wrote), and the first `heard` in which his parent says
that it has the entry. The claim counts as far as it lies between them; else the nearer bound does. Both bounds are entries or stand in
one, so every tier that has them says the same, in whatever order they came.
"""

from __future__ import annotations

from node.domain.calendar import WorkCalendar, day_of
from node.domain.model import Event

MOVED_MS = 5 * 60_000  # clocks are set right; a claim that is moved by less is no finding
WAITS_MS = 60 * 60_000  # a parent on the line bears an act out within the hour
_WEEKDAYS = WorkCalendar()  # the same at every reader, whatever calendars he has


def dated(claim: int, since: int, until: int | None = None) -> int:
    """The time of an act (ms): its claim, not before `since`, not after `until` (None: nobody has borne it out yet)."""
    at = max(claim, since)
    return at if until is None else min(at, until)


def bounded(event: Event, until: int | None) -> Event:
    """The event when its author's parent is known to have had it at `until` (ms)."""
    return event if until is None or event.at <= until else event._replace(at=until)


def is_moved(event: Event) -> bool:
    """Whether its claim lies so far outside its bounds that it is a finding."""
    return abs(event.claimed - event.at) > MOVED_MS


def is_unproven(event: Event, borne_out: bool, now_ms: int) -> bool:
    """未证实: nobody has borne its time out, though it claims to be older than the hour which that takes, or not yet to have come."""
    return not borne_out and (now_ms - event.at > WAITS_MS or event.at - now_ms > MOVED_MS)


def is_late_report(event: Event) -> bool:
    """补报: it was written down more than a working day after the time that it claims."""
    return _WEEKDAYS.count_workdays(day_of(event.claimed), day_of(event.at)) > 1
