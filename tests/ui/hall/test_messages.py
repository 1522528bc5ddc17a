"""Messages on a case: by the API to the letter of the contract, and on the pages, with the line down and back."""

from __future__ import annotations

import json

from tests.support.there import there
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

TEXT = "请今天下班前补一张门牌照片"


def token(site: Site, name: str, role: str) -> str:
    return site.center(name).tokens.issue("t", role)


def received(site: Site) -> str:
    no = site.town.file("village")
    site.town.act("village", no, "hand_over")
    site.heal()
    site.town.do("township", no, "receive", site.actor("township", "clerk"))
    site.heal()
    return no


def test_the_api_takes_and_lists_messages(site: Site) -> None:
    no, clerk, agent = received(site), site.client("township"), site.client("village")
    mine, yours = token(site, "township", "clerk"), token(site, "village", "agent")
    path, codes = f"/api/v1/cases/{no}/messages", {name: site.center(name).place.code for name in ("township", "village")}
    sent = clerk.post_json(path, {"to": ["all"], "text": TEXT}, mine, Idempotency_Key="k1")
    assert sent.status == 201 and set(json.loads(sent.text)) == {"id"}
    again = clerk.post_json(path, {"to": ["all"], "text": TEXT}, mine, Idempotency_Key="k1")
    assert (again.status, again.text) == (201, sent.text)
    assert clerk.post_json(path, {"to": ["all"], "text": "别的"}, mine, Idempotency_Key="k1").status == 422
    site.heal()
    listed = json.loads(agent.get(path, yours).text)
    (row,) = listed["messages"]
    assert {"next", "total", "as_of", "unknown_since"} <= set(listed) and listed["total"] == 1
    assert (row["id"], row["text"], row["to"]) == (json.loads(sent.text)["id"], TEXT, [codes["village"]])
    assert {"node": codes["township"], "unit": codes["township"]}.items() <= row["from"].items() and row["from"]["staff_id"]
    (mirror,) = json.loads(clerk.get(path, mine).text)["messages"]
    assert list(mirror["acknowledged"]) == [codes["village"]]
    assert json.loads(site.client("city").get(path, token(site, "city", "director")).text)["messages"] == []
    for body, field in (
        ({"to": ["420199999999"], "text": TEXT}, "to"), ({"to": ["all"], "text": ""}, "text"), ({"text": TEXT}, "to"),
        ({"to": [1], "text": TEXT}, "to"), ({"to": ["all"], "text": 5}, "text"), ({"to": ["all"], "text": TEXT, "x": 1}, "x"),
    ):  # fmt: skip
        refused = clerk.post_json(path, body, mine)
        assert refused.status in (400, 422) and field in json.loads(refused.text)["error"]["fields"], body
    assert clerk.get("/api/v1/cases/999/messages", mine).status == 404


def test_a_clerk_writes_on_the_page_of_the_case_and_the_agent_answers(site: Site) -> None:
    no, clerk, agent = received(site), site.client("township", "clerk"), site.client("village", "agent")
    site.town.cut("village")
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    village = site.center("village").place.code
    sent = clerk.form(f"/cases/{no}", f"/messages/{no}", to=village, text=TEXT)
    assert sent.status == 303 and sent.headers["Location"].startswith(f"/cases/{no}?sent=1")
    waiting = there(clerk.get(f"/cases/{no}?sent=1").text)
    assert TEXT in waiting and "还没有送到" in waiting
    site.heal()
    check_page(clerk.get(f"/messages/{no}").text)
    assert "已送到" in clerk.get(f"/messages/{no}").text
    came = agent.get("/messages").text
    check_page(came)
    assert TEXT in came and no in came and "&lt;" not in TEXT
    answered = agent.form(f"/messages/{no}", f"/messages/{no}", to=site.center("township").place.code, text="<b>好的</b>\n马上补")
    assert answered.status == 303
    site.heal()
    assert "&lt;b&gt;好的" in clerk.get(f"/cases/{no}").text


def test_what_was_typed_stays_when_a_message_is_refused(site: Site) -> None:
    no, agent = received(site), site.client("village", "agent")
    refused = agent.form(f"/messages/{no}", f"/messages/{no}", to="", other="12", text=TEXT)
    check_page(refused.text)
    assert refused.status == 422 and TEXT in refused.text and 'value="12"' in refused.text and "12 位数字" in refused.text
    refused = agent.form(f"/messages/{no}", f"/messages/{no}", to="", other="420102003000", text=TEXT)
    assert refused.status == 409 and "不持有本件" in refused.text and TEXT in refused.text
