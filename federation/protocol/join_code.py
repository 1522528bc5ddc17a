"""The join code: what a person carries from a parent to a newcomer, or to a child whose key is to be renewed.

It holds all the other side needs to know whom to trust, and for which place it is: the division code, the parent's addresses,
node id and static X25519 key, the hash of the root's first entry, a one-time secret and an expiry. It is Crockford base32
in groups, with a checksum: case, spaces and dashes do not matter, I, L and O are read as 1, 1 and 0, and a typo is noticed
here, before anything is sent.

A refusal is JoinRefusedError; its `code` is a name in the error table.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass

from federation.protocol.facts import all_codes

SECRET_BYTES = 16
PIN_BYTES = 16  # of the root's first entry's hash
_PREFIX = "TB1"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FIXED = struct.Struct(f">16s32s{PIN_BYTES}s{SECRET_BYTES}sI")


class JoinRefusedError(Exception):
    """A join that may not be. `code` is a name of the error table; `details` fill its sentence."""

    def __init__(self, code: str, message: str = "", **details: str) -> None:
        super().__init__(message or code)
        self.code = code
        self.details = details


def secret_hash(secret: bytes) -> bytes:
    """What the parent keeps of a secret (it is random, so no salt is needed), and what entries name the invitation by."""
    return hashlib.sha256(b"tongban join secret 1\0" + secret).digest()


def new_secret() -> bytes:
    return os.urandom(SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class JoinCode:
    """What a person carries from parent to child. `code` is the division code it was made for; `expires` is seconds since 1970,
    judged by the parent's clock alone; `root` the first bytes of its hash."""

    code: str
    addresses: tuple[str, ...]
    parent: bytes
    parent_key: bytes
    root: bytes
    secret: bytes
    expires: int

    def to_text(self) -> str:
        """One line without spaces, such as `TB1-8K3MZ0QW-…`."""
        fixed = _FIXED.pack(self.parent, self.parent_key, self.root[:PIN_BYTES], self.secret, self.expires)
        payload = fixed + "\n".join((self.code, *self.addresses)).encode()
        text = _base32(payload + _checksum(payload))
        return "-".join([_PREFIX, *(text[i : i + 8] for i in range(0, len(text), 8))])

    @classmethod
    def from_text(cls, text: str) -> JoinCode:
        """Read a code as typed or pasted. Raises JoinRefusedError (bad_join_code)."""
        plain = "".join(text.split()).replace("-", "").upper()
        if not plain.startswith(_PREFIX) or len(plain) > 4096:
            raise JoinRefusedError("bad_join_code")
        data = _unbase32(plain.removeprefix(_PREFIX))
        payload, check = data[:-4], data[-4:]
        if len(payload) < _FIXED.size or check != _checksum(payload):
            raise JoinRefusedError("bad_join_code")
        try:
            place, *addresses = payload[_FIXED.size :].decode().split("\n")
        except UnicodeDecodeError as error:
            raise JoinRefusedError("bad_join_code") from error
        parent, parent_key, root, secret, expires = _FIXED.unpack(payload[: _FIXED.size])
        if not all_codes([place]):
            raise JoinRefusedError("bad_join_code")
        return cls(place, tuple(filter(None, addresses)), parent, parent_key, root, secret, expires)


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(b"tongban join code 1\0" + payload).digest()[:4]


def _base32(data: bytes) -> str:
    number, digits = int.from_bytes(data, "big"), -(-len(data) * 8 // 5)
    return "".join(_ALPHABET[(number >> (5 * n)) & 31] for n in reversed(range(digits)))


def _unbase32(text: str) -> bytes:
    number = 0
    for letter in text.translate(str.maketrans("OIL", "011")):
        digit = _ALPHABET.find(letter)
        if digit < 0:
            raise JoinRefusedError("bad_join_code")
        number = number << 5 | digit
    size = len(text) * 5 // 8
    if number >> (8 * size):
        raise JoinRefusedError("bad_join_code")
    return number.to_bytes(size, "big")
