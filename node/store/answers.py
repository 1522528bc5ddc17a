"""SQL of what people ask by SMS or mail and what they are answered (R96): a log, and the answers that wait to be sent.

Number and text stand here until the answer went out; then the number is masked and the text is gone.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

TABLES = """
CREATE TABLE notice_answers(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, key BLOB NOT NULL, sender TEXT NOT NULL,
  outcome TEXT NOT NULL, case_no TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL DEFAULT '');
CREATE INDEX notice_answers_key ON notice_answers(key, at);
CREATE INDEX notice_answers_open ON notice_answers(id) WHERE state='waiting';
"""
_COLUMNS = "id, at, sender, outcome, case_no, text, state, error"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question and its answer; `at` ms. `sender` is masked and `text` empty once it is settled."""

    id: int
    at: int
    sender: str
    outcome: str
    case_no: str
    text: str
    state: str
    error: str


def add(
    connection: sqlite3.Connection, at: int, key: bytes, sender: str, outcome: str, case_no: str, text: str, state: str
) -> int:
    sql = "INSERT INTO notice_answers(at, key, sender, outcome, case_no, text, state) VALUES(?,?,?,?,?,?,?)"
    return int(connection.execute(sql, (at, key, sender, outcome, case_no, text, state)).lastrowid or 0)


def asked_since(connection: sqlite3.Connection, key: bytes, since: int) -> int:
    """How often somebody asked since a moment."""
    sql = "SELECT count(*) FROM notice_answers WHERE key=? AND at>=?"
    return int(connection.execute(sql, (key, since)).fetchone()[0])


def waiting(connection: sqlite3.Connection, most: int) -> list[Answer]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM notice_answers WHERE state='waiting' ORDER BY id LIMIT ?", (most,)
    ).fetchall()
    return [Answer(*row) for row in rows]


def page(connection: sqlite3.Connection, most: int) -> list[Answer]:
    """The newest lines of the log."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM notice_answers ORDER BY id DESC LIMIT ?", (most,)).fetchall()
    return [Answer(*row) for row in rows]


def mark(connection: sqlite3.Connection, id: int) -> bool:
    """The intent, before the hand-over."""
    return connection.execute("UPDATE notice_answers SET state='handing' WHERE id=? AND state='waiting'", (id,)).rowcount == 1


def settle(connection: sqlite3.Connection, id: int, state: str, masked: str, error: str = "") -> None:
    connection.execute("UPDATE notice_answers SET state=?, sender=?, text='', error=? WHERE id=?", (state, masked, error, id))


def interrupted(connection: sqlite3.Connection) -> None:
    """An answer that was being sent when the process ended: nobody asks for it any more."""
    connection.execute("UPDATE notice_answers SET state='unknown', text='', sender='' WHERE state='handing'")


def came_back(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE notice_answers SET state='unknown', text='', sender='' WHERE state IN ('waiting', 'handing')")
