"""Which case an object belongs to (`object_refs`): what the entries of cases, requests and papers name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from federation.protocol.envelope import HeaderFields
from node.domain.notes import Words, addressed, note_kind
from node.store import carriage
from node.store.catalog_tables import public_objects
from node.store.maintenance import Compared
from node.store.objects import EXPECTED, PUBLIC
from node.store.projected.base import Change, Projection
from node.store.projected.papers import fact_of
from node.store.stored import Stored

if TYPE_CHECKING:
    from node.store.turn import Turn


Named: TypeAlias = tuple[bytes, str, bytes]  # (object, case number, author)


class References(Projection):
    """Objects of the catalog stand beside them as PUBLIC; those are not compared."""

    NAME = "references"
    TABLES = """
CREATE TABLE object_refs(hash BLOB, case_no TEXT NOT NULL, author BLOB NOT NULL, PRIMARY KEY(hash, case_no)) WITHOUT ROWID;
"""
    COMPARED = {"object_refs": Compared("hash, case_no", "case_no <> ''", more_is_fine=True)}

    def start(self, tx: Turn) -> None:
        """What is on its way for the catalog is still expected."""
        me = tx.identity.node_id
        coming = tx.connection.execute("SELECT hash FROM wanted WHERE case_no=?", (PUBLIC,)).fetchall()
        tx.objects.refer_all([(digest, PUBLIC, layer) for digest, layer in public_objects(tx.connection)])
        tx.objects.refer_all([(digest, EXPECTED, me) for (digest,) in coming])

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        if named := [row for change in changes for row in _named(change)]:
            tx.objects.refer_all(named)


def words_of(fields: HeaderFields) -> list[bytes]:
    """The objects that a case event or a request names: its body and its file."""
    return [hash for hash in (fields.body_hash, fields.facts.get("blob")) if isinstance(hash, bytes) and hash]


def _named(change: Change) -> Iterable[Named]:
    stored = change.stored
    fields = stored.fields
    if fields.entry_class == "note":
        return NAMES[note_kind(fields.kind).words](stored)
    case_no = fields.case.case_no if fields.entry_class == "case" and fields.case is not None else fields.subject
    return [(hash, case_no, fields.author_id) for hash in words_of(fields)]


def _of_holders(stored: Stored) -> Iterator[Named]:
    """Of a paper that can be read: what else a note calls its document is nobody's."""
    fact = fact_of(stored)
    if fact is not None and fact.document:
        yield fact.document, fact.case_no, fact.author


def _of_named(stored: Stored) -> Iterator[Named]:
    """Of the note itself: holding its case gives no right to it. What is for nobody (a draft, a note to the own hall) is its author's."""
    if stored.fields.body_hash and (note_kind(stored.fields.kind).name or addressed(stored.fields.facts)):
        yield stored.fields.body_hash, carriage.ref(stored.hash), stored.author


NAMES: Mapping[Words, Callable[[Stored], Iterator[Named]]] = {
    Words.HOLDERS: _of_holders,
    Words.NAMED: _of_named,
    Words.NONE: lambda stored: iter(()),
}
