"""What the query tables say of a case by the rules that are here: its due day, the day of its decision, whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.domain.cases.awaits import awaits, came_back
from node.domain.cases.deadlines import as_decided, due_of, due_when_decided, rules_are_here

if TYPE_CHECKING:
    from node.domain.calendar import WorkCalendar
    from node.domain.model import Case
    from node.store.store import Tx, View


def due_day(at: View | Tx, case: Case, calendar: WorkCalendar | None = None) -> str | None:
    """The due date (ISO); None when nothing runs. `calendar`: one that is not published yet."""
    rules = at.store.catalog.snapshot()
    item = at.store.catalog.item_of(case, at)
    trusted = at.trust.node(case.custodian or (case.offer.target if case.offer is not None else b""))
    if item is None or trusted is None:
        return None
    found = due_of(case, item, trusted.tier, calendar or rules.calendar, rules.limits)
    return found.due.isoformat() if found is not None else None


def decided_due(at: View | Tx, case: Case) -> str | None:
    """The day (ISO) by which a decided case was to be decided where that was done; None when nothing limited it.

    Where the item version (an overlay of a lower layer) or the limits are not here the printed promise is used, if nothing
    moved it."""
    rules = at.store.catalog.snapshot()
    item, trusted = at.store.catalog.item_of(case, at), at.trust.node(case.decided_by)
    if item is None or trusted is None or not rules_are_here(as_decided(case), rules.limits):
        moved = case.extension_days or any(span.clock in ("S", "P") and not span.running for span in case.lead.spans)
        return case.promised_due.isoformat() if case.promised_due is not None and not moved else None
    found = due_when_decided(case, item, trusted.tier, rules.calendar, rules.limits)
    return found.due.isoformat() if found is not None else None


def turn_of(at: View | Tx, case: Case) -> tuple[str | None, bool]:
    """What the workbench of this node keeps of an open case: what it awaits (None: nothing), and whether it came back."""
    here = at.identity.place
    what = awaits(case, here.node_id, here.tier, lambda one: at.store.catalog.item_of(one, at))
    return what, what is not None and came_back(case, here.node_id)
