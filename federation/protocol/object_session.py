"""The conversation of one connection about objects: bodies and scans, pulled by whoever wants them.

Both sides are alike: each asks for what `port.wanted` lists and serves what `port.read_object` lets the other have. At
most 32 KiB of asked-for bytes are in flight, and on a slow line no more than the line carries in about a second (never
less than 1 KiB), so a scan on this channel never delays a case on the other. An object is asked for by pieces, in order,
from the offset already held; its first piece is small and alone, because its size is not known yet, and many small
bodies are under way side by side.

The rate is taken from the spacing of pieces that were under way together, which measures the line and not its delay, so
that a line with a long delay is not throttled to nothing; a piece that travelled alone can only raise it.

What the peer does not have, and what came whole but is asked for again, is set aside until `pump(reset=True)`: a session
never spins. Like a LinkSession it never raises, is not thread-safe, and lives as long as one connection.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from federation.ports import LinkPort, LinkRefusedError, ObjectPart
from federation.protocol import frames
from federation.protocol.frames import MAX_OBJECT, MAX_PIECE, BadFrameError
from protos.tongban.v1 import link_pb2 as pb

MAX_IN_FLIGHT = 32 * 1024
MIN_IN_FLIGHT = 1024
FIRST_PIECE = 2048  # bytes asked for while the size is unknown
_LOOK_AHEAD = 64  # objects asked of the port at once
_FAST = 4.0 * MAX_IN_FLIGHT  # bytes/s; more than this makes no difference


@dataclass(slots=True)
class _Pull:
    """An object under way: bytes held, bytes asked for, its size once known."""

    hash: bytes
    held: int
    asked: int
    total: int | None = None


@dataclass(slots=True)
class _Asked:
    length: int
    at: float
    together: bool  # another request was under way when this one was sent


class LineRate:
    """Bytes per second of a line, a moving average."""

    def __init__(self) -> None:
        self.rate = float(MAX_IN_FLIGHT)
        self._last: float | None = None

    def sample(self, size: int, sent: float, now: float, together: bool) -> None:
        """A piece of `size` bytes, asked for at `sent`, came at `now`."""
        overlapped = together and self._last is not None and sent <= self._last
        seconds = now - (self._last if overlapped and self._last is not None else sent)
        self._last = now
        measured = min(size / seconds if seconds > 1e-6 else _FAST, _FAST)
        if overlapped or measured > self.rate:  # a piece that travelled alone only shows the least the line can do
            self.rate += 0.3 * (measured - self.rate)

    def allowance(self, limit: int) -> int:
        """Bytes that may be in flight: about one second's worth, within [MIN_IN_FLIGHT, limit]."""
        return int(max(MIN_IN_FLIGHT, min(limit, self.rate)))


class ObjectSession:
    """One connection's exchange of objects with `peer`. `now` is a monotonic clock in seconds."""

    def __init__(
        self, port: LinkPort, peer: bytes, max_in_flight: int = MAX_IN_FLIGHT, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.port, self.peer = port, peer
        self.error = ""
        self.code = ""
        self.permanent = False
        self.is_over = False
        self.exception: Exception | None = None
        self.line = LineRate()
        self._limit, self._now = max_in_flight, now
        self._pulls: dict[bytes, _Pull] = {}
        self._asked: dict[tuple[bytes, int], _Asked] = {}
        self._queue: deque[tuple[bytes, int]] = deque()
        self._whole: set[bytes] = set()  # came whole in this session
        self._aside: set[bytes] = set()  # not to be asked for again until a reset
        self._dry = False  # the port listed nothing new when last asked

    @property
    def idle(self) -> bool:
        """Nothing under way, and nothing more was wanted when the port was last asked."""
        return not self._pulls and not self._queue and (self._dry or self.is_over)

    @property
    def set_aside(self) -> int:
        """How many objects the peer did not have when it was last asked."""
        return len(self._aside)

    @property
    def in_flight(self) -> int:
        """Bytes asked for and not answered."""
        return sum(one.length for one in self._asked.values())

    def start(self) -> list[pb.ObjectFrame]:
        """The first requests."""
        return self.pump()

    def pump(self, reset: bool = False) -> list[pb.ObjectFrame]:
        """Ask for what is wanted now; `reset` also for what was missing before. Never raises."""
        if self.is_over:
            return []
        self._dry = False
        if reset:
            self._aside.clear()
            self._whole.clear()
        return self._guarded(self._requests)

    def receive(self, frame: pb.ObjectFrame) -> list[pb.ObjectFrame]:
        """Take one frame: serve a request, or keep a piece and ask on. Never raises."""
        return [] if self.is_over else self._guarded(lambda: self._take(frame))

    def lost(self, error: str) -> None:
        """The connection ended."""
        self.is_over, self.error = True, self.error or error

    def _take(self, frame: pb.ObjectFrame) -> list[pb.ObjectFrame]:
        kind = frame.WhichOneof("kind")
        if kind == "request":
            return [self._serve(*frames.read_request(frame.request))]
        if kind == "chunk":
            self._keep(frames.read_piece(frame.chunk))
            return self._requests()
        if kind == "fault":
            self.is_over, self.code, self.permanent = True, frame.fault.code[:64], frame.fault.permanent
            self.error = f"refused by the peer: {frame.fault.message[: frames.MAX_TEXT] or self.code}"
        return []

    def _serve(self, hash: bytes, offset: int, length: int) -> pb.ObjectFrame:
        part = self.port.read_object(self.peer, hash, offset, length)
        if len(part.data) > MAX_PIECE:
            raise ValueError("the port gave more than was asked for")
        return frames.piece_frame(part)

    # -- pulling

    def _keep(self, part: ObjectPart) -> None:
        asked = self._asked.pop((part.hash, part.offset), None)
        pull = self._pulls.get(part.hash)
        if asked is None or pull is None:
            return  # late or repeated
        self.line.sample(len(part.data), asked.at, self._now(), asked.together)
        sensible = part.offset == pull.held and pull.total in (None, part.total) and len(part.data) <= asked.length
        sensible = sensible and part.total <= MAX_OBJECT
        if part.missing or not sensible or (not part.data and part.offset < part.total):
            self._set_aside(part.hash)
            if part.missing:
                self.port.object_missing(self.peer, part.hash, part.gone)
            return
        pull.total = part.total
        pull.held += len(part.data)
        pull.asked = max(pull.held, pull.asked if self._more_asked(part.hash) else 0)
        self.port.write_object(self.peer, part)
        if pull.held == pull.total:
            self._forget(part.hash)
            self._whole.add(part.hash)

    def _more_asked(self, hash: bytes) -> bool:
        return any(key[0] == hash for key in self._asked)

    def _set_aside(self, hash: bytes) -> None:
        self._forget(hash)
        self._aside.add(hash)

    def _forget(self, hash: bytes) -> None:
        del self._pulls[hash]
        for key in [key for key in self._asked if key[0] == hash]:
            del self._asked[key]

    def _requests(self) -> list[pb.ObjectFrame]:
        out: list[pb.ObjectFrame] = []
        while True:
            allowed = self.line.allowance(self._limit)
            room = allowed - self.in_flight
            piece = min(MAX_PIECE, max(MIN_IN_FLIGHT, allowed // 4))
            if room < MIN_IN_FLIGHT or (pull := self._next()) is None:
                return out
            out.append(self._ask(pull, min(piece, room)))

    def _ask(self, pull: _Pull, length: int) -> pb.ObjectFrame:
        length = min(length, FIRST_PIECE if pull.total is None else pull.total - pull.asked)
        self._asked[(pull.hash, pull.asked)] = _Asked(length, self._now(), bool(self._asked))
        frame = frames.request_frame(pull.hash, pull.asked, length)
        pull.asked += length
        return frame

    def _next(self) -> _Pull | None:
        """The object to ask a piece of: one under way, else the next that is wanted."""
        for pull in self._pulls.values():
            if pull.total is not None and pull.asked < pull.total:
                return pull
        if not self._queue and not self._dry:
            self._refill()
        if not self._queue:
            return None
        hash, offset = self._queue.popleft()
        pull = self._pulls[hash] = _Pull(hash, offset, offset)
        return pull

    def _refill(self) -> None:
        listed = self.port.wanted(self.peer, _LOOK_AHEAD + len(self._pulls) + len(self._aside))
        self._aside.update(hash for hash, _ in listed if hash in self._whole)
        self._queue.extend(one for one in listed if one[0] not in self._pulls and one[0] not in self._aside)
        self._dry = not self._queue

    # -- ending

    def _guarded(self, act: Callable[[], list[pb.ObjectFrame]]) -> list[pb.ObjectFrame]:
        try:
            return act()
        except LinkRefusedError as error:
            return self._end(error.code, f"refused here: {error}", error.permanent)
        except BadFrameError as error:
            return self._end(error.code, f"the peer broke the protocol: {error}", False)
        except Exception as error:  # the port's own failure: ours, not the peer's
            self.exception = error
            return self._end("internal", f"failed here: {type(error).__name__}: {error}", False)

    def _end(self, code: str, error: str, permanent: bool) -> list[pb.ObjectFrame]:
        self.is_over, self.code, self.error, self.permanent = True, code, error, permanent
        return [frames.object_fault(code, "an internal error" if self.exception else error.partition(": ")[2], permanent)]
