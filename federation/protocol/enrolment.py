"""Joining: a code that a person carries (`join_code`), one sealed request, one sealed and signed answer. Pure functions.

The **request** is encrypted to the parent's key (ephemeral X25519, HKDF-SHA256, ChaCha20-Poly1305), so plain HTTP will do.
Inside are the newcomer's node id and keys, a signature by its new key over all of it (it has that key), an HMAC by
the secret (it has the code), and the proof for the parent's entry (`proofs`), which every reader of that entry checks. The
secret itself is in there too, because the parent keeps only its hash:
`open_request` checks both proofs, so a caller that finds `request.secret_hash` among its open invitations needs no
further check than expiry and use.

The **answer** goes back under a second key of the same exchange. It holds the entries that prove the parent, and now the
newcomer, up to the pinned root, and it is signed by the parent's node key over the very request it answers.
`open_answer` accepts it only when the root is the pinned one, the parent is the one named in the code, the enrolment is
for our own id, key and place, and the signature holds: whoever listens or answers in between gets `wrong_parent`. The parent
may keep `JoinAnswer.pack()` and seal it again when the same newcomer asks again with the same code.

A **renewal** is the same exchange between a parent and a child it already has: the request names an epoch besides, and
asks that the child's key count from that epoch on, for the lives of its disk that it knows. The answer's chain then ends with
the parent's `node_rekeyed`; or the answer shows `lives` that the request did not name, nothing was renewed, and the child, having
looked at the signatures, asks again with them: what an entry says in its name it has signed itself.

A refusal is JoinRefusedError; its `code` is a name in the error table: bad_join_code, join_code_used, join_code_expired,
wrong_parent, code_active; of a renewal also not_a_renewal, renew_other_node, strange_key, backup_too_old.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.ports import WireEntry
from federation.protocol.chains import authenticate_run
from federation.protocol.facts import FactValue, all_codes
from federation.protocol.join_code import SECRET_BYTES, JoinCode, JoinRefusedError, secret_hash
from federation.protocol.proofs import ENROLMENT, RENEWAL
from federation.protocol.signing import JOIN_ANSWER, JOIN_REQUEST, BadKeyError, Signer, verify
from federation.protocol.trust import TrustStore

MAX_MESSAGE = 1 << 20  # bytes of a request or an answer
MAX_LIVES = 200  # of one renewal


class JoinKey:
    """The parent's static X25519 key: what requests are encrypted to."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self.private = private
        self.public: bytes = private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> JoinKey:
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, data: bytes) -> JoinKey:
        """Read what `to_pem` wrote. Raises BadKeyError."""
        try:
            key = serialization.load_pem_private_key(data, password=None)
        except (ValueError, TypeError) as error:
            raise BadKeyError("not a private key in PEM") from error
        if not isinstance(key, X25519PrivateKey):
            raise BadKeyError("not an X25519 key")
        return cls(key)

    def to_pem(self) -> bytes:
        """PKCS#8 PEM, not encrypted: the caller keeps the file at mode 0600."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


# -- the request


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A newcomer as the parent sees it after `open_request`: both proofs hold.

    `key` is its raw Ed25519 key, `link_key` its TLS public key (SubjectPublicKeyInfo, DER). `secret_hash` finds the
    invitation, `(secret_hash, key)` tells a repeated request. `digest` and `answer_key` are for `seal_answer`. `epoch` is 0
    but in a renewal, and `lives` name what the key signed in vain. `proof` is the fact of that name; whether it holds is checked
    with the entry's facts.
    """

    node_id: bytes
    key: bytes
    link_key: bytes
    software: str
    secret_hash: bytes
    digest: bytes
    answer_key: bytes = field(repr=False)
    proof: bytes
    epoch: int = 0
    lives: tuple[str, ...] = ()

    def enrolment(self, parent: bytes, code: str, tier: str) -> dict[str, FactValue]:
        """The facts of `node_enrolled`."""
        facts = _enrolment(self.node_id, self.key, code, self.link_key, parent, self.secret_hash)
        return {**facts, "tier": tier, "proof": self.proof}

    def renewal(self) -> dict[str, FactValue]:
        """The facts of `node_rekeyed`."""
        return {
            "node": self.node_id, "key": self.key, "epoch": self.epoch, "lives": self.lives, "invitation": self.secret_hash,
            "proof": self.proof,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PendingJoin:
    """What the newcomer keeps between request and answer (in memory; asking again makes a new one)."""

    code: JoinCode
    node_id: bytes
    key: bytes
    digest: bytes
    answer_key: bytes = field(repr=False)
    renews: bool = False


def make_request(
    code: JoinCode, node_id: bytes, signer: Signer, link_key: bytes, software: str = "", ephemeral: bytes | None = None,
    *, epoch: int = 0, lives: tuple[str, ...] = (),
) -> tuple[bytes, PendingJoin]:  # fmt: skip
    """The sealed request to POST, and what `open_answer` needs. `ephemeral` (32 random bytes) is for tests only; `epoch`,
    for a renewal only, is where the key is to count from, and `lives` what it covers.

    Raises JoinRefusedError (bad_join_code) when the code's key is no key.
    """
    invitation = secret_hash(code.secret)
    if epoch:
        renewal: dict[str, FactValue] = {
            "node": node_id, "key": signer.public, "epoch": epoch, "lives": lives, "parent": code.parent, "invitation": invitation,
        }  # fmt: skip
        entry = {"proof": RENEWAL.prove(signer, renewal), "epoch": epoch, "lives": lives}
    else:
        enrolled = _enrolment(node_id, signer.public, code.code, link_key, code.parent, invitation)
        entry = {"proof": ENROLMENT.prove(signer, enrolled)}
    statement = _pack(
        node_id=node_id, key=signer.public, link_key=link_key, software=software[:100], parent=code.parent, **entry
    )  # fmt: skip
    plain = _pack(
        statement=statement,
        secret=code.secret,
        proof=hmac.digest(code.secret, statement, "sha256"),
        signature=signer.sign(JOIN_REQUEST, statement),
    )
    mine = X25519PrivateKey.from_private_bytes(ephemeral or os.urandom(32))
    public = mine.public_key().public_bytes_raw()
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(code.parent_key))
    except ValueError as error:
        raise JoinRefusedError("bad_join_code", "the code's key is no key") from error
    ask, answer = _keys(shared, public, code.parent_key)
    sealed = b"\x01" + public + _seal(ask, plain)
    return sealed, PendingJoin(code, node_id, signer.public, hashlib.sha256(sealed).digest(), answer, epoch > 0)


def open_request(join_key: JoinKey, parent_id: bytes, sealed: bytes) -> JoinRequest:
    """Decrypt and prove a request made to this parent. Raises JoinRefusedError (bad_join_code, wrong_parent)."""
    if len(sealed) > MAX_MESSAGE or len(sealed) < 33 or sealed[0] != 1:
        raise JoinRefusedError("bad_join_code", "not a join request")
    public = sealed[1:33]
    try:
        shared = join_key.private.exchange(X25519PublicKey.from_public_bytes(public))
        ask, answer = _keys(shared, public, join_key.public)
        plain = _unpack(_unseal(ask, sealed[33:]))
        stated = _unpack(statement := _bytes(plain, "statement"))
        secret, key, node_id = _bytes(plain, "secret"), _bytes(stated, "key"), _bytes(stated, "node_id")
        link_key, software, named = _bytes(stated, "link_key"), _plain(stated.get("software")), _bytes(stated, "parent")
        shown, signature, epoch = _bytes(plain, "proof"), _bytes(plain, "signature"), _epoch(stated)
        proof, lives = _bytes(stated, "proof"), _lives(stated)
    except (InvalidTag, ValueError) as error:
        raise JoinRefusedError("wrong_parent", "the request was made for another node") from error
    if named != parent_id:
        raise JoinRefusedError("wrong_parent", "the request names another parent")
    proven = hmac.compare_digest(shown, hmac.digest(secret, statement, "sha256"))
    sensible = len(node_id) == 16 and len(key) == 32 and len(secret) == SECRET_BYTES
    if not proven or not sensible or not verify(key, JOIN_REQUEST, statement, signature):
        raise JoinRefusedError("bad_join_code", "the request is not proven")
    digest = hashlib.sha256(sealed).digest()
    return JoinRequest(node_id, key, link_key, software, secret_hash(secret), digest, answer, proof, epoch, lives)


def _enrolment(
    node_id: bytes, key: bytes, code: str, link_key: bytes, parent: bytes, invitation: bytes
) -> dict[str, FactValue]:  # fmt: skip
    """What a newcomer signs of itself."""
    return {
        "node": node_id, "key": key, "code": code, "link_key": hashlib.sha256(link_key).digest(), "parent": parent,
        "invitation": invitation,
    }  # fmt: skip


# -- the answer


@dataclass(frozen=True, slots=True)
class JoinAnswer:
    """What the newcomer learns. `chain` holds the entries root → parent → itself (TrustStore.chain_of, in that order).

    `certificate` is the link certificate and `authority` that of the parent's link CA, both PEM. `extra` is for what a node
    wants to pass on besides (JSON-ready). `lives`, in a renewal: the last entry of each life that the request did not name; then
    nothing was renewed.
    """

    parent: bytes
    parent_code: str
    parent_name: str
    code: str
    name: str
    tier: str
    chain: tuple[WireEntry, ...]
    certificate: bytes = b""
    authority: bytes = b""
    link_address: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    lives: tuple[WireEntry, ...] = ()

    def pack(self) -> bytes:
        """The content as bytes, to be kept for a repeated request and given to `seal_answer`."""
        words = {name: getattr(self, name) for name in ("parent_code", "parent_name", "code", "name", "tier", "link_address")}
        chain, lives = _entries(self.chain), _entries(self.lives)
        papers = {"certificate": self.certificate, "authority": self.authority}
        return _pack(parent=self.parent, chain=chain, lives=lives, extra=dict(self.extra), **papers, **words)

    @classmethod
    def unpack(cls, data: bytes) -> JoinAnswer:
        """Read what `pack` gave. Raises ValueError."""
        d = _unpack(data)
        extra = d.get("extra")
        if not isinstance(extra, dict):
            raise ValueError("no chain")
        return cls(
            parent=_bytes(d, "parent"),
            chain=_wire(d.get("chain")),
            certificate=_bytes(d, "certificate"),
            authority=_bytes(d, "authority"),
            extra=extra,
            lives=_wire(d.get("lives")),
            **{name: str(d.get(name, "")) for name in ("parent_code", "parent_name", "code", "name", "tier", "link_address")},
        )


def seal_answer(signer: Signer, request: JoinRequest, packed: bytes) -> bytes:
    """The sealed answer to `request`: `packed` (JoinAnswer.pack) signed by the parent's node key over that request."""
    signature = signer.sign(JOIN_ANSWER, request.digest + packed)
    return b"\x01" + _seal(request.answer_key, _pack(answer=packed, signature=signature))


def open_answer(pending: PendingJoin, sealed: bytes) -> tuple[JoinAnswer, TrustStore]:
    """The proven answer, and the trust it brings. Raises JoinRefusedError (wrong_parent)."""
    try:
        if len(sealed) > MAX_MESSAGE or sealed[:1] != b"\x01":
            raise ValueError("not an answer")
        plain = _unpack(_unseal(pending.answer_key, sealed[1:]))
        packed, signature = _bytes(plain, "answer"), _bytes(plain, "signature")
        answer = JoinAnswer.unpack(packed)
    except (InvalidTag, ValueError) as error:
        raise JoinRefusedError("wrong_parent", "the answer is not by the parent named in the code") from error
    trust = TrustStore(pending.code.root)
    authenticate_run(answer.chain, trust)
    parent = trust.current_key(pending.code.parent)
    if answer.parent != pending.code.parent or parent is None or not trust.is_live(answer.parent):
        raise JoinRefusedError("wrong_parent", "the parent does not hang on the root named in the code")
    if not (answer.lives and pending.renews) and not _enrols(answer, pending, trust):
        raise JoinRefusedError("wrong_parent", "the answer enrols somebody else")
    if not verify(parent.public, JOIN_ANSWER, pending.digest + packed, signature):
        raise JoinRefusedError("wrong_parent", "the answer is not signed by the parent")
    return answer, trust


def _enrols(answer: JoinAnswer, pending: PendingJoin, trust: TrustStore) -> bool:
    """Whether the entries of the answer make us what the answer says we are."""
    me = trust.node(pending.node_id)
    if me is None or (me.parent, me.code, me.tier) != (answer.parent, answer.code, answer.tier):
        return False
    return me.keys[-1].public == pending.key and trust.is_live(pending.node_id)


# -- packing and sealing


def _keys(shared: bytes, ephemeral: bytes, static: bytes) -> tuple[bytes, bytes]:
    """(key of the request, key of the answer) of one exchange."""
    derived = HKDF(hashes.SHA256(), 64, salt=None, info=b"tongban join 1\0" + ephemeral + static).derive(shared)
    return derived[:32], derived[32:]


def _seal(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(12)  # an answer key may seal twice: the same request repeated
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, None)


def _unseal(key: bytes, sealed: bytes) -> bytes:
    if len(sealed) < 28:
        raise ValueError("too short")
    return ChaCha20Poly1305(key).decrypt(sealed[:12], sealed[12:], None)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not base64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _plain(value: object) -> str:
    return str(value or "")[:100].encode("utf-8", "replace").decode()


def _pack(**fields: object) -> bytes:
    document = {name: _text(value) if isinstance(value, bytes) else value for name, value in fields.items()}
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _unpack(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("not a document") from error
    if not isinstance(document, dict):
        raise ValueError("not a document")
    return document


def _bytes(document: Mapping[str, Any], name: str) -> bytes:
    return _raw(document.get(name))


def _entries(entries: tuple[WireEntry, ...]) -> list[list[str]]:
    return [[_text(entry.header), _text(entry.signature)] for entry in entries]


def _wire(pairs: object) -> tuple[WireEntry, ...]:
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise ValueError("no entries")
    return tuple(WireEntry(_raw(header), _raw(signature)) for header, signature in pairs)


def _lives(document: Mapping[str, Any]) -> tuple[str, ...]:
    lives = document.get("lives", [])
    if not isinstance(lives, list) or len(lives) > MAX_LIVES or not all(isinstance(one, str) for one in lives):
        raise ValueError("not lives")
    if not all_codes(lives):
        raise ValueError("not a code")
    return tuple(lives)


def _epoch(document: Mapping[str, Any]) -> int:
    """The epoch of a renewal; 0 in a request to join, and in one of an earlier version."""
    epoch = document.get("epoch", 0)
    if type(epoch) is not int or not 0 <= epoch < 1 << 40:
        raise ValueError("not an epoch")
    return epoch
