"""Real nodes as processes on loopback (four, or any tree), with a line that can fail between each child and its parent.

`make_template` makes the network once through the command line; `ProcessNetwork` runs a copy of it on free ports. The
nodes are spoken to over their HTTP API, as a department's system does it.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from node.domain.catalog.importing import parse_catalog_csv
from node.machine import config
from tests.support.commands import run_command
from tests.support.fault_proxy import FaultProxy

PORTS = range(12_000, 32_000)
ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
TIERS = ("city", "district", "township", "village")
CODES = {"city": "420100000000", "district": "420102000000", "township": "420102002000", "village": "420102002003"}
ROLES = {"city": "clerk", "district": "clerk", "township": "director", "village": "agent"}
CHAIN = tuple(
    (name, above, CODES[name]) for above, name in zip((None, *TIERS), TIERS, strict=False)
)  # name, parent, code; from the top
Layout = Sequence[tuple[str, str | None, str]]
ENVIRONMENT = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", "PYTHONPATH": str(ROOT)}


class GoneError(Exception):
    """The node did not answer; whether the request took effect is not known."""


def tongban(*args: object) -> str:
    """A command that must succeed; what it prints."""
    done = run_command([str(one) for one in args], ENVIRONMENT, ROOT, timeout=60)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout.strip()


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> float:
    """Poll until the condition holds; the seconds it took."""
    pause, start = threading.Event(), time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "waited too long"
        pause.wait(0.02)
    return time.monotonic() - start


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below those that systems give to outgoing connections: who dies and comes back finds his own free."""
    chosen: list[int] = []
    while len(chosen) < count:
        port = secrets.choice(PORTS)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            chosen += [port] if port not in chosen else []
    return chosen


@dataclass
class Process:
    """One node: its directory and, while it runs, its process."""

    name: str
    folder: Path
    web: int
    token: str = ""
    popen: subprocess.Popen[bytes] | None = None
    starts: int = 0
    files: int = 0  # how many files the process may open; 0: as it comes

    def start(self) -> None:
        if self.popen is not None and self.popen.poll() is None:
            return
        command = [sys.executable, "-m", "node.cli", "run", str(self.folder)]
        with open(self.folder / "output.log", "ab") as log:
            self.popen = subprocess.Popen(
                command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=self._limit if self.files else None,
            )  # fmt: skip
        self.starts += 1

    def _limit(self) -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))

    def serving(self) -> bool:
        assert self.popen is not None and self.popen.poll() is None, f"{self.name} ended: {self.output()}"
        try:
            return self.get("/healthz")[0] == 200
        except GoneError:
            return False

    def kill(self) -> None:
        """No warning, as when the power fails."""
        if self.popen is not None:
            self.popen.kill()
            self.popen.wait(10)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self.popen is None:
            return 0
        self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def output(self) -> str:
        """What the process printed, all starts together."""
        return (self.folder / "output.log").read_text("utf-8", "replace") if (self.folder / "output.log").exists() else ""

    def rss_mb(self) -> float:
        """Resident memory of the process, MB (Linux)."""
        assert self.popen is not None
        lines = Path(f"/proc/{self.popen.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    # HTTP ----------------------------------------------------------------------------------------------------------

    def get(self, path: str) -> tuple[int, Any]:
        return self._call("GET", path, None, {})

    def post(self, path: str, document: object, key: str = "") -> tuple[int, Any]:
        return self._call("POST", path, document, {"Idempotency-Key": key} if key else {})

    def put(self, path: str, data: bytes, mime: str) -> tuple[int, Any]:
        return self._call("PUT", path, data, {"Content-Type": mime})

    def _call(self, method: str, path: str, document: object, headers: dict[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=10)
        try:
            body = document if document is None or isinstance(document, bytes) else json.dumps(document).encode()
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise GoneError(f"{self.name}: {error!r}") from None
        finally:
            connection.close()

    def status(self) -> dict[str, Any]:
        """The status document, through the control endpoint."""
        from node.running import control

        return dict(control.call(self.folder, "status", {}))

    def cases(self) -> dict[str, dict[str, Any]]:
        """All cases known here, by number. A number listed twice is an error."""
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        while True:
            status, page = self.get(f"/api/v1/cases?limit=200&cursor={cursor}")
            assert status == 200, page
            for case in page["cases"]:
                assert case["case_no"] not in found
                found[case["case_no"]] = case
            cursor = page.get("next") or ""
            if not cursor:
                return found


def tier_of(name: str) -> str:
    """`village3` is a village."""
    return name.rstrip("0123456789")


def make_template(folder: Path, layout: Layout = CHAIN, roles: Mapping[str, str] = ROLES) -> None:
    """Init, invite, join and furnish through the command line; tokens in tokens.json. Nothing runs afterwards."""
    names = [name for name, _, _ in layout]
    free = iter(free_ports(2 * len(names)))
    ports = {name: (next(free), next(free)) for name in names}
    nodes = {name: Process(name, folder / name, ports[name][0]) for name in names}

    def addresses(name: str) -> tuple[str, ...]:
        return ("--web", f"127.0.0.1:{ports[name][0]}", "--grpc", f"127.0.0.1:{ports[name][1]}")

    root, _, code = layout[0]
    tongban("init", folder / root, "--tier", tier_of(root), "--code", code, "--name", "市", *addresses(root), "--test-clock")
    for what, file in (
        ("divisions", "divisions/wuhan-4201.csv"), ("calendar", "calendar/days-2024-2026.csv"), ("catalog", "catalog/items-detailed.csv")
    ):  # fmt: skip
        tongban(what, "import", folder / root, CONFIGS / file)
    try:
        for name, above, code in layout:
            if above is not None:
                join_code = tongban("invite", folder / above, code, "--name", name, "--tier", tier_of(name))
                tongban("join", folder / name, join_code, *addresses(name))
            nodes[name].start()
            wait_for(nodes[name].serving, 300)  # a bound for a machine that is busy
        for node in nodes.values():
            node.token = tongban("token", node.folder, "--name", "test", "--role", roles[tier_of(node.name)])
        wait_for(lambda: all(node.status()["catalog"]["items"] > 100 for node in nodes.values()), 90)
        wait_for(lambda: settled(nodes), 300)
    finally:
        ends = {node.name: node.stop() for node in reversed(nodes.values())}
    assert set(ends.values()) == {0}, (ends, [node.output() for node in nodes.values()])
    for node in nodes.values():
        (node.folder / "output.log").unlink(missing_ok=True)
    (folder / "tokens.json").write_text(json.dumps({node.name: node.token for node in nodes.values()}))


def settled(nodes: dict[str, Process]) -> bool:
    """All links online at both ends, and nothing waits."""
    links = [link for node in nodes.values() for link in node.status()["links"]]
    return all(link["state"] == "online" and link["waiting"] == 0 for link in links)


@dataclass
class ProcessNetwork:
    """A running copy of a template. `lines[child]` is the line from a child to its parent."""

    folder: Path
    nodes: dict[str, Process] = field(default_factory=dict)
    lines: dict[str, FaultProxy] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def copy(cls, template: Path, folder: Path, layout: Layout = CHAIN, inside: str = "") -> Self:
        """A copy of a template. `inside`: each node in a folder of this name inside its own (which is then a disk of its own)."""
        network = cls(folder)
        folder.mkdir(exist_ok=True)
        tokens = json.loads((template / "tokens.json").read_text())
        free = iter(free_ports(2 * len(layout)))
        ports = {name: (next(free), next(free)) for name, _, _ in layout}
        for name, above, _ in layout:
            place = folder / name / inside
            shutil.copytree(template / name, place)
            parent = None
            if above is not None:
                network.lines[name] = network._stack.enter_context(FaultProxy("127.0.0.1", ports[above][1]))
                parent = network.lines[name].address
            addresses = {"web": f"127.0.0.1:{ports[name][0]}", "grpc": f"127.0.0.1:{ports[name][1]}", "parent": parent}
            config.write(place, config.with_addresses(config.load_dir(place), **addresses))
            network.nodes[name] = Process(name, place, ports[name][0], tokens[name])
        return network

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes.values():
            node.kill()
        self._stack.close()

    def __getitem__(self, name: str) -> Process:
        return self.nodes[name]

    def start(self, seconds: float = 30.0) -> None:
        """Start what does not run, and wait until all serve (each so long at most)."""
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            wait_for(node.serving, seconds)

    def heal(self, seconds: float = 30.0) -> None:
        """Every line as good as new, every node running. Connections that a black hole has killed are reset: to notice them
        takes a keepalive, 25 s, which other tests wait for."""
        for line in self.lines.values():
            line.delay(0)
            line.bandwidth(0)
            line.open()
            line.cut()
        self.start(seconds)

    def settle(self, seconds: float = 30.0) -> float:
        """Wait until nothing waits anywhere; the seconds it took."""
        return wait_for(lambda: settled(self.nodes), seconds)

    def stop(self) -> dict[str, int]:
        """SIGTERM from the village up; exit statuses."""
        return {node.name: node.stop() for node in reversed(self.nodes.values())}


def application(serial: int, item: str = "ZW007", code: str = CODES["village"]) -> dict[str, Any]:
    """A right application, to be filed at the village (of that code)."""
    global _ITEMS
    if not _ITEMS:
        found = parse_catalog_csv((CONFIGS / "catalog" / "items-detailed.csv").read_bytes())
        _ITEMS = {one.item_id: one for one in found.items}
    attachments = [
        {
            "material": m.name,
            "form": m.form,
            "copies": m.copies,
            "file": f"{k:02d}.pdf",
            "mime": "application/pdf",
            "size": 1000 + k,
        }
        for k, m in enumerate(_ITEMS[item].materials, 1)
        if m.required
    ]
    return {
        "application_no": f"P-{serial:06d}", "submitted_at": "2026-03-02T09:00:00+08:00", "item_id": item,
        "entry_node": code, "village_code": code, "channel": "window",
        "applicant": {"name": "欧阳建国", "sex": "男", "id_number": "420106198702079963", "phone": "15412345678", "address": "保成社区1组1号"},
        "form": {"reason": "本人申请"}, "attachments": attachments,
    }  # fmt: skip


_ITEMS: dict[str, Any] = {}
