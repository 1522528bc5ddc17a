"""Seats of a listener: who is served is never cut for a newcomer, and no file left is a pause and no storm."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge_ui import listener
from edge_ui.app import make_app
from edge_ui.listener import Room
from edge_ui.settings import UiSettings
from federation.transport import tls
from node.machine import oslayer
from node.running.serving import room_for
from tests.ui.real import Site
from tests.ui.test_bodies import begin, wait
from tests.ui.wire import Client, Served

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def narrow(site: Site) -> Iterator[Served]:
    """The township's listener with eight seats, four of one address and two for this machine."""
    served = site.served["township"]
    before = served.server.seats.room
    served.server.seats.room = Room(8, 4, 2)
    yield served
    served.server.seats.room = before


def silent(stack: ExitStack, port: int, count: int, address: str = "127.0.0.1") -> None:
    for _ in range(count):
        one = stack.enter_context(socket.socket())
        one.bind((address, 0))
        one.connect(("127.0.0.1", port))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="more than one loopback address")
def test_an_upload_of_a_known_person_is_not_cut_by_a_crowd(site: Site, narrow: Served) -> None:
    client = site.client("township", "clerk")
    no = site.town.file("township")
    with ExitStack() as stack, begin(client, f"/cases/{no}/materials/0", 70_000, 80_000) as line:
        wait(lambda: narrow.app.bodies[True].held >= 70_000)
        for n in range(2, 12):
            silent(stack, narrow.port, 20, f"127.0.0.{n}")
        silent(stack, narrow.port, 20)
        wait(lambda: len(narrow.server.seats.by_stream) <= 10)
        line.sendall(b"x" * 10_000)
        assert line.recv(4096).startswith(b"HTTP/1.1 4")  # the form was read to its end and judged
        assert client.get("/work").status == 200
    wait(lambda: not narrow.server.seats.by_address)


def test_who_does_not_take_the_answer_goes_after_a_while(site: Site, narrow: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "ANSWER_SECONDS", 0.0)
    narrow.server.seats.room = Room(8, 0, 0)
    with ExitStack() as stack:
        for _ in range(8):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            one.connect(("127.0.0.1", narrow.port))
            ask = b"GET /static/vendor/bootstrap-5.3.9.min.css HTTP/1.1\r\nHost: x\r\n\r\n"
            one.sendall(ask * 200)
        wait(lambda: len(narrow.server.seats.by_state[listener.WORKING]) == 8)  # they hang in the middle of an answer
        assert site.client("township").get("/login").status == 200


def test_the_same_behind_https(site: Site) -> None:
    """Who never finishes the handshake, or speaks plain HTTP there, keeps nobody out."""
    key, certificate = tls.make_web_certificate(oslayer.names_of("127.0.0.1"))
    center = site.center("township")
    settings = UiSettings(cookie_secret="x" * 32, secure=True)
    served = Served(lambda: make_app(center, settings), tls.server_context(certificate, key), Room(8, 4, 2))
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        with ExitStack() as stack:
            silent(stack, served.port, 30)
            for _ in range(10):
                plain = stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
                plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            for _ in range(3):
                connection = http.client.HTTPSConnection("127.0.0.1", served.port, timeout=20, context=trusting)
                connection.request("GET", "/login")
                answer = connection.getresponse()
                assert answer.status == 200 and "Strict-Transport-Security" in answer.headers
                connection.close()
    finally:
        served.stop()


def test_half_of_the_files_are_for_the_web_and_a_proxy_is_no_single_client() -> None:
    for files in (400, 1024, 16_384):
        room = room_for(files, behind_proxy=False)
        assert room.total + room.own <= files * 0.6 and 0 < room.of_address < room.total
        assert room_for(files, behind_proxy=True).of_address == 0


def test_behind_a_proxy_all_seats_may_be_those_of_one_address(site: Site, narrow: Served) -> None:
    narrow.server.seats.room = Room(8, 0, 2)
    with ExitStack() as stack:
        silent(stack, narrow.port, 8)
        wait(lambda: len(narrow.server.seats.by_stream) == 8)
        assert site.client("township").get("/login").status == 200


SCRIPT = """
import asyncio, resource, sys
from pathlib import Path
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from edge_ui.listener import Listener, Room
from node.machine import logs

class Hello(RequestHandler):
    def get(self):
        self.write("hello")

async def main():
    logs.configure(Path(sys.argv[1]))
    sockets = bind_sockets(0, "127.0.0.1")
    Listener(Application([("/", Hello)]), room=Room(10_000, 0, 0)).add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="file limits")
def test_no_file_left_is_a_pause_and_a_few_lines(tmp_path: Path) -> None:
    """Even a listener whose seats are more than its files goes on."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        port = int(child.stdout.readline())
        with ExitStack() as stack:
            silent(stack, port, 150)
            for _ in range(3):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", "/")
                assert connection.getresponse().read() == b"hello"
                connection.close()
        child.stdin.close()
        assert child.wait(20) == 0 and child.stderr.read() == b""
    lines = [json.loads(line) for line in (tmp_path / "tongban.log").read_text().splitlines()]
    assert any(line["event"] == "accepting_paused" and line["code"] == "EMFILE" for line in lines)
    assert len(lines) < 60


def test_metrics_are_for_this_machine_or_a_token(site: Site) -> None:
    center = site.center("township")
    settings = UiSettings(cookie_secret="x" * 32, behind_proxy=True)
    served = Served(lambda: make_app(center, settings))
    try:
        client, token = Client(served.port), center.tokens.issue("m", "integration")
        far = {"X_Forwarded_For": "10.1.2.3", "X_Forwarded_Proto": "https"}
        assert client.get("/metrics").status == 200
        assert client.get("/metrics", **far).status == 401
        assert client.get("/metrics", token, **far).status == 200
        assert client.get("/healthz", **far).headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Strict-Transport-Security" not in client.get("/healthz").headers
    finally:
        served.stop()
