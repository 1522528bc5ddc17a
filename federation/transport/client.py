"""The dialling end of a link: a child keeps one connection to its parent, for as long as the node runs.

Two streams share it: entries, and objects so that a scan never delays a case. When either ends, both are dialled again
after a wait (full jitter, doubled, capped); any authenticated contact and "try now" clear the wait. Every dial is a new
channel, so nothing of a dead connection is waited for: with a short time for each dial, the first entry after a black-out
comes within seconds. That a dial failed is told to the port when the reason changes, and once a minute, not each time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import Any

import grpc
import grpc.aio

from federation.ports import LinkPort
from federation.protocol.backoff import Backoff
from federation.protocol.session import LinkSession, ObjectSession
from federation.transport.options import Liveness, client_options
from federation.transport.streams import SWEEP_SECONDS, StreamDriver, drive_link, drive_objects
from federation.transport.tls import Credentials
from protos.tongban.v1 import link_pb2_grpc

FIRST_WAIT, LONGEST_WAIT, REFUSED_WAIT = 0.1, 1.0, 60.0  # capped low: a dial is cheap, and a village waits for it
PATIENT_EVERY = 8  # of so many dials in a row one is given the time that a very slow line needs
GREETING_SECONDS = 10.0
SAY_AGAIN_SECONDS = 60.0


class CallEndedError(Exception):
    """A stream ended with a status other than OK."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class LinkClient:
    """One node's link to its parent. `address` is asked at every dial: configuration may change while the node runs."""

    def __init__(
        self, port: LinkPort, parent: bytes, address: Callable[[], str], credentials: Credentials, *, batch: int = 100,
        window: int = 8, compress: bool = True, liveness: Liveness | None = None, sweep: float = SWEEP_SECONDS,
        random: Random | None = None,
    ) -> None:  # fmt: skip
        self._port, self._parent, self._address, self._credentials = port, parent, address, credentials
        self._batch, self._window, self._compress = batch, window, compress
        self._liveness, self._sweep = liveness or Liveness(), sweep
        self._backoff = Backoff(random, FIRST_WAIT, LONGEST_WAIT)
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="link-out")
        self._drivers: list[StreamDriver[Any]] = []
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
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
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)

    def wake(self) -> None:
        """Something was committed; any thread."""
        self._soon(self._wake_all)

    def _wake_all(self) -> None:
        for driver in self._drivers:
            driver.wake()

    def try_now(self) -> None:
        """Dial at once instead of waiting; any thread."""
        self._soon(self._hurry.set)

    def _soon(self, call: Callable[[], Any]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    async def _keep(self) -> None:
        while True:
            permanent = await self._once()
            wait = self._backoff.failed(self._parent, time.monotonic())
            with suppress(TimeoutError):
                async with asyncio.timeout(REFUSED_WAIT if permanent else wait):
                    await self._hurry.wait()
            self._hurry.clear()

    async def _once(self) -> bool:
        """One connection, from dialling to its end; whether the parent refused for good."""
        address = self._address()
        if not address:
            await self._say("no address of the parent is configured")
            return False
        link = LinkSession(self._port, self._parent, True, self._batch, self._window, lambda: self._compress)
        driver = drive_link(link, self._pool, self._sweep)
        patience = self._patience()
        options = client_options(self._liveness, self._parent, patience)
        channel = grpc.aio.secure_channel(address, self._credentials.for_client(), options=options)
        error = "the node stopped"
        try:
            error = await self._talk(channel, driver, address, patience)
        finally:
            self._drivers = []
            if driver.opened.is_set():
                self._backoff.clear(self._parent)
                self._said = ("", 0.0)
                await asyncio.shield(driver.end(error))
            await channel.close(None)
        if not driver.opened.is_set() and not link.is_over:  # otherwise the session told the port
            await self._say(error)
        return link.permanent

    def _patience(self) -> float:
        """Seconds for this dial. One that began on a dead line never ends, so most are given up soon."""
        last = self._backoff.failures(self._parent) % PATIENT_EVERY == PATIENT_EVERY - 1
        return (self._liveness.long_dial if last else self._liveness.short_dial) / 1000

    async def _talk(self, channel: grpc.aio.Channel, driver: StreamDriver[Any], address: str, patience: float) -> str:
        """Dial and exchange until the end; the plain reason of the end."""
        try:
            async with asyncio.timeout(patience):
                await _connected(channel)
            await self._exchange(link_pb2_grpc.LinkStub(channel), driver)
        except CallEndedError as failure:
            return plain_reason(failure.code, failure.details, address)
        except (TimeoutError, OSError):
            return f"the parent does not answer at {address}"
        except Exception as failure:
            return f"the link broke: {type(failure).__name__}"
        return "the parent closed the link"

    async def _exchange(self, stub: Any, driver: StreamDriver[Any]) -> None:
        """Both streams, the second once the greeting is done; until one of them ends."""
        self._drivers = [driver]
        call = stub.Exchange()
        tasks = [asyncio.create_task(_run(driver, call))]
        opened: asyncio.Task[Any] = asyncio.create_task(driver.opened.wait())
        try:
            await asyncio.wait([tasks[0], opened], timeout=GREETING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if driver.opened.is_set() and not tasks[0].done():
                tasks.append(asyncio.create_task(self._pull(stub)))
            elif not tasks[0].done():
                raise TimeoutError
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (opened, *tasks):
                task.cancel()
            await asyncio.gather(opened, *tasks, return_exceptions=True)

    async def _pull(self, stub: Any) -> None:
        """The stream of objects."""
        driver = drive_objects(ObjectSession(self._port, self._parent), self._pool, self._sweep)
        self._drivers.append(driver)
        try:
            await _run(driver, stub.Objects())
        finally:
            await asyncio.shield(driver.end("the stream of objects ended"))

    async def _say(self, error: str) -> None:
        """Tell the port why there is no link: when the reason changed, or a minute after the last time."""
        now = time.monotonic()
        if error == self._said[0] and now - self._said[1] < SAY_AGAIN_SECONDS:
            return
        self._said = (error, now)
        await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self._port.on_link_state(self._parent, False, error))


async def _connected(channel: grpc.aio.Channel) -> None:
    """Wait until TLS is up or the attempt failed; then the first call on the channel says why."""
    state = channel.get_state(try_to_connect=True)
    while state in (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING):
        await channel.wait_for_state_change(state)
        state = channel.get_state(try_to_connect=True)


async def _run(driver: StreamDriver[Any], call: Any) -> None:
    """Drive a session over one of our calls."""
    try:
        await driver.run(call.__aiter__(), call.write, call.done_writing)
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):  # the second: writing on a call that has ended
        if await call.code() is not grpc.StatusCode.OK:
            raise CallEndedError(await call.code(), await call.details() or "") from None
    finally:
        call.cancel()


def plain_reason(code: grpc.StatusCode, details: str, address: str) -> str:
    """One plain sentence for what gRPC says."""
    details = details.lower()
    if code is grpc.StatusCode.ABORTED:
        return "the parent talks to a newer connection of this node: does a copy of it run elsewhere?"
    if "certificate_verify_failed" in details or "hostname" in details or "peer name" in details:
        return f"who answers at {address} is not our parent (its certificate is another's)"
    if "handshake failed" in details:
        return f"who answers at {address} does not speak our protocol: is this the link address of the parent?"
    if "failed to connect" in details and "socket closed" in details:
        return f"who answers at {address} hangs up: it does not accept our certificate, or something between us cuts the line"
    if "refused" in details:
        return f"nobody listens at {address}"
    if "resolution" in details or "dns" in details:
        return f"the name in {address} is not found"
    return f"the line to {address} is down ({code.name.lower()})"
