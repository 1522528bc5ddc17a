"""What the query tables say of a case by the rules that are here: its due day, the day of its decision, whose turn it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from node.domain.cases.awaits import awaits, came_back
from node.domain.cases.deadlines import Reckoned, reckon, when_decided
from node.domain.cases.lifecycle import ENDED
from node.domain.figures import TRANSIT

if TYPE_CHECKING:
    from node.domain.catalog.revisions import Counting
    from node.domain.model import Case
    from node.store.ground import Ground, RulesInForce


FOLLOWED = "due_calendar"  # meta: the publications that the query tables have followed


def published_here(snapshot: RulesInForce) -> bytes:
    """What the query tables are to follow: the revision of the calendar in force, then every document that is here."""
    here = repr((snapshot.calendars.marks, snapshot.limits.marks, snapshot.powers.marks)).encode()
    return f"{snapshot.calendar.revision} {hashlib.sha256(here).hexdigest()[:16]}".encode()


def followed_revision(stored: bytes | None) -> int:
    """The revision of the calendar by which the query tables count; 0 for none."""
    text = (stored or b"").split(b" ")[0]
    return int(text) if text.isdigit() else 0


class DueDay(NamedTuple):
    """A due day (ISO; None: nothing that can be derived runs), whether something is lacking that could say an earlier one, and the clock that
    says it ("" for none)."""

    due: str | None = None
    unsure: bool = False
    clock: str = ""


def due_day(at: Ground, case: Case, calendars: Counting | None = None) -> DueDay:
    """When the case is due. `calendars`: with one that is not published yet."""
    rules, item = at.store.catalog.snapshot(), at.store.catalog.item_of(case, at)
    trusted = at.trust.node(case.custodian or (case.offer.target if case.offer is not None else b""))
    if trusted is None:
        return DueDay(None, case.status not in ENDED)
    return said(reckon(case, item, trusted.tier, calendars or rules.calendars, rules.limits))


def decided_by(at: Ground, case: Case) -> Reckoned:
    """The days by which a decided case was to be decided where that was done; what is lacking where that is not known."""
    rules = at.store.catalog.snapshot()
    item, trusted = at.store.catalog.item_of(case, at), at.trust.node(case.decided_by)
    if trusted is None:
        return Reckoned((), ("node",) if case.accepted_at else ())
    return when_decided(case, item, trusted.tier, rules.calendars, rules.limits)


def said(found: Reckoned) -> DueDay:
    """The first day."""
    first = found.first
    return DueDay(
        first.due.isoformat() if first is not None else None, bool(found.lacks), first.clock if first is not None else ""
    )


def turn_of(at: Ground, case: Case) -> tuple[str | None, bool]:
    """What the workbench of this node keeps of an open case: what it awaits (None: nothing), and whether it came back."""
    here = at.identity.place
    what = awaits(case, here.node_id, here.tier, lambda one: at.store.catalog.item_of(one, at))
    return what, what is not None and came_back(case, here.node_id)


def step_of(at: Ground, case: Case) -> str:
    """What a case waits for where it lies, TRANSIT on its way, "" when it is over."""
    if case.offer is not None:
        return TRANSIT
    place = at.place(case.custodian)
    tier = place.tier if place is not None else at.identity.tier
    return awaits(case, case.custodian, tier, lambda one: at.store.catalog.item_of(one, at)) or ""
