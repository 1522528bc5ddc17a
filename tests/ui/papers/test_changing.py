"""Correcting and revoking a paper from its page and over the API, and what the verifying page, the case and the sheet then say."""

from __future__ import annotations

import json

from tests.ui.pagecheck import check_page
from tests.ui.papers.test_issuing import decided, token, verdict
from tests.ui.real import NAMES, Site

V1 = "/api/v1"


def issued(site: Site, no: str) -> str:
    done = site.client("district").ask("POST", f"{V1}/cases/{no}/papers/decision", None, token(site, "district", "approver"))
    assert done.status == 201, done.text
    site.heal()
    return str(done.json()["code"])


def test_a_paper_is_corrected_from_its_page_and_every_tier_says_so(site: Site) -> None:
    no = decided(site)
    code = issued(site, no)
    approver = site.client("district", "approver")
    address = f"/cases/{no}/papers/decision"
    page = approver.get(address)
    check_page(page.text)
    assert "更正文书" in page.text and "撤销决定" in page.text
    assert "更正文书</summary>" not in site.client("district", "clerk").get(address).text
    refused = approver.form(address, f"{address}/correct", old_words="保成社区1组1号", new_words="")
    assert refused.status == 422 and "保成社区1组1号" in refused.text and "必填" in refused.text
    done = approver.form(address, f"{address}/correct", old_words="保成社区1组1号", new_words="保成社区1组2号")
    assert (done.status, done.headers["Location"]) == (303, f"/cases/{no}/papers/correction_of_paper")
    notice = approver.get(done.headers["Location"])
    check_page(notice.text)
    assert "更正通知书" in notice.text and "保成社区1组2号" in notice.text
    assert "已更正（" in approver.get(address).text
    site.heal()
    for name in NAMES:
        assert verdict(site, name, code)["result"] == "corrected", name
        shown = site.client(name).get(f"/verify?code={code}&lang=zh")
        check_page(shown.text)
        assert "这份文书已更正" in shown.text and "verdict warn" in shown.text and "见更正通知书" in shown.text
    listed = site.client("district").ask("GET", f"{V1}/cases/{no}/papers", None, token(site, "district", "clerk")).json()
    states = {row["paper"]: row["state"] for row in listed if row["number"]}
    assert (states["decision"], states["correction_of_paper"]) == ("corrected", "issued")
    assert "已更正" in site.client("township", "clerk").get(f"/cases/{no}").text


def test_a_decision_is_revoked_over_the_api_and_stands_on_the_tracking_sheet(site: Site) -> None:
    no = decided(site)
    code = issued(site, no)
    wire, key = site.client("district"), token(site, "district", "approver")
    url = f"{V1}/cases/{no}/papers/decision/revoke"
    wrong = wire.ask("POST", url, json.dumps({"revoked_for": "mood", "reason": ""}).encode(), key)
    assert wrong.status == 422 and set(wrong.json()["error"]["fields"]) == {"revoked_for", "reason"}
    done = wire.ask(
        "POST", url, json.dumps({"revoked_for": "unqualified", "reason": "经复核，申请人不符合规定的条件"}).encode(), key
    )
    assert done.status == 201 and "撤字" in done.json()["number"], done.text
    site.heal()
    for name in NAMES:
        answer = verdict(site, name, code)
        assert (answer["result"], answer["changes"][0]["kind"]) == ("withdrawn", "revoked"), name
        assert "这份文书已撤销" in site.client(name).get(f"/verify?code={code}&lang=zh").text
        assert verdict(site, name, done.json()["code"])["result"] == "genuine"
    sheet = site.client("district", "clerk").get(f"/cases/{no}/papers/tracking")
    assert "已撤销决定" in sheet.text and done.json()["number"] in sheet.text
