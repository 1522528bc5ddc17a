"""Objects beside the entries: pieces in flight, resumed where they broke off; what is missing or does not keep is passed over."""

from __future__ import annotations

import pytest

from federation.protocol import frames
from federation.protocol.session import ObjectSession
from protos.tongban.v1 import link_pb2 as pb
from tests.federation.builders import seed
from tests.federation.fakeport import FakePort, ObjectLine, pair


def content(name: str, size: int) -> bytes:
    return (seed(name) * (size // 32 + 1))[:size]


def stocked(*sizes: int) -> tuple[FakePort, FakePort]:
    """A child that wants objects of these sizes, which the parent has."""
    child, parent = pair()
    for n, size in enumerate(sizes):
        parent.objects[seed(f"object {n}")] = content(f"{n}", size)
        child.want.append(seed(f"object {n}"))
    return child, parent


def test_objects_of_all_sizes_both_ways() -> None:
    child, parent = stocked(0, 1, 2047, 2048, 2049, 8192, 100_000, 1_000_000)
    child.objects[seed("from below")] = content("below", 50_000)
    parent.want.append(seed("from below"))
    line = ObjectLine(child, parent)
    line.settle()
    assert all(child.objects[hash] == parent.objects[hash] for hash in child.want)
    assert parent.objects[seed("from below")] == content("below", 50_000)
    assert line.left.idle
    assert line.right.idle
    assert line.largest <= 32 * 1024


def test_many_small_bodies_are_under_way_together() -> None:
    child, parent = stocked(*[900] * 200)
    line = ObjectLine(child, parent)
    assert line.left.in_flight == 32 * 1024
    line.settle()
    assert len(child.objects) == 200


def test_a_slow_line_gets_about_a_second_in_flight() -> None:
    child, parent = stocked(200_000)
    line = ObjectLine(child, parent, rate=4_000, delay=0.1)
    line.settle()
    assert child.objects
    assert 3_000 < line.left.line.allowance(32 * 1024) < 6_000
    assert line.clock < 1.1 * 200_000 / 4_000 + 1  # and the line is kept busy


@pytest.mark.parametrize("delay", [0.05, 0.6, 2.0])
def test_a_line_with_a_long_delay_is_not_throttled_to_nothing(delay: float) -> None:
    child, parent = stocked(1_000_000, *[300] * 300)
    line = ObjectLine(child, parent, rate=1e6, delay=delay)
    line.settle()
    assert len(child.objects) == 301
    assert line.left.line.allowance(32 * 1024) >= 16 * 1024
    assert line.clock < 3 * 1_300_000 / 32_768 * 2 * delay + 5


def test_bodies_one_at_a_time_over_a_long_delay_do_not_slow_down_the_next_scan() -> None:
    child, parent = stocked()
    line = ObjectLine(child, parent, rate=1e5, delay=1.0)
    for n in range(30):
        child.want.append(seed(f"b{n}"))
        parent.objects[seed(f"b{n}")] = b"small"
        line.send(line.right, line.left.pump())
        line.settle()
    assert len(child.objects) == 30
    assert line.left.line.allowance(32 * 1024) >= 16 * 1024


def test_a_pull_is_resumed_where_it_broke_off() -> None:
    child, parent = stocked(300_000)
    line = ObjectLine(child, parent)
    for _ in range(40):
        line.step()
    held = len(child.partial[child.want[0]])
    assert 0 < held < 300_000
    again = ObjectLine(child, parent)
    assert again.under_way[0][3].request.offset == held
    again.settle()
    assert child.objects[child.want[0]] == parent.objects[child.want[0]]


def test_what_is_missing_is_passed_over_until_a_reset() -> None:
    child, parent = stocked(5_000, 5_000, 5_000)
    lost = child.want[0]
    kept = parent.objects.pop(lost)
    line = ObjectLine(child, parent)
    line.settle()
    assert set(child.objects) == set(child.want[1:])
    assert line.left.idle
    line.send(line.right, line.left.pump())
    assert not line.under_way  # remembered: not asked for again
    parent.objects[lost] = kept
    line.send(line.right, line.left.pump(reset=True))
    line.settle()
    assert child.objects[lost] == kept


def test_many_missing_ones_do_not_hide_one_that_is_there() -> None:
    child, parent = stocked(*[100] * 500)
    for hash in child.want[:499]:
        del parent.objects[hash]
    ObjectLine(child, parent).settle()
    assert set(child.objects) == {child.want[499]}


def test_an_object_that_does_not_keep_is_not_pulled_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    child, parent = stocked(3_000)
    monkeypatch.setattr(child, "write_object", lambda peer, part: None)  # for example: the hash did not match
    line = ObjectLine(child, parent)
    line.settle(50)
    for _ in range(2):  # found out when it is listed again; not asked for after that
        line.send(line.right, line.left.pump())
        assert not line.under_way
    assert line.left.idle


def test_new_wishes_are_found_when_pumped() -> None:
    child, parent = stocked(100)
    line = ObjectLine(child, parent)
    line.settle()
    calls = child.wanted_calls
    child.want.append(seed("late"))
    parent.objects[seed("late")] = b"late"
    line.send(line.right, line.left.pump())
    line.settle()
    assert child.objects[seed("late")] == b"late"
    assert child.wanted_calls <= calls + 2


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pb.ObjectFrame(request=pb.ObjectRequest(hash=b"short", length=1)), "bad_request"),
        (pb.ObjectFrame(request=pb.ObjectRequest(hash=b"h" * 32, length=0)), "bad_request"),
        (pb.ObjectFrame(request=pb.ObjectRequest(hash=b"h" * 32, length=1, offset=2**63)), "bad_position"),
        (pb.ObjectFrame(chunk=pb.ObjectChunk(hash=b"h" * 32, data=b"x" * 40_000, total=40_000)), "too_large"),
        (pb.ObjectFrame(chunk=pb.ObjectChunk(hash=b"h" * 32, data=b"xx", total=1)), "bad_position"),
    ],
)
def test_bad_object_frames_are_faults(frame: pb.ObjectFrame, code: str) -> None:
    child, parent = pair()
    session = ObjectLine(child, parent).left
    (answer,) = session.receive(frame)
    assert answer.fault.code == code
    assert session.is_over
    assert session.exception is None


def test_an_uncalled_for_piece_changes_nothing() -> None:
    child, parent = pair()
    session = ObjectLine(child, parent).left
    assert session.receive(pb.ObjectFrame(chunk=pb.ObjectChunk(hash=b"h" * 32, data=b"x", total=1))) == []
    assert child.objects == {}
    assert not session.is_over


def test_a_request_is_answered_with_at_most_one_piece() -> None:
    child, parent = stocked(100_000)
    session = ObjectLine(child, parent).right
    (answer,) = session.receive(frames.request_frame(child.want[0], 0, 2**31))
    assert len(answer.chunk.data) == 32 * 1024


def test_a_failing_store_ends_the_object_session_only() -> None:
    child, parent = stocked(100)
    parent.fail = OSError("disk")
    line = ObjectLine(child, parent)
    line.settle()
    assert line.right.is_over
    assert isinstance(line.right.exception, OSError)
    assert line.left.is_over
    assert line.left.error == "refused by the peer: an internal error"


def test_an_object_of_an_absurd_size_is_set_aside() -> None:
    port = FakePort("child")
    port.want = [b"h" * 32]
    session = ObjectSession(port, b"p" * 16)
    assert session.start()
    answer = session.receive(pb.ObjectFrame(chunk=pb.ObjectChunk(hash=b"h" * 32, total=1 << 50, data=b"x" * 2048)))
    assert not answer and session.set_aside == 1 and not port.partial and not session.is_over
