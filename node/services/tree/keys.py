"""The private keys of a node: files in DIR/keys, readable by the owner alone.

    signing-<key id>.pem   Ed25519, signs the journal; more than one while a rotation is under way
    box.pem                X25519, opens join requests
    link.pem               P-256, the node's end of its links (TLS proves who dials, nothing else)
    link-cert.pem          certificate for link.pem, issued by the parent's link authority (the root: by its own)
    link-ca.pem            certificate of the authority that the parent's end is checked against
    ca.pem, ca-cert.pem    the authority of this node, which issues the certificates of its children
    session.bin            32 random bytes for the web session cookie

Every file is written beside its place, synced and then renamed, so a power cut leaves the old or the new one. Which
signing key is in force is not decided here but by the journal (trust): a rotation writes the new file first, commits
`key_rotated`, and removes the old file only after that, so whichever way a crash falls, the key in force is on disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from federation.protocol.signing import Signer
from node.domain.words.errors import TongbanError
from node.machine.oslayer import make_private_directory, write_private

WritePrivate = Callable[[Path, bytes], None]


class KeyFiles:
    """DIR/keys of one node. `write` replaces a file durably and privately."""

    def __init__(self, folder: Path, write: WritePrivate = write_private) -> None:
        self.folder = folder
        self._write = write

    @classmethod
    def create(cls, folder: Path, write: WritePrivate = write_private) -> KeyFiles:
        """Fresh keys of every kind but certificates."""
        make_private_directory(folder)
        files = cls(folder, write)
        files.add_signer(Signer.generate())
        files.put("box.pem", _private_pem(X25519PrivateKey.generate()))
        files.put("link.pem", _private_pem(ec.generate_private_key(ec.SECP256R1())))
        files.put("session.bin", secrets.token_bytes(32))
        return files

    # signing -------------------------------------------------------------------------------------------------------

    def signers(self) -> dict[bytes, Signer]:
        """Every signing key on disk by its key id."""
        found: dict[bytes, Signer] = {}
        for path in sorted(self.folder.glob("signing-*.pem")):
            signer = Signer.from_pem(path.read_bytes())
            found[signer.key_id] = signer
        return found

    def signer(self, key_id: bytes | None = None) -> Signer:
        """The signing key with that id; without one, the only key there is (a node that has no journal yet)."""
        found = self.signers()
        if key_id is None and len(found) == 1:
            return next(iter(found.values()))
        if key_id is None or key_id not in found:
            raise TongbanError("not_a_node", path=str(self.folder))
        return found[key_id]

    def add_signer(self, signer: Signer) -> None:
        self._write(self._signing_path(signer.key_id), signer.to_pem())

    def keep_only(self, key_id: bytes) -> None:
        """Remove every signing key but the one in force; nothing happens when that one is not on disk."""
        if not self._signing_path(key_id).exists():
            return
        for path in self.folder.glob("signing-*.pem"):
            if path != self._signing_path(key_id):
                path.unlink()

    def _signing_path(self, key_id: bytes) -> Path:
        return self.folder / f"signing-{key_id.hex()}.pem"

    # the other files -----------------------------------------------------------------------------------------------

    def box(self) -> X25519PrivateKey:
        key = serialization.load_pem_private_key(self.get("box.pem"), None)
        if not isinstance(key, X25519PrivateKey):
            raise TongbanError("not_a_node", path=str(self.folder))
        return key

    def link_public_der(self) -> bytes:
        """The public half of link.pem as SubjectPublicKeyInfo, DER."""
        key = serialization.load_pem_private_key(self.get("link.pem"), None)
        return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    @staticmethod
    def as_pem(public_der: bytes) -> bytes:
        """A public key given as DER, as PEM. Raises bad_join_code when it is no key."""
        try:
            key = serialization.load_der_public_key(public_der)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise TongbanError("bad_join_code") from error
        return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def session_secret(self) -> bytes:
        return self.get("session.bin")

    def get(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise TongbanError("not_a_node", path=str(self.folder / name)) from None

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def put(self, name: str, data: bytes) -> None:
        self._write(self.folder / name, data)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


def _private_pem(key: X25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
