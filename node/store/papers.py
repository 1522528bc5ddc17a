"""SQL of the papers that nodes issued: one row for each note `paper_issued` in the journal, and for each act that was issued
with its paper; made again by `rebuild`.

The table holds what the notes say, right or wrong (`paper_facts.rightful` judges it with the case). A number is taken in the writer's
turn, after the highest of this node's own series.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from typing import Any

from node.domain.papers.facts import PaperFact

_COLUMNS = "case_no, paper, basis, version, author, organ, type, year, series, serial, day, document, staff_id, issued_at, about"


def _fact(row: tuple[Any, ...]) -> PaperFact:
    return PaperFact(*(*row[:10], dt.date.fromisoformat(row[10]), *row[11:]))


def of_case(connection: sqlite3.Connection, case_no: str) -> list[PaperFact]:
    """Every issue of a paper of the case, in the order they came."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM papers WHERE case_no=? ORDER BY arrival", (case_no,)).fetchall()
    return [_fact(row) for row in rows]


def next_serial(connection: sqlite3.Connection, author: bytes, organ: str, kind: str, year: int, series: str) -> int:
    """The next number of a node's papers of one 文种 for an organ in a year, from 1. Only in the writer's turn."""
    row = connection.execute(
        "SELECT max(serial) FROM papers WHERE author=? AND organ=? AND type=? AND year=? AND series=?",
        (author, organ, kind, year, series),
    ).fetchone()
    return int(row[0] or 0) + 1


def strike_lost(connection: sqlite3.Connection) -> None:
    """Forget what stood on a branch of ours that lost."""
    connection.execute(
        "DELETE FROM papers WHERE arrival IN (SELECT arrival FROM entries WHERE class IN ('note','case') AND standing<>0)"
    )
