"""Lateness that was, and how a due day comes about, as pages say it to clerks and to residents (FOUND 1.5, 1.7; DOMAIN 0.9)."""

from __future__ import annotations

import html
import re

import pytest

from node.domain.model import Actor, Role
from tests.network.test_heard import HOUR, pass_time
from tests.support.network import DAY
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

CLERK = Actor("s-clerk", Role.CLERK, "王敏")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def late(site: Site) -> tuple[str, str, int]:
    """A case of the township three working days past its promise, extended on that day: number, query code, promise in working days."""
    town, center = site.town, site.center("township")
    for item in center.catalog.documents():
        if item["approval_level"] != "township" or not item["promised_limit"] or item["case_type"] == "immediate":
            continue
        made = center.intake.file(town.application("township", item["item_id"]), CLERK)
        town.do("township", made.case_no, "accept", CLERK)
        if "extend" in town.offered("township", made.case_no):
            break
    due = center.cases.case(made.case_no, CLERK)["deadlines"][0]["due"]
    while center.cases.case(made.case_no, CLERK)["over_days"] < 3:
        town.world.advance(DAY)
    town.do("township", made.case_no, "extend")
    site.heal()
    assert due
    return made.case_no, made.query_code, item["promised_limit"] or 0


def test_an_extension_of_a_late_case_leaves_its_lateness_on_the_page(site: Site, late: tuple[str, str, int]) -> None:
    for role in ("clerk", "director"):
        page = site.client("township", role).get(f"/cases/{late[0]}").text
        check_page(page)
        assert re.search(r"延期时已超 3 个工作日（承诺办结时限，原应于3月\d+日前办结，责任单位：township）", words(page)), words(
            page
        )[:3000]
    english = words(site.client("township", "clerk").get(f"/cases/{late[0]}?lang=en").text)
    assert "3 working days over" in english or "3 working day" in english


def test_the_sentence_never_adds_the_extension_to_the_promise(site: Site, late: tuple[str, str, int]) -> None:
    said = words(site.client("township", "clerk").get(f"/cases/{late[0]}?lang=zh").text)
    found = re.search(r"自3月2日次日起，承诺(\d+)个工作日；经批准延长(\d+)个工作日，应于\d+月\d+日前办结。", said)
    assert found and int(found[1]) == late[2] and int(found[2]) > 0, said[:3000]


def test_the_resident_reads_the_same_sentence(site: Site, late: tuple[str, str, int]) -> None:
    site.ticks.at += 600
    phone = site.client("township")
    page = phone.form("/status", "/status", no=late[0], code=late[1])
    check_page(page.text)
    assert re.search(
        rf"自3月2日次日起，承诺{late[2]}个工作日；经批准延长\d+个工作日，应于\d+月\d+日前办结。", words(page.text)
    ), words(page.text)


def test_neither_an_extension_nor_a_mark_begins_the_stay_anew(site: Site, late: tuple[str, str, int]) -> None:
    client = site.client("township", "director")
    assert "到达本环节时间 3月2日 09:00" in words(client.get(f"/cases/{late[0]}").text)
    site.town.act("township", late[0], "set_urgent", urgent=True, reason="等着用")
    assert "到达本环节时间 3月2日 09:00" in words(client.get(f"/cases/{late[0]}").text)


def test_a_new_holder_reads_whose_days_were_late(site: Site) -> None:
    town, center = site.town, site.center("township")
    item = next(
        one["item_id"] for one in center.catalog.documents() if one["approval_level"] == "district" and one["promised_limit"]
    )
    no = town.file("township", item, CLERK)
    town.do("township", no, "accept", CLERK)
    while center.cases.case(no, CLERK)["over_days"] < 2:
        town.world.advance(DAY)
    for action in ("complete_step", "refer"):
        if action in town.offered("township", no):
            town.do("township", no, action)
    site.heal()
    page = words(site.client("district", "director").get(f"/cases/{no}").text)
    assert re.search(r"超期（移交前已超期 \d+ 个工作日，责任单位：township；", page), page[:3000]


def test_who_kept_its_part_reads_that_it_is_not_charged(site: Site) -> None:
    town = site.town
    no = town.file("township", "ZW002", CLERK)
    town.do("township", no, "accept", CLERK)
    town.world.advance(2 * DAY)
    for action in ("complete_step", "refer"):
        town.do("township", no, action)
    site.heal()
    town.world.advance(20 * DAY)
    while "approve" not in town.offered("district", no):
        town.do("district", no, "complete_step")
    town.do("district", no, "approve")
    site.heal()
    page = words(site.client("township", "clerk").get(f"/cases/{no}?lang=zh").text)
    assert re.search(r"责任单位：district） ?本单位用时 [12] 个工作日，未超分段时限，不计责", page), page[:3000]
    assert "不计责" not in words(site.client("district", "director").get(f"/cases/{no}?lang=zh").text)


def test_a_time_that_the_node_above_has_not_borne_out_is_marked_until_it_has(site: Site) -> None:
    no = site.town.file("township")
    site.heal()

    def page(language: str) -> str:
        return words(site.client("township", "clerk").get(f"/cases/{no}?lang={language}").text)

    assert "时间未证实" not in page("zh")
    site.town.world.advance(2 * HOUR)
    assert "时间未证实" in page("zh") and "time not borne out" in page("en")
    pass_time(site.town, HOUR)
    assert "时间未证实" not in page("zh")
