"""What a node wrote with an old key of its own, in one life of its disk or in several: evidence to its neighbours until its key is
renewed (`renewal.py`).

A disk that burned twice from one old backup does not remember its life in between, so it may do again what it did then. As long
as a neighbour holds entries of such a life it does not confirm, and the cases that existed stay frozen; what the node files
anew goes on. The renewal names the last entry of each life, those that the node forgot among them once its parent has shown it
its own signature on them, and the node asks for everything again when one is not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from federation.ports import WireEntry
from federation.protocol.envelope import MalformedEntryError, decode_header, entry_hash
from federation.protocol.signing import Signer, verify_entry
from node.store import enrolments, evidence
from node.store.store import Tx, View


class Last(NamedTuple):
    """The last entry of one life."""

    seq: int
    hash: bytes


Lives = dict[int, Last]  # by epoch


def in_vain(view: View | Tx, node_id: bytes, key_id: bytes = b"", but: int = -1) -> dict[int, WireEntry]:
    """The last entry, by epoch, of each life that an older key of the node (this one, when given) signed after it was changed, but
    for one epoch: what a renewal would prove."""
    node = view.trust.node(node_id)
    found: dict[int, tuple[int, WireEntry]] = {}
    if node is None:
        return {}
    after = max(key.since[0] for key in node.keys)
    for entry in evidence.unproven_of(view.connection, node_id, but):
        with suppress(MalformedEntryError):
            fields = decode_header(entry.header)
            key = view.trust.key_named(node_id, fields.key_id)
            if fields.epoch <= after or key is None or key_id not in (b"", key.key_id):
                continue
            if fields.seq > found.get(fields.epoch, (0,))[0] and verify_entry(
                key.public, entry_hash(entry.header), entry.signature
            ):
                found[fields.epoch] = (fields.seq, entry)
    return {epoch: entry for epoch, (_, entry) in found.items()}


def here(tx: Tx, epoch: int) -> Lives:
    """Our own lives from that epoch on, as far as our disk remembers them."""
    rows = enrolments.last_of_epochs(tx.connection, tx.identity.node_id, epoch)
    return {epoch: Last(seq, hash) for epoch, seq, hash in rows}


def signed_by(signer: Signer, node_id: bytes, entries: Iterable[WireEntry]) -> Lives | None:
    """What these last entries say of our lives; None when one of them is not ours."""
    found = Lives()
    for entry in entries:
        try:
            fields = decode_header(entry.header)
        except MalformedEntryError:
            return None
        last = Last(fields.seq, entry_hash(entry.header))
        if fields.author_id != node_id or not verify_entry(signer.public, last.hash, entry.signature):
            return None
        found[fields.epoch] = last
    return found


def as_codes(lives: Lives) -> tuple[str, ...]:
    """For the facts of `node_rekeyed`."""
    return tuple(f"{epoch}:{seq}:{hash.hex()}" for epoch, (seq, hash) in sorted(lives.items()))


def forgotten(tx: Tx, codes: object) -> int:
    """The latest of these epochs when the last entry of one of them is not here; 0 when all are."""
    lives = read(codes)
    if all(tx.journal.hash_at(tx.own_row, epoch, seq) == hash for epoch, (seq, hash) in lives.items()):
        return 0
    return max(lives)


def read(codes: object) -> Lives:
    """What a later version writes otherwise is not understood."""
    found = Lives()
    for code in codes if isinstance(codes, tuple) else ():
        with suppress(ValueError):
            epoch, seq, hash = str(code).split(":")
            found[int(epoch)] = Last(int(seq), bytes.fromhex(hash))
    return found
