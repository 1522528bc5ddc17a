"""The lists of supervision over 50,000 cases: pages by key, counts by index, and no list walks what it does not show."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from node.domain.calendar import day_of
from node.services.supervision.looked import start_of
from node.store import drawing, measures
from node.store.measures import VIEWS, Day, Narrow
from tests.services.nodes import HandClock, Small, count_anew, make_root
from tests.services.test_charged import OVERSEER
from tests.services.test_oversight import overseen

MANY, STEPS = 50_000, ("examine", "accept", "approve", "receive")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A city with 50,000 cases, one in fifty open, a few of them overdue, on the way, reminded or ended otherwise."""
    made = make_root(tmp_path_factory.mktemp("many") / "city", HandClock())
    now, today = made.clock.now(), day_of(made.clock.now())

    def row(n: int) -> dict[str, object]:
        is_open, on_way = n % 50 == 0, n % 500 == 0
        due = (today + dt.timedelta(days=n // 50 % 40 - 4)).isoformat() if is_open else None
        return {
            "case_no": f"c{n}", "status": "in_transit" if on_way else "accepted" if is_open else "delivered",
            "custodian": b"" if on_way else made.id, "origin": made.id, "item_id": f"ZW{n % 90:03}", "version": 5, "term": 1,
            "head": bytes(32), "filed_at": now - n * 60_000, "accepted_at": 0, "decided_at": 0 if is_open else now - n * 60_000,
            "concluded_at": 0, "delivered_at": 0, "decision": "" if is_open else "approved", "offered_to": made.id if on_way else None,
            "offered_by": made.id if on_way else None, "due": due, "unsure": 0, "first_arrival": n + 1, "parked": 0, "voided": 0,
            "awaits": "examine" if is_open else None, "turn_due": due or "9999-12-31", "back": 0, "doubted": 0, "owner": "", "gap_due": None,
            "turned": 0, "turned_by": "", "since": now - n * 60_000, "step": STEPS[n % 4] if is_open else "", "pressed": n % 1000 == 0,
            "clock": "P" if is_open else "",
        }  # fmt: skip

    rows = [row(n) for n in range(MANY)]
    ended = [(f"c{n}", "refused", now - n * 60_000, made.id, "9999-12-31", n + 1) for n in range(MANY) if n % 200 == 1]

    def fill(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]
        names = ", ".join(rows[0])
        connection.executemany(
            f"INSERT INTO cases({names}) VALUES({', '.join('?' * len(rows[0]))})", [tuple(one.values()) for one in rows]
        )
        connection.executemany("INSERT INTO ends VALUES(?,?,?,?,?,?)", ended)
        connection.execute("ANALYZE")

    made.store.run(fill)
    count_anew(made)
    return made


def day(city: Small) -> Day:
    today = day_of(city.clock.now())
    return Day(today, start_of(today), [], [], city.id)


@pytest.mark.parametrize("view", list(VIEWS))
def test_pages_by_key_show_every_row_once(city: Small, view: str) -> None:
    with city.store.reading() as at:
        total, after, seen = measures.total(at.connection, VIEWS[view], Narrow(), day(city)), ("", 0), list[str]()
        if total > 3000:
            pytest.skip("the same walk, longer")
        while page := measures.page(at.connection, VIEWS[view], Narrow(), day(city), after, 200):
            seen += [row[0] for row in page]
            after = (page[-1][1], page[-1][2])
    assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize(
    ("view", "index"),
    [
        ("open", "cases_undone"), ("due_today", "cases_undone"), ("overdue", "cases_undone"), ("unassigned", "cases_undone"),
        ("unknown", "cases_un"), ("in_transit", "cases_offered"), ("transit_long", "cases_offered"), ("stopped", "cases_stopped"),
        ("unanswered_reminders", "cases_"), ("unheard", "cases_undone"), ("abnormal", "ends"), ("turned_away", "ends_turn"), ("drawn", "case_no=?"),
    ],
)  # fmt: skip
def test_no_list_walks_all_cases(city: Small, view: str, index: str) -> None:
    """EXPLAIN: an index that holds only what is open, on the way or ended otherwise."""
    asked: list[str] = []
    with city.store.reading() as at:
        at.connection.set_trace_callback(asked.append)
        measures.page(at.connection, VIEWS[view], Narrow(), day(city), ("", 0), 50)
        measures.total(at.connection, VIEWS[view], Narrow(), day(city))
        at.connection.set_trace_callback(None)
        for sql in asked:
            plan = [row[3] for row in at.connection.execute("EXPLAIN QUERY PLAN " + sql)]
            if "rolled" in sql:  # a figure: of each scope one stretch of the roll-ups
                assert "(level=? AND place=?" in plan[-1] or view == "unheard", (view, plan)  # nobody is silent: of no scope
                continue
            first = next(line for line in plan if line.startswith(("SCAN", "SEARCH")))
            assert index in first and first not in ("SCAN c", "SCAN cases"), (view, plan)


def test_the_draw_of_a_month_reads_the_cases_of_that_month(city: Small) -> None:
    """EXPLAIN: indexes of when cases were decided and ended, and no walk."""
    asked: list[str] = []
    with city.store.reading() as at:
        at.connection.set_trace_callback(asked.append)
        for found in (drawing.decided, drawing.turned_away):
            found(at.connection, city.clock.now() - 86_400_000, city.clock.now())
        at.connection.set_trace_callback(None)
        plans = [[row[3] for row in at.connection.execute("EXPLAIN QUERY PLAN " + sql)] for sql in asked]
    assert len(plans) == 2 and not [line for plan in plans for line in plan if line.startswith("SCAN")], plans
    assert any("cases_decided_at" in line for line in plans[0]) and any("ends_" in line for line in plans[1]), plans


def test_the_desk_over_many_takes_no_longer_than_a_few_hundredths(city: Small) -> None:
    oversight = overseen(city)
    begin = time.process_time()
    found = oversight.desk({}, OVERSEER)
    assert {one["view"]: one["value"] for one in found["figures"]}["open"] == MANY // 50
    assert time.process_time() - begin < 0.6  # on a loaded machine; 0.05 s alone
