"""A decision by somebody who may not decide, as people see it: nowhere as a decision."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node.domain.words.flags import FLAGS
from tests.support.usurper import usurp
from tests.ui.pagecheck import check_page
from tests.ui.real import NAMES, Site

HALLS = ("city", "district", "township")


@pytest.fixture
def decided(site: Site) -> tuple[str, str]:
    """A case that the village decided itself, and its query code."""
    made = site.center("village").intake.file(site.town.application("village"), site.actor("village", "agent"))
    usurp(site.town, "village", made.case_no, "accepted", "approved", "concluded")
    site.heal()
    return made.case_no, made.query_code


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_staff_read_that_it_is_in_doubt_and_by_which_rules(site: Site, decided: tuple[str, str], lang: str) -> None:
    case_no, _ = decided
    words = (
        ("存疑", "村级代办站越权办理", "核查发现")
        if lang == "zh"
        else ("in doubt", "a village did what only an organ may do", "Findings")
    )
    for name in HALLS:
        client = site.client(name, "director")
        page = client.get(f"/cases/{case_no}?lang={lang}").text
        check_page(page)
        assert all(word in page for word in words), (name, [word for word in words if word not in page])
        assert 'class="tag good">已办结' not in page and 'class="tag good">concluded' not in page
        listed = client.get(f"/cases?lang={lang}").text
        check_page(listed)
        assert words[0] in listed and 'class="tag good">已办结' not in listed and 'class="tag good">concluded' not in listed, name


def test_residents_read_that_it_is_being_checked(site: Site, decided: tuple[str, str]) -> None:
    case_no, code = decided
    site.ticks.at += 600
    for name in NAMES:
        page = site.client(name).form("/status", "/status", no=case_no, code=code)
        assert page.status == 200, name
        check_page(page.text)
        assert "正在核实" in page.text, name
        assert not any(word in page.text for word in ("准予", "已办结", "可以领取", "结果已到")), name


def test_the_supervisor_sees_it_among_the_findings_and_the_open_cases(site: Site, decided: tuple[str, str]) -> None:
    case_no, _ = decided
    for name in HALLS:
        client = site.client(name, "overseer")
        page = client.get("/oversight/findings").text
        check_page(page)
        assert case_no in page and "村级代办站越权办理" in page, name
        cases = client.get("/oversight?view=open").text
        assert case_no in cases and "存疑" in cases, name
        network = client.get("/network").text
        check_page(network)
        assert "核查问题" in network, name


def test_programs_get_the_findings_by_rule_and_monitor(site: Site, decided: tuple[str, str]) -> None:
    case_no, code = decided
    token = site.center("city").tokens.issue("supervision", "overseer")

    def asked(path: str) -> Any:
        answer = site.client("city").get("/api/v1" + path, token)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    mine = [one for one in asked("/oversight/findings?limit=200")["findings"] if one["case_no"] == case_no]
    assert len(mine) == 6
    for one in mine:
        assert {"finding_id", "rule", "monitor", "zh", "case_no", "charged", "at", "state", "evidence"} <= set(one)
        assert (one["state"], one["charged"]["node"], len(one["evidence"])) == ("suspected", site.center("village").place.code, 1)
    assert {one["rule"] for one in asked("/oversight/findings?rule=beyond_tier")["findings"]} == {"beyond_tier"}
    assert asked("/oversight/findings?monitor=time")["total"] == asked("/oversight/findings?state=confirmed")["total"] == 0
    (row,) = [one for one in asked("/stats?measure=cases&by=status")["rows"] if one["key"] == "checking"]
    behind = asked(row["list"].removeprefix("/api/v1"))
    assert case_no in [one["case_no"] for one in behind["cases"]] and behind["total"] == row["value"]
    public = asked(f"/public/cases/{case_no}?code={code}")
    assert (public["status"], public["finished"]) == ("checking", False)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_runs_a_node_reads_findings_about_cases_in_words_too(site: Site, decided: tuple[str, str], lang: str) -> None:
    page = site.client("district", "admin").get(f"/admin?lang={lang}").text
    check_page(page)
    assert ("村级代办站越权办理" if lang == "zh" else "a village did what only an organ may do") in page
    assert not [flag for flag in FLAGS if f"</span> {flag} <small" in page]
