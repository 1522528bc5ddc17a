"""催办, many at once from a list, what volunteers found, and findings as a supervisor judges them: by the API and on the pages."""

from __future__ import annotations

import json
import re

import pytest

from tests.services.test_desk import to_next_month, turned_down
from tests.support.usurper import usurp
from tests.ui.oversight.test_orders import at_township, token
from tests.ui.oversight.test_oversight_pages import rows_behind
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

V1 = "/api/v1/oversight/reminders"


def test_the_api(site: Site) -> None:
    no, above, below = at_township(site), site.client("district"), site.client("township")
    mine, yours = token(site, "district", "overseer"), token(site, "township", "director")
    sent = above.post_json(V1, {"case_nos": [no, "x"], "text": "请今天办结"}, mine, Idempotency_Key="r1")
    assert sent.status == 201 and [bool(one["id"]) for one in json.loads(sent.text)["sent"]] == [True, False]
    assert above.post_json(V1, {"case_nos": [no, "x"], "text": "请今天办结"}, mine, Idempotency_Key="r1").text == sent.text
    site.heal()
    (row,) = json.loads(below.get(f"{V1}?box=received&case_no={no}", yours).text)["reminders"]
    answered = below.post_json(f"{V1}/{row['id']}/answer", {"text": "今天办结"}, yours)
    assert answered.status == 200 and json.loads(answered.text)["answer"] == "今天办结"
    assert below.post_json(f"{V1}/{row['id']}/answer", {"text": "再"}, yours).status == 409
    assert below.post_json(f"{V1}/{'0' * 64}/answer", {"text": "再"}, yours).status == 404
    assert above.post_json(V1, {"text": "x"}, mine).status == 422
    assert above.post_json(V1, {"case_nos": [no], "text": "x"}, token(site, "district", "clerk")).status == 403


def test_the_pages(site: Site) -> None:
    no, above, below = at_township(site), site.client("district", "overseer"), site.client("township", "director")
    listed = above.get("/oversight?view=open").text
    assert "/reminders/new?view=open" in listed
    form = above.get("/reminders/new?view=open").text
    check_page(form)
    assert f'value="{no}" checked' in form
    refused = above.form("/reminders/new", "/reminders/new", case_nos=no, text=" ")
    assert refused.status == 422 and no in refused.text
    unknown = above.form("/reminders/new", "/reminders/new", case_nos="420102-9", text="请办")
    assert unknown.status == 409 and "420102-9" in unknown.text
    assert "没有找到：" not in unknown.text and "本单位查不到这个办件编号" in unknown.text
    typed = no.lower().translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789-"})
    assert above.form("/reminders/new", "/reminders/new", case_nos=f"{typed}，", text="请今天办结").status == 303
    assert "已催办 1 次，未回" in above.get("/oversight?view=unanswered_reminders").text
    volunteer = above.form(
        "/reminders/new?what=volunteer", "/reminders/new", what="volunteer", to=site.center("township").place.code, source="代表赵某", text="无人值守"
    )  # fmt: skip
    assert volunteer.status == 303
    site.heal()
    page = below.get("/reminders").text
    check_page(page)
    assert no in page and "代表赵某" in page and "请今天办结" in page
    id = json.loads(below.get(f"{V1}?box=received&case_no={no}", token(site, "township", "director")).text)["reminders"][0]["id"]
    assert below.form("/reminders", "/reminders/answer", id=id, text="").status == 422
    answer = {**below.hidden("/reminders", "/reminders/answer"), "id": id, "text": "今天办结"}
    assert [below.send("/reminders/answer", answer).status for _ in range(2)] == [303, 303]  # a double click
    site.heal()
    check_page(above.get("/reminders?box=sent").text)
    assert "今天办结" in above.get("/reminders?box=sent&answered=yes").text


@pytest.mark.parametrize(("lang", "said"), [("zh", "查不到"), ("en", "no case of this number")])
def test_why_a_reminder_is_refused_is_said_in_the_language_of_the_page(site: Site, lang: str, said: str) -> None:
    above = site.client("district", "overseer")
    above.get(f"/reminders?lang={lang}")
    page = above.form("/reminders/new", "/reminders/new", what="reminder", case_nos="420102-x", text="请办结")
    assert page.status == 409 and said in page.text, re.findall("<p class=.field-error.*?</p>", page.text)


def test_a_suspicion_is_judged_on_its_page(site: Site) -> None:
    no = site.town.file("village")
    usurp(site.town, "village", no, "accepted", "approved", "concluded")
    site.heal()
    above, mine = site.client("district", "overseer"), token(site, "district", "overseer")
    found = json.loads(above.get("/api/v1/oversight/findings?state=suspected", mine).text)["findings"]
    id = next(one["finding_id"] for one in found if one["case_no"] == no)
    assert f"/oversight/findings/{id}" in above.get("/oversight/findings").text
    url = f"/oversight/findings/{id}"
    check_page(above.get(url).text)
    refused = above.form(url, url, state="confirmed", reason=" ")
    assert refused.status == 422
    assert above.form(url, url, state="confirmed", reason="越权办理").status == 303
    page = above.get(url).text
    check_page(page)
    assert "成立" in page and "<textarea" not in page and "越权办理" in page and site.center("district").name in page
    site.heal()
    assert (
        "理由只在" in site.client("city", "overseer").get(url).text
        and "越权办理" in site.client("village", "director").get(url).text
    )
    again = above.post_json(f"/api/v1/oversight/findings/{id}/confirm", {"state": "dismissed", "reason": "x"}, mine)
    assert again.status == 409


def test_an_item_that_does_not_say_what_it_must(site: Site) -> None:
    for name in ("city", "township"):
        site.center(name).disclosing.tick()
    above, below = site.client("city", "overseer"), site.client("township", "overseer")
    page = above.get("/oversight/monitors/disclosure").text
    check_page(page)
    row = next(part for part in page.split("<tr>") if "O01" in part)
    figure = re.search(r'href="(/oversight/findings[^"]*)">(\d+)<', row)
    assert figure is not None and "未启用" not in row and "未启用" in next(part for part in page.split("<tr>") if "O03" in part)
    address = figure[1].replace("&amp;", "&")
    assert rows_behind(above, address) == int(figure[2]) > 0
    listed = above.get(address).text
    check_page(listed)
    item, id = (
        re.search(pattern, listed) for pattern in (r'href="/guide/([^"]+)"', r'href="/oversight/findings/([0-9a-f]{32})"')
    )
    assert item is not None and id is not None and "事项公开缺项：" in listed
    assert above.get(f"/guide/{item[1]}").status == 200
    url = f"/oversight/findings/{id[1]}"
    for client, judges in ((above, True), (below, False)):  # what the city published the city judges
        shown = client.get(url).text
        check_page(shown)
        assert ("<textarea" in shown) is judges
    assert above.form(url, url, state="confirmed", reason="核对属实").status == 303
    shown = above.get(url).text
    assert "成立" in shown and "核对属实" in shown and "item_id=" in shown
    order = re.search(r'href="(/orders/new[^"]*)"', shown)
    assert order is not None and above.get(order[1].replace("&amp;", "&")).status == 200
    english = above.get(url + "?lang=en").text
    assert "lacks what must be public: " in english
    above.get(url + "?lang=zh")


def test_what_was_found_in_a_drawn_file_is_recorded_on_its_page(site: Site) -> None:
    no, month = turned_down(site.town, "township"), to_next_month(site.town)
    site.heal()
    above = site.client("district", "overseer")
    url = f"/oversight/draws/{no}?month={month}"
    assert url.replace("&", "&amp;") in above.get(f"/oversight?view=drawn&month={month}").text
    check_page(above.get(url).text)
    assert above.form(url, f"/oversight/draws/{no}", result="", reason=" ").status == 422
    answer = above.form(url, f"/oversight/draws/{no}", result="breach", reason="没有写明应当向哪个机关申请")
    assert answer.status == 303 and answer.headers["Location"] == url
    page = above.get(url).text
    check_page(page)
    assert "违规" in page and "<textarea" not in page
    mine = token(site, "district", "overseer")
    api = f"/api/v1/oversight/cases/{no}/examine"
    again = above.post_json(api, {"month": month, "result": "none", "reason": "x"}, mine)
    assert again.status == 409 and above.post_json(api, {"month": "x"}, mine).status == 422
    assert above.get("/oversight/draws/420102-1").status == 404
