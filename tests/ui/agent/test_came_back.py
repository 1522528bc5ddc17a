"""The agent's home begins with what came back or came to nothing, and why; handing over ticks only what is ready."""

from __future__ import annotations

import re

import pytest

from tests.support.follow import republish
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client


@pytest.fixture
def agent(site: Site) -> Client:
    client = site.client("village", "agent")
    client.cookies.pop("tb_lang", None)
    return client


def handed_over(site: Site) -> str:
    no = site.town.file("village")
    site.town.act("village", no, "hand_over", site.actor("village", "agent"))
    site.heal()
    return no


def test_a_case_handed_back_stands_first_with_its_reason_and_is_not_ticked_again(site: Site, agent: Client) -> None:
    no = handed_over(site)
    clerk = site.actor("township", "clerk")
    site.town.do("township", no, "hand_back", clerk)
    site.heal()
    page = agent.get("/agent").text
    check_page(page)
    box = page.partition('id="h-back"')[2].partition("</section>")[0]
    assert re.search(r"[1-9]\d* 件要处理", agent.get("/new").text.partition("</nav>")[0])
    assert no in box and "退回" in box and f"/cases/{no}#h-mat" in box
    told = next(row for row in reversed(site.center("village").cases.case(no, site.actor("village", "agent"))["timeline"])
                if row["action"] == "custody_offered")  # fmt: skip
    reason = next(one["value"] for one in told["told"] if one["name"] == "reason")
    assert reason in box and f"退回：{reason}" in agent.get(f"/cases/{no}").text
    assert page.index('id="h-back"') < page.index('id="h-line"')
    row = agent.get("/handover").text.partition(f'value="{no}"')[2].partition("</tr>")[0]
    assert " checked" not in row.partition(">")[0] and reason in row
    check_page(agent.get("/agent?lang=en").text)


def test_what_an_applicant_promised_to_bring_later_stands_on_the_home_of_who_filed_it(site: Site, agent: Client) -> None:
    """The list of the item changed while the case lay at the counter: the new paper may follow. It stands until it came."""
    no = handed_over(site)
    clerk, item = (
        site.actor("township", "clerk"),
        site.center("village").cases.case(no, site.actor("village", "agent"))["item_id"],
    )
    assert "待补容缺材料" not in agent.get("/agent").text
    site.town.act("township", no, "receive", clerk)
    sketch = {"name": "店铺位置图", "form": "copy", "copies": 1, "required": True, "may_be_later": True}
    republish(site.town, item, lambda given: [*given, sketch])
    site.town.do("township", no, "repin", clerk)
    site.town.act("township", no, "accept_with_gap", clerk, due="2026-03-09", pledge=True)
    site.heal()
    page = agent.get("/agent").text
    check_page(page)
    box = page.partition('id="h-to_follow"')[2].partition("</section>")[0]
    assert no in box and "待补容缺材料" in page and "3月9日" in box
    site.town.act(
        "township", no, "fill_gap", clerk, papers=f"{len(site.center('township').cases.case(no, clerk)['materials']) - 1}:1"
    )
    site.heal()
    assert "待补容缺材料" not in agent.get("/agent").text


def test_what_was_turned_down_says_why_and_leads_to_its_paper(site: Site, agent: Client) -> None:
    no = handed_over(site)
    clerk = site.actor("township", "clerk")
    site.town.do("township", no, "receive", clerk)
    site.town.act("township", no, "not_required", clerk, reason="依法不需要许可")
    site.heal()
    box = agent.get("/agent").text.partition('id="h-back"')[2].partition("</section>")[0]
    assert no in box and "依法不需要许可" in box and f"/cases/{no}#h-papers" in box
    assert "依法不需要许可" in agent.get(f"/cases/{no}").text


def test_only_todays_complete_cases_are_ticked(site: Site, agent: Client) -> None:
    def ticked(no: str) -> bool:
        page, url = "", "/handover"
        while f'value="{no}"' not in page:
            page = agent.get(url).text
            url = (re.findall(r'href="(/handover\?cursor=[^"]+)"', page) or [""])[0]
        return " checked" in page.partition(f'value="{no}"')[2].partition(">")[0]

    announced = site.town.file("village")
    document = site.town.application("village")
    document["attachments"] = [{"material": one["material"], "held": "paper"} for one in document["attachments"]]
    whole = str(site.center("village").intake.file(document, site.actor("village", "agent")).case_no)
    assert ticked(whole) and not ticked(announced)
