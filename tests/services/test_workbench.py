"""The workbench, the search and the tracker on four real nodes: whose turn, nothing twice, nothing lost, rebuilt as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.calendar import day_of
from node.domain.cases.desk_documents import CaseOnDesk
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.cases.workbench import PARTS
from tests.support.network import APPROVER, CLERK, DAY, DIRECTOR, EXAMINER, Town, four_tiers
from tests.support.there import there


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def part(town: Town, node: str, actor: Actor, name: str = "open") -> list[CaseOnDesk]:
    return list(town[node].center.work.desk(actor, name)["rows"])


def numbers(town: Town, node: str, actor: Actor, name: str = "open") -> list[str]:
    return [row["case_no"] for row in part(town, node, actor, name)]


def district_item(town: Town) -> str:
    return next(str(one["item_id"]) for one in town["township"].center.catalog.documents() if one["approval_level"] == "district")


def test_pages_give_each_case_once_the_most_urgent_first(town: Town) -> None:
    work, filed = town["township"].center.work, []
    for _ in range(73):
        filed.append(town.file("township", actor=CLERK))
        town.world.advance(DAY // 5)
    seen: list[CaseOnDesk] = []
    cursor = None
    while True:
        page = work.desk(CLERK, "open", cursor, limit=20)
        seen += page["rows"]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(row["case_no"] for row in seen) == sorted(filed)
    assert [row["due"] for row in seen] == sorted(there(row["due"]) for row in seen)
    counted = {one["part"]: one["count"] for one in work.desk(CLERK)["parts"]}
    assert counted["open"] == 73 and counted["mine"] == 0 and set(counted) == set(PARTS)
    assert counted["today"] + counted["overdue"] + sum(row["light"] == "green" for row in seen) == 73


def test_what_waits_to_be_collected_is_on_nobodys_list_of_overdue_cases(town: Town) -> None:
    no = town.file("district", item=district_item(town), actor=CLERK)
    for action in ("accept", "complete_step", "approve"):
        town.do("district", no, action)
    town.world.advance(30 * DAY)
    assert numbers(town, "district", CLERK, "overdue") == [no]  # the result is not ready
    town.do("district", no, "conclude")
    town.world.advance(30 * DAY)
    assert numbers(town, "district", CLERK, "overdue") == []
    row = part(town, "district", CLERK)[0]
    assert (row["case_no"], row["awaits"], row["light"], row["due"] is not None) == (no, "deliver", "none", True)


def test_a_case_is_in_the_list_of_whose_turn_it_is(town: Town) -> None:
    no = town.file("township", item=district_item(town), actor=CLERK)
    assert (numbers(town, "township", CLERK), part(town, "township", CLERK)[0]["awaits"]) == ([no], "accept")
    town.do("township", no, "accept", CLERK)
    assert numbers(town, "township", CLERK) == [] and numbers(town, "township", CLERK, "others") == [no]
    assert numbers(town, "township", EXAMINER) == [no]
    town.do("township", no, "complete_step", EXAMINER)
    assert part(town, "township", APPROVER)[0]["awaits"] == "refer"
    town.do("township", no, "refer", APPROVER)
    assert numbers(town, "township", APPROVER) == [] and numbers(town, "township", CLERK, "elsewhere") == [no]
    town.heal()
    assert numbers(town, "district", EXAMINER) == [no] and numbers(town, "city", EXAMINER, "elsewhere") == []
    town.do("district", no, "return_to_lower", APPROVER)
    town.heal()
    assert numbers(town, "township", EXAMINER, "back") == [no] and numbers(town, "district", EXAMINER) == []


def test_what_just_arrived_has_a_list_of_its_own_for_who_receives_it(town: Town) -> None:
    no = town.file("village")
    town.act("village", no, "hand_over")
    assert numbers(town, "township", CLERK, "arrived") == []
    town.heal()
    assert numbers(town, "township", CLERK, "arrived") == [no]
    assert "arrived" not in [one["part"] for one in town["township"].center.work.desk(EXAMINER)["parts"]]
    town.do("township", no, "receive", CLERK)
    assert numbers(town, "township", CLERK, "arrived") == []


def test_what_waits_on_the_applicant_and_what_is_over(town: Town) -> None:
    no = town.file("township", actor=CLERK)
    town.do("township", no, "request_correction", CLERK)
    assert numbers(town, "township", CLERK, "applicant") == [no] and numbers(town, "township", CLERK) == []
    gone = town.file("township", actor=CLERK)
    town.do("township", gone, "withdraw", CLERK)
    assert all(gone not in numbers(town, "township", CLERK, name) for name in PARTS)


def test_what_falls_due_on_the_next_working_day_is_coming_due(town: Town) -> None:
    """R29; over a weekend too."""
    no = town.file("township", actor=CLERK)
    due = dt.date.fromisoformat(str(part(town, "township", CLERK)[0]["due"]))
    calendar = town["township"].center.catalog.calendar()
    seen = {"soon": 0, "today": 0, "": 0}
    while day_of(town.world.time) <= due:
        today = day_of(town.world.time)
        where = "soon" if calendar.next_workday(today + dt.timedelta(days=1)) == due else "today" if today == due else ""
        assert [name for name in ("soon", "today") if numbers(town, "township", CLERK, name) == [no]] == (
            [where] if where else []
        )
        seen[where] += 1
        town.world.advance(DAY)
    assert seen["soon"] and seen["today"]


def test_what_is_late_is_in_overdue_from_the_next_day(town: Town) -> None:
    no = town.file("township", actor=CLERK)
    due = part(town, "township", CLERK)[0]["due"]
    while part(town, "township", CLERK, "today") == []:
        assert numbers(town, "township", CLERK, "overdue") == []
        town.world.advance(DAY)
    assert part(town, "township", CLERK, "today")[0]["due"] == due
    town.world.advance(DAY)
    assert numbers(town, "township", CLERK, "overdue") == [no] and numbers(town, "township", CLERK, "today") == []


@pytest.mark.parametrize("cursor", ["x", "2026-03-02", "2026-03-02.x", "9" * 400, "2026-03-02.1' OR 1=1"])
def test_a_bad_cursor_or_part_is_refused(town: Town, cursor: str) -> None:
    work = town["township"].center.work
    with pytest.raises(TongbanError, match="invalid_input"):
        work.desk(CLERK, "open", cursor)
    with pytest.raises(TongbanError, match="invalid_input"):
        work.desk(CLERK, cursor)


def test_the_search_knows_every_key_and_hides_from_who_has_no_case_role(town: Town) -> None:
    person = {"name": "欧阳茉莉", "id_number": "42010219580312996X"[:17] + "7", "phone": "15412345678"}
    no = town.file("township", actor=CLERK, applicant=person, application_no="WH-77")
    others = [town.file("township", actor=CLERK) for _ in range(3)]
    work = town["township"].center.work
    for words in (no, no[:20], no.lower(), "WH-77", "420102195803129967", "欧阳茉莉", "欧阳茉", "  欧阳茉莉 "):
        assert no in [row["case_no"] for row in work.search(CLERK, words)["rows"]], words
    assert {row["case_no"] for row in work.search(CLERK, "欧阳")["rows"]} == {no, *others}
    for words in ("", "   ", "%", "_", "欧阳_莉", "'--", "\x00", "没有", "x" * 10_000):
        assert work.search(CLERK, words)["rows"] == [], words
    for role in (Role.ADMIN, Role.OVERSEER):
        with pytest.raises(TongbanError, match="forbidden"):
            work.search(Actor("x", role), no)


def test_a_rebuild_makes_the_same_desk_and_verify_finds_a_row_that_was_touched(town: Town) -> None:
    no = town.file("township", item=district_item(town), actor=CLERK)
    town.do("township", no, "accept", CLERK)
    center = town["township"].center
    before = part(town, "township", EXAMINER)
    assert center.upkeep.verify()["ok"]
    center.store.run(lambda tx: tx.connection.execute("UPDATE cases SET awaits='deliver' WHERE case_no=?", (no,)) and None)
    assert not center.upkeep.verify()["ok"]
    center.upkeep.rebuild()
    assert center.upkeep.verify()["ok"] and part(town, "township", EXAMINER) == before


def test_the_tracker_follows_a_case_from_the_village_and_back(town: Town) -> None:
    def way(node: str) -> list[tuple[str, str, str]]:
        rows = town[node].center.cases.case(no, DIRECTOR)["tracker"]
        return [(row["step"], row["state"], row.get("why") or "") for row in rows]

    no = town.file("village", item=district_item(town))
    assert [state for _, state, _ in way("village")].count("now") == 1
    town.act("village", no, "hand_over")
    steps = {step: (state, why) for step, state, why in way("village")}
    assert any(state == "now" and why for state, why in steps.values())  # the reason of the wait is said
    town.heal()
    town.do("township", no, "receive", CLERK)
    town.do("township", no, "accept", CLERK)
    town.heal()
    below, above = ([pair[:2] for pair in way(node)] for node in ("village", "township"))
    assert below == above and [state for _, state in above] == sorted(
        (state for _, state in above), key=["done", "now", "todo"].index
    )


def test_the_time_of_a_case_is_split_without_a_rest(town: Town) -> None:
    no = town.file("township", item=district_item(town), actor=CLERK)
    town.world.advance(3 * DAY)
    town.do("township", no, "accept", CLERK)
    town.world.advance(2 * DAY)
    town.do("township", no, "complete_step", EXAMINER)
    town.do("township", no, "refer", APPROVER)
    town.world.advance(DAY)
    town.heal()
    town.world.advance(4 * DAY)
    case = town["township"].center.cases.case(no, CLERK)
    spent = case["time_split"]
    assert 10 * DAY <= sum(spent.values()) < 10 * DAY + 60_000 and all(ms >= 0 for ms in spent.values())
