"""What residents gave is in no browser's cache: every answer of every route says no-store, files too; after logging out or
locking the browser is asked to drop what it has. Style sheets and scripts may be kept."""

from __future__ import annotations

import re
import urllib.parse

import pytest

from edge_ui.routes import ROUTES
from edge_ui.web.base import PageHandler
from tests.ui.real import Site
from tests.ui.test_materials import PNG
from tests.ui.wire import Client

SAMPLE = {"paper": "receipt", "act": "role", "material": "0", "kind": "cases", "action": "accept"}


@pytest.fixture(scope="module")
def case_no(site: Site) -> str:
    """A case of the township with a photograph."""
    no = site.town.file("township")
    clerk = site.client("township", "clerk")
    assert clerk.upload(f"/cases/{no}", f"/cases/{no}/materials/0", "a.png", PNG[:1001]).status == 303
    return no


def address(path: str, case_no: str) -> str:
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace("{" + name + "}", urllib.parse.quote(case_no if name == "no" else SAMPLE.get(name, "x1")))
    return path


def test_no_answer_of_any_route_may_be_kept(site: Site, case_no: str) -> None:
    token = site.center("township").tokens.issue("x", "clerk")
    people: list[Client] = [site.client("township", role) for role in ("clerk", "director", "admin", "catalog_editor")]
    good = set()
    for route in ROUTES:
        url = address(route.path, case_no)
        answers = (
            [client.get(url) for client in people] if issubclass(route.handler, PageHandler) else [people[0].get(url, token)]
        )
        for answer in answers:
            assert answer.headers["Cache-Control"] == "no-store", url
            assert "Expires" not in answer.headers
            if answer.status == 200:
                good.add(route.path)
    assert {"/cases/{no}", "/cases/{no}/files/{material}", "/cases/{no}/papers/{paper}", "/api/v1/cases/{no}"} <= good


def test_a_file_a_download_and_a_refusal_may_not_be_kept(site: Site, case_no: str) -> None:
    clerk = site.client("township", "clerk")
    shown = clerk.get(f"/cases/{case_no}/files/0")
    assert (shown.status, shown.headers["Content-Type"], shown.headers["Cache-Control"]) == (200, "image/png", "no-store")
    paper = clerk.get(f"/cases/{case_no}/papers/receipt", Accept="application/pdf")
    assert (paper.status, paper.headers["Cache-Control"]) == (200, "no-store")
    assert clerk.get("/no/such/page").headers["Cache-Control"] == "no-store"


def test_style_sheets_may_be_kept(site: Site) -> None:
    client = site.client("township")
    link = re.search(r'href="(/static/tongban\.css\?v=[^"]+)"', client.get("/login").text)
    assert link is not None
    assert "max-age" in client.get(link.group(1)).headers["Cache-Control"]


def test_logging_out_clears_the_browser(site: Site) -> None:
    client = site.client("township", "clerk")
    answer = client.form("/logout", "/logout")
    assert answer.status == 303 and answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_locking_clears_the_browser_and_so_does_every_door_to_the_locked_screen(site: Site, case_no: str) -> None:
    client = site.client("village", "agent")
    assert client.form("/agent", "/lock/now").headers["Clear-Site-Data"] == '"cache"'
    for url in ("/agent", "/lock", f"/cases/{case_no}"):
        assert client.get(url).headers["Clear-Site-Data"] == '"cache"', url
