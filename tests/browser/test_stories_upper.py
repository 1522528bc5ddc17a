"""Stories of the district, the city, the administrator and the resident, on four real processes."""

from __future__ import annotations

import re
from typing import Any

from tests.browser import acts
from tests.browser.support import Demo, People, built
from tests.support.processes import wait_for

UP = ("village", "township", "district", "city")


def holder(demo: Demo, number: str) -> str:
    """The node that has the case in its hands; empty while it is under way."""
    for name in UP:
        role = "agent" if name == "village" else "clerk"
        found = [one for one in demo.api(name, role, f"/cases?q={number}")["cases"] if one["case_no"] == number]
        if found and found[0]["custodian"] == demo[name]["code"]:
            return name
    return ""


def test_a_case_goes_up_is_decided_and_comes_home(demo: Demo, people: People) -> None:
    """Through the browser at every desk: the agent, the township, the district's examiner and approver, the agent again."""
    pages: dict[tuple[str, str], Any] = {("village", "agent"): people.open("village", "agent")}
    number, _ = acts.file_case(pages["village", "agent"], demo, words="高龄津贴")
    acts.hand_over(pages["village", "agent"], demo, number)
    seen, steps = [], 0
    while steps < 16:
        wait_for(lambda: holder(demo, number))
        name = holder(demo, number)
        step = acts.next_step(demo, name, number)
        if step is None:
            break
        role, action, fields = step
        page = pages.get((name, role)) or people.open(name, role)
        pages[name, role] = page
        acts.act(page, demo, name, number, action, **fields)
        seen.append(f"{name} {action}")
        steps += 1
    case = demo.api("village", "agent", f"/cases/{number}")
    assert case["status"] == "delivered", (case["status"], seen)
    assert any(one.startswith("district") for one in seen), seen
    if not built("/cases/{no}"):
        return
    pages["village", "agent"].goto(demo.url("village", f"/cases/{number}"))
    assert pages["village", "agent"].locator(".hops .hop.done").count() >= 3


def test_the_city_changes_an_item_and_everybody_has_it(demo: Demo, people: People) -> None:
    page = people.open("city", "catalog_editor")
    page.goto(demo.url("city", "/catalog"))
    page.fill("main input[name=q]", "老年人优待证")
    page.locator("main form[role=search] button").first.click()
    page.locator("main a[href^='/catalog/ZW']").first.click()
    page.locator("main a[href$='/edit']").first.click()
    page.fill("main [name=fee]", "免费，邮寄也免费")
    page.locator("main button[value=save]").last.click()
    page.wait_for_url(re.compile("/catalog/"))
    page.goto(demo.url("city", "/catalog/changes"))
    assert "邮寄也免费" in page.locator("main").inner_text()
    day = page.locator("main form input[type=date]").first
    day.fill(page.locator("main form input[type=date]").first.get_attribute("min") or day.input_value())
    page.locator("main form:has(input[type=date]) button").last.click()
    page.wait_for_load_state()
    assert page.locator("main [role=alert]").count() == 0
    revision = demo.status("city")["catalog"]["revision"]
    wait_for(lambda: demo.status("village")["catalog"]["revision"] == revision)


def test_the_network_tells_who_is_silent_and_since_when(demo: Demo, people: People) -> None:
    page = people.open("city", "overseer")
    page.goto(demo.url("city", "/network"))
    text = page.locator("main").text_content()
    for name in UP:
        assert demo[name]["code"] in text
    page.fill("main input[name=q]", demo["village"]["code"])
    page.locator("main form[role=search] button").first.click()
    page.wait_for_url(re.compile("q="))
    assert demo["village"]["code"] in page.locator("main li").first.inner_text()
    page.goto(demo.url("city", "/counts"))
    assert page.locator("main table tbody tr").count() >= 3


def test_an_administrator_adds_a_person_invites_a_village_and_backs_up(demo: Demo, people: People) -> None:
    page = people.open("township", "admin")
    page.goto(demo.url("township", "/admin/staff"))
    form = page.locator("form[action='/admin/staff']")
    form.locator("[name=name]").fill("胡静")
    form.locator("[name=role]").select_option("clerk")
    form.locator("button").last.click()
    page.wait_for_url(re.compile("/admin/staff/card"))
    assert "胡静" in page.locator("main").inner_text()
    page.goto(demo.url("township", "/admin/nodes"))
    form = page.locator("form[method=post][action='/admin/nodes']")
    form.locator("[name=code]").fill("420102002001")
    form.locator("[name=name]").fill("新社区代办点")
    form.locator("[name=tier]").select_option("village")
    form.locator("button").last.click()
    page.wait_for_url(re.compile("/admin/nodes/card"))
    page.goto(demo.url("township", "/admin/backup"))
    page.locator("form[action='/admin/backup']:has(input[value=backup]) button").click()
    page.wait_for_selector("#job .alert-success", timeout=30_000)
    page.goto(demo.url("township", "/admin/audit"))
    assert page.locator("main table tbody tr").count() >= 2


def test_a_resident_asks_on_a_phone(demo: Demo, people: People) -> None:
    """From the landing: what to bring for a registration, where one's case is, and a code that is wrong."""
    agent = people.open("village", "agent")
    number, code = acts.file_case(agent, demo, words="生育登记")
    page = people.open("village", size="phone")
    people.watched[-1].expected += ("status of 404",)  # the wrong code
    page.goto(demo.url("village", "/"))
    assert page.locator(".doors a").count() == 3
    page.fill("main input[name=q]", "生育")
    page.locator("main form[role=search] button").click()
    page.wait_for_url(re.compile(r"/guide\?q="))
    page.locator("main a[href^='/guide/']").first.click()
    page.wait_for_url(re.compile("/guide/"))
    assert "生育" in page.locator("h1").inner_text() and page.locator("main table tbody tr").count() >= 1
    page.locator("nav a[href='/status']").click()
    page.wait_for_url(re.compile("/status"))
    ask_status(page, number, "00000000")
    assert page.locator("main [role=alert]").count() == 1 and page.input_value("#f-no") == number
    ask_status(page, number.lower(), code)
    text = page.locator("main").inner_text()
    assert number in text and "12345" in text and page.locator(".hops .hop[aria-current=step]").count() == 1
    assert "欧阳桂兰" not in page.content() and code not in page.content() and code not in page.url
    acts.hand_over(agent, demo, number)
    wait_for(lambda: holder(demo, number) == "township")
    page.goto(demo.url("village", f"/status?no={number}"))
    page.fill("#f-code", code)
    page.locator("main form button").click()
    page.wait_for_selector(".hops .hop.done")
    assert "您不用跑" in page.locator("main").inner_text()


def ask_status(page: Any, number: str, code: str) -> None:
    page.fill("#f-no", number)
    page.fill("#f-code", code)
    with page.expect_navigation():
        page.locator("main form button").click()
