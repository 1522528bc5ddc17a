"""What a node may offer, read from the tables of the catalog: the layers above it, the snapshot of a day, the version of a case.

Looking up an item happens on every filing, so readers share an immutable snapshot that is made anew after a commit that changed it,
or when the day changes. Parsed items and documents are shared by all nodes of a process: they are named by their hash.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from federation.protocol.envelope import Cites
from node.domain.calendar import WorkCalendar, day_of
from node.domain.catalog.divisions import Divisions
from node.domain.catalog.importing import rebased
from node.domain.catalog.item import Item
from node.domain.catalog.kind import Document, Kind
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.published import CALENDAR, DIVISIONS, KINDS, LIMITS, RULES
from node.store import catalog_tables as tables
from node.store.catalog_tables import ItemRow, Publication

if TYPE_CHECKING:
    from node.domain.model import Case
    from node.store.store import Store, Tx, View

CATALOG = "catalog"
T = TypeVar("T")


class Parsed:
    """Parsed items and documents, shared by all nodes of the process. They are immutable and named by their hash."""

    LIMIT = 20_000
    _kept: ClassVar[dict[bytes, Any]] = {}

    @classmethod
    def kept(cls, digest: bytes) -> Item | None:
        found = cls._kept.get(digest)
        return found if isinstance(found, Item) else None

    @classmethod
    def item(cls, row: ItemRow) -> Item:
        return cls.document(row.hash, lambda: Item.from_document(json.loads(row.document)))

    @classmethod
    def document(cls, digest: bytes, parse: Callable[[], T]) -> T:
        found: T | None = cls._kept.get(digest)
        if found is None:
            if len(cls._kept) >= cls.LIMIT:
                cls._kept.clear()
            found = cls._kept[digest] = parse()
        return found


@dataclass(frozen=True, slots=True)
class Published:
    """A document in force. `key` names its bytes."""

    revision: int
    key: bytes
    document: Document


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a node may offer on one day. `known` are all item versions stored here, in force or not; `withdrawn` what is in
    force but no longer offered (停用); `limits` those of every revision of the rules that is here."""

    day: dt.date
    items: Mapping[str, Item]
    withdrawn: Mapping[str, Item]
    hashes: Mapping[str, bytes]
    known: frozenset[bytes]
    documents: Mapping[str, Published]
    limits: Mapping[int, Limits]
    revision: int
    revisions: Mapping[tuple[bytes, str], int]

    def of(self, kind: Kind[T]) -> T:
        """What the published document of a kind says; what counts without one when none is here."""
        found = self.documents.get(kind.travels_as)
        if found is None:
            return kind.empty
        return Parsed.document(found.key + kind.name.encode(), lambda: kind.of(found.document))

    @property
    def calendar(self) -> WorkCalendar:
        return self.of(CALENDAR)

    @property
    def divisions(self) -> Divisions:
        return self.of(DIVISIONS)

    def cites(self) -> Cites:
        """The revisions an entry written now rests on."""
        calendar, rules = (self.documents[name].revision if name in self.documents else 0 for name in (CALENDAR.name, RULES))
        return Cites(self.revision, calendar, rules)


class CatalogReader:
    """The catalog in force at one node."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._snapshot: Snapshot | None = None
        self._generation = 0

    def snapshot(self) -> Snapshot:
        """The catalog in force now; one attribute look-up when nothing has changed."""
        snapshot, today = self._snapshot, day_of(self._store.clock.now())
        if snapshot is not None and snapshot.day == today:
            return snapshot
        generation = self._generation
        with self._store.reading() as view:
            snapshot = read_snapshot(view, today)
        if generation == self._generation:
            self._snapshot = snapshot
        return snapshot

    def invalidate(self) -> None:
        """What was read is no longer sure to hold."""
        self._generation += 1
        self._snapshot = None

    def cites(self) -> Cites:
        """The revisions an entry written now rests on; none while the node is being founded."""
        if self._snapshot is None:
            with self._store.reading() as view:
                if view.meta.get("identity") is None:
                    return Cites()
        return self.snapshot().cites()

    def item_version(self, item_id: str, version: int, digest: bytes = b"", tx: View | Tx | None = None) -> Item | None:
        """The version a case is pinned to, by hash when the case cites one; None when it is not stored here."""
        snapshot = self.snapshot()
        current = snapshot.items.get(item_id)
        if current is not None and current.version == version and (not digest or snapshot.hashes[item_id] == digest):
            return current
        if digest and digest in snapshot.known and (kept := Parsed.kept(digest)) is not None:
            return kept
        if tx is not None:
            return find_version(tx, item_id, version, digest)
        with self._store.reading() as view:
            return find_version(view, item_id, version, digest)

    def item_of(self, case: Case, tx: View | Tx | None = None) -> Item | None:
        """The item version a case is pinned to; None when it is not stored here."""
        return self.item_version(case.item_id, case.item_version, case.item_hash, tx)


# the tables -----------------------------------------------------------------------------------------------------------


def read_snapshot(view: View, today: dt.date) -> Snapshot:
    chain = chain_of(view)
    in_force = effective(view, chain, today)
    active = {(p.layer, p.kind): p.revision for p in tables.active(view.connection)}
    return Snapshot(
        day=today,
        items={k: item for k, (item, _) in in_force.items() if not item.withdrawn},
        withdrawn={k: item for k, (item, _) in in_force.items() if item.withdrawn},
        hashes={k: digest for k, (_, digest) in in_force.items()},
        known=tables.known_hashes(view.connection),
        documents=_documents(view, chain),
        limits={**LAWFUL, **_limits(view, chain)},
        revision=max((revision for (layer, kind), revision in active.items() if kind == CATALOG and layer in chain), default=0),
        revisions=active,
    )


def in_force(view: View | Tx, chain: Sequence[bytes], kind: str) -> Publication | None:
    """The document in force: that of the highest layer that publishes one."""
    active = {p.layer: p for p in tables.active(view.connection) if p.kind == kind}
    return next((active[layer] for layer in chain if layer in active), None)


def _documents(view: View | Tx, chain: Sequence[bytes]) -> dict[str, Published]:
    """The documents in force, by the kind of their publication."""
    rows = {name: in_force(view, chain, name) for name in {kind.travels_as for kind in KINDS}}
    return {
        name: Published(row.revision, row.manifest + row.revision.to_bytes(8), stored_document(view, row))
        for name, row in rows.items()
        if row is not None
    }


def _limits(view: View | Tx, chain: Sequence[bytes]) -> dict[int, Limits]:
    """The limits of every revision of the rules that is here."""
    row = in_force(view, chain, RULES)
    found = tables.documents_of(view.connection, row.layer, RULES) if row is not None else []
    return {revision: LIMITS.of(json.loads(text)) for revision, text in found}


def stored_document(view: View | Tx, row: Publication) -> Document:
    """A published document with the revision it was published as."""
    return {
        **json.loads(tables.document_of(view.connection, row.layer, row.kind, row.revision) or "{}"),
        "revision": row.revision,
    }


def find_version(view: View | Tx, item_id: str, version: int, digest: bytes) -> Item | None:
    if digest:
        row = tables.item_by_hash(view.connection, item_id, digest)
        return Parsed.item(row) if row is not None else None
    rows = tables.item_by_version(view.connection, item_id, version)
    return Parsed.item(rows[0]) if rows else None


# layers -----------------------------------------------------------------------------------------------------------------


def chain_of(view: View | Tx) -> list[bytes]:
    """Node ids from the root down to this node."""
    me = view.identity.node_id
    return [*reversed(view.trust.ancestors(me)), me]


def effective(view: View | Tx, layers: Sequence[bytes], today: dt.date) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (version in force, hash), the lowest layer last and therefore winning."""
    found: dict[str, tuple[Item, bytes]] = {}
    for layer in layers:
        seen: set[str] = set()
        for row in tables.items_of(view.connection, layer):  # newest version first
            if row.item_id in seen:
                continue
            item = Parsed.item(row)
            if item.effective_from is None or item.effective_from <= today:
                seen.add(row.item_id)
                found[row.item_id] = (item, row.hash)
    return found


def newest_above(view: View | Tx) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (newest version of the layers above, in force or not yet; hash), the lowest of them winning."""
    found: dict[str, tuple[Item, bytes]] = {}
    for layer in chain_of(view)[:-1]:
        found |= newest_of(view, layer)
    return found


def newest_of(view: View | Tx, layer: bytes) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (newest version of one layer, hash)."""
    found: dict[str, tuple[Item, bytes]] = {}
    for row in tables.items_of(view.connection, layer):
        if row.item_id not in found:
            found[row.item_id] = (Parsed.item(row), row.hash)
    return found


def not_published(view: View | Tx, items: Sequence[Item], today: dt.date) -> list[Item]:
    """Those of the planned items that say something new. An overlay does not where it is in force as it is, and what it
    becomes on a version above that waits for its day is published too."""
    me = view.identity.node_id
    held, newest, above = effective(view, [me], today), newest_of(view, me), newest_above(view)

    def stands(item: Item) -> bool:
        key = item.item_id
        if key not in held or key not in above:
            return False
        later = rebased(item, above[key][0]).content_bytes()
        return held[key][0].content_bytes() == item.content_bytes() and newest[key][0].content_bytes() == later

    return [item for item in items if not stands(item)]


def current(rows: Sequence[ItemRow]) -> dict[str, Item]:
    """The newest version of each item of a layer, in force or not yet."""
    newest: dict[str, Item] = {}
    for row in rows:
        if row.item_id not in newest:
            newest[row.item_id] = Parsed.item(row)
    return newest
