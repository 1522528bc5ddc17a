"""决策分析 and 即办件占比 in a browser: what is asked, saved, taken as a file; nothing of an applicant."""

from __future__ import annotations

import html
import re

import pytest

from node.domain.supervision.analysis import DIMENSIONS, MEASURES
from tests.services.test_charged import decide
from tests.support.network import DAY, FOUR
from tests.ui.oversight.test_oversight_pages import PERSON, words
from tests.ui.pagecheck import check_page
from tests.ui.real import Site


@pytest.fixture(scope="module")
def told(site: Site) -> Site:
    """Some decided soon, some late, one open, over two months."""
    town = site.town
    for wait in (0, 3, 40):
        case = town.file("township", "ZW007")
        town.do("township", case, "accept")
        town.world.advance(wait * DAY)
        decide(town, case)
    town.file("village")
    town.heal()
    return site


def test_every_measure_by_every_dimension_is_a_whole_page(told: Site) -> None:
    client = told.client("city", "overseer")
    for n, measure in enumerate(MEASURES):
        told.ticks.at += 600
        by, across = DIMENSIONS[n % len(DIMENSIONS)], ("", "month", "item")[n % 3]
        answer = client.get(f"/oversight/analysis?measure={measure}&by={by}&across={across if across != by else ''}&period=all")
        assert answer.status in (200, 422), (measure, by)
        assert (answer.status == 422) == (
            by == "decision" and measure in ("open", "filed", "in_time", "unknown", "overdue", "overdue_open")
        )
        check_page(answer.text)
        assert not any(part in answer.text for part in PERSON)


def test_a_chart_says_in_a_sentence_what_it_shows_and_the_table_has_every_figure(told: Site) -> None:
    told.ticks.at += 600
    page = told.client("city", "director").get("/oversight/analysis?measure=workdays&by=item&period=all").text
    chart = re.search(r'<svg class="plot"[^>]*role="img" aria-label="([^"]*)"', page)
    assert chart is not None and "最高为" in html.unescape(chart[1])
    table = words(page.partition("<tbody>")[2].partition("</tbody>")[0])
    head = words(page.partition("<thead>")[2].partition("</thead>")[0])
    assert all(word in head for word in ("平均用时", "中位数", "九成不超过", "停止计时", "件数")) and "样本少" in table
    assert "期间：全部时间" in words(page) and "数据截至" in words(page)


def test_an_analysis_is_saved_opened_again_and_forgotten(told: Site) -> None:
    told.ticks.at += 600
    client = told.client("city", "overseer")
    query = "?measure=workdays&by=item&across=month&period=year"
    page, path = "/oversight/analysis" + query, "/oversight/analysis/saved"
    assert client.form(page, path, name="用时 按月", query=query).status == 303
    shown = client.get("/oversight/analysis").text
    address = re.search(r'<a\s+href="(/oversight/analysis\?[^"]*)">用时 按月</a>', shown)
    assert address is not None
    again = client.get(html.unescape(address[1]))
    assert again.status == 200 and "按事项和月份" in words(again.text)
    assert "用时 按月" not in client.get("/oversight").text
    assert client.form("/oversight", "/oversight/views", name="用时 按月", query="?view=open").status == 422
    assert client.form(page, path, name="", query=query).status == 422
    assert client.form(page, path, name="用时 按月", query=query, forget="1").status == 303
    assert "用时 按月" not in client.get("/oversight/analysis").text


def test_files_say_their_filter_and_what_is_compared_in_words(told: Site) -> None:
    told.ticks.at += 600
    client = told.client("city", "overseer")
    query = f"?measure=workdays&by=unit&under={FOUR['district']}&from=2026-04-01&to=2026-04-30"
    text = client.get("/oversight/analysis.csv" + query).body.decode("utf-8-sig")
    assert "期间：" in text and "上期：" in text and "去年同期：" not in text and "中位数" in text and "数据截至" in text
    assert client.get("/oversight/analysis.xlsx" + query).status == 200
    assert "上期：3月1日 至 3月31日" in words(client.get("/oversight/analysis.print" + query).text)
    assert client.get("/oversight/analysis.csv?measure=x").status == 422


def test_shares_of_immediate_items_stand_by_item_and_by_case(told: Site) -> None:
    told.ticks.at += 600
    client = told.client("city", "overseer")
    page = client.get("/oversight/shares").text
    check_page(page)
    assert "未达标" in page or "达标" in page
    row = re.search(r'href="(/oversight/items\?at=\d+&amp;part=immediate)">(\d+)</a>', page)
    assert row is not None
    listed = client.get(html.unescape(row[1])).text
    check_page(listed)
    assert f"共 {row[2]} 项" in words(listed)
    assert client.get("/oversight/items?part=x").status == 422 and client.get("/oversight/shares?at=999").status == 422


def test_no_share_of_a_silent_unit_stands_without_its_mark(told: Site) -> None:
    told.town.lines["village"].cut()
    told.town.world.advance(5 * DAY)
    told.ticks.at += 600
    for by in ("unit", "node"):
        answer = told.center("township").analysis.of({"measure": "in_time", "by": by}, told.actor("township", "overseer"))
        silent = set(answer["unknown_since"])
        assert silent and answer["total"]["silent"] and all(row["silent"] for row in answer["rows"] if row["key"] in silent)
        page = told.client("township", "overseer").get(f"/oversight/analysis?measure=in_time&by={by}&period=all").text
        marks = page.partition("<tbody>")[2].partition("</table>")[0].count("◐")
        assert marks == 1 + sum(row["silent"] for row in answer["rows"]), by
