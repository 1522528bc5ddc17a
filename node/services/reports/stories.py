"""What each case counts (`node.domain.reports.story`), kept as it was told last.

There is no queue: the projection names the cases that changed, a tick tells them anew, and whoever reads before the tick has come tells
for himself what is missing. Reading writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial

from node.domain.model import Event
from node.domain.reports.cut import Cut, reach
from node.domain.reports.story import Position, Story, story
from node.domain.supervision.watches import Basis
from node.services.cases.context import Rules
from node.services.supervision.signals import basis_of, sound_events
from node.store import reports as sql
from node.store.standing import CaseEntry
from node.store.store import Store, Tx, View

SLICE, SLICES = 50, 40  # cases of a transaction; transactions of a tick
READ = 500  # stories in memory at once


class Telling:
    """Tells the cases that changed."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules

    def tick(self) -> None:
        for _ in range(SLICES):
            with self._store.reading() as view:
                found = sql.to_tell(view.connection, SLICE)
            if not found:
                return
            self._store.run(partial(self._tell, found))

    def _tell(self, case_nos: Sequence[str], tx: Tx) -> None:
        stories = Stories(tx, self._rules)
        for case_no in case_nos:
            sql.put(tx.connection, case_no, stories.told(case_no))


class Stories:
    """The stories of one view."""

    def __init__(self, view: View | Tx, rules: Rules) -> None:
        self._view, self._rules = view, rules

    @cached_property
    def _basis(self) -> Basis:
        return basis_of(self._view, self._rules, self._rules.catalog.snapshot().supervisions)

    def of(self, case_nos: Sequence[str]) -> Iterator[tuple[str, Story]]:
        """Each case with what it counts now; a few at a time, since a city has many."""
        for at in range(0, len(case_nos), READ):
            some = case_nos[at : at + READ]
            kept = sql.told(self._view.connection, some)
            for case_no in some:
                yield case_no, kept[case_no] if case_no in kept else self.told(case_no)

    def told(self, case_no: str) -> Story:
        """From its entries."""
        return self._story(sound_events(self._view, case_no), self._view.cases.entries(case_no))

    def known_then(self, case_no: str, cut: Cut) -> Story:
        """As a cut knew a case of which some entries do not stand: without what lies beyond it."""
        entries = self._view.cases.entries(case_no)
        by_hash = {one.event.hash: one for one in entries}
        known: set[bytes] = set()
        for one in entries:
            at = one if _lies_in(one, cut) else None
            while at is not None and at.event.hash not in known:
                known.add(at.event.hash)
                at = by_hash.get(at.event.prev)
        events = [one.event for one in entries if one.event.hash in known]
        return self._story(events, entries)

    def earlier(self, case_no: str, now: Story, disputed: bool, cut: Cut) -> Story:
        """The entries of a case that a cut counted."""
        return self.known_then(case_no, cut) if disputed else now[: reach(now, cut)]

    def _story(self, events: Sequence[Event], entries: Sequence[CaseEntry]) -> Story:
        places: Mapping[bytes, Position] = {one.event.hash: (one.epoch, one.seq) for one in entries}
        return story(events, places, self._basis, self._tier_at) if events else ()

    def _tier_at(self, node: bytes) -> str:
        place = self._view.place(node)
        return place.tier if place is not None else ""


def _lies_in(entry: CaseEntry, cut: Cut) -> bool:
    last = cut.get(entry.event.author)
    return last is not None and (entry.epoch, entry.seq) <= last
