"""The lists of supervision over 50,000 cases: pages by key, counts by index, and no list walks what it does not show."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import pytest

from node.domain.calendar import day_of
from node.domain.figures import NO_STEP
from node.services.supervision.looked import start_of
from node.store import drawing, measures
from node.store.measures import VIEWS, Day, Narrow
from tests.services.nodes import HandClock, Small, count_anew, make_root
from tests.services.test_charged import OVERSEER
from tests.services.test_oversight import overseen

MANY, STEPS = 50_000, ("examine", "accept", "approve", "receive")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A city with 50,000 cases, one in fifty open, a few of them overdue, on the way, reminded or ended otherwise; of what was decided some
    waits to be concluded or collected, or is in doubt."""
    made = make_root(tmp_path_factory.mktemp("many") / "city", HandClock())
    now, today = made.clock.now(), day_of(made.clock.now())

    def row(n: int) -> dict[str, object]:
        is_open, on_way, waits = n % 50 == 0, n % 500 == 0 or n % 4000 == 201, {3: "concluded", 4: "approved"}.get(n % 100, "")
        due = (
            (today + dt.timedelta(days=n // 50 % 40 - 24)).isoformat() if is_open or waits == "approved" or n % 600 == 1 else None
        )
        return {
            "case_no": f"c{n}", "status": "in_transit" if on_way else "accepted" if is_open else waits or "delivered",
            "custodian": b"" if on_way else made.id, "origin": made.id, "item_id": f"ZW{n % 90:03}", "version": 5, "term": 1,
            "head": bytes(32), "filed_at": now - n * 60_000, "accepted_at": 0, "decided_at": 0 if is_open else now - n * 60_000,
            "concluded_at": 0, "delivered_at": 0, "decision": "" if is_open else "approved", "offered_to": made.id if on_way else None,
            "offered_by": made.id if on_way else None, "due": due, "unsure": 0, "first_arrival": n + 1, "parked": 0, "voided": 0,
            "awaits": "examine" if is_open else None, "turn_due": due or "9999-12-31", "back": 0,
            "doubted": int(n % 600 == 1), "owner": "", "gap_due": None, "turned": 0, "turned_by": "", "since": now - n * 60_000,
            "step": STEPS[n // 50 % 4] if is_open or waits else "transit" if on_way else "", "pressed": n % 1000 == 0,
            "clock": "P" if is_open else "",
        }  # fmt: skip

    rows = [row(n) for n in range(MANY)]
    ended = [(f"c{n}", "refused", now - n * 60_000, made.id, rows[n]["turn_due"], n + 1) for n in range(MANY) if n % 200 == 1]

    def fill(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]
        names = ", ".join(rows[0])
        connection.executemany(
            f"INSERT INTO cases({names}) VALUES({', '.join('?' * len(rows[0]))})", [tuple(one.values()) for one in rows]
        )
        connection.executemany("INSERT INTO ends VALUES(?,?,?,?,?,?)", ended)
        decided = [(one["case_no"], "2026-02-20", 0, made.id, made.id) for one in rows if one["decided_at"]]
        connection.executemany("INSERT INTO decisions VALUES(?,?,?,?,?)", decided)

    made.store.run(fill)
    count_anew(made)
    return made


def day(city: Small) -> Day:
    today = day_of(city.clock.now())
    return Day(today, start_of(today), [], {}, city.id)


@pytest.mark.parametrize("view", list(VIEWS))
def test_pages_by_key_show_every_row_once(city: Small, view: str) -> None:
    with city.store.reading() as at:
        total, after, seen = measures.total(at.connection, VIEWS[view], Narrow(), day(city)), ("", 0), list[str]()
        while page := measures.page(at.connection, VIEWS[view], Narrow(), day(city), after, 200):
            seen += [row[0] for row in page]
            after = (page[-1][1], page[-1][2])
    assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize(
    ("view", "index"),
    [
        ("open", "cases_undone"), ("due_today", "cases_undone"), ("overdue", "cases_undone"), ("unassigned", "cases_undone"),
        ("unknown", "cases_un"), ("in_transit", "cases_on_way"), ("transit_long", "cases_on_way"), ("stopped", "cases_stopped"),
        ("unanswered_reminders", "cases_pressed"), ("unheard", "cases_undone"), ("abnormal", "ends"), ("turned_away", "ends_turn"),
        ("drawn", "INTEGER PRIMARY KEY"),
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


NARROWED = {
    "step": Narrow(step="approve"), "days over": Narrow(due_to="2026-02-20"), "both": Narrow(step="examine", due_to="2026-02-25"),
    "over": Narrow(step=NO_STEP), "on the way": Narrow(step="transit"),
}  # fmt: skip


@pytest.mark.parametrize("view", list(VIEWS))
@pytest.mark.parametrize("by", list(NARROWED))
def test_a_step_or_days_over_narrow_a_list_to_what_looking_at_every_case_finds(city: Small, view: str, by: str) -> None:
    narrow, measure, looked = NARROWED[by], VIEWS[view], replace(day(city), drawn=drawn(city))
    fits = {"step": "c.step = :step", "due_to": "c.due <= :due_to"}
    wanted = {"step": narrow.step.replace(NO_STEP, ""), "due_to": narrow.due_to}
    parts = [measure.condition, *(fits[name] for name in fits if getattr(narrow, name))]
    order = "c.first_arrival" if view == "drawn" else "c.turn_due, c.first_arrival"
    every = (
        "SELECT c.case_no FROM cases c NOT INDEXED LEFT JOIN decisions d ON d.case_no=c.case_no LEFT JOIN ends e ON e.case_no=c.case_no"
        f" WHERE {' AND '.join(f'({part})' for part in parts)} ORDER BY {order}"
    )
    with city.store.reading() as at:
        found = [row[0] for row in at.connection.execute(every, {**looked.values(measure.condition), **wanted})]
        assert measures.total(at.connection, measure, narrow, looked) == len(found)
        page = measures.page(at.connection, measure, narrow, looked, ("", 0), 20)
    assert [row[0] for row in page] == found[:20]


def drawn(city: Small) -> dict[str, tuple[bytes, str, int]]:
    with city.store.reading() as at:
        position = dict(at.connection.execute("SELECT case_no, first_arrival FROM cases").fetchall())
    return {f"c{n}": (city.id, f"ZW{n % 90:03}", position[f"c{n}"]) for n in range(MANY) if n % 300 in (1, 3, 4) and n % 50}


def test_the_filters_find_something(city: Small) -> None:
    """What the test above compares is not empty: decided and waiting, ended and in doubt, ended and on the way."""
    with city.store.reading() as at:
        found = {
            (view, by): measures.total(at.connection, VIEWS[view], NARROWED[by], replace(day(city), drawn=drawn(city)))
            for view in ("past_overdue", "abnormal", "drawn")
            for by in NARROWED
        }
    assert all(
        found[key]
        for key in [("past_overdue", "step"), ("past_overdue", "days over"), ("abnormal", "days over"), ("drawn", "step")]
    )
    assert found["abnormal", "on the way"] and found["past_overdue", "over"] > found["past_overdue", "step"]


@pytest.mark.parametrize(
    "view", ["past_overdue", "abnormal", "turned_away", "drawn", "transit_long", "unanswered_reminders", "stopped"]
)
@pytest.mark.parametrize("by", ["step", "days over"])
def test_no_filter_walks_what_is_over(city: Small, view: str, by: str) -> None:
    """EXPLAIN: of what was decided and ended only that which still goes on is looked at."""
    asked: list[str] = []
    with city.store.reading() as at:
        at.connection.set_trace_callback(asked.append)
        measures.total(at.connection, VIEWS[view], NARROWED[by], replace(day(city), drawn=drawn(city)))
        at.connection.set_trace_callback(None)
        (plan,) = ([row[3] for row in at.connection.execute("EXPLAIN QUERY PLAN " + sql)] for sql in asked)
    few = (
        "cases_lingering",
        "cases_pressed",
        "prompts_open",
        "cases_stopped",
        "cases_offered",
        "json_each",
        "(subquery",
        "CONSTANT",
        "SCAN s",
    )
    assert not [line for line in plan if line.startswith("SCAN") and not any(name in line for name in few)], plan
    assert not [line for line in plan if "cases_status" in line or "cases_decided" in line], plan
    assert view != "drawn" or any("SEARCH c USING INTEGER PRIMARY KEY" in line for line in plan), plan


def test_what_is_drawn_is_counted_by_unit_and_item_without_a_case(city: Small) -> None:
    asked: list[str] = []
    looked, other = replace(day(city), drawn=drawn(city)), b"\1" * 16
    with city.store.reading() as at:
        at.connection.set_trace_callback(asked.append)
        items = (Narrow(item="ZW001"), Narrow(items=["ZW001"], other_items=True))
        narrows = (Narrow(), Narrow(places=[city.id]), Narrow(places=[other]), *items)
        found = [measures.total(at.connection, VIEWS["drawn"], narrow, looked) for narrow in narrows]
        at.connection.set_trace_callback(None)
        page = measures.page(at.connection, VIEWS["drawn"], Narrow(places=[city.id], item="ZW001"), looked, ("", 0), 200)
    whole = len(looked.drawn)
    assert not asked and found[:3] == [whole, whole, 0] and found[3] + found[4] == whole
    assert found[3] > 0 and len(page) == min(200, found[3])


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
    assert {one["view"]: one["value"] for one in found["figures"]}["open"] == len(
        [n for n in range(MANY) if n % 50 == 0 or n % 100 == 4 or n % 4000 == 201 or n % 600 == 1]
    )
    assert time.process_time() - begin < 0.6  # on a loaded machine; 0.05 s alone
