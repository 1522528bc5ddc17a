"""申诉 by the API to the letter of the contract, and as the story of the pages: a township appeals, the district decides, the city reviews."""

from __future__ import annotations

import base64
import re

import pytest

from tests.network.test_heard import MINUTE, pass_time
from tests.support.network import DAY, FOUR, Town
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

V1 = "/api/v1/oversight"


def heard(town: Town) -> None:
    """Everybody speaks and looks at signals and limits."""
    town.heal()
    pass_time(town, 100 * MINUTE, 10 * MINUTE)
    for _ in range(2):
        for name in town.nodes:
            town[name].center.watching.tick()
            town[name].center.appeals.tick()
        town.heal()


@pytest.fixture(scope="module")
def late(site: Site) -> tuple[Site, str]:
    """A case that the township accepted and did not decide for two weeks, everybody heard."""
    town = site.town
    case = town.file("township", "ZW135")
    town.do("township", case, "accept")
    town.world.advance(14 * DAY)
    heard(town)
    return site, case


def cards(site: Site, tier: str, case: str) -> dict[str, dict]:
    token = site.center(tier).tokens.issue("reader", "overseer")
    rows = site.client(tier).get(f"{V1}/cards?case_no={case}", token).json()["cards"]
    return {row["was_rung"] or row["rung"]: row for row in rows if row["served_by"] and row["rule"] == "T05"}


def test_the_api_from_the_appeal_to_its_end(late: tuple[Site, str]) -> None:
    site, case = late
    below, above, top = (site.client(name) for name in ("township", "district", "city"))
    head = site.center("township").tokens.issue("head", "director")
    mine, last = (site.center(name).tokens.issue("w", "overseer") for name in ("district", "city"))
    card = cards(site, "township", case)["red"]["signal_id"]
    given = {
        "ground": "outage",
        "text": "停电",
        "evidence": [{"name": "照片.jpg", "content": base64.b64encode(b"x" * 9).decode()}],
    }
    made = below.post_json(f"{V1}/cards/{card}/appeal", given, head, Idempotency_Key="a1")
    assert made.status == 201 and made.headers["Location"] == f"{V1}/appeals/{made.json()['appeal_id']}"
    assert below.post_json(f"{V1}/cards/{card}/appeal", given, head, Idempotency_Key="a1").text == made.text
    assert below.post_json(f"{V1}/cards/{card}/appeal", given, head).status == 409
    assert below.post_json(f"{V1}/cards/{card}/appeal", {"ground": "x"}, head).status in (409, 422)
    site.heal()
    one = f"{V1}/appeals/{made.json()['appeal_id']}"
    assert cards(site, "city", case)["red"]["state"] == "appealed"
    told = above.get(one, mine).json()
    assert (told["state"], told["actions"], told["unit"]["node"]) == ("delivered", ["decide"], FOUR["township"])
    file = above.get(f"{one}/evidence/0", mine)
    assert file.body == b"x" * 9 and "attachment" in file.headers["Content-Disposition"]
    assert above.get(f"{one}/evidence/1", mine).status == above.get(f"{one}/evidence/x", mine).status == 404
    assert above.post_json(f"{one}/review", {"outcome": "uphold", "reason": "x"}, mine).status == 404
    assert above.post_json(f"{one}/decide", {"outcome": "reassign", "reason": "x"}, mine).status == 422
    assert above.post_json(f"{one}/decide", {"outcome": "uphold", "reason": "证据不足"}, mine).json()["state"] == "decided"
    assert above.post_json(f"{one}/decide", {"outcome": "uphold", "reason": "证据不足"}, mine).status == 409
    site.heal()
    assert below.post_json(f"{one}/apply", {"text": "另有证明"}, head).json()["state"] == "review"
    site.heal()
    assert top.get(f"{V1}/appeals?box=received", last).json()["total"] == 1
    assert top.post_json(f"{one}/review", {"outcome": "downgrade", "reason": "情节轻微"}, last).json()["outcome"] == "downgrade"
    site.heal()
    found = cards(site, "district", case)["red"]
    assert (found["state"], found["rung"], found["was_rung"], found["appeal_id"]) == (
        "in_force",
        "warn",
        "red",
        made.json()["appeal_id"],
    )
    assert top.get(f"{V1}/cards?case_no={case}&rung=red", last).json()["total"] == 0
    assert top.get(f"{V1}/appeals?state=nope", last).status == 422


def test_three_warnings_of_one_person_in_a_month_are_a_letter_to_who_leads_the_unit(site: Site) -> None:
    town, examiner = site.town, site.actor("township", "examiner")
    cases: list[str] = []
    for _ in range(3):
        cases.append(town.file("township", "ZW135"))
        town.do("township", cases[-1], "accept")
        town.act("township", cases[-1], "take", examiner)
    town.world.advance(3 * DAY)
    heard(town)
    told = site.client("township", "director").get("/orders").text
    check_page(told)
    letters = site.center("township").cards.letters(site.actor("township", "director"))
    assert [set(one["cases"]) >= set(cases) for one in letters] == [True] and "提示函" in told
    assert "提示函" not in site.client("township", "clerk").get("/orders").text


def test_the_story_of_the_pages(late: tuple[Site, str]) -> None:
    site, case = late
    card = cards(site, "township", case)["yellow"]["signal_id"]
    below, above = site.client("township", "director"), site.client("district", "overseer")
    listed = below.get("/appeals").text
    check_page(listed)
    assert f"/oversight/signals/{card}" in listed and re.search(r"本单位可申诉\s*<b class=\"tag bad\">\d+</b>", listed)
    assert "T05 承诺超时" in listed and ">T05<" not in re.sub(r"\s", "", listed)  # a rule has a name
    waits = r'href="/oversight"[^>]*>[^<]*<span\s+class="tag bad">'
    assert re.search(waits, listed) and not re.search(
        waits, site.client("township", "overseer").get("/appeals").text
    )  # only the head appeals
    address = f"/oversight/signals/{card}"
    page = below.get(address).text
    check_page(page)
    assert "时间归责错误" in page and "督办" in page and f"to={FOUR['township']}" in page
    assert "提出申诉" not in above.get(address).text
    wrong = below.form(address, address, ground="other", text=" ")
    assert wrong.status == 422 and "必填" in wrong.text
    check_page(wrong.text)
    sent = below.form(address, address, ground="applicant", text="申请人未按约到场")
    assert sent.status == 303
    one = sent.headers["Location"]
    site.heal()
    check_page(below.get(one).text)
    assert "申诉中" in above.get(f"/oversight/signals?case_no={case}").text
    listed = above.get("/appeals").text
    check_page(listed)
    assert one in listed and "待本单位决定" in listed
    page = above.get(one).text
    check_page(page)
    assert "申请人未按约到场" in page
    refused = above.form(one, f"{one}/decide", outcome="reassign", reason="记错人")
    assert refused.status == 422 and "记错人" in refused.text
    assert above.form(one, f"{one}/decide", outcome="revoke", reason="属实").status == 303
    site.heal()
    last = below.get(one).text
    check_page(last)
    assert "已了结" in last and "撤销" in last
    assert "已撤销" in below.get(address).text
    for box in ("sent", "received", "below", "open"):
        check_page(below.get(f"/appeals?box={box}").text)
    assert below.get("/appeals?box=nowhere").status == 422
