"""Driving a sans-IO session over one gRPC stream, the same for both ends and both channels.

The session's methods call the node's port, which writes to a database; so they run in a thread pool, one at a time per
session, and the event loop only moves bytes. Three tasks share a stream: the reader hands frames to the session, the
pumper asks it for more whenever the node committed something or the sweep comes round, and the writer sends what they
produce, in the order in which the session produced it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

import grpc
import grpc.aio

from federation.protocol.session import LinkSession, ObjectSession
from protos.tongban.v1 import link_pb2 as pb

FrameT = TypeVar("FrameT")
SWEEP_SECONDS = 15.0
QUEUE_FRAMES = 64
ASK_AGAIN_SECONDS = 2.0  # what the peer did not have is asked for again at most this often
LAST_WORD_SECONDS = 2.0
log = logging.getLogger("federation.transport")


class CallEndedError(Exception):
    """A stream ended with a status other than OK."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class Session(Protocol[FrameT]):
    """What `LinkSession` and `ObjectSession` have in common."""

    peer: bytes
    code: str  # of the fault that ended it; empty when the line did
    exception: Exception | None  # our own failure behind the fault

    @property
    def is_over(self) -> bool: ...
    def start(self) -> list[FrameT]: ...
    def receive(self, frame: FrameT, /) -> list[FrameT]: ...
    def lost(self, error: str) -> None: ...


class StreamDriver(Generic[FrameT]):
    """One session on one stream. `pump` is the session's own; `is_open` says whether the greeting is done."""

    def __init__(
        self, session: Session[FrameT], pump: Callable[[], list[FrameT]], pool: Executor, sweep: float = SWEEP_SECONDS,
        is_open: Callable[[], bool] = lambda: True, pause: Callable[[], float] | None = None,
    ) -> None:  # fmt: skip
        self.session = session
        self.opened = asyncio.Event()
        self.ended = asyncio.Event()  # the session knows that its connection is gone
        self.closing = ""  # why we close the stream ourselves
        self._pump, self._pool, self._is_open = pump, pool, is_open
        self._pause = pause or (lambda: sweep)  # seconds to wait for a commit before pumping anyway
        self._waits = 0.0
        self._lock = asyncio.Lock()
        self._work = asyncio.Event()
        self._close = asyncio.Event()
        self._over = asyncio.Event()
        self._out: asyncio.Queue[FrameT | None] = asyncio.Queue(QUEUE_FRAMES)

    def wake(self) -> None:
        """The node committed something (call on the loop's thread)."""
        self._work.set()

    def close(self, reason: str) -> None:
        """End the stream from this side (call on the loop's thread)."""
        self.closing = self.closing or reason
        self._close.set()

    async def run(
        self, incoming: AsyncIterator[FrameT], send: Callable[[FrameT], Any], done_writing: Callable[[], Any] | None = None
    ) -> None:  # fmt: skip
        """Until the stream or the session ends, or `close`. Raises what the stream raises.

        The side that has `done_writing` (the dialer) waits a moment for the other side's end after a last word, because
        cancelling a call may drop what was sent on it."""
        reader, writer = asyncio.create_task(self._read(incoming)), asyncio.create_task(self._write(send))
        waits = [asyncio.create_task(step) for step in (self._pumping(), self._over.wait(), self._close.wait())]
        tasks: list[asyncio.Task[Any]] = [reader, writer, *waits]
        try:
            await self._call(self.session.start)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self.session.is_over:
                await self._last_word(reader, writer, done_writing)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _last_word(
        self, reader: asyncio.Task[None], writer: asyncio.Task[None], done_writing: Callable[[], Any] | None
    ) -> None:  # fmt: skip
        """Give a last Fault frame the time to leave."""
        with suppress(Exception):
            async with asyncio.timeout(LAST_WORD_SECONDS):
                await self._out.put(None)
                await asyncio.shield(writer)
                if done_writing is not None:
                    await done_writing()
                    await asyncio.shield(reader)

    async def _call(self, step: Callable[[], Sequence[FrameT]]) -> None:
        async with self._lock:  # also while queueing: frames must leave in the order in which they were made
            frames = await self._in_thread(step)
            if self._is_open():
                self.opened.set()
            if self.session.is_over:
                self._over.set()
            for frame in frames:
                await self._out.put(frame)

    async def _in_thread(self, step: Callable[[], Sequence[FrameT]]) -> Sequence[FrameT]:
        """Run a step, holding the lock until it has ended even when we are cancelled: a thread cannot be, and two steps at
        a time could leave a peer that is gone noted as online."""
        running = asyncio.get_running_loop().run_in_executor(self._pool, step)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    async def _read(self, incoming: AsyncIterator[FrameT]) -> None:
        async for frame in incoming:
            if not self.session.is_over:
                await self._call(lambda f=frame: self.session.receive(f))  # type: ignore[misc]
            if self._pause() < self._waits:
                self._work.set()

    async def _pumping(self) -> None:
        while not self.session.is_over:
            with suppress(TimeoutError):
                self._waits = self._pause()
                async with asyncio.timeout(self._waits):
                    await self._work.wait()
            self._work.clear()
            await self._call(self._pump)

    async def _write(self, send: Callable[[FrameT], Any]) -> None:
        while (frame := await self._out.get()) is not None:
            await send(frame)

    async def end(self, error: str) -> None:
        """Tell the session that its connection is gone, after the step it may be in."""
        try:
            async with self._lock:
                await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self.session.lost(error))
        finally:
            self.ended.set()
        if self.session.code:
            fields = {"peer": self.session.peer, "code": self.session.code}
            log.warning("stream_faulted", extra={"fields": fields}, exc_info=self.session.exception)


async def run_call(driver: StreamDriver[Any], call: Any) -> None:
    """Drive a session over one of our own calls. Raises CallEndedError."""
    try:
        await driver.run(call.__aiter__(), call.write, call.done_writing)
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):  # the second: writing on a call that has ended
        if await call.code() is not grpc.StatusCode.OK:
            raise CallEndedError(await call.code(), await call.details() or "") from None
    finally:
        call.cancel()


def drive_link(session: LinkSession, pool: Executor, sweep: float) -> StreamDriver[pb.Frame]:
    """The driver of a stream of entries."""
    return StreamDriver(session, session.pump, pool, sweep, lambda: session.is_open)


def drive_objects(session: ObjectSession, pool: Executor, sweep: float) -> StreamDriver[pb.ObjectFrame]:
    """The driver of a stream of objects. What the peer did not have is asked for again, but not at every commit.

    A peer that fetches an object itself does not tell when it has come: it is asked after 2 s, 4 s, 8 s, then at each sweep."""
    last, tries, before = time.monotonic(), 0, 0

    def pump() -> list[pb.ObjectFrame]:
        nonlocal last, tries, before
        now = time.monotonic()
        again = now - last >= min(ASK_AGAIN_SECONDS, sweep)
        if again:
            tries = tries + 1 if session.set_aside == before else 0
            last, before = now, session.set_aside
        return session.pump(reset=again)

    def pause() -> float:
        return min(sweep, ASK_AGAIN_SECONDS * 2 ** min(tries, 3)) if session.set_aside else sweep

    return StreamDriver(session, pump, pool, sweep, pause=pause)
