"""The network as it runs when nobody does anything: lines are dialled again, and from then on each end speaks when a frame came, when
its node committed something, or when its sweep comes round, as the transport has it. Nobody pumps, reconnects or presses "try now".

Time is simulated; what is not at rest after `seconds` of it would not have been at rest on real machines either, however fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from federation.transport.streams import ASK_AGAIN_SECONDS, SWEEP_SECONDS
from node.demo.memory_network import RESTLESS, Line, Network
from node.running.serving import SWEEP_SECONDS as TICK_SECONDS

STEP_MS = 500
REDIAL_MS = 1000  # the longest wait after a line that broke (`dialling.py`)
HEALED_SECONDS = 60.0
TURNS = 2000  # in one moment; sixty were the most in a run that came to rest


class ByItself:
    """One stretch of time without anybody's act. `lines`: those that are up, by child; the others stay as they are."""

    def __init__(self, network: Network, lines: Sequence[str] | None = None) -> None:
        self.network = network
        self.lines = [network.lines[name] for name in (network.lines if lines is None else lines)]
        self._woken: set[str] = set()
        self._swept: dict[tuple[str, str], int] = {}  # (child, node) -> when that end last asked its session by itself
        self._asked: dict[tuple[str, str], int] = {}  # when it last asked for what the other did not have
        self._ended: dict[str, int] = {}  # child -> when its line broke
        self._ticked = self.now

    @property
    def now(self) -> int:
        return self.network.world.ran

    def run(self, seconds: float = HEALED_SECONDS) -> None:
        listeners = {name: partial(self._woken.add, name) for name in self.network.nodes}
        for name, listener in listeners.items():
            self.network[name].center.store.wake_listeners.append(listener)
        try:
            end = self.now + int(seconds * 1000)
            for line in self.lines:
                self._dial(line)
            while self.now < end:
                self._until_quiet()
                self.network.world.advance(STEP_MS)
                self._time_passes()
        finally:
            for name, listener in listeners.items():
                self.network[name].center.store.wake_listeners.remove(listener)

    def _dial(self, line: Line) -> None:
        if not line.up:
            line.connect()
        self._ended.pop(line.child, None)
        for name in (line.child, line.parent):
            self._swept[(line.child, name)] = self._asked[(line.child, name)] = self.now

    def _until_quiet(self) -> None:
        """Everything that follows at this moment. Raises AssertionError when it has no end, counted in turns, not by the clock."""
        for _ in range(TURNS):
            if not (self._deliver() or self._wake()):
                return
        raise AssertionError(f"{RESTLESS}: frames follow frames {TURNS} times in one moment")

    def _deliver(self) -> bool:
        """What is on the lines arrives, and every node projects what came."""
        busy = sum(line.step() for line in self.lines) > 0
        self.network.check_rest()
        for node in self.network.nodes.values() if busy else ():
            node.center.store.catch_up()
        return busy

    def _wake(self) -> bool:
        """Nodes that committed something look whether there is something to say."""
        woken = set(self._woken)
        self._woken.clear()
        for line in self.lines:
            for name in woken & {line.child, line.parent}:
                self._speak(line, name)
        return bool(woken)

    def _time_passes(self) -> None:
        for line in self.lines:
            if not line.up:
                if self.now - self._ended.setdefault(line.child, self.now) >= REDIAL_MS:
                    self._dial(line)
                continue
            for name in (line.child, line.parent):
                if self.now - self._swept[(line.child, name)] >= self._pause(line, name):
                    self._swept[(line.child, name)] = self.now
                    self._speak(line, name)
        if self.now - self._ticked >= TICK_SECONDS * 1000:
            self._ticked = self.now
            for node in self.network.nodes.values():
                node.center.tick()

    def _pause(self, line: Line, name: str) -> float:
        objects = line.objects.get(name)
        return (ASK_AGAIN_SECONDS if objects is not None and objects.set_aside else SWEEP_SECONDS) * 1000

    def _speak(self, line: Line, name: str) -> None:
        """One end asks its sessions whether there is something to say."""
        if not line.up:
            return
        line._send(name, "link", line.sessions[name].pump())
        if any(session.is_over for session in line.objects.values()):
            line._dial_objects()
        if line.objects_up and line.objects:
            again = self.now - self._asked[(line.child, name)] >= ASK_AGAIN_SECONDS * 1000
            if again:
                self._asked[(line.child, name)] = self.now
            line._send(name, "object", line.objects[name].pump(reset=again))


def go_on(network: Network, seconds: float = HEALED_SECONDS, lines: Sequence[str] | None = None) -> None:
    """Lines come up again, and the time passes without anybody's act."""
    ByItself(network, lines).run(seconds)
