"""The pictures of the walk in the README: the stories, done once on a fresh demo, each at its telling moment."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from node.demo import main as demo_module
from scripts.screenshots_parts.small import smaller
from tests.browser import acts
from tests.browser.support import Demo, People, chromium, chromium_browser
from tests.support.processes import ROOT, wait_for

TARGET = ROOT / "docs" / "screenshots"
FOLDS = 2  # a picture is cut at so many screens


def main() -> int:
    from playwright.sync_api import sync_playwright

    if not chromium():
        print("Chromium was not found", file=sys.stderr)
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo_module.make(folder, demo_module.ports_from(8800))
        with Demo(folder) as demo, sync_playwright() as playwright, chromium_browser(playwright.chromium.launch) as browser:
            people = People(browser, demo)
            walk(demo, people)
            people.close()
    return 0


def walk(demo: Demo, people: People) -> None:
    agent = people.open("village", "agent")
    show(agent, "1-agent-home")
    address = acts.begin(agent, demo, "village", "高龄津贴")
    acts.fill_draft(agent, acts.person(), agent=True)
    acts.photograph_all(agent)
    acts.wait_saved(agent)
    agent.goto(demo.url("village", address))
    show(agent, "2-agent-draft", folds=1)
    agent.locator("[data-test=line-village] button").click()
    number = acts.lodge(agent)
    code = agent.locator("main .code").nth(1).inner_text().strip()
    show(agent, "3-agent-slip-line-pulled")
    acts.hand_over(agent, demo, number)
    agent.locator("[data-test=line-village] button[value=join]").click()
    clerk = people.open("township", "clerk")
    wait_for(lambda: any(one["case_no"] == number for one in demo.api("township", "clerk", f"/cases?q={number}")["cases"]))
    in_the_hall(demo, clerk, number)
    above(demo, people)
    resident(demo, people, number, code)


def in_the_hall(demo: Demo, clerk: Any, number: str) -> None:
    """What arrived, the case, its notice of acceptance."""
    clerk.goto(demo.url("township", "/work?part=arrived"))
    show(clerk, "4-township-work")
    acts.act(clerk, demo, "township", number, "receive")
    clerk.goto(demo.url("township", f"/cases/{number}"))
    show(clerk, "5-township-case")
    acts.act(clerk, demo, "township", number, "accept")
    clerk.goto(demo.url("township", f"/cases/{number}/papers/acceptance"))
    clerk.locator("form[action$='/papers/acceptance'] button").click()
    clerk.wait_for_selector(".paperqr")
    show(clerk, "6-township-paper")


def above(demo: Demo, people: People) -> None:
    """The district's examiner beside the photographs, the city's catalog and network, a node's administrator."""
    examiner = people.open("district", "examiner")
    rows = demo.api("district", "examiner", "/cases?status=accepted&limit=100")["cases"]
    numbers = (row["case_no"] for row in rows if row["custodian"] == demo["district"]["code"])
    seen = next(no for no in numbers if all_here(demo.api("district", "examiner", f"/cases/{no}")))
    examiner.goto(demo.url("district", f"/cases/{seen}"))
    show(examiner, "7-district-case")
    editor = people.open("city", "catalog_editor")
    editor.goto(demo.url("city", "/catalog/changes"))
    show(editor, "8-city-changes")
    overseer = people.open("city", "overseer")
    overseer.goto(demo.url("city", "/network"))
    show(overseer, "9-city-network")
    admin = people.open("township", "admin")
    admin.goto(demo.url("township", "/admin/nodes"))
    show(admin, "10-township-admin")


def all_here(case: dict[str, Any]) -> bool:
    return len(case["materials"]) > 1 and all(row["state"] == "here" for row in case["materials"])


def resident(demo: Demo, people: People, number: str, code: str) -> None:
    """The guide and the state of the case, on a phone."""
    phone = people.open("village", size="phone")
    phone.goto(demo.url("village", "/guide?q=津贴"))
    show(phone, "11-resident-guide")
    phone.goto(demo.url("village", f"/status?no={number}"))
    phone.fill("main input[name=code]", code)
    phone.locator("main form[action='/status'] button").last.click()
    phone.wait_for_selector(".hops")
    show(phone, "12-resident-status")


def show(page: Any, name: str, folds: int = FOLDS) -> None:
    """Write one picture, cut at so many screens."""
    size = page.viewport_size
    height = min(page.evaluate("document.documentElement.scrollHeight"), size["height"] * folds)
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height}
    made = smaller(page.screenshot(full_page=True, clip=clip, caret="initial"))
    (TARGET / f"{name}.png").write_bytes(made)
    print(f"{name}.png {len(made) // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
