"""The dialling end of a link: a child keeps one connection to its parent, for as long as the node runs.

Two streams share it: entries, and objects so that a scan never delays a case (`objects.py`). When the stream of entries
ends, the parent is dialled again after a wait (`dialling.py`); any authenticated contact and "try now" clear the wait. Every
dial is a new channel, so nothing of a dead connection is waited for. That a dial failed is told to the port when the reason
changes, and once a minute, not each time. Whatever fails, the port included, the link is never given up.

When the configured address failed, what the local network says (`discovery.py`) is tried, every second dial, by a dialler of its
own, so that a slow handshake with the configured one goes on. An address that got through is kept to.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import Any, TypeVar

import grpc
import grpc.aio

from federation.ports import LinkPort
from federation.protocol.session import LinkSession
from federation.transport.dialling import Dialler, End, Waits, plain_reason
from federation.transport.objects import ObjectPuller
from federation.transport.options import Liveness, client_options
from federation.transport.streams import SWEEP_SECONDS, CallEndedError, StreamDriver, drive_link, run_call
from federation.transport.tls import Credentials
from protos.tongban.v1 import link_pb2 as pb
from protos.tongban.v1 import link_pb2_grpc

GREETING_SECONDS = 10.0
SAY_AGAIN_SECONDS = 60.0
NEWS_SECONDS = 10.0  # what is heard on the network clears the wait so often at most: anybody can say it
T = TypeVar("T")
log = logging.getLogger("federation.transport")


class LinkClient:
    """One node's link to its parent. `address` is asked at every dial: configuration may change while the node runs; `elsewhere`,
    where else the parent may be, once it failed."""

    def __init__(
        self, port: LinkPort, parent: bytes, address: Callable[[], str], credentials: Credentials, *, batch: int = 100,
        window: int = 8, compress: bool = True, liveness: Liveness | None = None, sweep: float = SWEEP_SECONDS,
        random: Random | None = None, elsewhere: Callable[[], Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        self._port, self._parent, self._address, self._credentials = port, parent, address, credentials
        self._elsewhere = elsewhere
        self._failures = 0  # dials since the last contact; which address is next
        self._news_until = 0.0
        self._batch, self._window, self._compress = batch, window, compress
        self._liveness, self._sweep = liveness or Liveness(), sweep
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="link-out")
        self._dialler = Dialler(self._channel, self._liveness)
        self._other_dialler = Dialler(self._channel, self._liveness)
        self._waits = Waits(random)
        self._objects = ObjectPuller(port, parent, self._pool, sweep, random)
        self._driver: StreamDriver[pb.Frame] | None = None
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None  # of the last connection
        self._loop: asyncio.AbstractEventLoop | None = None
        self._said = ("", 0.0)  # the last error told to the port, and when

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Close the link in order."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._closing is not None:
            await asyncio.gather(self._closing, return_exceptions=True)
        await self._dialler.close()
        await self._other_dialler.close()
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)

    def wake(self) -> None:
        """Something was committed; any thread."""
        self._soon(self._wake_all)

    def _wake_all(self) -> None:
        if self._driver is not None:
            self._driver.wake()
        self._objects.wake()

    def try_now(self) -> None:
        """Dial at once instead of waiting; any thread."""
        self._soon(self._hurry_up)

    def heard_of_parent(self) -> None:
        """The local network names an address of the parent that was not known: try it now. In the loop's thread."""
        is_linked = self._driver is not None and self._driver.opened.is_set()
        if not is_linked and time.monotonic() >= self._news_until:
            self._news_until = time.monotonic() + NEWS_SECONDS
            self._hurry_up()

    def _hurry_up(self) -> None:
        self._waits.clear()
        self._hurry.set()

    def _soon(self, call: Callable[[], Any]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    async def _keep(self) -> None:
        while True:
            self._hurry.clear()
            end = await self._attempt()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._waits.after(end, time.monotonic())):
                    await self._hurry.wait()

    async def _attempt(self) -> End:
        """One connection; a failure of our own (an unreadable certificate, a full disk) is no reason to stop dialling."""
        try:
            return await self._once()
        except Exception as failure:
            log.warning("link_failed", exc_info=failure)
            await self._say(f"failed here: {type(failure).__name__}")
            return "trouble"

    async def _once(self) -> End:
        """One connection, from dialling to its end."""
        configured = await self._in_thread(self._address)
        address = self._choose(configured)
        if not address:
            await self._failed("no address of the parent is configured", True)
            return "line"
        is_configured = address == configured
        try:
            channel = await (self._dialler if is_configured else self._other_dialler).dial(address)
        except TimeoutError:
            await self._failed(f"the parent does not answer at {address}", is_configured)
            return "line"
        return await self._use(channel, address, is_configured)

    def _choose(self, configured: str) -> str:
        """The configured address first; after a failure it and what the network says by turns. "" when there is none."""
        if not self._failures or self._elsewhere is None:
            return configured
        others = [one for one in self._elsewhere() if one != configured]
        if not others or (configured and self._failures % 2 == 0):
            return configured
        return others[self._failures // 2 % len(others)]

    async def _failed(self, error: str, is_configured: bool) -> None:
        """A dial led to nothing. Of an address that anybody may have announced only the log tells."""
        self._failures += 1
        if is_configured:
            await self._say(error)
        else:
            log.info("an address heard on the local network did not lead to the parent")

    async def _use(self, channel: grpc.aio.Channel, address: str, is_configured: bool) -> End:
        """The streams on a channel, until they end."""
        link = LinkSession(self._port, self._parent, True, self._batch, self._window, lambda: self._compress)
        driver = drive_link(link, self._pool, self._sweep)
        began, error, end = time.monotonic(), "the node stopped", "line"
        try:
            error, end = await self._talk(channel, driver, address)
        finally:
            self._driver = None
            self._closing = asyncio.create_task(self._close(driver, channel, error))
            await asyncio.shield(self._closing)
        if driver.opened.is_set():  # then the session told the port
            self._waits.contact(time.monotonic() - began)
            self._said = ("", 0.0)
        elif not link.is_over:
            await self._failed(error, is_configured)
        if link.state in ("refused", "failed"):
            return "refused" if link.permanent else "trouble"
        return end

    async def _close(self, driver: StreamDriver[pb.Frame], channel: grpc.aio.Channel, error: str) -> None:
        try:
            if driver.opened.is_set():
                await driver.end(error)
        finally:
            await channel.close(None)

    async def _talk(self, channel: grpc.aio.Channel, driver: StreamDriver[pb.Frame], address: str) -> tuple[str, End]:
        """Exchange until the end; its plain reason, and of what kind it is."""
        try:
            await self._exchange(link_pb2_grpc.LinkStub(channel), driver)
        except CallEndedError as failure:
            reason = plain_reason(failure.code, failure.details, address)
            return reason, "trouble" if failure.code is grpc.StatusCode.ABORTED else "line"
        except TimeoutError:
            return f"the parent at {address} does not greet", "line"
        return "the parent closed the link", "line"

    async def _exchange(self, stub: Any, driver: StreamDriver[pb.Frame]) -> None:
        """Both streams, the second once the greeting is done; until the first ends."""
        self._driver = driver
        entries = asyncio.create_task(run_call(driver, stub.Exchange()))
        opened: asyncio.Task[Any] = asyncio.create_task(driver.opened.wait())
        tasks: list[asyncio.Task[Any]] = [entries, opened]
        try:
            await asyncio.wait(tasks, timeout=GREETING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if driver.opened.is_set():
                tasks.append(asyncio.create_task(self._objects.keep(stub)))
            elif not entries.done():
                raise TimeoutError
            await entries
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _say(self, error: str) -> None:
        """Tell the port why there is no link: when the reason changed, or a minute after the last time."""
        now = time.monotonic()
        if error == self._said[0] and now - self._said[1] < SAY_AGAIN_SECONDS:
            return
        try:
            await self._in_thread(lambda: self._port.on_link_state(self._parent, False, error))
            self._said = (error, now)
        except Exception as failure:  # it is told again after the next dial
            log.warning("link_state_untold", exc_info=failure)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def _channel(self, address: str) -> grpc.aio.Channel:
        options = client_options(self._liveness, self._parent)
        return grpc.aio.secure_channel(address, self._credentials.for_client(), options=options)
