"""What a node says of itself: the status document, health, and metrics.

A link's `waiting` is everything that still has to cross it as far as this end can know: our entries the other side has
not acknowledged, objects we want from it, offers of custody it has not taken (it may still be fetching what belongs to
them), and requests asked here whose answer must come over it. It is 0 when nothing is under way.

Metrics are made from the same document at the moment they are asked for, in a registry of the node, so a process with
many nodes never mixes them up. They hold codes and counts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from node.domain.model import TIERS
from node.domain.software import SOFTWARE
from node.domain.supervision.orders import WAITING
from node.domain.upkeep.documents import Health, LinkStatus, NodeStatus, Pulse, PulseLine
from node.services.times import iso
from node.services.tree import standing
from node.services.tree.link_reasons import reason_of
from node.services.tree.recovery import key_superseded
from node.store import appeals, findings, hearings, orders, prompts, rollups, statistics
from node.store.desk import CAME_BACK
from node.store.journal import chain_head, last_arrival
from node.store.links import PeerRow
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.catalog.catalog import CatalogService


class StatusService:
    """Status of one node."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        self._store = store
        self._catalog = catalog
        self._objects: tuple[tuple[int, int], dict[str, int]] = ((-1, -1), {})
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Metrics(self))

    def status(self) -> NodeStatus:
        """The document of `tongban status --json` (INTERFACE.md)."""
        with self._store.reading() as view:
            identity = view.identity
            parent = view.place(identity.parent) if identity.parent is not None else None
            head = chain_head(view, identity.node_id)
            snapshot = self._catalog.snapshot()
            return {
                "node": {
                    "code": identity.code, "name": identity.name, "tier": identity.tier,
                    "parent": parent.code if parent is not None else None,
                    "node_id": identity.node_id.hex(), "epoch": identity.epoch, "generation": identity.generation.hex(),
                    "test_clock": identity.test_clock, "revoked": standing.is_revoked(view), "cut_off": standing.is_cut_off(view),
                    "key": "superseded" if key_superseded(view) else "ok",
                },
                "as_of": iso(view.now()),
                "links": self._links(view),
                "journal": {
                    "entries": last_arrival(view), "head": head.hash.hex(), "epoch": head.epoch, "seq": head.seq,
                    "authors": statistics.authors(view.connection),
                },
                "catalog": {"items": len(snapshot.items), "revision": snapshot.revision},
                "calendar": {"revision": snapshot.calendar.revision, "known_until": self._known_until()},
                "cases": rollups.by_status(view.connection, identity.node_id),
                "held": statistics.held(view.connection, identity.node_id),
                "objects": self._object_counts(view),
                "wanted": sum(statistics.wanted_by_peer(view.connection).values()),
                "findings": [
                    {
                        "at": iso(one.at_ms), "author": one.author.hex() if one.author else None, "node": _code_of(view, one.author or b""),
                        "kind": one.kind, "detail": one.detail or one.case_no,
                    }
                    for one in findings.latest(view.connection, 20)
                ],
            }  # fmt: skip

    def pulse(self) -> Pulse:
        """What a page asks every few seconds: the last arrival, and the line to the parent (None at the root).

        Its `state` is that of the link, or `cut_off` when a node above was revoked."""
        with self._store.reading() as view:
            up = next((peer for peer in view.links.all() if peer.direction == "up"), None)
            line: PulseLine | None = None
            if up is not None:
                wanted = statistics.wanted_by_peer(view.connection)
                link = self._link(view, up, self._under_way(view), wanted)
                above = view.place(view.node_of(up.id))
                cut_off = link["state"] != "revoked" and standing.is_cut_off(view)
                line = {
                    "peer": link["peer"], "state": "cut_off" if cut_off else link["state"], "last_contact": link["last_contact"],
                    "waiting": link["waiting"], "last_error": link["last_error"], "tier": above.tier if above is not None else "",
                }  # fmt: skip
            return {
                "head": last_arrival(view),
                "line": line,
                "back": _came_back(view),
                "orders": len(orders.waiting(view, WAITING)) + prompts.waiting(view),
                "appeals": appeals.waiting(view),
                "cards": len(appeals.still_open(view, self._catalog.calendar())),
            }

    def health(self) -> Health:
        """Whether the node can read its store; the writer is asked too, so a stuck disk shows."""
        self._store.run(lambda tx: None)
        with self._store.reading() as view:
            return {"ok": True, "node": view.identity.code, "time": iso(view.now()), "software": SOFTWARE}

    def metrics(self) -> bytes:
        """Prometheus text."""
        return generate_latest(self._registry)

    def _known_until(self) -> str | None:
        year = self._catalog.calendar().last_year
        return f"{year}-12-31" if year else None

    # links ---------------------------------------------------------------------------------------------------------

    def _links(self, view: View) -> list[LinkStatus]:
        under_way = self._under_way(view)
        wanted = statistics.wanted_by_peer(view.connection)
        return [self._link(view, peer, under_way, wanted) for peer in view.links.all()]

    def _link(self, view: View, peer: PeerRow, under_way: Counter[bytes], wanted: dict[int, int]) -> LinkStatus:
        node_id = view.node_of(peer.id)
        revoked = view.trust.is_revoked(node_id) if peer.direction == "down" else standing.is_revoked(view)
        unsent = view.links.unsent(peer)
        objects, cases = wanted.get(peer.id, 0), under_way[node_id]
        waiting = 0 if revoked and peer.direction == "down" else unsent + objects + cases
        return {
            "peer": peer.code, "direction": peer.direction, "state": "revoked" if revoked else peer.state,
            "last_contact": iso(_last_contact(view, peer)), "waiting": waiting,
            "last_error": peer.last_error or None, "reason": reason_of(peer.last_error), "error_at": iso(peer.error_at) if peer.last_error else None,
            "entries": unsent, "objects": objects, "cases": cases, "confirmed": peer.confirmed, "clock_skew_ms": peer.clock_skew,
        }  # fmt: skip

    def _under_way(self, view: View) -> Counter[bytes]:
        """Neighbour -> offers not taken and requests not answered that concern it."""
        me = view.identity.node_id
        count: Counter[bytes] = Counter(statistics.open_offers(view.connection, me))
        for custodian, offered_to in statistics.pending_requests(view.connection, me):
            step = view.step_towards(custodian or offered_to or me)
            if step is not None:
                count[step] += 1
        return count

    def _object_counts(self, view: View) -> dict[str, int]:
        key = (last_arrival(view), statistics.object_count(view.connection))
        if self._objects[0] != key:
            self._objects = (key, statistics.objects_by_kind(view.connection))
        return dict(self._objects[1])


class _Metrics(Collector):
    """Turns the status document into gauges."""

    def __init__(self, service: StatusService) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        status = self._service.status()
        code = status["node"]["code"]
        yield _gauge("tongban_journal_entries", "Entries stored", code, status["journal"]["entries"])
        yield _gauge("tongban_catalog_items", "Items in force", code, status["catalog"]["items"])
        yield _gauge("tongban_catalog_revision", "Highest catalog revision in force", code, status["catalog"]["revision"])
        yield _gauge("tongban_cases_held", "Cases whose custodian this node is", code, status["held"])
        yield _gauge("tongban_objects_wanted", "Objects still to be fetched", code, status["wanted"])
        yield _gauge("tongban_findings", "Recent findings of the audit", code, len(status["findings"]))
        yield _labelled("tongban_cases", "Cases known here", "status", code, status["cases"])
        yield _labelled("tongban_objects", "Objects stored here", "kind", code, status["objects"])
        yield from self._links(code, status["links"])

    def _links(self, code: str, links: list[LinkStatus]) -> Iterator[Metric]:
        names = ["node", "peer", "direction"]
        waiting = GaugeMetricFamily("tongban_link_waiting", "What still has to cross a link", labels=names)
        online = GaugeMetricFamily("tongban_link_online", "1 while a link is online", labels=names)
        for link in links:
            labels = [code, link["peer"], link["direction"]]
            waiting.add_metric(labels, link["waiting"])
            online.add_metric(labels, int(link["state"] == "online"))
        yield waiting
        yield online


def _gauge(name: str, about: str, code: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, about, labels=["node"])
    family.add_metric([code], value)
    return family


def _labelled(name: str, about: str, label: str, code: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=["node", label])
    for key, value in values.items():
        family.add_metric([code, key], value)
    return family


def _code_of(view: View, node_id: bytes) -> str:
    """The division code of a node, "" when it is not known here."""
    place = view.place(node_id) if node_id else None
    return place.code if place is not None else ""


def _last_contact(view: View, peer: PeerRow) -> int:
    """When a neighbour was last heard: its line came up or ended, or it said something."""
    said = hearings.statement_of(view.connection, peer.id)
    return max(peer.last_contact, said.after_ms if said is not None else 0)


def _came_back(view: View) -> int:
    """What an agent is told on every page; halls have a tab for it."""
    if view.identity.tier != TIERS[0]:
        return 0
    return view.desk.count(CAME_BACK) + view.drafts.count_from_here(("awaiting_correction",))
