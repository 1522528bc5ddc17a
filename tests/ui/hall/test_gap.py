"""容缺受理 on the pages: the counter is shown what may follow, prints the promise, accepts, fills; the resident reads what to bring."""

from __future__ import annotations

from node.domain.cases.documents import CaseDocument
from tests.support.follow import let_follow
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

ITEM, LEASE = "ZW168", "3"
NAME = "场所使用证明（产权证明或租赁合同）"


def incomplete(site: Site, at: str = "township") -> str:
    let_follow(site.town, ITEM, int(LEASE))
    document = site.town.application(at, ITEM)
    document["attachments"][int(LEASE)] = {"material": NAME, "held": "missing"}
    return str(site.center(at).intake.file(document, site.actor(at, "clerk")).case_no)


def case(site: Site, no: str, at: str = "township") -> CaseDocument:
    return site.center(at).cases.case(no, site.actor(at, "clerk"))


def test_the_counter_accepts_with_a_gap_and_sees_what_is_to_follow(site: Site) -> None:
    clerk, no = site.client("township", "clerk"), incomplete(site)
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert "下列材料可以容缺" in page and NAME in page and f"/cases/{no}/papers/gap_pledge" in page and "改用“容缺受理”" in page
    sheet = clerk.get(f"/cases/{no}/papers/gap_pledge").text
    check_page(sheet)
    assert "容缺受理承诺书" in sheet and "供申请人填写补齐日期并签名" in sheet and "data-print" in sheet
    assert "预览" not in sheet and 'class="organ"' not in sheet, "it is printed clean, and it is no organ's paper"
    unsigned = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept_with_gap", due="2026-03-11")
    assert unsigned.status == 409 and "没有申请人签名的容缺受理承诺书" in unsigned.text and 'value="2026-03-11"' in unsigned.text
    late = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept_with_gap", due="2026-05-11", pledge="1")
    assert late.status == 409 and "2026-03-16" in late.text
    done = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept_with_gap", due="2026-03-11", pledge="1")
    assert (done.status, done.headers["Location"]) == (303, f"/cases/{no}/papers/gap")
    notice = clerk.get(f"/cases/{no}/papers/gap").text
    check_page(notice)
    assert "补办件通知书" in notice and "2026年3月11日前" in notice
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert "容缺待补的材料" in page and "补办件" in page and "还没有送到" in page and "已容缺受理" in page
    check_page(clerk.get(f"/cases/{no}?lang=en").text)
    clerk.cookies.pop("tb_lang", None)

    nothing = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/fill_gap")
    assert nothing.status == 409 and f"还没有补齐：{NAME}" in nothing.text
    filled = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/fill_gap", papers=LEASE, **{f"count-{LEASE}": "2"})
    assert filled.status == 303 and case(site, no)["gap"] is None
    assert (case(site, no)["materials"][3]["held"], case(site, no)["materials"][3]["copies"]) == ("paper", 2)
    assert "容缺待补的材料" not in clerk.get(f"/cases/{no}").text


def test_no_gap_is_offered_where_the_item_does_not_allow_it(site: Site) -> None:
    let_follow(site.town, ITEM)
    document = site.town.application("township", ITEM)
    document["attachments"][0] = {"material": document["attachments"][0]["material"], "held": "missing"}
    no = str(site.center("township").intake.file(document, site.actor("township", "clerk")).case_no)
    clerk = site.client("township", "clerk")
    assert "accept_with_gap" not in clerk.get(f"/cases/{no}").text
    refused = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept_with_gap", due="2026-03-11", pledge="1")
    assert refused.status == 422 and case(site, no)["status"] == "submitted"


def test_who_took_it_in_below_tells_the_tier_above(site: Site) -> None:
    no = incomplete(site)
    town, clerk = site.town, site.client("township", "clerk")
    town.act("township", no, "accept_with_gap", site.actor("township", "clerk"), due="2026-03-11", pledge=True)
    town.act("township", no, "complete_step", site.actor("township", "examiner"), opinion="符合条件")
    town.act("township", no, "refer", site.actor("township", "approver"), opinion="同意上报")
    site.heal()
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert "容缺待补的材料" in page and f'href="#mat-{LEASE}"' in page
    asked = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/record_papers", papers=LEASE, **{f"count-{LEASE}": "1"})
    assert asked.status == 303
    assert "已送出，等办理单位接收" in clerk.get(f"/cases/{no}").text
    site.heal()
    above = site.client("district", "clerk").get(f"/cases/{no}").text
    check_page(above)
    assert "容缺材料已送到，请核对后确认补齐" in above and "确认容缺材料已补齐" in above


def test_the_guide_and_the_editor_say_what_may_follow(site: Site) -> None:
    let_follow(site.town, ITEM, int(LEASE))
    guide = site.client("district").get(f"/guide/{ITEM}").text
    check_page(guide)
    assert "可以容缺，书面承诺后补交" in guide
    editor = site.client("city", "catalog_editor").get(f"/catalog/{ITEM}/edit")
    assert editor.status == 200 and 'name="materials.3.may_be_later"' in editor.text and "可容缺" in editor.text
