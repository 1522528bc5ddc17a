"""The listening end of links: children dial in.

Who a caller is stands in its certificate; whether it may be served is the port's answer to its greeting, and objects are
served only beside an open stream of entries, so that they need no second answer. The newest connection of a peer wins: an
older one is a line that died without saying so.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeAlias

import grpc
import grpc.aio

from federation.ports import LinkPort
from federation.protocol.session import LinkSession, ObjectSession
from federation.transport.options import Liveness, server_options
from federation.transport.streams import SWEEP_SECONDS, StreamDriver, drive_link, drive_objects
from federation.transport.tls import Credentials, node_id_of
from protos.tongban.v1 import link_pb2 as pb
from protos.tongban.v1 import link_pb2_grpc

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
STOP_GRACE = 1.0
NEWER = "a newer connection of the same node took over"
LOST = "the connection of the child ended"
log = logging.getLogger("federation.transport")


class TransportError(Exception):
    """Ours: the listener could not be started. `code` is a key of the node's error table: port_taken, or bad_config with a
    plain `reason`."""

    def __init__(self, code: str, address: str, reason: str = "") -> None:
        super().__init__(f"{code}: {reason or address}")
        self.code = code
        self.address = address
        self.reason = reason


def _why_not(address: str) -> TransportError:
    """gRPC only says that it cannot listen; binding a plain socket tells why."""
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, where = found[0]
        with socket.socket(family, kind, proto) as probe:
            probe.bind(where)
    except (ValueError, OverflowError):
        return TransportError("bad_config", address, f"{address} is not HOST:PORT")
    except socket.gaierror:
        return TransportError("bad_config", address, f"the name in {address} is not found")
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            return TransportError("bad_config", address, f"this machine does not have the address {host}")
        if error.errno == errno.EACCES and os.name != "nt":  # on Windows a port in use may say so, too
            return TransportError("bad_config", address, f"this user may not listen at {address}")
    return TransportError("port_taken", address)


class LinkServer(link_pb2_grpc.LinkServicer):
    """One node's listener for its children."""

    def __init__(
        self, port: LinkPort, credentials: Credentials, *, batch: int = 100, window: int = 8, compress: bool = True,
        threads: int = 16, liveness: Liveness | None = None, sweep: float = SWEEP_SECONDS, connections: int = 1000,
    ) -> None:  # fmt: skip
        self._port, self._credentials = port, credentials
        self._batch, self._window, self._compress = batch, window, compress
        self._liveness, self._sweep = liveness or Liveness(), sweep
        self._connections = connections
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="link-in")
        self._links: dict[bytes, StreamDriver[pb.Frame]] = {}
        self._objects: dict[bytes, StreamDriver[pb.ObjectFrame]] = {}
        self._server: grpc.aio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self, address: str) -> int:
        """Listen on HOST:PORT; the port actually bound. Raises TransportError."""
        self._loop = asyncio.get_running_loop()
        server = grpc.aio.server(options=server_options(self._liveness, self._connections))
        link_pb2_grpc.add_LinkServicer_to_server(self, server)
        try:
            bound = server.add_secure_port(address, self._credentials.for_server())
        except RuntimeError:
            bound = 0
        if bound == 0:
            await server.stop(None)
            raise await asyncio.to_thread(_why_not, address)
        await server.start()
        self._server = server
        return bound

    async def stop(self) -> None:
        """Tell the streams, stop the server, end the threads."""
        running = self._running()
        for driver in running:
            driver.close("the node stopped")
        if self._server is not None:
            await self._server.stop(STOP_GRACE)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_GRACE):
                await asyncio.gather(*(driver.ended.wait() for driver in running))
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)

    def wake(self) -> None:
        """Something was committed; any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for driver in self._running():
            driver.wake()

    def _running(self) -> list[StreamDriver[Any]]:
        drivers: list[StreamDriver[Any]] = list(self._links.values())
        return drivers + list(self._objects.values())

    async def Exchange(self, request_iterator: AsyncIterator[pb.Frame], context: Context) -> None:  # type: ignore[override]  # noqa: N802
        """The stream of entries of one child."""
        peer = await self._peer(context)
        session = LinkSession(self._port, peer, False, self._batch, self._window, lambda: self._compress)
        try:
            await self._serve(self._links, peer, drive_link(session, self._pool, self._sweep), request_iterator, context)
        finally:
            if peer not in self._links and peer in self._objects:
                self._objects[peer].close(LOST)

    async def Objects(self, request_iterator: AsyncIterator[pb.ObjectFrame], context: Context) -> None:  # type: ignore[override]  # noqa: N802
        """The stream of bodies and scans of one child."""
        peer = await self._peer(context)
        link = self._links.get(peer)
        if link is None or not link.opened.is_set():
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "objects before the greeting")
        driver = drive_objects(ObjectSession(self._port, peer), self._pool, self._sweep)
        await self._serve(self._objects, peer, driver, request_iterator, context)

    async def _peer(self, context: Context) -> bytes:
        peer = node_id_of(context.auth_context())  # type: ignore[arg-type]
        if not peer:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the certificate names no node")
        return peer

    async def _serve(
        self, channel: dict[bytes, StreamDriver[Any]], peer: bytes, driver: StreamDriver[Any], incoming: AsyncIterator[Any],
        context: Context,
    ) -> None:  # fmt: skip
        earlier = channel.get(peer)
        channel[peer] = driver
        error = LOST
        try:
            if earlier is not None:
                earlier.close(NEWER)
                await earlier.ended.wait()
            await driver.run(incoming, context.write)
        except Exception as failure:
            if not isinstance(failure, (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError)):
                log.warning("link_failed", exc_info=failure)
            error = f"{LOST} ({type(failure).__name__})"
        finally:
            if channel.get(peer) is driver:
                del channel[peer]
            await asyncio.shield(driver.end(driver.closing or error))
        if driver.closing == NEWER:
            await context.abort(grpc.StatusCode.ABORTED, NEWER)
