"""The lists beside the cases (signals, orders, appeals, reminders, findings) over some thousands of rows: each page is a walk of an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from node.domain.words.errors import TongbanError
from node.services.supervision.cards import STATES
from node.store import appeals, findings, orders, prompts, signals
from node.store.signals import Wanted
from node.store.store import Tx, View
from scripts.bench_parts.beside import TABLES
from tests.services.nodes import HandClock, Small, make_root

MANY, OTHER, NEWEST = 3_000, b"\1" * 16, (1 << 62, b"\xff" * 32)
LONE, MOVED, LOWERED = 7, 10, 22  # a card that was only served, one that an appeal moved to OTHER, one that it lowered


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Small:
    made = make_root(tmp_path_factory.mktemp("beside") / "city", HandClock())
    codes, now = {made.id: made.store.place.code}, made.clock.now()

    def fill(tx: Tx) -> None:
        for table, row in TABLES.items():
            rows = [row(n, made.id, codes, now - n // 2 * 1000, n + 1, MANY) for n in range(MANY)]  # two of each moment
            tx.connection.executemany(f"INSERT INTO {table} VALUES({','.join('?' * len(rows[0]))})", rows)
        card = {n: TABLES["signals"](n, made.id, codes, now, n, MANY)[0] for n in (LONE, MOVED, LOWERED)}
        tx.connection.execute("DELETE FROM signals WHERE id=?", (card[LONE],))
        final = "UPDATE appeals SET state='final', outcome=?, to_node=? WHERE card=?"
        tx.connection.execute(final, ("reassign", OTHER, card[MOVED]))
        tx.connection.execute(final, ("downgrade", b"", card[LOWERED]))

    made.store.run(fill)
    return made


def walked(page: Callable[[tuple[int, bytes]], tuple[list[signals.Row], int]]) -> tuple[list[signals.Row], int]:
    """All pages of a list, and how many it said there are."""
    seen, before, total = list[signals.Row](), NEWEST, 0
    while True:
        rows, total = page(before)
        if not rows:
            return seen, total
        seen += rows
        before = (rows[-1].fell_ms, rows[-1].id)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), MANY), (Wanted(rule="T02"), MANY // 3), (Wanted(charged=[OTHER]), 1), (Wanted(rungs=("warn",)), MANY // 4 + 1),
        (Wanted(rungs=("yellow",)), MANY // 4 - 1), (Wanted(state="moved"), 1), (Wanted(charged=[]), 0),
    ],
)  # fmt: skip
def test_pages_of_signals_show_every_one_once_the_newest_first(city: Small, wanted: Wanted, found: int) -> None:
    with city.store.reading() as view:
        seen, total = walked(lambda before: signals.page(view.connection, wanted, before, 200))
    assert len({one.id for one in seen}) == len(seen) == total == found
    assert [(one.fell_ms, one.id) for one in seen] == sorted(((one.fell_ms, one.id) for one in seen), reverse=True)


def test_the_cards_in_force_of_the_desk_are_those_of_the_list_by_an_index(city: Small) -> None:
    asked = list[str]()
    with city.store.reading() as view:
        view.connection.set_trace_callback(asked.append)
        count = signals.in_force(view.connection, ("red", "yellow"), Wanted())
        first = {rung: signals.longest(view.connection, rung, Wanted(), 7) for rung in ("red", "yellow")}
        view.connection.set_trace_callback(None)
        for rung in ("red", "yellow"):
            listed = partial(signals.page, view.connection, Wanted((rung,), state="in_force"), limit=200)
            seen, total = walked(listed)
            assert sum(n for (of, _), n in count.items() if of == rung) == len(seen) == total > 7
            assert [one.id for one in first[rung]] == [one.id for one in reversed(seen)][:7]
        for sql in asked:
            plan = [row[3] for row in view.connection.execute("EXPLAIN QUERY PLAN " + sql)]
            assert not any(line.startswith(("SCAN d", "SCAN v")) and "INDEX" not in line for line in plan), plan


def of_state(view: View, state: str, before: tuple[int, bytes]) -> tuple[list[signals.Row], int]:
    return signals.page(view.connection, Wanted(state=state), before, 200)


def test_every_signal_stands_in_one_state_and_is_counted_there(city: Small) -> None:
    with city.store.reading() as view:
        every, _ = walked(lambda before: signals.page(view.connection, Wanted(), before, 200))
        for state in STATES:
            seen, total = walked(partial(of_state, view, state))
            assert {one.id for one in seen} == {one.id for one in every if one.state == state} and total == len(seen), state


def test_cards_in_force_are_counted_as_they_are_listed(city: Small) -> None:
    with city.store.reading() as view:
        rows, total = walked(lambda before: signals.page(view.connection, Wanted(state="in_force"), before, 200))
        for given in (Wanted(), Wanted(items=["ZW007"]), Wanted(items=["ZW007"], other_items=True)):
            listed = Counter(
                (row.counts_as, row.answers)
                for row in rows
                if row.counts_as in ("yellow", "red")
                and (given.items is None or (row.item_id in given.items) != given.other_items)
            )
            assert signals.in_force(view.connection, ("yellow", "red"), given) == listed
            whole = signals.in_force(view.connection, ("yellow", "red"), given, by_unit=False)
            assert {rung: n for (rung, _), n in whole.items()} == Counter(rung for rung, _ in listed.elements())
    assert len(rows) == total > 100


def test_a_unit_answers_for_its_own_cards_but_for_those_that_were_moved(city: Small) -> None:
    with city.store.reading() as view:
        own, total = signals.page(view.connection, Wanted(charged=[city.id]), NEWEST, 200)
        (moved,), _ = signals.page(view.connection, Wanted(charged=[OTHER]), NEWEST, 200)
        lone = signals.one_of(view.connection, TABLES["served"](LONE, city.id, {}, 0, 0, MANY)[1])  # type: ignore[arg-type]
    assert total == MANY - 1 and all(one.answers == city.id for one in own) and moved.charged == city.id
    assert lone is not None and lone.entry and not lone.ended_ms


def test_pages_of_findings_show_every_one_once_the_newest_first(city: Small) -> None:
    seen, before = list[findings.Found](), findings.LAST
    with city.store.reading() as view:
        city_findings = findings.by_kind(view.connection)
        while page := findings.page(view.connection, None, before, 200)[0]:
            seen += page
            before = (page[-1].at_ms, page[-1].id)
        total = findings.page(view.connection, None, findings.LAST, 1)[1]
        latest = findings.latest(view.connection, 20)
        by_author = findings.by_author(view.connection)
    places = [(one.at_ms, one.id) for one in seen]
    assert len(set(places)) == len(places) == total == 2 * MANY == sum(city_findings.values()) == by_author[city.id]
    assert places == sorted(places, reverse=True) and [one.id for one in latest] == [one.id for one in seen[:20]]


PAGES: dict[str, tuple[str, Callable[[View], object]]] = {
    "signals": ("signals_fell", lambda view: signals.page(view.connection, Wanted(), NEWEST, 50)),
    "signals of a unit": ("signals_charged", lambda view: signals.page(view.connection, Wanted(charged=[OTHER]), NEWEST, 50)),
    "findings": ("marks_at", lambda view: findings.page(view.connection, None, findings.LAST, 50)),
    "findings of a unit": ("marks_author", lambda view: findings.page(view.connection, [OTHER], findings.LAST, 50)),
    "orders": ("orders_since", lambda view: orders.page(view, orders.Asked(), 1 << 62, 50)),
    "appeals": ("appeals_since", lambda view: appeals.page(view, appeals.Asked(), 1 << 62, 50)),
    "reminders": ("prompts_arrival", lambda view: prompts.page(view, prompts.Wanted(), 1 << 62, 50)),
}


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_is_a_walk_of_an_index(city: Small, name: str) -> None:
    """EXPLAIN: nothing is put in order but what is of one moment, and what a unit has."""
    index, ask = PAGES[name]
    plans = planned(city, ask)
    pages = [plan for sql, plan in plans if "LIMIT" in sql and "ORDER BY" in sql]
    first = next(plan for plan in pages if any(index in line for line in plan))
    assert "unit" in name or first[-1] != "USE TEMP B-TREE FOR ORDER BY", first
    assert not any(line.startswith(("SCAN", "CO-ROUTINE", "MATERIALIZE")) and "switched_off" not in line for line in first), first


def test_what_is_found_of_nodes_is_counted_without_a_look_at_each(city: Small) -> None:
    """The database keeps how many there are; put in, deleted and switched off for a time they are what looking at each says."""
    asked = [sql for sql, _ in planned(city, lambda view: findings.by_author(view.connection))]
    assert not any("FROM marks m" in sql or "FROM suspected m" in sql for sql in asked)
    with city.store.reading() as view:
        assert said(view) == looked(view) and sum(said(view).values()) > MANY

    def fewer(tx: Tx) -> None:
        tx.connection.execute("DELETE FROM suspected WHERE at_ms % 7000 = 0")
        assert said(tx) == looked(tx)
        tx.connection.execute("INSERT INTO switched_off VALUES('batch_entry', 0, ?)", (tx.now() - 600_000,))
        before, after = sum(said(tx).values()), findings.page(tx.connection, None, findings.LAST, 5)[1]
        assert said(tx) == looked(tx) and after == before
        raise TongbanError("not_found", what="undone")

    with pytest.raises(TongbanError):
        city.store.run(fewer)


def said(view: View | Tx) -> dict[tuple[str, bool], int]:
    return findings.by_kind_of(view.connection)


def looked(view: View | Tx) -> dict[tuple[str, bool], int]:
    """Each one looked at."""
    every = (f"SELECT kind, about <> 'chain' FROM ({source})" for source in findings._EACH)
    return dict(Counter((kind, bool(flag)) for sql in every for kind, flag in view.connection.execute(sql)))


def planned(city: Small, ask: Callable[[View], object]) -> Sequence[tuple[str, list[str]]]:
    asked: list[str] = []
    with city.store.reading() as view:
        view.connection.set_trace_callback(asked.append)
        ask(view)
        view.connection.set_trace_callback(None)
        return [(sql, [row[3] for row in view.connection.execute("EXPLAIN QUERY PLAN " + sql)]) for sql in asked]
