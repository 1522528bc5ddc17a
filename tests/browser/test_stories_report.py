"""The story of a month: what a village signs goes up four tiers while another village is silent; it freezes, is counted again above, and what the
silent village did comes into the next month as 补报. The clock is the story's (`stepped.py`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.checks import axe_faults, frame_faults, picture, punctuation_faults, size, small_targets, width_fault
from tests.browser.stepped import PERSONS, Stepped
from tests.browser.support import PICTURES, People
from tests.network.test_reports import on

MARCH, APRIL = "2026-03", "2026-04"
UP = tuple(PERSONS)  # who signs, from the village up
SILENT = "泰宁社区"


@pytest.fixture
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stepped]:
    """A network with a second village, whose clock stands in March."""
    made = Stepped(tmp_path_factory.mktemp("months"), "pair")
    yield made
    made.site.close()


@pytest.fixture
def people(browser: Any, months: Stepped) -> Iterator[People]:
    """Whoever opens browsers at these nodes. Afterwards nothing may have gone wrong in any of them."""
    found = People(browser, months)
    yield found
    assert found.close() == []


def faults_of(page: Any, name: str) -> list[str]:
    """What does not fit, is not sound or not well said on a page, at a desk and on a phone."""
    found = frame_faults(page, "zh") + punctuation_faults(page)
    for wide in ("desktop", "phone"):
        size(page, wide)
        found += [f"{wide}: {one}" for one in (*width_fault(page), *axe_faults(page))]
        if PICTURES:
            picture(page, "report", f"{name}-{wide}")
    found += small_targets(page)
    size(page, "desktop")
    return [f"{name}: {one}" for one in found]


def text(page: Any) -> str:
    return str(page.locator("main").inner_text())


def figure(page: Any, table: str, unit: str, column: str) -> Any:
    """The cell of a unit in a column of a table of the report."""
    head = page.locator(f"section[aria-labelledby=t-{table}] thead th").all_inner_texts()
    row = page.locator(f"section[aria-labelledby=t-{table}] tbody tr", has=page.locator("th", has_text=unit))
    return row.first.locator("td").nth(head.index(column) - 1)


def march(months: Stepped) -> None:
    """Two cases at the township; of the second village one that is withdrawn there and one that is handed over, and nobody above knows."""
    town = months.site.town
    on(town, dt.date(2026, 3, 10))
    for _ in range(2):
        case = town.file("township", "ZW007")
        town.do("township", case, "accept")
    town.do("township", case, "withdraw")
    town.settle()
    town.cut("village2")
    given_up, handed = town.file("village2"), town.file("village2")
    town.do("village2", given_up, "withdraw")
    town.do("village2", handed, "hand_over")
    on(town, dt.date(2026, 4, 1))


def sign(page: Any, months: Stepped, name: str, month: str) -> None:
    """With the tick, and not without it."""
    page.goto(months.url(name, f"/oversight/report?month={month}"))
    assert "未定稿" in page.locator("#state").inner_text()
    page.fill("[name=checked_by]", "孙主任")
    for ticked in (False, True):
        if ticked:
            page.check("[name=sure]")
        with page.expect_navigation():
            page.locator("form[action='/oversight/report/sign'] button").click()
        assert ("未定稿" in page.locator("#state").inner_text()) is not ticked
        assert ticked or page.locator("[name=sure]").get_attribute("aria-invalid") == "true"
    minute(months)


def minute(months: Stepped) -> None:
    """What nodes do meanwhile: say what there is to say, and look at the clock."""
    months.site.town.settle()
    for node in months.site.town.nodes.values():
        node.center.tick()


def test_a_month_is_signed_at_four_tiers_with_one_village_silent(months: Stepped, people: People) -> None:
    town, faults = months.site.town, list[str]()
    march(months)
    for name, role in UP:
        page = people.open(name, role)
        sign(page, months, name, MARCH)
        shown = text(page)
        assert "已签报" in shown and f"填报人：{PERSONS[name, role]}　审核人：孙主任" in shown
        if name == "township":
            faults += faults_of(page, "township-signed")
        silent = re.search(f"◐ {SILENT}[^◐]*未上报，情况不明自3月10日", shown)
        assert bool(silent) is (name != "village"), (name, shown[:800])
    page.goto(months.url("city", f"/oversight/report?month={MARCH}"))
    assert "与本单位复算一致" in text(page)

    people.close()
    on(town, dt.date(2026, 4, 8))
    page = people.open("city", "overseer")
    page.goto(months.url("city", f"/oversight/report?month={MARCH}"))
    shown = text(page)
    assert "已冻结" in page.locator("#state").inner_text() and "已按签报所列的位置逐件复算，结果一致" in shown
    assert "与本单位复算一致" in shown and "不一致" not in shown
    page.goto(months.url("city", f"/oversight/report/print?month={MARCH}"))
    assert "填报单位（章）" in text(page) and re.search(f"{SILENT}[^◐]*未上报", text(page))
    faults += faults_of(page, "city-print")

    people.close()
    town.heal()  # the village is back
    on(town, dt.date(2026, 5, 1))
    page = people.open("township", "director")
    page.goto(months.url("township", f"/oversight/report?month={APRIL}&table=agency"))
    assert figure(page, "agency", SILENT, "代办登记").inner_text() == "2"
    page.locator("ul.tabs a", has_text="表一").click()
    page.wait_for_url("**table=cases*")
    page.locator("main a", has_text="比上月和上年").click()
    page.wait_for_url("**compare=1*")
    assert "2026年3月，数据不全" in text(page) and "2025年4月，无月报" in text(page)
    faults += faults_of(page, "township-beside")
    late = figure(page, "cases", SILENT, "补报")
    assert late.inner_text() == "1"
    late.locator("a").click()
    page.wait_for_url("**/oversight/report/cases?*column=late_reported*")
    assert "共 1 件" in page.locator("h1").inner_text() and page.locator("table.watchlist tbody tr").count() == 1
    faults += faults_of(page, "township-late")
    page.goto(months.url("township", f"/oversight/report?month={MARCH}&table=signals"))
    figure(page, "signals", "大智街道", "黄牌").locator("a").click()
    page.wait_for_url("**/oversight/report/signals?*column=yellow*")
    assert "共 1 件" in page.locator("h1").inner_text() and "T04" in text(page) and "24:00" in text(page)
    faults += faults_of(page, "township-yellow")
    assert faults == []
