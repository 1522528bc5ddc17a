"""Which case an object belongs to (`object_refs`): what the entries of cases, requests and papers name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from federation.protocol.envelope import HeaderFields
from node.store.catalog_tables import public_objects
from node.store.objects import EXPECTED, PUBLIC
from node.store.projected.base import Change, Compared, Projection
from node.store.projected.papers import fact_of

if TYPE_CHECKING:
    from node.store.store import Tx


class References(Projection):
    """Objects of the catalog stand beside them as PUBLIC; those are not compared."""

    NAME = "references"
    TABLES = """
CREATE TABLE object_refs(hash BLOB, case_no TEXT NOT NULL, author BLOB NOT NULL, PRIMARY KEY(hash, case_no)) WITHOUT ROWID;
"""
    COMPARED = {"object_refs": Compared("hash, case_no", "case_no <> ''", more_is_fine=True)}

    def start(self, tx: Tx) -> None:
        """What is on its way for the catalog is still expected."""
        me = tx.identity.node_id
        coming = tx.connection.execute("SELECT hash FROM wanted WHERE case_no=?", (PUBLIC,)).fetchall()
        tx.objects.refer_all([(digest, PUBLIC, layer) for digest, layer in public_objects(tx.connection)])
        tx.objects.refer_all([(digest, EXPECTED, me) for (digest,) in coming])

    def apply(self, tx: Tx, changes: Sequence[Change]) -> None:
        if named := [row for change in changes for row in _named(change)]:
            tx.objects.refer_all(named)


def words_of(fields: HeaderFields) -> list[bytes]:
    """The objects that a case event or a request names: its body and its file."""
    return [hash for hash in (fields.body_hash, fields.facts.get("blob")) if isinstance(hash, bytes) and hash]


def _named(change: Change) -> Iterator[tuple[bytes, str, bytes]]:
    """(object, case number, author)."""
    stored = change.stored
    fields = stored.fields
    if fields.entry_class == "note":
        fact = fact_of(stored)
        if fact is not None and fact.document:
            yield fact.document, fact.case_no, fact.author
        return
    case_no = fields.case.case_no if fields.entry_class == "case" and fields.case is not None else fields.subject
    for hash in words_of(fields):
        yield hash, case_no, stored.author
