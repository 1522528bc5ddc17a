"""Whoever is shown "已记录(编号 …)" can name the number, and the line is in the log: what kind of fault, and where; nothing of
what people typed."""

from __future__ import annotations

import json
import re
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_ui.settings import UiSettings
from edge_ui.web.setup.application import SetupApplication
from node.machine import logs
from node.running.wizard import Wizard
from tests.support.processes import wait_for
from tests.ui.real import Site
from tests.ui.wire import Client, Served

SECRET = "张三 420106198604299997"


def broken(*args: Any, **kwargs: Any) -> Any:
    raise ValueError(SECRET) from KeyError(SECRET)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    logs.configure(tmp_path)
    yield tmp_path / logs.LOG_FILE
    logs.configure(None)


def ticket_of(text: str) -> str:
    found = re.search(r"已记录[（(]编号 ([0-9a-f]{8})[）)]", text)
    assert found, text
    return found.group(1)


def line_of(log: Path, number: str) -> dict[str, Any]:
    text = log.read_text(encoding="utf-8")
    assert "420106198604299997" not in text and "\\u5f20" not in text and str(Path(__file__).parent) not in text
    (line,) = [one for one in map(json.loads, text.splitlines()) if one.get("ticket") == number]
    return dict(line)


def check(log: Path, shown: str) -> dict[str, Any]:
    line = line_of(log, ticket_of(shown))
    assert line["exception"] == "ValueError <- KeyError"
    assert any(re.fullmatch(r"tests\.ui\.test_tickets:broken:\d+", place) for place in line["frames"])
    return line


def test_a_page(site: Site, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.client("township", "clerk")
    monkeypatch.setattr(site.center("township").cases, "case", broken)
    answer = client.get("/cases/420106006-20260301-0001")
    assert answer.status == 500
    line = check(log, answer.text)
    assert (line["method"], line["route"]) == ("GET", "/cases/{no}")


@pytest.mark.parametrize(
    ("path", "status", "said"), [("/work", 500, "编号"), ("/cases/420106006-20260301-0001", 404, "没有找到")]
)
def test_a_page_whose_own_frame_is_at_fault_says_it_in_plain_words(
    site: Site, log: Path, monkeypatch: pytest.MonkeyPatch, path: str, status: int, said: str
) -> None:
    client = site.client("township", "clerk")
    monkeypatch.setattr("edge_ui.web.base.nav", broken)
    answer = client.get(path)
    assert answer.status == status and said in answer.text, answer.text
    check(log, answer.text) if status == 500 else None


def test_the_api(site: Site, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = site.center("township").tokens.issue("x", "clerk")
    monkeypatch.setattr(site.center("township").intake, "file", broken)
    answer = Client(site.served["township"].port).post_json("/api/v1/cases", {"application_no": "1"}, token)
    assert (answer.status, answer.code) == (500, "internal")
    assert check(log, answer.text)["route"] == "/api/v1/cases"


def test_an_answer_that_no_handler_raised(site: Site, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tornado's own refusals with a status that has no sentence of ours."""
    import tornado.web

    def teapot(*_: Any, **__: Any) -> Any:
        raise tornado.web.HTTPError(418)

    monkeypatch.setattr(site.center("township").public, "found", teapot)
    answer = Client(site.served["township"].port).get("/api/v1/public/items?q=x")
    assert answer.status == 500
    assert line_of(log, ticket_of(answer.text))["exception"] == "HTTPError"


def test_a_job_of_the_administrator(site: Site, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = site.center("township").administration
    admin = site.actor("township", "admin")
    monkeypatch.setattr(desk, "threaded", False)
    monkeypatch.setattr(desk, "_verify", broken)
    desk.start_verify(admin)
    client = site.client("township", "admin")
    check(log, client.get("/admin/backup").text)


def test_the_first_run_in_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no node and no log yet: the line is in a file of its own, named after the ticket."""
    wizard = Wizard(tmp_path / "node", "127.0.0.1:8800", "127.0.0.1:8801")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    logs.configure(None)
    served = Served(lambda: SetupApplication(wizard, UiSettings(cookie_secret="x" * 32)))
    try:
        client = Client(served.port)
        assert client.get(f"/setup/code?code={wizard.code}").status == 303
        monkeypatch.setattr(wizard, "new_city", broken)
        answer = client.form("/setup/city", "/setup/city", code="420100000000", name="武汉", tier="city", password="x" * 12)
    finally:
        served.stop()
    assert answer.status == 500
    check(tmp_path / f"tongban-crash-{ticket_of(answer.text)}.log", answer.text)


def test_a_command_without_a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from node.cli.support import guarded

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert guarded(broken) == 1
    said = capsys.readouterr().err
    check(tmp_path / f"tongban-crash-{ticket_of(said)}.log", said)


def test_who_leaves_before_the_end_of_a_file_is_no_fault(site: Site, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client, asked = site.client("township", "clerk"), threading.Event()
    row = {"size": 1 << 40, "mime": "image/png", "picture": True, "suffix": ".png"}

    def endless(*_: Any, **__: Any) -> tuple[bytes, dict[str, Any]]:
        asked.set()
        return b"x" * 65536, row

    monkeypatch.setattr(site.center("township").materials, "read", endless)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as line:
        line.sendall(
            f"GET /cases/420106006-20260301-0001/files/0 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n".encode()
        )
        assert asked.wait(20) and line.recv(12) == b"HTTP/1.1 200"
    wait_for(lambda: "/files/{material}" in log.read_text(encoding="utf-8"))
    text = log.read_text(encoding="utf-8")
    assert '"ticket"' not in text and '"level": "error"' not in text


def test_a_failing_disk_is_no_ticket_but_in_the_log(site: Site, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from node.domain.words.errors import TongbanError

    def full(*_: Any, **__: Any) -> Any:
        raise TongbanError("disk_full")

    client = site.client("township", "director")
    monkeypatch.setattr(site.center("township").cases, "case", full)
    assert client.get("/cases/420106006-20260301-0001").status == 507
    lines = [json.loads(one) for one in log.read_text(encoding="utf-8").splitlines()]
    assert any(one.get("code") == "disk_full" and one["frames"] for one in lines)
