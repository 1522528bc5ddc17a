"""The pictures of the walk in the README: the stories, done once on a fresh demo, each at its telling moment."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from node import demo as demo_module
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
    show(agent, "2-agent-draft")
    agent.locator("[data-test=line-village] button").click()
    number = acts.lodge(agent)
    show(agent, "3-agent-slip-line-pulled")
    acts.hand_over(agent, demo, number)
    agent.locator("[data-test=line-village] button[value=join]").click()
    clerk = people.open("township", "clerk")
    clerk.goto(demo.url("township", "/work"))
    wait_for(lambda: any(one["case_no"] == number for one in demo.api("township", "clerk", f"/cases?q={number}")["cases"]))
    clerk.reload()
    show(clerk, "4-township-work")
    clerk.goto(demo.url("township", f"/cases/{number}"))
    show(clerk, "5-township-case")
    examiner = people.open("district", "examiner")
    examiner.goto(demo.url("district", "/work"))
    show(examiner, "6-district-work")
    editor = people.open("city", "catalog_editor")
    editor.goto(demo.url("city", "/catalog/changes"))
    show(editor, "7-city-changes")
    overseer = people.open("city", "overseer")
    overseer.goto(demo.url("city", "/network"))
    show(overseer, "8-city-network")
    phone = people.open("village", size="phone")
    phone.goto(demo.url("village", "/guide"))
    show(phone, "9-resident-guide")


def show(page: Any, name: str) -> None:
    """Write one picture, cut at two screens."""
    size = page.viewport_size
    height = min(page.evaluate("document.documentElement.scrollHeight"), size["height"] * FOLDS)
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height}
    made = smaller(page.screenshot(full_page=True, clip=clip, caret="initial"))
    (TARGET / f"{name}.png").write_bytes(made)
    print(f"{name}.png {len(made) // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
