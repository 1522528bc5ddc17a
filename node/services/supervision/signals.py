"""Signals at one node: derived of every case that is known here, served where this node is the parent of who answers.

There is no queue: the projection marks what changed, a tick looks at it and at what is due to be looked at. A card is a note
`signal_served`, written once, by the parent of the charged node (at the root by itself), when everybody who could have acted, and the
publisher, is known past its moment. What was served stays: nothing that comes later takes it back or writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from node.domain.model import Event, Facts
from node.domain.notes import SERVED
from node.domain.supervision.judging import SUSPECTED
from node.domain.supervision.rulebook import Supervisions
from node.domain.supervision.signals import Derived, Signal, confirmed, derived_from
from node.domain.supervision.suspicions import LISTED, of_papers, rule_of, suspicions
from node.domain.supervision.watches import Basis, states
from node.domain.words.flags import FLAGS
from node.services.cases.context import Rules
from node.services.supervision import suspecting
from node.services.tree.freshness import Knowledge
from node.services.tree.published import published_until
from node.store import findings, suspected
from node.store import signals as sql
from node.store.journal import Draft
from node.store.store import Store, Tx, View

SLICE, SLICES = 50, 40  # cases of a transaction; transactions of a tick
AGAIN_MS, SELDOM_MS = 600_000, 3 * 3_600_000  # until what is not known yet is looked at again: at first, and when it is old
SOON_MS = 60_000  # the same while the node has just started and its neighbours begin to speak


class Watching:
    """The signals of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules
        self._began = store.clock.ticks()
        self._looked = False

    def tick(self) -> int:
        """Look at what changed or is due; answers how many cards were served."""
        self._store.catch_up()
        self._follow(self._rules.catalog.snapshot().supervisions)
        self._begin()
        served = 0
        for _ in range(SLICES):
            with self._store.reading() as view:
                found = sql.to_look_at(view.connection, view.now(), SLICE)
            if not found:
                break
            served += self._store.run(partial(self._look, found))
        return served

    def _follow(self, said: Supervisions) -> None:
        """Where rules were switched on or off, every case is to be looked at again."""
        off = suspecting.switched_off(said)
        with self._store.reading() as view:
            if suspected.switched_off(view.connection) == off:
                return
        self._store.run(lambda tx: suspected.switch(tx.connection, off))

    def _begin(self) -> None:
        """After a start what waits is looked at: its neighbours may have spoken meanwhile."""
        if not self._looked:
            self._store.run(lambda tx: sql.look_now(tx.connection, tx.now(), tx.now() + SELDOM_MS))
            self._looked = True

    def _again(self, now: int, since: int) -> int:
        """When to look again at what has waited since then: each minute after a start, and of a node that is silent for days not every
        ten minutes."""
        if self._store.clock.ticks() - self._began < AGAIN_MS:
            return now + SOON_MS
        return now + min(SELDOM_MS, max(AGAIN_MS, (now - since) // 20))

    def _look(self, case_nos: Sequence[str], tx: Tx) -> int:
        knows, published = Knows(tx), published_until(tx)
        return sum(self._one(tx, case_no, knows, published) for case_no in case_nos)

    def _one(self, tx: Tx, case_no: str, knows: Knows, published: int) -> int:
        basis = basis_of(tx, self._rules, self._rules.catalog.snapshot().supervisions)
        found = states(sound_events(tx, case_no), basis.may_assign)
        derived = derived_from(found, basis, knows.until, published, tx.now())
        pending = suspecting.look(tx, case_no, found, basis, derived, knows.until, published)
        derived = derived._replace(signals=(*derived.signals, *_of_suspicions(tx, case_no, basis)))
        sql.put(tx.connection, case_no, derived.signals)
        served = self._serve(tx, derived)
        waiting = [*self._owed(tx, derived), *(one for one in derived.signals if not one.known and knows.may(one.charged))]
        since = min((one.at_ms for one in waiting), default=found[-1].since if pending and found else None)
        soon = self._again(tx.now(), since) if since is not None else None
        sql.look_again(tx.connection, case_no, min((one for one in (soon, derived.next_ms) if one is not None), default=None))
        return len(served)

    def _owed(self, tx: Tx, derived: Derived) -> list[Signal]:
        """What this node has to serve and nobody has."""
        return [one for one in suspecting.unserved(tx, derived.signals) if serves(tx, one.charged)]

    def _serve(self, tx: Tx, derived: Derived) -> list[Signal]:
        owed = self._owed(tx, derived)
        if not owed or tx.links.unconfirmed() or not self._store.watch.agrees(tx):
            return []  # after a restore nobody knows what was served before; nor by a clock that others contradict
        for one in owed:
            tx.journal.append(Draft(SERVED, "note", facts_of(one), subject=one.case_no))
        return owed


def serves(tx: Tx, charged: bytes) -> bool:
    """Whether this node serves the cards of a unit: as its parent, or as the root its own."""
    me = tx.identity
    return tx.trust.parent(charged) == me.node_id or (charged == me.node_id and me.parent is None)


def _of_suspicions(tx: Tx, case_no: str, basis: Basis) -> Iterator[Signal]:
    """The cards of suspicions that were confirmed (A2, `on_成立`)."""
    events = {one.event.hash: one.event for one in tx.cases.entries(case_no)}
    case = tx.cases.get(case_no)
    for found, at_ms in findings.confirmed_of(tx.connection, case_no):
        rule = rule_of(found.kind, basis.supervisions, at_ms) if found.kind in FLAGS else None
        if rule is not None and case is not None and found.evidence and found.author:
            yield from confirmed(rule, case, found.evidence, found.author, events.get(found.evidence), found.at_ms, at_ms)


def found_by(view: View, rules: Rules, case_no: str, said: Supervisions, until_ms: int) -> Iterator[tuple[str, str, int]]:
    """(rule, rung, ms) of what falls on a case until a moment by other rules, known or not, and of what the whole case shows (SUSPECTED, or LISTED
    on the watch list). Lines of a card are none."""
    basis = basis_of(view, rules, said)
    found = states(sound_events(view, case_no), basis.may_assign)
    signals = derived_from(found, basis, lambda node: 0, 0, until_ms).signals
    yield from ((one.rule, one.rung, one.at_ms) for one in signals if not one.line_of)
    item, papers = basis.item_of(found[-1].case) if found else None, suspected.papers_of(view.connection, case_no)
    for mark in (*suspicions(found, item, said, papers, signals, basis.counting.in_force), *of_papers(papers, said)):
        rule = rule_of(mark.flag, said, mark.at)
        if rule is not None:
            yield rule.code, SUSPECTED if rule.ladder == "confirm" else LISTED, mark.at


def basis_of(view: View | Tx, rules: Rules, said: Supervisions) -> Basis:
    """What the signals of a case rest on beside its entries, by what is here."""
    return Basis(
        view.may_assign,
        lambda case: rules.item_of(case, view),
        lambda case: rules.tier_of(view, case),
        rules.counting,
        rules.limits,
        said,
    )


def sound_events(view: View | Tx, case_no: str) -> list[Event]:
    """The entries of a case up to the first that is in doubt: what somebody did who may not meets no limit."""
    doubts = {mark.event for mark in view.cases.judged(case_no).doubts}
    events = [entry.event for entry in view.cases.entries(case_no)]
    first = min((event.version for event in events if event.hash in doubts), default=1 << 62)
    return [event for event in events if event.version < first or event.version == 1]


class Knows:
    """Until when a node is known for what cannot be taken back: by what parents wrote of it, the same at every tier that has it."""

    def __init__(self, view: View | Tx) -> None:
        self._view, self._knowledge = view, Knowledge(view)
        self._found: dict[bytes, int] = {}

    def until(self, node: bytes) -> int:
        """In ms; 0 when it was never heard, or does not lie below us."""
        if node not in self._found:
            self._found[node] = self._until(node)
        return self._found[node]

    def may(self, node: bytes) -> bool:
        """Whether it can ever be known for that: it is this node, or below it."""
        me = self._view.identity.node_id
        return node == me or self._view.trust.is_below(node, me)

    def _until(self, node: bytes) -> int:
        me, parent = self._view.identity.node_id, self._view.trust.parent(node)
        if node == me:
            return self._view.now()
        if parent is None or not self._view.trust.is_below(node, me):
            return 0
        return min(self._knowledge.heard(node), self.until(parent))


def facts_of(one: Signal) -> Facts:
    return {
        "id": one.id, "rule": one.rule, "rung": one.rung, "clock": one.clock, "days": one.limit, "due": one.due, "anchor": one.anchor,
        "charged": one.charged, "staff": one.staff_id, "fell": one.at_ms, "over": one.over_days, "version": one.version,
    }  # fmt: skip
