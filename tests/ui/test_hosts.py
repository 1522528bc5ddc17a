"""A node answers to its own names only, and prints the configured address."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from edge_ui.app import make_app
from edge_ui.settings import UiSettings
from edge_ui.shared.hosts import Hosts
from node.machine.oslayer import names_of
from tests.ui.pagecheck import check_page
from tests.ui.real import PASSWORD, Site
from tests.ui.wire import Answer, Client, Served


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[Served]:
    """The city's listener with a public address and one name besides."""
    settings = UiSettings("x" * 32, public_url="https://zw.example.cn", host_names=("zw-1", "政务.example"))
    made = Served(lambda: make_app(site.center("city"), settings))
    yield made
    made.stop()


def ask(port: int, host: str, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return Answer(connection.getresponse())
    finally:
        connection.close()


OWN = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "127.0.0.1:8800",
    "[::1]:8800",
    "10.1.2.3",
    "zw.example.cn",
    "ZW.EXAMPLE.CN:443",
    "zw-1",
    "short-name",
]
STRANGE = [
    "evil.example",
    "zw.example.cn.evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "x" * 300,
]


@pytest.mark.parametrize("host", [*OWN, "政务.example".encode("idna").decode()])
def test_own_names_and_numbers_are_answered(served: Served, host: str) -> None:
    assert ask(served.port, host).status == 200


@pytest.mark.parametrize("host", STRANGE)
@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/public/items", "/static/tongban.css", "/healthz", "/nowhere"])
def test_another_name_is_refused_with_what_to_do(served: Served, host: str, path: str) -> None:
    page = ask(served.port, host, path, Accept="text/html")
    assert page.status == 421 and "https://zw.example.cn" in page.text
    assert f'href="http://{host}' not in page.text
    document = ask(served.port, host, path, Accept="application/json")
    assert document.status == 421 and document.code == "wrong_host"


def test_the_refusal_is_a_page_in_both_languages(served: Served) -> None:
    for lang in ("zh", "en"):
        check_page(ask(served.port, "evil.example", f"/?lang={lang}", Accept="text/html").text)


def test_a_form_by_another_name_opens_nothing(site: Site, served: Served) -> None:
    answer = ask(served.port, "evil.example", "/login", "POST", Accept="text/html")
    assert answer.status == 421 and "tb_session" not in str(answer.headers.get_all("Set-Cookie"))


def test_without_a_configured_address_the_page_says_where_names_are_added(site: Site) -> None:
    answer = ask(site.served["city"].port, "zw.example.cn", Accept="text/html")
    assert answer.status == 421 and "host_names" in answer.text


def test_a_machine_answers_to_its_own_name() -> None:
    assert all(Hosts("", names_of("0.0.0.0")).knows(name) for name in names_of("0.0.0.0"))


def test_what_is_printed_bears_the_configured_address(site: Site, served: Served) -> None:
    admin = Client(served.port)
    admin.form("/login", "/login", username=site.username("city", "admin"), password=PASSWORD)
    card = admin.form("/admin/staff", "/admin/staff", name="林新", role="clerk").headers["Location"]
    assert "zw.example.cn/login" in admin.get(card).text
    assert 'value="zw.example.cn:443"' in admin.get("/admin/nodes").text


def test_qr_codes_bear_the_configured_address(site: Site, served: Served) -> None:
    asked = HTTPServerRequest(headers=HTTPHeaders({"Host": "127.0.0.1:9"}), start_line=RequestStartLine("GET", "/", "HTTP/1.1"))
    assert Hosts("https://zw.example.cn").origin(asked) == "https://zw.example.cn"
    assert Hosts().origin(asked) == "http://127.0.0.1:9"
