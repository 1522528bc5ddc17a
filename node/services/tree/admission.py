"""Entries of others: authenticated, then stored, quarantined or kept as evidence.

A renewed key (`node_rekeyed`) or an enrolment may prove what came before it was known: then the evidence is judged again, in the order it
came, so nothing has to be sent a second time. That may bring further renewed keys; it goes on until nothing more is proven.

After a restore our own enrolments come back: who joined since the backup was made is our child again. A life of ours that burned and was
in a later epoch than the present one comes back too, by a line or a bundle, whatever the greeting showed: then we go on beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from federation.ports import HeadMark, WireEntry
from federation.protocol.chains import authenticate_run
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.trust import ENROLLED, REKEYED, ROTATED
from node.domain.model import Facts
from node.services.tree.recovery import leave_passed_epoch
from node.store import enrolments, evidence
from node.store.introductions import give_what_waits
from node.store.journal import knows
from node.store.maintenance import place
from node.store.store import Tx


def admit(tx: Tx, entries: Sequence[WireEntry], via: int) -> None:
    """Take entries that came through the peer with row id `via`."""
    if _take(tx, entries, via):
        judge_again(tx)
    leave_passed_epoch(tx)


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
        renewed |= stored is not None and fields.kind in (ENROLLED, REKEYED, ROTATED)
        if stored is not None and fields.kind == ENROLLED and fields.author_id == tx.identity.node_id:
            _remember_child(tx, fields.facts)
    tx.journal.write()
    return renewed


def take_child(tx: Tx, node: bytes, code: str) -> int:
    """An enrolled node becomes a neighbour, with everything it must be told first; its row id."""
    child = tx.add_peer(node, "down", code)
    tx.links.route(child, enrolments.starting_arrivals(tx.connection, tx.trust.path(tx.identity.node_id)))
    give_what_waits(tx, child, code)
    return child


def _remember_child(tx: Tx, facts: Facts) -> None:
    """We enrolled it in a time that our backup does not know. Like every neighbour it has to say what we forgot. Its name stood in the
    invitation alone: where that burned with the disk, the name of its division is shown."""
    named, me = facts.get("node"), tx.identity.node_id
    known = tx.trust.node(named) if isinstance(named, bytes) else None
    if known is None or known.parent != me or tx.links.get(known.node_id) is not None:
        return
    tx.links.update(take_child(tx, known.node_id, known.code), confirmed=0)
    secret = facts.get("invitation")
    row = enrolments.invitation(tx.connection, secret) if isinstance(secret, bytes) else None
    enrolments.save_name(tx.connection, known.node_id, known.code, row.name if row is not None else "", known.tier, me)


def _stored(tx: Tx, entry: WireEntry) -> bool:
    fields = decode_header(entry.header)
    return knows(tx, fields.author_id, HeadMark(fields.epoch, fields.seq, entry_hash(entry.header)))
