"""`tongban setup DIR`: the first run in a browser. Makes a node in DIR, then runs it at the same address.

The pages are served on loopback only, and a code printed on the console opens them: another user of the machine could
reach the port, but not read the console. What makes the node are the same functions as behind `init`, `join` and `restore`;
a failure leaves the directory as it was, so that the person can correct what was typed and try again.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.domain.catalog.divisions import Divisions
from node.domain.model import SYSTEM
from node.domain.passwords import password_flaw
from node.domain.setup import FoundParent, Loaded, MadeNode, SetupPlace
from node.domain.software import VERSION
from node.domain.tree.documents import Founded
from node.domain.words.errors import TongbanError
from node.machine import config, oslayer
from node.services.catalog.shipped import DIVISIONS
from node.services.people.staff import StaffService

if TYPE_CHECKING:
    from federation.transport.discovery import Discovery
    from node.services.center import Center

FOUND = 20


class Wizard:
    """One directory on its way to being a node; implements `edge_ui.ports.setup.SetupPort`. `interfaces`: this machine's addresses to
    look for a parent on; none: all but loopback."""

    def __init__(self, folder: Path, web: str, grpc: str, interfaces: Sequence[str] = ()) -> None:
        self.folder, self.web, self.grpc, self.interfaces = folder, web, grpc, interfaces
        self.code = f"{secrets.randbelow(10**8):08d}"
        self.made: MadeNode | None = None
        self.done = asyncio.Event()
        self._divisions: Divisions | None = None
        self._discovery: Discovery | None = None

    def check_code(self, text: str) -> bool:
        return hmac.compare_digest("".join(text.split()).encode("utf-8", "replace"), self.code.encode())

    def finish(self) -> None:
        self.done.set()

    async def listen(self) -> None:
        """Begin to hear of nodes on the local network that newcomers may join at; without multicast there are none."""
        from federation.transport.discovery import JOIN, Discovery

        self._discovery = Discovery(self.interfaces)
        self._discovery.look_for(JOIN)
        await self._discovery.refresh()

    async def stop_listening(self) -> None:
        if self._discovery is not None:
            await self._discovery.stop()

    def found(self) -> list[FoundParent]:
        heard = [] if self._discovery is None else self._discovery.found()[:FOUND]
        return [{"address": address, "node": one.node.hex()[:8]} for one in heard for address in one.addresses[:1]]

    def places(self, q: str) -> list[SetupPlace]:
        """Cities, then districts …, of the table that comes with the program, by code or part of the name."""
        if self._divisions is None:
            self._divisions = Divisions.from_csv(DIVISIONS.read_bytes())
        rows = self._divisions.to_document()["rows"]
        hits = [row for row in rows if row[0].startswith(q) or q in row[1]]
        order = ("city", "district", "township", "village")
        hits.sort(key=lambda row: (order.index(row[2]), row[0]))
        return [{"code": row[0], "name": row[1], "tier": row[2]} for row in hits[:FOUND]]

    # the three ways ------------------------------------------------------------------------------------------------

    def new_city(self, code: str, name: str, tier: str, password: str, again: str, with_catalog: bool) -> MadeNode:
        """A new root. Raises invalid_input (code, name, tier, password, again), already_a_node."""
        from node.app import init_node

        self._check_password(password, again)
        made = init_node(self.folder, tier, code.strip(), name.strip(), self.web, self.grpc, with_catalog=with_catalog)
        self._set_password(password)
        return self._finished(made, made["loaded"])

    def join(self, join_code: str, password: str, again: str) -> MadeNode:
        """A child of a running parent. Raises bad_join_code, join_code_used, join_code_expired, unreachable, wrong_parent, …"""
        from node.app import join_node

        self._check_password(password, again)
        if not join_code.strip():
            raise TongbanError("invalid_input", {"join_code": "missing"})
        made = join_node(self.folder, join_code.strip(), self.web, self.grpc, self.interfaces)
        self._set_password(password)
        return self._finished(made)

    def restore(self, path: Path, key: str = "") -> MadeNode:
        """A node from a backup; it keeps its people and passwords. Raises bad_backup, not_found, and of a sealed one backup_sealed,
        bad_backup_key, wrong_backup_key."""
        from node.app import restore_node

        if not path.is_file():
            raise TongbanError("not_found", what=str(path))
        restore_node(path, self.folder, key)
        if (self.folder / config.CONFIG_FILE).exists():
            config.write(self.folder, config.with_addresses(config.load_dir(self.folder), web=self.web))
        else:
            config.write_default(self.folder, web=self.web, grpc=self.grpc)
        center = self._open()
        try:
            place = center.place
            self.made = {"name": center.name, "code": place.code, "tier": place.tier, "username": "", "loaded": []}
        finally:
            center.store.close()
        return self.made

    def _check_password(self, password: str, again: str) -> None:
        flaws = {}
        if flaw := password_flaw(password, "admin"):
            flaws["password"] = flaw
        elif password != again:
            flaws["again"] = "mismatch"
        if flaws:
            raise TongbanError("invalid_input", flaws)

    def _open(self) -> Center:
        from node.app import SystemClock, assemble

        return assemble(self.folder, SystemClock(), threaded=False)

    def _set_password(self, password: str) -> None:
        center = self._open()
        try:
            StaffService(center.store).set_password("admin", password, by=SYSTEM)
        finally:
            center.store.close()

    def _finished(self, made: Founded, loaded: Sequence[Loaded] = ()) -> MadeNode:
        self.made = {
            "name": made["name"], "code": made["code"], "tier": made["tier"], "username": made["username"], "loaded": [*loaded],
        }  # fmt: skip
        return self.made


# running it ----------------------------------------------------------------------------------------------------------


def run_setup(directory: Path, web: str, grpc: str, tell: Callable[[str], None]) -> None:
    """Serve the pages until a node is made, then run it. Raises already_a_node, not_empty, port_taken, setup_elsewhere."""
    host, _ = oslayer.split_address(web)
    if not oslayer.is_loopback(host):
        raise TongbanError("setup_elsewhere", address=web)
    if (directory / config.CONFIG_FILE).exists():
        raise TongbanError("already_a_node", path=str(directory))
    if directory.exists() and any(path.name not in ("keys", "node.db", "lock") for path in directory.iterdir()):
        raise TongbanError("not_empty", path=str(directory))
    oslayer.event_loop_policy()
    if asyncio.run(serve(Wizard(directory, web, grpc), tell)):
        from node.running.runner import run_node

        run_node(directory)


async def serve(wizard: Wizard, tell: Callable[[str], None]) -> bool:
    """The listener of the first run; True when a node was made, False when it was stopped before."""
    from edge_ui.app import start_http
    from edge_ui.settings import UiSettings
    from edge_ui.web.setup.application import SetupApplication

    host, port = oslayer.split_address(wizard.web)
    app: Any = SetupApplication(wizard, UiSettings(cookie_secret=secrets.token_urlsafe(32), version=VERSION))
    server = await start_http(app, host, port)
    tell(f"http://{wizard.web}/setup/code?code={wizard.code}")
    near = asyncio.create_task(wizard.listen())
    try:
        with oslayer.stop_signals(wizard.done):
            await wizard.done.wait()
    finally:
        server.stop()
        await server.close_all_connections()
        app.close()
        await near
        await wizard.stop_listening()
    return wizard.made is not None
