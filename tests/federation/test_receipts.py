"""What a receipt proves, and to whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.ports import HeadMark
from federation.protocol.chains import authenticate_run
from federation.protocol.receipts import BadReceiptError, make_receipt, open_receipt, parse_receipt, receipt_hash, verify_receipt
from tests.federation.builders import Author, Tree

Made = tuple[bytes, bytes]


def receipt(t: Tree, parent: Author, child: Author) -> Made:
    return make_receipt(parent.signer, parent.node_id, child.node_id, child.head, 1_800_000_000_000)


def test_a_receipt_says_what_was_signed() -> None:
    t = Tree()
    t.village.many(3)
    data, signature = receipt(t, t.township, t.village)
    fields = verify_receipt(data, signature, t.trust())
    assert (fields.parent_id, fields.child_id, fields.at_ms) == (t.township.node_id, t.village.node_id, 1_800_000_000_000)
    assert fields.head == HeadMark(1, 3, t.village.head.hash)
    assert len(receipt_hash(data)) == 32


def test_a_receipt_over_nothing_yet() -> None:
    t = Tree()
    data, signature = make_receipt(t.township.signer, t.township.node_id, t.village.node_id, HeadMark(), 0)
    assert verify_receipt(data, signature, t.trust()).head == HeadMark()


SCENARIOS: list[tuple[str, Callable[[Tree], Made], str]] = [
    ("by a grandparent", lambda t: receipt(t, t.district, t.village), "not_the_parent"),
    ("by a sibling of the parent", lambda t: receipt(t, t.other, t.village), "not_the_parent"),
    ("for a stranger", lambda t: receipt(t, t.township, Author("stranger")), "not_the_parent"),
    (
        "in the parent's name with another key",
        lambda t: make_receipt(t.other.signer, t.township.node_id, t.village.node_id, HeadMark(), 1),
        "unknown_key",
    ),
    ("altered", lambda t: ((r := receipt(t, t.township, t.village))[0] + b"\x30\x05", r[1]), "bad_signature"),
    ("signature spoiled", lambda t: (receipt(t, t.township, t.village)[0], b"\0" * 64), "bad_signature"),
    (
        "an entry's signature under a receipt",
        lambda t: (r := receipt(t, t.township, t.village)[0], t.township.signer.sign_entry(r)),
        "bad_signature",
    ),
    ("garbage", lambda t: (b"\xff\xff", b""), "malformed"),
    ("empty", lambda t: (b"", b""), "malformed"),
]


@pytest.mark.parametrize(("build", "code"), [row[1:] for row in SCENARIOS], ids=[row[0] for row in SCENARIOS])
def test_a_receipt_that_proves_nothing(build: Callable[[Tree], Made], code: str) -> None:
    t = Tree()
    with pytest.raises(BadReceiptError) as caught:
        verify_receipt(*build(t), t.trust())
    assert caught.value.code == code


def test_an_old_receipt_holds_after_the_parent_rotated_its_key() -> None:
    t = Tree()
    old = receipt(t, t.township, t.village)
    trust = t.trust()
    authenticate_run([t.township.rotate("township 2")], trust)
    new = receipt(t, t.township, t.village)
    assert verify_receipt(*old, trust).key_id != verify_receipt(*new, trust).key_id


def test_a_receipt_is_for_one_link() -> None:
    t = Tree()
    made = receipt(t, t.township, t.village)
    fields = open_receipt(*made, t.trust(), parent=t.township.node_id, child=t.village.node_id)
    assert fields == verify_receipt(*made, t.trust())
    with pytest.raises(BadReceiptError, match="another link"):
        open_receipt(*made, t.trust(), parent=t.township.node_id, child=t.other.node_id)


def test_the_same_receipt_is_the_same_bytes() -> None:
    t = Tree()
    assert receipt(t, t.township, t.village) == receipt(t, t.township, t.village)
    assert parse_receipt(receipt(t, t.township, t.village)[0]).suite == "ed25519-sha256"
