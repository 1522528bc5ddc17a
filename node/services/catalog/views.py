"""Reading the catalog as its editors see it: the list with layers and pending changes, versions of an item, what was published.

Everything comes from the stored layers and the journal; nothing about persons who filed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from federation.protocol.envelope import decode_header
from node.domain.calendar import day_of
from node.domain.catalog import diff
from node.domain.catalog.documents import (
    CatalogListing,
    ItemVersions,
    ListedItem,
    PublicationDocument,
    PublicationRow,
    PublishedItem,
    Touched,
    TouchedRow,
    VersionRow,
)
from node.domain.catalog.documents import PublicationPage as History
from node.domain.catalog.edit import form_of
from node.domain.catalog.importing import OVERLAYS
from node.domain.catalog.item import Item
from node.domain.model import SYSTEM, TIERS, Actor
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import CatalogService
from node.services.catalog.editing import may_add, read_edit, require_editor
from node.services.times import iso
from node.store import editor as sql
from node.store import enrolments, staff
from node.store.catalog import chain_of
from node.store.store import Store, View

PAGE = 50
CATALOG = "catalog"


class CatalogViews:
    """Reads of one node."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        self._store = store
        self._catalog = catalog

    # the list ------------------------------------------------------------------------------------------------------

    def listing(self, actor: Actor, q: str = "", level: str = "", show: str = "", page: int = 1) -> CatalogListing:
        """A page of 50. `level`: who decides; `show`: "" all, pending, own, scheduled or withdrawn."""
        require_editor(self._store, actor)
        snapshot = self._catalog.snapshot()
        with self._store.reading() as view:
            pending, stored = sql.edit_marks(view.connection), _Stored(view)
            known: dict[str, Item] = {**snapshot.items, **snapshot.withdrawn}
            fresh = {
                e.item_id: read_edit(e) for e in sql.edits(view.connection) if e.item_id in pending and e.item_id not in known
            }
            for item_id in stored.newest.keys() - known.keys():  # published, not yet in force
                known[item_id] = stored.item(item_id)
            rows = []
            for item_id, item in sorted({**fresh, **known}.items()):
                row = self._row(item, stored, pending, item_id in snapshot.hashes, snapshot.hashes.get(item_id, b""))
                if _fits(row, item, q, level, show):
                    rows.append(row)
            pages = max(1, -(-len(rows) // PAGE))
            page = min(max(page, 1), pages)
            identity = view.identity
            root = identity.parent is None
            return {
                "rows": rows[(page - 1) * PAGE : page * PAGE], "total": len(rows), "page": page, "pages": pages,
                "pending": len(pending), "revision": snapshot.revision, "as_of": iso(view.now()), "tier": identity.tier,
                "may_add": may_add(identity.tier, root=root), "may_edit": root or identity.tier in OVERLAYS,
            }  # fmt: skip

    def _row(
        self, item: Item, stored: _Stored, pending: Mapping[str, tuple[int, bool]], in_force: bool, digest: bytes
    ) -> ListedItem:
        newest = stored.newest.get(item.item_id)
        later = stored.item(item.item_id) if newest is not None and in_force and newest != digest else None
        mark = pending.get(item.item_id)
        layer = stored.layer_of.get(digest or newest or b"")
        return {
            "item_id": item.item_id, "name": item.name, "department": item.department, "code": item.item_code_real or item.item_code_basic,
            "approval_level": item.approval_level, "accept_levels": list(item.accept_levels), "case_type": item.case_type,
            "promised_limit": item.promised_limit, "version": item.version, "layer": stored.tier(layer), "own": layer == stored.me,
            "effective_from": _text(item.effective_from), "in_force": in_force, "withdrawn": item.withdrawn,
            "later": {"version": later.version, "from": _text(later.effective_from)} if later is not None else None,
            "pending": "" if mark is None else "new" if mark[1] else "changed",
        }  # fmt: skip

    # one item ------------------------------------------------------------------------------------------------------

    def item(self, item_id: str, actor: Actor) -> ItemVersions:
        """An item with its versions in every layer; raises not_found."""
        require_editor(self._store, actor)
        with self._store.reading() as view:
            chain, today = chain_of(view), day_of(view.now())
            rows = [row for row in sql.layers_of(view.connection, item_id) if row[0] in chain]
            edit = sql.edit_of(view.connection, item_id)
            if not rows and edit is None:
                raise TongbanError("not_found", what=item_id[:64])
            rows.sort(key=lambda row: (-chain.index(row[0]), -row[1]))
            digest = self._catalog.snapshot().hashes.get(item_id, b"")
            read = [(layer, Item.from_document(json.loads(text)), hash, revision) for layer, _, hash, text, revision in rows]
            shown = next((one for _, one, hash, _ in read if hash == digest), read[0][1] if read else None)
            if shown is None and edit is not None:
                shown = read_edit(edit)
            assert shown is not None
            above = any(layer != view.identity.node_id for layer, _, _, _ in read)
            root = view.identity.parent is None
            return {
                "item": form_of(shown), "in_force": bool(digest), "versions": _versions(view, read, digest, today),
                "pending": {"by": edit.staff_name, "at": iso(edit.at_ms), "n": edit.n} if edit is not None else None,
                "cases": self.touched(view, sql.touched(view.connection, [item_id])), "as_of": iso(view.now()),
                "may_edit": root or view.identity.tier in OVERLAYS, "may_withdraw": not above, "overlay": above,
            }  # fmt: skip

    def touched(self, view: View, rows: Sequence[tuple[str, str, bytes, bool, int]]) -> Touched:
        """Open cases of some items by item, status and node: {total, accepted, waiting, rows}."""
        names = {p.code: n for node_id, n in enrolments.names(view.connection).items() if (p := view.place(node_id)) is not None}
        names[view.identity.code] = view.identity.name
        divisions = self._catalog.divisions()
        found: list[TouchedRow] = []
        for item_id, status, node, accepted, count in rows:
            place = view.place(node)
            code = place.code if place is not None else ""
            division = divisions.get(code)
            name = names.get(code) or (division.name if division is not None else "")
            found.append({
                "item_id": item_id, "status": status, "node": code, "node_name": name, "accepted": accepted, "count": count,
            })  # fmt: skip
        sums: Counter[bool] = Counter()
        for row in rows:
            sums[row[3]] += row[4]
        return {"total": sum(sums.values()), "accepted": sums[True], "waiting": sums[False], "rows": found}

    # what was published --------------------------------------------------------------------------------------------

    def history(self, actor: Actor, page: int = 1) -> History:
        """Publications of the catalog, of this layer and of those above, newest first."""
        require_editor(self._store, actor)
        page = max(1, min(page, 10_000))
        with self._store.reading() as view:
            rows = sql.history(view.connection, chain_of(view), (page - 1) * PAGE, PAGE + 1)
            names = staff.names(view.connection)
            found: list[PublicationRow] = []
            for layer, revision, received_at, state, header, count in rows[:PAGE]:
                fields = decode_header(header)
                place, own = view.place(layer), layer == view.identity.node_id
                found.append({
                    "layer": place.code if place else "", "tier": place.tier if place else "", "own": own, "revision": revision,
                    "state": state, "items": count, "at": iso(fields.recorded_at), "received_at": None if own else iso(received_at),
                    "by": (names.get(fields.staff_id) or ("system" if fields.staff_id == SYSTEM.staff_id else "")) if own else "",
                })  # fmt: skip
            return {"rows": found, "page": page, "more": len(rows) > PAGE}

    def publication(self, layer: str, revision: int, actor: Actor) -> PublicationDocument:
        """What one revision changed; `layer` is a division code of this node or of one above."""
        require_editor(self._store, actor)
        with self._store.reading() as view:
            place = next((p for node in chain_of(view) if (p := view.place(node)) is not None and p.code == layer), None)
            rows = sql.of_revision(view.connection, place.node_id, revision) if place is not None else []
            if place is None or not rows:
                raise TongbanError("not_found", what=f"{layer[:20]} {revision}")
            items: list[PublishedItem] = []
            for item_id, version, _, text, before, _ in rows:
                new = Item.from_document(json.loads(text))
                old = Item.from_document(json.loads(before)) if before is not None else None
                items.append({
                    "item_id": item_id, "name": new.name, "from_version": old.version if old is not None else 0, "to_version": version,
                    "kind": _kind(old, new), "effective": _text(new.effective_from),
                    "differences": [c.as_document() for c in diff.difference(old, new)] if old is not None or len(rows) <= PAGE else [],
                })  # fmt: skip
            return {"layer": layer, "tier": place.tier, "revision": revision, "items": items}


class _Stored:
    """Which versions are stored, without reading them: 50,000 rows are a matter of moments."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.me = view.identity.node_id
        chain = {node: n for n, node in enumerate(chain_of(view))}
        best: dict[str, tuple[int, int, bytes]] = {}
        self.layer_of: dict[bytes, bytes] = {}
        for layer, item_id, version, digest, _ in sql.versions(view.connection):
            if layer not in chain:
                continue
            self.layer_of[digest] = layer
            best[item_id] = max(best.get(item_id, (-1, -1, b"")), (chain[layer], version, digest))
        self.newest = {item_id: digest for item_id, (_, _, digest) in best.items()}

    def item(self, item_id: str) -> Item:
        rows = sql.layers_of(self._view.connection, item_id)
        return next(Item.from_document(json.loads(text)) for _, _, digest, text, _ in rows if digest == self.newest[item_id])

    def tier(self, layer: bytes | None) -> str:
        place = self._view.place(layer) if layer is not None else None
        return place.tier if place is not None else ""


def _fits(row: ListedItem, item: Item, q: str, level: str, show: str) -> bool:
    words = f"{item.item_id} {item.name} {item.department} {item.item_code_basic} {item.item_code_real}".lower()
    if not all(part in words for part in q.lower().split()):
        return False
    if level in TIERS and item.approval_level != level:
        return False
    wanted = {
        "pending": row["pending"],
        "own": row["own"],
        "withdrawn": row["withdrawn"],
        "scheduled": row["later"] or not row["in_force"],
    }
    return bool(wanted.get(show, True))


def _versions(view: View, rows: Sequence[tuple[bytes, Item, bytes, int]], digest: bytes, today: dt.date) -> list[VersionRow]:
    """Newest first; `state` is in_force, scheduled, overlaid (a lower layer's version stands) or past."""
    found: list[VersionRow] = []
    for layer, item, hash, revision in rows:
        place = view.place(layer)
        newer = [o for o_layer, o, _, _ in rows if o_layer == layer and o.version > item.version]
        started = item.effective_from is None or item.effective_from <= today
        replaced = any(o.effective_from is None or o.effective_from <= today for o in newer)
        state = "in_force" if hash == digest else "past" if replaced else "overlaid" if started else "scheduled"
        old = next((o for o_layer, o, _, _ in rows if o_layer == layer and o.version < item.version), None)
        found.append({
            "layer": place.code if place else "", "tier": place.tier if place else "", "version": item.version, "revision": revision,
            "from": _text(item.effective_from), "state": state, "withdrawn": item.withdrawn,
            "differences": [c.as_document() for c in diff.difference(old, item)] if old is not None else [],
        })  # fmt: skip
    return found


def _kind(old: Item | None, new: Item) -> str:
    if old is None:
        return "new"
    if bool(old.withdrawn) != bool(new.withdrawn):
        return "withdrawn" if new.withdrawn else "restored"
    return "changed"


def _text(day: dt.date | None) -> str | None:
    return day.isoformat() if day is not None else None
