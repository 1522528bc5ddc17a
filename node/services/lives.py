"""What a node wrote with an old key of its own, in one life of its disk or in several: evidence to its neighbours until its key is
renewed (`renewal.py`).

A disk that burned twice from one old backup does not remember its life in between, so it may do again what it did then. As long
as a neighbour holds entries of such a life it does not say CaughtUp, and the cases that existed stay frozen; what the node files
anew goes on. The renewal names the last entry of each life, and the node asks for everything again when one is not its own.
"""

from __future__ import annotations

from contextlib import suppress

from federation.protocol.envelope import MalformedEntryError, decode_header, entry_hash
from federation.protocol.signing import verify_entry
from node.store import evidence
from node.store.store import Tx, View

Lives = dict[int, int]  # the last seq of each epoch


def in_vain(view: View | Tx, node_id: bytes, key_id: bytes = b"", but: int = -1) -> Lives:
    """Lives that an older key of the node (this one, when given) signed after it was changed, but for one epoch: what a renewal
    would prove."""
    node, found = view.trust.node(node_id), Lives()
    if node is None:
        return found
    after = max(key.since[0] for key in node.keys)
    for entry in evidence.unproven_of(view.connection, node_id, but):
        with suppress(MalformedEntryError):
            fields = decode_header(entry.header)
            key = view.trust.key_named(node_id, fields.key_id)
            if fields.epoch <= after or key is None or key_id not in (b"", key.key_id):
                continue
            if verify_entry(key.public, entry_hash(entry.header), entry.signature):
                found[fields.epoch] = max(found.get(fields.epoch, 0), fields.seq)
    return found


def as_codes(lives: Lives) -> tuple[str, ...]:
    """For the facts of `node_rekeyed`."""
    return tuple(f"{epoch}:{seq}" for epoch, seq in sorted(lives.items()))


def forgotten(tx: Tx, codes: object) -> int:
    """The latest of these epochs when the last entry of one of them is not here; 0 when all are."""
    lives = _read(codes)
    if all(tx.journal.hash_at(tx.own_row, epoch, seq) for epoch, seq in lives.items()):
        return 0
    return max(lives)


def _read(codes: object) -> Lives:
    """Only our parent writes this; what a later one writes otherwise is not understood."""
    found = Lives()
    for code in codes if isinstance(codes, tuple) else ():
        with suppress(ValueError):
            epoch, seq = map(int, str(code).split(":"))
            found[epoch] = seq
    return found
