"""The relay of the demo and its switch: what a pulled line does to connections, and who may pull."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from node.domain.words.errors import TongbanError
from node.machine.oslayer import split_address
from node.running.line_switch import VARIABLE, LineSwitch
from tests.support.demo_lines import Running, running_lines


@pytest.fixture
def echo() -> Iterator[int]:
    """A parent that sends back what it gets; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(4096):
                    connection.sendall(data)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield int(server.getsockname()[1])
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.fixture
def running(echo: int) -> Iterator[Running]:
    with running_lines(echo) as found:
        yield found


def dial(running: Running) -> socket.socket:
    return socket.create_connection(split_address(running.lines.relays["village"].address), timeout=5)


def silent(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        connection.recv(10)
    except TimeoutError:
        return True
    return False


def ended(connection: socket.socket) -> bool:
    connection.settimeout(5)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_line_carries_both_ways(running: Running) -> None:
    with dial(running) as connection:
        connection.sendall("通办".encode())
        assert connection.recv(100).decode() == "通办"


def test_a_pulled_line_swallows_and_tells_nobody(running: Running) -> None:
    switch = LineSwitch(running.lines.url)
    with dial(running) as before:
        before.sendall(b"1")
        assert before.recv(1) == b"1"
        switch.turn("village", "pull")
        before.sendall(b"lost")
        assert silent(before)
        with dial(running) as during:
            during.sendall(b"hello")
            assert silent(during)
            switch.turn("village", "join")
            for dead in (before, during):
                assert ended(dead)
    with dial(running) as after:
        after.sendall(b"2")
        assert after.recv(1) == b"2"
    assert running.dialled == [("village", "420102002000")]


def test_the_other_lines_go_on(running: Running) -> None:
    LineSwitch(running.lines.url).turn("township", "pull")
    assert [row["line"] for row in LineSwitch(running.lines.url).lines() if row["pulled"]] == ["township"]
    with dial(running) as connection:
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"


def test_the_switch_wants_its_word(running: Running) -> None:
    for path in ("/", "/lines", f"/{'x' * 24}/lines", f"/{running.lines.word}/lines/nobody/pull"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://127.0.0.1:{running.lines.port}{path}", data=b"", timeout=5)
        assert caught.value.code in (404, 405)


def test_a_real_node_has_no_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert LineSwitch.of_environment() is None
    monkeypatch.setenv(VARIABLE, "http://elsewhere.example/lines")
    assert LineSwitch.of_environment() is None


def test_a_demo_that_is_gone_shows_no_lines(running: Running) -> None:
    gone = LineSwitch("http://127.0.0.1:9/lines")
    assert gone.lines() == []
    with pytest.raises(TongbanError) as caught:
        gone.turn("village", "pull")
    assert caught.value.code == "unreachable"
    with pytest.raises(TongbanError):
        LineSwitch(running.lines.url).turn("../city", "pull")
