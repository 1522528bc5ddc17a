"""Revisions of the calendar between nodes: every tier counts the same days, a restored root publishes nothing twice, and what has not
come is unknown (FOUND 7)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from node.domain.model import SYSTEM, Actor, Role
from node.domain.words.errors import TongbanError
from node.services.catalog import publishing
from node.services.upkeep.backup import backup
from node.store import catalog_tables as tables
from node.store.projected.rollups import recount
from tests.network.editing import changed_item
from tests.network.healed import check_healed
from tests.network.invariants import History
from tests.network.test_heard import HOUR, pass_time
from tests.support.network import APPROVER, CLERK, DAY, DIRECTOR, Town, four_tiers

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)
OVERSEER = Actor("s-overseer", Role.OVERSEER)
HALLS = ("city", "district", "township")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def publish(town: Town, *off: str) -> int:
    """Days of 2026 (MM-DD) that are off from now on, the others as they are; the revision."""
    days = town["city"].center.days
    for day in off[:-1]:
        days.stage(f"2026-{day}", "off", "调休", EDITOR)
    return days.change(f"2026-{off[-1]}", "off", "调休", EDITOR)["revision"]


def tick(town: Town) -> None:
    """The lines are up, everybody is heard, and the tables have followed."""
    town.heal()
    pass_time(town, HOUR)
    for node in town.nodes.values():
        node.center.tick()


def said(town: Town, name: str, case_no: str) -> tuple[Any, ...]:
    """What a tier says of the dates of a case: on its page, in its list, in its table."""
    document = town[name].center.cases.case(case_no, DIRECTOR)
    with closing(sqlite3.connect(town[name].folder / "node.db")) as connection:
        row = connection.execute("SELECT due, unsure FROM cases WHERE case_no=?", (case_no,)).fetchone()
    clocks = [(one["clock"], one["due"], one["other_date"]) for one in document["deadlines"]]
    return document["due"], document["light"], clocks, row


def extended(town: Town) -> str:
    """A licence at the district, accepted on Monday 2026-03-02 and extended while the line to the city is down, where meanwhile a
    calendar is published."""
    case_no = town.file("district", item="ZW002")
    town.do("district", case_no, "accept", CLERK)
    town.heal()
    town.cut("district")
    publish(town, "03-17")
    town.world.advance(2 * DAY)
    town.do("district", case_no, "extend", APPROVER)
    return case_no


# every tier the same -----------------------------------------------------------------------------------------------------


def test_an_extended_case_is_due_on_the_same_day_at_every_tier_after_a_calendar_came_late(town: Town) -> None:
    case_no = extended(town)
    tick(town)
    assert said(town, "city", case_no) == said(town, "district", case_no)
    assert said(town, "city", case_no)[0] == "2026-03-31", "ten days, ten days more, and the 17th is off"
    for name in HALLS:
        assert town[name].center.upkeep.verify()["ok"], name


def test_days_that_were_counted_are_not_taken_back_and_both_dates_stand(town: Town) -> None:
    """Published on the 4th: the 3rd, which was counted, and the 12th become days off."""
    case_no = town.file("township")
    town.do("township", case_no, "accept")
    town.heal()
    before = {one["clock"]: one["due"] for one in town["city"].center.cases.case(case_no, DIRECTOR)["deadlines"]}
    town.world.advance(2 * DAY)
    for day in ("03-03", "03-12"):
        publish(town, day)
    tick(town)
    for name in HALLS:
        document = town[name].center.cases.case(case_no, DIRECTOR)
        found = {one["clock"]: one for one in document["deadlines"]}
        assert found["P"]["due"] == before["P"], "what was printed stays"
        if before["P"] >= "2026-03-12":
            assert found["P"]["other_date"] is not None and "已告知的承诺日期不变" in found["P"]["sentence"]
    assert said(town, "city", case_no) == said(town, "township", case_no) == said(town, "district", case_no)


def test_who_joins_late_counts_by_every_calendar_that_a_case_may_cite(town: Town) -> None:
    """The case was accepted by the first calendar; the second takes back a day of before, so that the latest alone would say otherwise."""
    case_no = town.file("district")
    town.do("district", case_no, "accept", CLERK)
    town.world.advance(3 * DAY)
    publish(town, "03-03")
    publish(town, "03-13")
    town.heal()
    late = town.child("late", "district", "420102003000", "township")
    town.heal()
    found = late.center.catalog.snapshot().calendars
    assert found.marks == town["city"].center.catalog.snapshot().calendars.marks and len(found.marks) == 3
    tick(town)
    assert said(town, "city", case_no) == said(town, "district", case_no)


def test_an_entry_cites_the_document_and_not_only_its_number(town: Town) -> None:
    publish(town, "03-17")
    town.heal()
    town.file("township")
    cited = town["township"].center.catalog.snapshot().cites()
    with town["city"].center.store.reading() as view:
        (row,) = [row for row in tables.active(view.connection) if row.kind == "calendar"]
    assert (cited.calendar, cited.calendar_mark) == (2, row.manifest[:8])


def test_a_due_day_that_was_altered_in_the_table_is_found(town: Town) -> None:
    case_no = extended(town)
    tick(town)
    assert town["city"].center.upkeep.verify()["ok"]
    town["city"].center.store.run(
        lambda tx: tx.connection.execute("UPDATE cases SET due='2099-01-01' WHERE case_no=?", (case_no,)) and None
    )
    assert {one["code"] for one in town["city"].center.upkeep.verify()["problems"]} == {"query_table"}


# a root that was restored ------------------------------------------------------------------------------------------------


def restored_root(town: Town, tmp_path: Path) -> None:
    """The root published a second calendar, which the district has; its disk burns, and the backup knows nothing of it."""
    copy = tmp_path / "copy.zip"
    backup(town["city"].center.store, copy)
    publish(town, "03-17")
    town.heal()
    town.burn("city", copy)


def test_a_root_that_is_unconfirmed_publishes_nothing_and_says_whom_it_waits_for(town: Town, tmp_path: Path) -> None:
    restored_root(town, tmp_path)
    with pytest.raises(TongbanError) as caught:
        publish(town, "03-18")
    assert caught.value.code == "unconfirmed" and "420102000000" in caught.value.sentence("zh")
    with pytest.raises(TongbanError, match=r"^unconfirmed"):
        town["city"].center.catalog.import_rules(b'kind = "limits"\nnotice_days = 3\n', EDITOR)
    with pytest.raises(TongbanError, match=r"^unconfirmed"):
        town["city"].center.catalog.import_csv(changed_item(3), EDITOR)
    tick(town)
    assert town["city"].center.catalog.calendar().revision == 2, "what it had published came back"
    assert publish(town, "03-18") == 3


def two_of_one_number(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root of before 1.0, or an altered one: it publishes without asking its children."""
    restored_root(town, tmp_path)
    with monkeypatch.context() as harm:
        harm.setattr(publishing, "require_confirmed", lambda tx: None)
        assert publish(town, "03-18") == 2


def test_two_documents_of_one_number_are_found_everywhere_and_the_next_supersedes_both(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = town.file("township")
    town.do("township", case_no, "accept")
    town.heal()
    two_of_one_number(town, tmp_path, monkeypatch)
    tick(town)
    for name in town.nodes:
        kinds = town[name].center.upkeep.verify()["finding_kinds"]
        assert kinds.get("two_documents") == 1, name
        assert len(town[name].center.catalog.snapshot().calendars.marks) == 3, name
    assert said(town, "city", case_no) == said(town, "township", case_no) == said(town, "district", case_no)
    assert publish(town, "03-19") == 3
    tick(town)
    for name in town.nodes:
        assert town[name].center.catalog.calendar().days == town["city"].center.catalog.calendar().days, name
    assert said(town, "city", case_no) == said(town, "township", case_no) == said(town, "district", case_no)
    check_healed(town, History(damaged={"city"}))  # it published as if its disk had gone back unknown


# what has not come -------------------------------------------------------------------------------------------------------


def test_an_overlay_that_has_not_come_up_is_unknown_above_and_never_green(town: Town) -> None:
    town.scans(False)
    town["township"].center.catalog.import_csv(changed_item(3), EDITOR)
    case_no = town.file("township")
    town.do("township", case_no, "accept")
    town.heal()
    below = town["township"].center.cases.case(case_no, DIRECTOR)
    above = town["city"].center.cases.case(case_no, DIRECTOR)
    assert below["light"] == "green" and not below["lacks"]
    assert above["light"] == "unknown" and above["lacks"] == ["item"] and above["unknown_since"]
    listed = town["city"].center.oversight.listed({"view": "unknown"}, OVERSEER)
    assert [row["case_no"] for row in listed["cases"]] == [case_no] and listed["cases"][0]["light"] == "unknown"
    assert {one["view"]: one["value"] for one in listed["figures"]}["unknown"] == 1
    nodes = {row["code"]: row["unknown"] for row in town["city"].center.oversight.nodes(OVERSEER)["nodes"]}
    assert nodes[town["township"].center.place.code] == 1
    town.world.advance(10 * DAY)
    late = town["city"].center.cases.case(case_no, DIRECTOR)
    assert late["light"] in ("overdue", "yellow", "red"), "the printed promise needs no item, and it is over"
    town.scans(True)
    town.file("township")  # it is heard again
    tick(town)
    assert said(town, "city", case_no) == said(town, "township", case_no)
    assert town["city"].center.oversight.listed({"view": "unknown"}, OVERSEER)["cases"] == []
    for name in HALLS:
        assert town[name].center.upkeep.verify()["ok"], name


def test_a_publication_by_the_system_waits_for_the_neighbours_too(town: Town, tmp_path: Path) -> None:
    """An overlay follows the item above it by itself; after a restore that is done when the parent has confirmed."""
    town["township"].center.catalog.import_csv(changed_item(3), EDITOR)
    town.heal()
    copy = tmp_path / "copy.zip"
    backup(town["township"].center.store, copy)
    town.burn("township", copy)
    with pytest.raises(TongbanError, match=r"^unconfirmed"):
        town["township"].center.store.run(lambda tx: publishing.publish_document(tx, "papers", {}, SYSTEM))
    town.heal()
    assert town["township"].center.catalog.item("ZW007").promised_limit == 3  # type: ignore[union-attr]


def test_how_far_over_a_case_is_does_not_change_with_what_is_said_of_days_that_are_gone(town: Town) -> None:
    """Over by the days that counted: a calendar published later that takes one of them away moves nothing back, at any tier."""
    no = town.file("township")
    town.do("township", no, "accept")
    town.world.advance(60 * DAY)
    tick(town)

    def over() -> set[int]:
        rows = [town[name].center.cases.case(no, DIRECTOR)["over_days"] for name in HALLS]
        rows += [town[name].center.oversight.cases({"view": "overdue"}, OVERSEER)["cases"][0]["over_days"] for name in HALLS]
        return {*rows, *(-min(one["left"] for one in town[name].center.cases.case(no, DIRECTOR)["deadlines"]) for name in HALLS)}

    (before,) = over()
    assert before > 5
    due = town["city"].center.cases.case(no, DIRECTOR)["due"]
    publish(town, "04-21", "04-22")  # working days between the due day and now
    tick(town)
    assert town["city"].center.cases.case(no, DIRECTOR)["due"] == due
    assert over() == {before}


def test_what_cannot_be_known_is_a_figure_of_its_own(town: Town) -> None:
    """Neither in time nor overdue: open cases whose item has not come here count as unknown, and the figure leads to exactly them."""
    no = town.file("township")
    town.do("township", no, "accept")
    town.heal()
    city = town["city"].center
    with closing(sqlite3.connect(town["city"].folder / "node.db")) as connection:
        connection.execute("UPDATE cases SET unsure=1, due=NULL WHERE case_no=?", (no,))
        connection.commit()
    city.store.run(lambda tx: recount(tx.connection, tx.trust, tx.identity.node_id))
    rows = city.oversight.stats(OVERSEER, "unknown", "node")["rows"]
    assert [(row["key"], row["value"]) for row in rows if row["value"]] == [(town["township"].center.place.code, 1)]
    assert [row["case_no"] for row in city.oversight.cases({"measure": "unknown"}, OVERSEER)["cases"]] == [no]
