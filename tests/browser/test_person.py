"""What is said at the number of a person as it is typed, before anything is saved, and taken over at one press."""

from __future__ import annotations

from tests.browser import acts
from tests.browser.support import Demo, People


def test_what_a_person_gave_is_offered_when_his_number_is_typed(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    who = acts.person("单雄信")
    acts.begin(page, demo, "village", "老年")
    acts.fill_draft(page, who, agent=True)
    acts.photograph_all(page)
    number = acts.lodge(page)
    acts.begin(page, demo, "village", "老年")
    address = page.url
    page.fill("#form [name=id_number]", who["id_number"])
    page.keyboard.press("Tab")
    page.wait_for_selector("#person [data-offer]")
    assert number in page.inner_text("#person") and page.url == address
    page.fill("#form [name=note]", "留着")
    page.click("#person [data-offer]")
    assert page.input_value("#form [name=name]") == who["name"] and page.input_value("#form [name=phone]") == who["phone"]
    acts.wait_saved(page)
    page.reload()
    assert page.input_value("#form [name=address]") == who["address"] and page.input_value("#form [name=note]") == "留着"
    assert number in page.inner_text("#person")
