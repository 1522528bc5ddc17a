"""Of each decided case the day by which it was to be decided and who answers for that, for the share decided in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.cases.lateness import charged_for_decision
from node.store.maintenance import Compared
from node.store.projected.base import Projection, drop_rows
from node.store.reckoning import decided_due
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.store.turn import Turn


class Decisions(Projection):
    NAME = "decisions"
    VERSION = 4
    TABLES = """
CREATE TABLE decisions(case_no TEXT PRIMARY KEY,
  decided_due TEXT,  -- the day by which the case was to be decided, NULL when nothing limited it
  unsure INTEGER NOT NULL,  -- 1: something is not here yet that could say an earlier day
  charged BLOB NOT NULL  -- who answers for that day
) WITHOUT ROWID;
CREATE INDEX decisions_charged ON decisions(charged);
CREATE INDEX decisions_unsure ON decisions(unsure) WHERE unsure=1;
"""
    LATE = ("decisions_charged",)
    COMPARED = {"decisions": Compared("case_no, charged", follows="decided_due, unsure")}

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """A decision may have been undone."""
        sure = sorted((one.sure for one in cases if one.sure.decided_at), key=lambda case: case.case_no)
        if decided := [(case.case_no, *decided_due(tx, case)[:2], charged_for_decision(case)) for case in sure]:
            tx.connection.executemany("INSERT OR REPLACE INTO decisions VALUES(?,?,?,?)", decided)
        drop_rows(tx, "decisions", sorted(one.sure.case_no for one in cases if not (one.sure.decided_at or one.fresh)))

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "decisions", case_nos)
