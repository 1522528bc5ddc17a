"""Which case an application became.

One application is one case. A node whose disk forgot a case may have filed it again before it was told: then the one that stands
first in its chain counts, at every node, and the other says so (`same_application`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.cases.lifecycle import FILINGS
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection
from node.store.requests import filed_case

if TYPE_CHECKING:
    from node.store.turn import Turn


class Applications(Projection):
    """By the number that the applicant's side gave, the kind of source, and who filed it."""

    NAME = "applications"
    TABLES = """
CREATE TABLE applications(source TEXT, application_no TEXT, origin BLOB, case_no TEXT NOT NULL,
  PRIMARY KEY(application_no, source, origin)) WITHOUT ROWID;
"""
    COMPARED = {"applications": Compared("source, application_no, origin, case_no")}

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        rows = [
            (case.source, case.application_no, stored.author, case.case_no)
            for stored, _, case in changes
            if stored.fields.kind in FILINGS and stored.fields.entry_class == "case" and case is not None and case.application_no
        ]
        if not rows:
            return
        rows.sort(key=lambda row: (row[1], row[0], row[2]))
        added = tx.connection.executemany("INSERT OR IGNORE INTO applications VALUES(?,?,?,?)", rows).rowcount
        if added != len(rows):
            for row in rows:
                _settle_twice_filed(tx, *row)


def _settle_twice_filed(tx: Turn, source: str, application_no: str, origin: bytes, case_no: str) -> None:
    other = filed_case(tx, source, application_no, origin)
    if other in (None, case_no):
        return
    tx.journal.write()
    first = tx.connection.execute(
        "SELECT case_no FROM entries WHERE case_no IN (?,?) AND version=1 AND standing=0 ORDER BY epoch, seq LIMIT 1",
        (case_no, other),
    ).fetchone()
    tx.connection.execute(
        "UPDATE applications SET case_no=? WHERE source=? AND application_no=? AND origin=?",
        (first[0], source, application_no, origin),
    )
