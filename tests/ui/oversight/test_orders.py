"""督办单 by the API to the letter of the contract, and as the story of the pages: a supervisor sends one from a case, the township answers,
it is closed."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from edge_ui.papers.attached import saved_name
from edge_ui.routes import ROUTES
from node.store import carriage
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

V1 = "/api/v1/oversight/orders"
REPLY = {"result": "已办结", "cause": "经办人休假", "responsible": "刘洋", "measures": "设AB岗", "attachments": ["排班表"]}
FIELDS = {
    "order_id", "number", "state", "urgent", "issuer", "unit", "case_no", "item_id", "signal_id", "signed_at", "reply_by", "due",
    "demand", "replies", "history", "actions", "version", "unknown_since",
}  # fmt: skip


def token(site: Site, name: str, role: str) -> str:
    return site.center(name).tokens.issue("t", role)


def at_township(site: Site) -> str:
    no = site.town.file("township")
    site.heal()
    return no


def body(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_the_api_from_draft_to_end(site: Site) -> None:
    no = at_township(site)
    above, below = site.client("district"), site.client("township")
    mine, yours = token(site, "district", "overseer"), token(site, "township", "director")
    unit = site.center("township").place.code
    given = {"to": unit, "case_no": no, "urgent": True, "demand": "请说明超期原因", "reply_by": "2026-03-20"}
    made = above.post_json(V1, given, mine, Idempotency_Key="k1")
    assert made.status == 201 and set(body(made)) == {"order_id", "state"}
    assert above.post_json(V1, given, mine, Idempotency_Key="k1").text == made.text
    one = f"{V1}/{body(made)['order_id']}"
    signed = body(above.post_json(f"{one}/sign", {}, mine))
    assert set(signed) >= FIELDS and signed["state"] == "signed" and signed["number"].endswith("号") and signed["case_no"] == no
    assert below.get(one, yours).status == 404
    site.heal()
    assert body(below.get(one, yours))["actions"] == ["receive"]
    assert below.post_json(f"{one}/reply", REPLY, yours).status == 409  # received first
    assert body(below.post_json(f"{one}/receive", {}, yours))["state"] == "received"
    assert body(below.post_json(f"{one}/reply", REPLY, yours))["state"] == "replied"
    site.heal()
    assert set(body(above.get(one, mine))["actions"]) == {"close", "return", "circulate"}
    assert body(above.post_json(f"{one}/close", {"opinion": "同意"}, mine))["state"] == "closed"
    listed = body(above.get(f"{V1}?box=sent&case_no={no}", mine))
    assert {"next", "total", "as_of", "unknown_since", "orders"} <= set(listed) and listed["total"] == 1
    assert above.ask("GET", f"{one}/papers/order", b"", Authorization=f"Bearer {mine}", Accept="application/pdf").body.startswith(
        b"%PDF"
    )
    assert "欧阳" not in above.get(f"{one}/papers/order", mine).text


def test_the_api_says_what_is_wrong(site: Site) -> None:
    above, mine = site.client("district"), token(site, "district", "overseer")
    unit = site.center("township").place.code
    for given, field in (
        ({"to": unit}, "demand"), ({"demand": "x"}, "to"), ({"to": "x", "demand": "x"}, "to"), ({"to": "420199999999", "demand": "x"}, "to"),
        ({"to": unit, "demand": "长" * 2001}, "demand"), ({"to": unit, "demand": "x", "reply_by": "2026-02-30"}, "reply_by"),
        ({"to": unit, "demand": "x", "reply_by": "2020-01-01"}, "reply_by"),
        ({"to": unit, "demand": "x", "reply_by": "2062-03-20"}, "reply_by"), ({"to": unit, "demand": "x", "urgent": 1}, "urgent"),
        ({"to": unit, "demand": "x", "unit": "other"}, "unit"), ({"to": unit, "demand": "x", "item_id": "nope"}, "item_id"),
        ({"to": unit, "demand": "x", "more": 1}, "more"), ({"to": [unit], "demand": "\x00"}, "demand"),
    ):  # fmt: skip
        refused = above.post_json(V1, given, mine)
        assert refused.status == 422 and field in body(refused)["error"]["fields"], (given, refused.text)
    assert above.post_json(V1, {"case_no": "420102002003-260101-Y60-0001-X", "demand": "x"}, mine).status == 404
    assert above.get(f"{V1}/zz", mine).status == above.get(f"{V1}/{'0' * 64}", mine).status == 404
    assert above.get(f"{V1}?state=nope", mine).status == 422
    assert above.post_json(V1, {"to": unit, "demand": "x"}, token(site, "district", "clerk")).status == 403
    assert above.post_json(f"{V1}/{'0' * 64}/nope", {}, mine).status == 404
    village = site.client("village")
    assert village.post_json(V1, {"to": unit, "demand": "x"}, token(site, "village", "director")).status == 403


def test_an_order_about_an_item_and_one_about_a_unit(site: Site) -> None:
    above, mine = site.client("district"), token(site, "district", "overseer")
    unit = site.center("township").place.code
    for given, words in (({"item_id": "ZW007"}, "在办"), ({}, "在办")):
        id = body(above.post_json(V1, {"to": unit, "demand": "请报送整改措施", **given}, mine))["order_id"]
        assert body(above.post_json(f"{V1}/{id}/sign", {}, mine))["state"] == "signed"
        assert words in above.get(f"{V1}/{id}/papers/order", mine).text


def test_numbers_are_taken_as_people_write_them_and_the_paper_promises_only_what_was_promised(site: Site) -> None:
    no, above = at_township(site), site.client("district", "overseer")
    wide = {ord(c): ord(c) + 0xFEE0 for c in "0123456789-"}
    unit = site.center("township").place.code.translate(wide)
    assert "其他下级" in above.form("/orders/new", "/orders/new", other="９", demand="请办").text
    sent = above.form(
        "/orders/new", "/orders/new", case_no=f" {no.lower().translate(wide)} ", other=unit, demand="请办", sign="1"
    )
    assert sent.status == 303
    paper = above.get(sent.headers["Location"] + "/paper").text
    assert (
        no in paper and "承诺" not in paper and "前办结" not in paper
    )  # nobody accepted it yet: the limit is that of the notice
    assert "受理告知时限至" in paper or "签收时限至" in paper
    assert "0个工作日" not in paper
    form = above.get("/orders/new").text  # an item is chosen by its name
    choice = re.search(r'<option value="ZW007"[^>]*>([^<]+)</option>', form)
    assert choice is not None and choice[1].strip() == site.center("district").catalog.item("ZW007").name  # type: ignore[union-attr]
    of_item = above.form("/orders/new", "/orders/new", other=unit, item_id="ZW007", demand="请办")
    page = above.get(of_item.headers["Location"]).text
    item = site.center("district").catalog.item("ZW007")
    assert item is not None and item.name in page and "ZW007" not in page


def test_what_is_wrong_with_a_typed_unit_stands_at_its_field(site: Site) -> None:
    above = site.client("district", "overseer")
    for address, more in (
        ("/orders/new", {"demand": "请办"}),
        ("/reminders/new?what=volunteer", {"what": "volunteer", "source": "赵某", "text": "x"}),
    ):
        page = above.form(address, address.partition("?")[0], other="12", **more)
        assert page.status == 422 and re.search(r'name="other"[^>]*aria-invalid="true"', page.text), address
        assert not re.search(r'name="to"[^>]*aria-invalid="true"', page.text)


def test_the_story_of_the_pages(site: Site) -> None:
    no = at_township(site)
    above, below = site.client("district", "overseer"), site.client("township", "director")
    form = above.get(f"/orders/new?case_no={no}").text
    check_page(form)
    assert no in form and "说明超期原因和责任人" in form
    wrong = above.form("/orders/new", "/orders/new", case_no=no, demand=" ", sign="1")
    assert wrong.status == 422 and "必填" in wrong.text
    sent = above.form(f"/orders/new?case_no={no}", "/orders/new", case_no=no, demand="请说明超期原因", sign="1")
    assert sent.status == 303
    order = sent.headers["Location"]
    assert (
        f'href="/oversight/cases/{no}"' in above.get(order).text
        and f'href="/oversight/cases/{no}"' in above.get("/orders?box=sent").text
    )
    site.heal()
    listed = below.get("/orders").text
    check_page(listed)
    assert no in listed and "要处理" in listed  # the tab has a number
    page = below.get(order).text
    check_page(page)
    assert f'href="/cases/{no}"' in page  # who answers opens the case itself
    assert "请说明超期原因" in page and "签收" in page and "核销" not in re.sub(r"<li>.*?</li>", "", page)
    assert below.form(order, f"{order}/receive").status == 303
    refused = below.form(order, f"{order}/reply", result="已办结")
    assert refused.status == 422 and "已办结" in refused.text  # what was typed stays
    assert below.form(order, f"{order}/reply", result="已办结", cause="休假", responsible="刘洋", measures="AB岗").status == 303
    site.heal()
    assert above.form(order, f"{order}/close", opinion="同意").status == 303
    last = above.get(order).text
    check_page(last)
    assert "已核销" in last and "休假" in last
    paper = above.get(f"{order}/paper").text
    check_page(paper)
    assert "督办单" in paper and "■同意核销" in paper
    assert above.get(f"{order}/paper?as=pdf").body.startswith(b"%PDF")
    assert above.get("/orders?box=below").status == above.get("/orders?box=sent&state=closed").status == 200
    assert above.get("/orders?box=nowhere").status == 422


def twice(client: Client, page: str, action: str, **fields: str) -> list[tuple[int, str | None]]:
    """The same form sent twice, as a double click does."""
    hidden = client.hidden(page, action)
    answers = [client.send(action, {**hidden, **fields}) for _ in range(2)]
    return [(answer.status, answer.headers.get("Location")) for answer in answers]


def test_a_double_click_is_one_act(site: Site) -> None:
    no = at_township(site)
    above, below = site.client("district", "overseer"), site.client("township", "director")
    first, second = twice(above, f"/orders/new?case_no={no}", "/orders/new", case_no=no, demand="请说明超期原因", sign="1")
    assert first == second and first[0] == 303
    order = str(first[1])
    site.heal()
    reply = {"result": "已办结", "cause": "休假", "responsible": "刘洋", "measures": "AB岗"}
    assert twice(below, order, f"{order}/receive") == [(303, order)] * 2
    assert twice(below, order, f"{order}/reply", **reply) == [(303, order)] * 2
    site.heal()
    assert twice(above, order, f"{order}/close", opinion="同意") == [(303, order)] * 2
    total = json.loads(above.get(f"{V1}?box=sent&case_no={no}", token(site, "district", "overseer")).text)["total"]
    assert total == 1


def test_a_draft_that_cannot_be_signed_now_is_kept_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many notes are under way: the page of the draft says so, and its own button signs it later."""
    no, above = at_township(site), site.client("district", "overseer")
    with monkeypatch.context() as patched:
        patched.setattr(carriage, "OPEN_MOST", 0)
        refused = above.form(f"/orders/new?case_no={no}", "/orders/new", case_no=no, demand="请说明超期原因", sign="1")
    assert refused.status == 409 and "请等线路恢复" in refused.text
    check_page(refused.text)
    (order,) = {url.removesuffix("/sign") for url in re.findall(r'action="(/orders/[0-9a-f]{64}/sign)"', refused.text)}
    assert above.form(order, f"{order}/sign").status == 303
    assert json.loads(above.get(f"{V1}?box=sent&case_no={no}", token(site, "district", "overseer")).text)["total"] == 1


def test_a_reply_carries_its_files_and_the_case_shows_the_order(site: Site) -> None:
    no = at_township(site)
    above, below = site.client("district", "overseer"), site.client("township", "director")
    mine, yours = token(site, "district", "overseer"), token(site, "township", "director")
    prefilled = above.get(f"/orders/new?case_no={no}&to={'4' * 12}&signal_id={'a' * 64}&basis=T05").text
    assert 'value="T05"' in prefilled and "4" * 12 in prefilled and "a" * 64 in prefilled
    order = above.form(f"/orders/new?case_no={no}", "/orders/new", case_no=no, demand="请说明", sign="1").headers["Location"]
    site.heal()
    assert order in below.get(f"/cases/{no}").text and order not in site.client("township", "examiner").get(f"/cases/{no}").text
    assert below.form(order, f"{order}/receive").status == 303
    one = f"{V1}/{order.rsplit('/', 1)[1]}"
    path = {"name": "../../x.pdf", "content": ""}  # a file is saved under its name
    for wrong in ([{"name": "x"}], [path], [{"name": "x", "content": "%"}], [1], "x", [{"name": "\x00", "content": ""}]):
        refused = below.post_json(f"{one}/reply", {**REPLY, "attachments": wrong}, yours)
        assert refused.status == 422 and "attachments" in body(refused)["error"]["fields"], wrong
    file = {"name": "排班表.pdf", "content": base64.b64encode(b"%PDF-1").decode()}
    told = body(below.post_json(f"{one}/reply", {**REPLY, "attachments": ["纸质说明", file]}, yours))
    assert told["replies"][0]["attachments"] == ["纸质说明", "排班表.pdf"]
    site.heal()
    got = above.get(f"{one}/attachments/1/1", mine)
    assert got.body == b"%PDF-1" and "attachment" in got.headers["Content-Disposition"]
    assert above.get(f"{order}/attachments/1/1").body == b"%PDF-1" and "排班表.pdf" in above.get(order).text
    for missing in ("1/0", "1/7", "2/0", "x/y"):
        assert above.get(f"{one}/attachments/{missing}", mine).status == 404
    assert (
        site.client("city").get(f"{one}/attachments/1/1", token(site, "city", "overseer")).status == 404
    )  # its words are not there


def test_every_page_of_orders_is_in_the_table() -> None:
    assert {route.path for route in ROUTES if route.path.startswith("/orders")} == {
        "/orders", "/orders/new", "/orders/{id}", "/orders/{id}/paper", "/orders/{id}/{action}",
        "/orders/{id}/attachments/{version}/{n}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "saved"), [("../../x.pdf", "x.pdf"), ("a\\b\ud800.png", "b.png"), ("..", "file"), ("𠮷.png", "𠮷.png")]
)
def test_a_file_that_another_node_named_is_saved_under_no_path(written: str, saved: str) -> None:
    assert saved_name(written) == saved
