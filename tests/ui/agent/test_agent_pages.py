"""The agent's pages on a real village: pick, type, photograph, lodge, hand over; with and without a line or a script."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path

import pytest

from edge_ui.shared.words import Words
from node.domain.cases.mandate import SCOPES, SIGNED
from node.domain.filing.application import CHANNELS
from node.domain.filing.draft import CONTACTS, LIMITS
from node.services.tree.standing import REFUSAL
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

ROOT = Path(__file__).parents[3] / "edge_ui"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 30
TYPED = {
    "name": "𠮷田·<b>买买提", "id_type": "ric", "id_number": "420106198702079963", "phone": "15412345678", "contact": "own",
    "channel": "village_agent",
    "mandate_scope": "submit,correct,withdraw,collect", "mandate_until": "2026-08-30", "mandate_signed": "signature",
}  # fmt: skip


@pytest.fixture(scope="module")
def agent(site: Site) -> Client:
    return site.client("village", "agent")


@pytest.fixture(autouse=True)
def in_chinese(agent: Client) -> None:
    agent.cookies.pop("tb_lang", None)


def begin(client: Client, item: str = "ZW007") -> str:
    answer = client.form(f"/new/{item}", f"/new/{item}")
    assert answer.status == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def token(client: Client, page: str) -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', client.get(page).text)
    assert found
    return found.group(1)


def announce(client: Client, id: str, data: bytes, material: str = "", key: str = "k1", name: str = "IMG 1.jpg") -> Answer:
    body = {"_xsrf": token(client, f"/drafts/{id}"), "key": key, "name": name, "size": str(len(data)), "material": material}
    return client.ask(
        "POST",
        f"/drafts/{id}/files",
        urllib.parse.urlencode(body).encode(),
        Content_Type="application/x-www-form-urlencoded",
        X_Upload="1",
    )


def piece(client: Client, id: str, file: str, data: bytes, offset: int = 0) -> Answer:
    headers = {"X_Upload": "1", "Upload_Offset": str(offset), "X_Xsrftoken": token(client, f"/drafts/{id}")}
    return client.ask("PUT", f"/drafts/{id}/files/{file}", data, **headers)


def photograph(client: Client, id: str, data: bytes, material: str = "", key: str = "k1") -> str:
    made = announce(client, id, data, material, key).json()
    assert piece(client, id, made["id"], data).json()["whole"]
    return str(made["id"])


def full(site: Site, client: Client) -> str:
    """A draft that can be lodged."""
    id = begin(client)
    item = site.center("village").catalog.document("ZW007")
    for n, material in enumerate(item["materials"]):
        if material["required"]:
            photograph(client, id, PHOTO + bytes([n]), material["name"], f"k{n}")
    return id


def test_the_desk_shows_line_lists_and_name(site: Site, agent: Client) -> None:
    site.town.file("village")
    for language in ("zh", "en"):
        page = check_page(agent.get(f"/agent?lang={language}").text)
        assert {"/new", "/handover"} <= page.links()
    html = agent.get("/agent?lang=zh").text
    assert "agent 王敏" in html and "待移交" in html and 'hx-trigger="tongban:changed from:body"' in html


@pytest.mark.parametrize(
    "query", ["", "?q=%E7%94%9F", "?q=zzzz", "?department=%E6%B0%91%E6%94%BF%E5%B1%80", "?page=99999", "?page=-1"]
)
def test_items_are_found_by_words_and_by_department(agent: Client, query: str) -> None:
    for language in ("zh", "en"):
        answer = agent.get(f"/new{query}{'&' if query else '?'}lang={language}")
        assert answer.status == 200
        check_page(answer.text)


def test_a_page_of_items_is_fifty_rows(agent: Client) -> None:
    page = check_page(agent.get("/new").text)
    assert len([link for link in page.links() if link.startswith("/new/")]) <= 50


def test_an_item_of_another_level_says_where_it_is_filed(site: Site, agent: Client) -> None:
    items = site.center("village").catalog.documents()
    elsewhere = next(one["item_id"] for one in items if "village" not in one["accept_levels"])
    answer = agent.get(f"/new/{elsewhere}")
    assert answer.status == 409 and "受理" in answer.text
    assert agent.get("/new/nothing").status == 404


def test_what_is_typed_is_saved_by_script_and_by_button(agent: Client) -> None:
    id = begin(agent)
    check_page(agent.get(f"/drafts/{id}").text)
    check_page(agent.get(f"/drafts/{id}?lang=en").text)
    agent.cookies.pop("tb_lang")
    body = urllib.parse.urlencode({"_xsrf": token(agent, f"/drafts/{id}"), "name": "半个名"}).encode()
    saved = agent.ask("POST", f"/drafts/{id}", body, Content_Type="application/x-www-form-urlencoded", HX_Request="true")
    assert "已保存在本机" in saved.json()["saved"]
    assert agent.form(f"/drafts/{id}", f"/drafts/{id}", name="𠮷·<i>", phone="abc").status == 303
    html = agent.get(f"/drafts/{id}").text
    assert 'value="𠮷·&lt;i&gt;"' in html and 'value="abc"' in html
    assert id in agent.get("/agent").text
    check_page(agent.get("/drafts").text)


def test_all_defects_come_back_at_once_with_what_was_typed(agent: Client) -> None:
    id = begin(agent)
    for language in ("zh", "en"):
        agent.get(f"/agent?lang={language}")
        answer = agent.form(
            f"/drafts/{id}", f"/drafts/{id}/lodge", name=" ", id_number="420106198702079964", phone="1", mandate_until="x"
        )
        assert answer.status == 422
        check_page(answer.text)
        for anchor in ("#f-name", "#f-id_number", "#f-phone", "#materials", "#f-mandate_until", "#f-mandate_signed-0"):
            assert f'href="{anchor}"' in answer.text
        assert 'value="420106198702079964"' in answer.text and 'aria-invalid="true"' in answer.text


def test_photographs_resume_are_sorted_shown_and_removed(site: Site, agent: Client) -> None:
    id = begin(agent)
    material = site.center("village").catalog.document("ZW007")["materials"][0]["name"]
    made = announce(agent, id, PHOTO).json()
    assert piece(agent, id, made["id"], PHOTO[:1000]).json()["offset"] == 1000
    html = agent.get(f"/drafts/{id}").text
    assert "中断" in html
    again = announce(agent, id, PHOTO).json()
    assert (again["id"], again["offset"]) == (made["id"], 1000)
    assert piece(agent, id, made["id"], PHOTO[1000:], 1000).json()["whole"]
    shown = agent.get(f"/drafts/{id}/files/{made['id']}")
    assert shown.body == PHOTO and shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff" and shown.headers["Content-Disposition"].startswith("inline")
    assert agent.form(f"/drafts/{id}", f"/drafts/{id}/sort", **{f"file-{made['id']}": material}).status == 303
    check_page(agent.get(f"/drafts/{id}").text)
    assert site.center("village").drafts.draft(id, site.actor("village", "agent"))["files"][0]["material"] == material
    agent.form(f"/drafts/{id}", f"/drafts/{id}/files/{made['id']}")
    assert agent.get(f"/drafts/{id}/files/{made['id']}").status == 404


def multipart(fields: dict[str, str], files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    parts = [f'--XX\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    for name, data in files:
        head = f'--XX\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + b"--XX--\r\n", "multipart/form-data; boundary=XX"


def test_a_plain_form_sends_many_files_and_refuses_pages(agent: Client) -> None:
    id = begin(agent)
    body, kind = multipart({"_xsrf": token(agent, f"/drafts/{id}")}, [("a.jpg", PHOTO), ("b.pdf", b"%PDF-1.4\n...")])
    assert agent.ask("POST", f"/drafts/{id}/files", body, Content_Type=kind).status == 303
    html = agent.get(f"/drafts/{id}").text
    assert "a.jpg" in html and "b.pdf" in html
    body, kind = multipart({"_xsrf": token(agent, f"/drafts/{id}")}, [("photo.jpg", b"<html><script>alert(1)</script>")])
    refused = agent.ask("POST", f"/drafts/{id}/files", body, Content_Type=kind)
    assert refused.status == 422 and "程序和网页文件不收" in refused.text
    check_page(refused.text)


def test_a_script_is_told_why_a_file_is_refused(agent: Client) -> None:
    id = begin(agent)
    made = announce(agent, id, b"<svg onload=alert(1)></svg>").json()
    refused = piece(agent, id, made["id"], b"<svg onload=alert(1)></svg>")
    assert refused.status == 415 and "不收" in refused.json()["error"]["message"]
    assert announce(agent, id, b"").status == 422
    forged = agent.ask("PUT", f"/drafts/{id}/files/{made['id']}", PHOTO, X_Upload="1", Upload_Offset="0")
    assert forged.status == 403


def test_a_pdf_is_shown_and_may_load_nothing(agent: Client) -> None:
    id = begin(agent)
    file = photograph(agent, id, b"%PDF-1.4\n" + b"x" * 50)
    shown = agent.get(f"/drafts/{id}/files/{file}")
    assert shown.headers["Content-Disposition"].startswith("inline") and shown.headers["Content-Type"] == "application/pdf"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'"
    assert (shown.headers["X-Content-Type-Options"], shown.headers["X-Frame-Options"]) == ("nosniff", "SAMEORIGIN")
    assert re.search(rf'<a class="fileicon"\s+href="/drafts/{id}/files/{file}" target="_blank" rel="noopener" data-view="pdf"',
                     agent.get(f"/drafts/{id}").text)  # fmt: skip


def test_a_heic_sent_without_a_script_is_refused_with_what_to_do(agent: Client) -> None:
    id = begin(agent)
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00" + b"x" * 50
    made = announce(agent, id, heic, name="IMG_1.HEIC").json()
    refused = piece(agent, id, made["id"], heic)
    assert refused.status == 415 and "JPG" in refused.json()["error"]["message"]
    head = {"Content_Type": "multipart/form-data; boundary=b"}
    body = f'--b\r\nContent-Disposition: form-data; name="_xsrf"\r\n\r\n{token(agent, f"/drafts/{id}")}\r\n--b\r\nContent-Disposition: '
    body += 'form-data; name="file"; filename="IMG_1.HEIC"\r\n\r\n'
    answer = agent.ask("POST", f"/drafts/{id}/files", body.encode() + heic + b"\r\n--b--\r\n", **head)
    assert answer.status == 422 and "兼容性最佳" in answer.text


def test_lodging_gives_number_code_and_slip_once(site: Site, agent: Client) -> None:
    id = full(site, agent)
    answer = agent.form(f"/drafts/{id}", f"/drafts/{id}/lodge", **TYPED)
    assert answer.status == 303, answer.text
    html = agent.get(f"/drafts/{id}/done").text
    page = check_page(html)
    case_no = next(link.split("/")[2] for link in page.links() if link.endswith("/papers/receipt"))
    code = site.center("village").drafts.result(case_no, site.actor("village", "agent"))["query_code"]
    assert code in html and "𠮷田·&lt;b&gt;买买提" in html
    check_page(agent.get(f"/drafts/{id}/done?lang=en").text)
    assert agent.form(f"/drafts/{id}/done", f"/drafts/{id}/lodge", name="again").status in (303, 409)
    assert agent.get(f"/drafts/{id}").status == 303
    case = site.center("village").cases.case(case_no, site.actor("village", "agent"))
    assert case["status"] == "with_agent" and {row["state"] for row in case["materials"] if row["size"]} == {"here"}


def test_the_hand_over_of_many_has_a_list(site: Site, agent: Client) -> None:
    numbers = [site.town.file("village") for _ in range(3)]
    check_page(agent.get("/handover").text)
    assert agent.form("/handover", "/handover").status == 422
    question = agent.form("/handover", "/handover", case_no=",".join(numbers))
    assert question.status == 200 and "将移交 3 件" in question.text
    check_page(question.text)
    assert all(
        site.center("village").cases.case(one, site.actor("village", "agent"))["status"] == "with_agent" for one in numbers
    )
    answer = agent.form("/handover", "/handover", case_no=",".join(numbers), confirm="1")
    assert answer.status == 303
    for language in ("zh", "en"):
        html = agent.get(f"{answer.headers['Location']}?lang={language}").text
        check_page(html)
        assert all(number in html for number in numbers)
    again = agent.form("/handover", "/handover", case_no="nonsense")
    assert again.status == 409
    for language in ("zh", "en"):
        check_page(agent.get(f"/agent?lang={language}").text)
    assert agent.get("/handover/unknown").status == 404
    site.heal()
    check_page(agent.get("/agent").text)


def test_a_clerk_uses_the_same_pages_without_a_mandate(site: Site) -> None:
    clerk = site.client("township", "clerk")
    items = site.center("township").catalog.documents()
    item = next(one["item_id"] for one in items if "township" in one["accept_levels"])
    id = begin(clerk, item)
    html = clerk.get(f"/drafts/{id}").text
    check_page(html)
    assert "mandate_scope" not in html and clerk.get("/agent").status == 403


def test_strangers_and_other_roles_see_no_draft(site: Site, agent: Client) -> None:
    id = begin(agent)
    assert site.client("village").get(f"/drafts/{id}").status == 303
    assert site.client("village", "admin").get(f"/drafts/{id}").status == 403
    assert agent.get("/drafts/" + "0" * 16).status == 404
    assert agent.get("/drafts/%00").status in (400, 404)
    colleague = site.client("village", "agent", "钱芳")
    assert "agent 王敏" in colleague.get(f"/drafts/{id}").text


def test_throwing_a_draft_away(agent: Client) -> None:
    id = begin(agent)
    assert agent.form(f"/drafts/{id}", f"/drafts/{id}/discard").status == 303
    assert agent.get(f"/drafts/{id}").status == 404 and id not in agent.get("/agent").text


def test_a_script_that_saves_a_draft_lodged_meanwhile_is_told(agent: Client) -> None:
    id = begin(agent)
    body = urllib.parse.urlencode({"_xsrf": token(agent, f"/drafts/{id}"), "name": "晚了"}).encode()
    agent.form(f"/drafts/{id}", f"/drafts/{id}/discard")
    late = agent.ask("POST", f"/drafts/{id}", body, Content_Type="application/x-www-form-urlencoded", HX_Request="true")
    assert late.status == 409 and late.json()["error"]["message"]


def test_a_pulled_line_is_said_and_changes_nothing(site: Site, agent: Client) -> None:
    site.heal()
    site.town.cut()
    try:
        id = full(site, agent)
        for language in ("zh", "en"):
            check_page(agent.get(f"/drafts/{id}?lang={language}").text)
            check_page(agent.get(f"/handover?lang={language}").text)
        agent.cookies.pop("tb_lang")
        answer = agent.form(f"/drafts/{id}", f"/drafts/{id}/lodge", **TYPED)
        assert answer.status == 303
        page = check_page(agent.get(f"/drafts/{id}/done").text)
        case_no = next(link.split("/")[2] for link in page.links() if link.endswith("/papers/receipt"))
        done = agent.form("/handover", "/handover", case_no=case_no, confirm="1")
        assert done.status == 303
        packed = agent.get(done.headers["Location"]).text
        assert "已装好 1 件" in packed and "还没有离开本机" in packed and "已移交 1 件" not in packed
        html = agent.get("/agent").text
        assert case_no in html and ("线路中断" in html or "还没有接收" in html)
    finally:
        site.heal()
    assert "窗口还没有签收" in agent.get("/agent").text


def test_at_a_revoked_node_a_draft_stays_a_draft(site: Site, agent: Client) -> None:
    """One message about it, and none that says to go on."""
    id = full(site, agent)
    agent.form(f"/drafts/{id}", f"/drafts/{id}", **TYPED)
    center, above = site.center("village"), site.town["township"].id
    center.inbound.on_link_state(above, False, f"refused by the peer: {REFUSAL}")
    try:
        for page in ("/agent", f"/drafts/{id}", "/handover"):
            text = " ".join(check_page(agent.get(page).text).words)
            assert "已被上级注销" in text and "线路中断" not in text and "可继续办理" not in text, page
        answer = agent.form(f"/drafts/{id}", f"/drafts/{id}/lodge", **TYPED)
        assert answer.status == 403 and "本节点已被上级注销" in answer.text
        assert center.drafts.draft(id, site.actor("village", "agent"))["state"] == "open"
    finally:
        center.inbound.on_link_state(above, True, "")
        site.heal()
    assert agent.form(f"/drafts/{id}", f"/drafts/{id}/lodge", **TYPED).status == 303


def test_every_reason_and_choice_has_words() -> None:
    words = Words.load(ROOT / "locale")
    named = [f"agent.why.{why}" for why in ("line", "revoked", "not_taken", "not_received", "coming_home")]
    named += [f"agent.field.{name}" for name in (*LIMITS, "materials", "item")]
    named += (
        [f"agent.scope.{one}" for one in SCOPES]
        + [f"agent.signed.{one}" for one in SIGNED]
        + [f"agent.contact.{one}" for one in CONTACTS]
    )
    named += [f"agent.channel.{one}" for one in CHANNELS]
    assert [key for key in named if not (words.has("zh", key) and words.has("en", key))] == []


def test_the_script_needs_nothing_the_policy_forbids() -> None:
    text = (ROOT / "static/agent.js").read_text("utf-8")
    assert not re.search(r"eval\(|innerHTML|\.style\b|new Function|https?://", text)


def test_no_word_is_missing() -> None:
    words = json.loads((ROOT / "locale/zh/agent.json").read_text("utf-8"))
    used = set()
    for path in [*(ROOT / "templates/agent").glob("*.html"), *(ROOT / "web/agent").glob("*.py")]:
        used |= set(re.findall(r'"(agent\.[a-z_.]+[a-z_])"', path.read_text("utf-8")))
    assert {key for key in used if key not in words and not key.endswith(".")} == set()


def test_a_draft_in_the_bin_is_seen_and_taken_back(site: Site, agent: Client) -> None:
    center, actor = site.center("village"), site.actor("village", "agent")
    id = begin(agent)
    assert agent.form(f"/drafts/{id}", f"/drafts/{id}", name="待清").status == 303
    site.town.world.advance(31 * 86_400_000)
    center.tick()
    again = site.client("village", "agent")
    assert "将要清除" in again.get("/agent").text
    shown = again.get("/drafts").text
    check_page(shown)
    assert f'action="/drafts/{id}/restore"' in shown and "恢复" in shown and "之后清除" in shown
    assert "待清除" in again.get(f"/drafts/{id}").text
    assert again.form("/drafts", f"/drafts/{id}/restore").status == 303
    assert f"/drafts/{id}/restore" not in again.get("/drafts").text
    assert next(row["id"] for row in center.drafts.drafts(actor)["drafts"]) == id


def test_the_person_at_the_number_is_shown_to_a_script_and_taken_over_without_one(site: Site) -> None:
    agent = site.client("village", "agent")
    who = {"name": "<b>古丽", "id_number": "42010219941022999X", "phone": "13800138000", "address": "江岸区"}
    no = site.town.file("village", "ZW007", site.actor("village", "agent"), applicant=who)
    id = begin(agent)
    body = urllib.parse.urlencode(
        {"_xsrf": token(agent, f"/drafts/{id}"), "id_number": who["id_number"], "id_type": "ric"}
    ).encode()
    part = agent.ask("POST", f"/drafts/{id}/person", body, Content_Type="application/x-www-form-urlencoded", HX_Request="true")
    assert part.status == 200 and "<html" not in part.text and no in part.text and "未办结" in part.text
    assert "&lt;b&gt;古丽" in part.text and 'data-phone="13800138000"' in part.text
    assert no not in agent.get(f"/drafts/{id}").text
    taken = agent.form(f"/drafts/{id}", f"/drafts/{id}/person", id_number=who["id_number"], note="留着", take="1")
    assert taken.status == 303
    page = agent.get(f"/drafts/{id}").text
    check_page(page)
    assert 'value="&lt;b&gt;古丽"' in page and 'value="13800138000"' in page and "留着" in page and no in page
