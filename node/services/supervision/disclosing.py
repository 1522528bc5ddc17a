"""Which items do not say what must be public, which fees rest on no document, and whose catalog is not in step (O01, F01, O02).

An item is charged to who published it first; what a lower layer adds is that subtree's own and is looked at there. That a unit's catalog
is behind, it says itself in its Status; one that was not heard past the third day is unknown and not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from node.domain.calendar import DAY_MS, end_of_day_ms
from node.domain.catalog.item import Item
from node.domain.supervision import disclosing as rules_of
from node.domain.words.flags import FLAGS, OF_NO_CASE
from node.services.cases.context import Rules
from node.services.tree.freshness import Knowledge
from node.store import catalog_tables, disclosed, hearings
from node.store.catalog import CATALOG, Snapshot, chain_of, effective
from node.store.disclosed import Disclosed, Published
from node.store.store import Store, View

EVERY_MS = 600_000  # between two looks at who is behind
Layers: TypeAlias = "Mapping[bytes, list[Published]]"  # from the root down to this node


class Disclosing:
    """The look of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules
        self._looked: tuple[Snapshot, int] | None = None
        self._items: list[Disclosed] = []  # of the catalog that was looked at last

    def tick(self) -> None:
        """Look again where the catalog changed or ten minutes have passed; write only what is not as it was."""
        snapshot, slot = self._rules.catalog.snapshot(), self._store.now() // EVERY_MS
        before = self._looked[0] if self._looked is not None else None
        if self._looked is not None and before is snapshot and self._looked[1] == slot:
            return
        with self._store.reading() as view:
            layers = {layer: disclosed.published(view.connection, layer, CATALOG) for layer in chain_of(view)}
            on = _in_use(snapshot)
            items = self._items if before is snapshot else list(_items(view, snapshot, layers, on))
            found = {*items, *(_behind(view, layers) if rules_of.BEHIND in on else ())}
            same = found == disclosed.everything(view.connection)
        if not same:
            self._store.run(lambda tx: disclosed.put(tx.connection, found))
        self._looked, self._items = (snapshot, slot), items


def _in_use(snapshot: Snapshot) -> set[str]:
    """The flags whose rule is switched on."""
    said = snapshot.supervisions.on(snapshot.day).rules
    return {flag for flag in OF_NO_CASE if said[FLAGS[flag].rule].in_use}


def _items(view: View, snapshot: Snapshot, layers: Layers, on: set[str]) -> Iterator[Disclosed]:
    """What the items in force here do not say. What an overlay leaves as it is, it may not change: the first layer that has the item answers."""
    found = {item_id: [one for one in rules_of.of_item(item) if one[0] in on] for item_id, item in snapshot.items.items()}
    tops: dict[str, tuple[bytes, bytes, Item]] = {}
    for layer in layers if any(found.values()) else ():
        for item_id, (item, digest) in effective(view, [layer], snapshot.day).items():
            tops.setdefault(item_id, (layer, digest, item))
    for item_id, flags in found.items():
        for flag, detail in flags:
            layer, digest, item = tops[item_id]
            by = _published(view, item_id, digest, layers[layer])
            day = end_of_day_ms(item.effective_from) - DAY_MS if item.effective_from is not None else 0
            yield Disclosed(digest, flag, layer, max(by.at_ms, day), item_id, detail, by.entry)


def _published(view: View, item_id: str, digest: bytes, revisions: list[Published]) -> Published:
    """By which revision a version came."""
    row = catalog_tables.item_by_hash(view.connection, item_id, digest)
    found = (one for one in revisions if row is not None and one.revision == row.revision)
    return next(found, Published(0, digest, digest, 0))


def _behind(view: View, layers: Layers) -> Iterator[Disclosed]:
    """The units below of which it is known that three days after a revision they still used an earlier one; of several that came first."""
    revisions = sorted((one for found in layers.values() for one in found), key=lambda one: one.at_ms)
    knowledge, me = Knowledge(view), view.identity.node_id
    for node, told in hearings.below(view.connection).items():
        lacks = next((one for one in revisions if 0 < told.catalog < one.revision), None)
        since = lacks.at_ms + rules_of.LATE_MS if lacks is not None else 0
        if lacks is None or since > view.now() or not view.trust.is_below(node, me) or view.trust.is_revoked(node):
            continue
        if knowledge.until(node) >= since:
            key = rules_of.behind_key(node, lacks.manifest)
            yield Disclosed(key, rules_of.BEHIND, node, since, "", f"{told.catalog} {lacks.revision}", lacks.entry)
