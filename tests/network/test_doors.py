"""A real node among strangers who hold connections open, send a letter a second, or send endless bodies: pages, API and links
go on, memory stays where it was, and the log stays small. Only loopback addresses of this machine, bounded, for seconds."""

from __future__ import annotations

import http.client
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support.processes import CODES, CONFIGS, Process, free_ports, tongban, wait_for

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="file limits and /proc"),
]
FILES = 400  # of the node; a service has 1,024 or more
SILENT = 1100
MB = 1 << 20


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Process, int]]:
    """A city that may open few files, its district, and the port of the city's links."""
    folder = tmp_path_factory.mktemp("doors")
    ports = free_ports(4)
    where = [("--web", f"127.0.0.1:{ports[n]}", "--grpc", f"127.0.0.1:{ports[n + 1]}") for n in (0, 2)]
    above, below = (Process(name, folder / name, ports[n], files=FILES) for name, n in (("city", 0), ("district", 2)))
    tongban("init", above.folder, "--tier", "city", "--code", CODES["city"], "--name", "市", *where[0])
    try:
        above.start()
        wait_for(above.serving)
        code = tongban("invite", above.folder, CODES["district"], "--name", "区", "--tier", "district")
        tongban("join", below.folder, code, *where[1])
        below.start()
        wait_for(below.serving)
        wait_for(lambda: online(above))
        above.token = tongban("token", above.folder, "--name", "x", "--role", "clerk")
        yield above, below, ports[1]
    finally:
        for node in (below, above):
            node.stop()


def online(node: Process) -> bool:
    return [link["state"] for link in node.status()["links"]] == ["online"]


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """This process opens the other ends."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Connections of strangers, closed at the end whatever happens."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self._stack = ExitStack()

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def come(self, port: int, count: int, first: bytes = b"", addresses: int = 1) -> None:
        """`count` more, from 127.0.0.1, .2, …; each says `first` and then nothing."""
        for n in range(count):
            one = self._stack.enter_context(socket.socket())
            one.settimeout(5)
            with suppress(OSError):
                one.bind((f"127.0.0.{1 + n % addresses}", 0))
                one.connect(("127.0.0.1", port))
                if first:
                    one.sendall(first)
                self.sockets.append(one)


def page(node: Process, address: str = "127.0.0.1") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", node.web, timeout=10, source_address=(address, 0))
    try:
        connection.request("GET", "/login")
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def log_lines(node: Process) -> int:
    return (node.folder / "tongban.log").read_bytes().count(b"\n")


@pytest.mark.parametrize("addresses", [1, 40])
@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nusername=",
        b"GET /static/tongban.css HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["silent", "slow header", "slow body", "idle after a request"],
)
def test_who_holds_connections_open_keeps_nobody_out(city: tuple[Process, Process, int], first: bytes, addresses: int) -> None:
    above, _, _ = city
    before = log_lines(above)
    with Crowd() as crowd:
        crowd.come(above.web, SILENT, first, addresses)
        for _ in range(5):
            assert page(above) == page(above, "127.0.0.77") == 200
            assert above.get("/api/v1/catalog/items")[0] == 200
            assert online(above)
    requests = SILENT if first.endswith(b"\r\n\r\n") else 0
    assert log_lines(above) - before < 60 + requests


def test_links_come_back_and_carry_while_strangers_sit_at_both_ports(city: tuple[Process, Process, int]) -> None:
    above, below, links = city
    before = log_lines(above)
    with Crowd() as crowd:
        crowd.come(above.web, SILENT, b"", 40)
        crowd.come(links, SILENT, b"", 40)
        tongban("catalog", "import", above.folder, CONFIGS / "catalog" / "items-detailed.csv")
        wait_for(lambda: below.status()["catalog"]["items"] > 100, 40)
        below.stop()
        below.start()
        wait_for(below.serving)
        wait_for(lambda: online(above), 60)
        assert page(above) == 200
    assert log_lines(above) - before < 60


def test_a_connection_that_says_nothing_is_closed_after_ten_seconds(city: tuple[Process, Process, int]) -> None:
    above, _, _ = city
    with Crowd() as crowd:
        crowd.come(above.web, 1)
        crowd.sockets[0].settimeout(20)
        begun = time.monotonic()
        assert crowd.sockets[0].recv(1) == b""
        assert 5 < time.monotonic() - begun < 15


def large(method: str, path: str, kind: str, *, chunked: bool = False, more: str = "") -> bytes:
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {60 * MB}"
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{more}{length}\r\n\r\n".encode()


@pytest.mark.parametrize(
    "head",
    [
        large("POST", "/drafts/x/files", "multipart/form-data; boundary=B"),
        large("POST", "/login", "application/x-www-form-urlencoded"),
        large("POST", "/catalog/import", "multipart/form-data; boundary=B", chunked=True),
        large("POST", "/api/v1/cases", "application/json", chunked=True),
        large("POST", "/api/v1/cases", "application/json", more="Content-Encoding: gzip\r\n"),
        large("PUT", "/api/v1/cases/x/materials/0", "image/jpeg"),
        large("PUT", "/api/v1/cases/x/materials/0", "image/jpeg", more="Authorization: Bearer wrong\r\n"),
        large("POST", "/join", "application/octet-stream", chunked=True),
        large("POST", "/no/such/page", "text/plain", chunked=True),
        large("POST", "/static/tongban.css", "text/plain"),
        large("GET", "/static/tongban.css", "text/plain", chunked=True),
        large("GET", "/login", "text/plain"),
        large("PATCH", "/healthz", "application/json"),
    ],
    ids=lambda head: " ".join(head.decode().split()[:2]) + (" chunked" if b"chunked" in head else ""),
)
def test_what_strangers_send_stays_in_nobodys_memory(city: tuple[Process, Process, int], head: bytes) -> None:
    """Ten of them, 60 MB each, all but the end; they hold what they have sent until everybody has."""
    above, _, _ = city
    before, most = above.rss_mb(), 0.0
    with Crowd() as crowd:
        crowd.come(above.web, 10, head)
        threads = [threading.Thread(target=pour, args=(one, b"chunked" in head), daemon=True) for one in crowd.sockets]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.05)
                most = max(most, above.rss_mb())
        assert page(above) == 200
        most = max(most, above.rss_mb())
    assert most - before < 40, (before, most)


def pour(one: socket.socket, chunked: bool) -> None:
    """59 MB of a body; an early end of the connection is fine."""
    piece = b"x" * MB
    with suppress(OSError):
        one.settimeout(30)
        for _ in range(59):
            one.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)


def test_the_control_endpoint_reads_nothing_of_who_does_not_know_its_token(city: tuple[Process, Process, int]) -> None:
    import json

    above, _, _ = city
    port = json.loads(Path(above.folder / "control.json").read_text())["port"]
    before = above.rss_mb()
    with Crowd() as crowd:
        crowd.come(port, 10, large("POST", "/op", "application/json"))
        threads = [threading.Thread(target=pour, args=(one, False), daemon=True) for one in crowd.sockets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert above.rss_mb() - before < 40
    with Crowd() as crowd:
        crowd.come(port, 300)
        assert online(above)
