"""What cannot be asked (a month that is none, one to come, one before the node, a unit of elsewhere, …) is answered by a page with a sentence in the
reader's language that says what to do, and a way on; by the API with the same sentence in both languages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from edge_ui.api.operations import Operation
from edge_ui.routes import API
from edge_ui.web.oversight.routes import ROUTES
from edge_ui.web.sheets import SheetHandler
from tests.network.test_heard import MINUTE, pass_time
from tests.ui.oversight.test_oversight_pages import words
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

WRONG = {
    "month": "2026-13", "period": "2026Q9", "from": "2026-02-30", "to": "x", "cursor": "x", "node": "999999999999", "unit": "x",
    "at": "999999999999", "under": "x", "holder": "x", "column": "x", "view": "x", "measure": "x", "by": "x", "across": "x", "box": "x",
    "state": "x", "rung": "x", "rule": "x", "part": "x", "monitor": "x", "over": "x", "kind": "x", "limit": "x",
}  # fmt: skip
FILLED = {"{kind}": "csv", "{table}": "cases", "{monitor}": "time"}
CODES = re.compile(r"\b(not_a_\w+|to_come|before_\w+|not_days|unknown_\w+|out_of_range|wrong_type)\b")
CHINESE = re.compile(r"[一-鿿]")


def pages() -> Iterator[str]:
    """Every page of supervision with a table, and its files; what is about one case or paper by its number is none."""
    for route in ROUTES:
        path = route.path
        for part, text in FILLED.items():
            path = path.replace(part, text)
        if "{" not in path and not path.endswith(("/sign", "/mail", "/views", "/saved", "/new", "/answer")):
            yield path
            if issubclass(route.handler, SheetHandler):
                yield path.replace(".csv", ".print")


def sentence(page: str) -> str:
    """What is said to be wrong."""
    page = page.partition("<main")[2]
    found = re.search(r'notice" role="alert">(.*?)</div>|class="invalid"[^>]*>(.*?)</div>', page, re.S) or re.search(
        r"<h1>(.*?)</h1>", page, re.S
    )
    return words(next(filter(None, found.groups()))) if found else ""


def lead_on(client: Client, path: str, query: str, lang: str) -> list[str]:
    """The sentences up to a page that answers. A refused page without a way on fails."""
    said, url = list[str](), f"{path}?{query}&lang={lang}"
    for _ in range(12):
        answer = client.get(url)
        if answer.status == 200:
            return said
        assert answer.status == 422, (url, answer.status)
        check_page(answer.text)
        said.append(sentence(answer.text))
        further = re.search(r'<a class="btn btn-primary" href="([^"]+)"', answer.text)
        if re.search('<form class|<ul class="tabs', answer.text.partition("<main")[2]):
            return said  # the page itself, with its form or its parts
        assert further is not None, url
        assert html.unescape(further[1]) != url
        url = html.unescape(further[1])
    raise AssertionError(f"no way on from {path}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_supervision_says_what_is_wrong_and_leads_on(site: Site, lang: str) -> None:
    client, refused = site.client("township", "director"), 0
    for path in (*pages(), "/counts", "/counts.csv"):
        site.ticks.at += 5
        for said in lead_on(client, path, urlencode(WRONG), lang):
            refused += 1
            assert len(said) > 6 and not CODES.search(said), (path, said)
            assert bool(CHINESE.search(said)) == (lang == "zh"), (path, said)
    assert refused > 30


@pytest.mark.parametrize("name", ["month", "period"])
def test_a_month_or_a_period_that_is_none_has_not_come_or_was_before_the_node(site: Site, name: str) -> None:
    client, english = site.client("township", "overseer"), site.client("township", "overseer")
    report, file = (
        ("/oversight/report", "/oversight/report-cases.csv")
        if name == "month"
        else ("/oversight/report/period", "/oversight/period.csv")
    )
    asked = {
        "month": (("2026-13", "应写成年份和月份"), ("202603", "应写成年份和月份"), ("2999-01", "还没有到"), ("2026-02", "还没有接入")),
        "period": (("2026Q9", "应写成年份和季度"), ("2026-Q5", "应写成年份和季度"), ("2027-Q1", "还没有到"), ("2025", "还没有接入")),
    }[name]  # fmt: skip
    token = site.center("township").tokens.issue("reader", "overseer")
    for text, what in asked:
        page = client.get(f"{report}?{name}={text}")
        check_page(page.text)
        assert page.status == 422 and what in sentence(page.text) and "<select" in page.text, text
        said = sentence(english.get(f"{report}?{name}={text}&lang=en").text)
        assert not CHINESE.search(said) and ":" in said, said
        refused = client.get(f"{file}?{name}={text}")
        assert refused.status == 422 and what in sentence(refused.text) and f'href="{report}"' in refused.text, text
        api = client.get(f"/api/v1/reports/{'monthly' if name == 'month' else 'period'}?{name}={text}", token)
        fault = api.json()["error"]["fields"][name]
        assert api.status == 422 and what in fault["message"] and fault["message_en"] in said, text
    for code in re.findall(r'<option value="([^"]+)"', client.get(report).text):
        assert client.get(f"{report}?{name}={code}").status == 200, code  # what can be chosen is never refused


def test_signing_a_month_that_is_none_is_the_page_of_a_month(site: Site) -> None:
    client = site.client("township", "director")
    for month in ("2026-13", "1999-01"):
        fields = client.hidden("/oversight/report", "/oversight/report/mail")
        answer = client.send(
            "/oversight/report/sign", {**fields, "month": month, "sure": "1", "filled_by": "甲", "checked_by": "乙"}
        )
        assert answer.status == 422 and "月份" in sentence(answer.text) and "<select" in answer.text
        check_page(answer.text)


def test_the_api_of_supervision_names_what_is_wrong_in_both_languages(site: Site) -> None:
    client, token, seen = site.client("township"), site.center("township").tokens.issue("reader", "overseer"), 0
    for route in API:
        operation: Operation | None = route.handler.operations.get("GET")  # type: ignore[attr-defined]
        if (
            operation is None
            or "{" in route.path
            or not route.path.startswith(("/api/v1/oversight", "/api/v1/reports", "/api/v1/stats"))
        ):
            continue
        for param in operation.query:
            if param.name in WRONG and (route.name, param.name) != (
                "oversight_items",
                "cursor",
            ):  # there it is the code of any item
                site.ticks.at += 5
                refused = client.get(f"{route.path}?{param.name}={WRONG[param.name]}", token)
                assert refused.status == 422, (route.path, param.name, refused.status)
                fault = refused.json()["error"]["fields"][param.name]
                assert CHINESE.search(fault["message"]) and fault["message_en"] and not CHINESE.search(fault["message_en"]), fault
                seen += 1
    assert seen > 40


def test_every_printed_table_leads_back_to_its_page(site: Site) -> None:
    pass_time(site.town, 10 * MINUTE)
    client = site.client("township", "director")
    for path in (one for one in (*pages(), "/counts.print") if one.endswith(".print")):
        site.ticks.at += 5
        paper = client.get(path)
        assert paper.status == 200, path
        back = re.search(r'<p class="crumb noprint"><a href="([^"]+)"', paper.text)
        assert back is not None and client.get(html.unescape(back[1])).status == 200, (path, back and back[1])
