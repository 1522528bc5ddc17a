"""Driving a sans-IO session over one gRPC stream, the same for both ends and both channels.

The session's methods call the node's port, which writes to a database; so they run in a thread pool, one at a time per
session, and the event loop only moves bytes. Three tasks share a stream: the reader hands frames to the session, the
pumper asks it for more whenever the node committed something or the sweep comes round, and the caller's own task sends
what they produce.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

FrameT = TypeVar("FrameT")
SWEEP_SECONDS = 15.0
QUEUE_FRAMES = 64


class Session(Protocol[FrameT]):
    """What `LinkSession` and `ObjectSession` have in common."""

    @property
    def is_over(self) -> bool: ...
    def start(self) -> list[FrameT]: ...
    def receive(self, frame: FrameT, /) -> list[FrameT]: ...
    def lost(self, error: str) -> None: ...


class StreamDriver(Generic[FrameT]):
    """One session on one stream. `pump` is the session's own (an ObjectSession also takes back what was missing)."""

    def __init__(self, session: Session[FrameT], pump: Callable[[], list[FrameT]], pool: Executor, sweep: float = SWEEP_SECONDS) -> None:
        self.session = session
        self._pump, self._pool, self._sweep = pump, pool, sweep
        self._lock = asyncio.Lock()
        self._work = asyncio.Event()
        self._out: asyncio.Queue[FrameT | None] = asyncio.Queue(QUEUE_FRAMES)

    def wake(self) -> None:
        """The node committed something (call on the loop's thread)."""
        self._work.set()

    async def run(self, incoming: AsyncIterator[FrameT], send: Callable[[FrameT], Any]) -> None:
        """Until the stream or the session ends. Raises what the stream raises."""
        tasks = [
            asyncio.create_task(self._read(incoming)), asyncio.create_task(self._pumping()), asyncio.create_task(self._write(send))
        ]  # fmt: skip
        try:
            await self._call(self.session.start)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self.session.is_over:
                await self._flush(tasks[2])
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _flush(self, writer: asyncio.Task[None]) -> None:
        """Give a last Fault frame the time to leave."""
        await self._out.put(None)
        with suppress(asyncio.TimeoutError, Exception):
            await asyncio.wait_for(asyncio.shield(writer), 2.0)

    async def _call(self, step: Callable[[], Sequence[FrameT]]) -> None:
        async with self._lock:
            frames = await asyncio.get_running_loop().run_in_executor(self._pool, step)
        for frame in frames:
            await self._out.put(frame)

    async def _read(self, incoming: AsyncIterator[FrameT]) -> None:
        async for frame in incoming:
            await self._call(lambda f=frame: self.session.receive(f))  # type: ignore[misc]
            if self.session.is_over:
                return

    async def _pumping(self) -> None:
        while not self.session.is_over:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._work.wait(), self._sweep)
            self._work.clear()
            await self._call(self._pump)

    async def _write(self, send: Callable[[FrameT], Any]) -> None:
        while (frame := await self._out.get()) is not None:
            await send(frame)

    async def end(self, error: str) -> None:
        """Tell the session that its connection is gone."""
        await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self.session.lost(error))
