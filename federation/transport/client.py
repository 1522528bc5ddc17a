"""The dialling end of a link: a child keeps one connection to its parent, for as long as the node runs.

Two streams share it: entries, and objects so that a scan never delays a case. When either ends, both are dialled again
after a wait (full jitter, doubled, capped); any authenticated contact and "try now" clear the wait. The channel itself
reconnects by its own measured settings, so the first entry after a black-out comes within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import grpc
import grpc.aio

from federation.ports import LinkPort
from federation.protocol.session import LinkSession, ObjectSession
from federation.transport.options import Liveness, client_options
from federation.transport.streams import SWEEP_SECONDS, StreamDriver
from federation.transport.tls import Credentials
from protos.tongban.v1 import link_pb2_grpc

FIRST_WAIT, LONGEST_WAIT, REFUSED_WAIT = 0.1, 1.0, 60.0
SHORT_DIAL, LONG_DIAL = 1.5, 10.0


class LinkClient:
    """One node's link to its parent. `address` is asked at every dial: configuration may change while the node runs."""

    def __init__(
        self, port: LinkPort, parent: bytes, address: Callable[[], str], credentials: Credentials, *, batch: int = 100, window: int = 8,
        compress: bool = True, liveness: Liveness | None = None, sweep: float = SWEEP_SECONDS,
        waits: Callable[[int], float] | None = None,
    ) -> None:  # fmt: skip
        self._port, self._parent, self._address, self._credentials = port, parent, address, credentials
        self._batch, self._window, self._compress = batch, window, compress
        self._liveness, self._sweep = liveness or Liveness(), sweep
        self._waits = waits or dial_wait
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="link-out")
        self._drivers: list[StreamDriver[Any]] = []
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failures = 0

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Close the link in order."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._pool.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        """Something was committed; any thread."""
        self._soon(lambda: [driver.wake() for driver in self._drivers])

    def try_now(self) -> None:
        """Dial at once instead of waiting; any thread."""
        self._soon(self._hurry.set)

    def _soon(self, call: Callable[[], Any]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    async def _keep(self) -> None:
        while True:
            permanent = await self._once()
            self._failures += 1
            seconds = REFUSED_WAIT if permanent else self._waits(self._failures)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), seconds)
            self._hurry.clear()

    async def _once(self) -> bool:
        """One connection, from dialling to its end; whether the parent refused for good."""
        address = self._address()
        if not address:
            await self._report("no address of the parent is configured")
            return False
        link = LinkSession(self._port, self._parent, True, self._batch, self._window, lambda: self._compress)
        objects = ObjectSession(self._port, self._parent)
        channel = grpc.aio.secure_channel(address, self._credentials.for_client(), options=client_options(self._liveness))
        error = ""
        try:
            await self._connected(channel)
            await self._both(link_pb2_grpc.LinkStub(channel), link, objects)
        except asyncio.CancelledError:
            error = "the node stopped"
            raise
        except grpc.aio.AioRpcError as failure:
            error = plain_reason(failure, address)
        except (asyncio.TimeoutError, OSError):
            error = f"the parent does not answer at {address}"
        except Exception as failure:
            error = f"the link broke: {type(failure).__name__}"
        finally:
            self._drivers = []
            if link.is_open:
                self._failures = 0
            await asyncio.shield(self._ended(link, objects, error or "the parent closed the link"))
            await channel.close()
        return link.permanent

    async def _connected(self, channel: grpc.aio.Channel) -> None:
        """Wait until TLS is up. A dial that began on a dead line never ends, so most are given up soon; now and then one
        gets the time that a very slow line needs."""
        patient = self._failures % 8 == 7
        await asyncio.wait_for(channel.channel_ready(), LONG_DIAL if patient else SHORT_DIAL)

    async def _both(self, stub: Any, link: LinkSession, objects: ObjectSession) -> None:
        entries = StreamDriver(link, link.pump, self._pool, self._sweep)
        things = StreamDriver(objects, lambda: objects.pump(reset=True), self._pool, self._sweep)
        self._drivers = [entries, things]
        exchange, pulling = stub.Exchange(), stub.Objects()
        tasks = [
            asyncio.create_task(entries.run(exchange.__aiter__(), exchange.write)),
            asyncio.create_task(things.run(pulling.__aiter__(), pulling.write)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            exchange.cancel()
            pulling.cancel()

    async def _ended(self, link: LinkSession, objects: ObjectSession, error: str) -> None:
        def tell() -> None:
            link.lost(error)
            objects.lost(error)

        await asyncio.get_running_loop().run_in_executor(self._pool, tell)

    async def _report(self, error: str) -> None:
        await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self._port.on_link_state(self._parent, False, error))


def dial_wait(failures: int) -> float:
    """Seconds before the next dial: full jitter, doubled, capped low because a dial is cheap and a village waits for it."""
    import random

    return random.uniform(0.05, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 8)))


def plain_reason(failure: grpc.aio.AioRpcError, address: str) -> str:
    """One plain sentence for what gRPC says."""
    details = failure.details() or ""
    if "handshake" in details.lower() or "certificate" in details.lower() or "ssl" in details.lower():
        return f"who answers at {address} is not our parent (TLS identity)"
    if "refused" in details.lower():
        return f"nobody listens at {address}"
    if "resolution" in details.lower() or "dns" in details.lower():
        return f"the name in {address} is not found"
    return f"the line to {address} is down ({failure.code().name.lower()})"
