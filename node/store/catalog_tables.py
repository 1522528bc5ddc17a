"""SQL of the catalog: publications, the items of each layer, and whole documents (calendar, divisions).

A *publication* is a signed revision of one kind of data by one layer (a layer is the node that writes it). It is
`pending` until its manifest and everything the manifest names are stored here, then `active`; an older one becomes
`superseded`. Two documents may have one number (a root published one, was restored and published another): both are kept, and the later
of them counts until the next number. Items are never deleted: a running case stays on its version, and the manifest of a revision names
nothing that an earlier import removed, because imports only add.

A *pin* is a publication of its own kind (`pin`): one item version that a case arriving here cites and no layer above
us has published (an overlay of a lower layer). Its `layer` and `manifest` are both the item's hash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from federation.protocol.envelope import decode_header

PENDING, ACTIVE, SUPERSEDED = "pending", "active", "superseded"
PIN = "pin"


@dataclass(frozen=True, slots=True)
class Publication:
    """One row of `publications`. `published`: when its author says that it was published, ms."""

    layer: bytes
    kind: str
    revision: int
    manifest: bytes
    arrival: int
    state: str
    published: int = 0

    @property
    def order(self) -> tuple[int, int, bytes]:
        """The later one counts (`node.domain.catalog.revisions`)."""
        return self.revision, self.published, self.manifest


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One stored item version; `document` is the canonical JSON that `hash` names."""

    layer: bytes
    item_id: str
    version: int
    hash: bytes
    document: str
    revision: int


_PUBLICATION = "SELECT layer, kind, revision, manifest, arrival, state, published FROM publications "
_ITEM = "SELECT layer, item_id, version, hash, document, revision FROM items "


def add_publication(connection: sqlite3.Connection, row: Publication) -> None:
    """Store a publication; the same one again changes nothing, but that the earlier moment counts."""
    connection.execute(
        "INSERT INTO publications(layer, kind, revision, manifest, arrival, state, published) VALUES (?,?,?,?,?,?,?)"
        " ON CONFLICT DO UPDATE SET published=min(published, excluded.published)",
        (row.layer, row.kind, row.revision, row.manifest, row.arrival, row.state, row.published),
    )


def has_another(connection: sqlite3.Connection, row: Publication) -> bool:
    """Whether another document has the number of this one."""
    found = connection.execute(
        "SELECT 1 FROM publications WHERE layer=? AND kind=? AND revision=? AND manifest<>?",
        (row.layer, row.kind, row.revision, row.manifest),
    ).fetchone()
    return found is not None


def activate(connection: sqlite3.Connection, row: Publication, *, keeps: bool = False) -> None:
    """Make `row` the active revision of its layer and kind, and every earlier one superseded.

    Where each revision is kept (`keeps`) one that comes after a later one is superseded at once, and an earlier one that is still on
    its way is waited for."""
    others = connection.execute(
        _PUBLICATION + "WHERE layer=? AND kind=? AND manifest<>?", (row.layer, row.kind, row.manifest)
    ).fetchall()
    late = keeps and any(one.state == ACTIVE and one.order > row.order for one in (Publication(*other) for other in others))
    _set_state(connection, row, SUPERSEDED if late else ACTIVE)
    for one in (Publication(*other) for other in others):
        if one.order < row.order and not (keeps and one.state == PENDING):
            _set_state(connection, one, SUPERSEDED)


def _set_state(connection: sqlite3.Connection, row: Publication, state: str) -> None:
    connection.execute(
        "UPDATE publications SET state=? WHERE layer=? AND kind=? AND revision=? AND manifest=?",
        (state, row.layer, row.kind, row.revision, row.manifest),
    )


def supersede_pending(connection: sqlite3.Connection, layer: bytes, kind: str, before: int) -> None:
    """Pending revisions older than `before` will never be switched to: only the latest manifest of a layer matters."""
    connection.execute(
        "UPDATE publications SET state=? WHERE layer=? AND kind=? AND revision<? AND state=?",
        (SUPERSEDED, layer, kind, before, PENDING),
    )


def latest_revision(connection: sqlite3.Connection, layer: bytes, kind: str) -> int:
    """The highest revision known of a layer and kind, whatever its state; 0 when there is none."""
    row = connection.execute("SELECT max(revision) FROM publications WHERE layer=? AND kind=?", (layer, kind)).fetchone()
    return int(row[0] or 0)


def pending(connection: sqlite3.Connection) -> list[Publication]:
    """What still waits for objects."""
    return [Publication(*row) for row in connection.execute(_PUBLICATION + "WHERE state=?", (PENDING,))]


def active(connection: sqlite3.Connection) -> list[Publication]:
    """The revisions in force, of all layers and kinds (pins excluded)."""
    return [Publication(*row) for row in connection.execute(_PUBLICATION + "WHERE state=? AND kind<>?", (ACTIVE, PIN))]


def publication_of(connection: sqlite3.Connection, row: Publication) -> Publication | None:
    """The row as it is stored."""
    found = connection.execute(
        _PUBLICATION + "WHERE layer=? AND kind=? AND revision=? AND manifest=?",
        (row.layer, row.kind, row.revision, row.manifest),
    ).fetchone()
    return Publication(*found) if found else None


def last_of(connection: sqlite3.Connection, layer: bytes, kind: str, revision: int) -> Publication | None:
    """The publication with that number that is here; of two the later."""
    rows = connection.execute(_PUBLICATION + "WHERE layer=? AND kind=? AND revision=?", (layer, kind, revision)).fetchall()
    here = [one for one in (Publication(*row) for row in rows) if one.state != PENDING]
    return max(here, key=lambda one: one.order, default=None)


def put_items(connection: sqlite3.Connection, rows: Iterable[ItemRow]) -> None:
    """Add item versions; a version already stored stays as it is."""
    connection.executemany(
        "INSERT OR IGNORE INTO items(layer, item_id, version, hash, document, revision) VALUES (?,?,?,?,?,?)",
        ((r.layer, r.item_id, r.version, r.hash, r.document, r.revision) for r in rows),
    )


def items_of(connection: sqlite3.Connection, layer: bytes) -> list[ItemRow]:
    """Every version of every item of a layer, newest version of an item first."""
    rows = connection.execute(_ITEM + "WHERE layer=? ORDER BY item_id, version DESC", (layer,))
    return [ItemRow(*row) for row in rows]


def known_hashes(connection: sqlite3.Connection) -> frozenset[bytes]:
    """The hashes of all item versions stored here."""
    return frozenset(row[0] for row in connection.execute("SELECT hash FROM items"))


def item_by_hash(connection: sqlite3.Connection, item_id: str, digest: bytes) -> ItemRow | None:
    row = connection.execute(_ITEM + "WHERE hash=? AND item_id=?", (digest, item_id)).fetchone()
    return ItemRow(*row) if row else None


def item_by_version(connection: sqlite3.Connection, item_id: str, version: int) -> list[ItemRow]:
    """All layers' item of that id and version (an overlay may carry the number of what it overlays)."""
    return [ItemRow(*row) for row in connection.execute(_ITEM + "WHERE item_id=? AND version=?", (item_id, version))]


def put_document(connection: sqlite3.Connection, row: Publication, document: str) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO documents(layer, kind, revision, manifest, document) VALUES (?,?,?,?,?)",
        (row.layer, row.kind, row.revision, row.manifest, document),
    )


def document_of(connection: sqlite3.Connection, row: Publication) -> str | None:
    found = connection.execute(
        "SELECT document FROM documents WHERE layer=? AND kind=? AND revision=? AND manifest=?",
        (row.layer, row.kind, row.revision, row.manifest),
    ).fetchone()
    return str(found[0]) if found else None


def documents_of(connection: sqlite3.Connection, layer: bytes, kind: str) -> list[tuple[Publication, str]]:
    """Everything of a kind that a layer published and that is here, with its document, in the order in which it counts."""
    rows = connection.execute(
        "SELECT p.layer, p.kind, p.revision, p.manifest, p.arrival, p.state, p.published, d.document FROM publications p"
        " JOIN documents d ON d.layer=p.layer AND d.kind=p.kind AND d.revision=p.revision AND d.manifest=p.manifest"
        " WHERE p.layer=? AND p.kind=?",
        (layer, kind),
    ).fetchall()
    return sorted(((Publication(*row[:7]), str(row[7])) for row in rows), key=lambda one: one[0].order)


def staff_of(connection: sqlite3.Connection, row: Publication) -> str:
    """Who published it; "" when its entry is not here."""
    header = header_of(connection, row)
    return decode_header(header).staff_id if header is not None else ""


def header_of(connection: sqlite3.Connection, row: Publication) -> bytes | None:
    """The header of the entry of a publication; None when it is not here."""
    found = connection.execute("SELECT header FROM entries WHERE arrival=?", (row.arrival,)).fetchone()
    return bytes(found[0]) if found is not None else None


def public_objects(connection: sqlite3.Connection) -> list[tuple[bytes, bytes]]:
    """(hash, layer) of every object of the catalog that was read: they hold no personal data and every peer may read them."""
    read = "SELECT manifest, layer FROM publications p WHERE state=? OR EXISTS (SELECT 1 FROM documents d WHERE d.layer=p.layer"
    read += " AND d.kind=p.kind AND d.revision=p.revision AND d.manifest=p.manifest)"
    return connection.execute(f"{read} UNION SELECT hash, layer FROM items", (ACTIVE,)).fetchall()


def cases_offered_to(connection: sqlite3.Connection, node_id: bytes) -> list[str]:
    """Cases on offer to a node: each may have waited for an item version."""
    return [row[0] for row in connection.execute("SELECT case_no FROM cases WHERE offered_to=?", (node_id,))]


def brought_by(connection: sqlite3.Connection, row: Publication) -> int:
    """Row id of the peer that the entry of a publication came from; 0 for our own and for a pinned item."""
    found = connection.execute("SELECT via FROM entries WHERE arrival=?", (row.arrival,)).fetchone()
    return int(found[0]) if found else 0
