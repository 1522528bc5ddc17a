"""Which objects to fetch, now that an entry is here. Work in progress: the table `wanted` is no copy of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from node.domain.model import Case
from node.store import papers, sources
from node.store.journal import Stored
from node.store.objects import entitled, holders
from node.store.projected.base import Change, Projection
from node.store.projected.references import words_of

if TYPE_CHECKING:
    from node.store.store import Tx


class Wanted(Projection):
    """What a node may have is asked for where it came from, or on another side where it may be (`node.store.sources`)."""

    NAME = "wanted"

    def apply(self, tx: Tx, changes: Sequence[Change]) -> None:
        for change in changes:
            _OF_CLASS[change.stored.fields.entry_class](tx, change)
            stored = change.stored
            if stored.via and stored.author == tx.identity.node_id and stored.fields.body_hash:
                sources.note_lost_word(tx, stored.fields.body_hash)


def _of_case(tx: Tx, change: Change) -> None:
    stored, before, after = change
    assert after is not None
    if stored.via:
        _want(tx, stored, after)
    if stored.via if before is None else holders(before) != holders(after):
        _seek_words(tx, after)


def _want(tx: Tx, stored: Stored, case: Case) -> None:
    """Fetch what this node is now entitled to; all of the case when it was just offered to us, or comes back (after a restore)
    with our offer to somebody. What nobody else ever held is not asked for: it is lost, and `verify` says so."""
    me = tx.identity.node_id
    if (not entitled(case, me) and stored.author != me) or not holders(case) - {me}:
        return
    hint = stored.via
    offered_here = case.offer is not None and case.offer.target == me
    all_of_it = offered_here or stored.fields.kind == "custody_assigned" or (stored.author == me and case.offer is not None)
    bodies = case.bodies if all_of_it else (stored.fields.body_hash,)
    for hash in bodies:
        if hash and tx.objects.may_fetch(hash, me):
            tx.objects.want(hash, case.case_no, hint)
    blobs = case.blobs if all_of_it else (stored.fields.facts.get("blob"),)
    for blob in blobs:
        if isinstance(blob, bytes) and blob:
            tx.objects.want(blob, case.case_no, hint, blob=True)
    _want_papers(tx, case, hint)


def _seek_words(tx: Tx, case: Case) -> None:
    """The case is known now, or goes elsewhere: what its requests say may be on another side than before. Of an answered one only
    the asker still wants it (its disk burned)."""
    me, rows = tx.identity.node_id, tx.requests.of_case(case.case_no)
    if rows:
        tx.journal.write()
    for row in rows:
        if (row.state == "pending" or row.author == me) and _are_for_us(tx, case, row.author):
            fields = decode_header(tx.requests.facts(row))
            for hash in words_of(fields):
                sources.seek(tx, hash, case.case_no, 0, blob=hash != fields.body_hash)


def _of_request(tx: Tx, change: Change) -> None:
    stored, _, case = change
    fields = stored.fields
    if stored.via and case is not None and _are_for_us(tx, case, stored.author):
        for hash in words_of(fields):
            sources.seek(tx, hash, fields.subject, stored.via, blob=hash != fields.body_hash)


def _are_for_us(tx: Tx, case: Case, author: bytes) -> bool:
    """Whether we may have what a request says: we asked, we hold or held the case, or we carry the request to whoever does."""
    me = tx.identity.node_id
    return author == me or entitled(case, me) or tx.objects.carries(case, author, me)


def _of_paper(tx: Tx, change: Change) -> None:
    stored, _, case = change
    if stored.via and case is not None:
        _want_papers(tx, case, stored.via)


def _want_papers(tx: Tx, case: Case, hint: int) -> None:
    """Fetch the frozen words of papers that holders of the case issued, when we are or were one: whoever may read the case gets them."""
    me = tx.identity.node_id
    if not entitled(case, me) or not holders(case) - {me}:
        return
    for fact in papers.of_case(tx.connection, case.case_no):
        if fact.document and entitled(case, fact.author) and tx.objects.may_fetch(fact.document, me):
            sources.seek(tx, fact.document, case.case_no, hint)


_OF_CLASS = {"case": _of_case, "request": _of_request, "note": _of_paper}
