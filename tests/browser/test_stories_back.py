"""Stories of what comes back: an incomplete application on paper, a hand-back with its reason."""

from __future__ import annotations

import re

from tests.browser import acts
from tests.browser.support import Demo, People
from tests.support.processes import wait_for


def status(demo: Demo, number: str) -> str:
    return str(demo.api("township", "clerk", f"/cases/{number}")["status"])


def test_an_incomplete_application_on_paper_is_received_corrected_and_accepted(demo: Demo, people: People) -> None:
    """收件 with one original and the rest missing, 受理 kept back, 补正 asked for and brought on paper, 受理."""
    clerk = people.open("township", "clerk")
    acts.begin(clerk, demo, "township", "老年")
    acts.fill_draft(clerk, acts.person(), agent=False)
    boxes = clerk.locator(".checklist input[name=lacking]").count()
    clerk.check("#paper-0")
    for n in range(1, boxes):
        clerk.check(f"#lacking-{n}")
    acts.wait_saved(clerk)
    number = acts.lodge(clerk)
    case = demo.api("township", "clerk", f"/cases/{number}")
    held = [one["held"] for one in case["materials"]]
    assert (case["status"], held[0], set(held[1:])) == ("submitted", "paper", {"missing"}), held
    clerk.goto(demo.url("township", f"/cases/{number}"))
    assert "纸质原件 1 份" in clerk.locator("main").inner_text()
    wanted = [str(n) for n, one in enumerate(case["materials"]) if one["held"] == "missing"]
    acts.act(
        clerk,
        demo,
        "township",
        number,
        "request_correction",
        content="\n".join("未提交" for _ in wanted),
        materials=",".join(wanted),
    )
    assert status(demo, number) == "awaiting_correction"
    clerk.goto(demo.url("township", f"/cases/{number}"))
    button = clerk.locator("main form[action$='/actions/supply_correction'] button")
    assert button.is_disabled()
    for one in wanted:
        clerk.check(f"#paper-{one}")
    button.click()
    clerk.wait_for_load_state()
    assert status(demo, number) == "submitted"
    acts.act(clerk, demo, "township", number, "accept")
    assert status(demo, number) == "accepted"


def test_a_hand_back_stands_first_on_the_agents_home_with_its_reason(demo: Demo, people: People) -> None:
    agent, clerk = people.open("village", "agent", size="phone"), people.open("township", "clerk")
    number, _ = acts.file_case(agent, demo)
    acts.hand_over(agent, demo, number)
    wait_for(lambda: demo.api("township", "clerk", f"/cases?q={number}")["cases"])
    wait_for(lambda: "hand_back" in [one["action"] for one in demo.api("township", "clerk", f"/cases/{number}")["actions"]])
    acts.act(clerk, demo, "township", number, "hand_back", reason="damaged")
    demo.until("village", "agent", f"/cases/{number}", status="with_agent")
    agent.goto(demo.url("village", "/agent"))
    box = agent.locator("section.cameback")
    row = box.locator(f"li:has(a[href^='/cases/{number}'])")
    assert "材料损坏" in row.inner_text() and "退回" in row.inner_text()
    assert agent.locator("main section").first.get_attribute("class") == box.get_attribute("class"), "what came back stands first"
    row.locator("a.btn").click()
    agent.wait_for_url(re.compile(f"/cases/{number}"))
    assert "退回：材料损坏" in agent.locator("main").inner_text()
    agent.goto(demo.url("village", "/handover"))
    assert not agent.locator(f"main input[name=case_no][value='{number}']").is_checked()
