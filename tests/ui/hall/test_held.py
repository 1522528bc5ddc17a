"""Materials at the counter: files, originals on paper, what is missing; taken in so, recorded later, and never accepted silently."""

from __future__ import annotations

from typing import Any

from node.domain.cases.documents import CaseDocument
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

TYPED = {
    "name": "王秀英",
    "id_type": "ric",
    "id_number": "420106198702079963",
    "phone": "15412345678",
    "contact": "own",
    "channel": "window",
}


def begin(client: Client) -> str:
    return str(client.form("/new/ZW007", "/new/ZW007").headers["Location"]).rpartition("/")[2]


def required(site: Site) -> list[str]:
    item = site.center("township").catalog.document("ZW007")
    return [str(n) for n, material in enumerate(item["materials"]) if material["required"]]


def case(site: Site, no: str) -> CaseDocument:
    return site.center("township").cases.case(no, site.actor("township", "clerk"))


def filed(site: Site, **how: Any) -> str:
    """A case at the township whose first material is held as said."""
    document = site.town.application("township")
    document["attachments"] = [
        {"material": one["material"], **(how if n == 0 else {"held": "paper", "count": 1})}
        for n, one in enumerate(document["attachments"])
    ]
    return str(site.center("township").intake.file(document, site.actor("township", "clerk")).case_no)


def test_the_counter_takes_paper_and_an_incomplete_application(site: Site) -> None:
    clerk = site.client("township", "clerk")
    id, needed = begin(clerk), required(site)
    silent = clerk.form(f"/drafts/{id}", f"/drafts/{id}/lodge", **TYPED)
    assert silent.status == 422 and "缺少必需材料" in silent.text
    counts = {f"count-{needed[0]}": "2"}
    lodged = clerk.form(f"/drafts/{id}", f"/drafts/{id}/lodge", **TYPED, papers=needed[0], lacking=",".join(needed[1:]), **counts)
    assert lodged.status == 303
    clerk.get(f"/drafts/{id}/done")
    no = site.center("township").drafts.draft(id, site.actor("township", "clerk"))["case_no"]
    held = {row["material"]: (row["held"], row["copies"]) for row in case(site, no)["materials"]}
    assert held[needed[0]] == ("paper", 2)
    assert all(held[one] == ("missing", 0) for one in needed[1:])


def test_a_draft_remembers_what_is_ticked_and_takes_it_back(site: Site) -> None:
    clerk = site.client("township", "clerk")
    id = begin(clerk)
    assert clerk.form(f"/drafts/{id}", f"/drafts/{id}", papers=",0", lacking=",1", **{"count-0": "３"}).status == 303
    page = clerk.get(f"/drafts/{id}").text
    check_page(page)
    assert "纸质原件 3 份" in page and "缺，收件后补" in page
    assert clerk.form(f"/drafts/{id}", f"/drafts/{id}", papers="", lacking="").status == 303
    assert "纸质原件 3 份" not in clerk.get(f"/drafts/{id}").text


def test_a_village_offers_no_box_for_missing(site: Site) -> None:
    agent = site.client("village", "agent")
    id = begin(agent)
    page = agent.get(f"/drafts/{id}").text
    assert "纸质原件已收" in page and "缺，先收件" not in page


def test_acceptance_asks_what_is_missing_and_records_the_paper_first(site: Site) -> None:
    clerk = site.client("township", "clerk")
    no = filed(site, held="missing")
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    check_page(clerk.get(f"/cases/{no}?lang=en").text)
    clerk.cookies.pop("tb_lang", None)
    name = case(site, no)["materials"][0]["name"]
    assert "还没有收到的必需材料" in page
    refused = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept")
    assert refused.status == 409 and name in refused.text and case(site, no)["status"] == "submitted"
    done = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept", papers="0", expected_version=str(case(site, no)["version"]),
                      **{"count-0": "2"})  # fmt: skip
    assert done.status == 303
    assert case(site, no)["status"] == "accepted"
    assert (case(site, no)["materials"][0]["held"], case(site, no)["materials"][0]["copies"]) == ("paper", 2)


def test_originals_that_come_later_are_recorded_beside_the_checklist(site: Site) -> None:
    clerk = site.client("township", "clerk")
    no = filed(site, held="missing")
    nothing = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/record_papers")
    assert nothing.status == 422 and "必填" in nothing.text
    assert clerk.form(f"/cases/{no}", f"/cases/{no}/actions/record_papers", papers="0", **{"count-0": "4"}).status == 303
    page = clerk.get(f"/cases/{no}").text
    assert "纸质原件 4 份" in page and "已收纸质原件" in page


def test_an_announced_file_that_has_not_come_is_named_beside_the_acceptance(site: Site) -> None:
    clerk = site.client("township", "clerk")
    no = filed(site, size=1000)
    assert "文件还没有传到" in clerk.get(f"/cases/{no}").text
