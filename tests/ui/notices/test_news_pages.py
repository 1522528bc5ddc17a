"""What is new stands on every page of the staff, is told again by the pulse, and goes away when it was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node.domain.notices.news import MANY
from tests.services.test_news import code_of, post
from tests.support.gateways import MailServer
from tests.support.network import CLERK
from tests.ui.pagecheck import check_page
from tests.ui.real import Site


def words(text: str) -> str:
    return " ".join(" ".join(check_page(text).words).split())


def test_the_strip_stands_on_every_page_and_the_pulse_tells_it_again(site: Site) -> None:
    clerk = site.client("township", "clerk", "单雄信")
    before = clerk.get("/pulse").json()["news"]
    site.town.file("township", "ZW007", CLERK)
    for path in ("/work", "/cases", "/me", "/messages", "/guide", "/calendar"):
        page = clerk.get(path).text
        assert f"新动态 {int(before['n']) + 1}" in words(page), path
        assert 'role="status"><a href="/news"' in " ".join(page.split()).replace("\n", " ")
    told = clerk.get("/pulse").json()["news"]
    assert told["n"] == str(int(before["n"]) + 1) and "新到" in told["text"]
    english = clerk.get("/work?lang=en").text
    assert "What is new" in words(english)


def test_what_is_new_is_listed_and_looked_at_by_a_press(site: Site) -> None:
    case_no = site.town.file("township", "ZW007", CLERK)
    clerk = site.client("township", "clerk", "秦叔宝")
    page = clerk.get("/news").text
    assert case_no in page and "欧阳建国" in words(page)
    head = page.partition('name="head" value="')[2].partition('"')[0]
    later = site.town.file("township", "ZW007", CLERK)
    assert clerk.form("/news", "/news", head=head).status == 303
    page = clerk.get("/news?done=looked").text
    assert later in page and case_no not in page and "已记下" in words(page), "what came meanwhile was not looked at"
    head = page.partition('name="head" value="')[2].partition('"')[0]
    clerk.form("/news", "/news", head=head)
    assert clerk.get("/pulse").json()["news"] == {"n": "0", "text": ""}
    assert "没有新动态" in words(clerk.get("/news").text) and 'class="wrap news none"' in clerk.get("/work").text
    assert clerk.form("/news", "/news", head="x" * 30).status == 303


@pytest.mark.parametrize("role", ["admin", "auditor", "catalog_editor", "overseer"])
def test_who_has_no_turn_has_no_strip(site: Site, role: str) -> None:
    client = site.client("township", role)
    assert client.get("/pulse").json()["news"] is None and 'id="news"' not in client.get("/me").text
    assert client.get("/news").status == 403 and 'id="news-mail"' not in client.get("/me").text
    assert client.form("/me", "/me/mail", mail="none", email="").status == 403


def test_a_stranger_and_a_locked_screen_learn_nothing(site: Site) -> None:
    assert site.client("township").get("/pulse").json()["news"] is None
    clerk = site.client("township", "clerk")
    clerk.form("/me", "/lock/now")
    assert clerk.get("/pulse").json()["news"] is None
    assert 'id="news"' not in clerk.get("/lock").text


def test_the_mail_is_set_on_ones_own_page_and_a_wrong_address_is_said_beside_it(site: Site) -> None:
    clerk = site.client("township", "clerk", "程咬金")
    page = clerk.get("/me").text
    assert "只写姓氏和事项" in words(page) and "没有配置邮件通道" in words(page)
    wrong = clerk.form("/me", "/me/mail", mail="morning", email="cheng.example")
    assert wrong.status == 422 and "邮箱" in words(wrong.text) and 'value="cheng.example"' in wrong.text
    empty = clerk.form("/me", "/me/mail", mail="twice", email="")
    assert empty.status == 422 and 'id="f-email-e"' in empty.text
    assert clerk.form("/me", "/me/mail", mail="twice", email="ｃheng＠example.cn").status == 303
    assert 'value="cheng@example.cn"' in clerk.get("/me?done=mail").text
    assert clerk.form("/me", "/me/mail", mail="none", email="").status == 303


def test_a_code_that_was_mailed_confirms_the_address_on_ones_own_page(site: Site, tmp_path: Path) -> None:
    clerk, server = site.client("township", "clerk", "徐茂公"), MailServer(tmp_path, encrypted=False)
    try:
        post(site.town, server.port)
        assert clerk.form("/me", "/me/mail", mail="morning", email="xu@example.cn").status == 303
        page = words(clerk.get("/me?done=mail").text)
        assert "未确认" in page and "填写以后才发送" in page
        site.center("township").notices.step()
        code = code_of(server)
        for wrong, said in (("", "必填"), ("AAAA-BBBB", "确认码不正确")):
            refused = clerk.form("/me", "/me/mail/confirm", code=wrong)
            assert refused.status == 422 and said in words(refused.text) and 'id="f-code-e"' in refused.text
        assert "有效至" in words(clerk.get("/me").text) and code not in clerk.get("/me").text
        assert clerk.form("/me", "/me/mail/again").status == 303
        site.center("township").notices.step()
        assert clerk.form("/me", "/me/mail/confirm", code=code_of(server).lower()).status == 303
        page = words(clerk.get("/me?done=confirmed").text)
        assert "邮箱已确认" in page and "未确认" not in page
        outbox = words(site.client("township", "admin").get("/admin/notices").text)
        assert "邮箱确认" in outbox and "xu@" not in outbox
        stranger = site.client("township", "overseer")
        assert stranger.form("/me", "/me/mail/confirm", code=code).status == 403
    finally:
        server.close()


def test_more_than_are_counted_read_as_such(site: Site) -> None:
    site.town.file("township", "ZW007", CLERK)

    def many(tx: Any) -> None:
        names = [row[1] for row in tx.connection.execute("PRAGMA table_info(cases)")]
        put = {"case_no": "case_no||n", "first_arrival": "first_arrival+n", "turned": "turned+n"}
        row = f"SELECT {','.join(put.get(name, name) for name in names)} FROM (SELECT * FROM cases LIMIT 1), k"
        tx.connection.execute(
            f"WITH RECURSIVE k(n) AS (SELECT 9000 UNION ALL SELECT n+1 FROM k WHERE n<9999+{MANY}) INSERT INTO cases {row}"
        )

    site.center("township").store.run(many)
    clerk = site.client("township", "clerk", "罗成")
    assert clerk.get("/pulse").json()["news"]["n"] == "1000+"
    assert "新动态 1000+" in words(clerk.get("/me").text)
