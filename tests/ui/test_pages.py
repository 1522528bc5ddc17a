"""What holds of all pages: logins that lead nowhere else, forms with their token, unknown addresses, languages, our own files."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest

import edge_ui
from edge_ui.shared.words import Words
from node.domain.cases import acts
from tests.ui.pagecheck import check_page
from tests.ui.real import PASSWORD, Site
from tests.ui.wire import Client

HERE = Path(edge_ui.__file__).parent


@pytest.fixture
def stranger(site: Site) -> Client:
    return site.client("township")


def test_login_keeps_the_name_and_never_the_password(site: Site, stranger: Client) -> None:
    answer = stranger.form("/login?next=/cases", "/login", username='cl"erk<', password="wrong-pass")
    assert answer.status == 401 and "wrong-pass" not in answer.text and "用户名或密码不正确" in answer.text
    assert 'value="cl&quot;erk&lt;"' in answer.text
    check_page(answer.text)
    name = site.username("township", "clerk")
    good = stranger.form("/login?next=/cases", "/login", username=name, password=PASSWORD)
    assert (good.status, good.headers["Location"]) == (303, "/cases")
    cookie = next(line for line in good.headers.get_all("Set-Cookie") or [] if "session" in line)
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX"]
)
def test_login_leads_nowhere_else(site: Site, stranger: Client, target: str) -> None:
    page = "/login?next=" + urllib.parse.quote(target)
    location = stranger.form(page, "/login", username=site.username("township", "clerk"), password=PASSWORD).headers["Location"]
    assert location.startswith("/") and not location.startswith(("//", "/\\")) and "evil" not in location


def test_a_forged_session_is_nobody(site: Site, stranger: Client) -> None:
    stranger.cookies[f"tb_session_{site.center('township').place.code}"] = "2|1:0|10:1700000000|4:x|4:e30=|00"
    assert stranger.get("/cases").headers["Location"].startswith("/login")


def test_a_stranger_is_sent_to_the_login_and_back(stranger: Client) -> None:
    answer = stranger.get("/cases/X?x=1")
    assert answer.status == 303 and answer.headers["Location"] == "/login?next=" + urllib.parse.quote("/cases/X?x=1", safe="")


@pytest.mark.parametrize("path", ["/login", "/logout", "/cases", "/cases/X/actions/accept"])
def test_a_form_without_its_token_is_refused(site: Site, path: str) -> None:
    clerk = site.client("township", "clerk")
    answer = clerk.ask("POST", path, b"username=clerk&password=geheim", Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 403
    check_page(answer.text)
    assert clerk.ask("POST", path, b"{}", Content_Type="application/json").status == 415
    assert clerk.ask("POST", path, b"_xsrf=%ff%fe", Content_Type="application/x-www-form-urlencoded").status in (400, 403)
    assert clerk.ask("POST", path, b"x", Content_Type="multipart/form-data").status in (400, 403)


def test_an_unknown_page_is_a_page_for_people_and_json_for_programs(stranger: Client) -> None:
    page = stranger.get("/nowhere", Accept="text/html")
    assert page.status == 404 and "没有找到" in page.text
    check_page(page.text)
    assert "not_found" not in page.text and "：/nowhere" not in page.text  # nobody reads codes and addresses
    assert stranger.get("/nowhere").code == "not_found"
    assert stranger.get("/api/v1/nowhere", Accept="text/html").code == "not_found"
    assert stranger.ask("DELETE", "/login").status == 405


def test_english_stays_by_cookie(stranger: Client) -> None:
    assert 'lang="en"' in stranger.get("/?lang=en").text
    assert 'lang="en"' in stranger.get("/login").text
    assert 'lang="zh-CN"' in stranger.get("/login?lang=zh").text
    assert 'lang="zh-CN"' in stranger.get("/?lang=xx").text


def test_a_test_clock_is_shown_on_every_page(stranger: Client) -> None:
    assert "测试时钟" in stranger.get("/").text


def test_every_field_of_every_action_has_a_name_in_both_languages() -> None:
    sources = [path.read_text("utf-8") for path in Path(acts.__file__).parent.glob("*.py")]
    names = set(re.findall(r'(?<![.\w])(?:text|FieldSpec)\(\s*"(\w+)"', "".join(sources)))
    words = Words.load(HERE / "locale")
    assert len(names) > 15
    for language in ("zh", "en"):
        assert not [name for name in names if not words.has(language, f"field.{name}")]


def test_the_only_files_are_ours(stranger: Client) -> None:
    for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', stranger.get("/").text):
        assert stranger.get(name).status == 200
    assert stranger.get("/static/../app.py").status in (403, 404) and stranger.get("/static/none").status == 404
