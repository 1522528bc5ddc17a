"""How far what is known of each node reaches: the one answer that pages, counts and lists give.

Of a direct neighbour on the line we know everything up to now, of one whose line is down everything up to the last contact, and of
everybody behind it no more. Of a deeper node we know what it wrote: an idle one and one that its parent cannot reach look the same
from here, so one hour into the next working day after its last entry it counts as silent (`lateness.is_silent`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.domain.calendar import WorkCalendar
from node.domain.cases.lateness import is_silent
from node.domain.supervision.documents import Fresh
from node.services.times import iso
from node.store import statistics
from node.store.links import PeerRow
from node.store.store import Tx, View


@dataclass(frozen=True, slots=True)
class Freshness:
    """By node id, ms: `known` until when (0: never heard), `since` when silent (0: since nobody knows). A revoked node is heard no more,
    but nothing is expected of it: it does not stand in `unknown_since`."""

    known: Mapping[bytes, int]
    since: Mapping[bytes, int]
    revoked: frozenset[bytes]
    below: Mapping[bytes, str]  # this node and its subtree -> division code

    def until(self) -> int:
        """Until when all of the subtree is known that is neither silent nor revoked, ms: what a whole page may say of itself."""
        return self.oldest(node for node in self.below if node not in self.since)

    def document(self) -> Fresh:
        """`as_of` and `unknown_since` by division code, and `known_until` of the whole, as every answer carries them."""
        ordered = sorted(
            self.below, key=lambda node: node not in self.revoked
        )  # a code may be that of a revoked node and its heir
        live = (node for node in ordered if node not in self.revoked)
        return {
            "known_until": iso(self.until()),
            "as_of": {self.below[node]: iso(self.known[node]) for node in ordered},
            "unknown_since": {self.below[node]: iso(self.since[node]) for node in live if node in self.since},
        }

    def oldest(self, nodes: Iterable[bytes]) -> int:
        """Until when all of these nodes are known; 0 when one was never heard. Revoked ones are left out."""
        return min((self.known.get(node, 0) for node in nodes if node not in self.revoked), default=0)


def unheard_since(view: View | Tx, node: bytes, calendar: WorkCalendar) -> int | None:
    """Since when one node is silent (ms; 0: it was never heard), None while it is not."""
    step = view.step_towards(node)
    if step is None:
        return None
    links = {one: peer for one in {node, step} if (peer := view.links.get(one)) is not None}
    last = statistics.last_heard(view.connection, [node])
    known = _known_until(links.get(node), last[node][0] if node in last else 0, view.now())
    if view.trust.is_revoked(node):
        return known
    return _silent_since(links, node, step, known, view.now(), calendar)


def freshness(view: View, calendar: WorkCalendar) -> Freshness:
    """Of this node, its subtree and its parent."""
    me, now = view.identity.node_id, view.now()
    links = {view.node_of(peer.id): peer for peer in view.links.all()}
    nodes = subtree(view)
    above = [view.identity.parent] if view.identity.parent is not None else []
    heard = statistics.last_heard(view.connection, nodes)
    enrolled = statistics.received_at(view.connection) if any(node not in heard for node in nodes) else {}
    revoked = frozenset(node for node in nodes if view.trust.is_revoked(node))
    known, since = {me: now}, {}
    for node in [*above, *nodes[1:]]:
        last = heard[node][0] if node in heard else 0
        known[node] = _known_until(links.get(node), last, now)
        step = view.step_towards(node)
        silent = known[node] if node in revoked else _silent_since(links, node, step or b"", known[node], now, calendar)
        if silent is not None:
            since[node] = silent or enrolled_at(view, node, enrolled)
    return Freshness(known, since, revoked, {node: _code(view, node) for node in nodes})


def _known_until(link: PeerRow | None, heard: int, now: int) -> int:
    if link is None:
        return heard
    return now if link.state == "online" else max(heard, link.last_contact)


def _silent_since(
    links: Mapping[bytes, PeerRow], node: bytes, step: bytes, known: int, now: int, calendar: WorkCalendar
) -> int | None:
    """Since when a node is silent (0: it was never heard), None while it is not."""
    branch = links.get(step)
    if branch is not None and branch.state == "offline" and branch.last_contact:
        return branch.last_contact
    if not known:
        return 0
    on_the_line = node == step and branch is not None and branch.state == "online"
    return known if not on_the_line and is_silent(known, now, calendar) else None


def subtree(view: View) -> list[bytes]:
    """This node and every known node below it, parents before children."""
    found = [view.identity.node_id]
    below: dict[bytes, list[bytes]] = {}
    for node in view.trust.nodes():
        if node.parent is not None:
            below.setdefault(node.parent, []).append(node.node_id)
    for node_id in found:
        found.extend(below.get(node_id, ()))
    return found


def enrolled_at(view: View, node_id: bytes, received: Mapping[bytes, int]) -> int:
    node = view.trust.node(node_id)
    return received.get(node.keys[0].entry, 0) if node is not None and node.keys else 0


def _code(view: View, node_id: bytes) -> str:
    place = view.place(node_id)
    return place.code if place is not None else node_id.hex()
