"""How a due day comes about: of a case, or of an item as if it had been received and accepted at given moments (INTERFACE, "explain")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from node.domain.calendar import WorkCalendar, ms_of
from node.domain.cases.access import Function, require
from node.domain.cases.deadlines import Deadline, deadlines, started_by
from node.domain.cases.explain import Explanation, explained
from node.domain.cases.history import Paused, of_clock
from node.domain.model import CST, Actor, Case, Hop
from node.domain.published import CALENDAR
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.documents import pause_document
from node.store.store import Store


class Explaining:
    """Explains by the same rules that decide."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def of_case(self, case_no: str, actor: Actor) -> Explanation:
        """The due day of a case. Errors: `forbidden`, `not_found`."""
        with self._store.reading() as view:
            require(Function.OVERSIGHT, view.identity.tier, actor.role)
            case = view.cases.get(case_no)
            if case is None:
                raise TongbanError("not_found", what="case")
            sure, item = view.cases.sound(case, view.cases.judged(case_no)), self._rules.item_of(case)
            pauses = self._rules.history(view, sure).pauses
            tier = self._rules.tier_of(view, sure)
            found = deadlines(sure, item, tier, self._rules.counting, self._rules.limits)
        days = self._rules.counting.cited_by(started_by(sure)) or self._rules.calendar
        return explanation(self._rules, next(iter(found), None), days, pauses)

    def of_item(self, given: Mapping[str, str]) -> Explanation:
        """The due day of an item received, perhaps accepted, at moments that are given. Errors: `invalid_input`, `not_found`."""
        snapshot = self._rules.catalog.snapshot()
        item = snapshot.items.get(given.get("item", "")) or snapshot.withdrawn.get(given.get("item", ""))
        if item is None:
            raise TongbanError("not_found", what="item")
        received = _moment(given, "received")
        accepted = _moment(given, "accepted") if given.get("accepted") else 0
        if accepted and accepted < received:
            raise TongbanError("invalid_input", {"accepted": "out_of_range"})
        here = b"\1" * 16
        limits = self._rules.limits
        case = Case(
            "", version=1, status="accepted" if accepted else "submitted", custodian=here, origin=here, filed_at=received,
            received_at=received, accepted_at=accepted, hops=(Hop(here, None, "filed", None, received),),
        )  # fmt: skip
        now = {**limits, 0: limits[max(limits)]}  # what would be received today cites the limits in force
        found = deadlines(case, item, item.approval_level, self._rules.calendar, now)
        return explanation(self._rules, next(iter(found), None), self._rules.calendar, ())


def explanation(rules: Rules, one: Deadline | None, cal: WorkCalendar, pauses: Sequence[Paused]) -> Explanation:
    """The working of a deadline: one code path for cases, cards, staff and residents."""
    published = rules.catalog.snapshot().documents.get(CALENDAR.name)
    stops = of_clock(pauses, one.clock) if one is not None else ()
    return {
        "clock": one.clock if one else None, "due": one.due.isoformat() if one else None,
        "provisional": one.provisional if one else False,
        "start": one.since.isoformat() if one is not None and one.since is not None else None,
        "limit": one.limit if one else None, "unit": one.unit if one else None, "extension": one.extension if one else 0,
        "days": explained(one, cal, stops) if one else [], "pauses": [pause_document(each) for each in stops],
        "calendar": {"revision": cal.revision, "hash": published.document_hash.hex() if published is not None else ""},
    }  # fmt: skip


def _moment(given: Mapping[str, str], name: str) -> int:
    """An ISO date or moment, of China where it names no zone, in ms."""
    try:
        found = dt.datetime.fromisoformat(given.get(name, ""))
    except ValueError:
        raise TongbanError("invalid_input", {name: "not_a_day"}) from None
    if not 2000 <= found.year <= 2200:
        raise TongbanError("invalid_input", {name: "out_of_range"})
    return ms_of(found if found.tzinfo is not None else found.replace(tzinfo=CST))
