"""The hall's pages on four real nodes: whose turn a case is, the two panes, refusals in place, the search, files to look at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import edge_ui
from edge_ui.shared.words import Words
from node.domain.cases.awaits import AWAITED
from node.services.cases.workbench import PARTS
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

LOCALE = Path(edge_ui.__file__).parent / "locale"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20


@pytest.fixture
def clerk(site: Site) -> Client:
    return site.client("township", "clerk")


def at_hall(site: Site, item: str = "ZW007", **changes: object) -> str:
    """A case filed at the township's own window."""
    return site.town.file("township", item, site.actor("township", "clerk"), **changes)


def press(client: Client, no: str, action: str, **given: str) -> Answer:
    return client.form(f"/cases/{no}", f"/cases/{no}/actions/{action}", **given)


def test_a_case_from_the_village_comes_to_the_workbench_and_says_whose_turn_it_is(site: Site, clerk: Client) -> None:
    no = site.town.file("village", actor=site.actor("village", "agent"))
    site.town.act("village", no, "hand_over", site.actor("village", "agent"))
    assert no not in clerk.get("/work").text
    site.heal()
    page = clerk.get("/work")
    check_page(page.text)
    row = next(part for part in page.text.split("<tr>") if no in part)
    assert "待签收" in row and "欧阳建国" in row
    assert press(clerk, no, "receive").status == 303
    opened = clerk.get(f"/cases/{no}").text  # what decides first, and each day once
    order = [opened.index(part) for part in ('class="dues"', 'id="h-acts"', 'id="h-mat"', 'id="h-app"', 'id="h-line"')]
    assert order == sorted(order) and opened.count("最迟") == 1
    assert "待受理" in next(part for part in clerk.get("/work").text.split("<tr>") if no in part)
    press(clerk, no, "accept")
    assert no not in clerk.get("/work").text and no in clerk.get("/work?part=others").text
    examiner = site.client("township", "examiner")
    assert "待审查" in next(part for part in examiner.get("/work").text.split("<tr>") if no in part)


def test_a_case_sent_up_is_elsewhere_and_comes_back_by_itself(site: Site, clerk: Client) -> None:
    item = next(one["item_id"] for one in site.center("township").catalog.documents() if one["approval_level"] == "district")
    no = site.town.file("township", item, site.actor("township", "clerk"))
    town = site.town
    town.do("township", no, "accept", site.actor("township", "clerk"))
    town.do("township", no, "complete_step", site.actor("township", "examiner"))
    approver = site.client("township", "approver")
    assert "待上报" in approver.get("/work").text
    town.do("township", no, "refer", site.actor("township", "approver"))
    site.heal()
    assert "区级办理中" in clerk.get("/work?part=elsewhere").text
    examiner = site.client("district", "examiner")
    assert no in examiner.get("/work").text
    town.do("district", no, "return_to_lower", site.actor("district", "approver"))
    site.heal()
    back = site.client("township", "examiner").get("/work?part=back").text
    assert no in back and "退回" in back


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_workbench_is_a_page(site: Site, clerk: Client, part: str, language: str) -> None:
    check_page(clerk.get(f"/work?part={part}&lang={language}").text)


@pytest.mark.parametrize(
    "bad", ["part=nothing", "cursor=x", "cursor=2026-13-99.1", "part=mine&cursor=9999-12-31.99999999999999999"]
)
def test_a_wrong_part_or_cursor_is_told_and_the_list_still_stands(clerk: Client, bad: str) -> None:
    answer = clerk.get(f"/work?{bad}")
    assert answer.status in (200, 422)
    check_page(answer.text)


def test_the_case_page_shows_way_papers_forms_and_deadlines(site: Site, clerk: Client) -> None:
    no = at_hall(site)
    for language in ("zh", "en"):
        text = clerk.get(f"/cases/{no}?lang={language}").text
        check_page(text)
        assert 'class="hops"' in text and "欧阳建国" in text and f"/cases/{no}/actions/accept" in text
    text = clerk.get(f"/cases/{no}?lang=zh").text
    assert "收件，次日起 5 个工作日内作出受理、补正告知或者不予受理" in text
    assert "还剩" in text and "居民身份证" not in text  # no kind of number was given
    assert "窗口" in text


def test_a_refused_action_keeps_what_was_typed_beside_the_field(site: Site, clerk: Client) -> None:
    no = at_hall(site)
    answer = press(clerk, no, "request_correction", content="身份证<照片>不清", due="")
    assert answer.status == 422
    check_page(answer.text)
    assert "身份证&lt;照片&gt;不清" in answer.text and 'aria-invalid="true"' in answer.text
    assert site.center("township").cases.case(no, site.actor("township", "clerk"))["status"] == "submitted"


def test_a_request_for_correction_names_materials_and_waits_for_the_applicant(site: Site, clerk: Client) -> None:
    no = at_hall(site)
    form = clerk.get(f"/cases/{no}").text
    form = form[form.index("/actions/request_correction") :]
    boxes = re.findall(r'name="materials" value="(\d+)"( checked)?', form[: form.index("</form>")])
    assert boxes and not any(ticked for _, ticked in boxes)  # what is wrong is the clerk's to say
    assert press(clerk, no, "request_correction", content="照片不清", materials=boxes[0][0], due="2026-12-30").status == 303
    assert no in clerk.get("/work?part=applicant").text
    page = clerk.get(f"/cases/{no}?lang=zh").text
    check_page(page)
    assert "请申请人在 12月30日 前补正" in page and page.count("照片不清") >= 2


def test_a_stale_form_is_told_in_place_and_a_double_click_is_one_act(site: Site, clerk: Client) -> None:
    no = at_hall(site)
    stale = press(clerk, no, "accept", expected_version="0")
    assert stale.status == 409 and "alert" in stale.text
    form = {"form_id": "abcdef0123456789", "expected_version": ""}
    assert press(clerk, no, "accept", **form).status == 303
    assert press(clerk, no, "accept", **form).status == 303
    kinds = [row["action"] for row in site.center("township").cases.case(no, site.actor("township", "clerk"))["timeline"]]
    assert kinds.count("accepted") == 1


def test_an_action_that_is_not_offered_is_explained(site: Site, clerk: Client) -> None:
    answer = press(clerk, at_hall(site), "approve", opinion="x")
    assert answer.status in (403, 409) and "Traceback" not in answer.text
    check_page(answer.text)


def test_search_finds_by_each_key_and_leaves_nothing_in_the_address(site: Site, clerk: Client) -> None:
    no = at_hall(site, applicant={"name": "𠮷田·茉莉", "id_number": "420102195803129967", "phone": "15412345678"})
    document = site.center("township").cases.case(no, site.actor("township", "clerk"))
    for words in (no[:-1], no.lower()[:-1], "𠮷田", "420102195803129967", str(document["application_no"])):
        answer = clerk.form("/work", "/cases", q=words)
        assert answer.status == 200 and no in answer.text, words
        check_page(answer.text)
        assert "q=" not in re.sub(r'name="q"', "", answer.text)
    assert clerk.form("/work", "/cases", q=no).headers["Location"] == f"/cases/{no}"
    none = clerk.form("/work", "/cases", q="%' OR 1=1 --")
    assert none.status == 200 and "没有找到" in none.text
    check_page(none.text)


def test_a_second_case_of_the_same_person_and_item_is_pointed_out(site: Site, clerk: Client) -> None:
    first, second = at_hall(site), at_hall(site)
    assert f"/cases/{first}" in clerk.get(f"/cases/{second}").text


def test_a_photograph_is_sent_by_a_form_and_looked_at(site: Site, clerk: Client) -> None:
    item = next(one for one in site.center("township").catalog.documents() if any(m["required"] for m in one["materials"]))
    application = site.town.application("township", item["item_id"])
    for row in application["attachments"]:
        row["size"] = len(PHOTO)
    no = site.center("township").intake.file(application, site.actor("township", "clerk")).case_no
    case = site.center("township").cases.case(no, site.actor("township", "clerk"))
    material = next(row["material"] for row in case["materials"] if row["state"] == "declared")
    sent = clerk.upload(f"/cases/{no}", f"/cases/{no}/materials/{material}", "像 片.jpg", PHOTO)
    assert sent.status == 303, sent.text
    text = clerk.get(f"/cases/{no}").text
    assert f'src="/cases/{no}/files/{material}"' in text
    check_page(text)
    seen = clerk.get(f"/cases/{no}/files/{material}")
    assert seen.body == PHOTO and seen.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in seen.headers["Content-Security-Policy"]
    assert clerk.get(f"/cases/{no}/files/99").status == 404
    refused = clerk.upload(f"/cases/{no}", f"/cases/{no}/materials/{material}", "x.jpg", b"<script>alert(1)</script>")
    assert refused.status in (409, 415, 422)
    check_page(refused.text)


def test_the_list_has_filters_and_pages(site: Site, clerk: Client) -> None:
    no = at_hall(site)
    assert no in clerk.get("/cases?status=submitted").text and no not in clerk.get("/cases?status=delivered").text
    for path in ("/cases", "/cases?status=submitted&item=ZW007", "/cases?status=nonsense", "/cases?cursor=abc"):
        check_page(clerk.get(path).text)


def test_others_do_not_see_cases(site: Site) -> None:
    for role in ("admin", "overseer"):
        browser = site.client("township", role)
        assert browser.get("/work").status == 403 and browser.get("/cases").status == 403
    assert site.client("village", "agent").get("/work").status == 403


def test_every_turn_and_part_has_words() -> None:
    words = Words.load(LOCALE)
    for locale in ("zh", "en"):
        assert all(words.has(locale, f"hall.awaits.{one}") for one in AWAITED if one != "elsewhere")
        assert all(words.has(locale, f"track.why.{one}") for one in AWAITED if one != "elsewhere")
        assert all(words.has(locale, f"hall.part.{one}") and words.has(locale, f"hall.empty.{one}") for one in PARTS)


def test_what_an_applicant_is_asked_for_stands_on_the_page_in_words(site: Site, clerk: Client) -> None:
    """Whose telephone it is, which only the forms of agents and counters ask for."""
    for contact, said in (("own", "申请人本人"), ("relative", "亲属"), ("agent", "代办员")):
        document = site.town.application("township")
        document["applicant"] |= {"contact": contact, "contact_name": "女儿"}
        no = site.center("township").intake.file(document, site.actor("township", "clerk")).case_no
        text = clerk.get(f"/cases/{no}?lang=zh").text
        assert f"<dt>电话是谁的</dt><dd>{said}</dd>" in text and "<dd>女儿</dd>" in text, contact
        assert "<dt>contact" not in text and f"<dd>{contact}</dd>" not in text


def test_the_facts_of_an_act_stand_on_the_page_in_words(site: Site, clerk: Client) -> None:
    """The reason of a hand-back, whom it goes to; kind and days of a pause: no code, in the language of the page."""
    no = site.town.file("village", actor=site.actor("village", "agent"))
    site.town.act("village", no, "hand_over", site.actor("village", "agent"))
    site.heal()
    form = clerk.get(f"/cases/{no}?lang=zh").text.partition("/actions/hand_back")[2]
    assert '<option value="incomplete">材料不全</option>' in form
    assert press(clerk, no, "hand_back", reason="incomplete", note="缺两份复印件").status == 303
    text = clerk.get(f"/cases/{no}?lang=zh").text
    check_page(text)
    assert "<dt>退回原因</dt><dd>材料不全</dd>" in text and "缺两份复印件" in text
    assert "<dt>移交事由</dt><dd>退回移交</dd>" in text and "hand_back</dd>" not in text
    english = clerk.get(f"/cases/{no}?lang=en").text
    assert "<dt>reason</dt><dd>incomplete</dd>" in english
    row = next(
        row for row in site.center("township").cases.case(no, site.actor("township", "clerk"))["timeline"][::-1] if row["told"]
    )
    assert {"name": "reason", "label": "退回原因", "value": "材料不全", "label_en": "reason", "value_en": "incomplete"} in row[
        "told"
    ]
