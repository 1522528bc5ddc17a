"""What is wrong with a field stands beside it when it is left and is gone when it is mended; no bubbles; in both languages."""

from __future__ import annotations

import pytest

from tests.browser import acts
from tests.browser.support import Demo, People


@pytest.mark.parametrize(("language", "sentence"), [("zh", "必填项未填写"), ("en", "required")])
def test_a_required_field_that_is_left_empty_says_so_until_it_is_filled(
    demo: Demo, people: People, language: str, sentence: str
) -> None:
    page = people.open("township", "clerk", language=language)
    page.goto(demo.url("township", "/me"))
    field = page.locator("form[action='/me/password'] [name=old]")
    field.focus()
    page.keyboard.press("Tab")
    assert sentence in page.inner_text("#f-old-e") and field.get_attribute("aria-invalid") == "true"
    assert "f-old-e" in (field.get_attribute("aria-describedby") or "")
    field.fill("x")
    assert page.locator("#f-old-e").count() == 0 and field.get_attribute("aria-invalid") is None
    page.locator("form[action='/me/password'] button").last.click()
    assert acts.path_of(page) == "/me" and page.locator("form[action='/me/password'] .invalid").count() == 2
    assert page.evaluate("() => document.activeElement.name") == "password"


def test_a_wrong_number_in_a_draft_is_told_when_it_is_left_and_gone_when_mended(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    acts.begin(page, demo, "village", "老年")
    page.fill("#f-id_number", "420102195803129961")
    page.keyboard.press("Tab")
    page.wait_for_selector("#f-id_number-e")
    assert page.locator("#f-name-e").count() == 0, "what nobody touched is not scolded"
    page.fill("#f-id_number", acts.person()["id_number"])
    page.keyboard.press("Tab")
    acts.wait_saved(page)
    assert page.locator("#f-id_number-e").count() == 0
