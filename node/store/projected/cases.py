"""The table of cases: a row with the columns that people search and count by, and what the workbench walks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.cases.audit import doubted
from node.domain.cases.awaits import READY
from node.store import desk
from node.store.projected.base import Compared, Projection, Settled, drop_rows
from node.store.reckoning import due_day, turn_of

if TYPE_CHECKING:
    from node.store.store import Tx

TABLES = """
CREATE TABLE cases(
  case_no TEXT NOT NULL UNIQUE, status TEXT NOT NULL, custodian BLOB NOT NULL, origin BLOB NOT NULL, item_id TEXT NOT NULL,
  version INTEGER NOT NULL, term INTEGER NOT NULL, head BLOB NOT NULL, filed_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL, concluded_at INTEGER NOT NULL, delivered_at INTEGER NOT NULL, decision TEXT NOT NULL,
  offered_to BLOB, offered_by BLOB, due TEXT,
  first_arrival INTEGER PRIMARY KEY,  -- an entry belongs to one case
  parked INTEGER NOT NULL, voided INTEGER NOT NULL,
  awaits TEXT, turn_due TEXT NOT NULL, back INTEGER NOT NULL,
  doubted INTEGER NOT NULL,  -- 0 stands clear, 1 in doubt, 2 rests on what could not be judged yet
  owner TEXT NOT NULL  -- whose case it is, for the lists of one person
);
CREATE INDEX cases_status ON cases(status);
CREATE INDEX cases_custodian ON cases(custodian, status);
CREATE INDEX cases_offered ON cases(offered_to) WHERE offered_to IS NOT NULL;
CREATE INDEX cases_origin ON cases(origin, status);
CREATE INDEX cases_item ON cases(item_id);
CREATE INDEX cases_turn ON cases(awaits, turn_due) WHERE awaits IS NOT NULL;
CREATE INDEX cases_back ON cases(awaits, turn_due) WHERE back=1;
CREATE INDEX cases_doubted ON cases(doubted) WHERE doubted>0;
CREATE INDEX cases_tail ON cases(substr(replace(case_no,'-',''),-5));
CREATE INDEX cases_owned ON cases(awaits, turn_due) WHERE owner<>'';
"""
COLUMNS = 25


class Cases(Projection):
    """`due` and `turn_due` follow the calendar in force when they were written, so they are not compared."""

    NAME = "cases"
    VERSION = 4
    TABLES = TABLES
    COMPARED = {
        "cases": Compared(
            "case_no, status, custodian, origin, item_id, version, term, head, filed_at, accepted_at, decided_at, concluded_at,"
            " delivered_at, decision, offered_to, offered_by, first_arrival, parked, voided, awaits, back, doubted"
        )
    }

    def settle(self, tx: Tx, cases: Sequence[Settled]) -> None:
        rows = [_row(tx, one) for one in sorted(cases, key=lambda one: one.standing.first_arrival)]  # as they are stored
        tx.connection.executemany(f"INSERT OR REPLACE INTO cases VALUES(?{',?' * (COLUMNS - 1)})", rows)

    def drop(self, tx: Tx, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "cases", case_nos)


def _row(tx: Tx, settled: Settled) -> tuple[object, ...]:
    """With what the case awaits, for the workbench. Its moments and due date are those of what stands without doubt."""
    standing, sure = settled
    case, offer = standing.case, standing.case.offer
    due = due_day(tx, sure)
    awaits, back = turn_of(tx, case)
    return (
        case.case_no, case.status, case.custodian, case.origin, case.item_id, case.version, case.term, case.head, case.filed_at,
        sure.accepted_at, sure.decided_at, sure.concluded_at, sure.delivered_at, sure.decision,
        offer.target if offer else None, offer.giver if offer else None, due, standing.first_arrival,
        len(standing.parked), len(standing.void), awaits, (due if awaits != READY else None) or desk.NEVER, back,
        doubted(standing.judged), case.lead.assignee,
    )  # fmt: skip
