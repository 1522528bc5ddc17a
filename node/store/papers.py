"""SQL of the papers a node has issued: the frozen document, its number, and the act it rests on.

Local to the node: what was printed here. The number is taken in the writer's turn, so it is given once; a paper is one row
for each act, so issuing it again finds the first.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One paper as it was first issued; `document` is frozen. Times in ms."""

    case_no: str
    paper: str
    basis: bytes
    kind: str
    acted_at: int
    organ: str
    year: int
    serial: int
    document: dict[str, Any]
    staff_id: str
    issued_at: int


_COLUMNS = "case_no, paper, basis, kind, acted_at, organ, year, serial, document, staff_id, issued_at"
_NAMES = tuple(_COLUMNS.split(", "))


def _row(row: tuple[Any, ...]) -> PaperRow:
    return PaperRow(**{**dict(zip(_NAMES, row, strict=True)), "document": json.loads(row[8])})


def find(connection: sqlite3.Connection, case_no: str, paper: str, basis: bytes) -> PaperRow | None:
    """The paper that was issued here for this act."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM papers WHERE case_no=? AND paper=? AND basis=?", (case_no, paper, basis)
    ).fetchone()
    return _row(row) if row else None


def of_case(connection: sqlite3.Connection, case_no: str) -> list[PaperRow]:
    """Every paper of a case that was issued here, in the order of issue."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM papers WHERE case_no=? ORDER BY issued_at, paper", (case_no,))
    return [_row(row) for row in rows]


def next_serial(connection: sqlite3.Connection, organ: str, paper: str, year: int) -> int:
    """The next number of an organ's papers of one kind in a year, from 1. Only in the writer's turn."""
    row = connection.execute(
        "SELECT max(serial) FROM papers WHERE organ=? AND paper=? AND year=?", (organ, paper, year)
    ).fetchone()
    return int(row[0] or 0) + 1


def add(connection: sqlite3.Connection, row: PaperRow) -> None:
    document = json.dumps(row.document, ensure_ascii=False, separators=(",", ":"))
    connection.execute(
        f"INSERT INTO papers({_COLUMNS}) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        (row.case_no, row.paper, row.basis, row.kind, row.acted_at, row.organ, row.year, row.serial, document, row.staff_id,
         row.issued_at),
    )  # fmt: skip


def out(connection: sqlite3.Connection, case_no: str, acted_at: int) -> bool:
    """Whether a paper that rests on the act of this moment was issued here (row 45: then the act cannot be taken back)."""
    row = connection.execute("SELECT 1 FROM papers WHERE case_no=? AND acted_at=?", (case_no, acted_at)).fetchone()
    return row is not None
