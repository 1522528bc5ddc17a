"""改派 by name: the list on the page, whose list a case is on, words for who cannot, names that stay at home."""

from __future__ import annotations

import html
import re

from tests.support.there import there
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client


def press(client: Client, no: str, action: str, **given: str) -> Answer:
    return client.form(f"/cases/{no}", f"/cases/{no}/actions/{action}", **given)


def accepted(site: Site) -> str:
    no = site.town.file("township", "ZW007", site.actor("township", "clerk"))
    site.town.do("township", no, "accept", site.actor("township", "clerk"))
    return no


def mine(client: Client, no: str) -> bool:
    return no in client.get("/work?part=mine").text


def choices(page: str, action: str) -> dict[str, str]:
    """Name -> id of the people that a form offers."""
    form = page[page.index(f"/actions/{action}") :]
    found = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)', form[: form.index("</form>")])
    return {html.unescape(name): id for id, name in found}


def test_given_by_name_a_case_is_on_the_list_of_who_has_it_and_given_on_on_the_others(site: Site) -> None:
    wang, li = site.actor("township", "examiner", "王强"), site.actor("township", "examiner", "李芳")
    first, second = site.client("township", "examiner", "王强"), site.client("township", "examiner", "李芳")
    boss, no = site.client("township", "approver", "周正"), accepted(site)
    for one in (first, second):
        assert no in one.get("/work?part=open").text and not mine(one, no)
    page = boss.get(f"/cases/{no}").text
    check_page(page)
    assert choices(page, "assign").items() >= {"王强": wang.staff_id, "李芳": li.staff_id}.items()
    assert "actions/reassign" not in page and "未分派" in page
    assert press(boss, no, "assign", staff_id=wang.staff_id).status == 303
    assert mine(first, no) and not mine(second, no)
    assert no in first.get("/work").text  # a person begins with what is theirs
    assert no in second.get("/work?part=others").text and no not in second.get("/work?part=open").text
    listed = choices(boss.get(f"/cases/{no}").text, "reassign")
    assert "李芳" in listed and "王强" not in listed
    assert press(boss, no, "reassign", staff_id=li.staff_id, reason="王强请假").status == 303
    assert mine(second, no) and not mine(first, no)
    page = boss.get(f"/cases/{no}").text
    check_page(page)
    assert "由王强改派给李芳" in page and "王强请假" in page and "李芳办理" in page


def test_who_cannot_do_the_step_is_refused_in_words_and_what_was_typed_stays(site: Site) -> None:
    boss, no = site.client("township", "approver", "周正"), accepted(site)
    clerk = site.actor("township", "clerk")
    answer = press(boss, no, "reassign", staff_id=clerk.staff_id, reason="轮到她")
    assert answer.status == 422 and "不能办理现在这一步" in answer.text
    check_page(answer.text)
    assert press(boss, no, "reassign", staff_id="nobody", reason="x").status == 422
    assert press(site.client("township", "clerk"), no, "reassign", staff_id=clerk.staff_id, reason="x").status == 403


def test_a_person_takes_what_is_nobodys_and_when_the_step_is_done_it_is_nobodys_again(site: Site) -> None:
    first, no = site.client("township", "examiner", "王强"), accepted(site)
    assert press(first, no, "take").status == 303
    assert mine(first, no)
    assert press(site.client("township", "examiner", "李芳"), no, "take").status == 409
    assert press(first, no, "complete_step", opinion="材料齐全").status == 303
    assert not mine(first, no)
    boss = site.client("township", "approver", "周正")
    assert no in boss.get("/work?part=open").text
    row = next(part for part in first.get("/work?part=others").text.split("<tr>") if no in part)
    assert "未分派" in row  # a colleague's turn, and nobody has it yet


def test_the_document_says_whose_and_who_did_nothing_yet_is_named_at_the_node_only(site: Site) -> None:
    item = next(one["item_id"] for one in site.center("township").catalog.documents() if one["approval_level"] == "district")
    wang, no = (
        site.actor("township", "examiner", "王强"),
        site.town.file("township", item, site.actor("township", "clerk")),
    )
    site.town.do("township", no, "accept", site.actor("township", "clerk"))
    boss = site.actor("township", "approver", "周正")
    fields = next(one["fields"] for one in site.center("township").cases.case(no, boss)["actions"] if one["action"] == "assign")
    staff = next(one for one in fields if one["name"] == "staff_id")
    assert staff["type"] == "enum" and dict(zip(staff["choices"], staff["labels"], strict=True))[wang.staff_id] == "王强"
    site.town.act("township", no, "assign", boss, staff_id=wang.staff_id)
    case = site.center("township").cases.case(no, boss)
    code = site.center("township").place.code
    assert case["owner"] == {"unit": code, "post": "examiner", "staff_id": wang.staff_id, "name": "王强"}
    assert (case["unit"], there(case["step"])["code"], there(case["step"])["post"]) == (code, "first_examination", "examiner")
    site.heal()
    above = site.center("district").cases.case(no, site.actor("district", "clerk"))
    assert above["owner"] == {"unit": code, "post": None, "staff_id": wang.staff_id, "name": None}
    assert next(row["given"] for row in above["timeline"] if row["given"])["to_name"] is None
    site.town.do("township", no, "complete_step", wang)
    site.town.do("township", no, "refer", boss)
    assert site.center("township").cases.case(no, boss)["owner"] is None
    site.heal()
    page = site.client("district", "examiner").get(f"/cases/{no}").text
    check_page(page)
    assert "王强" in page and "未分派" in page  # he signed the first examination that lies here
    assert "王强" not in site.client("city", "clerk").get(f"/cases/{no}").text
