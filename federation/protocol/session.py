"""The conversation of one connection about entries: frames in, frames out, no I/O.

A `LinkSession` lives as long as one connection. gRPC and the in-memory test network drive the same object: send what
`start`, `receive` and `pump` return, in order; call `pump` when the node has committed something new; call `lost` when
the connection ends. A new connection gets a new session, and everything not acknowledged is sent again from the position
`port.on_greeting` names; the receiver drops what it has.

    new --start--> greeting --Hello--> open --Fault, LinkRefusedError--> refused
                                         \\---garbage, a gap, a failing port--> failed

The dialer greets first; the other side checks that greeting before it says anything. Then both send batches: at most
`window` of them unacknowledged. A batch begins where the one before ended, the first one at the watermark told in the
greeting (at 0 when that was about another generation): a gap is a fault. A batch says "this is all you must see at my
positions in (first, last]"; positions that do not concern the peer are skipped by stretching the next batch. Only when
nothing is in flight does an empty batch go out to move the watermark, so the two sides never keep each other busy with
nothing.

When all is sent each side says so (`Status`): the port decides when that is due, and is asked whenever something was sent or
acknowledged, and at every pump. A kind of frame that is not known here is passed over.

Faults are answers, never exceptions: `receive` and `pump` do not raise whatever the peer sends or the port does. `error`
is one plain sentence that says whose fault it is; an unexpected failure of our own port is kept in `exception`. A
session is not thread-safe: its driver calls one method at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal, TypeAlias

from federation.ports import LinkPort, LinkRefusedError, Outgoing
from federation.protocol import frames
from federation.protocol.frames import BadFrameError
from federation.protocol.object_session import ObjectSession as ObjectSession
from federation.protocol.receipts import BadReceiptError
from protos.tongban.v1 import link_pb2 as pb

State: TypeAlias = Literal["new", "greeting", "open", "refused", "failed", "lost"]
_OVER: frozenset[State] = frozenset({"refused", "failed", "lost"})


class LinkSession:
    """One connection's exchange of entries with `peer` (16 bytes, as its certificate says)."""

    def __init__(
        self,
        port: LinkPort,
        peer: bytes,
        dialer: bool,
        batch: int = 100,
        window: int = 8,
        compress: Callable[[], bool] = lambda: True,
    ) -> None:
        self.port, self.peer, self.dialer = port, peer, dialer
        self.state: State = "new"
        self.error = ""
        self.code = ""
        self.permanent = False
        self.exception: Exception | None = None
        self._batch, self._window, self._compress = batch, window, compress
        self._generation = b""  # of our positions
        self._sent = 0  # our positions: all up to here were sent in this session,
        self._seen = 0  # looked at (sent, or found not to concern the peer),
        self._acked = 0  # stored by the peer
        self._in_flight: deque[int] = deque()  # last position of each unacknowledged batch
        self._told = (b"", 0)  # what our greeting said we hold: the peer's generation, and its position
        self._theirs = b""  # the peer's generation now,
        self._received = 0  # and its position up to which we hold everything
        self._all_sent = False  # when last asked

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_over(self) -> bool:
        return self.state in _OVER

    @property
    def idle(self) -> bool:
        """Open, and everything sent is acknowledged."""
        return self.is_open and not self._in_flight

    def start(self) -> list[pb.Frame]:
        """The first frames to send: the dialer's greeting; the other side waits for it."""
        self.state = "greeting"
        return self._guarded(self._greet) if self.dialer else []

    def receive(self, frame: pb.Frame) -> list[pb.Frame]:
        """Take one frame; returns the frames to send. Never raises."""
        if self.is_over:
            return []
        return self._guarded(lambda: self._take(frame))

    def pump(self) -> list[pb.Frame]:
        """New batches, as far as the window allows. Never raises."""
        return self._guarded(self._due) if self.is_open else []

    def lost(self, error: str) -> None:
        """The connection ended; `error` is one plain sentence, empty when it was closed in order."""
        if not self.is_over:
            self.state, self.error = "lost", error
            self._report(error or "the link was closed")

    # -- taking frames

    def _take(self, frame: pb.Frame) -> list[pb.Frame]:
        kind = frame.WhichOneof("kind")
        if kind is None:  # a kind of a later version
            return []
        if kind == "fault":
            return self._on_fault(frame.fault)
        if kind == "hello":
            return self._on_hello(frame.hello)
        if not self.is_open:
            raise BadFrameError("no_hello", "the peer did not greet first")
        if kind == "batch":
            return self._on_batch(frame.batch)
        if kind == "ack":
            return self._on_ack(frame.ack)
        return self._on_status(frame.status)

    def _greet(self) -> list[pb.Frame]:
        greeting = self.port.greeting(self.peer)
        self._generation = greeting.generation
        self._told = (greeting.your_generation, greeting.your_watermark)
        return [frames.hello_frame(greeting)]

    def _on_hello(self, hello: pb.Hello) -> list[pb.Frame]:
        if self.is_open or (self.dialer and self.state != "greeting"):
            raise BadFrameError("second_hello", "the peer greeted twice")
        greeting = frames.read_hello(hello)
        if greeting.node_id != self.peer:
            raise LinkRefusedError("wrong_peer", "the greeting names another node than the certificate", True)
        position = self.port.on_greeting(self.peer, greeting)
        reply = [] if self.dialer else self._greet()
        self._sent = self._seen = self._acked = position
        self._theirs = greeting.generation
        self._received = self._told[1] if self._told[0] == greeting.generation else 0  # of a new store we hold nothing
        self.state = "open"
        self.port.on_link_state(self.peer, True, "")
        return reply + self._due()

    def _on_batch(self, batch: pb.Batch) -> list[pb.Frame]:
        incoming = frames.read_batch(batch)
        if incoming.generation != self._theirs:
            raise BadFrameError("generation", "a batch of another store than the greeting named")
        if incoming.first > self._received:
            raise BadFrameError("gap", f"a batch begins at {incoming.first}, expected {self._received}")
        ack = self.port.on_entries(self.peer, incoming)
        self._received = max(self._received, ack.watermark)
        return [frames.ack_frame(ack), *self._due()]

    def _on_ack(self, message: pb.Ack) -> list[pb.Frame]:
        ack = frames.read_ack(message)
        if ack.generation != self._generation or ack.watermark > self._sent:
            raise BadFrameError("bad_ack", "the peer acknowledged what was never sent")
        if ack.watermark < self._acked:  # an old one, repeated
            return []
        self._acked = ack.watermark
        while self._in_flight and self._in_flight[0] <= ack.watermark:
            self._in_flight.popleft()
        self.port.on_acknowledged(self.peer, ack)
        return self._due()

    def _on_status(self, message: pb.Status) -> list[pb.Frame]:
        status = frames.read_status(message)
        if status.generation != self._theirs:
            raise BadFrameError("generation", "a status of another store than the greeting named")
        self.port.on_status(self.peer, status)
        return self._due()

    # -- sending

    def _due(self) -> list[pb.Frame]:
        """What there is to say now: entries, and then that these were all."""
        out = self._batches()
        status = self.port.status(self.peer, self._seen if self._all_sent else -1, self._acked)
        return out if status is None else [*out, frames.status_frame(status)]

    def _batches(self) -> list[pb.Frame]:
        out: list[pb.Frame] = []
        self._all_sent = False
        while len(self._in_flight) < self._window:
            found = self._following()
            if found.last <= self._seen:
                self._all_sent = True
                break
            self._seen = found.last
            if found.entries:
                out.append(self._send(found))
        if not self._in_flight and self._seen > self._sent:  # nothing for the peer: only move the watermark
            out.append(self._send(Outgoing(self._generation, self._sent, self._seen, ())))
        return out

    def _following(self) -> Outgoing:
        """The next entries, as many as fit into a frame."""
        found = self.port.outgoing(self.peer, self._seen, self._batch)
        while len(found.entries) > 1 and not frames.batch_fits(found.entries):
            found = self.port.outgoing(self.peer, self._seen, len(found.entries) // 2)
        return found

    def _send(self, found: Outgoing) -> pb.Frame:
        if found.generation != self._generation:
            raise LinkRefusedError("generation", "our store changed under an open link", False)
        stretched = Outgoing(found.generation, self._sent, found.last, found.entries)
        self._sent = found.last
        self._in_flight.append(found.last)
        return frames.batch_frame(stretched, self._compress())

    # -- ending

    def _guarded(self, act: Callable[[], list[pb.Frame]]) -> list[pb.Frame]:
        """Run one step; whatever goes wrong becomes a Fault frame and the end of the session."""
        try:
            return act()
        except LinkRefusedError as error:
            return self._end("refused", error.code, f"refused here: {error}", error.permanent)
        except BadReceiptError as error:
            return self._end("failed", "bad_receipt", f"the peer's receipt does not hold: {error}", False)
        except BadFrameError as error:
            return self._end("failed", error.code, f"the peer broke the protocol: {error}", False)
        except Exception as error:  # the port's own failure (a full disk, a bug): ours, not the peer's
            self.exception = error
            return self._end("failed", "internal", f"failed here: {type(error).__name__}: {error}", False)

    def _end(self, state: State, code: str, error: str, permanent: bool) -> list[pb.Frame]:
        self.state, self.code, self.error, self.permanent = state, code, error, permanent
        self._report(error)
        told = "an internal error" if self.exception else error.partition(": ")[2]
        return [frames.fault_frame(code, told, permanent)]

    def _on_fault(self, fault: pb.Fault) -> list[pb.Frame]:
        self.state, self.code, self.permanent = "refused", fault.code[:64], fault.permanent
        self.error = f"refused by the peer: {fault.message[: frames.MAX_TEXT] or fault.code[:64]}"
        self._report(self.error)
        return []

    def _report(self, error: str) -> None:
        try:
            self.port.on_link_state(self.peer, False, error)
        except Exception as failure:  # telling is not worth a second fault
            self.exception = self.exception or failure
