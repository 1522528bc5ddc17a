"""The plain pages: right for who may see them, sound markup, nothing from elsewhere, forms that keep what was typed."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest

import edge_ui
from edge_ui.web.words import Words
from node.domain import fields
from tests.ui.conftest import Answer, Client
from tests.ui.double import LONG, NO, DoubleCenter
from tests.ui.pagecheck import check_page

HERE = Path(edge_ui.__file__).parent
CASE = f"/cases/{NO}"


def test_home_shows_the_node_without_a_login(client: Client, center: DoubleCenter) -> None:
    text = client.get("/").text
    for wanted in (
        center.name,
        center.place.code,
        "离线",
        "在线",
        "自 2026-11-24 09:12",
        "12",
        "连接被拒绝",
        "153",
        "数据时间",
        "待同步",
    ):
        assert wanted in text
    assert "立即重试" not in text and "测试时钟" not in text and 'lang="zh-CN"' in text
    center.test_clock = True
    assert "测试时钟" in client.get("/").text


def test_only_an_administrator_may_retry_a_link(client: Client, center: DoubleCenter) -> None:
    client.login("clerk")
    assert "立即重试" not in client.get("/").text
    client.login("admin")
    done = client.form("/public", "/links/420106000000/retry")
    assert done.status == 303 and center.retried == ["420106000000"]
    assert "420106000000" in client.get(done.headers["Location"]).text
    clerk = Client(client.port)
    clerk.login("clerk")
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', clerk.get("/public").text)
    assert xsrf is not None
    body = urllib.parse.urlencode({"_xsrf": xsrf.group(1)}).encode()
    assert clerk.ask("POST", "/links/420106000000/retry", body, Content_Type="application/x-www-form-urlencoded").status == 403
    assert len(center.retried) == 1


def test_login_keeps_the_name_and_never_the_password(client: Client) -> None:
    answer = client.form("/login?next=/catalog", "/login", username='cl"erk<', password="wrong-pass")
    assert answer.status == 401 and "wrong-pass" not in answer.text and "用户名或密码不正确" in answer.text
    assert 'value="cl&quot;erk&lt;"' in answer.text
    check_page(answer.text)
    good = client.form("/login?next=/catalog", "/login", username="clerk", password="geheim")
    assert (good.status, good.headers["Location"]) == (303, "/catalog")
    cookie = next(line for line in good.headers.get_all("Set-Cookie") or [] if "session" in line)
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "clerk&lt;b&gt;" in client.get("/public").text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX"]
)
def test_login_leads_nowhere_else(client: Client, target: str) -> None:
    page = "/login?next=" + urllib.parse.quote(target)
    location = client.form(page, "/login", username="clerk", password="geheim").headers["Location"]
    assert location.startswith("/") and not location.startswith(("//", "/\\")) and "evil" not in location


def test_logging_out_ends_the_session_on_the_server(client: Client) -> None:
    client.login("clerk")
    stolen = dict(client.cookies)
    assert client.get("/cases").status == 200
    assert client.form("/logout", "/logout").status == 303
    client.cookies = stolen
    assert client.get("/cases").status == 303


def test_a_forged_session_is_nobody(client: Client) -> None:
    client.cookies["tb_session_420106006000"] = "2|1:0|10:1700000000|4:x|4:e30=|00"
    assert client.get("/cases").headers["Location"].startswith("/login")


def test_guessing_a_password_is_slowed_down(client: Client) -> None:
    statuses = [client.form("/login", "/login", username="clerk", password=str(n)).status for n in range(14)]
    assert statuses[0] == 401 and statuses[-1] == 429


@pytest.mark.parametrize("path", ["/login", "/logout", "/public", f"{CASE}/actions/accept", "/links/420106000000/retry"])
def test_a_form_without_its_token_is_refused(client: Client, path: str) -> None:
    client.login("admin")
    answer = client.ask("POST", path, b"username=clerk&password=geheim", Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 403
    check_page(answer.text)
    assert client.ask("POST", path, b"{}", Content_Type="application/json").status == 415
    assert client.ask("POST", path, b"_xsrf=%ff%fe", Content_Type="application/x-www-form-urlencoded").status in (400, 403)
    assert client.ask("POST", path, b"x", Content_Type="multipart/form-data").status in (400, 403)


def test_a_stranger_is_sent_to_the_login_and_back(client: Client) -> None:
    answer = client.get(f"{CASE}?x=1")
    assert answer.status == 303 and answer.headers["Location"] == "/login?next=" + urllib.parse.quote(f"{CASE}?x=1", safe="")


def test_the_list_has_filter_search_and_pages(client: Client, center: DoubleCenter) -> None:
    client.login("clerk")
    text = client.get("/cases?status=accepted&q=%E5%90%B4&item=ZW001").text
    assert center.asked[-1]["status"] == "accepted" and center.asked[-1]["q"] == "吴" and center.asked[-1]["limit"] == 30
    assert "下一页" in text and "cursor=8" in text and 'value="吴"' in text and '<option value="accepted" selected>' in text
    assert "&lt;script&gt;" in text and "<script>" not in text and "𠮷野家" in text
    assert "下一页" not in client.get("/cases?cursor=8").text
    for bad in ("status=nonsense", "cursor=abc"):
        answer = client.get(f"/cases?{bad}")
        assert answer.status == 422 and "▲" in answer.text
        check_page(answer.text)


def test_a_case_shows_its_timeline_hops_materials_and_requests(client: Client) -> None:
    client.login("clerk")
    answer = client.get(CASE)
    check_page(answer.text)
    for wanted in (
        NO,
        "2026-12-01",
        "预警",
        "2026-11-23 09:00",
        "上级已登记",
        "仅保存在本节点",
        "材料&lt;b&gt;齐全",
        "278 kB",
        LONG,
    ):
        assert wanted in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for kind in ('type="date"', 'type="number"', "<select", 'type="checkbox"', "<textarea"):
        assert kind in answer.text


def test_an_action_is_a_form_and_its_refusal_keeps_what_was_typed(client: Client, center: DoubleCenter) -> None:
    client.login("clerk")
    path = f"{CASE}/actions/request_correction"
    refused = client.form(CASE, path, items="看<不>清", until="2026-02-31", days="five", mode="")
    assert refused.status == 422 and not center.acted
    check_page(refused.text)
    assert "看&lt;不&gt;清" in refused.text and 'value="five"' in refused.text and refused.text.count('class="why"') == 3
    assert re.search(r"<details class=\"act forward\" open>", refused.text)
    done = client.form(CASE, path, items="看不清\r\n第二行", until="2026-12-01", days="5", mode="paper", confirmed="1")
    assert done.status == 303
    no, action, fields, version, key = center.acted[-1]
    assert (no, action, version) == (NO, "request_correction", 3) and key is not None and key.startswith("form-")
    assert fields == {"items": "看不清\n第二行", "until": "2026-12-01", "days": 5, "mode": "paper", "confirmed": True}
    assert client.get(done.headers["Location"]).status == 200
    ticked = client.form(CASE, path, items="x", until="2026-12-01", mode="paper", materials="0,1")
    assert ticked.status == 303 and center.acted[-1][2]["materials"] == "0,1"
    assert 'type="checkbox" name="materials" value="1"' in client.get(CASE).text
    asked = client.form(CASE, f"{CASE}/actions/withdraw", reason="不办了")
    assert "asked=withdraw" in asked.headers["Location"] and "请求" in client.get(asked.headers["Location"]).text


def test_a_stale_form_is_told_so_in_place(client: Client) -> None:
    client.login("clerk")
    answer = client.form(CASE, f"{CASE}/actions/withdraw", reason="不办了", expected_version="2")
    assert answer.status == 409 and "第 3 版" in answer.text and "不办了" in answer.text


def test_an_action_that_is_not_offered_is_explained(client: Client) -> None:
    client.login("clerk")
    answer = client.form(CASE, f"{CASE}/actions/approve")
    assert answer.status == 409 and "row 37" in answer.text
    assert client.get(f"{CASE}/actions/approve").status == 303


def send_file(client: Client, material: str, content: bytes) -> Answer:
    html = client.get(CASE).text
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', html)
    assert xsrf is not None
    part = "--B\r\nContent-Disposition: form-data; name="
    head = f'{part}"_xsrf"\r\n\r\n{xsrf.group(1)}\r\n{part}"file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    body = head.encode() + content + b"\r\n--B--\r\n"
    return client.ask("POST", f"{CASE}/materials/{material}", body, Content_Type="multipart/form-data; boundary=B")


def test_a_file_is_sent_by_a_form(client: Client, center: DoubleCenter) -> None:
    client.login("clerk")
    assert 'type="file"' in client.get(CASE).text
    data = bytes(range(256)) * 6000
    done = send_file(client, "1", data)
    assert done.status == 303 and "done=supply_material" in done.headers["Location"] and bytes(center.pieces) == data
    assert center.calls[-1][4:] == ("a.pdf", "application/pdf")
    assert "asked=" in send_file(client, "late", b"x").headers["Location"]
    empty = send_file(client, "1", b"")
    assert empty.status == 422 and "文件为空" in empty.text
    client.form("/logout", "/logout")
    stranger = client.ask("POST", f"{CASE}/materials/1", data, Content_Type="multipart/form-data; boundary=B")
    assert stranger.status == 303 and "/login" in stranger.headers["Location"]


def test_a_resident_asks_with_number_and_code(client: Client) -> None:
    good = client.form("/public", "/public", no=NO, code="ABCD1234")
    assert good.status == 200 and "水事纠纷处理裁决" in good.text
    check_page(good.text)
    bad = client.form("/public", "/public", no=NO, code="WRONG")
    assert bad.status == 404 and NO in bad.text and "WRONG" not in bad.text
    odd = client.form("/public", "/public", no="\x00", code="\x00")
    assert odd.status in (400, 404)


def test_an_unknown_page_is_a_page_for_people_and_json_for_programs(client: Client) -> None:
    page = client.get("/nowhere", Accept="text/html")
    assert page.status == 404 and "没有找到" in page.text
    check_page(page.text)
    assert client.get("/nowhere").code == "not_found" and client.get("/api/v1/nowhere", Accept="text/html").code == "not_found"
    assert client.ask("DELETE", "/cases").status == 405


def test_english_stays_by_cookie(client: Client) -> None:
    assert 'lang="en"' in client.get("/?lang=en").text
    assert 'lang="en"' in client.get("/login").text
    assert 'lang="zh-CN"' in client.get("/login?lang=zh").text
    assert 'lang="zh-CN"' in client.get("/?lang=xx").text


def test_every_field_of_every_action_has_a_name_in_both_languages() -> None:
    source = (Path(fields.__file__)).read_text("utf-8")
    names = set(re.findall(r'(?:_text|FieldSpec)\(\s*"(\w+)"', source))
    choices = {*fields.ARTICLE_45, *fields.MODES, "wrong_node", "damaged", "incomplete", "mis_entry", "duplicate"}
    words = Words.load(HERE / "locale")
    assert len(names) > 15
    for language in ("zh", "en"):
        assert not [name for name in names if not words.has(language, f"field.{name}")]
        assert not [name for name in choices if not words.has(language, f"choice.{name}")]


def test_the_only_files_are_ours(client: Client) -> None:
    for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text):
        assert client.get(name).status == 200
    assert client.get("/static/../app.py").status in (403, 404) and client.get("/static/none").status == 404
