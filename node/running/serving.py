"""What a running node has besides: the listeners of the web and of links, the link to the parent, the sweep of timers.

Shutdown follows STACK.md: stop HTTP, tell the streams, stop gRPC, stop the links; the store is closed after that
(`Node.close`, which checkpoints the WAL).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from edge_ui.app import bound_port, make_app, start_http
from edge_ui.listener import Room
from edge_ui.settings import UiSettings
from federation.transport import tls
from federation.transport.client import LinkClient
from federation.transport.server import LinkServer, TransportError
from node.app import Node
from node.domain.software import VERSION
from node.domain.words.errors import TongbanError
from node.machine import config, oslayer
from node.machine.logs import get as get_log
from node.running.line_switch import LineSwitch
from node.running.neighbourhood import Neighbourhood

SWEEP_SECONDS = 30.0
TELL_SECONDS = 5.0
log = get_log("node.running.serving")


async def serve(node: Node, stop: asyncio.Event, tell: Callable[[str, str], None] | None = None) -> None:
    """Listen, link and look at the timers until `stop`; `tell(web URL, link address)` once all listens. Raises port_taken
    before anything is served."""
    await Serving(node).run(stop, tell)


def room_for(files: int, *, behind_proxy: bool) -> Room:
    """The seats of the web listener in a process that may open so many files: half of them, so that links (a quarter), the
    database and the log never lack one. Behind a proxy all come from its address, so that no address has a limit of its own."""
    total = min(2000, max(48, files // 2))
    return Room(total, 0 if behind_proxy else min(256, total // 3), max(8, total // 16))


class Serving:
    """One node in this process."""

    def __init__(self, node: Node) -> None:
        self.folder, self.center, self.settings = node.folder, node.center, node.settings
        self._server: LinkServer | None = None
        self._client: LinkClient | None = None
        self._near = Neighbourhood(self.settings, self.center.place, self.center.keys)

    async def run(self, stop: asyncio.Event, tell: Callable[[str, str], None] | None = None) -> None:
        http = await self._start_http()
        try:
            await self._start_links()
            self._say_where(http, tell)
            loops = [asyncio.create_task(self._sweep()), asyncio.create_task(self._tell())]
            try:
                await stop.wait()
            finally:
                self.center.notices.sending.stopping = True
                for one in loops:
                    one.cancel()
                await asyncio.gather(*loops, return_exceptions=True)
        finally:
            http.stop()
            await http.close_all_connections()
            await self._stop_links()

    def _say_where(self, http: Any, tell: Callable[[str, str], None] | None) -> None:
        """Nobody who reads it (a closed pipe) is no reason to stop."""
        host = self.settings.web.address.rpartition(":")[0]
        link = self.settings.grpc.address if self._server is not None else ""
        if tell is not None:
            with suppress(OSError, ValueError):
                tell(f"http{'' if self._plain() else 's'}://{host}:{bound_port(http)}/", link)

    def _plain(self) -> bool:
        web = self.settings.web
        return web.behind_proxy or oslayer.is_loopback(oslayer.split_address(web.address)[0])

    async def _start_http(self) -> Any:
        web = self.settings.web
        host, port = oslayer.split_address(web.address)
        plain = self._plain()
        keys = self.center.keys
        settings = UiSettings(
            cookie_secret=base64.b64encode(keys.session_secret()),
            version=VERSION,
            behind_proxy=web.behind_proxy,
            secure=not plain,
            public_url=web.public_url,
            host_names=(*oslayer.names_of(host), *web.host_names.split(",")),
            lines=LineSwitch.of_environment(),
        )
        context = None if plain else self._https(host)
        self.center.administration.web, self.center.administration.grpc = web.address, self.settings.grpc.address
        self.center.administration.printed = bool(web.public_url)
        self.center.people.sessions.lock_seconds = web.lock_after_seconds
        room = room_for(oslayer.raise_file_limit(), behind_proxy=web.behind_proxy)
        return await start_http(make_app(self.center, settings), host, port, context, room)

    def _https(self, host: str) -> Any:
        web, keys = self.settings.web, self.center.keys
        if web.certificate:
            return tls.server_context(Path(web.certificate).read_bytes(), Path(web.private_key).read_bytes())
        names = oslayer.names_of(host)
        if not keys.has("web-cert.pem") or not tls.is_named(keys.get("web-cert.pem"), names[0]):
            key, certificate = tls.make_web_certificate(names)
            keys.put("web.pem", key)
            keys.put("web-cert.pem", certificate)
        return tls.server_context(keys.get("web-cert.pem"), keys.get("web.pem"))

    def _nobody_online(self) -> None:
        """A node that was killed could not note that its links ended."""
        with self.center.store.reading() as view:
            peers = [view.node_of(peer.id) for peer in view.links.all() if peer.state == "online"]
        for peer in peers:
            self.center.inbound.on_link_state(peer, False, "this node was started anew")

    async def _start_links(self) -> None:
        center, keys = self.center, self.center.keys
        await asyncio.to_thread(self._nobody_online)
        link = self.settings.link
        options: dict[str, Any] = {"batch": link.batch, "window": link.window, "compress": link.compress}
        place = center.place
        if self.settings.grpc.address and place.tier != "village":
            self._server = LinkServer(
                center.inbound,
                tls.Credentials(keys.get("link.pem"), keys.get("listen-cert.pem"), keys.get("ca-cert.pem")),
                connections=oslayer.raise_file_limit() // 4,
                **options,
            )
            try:
                await self._server.start(self.settings.grpc.address)
            except TransportError as error:
                raise TongbanError("port_taken", address=self.settings.grpc.address) from error
        if place.parent is not None and keys.has("link-cert.pem"):
            credentials = tls.Credentials(keys.get("link.pem"), keys.get("link-cert.pem"), keys.get("link-ca.pem"))
            self._client = LinkClient(
                center.inbound,
                place.parent,
                self._parent_address,
                credentials,
                elsewhere=self._near.addresses_of_parent,
                **options,
            )
            self._near.news = self._client.heard_of_parent
            await self._client.start()
        self._near.begin()
        center.store.wake_listeners.append(self._wake)
        center.upkeep.try_now = self._try_now

    def _parent_address(self) -> str:
        """Read anew at every dial: an administrator may change it while the node runs."""
        try:
            return config.load_dir(self.folder).parent.address
        except TongbanError:
            return self.settings.parent.address

    def _wake(self) -> None:
        if self._server is not None:
            self._server.wake()
        if self._client is not None:
            self._client.wake()

    def _try_now(self, code: str) -> bool:
        with self.center.store.reading() as view:
            known = {peer.code: peer.direction for peer in view.links.all()}
        if known.get(code) == "up" and self._client is not None:
            self._client.try_now()
        return code in known

    async def _stop_links(self) -> None:
        self.center.upkeep.try_now = None
        self.center.store.wake_listeners.clear()
        if self._server is not None:
            await self._server.stop()
        await self._near.stop()
        if self._client is not None:
            await self._client.stop()

    async def _sweep(self) -> None:
        """Look at the timers now and then; a failure is logged and tried again."""
        while True:
            try:
                await asyncio.to_thread(self.center.tick)
            except Exception as error:
                log.warning("sweep_failed", exc_info=error)
            self._near.begin()
            await asyncio.sleep(SWEEP_SECONDS)

    async def _tell(self) -> None:
        """Send what residents are to be told; a gateway that hangs holds up nothing but its own messages."""
        while True:
            try:
                await asyncio.to_thread(self.center.notices.step)
            except Exception as error:
                log.warning("notices_failed", exc_info=error)
            await asyncio.sleep(TELL_SECONDS)
