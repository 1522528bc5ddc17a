"""Who is told of a signal (DOMAIN A2): posts as published, with fall-through, and below a township only two."""

from __future__ import annotations

from node.domain.supervision.recipients import Told, posts_of, told, told_to_role
from node.domain.supervision.rulebook import RUNGS


def test_a_post_that_nobody_holds_falls_to_the_next_in_the_list() -> None:
    held = {"window_head": ["周主任"], "center_supervision": ["吴督察"]}
    found = told(posts_of(RUNGS["yellow"], "township"), lambda post: held.get(post, []))
    assert found == [
        Told("handler", (), "window_head"), Told("window_head", ("周主任",)), Told("dept_leader", (), "center_supervision"),
        Told("center_supervision", ("吴督察",)),
    ]  # fmt: skip
    assert [one.state for one in found] == ["nobody", "held", "nobody", "held"]
    red = told(posts_of(RUNGS["red"], "district"), lambda post: ["刘洋"] if post == "handler" else [])
    assert {(one.post, one.falls_to) for one in red if one.state == "nobody"} == {
        (post, "") for post in ("dept_leader", "dept_head", "discipline_group", "discipline_secretary", "center_director")
    }  # nobody is left


def test_below_a_township_only_who_has_it_and_the_director_of_the_township() -> None:
    for rung in RUNGS.values():
        assert posts_of(rung, "village") == ("handler", "township_director"), rung.name
    found = told(posts_of(RUNGS["red"], "village"), lambda post: [] if post == "handler" else None)
    assert found == [Told("handler", (), "township_director"), Told("township_director", None)]
    assert found[1].state == "elsewhere"


def test_who_supervises_hears_of_yellow_cards_and_who_leads_of_all_that_are_served() -> None:
    assert [name for name, rung in RUNGS.items() if told_to_role(rung, "overseer")] == ["yellow"]
    assert [name for name, rung in RUNGS.items() if told_to_role(rung, "director")] == ["warn", "overdue", "yellow", "red"]
