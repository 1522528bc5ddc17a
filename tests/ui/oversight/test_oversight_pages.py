"""监察 in a browser: figures that lead to exactly their rows, who may see them, and nothing of an applicant."""

from __future__ import annotations

import html
import re

import pytest

from edge_ui.web.city.counts import BY, COUNTED
from node.domain.cases.access import persons
from node.domain.model import Role
from tests.support.network import DAY, FOUR
from tests.ui.pagecheck import check_page
from tests.ui.real import NAMES, Site
from tests.ui.wire import Client

PERSON = ("欧阳建国", "420106198702079963", "15412345678", "保成社区1组1号")


@pytest.fixture(scope="module")
def told(site: Site) -> Site:
    """Cases of several kinds, weeks later: overdue at the village and at the township, stopped, decided, one on a cut line."""
    town = site.town
    for _ in range(2):
        town.file("village")
        case = town.file("village")
        town.act("village", case, "hand_over")
        town.heal()
        town.do("township", case, "receive")
    for n in range(4):
        case = town.file("township", "ZW007")
        town.do("township", case, "accept")
        if n == 0 and "suspend" in town.offered("township", case):
            town.do("township", case, "suspend")
    site.center("city").store.run(lambda tx: tx.finding(site.town["village"].id, "gap", "epoch 1 seq 9"))
    town.world.advance(30 * DAY)
    town.heal()
    town.lines["village"].cut()
    town.act("village", town.file("village"), "hand_over")
    return site


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def links(page: str, prefix: str) -> list[tuple[str, int]]:
    """(address, number in its words) of the links that begin so and show a figure."""
    found = []
    for url, inside in re.findall(rf'<a[^>]*href="({re.escape(prefix)}[^"]*)"[^>]*>(.*?)</a>', page, re.S):
        numbers = re.findall(r"\d+", words(inside))
        if numbers:
            found.append((html.unescape(url), int(numbers[-1])))
    return found


def rows_behind(client: Client, url: str) -> int:
    """The rows of a list, over all its pages; what the page says of their number agrees."""
    count, said = 0, -1
    while url:
        answer = client.get(url)
        assert answer.status == 200, url
        body = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
        count += body.count("<tr>")
        said = int(re.search(r'role="status">\s*共 (\d+)', answer.text)[1])  # type: ignore[index]
        following = re.search(r'rel="next" href="([^"]*)"', answer.text)
        url = html.unescape(following[1]) if following else ""
    assert count == said
    return count


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_the_page_is_exactly_its_rows(told: Site, name: str) -> None:
    client = told.client(name, "director")
    page = client.get("/oversight").text
    figures = [(url, n) for url, n in links(page, "/oversight?view=")]
    assert len(figures) == 7
    for url, n in figures:
        assert rows_behind(client, url) == n, (name, url)
    assert any(n for _, n in figures)


def test_every_figure_of_the_counts_is_exactly_its_rows(told: Site) -> None:
    told.heal()
    client, seen = told.client("city", "overseer"), 0
    for measure in COUNTED:
        for by in BY:
            for url, n in links(client.get(f"/counts?measure={measure}&by={by}").text, "/oversight?"):
                assert rows_behind(client, url) == n > 0, (measure, by, url)
                seen += 1
    assert seen > 60


def test_every_figure_of_the_network_is_exactly_its_rows(told: Site) -> None:
    told.heal()
    client = told.client("city", "overseer")
    page = client.get("/network").text
    cases = links(page, "/oversight?view=")
    assert any("overdue" in url and "holder" in url for url, _ in cases)
    for url, n in cases:
        assert rows_behind(client, url) == n, url
    for url, n in links(page, "/oversight/findings"):
        assert rows_behind(client, url) == n == 1
    for url, n in links(page, "/network?show="):
        assert f"找到 {n} 个" in words(client.get(url).text), url


def test_every_figure_of_the_units_is_exactly_its_rows(told: Site) -> None:
    told.heal()
    client = told.client("city", "overseer")
    page = client.get("/oversight/units").text
    found = links(page, "/oversight?") + links(page, "/oversight/findings?")
    assert len(found) > 5
    for url, n in found:
        assert rows_behind(client, url) == n > 0, url
    assert "0.0%" in page  # who never decides is not at 100 %


def test_what_asks_for_attention_is_never_nothing(told: Site) -> None:
    """A pulled line, a revoked node, overdue cases and a finding: none of them reads 0."""
    told.heal()
    told.town.lines["district"].cut()
    told.town.world.advance(60_000)
    client = told.client("city", "overseer")
    text = words(client.get("/network").text)
    counted = {what: int(n) for what, n in re.findall(r"(超期|情况不明|已注销|核查问题) (\d+)", text.partition("本站")[0])}
    assert counted["超期"] >= 4 and counted["情况不明"] == 3 and counted["核查问题"] == 1
    assert "找到 3 个" in words(client.get("/network?show=attention").text)
    told.heal()


def test_who_files_is_not_who_is_charged(told: Site) -> None:
    told.heal()
    client = told.client("city", "overseer")
    text = words(client.get(f"/oversight?view=overdue&holder={FOUR['township']}").text)
    assert text.count("大智街道") >= 2 and "责任单位：" in text
    charged = dict(links(client.get("/counts?measure=overdue&by=node").text, "/oversight?measure=overdue&amp;holder="))
    filed = dict(links(client.get("/counts?measure=overdue&by=filed_at").text, "/oversight?measure=overdue&amp;filed_at="))
    assert sum(charged.values()) == sum(filed.values()) and sorted(charged.values()) != sorted(filed.values())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_view_in_both_languages_without_an_applicant(told: Site, lang: str) -> None:
    for role in ("overseer", "director"):
        client = told.client("township", role)
        for path in (
            "/oversight", "/oversight?view=overdue", "/oversight?view=past_overdue", "/oversight?view=in_transit", "/oversight?view=stopped",
            "/oversight?measure=cases&from=2026-01-01&to=2027-01-01&status=accepted&tier=township&kind=commitment",
            f"/oversight?filed_at={FOUR['village']}", "/oversight/findings", "/oversight/units", f"/oversight/findings?node={FOUR['village']}",
        ):  # fmt: skip
            answer = client.get(path + ("&" if "?" in path else "?") + "lang=" + lang)
            assert answer.status == 200, path
            page = check_page(answer.text)
            assert not any(part in answer.text for part in PERSON)
            assert any(link.startswith("/cases/") for link in page.links()) <= (role == "director")
        answer = client.get(f"/oversight?view=nonsense&lang={lang}")
        assert answer.status == 422 and "<table" in answer.text
        check_page(answer.text)


def test_the_head_says_as_of_once_and_who_is_not_heard(told: Site) -> None:
    told.heal()
    told.town.lines["village"].cut()
    told.town.world.advance(60_000)
    text = words(told.client("township", "director").get("/oversight").text)
    assert text.count("数据截至") == 1 and "1 个单位情况不明：" in text and "情况不明，自" in text
    told.heal()


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_of_the_filter_has_a_name(told: Site, name: str) -> None:
    """Also those above, whose cases are known here."""
    names = told.center(name).network.names(told.actor(name, "overseer"), "node")
    assert set(FOUR.values()) <= set(names) | ({FOUR["village"]} if name == "village" else set()), name
    page = told.client(name, "director").get("/oversight").text
    assert not re.search(r'<option value="(\d{12})"[^>]*>\1</option>', page)


@pytest.mark.parametrize("name", NAMES)
def test_roles_at_every_tier(told: Site, name: str) -> None:
    for role in persons(name):
        told.ticks.at += 600
        status = told.client(name, str(role)).get("/oversight").status
        assert status == (200 if role in (Role.OVERSEER, Role.DIRECTOR) else 403), (name, role)
    assert told.client(name).get("/oversight").status == 303


def test_whoever_only_counts_sees_figures_without_lists(told: Site) -> None:
    client = told.client("city", "admin")
    assert links(client.get("/counts?measure=overdue&by=node").text, "/oversight") == []
    assert links(client.get("/network").text, "/oversight") == []
    assert client.get("/oversight").status == 403


def test_the_page_of_a_silent_holders_case_says_since_when(told: Site) -> None:
    told.heal()
    case = told.town.file("village", "ZW007")
    told.heal()
    told.town.lines["village"].cut()
    told.town.world.advance(60_000)
    text = words(told.client("township", "director").get(f"/cases/{case}").text)
    assert "◐ 情况不明" in text and "情况不明，自" in text and "● 正常" not in text
    told.heal()
