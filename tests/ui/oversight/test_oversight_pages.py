"""监察 in a browser: figures that lead to exactly their rows, who may see them, and nothing of an applicant."""

from __future__ import annotations

import html
import re

import pytest

from edge_ui.web.city.counts import BY, COUNTED
from node.domain.cases.access import persons
from node.domain.model import Actor, Role
from node.services.supervision.attention import HEADS
from node.services.supervision.oversight import FIGURES
from tests.network.test_heard import MINUTE, pass_time
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
        count += len(re.findall(r"<tr[ >]", body))
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
    strip = {re.search(r"view=(\w+)", url)[1] for url, _ in figures}  # type: ignore[index]
    assert strip == set(FIGURES) and re.findall(r'data-figure="(\w+)"', page) == list(HEADS)
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
    pages = [client.get("/oversight/units").text, *(client.get(f"/oversight/units?at={code}").text for code in FOUR.values())]
    found = [one for page in pages for one in links(page, "/oversight?") + links(page, "/oversight/findings?")]
    assert len(found) > 25 and any("under=" in url for url, _ in found) and any("step=" in url for url, _ in found)
    for url, n in found:
        assert rows_behind(client, url) == n > 0, url
    assert all("0.0%" in page for page in pages)  # who never decides is not at 100 %
    assert all("◐ 自" in words(page) for page in pages[3:])  # and who is not heard shows no figure in its table


def test_what_asks_for_attention_is_never_nothing(told: Site) -> None:
    """A pulled line, a revoked node, overdue cases and a finding: none of them reads 0."""
    told.heal()
    told.town.lines["district"].cut()
    pass_time(told.town, 70 * MINUTE, 10 * MINUTE)  # more than an hour of work
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
    pass_time(told.town, 70 * MINUTE, 10 * MINUTE)
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
    pass_time(told.town, 70 * MINUTE, 10 * MINUTE)
    text = words(told.client("township", "director").get(f"/cases/{case}").text)
    assert "◐ 情况不明" in text and "情况不明，自" in text and "● 正常" not in text
    told.heal()


def test_the_flaw_of_a_chain_is_told_in_words_on_the_page_and_by_the_api(site: Site) -> None:
    page = words(site.client("city", "overseer").get("/oversight/findings").text)
    assert "它的记录缺了一段（第1段第9条记录）" in page and "epoch" not in page and "gap" not in page
    token = site.center("city").tokens.issue("reader", "overseer")
    found = site.client("city").get("/api/v1/oversight/findings?monitor=logic&state=confirmed", token).json()["findings"]
    one = next(row for row in found if row["rule"] == "gap")
    assert (one["zh"], one["en"]) == ("它的记录缺了一段", "entries of its journal are missing")
    for lang, said in (("zh", "第1段第9条记录"), ("en", "entry 9 of epoch 1")):
        admin = words(site.client("city", "admin").get(f"/admin?lang={lang}").text)
        assert said in admin and "epoch 1 seq 9" not in admin


def test_what_can_be_done_stands_in_the_line_of_a_case_and_steps_have_names(told: Site) -> None:
    page = told.client("district", "overseer").get("/oversight?view=overdue").text
    check_page(page)
    no = re.findall(r'href="/oversight/cases/([^"]+)"', page)[0]
    assert f'href="/orders/new?case_no={no}"' in page and f'href="/reminders/new?case_no={no}"' in page
    assert (
        "/reminders/new?case_no=" not in told.client("village", "director").get("/oversight?view=open").text
    )  # a village sends none
    done = told.town.file("township", "ZW007")
    told.town.do("township", done, "accept")
    told.town.do("township", done, "complete_step", told.actor("township", "examiner"))
    way = words(told.client("township", "director").get(f"/oversight/cases/{done}").text)
    assert re.search(r"(?<!环节)完成 4月1日", way) and "环节完成" not in way


def test_days_narrow_the_list_and_a_wide_figure_is_a_figure(told: Site) -> None:
    """The figures of the desk are not of days: what asks for days is answered by a list of exactly those."""
    mine = told.client("district", "overseer")
    none = mine.get("/oversight?from=2030-01-01").text
    assert "共 0 件" in none and "没有这样的办件" in none
    assert mine.get("/oversight?from=2026-13-40").status == 422
    assert mine.get("/oversight?over=%EF%BC%95").status == 200


def test_a_saved_view_is_the_persons_own(told: Site) -> None:
    mine, other = told.client("township", "overseer"), told.client("township", "director")
    page = "/oversight?view=overdue&over=2"
    assert 'name="query" value="?view=overdue&amp;over=2"' in mine.get(page).text
    answer = mine.form(page, "/oversight/views", name="超过两天的", query="?view=overdue&over=2")
    assert (answer.status, answer.headers["Location"]) == (303, page)
    assert "超过两天的" in mine.get("/oversight").text and "超过两天的" not in other.get("/oversight").text
    refused = mine.form(page, "/oversight/views", name=" ", query="?view=overdue&over=2")
    assert refused.status == 422 and "视图名称" in refused.text and 'id="viewname"' in refused.text
    check_page(refused.text)
    assert mine.form(page, "/oversight/views", name="x", query="?view=nonsense").status == 422
    assert mine.form("/oversight", "/oversight/views", name="超过两天的", forget="1").status == 303
    assert "超过两天的" not in mine.get("/oversight").text


def test_the_page_of_a_unit_has_its_line_people_cases_and_months(told: Site) -> None:
    """People where they may be told: at the unit and the one above, not further up."""
    person = assigned(told)
    path = f"/oversight/units?at={FOUR['township']}"
    for name, seen in (("township", True), ("district", True), ("city", False)):
        page = told.client(name, "overseer").get(path).text
        check_page(page)
        people = page.partition('id="people"')[2].partition("</section>")[0]
        found = links(people, f"/oversight?view=open&amp;holder={FOUR['township']}&amp;staff={person.staff_id}")
        assert bool(found) is seen, name
        if seen:
            assert rows_behind(told.client(name, "overseer"), found[0][0]) == found[0][1] >= 1
        else:
            asked = f"/oversight?view=open&holder={FOUR['township']}&staff={person.staff_id}"
            assert rows_behind(told.client(name, "overseer"), asked) == 0
        assert all(f'id="{one}"' in page for one in ("cases", "cards", "rate", "unitline", "posts", "months"))
        assert page.index('id="months"') < page.index("<svg") if "<svg" in page else True
    lines = page.partition('id="unitline"')[2].partition("</section>")[0]
    assert "数据截至" in lines


def test_nothing_of_an_unassigned_filter_is_somebodys(told: Site) -> None:
    assigned(told)
    mine = told.client("township", "overseer")
    every, left = rows_behind(mine, "/oversight?view=open"), rows_behind(mine, "/oversight?view=open&unassigned=1")
    assert 0 < left < every
    page = mine.get("/oversight?unassigned=1").text
    assert "只看未指派" in page and "past_overdue" not in page and 'name="unassigned" value="1" checked' in page
    for url, n in links(page.partition('id="unittable"')[0], "/oversight?view="):
        assert "unassigned=1" in url and rows_behind(mine, url) == n, url
    assert mine.get("/oversight?unassigned=2").status == 422


def assigned(told: Site) -> Actor:
    """Whom the township gave a case."""
    told.heal()
    case, person = told.town.file("township", "ZW007"), told.actor("township", "examiner")
    told.town.do("township", case, "accept")
    told.town.act("township", case, "assign", told.actor("township", "director"), staff_id=person.staff_id)
    told.heal()
    return person
