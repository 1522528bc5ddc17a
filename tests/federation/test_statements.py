"""A statement speaks for its author, over one line, by the key in force; and for nobody and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.protocol.signing import RECEIPT, Signer
from federation.protocol.statements import BadStatementError, Said, make_statement, open_statement, read_statement, statement_hash
from tests.federation.builders import Tree


def said(t: Tree) -> Said:
    return Said(t.village.node_id, t.township.node_id, t.village.head, 1_000, 900, bytes(16))


def refused(t: Tree, made: tuple[bytes, bytes], author: bytes = b"", to: bytes = b"") -> str:
    with pytest.raises(BadStatementError) as caught:
        open_statement(*made, t.trust(), author=author or t.village.node_id, to=to or t.township.node_id)
    return caught.value.code


def test_what_was_said_is_read() -> None:
    t = Tree()
    made = make_statement(t.village.signer, said(t))
    found = open_statement(*made, t.trust(), author=t.village.node_id, to=t.township.node_id)
    assert replace(found, key_id=b"") == said(t)
    assert len(statement_hash(made[0])) == 16 and statement_hash(made[0]) != statement_hash(made[0] + b"x")


def test_nobody_speaks_for_another() -> None:
    """Not the parent, not a stranger; not on another line, not later, and not with a signature of another kind."""
    t = Tree()
    made = make_statement(t.village.signer, said(t))
    assert refused(t, make_statement(t.township.signer, said(t))) == "superseded_key"
    assert refused(t, make_statement(Signer.generate(), said(t))) == "superseded_key"
    assert refused(t, made, to=t.district.node_id) == refused(t, made, author=t.township.node_id) == "wrong_link"
    assert refused(t, (made[0], t.village.signer.sign(RECEIPT, made[0]))) == "bad_signature"
    later, _ = make_statement(t.village.signer, replace(said(t), after_ms=901))
    assert refused(t, (later, made[1])) == "bad_signature"


@pytest.mark.parametrize("broken", [b"\xff", b"", b"\x0a\x01x"], ids=["garbage", "nothing", "short"])
def test_what_cannot_be_read_says_nothing(broken: bytes) -> None:
    with pytest.raises(BadStatementError, match="malformed"):
        read_statement(broken)
