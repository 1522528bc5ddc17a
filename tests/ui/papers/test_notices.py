"""At a hall's browser: a stop and an extension show their paper at once, to be printed; a licence is refused after a statement."""

from __future__ import annotations

import pypdfium2
import pytest

from tests.ui.pagecheck import check_page
from tests.ui.papers.test_any_text import squeezed
from tests.ui.real import Site
from tests.ui.wire import Client

V1 = "/api/v1"


@pytest.fixture
def approver(site: Site) -> Client:
    return site.client("district", "approver")


def examined(site: Site) -> str:
    """A licence that the district decides, examined."""
    clerk, examiner = site.actor("district", "clerk"), site.actor("district", "examiner")
    item = next(
        one["item_id"] for one in site.center("district").catalog.documents()
        if one["regime"] == "licence" and one["approval_level"] == "district" and "district" in one["accept_levels"]
        and one["case_type"] == "commitment" and one["statutory_limit"] in (None, 20) and not one["special_steps"]
    )  # fmt: skip
    no = site.town.file("district", item, clerk)
    site.town.act("district", no, "accept", clerk)
    while "complete_step" in site.town.offered("district", no, examiner):
        site.town.do("district", no, "complete_step", examiner)
    return no


def press(client: Client, no: str, action: str, **fields: str) -> str:
    """The address that a sent form leads to."""
    answer = client.form(f"/cases/{no}", f"/cases/{no}/actions/{action}", **fields)
    assert answer.status == 303, answer.text
    return str(answer.headers["Location"])


def one_page(client: Client, address: str) -> str:
    pages = pypdfium2.PdfDocument(client.get(f"{address}?as=pdf").body)
    assert len(pages) == 1
    return squeezed(pages[0].get_textpage().get_text_bounded())


def test_a_stop_shows_its_paper_to_be_printed(site: Site, approver: Client) -> None:
    no = examined(site)
    address = press(
        approver, no, "suspend", kind="expert_review", citation="《安全生产法》第三十四条", days="10", reason="需专家评审"
    )
    assert address == f"/cases/{no}/papers/special_procedure"
    for language in ("zh", "en"):
        page = approver.get(f"{address}?lang={language}").text
        check_page(page)
        assert "data-print" in page and "特别程序所需时间告知书" in page and "data:image/svg" in page
    text = one_page(approver, address)
    assert "依法需要进行专家评审" in text and "不计算在办理期限内" in text and "第1页共1页" in text
    case = approver.get(f"/cases/{no}?lang=zh").text
    check_page(case)
    assert "已启动特别程序" in case and address in case and "/actions/undo" not in case
    code = site.center("district").papers.show(no, "special_procedure", site.actor("district", "clerk"))["code"]
    assert site.client("district").get(f"{V1}/public/verify?code={code}").json()["result"] == "genuine"
    token = str(site.center("district").tokens.issue("desk", "approver"))
    again = site.client("district").ask("POST", f"{V1}/cases/{no}/papers/special_procedure", None, token)
    assert again.status == 200 and again.json()["code"] == code
    assert press(approver, no, "resume", result="评审结束").endswith("?done=resume")
    assert "恢复计时" in one_page(approver, f"/cases/{no}/papers/resumed")


def test_an_extension_shows_its_paper(site: Site, approver: Client) -> None:
    no = examined(site)
    address = press(approver, no, "extend", days="10", reason="案情复杂")
    assert address == f"/cases/{no}/papers/extension" and "延长10个工作日" in one_page(approver, address)


def test_a_refusal_goes_by_way_of_the_statement(site: Site, approver: Client) -> None:
    no = examined(site)
    page = approver.get(f"/cases/{no}?lang=zh").text
    assert "/actions/refuse" not in page and "告知陈述申辩权利" in page
    address = press(approver, no, "offer_statement", reason="不符合安全条件", days="3")
    assert address == f"/cases/{no}/papers/statement"
    assert approver.form(address, address).status == 303  # issued with its number
    assert "可以在收到之日起3个工作日内陈述和申辩" in one_page(approver, address)
    for language in ("zh", "en"):
        check_page(approver.get(f"/cases/{no}?lang={language}").text)
    assert "等陈述、申辩" in approver.get("/work?part=open&lang=zh").text
    press(approver, no, "record_statement", outcome="stated", statement="已经整改")
    page = approver.get(f"/cases/{no}?lang=zh").text
    assert "提出了陈述、申辩" in page and "/actions/refuse" in page and 'name="heard"' not in page
    press(approver, no, "refuse", reason="整改后仍不符合条件", basis="《行政许可法》第三十八条")
    text = approver.get(f"/cases/{no}/papers/decision").text
    assert "享有陈述、申辩的权利" in text and "已经整改" in text


def test_what_was_withdrawn_has_its_paper(site: Site) -> None:
    clerk = site.client("district", "clerk")
    no = examined(site)
    press(clerk, no, "withdraw", reason="不办了")
    assert "书面撤回" in one_page(clerk, f"/cases/{no}/papers/termination")
