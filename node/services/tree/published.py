"""Until when a node knows what the root publishes (the calendar, the rules): what rests on the absence of a publication asks here.

The root knows by its own clock. It says so in each Status to its children, and each of them to its own, so that everybody knows it as far
as the line reaches; a node whose line is down knows it up to the last word. A publication whose document has not come yet hides all.
"""

from __future__ import annotations

from node.domain.published import CALENDAR, RULES
from node.services.tree import above
from node.store import catalog_tables as tables
from node.store import hearings
from node.store.store import Tx, View

_KEY = "published_until"


def keep(tx: Tx, until_ms: int) -> None:
    """Our parent said until when it knows."""
    if until_ms > _kept(tx):
        tx.meta.set(_KEY, b"%d" % until_ms)


def said(view: View) -> int:
    """What we tell a child (ms); 0 while something that came from above has not been passed on."""
    if view.identity.parent is None:
        return _own(view)
    parent = view.links.get(view.identity.parent)
    statement = hearings.statement_of(view.connection, parent.id) if parent is not None else None
    waits = statement is not None and above.waits_from(view) <= statement.arrival
    return 0 if waits else _kept(view)


def published_until(view: View | Tx) -> int:
    """Until when (ms, never later than now) all calendars and rules of the root are here; 0 while one is on its way."""
    if any(one.kind in (CALENDAR.name, RULES) for one in tables.pending(view.connection)):
        return 0
    return _own(view) if view.identity.parent is None else min(_kept(view), view.now())


def _own(view: View | Tx) -> int:
    """A restored root may have forgotten what it published."""
    return 0 if view.links.unconfirmed() else view.now()


def _kept(view: View | Tx) -> int:
    return int(view.meta.get(_KEY) or 0)
