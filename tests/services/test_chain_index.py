"""What is asked of the chain of a node is found by the index of chains: a city has millions of entries and thousands of nodes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from node.store import hearings, maintenance, reports
from node.store.store import View
from tests.support.network import Town

QUESTIONS: dict[str, Callable[[View, bytes], object]] = {
    "began": lambda view, node: reports.began(view.connection, node),
    "all_began": lambda view, node: reports.all_began(view.connection),
    "head": lambda view, node: reports.head(view.connection, node, 1 << 62),
    "concerned": lambda view, node: reports.concerned(view.connection, 0, {node: (1, 0)}),
    "is_whole": lambda view, node: hearings.is_whole(view.connection, node, (1, 0), (1, 2)),
    "moved_since": lambda view, node: hearings.moved_since(view.connection, node, (1, 0), "heard"),
    "good_head": lambda view, node: hearings.good_head(view.connection, node),
    "openings": lambda view, node: maintenance.openings(view.connection, node),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_chain_is_found_by_its_index(name: str, town: Town) -> None:
    center = town["township"].center
    with center.store.reading() as view:
        said: list[str] = []
        view.connection.set_trace_callback(said.append)
        QUESTIONS[name](view, town["village"].id)
        view.connection.set_trace_callback(None)
        asked = [sql for sql in said if "entries" in sql]
        plans = [str(row[3]) for sql in asked for row in view.connection.execute("EXPLAIN QUERY PLAN " + sql)]
    assert asked and [one for one in plans if one.startswith(("SCAN entries", "SCAN e "))] == [], plans
    assert any("entries_chain" in one for one in plans), plans
