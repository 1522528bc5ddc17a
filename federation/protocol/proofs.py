"""A key is a node's only with the node's own word. What that word is, and whether it holds.

A parent writes who its children are, so it could name any key as theirs. It may not: an entry that names a key carries the
fact `proof`, a signature by that very key over what the entry says of it, and every reader checks it (`trust`). The bytes that
are signed are made of the entry's own facts, so the proof travels wherever the entry goes.

    node_enrolled   node, key, code, link_key, parent, invitation: by the newcomer, before it asks to join
    key_rotated     node, key, epoch, seq, prev: by the new key, for this one place of the chain; the old key signs the entry
    node_rekeyed    node, key, epoch, lives, parent, invitation: by the key that is to count again

And a node's id is made of its first key (`node_id_of`), so nobody enrols it with another one. `invitation` is the hash of the
secret of the join code: what was signed for one invitation of one parent is of no use for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from federation.protocol.facts import FactValue, pack
from federation.protocol.signing import ENROLMENT_PROOF, RENEWAL_PROOF, ROTATION_PROOF, Signer, verify


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind of claim to a key: the label of its signature and the facts that are signed."""

    label: bytes
    names: tuple[str, ...]

    def statement(self, facts: Mapping[str, FactValue]) -> bytes:
        """The bytes to sign. Raises KeyError when a fact is missing, ValueError when one is no fact."""
        return pack({name: facts[name] for name in self.names}).encode()

    def prove(self, signer: Signer, facts: Mapping[str, FactValue]) -> bytes:
        """The fact `proof`, by the key that is named."""
        return signer.sign(self.label, self.statement(facts))

    def holds(self, facts: Mapping[str, FactValue]) -> bool:
        """Whether the key that these facts name signed them (`key` and `proof` among them). Never raises."""
        key, proof = facts.get("key"), facts.get("proof")
        if not isinstance(key, bytes) or not isinstance(proof, bytes):
            return False
        try:
            return _verified(key, self.label, self.statement(facts), proof)
        except (KeyError, ValueError):
            return False


ENROLMENT = Claim(ENROLMENT_PROOF, ("node", "key", "code", "link_key", "parent", "invitation"))
ROTATION = Claim(ROTATION_PROOF, ("node", "key", "epoch", "seq", "prev"))
RENEWAL = Claim(RENEWAL_PROOF, ("node", "key", "epoch", "lives", "parent", "invitation"))


def node_id_of(public: bytes) -> bytes:
    """The id of a node whose first key is this one: 16 bytes."""
    return hashlib.sha256(b"tongban node id 1\0" + public).digest()[:16]


@lru_cache(maxsize=8192)
def _verified(key: bytes, label: bytes, statement: bytes, proof: bytes) -> bool:
    return verify(key, label, statement, proof)
