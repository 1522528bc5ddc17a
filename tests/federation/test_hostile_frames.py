"""Frames that no honest peer sends, and those of a later version: a fault or passed over, never an exception, never much work."""

from __future__ import annotations

import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.ports import Outgoing, WireEntry
from federation.protocol import frames
from federation.protocol.session import LinkSession
from protos.tongban.v1 import link_pb2 as pb
from tests.federation.fakeport import FakePort, got, kinds, opened, pair

BOMB = zlib.compress(b"\0" * (frames.MAX_BATCH_BYTES + 10), 9)
MANY = pb.Items(items=[pb.Item(header=b"h")] * (frames.MAX_BATCH_ENTRIES + 1)).SerializeToString()
EMPTY = zlib.compress(b"\x0a\x00" * (frames.MAX_BATCH_BYTES // 2), 9)  # 7 KB that become three million messages
EMPTY_SLOWLY = b"\x0a\x00" * (frames.MAX_BATCH_BYTES // 2)
STRANGE = b"\x10\x00" * (frames.MAX_BATCH_BYTES // 2)  # fields of no version
LARGE = pb.Items(items=[pb.Item(header=b"h" * 70_000)]).SerializeToString()
CUT_OFF = zlib.compress(MANY)[:-9]
HELLO = pb.Hello(node_id=b"child...........", generation=b"g")


def test_a_small_frame_that_becomes_millions_of_entries_is_not_read() -> None:
    """It took half a second and 150 MB before it was refused."""
    code = (
        "import resource, time, zlib; from federation.protocol import frames; from protos.tongban.v1 import link_pb2 as pb\n"
        f"data = pb.Batch(first=1, last=2, zlib=True, items=bytes.fromhex('{EMPTY.hex()}'))\n"
        "plain = pb.Batch(first=1, last=2, items=b'\\x0a\\x00' * 3_000_000)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for batch in (data, plain):\n"
        "    try: frames.read_batch(batch)\n"
        "    except frames.BadFrameError as error: print(error.code)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said[:2] == ["too_large", "too_large"] and int(said[2]) < 20  # MB


@pytest.mark.parametrize("text", ["", "x", "年" * 20_000, " " * 60_000])
def test_what_an_honest_node_writes_is_read_whatever_it_packs_to(text: str) -> None:
    """Entries that pack better than a peer may unpack are sent as they are."""
    entries = tuple(WireEntry(text.encode() + bytes([n]), b"s" * 64) for n in range(100))
    batch = Outgoing(b"g", 1, 2, entries)
    assert frames.read_batch(frames.batch_frame(batch, True).batch) == batch


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, items=b"\xff\xff")), "garbage"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, zlib=True, items=b"not zlib")), "garbage"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, zlib=True, items=CUT_OFF)), "garbage"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, zlib=True, items=BOMB)), "too_large"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, items=MANY)), "too_large"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, zlib=True, items=EMPTY)), "too_large"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, items=EMPTY_SLOWLY)), "too_large"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, items=STRANGE)), "too_large"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=2, last=3, items=LARGE)), "too_large"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=3, last=3)), "bad_position"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=0, last=2**63)), "bad_position"),
        (pb.Frame(batch=pb.Batch(generation=b"gen child", first=90, last=91)), "gap"),
        (pb.Frame(batch=pb.Batch(generation=b"another", first=0, last=1)), "generation"),
        (pb.Frame(ack=pb.Ack(generation=b"gen parent", watermark=99)), "bad_ack"),
        (pb.Frame(ack=pb.Ack(generation=b"another", watermark=1)), "bad_ack"),
        (pb.Frame(hello=HELLO), "second_hello"),
    ],
)
def test_what_no_honest_peer_sends_is_a_fault(frame: pb.Frame, code: str) -> None:
    session, port = opened()
    before = got(port)
    answer = session.receive(frame)
    assert kinds(answer) == ["fault"]
    assert answer[0].fault.code == code
    assert not answer[0].fault.permanent
    assert session.state == "failed"
    assert session.exception is None
    assert session.error.startswith("the peer broke the protocol")
    assert got(port) == before
    assert port.states[-1] == (False, session.error)
    assert session.receive(frame) == []  # it is over


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pb.Frame(batch=pb.Batch(generation=b"g", last=1)), "no_hello"),
        (pb.Frame(ack=pb.Ack(generation=b"g")), "no_hello"),
        (pb.Frame(hello=pb.Hello(node_id=b"short", generation=b"g")), "bad_hello"),
        (pb.Frame(hello=pb.Hello(node_id=b"c" * 16)), "bad_hello"),
        (pb.Frame(hello=pb.Hello(node_id=b"c" * 16, generation=b"g", software="x" * 501)), "bad_hello"),
        (pb.Frame(hello=pb.Hello(node_id=b"c" * 16, generation=b"g", own_head=pb.Head(hash=b"x"))), "bad_hello"),
        (pb.Frame(hello=pb.Hello(node_id=b"c" * 16, generation=b"g")), "wrong_peer"),
    ],
)
def test_a_greeting_that_is_none(frame: pb.Frame, code: str) -> None:
    _, parent = pair()
    session = LinkSession(parent, FakePort("child").node_id, dialer=False)
    session.start()
    answer = session.receive(frame)
    assert kinds(answer) == ["fault"]
    assert answer[0].fault.code == code
    assert session.is_over


def test_frames_of_a_later_version_are_passed_over() -> None:
    session, _ = opened()
    assert session.receive(pb.Frame()) == []
    assert session.is_open


def test_an_old_acknowledgement_repeated_moves_nothing_back() -> None:
    session, port = opened()
    mark = port.acked
    session.receive(pb.Frame(ack=pb.Ack(generation=b"gen parent", watermark=0)))
    assert session.is_open
    assert port.acked == mark


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_that_parse_as_a_frame_are_survived(data: bytes) -> None:
    session, _ = opened()
    try:
        frame = pb.Frame.FromString(data)
    except Exception:  # gRPC itself refuses what is no message
        return
    session.receive(frame)
    assert session.exception is None
