"""SQL of what the audit of legality marked (`node.domain.cases.audit`): a row for each flag of each event of a case.

The rows are a copy, made from the journal with the query columns of the case, in the same transaction.
"""

from __future__ import annotations

import sqlite3

from node.domain.cases.audit import Judged, Mark


def judged_of(connection: sqlite3.Connection, case_no: str) -> Judged:
    """What is marked in one case (without what an undo would go back to)."""
    rows = connection.execute(
        "SELECT m.hash, m.flag, m.author, m.at_ms, m.doubt FROM marks m LEFT JOIN entries e ON e.case_no=m.case_no AND e.hash=m.hash"
        " WHERE m.case_no=? ORDER BY e.version, m.flag",
        (case_no,),
    ).fetchall()
    marks = [(Mark(*row[:4]), row[4]) for row in rows]
    return Judged(tuple(mark for mark, _ in marks), tuple(mark for mark, doubt in marks if doubt))


def unjudged(connection: sqlite3.Connection) -> list[str]:
    """Cases with an event that could not be judged yet."""
    return [row[0] for row in connection.execute("SELECT DISTINCT case_no FROM marks WHERE flag='unjudged'").fetchall()]
