"""监察台: what a supervisor sees first, the ends that are looked at, the draw by lot, the units level by level, one case by facts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.protocol.envelope import decode_header
from node.domain.calendar import day_of
from node.domain.model import CST, Actor, Role
from node.domain.words.errors import TongbanError
from node.services.supervision.attention import FIRST, HEADS
from node.services.supervision.looked import KEPT_MS
from node.services.supervision.oversight import FIGURES
from node.services.supervision.query import ON_CARDS
from tests.network.test_heard import MINUTE, pass_time
from tests.services.test_charged import CLERK, OVERSEER, PERSON, decide, furnish, listed, rows_of
from tests.support.network import AGENT, DAY, DIRECTOR, FOUR, Town, four_tiers

NAMES = ("city", "district", "township", "village")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def today(town: Town) -> dt.date:
    return day_of(town["city"].clock.now())


def to_next_month(town: Town) -> str:
    """Let the month end; answers the month that is over."""
    month = today(town).isoformat()[:7]
    while today(town).isoformat()[:7] == month:
        town.world.advance(DAY)
        town.heal()
    return month


def turned_down(town: Town, name: str) -> str:
    """An application that the village brought and a hall turns down at the counter."""
    case = town.file("village")
    town.act("village", case, "hand_over")
    town.heal()
    town.do(name, case, "receive")
    town.do(name, case, "not_accept")
    town.heal()
    return case


def test_the_few_that_matter_stand_first_and_the_worst_on_top(town: Town) -> None:
    furnish(town)
    for name in NAMES:
        desk = town[name].center.oversight.desk({}, OVERSEER)
        assert [one["figure"] for one in desk["heads"]] == list(HEADS)
        urgent = [row for row in desk["first"] if row["why"] not in ("red", "yellow", "suspected")]
        assert len(desk["first"]) <= FIRST and urgent == desk["first"][len(desk["first"]) - len(urgent) :]
        overdue = [row["case"] for row in urgent if row["why"] == "overdue" and row["case"] is not None]
        assert [row["why"] for row in urgent[: len(overdue)]] == ["overdue"] * len(overdue)
        assert [row["over_days"] for row in overdue] == sorted((row["over_days"] for row in overdue), reverse=True)
        assert [one["view"] for one in desk["figures"]] == list(FIGURES)
        assert not any(part in json.dumps(desk, ensure_ascii=False) for part in PERSON)


def test_every_figure_of_the_desk_and_of_the_units_is_exactly_its_rows(town: Town) -> None:
    furnish(town)
    turned_down(town, "township")
    to_next_month(town)
    for name in NAMES:
        center = town[name].center
        desk = center.oversight.desk({}, OVERSEER)
        for one in (*desk["figures"], *(head for head in desk["heads"] if "/cases?" in head["list"])):
            assert len(rows_of(town, name, one["list"])) == one["value"], (name, one)
        for code in [node["code"] for node in center.oversight.nodes(OVERSEER)["nodes"]]:
            found = center.oversight.units({"at": code}, OVERSEER)
            for row in (*found["units"], *found["posts"]):
                for column, address in row["lists"].items():
                    if column not in ("findings", *ON_CARDS):
                        assert len(rows_of(town, name, address)) == row["figures"][column], (name, code, column)


def test_a_branch_is_the_sum_of_its_units(town: Town) -> None:
    furnish(town)
    oversight = town["city"].center.oversight
    for code in (FOUR["district"], FOUR["township"]):
        whole = next(row for row in oversight.units({}, OVERSEER)["units"] if row["code"] == FOUR["district"])
        parts = oversight.units({"at": FOUR["district"]}, OVERSEER)["units"]
        assert {name: sum(row["figures"][name] for row in parts) for name in whole["figures"]} == whole["figures"], code
    path = oversight.units({"at": FOUR["village"]}, OVERSEER)["path"]
    assert [one["code"] for one in path] == list(FOUR.values())


def test_who_turned_it_down_is_charged_although_it_went_home(town: Town) -> None:
    case = turned_down(town, "township")
    gone = town.file("village")
    town.act("village", gone, "withdraw", AGENT, reason="申请人书面要求")
    town.heal()
    for name in NAMES:
        rows = listed(town, name, view="abnormal")["cases"]
        assert [(row["case_no"], row["holder"]["node"], row["ended"]) for row in rows] == [
            (case, FOUR["township"], "not_accepted")
        ], name
        assert listed(town, name, view="abnormal", holder=FOUR["village"])["total"] == 0


def test_the_draw_of_a_month_can_be_done_again_from_the_entries(town: Town) -> None:
    """At least one of each unit; by SHA-256 of seed and number; the seed is an entry of the month that is over."""
    cases = [turned_down(town, "township") for _ in range(3)]
    assert listed(town, "city", view="drawn")["total"] == 0  # the month goes on
    month = to_next_month(town)
    answer = listed(town, "city", view="drawn", month=month)
    draw = answer["draw"]
    assert draw is not None and draw["seed"] is not None and (draw["of"], draw["share"], draw["month"]) == (3, 5, month)
    seed = bytes.fromhex(draw["seed"])
    ranked = sorted(cases, key=lambda case: hashlib.sha256(seed + case.encode()).hexdigest())
    assert [row["case_no"] for row in answer["cases"]] == draw["cases"] == ranked[:1]
    city = town["city"]
    end = int(dt.datetime.combine(today(town).replace(day=1), dt.time(), CST).timestamp() * 1000)
    sql = "SELECT hash, header FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? ORDER BY epoch, seq"
    with city.center.store.reading() as view:
        own = view.connection.execute(sql, (city.id,)).fetchall()
    assert [hash for hash, header in own if decode_header(header).recorded_at < end][-1] == seed
    assert listed(town, "city", view="drawn")["cases"] == answer["cases"]  # the last month is the one that is meant
    assert listed(town, "city", view="drawn", month="2020-01")["draw"] == {
        "month": "2020-01", "share": 5, "of": 0, "share_decided": 2, "of_decided": 0, "seed": None, "epoch": None, "seq": None, "cases": [],
    }  # fmt: skip


def test_a_draw_that_is_kept_follows_what_comes_late_and_who_writes_draws_anew(town: Town) -> None:
    first = town.file("township")
    town.do("township", first, "not_accept")
    town.heal()
    town.cut()
    second = town.file("township")
    town.do("township", second, "not_accept")
    month, city = today(town).isoformat()[:7], town["city"].center
    while today(town).isoformat()[:7] == month:
        town.world.advance(DAY)

    def drawn() -> tuple[int, list[str]]:
        draw = listed(town, "city", view="drawn", month=month)["draw"]
        assert draw is not None
        return draw["of"], draw["cases"]

    assert drawn() == (1, [first]), "the line is cut"
    begun = town.world.time
    town.heal()
    assert town.world.time // KEPT_MS == begun // KEPT_MS
    of, cases = drawn()
    assert of == 2, "what came late counts at once"
    city.store.run(lambda tx: tx.connection.execute("UPDATE ends SET at=0 WHERE case_no=?", (cases[0],)))
    assert drawn() == (2, cases), "kept: no count of the month tells it"
    given = {"month": month, "result": "none", "reason": "无问题"}
    with pytest.raises(TongbanError, match="not_found"):
        city.examining.examine(cases[0], given, OVERSEER)
    other = next(case for case in (first, second) if case not in cases)
    assert city.examining.examine(other, given, OVERSEER)["result"] == "none"
    town.world.advance(KEPT_MS)
    assert drawn() == (1, [other]), "ten minutes at most"


def test_on_the_way_too_long_begins_after_a_whole_working_day(town: Town) -> None:
    case = town.file("village")
    town.cut()
    town.act("village", case, "hand_over")
    calendar, begun = town["village"].center.catalog.calendar(), today(town)
    late = calendar.add_workdays(begun, 1) + dt.timedelta(days=1)
    while today(town) < late:
        assert listed(town, "village", view="transit_long")["total"] == 0, today(town)
        town.world.advance(DAY)
    row = listed(town, "village", view="transit_long")["cases"][0]
    assert row["case_no"] == case and row["transit"] is not None


def test_what_is_over_by_so_many_days_is_what_its_rows_say(town: Town) -> None:
    furnish(town)
    for day in range(8):
        town.world.advance(DAY * (day > 0))
        rows = rows_of(town, "township", "?view=overdue")
        for days in (1, 2, 5, 20, 25, 40):
            wanted = {row["case_no"] for row in rows if row["over_days"] >= days}
            found = rows_of(town, "township", "?" + urllib.parse.urlencode({"view": "overdue", "over": days}))
            assert {row["case_no"] for row in found} == wanted, (day, days)


def test_filters_of_unit_department_and_step(town: Town) -> None:
    furnish(town)
    rows = rows_of(town, "city", "?view=open")
    below = set(FOUR.values()) - {FOUR["city"], FOUR["district"]}
    assert {row["case_no"] for row in rows if row["holder"]["node"] in below} == {
        row["case_no"] for row in rows_of(town, "city", f"?view=open&under={FOUR['township']}")
    }
    items = town["city"].center.catalog.snapshot().items
    for department in {items[row["item_id"]].department for row in rows}:
        found = rows_of(town, "city", "?" + urllib.parse.urlencode({"view": "open", "department": department}))
        assert {row["case_no"] for row in found} == {
            row["case_no"] for row in rows if items[row["item_id"]].department == department
        }
    for step in {row["step"] for row in rows}:
        found = rows_of(town, "city", f"?view=open&step={step}")
        assert {row["case_no"] for row in found} == {row["case_no"] for row in rows if row["step"] == step}


def test_reminded_and_not_answered(town: Town) -> None:
    case = town.file("village")
    town.act("village", case, "hand_over")
    town.heal()
    town.act("village", case, "remind", AGENT)
    town.heal()
    for name in NAMES:
        row = listed(town, name, view="unanswered_reminders")["cases"][0]
        assert (row["case_no"], row["reminded"], row["unanswered"]) == (case, 1, True)
        assert town[name].center.oversight.desk({}, OVERSEER)["first"][0]["why"] == "unanswered_reminders"
    town["township"].center.cases.case(case, CLERK)  # to read it is no answer
    town.heal()
    assert listed(town, "city", view="unanswered_reminders")["total"] == 1
    town.world.advance(MINUTE)
    town.do("township", case, "receive")
    town.heal()
    for name in NAMES:
        assert listed(town, name, view="unanswered_reminders")["total"] == 0
    assert listed(town, "city")["cases"][0]["reminded"] == 1


def test_the_cases_of_a_silent_unit_are_a_list_of_their_own(town: Town) -> None:
    case = town.file("village")
    town.heal()
    assert listed(town, "township", view="unheard")["total"] == 0
    town.lines["village"].cut()
    pass_time(town, 70 * MINUTE, 10 * MINUTE)
    answer = listed(town, "township", view="unheard")
    assert [row["case_no"] for row in answer["cases"]] == [case] and answer["cases"][0]["unknown_since"] is not None
    unit = next(row for row in town["township"].center.oversight.units({}, OVERSEER)["units"] if row["code"] == FOUR["village"])
    assert (unit["silent"], unit["unknown_since"]) == (1, answer["cases"][0]["unknown_since"])


def test_one_case_by_facts_at_every_tier(town: Town) -> None:
    case = town.file("village")
    town.act("village", case, "hand_over")
    town.heal()
    town.do("township", case, "receive")
    town.do("township", case, "accept")
    decide(town, case)
    for name in NAMES:
        told = town[name].center.oversight.case(case, OVERSEER)
        assert not any(part in json.dumps(told, ensure_ascii=False) for part in PERSON), name
        assert [one["version"] for one in told["acts"]] == list(range(1, len(told["acts"]) + 1))
        assert {one["node"] for one in told["acts"]} >= {FOUR["village"], FOUR["township"]}
        assert told["case"]["case_no"] == case and told["deadlines"] is not None


def test_role_then_existence(town: Town) -> None:
    oversight = town["city"].center.oversight
    for actor in (CLERK, Actor("s-admin", Role.ADMIN)):
        for ask in (
            lambda actor=actor: oversight.desk({"over": "x"}, actor), lambda actor=actor: oversight.units({"at": "9"}, actor),
            lambda actor=actor: oversight.case("nothing", actor),
        ):  # fmt: skip
            with pytest.raises(TongbanError) as refused:
                ask()
            assert refused.value.code == "forbidden"
    with pytest.raises(TongbanError) as missing:
        oversight.case("nothing", OVERSEER)
    assert missing.value.code == "not_found"
    for given, field in (
        ({"over": "-1"}, "over"),
        ({"over": "1000"}, "over"),
        ({"under": "999"}, "under"),
        ({"step": "x"}, "step"),
        ({"month": "13"}, "month"),
    ):
        with pytest.raises(TongbanError) as wrong:
            listed(town, "city", **given)
        assert wrong.value.code == "invalid_input" and set(wrong.value.fields) == {field}
    with pytest.raises(TongbanError) as nowhere:
        oversight.units({"at": "999"}, OVERSEER)
    assert nowhere.value.fields == {"at": "unknown_division"}


def test_what_was_found_in_a_drawn_file_stands_on_its_case(town: Town) -> None:
    """Of three turned away one is drawn (5 %, at least one), of one decided one (2 %, at least one); each is answered once, with a reason."""
    away = [turned_down(town, "township") for _ in range(3)]
    done = town.file("township", "ZW186")
    town.do("township", done, "accept")
    while "approve" not in town.offered("township", done):
        town.do("township", done, "complete_step")
    town.do("township", done, "approve")
    month = to_next_month(town)
    draw = listed(town, "city", view="drawn", month=month)["draw"]
    assert draw is not None and (draw["of"], draw["of_decided"]) == (3, 1)
    assert done in draw["cases"] and len(set(draw["cases"]) & set(away)) == 1 and len(draw["cases"]) == 2
    assert {row["case_no"] for row in listed(town, "city", view="drawn", month=month)["cases"]} == set(draw["cases"])
    examining, given = town["city"].center.examining, {"month": month, "result": "flaw", "reason": "受理通知书没有加盖专用印章"}
    assert examining.one(done, month, OVERSEER)["result"] == ""
    assert examining.examine(done, given, OVERSEER) == {"case_no": done, "month": month, "result": "flaw"}
    assert examining.one(done, month, OVERSEER)["result"] == "flaw"
    with pytest.raises(TongbanError, match="guard_failed"):
        examining.examine(done, given, OVERSEER)
    with pytest.raises(TongbanError, match="not_found"):
        examining.examine(next(one for one in away if one not in draw["cases"]), given, OVERSEER)
    with pytest.raises(TongbanError, match="invalid_input"):
        examining.examine(next(one for one in away if one in draw["cases"]), {"month": month, "result": "fine"}, OVERSEER)
    town.heal()
    notes = town["township"].center.cases.case(done, DIRECTOR)["notes"]
    assert [(one["kind"], [told["value"] for told in one["told"]]) for one in notes if one["kind"] == "file_examined"] == [
        ("file_examined", [month, "瑕疵", "抽查"])
    ]
