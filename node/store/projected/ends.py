"""How cases ended that were turned down, handed back, given up or voided: the lists of supervision, and what is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.supervision.ends import abnormal_end
from node.store.maintenance import Compared
from node.store.projected.base import Projection, drop_rows
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.store.turn import Turn


_KEEP = "INSERT OR REPLACE INTO ends SELECT c.case_no, ?2, ?3, ?4, c.turn_due, c.first_arrival FROM cases c WHERE c.case_no=?1"


class Ends(Projection):
    """A case that ended as its applicant wished has no row."""

    NAME = "ends"
    VERSION = 2
    TABLES = """
CREATE TABLE ends(case_no TEXT PRIMARY KEY, how TEXT NOT NULL, at INTEGER NOT NULL, charged BLOB NOT NULL,
  turn_due TEXT NOT NULL, arrival INTEGER NOT NULL  -- as in `cases`: their list is in the order of the other lists
) WITHOUT ROWID;
CREATE INDEX ends_at ON ends(at);
CREATE INDEX ends_turn ON ends(turn_due, arrival);
"""
    COMPARED = {"ends": Compared("case_no, how, at, charged, arrival", follows="turn_due")}

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """An end may have been undone, or be in doubt."""
        found = {one.sure.case_no: abnormal_end(one.sure) for one in sorted(cases, key=lambda one: one.sure.case_no)}
        if ended := [(case_no, *end) for case_no, end in found.items() if end is not None]:
            tx.connection.executemany(_KEEP, ended)
        drop_rows(tx, "ends", sorted(one.sure.case_no for one in cases if not one.fresh and found[one.sure.case_no] is None))

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "ends", case_nos)
