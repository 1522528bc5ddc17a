"""The outbox after years: what a step, a page and a case ask of it costs the same, however many messages went out before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from node.store import answers, outbox

Asked = Callable[[sqlite3.Connection], object]
ASKED: dict[str, Asked] = {
    "a step": lambda db: outbox.due(db, 1 << 40, 200),
    "the answers of a step": lambda db: answers.waiting(db, 200),
    "since when the oldest waits": outbox.oldest_open,
    "try now": lambda db: outbox.try_now(db, 5),
    "whom to tell": lambda db: outbox.told_in_person(db, 6),
    "how many to tell": outbox.count_to_tell,
    "of one case whom to tell": lambda db: outbox.of_screen(db, "c1"),
    "one state": lambda db: outbox.page(db, 0, 200, "failed"),
    "what waits": lambda db: outbox.page(db, 0, 200, "waiting"),
    "sent today": lambda db: outbox.sent_since(db, 1 << 41),
}


def filled(settled: int) -> sqlite3.Connection:
    """An outbox with so many messages that went out, and before them one of each kind that did not."""
    db = sqlite3.connect(":memory:")
    db.executescript(outbox.TABLES + answers.TABLES)
    for n, (channel, state) in enumerate((("", "waiting"), ("screen", "waiting"), ("sms", "failed"))):
        outbox.add(db, (f"c{n}", f"m{n}", "ready", "applicant", channel), state, 1, 1, "http_500")
    rows = [(f"old{n}", f"o{n}", "ready", "applicant", "sms", "sent", 1, 1, 1, "", n) for n in range(1, settled)]
    sql = (
        "INSERT INTO notices(case_no, mark, event, recipient, channel, state, since, not_before, at, error, message)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?)"
    )
    db.executemany(sql, rows)
    for _ in range(settled):
        answers.add(db, 1, b"k", "139****5678", "help", "", "", outbox.SENT)
    return db


def steps(db: sqlite3.Connection, asked: Asked) -> int:
    """How many hundred steps the database takes."""
    count = [0]

    def on_progress() -> int:
        count[0] += 1
        return 0

    db.set_progress_handler(on_progress, 100)
    try:
        asked(db)
    finally:
        db.set_progress_handler(None, 0)
    return count[0]


@pytest.mark.parametrize("what", ASKED)
def test_what_went_out_long_ago_costs_nothing(what: str) -> None:
    few, many = (steps(filled(count), ASKED[what]) for count in (10, 3000))
    assert many <= few + 3, f"{what}: {few} with ten old messages, {many} with three thousand"


MANY = 50_000
MIXED = (("sms", "sent"), ("sms", "waiting"), ("screen", "waiting"), ("smtp", "failed"), ("sms", "dropped"), ("sms", "unknown"))
STATES = ("", "waiting", "to_tell", "sent", "unknown", "failed", "dropped")


@pytest.fixture(scope="module")
def crowded() -> Iterator[sqlite3.Connection]:
    """As after a gateway was away for weeks: every state has its thousands."""
    db = sqlite3.connect(":memory:")
    db.executescript(outbox.TABLES + answers.TABLES)
    sql = "INSERT INTO notices(case_no, mark, event, recipient, channel, state, since, not_before, at, error, message) VALUES(?,?,?,?,?,?,?,?,?,?,?)"
    rows = ((f"c{n}", f"m{n}", "ready", "applicant", *MIXED[n % len(MIXED)], n, n, n, "", n) for n in range(1, MANY + 1))
    db.executemany(sql, rows)
    yield db
    db.close()


@pytest.mark.parametrize("state", STATES)
def test_a_page_of_a_crowded_outbox_costs_what_its_rows_cost(crowded: sqlite3.Connection, state: str) -> None:
    """The first page, and one from the middle."""
    for before in (0, MANY // 2):
        rows: list[object] = []
        cost = steps(crowded, lambda db, before=before, rows=rows: rows.extend(outbox.page(db, before, 51, state)))  # type: ignore[misc]
        assert len(rows) == 51 and cost < 60, (state, before, cost)


def test_the_pages_of_a_crowded_outbox_are_all_its_rows_once(crowded: sqlite3.Connection) -> None:
    counted, seen = outbox.counts(crowded), 0
    before = 0
    while rows := outbox.page(crowded, before, 1000, "waiting"):
        seen, before = seen + len(rows), rows[-1].id
    assert seen == counted["waiting"] and sum(counted.values()) == MANY
    assert steps(crowded, outbox.counts) < 30 * MANY // 100, "the counts walk an index, once"
