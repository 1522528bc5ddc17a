"""What people read of a case: one line an event, whose turn it is."""

from __future__ import annotations

from typing import Any, cast

from edge_ui.web.hall.story import story, turn_of
from node.domain.cases.documents import CaseDocument, TimelineRow


def row(action: str, node: str = "village", staff: str = "zhou", at: str = "2026-11-29T19:02:00+08:00") -> TimelineRow:
    return cast(TimelineRow, {"action": action, "node": node, "staff": staff, "recorded_at": at, "dated": at, "told": []})


def names(*rows: TimelineRow) -> list[str]:
    return [one.row["action"] for one in story(rows)]


def test_a_lodging_is_one_event_with_its_files() -> None:
    rows = [row("draft_saved"), row("lodged"), row("material_added"), row("material_added"), row("custody_offered")]
    told = story(rows)
    assert [(one.row["action"], one.files) for one in told] == [("lodged", 2), ("custody_offered", 0)]
    assert names(row("draft_saved"), row("submitted"), row("material_added")) == ["submitted"]


def test_a_material_that_comes_later_is_an_event_of_its_own() -> None:
    assert names(row("submitted"), row("correction_requested"), row("material_added")) == [
        "submitted", "correction_requested", "material_added",
    ]  # fmt: skip


def test_a_hand_over_is_one_event_that_says_when_it_came() -> None:
    taken = row("custody_taken", "township", "system", "2026-11-29T19:03:00+08:00")
    told = story([row("lodged"), row("custody_offered"), taken, row("opened", "township"), row("received", "township")])
    assert [one.row["action"] for one in told] == ["lodged", "custody_offered", "received"]
    assert told[1].arrived == "2026-11-29T19:03:00+08:00"


def case(**parts: Any) -> CaseDocument:
    stage = {"step": "accepted", "tier": "township", "at": None, "state": "now", "why": "accept", "since": None, "until": None}
    known: dict[str, Any] = {
        "tracker": [stage], "transit": None, "owner": None, "step": {"post": "clerk"}, "custodian_name": "大智街道",
        "moved_at": "2026-11-29T19:02:00+08:00", "deadlines": [], "due": None,
    }  # fmt: skip
    return cast(CaseDocument, known | parts)


def test_whose_turn_it_is_names_unit_post_and_person() -> None:
    turn = turn_of(case(owner={"name": "刘洋"}))
    assert turn is not None and (turn.unit, turn.post, turn.person, turn.since) == (
        "大智街道", "clerk", "刘洋", "2026-11-29T19:02:00+08:00",
    )  # fmt: skip
    on_the_way = turn_of(case(transit={"to_name": "江岸区", "since": "2026-11-29T20:00:00+08:00"}, step=None))
    assert on_the_way is not None and (on_the_way.unit, on_the_way.since) == ("江岸区", "2026-11-29T20:00:00+08:00")
    assert turn_of(case(tracker=[])) is None
