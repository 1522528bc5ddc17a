"""Of each case one narrow row of numbers and codes: what is analysed, and what is exported. It says of nobody who applied.

The row says the same as `cases` and `decisions` (`measures.MEASURES` "filed", "decided", "on_time", "late", "unlimited"), so a figure that is
counted here has exactly the rows of the list behind it. Days are numbers like 20261130, 0 for none; months like 202611. Counts by item and by
branch stand beside it (`fact_counts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from node.domain.calendar import day_of
from node.domain.cases.lateness import charged, charged_for_decision
from node.domain.cases.used import used
from node.store import fact_counts
from node.store.maintenance import Compared
from node.store.projected.base import Projection, drop_rows
from node.store.projected.decisions import Decisions
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.domain.model import Case
    from node.store.turn import Turn

IN_TIME, LATE, UNLIMITED = 0, 1, 2
NOBODY = -1  # in the place of a node
COLUMNS = (
    "case_no", "item_id", "origin", "filed", "filed_month", "decider", "decided", "decided_month", "decision", "days", "paused", "late",
    "late_by",
)  # fmt: skip


class Facts(Projection):
    NAME = "facts"
    VERSION = 2 + 100 * Decisions.VERSION  # it says what they say
    TABLES = f"""
CREATE TABLE facts(case_no TEXT NOT NULL UNIQUE, item_id TEXT NOT NULL,
  origin INTEGER NOT NULL, filed INTEGER NOT NULL, filed_month INTEGER NOT NULL,  -- 0 of a draft
  decider INTEGER NOT NULL, decided INTEGER NOT NULL, decided_month INTEGER NOT NULL, decision TEXT NOT NULL,
  days INTEGER NOT NULL, paused INTEGER NOT NULL,  -- working days from acceptance to decision without those that stood; those that stood
  late INTEGER NOT NULL,  -- of the decision: 0 in time, 1 late, 2 nothing limited it
  late_by INTEGER NOT NULL  -- who answers for a late one, -1 for nobody; else 0
);
CREATE INDEX facts_filed_node ON facts(filed_month, origin, item_id, filed) WHERE filed_month>0;
CREATE INDEX facts_filed_both ON facts(origin, item_id, filed_month, filed) WHERE filed_month>0;
CREATE INDEX facts_node ON facts(decided_month, decider, decision, days, paused, late, item_id, decided) WHERE decided_month>0;
CREATE INDEX facts_both ON facts(decider, item_id, decision, days, paused, late, decided_month, decided) WHERE decided_month>0;
CREATE INDEX facts_late_node ON facts(decided_month, late_by, item_id, decision, decided) WHERE late=1;
CREATE INDEX facts_late_both ON facts(late_by, item_id, decision, decided_month, decided) WHERE late=1;
{fact_counts.TABLES}"""
    LATE = ("facts_filed_node", "facts_filed_both", "facts_node", "facts_both", "facts_late_node", "facts_late_both")
    COMPARED = {
        "facts": Compared(
            "case_no, item_id, origin, filed, filed_month, decider, decided, decided_month, decision",
            follows="days, paused, late, late_by",
        ),
        "fact_places": Compared("node, branch, tier", more_is_fine=True),
        **{
            table: Compared("1", follows=", ".join(("what", *keys, *fact_counts.COUNTED)))
            for table, keys in fact_counts.KEYS.items()
        },
    }

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """Most acts change nothing here; then nothing is written."""
        rows = [_row(tx, one) for one in sorted(cases, key=lambda one: one.standing.first_arrival)]
        tx.connection.executemany(_PUT, rows)

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "facts", case_nos)

    def finish(self, tx: Turn, first_bodies: Mapping[str, bytes]) -> None:
        _look_again(tx)


def stands(tx: Turn, node: bytes) -> None:
    """The tree knows where a node stands. What was counted of it, or of nodes below it, while nobody knew is counted anew."""
    known = tx.connection.execute("SELECT 1 FROM fact_places WHERE node=?", (tx.author_row(node),)).fetchone()
    if known or tx.trust.children(node):
        _look_again(tx)


def _look_again(tx: Turn) -> None:
    rows = tx.connection.execute("SELECT p.node, p.branch, p.tier, a.node_id FROM fact_places p JOIN authors a ON a.id=p.node")
    places = [(row, (branch, tier), _place(tx, node_id)) for row, branch, tier, node_id in rows.fetchall()]
    if moved := [(*now, row) for row, before, now in places if now != before]:
        tx.connection.executemany("UPDATE fact_places SET branch=?, tier=? WHERE node=?", moved)
        fact_counts.recount(tx.connection)


_SAID = ", ".join(COLUMNS[1:])
_GIVEN = ", ".join("excluded." + one for one in COLUMNS[1:])
_PUT = (
    f"INSERT INTO facts({', '.join(COLUMNS)}) VALUES({', '.join('?' * len(COLUMNS))})"
    f" ON CONFLICT(case_no) DO UPDATE SET ({_SAID}) = ({_GIVEN}) WHERE ({_SAID}) IS NOT ({_GIVEN})"
)


def _row(tx: Turn, settled: Settled) -> tuple[object, ...]:
    case, sure = settled.case, settled.sure
    filed = _number(case.filed_at) if case.status != "draft" else 0
    decision = _decided(tx, case, sure) if sure.decided_at else (0, 0, 0, "", 0, 0, 0, 0)
    return (case.case_no, case.item_id, _node(tx, case.origin), filed, filed // 100, *decision)


def _decided(tx: Turn, case: Case, sure: Case) -> tuple[int, int, int, str, int, int, int, int]:
    """Who decided, when, how, in how many working days, how many stood, whether in time, and who answers if not (`decisions` is written
    already)."""
    day, snapshot = _number(sure.decided_at), tx.store.catalog.snapshot()
    days, paused = used(sure, snapshot.calendars.cited_by(sure.started.accepted) or snapshot.calendar)
    who = charged_for_decision(sure) or charged(case)
    due = tx.connection.execute("SELECT decided_due, late FROM decisions WHERE case_no=?", (case.case_no,)).fetchone()
    late = UNLIMITED if due is None or due[0] is None else LATE if day_of(sure.decided_at).isoformat() > due[0] else IN_TIME
    return _node(tx, who), day, day // 100, sure.decision, days, paused, late, _node(tx, due[1]) if late == LATE else 0


def _node(tx: Turn, node: bytes) -> int:
    """The row of a node, NOBODY for none; where it stands is noted before anything is counted of it."""
    row = tx.author_row(node) if node else NOBODY
    if tx.connection.execute("SELECT 1 FROM fact_places WHERE node=?", (row,)).fetchone() is None:
        tx.connection.execute("INSERT INTO fact_places VALUES(?,?,?)", (row, *(_place(tx, node) if node else (NOBODY, ""))))
    return row


def _place(tx: Turn, node: bytes) -> tuple[int, str]:
    """The branch of this node in which a node stands (the node itself where it stands in none), and its tier ("" where nobody knows)."""
    here, path, place = tx.identity.node_id, list(tx.trust.path(node)), tx.place(node)
    branch = path[path.index(here) - 1] if node != here and here in path else node
    return tx.author_row(branch), place.tier if place is not None else ""


def _number(ms: int) -> int:
    """The day of an instant in China, as a number like 20261130."""
    day = day_of(ms)
    return day.year * 10_000 + day.month * 100 + day.day
