"""`tongban demo`: a network of four tiers on one machine, made once, then run again and again.

DIR holds one directory per node (`city`, `district`, `township`, `village`) and `demo.json`, which lists for each node its
code, directory, addresses, process, logins and tokens. Making is `node.demo.content.make_network`; while it works a file
`.making` stands in DIR, so that a making that was interrupted is thrown away and begun anew, and nothing else ever is.

Each node runs as a process of its own, `python -m node.cli run`, in a process group of its own: Ctrl-C reaches only this
program, which then stops the nodes from the village up and waits for them. Their standard input is a pipe held open
here; should this program be killed, the pipes close and the nodes stop by themselves. A node that ends on its own is
reported and left alone: somebody may be trying what happens then. A fifth node, DIR/silent, is enrolled and not run: what lies
there is 情况不明 until somebody starts it with `tongban run DIR/silent`.

The lines run through relays of this program (`node.demo.lines`), which the pages of the demo can pull and put back. While the
demo runs, the `[parent] address` of a child is its relay; afterwards it is the parent again, for `tongban run`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from node.cli.support import locale, say, warn
from node.demo.lines import Lines
from node.demo.scenes import SILENT
from node.domain.words.errors import TongbanError
from node.machine import config, oslayer
from node.running import control, line_switch

NAMES = ("city", "district", "township", "village")  # from the top down: the order of starting
STATE_FILE = "demo.json"
MADE_FILE = ".demo-made.json"  # the same while the nodes do not serve yet: who waits for demo.json finds a network that answers
MAKING_FILE = ".making"
READY_SECONDS = 60.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The two ports of one node on 127.0.0.1."""

    web: int
    grpc: int

    @property
    def web_address(self) -> str:
        return f"127.0.0.1:{self.web}"

    @property
    def grpc_address(self) -> str:
        return f"127.0.0.1:{self.grpc}"


@dataclass(slots=True)
class Running:
    """One node's process. `log` is what it prints."""

    name: str
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    told: bool = field(default=False)


def ports_from(base: int) -> dict[str, Ports]:
    """Web ports N, N+2, N+4, N+6 and link ports N+1, N+3, … from the city down."""
    return {name: Ports(base + 2 * index, base + 2 * index + 1) for index, name in enumerate(NAMES)}


def run_demo(directory: Path, port_base: int, *, browser: bool) -> None:
    """Make the network when it is not there, run it until Ctrl-C. Raises TongbanError (port_taken, already_running, …)."""
    ports = ports_from(port_base)
    root = directory.resolve()
    for name in NAMES:
        if control.answers(root / name):
            raise TongbanError("already_running", path=str(root / name))
    for name, one in ports.items():
        oslayer.check_port_free(one.web_address)
        if name != NAMES[-1]:  # a village opens no link port
            oslayer.check_port_free(one.grpc_address)
    oslayer.make_private_directory(root)
    with oslayer.DirectoryLock(root):
        nodes = ensure_network(root, ports)
        asyncio.run(run_network(root, ports, nodes, browser))


# ---- making ----------------------------------------------------------------------------------------------------------


def ensure_network(root: Path, ports: Mapping[str, Ports]) -> list[dict[str, Any]]:
    """The nodes as listed in demo.json, made now when there are none."""
    for file in (STATE_FILE, MADE_FILE):
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            nodes: list[dict[str, Any]] = json.loads((root / file).read_bytes())["nodes"]
            if {node["name"] for node in nodes} == set(NAMES):
                move_to_ports(root, ports)
                return nodes
    return make(root, ports)


def make(root: Path, ports: Mapping[str, Ports]) -> list[dict[str, Any]]:
    marker = root / MAKING_FILE
    for name in (*NAMES, SILENT):
        if (root / name).exists():
            if not marker.exists():
                raise TongbanError("already_a_node", path=str(root / name))
            shutil.rmtree(root / name)
    with oslayer.disk_errors(root):
        marker.touch()
    from node.demo.content import make_network

    progress = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    )
    with progress:
        task = progress.add_task("…", total=None)

        def report(text: str) -> None:
            progress.update(task, description=text)

        nodes: list[dict[str, Any]] = make_network(root, {n: (p.web, p.grpc) for n, p in ports.items()}, report)
    save(root, ports, nodes, {}, file=MADE_FILE)
    marker.unlink(missing_ok=True)
    return nodes


def move_to_ports(root: Path, ports: Mapping[str, Ports]) -> None:
    """Write the wanted ports into the nodes' config files (another --port-base than last time)."""
    for above, name in zip((None, *NAMES), NAMES, strict=False):
        _move(root / name, ports[name], ports[above].grpc_address if above else "")
    if (root / SILENT).exists():
        village = ports[NAMES[-1]]
        _move(root / SILENT, Ports(village.web + 2, village.grpc + 2), ports[NAMES[-2]].grpc_address)


def _move(directory: Path, ports: Ports, parent: str) -> None:
    now = config.load_dir(directory)
    wanted = config.with_addresses(now, web=ports.web_address, grpc=ports.grpc_address if now.grpc.address else "", parent=parent)
    if wanted != now:
        config.write(directory, wanted)


def save(
    root: Path, ports: Mapping[str, Ports], nodes: list[dict[str, Any]], pids: Mapping[str, int], lines: Lines | None = None,
    file: str = STATE_FILE,
) -> None:  # fmt: skip
    """Write demo.json: addresses, processes and lines as they are now, the rest as it was made. It holds passwords: 0600."""
    listed = [
        {
            **node,
            "dir": str(root / node["name"]),
            "web": f"http://{ports[node['name']].web_address}",
            "web_address": ports[node["name"]].web_address,
            "grpc": ports[node["name"]].grpc_address,
            "pid": pids.get(node["name"]),
            "line": lines.entry(node["name"]) if lines is not None else None,
        }
        for node in nodes
    ]
    document = json.dumps({"nodes": listed}, ensure_ascii=False, indent=2)
    oslayer.write_private(root / file, document.encode("utf-8"))


# ---- running ---------------------------------------------------------------------------------------------------------


async def run_network(root: Path, ports: Mapping[str, Ports], nodes: list[dict[str, Any]], browser: bool) -> None:
    stop = asyncio.Event()
    lines = Lines(
        from_the_top(nodes), {name: one.grpc for name, one in ports.items()}, lambda child, code: dial_now(root / child, code)
    )
    with oslayer.stop_signals(stop), ExitStack() as files:
        running: list[Running] = []
        save(root, ports, nodes, {}, file=MADE_FILE)
        (root / STATE_FILE).unlink(missing_ok=True)
        try:
            await lines.start()
            for name in NAMES:
                route_through(root / name, lines.relays[name].address if name in lines.relays else "")
                tell_through(root / name, lines.sms if name != NAMES[-1] else "")
                log = files.enter_context(open(root / name / "output.log", "ab"))
                running.append(start(root / name, name, log, lines.url))
            if await wait_ready(running, ports, stop):
                save(root, ports, nodes, {one.name: one.process.pid for one in running}, lines)
                announce(nodes, ports)
                if browser:
                    open_browser(f"http://{ports['village'].web_address}/")
                await watch(running, stop)
        finally:
            await asyncio.to_thread(stop_all, running)
            await lines.stop()
            move_to_ports(root, ports)
            for name in NAMES:
                tell_through(root / name, "")
            save(root, ports, nodes, {})
            (root / MADE_FILE).unlink(missing_ok=True)
    say("stopped" if locale() == "en" else "已全部停止")


def from_the_top(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(nodes, key=lambda node: NAMES.index(node["name"]))


def route_through(directory: Path, relay: str) -> None:
    """Let a child dial its relay."""
    now = config.load_dir(directory)
    if relay and now.parent.address != relay:
        config.write(directory, config.with_addresses(now, parent=relay))


def tell_through(directory: Path, gateway: str) -> None:
    """Let a hall send its notices to the test gateway, at once and at any hour; "" as it was before."""
    now = config.load_dir(directory)
    sms = config.SmsSection(url=gateway, accepted=(("status", [200]), ("/code", 0)))
    told = config.NoticesSection(quiet="00:00-00:00", gather_minutes=0, sms=sms) if gateway else config.NoticesSection()
    if now.notices != told:
        config.write(directory, replace(now, notices=told))


def dial_now(directory: Path, parent: str) -> None:
    """The line is back: the child need not wait for its next try."""
    with suppress(TongbanError, OSError):
        control.call(directory, "retry_link", {"code": parent})


def start(directory: Path, name: str, log: IO[bytes], switch: str) -> Running:
    command = [sys.executable, "-m", "node.cli", "run", str(directory), "--until-input-ends"]
    return Running(name, oslayer.start_child(command, log, {line_switch.VARIABLE: switch}), log)


async def wait_ready(running: list[Running], ports: Mapping[str, Ports], stop: asyncio.Event) -> bool:
    """Wait until every node answers; False when told to stop meanwhile. Raises when a node ended or took too long."""
    deadline = time.monotonic() + READY_SECONDS
    for one in running:
        while not await asyncio.to_thread(healthy, ports[one.name].web_address):
            if one.process.poll() is not None:
                raise TongbanError("unreachable", address=one.name, reason=last_words(one))
            if time.monotonic() > deadline:
                raise TongbanError("unreachable", address=one.name, reason="60 秒内没有应答", reason_en="no answer in 60 s")
            if await pause(stop, 0.1):
                return False
    return True


def healthy(address: str) -> bool:
    """Whether a node answers on its own machine, whatever proxy the environment names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True  # it answers; what ails it stands on its page
    except OSError:
        return False


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait up to `seconds`; True when told to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


async def watch(running: list[Running], stop: asyncio.Event) -> None:
    """Until told to stop; says once of each node that it ended."""
    while not await pause(stop, 0.5):
        for one in running:
            if one.process.poll() is not None and not one.told:
                one.told = True
                warn(f"{one.name}: stopped. {last_words(one)}" if locale() == "en" else f"{one.name} 已停止。{last_words(one)}")


def last_words(one: Running) -> str:
    """The last line that a node printed."""
    with suppress(OSError):
        lines = Path(one.log.name).read_text("utf-8", "replace").strip().splitlines()
        if lines:
            return lines[-1][:300]
    return f"exit status {one.process.returncode}"


def stop_all(running: list[Running]) -> None:
    """Stop from the village up; kill what has not gone after 15 s."""
    for one in reversed(running):
        oslayer.ask_child_to_stop(one.process)
    deadline = time.monotonic() + STOP_SECONDS
    for one in reversed(running):
        if not oslayer.wait_or_kill(one.process, max(0.0, deadline - time.monotonic())):
            warn(f"{one.name} did not stop in {STOP_SECONDS:.0f} s and was killed")


# ---- telling ---------------------------------------------------------------------------------------------------------


def announce(nodes: list[dict[str, Any]], ports: Mapping[str, Ports], tell: Callable[[str], None] = say) -> None:
    """Addresses and logins."""
    english = locale() == "en"
    tell("The demonstration network is running. Ctrl-C stops it." if english else "演示网络已启动，按 Ctrl-C 停止。")
    for node in from_the_top(nodes):
        tell(f"\n{node.get('title', node['name'])}  {node['code']}  http://{ports[node['name']].web_address}/")
        for login in node.get("logins", []):
            pin = f"  PIN {login['pin']}" if login.get("pin") else ""
            tell(f"    {login['role']:<15} {login['username']:<20} {login['password']}{pin}")


def open_browser(url: str) -> None:
    """In a thread of its own: a browser that does not come must not hold up anything."""

    def try_open() -> None:
        with suppress(Exception):
            webbrowser.open(url)

    threading.Thread(target=try_open, daemon=True).start()
