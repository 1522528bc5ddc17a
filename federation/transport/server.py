"""The listening end of links: children dial in.

Who a caller is stands in its certificate; whether it may be served is the port's answer to its greeting. The newest
connection of a peer wins: an older one is a line that died without saying so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc.aio

from federation.ports import LinkPort
from federation.protocol.session import LinkSession, ObjectSession
from federation.transport.options import Liveness, server_options
from federation.transport.streams import SWEEP_SECONDS, StreamDriver
from federation.transport.tls import Credentials, node_id_of
from protos.tongban.v1 import link_pb2 as pb
from protos.tongban.v1 import link_pb2_grpc

STOP_GRACE = 1.0


class TransportError(Exception):
    """Ours: the listener could not be started. `code` is a key of the node's error table."""

    def __init__(self, code: str, address: str) -> None:
        super().__init__(f"{code}: {address}")
        self.code = code
        self.address = address


class LinkServer(link_pb2_grpc.LinkServicer):
    """One node's listener for its children."""

    def __init__(
        self, port: LinkPort, credentials: Credentials, *, batch: int = 100, window: int = 8, compress: bool = True, threads: int = 16,
        liveness: Liveness | None = None, sweep: float = SWEEP_SECONDS,
    ) -> None:  # fmt: skip
        self._port, self._credentials = port, credentials
        self._batch, self._window, self._compress = batch, window, compress
        self._liveness, self._sweep = liveness or Liveness(), sweep
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="link-in")
        self._drivers: dict[tuple[str, bytes], tuple[StreamDriver[Any], asyncio.Task[Any] | None]] = {}
        self._server: grpc.aio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self, address: str) -> int:
        """Listen on HOST:PORT; the port actually bound. Raises TransportError("port_taken")."""
        self._loop = asyncio.get_running_loop()
        server = grpc.aio.server(options=server_options(self._liveness))
        link_pb2_grpc.add_LinkServicer_to_server(self, server)
        try:
            bound = server.add_secure_port(address, self._credentials.for_server())
        except RuntimeError as error:
            raise TransportError("port_taken", address) from error
        if bound == 0:
            raise TransportError("port_taken", address)
        await server.start()
        self._server = server
        return bound

    async def stop(self) -> None:
        """Tell the streams, stop the server, end the threads."""
        for driver, task in list(self._drivers.values()):
            if task is not None:
                task.cancel()
        if self._server is not None:
            await self._server.stop(STOP_GRACE)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        """Something was committed; any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for driver, _ in self._drivers.values():
            driver.wake()

    async def Exchange(self, request_iterator: AsyncIterator[pb.Frame], context: grpc.aio.ServicerContext[Any, Any]) -> None:  # type: ignore[override]
        """The stream of entries of one child."""
        peer = node_id_of(context.auth_context())  # type: ignore[arg-type]
        session = LinkSession(self._port, peer, False, self._batch, self._window, lambda: self._compress)
        await self._serve("link", peer, StreamDriver(session, session.pump, self._pool, self._sweep), request_iterator, context)

    async def Objects(self, request_iterator: AsyncIterator[pb.ObjectFrame], context: grpc.aio.ServicerContext[Any, Any]) -> None:  # type: ignore[override]
        """The stream of bodies and scans of one child."""
        peer = node_id_of(context.auth_context())  # type: ignore[arg-type]
        session = ObjectSession(self._port, peer)
        driver = StreamDriver(session, lambda: session.pump(reset=True), self._pool, self._sweep)
        await self._serve("objects", peer, driver, request_iterator, context)

    async def _serve(self, channel: str, peer: bytes, driver: StreamDriver[Any], incoming: AsyncIterator[Any], context: Any) -> None:
        if not peer:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the certificate names no node")
        key = (channel, peer)
        earlier = self._drivers.get(key)
        self._drivers[key] = (driver, asyncio.current_task())
        if earlier is not None and earlier[1] is not None:
            earlier[1].cancel()
            await earlier[0].end("the peer dialled again")
        error = "the line was closed by the child"
        try:
            await driver.run(incoming, context.write)
        except asyncio.CancelledError:
            error = "the link was closed"
            raise
        except Exception as failure:
            error = f"the line broke: {type(failure).__name__}"
        finally:
            if self._drivers.get(key, (None,))[0] is driver:
                del self._drivers[key]
                await asyncio.shield(driver.end(error))
