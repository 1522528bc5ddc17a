"""Making and taking one publication: objects, manifest, entry, switch.

A manifest is canonical JSON. That of a catalog layer is {"items": [{"item_id", "version", "hash"}]} and names every
version of the layer that is in force today or will be later; that of a calendar or a division table is the document
itself. Whatever cannot be read (a broken manifest of a faulty peer) stays pending and is reported; it is never applied.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from node.domain import published
from node.domain.calendar import day_of
from node.domain.catalog.item import Item
from node.domain.catalog.kind import Document
from node.domain.model import Actor, Facts
from node.domain.words.errors import TongbanError
from node.store import catalog_tables as tables
from node.store.catalog import Parsed
from node.store.catalog_tables import PIN, ItemRow, Publication
from node.store.journal import Draft
from node.store.objects import PUBLIC
from node.store.store import Tx

CATALOG = "catalog"


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def publish_items(tx: Tx, changed: Sequence[Item], actor: Actor) -> int:
    """Publish new versions of items of our own layer; answers the new revision."""
    layer = tx.identity.node_id
    revision = tables.latest_revision(tx.connection, layer, CATALOG) + 1
    rows = []
    for item in changed:
        data = canonical(item.to_document())
        digest = tx.objects.put(data)
        tx.objects.refer(digest, PUBLIC, layer)
        rows.append(ItemRow(layer, item.item_id, item.version, digest, data.decode(), revision))
    tables.put_items(tx.connection, rows)
    named = _named(tables.items_of(tx.connection, layer), day_of(tx.now()))
    manifest = {"items": [{"item_id": r.item_id, "version": r.version, "hash": r.hash.hex()} for r in named]}
    _publish(tx, CATALOG, revision, canonical(manifest), actor)
    return revision


def publish_document(tx: Tx, kind: str, document: Document, actor: Actor) -> int:
    """Publish a whole document of our own layer; answers the new revision."""
    revision = tables.latest_revision(tx.connection, tx.identity.node_id, kind) + 1
    data = canonical({**document, "revision": revision})
    row = _publish(tx, kind, revision, data, actor)
    tables.put_document(tx.connection, row, data.decode())
    return revision


def require_confirmed(tx: Tx) -> None:
    """Raises unconfirmed, naming the neighbours: after a restore nobody knows yet which numbers were used before."""
    if waiting := tx.links.unconfirmed():
        codes = "、".join(sorted(peer.code for peer in waiting))
        raise TongbanError("unconfirmed", codes=codes)


def _publish(tx: Tx, kind: str, revision: int, manifest: bytes, actor: Actor) -> Publication:
    require_confirmed(tx)
    layer = tx.identity.node_id
    digest = tx.objects.put(manifest)
    tx.objects.refer(digest, PUBLIC, layer)
    facts: Facts = {"layer": layer, "kind": kind, "revision": revision, "manifest": digest}
    stored = tx.journal.append(Draft("published", "catalog", facts, staff_id=actor.staff_id))
    row = Publication(layer, kind, revision, digest, stored.arrival, tables.PENDING, stored.fields.recorded_at)
    tables.add_publication(tx.connection, row)
    tables.activate(tx.connection, row, keeps=kind in published.EVERY_REVISION)
    return row


def _named(rows: Sequence[ItemRow], today: dt.date) -> list[ItemRow]:
    """Of each item (newest first) the versions up to and including the one in force today."""
    named, settled = [], set()
    for row in rows:
        if row.item_id in settled:
            continue
        named.append(row)
        effective = Parsed.item(row).effective_from
        if effective is None or effective <= today:
            settled.add(row.item_id)
    return named


# taking --------------------------------------------------------------------------------------------------------------


def missing_objects(tx: Tx, row: Publication) -> list[bytes]:
    """What must still be fetched before `row` can be switched to; the manifest alone while that is not here."""
    text = tx.objects.get(row.manifest)
    if text is None:
        return [row.manifest]
    if row.kind != CATALOG:
        return []
    try:
        hashes = tuple(dict.fromkeys(digest for _, _, digest in _manifest(text)))
    except (ValueError, KeyError, TypeError):
        return []  # `switch` reports it
    return tx.objects.missing_of(hashes)


def switch(tx: Tx, row: Publication) -> bool:
    """Put a complete revision in force; False (and a finding) when its objects cannot be read."""
    text = tx.objects.get(row.manifest)
    if text is None:
        return False
    try:
        if row.kind == CATALOG:
            tables.put_items(tx.connection, _rows_of(tx, row, text))
        elif row.kind == PIN:
            item = Item.from_document(json.loads(text))
            tables.put_items(tx.connection, [ItemRow(row.layer, item.item_id, item.version, row.manifest, text.decode(), 0)])
        else:
            published.check(row.kind, json.loads(text))
            tables.put_document(tx.connection, row, text.decode())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        tx.finding(row.layer, "unreadable_publication", f"{row.kind} {row.revision}: {type(error).__name__}")
        return False
    tx.objects.refer(row.manifest, PUBLIC, row.layer)
    tables.activate(tx.connection, row, keeps=row.kind in published.EVERY_REVISION)
    return True


def _rows_of(tx: Tx, row: Publication, text: bytes) -> list[ItemRow]:
    rows = []
    for item_id, version, digest in _manifest(text):
        data = tx.objects.get(digest)
        if data is None:
            raise KeyError(item_id)
        item = Item.from_document(json.loads(data))
        if (item.item_id, item.version) != (item_id, version):
            raise ValueError(item_id)
        tx.objects.refer(digest, PUBLIC, row.layer)
        rows.append(ItemRow(row.layer, item_id, version, digest, data.decode(), row.revision))
    return rows


def _manifest(text: bytes) -> list[tuple[str, int, bytes]]:
    """(item id, version, hash) of each item a manifest names; ValueError, KeyError or TypeError when it is not one."""
    return [(str(one["item_id"]), int(one["version"]), bytes.fromhex(one["hash"])) for one in json.loads(text)["items"]]
