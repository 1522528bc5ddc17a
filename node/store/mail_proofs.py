"""SQL of the codes that prove a mail address: somebody on the staff gave it, and the mail to it holds a code (`notices/confirming.py`).

One row a person, for the address asked about last (of an address for the monthly report its
key is `report:` and the address). The code itself is never kept, only its salted hash, with a term.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

TABLES = """
ALTER TABLE staff_news ADD COLUMN proof TEXT NOT NULL DEFAULT 'before';
CREATE TABLE mail_proofs(
  staff_id TEXT PRIMARY KEY, email TEXT NOT NULL,
  salt BLOB NOT NULL DEFAULT x'', digest BLOB NOT NULL DEFAULT x'', until INTEGER NOT NULL DEFAULT 0,  -- of the code that went out last
  day TEXT NOT NULL, asked INTEGER NOT NULL  -- how many mails were asked for on that day (ISO), to whatever address
) WITHOUT ROWID;
CREATE INDEX mail_proofs_email ON mail_proofs(email);
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept of a person's question; `until` in ms, 0 while no code went out."""

    staff_id: str
    email: str
    salt: bytes = b""
    digest: bytes = b""
    until: int = 0
    day: str = ""
    asked: int = 0


def of(connection: sqlite3.Connection, staff_id: str) -> Proof | None:
    sql = "SELECT staff_id, email, salt, digest, until, day, asked FROM mail_proofs WHERE staff_id=?"
    row = connection.execute(sql, (staff_id,)).fetchone()
    return Proof(*row) if row else None


def asked_on(connection: sqlite3.Connection, email: str, day: str) -> int:
    """How many mails all persons together asked for to an address on a day."""
    row = connection.execute("SELECT coalesce(sum(asked), 0) FROM mail_proofs WHERE email=? AND day=?", (email, day)).fetchone()
    return int(row[0])


def asked_like(connection: sqlite3.Connection, start: str, day: str) -> int:
    """The same of all whose key begins so."""
    sql = "SELECT coalesce(sum(asked), 0) FROM mail_proofs WHERE substr(staff_id, 1, ?)=? AND day=?"
    return int(connection.execute(sql, (len(start), start, day)).fetchone()[0])


def put(connection: sqlite3.Connection, one: Proof) -> None:
    values = (one.staff_id, one.email, one.salt, one.digest, one.until, one.day, one.asked)
    connection.execute("INSERT OR REPLACE INTO mail_proofs VALUES(?,?,?,?,?,?,?)", values)
