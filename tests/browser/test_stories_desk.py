"""The desk of a supervisor while it is open: a case turns red and the page says so by itself; the browser's line is down and it says that, keeps what
it shows, and follows when the line is back. The clock is the story's (`stepped.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.stepped import Stepped
from tests.browser.support import People
from tests.network.test_heard import MINUTE, pass_time
from tests.support.network import DAY


@pytest.fixture
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stepped]:
    """A case that the township accepted two weeks ago; nobody has looked at the clock yet, so no card was served."""
    made = Stepped(tmp_path_factory.mktemp("desk"), "chain")
    town = made.site.town
    town.do("township", town.file("township", "ZW135"), "accept")
    town.world.advance(14 * DAY)
    town.heal()
    pass_time(town, 100 * MINUTE, 10 * MINUTE)
    yield made
    made.site.close()


@pytest.fixture
def people(browser: Any, fortnight: Stepped) -> Iterator[People]:
    """Whoever opens browsers at these nodes. Afterwards nothing may have gone wrong in any of them."""
    found = People(browser, fortnight)
    yield found
    assert found.close() == []


def count(page: Any, figure: str) -> str:
    return str(page.locator(f".heads [data-figure={figure}] b").inner_text())


def test_a_case_turns_red_while_the_desk_is_open_and_the_line_of_the_browser_fails(fortnight: Stepped, people: People) -> None:
    town = fortnight.site.town
    page = people.open("district", "overseer")
    page.goto(fortnight.url("district", "/oversight"))
    assert (count(page, "red"), page.locator("#deskchange").inner_text()) == ("0", "")
    page.locator("#unittable .fold").click()
    page.wait_for_selector("#unittable .fold[aria-expanded=true]")
    for name in town.nodes:
        town[name].center.watching.tick()
    town.heal()
    page.wait_for_selector(".heads [data-figure=red].changed")
    assert int(count(page, "red")) > 0 and "红牌由 0 变为 " in page.locator("#deskchange").inner_text()
    assert "红牌" in page.locator("table.urgentlist tbody tr").first.inner_text()
    page.wait_for_function(
        "() => /[1-9]/.test(document.querySelector('#unittable tbody tr:nth-child(2) td:nth-child(6)').textContent)"
    )
    assert page.locator("#unittable .fold[aria-expanded=true]").count() == 1  # what was unfolded stays so
    people.watched[-1].expected += ("ERR_INTERNET_DISCONNECTED",)
    page.context.set_offline(True)
    page.wait_for_selector("body.unreachable")
    assert page.locator(".lost").is_visible() and int(count(page, "red")) > 0
    town.do("township", town.file("township", "ZW007"), "accept")
    town.heal()
    page.context.set_offline(False)
    page.wait_for_selector("body:not(.unreachable)")
