"""The line switch on the pages of a demo, and its absence everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_ui.app import make_app
from edge_ui.settings import UiSettings
from node.machine.config import SmsSection
from node.machine.gateways import Message, Outcome, Sms
from node.running.line_switch import LineSwitch
from tests.support.demo_lines import Running, running_lines
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client, Served


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_lines(9) as found:
        yield found


@pytest.fixture(scope="module")
def demo(site: Site, running: Running) -> Iterator[Served]:
    """The village as a node of a demo."""
    center: Any = site.center("village")
    settings = UiSettings(cookie_secret="x" * 32, version="1.0.0", lines=LineSwitch(running.lines.url))
    served = Served(lambda: make_app(center, settings))
    yield served
    served.stop()


def test_a_real_node_has_neither_page_nor_strip(site: Site) -> None:
    client = site.client("village")
    assert client.get("/line", Accept="text/html").status == 404
    assert client.form("/login", "/line", line="village", do="pull").status == 404
    assert "demolines" not in client.get("/login").text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("pulled", [False, True])
def test_the_page_and_the_strip(demo: Served, running: Running, site: Site, language: str, pulled: bool) -> None:
    code = site.center("village").place.code
    running.lines.nodes["village"] = {**running.lines.nodes["village"], "code": code}
    LineSwitch(running.lines.url).turn("village", "pull" if pulled else "join")
    page = Client(demo.port).get(f"/line?lang={language}")
    assert page.status == 200
    check_page(page.text)
    assert (
        page.text.count('action="/line"') == 3 + 1 + 1
    )  # the whole list, the test gateway, and this node's own line in the strip
    assert ('value="join"' in page.text) == pulled


def test_pulling_and_joining_come_back_to_the_page(demo: Served, running: Running) -> None:
    client = Client(demo.port)
    for action, pulled in (("pull", True), ("join", False)):
        answer = client.form("/line", "/line", line="village", do=action, next="/login")
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
        assert running.lines.relays["village"].pulled is pulled
    assert client.form("/line", "/line", line="village", do="pull", next="https://elsewhere.example/").headers["Location"] == "/"
    LineSwitch(running.lines.url).turn("village", "join")


def test_what_is_not_a_line_is_refused(demo: Served, running: Running) -> None:
    client = Client(demo.port)
    assert client.form("/line", "/line", line="../city", do="pull").status == 404
    assert client.form("/line", "/line", line="village", do="burn").status == 404
    assert client.ask("POST", "/line", b"line=village&do=pull", Content_Type="application/x-www-form-urlencoded").status == 403
    assert not running.lines.relays["village"].pulled


def test_the_messages_of_the_test_gateway_are_read_on_the_page(demo: Served, running: Running) -> None:
    channel = Sms(SmsSection(url=running.lines.sms, accepted=(("status", [200]), ("/code", 0)), timeout_s=5), Path("nowhere"))
    message = Message("x-1", "15412345678", "", "【街道】王您好，您的“老年证”已办结。")
    assert channel.send(message).state == "sent"
    client = Client(demo.port)
    page = check_page(client.get("/line").text)
    assert message.text in " ".join(page.words)
    assert client.form("/line", "/line", line="sms", do="pull", next="/line").status == 303
    assert channel.send(message) == Outcome("trouble", "http_503")
    assert "停用" in client.get("/line").text
    client.form("/line", "/line", line="sms", do="join", next="/line")
    assert channel.send(message).state == "sent"
