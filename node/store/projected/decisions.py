"""Of each decided case the day by which it was to be decided and who answers for that, for the share decided in time.

What was decided is its decider's. A late decision is that unit's that its card would be charged to (`supervision/answering.py`): where that is
another, or nobody, the deciding unit was neither in time nor late (DOMAIN A0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.calendar import day_of
from node.domain.cases.deadlines import Deadline
from node.domain.cases.lateness import charged_for_decision
from node.domain.model import Case
from node.domain.supervision.answering import answers_for
from node.domain.supervision.watches import Basis, states
from node.store.maintenance import Compared
from node.store.projected.base import Projection, drop_rows
from node.store.reckoning import decided_by, said
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.store.turn import Turn


class Decisions(Projection):
    NAME = "decisions"
    VERSION = 6
    TABLES = """
CREATE TABLE decisions(case_no TEXT PRIMARY KEY,
  decided_due TEXT,  -- the day by which the case was to be decided, NULL when nothing limited it
  unsure INTEGER NOT NULL,  -- 1: something is not here yet that could say an earlier day
  charged BLOB NOT NULL,  -- who decided
  late BLOB NOT NULL  -- who answers for a late decision; x'' where nobody does: every unit kept its part, or it was not late
) WITHOUT ROWID;
CREATE INDEX decisions_charged ON decisions(charged);
CREATE INDEX decisions_late ON decisions(late) WHERE late<>x'';
CREATE INDEX decisions_unsure ON decisions(unsure) WHERE unsure=1;
"""
    LATE = ("decisions_charged", "decisions_late")
    COMPARED = {"decisions": Compared("case_no, charged", follows="decided_due, unsure, late")}

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """A decision may have been undone."""
        sure = sorted((one for one in cases if one.sure.decided_at), key=lambda one: one.case.case_no)
        if rows := [_row(tx, one) for one in sure]:
            tx.connection.executemany("INSERT OR REPLACE INTO decisions VALUES(?,?,?,?,?)", rows)
        drop_rows(tx, "decisions", sorted(one.sure.case_no for one in cases if not (one.sure.decided_at or one.fresh)))

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "decisions", case_nos)


def _row(tx: Turn, settled: Settled) -> tuple[str, str | None, bool, bytes, bytes]:
    case = settled.sure
    found = decided_by(tx, case)
    due, first = said(found), found.first if found is not None else None
    late = first is not None and day_of(case.decided_at) > first.due
    return case.case_no, due.due, due.unsure, charged_for_decision(case), _answers(tx, case, first) if late and first else b""


def _answers(tx: Turn, case: Case, limit: Deadline) -> bytes:
    """Who answers for a decision that came after a due day."""
    if {hop.node for hop in case.hops} <= {case.decided_by}:
        return case.decided_by  # nobody else had it
    stood = states([entry.event for entry in tx.cases.entries(case.case_no)], tx.may_assign)
    n = next((n for n, one in enumerate(stood) if one.case.decided_at == case.decided_at), len(stood) - 1)
    return answers_for(stood[: n + 1], limit, _basis(tx))


def _basis(tx: Turn) -> Basis:
    """What is counted by, as the projections of the case are."""
    rules, catalog = tx.store.catalog.snapshot(), tx.store.catalog

    def tier_of(case: Case) -> str:
        place = tx.place(case.custodian or (case.offer.target if case.offer is not None else b""))
        return place.tier if place is not None else tx.identity.tier

    return Basis(
        tx.may_assign, lambda case: catalog.item_of(case, tx), tier_of, rules.calendars, rules.limits, rules.supervisions
    )
