"""What a child sends that nothing proves is bounded: the parent's disk stays its own, and an honest child is not shut out."""

from __future__ import annotations

import hashlib
import logging
import zlib

import pytest

from federation.ports import LinkRefusedError, Outgoing, WireEntry
from federation.protocol import frames
from node.services.tree.link_reasons import reason_of
from node.store import evidence
from node.store.evidence import Held
from protos.tongban.v1 import link_pb2 as pb
from tests.support.hostile import Hostile
from tests.support.network import Town

FORGED = b"0" * 64


def held(town: Town) -> Held:
    with town["township"].center.store.reading() as view:
        row = view.links.get(town["village"].id)
        assert row is not None
        return evidence.held(view.connection, row.id)


def entry(liar: Hostile, make: bytes | None, n: int, size: int) -> WireEntry:
    """A forged one, or one that cannot be read (`make` stands before it)."""
    if make is not None:
        return WireEntry(make + str(n).encode() + b"x" * size, FORGED)
    objects = tuple(hashlib.sha256(f"{n} {k}".encode()).digest() for k in range(size // 45))
    return WireEntry(liar.signed("heard", "staff", {"objects": objects}).header, FORGED)


def flood(town: Town, make: bytes | None, size: int) -> int:
    """Batches of a hundred entries until the parent refuses; how many it took."""
    liar = Hostile(town["village"], town["township"])
    for n in range(200):
        try:
            liar.send(*(entry(liar, make, 100 * n + k, size) for k in range(100)))
        except LinkRefusedError as error:
            seen = (error.code, error.permanent, reason_of(str(error)))
            break
    assert seen == ("unproven", False, "unproven")
    return n


@pytest.mark.parametrize("size", [10, 2_000, 40_000])
@pytest.mark.parametrize("make", [None, b"\xff"])
def test_a_child_does_not_fill_the_disk_of_its_parent(
    town: Town, size: int, make: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        taken = flood(town, make, size)
    kept = held(town)
    assert not kept.too_much and taken <= evidence.ENTRIES_MOST // 100
    assert [record.message for record in caplog.records].count("too_much_unproven") == 1
    assert town["township"].center.upkeep.verify()["ok"]


def test_what_can_never_be_proven_is_kept_by_its_hash_after_the_first_hundred(town: Town) -> None:
    flood(town, b"\xff", 20_000)
    with town["township"].center.store.reading() as view:
        sizes = [size for (size,) in view.connection.execute("SELECT length(header) FROM evidence ORDER BY id")]
    assert all(size > 20_000 for size in sizes[: evidence.FULL_MOST]) and set(sizes[evidence.FULL_MOST :]) == {32}


def test_after_that_the_child_is_heard_as_long_as_it_is_honest(town: Town) -> None:
    flood(town, None, 2_000)
    no = town.file("village")
    town.heal()
    assert town["township"].center.store.run(lambda tx: tx.cases.get(no)) is not None


def test_a_few_bytes_on_the_wire_do_not_become_megabytes() -> None:
    entries = tuple(WireEntry(bytes([n]) + b"\0" * 65_000, FORGED) for n in range(100))
    packed = zlib.compress(frames.batch_frame(Outgoing(b"g", 1, 2, entries), False).batch.items, 9)
    assert len(packed) < 20_000
    with pytest.raises(frames.BadFrameError, match="grows"):
        frames.read_batch(pb.Batch(generation=b"g", first=1, last=2, zlib=True, items=packed))
