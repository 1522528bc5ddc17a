"""Issuing a paper over HTTP: reading never issues, only who may do the act issues, and what the code of a paper is worth at each tier."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from node.domain.papers.papers import PaperCode
from tests.ui.real import NAMES, Site
from tests.ui.wire import Client

V1 = "/api/v1"


def at(site: Site, name: str, case_no: str, action: str, role: str) -> Any:
    return site.town.do(name, case_no, action, site.actor(name, role))


def decided(site: Site) -> str:
    """A case of the village that the township accepted, the district decided, and every node on its path knows."""
    site.actor("village", "agent")
    item = next(
        one["item_id"]
        for one in site.center("township").catalog.documents()
        if one["approval_level"] == "district" and "village" in one["accept_levels"]
    )
    no = site.town.file("village", item, site.actor("village", "agent"))
    at(site, "village", no, "hand_over", "agent")
    site.heal()
    for action, role in (("receive", "clerk"), ("accept", "clerk"), ("complete_step", "examiner"), ("refer", "approver")):
        at(site, "township", no, action, role)
    site.heal()
    while "complete_step" in site.town.offered("district", no, site.actor("district", "examiner")):
        at(site, "district", no, "complete_step", "examiner")
    at(site, "district", no, "approve", "approver")
    site.heal()
    return no


def token(site: Site, name: str, role: str) -> str:
    return str(site.center(name).tokens.issue(f"{role} at {name}", role))


def basis_of(site: Site, case_no: str, kind: str) -> tuple[int, bytes]:
    """Version and hash of an act, as whoever can read the case sees them."""
    with site.center("village").store.reading() as view:
        return next((one.event.version, one.event.hash) for one in view.cases.entries(case_no) if one.event.kind == kind)


def verdict(site: Site, name: str, code: str) -> dict[str, Any]:
    answer = site.client(name).get(f"{V1}/public/verify?code={code}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_code_that_a_reader_of_the_case_made_is_genuine_nowhere(site: Site) -> None:
    no = decided(site)
    version, basis = basis_of(site, no, "approved")
    forged = PaperCode(no, "decision", version, 2026, 987654, dt.date(2026, 1, 1)).signed(basis)
    assert {verdict(site, name, forged)["result"] for name in NAMES} == {"unknown_here"}
    answer = site.client("district").ask("POST", f"{V1}/cases/{no}/papers/decision", None, token(site, "district", "approver"))
    assert answer.status == 201, answer.text
    assert {verdict(site, name, answer.json()["code"])["result"] for name in ("city", "township", "village")} == {"unknown_here"}
    site.heal()
    assert {verdict(site, name, forged)["result"] for name in NAMES} == {"not_genuine"}


def test_a_decision_is_verifiable_at_every_node_on_the_path_and_altered_nowhere(site: Site) -> None:
    no = decided(site)
    done = (
        site.client("district").ask("POST", f"{V1}/cases/{no}/papers/decision", None, token(site, "district", "approver")).json()
    )
    site.heal()
    head, core, number, day, check = done["code"].rsplit(".", 4)
    assert head == no
    serial = int(number.partition("-")[2])
    altered = [
        ("paper", f"{no}.RC{core[2:]}.{number}.{day}.{check}"),
        ("version", f"{no}.DE{int(core[2:]) + 1}.{number}.{day}.{check}"),
        ("earlier version", f"{no}.DE{int(core[2:]) - 1}.{number}.{day}.{check}"),
        ("year", f"{no}.{core}.25-{serial}.{day}.{check}"),
        ("number", f"{no}.{core}.26-{serial + 1}.{day}.{check}"),
        ("series", f"{no}.{core}.26-K7-{serial}.{day}.{check}"),
        ("day", f"{no}.{core}.{number}.260301.{check}"),
        ("check", f"{no}.{core}.{number}.{day}.{'0' * 10}"),
    ]
    for name in NAMES:
        found = verdict(site, name, done["code"])
        assert (found["result"], found["number"], found["paper"], found["case_no"]) == (
            "genuine",
            done["number"],
            "decision",
            no,
        ), name
        for part, code in altered:
            assert verdict(site, name, code)["result"] == "not_genuine", (name, part)


@pytest.mark.parametrize("role", ["reviewer", "clerk", "integration", "examiner"])
@pytest.mark.parametrize("kind", ["text/html", "application/pdf"])
def test_reading_issues_nothing_and_takes_no_undo_away(site: Site, role: str, kind: str) -> None:
    clerk = site.actor("township", "clerk")
    no = site.town.file("township", "ZW007", clerk)
    site.town.act("township", no, "accept", clerk)
    client, key = site.client("township"), token(site, "township", role)
    before = site.center("township").upkeep.status()["journal"]["entries"]
    for verb in ("GET", "HEAD", "GET"):
        answer = client.ask(verb, f"{V1}/cases/{no}/papers/acceptance", None, key, Accept=kind)
        assert answer.status == 200, answer.text
    listed = client.get(f"{V1}/cases/{no}/papers", key).json()
    assert {one["paper"]: (one["state"], one["number"]) for one in listed}["acceptance"] == ("preview", "")
    assert site.center("township").upkeep.status()["journal"]["entries"] == before
    assert "undo" in site.town.offered("township", no, clerk)


def test_who_may_do_the_act_issues_and_nobody_else(site: Site) -> None:
    no = decided(site)
    address = f"{V1}/cases/{no}/papers/decision"
    for role in ("clerk", "examiner", "integration", "overseer", "admin"):
        key = token(site, "district", role)
        assert site.client("district").ask("POST", address, None, key).status == 403, role
        nowhere = site.client("district").ask("POST", f"{V1}/cases/none/papers/decision", None, key).status
        assert nowhere == (404 if role == "clerk" else 403), role  # a clerk decides at once what is decided at once
    approver = token(site, "district", "approver")
    assert site.client("district").ask("POST", f"{V1}/cases/none/papers/decision", None, approver).status == 404
    assert site.client("district").ask("POST", f"{V1}/cases/{no}/papers/correction", None, approver).status == 403
    assert (
        site.client("district").ask("POST", f"{V1}/cases/{no}/papers/payment", None, approver).json()["error"]["code"]
        == "not_yet_available"
    )
    there = site.client("township").ask("POST", address, None, token(site, "township", "approver"))
    assert (there.status, there.json()["error"]["code"]) == (404, "no_such_paper")
    first = site.client("district").ask("POST", address, None, approver)
    again = site.client("district").ask("POST", address, None, token(site, "district", "director"))
    assert (first.status, again.status) == (201, 200) and first.json() == again.json()
    site.heal()
    listed = site.client("city").ask("GET", f"{V1}/cases/{no}/papers", None, token(site, "city", "clerk")).json()
    assert [(one["paper"], one["state"], one["number"]) for one in listed] == [("decision", "issued", first.json()["number"])]


def test_a_repeated_key_gets_the_first_answer(site: Site) -> None:
    clerk = site.actor("township", "clerk")
    no = site.town.file("township", "ZW007", clerk)
    key = token(site, "township", "clerk")
    answers = [
        site.client("township").ask("POST", f"{V1}/cases/{no}/papers/receipt", None, key, Idempotency_Key="k-1") for _ in range(2)
    ]
    assert [one.status for one in answers] == [201, 201] and answers[0].json() == answers[1].json()


def test_the_page_has_a_button_for_who_may_and_a_preview_for_others(site: Site) -> None:
    no = decided(site)
    address = f"/cases/{no}/papers/decision"
    assert "出具并编号" not in site.client("district", "clerk").get(address).text
    refused = site.client("district", "clerk").form(address, address)
    assert refused.status == 403
    approver: Client = site.client("district", "approver")
    assert "出具并编号" in approver.get(address).text
    assert approver.form(address, address).status == 303
    issued = approver.get(address).text
    number = issued.partition('<p class="papernumber">')[2].partition("</p>")[0]
    assert re.fullmatch("420102000000[许确给备办决]{1,2}字〔2026〕第[1-9][0-9]*号", number)
    site.heal()
    copy = site.client("township", "clerk").get(address).text
    assert f"查阅件（原件由{site.center('district').name}出具）" in copy and number in copy and "出具并编号" not in copy
