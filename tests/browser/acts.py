"""What people do on the pages, in their words: file a case, photograph, hand over, take an action on a case.

Forms are found by where they send and fields by their names, as the address table and the interface promise; how a page is
laid out and worded is its own affair. Everything works with and without scripts.
"""

from __future__ import annotations

import datetime as dt
import re
from random import Random
from typing import Any
from urllib.parse import urlsplit

from node.demo.pictures import paper_picture
from node.domain.filing.ids import ric_check_character
from node.domain.model import CST
from tests.browser.support import Demo
from tests.support.processes import wait_for

RANDOM = Random(20261124)
CASE_NO = re.compile(r"\d{12}-\d{6}-[0-9A-Z]+-\d{4}-[0-9A-Z]")


def person(name: str = "欧阳桂兰") -> dict[str, str]:
    """An applicant nobody is."""
    body = "42010219580312" + RANDOM.choice(("996", "998"))
    return {
        "name": name, "phone": f"154{RANDOM.randrange(10**8):08d}", "id_number": body + ric_check_character(body),
        "address": "江岸区大智街道保成社区3组12号",
    }  # fmt: skip


def path_of(page: Any) -> str:
    return str(urlsplit(page.url).path)


# filing --------------------------------------------------------------------------------------------------------------


def begin(page: Any, demo: Demo, name: str, words: str) -> str:
    """From the home to the draft of an item that is searched for; the draft's address."""
    page.goto(demo.url(name, "/new"))
    page.fill("main input[name=q]", words)
    page.locator("main form[role=search] button").first.click()
    page.locator("main a[href^='/new/']").first.click()
    page.locator("main form[action^='/new/'] button").first.click()
    page.wait_for_url(re.compile(r"/drafts/[0-9a-f]+"))
    return path_of(page)


def fill_draft(page: Any, who: dict[str, str], *, agent: bool) -> None:
    for name, value in who.items():
        page.fill(f"#form [name={name}]", value)
    if not agent:
        page.locator("#form input[name=channel][value=window]").check()
        return
    page.locator("#form input[name=channel][value=village_agent]").check()
    for scope in ("submit", "correct", "collect"):
        page.locator(f"#form input[name=mandate_scope][value={scope}]").check()
    page.fill("#form [name=mandate_until]", (dt.datetime.now(CST).date() + dt.timedelta(90)).isoformat())
    page.locator("#form input[name=mandate_signed][value=handprint]").check()


def wait_saved(page: Any) -> None:
    """Until what was typed is on the node's disk, as the page says."""
    page.wait_for_timeout(900)  # the page waits so long for the next keystroke
    page.wait_for_function("() => !/busy|failed/.test(document.getElementById('savestate').className)")


def photograph_all(page: Any) -> int:
    """A photograph for every material that is missing, chosen beside it; how many."""
    count = 0
    while page.locator(".checklist li.lacks input[type=file]").count():
        lacking = page.locator(".checklist li.lacks").count()
        picture = {"name": f"IMG_{count:04d}.png", "mimeType": "image/png", "buffer": paper_picture(RANDOM)}
        page.locator(".checklist li.lacks input[type=file]").first.set_input_files(picture)
        page.wait_for_function("n => document.querySelectorAll('.checklist li.lacks').length < n", arg=lacking)
        count += 1
    return count


def photograph_plainly(page: Any) -> int:
    """The same without scripts: all files at once, then each to its material."""
    wanted = page.locator(".checklist li.lacks b").all_inner_texts()
    pictures = [{"name": f"IMG_{n}.png", "mimeType": "image/png", "buffer": paper_picture(RANDOM)} for n in range(len(wanted))]
    if not wanted:
        return 0
    page.set_input_files("#plain-files", pictures)
    page.locator("form:has(#plain-files) button").click()
    for n, material in enumerate(wanted):
        page.locator("select[form=sort]").nth(n).select_option(material)
    page.locator("button[form=sort]").first.click()
    return len(wanted)


def lodge(page: Any) -> str:
    """Press the button that files; the case number on the slip."""
    page.locator("[formaction$='/lodge']").click()
    page.wait_for_url(re.compile(r"/done"))
    found = CASE_NO.search(page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()
    return found.group()


def file_case(page: Any, demo: Demo, name: str = "village", words: str = "老年", *, plainly: bool = False) -> tuple[str, str]:
    """A whole filing; case number and query code."""
    begin(page, demo, name, words)
    fill_draft(page, person(), agent=name == "village")
    if plainly:
        page.locator("button[form=form]:not([formaction])").first.click()  # save, as nothing does it by itself
        photograph_plainly(page)
    else:
        photograph_all(page)
    number = lodge(page)
    return number, page.locator("main .code").nth(1).inner_text().strip()


def hand_over(page: Any, demo: Demo, number: str) -> None:
    """Hand this case over to the township."""
    page.goto(demo.url("village", "/handover"))
    for box in page.locator("main input[type=checkbox][name=case_no]").all():
        box.set_checked(box.get_attribute("value") == number)
    page.locator("main form[action='/handover'] button").last.click()
    page.locator("main form input[name=confirm] ~ p button").click()
    page.wait_for_url(re.compile(r"/handover/.+"))
    assert number in page.locator("main").inner_text()


# a case ---------------------------------------------------------------------------------------------------------------


def act(page: Any, demo: Demo, name: str, number: str, action: str, **given: str) -> None:
    """Take an action on the case's page; required fields that are not given get what the interface shows as examples."""
    page.goto(demo.url(name, f"/cases/{number}"))
    wait_offered(page, action)
    form = form_of(page, number, action)
    for field in form.locator("input:not([type=hidden]), select, textarea").all():
        fill(field, given)
    button = form.locator(f"button[value='{action}'], button[formaction$='/actions/{action}'], button").first
    button.click()
    page.wait_for_load_state()
    assert page.locator("main [role=alert]").count() == 0, page.locator("main [role=alert]").first.inner_text()


def forms(action: str) -> str:
    return f"main form[action$='/actions/{action}'], main form:has([formaction$='/actions/{action}'])"


def wait_offered(page: Any, action: str) -> None:
    """Until the case page that is open offers the action: a case that was just handed over is known before it is taken."""
    somewhere = f"{forms(action)}, main a[href$='/actions/{action}']"

    def offered() -> bool:
        return bool(page.locator(somewhere).count() or not page.reload())

    wait_for(offered)


def form_of(page: Any, number: str, action: str) -> Any:
    """The form of an action, opened when it is folded, or the one of the page it has to itself."""
    here = forms(action)
    if not page.locator(here).count():
        page.locator(f"main a[href$='/actions/{action}']").first.click()
    form = page.locator(here).first
    folded = page.locator(f"details:not([open]):has(form[action$='/actions/{action}'])")
    if folded.count():
        folded.first.locator("summary").first.click()
    return form


def fill(field: Any, given: dict[str, str]) -> None:
    name, kind = field.get_attribute("name") or "", field.get_attribute("type") or ""
    if not name or not field.is_visible() or not field.is_enabled():
        return
    tag = field.evaluate("e => e.tagName")
    required = field.get_attribute("required") is not None
    value = given.get(name)
    if kind in ("checkbox", "radio"):
        chosen = value is not None and (value == "True" or field.get_attribute("value") in value.split(","))
        if chosen or (required and value is None and kind == "checkbox"):
            field.check()
    elif tag == "SELECT":
        options = [one.get_attribute("value") or "" for one in field.locator("option").all()]
        wanted = value if value in options else next((one for one in options if one), "")
        if (value is not None or required) and wanted:
            field.select_option(wanted)
    elif kind != "file" and (value is not None or (required and not field.input_value())):
        field.fill(value if value is not None else (field.get_attribute("placeholder") or example(kind)))


def example(kind: str) -> str:
    return {"date": (dt.datetime.now(CST).date() + dt.timedelta(10)).isoformat(), "number": "5"}.get(kind, "情况属实，同意")


ORDER = ("clerk", "examiner", "reviewer", "approver", "agent", "director")
DONE = ("delivered", "refused", "not_accepted", "withdrawn", "voided", "terminated")


def next_step(demo: Demo, name: str, number: str) -> tuple[str, str, dict[str, str]] | None:
    """(role, action, fields) of the first step forward that somebody at the node may take now."""
    for role in ORDER:
        if role not in demo[name]["tokens"]:
            continue
        offered = demo.api(name, role, f"/cases/{number}")["actions"]
        for action in offered:
            if action["as"] == "event" and action["forward"]:
                return role, action["action"], {field["name"]: str(field["example"]) for field in action["fields"]}
    return None
