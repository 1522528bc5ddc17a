"""Statements: what a node says of itself to one neighbour, signed, on every link (Status in link.proto).

"My chain ends here, at my time `clock_ms`, and your clock showed `after_ms` before I said it." Without it an idle node and a dead one
look the same. The neighbour cites the hash of the latest statement in what it tells others of the node (`heard`), so that its word can be
checked, and names it in its own next statement (`of_you`), so that the node can prove that it spoke.

`after_ms` is what makes silence exact: whatever the node does later, it does after that moment of the neighbour's own clock.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from federation.ports import HeadMark
from federation.protocol.envelope import SUITE
from federation.protocol.signing import STATEMENT, Signer, verify
from federation.protocol.trust import TrustStore
from protos.tongban.v1 import link_pb2 as pb

HASH_BYTES, SIGNATURE_BYTES = 16, 64


class BadStatementError(ValueError):
    """A statement that proves nothing. `code` is malformed | wrong_link | superseded_key | bad_signature."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of `node_id` to `peer_id` (times in ms since 1970 UTC; `of_you` 16 bytes, empty before the first)."""

    node_id: bytes
    peer_id: bytes
    head: HeadMark
    clock_ms: int
    after_ms: int
    of_you: bytes
    key_id: bytes = b""
    suite: str = SUITE


def statement_hash(statement: bytes) -> bytes:
    """The 16 bytes that name a statement."""
    return hashlib.sha256(b"tongban statement 1\0" + statement).digest()[:HASH_BYTES]


def make_statement(signer: Signer, said: Said) -> tuple[bytes, bytes]:
    """(statement bytes, signature)."""
    statement = pb.Statement(
        node_id=said.node_id, peer_id=said.peer_id, clock_ms=said.clock_ms, after_ms=said.after_ms, of_you=said.of_you,
        own_head=pb.Head(epoch=said.head.epoch, seq=said.head.seq, hash=said.head.hash), key_id=signer.key_id, suite=SUITE,
    ).SerializeToString(deterministic=True)  # fmt: skip
    return statement, signer.sign(STATEMENT, statement)


def read_statement(statement: bytes) -> Said:
    """What a statement says, unchecked. Raises BadStatementError (malformed)."""
    try:
        m = pb.Statement.FromString(statement)
    except DecodeError as error:
        raise BadStatementError("malformed") from error
    head = m.own_head
    if len(m.node_id) != 16 or len(m.peer_id) != 16 or len(head.hash) not in (0, 32) or head.seq >= 1 << 63:
        raise BadStatementError("malformed")
    if len(m.of_you) not in (0, HASH_BYTES):
        raise BadStatementError("malformed")
    mark = HeadMark(head.epoch, head.seq, head.hash)
    return Said(m.node_id, m.peer_id, mark, m.clock_ms, m.after_ms, m.of_you, m.key_id, m.suite)


def shown_statement(proof: bytes, trust: TrustStore, *, author: bytes, to: bytes) -> Said:
    """What an authentic statement says that somebody else shows (`proof`: signature and statement). Raises BadStatementError.

    It may be of a while ago, so a key that the author has renewed since will do."""
    signature, statement = proof[:SIGNATURE_BYTES], proof[SIGNATURE_BYTES:]
    said = read_statement(statement)
    if (said.node_id, said.peer_id) != (author, to):
        raise BadStatementError("wrong_link")
    key = trust.key_named(author, said.key_id)
    if key is None or said.suite != SUITE:
        raise BadStatementError("superseded_key")
    if not verify(key.public, STATEMENT, statement, signature):
        raise BadStatementError("bad_signature")
    return said


def open_statement(statement: bytes, signature: bytes, trust: TrustStore, *, author: bytes, to: bytes) -> Said:
    """What an authentic statement over this link says. Raises BadStatementError.

    Only the key in force speaks for a node now: one that came back with an older one is not known to be itself."""
    said = read_statement(statement)
    if (said.node_id, said.peer_id) != (author, to):
        raise BadStatementError("wrong_link")
    key = trust.current_key(author)
    if key is None or key.key_id != said.key_id or said.suite != SUITE:
        raise BadStatementError("superseded_key")
    if not verify(key.public, STATEMENT, statement, signature):
        raise BadStatementError("bad_signature")
    return said
