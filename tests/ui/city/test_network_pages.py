"""The network and the counts in a browser: what is known, since when not, and never a person."""

from __future__ import annotations

import csv
import io
import re
from functools import partial

import pytest

from edge_ui.shared.tables import safe_cell
from edge_ui.web.city.charts import bars_of
from tests.network.test_heard import MINUTE, pass_time
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

PERSON = ("欧阳建国", "420106198702079963", "15412345678")


@pytest.fixture
def overseer(site: Site) -> Client:
    return site.client("city", "overseer")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_who_may_see_them(site: Site) -> None:
    both = dict.fromkeys(("overseer", "admin", "director"), (200, 200))
    for role, (network, counts) in {**both, "catalog_editor": (403, 200), "clerk": (403, 403)}.items():
        client = site.client("city", role)
        assert (client.get("/network").status, client.get("/counts").status) == (network, counts), role
        assert client.get("/counts.csv").status == counts
    assert site.client("city").get("/network").status == 303


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(site: Site, overseer: Client, lang: str) -> None:
    site.town.file("village")
    site.heal()
    for path in (
        "/network", "/network?q=420102", "/network?show=attention", "/network?at=420102000000", "/network?at=nowhere", "/counts",
        "/counts?measure=in_time&by=item", "/counts?measure=filed&by=day&from=2026-01-01&to=2026-12-31", "/counts?measure=overdue&by=node",
        "/counts?measure=x&by=y",
    ):  # fmt: skip
        answer = overseer.get(path + ("&" if "?" in path else "?") + "lang=" + lang)
        assert answer.status == 200, path
        check_page(answer.text)
        assert not any(one in answer.text for one in PERSON)


def test_a_pulled_line_is_told_for_the_whole_branch(site: Site, overseer: Client) -> None:
    site.heal()
    text = words(overseer.get("/network").text)
    assert "在线" in text and "情况不明 0" in text and "以来情况不明" not in text
    site.town.lines["district"].cut()
    pass_time(site.town, 70 * MINUTE, 10 * MINUTE)  # more than an hour of work
    overseer = site.client("city", "overseer")
    text = words(overseer.get("/network").text)
    assert "离线" in text and text.count("以来情况不明") == 3 and "自 3月2日" in text  # the district and all below it
    assert "线路中断" in text
    assert "有 1 个下级分支情况不明" in words(overseer.get("/counts").text)
    site.heal()
    assert "以来情况不明" not in words(overseer.get("/network").text)


def test_try_now_is_the_administrators(site: Site, overseer: Client) -> None:
    site.town.lines["district"].cut()
    admin = site.client("city", "admin")
    tried: list[str] = []

    def try_now(code: str) -> bool:  # what node.app sets while links are up
        tried.append(code)
        return True

    site.center("city").upkeep.try_now = try_now
    assert "立即重试" in admin.get("/network").text and "立即重试" not in overseer.get("/network").text
    path = "/network/420102000000/retry"
    assert admin.form("/network", path).headers["Location"] == "/network?retried=420102000000"
    assert tried == ["420102000000"] and overseer.form("/network", path).status == 403
    assert "已要求立即重试" in admin.get("/network?retried=420102000000").text
    site.heal()


def test_a_deeper_node_shows_its_line_as_its_parent_tells_it(site: Site) -> None:
    site.town.file("village")
    site.heal()
    pass_time(site.town, 30 * MINUTE, 10 * MINUTE)  # its parent's parent says what it was told
    text = words(site.client("city", "overseer").get("/network?q=420102002003").text).partition("找到")[2]
    assert "在线" in text and "最近收到其记录" in text and "目录第" in text and "日历第" in text


def test_counts_add_up_and_the_file_says_the_same(site: Site, overseer: Client) -> None:
    site.town.file("village")
    site.heal()
    page = overseer.get("/counts?measure=filed&by=node").text
    rows = list(csv.reader(io.StringIO(overseer.get("/counts.csv?measure=filed&by=node").body.decode("utf-8-sig"))))
    counted = {row[0]: row[2] for row in rows if row and row[0] == "420102002003"}
    assert counted and f">{counted['420102002003']}</a></td>" in page and "<svg" in page
    assert overseer.get("/counts.csv").headers["Content-Type"].startswith("text/csv")


def test_a_wrong_period_stays_in_the_form(site: Site, overseer: Client) -> None:
    answer = overseer.get("/counts?from=2026-05-01&to=2026-01-01")
    assert answer.status == 422 and 'value="2026-05-01"' in answer.text and "aria-invalid" in answer.text
    check_page(answer.text)


def test_on_time_counts_what_was_decided_by_its_day(site: Site, overseer: Client) -> None:
    town = site.town
    for _ in range(2):
        case = town.file("township", "ZW007")
        for action in ("accept", "complete_step", "refer"):
            if action in town.offered("township", case):
                town.do("township", case, action)
        site.heal()
        for name in ("township", "district", "city"):
            for _ in range(8):
                listed = town.offered(name, case)
                step = next((one for one in ("complete_step", "approve", "decide_at_once") if one in listed), None)
                if step is None:
                    break
                town.do(name, case, step)
            site.heal()
    stats = partial(site.center("city").oversight.stats, site.actor("city", "overseer"))
    decided = sum(row["value"] for row in stats("decided", "status", None, None)["rows"])
    good = sum(row["value"] for row in stats("on_time", "status", None, None)["rows"])
    assert decided >= 2 and good == decided
    center = site.center("city")
    center.upkeep.rebuild()
    assert sum(row["value"] for row in stats("on_time", "status", None, None)["rows"]) == good and center.upkeep.verify()["ok"]
    assert "100%" in overseer.get("/counts?measure=in_time&by=item").text


def test_a_cell_is_never_a_formula() -> None:
    assert [safe_cell(one) for one in ("=1+1", "@x", "-5", "甲", 5, -5)] == ["'=1+1", "'@x", "'-5", "甲", "5", "-5"]


def test_bars_have_lengths_in_proportion() -> None:
    chart = bars_of([("一", 10.0, "10"), ("二", 5.0, "5"), ("三", 0.0, "0")])
    assert chart is not None and [bar.length for bar in chart.bars] == [330.0, 165.0, 0.0]
    assert bars_of([]) is None and bars_of([("零", 0.0, "0")]) is not None
