"""The administrator's pages on real nodes: every page in both languages, and what each form does."""

from __future__ import annotations

import html
import json
import re
import time
import urllib.parse
from pathlib import Path

import pytest

from edge_ui.shared.words import LOCALES, Words
from node.domain.words.labels import word
from node.domain.words.terms import BY_GROUP
from node.services.upkeep.backup import backup
from node.store.running import RUNS
from node.store.store import Tx
from tests.support.network import DIRECTOR
from tests.ui.pagecheck import check_page
from tests.ui.real import PASSWORD, Site
from tests.ui.wire import Answer, Client

ROOT = Path(__file__).parents[3]
PAGES = [
    "/admin",
    "/admin/staff",
    "/admin/nodes",
    "/admin/nodes?q=江岸",
    "/admin/notices",
    "/admin/notices?state=unknown",
    "/admin/backup",
    "/admin/audit",
    "/admin/audit?kind=login",
]
NEWCOMER = {
    "code": "420102009000", "name": "某街道", "tier": "township", "address": "10.0.0.1:8800", "grpc_address": "10.0.0.1:8801",
}  # fmt: skip
QUOTED = {page: "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in page) for page in PAGES}


@pytest.mark.parametrize("node", ["city", "village"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_in_both_languages(site: Site, node: str, path: str) -> None:
    client = site.client(node, "admin")
    for lang in ("zh", "en"):
        url = QUOTED[path] + ("&" if "?" in path else "?") + f"lang={lang}"
        answer = client.get(url)
        assert answer.status == 200, answer.text
        check_page(answer.text)
        assert "Traceback" not in answer.text
    assert client.get(QUOTED[path]).status == 200


def test_a_clock_that_is_off_is_named_where_it_is_to_be_set(site: Site) -> None:
    told = {
        ("city", "zh"): "下级节点 420102000000 的时钟与本机相差约 365 天。 请在该节点校准时间",
        ("city", "en"): "The clock of 420102000000 differs from this machine's by about 365 days. Set the time there",
        ("district", "zh"): "本机时钟与上级 420100000000 相差约 365 天。 请校准本机时间",
        (
            "district",
            "en",
        ): "This machine's clock differs from its parent 420100000000 by about 365 days. Set this machine's time",
    }

    def put_wrong(tx: Tx) -> None:
        for link in tx.links.all():
            tx.links.update(link.id, clock_skew=365 * 86_400_000)

    for (name, lang), text in told.items():
        site.center(name).store.run(put_wrong)
        page = check_page(site.client(name, "admin").get(f"/admin?lang={lang}").text)
        assert text in " ".join(" ".join(page.words).split())


def test_a_revoked_branch_is_told_so_and_not_that_its_line_is_down(tmp_path: Path) -> None:
    """The district that was revoked, and the township below it, which heard of it; each on its public page and its administrator's."""
    site = Site(tmp_path)
    try:
        site.town.cut()
        site.heal()
        site.center("city").tree.revoke("420102000000", "lost")
        site.heal()
        told = {
            ("district", "zh"): ("本站已被上级注销：不再受理新申请", "本节点已被上级注销。 请联系上级管理员"),
            ("district", "en"): (
                "This node was revoked by its parent: it takes no new",
                "This node was revoked by its parent. Ask",
            ),
            ("township", "zh"): ("上级单位已被注销：新登记的办件送不上去", "本节点的上级节点已被注销。 请联系"),
            ("township", "en"): ("A node above this one was revoked: new cases do not", "A node above this one was revoked. Ask"),
        }
        for (name, lang), (banner, warning) in told.items():
            public = " ".join(" ".join(check_page(site.client(name).get(f"/?lang={lang}").text).words).split())
            admin = " ".join(" ".join(check_page(site.client(name, "admin").get(f"/admin?lang={lang}").text).words).split())
            assert banner in public and banner in admin and warning in admin
            for wrong in ("可继续", "线路不通", "线路中断", "go on working", "Work goes on", "line to the parent is down"):
                assert wrong not in public + admin
        answer = site.client("district", "admin").form("/admin/nodes", "/admin/nodes", **NEWCOMER)
        assert answer.status == 403 and "本节点已被上级注销" in answer.text
    finally:
        site.close()


def test_a_person_is_added_and_the_password_is_shown_once(site: Site) -> None:
    client = site.client("township", "admin")
    answer = client.form("/admin/staff", "/admin/staff", name="", role="clerk")
    assert answer.status == 422 and "不能为空白" in answer.text
    check_page(answer.text)
    answer = client.form("/admin/staff", "/admin/staff", name="丁一", role="clerk", username="ding")
    assert answer.status == 303
    card = client.get(answer.headers["Location"])
    page = check_page(card.text)
    words = " ".join(page.words)
    password = re.search(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", words)
    assert password and "ding" in words
    again = client.get(answer.headers["Location"])
    assert again.status == 410 and password.group() not in again.text
    check_page(again.text)
    fresh = site.client("township")
    assert fresh.form("/login", "/login", username="ding", password=password.group()).status == 303


def test_a_person_is_changed(site: Site) -> None:
    client = site.client("township", "admin")
    person = site.actor("township", "clerk", "钱二").staff_id
    url = f"/admin/staff/{person}"
    check_page(client.get(url).text)
    other = site.client("township", "clerk", "钱二")
    assert other.get("/me").status == 200
    assert client.form(url, f"{url}/role", role="examiner").headers["Location"] == f"{url}?done=role"
    assert "/login" in other.get("/me").headers["Location"]
    notice = client.get(f"{url}?done=role").text
    assert "岗位已修改" in notice and "承办人" in notice
    refused = client.form(url, f"{url}/deactivate", reason="")
    assert refused.status == 422 and "必填" in refused.text
    assert client.form(url, f"{url}/deactivate", reason="调离").status == 303
    check_page(client.get(url).text)
    assert "调离" in client.get(url).text
    assert client.form(url, f"{url}/reactivate").status == 303
    assert client.form(url, f"{url}/password").headers["Location"].startswith("/admin/staff/card")
    assert client.form(url, f"{url}/nonsense").status == 404


def test_nobody_changes_the_own_post(site: Site) -> None:
    client = site.client("district", "admin")
    me = site.actor("district", "admin").staff_id
    page = client.get(f"/admin/staff/{me}").text
    assert "这是你自己的账号" in page and f"/admin/staff/{me}/role" not in page
    answer = client.form(f"/admin/staff/{me}", f"/admin/staff/{me}/role", role="clerk")
    assert answer.status == 409 and "不能修改自己的岗位" in answer.text


def test_a_second_post_of_an_administrator_needs_a_tick(site: Site) -> None:
    client = site.client("district", "admin")
    name = site.actor("district", "admin").name
    answer = client.form("/admin/staff", "/admin/staff", name=name, role="clerk")
    assert answer.status == 422 and 'name="confirmed"' in answer.text
    check_page(answer.text)
    assert client.form("/admin/staff", "/admin/staff", name=name, role="clerk", confirmed="1").status == 303
    assert "管理员兼任办件岗位" in client.get("/admin/audit").text


def test_inviting_withdrawing_and_revoking(site: Site) -> None:
    client = site.client("city", "admin")
    wrong = client.form(
        "/admin/nodes", "/admin/nodes", code="42", name="x", tier="district", address="nowhere", grpc_address="a:1"
    )
    assert wrong.status == 422 and 'value="nowhere"' in wrong.text
    check_page(wrong.text)
    taken = {"code": "420102000000", "name": "江岸区", "tier": "district", "address": "10.0.0.1:8800"}
    taken["grpc_address"] = "10.0.0.1:8801"
    assert client.form("/admin/nodes", "/admin/nodes", **taken).status == 409
    answer = client.form("/admin/nodes", "/admin/nodes", **{**taken, "code": "420103000000", "name": "江汉区"})
    card = client.get(answer.headers["Location"])
    assert "TB1-" in card.text and client.get(answer.headers["Location"]).status == 410
    check_page(card.text)
    listed = client.get("/admin/nodes").text
    assert "江汉区" in listed
    cancel = re.search(r'action="(/admin/invitations/[0-9a-f]+/cancel)"', listed)
    assert cancel and client.form("/admin/nodes", cancel.group(1)).status == 303
    assert "江汉区" not in client.get("/admin/nodes").text
    url = "/admin/nodes/420102000000/revoke"
    check_page(client.get(url).text)
    refused = client.form(url, url, reason="lost", typed="420102")
    assert refused.status == 422
    check_page(refused.text)
    assert client.get("/admin/nodes/420199000000/revoke").status == 404
    assert client.form("/admin/nodes", "/admin/nodes/420102000000/retry").status in (303, 404)


def test_a_backup_is_made_checked_and_downloaded(site: Site) -> None:
    client = site.client("city", "admin")
    refused = client.form("/admin/backup", "/admin/backup", act="backup")
    assert (
        refused.status == 409
        and "tongban backup-key" in refused.text
        and "act" not in re.findall(r'value="(backup)"', refused.text)
    )
    check_page(refused.text)
    site.center("city").administration.make_backup_key(site.actor("city", "admin"))
    assert client.form("/admin/backup", "/admin/backup", act="backup").status == 303
    text = finished(client)
    assert "备份完成" in text
    name = re.search(r'href="/admin/backup/(tongban-[^"]+\.sealed)"', text)
    assert name
    answer = client.get(f"/admin/backup/{name.group(1)}")
    assert answer.body.startswith(b"tongban sealed 1") and int(answer.headers["Content-Length"]) == len(answer.body)
    assert client.form("/admin/backup", "/admin/backup", act="check", name=name.group(1)).status == 303
    assert "完好" in finished(client)
    assert client.form("/admin/backup", "/admin/backup", act="verify").status == 303
    assert "核验通过" in finished(client)
    assert client.get("/admin/backup/..%2Fnode.db").status == 404


def test_what_a_restore_could_not_bring_back_is_listed_with_what_to_do(site: Site, tmp_path: Path) -> None:
    town = site.town
    town.heal()
    backup(site.center("district").store, tmp_path / "copy")
    no = town.file("district", item="ZW007")
    town.heal()
    town.burn("district", tmp_path / "copy")
    town.heal()
    site._serve("district")
    client = site.client("district", "admin")
    assert client.form("/admin/backup", "/admin/backup", act="verify").status == 303
    text = finished(client)
    assert "核验通过" in text and no in text and "按原外部申请编号" in text
    site.center("district").store.run(lambda tx: tx.connection.execute("INSERT INTO objects VALUES(x'00', 1, x'00')") and None)
    assert client.form("/admin/backup", "/admin/backup", act="verify").status == 303
    assert re.search(r"object_altered</span> 1\b", finished(client))


def finished(client: Client) -> str:
    """The page when no work is under way any more (a real thread does it)."""
    for _ in range(200):
        text = client.get("/admin/backup").text
        check_page(text)
        if "正在进行" not in text:
            return text
        time.sleep(0.02)
    raise AssertionError("still running")


def test_the_audit_is_searched_without_a_name_in_the_address(site: Site) -> None:
    client = site.client("village", "admin")
    failed = site.client("village")
    assert failed.form("/login", "/login", username=site.username("village", "agent"), password="wrong").status == 401
    answer = client.form("/admin/audit", "/admin/audit", q="agent 王敏")
    check_page(answer.text)
    assert "登录失败" in answer.text and "127.0.0.1" in answer.text
    assert "没有符合条件" in client.form("/admin/audit", "/admin/audit", q="nobody").text
    assert client.get("/admin/audit?from=nonsense").status == 200
    assert PASSWORD not in answer.text


def test_a_page_that_was_open_longer_does_not_take_a_post_back(site: Site) -> None:
    one, two = site.client("city", "admin"), site.client("city", "admin", "admin 赵六")
    url = f"/admin/staff/{site.actor('city', 'clerk', '孙七').staff_id}"

    def send(client: Client, page: str, role: str) -> Answer:
        form = next(part for part in re.findall(r"<form.*?</form>", page, re.S) if f'action="{url}/role"' in part)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        body = urllib.parse.urlencode({**hidden, "role": role}).encode()
        return client.ask("POST", f"{url}/role", body, Content_Type="application/x-www-form-urlencoded")

    def post() -> str:
        return str(site.center("city").staff.person(site.actor("city", "clerk", "孙七").staff_id).role)

    old = one.get(url).text
    assert send(two, two.get(url).text, "examiner").status == 303
    assert send(one, old, "clerk").status == 303 and post() == "examiner", "pressed, but nothing was chosen"
    refused = send(one, old, "approver")
    assert refused.status == 409 and post() == "examiner"
    check_page(refused.text)
    assert word("approver") in refused.text and word("examiner") in refused.text
    assert send(one, refused.text, "approver").status == 303 and post() == "approver"


def test_the_language_is_not_taken_back_either(site: Site) -> None:
    one = site.client("city", "admin")
    old = one.get("/me").text
    assert one.form("/me", "/me/language", language="en").status == 303
    form = next(part for part in re.findall(r"<form.*?</form>", old, re.S) if 'action="/me/language"' in part)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    body = urllib.parse.urlencode({**hidden, "language": "zh"}).encode()
    one.ask("POST", "/me/language", body, Content_Type="application/x-www-form-urlencoded")
    assert one.cookies["tb_lang"].partition(";")[0] == "en"
    assert one.form("/me", "/me/language", language="zh").status == 303 and one.cookies["tb_lang"] == "zh"


def test_findings_are_told_in_words_with_whose_they_are(site: Site) -> None:
    """A parent said that a key of its own was its child's: the pages above say so, by name and not by code."""
    township = site.center("township").place
    site.center("city").store.run(lambda tx: tx.finding(township.node_id, "key_unproven", "epoch 0 seq 99"))
    told = {"zh": "没有该单位的签名；不起作用", "en": "signature; it has no effect"}
    try:
        for lang, words in told.items():
            text = site.client("city", "admin").get(f"/admin?lang={lang}").text
            assert words in text and township.code in text and "key_unproven" not in text
    finally:
        site.center("city").store.run(lambda tx: tx.strike_off(township.node_id, "key_unproven", "epoch 0 seq 99"))


def test_every_finding_has_words_in_both_languages() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "node").rglob("*.py"))
    named = set(re.findall(r"\bfinding\([^,()]+, \"(\w+)\"", source)) | set(
        re.findall(r"^[A-Z_]+ = \"(\w+)\"  # a finding", source, re.M)
    )
    named |= {"bad_signature", "unknown_author", "malformed", "fork", "gap", "broken_prev", "gap_after_restore"}
    assert len(named) > 15
    assert {kind for kind in named if ("flaw", kind) not in BY_GROUP} == set()


def test_a_revocation_lists_the_cases_that_must_be_filed_anew_then_and_later(tmp_path: Path) -> None:
    site = Site(tmp_path / "orphans")
    try:
        no = site.town.file("village")
        name = str(site.town["village"].center.cases.case(no, DIRECTOR)["item_name"])
        site.heal()
        admin = site.client("township", "admin")
        url = "/admin/nodes/420102002003/revoke"
        answer = admin.form(url, url, reason="lost", typed="420102002003")
        assert answer.status == 303
        for page in (answer.headers["Location"], "/admin/nodes"):
            text = admin.get(page).text
            check_page(text)
            assert "要重新登记的办件 1 件" in text and no in text and name in text
        page = site.client("township", "director").get("/network").text
        assert "要重新登记的办件 1 件" in page and f'href="/cases/{no}"' in page and name in page
    finally:
        site.close()


def test_what_a_new_office_lacks_is_named_with_where_it_is_mended(site: Site) -> None:
    """No division table, no authority record, no public address: each a line, with a link or the command as it has to be typed."""
    center, client = site.center("city"), site.client("city", "admin")
    before = center.administration.web
    try:
        center.administration.web = "0.0.0.0:8443"
        page = client.get("/admin").text
        said = html.unescape(re.sub(r"<[^>]+>", " ", page))
        assert "还没有写明群众使用的网址" in said and f"{center.store.folder} 的 config.toml" in said and "public_url" in said
        assert '<a href="/authority">去处理</a>' in page and f"tongban authority import {center.store.folder} 文件.csv" in said
        english = html.unescape(client.get("/admin?lang=en").text)
        assert "public_url under [web]" in english and "/authority or" not in english
        client.get("/admin?lang=zh")
        center.administration.printed = True
        assert "还没有写明群众使用的网址" not in client.get("/admin").text
        center.administration.web, center.administration.printed = "127.0.0.1:8800", False
        assert "还没有写明群众使用的网址" not in client.get("/admin").text
    finally:
        center.administration.web, center.administration.printed = before, False


def test_no_hint_names_a_page_that_is_not_linked() -> None:
    """An address in a sentence is to be copied by hand; the page has a link for it."""
    for lang in ("zh", "en"):
        for path in (ROOT / "edge_ui" / "locale" / lang).glob("*.json"):
            said = json.loads(path.read_text("utf-8"))
            assert {
                key
                for key, text in said.items()
                if re.search(r"(?<![\w.…/}])/(?!metrics|srv|media|home|var|tongban)[a-z]{4,}\b|docs/|\.md\b", text)
            } == set(), path


def test_every_kind_of_the_audit_has_words() -> None:
    """What the program writes of itself too (`node_runs`); a kind without a name would be a raw code on the page."""
    kinds = {RUNS}
    for path in (ROOT / "node").rglob("*.py"):
        kinds.update(re.findall(r'Draft\("(\w+)", "(?:node|staff)"', path.read_text(encoding="utf-8")))
    words = Words.load(ROOT / "edge_ui" / "locale")
    missing = [kind for kind in kinds for locale in LOCALES if not words.has(locale, f"admin.audit.{kind}")]
    assert len(kinds) > 10 and missing == []
