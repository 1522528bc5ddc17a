"""Which objects to fetch, now that an entry is here. Work in progress: the table `wanted` is no copy of the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from node.domain.model import Case
from node.domain.notes import RECEIVED, Words, is_about, note_kind
from node.store import carriage, papers, sources
from node.store.objects import entitled, holders
from node.store.projected.base import Change, Projection
from node.store.projected.references import words_of
from node.store.stored import Stored

if TYPE_CHECKING:
    from node.store.turn import Turn


class Wanted(Projection):
    """What a node may have is asked for where it came from, or on another side where it may be (`node.store.sources`)."""

    NAME = "wanted"

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        for change in changes:
            _OF_CLASS[change.stored.fields.entry_class](tx, change)
            stored = change.stored
            if stored.via and stored.author == tx.identity.node_id and stored.fields.body_hash:
                sources.note_lost_word(tx, stored.fields.body_hash)


def _of_case(tx: Turn, change: Change) -> None:
    stored, before, after = change
    assert after is not None
    if stored.via:
        _want(tx, stored, after)
    if stored.via if before is None else holders(before) != holders(after):
        _seek_words(tx, after)


def _want(tx: Turn, stored: Stored, case: Case) -> None:
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


def _seek_words(tx: Turn, case: Case) -> None:
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


def _of_request(tx: Turn, change: Change) -> None:
    stored, _, case = change
    fields = stored.fields
    if stored.via and case is not None and _are_for_us(tx, case, stored.author):
        for hash in words_of(fields):
            sources.seek(tx, hash, fields.subject, stored.via, blob=hash != fields.body_hash)


def _are_for_us(tx: Turn, case: Case, author: bytes) -> bool:
    """Whether we may have what a request says: we asked, we hold or held the case, or we carry the request to whoever does."""
    me = tx.identity.node_id
    return author == me or entitled(case, me) or tx.objects.carries(case, author, me)


def _of_paper(tx: Turn, change: Change) -> None:
    stored, _, case = change
    if stored.via and case is not None:
        _want_papers(tx, case, stored.via)


def _want_papers(tx: Turn, case: Case, hint: int) -> None:
    """Fetch the frozen words of papers that holders of the case issued, and of revocations from above, when we are or were one: whoever
    may read the case gets them."""
    me = tx.identity.node_id
    if not entitled(case, me) or not holders(case) - {me}:
        return
    for fact in papers.of_case(tx.connection, case.case_no):
        if fact.document and (entitled(case, fact.author) or fact.about) and tx.objects.may_fetch(fact.document, me):
            sources.seek(tx, fact.document, case.case_no, hint)


def _of_note(tx: Turn, change: Change) -> None:
    WORDS[note_kind(change.stored.fields.kind).words](tx, change)


def _of_named(tx: Turn, change: Change) -> None:
    """Fetch what is for us, what we have to carry, and our own that comes back (after a restore)."""
    stored = change.stored
    id, body = stored.hash, stored.fields.body_hash
    if tx.identity.code in carriage.addressees(tx, id):
        tx.noted.add(id)
    if not stored.via or not body or not tx.objects.may_fetch(body, tx.identity.node_id):
        return
    if sources.too_many(tx, stored.author):
        sources.note_lost(tx, body)
    else:
        sources.seek(tx, body, carriage.ref(id), stored.via)


def _without_words(tx: Turn, change: Change) -> None:
    about = is_about(change.stored.fields.facts) if change.stored.fields.kind == RECEIVED else None
    if about is not None:
        sources.release(tx, about)


WORDS: Mapping[Words, Callable[[Turn, Change], None]] = {
    Words.HOLDERS: _of_paper,
    Words.NAMED: _of_named,
    Words.NONE: _without_words,
}
_OF_CLASS = {"case": _of_case, "request": _of_request, "note": _of_note}
