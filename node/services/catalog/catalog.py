"""The catalog of service items, the calendar and the divisions: published downward, layer by layer.

Every node is the one writer of its own layer. An import parses and checks the whole file, and if nothing is wrong puts
each changed item as an object, puts a manifest that names them, and appends one `published` entry with the manifest's
hash; all in one transaction. The entry travels down. A node below wants the manifest from whoever sent the entry, then
the objects the manifest names, and when all of them are here switches to the revision in one transaction. Only the
latest manifest of a layer matters. Objects of the catalog hold no personal data: every peer may read them.

What a node offers is the union of the layers from the root down to itself; a lower layer overlays an upper item with a
tighter promise or its own contact data, for its own subtree. When an upper layer changes an item that is overlaid here,
the overlay is put on the new version at once and published again. An item with a later `effective_from` waits; the
version before it stays in force. A running case stays on its version, which is found by hash (`item_version`) even when
it belongs to a layer below (`pin`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, TypedDict, TypeVar

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases.access import Function, require
from node.domain.catalog.divisions import Divisions
from node.domain.catalog.faults import import_failed, note_document, takes_away
from node.domain.catalog.importing import parse_catalog_csv, plan_import, rebased
from node.domain.catalog.item import Item
from node.domain.catalog.item_documents import ItemDocument
from node.domain.catalog.kind import Document, Kind
from node.domain.model import SYSTEM, Actor
from node.domain.published import CALENDAR, DIVISIONS, EVERY_REVISION, RULE_KINDS, RULES, rule_kind
from node.domain.words.errors import TongbanError
from node.services.catalog import publishing
from node.services.catalog.publishing import canonical
from node.store import catalog_tables as tables
from node.store.catalog import (
    CATALOG,
    Snapshot,
    chain_of,
    current,
    effective,
    in_force,
    newest_above,
    not_published,
    stored_document,
)
from node.store.catalog_tables import PIN, Publication
from node.store.journal import Stored
from node.store.objects import EXPECTED, PUBLIC
from node.store.store import Store, Tx, View

T = TypeVar("T")
TWO_DOCUMENTS = "two_documents"  # a finding about who published two under one number
Answer: TypeAlias = dict[str, int | list[int]]  # what an import tells; `changed` is a bool


class RuleDocument(TypedDict):
    """One rule document in force. `revision` is the number entries cite, 0 while nothing is published; `known` is False for a kind
    of a later version, which is kept and passed on."""

    name: str
    revision: int
    known: bool
    document: Document


class CatalogService:
    """Catalog, calendar and divisions of one node."""

    def __init__(self, store: Store) -> None:
        """Call `attach` once to receive publications and objects through the store's hooks."""
        self._store = store
        self._reader = store.catalog
        self._missing: dict[bytes, set[bytes]] = {}  # manifest -> objects of it not here; a hint, checked in the database

    def attach(self) -> CatalogService:
        """Listen to the store: publications and objects that arrive, and rolled back commands."""
        self._store.publication_hooks.append(self.on_published)
        self._store.object_hooks.append(self.on_object)
        self._store.forget_hooks.append(self._missing.clear)
        self._store.confirmed_hooks.append(self._rebase)
        return self

    # reading -------------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The catalog in force now; one attribute look-up when nothing has changed."""
        return self._reader.snapshot()

    def item(self, item_id: str) -> Item | None:
        """The version of an item in force here today."""
        return self.snapshot().items.get(item_id)

    def item_hash(self, item_id: str) -> bytes:
        """Hash of the object of that version; b"" when there is no such item."""
        return self.snapshot().hashes.get(item_id, b"")

    def items(self) -> Mapping[str, Item]:
        return self.snapshot().items

    def calendar(self) -> WorkCalendar:
        return self.snapshot().calendar

    def divisions(self) -> Divisions:
        return self.snapshot().divisions

    def revision(self) -> int:
        """The highest revision of the catalog in force among the layers, 0 when nothing was published."""
        return self.snapshot().revision

    def item_version(self, item_id: str, version: int, digest: bytes = b"", tx: View | Tx | None = None) -> Item | None:
        """The version a case is pinned to, by hash when the case cites one; None when it is not stored here."""
        return self._reader.item_version(item_id, version, digest, tx)

    def documents(self) -> list[ItemDocument]:
        """The items in force as documents, by id (GET /catalog/items)."""
        items = self.items()
        return [items[item_id].to_document() for item_id in sorted(items)]

    def document(self, item_id: str) -> ItemDocument:
        """An item in force as a document. Errors: `not_found`."""
        item = self.item(item_id)
        if item is None:
            raise TongbanError("not_found", what=item_id[:60])
        return item.to_document()

    def rules(self) -> list[RuleDocument]:
        """The rule documents in force, by name; of a kind nobody published, what counts without it."""
        found = self.snapshot().documents.get(RULES)
        revision, document = (found.revision, found.document) if found is not None else (0, {})
        parts = document.get("parts")
        given = parts if isinstance(parts, Mapping) else {}
        known = [
            RuleDocument(name=name, revision=revision, known=True, document=kind.shown(kind.within(document) or {}))
            for name, kind in RULE_KINDS.items()
        ]
        later = [
            RuleDocument(name=name, revision=revision, known=False, document=part)
            for name, part in given.items()
            if name not in RULE_KINDS and isinstance(part, Mapping)
        ]
        return sorted(known + later, key=lambda one: one["name"])

    # importing -----------------------------------------------------------------------------------------------------

    def import_csv(self, data: bytes, actor: Actor = SYSTEM) -> dict[str, Any]:
        """Upsert this node's own layer. Answers {items, changed, unchanged, revision, warnings}; all or nothing."""
        require(Function.EDIT_CATALOG, self._store.place.tier, actor.role)
        parsed = parse_catalog_csv(data)
        if parsed.errors:
            raise import_failed(parsed.errors)

        def command(tx: Tx) -> dict[str, Any]:
            today = day_of(tx.now())
            own = current(tables.items_of(tx.connection, tx.identity.node_id))
            inherited = {k: item for k, (item, _) in effective(tx, chain_of(tx)[:-1], today).items()}
            plan = plan_import(own, inherited, parsed, tx.identity.tier, root=tx.identity.parent is None)
            if plan.errors:
                raise import_failed(plan.errors)
            changed, count = not_published(tx, plan.changed, today), len(parsed.items)
            if changed:
                publishing.publish_items(tx, changed, actor)
                self._rebase(tx)
                tx.after_commit(self._reader.invalidate)
            revision = tables.latest_revision(tx.connection, tx.identity.node_id, CATALOG)
            return {
                "items": count, "changed": len(changed), "unchanged": count - len(changed), "revision": revision,
                "warnings": [note_document(note) for note in plan.warnings],
            }  # fmt: skip

        return self._store.run(command)

    def import_calendar(self, data: bytes, actor: Actor = SYSTEM, *, replace: bool = False) -> Answer:
        """Merge the years of a file into the calendar (root only). Answers {days, changed, revision, years}."""
        return self.import_document(CALENDAR, data, actor, replace=replace)

    def import_divisions(self, data: bytes, actor: Actor = SYSTEM, *, replace: bool = False) -> Answer:
        """Replace the division table (root only). Answers {divisions, changed, revision}."""
        return self.import_document(DIVISIONS, data, actor, replace=replace)

    def import_rules(self, data: bytes, actor: Actor = SYSTEM, *, replace: bool = False) -> Answer:
        """Publish a rule document (TOML with `kind`; root only). Answers {rules, changed, revision}."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        return self.import_document(rule_kind(data), data, actor, replace=replace)

    def import_document(self, kind: Kind[object], data: bytes, actor: Actor = SYSTEM, *, replace: bool = False) -> Answer:
        """Publish a file as the next revision of its kind; nothing when it says what is in force already.

        A file that leaves out published rows is refused without `replace`, unless what is in force came with `init`.
        Errors: forbidden, wrong_tier below the root, import_failed or invalid_input naming the faults, takes_away."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        given = kind.read(data)

        def command(tx: Tx) -> Answer:
            require_root(tx, kind)
            row = in_force(tx, chain_of(tx), kind.travels_as)
            known = stored_document(tx, row) if row is not None else None
            document = kind.put_into(known, given)
            lost = self.lost(tx, kind, document, replace=replace)
            revision, changed = self.publish(tx, kind.travels_as, document, actor)
            gone: Answer = {"removed": len(lost)} if lost else {}
            return {**kind.count(kind.within(document) or {}), "changed": changed, "revision": revision, **gone}

        return self._store.run(command)

    def lost(self, tx: Tx, kind: Kind[object], document: Document, *, replace: bool) -> Mapping[str, str]:
        """The published rows that a document leaves out. Raises takes_away where nobody said so with `replace`, unless what is in
        force came with `init`."""
        row = in_force(tx, chain_of(tx), kind.travels_as)
        if row is None:
            return {}
        found = kind.taken_away(stored_document(tx, row), document)
        if found and not replace and tables.staff_of(tx.connection, row) != SYSTEM.staff_id:
            raise takes_away(found)
        return found

    def publish(self, tx: Tx, kind: str, document: Document, actor: Actor) -> tuple[int, bool]:
        """Put a whole document in force as the next revision, unless it says what is in force: (revision, whether it is new)."""
        revision = tables.latest_revision(tx.connection, tx.identity.node_id, kind)
        last = tables.last_of(tx.connection, tx.identity.node_id, kind, revision)
        alone = last is not None and not tables.has_another(tx.connection, last)  # of two of one number neither stays in force
        known = tables.document_of(tx.connection, last) if last is not None else None
        if (
            known is not None
            and alone
            and _without_revision(json.loads(known)) == _without_revision(json.loads(canonical(document)))
        ):
            return revision, False
        tx.after_commit(self._reader.invalidate)
        return publishing.publish_document(tx, kind, document, actor), True

    # receiving -----------------------------------------------------------------------------------------------------

    def on_published(self, tx: Tx, stored: Stored) -> None:
        """A `published` entry came from above, or one of ours comes back after a restore: want its manifest, then what that names.

        Entries of layers that are not above us (siblings, our own subtree) concern others and are only kept.
        """
        facts = stored.fields.facts
        layer, kind, manifest = facts.get("layer"), facts.get("kind"), facts.get("manifest")
        revision = facts.get("revision")
        if not (isinstance(layer, bytes) and isinstance(kind, str) and isinstance(manifest, bytes) and isinstance(revision, int)):
            return
        if layer != stored.author or not stored.via or layer not in chain_of(tx):
            return
        if revision < tables.latest_revision(tx.connection, layer, kind) and kind not in EVERY_REVISION:
            return
        row = Publication(layer, kind, revision, manifest, stored.arrival, tables.PENDING, stored.fields.recorded_at)
        tables.add_publication(tx.connection, row)
        if tables.has_another(tx.connection, row):
            tx.finding(layer, TWO_DOCUMENTS, f"{kind} {revision}")
        self._advance(tx, row, _giver(tx, row, stored.via))

    def on_object(self, tx: Tx, digest: bytes) -> None:
        """An object has become complete: switch every revision that is now complete; cheap when nothing waits."""
        for row in tables.pending(tx.connection):
            missing = self._missing.get(row.manifest)
            if digest != row.manifest and missing is not None and digest not in missing:
                continue
            if missing is not None:
                missing.discard(digest)
                if missing:
                    continue
            self._advance(tx, row, _giver(tx, row, tables.brought_by(tx.connection, row)))

    def pin(self, tx: Tx, item_hash: bytes, via: int) -> bool:
        """Want one item version that a case cites and we do not hold (an overlay of a layer below); True when it is here."""
        row = Publication(item_hash, PIN, 0, item_hash, 0, tables.PENDING)
        if item_hash in self.snapshot().known:
            return True
        tables.add_publication(tx.connection, row)
        return self._advance(tx, row, via)

    def _advance(self, tx: Tx, row: Publication, via: int) -> bool:
        """Fetch what a revision still lacks, or switch to it; True when it is in force."""
        known = tables.publication_of(tx.connection, row)
        if known is None or known.state != tables.PENDING:
            return known is not None and known.state == tables.ACTIVE
        missing = publishing.missing_objects(tx, row)
        if (
            row.manifest not in missing and row.kind not in EVERY_REVISION
        ):  # until it is known what is in it, the one before may be the last that anybody has
            tables.supersede_pending(tx.connection, row.layer, row.kind, row.revision)
        for digest in missing:
            tx.objects.refer(digest, EXPECTED, row.layer)
            tx.objects.want(digest, PUBLIC, via)
        if missing:
            self._missing[row.manifest] = set(missing)
            return False
        self._missing.pop(row.manifest, None)
        if not publishing.switch(tx, row):
            self._missing[row.manifest] = {row.manifest}  # looked at again only if its bytes should come again
            return False
        if row.kind == CATALOG:
            self._rebase(tx)
        if row.kind in (CATALOG, PIN):  # offers that waited for an item version
            tx.cases.touched.update(tables.cases_offered_to(tx.connection, tx.identity.node_id))
        if row.kind in (CATALOG, PIN):
            tx.cases.refresh_unsure()
            tx.cases.judge_again()
        tx.after_commit(self._reader.invalidate)
        return True

    def _rebase(self, tx: Tx) -> None:
        """Put our overlays on the newest versions of the layers above; what starts later above starts later here. Not while a
        neighbour may know of a publication that we forgot: then it is done when that has confirmed."""
        if tx.links.unconfirmed():
            return
        own = current(tables.items_of(tx.connection, tx.identity.node_id))
        if not own:
            return
        above = newest_above(tx)
        changed = [rebased(item, above[item_id][0]) for item_id, item in own.items() if item_id in above]
        changed = [item for item in changed if item.content_bytes() != own[item.item_id].content_bytes()]
        if changed:
            publishing.publish_items(tx, changed, SYSTEM)


# helpers: reading ----------------------------------------------------------------------------------------------------


def _giver(tx: Tx, row: Publication, via: int) -> int:
    """Whom to ask for a publication: what is above us the parent, whoever told us of it; our own the neighbour (row id) that
    gives it back."""
    parent = tx.identity.parent
    return via if parent is None or row.layer == tx.identity.node_id else tx.author_row(parent)


# helpers: refusing ---------------------------------------------------------------------------------------------------


def require_root(tx: Tx, kind: Kind[object]) -> None:
    """Raises wrong_tier where a kind is published above."""
    if kind.root_only and tx.identity.parent is not None:
        raise TongbanError("wrong_tier", rule="工作日历、区划表、文书样式和规则由根节点发布")


def _without_revision(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "revision"}
