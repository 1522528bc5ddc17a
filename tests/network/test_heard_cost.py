"""What it costs to be known: bytes on the line of an idle village, entries of parents in a day. Counted, never timed (docs/performance.md)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from federation.protocol.envelope import HeaderFields, decode_header, encode_header
from node.domain.tree.heard import KIND, Heard
from tests.network.test_heard import HOUR, MINUTE, pass_time
from tests.support.network import Town, four_tiers

WIRE = 76  # bytes that gRPC, HTTP/2, TLS and TCP/IP add to a small frame
PARENTS = 1 + 13 + 160  # of a city of 3,702 nodes: itself, its districts, their townships


def count_bytes(town: Town, child: str) -> Counter[str]:
    """Bytes of frames on a line from now on, by who sends."""
    line, sent = town.lines[child], Counter[str]()
    carry = line._send

    def counting(sender: str, channel: str, frames: list[Any]) -> None:
        sent[sender] += sum(frame.ByteSize() + WIRE for frame in frames)
        carry(sender, channel, frames)

    line._send = counting  # type: ignore[method-assign]
    return sent


def heards(town: Town, at: str) -> list[int]:
    """Bytes of each `heard` that a node wrote."""
    with town[at].center.store.reading() as view:
        rows = view.connection.execute("SELECT header, signature FROM entries WHERE kind=? AND via=0", (KIND,)).fetchall()
    return [len(header) + len(signature) for header, signature in rows]


def test_a_day_of_an_idle_line_and_the_entries_of_a_day(tmp_path: Path) -> None:
    town = four_tiers(tmp_path / "t")
    pass_time(town, HOUR, 10 * MINUTE)
    sent, before = count_bytes(town, "village"), {at: len(heards(town, at)) for at in ("city", "district", "township")}
    pass_time(town, 24 * HOUR, 10 * MINUTE)
    wrote = {at: len(heards(town, at)) - count for at, count in before.items()}
    print(
        f"\nidle village line, bytes a day: {dict(sent)}; heard entries a day: {wrote}; a city: {PARENTS * max(wrote.values())}"
    )
    assert sum(sent.values()) < 280_000
    assert max(wrote.values()) <= 14  # eight hours of work at forty minutes, the end of the day, and one that came late
    town.close()


def test_a_heard_of_eighteen_children_is_small() -> None:

    names = [n.to_bytes(8, "big") for n in range(1, 19)]
    word = Heard(
        1_800_000_000_000,
        dict.fromkeys(names[:9], (903, 12_345)),
        frozenset(names[16:]),
        dict.fromkeys(names[:16], bytes(16)),
    )
    assert size_of(word) < 1_300
    shown = {name: bytes(64 + 150) for name in names[:16]}  # with what each signed, so that every tier can check it
    assert size_of(replace(word, proofs=shown)) < 6_100


def size_of(word: Heard) -> int:
    """Bytes of such an entry."""
    header = encode_header(
        HeaderFields(
            author_id=bytes(16),
            epoch=1,
            seq=100_000,
            prev=bytes(32),
            key_id=bytes(8),
            kind=KIND,
            entry_class="note",
            staff_id="system",
            recorded_at=1_800_000_000_000,
            not_before=bytes(32),
            not_before_ms=1_800_000_000_000,
            stated=word.facts(),
        )
    )
    assert decode_header(header).facts["at"] == 1_800_000_000_000
    return len(header) + 64
