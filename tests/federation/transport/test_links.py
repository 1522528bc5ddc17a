"""Links over real gRPC and TLS on loopback; behind each end a double of the node (tests.federation.fakeport)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import grpc
import grpc.aio
import pytest

from federation.ports import LinkRefusedError
from federation.protocol.frames import request_frame
from federation.transport.client import LinkClient
from federation.transport.options import Liveness, client_options
from federation.transport.server import TransportError
from protos.tongban.v1 import link_pb2_grpc
from tests.federation.fakeport import FakePort
from tests.federation.transport.links import Authority, Ends, blob, no_new_tasks_or_threads, texts, until
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    async with Ends() as both:
        yield both


@pytest.fixture
def child() -> FakePort:
    return FakePort("child")


@pytest.fixture
def line(ends: Ends) -> Iterator[FaultProxy]:
    """A line to the parent, which listens where the line ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with FaultProxy("127.0.0.1", port) as proxy:
        yield proxy


async def linked(ends: Ends, child: FakePort, line: FaultProxy) -> LinkClient:
    await ends.listen(line.target)
    client = await ends.dial(child, line.address)
    await until(lambda: (True, "") in child.states)
    return client


def last_error(port: FakePort) -> str:
    return next((error for online, error in reversed(port.states) if not online), "")


async def test_entries_travel_both_ways_and_new_ones_at_once(ends: Ends, child: FakePort) -> None:
    child.write("1", "2")
    ends.parent.write("a")
    await ends.listen()
    client = await ends.dial(child)
    await until(lambda: texts(ends.parent) == ["child 1", "child 2"] and texts(child) == ["parent a"])
    assert child.states == [(True, "")]
    child.write("3")
    client.wake()
    took = await until(lambda: "child 3" in texts(ends.parent))
    ends.parent.write("b")
    assert ends.server is not None
    ends.server.wake()
    took += await until(lambda: "parent b" in texts(child))
    assert took < 1.0


async def test_more_than_a_window_in_order(ends: Ends, child: FakePort) -> None:
    wanted = [str(n) for n in range(2500)]
    child.write(*wanted)
    await ends.listen()
    await ends.dial(child)
    await until(lambda: len(ends.parent.applied) == 2500)
    assert texts(ends.parent) == [f"child {n}" for n in wanted]


async def test_a_commit_without_a_wake_is_found_by_the_sweep(ends: Ends, child: FakePort) -> None:
    await ends.listen()
    await ends.dial(child)
    await until(lambda: child.states)
    child.write("silent")
    await until(lambda: texts(ends.parent) == ["child silent"])


async def test_after_a_reset_the_link_comes_back_by_itself(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    client = await linked(ends, child, line)
    line.close()
    await until(lambda: not child.states[-1][0] and not ends.parent.states[-1][0])
    child.write("meanwhile")
    client.wake()
    line.open()
    assert await until(lambda: texts(ends.parent) == ["child meanwhile"]) < 3.0
    await until(lambda: child.states[-1] == (True, "") and ends.parent.states[-1] == (True, ""))


async def test_nobody_listens_is_said_in_plain_words_and_once(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    line.close()
    await ends.dial(child, line.address)
    await until(lambda: child.states)
    await asyncio.sleep(0.5)
    assert child.states == [(False, f"nobody listens at {line.address}")]


async def test_the_first_entry_after_a_black_hole(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    """The line goes silent without a word; both ends notice, and the first entry comes soon after it is back."""
    client = await linked(ends, child, line)
    line.black_hole()
    child.write("in the dark")
    client.wake()
    await until(lambda: not child.states[-1][0])  # the dead line was noticed,
    dialled = line.dialled
    await until(lambda: line.dialled >= dialled + 2)  # and dialling goes on into the dark
    assert texts(ends.parent) == []
    line.open()
    assert await until(lambda: texts(ends.parent) == ["child in the dark"]) < 3.0
    assert child.states[-1] == (True, "")
    await until(lambda: ends.parent.states[-1] == (True, ""))


async def test_a_line_that_holds_everything_back_loses_nothing(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    client = await linked(ends, child, line)
    line.black_hole(keep=True)
    child.write("held")
    client.wake()
    await asyncio.sleep(0.2)
    line.open()
    assert await until(lambda: texts(ends.parent) == ["child held"]) < 3.0


async def test_try_now_does_not_wait(ends: Ends, child: FakePort) -> None:
    ends.parent.refuse = LinkRefusedError("revoked", "this node was revoked by its parent", True)
    await ends.listen()
    client = await ends.dial(child)
    await until(lambda: child.states)  # refused for good: the next try by itself is a minute away
    assert last_error(child) == "refused by the peer: this node was revoked by its parent"
    ends.parent.refuse = None
    child.write("readmitted")
    await asyncio.sleep(0.3)
    assert texts(ends.parent) == []
    client.try_now()
    await until(lambda: texts(ends.parent) == ["child readmitted"])


async def test_an_address_heard_on_the_network_is_tried_at_once_but_not_as_often_as_it_is_said(
    ends: Ends, child: FakePort
) -> None:
    ends.parent.refuse = LinkRefusedError("revoked", "this node was revoked by its parent", True)
    await ends.listen()
    client = await ends.dial(child)
    await until(lambda: child.states)  # refused for good: the next try by itself is a minute away
    client.heard_of_parent()
    await until(lambda: len(child.states) == 2)  # the second greeting
    for _ in range(50):
        client.heard_of_parent()
    await asyncio.sleep(0.3)
    assert len(child.states) == 2


async def test_what_the_network_says_is_tried_after_the_configured_address(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    asked: list[int] = []

    def elsewhere() -> list[str]:
        asked.append(line.dialled)
        return ["127.0.0.1:1", f"127.0.0.1:{ends.port}"]

    line.black_hole()
    await ends.listen()
    await ends.dial(child, line.address, elsewhere=elsewhere)
    await until(lambda: (True, "") in child.states)
    assert asked[0] == 1 and last_error(child) == f"the parent does not answer at {line.address}"


async def test_our_refusal_reaches_the_parent(ends: Ends, child: FakePort) -> None:
    child.refuse = LinkRefusedError("needs_upgrade", "the peer speaks no protocol version that this node knows", True)
    await ends.listen()
    await ends.dial(child)
    await until(lambda: child.states and ends.parent.states[-1:] != [(True, "")])
    assert last_error(ends.parent) == "refused by the peer: the peer speaks no protocol version that this node knows"


async def test_a_parent_of_another_authority_is_refused(ends: Ends, child: FakePort) -> None:
    await ends.listen(credentials=Authority(b"elsewhere").credentials(ends.parent.node_id))
    await ends.dial(child)
    await until(lambda: child.states)
    assert "not our parent" in last_error(child)
    assert ends.parent.states == []


async def test_a_sibling_cannot_pass_for_the_parent(ends: Ends, child: FakePort) -> None:
    await ends.listen(credentials=ends.authority.credentials(b"sibling".ljust(16, b".")))
    await ends.dial(child)
    await until(lambda: child.states)
    assert "not our parent" in last_error(child)
    assert ends.parent.states == []


async def test_a_child_of_another_authority_is_refused(ends: Ends, child: FakePort) -> None:
    await ends.listen()
    foreign = Authority(b"elsewhere").credentials(child.node_id, pinned=ends.authority.certificate)
    await ends.dial(child, credentials=foreign)
    await until(lambda: child.states)
    assert "hangs up: it does not accept our certificate" in last_error(child)
    assert ends.parent.states == []


async def test_a_child_is_who_its_certificate_says(ends: Ends, child: FakePort) -> None:
    await ends.listen()
    await ends.dial(child, credentials=ends.authority.credentials(b"another".ljust(16, b".")))
    await until(lambda: child.states)
    assert "another node than the certificate" in last_error(child)
    assert ends.parent.received == {}


async def test_a_listener_without_tls_is_not_the_parent(ends: Ends, child: FakePort) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        await ends.dial(child, f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await until(lambda: child.states)
        assert "does not speak our protocol" in last_error(child)
    finally:
        server.close()


async def test_a_taken_port(ends: Ends) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(TransportError) as caught:
        await ends.listen(other.getsockname()[1])
    assert caught.value.code == "port_taken"


async def test_two_nodes_do_not_share_a_port(ends: Ends) -> None:
    port = await ends.listen()
    async with Ends() as others:
        with pytest.raises(TransportError):
            await others.listen(port)


async def test_the_newest_connection_wins(ends: Ends, child: FakePort) -> None:
    await ends.listen()
    first = await ends.dial(child)
    await until(lambda: child.states)
    await asyncio.sleep(0.1)
    copy = FakePort("child")  # the same node once more, with the same identity
    await ends.dial(copy)
    await until(lambda: copy.states == [(True, "")] and (False, LONE) in child.states)
    assert ends.parent.states[:3] == [(True, ""), (False, "a newer connection of the same node took over"), (True, "")]
    await first.stop()
    ends.clients.remove(first)


LONE = "the parent talks to a newer connection of this node: does a copy of it run elsewhere?"


async def test_a_parent_that_starts_anew(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    client = await linked(ends, child, line)
    await ends.hang_up()
    await until(lambda: not child.states[-1][0])
    child.write("kept")
    client.wake()
    await ends.listen(line.target)
    assert await until(lambda: texts(ends.parent) == ["child kept"]) < 3.0


async def test_a_failing_port_is_no_end(ends: Ends, child: FakePort) -> None:
    ends.parent.fail = OSError("disk full")
    child.write("x")
    await ends.listen()
    await ends.dial(child)
    await until(lambda: last_error(child) == "refused by the peer: an internal error")
    ends.parent.fail = None
    await until(lambda: texts(ends.parent) == ["child x"])


async def test_objects_come_both_ways(ends: Ends, child: FakePort) -> None:
    up, scan = blob(100_000)
    down, body = blob(700)
    child.objects[up], ends.parent.objects[down] = scan, body
    ends.parent.want.append(up)
    child.want.append(down)
    await ends.listen()
    await ends.dial(child)
    await until(lambda: ends.parent.objects.get(up) == scan and child.objects.get(down) == body)


async def test_an_object_goes_on_where_it_was_cut(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    hash, scan = blob(400_000)
    child.objects[hash] = scan
    line.bandwidth(400_000)
    await linked(ends, child, line)
    ends.parent.want.append(hash)
    await until(lambda: len(ends.parent.partial.get(hash, b"")) > 100_000)
    line.close()
    held = len(ends.parent.partial[hash])
    before = line.carried
    line.bandwidth(0)
    line.open()
    await until(lambda: ends.parent.objects.get(hash) == scan)
    assert line.carried - before < (400_000 - held) + 60_000  # what was held did not come again


async def test_a_slow_scan_does_not_delay_a_case(ends: Ends, child: FakePort, line: FaultProxy) -> None:
    hash, scan = blob(600_000)
    child.objects[hash] = scan
    client = await linked(ends, child, line)
    line.bandwidth(100_000)
    line.delay(0.05)
    ends.parent.want.append(hash)
    await until(lambda: len(ends.parent.partial.get(hash, b"")) > 20_000)
    child.write("urgent")
    client.wake()
    assert await until(lambda: texts(ends.parent) == ["child urgent"]) < 2.0
    assert hash not in ends.parent.objects


async def test_a_clean_stop_leaves_nothing(child: FakePort) -> None:
    with no_new_tasks_or_threads():
        async with Ends() as ends:
            await ends.listen()
            await ends.dial(child)
            await until(lambda: child.states)
        assert child.states[-1] == (False, "the node stopped")
        await until(lambda: not ends.parent.states[-1][0])


async def test_a_clean_stop_in_the_middle_of_a_dial(child: FakePort, line: FaultProxy) -> None:
    line.black_hole()
    with no_new_tasks_or_threads():
        async with Ends() as ends:
            client = await ends.dial(child, line.address)
            await until(lambda: line.dialled)
            client.try_now()


async def test_no_objects_without_a_greeting(ends: Ends, child: FakePort) -> None:
    """Whoever was refused at the greeting (a revoked node) gets no papers either."""
    hash, scan = blob(700)
    ends.parent.objects[hash] = scan
    await ends.listen()
    own = ends.authority.credentials(child.node_id)
    options = client_options(Liveness(), ends.parent.node_id)
    async with grpc.aio.secure_channel(f"127.0.0.1:{ends.port}", own.for_client(), options=options) as channel:
        stub: Any = link_pb2_grpc.LinkStub(channel)
        call = stub.Objects()
        with suppress(asyncio.InvalidStateError, grpc.aio.AioRpcError):  # the answer may be there before the question
            await call.write(request_frame(hash, 0, 700))
        assert await call.code() is grpc.StatusCode.FAILED_PRECONDITION
