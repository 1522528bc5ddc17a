"""Entries of others: authenticated, then stored, quarantined or kept as evidence.

A renewed key (`node_rekeyed`) may prove what came before it was known: then the evidence is judged again, in the order it
came, so nothing has to be sent a second time. That may bring further renewed keys; it goes on until nothing more is proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from federation.ports import HeadMark, WireEntry
from federation.protocol.chains import authenticate_run
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.trust import REKEYED, ROTATED
from node.store import evidence
from node.store.journal import knows
from node.store.maintenance import place
from node.store.store import Tx


def admit(tx: Tx, entries: Sequence[WireEntry], via: int) -> None:
    """Take entries that came through the peer with row id `via`."""
    if _take(tx, entries, via):
        judge_again(tx)


def judge_again(tx: Tx) -> None:
    """A key was renewed: take what it proves out of the evidence."""
    again = True
    while again:
        again = False
        for via, group in groupby(evidence.unproven(tx.connection), key=lambda one: one.via):
            kept = list(group)
            again |= _take(tx, [one.entry for one in kept], via)
            for one in kept:
                if _stored(tx, one.entry):
                    evidence.proven(tx.connection, one.id)


def _take(tx: Tx, entries: Sequence[WireEntry], via: int) -> bool:
    """Whether a change of a key that was not known is among them."""
    renewed = False
    for verdict, entry in zip(authenticate_run(entries, tx.trust.copy()), entries, strict=True):
        fields = verdict.header
        if fields is None or not verdict.authentic:
            tx.evidence(entry.header, entry.signature, verdict.status, fields, via)
            continue
        quarantined = verdict.status == "quarantined"
        stored = tx.journal.append_foreign(
            fields, verdict.hash, entry.header, entry.signature, via, quarantined=quarantined
        )  # fmt: skip
        if quarantined:
            tx.finding(fields.author_id, "quarantined", place(*fields.position))
        renewed |= stored is not None and fields.kind in (REKEYED, ROTATED)
    tx.journal.write()
    return renewed


def _stored(tx: Tx, entry: WireEntry) -> bool:
    fields = decode_header(entry.header)
    return knows(tx, fields.author_id, HeadMark(fields.epoch, fields.seq, entry_hash(entry.header)))
