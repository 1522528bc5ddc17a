"""The story of a resident who is told: at each turn of a referral from the village to the district and back, in order, each once, while the
village's line and the gateway for SMS (a real HTTP server) fail in between."""

from __future__ import annotations

import re
from typing import Any

from node.running.line_switch import LineSwitch
from tests.browser import acts
from tests.browser.support import Demo, People
from tests.browser.test_stories_upper import holder
from tests.support.processes import wait_for

TURNS = ("材料已收到", "需要补正", "已受理", "已作出决定", "已办结", "已送达")


class Resident:
    """What reaches one telephone, and the page on which its owner asks."""

    def __init__(self, demo: Demo, phone: str) -> None:
        self.demo, self.phone = demo, phone

    def texts(self) -> list[str]:
        """His messages, the oldest first."""
        switch = LineSwitch(self.demo["village"]["line"]["control"].rpartition("/")[0])
        return [one["text"] for one in reversed(switch.gateway()["messages"]) if one["to"] == self.phone]

    def hears(self, *words: str) -> None:
        """Wait until these messages are all that came, in this order."""
        wait_for(lambda: len(self.texts()) >= len(words))
        texts = self.texts()
        assert [word in text for word, text in zip(words, texts, strict=True)] == [True] * len(words), texts


def gateway(page: Any, demo: Demo, name: str, what: str) -> None:
    """Put the test gateway in or out of order, as anybody does on the page of the switch."""
    page.goto(demo.url(name, "/line"))
    page.locator(f"#sms form button[value={what}]").click()
    page.wait_for_selector(f"#sms form button[value={'join' if what == 'pull' else 'pull'}]")


def line(page: Any, what: str) -> None:
    page.locator(f"[data-test=line-village] button[value={what}]").first.click()
    page.wait_for_load_state()


def step(demo: Demo, people: People, number: str, pages: dict[tuple[str, str], Any], wanted: str, **given: str) -> str:
    """Whoever has the case takes the wanted action; which node that is."""
    wait_for(lambda: holder(demo, number))
    name = holder(demo, number)
    for role in acts.ORDER:
        if role in demo[name]["tokens"]:
            offered = {one["action"]: one for one in demo.api(name, role, f"/cases/{number}")["actions"]}
            if wanted in offered:
                page = pages.get((name, role)) or people.open(name, role)
                pages[name, role] = page
                fields = {field["name"]: str(field["example"]) for field in offered[wanted]["fields"]} | given
                acts.act(page, demo, name, number, wanted, **fields)
                return name
    raise AssertionError(f"nobody at {name} may {wanted}")


def forward(demo: Demo, people: People, number: str, pages: dict[tuple[str, str], Any], until: str) -> None:
    """Step by step until the township, on whose way all lies, knows the case decided or delivered."""

    def there() -> bool:
        case = demo.api("township", "clerk", f"/cases/{number}")
        return bool(case["decided_at"] if until == "decided" else case["status"] == until)

    for _ in range(14):
        wait_for(lambda: there() or holder(demo, number))
        if there():
            return
        name = holder(demo, number)
        found = acts.next_step(demo, name, number)
        assert found is not None, f"nothing goes on at {name}"
        role, action, fields = found
        page = pages.get((name, role)) or people.open(name, role)
        pages[name, role] = page
        acts.act(page, demo, name, number, action, **fields)
    raise AssertionError(f"never {until}")


def test_a_resident_is_told_at_each_turn_while_line_and_gateway_fail(demo: Demo, people: People) -> None:
    agent = people.open("village", "agent", size="phone")
    pages: dict[tuple[str, str], Any] = {("village", "agent"): agent}
    who = acts.person()
    resident = Resident(demo, who["phone"])
    acts.begin(agent, demo, "village", "高龄津贴")
    acts.fill_draft(agent, who, agent=True)
    acts.photograph_all(agent)
    number = acts.lodge(agent)
    code = agent.locator("main .code").nth(1).inner_text().strip()

    line(agent, "pull")  # the papers wait at the village: nobody hears that they were received
    acts.hand_over(agent, demo, number)
    clerk = pages["township", "clerk"] = people.open("township", "clerk")
    assert resident.texts() == []
    gateway(clerk, demo, "township", "pull")  # and when they arrive, the gateway is out of order
    agent.goto(demo.url("village", "/agent"))
    line(agent, "join")
    wait_for(lambda: holder(demo, number) == "township")
    admin = people.open("township", "admin")
    wait_for(lambda: "网关回答 503" in page_text(admin, demo, "/admin/notices"))
    assert number in page_text(admin, demo, "/admin/notices") and who["name"] not in page_text(admin, demo, "/admin/notices")
    gateway(clerk, demo, "township", "join")
    try_now(admin, demo)
    resident.hears(*TURNS[:1])

    step(demo, people, number, pages, "receive")
    step(demo, people, number, pages, "request_correction")
    resident.hears(*TURNS[:2])
    due = re.search(r"请于\d+月\d+日前办理", resident.texts()[1])
    assert due, resident.texts()

    # acceptance is told only when the gateway works again; that the correction came is no longer worth telling
    clerk.goto(demo.url("township", f"/cases/{number}"))
    gateway(clerk, demo, "township", "pull")
    correct(agent, demo, number)
    demo.until("township", "clerk", f"/cases/{number}", status="submitted")
    step(demo, people, number, pages, "accept")
    gateway(clerk, demo, "township", "join")
    try_now(admin, demo)
    resident.hears("材料已收到", "需要补正", "已受理")

    line_page = people.open("village", "agent")
    line(line_page, "pull")  # the hall tells the rest, whether the village is there or not
    forward(demo, people, number, pages, "decided")
    wait_for(lambda: "已作出决定" in resident.texts()[-1])
    line(line_page, "join")
    forward(demo, people, number, pages, "concluded")
    wait_for(lambda: "已办结" in resident.texts()[-1])
    forward(demo, people, number, pages, "delivered")
    wait_for(lambda: "已送达" in resident.texts()[-1])
    texts = resident.texts()
    heard = [next(word for word in TURNS if word in one) for one in texts]
    assert heard == [*TURNS], "each once, in order"
    for one in texts:
        assert number not in one and who["name"] not in one and who["phone"] not in one and code not in one
        assert "欧阳您好" in one

    # he looks himself, at the township and at home in the village
    for name in ("township", "village"):
        page = people.open(name)
        page.goto(demo.url(name, "/status"))
        page.fill("main [name=no]", number)
        page.fill("main [name=code]", code)
        page.click("main form.panel button")
        page.wait_for_selector("#h-told")
        said = page.locator("section:has(#h-told)").inner_text()
        assert "需要补正 · 短信 · 已发送" in said and said.count("短信 · 已发送") == len(texts), (name, said)
    agent.goto(demo.url("village", f"/cases/{number}"))
    assert "已送达" in agent.locator("section:has(#h-notices-of)").inner_text()


def page_text(page: Any, demo: Demo, path: str) -> str:
    page.goto(demo.url("township", path))
    return str(page.locator("main").inner_text())


def try_now(admin: Any, demo: Demo) -> None:
    admin.goto(demo.url("township", "/admin/notices"))
    button = admin.locator("main form[action='/admin/notices/retry']:not(.inline) button").first
    if button.count():
        button.click()
        admin.wait_for_load_state()


def correct(agent: Any, demo: Demo, number: str) -> None:
    """The agent brings what was asked for, on paper."""
    demo.until("village", "agent", f"/cases/{number}", status="awaiting_correction")
    agent.goto(demo.url("village", f"/cases/{number}"))
    for box in agent.locator("main input[id^='paper-']").all():
        box.check()
    agent.locator("main form[action$='/actions/supply_correction'] button").last.click()
    agent.wait_for_load_state()
