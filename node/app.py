"""The composition root: the only file that wires a node together.

`assemble` puts store, keys and services together (also for the in-memory network); `open_node` does so under the
directory lock for a process; `Node.serve` adds the listeners and the links and runs until told to stop. Shutdown follows
STACK.md: stop HTTP, tell the streams, stop gRPC, stop the links, close the store (which checkpoints the WAL).
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from edge_ui.app import make_app, start_http
from edge_ui.settings import UiSettings
from federation.transport import tls
from federation.transport.client import LinkClient
from federation.transport.enrol_client import JoinUnreachableError, post_join
from federation.transport.server import LinkServer, TransportError
from node import config, oslayer
from node.config import Config
from node.domain.errors import TongbanError
from node.line_switch import LineSwitch
from node.logs import get as get_log
from node.services import membership, opening
from node.services.backup import restore
from node.services.center import Center
from node.services.keys import KeyFiles
from node.store.store import Clock

SWEEP_SECONDS = 30.0
VERSION = "0.1.0"
log = get_log("node.app")


class SystemClock:
    """The machine's clock; `offset` seconds only in a network made with --test-clock."""

    def __init__(self, offset: float = 0.0) -> None:
        self._offset = int(offset * 1000)

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self._offset


def assemble(folder: Path, clock: Clock, *, threaded: bool = True) -> Center:
    """Store, keys and services of an existing node. Raises not_a_node, root_key_lost."""
    store, keys = opening.open_store(folder, clock, threaded=threaded)
    return Center(store, keys, certificates=_authority(keys))


def _authority(keys: KeyFiles) -> Callable[[bytes, bytes], bytes] | None:
    """What issues link certificates for children; None in a network without TLS."""
    if not keys.has("ca.pem"):
        return None
    return lambda public_pem, node_id: tls.issue_leaf(keys.get("ca.pem"), keys.get("ca-cert.pem"), public_pem, node_id)


# making nodes --------------------------------------------------------------------------------------------------------


def create_root(folder: Path, *, tier: str, code: str, name: str, clock: Clock, test_clock: bool = False) -> dict[str, Any]:
    """A root node's directory without addresses (see `init_node`)."""
    return membership.create_root(folder, clock, code=code, name=name, tier=tier, test_clock=test_clock)


def create_child(folder: Path, join_code: str, *, clock: Clock, post: Callable[[bytes], bytes]) -> dict[str, Any]:
    """Join with `post` carrying the sealed request to the parent."""
    joining = membership.prepare_join(folder, join_code, clock.now())
    return membership.complete_join(joining, post(joining.request), clock)


def init_node(folder: Path, tier: str, code: str, name: str, web: str, grpc: str, test_clock: bool = False) -> dict[str, Any]:
    """`tongban init`: a new root with its configuration. Answers who it is and the administrator's first password."""
    with oslayer.disk_errors(folder):
        made = create_root(folder, tier=tier, code=code, name=name, clock=_clock(test_clock), test_clock=test_clock)
        make_link_authority(folder, bytes.fromhex(made["node_id"]))
        config.write_default(folder, web=web, grpc=grpc)
    return made


def join_node(folder: Path, join_code: str, web: str, grpc: str) -> dict[str, Any]:
    """`tongban join`: enrol at the running parent. Raises bad_join_code, unreachable, join_code_used, …"""
    with oslayer.disk_errors(folder):
        clock = _clock(True)
        joining = membership.prepare_join(folder, join_code, clock.now())
        made = membership.complete_join(joining, post_to_parent(joining.addresses, joining.request), clock)
        make_link_authority(folder, bytes.fromhex(made["node_id"]))
        config.write_default(folder, web=web, grpc=grpc, parent=made["link_address"])
    return made


def make_link_authority(folder: Path, node_id: bytes) -> None:
    """The authority for this node's children and the certificate its own listener shows them."""
    keys = KeyFiles(folder / "keys")
    ca_key, ca_cert = tls.make_link_ca(node_id)
    keys.put("ca.pem", ca_key)
    keys.put("ca-cert.pem", ca_cert)
    keys.put("listen-cert.pem", tls.issue_leaf(ca_key, ca_cert, KeyFiles.as_pem(keys.link_public_der()), node_id))


def restore_node(backup: Path, folder: Path) -> None:
    """`tongban restore`: a node from a backup; it recovers at its first contact."""
    with oslayer.disk_errors(folder):
        restore(backup, folder, _clock(True))


def post_to_parent(addresses: tuple[str, ...], body: bytes) -> bytes:
    """A sealed request to the first address that answers. Raises unreachable, or the parent's refusal."""
    try:
        return asyncio.run(post_join(addresses, body, timeout=20.0))
    except JoinUnreachableError as error:
        raise join_failure(error, addresses) from None


def join_failure(error: JoinUnreachableError, addresses: tuple[str, ...]) -> TongbanError:
    """The parent's own refusal, or that it cannot be reached."""
    code = getattr(error, "code", "")
    details = getattr(error, "details", {}) or {}
    if code and code != "unreachable":
        with suppress(KeyError):
            return TongbanError(code, **details)
    return TongbanError("unreachable", address=", ".join(addresses), reason=str(error))


def _clock(test_clock: bool) -> Clock:
    offset = os.environ.get("TONGBAN_CLOCK_OFFSET", "") if test_clock else ""
    try:
        return SystemClock(float(offset or 0))
    except ValueError:
        raise TongbanError("bad_config", reason=f"TONGBAN_CLOCK_OFFSET={offset!r}") from None


# running -------------------------------------------------------------------------------------------------------------


def open_node(folder: Path, clock: Clock | None = None) -> Node:
    """Open a node for this process alone. Raises already_running, not_a_node, read_only, storage_busy."""
    settings = config.load_dir(folder)
    lock = oslayer.DirectoryLock(folder).acquire()
    try:
        with oslayer.disk_errors(folder):
            center = assemble(folder, clock or _clock(True))
            if clock is None and not center.test_clock:
                center.store.clock = _clock(False)
    except BaseException:
        lock.release()
        raise
    return Node(folder, center, settings, lock)


class Node:
    """One node in this process."""

    def __init__(self, folder: Path, center: Center, settings: Config, lock: oslayer.DirectoryLock) -> None:
        self.folder = folder
        self.center = center
        self.settings = settings
        self._lock = lock
        self._server: LinkServer | None = None
        self._client: LinkClient | None = None

    async def serve(self, stop: asyncio.Event) -> None:
        """Listen, link and look at the timers until `stop`. Raises port_taken before anything is served."""
        http = await self._start_http()
        try:
            await self._start_links()
            sweep = asyncio.create_task(self._sweep())
            try:
                await stop.wait()
            finally:
                sweep.cancel()
                with suppress(asyncio.CancelledError):
                    await sweep
        finally:
            http.stop()
            await http.close_all_connections()
            await self._stop_links()

    def close(self) -> None:
        self.center.store.close()
        self._lock.release()

    async def _start_http(self) -> Any:
        web = self.settings.web
        host, port = oslayer.split_address(web.address)
        plain = web.behind_proxy or host in ("127.0.0.1", "localhost", "::1")
        keys = self.center.keys
        settings = UiSettings(
            cookie_secret=base64.b64encode(keys.session_secret()),
            version=VERSION,
            behind_proxy=web.behind_proxy,
            secure=not plain,
            lines=LineSwitch.of_environment(),
        )
        context = None if plain else self._https(host)
        self.center.administration.web, self.center.administration.grpc = web.address, self.settings.grpc.address
        self.center.people.sessions.lock_seconds = web.lock_after_seconds
        return await start_http(make_app(self.center, settings), host, port, context)

    def _https(self, host: str) -> Any:
        web, keys = self.settings.web, self.center.keys
        if web.certificate:
            return tls.server_context(Path(web.certificate).read_bytes(), Path(web.private_key).read_bytes())
        if not keys.has("web-cert.pem"):
            key, certificate = tls.make_web_certificate(host)
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
                **options,
            )
            try:
                await self._server.start(self.settings.grpc.address)
            except TransportError as error:
                raise TongbanError("port_taken", address=self.settings.grpc.address) from error
        if place.parent is not None and keys.has("link-cert.pem"):
            credentials = tls.Credentials(keys.get("link.pem"), keys.get("link-cert.pem"), keys.get("link-ca.pem"))
            self._client = LinkClient(center.inbound, place.parent, self._parent_address, credentials, **options)
            await self._client.start()
        center.store.wake_listeners.append(self._wake)
        center.try_now = self._try_now

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
        self.center.try_now = None
        self.center.store.wake_listeners.clear()
        if self._server is not None:
            await self._server.stop()
        if self._client is not None:
            await self._client.stop()

    async def _sweep(self) -> None:
        """Look at the timers now and then; a failure is logged and tried again."""
        while True:
            try:
                await asyncio.to_thread(self.center.tick)
            except Exception as error:
                log.warning("sweep_failed", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(SWEEP_SECONDS)
