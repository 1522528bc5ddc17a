"""A node reduced to its link port, in memory: a double of the *node* for tests of the sessions, which are the real ones.

Positions are indexes of `entries` (1-based); what came from a peer gets a position too, but is not sent back to it.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable

from federation.ports import (
    Acknowledgement,
    Greeting,
    HeadMark,
    LinkRefusedError,
    ObjectPart,
    Outgoing,
    Status,
    WireEntry,
)
from federation.protocol.session import LinkSession, ObjectSession
from protos.tongban.v1 import link_pb2 as pb


class FakePort:
    def __init__(self, name: str) -> None:
        self.name = name
        self.generation = f"gen {name}".encode()
        self.entries: list[tuple[WireEntry, bytes]] = []  # (entry, whence)
        self.received: dict[tuple[bytes, bytes], int] = {}  # (peer, generation) -> watermark
        self.applied: list[WireEntry] = []
        self.acked = 0
        self.refuse: LinkRefusedError | None = None
        self.fail: Exception | None = None
        self.caught_up: list[bytes] = []
        self.says = 0  # how many times it says that it has sent all
        self.told: list[tuple[int, int]] = []  # position of each Status that came, and how many entries had come before it
        self.restored_peer: bytes | None = None
        self.states: list[tuple[bool, str]] = []
        self.batches = 0
        self.objects: dict[bytes, bytes] = {}
        self.partial: dict[bytes, bytearray] = {}
        self.want: list[bytes] = []
        self.wanted_calls = 0

    @property
    def node_id(self) -> bytes:
        return self.name.encode().ljust(16, b".")

    def write(self, *texts: str) -> None:
        self.entries += [(WireEntry(f"{self.name} {text}".encode(), b"s"), self.node_id) for text in texts]

    # -- the port

    def greeting(self, peer: bytes) -> Greeting:
        generation, mark = next(((g, w) for (p, g), w in reversed(self.received.items()) if p == peer), (b"", 0))
        return Greeting(self.node_id, self.generation, HeadMark(), HeadMark(), generation, mark, 0, "test")

    def on_greeting(self, peer: bytes, greeting: Greeting) -> int:
        if self.refuse:
            raise self.refuse
        self.received.setdefault((peer, greeting.generation), 0)
        self.acked = greeting.your_watermark if greeting.your_generation == self.generation else 0
        return self.acked

    def outgoing(self, peer: bytes, after: int, limit: int) -> Outgoing:
        found: list[WireEntry] = []
        last = after
        for entry, whence in self.entries[after:]:
            if len(found) == limit:
                break
            last += 1
            if whence != peer:
                found.append(entry)
        return Outgoing(self.generation, after, last, tuple(found))

    def on_entries(self, peer: bytes, batch: Outgoing) -> Acknowledgement:
        if self.fail:
            raise self.fail
        self.batches += 1
        mark = self.received.get((peer, batch.generation), 0)
        assert batch.first <= mark, "the session let a gap through"
        for entry in batch.entries:
            if entry not in self.applied:
                self.applied.append(entry)
                self.entries.append((entry, peer))
        mark = self.received[(peer, batch.generation)] = max(mark, batch.last)
        return Acknowledgement(batch.generation, mark, b"receipt", b"signature")

    def on_acknowledged(self, peer: bytes, ack: Acknowledgement) -> None:
        assert ack.watermark >= self.acked
        assert ack.generation == self.generation
        self.acked = ack.watermark

    def status(self, peer: bytes, sent: int, acked: int) -> Status | None:
        """Once, when all was sent; to a restored peer that it has all again, when that is acknowledged."""
        confirms, self.restored_peer = (self.restored_peer, None) if acked >= len(self.entries) else (None, self.restored_peer)
        if sent < len(self.entries) or (self.says <= 0 and confirms is None):
            return None
        self.says -= 1
        return Status(self.generation, sent, f"{self.name} at {sent}".encode(), confirms=confirms or b"")

    def on_status(self, peer: bytes, status: Status) -> None:
        self.told.append((status.position, len(self.applied)))
        self.caught_up += [status.confirms] if status.confirms else []

    def wanted(self, peer: bytes, limit: int) -> list[tuple[bytes, int]]:
        self.wanted_calls += 1
        return [(hash, len(self.partial.get(hash, b""))) for hash in self.want if hash not in self.objects][:limit]

    def read_object(self, peer: bytes, hash: bytes, offset: int, length: int) -> ObjectPart:
        if self.fail:
            raise self.fail
        data = self.objects.get(hash)
        if data is None:
            return ObjectPart(hash, offset, 0, b"", missing=True)
        return ObjectPart(hash, offset, len(data), data[offset : offset + length])

    def write_object(self, peer: bytes, part: ObjectPart) -> None:
        held = self.partial.setdefault(part.hash, bytearray())
        assert part.offset == len(held), "pieces come in order"
        held += part.data
        if len(held) == part.total:
            self.objects[part.hash] = bytes(self.partial.pop(part.hash))

    def object_missing(self, peer: bytes, hash: bytes, gone: bool) -> None: ...

    def on_link_state(self, peer: bytes, online: bool, error: str) -> None:
        self.states.append((online, error))


class Line:
    """One connection between two ports: a fresh session at each end and the frames under way."""

    def __init__(self, child: FakePort, parent: FakePort, **options: object) -> None:
        self.child = LinkSession(child, parent.node_id, dialer=True, **options)  # type: ignore[arg-type]
        self.parent = LinkSession(parent, child.node_id, dialer=False, **options)  # type: ignore[arg-type]
        self.sent = 0
        self.up: deque[pb.Frame] = deque(self.child.start())
        self.down: deque[pb.Frame] = deque(self.parent.start())

    def step(self, upward: bool) -> bool:
        """Deliver the next frame of one direction; False when there is none."""
        way, receiver, back = (self.up, self.parent, self.down) if upward else (self.down, self.child, self.up)
        if not way:
            return False
        self.sent += 1
        back.extend(receiver.receive(copied(way.popleft())))
        return True

    def pump(self) -> None:
        self.up.extend(self.child.pump())
        self.down.extend(self.parent.pump())

    def settle(self, limit: int = 10_000) -> None:
        """Deliver until nobody has anything to say."""
        self.pump()
        while self.up or self.down:
            self.step(True)
            self.step(False)
            assert self.sent < limit, "the two sides keep each other busy"


class ObjectLine:
    """One object connection on a simulated clock: each direction carries `rate` bytes/s, and takes `delay` seconds."""

    def __init__(self, left: FakePort, right: FakePort, rate: float = 1e9, delay: float = 0.0) -> None:
        self.clock = 0.0
        self.rate, self.delay = rate, delay
        self.left = ObjectSession(left, right.node_id, now=lambda: self.clock)
        self.right = ObjectSession(right, left.node_id, now=lambda: self.clock)
        self.under_way: list[tuple[float, int, ObjectSession, pb.ObjectFrame]] = []
        self.free = {id(self.left): 0.0, id(self.right): 0.0}  # when the direction to that side has sent all
        self.count = 0
        self.largest = 0
        self.send(self.right, self.left.start())
        self.send(self.left, self.right.start())

    def send(self, receiver: ObjectSession, frames: list[pb.ObjectFrame]) -> None:
        for frame in frames:
            self.count += 1
            self.free[id(receiver)] = max(self.clock, self.free[id(receiver)]) + len(frame.chunk.data) / self.rate
            heapq.heappush(self.under_way, (self.free[id(receiver)] + self.delay, self.count, receiver, frame))
        self.largest = max(self.largest, self.left.in_flight, self.right.in_flight)

    def step(self) -> None:
        self.clock, _, receiver, frame = heapq.heappop(self.under_way)
        self.send(self.left if receiver is self.right else self.right, receiver.receive(frame))

    def settle(self, limit: int = 20_000) -> None:
        for _ in range(limit):
            if not self.under_way:
                return
            self.step()
        raise AssertionError("the object sessions never come to rest")


def copied(frame: pb.Frame) -> pb.Frame:
    """As the wire does it."""
    return pb.Frame.FromString(frame.SerializeToString())


def pair(up: int = 0, down: int = 0) -> tuple[FakePort, FakePort]:
    """A child and a parent with so many entries of their own."""
    child, parent = FakePort("child"), FakePort("parent")
    child.write(*(f"{n}" for n in range(up)))
    parent.write(*(f"{n}" for n in range(down)))
    return child, parent


def expected(port: FakePort) -> list[bytes]:
    return [entry.header for entry, whence in port.entries if whence == port.node_id]


def got(port: FakePort) -> list[bytes]:
    return [entry.header for entry in port.applied]


def kinds(sent: Iterable[pb.Frame]) -> list[str | None]:
    return [frame.WhichOneof("kind") for frame in sent]


def opened() -> tuple[LinkSession, FakePort]:
    child, parent = pair(up=1, down=1)
    line = Line(child, parent)
    line.settle()
    return line.parent, parent
