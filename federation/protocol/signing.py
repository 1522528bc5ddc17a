"""Keys and signatures, without I/O.

One suite ships: `ed25519-sha256`. What is signed is never the bare message but a label that says what kind of statement
it is, a zero byte, and the SHA-256 of the message: a signature over an entry can then never be shown as a signature over
a receipt or a join answer (domain separation), and an entry that was hashed for its chain need not be hashed again.

A key is named by `key_id`, the first 8 bytes of the SHA-256 of the raw public key. Whether a key may speak for a node at a
position of its chain is not decided here but in `trust`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.protocol.envelope import SUITE, entry_hash

ENTRY = b"tongban entry signature 1\0"
RECEIPT = b"tongban receipt signature 1\0"
STATEMENT = b"tongban statement signature 1\0"
JOIN_ANSWER = b"tongban join answer signature 1\0"
JOIN_REQUEST = b"tongban join request signature 1\0"
ENROLMENT_PROOF = b"tongban enrolment proof 1\0"  # these three: `proofs`
ROTATION_PROOF = b"tongban rotation proof 1\0"
RENEWAL_PROOF = b"tongban renewal proof 1\0"

__all__ = [
    "ENROLMENT_PROOF", "ENTRY", "JOIN_ANSWER", "JOIN_REQUEST", "RECEIPT", "RENEWAL_PROOF", "ROTATION_PROOF", "STATEMENT", "SUITE",
    "BadKeyError", "Signer", "key_id_of", "verify", "verify_entry",
]  # fmt: skip


class BadKeyError(ValueError):
    """The key file is not an Ed25519 private key in PEM: ours to repair."""


def key_id_of(public: bytes) -> bytes:
    """The 8 bytes that name a raw 32-byte public key."""
    return hashlib.sha256(public).digest()[:8]


class Signer:
    """A node's private key. Threads may share one."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public: bytes = private.public_key().public_bytes_raw()
        self.key_id: bytes = key_id_of(self.public)

    @classmethod
    def generate(cls) -> Signer:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Signer:
        """A key from 32 given bytes, for tests and simulations."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, data: bytes) -> Signer:
        """Read what `to_pem` wrote. Raises BadKeyError."""
        try:
            key = serialization.load_pem_private_key(data, password=None)
        except (ValueError, TypeError) as error:
            raise BadKeyError("not a private key in PEM") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKeyError("not an Ed25519 key")
        return cls(key)

    def to_pem(self) -> bytes:
        """PKCS#8 PEM, not encrypted: the caller keeps the file at mode 0600."""
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, domain: bytes, message: bytes) -> bytes:
        """64 bytes over `message` as a statement of kind `domain` (one of the labels of this module)."""
        return self._private.sign(domain + hashlib.sha256(message).digest())

    def sign_hash(self, hash: bytes) -> bytes:
        """Sign an entry whose `entry_hash` is at hand."""
        return self._private.sign(ENTRY + hash)

    def sign_entry(self, header: bytes) -> bytes:
        """Sign header bytes as an entry."""
        return self.sign_hash(entry_hash(header))


@lru_cache(maxsize=8192)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def _verify(public: bytes, signed: bytes, signature: bytes) -> bool:
    try:
        _public(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def verify(public: bytes, domain: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is by the raw key `public` over `message` as a statement of kind `domain`. Never raises."""
    return _verify(public, domain + hashlib.sha256(message).digest(), signature)


def verify_entry(public: bytes, hash: bytes, signature: bytes) -> bool:
    """Whether `signature` is by `public` over the entry of that `entry_hash`. Never raises."""
    return _verify(public, ENTRY + hash, signature)
