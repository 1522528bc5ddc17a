"""Finding a parent on the local network (multicast DNS): where it can be reached, and nothing else.

Who answers proves itself by its certificate (a link) or by its key (joining); both are pinned. What is heard here comes from
anybody on the network and is taken for what it is: an address that may be tried. So whoever announces a parent's id gains
nothing, and costs a dial.

Announced are the listener for links (`_tongban._tcp`) and the web listener where newcomers join (`_tongban-join._tcp`), with
`id` (node id) and `fp` (fingerprint of what a child pins), both hexadecimal, and no name or code. A listener on loopback is not
announced: who stands on this machine knows it, and a proxy on loopback stands there on purpose; unless loopback is what
`interfaces` asks for.

Without multicast (no network yet, no rights, a container) it says so once in the log and tries again at the next `refresh`.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import ifaddr
from zeroconf import Error, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

LINK, JOIN = "_tongban._tcp.local.", "_tongban-join._tcp.local."
MOST_HEARD = 16  # announcements kept, the latest
MOST_ADDRESSES = 4  # of one announcement
ANSWER_MS = 3000
log = logging.getLogger("federation.transport")


def fingerprint(pinned: bytes) -> bytes:
    """Of what a child pins: the certificate (PEM) of a link authority, or the key that join requests are sealed to. 16 bytes."""
    return hashlib.sha256(b"tongban fingerprint 1\0" + pinned).digest()[:16]


@dataclass(frozen=True, slots=True)
class Service:
    """A listener to announce. `kind`: LINK or JOIN; `host` as it is listened on, also a wildcard."""

    kind: str
    node: bytes
    fingerprint: bytes
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody announced. `addresses`: HOST:PORT."""

    kind: str
    node: bytes
    fingerprint: bytes
    addresses: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """What is open for one set of interfaces, and the addresses that this machine had then."""

    zeroconf: AsyncZeroconf
    own: tuple[str, ...]
    browser: AsyncServiceBrowser | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Discovery:
    """Announces `services` and, once `look_for` was called, listens. All methods belong to one event loop.

    `interfaces`: IPv4 addresses of this machine to use; none: every one but loopback."""

    def __init__(self, interfaces: Sequence[str] = (), services: Sequence[Service] = ()) -> None:
        self._interfaces = tuple(interfaces)
        self._services = tuple(services)
        self._kind = ""
        self._node: bytes | None = None
        self._news: Callable[[], None] | None = None
        self._heard: dict[str, Heard] = {}  # by the name of the announcement, the latest last
        self._open: _Open | None = None
        self._turn = asyncio.Lock()
        self._said = ""
        self._ended = False

    def look_for(self, kind: str, news: Callable[[], None] | None = None, node: bytes | None = None) -> None:
        """Listen for announcements (of one node) from now on, `refresh` begins it; `news()` when an address is heard that was not
        known."""
        self._kind, self._news, self._node = kind, news, node

    def found(self, pinned: bytes | None = None) -> list[Heard]:
        """What is announced now, the latest first; with one fingerprint, or any."""
        return [one for one in reversed(self._heard.values()) if pinned is None or one.fingerprint == pinned]

    async def refresh(self) -> bool:
        """Open what should be open: at first, and again after the network came or this machine changed its addresses.
        False when there is no multicast; never raises."""
        async with self._turn:
            if self._ended or not (self._kind or self._services):
                return False
            try:
                return await self._renew()
            except Exception as failure:  # whatever the network or the library makes of it: nothing waits for discovery
                self._say(type(failure).__name__)
                await self._shut()
                return False

    async def stop(self) -> None:
        """Take back what was announced."""
        self._ended = True
        async with self._turn:
            await self._shut()

    # opening -------------------------------------------------------------------------------------------------------

    async def _renew(self) -> bool:
        own = await asyncio.to_thread(self._own_addresses)
        if self._open is not None and self._open.own != own:
            await self._shut()
        if not own:
            self._say("no_network")
            return False
        if self._open is None:
            choice: list[str] | InterfaceChoice = [*own]
            self._open = _Open(AsyncZeroconf(interfaces=choice, ip_version=IPVersion.V4Only), own)
            await self._announce(self._open)
        if self._kind and self._open.browser is None:
            self._open.browser = AsyncServiceBrowser(self._open.zeroconf.zeroconf, [self._kind], handlers=[self._on_change])
        self._said = ""
        return True

    def _own_addresses(self) -> tuple[str, ...]:
        """The IPv4 addresses to be used, in order."""
        every = {str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4}
        if self._interfaces:
            return tuple(sorted(every & set(self._interfaces)))
        return tuple(sorted(one for one in every if not ipaddress.ip_address(one).is_loopback))

    async def _announce(self, opened: _Open) -> None:
        for one in self._services:
            addresses = await asyncio.to_thread(_reachable, one.host, opened.own)
            if addresses:
                name = f"{one.node.hex()}.{one.kind}"
                info = AsyncServiceInfo(
                    one.kind, name, port=one.port, properties={"id": one.node.hex(), "fp": one.fingerprint.hex()},
                    server=f"{one.node.hex()}.local.", addresses=[socket.inet_aton(address) for address in addresses],
                )  # fmt: skip
                await opened.zeroconf.async_register_service(info, allow_name_change=True)

    async def _shut(self) -> None:
        opened, self._open = self._open, None
        self._heard.clear()
        if opened is None:
            return
        for task in opened.tasks:
            task.cancel()
        await asyncio.gather(*opened.tasks, return_exceptions=True)
        with suppress(OSError, Error, TimeoutError, RuntimeError):
            if opened.browser is not None:
                await opened.browser.async_cancel()
        with suppress(OSError, Error, TimeoutError, RuntimeError):
            await opened.zeroconf.async_close()  # says goodbye for what was announced

    def _say(self, reason: str) -> None:
        if reason != self._said:
            log.warning("no discovery: nothing is announced or heard on the local network (%s)", reason)
        self._said = reason

    # hearing -------------------------------------------------------------------------------------------------------

    def _on_change(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        opened = self._open
        if opened is None or opened.zeroconf.zeroconf is not zeroconf:
            return
        if state_change is ServiceStateChange.Removed:
            self._heard.pop(name, None)
        elif len(opened.tasks) < 2 * MOST_HEARD:
            task = asyncio.get_running_loop().create_task(self._resolve(zeroconf, service_type, name))
            opened.tasks.add(task)
            task.add_done_callback(opened.tasks.discard)

    async def _resolve(self, zeroconf: Zeroconf, kind: str, name: str) -> None:
        """Ask for address and text of an announcement; whatever is not as ours are is passed over."""
        info = AsyncServiceInfo(kind, name)
        try:
            if not await info.async_request(zeroconf, ANSWER_MS):
                return
            heard = self._read(kind, info)
        except (OSError, Error, ValueError):
            return
        if self._node is not None and heard.node != self._node:
            return
        known = {address for one in self._heard.values() for address in one.addresses}
        self._heard.pop(name, None)
        self._heard[name] = heard
        while len(self._heard) > MOST_HEARD:
            del self._heard[next(iter(self._heard))]
        if self._news is not None and not set(heard.addresses) <= known:
            self._news()

    def _read(self, kind: str, info: AsyncServiceInfo) -> Heard:
        """An announcement as it is used. Raises ValueError when it is none of ours."""
        node, pinned = (bytes.fromhex((info.properties.get(key) or b"").decode("ascii")) for key in (b"id", b"fp"))
        hosts = [one for one in info.parsed_addresses(IPVersion.V4Only) if self._is_usable(one)][:MOST_ADDRESSES]
        if len(node) != 16 or len(pinned) != 16 or not hosts or not info.port:
            raise ValueError("no announcement of a node")
        return Heard(kind, node, pinned, tuple(f"{host}:{info.port}" for host in hosts))

    def _is_usable(self, host: str) -> bool:
        address = ipaddress.ip_address(host)
        if address.is_loopback:
            return host in self._interfaces
        return not (address.is_multicast or address.is_unspecified or address.is_reserved)


async def find_once(kind: str, node: bytes, pinned: bytes, seconds: float, interfaces: Sequence[str] = ()) -> tuple[str, ...]:
    """Listen for so long at most for one node; its addresses, none when it is not heard or there is no multicast."""
    came = asyncio.Event()
    discovery = Discovery(interfaces)
    discovery.look_for(kind, lambda: came.set() if discovery.found(pinned) else None, node)
    try:
        if await discovery.refresh():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await came.wait()
        return tuple(dict.fromkeys(address for one in discovery.found(pinned) for address in one.addresses))
    finally:
        await discovery.stop()


def _reachable(host: str, own: Sequence[str]) -> list[str]:
    """Under which of our addresses a listener on `host` is reached."""
    try:
        if ipaddress.ip_address(host.strip("[]")).is_unspecified:
            return [*own]
        bound = {host}
    except ValueError:
        with suppress(OSError, UnicodeError):
            host, _, found = socket.gethostbyname_ex(host)
            return [one for one in own if one in found]
        return []
    return [one for one in own if one in bound]
