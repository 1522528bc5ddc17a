"""Runs: one signature for many entries, and no good entry lost to a bad one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.ports import WireEntry
from federation.protocol import chains, signing
from federation.protocol.chains import authenticate_each, authenticate_run
from tests.federation.builders import Tree, altered, resigned, statuses

BAD = b"\0" * 64


def spoiled(entry: WireEntry) -> WireEntry:
    return WireEntry(entry.header, BAD)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Hashes whose signature was really checked."""
    seen: list[bytes] = []
    real = signing.verify_entry

    def counted(public: bytes, hash: bytes, signature: bytes) -> bool:
        seen.append(hash)
        return real(public, hash, signature)

    monkeypatch.setattr(chains, "verify_entry", counted)
    return seen


def test_a_run_costs_one_verification(checks: list[bytes]) -> None:
    tree = Tree()
    trust, run = tree.trust(), tree.village.many(100)
    checks.clear()
    assert statuses(run, trust) == "accepted"
    assert len(checks) == 1


def test_runs_of_several_authors_may_be_interleaved(checks: list[bytes]) -> None:
    tree = Tree()
    trust = tree.trust()
    batch = [entry for _ in range(20) for entry in (tree.village.write(), tree.other.write(), tree.city.write())]
    checks.clear()
    assert statuses(batch, trust) == "accepted"
    assert len(checks) == 3


def test_entries_out_of_their_run_are_each_checked(checks: list[bytes]) -> None:
    tree = Tree()
    trust, run = tree.trust(), tree.village.many(9)
    checks.clear()
    assert statuses(run[::2], trust) == "accepted"
    assert len(checks) == 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("first signature spoiled", "accepted"),  # the chain vouches for it
        ("last signature spoiled", "accepted accepted accepted bad_signature"),
        ("last two signatures spoiled", "accepted accepted bad_signature bad_signature"),
        ("second altered", "accepted bad_signature accepted accepted"),
        ("second altered and signed by a stranger", "accepted bad_signature accepted accepted"),
        ("second left out", "accepted"),
        ("backwards", "accepted"),
        ("twice", "accepted"),
        ("second is garbage", "accepted malformed accepted accepted"),
        ("second names another prev", "accepted bad_signature accepted accepted"),
        ("a fork of the second", "accepted"),
    ],
)
def test_one_bad_entry_never_stalls_others(name: str, expected: str) -> None:
    tree = Tree()
    trust = tree.trust()
    a, b, c, d = tree.village.many(4)
    batches = {
        "first signature spoiled": [spoiled(a), b, c, d],
        "last signature spoiled": [a, b, c, spoiled(d)],
        "last two signatures spoiled": [a, b, spoiled(c), spoiled(d)],
        "second altered": [a, altered(b, staff_id="thief"), c, d],
        "second altered and signed by a stranger": [a, resigned(altered(b, staff_id="thief"), tree.other.signer), c, d],
        "second left out": [a, c, d],
        "backwards": [d, c, b, a],
        "twice": [a, b, a, b, c, c, d],
        "second is garbage": [a, WireEntry(b"\xff garbage", b.signature), c, d],
        "second names another prev": [a, altered(b, prev=b"x" * 32), c, d],
        "a fork of the second": [a, b, resigned(altered(b, staff_id="me"), tree.village.signer), c, d],
    }
    assert statuses(batches[name], trust) == expected


def test_the_first_of_a_run_may_follow_what_the_reader_has_not() -> None:
    tree = Tree()
    trust, run = tree.trust(), tree.village.many(5)
    verdicts = authenticate_run(run[3:], trust)
    assert [verdict.header.seq for verdict in verdicts if verdict.header] == [4, 5]
    assert all(verdict.authentic for verdict in verdicts)


def test_a_new_epoch_continues_the_run() -> None:
    tree = Tree()
    trust = tree.trust()
    assert statuses([*tree.village.many(2), tree.village.write(epoch=2, seq=1), tree.village.write()], trust) == "accepted"


def test_each_by_itself_finds_a_spoiled_signature_inside_a_run(checks: list[bytes]) -> None:
    tree = Tree()
    trust = tree.trust()
    a, b, c = tree.village.many(3)
    checks.clear()
    found = authenticate_each([a, spoiled(b), c], trust)
    assert [verdict.status for verdict in found] == ["accepted", "bad_signature", "accepted"]
    assert len(checks) == 3


def test_an_empty_batch() -> None:
    assert authenticate_run([], Tree().trust()) == []


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_honest_entries_are_accepted_in_any_order_and_mixture(data: st.DataObject) -> None:
    tree = Tree()
    trust = tree.trust()
    honest = tree.village.many(4) + tree.other.many(3)
    bad = [altered(entry, staff_id="thief") for entry in honest[:3]] + [WireEntry(b"\x01", b"")]
    batch = data.draw(st.permutations(honest + bad))
    for verdict in authenticate_run(batch, trust):
        assert (verdict.status == "accepted") == (verdict.entry in honest)
