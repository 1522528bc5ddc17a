"""What a running node has to do with its local network: it announces its listeners there, and looks for its parent when that does
not answer where it is configured (`federation/transport/discovery.py`; `[discovery]` of config.toml).

Nothing is loaded while there is nothing to announce and the parent answers. Looking never holds anything up: it is work beside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from federation.protocol.enrolment import JoinKey
from node.machine import oslayer
from node.machine.config import Config, listed
from node.services.tree.keys import KeyFiles

if TYPE_CHECKING:
    from federation.transport.discovery import Discovery, Service
    from node.domain.model import Place


class Neighbourhood:
    """One node's announcements, and what it heard of its parent. All methods in the event loop. `news` is called when an address
    of the parent is heard that was not known."""

    def __init__(self, settings: Config, place: Place, keys: KeyFiles) -> None:
        self.news: Callable[[], None] = lambda: None
        self._settings, self._place, self._keys = settings, place, keys
        self._discovery: Discovery | None = None
        self._work: asyncio.Task[bool] | None = None
        self._looks = False

    def begin(self) -> None:
        """Open what should be open, beside everything else; to be called now and then, because networks come and go."""
        if not self._settings.discovery.on or (self._work is not None and not self._work.done()):
            return
        if self._discovery is None and (services := self._services()):
            self._discovery = self._make(services)
        if self._discovery is not None:
            self._work = asyncio.get_running_loop().create_task(self._discovery.refresh())

    def addresses_of_parent(self) -> Sequence[str]:
        """Where the network says that the parent is; the first call begins to listen."""
        if not self._may_look():
            return ()
        if not self._looks:
            self._looks = True
            self._listen()
            self.begin()
        from federation.transport.discovery import fingerprint

        found = self._discovery.found(fingerprint(self._keys.get("link-ca.pem"))) if self._discovery is not None else []
        return list(dict.fromkeys(address for one in found for address in one.addresses))

    async def stop(self) -> None:
        if self._work is not None:
            with suppress(asyncio.CancelledError):
                await self._work
        if self._discovery is not None:
            await self._discovery.stop()

    def _may_look(self) -> bool:
        """A parent at a loopback address is one behind a proxy or a tunnel, or beside us: nobody else knows better."""
        settings = self._settings
        address = settings.parent.address
        on_loopback = bool(address) and oslayer.is_loopback(oslayer.split_address(address)[0])
        return settings.discovery.on and (not on_loopback or bool(settings.discovery.interfaces))

    def _make(self, services: Sequence[Service]) -> Discovery:
        from federation.transport.discovery import Discovery

        return Discovery(listed(self._settings.discovery.interfaces), services)

    def _listen(self) -> None:
        from federation.transport.discovery import LINK

        if self._discovery is None:
            self._discovery = self._make(self._services())
        self._discovery.look_for(LINK, lambda: self.news(), self._place.parent)

    def _services(self) -> list[Service]:
        """The listener of links and the web listener, by what a child pins of each; none at a node that takes no children."""
        where = {"link": self._settings.grpc.address, "join": self._settings.web.address}
        shown = {name: oslayer.split_address(address) for name, address in where.items() if self._may_show(address)}
        if self._place.tier == "village" or "link" not in shown:
            return []
        from federation.transport.discovery import JOIN, LINK, Service, fingerprint

        node, box = self._place.node_id, JoinKey(self._keys.box()).public
        pinned = {"link": (LINK, self._keys.get("ca-cert.pem")), "join": (JOIN, box)}
        return [Service(kind, node, fingerprint(key), *shown[name]) for name, (kind, key) in pinned.items() if name in shown]

    def _may_show(self, address: str) -> bool:
        if not address:
            return False
        host, port = oslayer.split_address(address)
        return port > 0 and (not oslayer.is_loopback(host) or bool(self._settings.discovery.interfaces))
