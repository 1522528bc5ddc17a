"""The main stories in a browser without scripts: a case is filed with its photographs, handed over, accepted."""

from __future__ import annotations

from tests.browser import acts
from tests.browser.support import Demo, People
from tests.support.processes import wait_for


def test_filing_and_accepting_need_no_script(demo: Demo, people: People) -> None:
    agent = people.open("village", "agent", scripts=False)
    number, code = acts.file_case(agent, demo, words="生育登记", plainly=True)
    assert code
    acts.hand_over(agent, demo, number)
    wait_for(lambda: any(one["case_no"] == number for one in demo.api("township", "clerk", f"/cases?q={number}")["cases"]))
    clerk = people.open("township", "clerk", scripts=False)
    for action in ("receive", "accept"):
        acts.act(clerk, demo, "township", number, action)
    assert demo.api("township", "clerk", f"/cases/{number}")["status"] == "accepted"


def test_the_line_is_pulled_and_put_back_without_a_script(demo: Demo, people: People) -> None:
    page = people.open("township", scripts=False)
    page.goto(demo.url("township", "/line"))
    page.locator("main form:has([name=line][value=village]) button").click()
    assert page.locator("[data-test=line-village].pulled").count() == 1
    page.locator("main form:has([name=line][value=village]) button").click()
    assert page.locator("[data-test=line-village].whole").count() == 1
    wait_for(demo.online)
