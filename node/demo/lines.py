"""The lines of the demo, and the switch that pulls them.

Between each child and its parent stands a relay of the demo's own process, to which the child's `[parent] address` points
while the demo runs. A pulled line is a black hole, as a village's line is when the excavator was there: connections stand,
nothing passes, nobody is told, and whoever dials waits in vain. When the line is put back, the connections that stood in the
dark are cut (a router has forgotten them) and the child dials anew.

The switch is a small HTTP service on a free port of 127.0.0.1, whose address carries a random word; `demo.json` lists it, and
the nodes of the demo get it in their environment (`node.running.line_switch`). GET …/lines lists the lines, POST …/lines/NAME/pull and
…/lines/NAME/join answer with the list that follows.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import tornado.netutil
import tornado.web
from tornado.httpserver import HTTPServer

from node.domain.demo_lines import DemoGateway, DemoMessage

PIECE = 64 * 1024  # bytes carried at once
GATEWAY = "sms"  # as a line that can be pulled and put back
MESSAGES = 200  # that are shown


class Relay:
    """One line: carries connections from `address` to `target` (HOST, PORT) until it is pulled."""

    def __init__(self, host: str, target: int) -> None:
        self.host, self.target = host, target
        self.port = 0
        self.pulled = False
        self.since = now_ms()
        self._server: asyncio.Server | None = None
        self._writers: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}
        self._dark: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut(list(self._writers))

    def pull(self) -> None:
        """From now on nothing passes; connections stay."""
        if not self.pulled:
            self.pulled, self.since = True, now_ms()
            self._dark |= set(self._writers)

    async def join(self) -> None:
        """New connections pass; those that stood in the dark are gone."""
        if self.pulled:
            self.pulled, self.since = False, now_ms()
            await self._cut(list(self._dark))

    async def _cut(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            for writer in self._writers.get(task, ()):
                writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._writers[task] = [writer]
        try:
            if self.pulled:
                self._dark.add(task)
                await asyncio.Event().wait()
            with suppress(OSError):
                await self._join_ends(task, reader, writer)
        except asyncio.CancelledError:
            pass  # cut, or the demo ends
        finally:
            for one in self._writers.pop(task):
                one.transport.abort()
            self._dark.discard(task)

    async def _join_ends(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target)
        self._writers[task].append(far_writer)
        ways = [asyncio.create_task(self._carry(task, *way)) for way in ((reader, far_writer), (far_reader, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            data = await reader.read(PIECE)
            if task in self._dark:
                if not data:  # the other end must not learn that this one went away
                    await asyncio.Event().wait()
                continue
            if not data:
                return
            writer.write(data)
            await writer.drain()


class Lines:
    """All lines of a demo and their switch. `nodes` are the entries of demo.json from the top down; `targets` the link port
    of each node by name; `joined` is called in a thread with (child, parent's code) after a line was put back."""

    def __init__(
        self, nodes: Sequence[Mapping[str, Any]], targets: Mapping[str, int], joined: Callable[[str, str], None]
    ) -> None:
        self.nodes = {str(node["name"]): node for node in nodes}
        names = list(self.nodes)
        self.above = dict(zip(names[1:], names, strict=False))
        self.relays = {child: Relay("127.0.0.1", targets[parent]) for child, parent in self.above.items()}
        self.joined = joined
        self.gateway_on = True
        self.messages: list[DemoMessage] = []
        self.word = secrets.token_urlsafe(18)
        self.port = 0
        self._server: HTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.word}/lines"

    @property
    def sms(self) -> str:
        """The address of the test gateway."""
        return f"http://127.0.0.1:{self.port}/{self.word}/sms"

    async def start(self) -> None:
        """Listen for the relays and the switch."""
        for relay in self.relays.values():
            await relay.start()
        sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
        self.port = int(sockets[0].getsockname()[1])
        routes: list[Any] = [
            (f"/{self.word}/sms", GatewayHandler, {"lines": self}),
            (f"/{self.word}/lines", SwitchHandler, {"lines": self}),
            (f"/{self.word}/lines/([a-z]+)/(pull|join)", SwitchHandler, {"lines": self}),
        ]
        self._server = HTTPServer(tornado.web.Application(routes, log_function=lambda _: None))
        self._server.add_sockets(sockets)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()
        for relay in self.relays.values():
            await relay.stop()

    def entry(self, child: str) -> dict[str, str] | None:
        """What demo.json says of a child's line; None for the root."""
        relay = self.relays.get(child)
        return {"relay": relay.address, "control": f"{self.url}/{child}"} if relay is not None else None

    def rows(self) -> list[dict[str, Any]]:
        """The lines from the top down: {line, pulled, since (ms), child: {code, name, tier}, parent: {…}}."""
        return [
            {"line": child, "pulled": relay.pulled, "since": relay.since, "child": self._end(child), "parent": self._end(self.above[child])}
            for child, relay in self.relays.items()
        ]  # fmt: skip

    def gateway(self) -> DemoGateway:
        return DemoGateway(on=self.gateway_on, messages=self.messages)

    def _end(self, name: str) -> dict[str, str]:
        node = self.nodes[name]
        return {"code": str(node["code"]), "name": str(node.get("title", name)), "tier": str(node.get("tier", name))}

    async def turn(self, child: str, action: str) -> None:
        """Pull or join one line."""
        if child == GATEWAY:
            self.gateway_on = action == "join"
            return
        relay = self.relays[child]
        if action == "pull":
            relay.pull()
            return
        await relay.join()
        code = self._end(self.above[child])["code"]
        await asyncio.get_running_loop().run_in_executor(None, self.joined, child, code)


class SwitchHandler(tornado.web.RequestHandler):
    """The switch; see the module text."""

    def initialize(self, lines: Lines) -> None:
        self.lines = lines

    async def get(self, child: str = "", action: str = "") -> None:
        if child:
            raise tornado.web.HTTPError(405)
        self.answer()

    async def post(self, child: str = "", action: str = "") -> None:
        if child not in (*self.lines.relays, GATEWAY):
            raise tornado.web.HTTPError(404)
        await self.lines.turn(child, action)
        self.answer()

    def answer(self) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps({"lines": self.lines.rows(), "gateway": self.lines.gateway()}, ensure_ascii=False))


class GatewayHandler(tornado.web.RequestHandler):
    """The test gateway: takes an SMS and shows it on the page of the demo, or is out of order."""

    def initialize(self, lines: Lines) -> None:
        self.lines = lines

    async def post(self) -> None:
        if not self.lines.gateway_on:
            raise tornado.web.HTTPError(503)
        given = json.loads(self.request.body)
        one = DemoMessage(to=str(given["phone"]), text=str(given["text"]), at=now_ms())
        self.lines.messages = [one, *self.lines.messages][:MESSAGES]
        self.finish({"code": 0})


def now_ms() -> int:
    return time.time_ns() // 1_000_000
