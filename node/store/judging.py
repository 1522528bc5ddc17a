"""What the audit of legality makes of a case's events, by the item, the calendar and the tree that are known here."""

from __future__ import annotations

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases import audit
from node.domain.cases.audit import Judged
from node.domain.cases.casefold import evolve
from node.domain.catalog.item import Item
from node.domain.model import Case, Event
from node.store.ground import Ground


def judge(at: Ground, before: Judged, case: Case, event: Event) -> Judged:
    """What the audit makes of a case when `event` follows (see `node.domain.cases.audit`)."""
    item, tier = None, at.store.ranks.of(at.trust, event.author)
    asks = audit.rests_on_item(event, tier)
    if asks:
        item = _item(at, case if case.version else evolve(case, event), event)
    flags = audit.audit(case, event, item, tier=tier, calendar=_calendar(at, case, event))
    return audit.judge(before, case, event, flags, item_is_here=item is not None or not asks)


def _item(at: Ground, case: Case, event: Event) -> Item | None:
    """The item as the author handled it on the day of the event."""
    catalog = at.store.catalog
    found = catalog.item_version(case.item_id, case.item_version, case.item_hash, at)
    return catalog.empowered(found, event.author, day_of(event.at)) if found is not None else None


def _calendar(at: Ground, case: Case, event: Event) -> WorkCalendar | None:
    """The days by which the answer to a receipt is in time; None while they are not known here."""
    return at.store.catalog.snapshot().calendars.cited_by(case.started.received) if event.kind in audit.OF_CALENDAR else None
