"""A shorter limit published today: cases received before keep theirs, at every tier, whatever came first."""

from __future__ import annotations

import pytest

from federation.protocol.envelope import Cites
from node.domain.cases.documents import Deadline
from node.domain.model import Actor, Role
from node.services.upkeep.verification import rebuild, verify
from tests.support.network import AGENT, CLERK, DAY, DIRECTOR, Town

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)
TIERS = ("city", "district", "township", "village")


def publish(town: Town, **numbers: float) -> None:
    text = "\n".join(['kind = "limits"', *(f"{name} = {value}" for name, value in numbers.items())])
    town["city"].center.catalog.import_rules(text.encode(), EDITOR)


def stored(town: Town, name: str, case_no: str) -> str | None:
    with town[name].center.store.reading() as view:
        row = view.connection.execute("SELECT due FROM cases WHERE case_no=?", (case_no,)).fetchone()
    return row[0] if row else None


def seen(town: Town, case_no: str, names: tuple[str, ...] = TIERS[:3]) -> dict[str, tuple[str | None, str | None]]:
    """What each node says of the due day: the case as it is shown, and the query table."""
    readers = {"city": DIRECTOR, "district": DIRECTOR, "township": DIRECTOR, "village": AGENT}
    return {
        name: (town[name].center.cases.case(case_no, readers[name])["due"], stored(town, name, case_no))
        for name in names
    }  # fmt: skip


def all_say(town: Town, case_no: str, due: str | None, names: tuple[str, ...] = TIERS[:3]) -> bool:
    return seen(town, case_no, names) == dict.fromkeys(names, (due, due))


def deadline(town: Town, name: str, case_no: str, clock: str) -> Deadline:
    rows = town[name].center.cases.case(case_no, DIRECTOR)["deadlines"]
    return next(row for row in rows if row["clock"] == clock)


def test_what_was_received_before_keeps_its_limit_and_what_comes_after_has_the_shorter(town: Town) -> None:
    """2026-03-02 is a Monday: five working days end on the 9th, three on the 5th."""
    before = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    publish(town, notice_days=3)
    between = town.file("township", item="ZW002", actor=CLERK)  # the new limits have not come here: the old ones are cited
    town.heal()
    after = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    for node in town.nodes.values():
        node.center.tick()
    assert all_say(town, before, "2026-03-09") and all_say(town, between, "2026-03-09") and all_say(town, after, "2026-03-05")
    old, new = deadline(town, "city", before, "R"), deadline(town, "city", after, "R")
    assert (old["limit"], old["basis"]) == (5, "licensing_law_32") and (new["limit"], new["basis"]) == (3, "published_limits")
    for name in TIERS:
        rebuild(town[name].center.store)
        assert verify(town[name].center.store)["ok"], name
    assert all_say(town, before, "2026-03-09") and all_say(town, after, "2026-03-05")


def test_the_promise_shrinks_and_what_the_law_attaches_to_silence_does_not(town: Town) -> None:
    """After three days the office is late; after five the licence is accepted by law, and not before."""
    publish(town, notice_days=3)
    town.heal()
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.world.advance(4 * DAY)  # Friday the 6th
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    shown = town["township"].center.cases.case(case_no, DIRECTOR)
    assert (shown["status"], shown["light"]) == ("submitted", "overdue")
    town.world.advance(5 * DAY)
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    assert town["township"].status(case_no) == "accepted"


def test_each_clock_goes_by_the_limits_cited_when_it_started(town: Town) -> None:
    """Received under five days and ten to serve; decided after the office promised to serve within four."""
    case_no = town.file("township", item="ZW007", actor=CLERK)
    town.heal()
    publish(town, notice_days=3, service_days=4)
    town.heal()
    assert deadline(town, "township", case_no, "R")["limit"] == 5
    town.do("township", case_no, "request_correction", CLERK)
    town.world.advance(DAY)
    town.do("township", case_no, "supply_correction", CLERK)
    town.heal()
    assert {deadline(town, name, case_no, "R")["limit"] for name in TIERS[:3]} == {3}  # a complete supply starts R anew
    publish(town, notice_days=4, service_days=9)
    town.heal()
    town.do("township", case_no, "accept", CLERK)
    town.do("township", case_no, "undo", CLERK)  # the clocks are as if nothing had been done
    town.heal()
    assert {deadline(town, name, case_no, "R")["limit"] for name in TIERS[:3]} == {3}


def test_while_the_cited_limits_are_not_here_the_due_day_is_unknown_and_never_green(town: Town) -> None:
    """The village hears of the acceptance before the limits come down that it cites."""
    case_no = town.file("village", actor=AGENT)
    town.heal()
    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    town.do("township", case_no, "receive", CLERK)
    town.lines["village"].objects_up = False
    publish(town, notice_days=3)
    town.heal()
    town.do("township", case_no, "accept", CLERK)
    town.heal()
    village = town["village"].center
    assert village.catalog.snapshot().cites().rules == 0 and town["village"].status(case_no) == "accepted"
    shown = village.cases.case(case_no, AGENT)
    assert (shown["due"], shown["light"], shown["deadlines"], stored(town, "village", case_no)) == (None, "unknown", [], None)
    due = town["township"].center.cases.case(case_no, CLERK)["due"]
    assert due and all_say(town, case_no, due)
    town.lines["village"].objects_up = True
    town.heal()
    village.tick()
    assert all_say(town, case_no, due, TIERS) and village.cases.case(case_no, AGENT)["light"] == "green"
    rebuild(village.store)
    assert verify(village.store)["ok"] and all_say(town, case_no, due, TIERS)


def test_a_village_that_was_cut_off_for_two_revisions_counts_each_case_by_its_own(town: Town) -> None:
    cases = []
    town.cut("village")
    for days in (5, 4, 3):
        publish(town, notice_days=days)
        town.settle()
        cases.append((town.file("township", item="ZW002", actor=CLERK), days))
    town.heal()
    for node in town.nodes.values():
        node.center.tick()
    dues = {5: "2026-03-09", 4: "2026-03-06", 3: "2026-03-05"}
    assert all(all_say(town, case_no, dues[days]) for case_no, days in cases)
    assert set(town["village"].center.catalog.snapshot().limits) == {0, 1, 2, 3}


def test_what_cites_a_revision_that_never_was_is_unknown_everywhere_and_stops_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(town, notice_days=3)
    town.heal()
    township = town["township"].center
    monkeypatch.setattr(township.store.catalog, "cites", lambda: Cites(1, 1, 999))
    case_no = town.file("township", item="ZW002", actor=CLERK)
    monkeypatch.undo()
    town.heal()
    assert all_say(town, case_no, None)
    assert {town[name].center.cases.case(case_no, DIRECTOR)["light"] for name in TIERS[:3]} == {"unknown"}
    town.do("township", case_no, "accept", CLERK)  # the next clock is started by an entry that says what is true
    town.heal()
    assert {town[name].center.cases.case(case_no, DIRECTOR)["light"] for name in TIERS[:3]} == {"green"}
