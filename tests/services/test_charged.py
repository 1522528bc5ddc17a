"""Time is charged to who has the case; every figure is counted from exactly the rows behind it (DOMAIN A4, A7)."""

from __future__ import annotations

import datetime as dt
import json
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from node.domain.figures import GROUPS, MONITORS
from node.domain.model import Actor, Role
from node.domain.supervision.documents import OversightCase, OversightCases
from node.domain.words.errors import TongbanError
from node.store.measures import MEASURES, VIEWS
from tests.support.network import AGENT, DAY, DIRECTOR, FOUR, Town, four_tiers
from tests.support.usurper import usurp

OVERSEER, CLERK = Actor("s-overseer", Role.OVERSEER), Actor("s-clerk", Role.CLERK)
PERSON = ("欧阳建国", "420106198702079963", "15412345678", "保成社区1组1号")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def figures(town: Town, name: str, measure: str, by: str) -> dict[str, int]:
    return {row["key"]: row["value"] for row in town[name].center.oversight.stats(OVERSEER, measure, by, None, None)["rows"]}


def listed(town: Town, name: str, **asked: str) -> OversightCases:
    return town[name].center.oversight.cases(asked, OVERSEER)


def rows_of(town: Town, name: str, address: str) -> list[OversightCase]:
    """Every row of a list, page by page."""
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
    found: list[OversightCase] = []
    while True:
        answer = town[name].center.oversight.cases({**asked, "limit": "3"}, OVERSEER)
        found += answer["cases"]
        if answer["next"] is None:
            assert len(found) == answer["total"] == len({row["case_no"] for row in found})
            return found
        asked["cursor"] = answer["next"]


def decide(town: Town, case: str) -> None:
    """Take it as far as a decision, wherever that is made."""
    for _ in range(4):
        for name in ("township", "district", "city"):
            for _ in range(6):
                try:
                    step = next(
                        (s for s in ("receive", "complete_step", "approve", "refer") if s in town.offered(name, case)), None
                    )
                except TongbanError:
                    break
                if step is None:
                    break
                town.do(name, case, step)
            town.heal()


def test_a_case_that_the_village_filed_and_the_township_sits_on_is_the_townships(town: Town) -> None:
    case = town.file("village")
    town.act("village", case, "hand_over")
    town.heal()
    town.do("township", case, "receive")
    town.world.advance(40 * DAY)
    town.heal()
    assert figures(town, "township", "overdue", "node") == {FOUR["township"]: 1}
    assert figures(town, "city", "overdue", "node") == {FOUR["township"]: 1}
    assert figures(town, "city", "overdue", "tier") == {"township": 1}
    assert figures(town, "city", "overdue", "filed_at") == {FOUR["village"]: 1}
    assert figures(town, "city", "filed", "node") == {FOUR["village"]: 1}
    row = listed(town, "city", view="overdue")["cases"][0]
    assert (row["case_no"], row["holder"]["node"], row["holder"]["unit"], row["origin"]) == (
        case, FOUR["township"], FOUR["township"], FOUR["village"],
    )  # fmt: skip
    assert listed(town, "city", view="overdue", holder=FOUR["village"])["total"] == 0


def test_on_its_way_a_case_is_the_givers_until_it_is_taken(town: Town) -> None:
    case = town.file("village")
    town.world.advance(10 * DAY)
    town.cut()
    town.act("village", case, "hand_over")
    row = listed(town, "village", view="in_transit")["cases"][0]
    assert (row["custodian"], row["step"], row["holder"]["node"]) == (None, "transit", FOUR["village"])
    assert row["transit"] is not None and (row["transit"]["from"], row["transit"]["to"]) == (FOUR["village"], FOUR["township"])
    town.heal()
    assert listed(town, "city", view="in_transit")["total"] == 0


def test_who_never_decides_has_no_share_in_time(town: Town) -> None:
    """按期办结率 = in time ÷ (decided with a limit + undecided past due): a unit that sits on all it has is at 0 %, not at 100 %."""
    good, late, never = (town.file("township", "ZW007") for _ in range(3))
    for case in (good, late, never):
        town.do("township", case, "accept")
    decide(town, good)
    town.world.advance(60 * DAY)
    decide(town, late)
    counted = {name: figures(town, "city", name, "item") for name in ("on_time", "late", "overdue_open", "decided")}
    assert counted == {"on_time": {"ZW007": 1}, "late": {"ZW007": 1}, "overdue_open": {"ZW007": 1}, "decided": {"ZW007": 2}}
    deciding = figures(town, "city", "decided", "node")
    assert figures(town, "city", "overdue_open", "node") == {FOUR["township"]: 1} and set(deciding) != {FOUR["village"]}
    row = listed(town, "city", view="past_overdue")["cases"][0]
    assert row["case_no"] == late and row["was_late"][0]["holder"] == row["holder"]["node"] == FOUR["township"] not in deciding
    assert row["over_days"] == row["was_late"][0]["over_days"] > 0


def furnish(town: Town) -> None:
    """A few cases of every kind, weeks old, one of them on a cut line."""
    for item in ("ZW007", "ZW001"):
        case = town.file("village", item)
        town.act("village", case, "hand_over")
        town.file("village", item)
    town.heal()
    kept = [town.file("township", "ZW007") for _ in range(5)]
    for case in kept[:4]:
        town.do("township", case, "accept")
    if "suspend" in town.offered("township", kept[1]):
        town.do("township", kept[1], "suspend")
    town.do("township", kept[4], "request_correction")
    decide(town, kept[0])
    town.world.advance(30 * DAY)
    decide(town, kept[2])
    town.file("village", "ZW007")
    town.heal()
    town.lines["village"].cut()
    town.act("village", town.file("village", "ZW007"), "hand_over")


def test_every_figure_is_exactly_its_list(town: Town) -> None:
    furnish(town)
    for name in FOUR:
        seen = 0
        for measure in MEASURES:
            for by in GROUPS:
                for period in ((None, None), ("2026-01-01", "2027-12-31")):
                    for row in town[name].center.oversight.stats(OVERSEER, measure, by, *period)["rows"]:
                        assert len(rows_of(town, name, row["list"])) == row["value"] > 0, (name, measure, by, row)
                        seen += 1
        assert seen > 20, name
        nodes = town[name].center.oversight.nodes(OVERSEER)["nodes"]
        for node in nodes:
            figures: Mapping[str, object] = dict(node)
            for column, address in node["lists"].items():
                if column != "findings":
                    assert len(rows_of(town, name, address)) == figures[column], (name, node["code"], column)
        for figure in town[name].center.oversight.listed({}, OVERSEER)["figures"]:
            assert len(rows_of(town, name, figure["list"])) == figure["value"]


def test_no_answer_holds_anything_of_an_applicant(town: Town) -> None:
    furnish(town)
    for name in FOUR:
        answers = [listed(town, name, view=view, limit="200") for view in VIEWS]
        answers += [listed(town, name, measure=measure, limit="200") for measure in MEASURES]
        text = json.dumps([answers, town[name].center.oversight.nodes(OVERSEER)], ensure_ascii=False)
        assert "ZW007" in text and not any(part in text for part in PERSON)


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.SYSTEM])
def test_overseer_and_director_at_every_tier_and_nobody_else(town: Town, role: Role) -> None:
    for name in FOUR:
        center = town[name].center
        if role in (Role.OVERSEER, Role.DIRECTOR):
            assert (
                center.oversight.cases({}, Actor("s", role))["cases"] == [] and center.oversight.nodes(Actor("s", role))["nodes"]
            )
            continue
        with pytest.raises(TongbanError, match=r"^forbidden"):  # before what was asked is looked at
            center.oversight.cases({"view": "nonsense"}, Actor("s", role))
        with pytest.raises(TongbanError, match=r"^forbidden"):
            center.oversight.nodes(Actor("s", role))
        with pytest.raises(TongbanError, match=r"^forbidden"):
            center.findings.listed({"cursor": "nonsense"}, Actor("s", role))


@pytest.mark.parametrize(
    "asked",
    [
        {"view": "x"}, {"measure": "x"}, {"view": "open", "measure": "cases"}, {"holder": "999999"}, {"unit": "x"}, {"filed_at": "x"},
        {"tier": "moon"}, {"status": "x"}, {"from": "2026-13-01"}, {"from": "2026-02-02", "to": "2026-02-01"}, {"cursor": "x"},
        {"limit": "many"}, {"nonsense": "1"},
    ],
)  # fmt: skip
def test_wrong_questions_name_their_field(town: Town, asked: dict[str, str]) -> None:
    with pytest.raises(TongbanError) as caught:
        listed(town, "city", **asked)
    assert caught.value.code == "invalid_input" and set(caught.value.fields) <= set(asked)


@pytest.mark.parametrize(
    "wrong", [{"rule": "T99"}, {"rule": "T01 "}, {"monitor": "x"}, {"state": "x"}, {"rule": "x", "state": "x"}]
)
def test_findings_asked_wrongly_name_their_field(town: Town, wrong: dict[str, str]) -> None:
    with pytest.raises(TongbanError) as caught:
        town["city"].center.findings.listed(wrong, OVERSEER)
    assert caught.value.code == "invalid_input" and caught.value.fields == dict.fromkeys(wrong, "not_a_choice")


def test_findings_of_every_rule_that_a_monitor_lists_may_be_asked(town: Town) -> None:
    case = town.file("village")
    usurp(town, "village", case, "accepted", "approved", "concluded")
    town.heal()
    center, found = town["city"].center, dict[str, int]()
    for monitor in MONITORS:
        for row in center.monitors.monitor(monitor, OVERSEER)["rules"]:
            found[row["rule"]] = center.findings.listed({"monitor": monitor, "rule": row["rule"]}, OVERSEER)["total"]
            assert found[row["rule"]] == row["findings"]
    assert {"T01", "L06", "O03"} <= found.keys() and found["beyond_tier"] > 0
    assert center.findings.listed({"rule": "fork"}, OVERSEER)["total"] == 0  # a flaw of a chain


def test_a_silent_holders_case_is_never_green(town: Town) -> None:
    case = town.file("village", "ZW007")
    town.heal()
    assert listed(town, "township", view="open")["cases"][0]["light"] == "green"
    town.lines["village"].cut()
    for name in ("township", "district", "city"):
        town.world.advance(3 * DAY)
        answer = listed(town, name)
        row = answer["cases"][0]
        assert row["case_no"] == case and row["light"] != "green" and row["unknown_since"], name
        assert FOUR["village"] in answer["unknown_since"]
    shown = town["township"].center.cases.case(case, Actor("s", Role.DIRECTOR))
    assert shown["light"] == "overdue" and shown["unknown_since"]
    for name in ("township", "district", "city"):  # no count looks better than with the line: it is counted, and marked
        (node,) = (
            one for one in town[name].center.oversight.nodes(Actor("s", Role.DIRECTOR))["nodes"] if one["code"] == FOUR["village"]
        )
        assert (node["overdue"], bool(node["unknown_since"])) == (1, True), name


def test_the_person_is_told_to_the_unit_and_its_parent_only(town: Town) -> None:
    case = town.file("township", "ZW007")
    town.do("township", case, "accept")
    person = town["township"].center.staff.add("刘洋", "examiner", "correct-horse-battery", username="liuyang")["staff_id"]
    town.act("township", case, "assign", staff_id=person)
    town.heal()
    told = {name: listed(town, name)["cases"][0]["holder"]["staff_id"] for name in ("township", "district", "city")}
    assert told == {"township": person, "district": person, "city": None}


def test_segments_say_whose_working_days_they_were(town: Town) -> None:
    case = town.file("village")
    town.world.advance(3 * DAY)
    town.act("village", case, "hand_over")
    town.heal()
    town.do("township", case, "receive")
    town.world.advance(7 * DAY)
    row = listed(town, "township")["cases"][0]
    kinds = [(one["kind"], one["node"]) for one in row["segments"]]
    assert kinds[0] == ("agent", FOUR["village"]) and kinds[-1] == ("handling", FOUR["township"])
    assert row["segments"][-1]["to"] is None and row["segments"][-1]["workdays"] == 5


def test_what_a_village_decided_itself_is_open_and_no_decision(town: Town) -> None:
    """A decision by somebody who may not decide counts as open: not as decided, concluded or in time (third part of the interface)."""
    case = town.file("village")
    usurp(town, "village", case, "accepted", "approved", "concluded")
    town.heal()
    for name in FOUR:
        for measure in ("decided", "concluded", "on_time", "late"):
            assert figures(town, name, measure, "node") == {}, (name, measure)
        row = listed(town, name, view="open")["cases"][0]
        assert row["case_no"] == case and row["doubted"]
        found = town[name].center.findings.listed({"node": FOUR["village"]}, OVERSEER)
        assert found["total"] == len(found["findings"]) > 0 and {one["case_no"] for one in found["findings"]} == {case}
        assert {one["charged"]["node"] for one in found["findings"]} == {FOUR["village"]}


def test_due_on_friday_and_looked_at_on_sunday_is_overdue_everywhere(town: Town) -> None:
    """The page of the case, the workbench, the counts and the supervisor's list say the same (and none of them "today")."""
    director = Actor("s", Role.DIRECTOR)
    town.world.advance(4 * DAY)  # Friday 6 March: five working days for the answer end on Friday 13
    case = town.file("township", "ZW007")
    center = town["township"].center
    for days, light, left, over in ((7, "warn", 0, 0), (2, "overdue", -1, 1), (1, "overdue", -1, 1), (1, "yellow", -2, 2)):
        town.world.advance(days * DAY)
        document = center.cases.case(case, director)
        assert (document["due"], document["light"], document["deadlines"][0]["left"]) == ("2026-03-13", light, left)
        parts = {part["part"]: part["count"] for part in center.work.desk(director)["parts"]}
        views = {view: listed(town, "township", view=view) for view in ("due_today", "overdue")}
        assert (
            (parts["today"], parts["overdue"])
            == (views["due_today"]["total"], views["overdue"]["total"])
            == (not over, bool(over))
        )
        assert sum(figures(town, "township", "overdue", "status").values()) == bool(over)
        row = (views["overdue"] if over else views["due_today"])["cases"][0]
        assert (row["over_days"], row["light"]) == (over, light)


def test_a_reminder_counts_until_something_is_done(town: Town) -> None:
    case = town.file("village")
    town.act("village", case, "hand_over")
    town.heal()
    town.do("township", case, "receive")
    town.heal()
    town.act("village", case, "remind", AGENT)
    town.cut()
    assert [row["case_no"] for row in listed(town, "village", view="unanswered_reminders")["cases"]] == [case]
    town.heal()
    assert listed(town, "township", view="unanswered_reminders")["total"] == 1  # that the node has it is no answer
    town.do("township", case, "accept")
    assert listed(town, "township", view="unanswered_reminders")["total"] == 0


def test_whose_time_it_was_is_called_by_name_at_every_tier(town: Town) -> None:
    """The city never enrolled a township; it knows how its division is called, and shows no bare code."""
    case = town.file("township")
    town.act("township", case, "accept")
    town.world.advance(60 * DAY)
    decide(town, case)
    town.heal()
    division = town["city"].center.catalog.divisions().get(FOUR["township"])
    assert division is not None
    names = {"township": "township", "district": "township", "city": division.name}  # by itself, by its invitation, as a division
    for name, known_as in names.items():
        late = town[name].center.cases.case(case, DIRECTOR)["late"]
        assert {one["holder_name"] for one in late if one["holder"] == FOUR["township"]} == {known_as}, name
        assert not [one for one in late if one["holder_name"].isdigit()], name


def test_the_record_of_a_case_names_the_unit_that_its_card_is_charged_to(town: Town) -> None:
    """The township used nearly all of a promise of twenty days; it ran out at the district, which kept its own part (DOMAIN A4, 4)."""
    case = town.file("village", "ZW016")
    town.act("village", case, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step"):
        town.do("township", case, action)
    due = next(one["due"] for one in town["township"].center.cases.case(case, DIRECTOR)["deadlines"] if one["clock"] == "P")
    town.world.time = int(dt.datetime.fromisoformat(due + "T09:00:00+08:00").timestamp() * 1000)
    town.do("township", case, "refer")
    town.heal()
    town.world.advance(3 * DAY)
    town.do("district", case, "complete_step")
    town.do("district", case, "approve")
    town.heal()
    for name in town.nodes:
        late = [one for one in town[name].center.cases.case(case, DIRECTOR)["late"] if one["clock"] == "P"]
        assert [(one["holder"], one["ended_by"]) for one in late] == [(FOUR["township"], "approved")], name
