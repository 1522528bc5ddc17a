"""A child finds its parent on the local network: real nodes, real gRPC, real multicast DNS on loopback.

Where this machine has no multicast on loopback the tests are skipped, and say so; what then must hold (a node starts and works)
is tested everywhere.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from federation.protocol.join_code import JoinCode
from federation.transport import discovery
from federation.transport.discovery import LINK, Discovery, Service, fingerprint
from federation.transport.server import LinkServer
from node import app
from node.app import Node, open_node
from node.domain.setup import FoundParent
from node.machine import config
from node.machine.config import DiscoverySection
from node.running.serving import Serving
from node.running.wizard import Wizard
from node.services.center import Center
from tests.federation.fakeport import FakePort
from tests.federation.transport.links import Authority
from tests.support.processes import free_ports, wait_for

LOOPBACK = ("127.0.0.1",)
CITY, DISTRICT = "420100000000", "420106000000"
PASSWORD = "a good password"
NOBODY = bytes(16)


def _why_not() -> str:
    """Why there is no multicast on loopback here; "" when there is."""

    async def hears_itself() -> bool:
        speaker = Discovery(LOOPBACK, [Service(LINK, NOBODY, NOBODY, "127.0.0.1", 9)])
        try:
            return await speaker.refresh() and bool(await discovery.find_once(LINK, NOBODY, NOBODY, 5.0, LOOPBACK))
        finally:
            await speaker.stop()

    return "" if asyncio.run(hears_itself()) else "no multicast on the loopback interface of this machine"


@pytest.fixture(scope="module")
def multicast() -> None:
    if reason := _why_not():
        pytest.skip(reason)


class Running:
    """A node as `tongban run` has it, in a thread of this process; it listens on loopback and is allowed to be heard there."""

    def __init__(self, folder: Path, interfaces: str = "127.0.0.1", on: bool = True) -> None:
        settings = config.load_dir(folder)
        config.write(folder, replace(settings, discovery=DiscoverySection(on, interfaces)))
        self.node: Node = open_node(folder)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    @property
    def center(self) -> Center:
        return self.node.center

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(Serving(self.node).run(self._stop, lambda *_: self._ready.set()))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self.node.close()

    def up(self) -> str:
        """State of the link to the parent."""
        return next(link["state"] for link in self.center.upkeep.status()["links"] if link["direction"] == "up")

    def last_error(self) -> str:
        return str(next(link["last_error"] for link in self.center.upkeep.status()["links"] if link["direction"] == "up"))


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def begin(folder: Path, interfaces: str = "127.0.0.1", on: bool = True) -> Running:
        running.append(Running(folder, interfaces, on))
        return running[-1]

    yield begin
    for one in reversed(running):
        with suppress(Exception):
            one.stop()


def make_city(folder: Path) -> Path:
    web, grpc = free_ports(2)
    app.init_node(folder, "city", CITY, "市", f"127.0.0.1:{web}", f"127.0.0.1:{grpc}")
    return folder


def invite(parent: Running, addresses: tuple[str, ...] = ()) -> str:
    settings = parent.node.settings
    return parent.center.tree.invite(DISTRICT, "区", "district", addresses or (settings.web.address,), settings.grpc.address)


def make_district(parent: Running, folder: Path) -> Path:
    web, grpc = free_ports(2)
    app.join_node(folder, invite(parent), f"127.0.0.1:{web}", f"127.0.0.1:{grpc}")
    return folder


def move(folder: Path) -> None:
    """Other addresses for a node that does not run."""
    web, grpc = free_ports(2)
    config.write(folder, config.with_addresses(config.load_dir(folder), web=f"127.0.0.1:{web}", grpc=f"127.0.0.1:{grpc}"))


def test_a_parent_that_changes_its_address_is_found(multicast: None, tmp_path: Path, start: Callable[..., Running]) -> None:
    city = start(make_city(tmp_path / "city"))
    district = start(make_district(city, tmp_path / "district"))
    configured = config.load_dir(tmp_path / "district").parent.address
    wait_for(lambda: district.up() == "online")
    city.stop()
    wait_for(lambda: district.up() == "offline")
    move(tmp_path / "city")
    city = start(tmp_path / "city")
    wait_for(lambda: district.up() == "online")
    assert config.load_dir(tmp_path / "district").parent.address == configured != city.node.settings.grpc.address
    before = city.center.upkeep.status()["journal"]["entries"]
    district.center.staff.add("张三", "clerk")
    wait_for(lambda: city.center.upkeep.status()["journal"]["entries"] > before)  # entries travel


def test_it_is_not_found_when_it_is_switched_off(multicast: None, tmp_path: Path, start: Callable[..., Running]) -> None:
    city = start(make_city(tmp_path / "city"), on=False)
    district = start(make_district(city, tmp_path / "district"))
    wait_for(lambda: district.up() == "online")
    parent, pinned = city.center.place.node_id, fingerprint(city.center.keys.get("ca-cert.pem"))
    assert asyncio.run(discovery.find_once(LINK, parent, pinned, 1.0, LOOPBACK)) == ()


def test_who_announces_the_parents_id_gains_nothing(multicast: None, tmp_path: Path, start: Callable[..., Running]) -> None:
    city = start(make_city(tmp_path / "city"))
    district = start(make_district(city, tmp_path / "district"))
    wait_for(lambda: district.up() == "online")
    parent, pinned = city.center.place.node_id, fingerprint(city.center.keys.get("ca-cert.pem"))
    city.stop()
    wait_for(lambda: district.up() == "offline")
    with Impostor(parent, pinned) as impostor:
        wait_for(lambda: impostor.knocks >= 2)
        assert district.up() == "offline" and not impostor.port.states and "nobody listens" in district.last_error()
        move(tmp_path / "city")
        city = start(tmp_path / "city")
        wait_for(lambda: district.up() == "online")
        assert not impostor.port.states


class Impostor:
    """Announces another node's id and fingerprint, with a listener of its own authority behind it, whose certificate names that node."""

    def __init__(self, node: bytes, pinned: bytes) -> None:
        self.port = FakePort("impostor")
        self.knocks = 0
        self._node, self._pinned = node, pinned
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Impostor:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def _begin(self) -> None:
        self._server = LinkServer(self.port, Authority(self._node).credentials(self._node))
        self._target = await self._server.start("127.0.0.1:0")
        self._door = await asyncio.start_server(self._knock, "127.0.0.1", 0)
        port = self._door.sockets[0].getsockname()[1]
        self._discovery = Discovery(LOOPBACK, [Service(LINK, self._node, self._pinned, "127.0.0.1", port)])
        assert await self._discovery.refresh()

    async def _knock(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries the caller on to the false listener, and counts."""
        self.knocks += 1
        far, near = await asyncio.open_connection("127.0.0.1", self._target)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                while data := await source.read(4096):
                    target.write(data)
            target.close()

        await asyncio.gather(carry(reader, near), carry(far, writer))

    async def _end(self) -> None:
        await self._discovery.stop()
        self._door.close()
        await self._server.stop()


def test_a_newcomer_joins_where_the_network_says(multicast: None, tmp_path: Path, start: Callable[..., Running]) -> None:
    city = start(make_city(tmp_path / "city"))
    (dead,) = free_ports(1)
    code = invite(city, (f"127.0.0.1:{dead}",))
    wizard = Wizard(tmp_path / "district", "127.0.0.1:8800", "127.0.0.1:8801", LOOPBACK)

    node = JoinCode.from_text(code).parent.hex()[:8]

    async def offered() -> list[FoundParent]:
        """What the wizard found of this city; the network may hold others."""
        await wizard.listen()
        try:
            async with asyncio.timeout(20):
                while not (ours := [one for one in wizard.found() if one["node"] == node]):
                    await asyncio.sleep(0.02)
            return ours
        finally:
            await wizard.stop_listening()

    assert asyncio.run(offered()) == [{"address": city.node.settings.web.address, "node": node}]
    assert wizard.join(code, PASSWORD, PASSWORD)["code"] == DISTRICT


async def test_without_multicast_it_says_so_once_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    silent = Discovery(["198.51.100.7"], [Service(LINK, NOBODY, NOBODY, "0.0.0.0", 9)])  # no address of this machine
    silent.look_for(LINK)
    with caplog.at_level(logging.WARNING):
        assert [await silent.refresh() for _ in range(3)] == [False] * 3
    assert [record.message.partition(":")[0] for record in caplog.records] == ["no discovery"]
    await silent.stop()
    assert await discovery.find_once(LINK, NOBODY, NOBODY, 5.0, ["198.51.100.7"]) == ()


def test_a_node_starts_where_there_is_no_multicast(tmp_path: Path, start: Callable[..., Running]) -> None:
    city = start(make_city(tmp_path / "city"), interfaces="198.51.100.7")
    district = start(make_district(city, tmp_path / "district"), interfaces="198.51.100.7")
    wait_for(lambda: district.up() == "online")
