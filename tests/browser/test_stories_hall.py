"""Stories of a hall in Chromium: by keyboard alone, a request for correction, a paper that is issued, printed and checked."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlsplit

from node.demo.pictures import paper_picture
from tests.browser import acts
from tests.browser.support import Demo, People
from tests.support.processes import wait_for


def status(demo: Demo, number: str) -> str:
    return str(demo.api("township", "clerk", f"/cases/{number}")["status"])


def tab_to(page: Any, wanted: str, most: int = 120) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def test_a_case_is_found_and_accepted_by_keyboard_alone(demo: Demo, people: People) -> None:
    clerk = people.open("township", "clerk")
    number, _ = acts.file_case(clerk, demo, "township")
    clerk.goto(demo.url("township", "/work"))
    tab_to(clerk, "main input[name=q]")
    clerk.keyboard.type(number)
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(re.compile(f"/cases/{number}"))
    accept = f"form[action$='/{number}/actions/accept']"
    tab_to(clerk, f"details:has({accept}) > summary")  # an item done at once has that act open, before it
    clerk.keyboard.press("Enter")
    tab_to(clerk, f"{accept} button")
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(re.compile("done=accept"))
    assert status(demo, number) == "accepted"


def test_letters_move_over_rows_and_open_the_acts_of_a_case(demo: Demo, people: People) -> None:
    clerk = people.open("township", "clerk")
    number, _ = acts.file_case(clerk, demo, "township")
    clerk.goto(demo.url("township", "/work"))
    clerk.keyboard.press("/")
    assert clerk.evaluate("document.activeElement.name") == "q"
    clerk.keyboard.type("jk?/")
    assert clerk.input_value("main input[name=q]") == "jk?/", "while somebody types, letters are letters"
    clerk.evaluate("document.activeElement.blur()")
    clerk.keyboard.press("j")
    first = clerk.evaluate("document.activeElement.href")
    assert "/cases/" in first
    clerk.keyboard.press("j")
    clerk.keyboard.press("k")
    assert clerk.evaluate("document.activeElement.href") == first
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(first)
    clerk.goto(demo.url("township", f"/cases/{number}"))
    letter = clerk.locator("details.act.forward[data-key]:has(form[action$='/accept'])").get_attribute("data-key")
    clerk.keyboard.press("?")
    assert clerk.locator("dialog#keys").get_attribute("open") is not None
    assert clerk.locator("dialog#keys kbd", has_text=str(letter)).count() >= 1
    clerk.keyboard.press("Escape")
    clerk.keyboard.press(str(letter))
    assert clerk.evaluate("document.activeElement.closest('form').action").endswith("/actions/accept")
    assert status(demo, number) == "submitted", "a letter opens the act, it does not take it"


def picture(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": paper_picture(acts.RANDOM)}


def answer_correction(page: Any) -> None:
    """A new photograph for the first material, paper for the second; the button opens when nothing is missing any more."""
    button = page.locator("main form[action$='/actions/supply_correction'] button")
    assert button.is_disabled() and page.locator("#lacks").inner_text()
    page.set_input_files("#pick-0", picture("IMG_2.png"))
    page.wait_for_selector("#new-0[data-got]")
    assert button.is_disabled()
    page.check("#paper-1")
    page.fill("#count-1", "2")
    assert button.is_enabled() and not page.locator("#lacks").inner_text()
    button.click()
    page.wait_for_load_state()


def sees_both(page: Any) -> None:
    """Old and new side by side, both pictures really there."""
    for place in ("#row-0 .oldnew > div:first-child img", "#row-0 .oldnew .new img"):
        page.locator(place).scroll_into_view_if_needed()
        page.wait_for_function("s => document.querySelector(s).naturalWidth > 0", arg=place)
    assert "纸质原件 2 份" in page.locator("#row-1").inner_text()


def test_a_correction_is_answered_with_a_new_photograph_at_the_counter(demo: Demo, people: People) -> None:
    clerk = people.open("township", "clerk")
    number, _ = acts.file_case(clerk, demo, "township")
    acts.act(clerk, demo, "township", number, "request_correction", content="照片不清\n缺章", materials="0,1")
    clerk.goto(demo.url("township", f"/cases/{number}"))
    answer_correction(clerk)
    assert status(demo, number) == "submitted"
    sees_both(clerk)
    acts.act(clerk, demo, "township", number, "accept")
    assert status(demo, number) == "accepted"


def test_a_correction_is_answered_from_a_phone_at_the_village(demo: Demo, people: People) -> None:
    agent, clerk = people.open("village", "agent", size="phone"), people.open("township", "clerk")
    number, _ = acts.file_case(agent, demo)
    acts.hand_over(agent, demo, number)
    wait_for(lambda: demo.api("township", "clerk", f"/cases?q={number}")["cases"])
    acts.act(clerk, demo, "township", number, "receive")
    acts.act(clerk, demo, "township", number, "request_correction", content="照片不清\n缺章", materials="0,1")
    demo.until("village", "agent", f"/cases/{number}", status="awaiting_correction")
    agent.goto(demo.url("village", f"/cases/{number}"))
    answer_correction(agent)
    assert "已" in agent.locator("main .alert").first.inner_text()
    wait_for(lambda: status(demo, number) == "submitted")
    clerk.goto(demo.url("township", f"/cases/{number}"))
    sees_both(clerk)


def test_a_correction_is_asked_for_and_waits_for_the_applicant(demo: Demo, people: People) -> None:
    clerk = people.open("township", "clerk")
    number, _ = acts.file_case(clerk, demo, "township")
    acts.act(clerk, demo, "township", number, "request_correction", content="照片不清，请重拍", materials="0")
    assert status(demo, number) == "awaiting_correction"
    clerk.goto(demo.url("township", "/work?part=applicant"))
    assert number in clerk.locator("main").inner_text()
    clerk.goto(demo.url("township", f"/cases/{number}/papers/correction"))
    assert "照片不清，请重拍" in clerk.locator(".sheet").inner_text()


def test_a_paper_is_issued_printed_and_checked_by_whoever_holds_it(demo: Demo, people: People) -> None:
    clerk = people.open("township", "clerk")
    number, _ = acts.file_case(clerk, demo, "township")
    acts.act(clerk, demo, "township", number, "accept")
    clerk.locator("main a[href$='/papers/acceptance']").click()
    assert "预览" in clerk.locator(".sheetmark").inner_text() and not clerk.locator(".paperqr").count()
    clerk.locator("form[action$='/papers/acceptance'] button").click()
    clerk.wait_for_selector(".paperqr")
    assert "号" in clerk.locator(".papernumber").inner_text()
    clerk.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
    clerk.locator("[data-print]").click()
    assert clerk.evaluate("() => window.printed") == 1
    clerk.emulate_media(media="print")
    assert not clerk.locator(".papertools").is_visible() and clerk.locator(".sheet").is_visible()
    code = clerk.locator(".sheetfoot .mono").inner_text()
    clerk.evaluate("() => { document.querySelector('.sheetfoot').style.zoom = 2; }")  # a photograph from near by
    printed = clerk.locator(".sheetfoot").screenshot()
    holder = people.open("township", size="phone")
    holder.goto(demo.url("township", f"/verify?code={code}"))
    assert "这份文书是真的" in holder.locator("main").inner_text() and urlsplit(holder.url).path == "/verify"
    holder.fill("main input[name=code]", code[:-3] + "000")
    holder.locator("main form[action='/verify'] button").click()
    assert "核验不通过" in holder.locator("main").inner_text()
    scanned(holder, demo, printed)
    without_a_camera(holder, demo)


CAMERA = """(picture) => { navigator.mediaDevices.getUserMedia = () => new Promise(done => {
  const seen = new Image(); seen.onload = () => {
    const canvas = document.createElement('canvas'); canvas.width = 1280; canvas.height = 720;
    const pen = canvas.getContext('2d');
    const draw = () => { pen.fillStyle = '#ddd'; pen.fillRect(0, 0, 1280, 720); pen.drawImage(seen, 20, 40); requestAnimationFrame(draw); };
    draw(); done(canvas.captureStream(10)); };
  seen.src = picture; }); }"""


def scanned(holder: Any, demo: Demo, printed: bytes) -> None:
    """The code on the printed sheet is read from a photograph and by the camera, which sees the sheet here."""
    photo = {"name": "IMG_1.png", "mimeType": "image/png", "buffer": printed}
    holder.goto(demo.url("township", "/verify"))
    holder.set_input_files("#scan-file", photo)
    holder.wait_for_url(re.compile("code="))
    assert "这份文书是真的" in holder.locator("main").inner_text()
    holder.set_input_files("#scan-file", {**photo, "buffer": paper_picture(acts.RANDOM)})
    holder.wait_for_function("() => /没有找到二维码/.test(document.querySelector('#scan [role=status]').textContent)")
    holder.goto(demo.url("township", "/verify"))
    holder.evaluate(CAMERA, "data:image/png;base64," + base64.b64encode(printed).decode())
    holder.locator("#scan [data-do=camera]").click()
    holder.wait_for_url(re.compile("code="))
    assert "这份文书是真的" in holder.locator("main").inner_text()


def without_a_camera(holder: Any, demo: Demo) -> None:
    """Whose device has none is told what to do instead; who has no script sees the field alone."""
    holder.goto(demo.url("township", "/verify"))
    holder.locator("#scan [data-do=camera]").click()
    holder.wait_for_function("() => /打不开摄像头/.test(document.querySelector('#scan [role=status]').textContent)")
    assert holder.locator("#scan [data-do=camera]").is_visible() and not holder.locator("#scan video").is_visible()
