"""Two ends of a real link on loopback: gRPC with mutual TLS, and a node double behind each end."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from federation.ports import LinkPort
from federation.transport import tls
from federation.transport.client import LinkClient
from federation.transport.options import Liveness
from federation.transport.server import LinkServer
from tests.federation.fakeport import FakePort

QUICK = Liveness(
    keepalive_time=300, keepalive_timeout=300, reconnect_least=100, reconnect_most=300, short_dial=300, long_dial=600
)
SWEEP = 0.2


class SafePort:
    """A FakePort that threads may use: one call at a time, as a node's writer does it."""

    def __init__(self, port: FakePort) -> None:
        self._port = port
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                return value(*args, **kwargs)

        return call


def key_pair() -> tuple[bytes, bytes]:
    """(private PEM, public PEM) of a P-256 link key."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Authority:
    """A node's link authority."""

    def __init__(self, node_id: bytes) -> None:
        self.key, self.certificate = tls.make_link_ca(node_id)

    def credentials(self, node_id: bytes, pinned: bytes | None = None) -> tls.Credentials:
        """Credentials of a node with a certificate of this authority, trusting `pinned` (default: this one)."""
        private, public = key_pair()
        return tls.Credentials(private, tls.issue_leaf(self.key, self.certificate, public, node_id), pinned or self.certificate)


class Ends:
    """A parent and as many children as wanted; everything is stopped at the end."""

    def __init__(self) -> None:
        self.parent = FakePort("parent")
        self.authority = Authority(self.parent.node_id)
        self.clients: list[LinkClient] = []
        self.server: LinkServer | None = None
        self.port = 0

    async def __aenter__(self) -> Ends:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            await client.stop()
        if self.server is not None:
            await self.server.stop()

    async def listen(self, port: int = 0, credentials: tls.Credentials | None = None) -> int:
        own = credentials or self.authority.credentials(self.parent.node_id)
        self.server = LinkServer(port_of(self.parent), own, liveness=QUICK, sweep=SWEEP)
        self.port = await self.server.start(f"127.0.0.1:{port}")
        return self.port

    async def hang_up(self) -> None:
        """The parent stops."""
        assert self.server is not None
        await self.server.stop()
        self.server = None

    async def dial(
        self, child: FakePort, address: str | None = None, credentials: tls.Credentials | None = None,
        elsewhere: Callable[[], Sequence[str]] | None = None,
    ) -> LinkClient:  # fmt: skip
        own = credentials or self.authority.credentials(child.node_id)
        where = address or f"127.0.0.1:{self.port}"
        client = LinkClient(
            port_of(child),
            self.parent.node_id,
            lambda: where,
            own,
            liveness=QUICK,
            sweep=SWEEP,
            random=Random(1),
            elsewhere=elsewhere,
        )
        self.clients.append(client)
        await client.start()
        return client


def port_of(fake: FakePort) -> LinkPort:
    return SafePort(fake)


async def until(condition: Callable[[], object], seconds: float = 5.0) -> float:
    """Wait until the condition holds; the seconds it took."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    while not condition():
        assert loop.time() - start < seconds, "waited too long"
        await asyncio.sleep(0.005)
    return loop.time() - start


def texts(port: FakePort) -> list[str]:
    return [entry.header.decode() for entry in port.applied]


def blob(size: int) -> tuple[bytes, bytes]:
    """(hash, data) of an object."""
    data = Random(size).randbytes(size)
    return hashlib.sha256(data).digest(), data


@contextmanager
def no_new_tasks_or_threads() -> Iterator[None]:
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    yield
    left = {task for task in asyncio.all_tasks() - tasks if not task.done()}
    assert not left, left
    ours = [t.name for t in set(threading.enumerate()) - threads if t.name.startswith("link-")]
    assert not ours, ours
