"""The network as one node can honestly tell it: itself, its neighbours, and what has come from deeper nodes.

Of a direct neighbour we know the line: whether it is up, since when not, what waits, what went wrong. Of a deeper node we know what it
wrote, and what its parent tells of its line, its revisions and its software (`talks`). How far that reaches, and from when on a node is
silent, says `freshness`. Cases count at the node that has to answer for them (`oversight`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from federation.ports import Below
from node.domain.cases.access import Function, require
from node.domain.cases.acts import FEATURES
from node.domain.model import Actor
from node.domain.software import SOFTWARE
from node.domain.supervision.network_documents import Branch, NetworkTree, NodeRow, ThisNode
from node.domain.upkeep.documents import LinkStatus
from node.services.supervision.looked import on_the_day
from node.services.supervision.oversight import per_node
from node.services.supervision.query import node_list
from node.services.supervision.units import replaced
from node.services.times import iso
from node.services.tree.freshness import Freshness, freshness, subtree
from node.services.tree.link_reasons import reason_of
from node.services.upkeep.orphans import orphans
from node.services.upkeep.status import StatusService
from node.store import enrolments, hearings, running, statistics
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
    links: Mapping[bytes, LinkStatus]
    software: Mapping[bytes, str]
    features: Mapping[bytes, frozenset[str]]
    names: Mapping[bytes, str]
    told: Mapping[bytes, Below]
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

    def tree(self, actor: Actor, at: str = "", q: str = "", show: str = "") -> NetworkTree:
        """The subtree from node `at` (a code; this node when empty). With `q` (code or name) or `show` (of SHOWS) a flat list instead.

        A tree of more than 300 nodes ends below the second level; each node says how many lie below it. Of an unknown code the whole is
        shown. Errors: `forbidden`."""
        require(Function.NETWORK, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            known = self._read(view)
            me = view.identity.node_id
            order = subtree(view)
            start = next((n for n in order if at and (p := view.place(n)) is not None and p.code == at), me)
            rows = {node: self._row(known, node) for node in order}
            below = [row for node, row in rows.items() if node != me]
            answer = NetworkTree(
                self._self(known), self._up(known), rows[start] if start != me else None, len(below), _count(below),
                iso(known.fresh.until()), _attention(known, below),
            )  # fmt: skip
            if q or show:
                inside = set(_inside(known, start))
                found = [rows[node] for node in order if node in inside and _wanted(rows[node], q, show)]
                return replace(answer, found=tuple(found[:FOUND]), more=max(0, len(found) - FOUND))
            lost = () if at else tuple(orphans(self._store, self._catalog, view))
            levels = None if _size(known, start) <= WHOLE else 1
            return replace(
                answer, orphans=lost, tree=tuple(_nest(known, rows, child, levels) for child in known.below.get(start, ()))
            )

    def branches(self, actor: Actor) -> list[Branch]:
        """How fresh this node's counts are, by branch: itself and each direct child. Errors: `forbidden`."""
        require(Function.STATS, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            known = self._read(view)
            me = self._self(known)
            children = [self._branch(known, node) for node in known.below.get(view.identity.node_id, ())]
            return [Branch(me.code, me.name, iso(known.now), None, 1, 0), *children]

    def _branch(self, known: _Known, node: bytes) -> Branch:
        """A direct child with all below it: known only as far as the oldest of them, unknown since the first fell silent."""
        code, name = self._called(known, node)
        inside = [node, *_inside(known, node)]
        silent = [known.fresh.since[one] for one in inside if one in known.fresh.since and one not in known.fresh.revoked]
        since = iso(min(silent)) if silent else None
        return Branch(code, name, iso(known.fresh.oldest(inside)), since, len(inside), len(silent))

    def names(self, actor: Actor, by: str) -> dict[str, str]:
        """Code -> name of items (`by` item) or of every node known here, above as well (`by` node). Errors: `forbidden`."""
        require(Function.STATS, self._store.place.tier, actor.role)
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
        peers, fresh = view.links.all(), freshness(view, self._catalog.calendar())
        found = {link["peer"]: link for link in self._status.status()["links"]}
        return _Known(
            view, statistics.heard(view.connection), {view.node_of(p.id): found[p.code] for p in peers if p.code in found},
            statistics.software(view.connection), running.features(view), enrolments.names(view.connection), hearings.below(view.connection),
            per_node(view, on_the_day(view, self._catalog.calendar(), fresh), SHOWN), fresh, below,
            statistics.catalog_waits(view.connection), view.now(),
        )  # fmt: skip

    def _self(self, known: _Known) -> ThisNode:
        identity = known.view.identity
        entries = known.heard[identity.node_id].seq if identity.node_id in known.heard else 0
        return ThisNode(identity.code, identity.name, identity.tier, SOFTWARE, self._catalog.revision(), entries)

    def _up(self, known: _Known) -> NodeRow | None:
        parent = known.view.identity.parent
        return self._row(known, parent) if parent is not None else None

    def _called(self, known: _Known, node_id: bytes) -> tuple[str, str]:
        """The code of a node and its name; "" where nobody told."""
        place = known.view.place(node_id)
        code = place.code if place is not None else node_id.hex()
        return code, known.names.get(node_id) or self._division(code)

    def _row(self, known: _Known, node_id: bytes) -> NodeRow:
        view, link, heard, place = known.view, known.links.get(node_id), known.heard.get(node_id), known.view.place(node_id)
        code, name = self._called(known, node_id)
        revoked = view.trust.is_revoked(node_id)
        work = dict.fromkeys(SHOWN, 0) if replaced(view, node_id) else {one: known.work[one].get(code, 0) for one in SHOWN}
        told = known.told.get(node_id, Below(node_id, ""))
        line = told.line or ("heard" if heard is not None else "never")
        state = "revoked" if revoked else link["state"] if link is not None else line
        error = link["last_error"] if link is not None else None
        silent = node_id in known.fresh.since and not revoked
        return NodeRow(
            node_id=node_id.hex(), code=code, tier=place.tier if place is not None else "", name=name, direct=link is not None, state=state,
            since=(link["last_contact"] if link is not None else iso(told.since_ms)) if state == "offline" else None,
            last_contact=link["last_contact"] if link is not None else None,
            last_entry=iso(heard.received_at) if heard is not None else None,
            waiting=link["waiting"] if link is not None else None, software=told.software or known.software.get(node_id, ""),
            calendar=told.calendar or None, rules=told.rules or None, features=tuple(sorted(known.features.get(node_id, ()))),
            lacks=_lacks(known, node_id),
            revision=self._revision(known, node_id, state), catalog_waits=node_id in known.waits, reason=reason_of(error), error=error,
            error_at=link["error_at"] if link is not None else None,
            unknown_since=iso(known.fresh.since[node_id]) if silent else None, silent=silent,
            open=work["open"], overdue=work["overdue"], findings=work["findings"],
            lists={one: node_list(one, code) for one in SHOWN},
        )  # fmt: skip

    def _revision(self, known: _Known, node_id: bytes, state: str) -> int | None:
        """The catalog revision a node holds: what it said, what it acknowledged (our children), what its last entry went by."""
        heard = known.heard.get(node_id)
        cited = heard.catalog if heard is not None else 0
        acknowledged = 0
        if node_id in known.links and node_id != known.view.identity.parent and state != "never" and node_id not in known.waits:
            acknowledged = self._catalog.revision()
        told = known.told.get(node_id)
        return max(cited, acknowledged, told.catalog if told is not None else 0) or None

    def _division(self, code: str) -> str:
        division = self._catalog.divisions().get(code)
        return division.name if division is not None else ""


def _lacks(known: _Known, node: bytes) -> tuple[str, ...]:
    """What this program knows and that of the node does not; nothing of one that never said."""
    said = known.features.get(node)
    return tuple(one for one in FEATURES if one not in said) if said is not None else ()


def _nest(known: _Known, rows: Mapping[bytes, NodeRow], node: bytes, levels: int | None) -> NodeRow:
    """A node with the nodes below it; `levels` more of them, None for all."""
    children = known.below.get(node, [])
    shown = () if levels == 0 else tuple(_nest(known, rows, one, None if levels is None else levels - 1) for one in children)
    inside = [rows[one] for one in _inside(known, node)]
    return replace(rows[node], children=shown, size=len(inside), states=_count(inside), cut=bool(children) and not shown)


def _inside(known: _Known, node: bytes) -> list[bytes]:
    """All below a node."""
    found = list(known.below.get(node, ()))
    for one in found:
        found.extend(known.below.get(one, ()))
    return found


def _size(known: _Known, node: bytes) -> int:
    return len(_inside(known, node))


def _count(rows: Iterable[NodeRow]) -> dict[str, int]:
    """How many nodes are in each state."""
    return dict(Counter(row.shown for row in rows))


def _attention(known: _Known, rows: Sequence[NodeRow]) -> dict[str, int]:
    """What asks for somebody: overdue cases (everywhere, also here and above), and nodes that are silent, revoked or flawed."""
    return {
        "overdue": sum(known.work["overdue"].values()), "silent": sum(row.silent for row in rows),
        "revoked": sum(_fits(row, "revoked") for row in rows), "findings": sum(known.work["findings"].values()),
    }  # fmt: skip


def _wanted(row: NodeRow, q: str, show: str) -> bool:
    words = f"{row.code} {row.name}".lower()
    return all(part in words for part in q.lower().split()) and (show not in SHOWS or _fits(row, show))


def _fits(row: NodeRow, show: str) -> bool:
    """Whether a node belongs to what is shown."""
    marks = {"overdue": bool(row.overdue), "silent": row.silent, "findings": bool(row.findings)}
    if show == "attention":
        return any(marks.values()) or row.shown in ("revoked", "offline", "never") or bool(row.error)
    return marks.get(show, row.shown == show)
