"""One-time codes in the browser, without script: switched on at the own settings, asked for after the password."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator

import pyotp
import pytest

from node.services.people.factor import PERIOD_MS
from tests.ui.pagecheck import check_page
from tests.ui.real import PASSWORD, Site
from tests.ui.wire import Answer, Client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("codes"))
    yield made
    made.close()


def code(site: Site, secret: str) -> str:
    return pyotp.TOTP(secret).generate_otp(site.center("city").store.clock.now() // PERIOD_MS)


def test_codes_are_switched_on_asked_for_and_cleared_by_another(site: Site) -> None:
    client = site.client("city", "approver", "周批")
    assert 'href="/me/codes"' in client.get("/me").text
    page = client.get("/me/codes").text
    check_page(page)
    assert "data:image/svg+xml" in page
    found = re.search(r'<span class="mono">([A-Z2-7]{32})</span>', page)
    assert found
    secret = found[1]
    wrong = client.form("/me/codes", "/me/codes", code="000000")
    assert wrong.status == 422 and secret in wrong.text
    done = client.form("/me/codes", "/me/codes", code=code(site, secret))
    recovery = re.findall(r"<li>((?:\w{4}-){3}\w{4})</li>", done.text)
    assert len(recovery) == 10
    check_page(done.text)
    again = client.get("/me/codes").text
    check_page(again)
    assert recovery[0] not in again and secret not in again

    site.town.world.advance(PERIOD_MS)
    username = site.username("city", "approver", "周批")
    other = Client(site.served["city"].port)
    asked = other.form("/login?next=/cases", "/login", username=username, password=PASSWORD)
    assert asked.status == 200 and other.get("/me").status == 303
    check_page(asked.text)
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    assert send(other, form, "000000").status == 401
    entered = send(other, form, code(site, secret))
    assert entered.status == 303 and entered.headers["Location"] == "/cases" and other.get("/me").status == 200
    over = send(other, {**form, "_xsrf": fresh(other)}, "123456")
    assert over.status == 401 and "请重新输入用户名和密码" in over.text

    admin = site.client("city", "admin")
    url = f"/admin/staff/{site.actor('city', 'approver', '周批').staff_id}"
    check_page(admin.get(url).text)
    assert admin.form(url, f"{url}/codes").headers["Location"] == f"{url}?done=codes"
    assert "动态码已清除" in admin.get(f"{url}?done=codes").text
    back = site.client("city", "approver", "周批").get("/me").text
    assert "动态码被清除" in back and site.actor("city", "admin").name in back


def send(client: Client, form: dict[str, str], typed: str) -> Answer:
    data = urllib.parse.urlencode({**form, "code": typed}).encode()
    return client.ask("POST", "/login/code", data, Content_Type="application/x-www-form-urlencoded")


def fresh(client: Client) -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', client.get("/me").text)
    assert found
    return found[1]


def test_own_codes_are_switched_off_after_the_password(site: Site) -> None:
    client = site.client("city", "director", "吴主任")
    page = client.get("/me/codes").text
    secret = re.search(r'<span class="mono">([A-Z2-7]{32})</span>', page)
    assert secret
    client.form("/me/codes", "/me/codes", code=code(site, secret[1]))
    for _ in range(2):
        site.town.world.advance(180_000)
        client.get("/me")
    assert client.get("/me/codes").headers["Location"].startswith("/confirm")
    client.form("/confirm?next=/me/codes", "/confirm", password=PASSWORD)
    assert client.form("/me/codes", "/me/codes", act="off").headers["Location"] == "/me/codes?done=off"
    assert site.client("city", "director", "吴主任").get("/me").status == 200
