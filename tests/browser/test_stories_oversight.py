"""Stories of whoever supervises, on four real processes: from a red figure to the case, at every hall; and the pages fit and are sound."""

from __future__ import annotations

import re

import pytest

from tests.browser.checks import axe_faults, frame_faults, size, small_targets, width_fault
from tests.browser.support import Demo, People


@pytest.mark.parametrize("name", ["city", "district", "township"])
def test_from_a_red_figure_to_the_way_of_the_case(name: str, demo: Demo, people: People) -> None:
    role = "overseer" if "overseer" in demo.roles(name) else "director"
    page = people.open(name, role)
    page.goto(demo.url(name, "/oversight"))
    figure = page.locator("ul.heads a", has_text="超期").first
    count = int(re.findall(r"\d+", figure.inner_text())[-1])
    assert count > 0
    figure.click()
    page.wait_for_url("**/oversight?view=overdue*")
    assert f"共 {count} 件" in page.locator("#list").inner_text()
    case = page.locator("table.watchlist tbody a.mono, table.watchlist tbody td.mono a").first
    number = case.inner_text()
    case.click()
    page.wait_for_url(f"**/oversight/cases/{number}")
    assert number in page.locator("h1").inner_text() and page.locator("ol.timeline li").count() > 0
    told = demo.api(name, role, f"/oversight/cases/{number}")
    assert told["case"]["over_days"] > 0 and told["case"]["holder"]["name"] in page.locator("main").inner_text()
    page.goto(demo.url(name, "/oversight/units"))
    below = page.locator("#unittable tbody tr:nth-child(2) th a:not(.fold)")
    if below.count():
        unit = below.inner_text()
        below.click()
        page.wait_for_url("**/oversight/units?at=*")
        assert unit in page.locator("h1").inner_text()


@pytest.mark.parametrize("name", ["township", "district", "city"])
def test_the_report_of_the_month_from_a_figure_to_its_cases_and_down_to_the_silent_village(
    name: str, demo: Demo, people: People
) -> None:  # fmt: skip
    role = "overseer" if "overseer" in demo.roles(name) else "director"
    page = people.open(name, role)
    page.goto(demo.url(name, "/oversight"))
    page.locator("nav.monitors a", has_text="月报").click()
    page.wait_for_url("**/oversight/report")
    page.locator("#month").select_option(index=0)
    page.locator("form.narrowing button").click()
    page.wait_for_url("**/oversight/report?*month=*")
    assert "未定稿" in page.locator("#state").inner_text() and "本中心共收件" in page.locator("main").inner_text()
    month = page.locator("#month").input_value()
    told = demo.api(name, role, f"/reports/monthly?month={month}")
    assert all(one["holds"] for one in told["checks"]), told["checks"]
    assert set(told["unknown_since"]) <= {one["node"] for one in told["missing"]} | set(told["as_of"])
    figure = page.locator("tr.total td a").first
    count = int(figure.inner_text())
    figure.click()
    page.wait_for_url("**/oversight/report/cases?*")
    assert f"共 {count} 件" in page.locator("h1").inner_text()
    assert page.locator("table.watchlist tbody tr").count() == min(count, 50)
    page.goto(demo.url(name, f"/oversight/report?month={month}"))
    below = page.locator("section[aria-labelledby=below] tbody tr th a").first
    unit = below.inner_text()
    below.click()
    page.wait_for_url("**/oversight/report?*node=*")
    assert unit in page.locator("h1").inner_text()


def test_the_pages_of_supervision_fit_and_are_sound(demo: Demo, people: People) -> None:
    page, faults = people.open("district", "overseer"), dict[str, list[str]]()
    number = demo.api("district", "overseer", "/oversight/cases?view=overdue")["cases"][0]["case_no"]
    township = demo["township"]["code"]
    for path in (
        "/oversight", "/oversight?view=overdue&over=1", "/oversight?view=drawn", "/oversight/units", f"/oversight/units?at={township}&days=1",
        f"/oversight/cases/{number}",
        "/oversight/signals?rung=red", "/oversight?under=" + township,
        "/oversight/monitors/time", "/oversight/monitors/fee", "/oversight/findings", "/oversight/cases.print?view=overdue",
        "/oversight/report", "/oversight/report/print", "/oversight/report/period",
    ):  # fmt: skip
        page.goto(demo.url("district", path))
        found = frame_faults(page, "zh")
        for wide in ("desktop", "phone"):
            size(page, wide)
            found += [f"{wide}: {one}" for one in (*width_fault(page), *axe_faults(page))]
        found += small_targets(page)
        if found:
            faults[path] = found
        size(page, "desktop")
    assert faults == {}
