"""A line that fails when told to: a TCP proxy between a child and its parent, in a thread of its own.

    with FaultProxy("127.0.0.1", port) as line:
        line.address            # dial this instead
        line.black_hole()       # nothing arrives any more, nobody is told
        line.open()             # new connections work again

States: *open* passes bytes; *closed* refuses new connections and resets those that stand; *black hole* swallows everything
in both directions, and lets nobody know. A connection that stood in a black hole, or was dialled into one, stays dead when
the line is open again, as behind a router that has forgotten it; `black_hole(keep=True)` holds its bytes back instead, as
TCP's own repeats would. Delay (seconds, one way) and bandwidth (bytes/s, each way, per connection) apply at any time.

The methods may be called from any thread and return when the change is in force.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Literal, Self

PIECE = 16 * 1024
QUEUE = 64
State = Literal["open", "closed", "black_hole", "held"]


class _Connection:
    """One pair of sockets; `dead` once it has seen a black hole."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.dead = False
        self.writers: list[asyncio.StreamWriter] = []

    def reset(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction: read at once, deliver when it is due."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE)

        async def read() -> None:
            while True:
                try:
                    data = await reader.read(PIECE)
                except OSError:
                    data = b""
                await pieces.put((loop.time() + self.proxy.delay_seconds, data))
                if not data:
                    return

        reading = asyncio.create_task(read())
        try:
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                while self.proxy.state == "held":
                    await self.proxy.changed()
                if self.dead:
                    if not data:  # the other end must not learn that this one went away
                        await asyncio.Event().wait()
                    continue
                if not data:
                    return
                if self.proxy.bytes_per_second:
                    await asyncio.sleep(len(data) / self.proxy.bytes_per_second)
                writer.write(data)
                self.proxy.carried += len(data)
                await writer.drain()
        finally:
            reading.cancel()


class FaultProxy:
    """Carries connections from `address` to HOST:PORT. `port` 0: any free one."""

    def __init__(self, host: str, target: int, port: int = 0) -> None:
        self.host, self.target, self.port = host, target, port
        self.state: State = "open"
        self.delay_seconds = 0.0
        self.bytes_per_second = 0.0
        self.carried = 0  # bytes, both ways
        self.dialled = 0  # connections accepted
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._change = asyncio.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # the line's fate -----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Pass bytes."""
        self._do(self._become("open"))

    def close(self) -> None:
        """Refuse new connections, reset those that stand."""
        self._do(self._become("closed"))

    def black_hole(self, *, keep: bool = False) -> None:
        """Swallow everything (`keep`: hold it back until `open`)."""
        self._do(self._become("held" if keep else "black_hole"))

    def cut(self) -> None:
        """Reset the connections that stand; new ones are welcome."""
        self._do(self._reset())

    def delay(self, seconds: float) -> None:
        self.delay_seconds = seconds

    def bandwidth(self, bytes_per_second: float) -> None:
        """0: no limit."""
        self.bytes_per_second = bytes_per_second

    # in the loop's thread ------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _become(self, state: State) -> None:
        self.state = state
        if state == "closed":
            await self._stop_listening()
            await self._reset()
        elif self._server is None:
            await self._listen()
        if state == "black_hole":
            for connection in self._connections:
                connection.dead = True
        self._change.set()
        self._change = asyncio.Event()

    async def changed(self) -> None:
        await self._change.wait()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _reset(self) -> None:
        for connection in list(self._connections):
            connection.reset()

    async def _end(self) -> None:
        await self._stop_listening()
        await self._reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = _Connection(self)
        connection.writers.append(writer)
        connection.dead = self.state == "black_hole"
        self._connections.add(connection)
        self.dialled += 1
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._join(connection, reader, writer)
        finally:
            connection.reset()
            self._connections.discard(connection)
            self._tasks.discard(task)

    async def _join(self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connection.dead:
            await asyncio.Event().wait()
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target)
        connection.writers.append(far_writer)
        both = [asyncio.create_task(connection.carry(*way)) for way in ((reader, far_writer), (far_reader, writer))]
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
