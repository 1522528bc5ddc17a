"""Papers as people see them: preview, issue, print, PDF, the check of a QR; all on real nodes."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import edge_ui
from edge_ui.papers.pdf import pdf_of
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

V1 = "/api/v1"


@pytest.fixture
def clerk(site: Site) -> Client:
    return site.client("township", "clerk")


def accepted(site: Site, **changes: Any) -> str:
    no = site.town.file("township", "ZW007", site.actor("township", "clerk"), **changes)
    site.town.act("township", no, "accept", site.actor("township", "clerk"))
    return no


def text_of(data: bytes) -> str:
    pages = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages).replace("\r", "")


def test_a_case_leads_to_its_papers_and_issuing_gives_a_number_once(site: Site, clerk: Client) -> None:
    no = accepted(site)
    assert f"/cases/{no}/papers/acceptance" in clerk.get(f"/cases/{no}").text
    address = f"/cases/{no}/papers/acceptance"
    for language in ("zh", "en"):
        page = clerk.get(f"{address}?lang={language}")
        check_page(page.text)
        assert "预览，尚未出具" in page.text and "data:image/svg" not in page.text and "第1号" not in page.text
    for _ in range(2):
        assert clerk.form(address, address).headers["Location"] == address
    issued = clerk.get(f"{address}?lang=zh").text
    check_page(issued)
    assert "data-print" in issued and "data:image/svg" in issued and issued.count("号</p>") == 1
    assert "已出具" in clerk.get(f"/cases/{no}").text


@pytest.mark.parametrize("paper", ["decision", "love_letter", "payment"])
def test_no_such_paper_is_a_page_that_says_why(site: Site, clerk: Client, paper: str) -> None:
    answer = clerk.get(f"/cases/{accepted(site)}/papers/{paper}")
    assert answer.status == 404
    check_page(answer.text)


def test_the_api_gives_html_and_pdf_with_every_character(site: Site) -> None:
    name = "𠮷田·茉莉㑇䶮" + "\U0002a6d6"
    no = accepted(site, applicant={"name": name, "id_number": "420102195803129967", "phone": "15412345678"})
    token, client = site.center("township").tokens.issue("kiosk", "clerk"), site.client("township")
    page = client.get(f"{V1}/cases/{no}/papers/acceptance", token)
    assert page.status == 200 and name in page.text and "承诺受理通知书" in page.text and "/verify?code" not in page.text
    pdf = client.get(f"{V1}/cases/{no}/papers/acceptance", token, Accept="application/pdf")
    assert pdf.headers["Content-Type"] == "application/pdf" and pdf.body.startswith(b"%PDF")
    text = text_of(pdf.body)
    assert "𠮷田·茉莉㑇䶮" in text and ("〔U+2A6D6〕" in text or "\U0002a6d6" in text) and "承诺受理通知书" in text and no in text
    refused = client.get(f"{V1}/cases/{no}/papers/decision", token)
    error = json.loads(refused.body)["error"]
    assert (refused.status, error["code"]) == (404, "no_such_paper") and "还没有作出决定" in error["message"]


def test_a_long_paper_goes_over_pages(site: Site) -> None:
    document = site.center("township").papers.show(accepted(site), "acceptance", site.actor("township", "clerk"))
    many = [[str(n), f"第{n}份材料" + "很长的名称" * 12, "原件", "1"] for n in range(120)]
    blocks: Any = [{**block, "rows": many} if block["kind"] == "table" else block for block in document["blocks"]]
    data = pdf_of({**document, "blocks": blocks, "organ": "字" * 60}, "http://localhost/verify?code=" + "A" * 60)
    assert len(pypdfium2.PdfDocument(data)) > 5 and "第119份材料" in text_of(data).replace("\n", "")


def test_verify_says_genuine_what_came_later_wrong_and_unknown(site: Site, clerk: Client) -> None:
    no = accepted(site)
    actor = site.actor("township", "clerk")
    code = site.center("township").papers.issue(no, "acceptance", actor).document["code"]
    stranger = site.client("township")
    check_page(stranger.get("/verify").text)
    for language, sentence in (("zh", "这份文书是真的"), ("en", "This paper is genuine")):
        answer = stranger.get(f"/verify?code={code}&lang={language}")
        check_page(answer.text)
        assert answer.status == 200 and sentence in answer.text and "欧阳" not in answer.text
    assert "本站查不到这份文书" in site.client("city").get(f"/verify?code={code}&lang=zh").text
    wide = urllib.parse.quote(code.lower().translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789-."}))
    assert "这份文书是真的" in stranger.get(f"/verify?code={wide}&lang=zh").text
    wrong = stranger.get(f"/verify?code={code[:-2]}XX&lang=zh")
    assert "核验不通过" in wrong.text
    bad = stranger.get("/verify?code=%3Cscript%3E&lang=zh")
    assert bad.status == 422 and "&lt;script&gt;" in bad.text and "<script>alert" not in bad.text
    check_page(bad.text)
    site.town.do("township", no, "complete_step", site.actor("township", "examiner"))
    later = stranger.get(f"/verify?code={code}&lang=zh")
    check_page(later.text)
    assert (
        "这份文书是真的" in later.text
        and "办件后来：" in later.text
        and "环节完成" in later.text
        and "verdict good" in later.text
    )
    answer = json.loads(stranger.get(f"{V1}/public/verify?code={code}").body)
    assert (answer["result"], [one["kind"] for one in answer["later"]]) == ("genuine", ["step_completed"])


def test_guessing_codes_is_slowed_down(site: Site) -> None:
    stranger = site.client("district")
    statuses = [stranger.get("/verify?code=x").status for _ in range(60)]
    assert statuses[0] == 422 and statuses[-1] == 429


def test_others_do_not_see_papers(site: Site) -> None:
    no = accepted(site)
    for role in ("admin", "overseer"):
        assert site.client("township", role).get(f"/cases/{no}/papers/acceptance").status == 403
    assert site.client("township").get(f"/cases/{no}/papers/acceptance").status in (302, 303)


def test_the_font_ships_with_its_licence() -> None:
    fonts = Path(edge_ui.__file__).parent.parent / "configs" / "fonts"
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text("utf-8")
