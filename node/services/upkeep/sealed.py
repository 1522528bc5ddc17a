"""Files that only the holder of a key can read: what a backup is when it leaves the machine through a browser.

A *backup key* is an X25519 pair. The node keeps the public half and encrypts to it; the private half is printed once and belongs to the
director, so that the administrator who carries copies about reads none of them (三员分立).

A sealed file is a header (`MAGIC`, the public half of a pair made for this file, the first eight bytes of the SHA-256 of the recipient's
half) and pieces of `PIECE` bytes, each ChaCha20-Poly1305. The key of the pieces comes by HKDF-SHA256 from the shared secret, with the whole
header as salt. The nonce of a piece is its number and a mark on the last one (the STREAM construction), so that a piece that is altered,
moved, missing or added is found, and the end too. Both ways work piece by piece, whatever the size.

Rejected: a password (people choose one that can be guessed, and a copy is guessed at leisure); encryption of the zip's own (no order, weak).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.domain.words.errors import TongbanError

MAGIC = b"tongban sealed 1\n"
PIECE = 1 << 20
TAG = 16
_HEADER = len(MAGIC) + 32 + 8
_PRIVATE, _PUBLIC = "TBKEY1-", "TBPUB1-"
KEY_FILE_MOST = 4096  # bytes of a file in which a key stands


def new_key() -> str:
    """A private half as text."""
    return _text(_PRIVATE, X25519PrivateKey.generate().private_bytes_raw())


def public_of(text: str) -> bytes:
    """The public half of a key given as text, private or public. Errors: `bad_backup_key`."""
    for prefix, raw in _found(text):
        if prefix == _PUBLIC:
            return raw
        return X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    raise TongbanError("bad_backup_key")


def public_text(public: bytes) -> str:
    """A public half as text."""
    return _text(_PUBLIC, public)


def read_key_file(path: Path) -> str:
    """The text of a file in which a key stands. Errors: `not_found`, `bad_backup_key`."""
    try:
        with path.open("rb") as file:
            text = file.read(KEY_FILE_MOST).decode("utf-8-sig", "replace")
    except OSError:
        raise TongbanError("not_found", what=str(path)) from None
    public_of(text)
    return text


def is_sealed(path: Path) -> bool:
    """Whether a file is sealed. Errors: `not_found`."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        raise TongbanError("not_found", what=str(path)) from None


def _text(prefix: str, raw: bytes) -> str:
    """Groups of eight that can be copied by hand, with a check sum."""
    code = base64.b32encode(raw + hashlib.sha256(prefix.encode() + raw).digest()[:3]).decode().rstrip("=")
    return prefix + "-".join(code[at : at + 8] for at in range(0, len(code), 8))


def _found(text: str) -> Iterator[tuple[str, bytes]]:
    """The keys that stand in a text, the private first."""
    words = text.upper().split()
    for prefix in (_PRIVATE, _PUBLIC):
        for word in words:
            if word.startswith(prefix) and (raw := _raw(prefix, word)) is not None:
                yield prefix, raw


def _raw(prefix: str, word: str) -> bytes | None:
    code = word.removeprefix(prefix).replace("-", "")
    try:
        data = base64.b32decode(code + "=" * (-len(code) % 8))
    except binascii.Error:
        return None
    raw, check = data[:-3], data[-3:]
    return raw if len(raw) == 32 and hashlib.sha256(prefix.encode() + raw).digest()[:3] == check else None


def _cipher(private: X25519PrivateKey, public: bytes, header: bytes) -> ChaCha20Poly1305:
    shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=header, info=b"tongban backup").derive(shared))


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">xxxQB", number, last)


class Sealing(io.RawIOBase):
    """A file to write into: what comes out at `sink` is sealed for the holder of `public`'s private half. `close` ends it."""

    def __init__(self, sink: IO[bytes], public: bytes) -> None:
        super().__init__()
        own = X25519PrivateKey.generate()
        header = MAGIC + own.public_key().public_bytes_raw() + hashlib.sha256(public).digest()[:8]
        self._sink, self._cipher = sink, _cipher(own, public, header)
        self._number, self._held = 0, bytearray()
        sink.write(header)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._held += piece
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(piece)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._sink.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1

    def close(self) -> None:
        """The last piece, marked; `sink` stays open."""
        if not self.closed:
            self._put(bytes(self._held), last=True)
            self._held = bytearray()
        super().close()


def unseal(source: IO[bytes], sink: IO[bytes], key: str) -> None:
    """Write what a sealed file holds to `sink`. Errors: `bad_backup_key` (not this file's), `bad_backup` (altered, cut off)."""
    private = next((raw for prefix, raw in _found(key) if prefix == _PRIVATE), None)
    if private is None:
        raise TongbanError("bad_backup_key")
    header = source.read(_HEADER)
    own = X25519PrivateKey.from_private_bytes(private)
    if header[-8:] != hashlib.sha256(own.public_key().public_bytes_raw()).digest()[:8]:
        raise TongbanError("wrong_backup_key")
    cipher = _cipher(own, header[len(MAGIC) : len(MAGIC) + 32], header)
    number, piece = 0, source.read(PIECE + TAG)
    while True:
        following = source.read(PIECE + TAG)
        try:
            sink.write(cipher.decrypt(_nonce(number, last=not following), piece, None))
        except (InvalidTag, ValueError):
            raise TongbanError("bad_backup", reason="内容被改动或不完整", reason_en="altered or not whole") from None
        if not following:
            return
        number, piece = number + 1, following
