"""What is found in whole cases, across cases and about who serves: the same at every tier, and a card when it is confirmed (DOMAIN A1, A2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.supervision.signals import signal_id
from node.domain.supervision.suspicions import bursts
from node.services.supervision.signals import Knows, Watching, facts_of
from node.store.journal import Draft
from node.store.store import Tx
from tests.network.test_heard import HOUR, MINUTE
from tests.network.test_signals import OVERSEER, pass_days, sat_on, served
from tests.support.derived import derived_of
from tests.support.network import Town, four_tiers

REASON = "经营场所没有独立出入口，整改后复查仍不符合。"
DIRECTOR = Actor("s-director", Role.DIRECTOR)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def look(town: Town) -> None:
    town.heal()
    for node in town.nodes.values():
        node.center.watching.tick()
    town.heal()


def found(town: Town, name: str, case: str = "", **given: str) -> list[str]:
    """The rules under which findings are listed, the earliest first."""
    rows = town[name].center.findings.listed(given, OVERSEER)["findings"]
    return [row["rule"] for row in reversed(rows) if case in ("", row["case_no"])]


def decide(town: Town, case: str, last: str = "approve") -> None:
    while last not in town.offered("township", case):
        town.do("township", case, "complete_step")
    town.do("township", case, last)


@pytest.mark.parametrize(
    ("seconds", "full"),
    [
        ([0] * 9, []),
        ([0] * 10, [9]),
        ([*range(0, 300, 30), 300], [9]),  # ten in 270 seconds, the eleventh is of the same run
        ([*range(0, 340, 34)], []),  # ten in 306 seconds
        ([*[0] * 10, *[1000] * 10], [9, 19]),
    ],
)
def test_ten_decisions_within_five_minutes_are_one_batch(seconds: list[int], full: list[int]) -> None:
    assert bursts([one * 1000 for one in seconds], 5, 10) == full


def test_a_case_decided_within_minutes_and_concluded_without_its_paper(town: Town) -> None:
    """Accepted and decided in one go, 办结 without a decision paper: L02 and L03, and the director's word that he did both (A12)."""
    case = town.file("township", "ZW186")
    town.do("township", case, "accept")
    decide(town, case)
    town.do("township", case, "conclude")
    look(town)
    for tier in ("township", "district", "city"):
        assert sorted(found(town, tier, case)) == ["L02", "L03"], tier
        assert found(town, tier, case, monitor="anomaly") == ["A12"], tier
    document = town["township"].center.cases.case(case, DIRECTOR)
    assert sorted(one["rule"] for one in document["findings"]) == ["L02", "L03"]


def test_a_suspicion_has_its_place_on_the_desk_with_its_one_fact_until_somebody_says_what_it_is(town: Town) -> None:
    case = town.file("township", "ZW186")
    town.do("township", case, "accept")
    town.world.advance(4 * MINUTE)
    decide(town, case)
    look(town)
    for name in ("city", "district"):
        desk = town[name].center.oversight.desk({}, OVERSEER)
        listed = town[name].center.findings.listed({"state": "suspected"}, OVERSEER)
        assert {one["figure"]: one["value"] for one in desk["heads"]}["suspected"] == listed["total"] > 0
        rows = [row for row in desk["first"] if row["why"] == "suspected"]
        assert [row["case"]["case_no"] for row in rows if row["case"] is not None] == [case]
        assert {row["finding"]["kind"]: row["minutes"] for row in rows if row["finding"] is not None} == {"decided_in_minutes": 4}
    above = town["district"].center
    for one in above.findings.listed({"state": "suspected"}, OVERSEER)["findings"]:
        above.findings.confirm(one["finding_id"], {"state": "dismissed", "reason": "当场核验，材料齐全，属实。"}, DIRECTOR)
    look(town)
    for name in ("city", "district"):
        desk = town[name].center.oversight.desk({}, OVERSEER)
        assert not any(row["why"] == "suspected" for row in desk["first"]) and desk["heads"][-1]["value"] == 0


def test_who_takes_his_time_and_issues_the_decision_is_not_suspected(town: Town) -> None:
    case = town.file("township", "ZW186")
    town.do("township", case, "accept")
    town.world.advance(10 * MINUTE)
    decide(town, case)
    town["township"].center.papers.issue(case, "decision", DIRECTOR)
    town.do("township", case, "conclude")
    look(town)
    assert found(town, "city", case) == []


def test_ten_cases_decided_by_one_person_at_once(town: Town) -> None:
    cases = [town.file("township", "ZW186") for _ in range(10)]
    for case in cases:
        town.do("township", case, "accept")
    town.world.advance(HOUR)
    for case in cases[:9]:
        decide(town, case)
    look(town)
    assert found(town, "city", rule="L04") == []
    decide(town, cases[9])
    look(town)
    rows = town["city"].center.findings.listed({"data_error": "true"}, OVERSEER)["findings"]
    assert [(row["rule"], row["case_no"], row["data_error"]) for row in rows] == [("L04", cases[9], True)]
    times = rows[0]["witnessed"]
    assert times is not None and times["claimed"] and times["receipt"]
    assert found(town, "city", data_error="false", rule="L04") == []


def test_filed_again_after_it_was_voided(town: Town) -> None:
    """The same applicant and item: without the receipt date L05; with it, and after eleven working days, nothing."""
    first = town.file("township", "ZW135", application_no="A-1")
    town.act("township", first, "void", kind="mis_entry", applicant_told=True, reason="录入错误，重新登记")
    again = town.file("township", "ZW135", application_no="A-2")
    inherited = town.file("township", "ZW135", application_no="A-3", replaces=first)
    other = town.file("township", "ZW007", application_no="A-4")
    look(town)
    assert [found(town, "city", case) for case in (again, inherited, other)] == [["L05"], [], []]
    assert found(town, "city", first, monitor="anomaly") == ["A02"]
    pass_days(town, 16)
    late = town.file("township", "ZW135", application_no="A-5")
    look(town)
    assert found(town, "city", late) == []


def test_the_watch_list_is_listed_where_it_is_asked_for(town: Town) -> None:
    turned = town.file("township", "ZW135", application_no="A-1")
    town.act("township", turned, "not_required", reason="申请的活动依法不需要办理这个事项")
    urgent = town.file("township", "ZW135", application_no="A-2")
    town.do("township", urgent, "accept")
    town.do("township", urgent, "set_urgent")
    look(town)
    assert found(town, "city") == []
    assert sorted(found(town, "city", monitor="anomaly")) == ["A05", "A09"]
    assert found(town, "city", rule="A09") == ["A09"]
    monitor = town["city"].center.monitors.monitor("anomaly", OVERSEER)
    counts = {row["rule"]: row["findings"] for row in monitor["rules"] if row["in_use"]}
    assert counts == {f"A{n:02}": n in (5, 9) for n in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12)}


def test_a_suspicion_that_is_confirmed_is_a_card_of_the_unit(town: Town) -> None:
    case = town.file("township", "ZW186")
    town.do("township", case, "accept")
    decide(town, case)
    town.do("township", case, "conclude")
    look(town)
    rows = {row["rule"]: row for row in town["city"].center.findings.listed({}, OVERSEER)["findings"]}
    for rule in ("L02", "L03"):
        town["city"].center.findings.confirm(rows[rule]["finding_id"], {"state": "confirmed", "reason": "调阅案卷属实"}, OVERSEER)
    for _ in range(2):
        look(town)
    for tier in ("township", "district", "city"):
        assert sorted(served(town, tier, case)) == [
            ("L02", "yellow", "township", "district"),
            ("L03", "red", "township", "district"),
        ], tier
    pass_days(town, 2)
    assert len(served(town, "city", case)) == 2
    card = town["city"].center.cards.listed({"rule": "L03"}, OVERSEER)["cards"][0]
    assert (card["rung"], card["state"], card["unit"], card["case_no"]) == ("red", "in_force", town.code("township"), case)
    assert len(town["township"].center.cases.case(case, DIRECTOR)["cards"]) == 2
    assert all(town[tier].center.upkeep.verify()["problems"] == [] for tier in town.nodes)


def test_a_dismissed_suspicion_is_no_card(town: Town) -> None:
    case = town.file("township", "ZW186")
    town.do("township", case, "accept")
    decide(town, case)
    look(town)
    row = town["district"].center.findings.listed({"rule": "L02"}, OVERSEER)["findings"][0]
    town["district"].center.findings.confirm(row["finding_id"], {"state": "dismissed", "reason": "窗口当面核对后录入"}, OVERSEER)
    for _ in range(2):
        look(town)
    assert served(town, "city", case) == []


def test_a_rule_that_is_switched_off_counts_nothing_from_its_day_on(town: Town) -> None:
    def case() -> str:
        made = town.file("township", "ZW135")
        town.act("township", made, "not_required", reason="不需要")
        return made

    before = case()
    look(town)
    assert found(town, "city", before) == ["P07"]
    text = 'kind = "supervision"\n[[rule]]\ncode = "P07"\nactive = false\n[[rule]]\ncode = "A05"\nactive = false\n'
    town["city"].center.watch_rules.publish(text.encode(), DIRECTOR)
    pass_days(town, 3)
    after = case()
    look(town)
    assert found(town, "city", before) == ["P07"] and found(town, "city", after) == []
    assert [found(town, "city", one, monitor="anomaly") for one in (before, after)] == [["A05"], []]


def test_a_parent_that_does_not_serve_is_found_out(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    serve = Watching._serve
    lazy = town["district"].center.watching
    monkeypatch.setattr(Watching, "_serve", lambda self, tx, derived: [] if self is lazy else serve(self, tx, derived))
    case = sat_on(town)
    pass_days(town, 8)
    rows = [row for row in town["city"].center.findings.listed({}, OVERSEER)["findings"] if row["case_no"] == case]
    assert {(row["rule"], row["charged"]["node"]) for row in rows if row["rule"].startswith("card")} == {
        ("card_unserved", town.code("district"))
    }
    monkeypatch.setattr(Watching, "_serve", serve)
    pass_days(town, 1)
    assert not [one for one in found(town, "city", case) if one.startswith("card")]  # served now, late as it is


def test_a_card_that_nobody_can_derive_is_found_out(town: Town) -> None:
    case = sat_on(town)
    pass_days(town, 1)

    def invent(tx: Tx) -> None:
        center = town["district"].center
        signal = next(one for one in derived_of(tx, center.rules, case, Knows(tx), tx.now()).signals if one.rule == "T05")
        made = signal._replace(rung="red", due=signal.due - dt.timedelta(days=7), at_ms=signal.at_ms - HOUR)
        made = made._replace(id=signal_id(case, made.rule, made.anchor, made.due, made.charged, made.rung))
        tx.journal.append(Draft("signal_served", "note", facts_of(made), subject=case))

    town["district"].center.store.run(invent)
    pass_days(town, 8)
    assert [one for one in found(town, "city", case) if one.startswith("card")] == ["card_underived"]
    assert [one for one in found(town, "township", case) if one.startswith("card")] in ([], ["card_underived"])
