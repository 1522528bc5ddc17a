"""What a node may offer, read from the tables of the catalog: the layers above it, the snapshot of a day, the version of a case.

Looking up an item happens on every filing, so readers share an immutable snapshot that is made anew after a commit that changed it,
or when the day changes. Parsed items and documents are shared by all nodes of a process: they are named by their hash.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from federation.protocol.envelope import MARK, Cites
from node.domain.calendar import DAY_MS, WorkCalendar, day_of, end_of_day_ms
from node.domain.catalog.divisions import Divisions
from node.domain.catalog.importing import rebased
from node.domain.catalog.item import Item
from node.domain.catalog.kind import Document, Kind
from node.domain.catalog.powers import Powers
from node.domain.catalog.revisions import Calendars, Revision, Rulebooks
from node.domain.published import AUTHORITY, CALENDAR, DIVISIONS, KINDS, LIMITS, RULES, SUPERVISION
from node.domain.supervision.rulebook import Supervisions
from node.store import catalog_tables as tables
from node.store.catalog_tables import ItemRow, Publication

if TYPE_CHECKING:
    from node.domain.model import Case
    from node.store.ground import Ground, Home

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

    @property
    def document_hash(self) -> bytes:
        return self.key[:32]


@dataclass(frozen=True)
class Snapshot:
    """What a node may offer on one day. `known` are all item versions stored here, in force or not; `withdrawn` what is in
    force but no longer offered (停用); `limits`, `calendars` and `supervisions` those of every revision that is here."""

    day: dt.date
    items: Mapping[str, Item]
    withdrawn: Mapping[str, Item]
    hashes: Mapping[str, bytes]
    known: frozenset[bytes]
    documents: Mapping[str, Published]
    limits: Rulebooks
    calendars: Calendars
    powers: Powers
    supervisions: Supervisions
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

    @cached_property
    def span(self) -> range:
        """The instants (ms) of its day."""
        end = end_of_day_ms(self.day)
        return range(end - DAY_MS, end)

    def cites(self) -> Cites:
        """The revisions an entry written now rests on."""
        return self._cites

    @cached_property
    def _cites(self) -> Cites:
        found = (self.documents.get(CALENDAR.name), self.documents.get(RULES))
        calendar, rules = (one.revision if one is not None else 0 for one in found)
        return Cites(self.revision, calendar, rules, *(one.key[:MARK] if one is not None else b"" for one in found))


class CatalogReader:
    """The catalog in force at one node."""

    def __init__(self, store: Home) -> None:
        self._store = store
        self._snapshot: Snapshot | None = None
        self._generation = 0

    def snapshot(self) -> Snapshot:
        """The catalog in force now; one attribute look-up when nothing has changed."""
        snapshot, now = self._snapshot, self._store.clock.now()
        if snapshot is not None and now in snapshot.span:
            return snapshot
        today = day_of(now)
        if snapshot is not None and snapshot.day == today:  # the first or last that is counted
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

    def item_version(self, item_id: str, version: int, digest: bytes = b"", tx: Ground | None = None) -> Item | None:
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

    def item_of(self, case: Case, tx: Ground | None = None) -> Item | None:
        """The item version a case is pinned to, as whoever has the case handles it; of a decided case as who decided it did. None when
        it is not stored here."""
        found = self.item_version(case.item_id, case.item_version, case.item_hash, tx)
        return self.handled(found, case) if found is not None else None

    def handled(self, item: Item, case: Case) -> Item:
        """A version of its item as whoever has the case handles it, or as who decided it did."""
        if case.decided_at:
            return self.empowered(item, case.decided_by, day_of(case.decided_at))
        return self.empowered(item, case.custodian or (case.offer.target if case.offer is not None else b""))

    def empowered(self, item: Item, node: bytes, day: dt.date | None = None) -> Item:
        """An item as a node handles it on a day (today): decided there, where the power was handed down to it (W10)."""
        snapshot, trusted = self.snapshot(), self._store.trust.node(node) if node else None
        return item if trusted is None else snapshot.powers.of(item, trusted.code, trusted.tier, day or snapshot.day)


# the tables -----------------------------------------------------------------------------------------------------------


def read_snapshot(view: Ground, today: dt.date) -> Snapshot:
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
        limits=Rulebooks(_revisions(view, chain, LIMITS)),
        calendars=Calendars(_revisions(view, chain, CALENDAR)),
        powers=Powers(_revisions(view, chain, AUTHORITY)),
        supervisions=Supervisions(_revisions(view, chain, SUPERVISION)),
        revision=max((revision for (layer, kind), revision in active.items() if kind == CATALOG and layer in chain), default=0),
        revisions=active,
    )


def in_force(view: Ground, chain: Sequence[bytes], kind: str) -> Publication | None:
    """The document in force: that of the highest layer that publishes one."""
    active = {p.layer: p for p in tables.active(view.connection) if p.kind == kind}
    return next((active[layer] for layer in chain if layer in active), None)


def _documents(view: Ground, chain: Sequence[bytes]) -> dict[str, Published]:
    """The documents in force, by the kind of their publication."""
    rows = {name: in_force(view, chain, name) for name in {kind.travels_as for kind in KINDS}}
    return {name: Published(row.revision, _key(row), _shared(view, row)) for name, row in rows.items() if row is not None}


def _shared(view: Ground, row: Publication) -> Document:
    """The document, read once in a process however many nodes have it: the divisions of a city are two MB."""
    return Parsed.document(_key(row) + b" as published", partial(stored_document, view, row))


def _revisions(view: Ground, chain: Sequence[bytes], kind: Kind[T]) -> dict[Revision, T]:
    """What every revision of a kind says that is here."""
    row = in_force(view, chain, kind.travels_as)
    found = tables.documents_of(view.connection, row.layer, kind.travels_as) if row is not None else []
    return {
        Revision(one.revision, one.manifest[:MARK], one.published): Parsed.document(
            _key(one) + kind.name.encode(), partial(_parsed, kind, one, text)
        )
        for one, text in found
    }


def _parsed(kind: Kind[T], row: Publication, text: str) -> T:
    return kind.of({**json.loads(text), "revision": row.revision})


def _key(row: Publication) -> bytes:
    return row.manifest + row.revision.to_bytes(8)


def stored_document(view: Ground, row: Publication) -> Document:
    """A published document with the revision it was published as."""
    return {
        **json.loads(tables.document_of(view.connection, row) or "{}"),
        "revision": row.revision,
    }


def find_version(view: Ground, item_id: str, version: int, digest: bytes) -> Item | None:
    if digest:
        row = tables.item_by_hash(view.connection, item_id, digest)
        return Parsed.item(row) if row is not None else None
    rows = tables.item_by_version(view.connection, item_id, version)
    return Parsed.item(rows[0]) if rows else None


# layers -----------------------------------------------------------------------------------------------------------------


def chain_of(view: Ground) -> list[bytes]:
    """Node ids from the root down to this node."""
    me = view.identity.node_id
    return [*reversed(view.trust.ancestors(me)), me]


def effective(view: Ground, layers: Sequence[bytes], today: dt.date) -> dict[str, tuple[Item, bytes]]:
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


def newest_above(view: Ground) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (newest version of the layers above, in force or not yet; hash), the lowest of them winning."""
    found: dict[str, tuple[Item, bytes]] = {}
    for layer in chain_of(view)[:-1]:
        found |= newest_of(view, layer)
    return found


def newest_of(view: Ground, layer: bytes) -> dict[str, tuple[Item, bytes]]:
    """Item id -> (newest version of one layer, hash)."""
    found: dict[str, tuple[Item, bytes]] = {}
    for row in tables.items_of(view.connection, layer):
        if row.item_id not in found:
            found[row.item_id] = (Parsed.item(row), row.hash)
    return found


def not_published(view: Ground, items: Sequence[Item], today: dt.date) -> list[Item]:
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
