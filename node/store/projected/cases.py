"""The table of cases: a row with the columns that people search and count by, and what the workbench walks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from node.domain.cases.audit import doubted
from node.domain.cases.awaits import ELSEWHERE, READY
from node.domain.cases.lateness import here_since, is_pressed
from node.domain.cases.lifecycle import ENDED
from node.store import desk, moves, told
from node.store.maintenance import Compared
from node.store.measures import LINGERING, OPEN
from node.store.moves import Move
from node.store.projected.base import Projection, drop_rows
from node.store.reckoning import FOLLOWED, due_day, followed_revision, step_of, turn_of
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.domain.model import Case
    from node.store.turn import Turn

TABLES = f"""
CREATE TABLE cases(
  case_no TEXT NOT NULL UNIQUE, status TEXT NOT NULL, custodian BLOB NOT NULL, origin BLOB NOT NULL, item_id TEXT NOT NULL,
  version INTEGER NOT NULL, term INTEGER NOT NULL, head BLOB NOT NULL, filed_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL, concluded_at INTEGER NOT NULL, delivered_at INTEGER NOT NULL, decision TEXT NOT NULL,
  offered_to BLOB, offered_by BLOB, due TEXT,
  unsure INTEGER NOT NULL,  -- 1: something is not here yet that could say an earlier due day
  first_arrival INTEGER PRIMARY KEY,  -- an entry belongs to one case
  parked INTEGER NOT NULL, voided INTEGER NOT NULL,
  awaits TEXT, turn_due TEXT NOT NULL, back INTEGER NOT NULL,
  doubted INTEGER NOT NULL,  -- 0 stands clear, 1 in doubt, 2 rests on what could not be judged yet
  owner TEXT NOT NULL,  -- whose case it is, for the lists of one person
  gap_due TEXT,  -- until when something may follow (容缺); NULL when nothing is to, or when it lapsed and the promise runs on
  turned INTEGER NOT NULL, turned_by TEXT NOT NULL,  -- the arrival of what brought it where it is, and whose act that was
  since INTEGER NOT NULL DEFAULT 0,  -- when it came to where it is, or set out from there (ms)
  step TEXT NOT NULL DEFAULT '',  -- what it waits for where it lies, `transit` on its way, '' when it is over
  pressed INTEGER NOT NULL DEFAULT 0,  -- 1: who has it was reminded, and nothing was done or answered since
  clock TEXT NOT NULL DEFAULT ''  -- whose day `due` is (a clock of the glossary), '' without one
);
CREATE INDEX cases_status ON cases(status);
CREATE INDEX cases_custodian ON cases(custodian, status);
CREATE INDEX cases_offered ON cases(offered_to) WHERE offered_to IS NOT NULL;
CREATE INDEX cases_origin ON cases(origin, status);
CREATE INDEX cases_item ON cases(item_id);
CREATE INDEX cases_turn ON cases(awaits, turn_due) WHERE awaits IS NOT NULL;
CREATE INDEX cases_back ON cases(awaits, turn_due) WHERE back=1;
CREATE INDEX cases_unsure ON cases(unsure) WHERE unsure=1;
CREATE INDEX cases_doubted ON cases(doubted) WHERE doubted>0;
CREATE INDEX cases_parked ON cases(case_no) WHERE parked>0;
CREATE INDEX cases_tail ON cases(substr(replace(case_no,'-',''),-5));
CREATE INDEX cases_gap ON cases(gap_due) WHERE gap_due IS NOT NULL;
CREATE INDEX cases_pressed ON cases(turn_due, first_arrival) WHERE pressed=1;
CREATE INDEX cases_on_way ON cases(turn_due, first_arrival) WHERE offered_to IS NOT NULL;
CREATE INDEX cases_undone ON cases(turn_due, first_arrival) WHERE {OPEN.replace("c.", "")};
CREATE INDEX cases_stopped ON cases(turn_due, first_arrival) WHERE status='suspended';
CREATE INDEX cases_decided ON cases(turn_due, first_arrival) WHERE decided_at>0;
CREATE INDEX cases_decided_at ON cases(decided_at) WHERE decided_at>0;
CREATE INDEX cases_lingering ON cases(step, due) WHERE decided_at>0 AND {LINGERING.replace("c.", "")};
CREATE INDEX cases_owned ON cases(awaits, turn_due) WHERE owner<>'';
CREATE INDEX cases_turned ON cases(awaits, turned) WHERE awaits IS NOT NULL;
"""
_ASKED = (
    "SELECT 1 FROM requests WHERE case_no=? AND asked='remind' AND state='pending'"
    " UNION ALL SELECT 1 FROM prompts WHERE case_no=? AND case_no<>'' AND what='reminder' AND answered_at=0 LIMIT 1"
)
COLUMNS = 33
_DUE = 16  # the column `due`


class Cases(Projection):
    NAME = "cases"
    VERSION = 14
    TABLES = TABLES
    LATE = ("cases_status", "cases_custodian", "cases_origin", "cases_item", "cases_turn", "cases_tail", "cases_decided")
    COMPARED = {
        "cases": Compared(
            "case_no, status, custodian, origin, item_id, version, term, head, filed_at, accepted_at, decided_at, concluded_at,"
            " delivered_at, decision, offered_to, offered_by, first_arrival, parked, voided, awaits, back, doubted, gap_due, turned, turned_by,"
            " since, step, pressed",
            follows="due, unsure, turn_due, clock",
        )
    }

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        rows = [_row(tx, one) for one in sorted(cases, key=lambda one: one.standing.first_arrival)]  # as they are stored
        moved = _moved(tx, cases, {str(row[0]): row[_DUE] for row in rows})
        tx.connection.executemany(f"INSERT OR REPLACE INTO cases VALUES(?{',?' * (COLUMNS - 1)})", rows)
        moves.keep(tx.connection, tx.store.catalog.snapshot().calendar.revision, moved)

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "cases", case_nos)


def _moved(tx: Turn, cases: Sequence[Settled], due: Mapping[str, object]) -> list[Move]:
    """What a calendar that the table does not follow yet moves of these cases, each as its row stands and as it is to be written."""
    if followed_revision(tx.meta.get(FOLLOWED)) == tx.store.catalog.snapshot().calendar.revision:
        return []
    before = moves.standing(tx.connection, {one.standing.case.case_no: one.standing.case.head for one in cases if not one.fresh})
    changed = ((one, due[one.case_no]) for one in before if due[one.case_no] != one.before)
    return [replace(one, after=str(day) if day is not None else None) for one, day in changed]


def _is_asked(tx: Turn, case_no: str) -> bool:
    """Whether a reminder of the case waits for its answer."""
    return tx.connection.execute(_ASKED, (case_no, case_no)).fetchone() is not None


def _gap_due(case: Case) -> str | None:
    gap = case.gap
    awaited = gap.due is not None and gap.is_open and (not gap.lapsed_at or gap.pauses)
    return gap.due.isoformat() if awaited and gap.due is not None and case.status not in ENDED else None


def _row(tx: Turn, settled: Settled) -> tuple[object, ...]:
    """With what the case awaits, for the workbench. Its moments and due date are those of what stands without doubt."""
    standing, sure, _ = settled
    case, offer = standing.case, standing.case.offer
    due, unsure, clock = due_day(tx, sure)
    awaits, back = turn_of(tx, case)
    step = awaits if awaits not in (None, ELSEWHERE) else step_of(tx, case)
    return (
        case.case_no, case.status, case.custodian, case.origin, case.item_id, case.version, case.term, case.head, case.filed_at,
        sure.accepted_at, sure.decided_at, sure.concluded_at, sure.delivered_at, sure.decision,
        offer.target if offer else None, offer.giver if offer else None, due, unsure, standing.first_arrival,
        len(standing.parked), len(standing.void), awaits, (due if awaits != READY else None) or desk.NEVER, back,
        doubted(standing.judged), case.lead.assignee, _gap_due(case),
        told.arrival_of(tx.connection, case.case_no, case.turned_hash), case.turned_staff, here_since(case), step,
        is_pressed(case) or _is_asked(tx, case.case_no), clock,
    )  # fmt: skip
