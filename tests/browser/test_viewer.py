"""Materials, large: opened, enlarged, turned, the next one, closed; by mouse, finger and keyboard; without a script the file itself."""

from __future__ import annotations

from typing import Any

from node.demo.pictures import paper_picture
from tests.browser import acts
from tests.browser.support import Demo, People


def photographed(page: Any, demo: Demo) -> str:
    draft = acts.begin(page, demo, "village", "老年")
    for n in range(2):
        picture = {"name": f"IMG_{n}.png", "mimeType": "image/png", "buffer": paper_picture(acts.RANDOM)}
        page.set_input_files("#pick-many", picture)
        page.wait_for_function("n => document.querySelectorAll('a[data-view]').length > n", arg=n)
    return draft


def test_a_material_is_enlarged_turned_and_left_by_keyboard(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    photographed(page, demo)
    page.locator("a[data-view]").first.focus()
    page.keyboard.press("Enter")
    viewer = page.locator("#viewer")
    page.wait_for_function("() => document.getElementById('viewer').dataset.zoom === '100'")
    assert "1" in page.inner_text("#viewer-name") and "IMG_0.png" in page.inner_text("#viewer-name")
    page.keyboard.press("+")
    page.keyboard.press("r")
    assert (viewer.get_attribute("data-zoom"), viewer.get_attribute("data-turned")) == ("140", "90")
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.getElementById('viewer').dataset.turned === '0'")
    assert "IMG_1.png" in page.inner_text("#viewer-name")
    assert page.evaluate("() => document.querySelector('main').inert")
    page.keyboard.press("Escape")
    assert viewer.is_hidden() and page.evaluate("() => document.activeElement.matches('a[data-view]')")


def test_a_material_is_enlarged_and_moved_by_finger_on_a_telephone(demo: Demo, people: People) -> None:
    page = people.open("village", "agent", size="phone")
    photographed(page, demo)
    page.locator("a[data-view]").first.click()
    page.wait_for_function("() => document.getElementById('viewer').dataset.zoom === '100'")
    page.mouse.move(300, 400)
    page.mouse.down()
    page.mouse.move(120, 400)
    page.mouse.up()
    assert "IMG_1.png" in page.inner_text("#viewer-name")  # wiped aside
    page.locator("#viewer [data-do=in]").click()
    assert page.locator("#viewer").get_attribute("data-zoom") == "140"
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390
    page.locator("#viewer [data-do=close]").click()
    assert page.locator("#viewer").is_hidden()


def test_without_a_script_the_link_opens_the_picture(demo: Demo, people: People) -> None:
    with_script = people.open("village", "agent")
    draft = photographed(with_script, demo)
    page = people.open("village", "agent", scripts=False)
    page.goto(demo.url("village", draft))
    assert page.locator("#viewer").is_hidden()
    with page.context.expect_page() as opened:
        page.locator("a[data-view]").first.click()
    assert "/files/" in opened.value.url


def test_a_pdf_stands_in_the_page_or_says_how_to_open_it(demo: Demo, people: People) -> None:
    page = people.open("village", "agent")
    acts.begin(page, demo, "village", "老年")
    page.set_input_files(
        "#pick-many", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n" + b" " * 90}
    )
    page.locator("a[data-view=pdf]").click()
    shows = page.evaluate("() => navigator.pdfViewerEnabled")
    assert page.locator("#viewer iframe" if shows else "#viewer .viewstage [role=alert]").count() == 1
    assert page.locator("#viewer-full").get_attribute("href").endswith(page.locator("a[data-view=pdf]").get_attribute("href"))
