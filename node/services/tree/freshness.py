"""How far each node is known: the one answer that pages, figures and lists give (DESIGN, "Heard, known, dated").

Of a child on the line we know everything up to the moment after which it said that there is nothing more (`talks`). Of a deeper node we
know what its parent wrote of it (`heard`), as far as all of it is here, in order, good and projected; of a node above our parent what it
said to the next one below (`above`); and never further than the nodes between are known themselves. So an idle node is known and a dead
one is not, at every tier from the same entries. A node of which something is missing, quarantined or unproven is known up to the word
before that.

A node that is behind by an hour of working time is silent (`lateness.is_silent`): who is off over night is so from one hour into the next
working day, and its first word in the morning makes the night known.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases.lateness import GRACE_MS, is_overdue, is_silent
from node.domain.supervision.documents import Fresh
from node.services.times import iso
from node.services.tree import above
from node.store import hearings, statistics
from node.store.links import PeerRow
from node.store.store import Store, Tx, View

NO_WORD = (None, 0, 0)


@dataclass(frozen=True, slots=True)
class Freshness:
    """By node id, ms: `known` until when (0: never heard), `since` when silent (0: since nobody knows). A revoked node is heard no more,
    but nothing is expected of it: it does not stand in `unknown_since`."""

    known: Mapping[bytes, int]
    since: Mapping[bytes, int]
    revoked: frozenset[bytes]
    below: Mapping[bytes, str]  # this node and its subtree -> division code
    now: int

    def until(self) -> int:
        """Until when all of the subtree is known that is neither silent nor revoked, ms: what a whole page may say of itself."""
        return self.oldest(node for node in self.below if node not in self.since)

    def document(self) -> Fresh:
        """`as_of` and `unknown_since` by division code, and `known_until` of the whole, as every answer carries them."""
        known, gone = self.known, {self.below[node]: iso(self.known[node]) for node in self.below if node in self.revoked}
        live = {code: iso(known[node]) for node, code in self.below.items() if node not in self.revoked}
        silent = (node for node in self.below if node in self.since and node not in self.revoked)
        return {
            "known_until": iso(self.until()),
            "as_of": {**gone, **live},  # a code may be that of a revoked node and its heir
            "unknown_since": {self.below[node]: iso(self.since[node]) for node in silent},
        }

    def unheard(self, node: bytes, due: dt.date | None) -> int | None:
        """As `unheard_since`."""
        known = self.known.get(node, 0)
        return self.since.get(node, known if node in self.known and _hides(known, due, self.now) else None)

    def oldest(self, nodes: Iterable[bytes]) -> int:
        """Until when all of these nodes are known; 0 when one was never heard. Revoked ones are left out."""
        return min((self.known.get(node, 0) for node in nodes if node not in self.revoked), default=0)


class Knowledge:
    """Until when nodes are known, in one view or turn of the writer: asked one by one, each from what is stored of it."""

    def __init__(self, view: View | Tx) -> None:
        self._view = view
        self._me, self._now = view.identity.node_id, view.now()
        self._waits_from = above.waits_from(view)
        self._found: dict[bytes, int] = {}

    def until(self, node: bytes) -> int:
        """Until when a node is known here (ms, never later than now); 0 when nothing was ever heard of it."""
        if node == self._me:
            return self._now
        if node not in self._found:
            link = self._view.links.get(node)
            self._found[node] = min(self._now, self._told(link, node) if link is not None else self._elsewhere(node))
        return self._found[node]

    def of_all(self, nodes: Sequence[bytes]) -> dict[bytes, int]:
        """The same of all of a subtree, parents first: one reading of what was written of them, for a city has thousands."""
        neighbours = (self._view.node_of(peer.id) for peer in self._view.links.all())
        known = {node: self.until(node) for node in (self._me, *neighbours)}
        words, parent_of = hearings.all_known(self._view.connection), self._view.trust.parent
        for node in nodes:
            if node in known:
                continue
            parent, until, at = words.get(node, NO_WORD)
            if parent is None or parent != parent_of(node):
                known[node] = 0
            else:
                known[node] = min(until if until >= at else self.heard(node), known[parent])
        return known

    def _elsewhere(self, node: bytes) -> int:
        is_above = self._view.trust.is_below(self._me, node)
        return above.known(self._view, node, self.until) if is_above else self._heard(node)

    def _told(self, link: PeerRow, node: bytes) -> int:
        """A neighbour's own word, or ours of it."""
        said = hearings.statement_of(self._view.connection, link.id)
        own = said.after_ms if said is not None and said.arrival < self._waits_from else 0
        return max(own, self.heard(node) if link.direction == "down" else 0)

    def _heard(self, node: bytes) -> int:
        parent = self._view.trust.parent(node)
        if parent is None or not self._view.trust.is_below(node, self._me):
            return 0
        return min(self.heard(node), self.until(parent))

    def heard(self, node: bytes) -> int:
        """Until when a node's parent heard it, as far as all that it wrote until then is here: the same wherever the same entries are."""
        word = hearings.heard_of(self._view.connection, node)
        if word is None or word.parent != self._view.trust.parent(node):
            return 0
        if word.known_ms < word.at_ms and hearings.is_whole(self._view.connection, node, word.whole, word.mark):
            return word.known_ms if self._parked.get(node, -1) >= word.mark[0] else word.at_ms  # what was missing has come
        return word.known_ms

    @cached_property
    def _parked(self) -> Mapping[bytes, int]:
        return hearings.parked(self._view.connection, self._view.cases)


def known_until(view: View | Tx, node: bytes) -> int:
    """Until when a node is known here, ms; 0 when it was never heard."""
    return Knowledge(view).until(node)


def unheard_since(view: View | Tx, node: bytes, calendar: WorkCalendar, due: dt.date | None = None) -> int | None:
    """Since when one node is silent (ms; 0: it was never heard), None while it is not. For what was `due` there, it is so as soon as that
    day is over and the node is not known past it: nobody can tell whether it was done."""
    if node == view.identity.node_id:
        return None
    known = known_until(view, node)
    if view.trust.is_revoked(node) or not known or _hides(known, due, view.now()):
        return known
    return known if is_silent(known, view.now(), calendar) else None


def _hides(known: int, due: dt.date | None, now: int) -> bool:
    return due is not None and is_overdue(due, day_of(now)) and day_of(known) <= due


def freshness(view: View, calendar: WorkCalendar) -> Freshness:
    """Of this node, its subtree and the nodes above."""
    me, now, tree = view.identity.node_id, view.now(), _tree(view)
    knowledge = Knowledge(view)
    all_of = knowledge.of_all(list(tree.codes))
    known = {node: all_of[node] for node in tree.codes} | {node: knowledge.until(node) for node in view.trust.ancestors(me)}
    enrolled = statistics.received_at(view.connection) if not all(known.values()) else {}
    spoke = _first_heard(known.values(), now, calendar)
    silent = [node for node, until in known.items() if until < spoke or node in tree.revoked]
    since = {node: known[node] or enrolled_at(view, node, enrolled) for node in silent if node != me}
    return Freshness(known, since, tree.revoked, tree.codes, now)


class _Tree(NamedTuple):
    """What the tree alone says of a subtree: the division code of each node, parents first, and who is revoked."""

    state: object
    codes: Mapping[bytes, str]
    revoked: frozenset[bytes]


_TREES: WeakKeyDictionary[Store, _Tree] = WeakKeyDictionary()


def _tree(view: View) -> _Tree:
    """Made once for each state of the tree."""
    trust = view.trust
    state, kept = trust.state, _TREES.get(view.store)
    if kept is None or kept.state is not state:
        nodes = subtree(view)
        kept = _Tree(state, {node: _code(view, node) for node in nodes}, frozenset(filter(trust.is_revoked, nodes)))
        if trust is view.trust and state is trust.state:
            _TREES[view.store] = kept
    return kept


def _first_heard(known: Iterable[int], now: int, calendar: WorkCalendar) -> int:
    """From which moment on a node that is known until then is not silent: who is known longer is never more silent, and who is known
    until less than an hour ago is not."""
    moments = [*sorted({until for until in known if until and until <= now - GRACE_MS}), now - GRACE_MS + 1]
    at = bisect_left(moments, True, key=lambda until: not is_silent(until, now, calendar))
    return moments[at]


def subtree(view: View | Tx) -> list[bytes]:
    """This node and every known node below it, parents before children."""
    found, trust = [view.identity.node_id], view.trust
    for node_id in found:
        found.extend(trust.children(node_id))
    return found


def enrolled_at(view: View, node_id: bytes, received: Mapping[bytes, int]) -> int:
    node = view.trust.node(node_id)
    return received.get(node.keys[0].entry, 0) if node is not None and node.keys else 0


def _code(view: View, node_id: bytes) -> str:
    node = view.trust.node(node_id)
    return node.code if node is not None else node_id.hex()
