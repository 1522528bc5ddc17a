"""The stories of the people, as they do them: clicking and typing, on four real processes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import acts
from tests.browser.support import Demo, People
from tests.support.processes import wait_for


def known(demo: Demo, name: str, number: str) -> dict[str, Any]:
    """The cases of that number in the list of a node's API: one entry each time it is there."""
    role = {"village": "agent"}.get(name, "clerk")
    listed = demo.api(name, role, f"/cases?q={number}")["cases"]
    found = [one for one in listed if one["case_no"] == number]
    assert len(found) <= 1, f"{number} is {len(found)} times at {name}"
    return found[0] if found else {}


def status(demo: Demo, name: str, number: str) -> str:
    return str(known(demo, name, number).get("status", ""))


def test_an_agent_files_photographs_and_hands_over(demo: Demo, people: People) -> None:
    page = people.open("village", "agent", size="phone")
    assert acts.path_of(page) == "/agent"
    page.locator("main a[href='/new']").first.click()
    number, code = acts.file_case(page, demo)
    assert code and page.locator("main a[href$='/papers/receipt']").count()
    acts.hand_over(page, demo, number)
    wait_for(lambda: known(demo, "township", number))


def test_a_draft_tells_what_is_missing_and_loses_nothing(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    acts.begin(page, demo, "village", "老年")
    page.fill("#form [name=name]", "田秀英")
    page.fill("#form [name=id_number]", "420102195803129961")
    page.locator("[formaction$='/lodge']").click()
    page.wait_for_selector("main [role=alert]")
    assert page.input_value("#form [name=name]") == "田秀英"
    assert page.locator("#form [aria-invalid=true]").count() >= 2
    assert page.locator("main [role=alert] a").count() >= 2


def test_filing_goes_on_while_the_line_is_pulled_and_arrives_once(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    page.locator("[data-test=line-village] button").click()
    assert "拔" in page.locator("[data-test=line-village]").inner_text()
    number, _ = acts.file_case(page, demo)
    acts.hand_over(page, demo, number)
    clerk = people.open("township", "clerk")
    assert not known(demo, "township", number)
    page.locator("[data-test=line-village] button[value=join]").click()
    wait_for(lambda: known(demo, "township", number))
    wait_for(demo.online)
    clerk.goto(demo.url("township", f"/cases/{number}"))
    assert number in clerk.locator("main").inner_text()
    assert status(demo, "village", number) == status(demo, "township", number)


def test_a_power_cut_loses_nothing_of_a_half_typed_draft(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    people.watched[-1].expected += (
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "Failed to load resource",
    )
    address = acts.begin(page, demo, "village", "老年")
    page.fill("#form [name=name]", "欧阳建国")
    acts.wait_saved(page)
    demo.kill("village")
    page.fill("#form [name=note]", "停电以后写的")
    page.wait_for_function("() => document.getElementById('savestate').classList.contains('failed')")
    demo.start_node("village")
    page.wait_for_function("() => !/busy|failed/.test(document.getElementById('savestate').className)", timeout=30_000)
    page.goto(demo.url("village", address))
    assert page.input_value("#form [name=name]") == "欧阳建国"
    assert page.input_value("#form [name=note]") == "停电以后写的"


def test_a_clerk_accepts_and_a_list_keeps_itself_up_to_date(demo: Demo, people: People) -> None:
    clerk = people.open("township", "clerk")
    clerk.goto(demo.url("township", "/work?part=arrived"))
    agent = people.open("village", "agent")
    number, _ = acts.file_case(agent, demo)
    acts.hand_over(agent, demo, number)
    clerk.wait_for_selector(f"#rows a[href*='{number}']", timeout=20_000)
    acts.act(clerk, demo, "township", number, "receive")
    acts.act(clerk, demo, "township", number, "accept")
    assert status(demo, "township", number) == "accepted"
    wait_for(lambda: status(demo, "village", number) == "accepted")


def test_colleagues_change_places_by_pin(demo: Demo, people: People) -> None:
    page = people.open("village", "agent", number=1)
    first = demo.login("village", "agent", 1)
    page.goto(demo.url("village", "/logout"))
    page.context.clear_cookies(name=re.compile("tb_session.*"))
    second = demo.login("village", "agent", 2)
    page.goto(demo.url("village", "/login"))
    page.fill("input[name=username]", second["username"])
    page.fill("input[name=password]", second["password"])
    page.locator("main form button:not([type=button])").first.click()
    page.goto(demo.url("village", "/switch"))
    page.locator(f"main a:has-text('{first['name']}')").click()
    page.fill("input[name=pin]", first["pin"])
    page.locator("main form button:not([type=button])").first.click()
    page.wait_for_url(re.compile("/agent"))
    assert first["name"] in page.locator("header").inner_text()


@pytest.mark.parametrize("name", ["village", "township"])
def test_the_switch_explains_itself(name: str, demo: Demo, people: People) -> None:
    page = people.open(name)
    page.goto(demo.url(name, "/line"))
    assert page.locator("main form[action='/line']").count() == 4  # three lines and the test gateway
