"""Receipts: the parent countersigns how far it holds a child's chain, and when.

A receipt is cumulative: it names the head (epoch, seq, hash) of the direct child's chain as the parent has durably stored
it, and the parent's time. With it a child can prove that everything up to that head was handed over, and the parent that
nothing before it may change. The child writes the hash of the latest one into each header (`not_before`), which bounds
the time of an entry from below; the first receipt over an entry bounds it from above.

Like a header, a receipt is serialised once and those bytes are signed, under a label of their own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from federation.ports import HeadMark
from federation.protocol.envelope import SUITE
from federation.protocol.signing import RECEIPT, Signer, verify
from federation.protocol.trust import TrustStore
from protos.tongban.v1 import envelope_pb2 as pb

UNKNOWN_KEY = "unknown_key"


class BadReceiptError(ValueError):
    """A receipt that proves nothing: the parent's fault, or that of whoever altered it.

    `code` is malformed | not_the_parent | unknown_key | bad_signature | another_link.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ReceiptFields:
    """What a receipt says: `parent_id` held `child_id`'s chain up to `head` at `at_ms` (ms since 1970 UTC)."""

    parent_id: bytes
    child_id: bytes
    head: HeadMark
    at_ms: int
    key_id: bytes
    suite: str = SUITE


def receipt_hash(receipt: bytes) -> bytes:
    """The 32 bytes that name a receipt (a header's `not_before`)."""
    return hashlib.sha256(b"tongban receipt 1\0" + receipt).digest()


def make_receipt(signer: Signer, parent_id: bytes, child_id: bytes, head: HeadMark, at_ms: int) -> tuple[bytes, bytes]:
    """(receipt bytes, signature) by the parent over the child's head at `at_ms`."""
    receipt = pb.Receipt(
        parent_id=parent_id,
        child_id=child_id,
        epoch=head.epoch,
        seq=head.seq,
        head=head.hash,
        at_ms=at_ms,
        key_id=signer.key_id,
        suite=SUITE,
    ).SerializeToString(deterministic=True)
    return receipt, signer.sign(RECEIPT, receipt)


def parse_receipt(receipt: bytes) -> ReceiptFields:
    """Read receipt bytes without checking the signature. Raises BadReceiptError (malformed)."""
    try:
        m = pb.Receipt.FromString(receipt)
    except DecodeError as error:
        raise BadReceiptError("malformed", "not a receipt") from error
    if len(m.parent_id) != 16 or len(m.child_id) != 16 or len(m.head) not in (0, 32) or m.seq >= 1 << 63:
        raise BadReceiptError("malformed", "a receipt that names no nodes or no head")
    return ReceiptFields(m.parent_id, m.child_id, HeadMark(m.epoch, m.seq, m.head), m.at_ms, m.key_id, m.suite)


def verify_receipt(receipt: bytes, signature: bytes, trust: TrustStore) -> ReceiptFields:
    """What an authentic receipt says. Raises BadReceiptError.

    Any key the parent ever had will do: a receipt has no position in its chain, and old receipts must keep verifying.
    """
    fields = parse_receipt(receipt)
    if trust.parent(fields.child_id) != fields.parent_id:
        raise BadReceiptError("not_the_parent", "a receipt by a node that is not the parent")
    key = trust.key_named(fields.parent_id, fields.key_id)
    if key is None or fields.suite != SUITE:
        raise BadReceiptError(UNKNOWN_KEY, "a receipt by a key the parent never had")
    if not verify(key.public, RECEIPT, receipt, signature):
        raise BadReceiptError("bad_signature", "the receipt's signature does not hold")
    return fields


def open_receipt(receipt: bytes, signature: bytes, trust: TrustStore, *, parent: bytes, child: bytes) -> ReceiptFields:
    """`verify_receipt` for a receipt that came over the link between `parent` and `child`. Raises BadReceiptError.

    `unknown_key` may only mean that the parent's `key_rotated` is still under way: the receipt may be tried again.
    """
    fields = verify_receipt(receipt, signature, trust)
    if (fields.parent_id, fields.child_id) != (parent, child):
        raise BadReceiptError("another_link", "an authentic receipt, but for another link")
    return fields
