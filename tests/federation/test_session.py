"""Sessions: every entry once, in order, whatever the line loses or repeats; faults are frames; nobody spins or chatters."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.ports import Acknowledgement, LinkPort, LinkRefusedError, Outgoing, WireEntry
from federation.protocol import frames
from federation.protocol.envelope import MAX_HEADER
from federation.protocol.receipts import BadReceiptError
from federation.protocol.session import LinkSession
from protos.tongban.v1 import link_pb2 as pb
from tests.federation.fakeport import FakePort, Line, pair


def expected(port: FakePort) -> list[bytes]:
    return [entry.header for entry, whence in port.entries if whence == port.node_id]


def got(port: FakePort) -> list[bytes]:
    return [entry.header for entry in port.applied]


def kinds(sent: Iterable[pb.Frame]) -> list[str | None]:
    return [frame.WhichOneof("kind") for frame in sent]


def test_the_port_double_is_a_port() -> None:
    port: LinkPort = FakePort("x")
    assert port.node_id == b"x..............."


def test_both_ways_at_once() -> None:
    child, parent = pair(up=950, down=321)
    line = Line(child, parent)
    line.settle()
    assert got(parent) == expected(child)
    assert got(child) == expected(parent)
    assert line.child.idle
    assert line.parent.idle
    assert child.acked == len(child.entries)
    assert parent.acked == len(parent.entries)


def test_the_dialer_greets_first_and_nothing_goes_out_before() -> None:
    child, parent = pair(up=5, down=5)
    line = Line(child, parent)
    assert kinds(line.up) == ["hello"]
    assert kinds(line.down) == []
    line.step(True)
    assert kinds(line.down) == ["hello", "batch"]
    assert parent.states == [(True, "")]


def test_the_window_bounds_what_is_not_acknowledged() -> None:
    child, parent = pair(up=100)
    line = Line(child, parent, batch=2, window=3)
    line.step(True)
    line.step(False)
    assert kinds(line.up) == ["batch"] * 3
    line.step(True)
    line.step(False)
    assert kinds(line.up) == ["batch"] * 3  # one acknowledged, one more sent
    line.settle()
    assert got(parent) == expected(child)


def test_watermarks_move_over_what_does_not_concern_the_peer_without_chatter() -> None:
    child, parent = pair(up=500)
    line = Line(child, parent)
    line.settle()
    assert parent.acked == len(parent.entries) == 500  # all came from the child: only empty batches went down
    assert line.sent <= 2 + 5 * 2 + 2 * 3
    before = line.sent
    line.settle()
    assert line.sent == before


def test_new_entries_go_out_when_pumped() -> None:
    child, parent = pair()
    line = Line(child, parent)
    line.settle()
    child.write("later")
    assert got(parent) == []
    line.settle()
    assert got(parent) == expected(child)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_delivery_under_lost_and_repeated_frames_and_broken_lines(data: st.DataObject) -> None:
    child, parent = pair()
    line = Line(child, parent, batch=3, window=2)
    for _ in range(data.draw(st.integers(0, 60))):
        act = data.draw(st.sampled_from(["write up", "write down", "step up", "step down", "lose", "repeat", "break", "pump"]))
        way = data.draw(st.sampled_from([line.up, line.down]))
        if act == "write up":
            child.write(f"{len(child.entries)}", f"{len(child.entries)}b")
        elif act == "write down":
            parent.write(f"{len(parent.entries)}")
        elif act in ("step up", "step down"):
            line.step(act == "step up")
        elif act == "lose" and way:
            way.popleft()
        elif act == "repeat" and way:
            way.insert(data.draw(st.integers(0, len(way))), way[0])
        elif act == "break":
            line = Line(child, parent, batch=3, window=2)
        elif act == "pump":
            line.pump()
        assert line.child.exception is None
        assert line.parent.exception is None
        stored = parent.received.get((child.node_id, child.generation), 0)
        assert child.acked <= stored  # acknowledged means stored
        assert {entry.header for entry, whence in child.entries[:stored] if whence == child.node_id} <= set(got(parent))
    Line(child, parent, batch=3, window=2).settle()
    assert got(parent) == expected(child)
    assert got(child) == expected(parent)


def test_a_batch_lost_at_the_first_contact_is_noticed() -> None:
    child, parent = pair(down=4)
    line = Line(child, parent, batch=3)
    line.step(True)
    del line.down[1]
    line.settle()
    assert line.child.code == "gap"
    assert got(child) == []


def test_a_peer_that_was_restored_gets_everything_again() -> None:
    child, parent = pair(up=10, down=10)
    Line(child, parent).settle()
    restored = FakePort("parent")
    restored.generation = b"another"
    Line(child, restored).settle()
    assert got(restored) == expected(child)


def test_caught_up_is_said_once_after_everything_was_acknowledged() -> None:
    child, parent = pair(up=250)
    child.restored_peer = b"gen parent"
    line = Line(child, parent)
    while not parent.caught_up:
        assert line.step(True) or line.step(False)
    assert got(parent) == expected(child)
    child.write("later")
    line.settle()
    assert parent.caught_up == [b"gen parent"]


def test_caught_up_is_said_when_there_was_nothing_to_send() -> None:
    child, parent = pair()
    child.restored_peer = b"gen parent"
    Line(child, parent).settle()
    assert parent.caught_up == [b"gen parent"]


@pytest.mark.parametrize("permanent", [True, False])
@pytest.mark.parametrize("who", ["child", "parent"])
def test_a_refusal_is_a_fault_frame_and_both_sides_know_whose(who: str, permanent: bool) -> None:
    child, parent = pair(up=3)
    (child if who == "child" else parent).refuse = LinkRefusedError("revoked", "this node was revoked", permanent)
    line = Line(child, parent)
    line.settle()
    refuser, refused = (line.child, line.parent) if who == "child" else (line.parent, line.child)
    assert (refuser.state, refuser.error) == ("refused", "refused here: this node was revoked")
    assert (refused.state, refused.error) == ("refused", "refused by the peer: this node was revoked")
    assert refuser.permanent == refused.permanent == permanent
    assert refuser.code == refused.code == "revoked"
    assert got(parent) == []
    assert line.child.pump() == line.parent.pump() == []


def test_a_failing_port_ends_the_session_and_not_the_driver() -> None:
    child, parent = pair(up=3)
    parent.fail = OSError("disk full: /secret/path")
    line = Line(child, parent)
    line.settle()
    assert line.parent.state == "failed"
    assert isinstance(line.parent.exception, OSError)
    assert "OSError" in line.parent.error
    assert "secret" not in line.child.error
    assert child.acked == 0
    assert not line.parent.permanent
    parent.fail = None
    Line(child, parent).settle()
    assert got(parent) == expected(child)


def test_a_receipt_that_does_not_hold_is_the_peers_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    child, parent = pair(up=1)

    def refuse(peer: bytes, ack: Acknowledgement) -> None:
        raise BadReceiptError("bad_signature", "the receipt's signature does not hold")

    monkeypatch.setattr(child, "on_acknowledged", refuse)
    line = Line(child, parent)
    line.settle()
    assert (line.child.state, line.child.code, line.child.exception) == ("failed", "bad_receipt", None)
    assert line.child.error.startswith("the peer's receipt")


def test_an_entry_is_acknowledged_only_after_it_is_stored() -> None:
    child, parent = pair(up=3)
    line = Line(child, parent)
    line.step(True)
    line.step(False)
    parent.fail = RuntimeError("crash before commit")
    line.settle()
    assert child.acked == 0
    assert got(parent) == []


def opened() -> tuple[LinkSession, FakePort]:
    child, parent = pair(up=1, down=1)
    line = Line(child, parent)
    line.settle()
    return line.parent, parent


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


def test_a_lost_connection_is_reported_once() -> None:
    session, port = opened()
    session.lost("the line went down")
    session.lost("again")
    assert port.states[-1] == (False, "the line went down")
    assert session.state == "lost"


@pytest.mark.parametrize("compress", [True, False])
def test_batches_are_compressed_when_asked_for(compress: bool) -> None:
    child, parent = pair(up=100)
    line = Line(child, parent, compress=lambda: compress)
    line.step(True)
    line.step(False)
    assert line.up[0].batch.zlib is compress
    line.settle()
    assert got(parent) == expected(child)


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


def test_a_batch_is_cut_to_what_a_frame_may_hold() -> None:
    """A thousand entries of the largest size are far more than a message of the line."""
    child, parent = FakePort("child"), FakePort("parent")
    child.entries += [(WireEntry(bytes([n]) * MAX_HEADER, b"s"), child.node_id) for n in range(250)]
    Line(child, parent, batch=1000).settle()
    assert [entry.header[0] for entry in parent.applied] == list(range(250)) and parent.batches > 2
