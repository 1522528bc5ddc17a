"""Of each decided case the day by which it was to be decided and who answers for that, for the share decided in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.cases.lateness import charged_for_decision
from node.store.projected.base import Compared, Projection, Settled, drop_rows
from node.store.reckoning import decided_due

if TYPE_CHECKING:
    from node.store.store import Tx


class Decisions(Projection):
    """The day follows the calendar in force when it was written, so it is not compared."""

    NAME = "decisions"
    VERSION = 2
    TABLES = """
CREATE TABLE decisions(case_no TEXT PRIMARY KEY,
  decided_due TEXT,  -- the day by which the case was to be decided, NULL when nothing limited it
  charged BLOB NOT NULL  -- who answers for that day
) WITHOUT ROWID;
"""
    COMPARED = {"decisions": Compared("case_no, charged")}

    def settle(self, tx: Tx, cases: Sequence[Settled]) -> None:
        """A decision may have been undone."""
        sure = sorted((one.sure for one in cases), key=lambda case: case.case_no)
        if decided := [(case.case_no, decided_due(tx, case), charged_for_decision(case)) for case in sure if case.decided_at]:
            tx.connection.executemany("INSERT OR REPLACE INTO decisions(case_no, decided_due, charged) VALUES(?,?,?)", decided)
        if undone := [case.case_no for case in sure if not case.decided_at]:
            drop_rows(tx, "decisions", undone)

    def drop(self, tx: Tx, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "decisions", case_nos)
