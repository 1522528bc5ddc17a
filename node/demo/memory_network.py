"""A network of real nodes in one process: real SQLite, real keys, the real protocol; only time and the lines are made up.

The demo is made with it (weeks of work in seconds, on simulated time) and the model tests run on it. Every node has its
own folder, store (`threaded=False`: commands run on the caller's thread) and Center. A `Line` joins a child to its parent
and carries the frames of real `LinkSession` and `ObjectSession` objects, one at a time, in order, when it is told to.
Cutting a line loses what is on it. Nothing sleeps.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from federation.protocol.session import LinkSession, ObjectSession
from node.app import assemble, create_child, create_root
from node.domain.model import CST, Actor, Role
from node.services.center import Center

START = int(dt.datetime(2026, 3, 2, 9, 0, tzinfo=CST).timestamp() * 1000)
CONFIGS = Path(__file__).resolve().parents[2] / "configs"
RESTLESS = "the network does not come to rest"


@dataclass
class World:
    """The one time, and the one source of chance (`random` is seeded: a run can be repeated)."""

    time: int = START
    ran: int = 0  # ms that really passed; `time` alone is moved where a test means the clock
    random: Random = field(default_factory=lambda: Random(1))

    def entropy(self, size: int) -> bytes:
        return self.random.randbytes(size)

    def advance(self, ms: int = 1000) -> None:
        self.time += ms
        self.ran += ms


@dataclass
class SimulatedClock:
    """One time for all, plus what is wrong with this node's clock (ms)."""

    world: World
    skew: int = 0

    def now(self) -> int:
        return self.world.time + self.skew

    def ticks(self) -> int:
        return self.world.ran


@dataclass
class Node:
    """A node of the test network. `center` is replaced when the node restarts."""

    name: str
    folder: Path
    clock: SimulatedClock
    center: Center
    parent: str | None

    @property
    def id(self) -> bytes:
        return self.center.place.node_id

    def restart(self) -> None:
        """Stop (or lose power) and open the same folder again."""
        self.center.store.close()
        self.reopen()

    def reopen(self) -> None:
        self.center = assemble(self.folder, self.clock, threaded=False)
        self.center.store.entropy = self.clock.world.entropy

    def status(self, case_no: str) -> str:
        with self.center.store.reading() as view:
            case = view.cases.get(case_no)
            return case.status if case is not None else ""


@dataclass
class Line:
    """Both channels between a child and its parent. `sent` keeps what is under way."""

    network: Network
    child: str
    parent: str
    up: bool = False
    sessions: dict[str, LinkSession] = field(default_factory=dict)
    objects: dict[str, ObjectSession] = field(default_factory=dict)
    frames: deque[tuple[str, str, Any]] = field(default_factory=deque)  # (to, channel, bytes)
    objects_up: bool = True

    def connect(self) -> None:
        """New sessions, as after a dial."""
        self.cut()
        child, parent = self.network[self.child], self.network[self.parent]
        self.sessions = {
            self.child: LinkSession(
                child.center.inbound, parent.id, dialer=True, batch=self.network.batch, window=self.network.window
            ),
            self.parent: LinkSession(
                parent.center.inbound, child.id, dialer=False, batch=self.network.batch, window=self.network.window
            ),
        }
        self._dial_objects()
        self.up = True
        for name, session in self.sessions.items():
            self._send(name, "link", session.start())

    def _dial_objects(self) -> None:
        """The channel of objects is dialled by itself, and again when either end gave it up (a full disk)."""
        child, parent = self.network[self.child], self.network[self.parent]
        self.frames = deque(frame for frame in self.frames if frame[1] != "object")
        self.objects = {
            self.child: ObjectSession(child.center.inbound, parent.id), self.parent: ObjectSession(parent.center.inbound, child.id)
        }  # fmt: skip

    def cut(self, error: str = "the line was cut") -> None:
        """The connection is gone with all that was on it."""
        self.frames.clear()
        for session in self.sessions.values():
            session.lost(error)
        for objects in self.objects.values():
            objects.lost(error)
        self.sessions, self.objects, self.up = {}, {}, False

    def other(self, name: str) -> str:
        return self.parent if name == self.child else self.child

    def pump(self, *, again: bool = True) -> None:
        """What both sides have to say now; `again` also asks for objects that were missing before."""
        for name, session in list(self.sessions.items()):
            self._send(name, "link", session.pump())
        if any(session.is_over for session in self.objects.values()):
            self._dial_objects()
        if self.objects_up:
            for name, objects in list(self.objects.items()):
                self._send(name, "object", objects.pump(reset=again))

    def step(self, *, duplicate: bool = False) -> bool:
        """Deliver one frame; False when the line is empty or down. A duplicated frame arrives a second time at the end."""
        if not self.up or not self.frames:
            return False
        to, channel, frame = self.frames.popleft()
        if duplicate and channel == "link" and frame.WhichOneof("kind") in ("batch", "ack"):
            self.frames.append((to, channel, frame))
        target: Any = self.sessions[to] if channel == "link" else self.objects[to]
        answers = target.receive(frame)
        if self.up:
            self._send(to, channel, answers)
        if any(session.is_over for session in self.sessions.values()) and not self.frames:
            self.cut()
        return True

    def _send(self, sender: str, channel: str, frames: list[Any]) -> None:
        to = self.other(sender)
        for frame in frames:
            wire = type(frame).FromString(frame.SerializeToString())
            self.frames.append((to, channel, wire))


class Network:
    """Nodes by name, the lines between them, one clock."""

    def __init__(self, folder: Path, *, batch: int = 100, window: int = 8, test_clock: bool = True) -> None:
        self.folder = folder
        self.test_clock = test_clock
        self.world = World()
        self.nodes: dict[str, Node] = {}
        self.lines: dict[str, Line] = {}  # by child
        self.batch, self.window = batch, window

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    # building ------------------------------------------------------------------------------------------------------

    def root(self, name: str, code: str, tier: str = "city", title: str = "") -> Node:
        clock = SimulatedClock(self.world)
        folder = self.folder / name
        create_root(folder, tier=tier, code=code, name=title or name, clock=clock, test_clock=self.test_clock)
        return self._add(name, folder, clock, None)

    def child(self, name: str, parent: str, code: str, tier: str, title: str = "") -> Node:
        """Enrol through a real join code, sealed request and signed answer."""
        clock = SimulatedClock(self.world)
        folder = self.folder / name
        above = self[parent].center
        join_code = above.tree.invite(code, title or name, tier, ("127.0.0.1:1",), "127.0.0.1:2")
        create_child(folder, join_code, clock=clock, post=above.tree.redeem)
        node = self._add(name, folder, clock, parent)
        self.lines[name] = Line(self, name, parent)
        return node

    def adopt(self, name: str, parent: str | None) -> Node:
        """A node whose folder is already there."""
        node = self._add(name, self.folder / name, SimulatedClock(self.world), parent)
        if parent is not None:
            self.lines[name] = Line(self, name, parent)
        return node

    def reachable(self, name: str) -> bool:
        """Whether the node's lines up to the root are open."""
        at = self[name]
        while at.parent is not None:
            if not self.lines[at.name].up:
                return False
            at = self[at.parent]
        return True

    def _add(self, name: str, folder: Path, clock: SimulatedClock, parent: str | None) -> Node:
        node = Node(name, folder, clock, assemble(folder, clock, threaded=False), parent)
        self.nodes[name] = node
        return node

    def furnish(self, root: str = "city") -> None:
        """Publish divisions, calendar and catalog at the root."""
        center = self[root].center
        actor = Actor("s-admin", Role.CATALOG_EDITOR)
        center.catalog.import_divisions((CONFIGS / "divisions" / "wuhan-4201.csv").read_bytes(), actor)
        center.catalog.import_calendar((CONFIGS / "calendar" / "days-2024-2026.csv").read_bytes(), actor)
        center.catalog.import_csv((CONFIGS / "catalog" / "items-detailed.csv").read_bytes(), actor)

    # running -------------------------------------------------------------------------------------------------------

    def connect(self, *children: str) -> None:
        for name in children or tuple(self.lines):
            if not self.lines[name].up:
                self.lines[name].connect()

    def cut(self, *children: str) -> None:
        for name in children or tuple(self.lines):
            self.lines[name].cut()

    def step(self) -> bool:
        """Deliver one frame on every line that has one."""
        busy = sum(line.step() for line in list(self.lines.values())) > 0
        self.check_rest()
        return busy

    def check_rest(self) -> None:
        """Raises AssertionError when a node goes on by itself without an end."""
        for node in self.nodes.values():
            if node.center.store.writer.restless:
                raise AssertionError(f"{RESTLESS}: {node.name} goes on by itself")

    def settle(self, limit: int = 20_000) -> None:
        """Run until nothing more is to be said on the lines that are up; lines that closed dial again."""
        for _ in range(6):
            busy = again = True
            while busy and limit > 0:
                for line in self.lines.values():
                    if line.up:
                        line.pump(again=again)
                busy = again = False
                while self.step():
                    busy = True
                    limit -= 1
                for node in self.nodes.values():
                    node.center.store.catch_up()  # a node with a thread would do it a moment later
                self.world.advance(10)
        if limit <= 0:
            raise AssertionError(RESTLESS)

    def heal(self) -> None:
        """All lines up, everything said, until it stays so."""
        for _ in range(4):
            self.connect()
            self.settle()

    def close(self) -> None:
        self.cut()
        for node in self.nodes.values():
            node.center.store.close()

    def each_case(self) -> Iterator[str]:
        found: set[str] = set()
        for node in self.nodes.values():
            with node.center.store.reading() as view:
                found |= set(view.cases.numbers())
        yield from sorted(found)
