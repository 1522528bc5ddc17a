"""Sessions: every entry once, in order, whatever the line loses or repeats; faults are frames; nobody spins or chatters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.ports import Acknowledgement, LinkPort, LinkRefusedError, WireEntry
from federation.protocol.envelope import MAX_HEADER
from federation.protocol.receipts import BadReceiptError
from protos.tongban.v1 import link_pb2 as pb
from tests.federation.fakeport import FakePort, Line, expected, got, kinds, opened, pair


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


def test_a_restored_peer_is_told_once_that_it_has_all_again() -> None:
    child, parent = pair(up=250)
    child.restored_peer = b"gen parent"
    line = Line(child, parent)
    while not parent.caught_up:
        assert line.step(True) or line.step(False)
    assert got(parent) == expected(child)
    child.write("later")
    line.settle()
    assert parent.caught_up == [b"gen parent"]


def test_a_restored_peer_is_told_also_when_there_was_nothing_to_send() -> None:
    child, parent = pair()
    child.restored_peer = b"gen parent"
    Line(child, parent).settle()
    assert parent.caught_up == [b"gen parent"]


def test_status_follows_everything_that_it_speaks_of() -> None:
    child, parent = pair(up=250, down=7)
    child.says = parent.says = 1
    Line(child, parent, batch=20, window=2).settle()
    assert parent.told == [(257, 250)]  # what came from the peer has a position, too
    assert [came for _, came in child.told] == [7]
    assert parent.caught_up == child.caught_up == []


def test_a_kind_of_frame_of_a_later_version_is_passed_over() -> None:
    child, parent = pair(up=3)
    line = Line(child, parent)
    line.settle()
    later = pb.Frame.FromString(b"\xfa\x01\x03new")  # field 31
    assert later.WhichOneof("kind") is None and later.ByteSize() > 0
    assert line.parent.receive(later) == [] and line.parent.is_open
    child.write("after")
    line.settle()
    assert got(parent) == expected(child)


@pytest.mark.parametrize(
    "told",
    [
        pb.Status(generation=b"gen child", features=["x"] * 65),
        pb.Status(generation=b"gen child", software="s" * 65),
        pb.Status(generation=b"gen child", below=[pb.Below(node_id=b"short")]),
        pb.Status(generation=b"gen child", statement=bytes(513)),
        pb.Status(generation=b"another"),
        pb.Status(),
    ],
    ids=["features", "software", "below", "statement", "another store", "nothing"],
)
def test_a_status_that_no_honest_peer_says_ends_the_link(told: pb.Status) -> None:
    child, parent = pair()
    line = Line(child, parent)
    line.settle()
    (fault,) = line.parent.receive(pb.Frame(status=told))
    assert fault.HasField("fault") and line.parent.is_over and parent.told == []


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


def test_a_batch_is_cut_to_what_a_frame_may_hold() -> None:
    """A thousand entries of the largest size are far more than a message of the line."""
    child, parent = FakePort("child"), FakePort("parent")
    child.entries += [(WireEntry(bytes([n]) * MAX_HEADER, b"s"), child.node_id) for n in range(250)]
    Line(child, parent, batch=1000).settle()
    assert [entry.header[0] for entry in parent.applied] == list(range(250)) and parent.batches > 2
