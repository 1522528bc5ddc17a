"""The demo of four processes as a browser meets it: `Demo` runs it, `Watched` is a page that notes whatever goes wrong."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from edge_ui.routes import AREAS
from node.demo import main as demo
from node.domain.words.errors import TongbanError
from node.machine import config, oslayer
from node.running import control
from node.running.line_switch import VARIABLE, LineSwitch
from tests.support.fault_proxy import FaultProxy
from tests.support.processes import ENVIRONMENT, ROOT, wait_for

VENDOR = Path(__file__).parent / "vendor"
SCREENSHOTS = ROOT / "screenshots"  # git-ignored
ARGUMENTS = (
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-quic",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PICTURES = bool(os.environ.get("TONGBAN_PICTURES"))  # a picture of every page that is looked at
SIZES = {"desktop": (1366, 768), "tablet": (820, 1180), "phone": (390, 844)}
LANGUAGES = ("zh", "en")
READY_SECONDS = 60.0


def chromium() -> str:
    """Where Chromium is; empty when there is none. TONGBAN_CHROMIUM names another.

    The headless shell first: the same engine without the windows around a page, which cost more than the page."""
    for name in (
        os.environ.get("TONGBAN_CHROMIUM", ""),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    ):
        if name and (found := shutil.which(name)):
            return found
    return ""


def free_base() -> int:
    """The first of eight free ports in a row; each worker of the tests looks elsewhere."""
    for base in range(12000 + os.getpid() % 1500 * 8, 32000, 8):
        with contextlib.suppress(TongbanError):
            for port in range(base, base + 8):
                oslayer.check_port_free(f"127.0.0.1:{port}")
            return base
    raise AssertionError("no free ports")


def built(path: str) -> bool:
    """Whether an area has this page (the plain pages that areas replace do not count)."""
    return any(route.path == path for route in AREAS)


class Demo:
    """`tongban demo` in a directory. `kill` and `start_node` do to one node what a power cut and its end do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = free_base()
        self.process: subprocess.Popen[str] | None = None
        self.nodes: dict[str, dict[str, Any]] = {}
        self.started: dict[str, subprocess.Popen[bytes]] = {}
        self.ready_seconds = 0.0

    def __enter__(self) -> Demo:
        begin = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "node.cli",
            "demo",
            "--dir",
            str(self.folder),
            "--port-base",
            str(self.base),
            "--no-browser",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, encoding="utf-8")
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if f"127.0.0.1:{self.base + 6}/" in line:
                break
        self.nodes = {node["name"]: node for node in json.loads((self.folder / "demo.json").read_bytes())["nodes"]}
        try:
            wait_for(self.online)
        except BaseException:
            self.__exit__()
            raise
        self.ready_seconds = time.monotonic() - begin
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.started.values():
            node.terminate()
            node.wait(20)
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.communicate(timeout=20)

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self.nodes[name]

    def url(self, name: str, path: str = "/") -> str:
        return str(self.nodes[name]["web"]) + path

    def login(self, name: str, role: str, number: int = 0) -> dict[str, str]:
        """Somebody with that role: username, password and, where people change places by PIN, pin."""
        found: list[dict[str, str]] = [one for one in self.nodes[name]["logins"] if one["role"] == role]
        return found[number]

    def roles(self, name: str) -> list[str]:
        return list(dict.fromkeys(one["role"] for one in self.nodes[name]["logins"]))

    def api(self, name: str, role: str, path: str) -> Any:
        """GET /api/v1{path} as a department's system."""
        request = urllib.request.Request(self.url(name, "/api/v1" + path))
        request.add_header("Authorization", f"Bearer {self.nodes[name]['tokens'][role]}")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return json.loads(answer.read())

    def until(self, name: str, role: str, path: str, **fields: str) -> None:
        """Wait until a document there says so. What is still on its way to that node is not found."""

        def says() -> bool:
            try:
                found = self.api(name, role, path)
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
                return False
            return all(found[field] == value for field, value in fields.items())

        wait_for(says)

    def status(self, name: str) -> dict[str, Any]:
        return dict(control.call(self.folder / name, "status", {}))

    def online(self) -> bool:
        """Whether the four nodes that run hear each other and nothing waits; the fifth, a silent village, does not run."""
        codes = {node["code"] for node in self.nodes.values()}
        links = [link for name in demo.NAMES for link in self.status(name)["links"] if link["peer"] in codes]
        return len(links) == 6 and all(link["state"] == "online" and link["waiting"] == 0 for link in links)

    def line(self, child: str, action: str) -> None:
        """Pull or join, as the console would."""
        LineSwitch(self.nodes[child]["line"]["control"].rpartition("/")[0]).turn(child, action)

    def kill(self, name: str) -> None:
        """No warning, as when the power fails."""
        again = self.started.pop(name, None)
        os.kill(again.pid if again is not None else self.nodes[name]["pid"], signal.SIGKILL)
        wait_for(lambda: not listening(self.nodes[name]["web_address"]))

    def start_node(self, name: str) -> None:
        """Somebody starts the node again, by hand."""
        command = [sys.executable, "-m", "node.cli", "run", str(self.folder / name)]
        switch = {VARIABLE: self.nodes["village"]["line"]["control"].rpartition("/")[0]}
        with open(self.folder / name / "output.log", "ab") as log:
            self.started[name] = subprocess.Popen(command, cwd=ROOT, env={**ENVIRONMENT, **switch}, stdout=log, stderr=log)
        wait_for(lambda: demo.healthy(self.nodes[name]["web_address"]))

    def stop(self, name: str) -> None:
        """In order, as an administrator would."""
        again = self.started.pop(name, None)
        os.kill(again.pid if again is not None else self.nodes[name]["pid"], signal.SIGTERM)
        wait_for(lambda: not listening(self.nodes[name]["web_address"]))

    @contextlib.contextmanager
    def unwatched_line(self, name: str) -> Iterator[FaultProxy]:
        """A node behind a line of the test's own: unlike the demo's switch it tells nobody when it is whole again."""
        own = self.parent_address(name)
        host, port = oslayer.split_address(own)
        with FaultProxy(host, port) as line:
            self.parent_address(name, line.address)
            yield line
            self.parent_address(name, own)

    def parent_address(self, name: str, new: str = "") -> str:
        """Where a node dials; with a new address it is started again to dial that."""
        now = config.load_dir(self.folder / name)
        if new:
            self.stop(name)
            config.write(self.folder / name, replace(now, parent=replace(now.parent, address=new)))
            self.start_node(name)
            wait_for(self.online)
        return now.parent.address


def listening(address: str) -> bool:
    host, port = oslayer.split_address(address)
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


class Watched:
    """A page with a note of what should not happen: errors on the console, refused files, requests to elsewhere."""

    def __init__(self, page: Any, origin: str) -> None:
        self.page, self.origin = page, origin
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ("status of 422",)  # a form with errors; tests add what they provoke
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(
            text in f"{message.text} ({message.location.get('url', '')})" for text in self.expected
        ):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:")):
            self.faults.append(f"asks elsewhere: {request.url}")

    def take_faults(self) -> list[str]:
        found, self.faults[:] = list(self.faults), []
        return found


class Nodes(Protocol):
    """Where nodes are, and who may log in there."""

    def url(self, name: str, path: str = "/") -> str: ...

    def login(self, name: str, role: str, number: int = 0) -> dict[str, str]: ...


class People:
    """Opens browsers in which somebody has logged in, and closes them all."""

    def __init__(self, browser: Any, demo: Nodes) -> None:
        self.browser, self.demo = browser, demo
        self.contexts: list[Any] = []
        self.watched: list[Watched] = []

    def open(
        self, name: str, role: str = "", *, number: int = 0, size: str = "desktop", language: str = "zh", scripts: bool = True
    ) -> Any:
        """A page at a node; with a role, somebody with that role has logged in."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale="zh-CN" if language == "zh" else "en-GB",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        self.watched.append(Watched(page, self.demo.url(name, "")))
        if not built("/work"):
            self.watched[-1].expected += ("/work)",)
        if role:
            log_in(page, self.demo, name, role, number)
        page.goto(self.demo.url(name, f"/?lang={language}"))
        return page

    def close(self) -> list[str]:
        """Close all; answers what went wrong in them."""
        faults = [fault for one in self.watched for fault in one.take_faults()]
        for context in self.contexts:
            context.close()
        self.contexts, self.watched = [], []
        return faults


def log_in(page: Any, demo: Nodes, name: str, role: str, number: int = 0) -> None:
    login = demo.login(name, role, number)
    page.goto(demo.url(name, "/login"))
    page.fill("input[name=username]", login["username"])
    page.fill("input[name=password]", login["password"])
    page.click("main form button:not([type=button])")
    page.wait_for_url(lambda url: urlsplit(url).path != "/login")


@contextlib.contextmanager
def chromium_browser(launch: Callable[..., Any]) -> Iterator[Any]:
    browser = launch(executable_path=chromium(), args=list(ARGUMENTS))
    try:
        yield browser
    finally:
        browser.close()
