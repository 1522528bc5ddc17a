"""What hands out copies or credentials wants the password again when it is older than five minutes, and then goes on by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.ui.pagecheck import check_page
from tests.ui.real import PASSWORD, Site
from tests.ui.wire import Answer, Client

MINUTE = 60_000
CHILD = {
    "code": "420103000000", "name": "江汉区", "tier": "district", "address": "10.0.0.1:8800", "grpc_address": "10.0.0.1:8801",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("again"))
    yield made
    made.close()


@pytest.fixture
def admin(site: Site) -> Client:
    """An administrator of the city who gave the password six minutes ago and has worked since."""
    site.ticks.at += 3600
    client = site.client("city", "admin")
    for _ in range(2):
        site.town.world.advance(3 * MINUTE)
        client.get("/admin")
    return client


def confirmed(admin: Client, asked: Answer) -> Answer:
    """The password given on the page to which `asked` leads, and whatever goes on after it."""
    page = asked.headers["Location"]
    assert asked.status == 303 and page.startswith("/confirm")
    check_page(admin.get(page).text)
    wrong = admin.form(page, "/confirm", password="not mine")
    assert wrong.status == 401 and "密码不正确" in wrong.text
    done = admin.form(page, "/confirm", password=PASSWORD)
    assert done.status == 303
    return admin.get(done.headers["Location"])


def test_a_backup_is_made_and_downloaded_after_the_password(site: Site, admin: Client) -> None:
    site.center("city").administration.make_backup_key(site.actor("city", "admin"))
    asked = admin.form("/admin/backup", "/admin/backup", act="backup")
    assert not site.center("city").administration.backups(site.actor("city", "admin"))["job"]
    assert confirmed(admin, asked).headers["Location"] == "/admin/backup"
    for _ in range(500):
        found = re.search(r'href="(/admin/backup/tongban-[^"]+)"', admin.get("/admin/backup").text)
        if found:
            break
    assert found
    assert admin.get(found[1]).status == 200  # the password was given just now
    site.town.world.advance(6 * MINUTE)
    asked = admin.get(found[1])
    assert 'href="/admin/backup"' in admin.get(asked.headers["Location"]).text
    assert confirmed(admin, asked).body.startswith(b"tongban sealed 1")


def test_a_password_is_reset_after_the_password(site: Site, admin: Client) -> None:
    url = f"/admin/staff/{site.actor('city', 'clerk').staff_id}"
    before = site.center("city").staff.person(site.actor("city", "clerk").staff_id).password
    asked = admin.form(url, f"{url}/password")
    assert site.center("city").staff.person(site.actor("city", "clerk").staff_id).password == before
    card = confirmed(admin, asked).headers["Location"]
    assert card.startswith("/admin/staff/card") and admin.get(card).status == 200


@pytest.mark.parametrize("act", ["role", "reactivate"])
def test_a_post_is_given_after_the_password(site: Site, admin: Client, act: str) -> None:
    url = f"/admin/staff/{site.actor('city', 'examiner', act).staff_id}"
    assert admin.form(url, f"{url}/{act}", role="approver").headers["Location"].startswith("/confirm")


def test_a_person_is_added_after_the_password_and_nothing_typed_is_lost(admin: Client) -> None:
    asked = admin.form("/admin/staff", "/admin/staff", name="张䶮", role="clerk", username="")
    card = confirmed(admin, asked).headers["Location"]
    assert "张䶮" in admin.get(card).text


def test_a_token_is_issued_and_revoked_after_the_password(site: Site, admin: Client) -> None:
    asked = admin.form("/admin/tokens", "/admin/tokens", name="不动产系统", role="integration", days="30")
    assert not site.center("city").staff.tokens.listed()
    assert "admin/tokens/card" in confirmed(admin, asked).headers["Location"]
    token = site.center("city").staff.tokens.listed()[0]["id"]
    site.town.world.advance(6 * MINUTE)
    asked = admin.form("/admin/tokens", f"/admin/tokens/{token}/revoke")
    assert site.center("city").staff.tokens.listed()[0]["state"] == "valid"
    confirmed(admin, asked)
    assert site.center("city").staff.tokens.listed()[0]["state"] == "revoked"


def test_a_node_is_invited_and_revoked_after_the_password(admin: Client) -> None:
    asked = admin.form("/admin/nodes", "/admin/nodes", **CHILD)
    assert "admin/nodes/card" in confirmed(admin, asked).headers["Location"]
    url = "/admin/nodes/420102000000/revoke"
    admin_again = admin.form(url, url, reason="lost", note="", typed="42")
    assert admin_again.status == 422  # the password is fresh: only what was typed is wrong


def test_a_node_is_not_revoked_without_the_password(admin: Client) -> None:
    url = "/admin/nodes/420102000000/revoke"
    asked = admin.form(url, url, reason="lost", note="找不到了", typed="420102")
    back = confirmed(admin, asked)
    assert (
        back.status == 422 and "找不到了" in back.text
    )  # the last figures of the code are missing: refused, with what was typed


def test_a_screen_that_locks_meanwhile_keeps_what_was_asked(site: Site, admin: Client) -> None:
    asked = admin.form("/admin/tokens", "/admin/tokens", name="公积金系统", role="integration", days="30")
    page = asked.headers["Location"]
    html = admin.get(page).text
    site.town.world.advance(30 * MINUTE)
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', html)
    assert xsrf
    locked = admin.ask(
        "POST", "/confirm", f"_xsrf={xsrf[1]}&password={PASSWORD}".encode(), Content_Type="application/x-www-form-urlencoded"
    )
    assert locked.headers["Location"].startswith("/lock")
    done = admin.form("/lock", "/lock", password=PASSWORD)
    assert "admin/tokens/card" in admin.get(done.headers["Location"]).headers["Location"]


def test_who_may_not_is_refused_before_a_password_is_asked_for(site: Site) -> None:
    clerk = site.client("city", "reviewer")
    site.town.world.advance(6 * MINUTE)
    assert clerk.get("/admin/backup/x").status == 403
