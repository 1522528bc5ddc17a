"""A signature holds for one key, one message and one kind of statement."""

from __future__ import annotations

import pytest

from federation.protocol import signing
from federation.protocol.enrolment import JoinKey
from federation.protocol.envelope import entry_hash
from federation.protocol.signing import BadKeyError, Signer, key_id_of, verify, verify_entry
from tests.federation.builders import seed

ME, OTHER = Signer.from_seed(seed("me")), Signer.from_seed(seed("other"))


@pytest.mark.parametrize(
    ("public", "domain", "text", "holds"),
    [
        (ME.public, signing.RECEIPT, b"head 7", True),
        (OTHER.public, signing.RECEIPT, b"head 7", False),
        (ME.public, signing.JOIN_ANSWER, b"head 7", False),
        (ME.public, signing.ENTRY, b"head 7", False),
        (ME.public, signing.RECEIPT, b"head 8", False),
        (b"not a key", signing.RECEIPT, b"head 7", False),
    ],
)
def test_verify(public: bytes, domain: bytes, text: bytes, holds: bool) -> None:
    assert verify(public, domain, text, ME.sign(signing.RECEIPT, b"head 7")) is holds


@pytest.mark.parametrize("signature", [b"", b"x" * 64, b"x" * 63, b"x" * 1000])
def test_a_signature_that_is_none_is_just_false(signature: bytes) -> None:
    assert not verify(ME.public, signing.RECEIPT, b"", signature)


def test_an_entry_is_signed_over_its_hash() -> None:
    header = b"header bytes"
    assert ME.sign_entry(header) == ME.sign_hash(entry_hash(header))
    assert verify_entry(ME.public, entry_hash(header), ME.sign_entry(header))
    assert not verify_entry(OTHER.public, entry_hash(header), ME.sign_entry(header))


def test_a_key_comes_back_from_its_file() -> None:
    again = Signer.from_pem(ME.to_pem())
    assert (again.public, again.key_id) == (ME.public, key_id_of(ME.public))
    assert len(ME.key_id) == 8
    assert ME.key_id != OTHER.key_id


@pytest.mark.parametrize("data", [b"", b"nonsense", JoinKey.generate().to_pem()], ids=["empty", "nonsense", "another kind"])
def test_a_file_without_our_key_is_a_bad_key(data: bytes) -> None:
    with pytest.raises(BadKeyError):
        Signer.from_pem(data)
