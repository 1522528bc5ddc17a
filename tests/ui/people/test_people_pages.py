"""Logging in, switching by PIN, the locked screen, own settings: over HTTP on real nodes, time by the network's clock."""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Iterator

import pytest

from node.domain.model import Actor
from tests.ui.pagecheck import check_page
from tests.ui.real import CHEAP, PASSWORD, Site
from tests.ui.wire import Client

MINUTE = 60_000
PIN = "2580"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("people"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def some_time_later(site: Site) -> None:
    """The listeners slow down a client that guesses; each test begins after a rest."""
    site.ticks.at += 3600


def person(site: Site, node: str, role: str, name: str) -> Actor:
    """Somebody with a PIN."""
    actor = site.actor(node, role, name)
    site.center(node).staff._hasher = CHEAP
    site.center(node).staff.set_pin(actor.staff_id, PIN, by=actor)
    return actor


def rest(site: Site, minutes: int) -> None:
    site.town.world.advance(minutes * MINUTE)


def login_at(site: Site, client: Client, node: str, role: str, name: str) -> None:
    done = client.form("/login", "/login", username=site.username(node, role, name), password=PASSWORD)
    assert done.status == 303


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(site: Site, lang: str) -> None:
    actor = person(site, "village", "agent", "李一")
    client = site.client("village", "agent", "李一")
    own = ("/me", "/me?first=1&next=/agent", "/me?done=pin")
    for path in ("/login", "/logout", "/confirm", "/switch", f"/switch/{actor.staff_id}", *own):
        answer = client.get(path + ("&" if "?" in path else "?") + f"lang={lang}")
        assert answer.status == 200, path
        check_page(answer.text)
    client.form("/me", "/lock/now")
    for path in ("/lock", "/lock?way=password"):
        check_page(client.get(path).text)
    client.get("/login?lang=zh")


def test_the_header_names_the_person_and_offers_lock_and_switch(site: Site) -> None:
    client = site.client("village", "agent", "李一")
    text = client.get("/me").text
    assert 'class="person"' in text and "李一" in text and 'action="/lock/now"' in text and 'href="/switch"' in text
    assert 'data-lock-after="180"' in text and "lock.js" in text
    assert 'data-lock-after="600"' in site.client("township", "clerk").get("/me").text


def test_a_first_login_at_a_village_offers_the_pin(site: Site) -> None:
    username = site.username("village", "agent", "新来")
    client = site.client("village")
    first = client.form("/login", "/login", username=username, password=PASSWORD)
    assert first.headers["Location"].startswith("/me?first=1")
    assert "以后再说" in client.get(first.headers["Location"]).text
    page = first.headers["Location"]
    weak = client.form(page, "/me/pin", pin="1234", pin_again="1234", pin_password=PASSWORD)
    assert weak.status == 422 and "太容易" in weak.text and "1234" not in weak.text
    check_page(weak.text)
    assert client.form(page, "/me/pin", pin="4826", pin_again="4827", pin_password=PASSWORD).status == 422
    assert "密码不正确" in client.form(page, "/me/pin", pin="4826", pin_again="4826", pin_password="x").text
    done = client.form(page, "/me/pin", pin="4826", pin_again="4826", pin_password=PASSWORD)
    assert (done.status, done.headers["Location"]) == (303, "/")
    client.form("/logout", "/logout")
    again = client.form("/login", "/login", username=username, password=PASSWORD)
    assert again.headers["Location"] == "/"


def test_five_people_share_a_browser(site: Site) -> None:
    client = site.client("village")
    people = [person(site, "village", "agent", name) for name in ("赵甲", "赵乙", "赵丙")]
    for actor in people:
        login_at(site, client, "village", "agent", actor.name)
    page = client.get("/switch").text
    assert all(actor.name in page for actor in people)
    for actor in people:
        url = f"/switch/{actor.staff_id}"
        wrong = client.form(url, url, pin="9753")
        assert wrong.status == 401 and "还可以试 4 次" in wrong.text
        check_page(wrong.text)
        assert client.form(url, url, pin=PIN).status == 303
        assert f">{actor.name}</a>" in client.get("/me").text
    stranger = site.client("village")
    assert stranger.get("/switch").headers["Location"].startswith("/login")
    assert stranger.form(f"/switch/{people[0].staff_id}", f"/switch/{people[0].staff_id}", pin=PIN).status in (303, 403)
    assert "/login" in stranger.get("/me").headers["Location"]


def test_after_five_wrong_pins_only_the_password_helps(site: Site) -> None:
    actor = person(site, "village", "agent", "钱甲")
    client = site.client("village", "agent", "钱甲")
    client.form("/me", "/lock/now")
    for _ in range(4):
        assert client.form("/lock", "/lock", pin="9753").status == 401
    last = client.form("/lock", "/lock", pin="9753")
    assert 'name="password"' in last.text and 'name="pin"' not in last.text
    url = f"/switch/{actor.staff_id}"
    assert client.get(url).headers["Location"].startswith("/login?")
    assert client.form("/lock?way=password", "/lock", password="wrong").status == 401
    assert client.form("/lock?way=password", "/lock", password=PASSWORD).status == 303
    assert client.get("/me").status == 200


def test_an_unused_screen_asks_for_the_pin_and_goes_back(site: Site) -> None:
    person(site, "village", "agent", "孙甲")
    client = site.client("village", "agent", "孙甲")
    rest(site, 2)
    assert client.get("/me").status == 200
    rest(site, 3)
    answer = client.get("/me?done=pin")
    assert (answer.status, answer.headers["Location"]) == (303, "/lock?next=%2Fme%3Fdone%3Dpin")
    assert client.get("/me").headers["Location"].startswith("/lock")  # asking again is no way round
    page = client.get(answer.headers["Location"]).text
    check_page(page)
    assert "孙甲" in page and "屏幕已锁定" in page
    done = client.form(answer.headers["Location"], "/lock", pin=PIN)
    assert (done.status, done.headers["Location"]) == (303, "/me?done=pin")
    assert client.get("/me").status == 200


def test_a_form_that_comes_too_late_goes_on_after_the_pin(site: Site) -> None:
    actor = person(site, "village", "agent", "周甲")
    client = site.client("village", "agent", "周甲")
    page = client.get("/me").text
    token = page.split('name="_xsrf" value="')[1].split('"')[0]
    rest(site, 4)
    late = client.ask("POST", "/me/language", urllib.parse.urlencode({"_xsrf": token, "language": "en"}).encode(), **FORM)
    assert late.headers["Location"].startswith("/lock")
    assert site.center("village").staff.person(actor.staff_id).language == ""
    assert "已保留" in client.get("/lock").text
    on = client.form("/lock", "/lock", pin=PIN).headers["Location"]
    assert on.startswith("/me/language?held=")
    done = client.get(on)
    assert (done.status, done.headers["Location"]) == (303, "/me?done=language")
    assert site.center("village").staff.person(actor.staff_id).language == "en"
    assert client.get(on).status in (303, 405, 200)  # the ticket is used up: a reload sends nothing
    client.get("/me?lang=zh")


def test_a_kept_form_is_nobody_elses(site: Site) -> None:
    first, second = person(site, "village", "agent", "吴甲"), person(site, "village", "agent", "吴乙")
    client = site.client("village", "agent", "吴乙")
    login_at(site, client, "village", "agent", "吴甲")
    token = client.get("/me").text.split('name="_xsrf" value="')[1].split('"')[0]
    rest(site, 4)
    client.ask("POST", "/me/language", urllib.parse.urlencode({"_xsrf": token, "language": "en"}).encode(), **FORM)
    other = client.form(f"/switch/{second.staff_id}", f"/switch/{second.staff_id}", pin=PIN)
    assert "held" not in other.headers["Location"]
    ticket = site.served["village"].app.held._forms
    held = next(one for owner, one in ticket.items() if first.staff_id in owner)
    client.get(f"/me/language?held={held.ticket}")
    assert site.center("village").staff.person(first.staff_id).language == ""
    assert site.center("village").staff.person(second.staff_id).language == ""
    back = client.form(f"/switch/{first.staff_id}", f"/switch/{first.staff_id}", pin=PIN)
    client.get(back.headers["Location"])
    assert site.center("village").staff.person(first.staff_id).language == "en"
    client.get("/me?lang=zh")


def test_a_form_of_the_person_before_is_refused(site: Site) -> None:
    person(site, "village", "agent", "郑甲")
    second = person(site, "village", "agent", "郑乙")
    client = site.client("village", "agent", "郑甲")
    token = client.get("/me").text.split('name="_xsrf" value="')[1].split('"')[0]
    login_at(site, client, "village", "agent", "郑乙")
    late = client.ask("POST", "/me/language", urllib.parse.urlencode({"_xsrf": token, "language": "en"}).encode(), **FORM)
    assert late.status == 403
    assert site.center("village").staff.person(second.staff_id).language == ""


def test_polling_keeps_nobody_logged_in_and_is_told_where_to_go(site: Site) -> None:
    person(site, "village", "agent", "王甲")
    client = site.client("village", "agent", "王甲")
    for _ in range(4):
        rest(site, 1)
        assert client.get("/pulse", X_Pulse="1").status == 200
    answer = client.get("/me", HX_Request="true", HX_Current_URL="http://127.0.0.1/me?x=1")
    assert answer.status == 401 and answer.headers["HX-Redirect"] == "/lock?next=%2Fme"


def test_typing_keeps_the_screen_open(site: Site) -> None:
    person(site, "village", "agent", "冯甲")
    client = site.client("village", "agent", "冯甲")
    page = client.get("/me").text
    token = page.split('name="_xsrf" value="')[1].split('"')[0]
    body = urllib.parse.urlencode({"_xsrf": token}).encode()
    for _ in range(3):
        rest(site, 2)
        assert client.ask("POST", "/lock/active", body, **FORM).json() == {"locked": False}
    rest(site, 3)
    assert client.ask("POST", "/lock/active", body, **FORM).json() == {"locked": True}


def test_what_the_script_kept_of_a_page_comes_back_once(site: Site) -> None:
    person(site, "village", "agent", "陈甲")
    client = site.client("village", "agent", "陈甲")
    client.form("/me", "/lock/now", kept_page="/me?x=1", kept='{"a":"b"}', next="/me?x=1")
    assert client.get("/lock/kept?page=%2Fme%3Fx%3D1").status == 401  # not while it is locked
    done = client.form("/lock", "/lock", pin=PIN)
    assert done.headers["Location"] == "/me?x=1#kept"
    assert client.get("/lock/kept?page=%2Fme%3Fx%3D1").json() == {"fields": '{"a":"b"}'}
    assert client.get("/lock/kept?page=%2Fme%3Fx%3D1").json() == {"fields": ""}


def test_logging_out_ends_the_session_on_the_server(site: Site) -> None:
    client = site.client("township", "clerk")
    stolen = Client(client.port)
    stolen.cookies = dict(client.cookies)
    assert stolen.get("/me").status == 200
    client.form("/me", "/logout")
    assert stolen.get("/me").headers["Location"].startswith("/login")


def test_a_new_password_ends_other_logins(site: Site) -> None:
    client, other = site.client("township", "clerk", "蒋甲"), site.client("township", "clerk", "蒋甲")
    wrong = client.form("/me", "/me/password", old="x", password="a new password", again="a new password")
    assert wrong.status == 422 and "密码不正确" in wrong.text and "a new password" not in wrong.text
    check_page(wrong.text)
    assert client.form("/me", "/me/password", old=PASSWORD, password="short", again="short").status == 422
    done = client.form("/me", "/me/password", old=PASSWORD, password="a new password", again="a new password")
    assert done.headers["Location"] == "/me?done=password"
    assert client.get("/me").status == 200 and other.get("/me").status == 303


def test_cookies_are_for_https_alone_behind_a_proxy(site: Site) -> None:
    client = site.client("township")
    plain = client.get("/login").headers.get_all("Set-Cookie") or []
    assert plain and not any("Secure" in line for line in plain)
    app = site.served["township"].app
    assert not app.ui.secure
    app.ui = dataclasses.replace(app.ui, secure=True)
    try:
        behind = site.client("township").get("/login").headers.get_all("Set-Cookie") or []
        assert behind and all("Secure" in line and "HttpOnly" in line for line in behind)
    finally:
        app.ui = dataclasses.replace(app.ui, secure=False)


@pytest.mark.parametrize("username", ["nobody", "x"])
def test_an_unknown_name_gets_the_answer_of_a_wrong_password(site: Site, username: str) -> None:
    known = site.client("district").form("/login", "/login", username=site.username("district", "clerk"), password="wrong")
    unknown = site.client("district").form("/login", "/login", username=username, password="wrong")
    assert known.status == unknown.status == 401
    assert "用户名或密码不正确" in known.text and "用户名或密码不正确" in unknown.text


def test_a_password_made_by_somebody_else_leads_to_choosing_one(site: Site) -> None:
    """Every page leads there, no script is shown anything, and a token of the same person works all the while."""
    center = site.center("township")
    made = center.staff.add("钟一", "clerk", username="zhong")
    token = center.tokens.issue("钟一", "clerk")
    client = site.client("township")
    assert client.form("/login", "/login", username="zhong", password=made["password"]).status == 303
    for path in ("/work", "/cases", "/me", "/guide"):
        assert client.get(path).headers["Location"].startswith("/me/first-password?next=%2F"), path
    assert client.get("/work", HX_Request="true").status == 401
    assert Client(site.served["township"].port).get("/api/v1/cases", token).status == 200
    page = client.get("/me/first-password?next=/work")
    check_page(page.text)
    for password, said in (("12345678", "太常见"), ("zhongyi123", "姓名"), ("tiny1", "至少 8 个字符")):
        answer = client.form("/me/first-password", "/me/first-password", password=password, again=password, next="/work")
        assert answer.status == 422 and said in answer.text and password not in answer.text
    done = client.form(
        "/me/first-password", "/me/first-password", password="seven white herons", again="seven white herons", next="/work"
    )
    assert done.headers["Location"] == "/work" and client.get("/work").status == 200


def test_a_person_is_told_who_reset_the_password_and_when(site: Site) -> None:
    person = site.actor("township", "approver", "尤二")
    admin = site.client("township", "admin", "管理 甲")
    card = admin.get(
        admin.form(f"/admin/staff/{person.staff_id}", f"/admin/staff/{person.staff_id}/password").headers["Location"]
    )
    password = card.text.split('class="secret">')[2].split("<")[0]
    client = site.client("township")
    client.form("/login", "/login", username=site.username("township", "approver", "尤二"), password=password)
    page = client.get("/me/first-password")
    assert "您的密码由管理 甲于" in page.text and "密码被重设" in page.text
    check_page(page.text)
