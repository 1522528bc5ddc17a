"""What catalog editing and catalog files share: who may, what an item stands on, keeping a pending change."""

from __future__ import annotations

import json
from dataclasses import dataclass

from node.domain.cases.access import Function, require
from node.domain.catalog import diff
from node.domain.catalog.documents import EditKept
from node.domain.catalog.importing import ADDS
from node.domain.catalog.item import Item
from node.domain.model import Actor
from node.store import editor as sql
from node.store.catalog import newest_above, newest_of
from node.store.editor import EditRow
from node.store.store import Store, Tx, View


@dataclass(frozen=True, slots=True)
class Ground:
    """What an item stands on here: our own newest version, the newest from above, and the hash an edit is made from."""

    own: Item | None
    above: Item | None
    base: Item | None
    digest: bytes


class Grounds:
    """The newest versions of our layer and of those above, in one view."""

    def __init__(self, view: View | Tx) -> None:
        self.own = newest_of(view, view.identity.node_id)
        self.above = newest_above(view)

    def of(self, item_id: str) -> Ground:
        own, above = self.own.get(item_id), self.above.get(item_id)
        base = own or above
        return Ground(own[0] if own else None, above[0] if above else None, base[0] if base else None, base[1] if base else b"")


def require_editor(store: Store, actor: Actor) -> None:
    """Raises forbidden unless the actor edits the catalog at this node."""
    require(Function.EDIT_CATALOG, store.place.tier, actor.role)


def may_add(tier: str, *, root: bool) -> bool:
    return root or tier in ADDS


def read_edit(edit: EditRow) -> Item:
    return Item.from_document(json.loads(edit.document))


def keep(tx: Tx, ground: Ground, item: Item, actor: Actor, base: bytes) -> EditKept:
    """Store the change made from version `base`, or drop it when it changes nothing."""
    if ground.base is not None and base == ground.digest and diff.same_content(item, ground.base):
        sql.drop_edits(tx.connection, [item.item_id])
        return {"state": "unchanged", "item_id": item.item_id}
    n = int(tx.meta.get("edit_n") or b"0") + 1
    tx.meta.set("edit_n", str(n).encode())
    row = EditRow(item.item_id, base, diff.edit_document(item), n, actor.staff_id, actor.name, tx.now())
    sql.put_edit(tx.connection, row)
    return {"state": "saved", "item_id": item.item_id, "n": n}
