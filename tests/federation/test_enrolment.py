"""Joining as a table of who lies to whom: the code, the request, the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.protocol.chains import authenticate_run
from federation.protocol.enrolment import (
    JoinAnswer,
    JoinKey,
    JoinRequest,
    PendingJoin,
    make_request,
    open_answer,
    open_request,
    seal_answer,
)
from federation.protocol.envelope import entry_hash
from federation.protocol.join_code import JoinCode, JoinRefusedError, new_secret, secret_hash
from federation.protocol.signing import Signer
from tests.federation.builders import Author, Tree, seed

LINK_KEY = b"a TLS public key"


class Meeting:
    """A township that invited, and a newcomer with the code."""

    def __init__(self) -> None:
        self.t = Tree()
        self.parent = self.t.township
        self.join_key = JoinKey.generate()
        self.newcomer = Author("newcomer")
        self.code = JoinCode(
            "newcomer",
            ("http://10.0.0.1:8080", "http://hall.example:8080"),
            self.parent.node_id,
            self.join_key.public,
            entry_hash(self.t.genesis.header),
            new_secret(),
            1_800_000_000,
        )

    def ask(self, code: JoinCode | None = None) -> tuple[bytes, PendingJoin]:
        return make_request(code or self.code, self.newcomer.node_id, self.newcomer.signer, LINK_KEY, "tongban 0.1")

    def read(self, sealed: bytes) -> JoinRequest:
        return open_request(self.join_key, self.parent.node_id, sealed)

    def answer(self, parent: Author | None = None, node: Author | None = None) -> JoinAnswer:
        """What the parent would answer: the proof of itself and of the enrolment."""
        who = parent or self.parent
        trust = self.t.trust()
        enrolment = who.enrol(node or self.newcomer)
        authenticate_run([enrolment], trust)
        by_hash = {entry_hash(entry.header): entry for entry in [*self.t.proof, enrolment]}
        chain = tuple(by_hash[hash] for hash in trust.chain_of((node or self.newcomer).node_id))
        names = (who.name, "某镇便民服务中心", "newcomer", "某村", "below")
        return JoinAnswer(who.node_id, *names, chain, b"cert", b"ca", "10.0.0.1:9")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(JoinRefusedError) as caught:
        act()
    return caught.value.code


def test_a_join_from_end_to_end() -> None:
    m = Meeting()
    sealed, pending = m.ask(JoinCode.from_text(m.code.to_text()))
    request = m.read(sealed)
    assert (request.node_id, request.key) == (m.newcomer.node_id, m.newcomer.signer.public)
    assert (request.link_key, request.software, request.secret_hash) == (LINK_KEY, "tongban 0.1", secret_hash(m.code.secret))
    answer, trust = open_answer(pending, seal_answer(m.parent.signer, request, m.answer().pack()))
    assert (answer.parent_name, answer.name, answer.certificate) == ("某镇便民服务中心", "某村", b"cert")
    assert trust.ancestors(m.newcomer.node_id) == (m.parent.node_id, m.t.district.node_id, m.t.city.node_id)


def test_the_kept_answer_serves_a_second_request_with_the_same_code() -> None:
    m = Meeting()
    kept = m.answer().pack()
    for _ in range(2):
        sealed, pending = m.ask()
        answer, _ = open_answer(pending, seal_answer(m.parent.signer, m.read(sealed), kept))
        assert answer == JoinAnswer.unpack(kept)


def test_nothing_of_the_code_or_the_answer_can_be_read_on_the_way() -> None:
    m = Meeting()
    sealed, _ = m.ask()
    answered = seal_answer(m.parent.signer, m.read(sealed), m.answer().pack())
    for secret in (m.code.secret, m.newcomer.node_id, "某村".encode(), b"cert"):
        assert secret not in sealed + answered


# -- the code


def test_a_code_is_one_word_and_forgives_how_it_is_typed() -> None:
    m = Meeting()
    text = m.code.to_text()
    expected = replace(m.code, root=m.code.root[:16])
    assert text.startswith("TB1-")
    assert " " not in text
    assert len(text) < 300
    misread = text.replace("0", "O").replace("1", "l").replace("TBl", "TB1")
    for typed in (text, text.lower(), text.replace("-", " "), f"  {text}\n", misread):
        assert JoinCode.from_text(typed) == expected


@settings(max_examples=150, deadline=None)
@given(st.integers(4, 5000), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_every_typo_is_noticed(place: int, letter: str) -> None:
    text = list(CODE_TEXT)
    place = 4 + place % (len(text) - 4)
    if text[place] in ("-", letter):
        return
    text[place] = letter
    assert refusal(lambda: JoinCode.from_text("".join(text))) == "bad_join_code"


CODE_TEXT = Meeting().code.to_text()


@pytest.mark.parametrize(
    "text",
    [
        *("", "TB1", "TB1-", "hello", "加入码", "TB2" + CODE_TEXT[3:], "TB1" + "Z" * 9000),
        *(CODE_TEXT[:-1], CODE_TEXT[:40], CODE_TEXT + "0", CODE_TEXT * 2),
    ],
    ids=range(11),  # the code itself is random: test names must not be
)
def test_what_is_no_code(text: str) -> None:
    assert refusal(lambda: JoinCode.from_text(text)) == "bad_join_code"


# -- the request


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda sealed: b"", "bad_join_code"),
        (lambda sealed: b"\x02" + sealed[1:], "bad_join_code"),
        (lambda sealed: sealed[:20], "bad_join_code"),
        (lambda sealed: b"\x01" + b"\0" * 100, "wrong_parent"),
        (lambda sealed: sealed[:-1], "wrong_parent"),
        (lambda sealed: sealed[:60] + bytes([sealed[60] ^ 1]) + sealed[61:], "wrong_parent"),
        (lambda sealed: b"\x01" + b"x" * (1 << 20), "bad_join_code"),
    ],
)
def test_a_spoiled_request(spoil: Callable[[bytes], bytes], expected: str) -> None:
    m = Meeting()
    sealed, _ = m.ask()
    assert refusal(lambda: m.read(spoil(sealed))) == expected


def test_a_request_for_another_parent() -> None:
    m = Meeting()
    elsewhere = replace(m.code, parent_key=JoinKey.generate().public)
    assert refusal(lambda: m.read(m.ask(elsewhere)[0])) == "wrong_parent"
    assert refusal(lambda: m.read(m.ask(replace(m.code, parent=m.t.other.node_id))[0])) == "wrong_parent"


def test_a_code_with_a_key_that_is_none() -> None:
    m = Meeting()
    assert refusal(lambda: m.ask(replace(m.code, parent_key=b"\0" * 32))) == "bad_join_code"


def test_the_join_key_comes_back_from_its_file() -> None:
    key = JoinKey.generate()
    assert JoinKey.from_pem(key.to_pem()).public == key.public
    with pytest.raises(ValueError):
        JoinKey.from_pem(Signer.generate().to_pem())


# -- the answer


def by_parent(m: Meeting, request: JoinRequest, answer: JoinAnswer) -> bytes:
    return seal_answer(m.parent.signer, request, answer.pack())


LIES: dict[str, Callable[[Meeting, JoinRequest], bytes]] = {
    "signed by another node": lambda m, r: seal_answer(m.t.other.signer, r, m.answer().pack()),
    "another node of the tree answers for itself": lambda m, r: seal_answer(m.t.other.signer, r, m.answer(m.t.other).pack()),
    "enrolled below another node": lambda m, r: by_parent(m, r, below_another(m)),
    "another parent is named": lambda m, r: by_parent(m, r, replace(m.answer(), parent=m.t.other.node_id)),
    "somebody else is enrolled": lambda m, r: by_parent(m, r, m.answer(node=Author("somebody"))),
    "enrolled with another key": lambda m, r: by_parent(m, r, m.answer(node=with_key("newcomer", "thief"))),
    "no proof": lambda m, r: by_parent(m, r, replace(m.answer(), chain=())),
    "a proof without its root": lambda m, r: by_parent(m, r, replace(m.answer(), chain=m.answer().chain[1:])),
    "a whole tree of one's own": lambda m, r: own_tree(m, r),
    "the answer to another request": lambda m, r: by_parent(m, replace(r, digest=seed("another")), m.answer()),
    "under another key": lambda m, r: by_parent(m, replace(r, answer_key=seed("another")), m.answer()),
    "not an answer": lambda m, r: seal_answer(m.parent.signer, r, b"[]"),
    "garbage": lambda m, r: b"\x01" + b"garbage",
    "nothing": lambda m, r: b"",
}


def with_key(name: str, key: str) -> Author:
    author = Author(name)
    author.signer = Signer.from_seed(seed(f"key {key}"))
    return author


def below_another(m: Meeting) -> JoinAnswer:
    """The parent proves itself, but the enrolment is another node's."""
    answer = m.answer(m.t.other)
    return replace(answer, chain=(*m.t.proof, answer.chain[-1]))


def own_tree(m: Meeting, request: JoinRequest) -> bytes:
    """A man in the middle who even knows the parent's id makes up a root that enrols him under that id."""
    root, fake = Author("own root"), with_key("township", "thief")
    chain = (root.initialise(), root.enrol(fake), fake.enrol(m.newcomer))
    return seal_answer(fake.signer, request, replace(m.answer(), chain=chain).pack())


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_lies(lie: str) -> None:
    m = Meeting()
    sealed, pending = m.ask()
    answer = LIES[lie](m, m.read(sealed))
    assert refusal(lambda: open_answer(pending, answer)) == "wrong_parent"
