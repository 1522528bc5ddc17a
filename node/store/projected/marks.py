"""What the audit of legality marked (`node.domain.cases.audit`): a row for each flag of each event of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.words.flags import finding_id
from node.store.maintenance import Compared
from node.store.projected.base import Projection, counted, drop_rows
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.store.turn import Turn


class Marks(Projection):
    """`notice_late` follows the calendar in force when it was judged, so it is not compared."""

    NAME = "marks"
    VERSION = 10
    TABLES = """
CREATE TABLE marks(case_no TEXT, hash BLOB, flag TEXT, author BLOB NOT NULL, at_ms INTEGER NOT NULL,
  doubt INTEGER NOT NULL,  -- whether the standing of the case rests on it
  id TEXT NOT NULL,  -- as people name the finding (`flags.finding_id`)
  PRIMARY KEY(case_no, hash, flag)) WITHOUT ROWID;
CREATE INDEX marks_id ON marks(id);
CREATE INDEX marks_at ON marks(at_ms, hash, flag);
CREATE INDEX marks_author ON marks(author, flag, at_ms);
CREATE INDEX marks_unjudged ON marks(case_no) WHERE flag='unjudged';
"""
    TABLES += counted("marks")
    COMPARED = {"marks": Compared("case_no, hash, flag, author, at_ms, doubt, id", "flag<>'notice_late'")}

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        drop_rows(tx, "marks", sorted(one.case.case_no for one in cases if not one.fresh))
        marked = sorted((one.case.case_no, one.standing.judged) for one in cases if one.standing.judged.marks)
        rows = [
            (case_no, *mark, mark in judged.doubts, finding_id(mark.event, mark.flag))
            for case_no, judged in marked
            for mark in judged.marks
        ]
        if rows:
            tx.connection.executemany("INSERT OR REPLACE INTO marks VALUES(?,?,?,?,?,?,?)", rows)

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "marks", case_nos)
