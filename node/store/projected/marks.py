"""What the audit of legality marked (`node.domain.cases.audit`): a row for each flag of each event of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.store.projected.base import Compared, Projection, Settled, drop_rows

if TYPE_CHECKING:
    from node.store.store import Tx


class Marks(Projection):
    """`notice_late` follows the calendar in force when it was judged, so it is not compared."""

    NAME = "marks"
    VERSION = 3
    TABLES = """
CREATE TABLE marks(case_no TEXT, hash BLOB, flag TEXT, author BLOB NOT NULL, at_ms INTEGER NOT NULL,
  doubt INTEGER NOT NULL,  -- whether the standing of the case rests on it
  PRIMARY KEY(case_no, hash, flag)) WITHOUT ROWID;
CREATE INDEX marks_unjudged ON marks(case_no) WHERE flag='unjudged';
"""
    COMPARED = {"marks": Compared("case_no, hash, flag, author, at_ms, doubt", "flag<>'notice_late'")}

    def settle(self, tx: Tx, cases: Sequence[Settled]) -> None:
        held = sorted((one.case.case_no, one.standing.judged) for one in cases)
        drop_rows(tx, "marks", [case_no for case_no, _ in held])
        if rows := [(case_no, *mark, mark in judged.doubts) for case_no, judged in held for mark in judged.marks]:
            tx.connection.executemany("INSERT OR REPLACE INTO marks VALUES(?,?,?,?,?,?)", rows)

    def drop(self, tx: Tx, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "marks", case_nos)
