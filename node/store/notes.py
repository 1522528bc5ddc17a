"""SQL of the notes beside cases (`projected/notes.py`)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from federation.protocol.envelope import decode_header
from node.domain.model import Facts
from node.domain.notes import MESSAGE


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note; `at` is what its author's clock said (ms), `body` the hash of its words, b"" when it has none."""

    id: bytes
    kind: str
    case_no: str
    author: bytes
    staff_id: str
    at: int
    body: bytes
    facts: Facts
    arrival: int


_SELECT = "SELECT n.id, n.kind, n.case_no, n.author, n.staff_id, n.at_ms, n.body_hash, e.header, n.arrival FROM notes n JOIN entries e USING(arrival)"


def of_case(connection: sqlite3.Connection, case_no: str) -> list[NoteRow]:
    """The notes of a case, in the order they came."""
    rows = connection.execute(f"{_SELECT} WHERE n.case_no=? ORDER BY n.arrival", (case_no,)).fetchall()
    return [_note(row) for row in rows]


def get(connection: sqlite3.Connection, id: bytes) -> NoteRow | None:
    row = connection.execute(f"{_SELECT} WHERE n.id=?", (id,)).fetchone()
    return _note(row) if row is not None else None


def received(connection: sqlite3.Connection, id: bytes) -> dict[str, int]:
    """Whom a note is for (division codes), and when it was received there (ms by their clock; 0: not yet)."""
    rows = connection.execute("SELECT code, coalesce(received_at, 0) FROM note_to WHERE id=? ORDER BY code", (id,)).fetchall()
    return dict(rows)


_OURS = "(n.author=:me OR n.id IN (SELECT id FROM note_to WHERE code=:code))"  # written here, or sent to us
_SENT = "n.id IN (SELECT id FROM note_to WHERE code=:code)"


def messages(connection: sqlite3.Connection, me: bytes, code: str, case_no: str, before: int, limit: int) -> list[NoteRow]:
    """The newest messages before an arrival that a node wrote or was sent about a case; with case number "" all that it was sent."""
    where = f"n.case_no=:case_no AND {_OURS}" if case_no else _SENT
    sql = f"{_SELECT} WHERE n.kind=:kind AND {where} AND n.arrival<:before ORDER BY n.arrival DESC LIMIT :limit"
    asked = {"kind": MESSAGE, "me": me, "code": code, "case_no": case_no, "before": before, "limit": limit}
    return [_note(row) for row in connection.execute(sql, asked).fetchall()]


def count_messages(connection: sqlite3.Connection, me: bytes, code: str, case_no: str) -> int:
    """How many messages these are in all."""
    where = f"n.case_no=:case_no AND {_OURS}" if case_no else _SENT
    asked = {"kind": MESSAGE, "me": me, "code": code, "case_no": case_no}
    return int(connection.execute(f"SELECT count(*) FROM notes n WHERE n.kind=:kind AND {where}", asked).fetchone()[0])


def _note(row: tuple[Any, ...]) -> NoteRow:
    id, kind, case_no, author, staff_id, at, body, header, arrival = row
    return NoteRow(id, kind, case_no, author, staff_id, at, body or b"", decode_header(header).facts, arrival)
