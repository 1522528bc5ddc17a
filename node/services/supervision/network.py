"""The network as one node can honestly tell it: itself, its neighbours, and what has come from deeper nodes.

Of a direct neighbour we know the line: whether it is up, since when not, what waits, what went wrong. Of a deeper node we only know
what it wrote: its last entry, when that came, and the revisions it went by then. How far that reaches, and from when on a node is
silent, says `freshness`. Cases count at the node that has to answer for them (`oversight`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from node.domain.calendar import day_of
from node.services.supervision.oversight import per_node, replaced
from node.services.supervision.query import node_list
from node.services.times import iso
from node.services.tree.freshness import Freshness, freshness, subtree
from node.services.tree.link_reasons import reason_of
from node.services.upkeep.status import SOFTWARE, StatusService
from node.store import enrolments, statistics
from node.store.statistics import Heard
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.catalog.catalog import CatalogService

WHOLE = 300  # nodes that are shown as a whole tree; a larger one is opened branch by branch
SHOWN = ("open", "overdue", "findings")  # figures of a node
FOUND = 200  # rows of a search
SHOWS = ("attention", "overdue", "silent", "online", "offline", "never", "revoked", "heard", "unknown", "findings")


@dataclass(slots=True)
class _Known:
    """Everything read of the network at one moment."""

    view: View
    heard: Mapping[bytes, Heard]
    links: Mapping[bytes, Mapping[str, Any]]
    software: Mapping[bytes, str]
    names: Mapping[bytes, str]
    work: Mapping[str, Mapping[str, int]]
    fresh: Freshness
    below: dict[bytes, list[bytes]]
    waits: set[bytes]
    now: int


class NetworkView:
    """Reads of one node."""

    def __init__(self, store: Store, catalog: CatalogService, status: StatusService) -> None:
        self._store = store
        self._catalog = catalog
        self._status = status

    def tree(self, at: str = "", q: str = "", show: str = "") -> dict[str, Any]:
        """The subtree from node `at` (a code; this node when empty). With `q` (code or name) or `show` (of SHOWS) a flat list instead.

        A tree of more than 300 nodes ends below the second level; each node says how many lie below it. Raises nothing for an unknown
        code: the whole is shown."""
        with self._store.reading() as view:
            known = self._read(view)
            me = view.identity.node_id
            order = subtree(view)
            start = next((n for n in order if at and (p := view.place(n)) is not None and p.code == at), me)
            rows = {node: self._row(known, node) for node in order}
            answer = {
                "self": self._self(known), "up": self._up(known), "at": rows[start] if start != me else None, "total": len(order) - 1,
                "states": _count(row for node, row in rows.items() if node != me), "as_of": iso(known.fresh.until()), "q": q, "show": show,
                "attention": _attention(known, [row for node, row in rows.items() if node != me]),
            }  # fmt: skip
            if q or show:
                inside = set(_inside(known, start))
                found = [rows[node] for node in order if node in inside and _wanted(rows[node], q, show)]
                return {**answer, "tree": [], "found": found[:FOUND], "more": max(0, len(found) - FOUND)}
            whole = _size(known, start) <= WHOLE
            tree = [_nest(known, rows, child, None if whole else 1) for child in known.below.get(start, ())]
            return {**answer, "tree": tree, "found": None, "more": 0}

    def branches(self) -> list[dict[str, Any]]:
        """How fresh this node's counts are, by branch: itself and each direct child."""
        with self._store.reading() as view:
            known = self._read(view)
            rows = [self._row(known, node) for node in known.below.get(view.identity.node_id, ())]
            mine = {**self._self(known), "as_of": iso(known.now), "unknown_since": None, "nodes": 1, "silent": 0}
            return [mine, *(self._branch(known, row) for row in rows)]

    def _branch(self, known: _Known, row: Mapping[str, Any]) -> dict[str, Any]:
        """A direct child with all below it: known only as far as the oldest of them, unknown since the first fell silent."""
        node = bytes.fromhex(row["node_id"])
        inside = [node, *_inside(known, node)]
        silent = [known.fresh.since[one] for one in inside if one in known.fresh.since and one not in known.fresh.revoked]
        since = iso(min(silent)) if silent else None
        return {
            **row,
            "as_of": iso(known.fresh.oldest(inside)),
            "unknown_since": since,
            "nodes": len(inside),
            "silent": len(silent),
        }

    def names(self, by: str) -> dict[str, str]:
        """Code -> name of items (`by` item) or of every node known here, above as well (`by` node)."""
        if by == "item":
            snapshot = self._catalog.snapshot()
            return {item_id: item.name for items in (snapshot.withdrawn, snapshot.items) for item_id, item in items.items()}
        with self._store.reading() as view:
            known = enrolments.names(view.connection)
            nodes = (*(one.node_id for one in view.trust.nodes()), *subtree(view))
            places = [(node, place) for node in nodes if (place := view.place(node)) is not None]
            found = {place.code: known.get(node) or self._division(place.code) for node, place in places}
            return {**found, view.identity.code: view.identity.name}

    # reading -------------------------------------------------------------------------------------------------------

    def _read(self, view: View) -> _Known:
        below: dict[bytes, list[bytes]] = {}
        for node in view.trust.nodes():
            if node.parent is not None:
                below.setdefault(node.parent, []).append(node.node_id)
        for children in below.values():
            children.sort(key=lambda child: place.code if (place := view.place(child)) is not None else "")
        peers = view.links.all()
        found = {link["peer"]: link for link in self._status.status()["links"]}
        return _Known(
            view, statistics.heard(view.connection), {view.node_of(p.id): found[p.code] for p in peers if p.code in found},
            statistics.software(view.connection), enrolments.names(view.connection),
            per_node(view, day_of(view.now()), SHOWN), freshness(view, self._catalog.calendar()), below,
            statistics.catalog_waits(view.connection), view.now(),
        )  # fmt: skip

    def _self(self, known: _Known) -> dict[str, Any]:
        identity = known.view.identity
        return {
            "code": identity.code, "name": identity.name, "tier": identity.tier, "software": SOFTWARE,
            "revision": self._catalog.revision(), "entries": known.heard[identity.node_id].seq if identity.node_id in known.heard else 0,
        }  # fmt: skip

    def _up(self, known: _Known) -> dict[str, Any] | None:
        parent = known.view.identity.parent
        return self._row(known, parent) if parent is not None else None

    def _row(self, known: _Known, node_id: bytes) -> dict[str, Any]:
        view, link, heard = known.view, known.links.get(node_id), known.heard.get(node_id)
        place = view.place(node_id)
        code = place.code if place is not None else node_id.hex()
        revoked, old = view.trust.is_revoked(node_id), replaced(view, node_id)
        last = iso(heard.received_at) if heard is not None else None
        state = "revoked" if revoked else str(link["state"]) if link is not None else "heard" if heard is not None else "never"
        error = link["last_error"] if link is not None else None
        return {
            "node_id": node_id.hex(), "code": code, "tier": place.tier if place is not None else "",
            "name": known.names.get(node_id) or self._division(code), "direct": link is not None, "state": state,
            "since": link["last_contact"] if link is not None and state == "offline" else None,
            "last_contact": link["last_contact"] if link is not None else None, "last_entry": last,
            "waiting": link["waiting"] if link is not None else None, "software": known.software.get(node_id, ""),
            "revision": self._revision(known, node_id, state), "catalog_waits": node_id in known.waits, "reason": reason_of(error), "error": error,
            "error_at": link["error_at"] if link is not None else None,
            "unknown_since": iso(known.fresh.since[node_id]) if node_id in known.fresh.since and not revoked else None,
            "silent": node_id in known.fresh.since and not revoked,
            **{name: 0 if old else known.work[name].get(code, 0) for name in SHOWN},
            "lists": {name: node_list(name, code) for name in SHOWN},
        }  # fmt: skip

    def _revision(self, known: _Known, node_id: bytes, state: str) -> int | None:
        """The catalog revision a node holds: what it acknowledged (our children), else what its last entry went by."""
        heard = known.heard.get(node_id)
        cited = heard.catalog if heard is not None else 0
        acknowledged = 0
        if node_id in known.links and node_id != known.view.identity.parent and state != "never" and node_id not in known.waits:
            acknowledged = self._catalog.revision()
        return max(cited, acknowledged) or None

    def _division(self, code: str) -> str:
        division = self._catalog.divisions().get(code)
        return division.name if division is not None else ""


def _nest(known: _Known, rows: Mapping[bytes, Mapping[str, Any]], node: bytes, levels: int | None) -> dict[str, Any]:
    """A node with the nodes below it; `levels` more of them, None for all."""
    children = known.below.get(node, [])
    shown = [] if levels == 0 else [_nest(known, rows, child, None if levels is None else levels - 1) for child in children]
    inside = [rows[one] for one in _inside(known, node)]
    return {**rows[node], "children": shown, "size": len(inside), "states": _count(inside), "cut": bool(children) and not shown}


def _inside(known: _Known, node: bytes) -> list[bytes]:
    """All below a node."""
    found = list(known.below.get(node, ()))
    for one in found:
        found.extend(known.below.get(one, ()))
    return found


def _size(known: _Known, node: bytes) -> int:
    return len(_inside(known, node))


def _state(row: Mapping[str, Any]) -> str:
    """The state that is shown: a node of which we only have records is `unknown` once it is silent."""
    return "unknown" if row["silent"] and row["state"] == "heard" else str(row["state"])


def _count(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many nodes are in each state."""
    return dict(Counter(_state(row) for row in rows))


def _attention(known: _Known, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What asks for somebody: overdue cases (everywhere, also here and above), and nodes that are silent, revoked or flawed."""
    return {
        "overdue": sum(known.work["overdue"].values()), "silent": sum(_fits(row, "silent") for row in rows),
        "revoked": sum(_fits(row, "revoked") for row in rows), "findings": sum(known.work["findings"].values()),
    }  # fmt: skip


def _wanted(row: Mapping[str, Any], q: str, show: str) -> bool:
    words = f"{row['code']} {row['name']}".lower()
    return all(part in words for part in q.lower().split()) and (show not in SHOWS or _fits(row, show))


def _fits(row: Mapping[str, Any], show: str) -> bool:
    """Whether a node belongs to what is shown."""
    if show in ("overdue", "silent", "findings"):
        return bool(row[show])
    if show == "attention":
        return any(_fits(row, one) for one in ("overdue", "silent", "revoked", "findings", "offline", "never")) or bool(
            row["error"]
        )
    return _state(row) == show
