"""Stories of whoever supervises and of the city's editor, on four real processes: from a red figure to an order that is answered and closed,
an appeal that is won, a rule that is changed and published."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.checks import axe_faults, frame_faults, size, small_targets, width_fault
from tests.browser.support import Demo, People
from tests.support.processes import wait_for

V1 = "/oversight"


def faults_of(page: Any) -> list[str]:
    """What does not fit or is not sound on a page, at a desk and on a phone."""
    found = frame_faults(page, "zh")
    for wide in ("desktop", "phone"):
        size(page, wide)
        found += [f"{wide}: {one}" for one in (*width_fault(page), *axe_faults(page))]
    found += small_targets(page)
    size(page, "desktop")
    return found


def send(page: Any, action: str, /, **fields: str) -> None:
    """Fill in and send the form that goes to an address ending so; the page is another one then."""
    form = page.locator(f"form[action$='{action}']")
    for name, text in fields.items():
        field = form.locator(f"[name={name}]").first
        kind = field.get_attribute("type")
        if kind == "radio":
            form.locator(f"[name={name}][value={text}]").check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    with page.expect_navigation():
        form.locator("button").first.click()


def test_from_a_red_figure_to_an_order_answered_and_closed(demo: Demo, people: People) -> None:
    page, below = people.open("district", "overseer"), people.open("township", "director")
    unit = demo["township"]["code"]
    page.goto(demo.url("district", f"/oversight?view=overdue&holder={unit}"))
    case = page.locator("table.watchlist td.mono a").first
    number = case.inner_text()
    case.click()
    page.wait_for_url(f"**/oversight/cases/{number}")
    page.locator(f"a[href^='/orders/new?case_no={number}']").click()
    page.wait_for_url("**/orders/new*")
    with page.expect_navigation():
        page.locator("button[name=sign]").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f]{64}"))
    order = "/orders/" + page.url.rsplit("/", 1)[1]
    demo.until("district", "overseer", f"{V1}{order}", state="delivered")
    below.goto(demo.url("township", "/orders"))
    assert below.locator("ul.tabs b.tag").count() and number in below.locator("main").inner_text()
    below.goto(demo.url("township", f"/cases/{number}"))
    below.locator(f"a[href='{order}']").click()
    send(below, "/receive")
    below.locator("#f-reply-files").set_input_files({"name": "排班表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    send(below, "/reply", result="正在办理，明日办结", cause="经办人休假", responsible="已提醒经办人", measures="设置AB岗")
    assert faults_of(below) == []
    demo.until("district", "overseer", f"{V1}{order}", state="replied")
    page.goto(demo.url("district", order))
    assert (
        "经办人休假" in page.locator("main").inner_text()
        and page.locator("a[href*='/attachments/']").inner_text() == "排班表.pdf"
    )
    send(page, "/close", opinion="同意")
    assert "已核销" in page.locator("h1").inner_text()
    demo.until("township", "director", f"{V1}{order}", state="closed")


def test_an_appeal_is_won(demo: Demo, people: People) -> None:
    below, above = people.open("township", "director"), people.open("district", "overseer")

    def served() -> bool:
        below.goto(demo.url("township", "/appeals?box=open"))
        return bool(below.locator("main a[href^='/oversight/signals/']").count())

    wait_for(served, 120)  # a node looks at signals every half minute
    faults = {"appeals": faults_of(below)}
    below.locator("main a[href^='/oversight/signals/']").first.click()
    below.wait_for_url(re.compile(r"/oversight/signals/[0-9a-f]{64}"))
    card = below.url.rsplit("/", 1)[1]
    faults["card"] = faults_of(below)
    below.locator("#f-evidence").set_input_files({"name": "停电证明.png", "mimeType": "image/png", "buffer": b"x"})
    send(below, f"/oversight/signals/{card}", ground="outage", text="11月停电半天，有供电所证明")
    below.wait_for_url(re.compile(r"/appeals/[0-9a-f]{64}"))
    appeal = "/appeals/" + below.url.rsplit("/", 1)[1]
    assert demo.api("township", "director", f"{V1}/cards/{card}")["state"] == "appealed"
    demo.until("district", "overseer", f"{V1}{appeal}", state="delivered")
    above.goto(demo.url("district", "/appeals"))
    above.locator(f"main a[href='{appeal}']").click()
    above.wait_for_url(f"**{appeal}")
    faults["appeal"] = faults_of(above)
    send(above, "/decide", outcome="revoke", reason="证明属实")
    assert "撤销" in above.locator("h1").inner_text()
    demo.until("township", "director", f"{V1}/cards/{card}", state="revoked")
    demo.until("city", "overseer", f"{V1}/cards/{card}", state="revoked")
    below.goto(demo.url("township", f"/oversight/signals/{card}"))
    assert "已撤销" in below.locator("h1").inner_text()
    assert {path: found for path, found in faults.items() if found} == {}


def test_a_rule_is_changed_and_published(demo: Demo, people: People) -> None:
    page = people.open("city", "catalog_editor")
    page.goto(demo.url("city", "/rules"))
    page.locator("a[href='/rules/supervision']").first.click()
    page.wait_for_url("**/rules/supervision")
    text = page.request.get(demo.url("city", "/rules/supervision?as=toml")).text()
    assert "草稿删除" in text
    changed = text.replace("草稿删除", "作废的草稿").encode()
    page.locator("#f-file").set_input_files({"name": "supervision.toml", "mimeType": "text/plain", "buffer": changed})
    page.locator("form:has(#f-file) button").click()
    page.wait_for_url("**/rules/supervision?file=*")
    assert "作废的草稿" in page.locator("main").inner_text() and "A03" in page.locator("main").inner_text()
    assert faults_of(page) == []
    page.locator("form:has(input[name=key]) button").click()
    page.wait_for_url("**/rules/supervision?done=published")
    below = people.open("township", "director")

    def arrived() -> bool:
        below.goto(demo.url("township", "/rules/supervision"))
        return "作废的草稿" in below.locator("main").inner_text()

    wait_for(arrived)
