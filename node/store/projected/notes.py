"""The notes beside cases, as their entries say them (`node.domain.notes`), and who has received those that are for certain nodes.

Those that have a table of their own stand there. What is for certain nodes stands here also when its kind is not known, so that it is
carried. A node has received a note when it says so; when it says so more than once (its disk was an earlier one), the earliest counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import PROMPT_ANSWERED, RECEIVED, addressed, is_about, note_kind
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.stored import Stored
    from node.store.turn import Turn


class Notes(Projection):
    """By the hash of the entry."""

    NAME = "notes"
    VERSION = 4
    TABLES = """
CREATE TABLE notes(id BLOB PRIMARY KEY, kind TEXT NOT NULL, case_no TEXT NOT NULL, author BLOB NOT NULL, staff_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL, body_hash BLOB, arrival INTEGER NOT NULL,
  about BLOB  -- the note that was received or answered
) WITHOUT ROWID;
CREATE INDEX notes_messages ON notes(arrival) WHERE kind='message';
CREATE INDEX notes_case ON notes(case_no, arrival);
CREATE INDEX notes_about ON notes(about) WHERE about IS NOT NULL;
CREATE TABLE note_to(id BLOB, code TEXT, author BLOB NOT NULL, received_at INTEGER, PRIMARY KEY(id, code)) WITHOUT ROWID;
CREATE INDEX note_to_code ON note_to(code);
CREATE INDEX note_to_open ON note_to(author) WHERE received_at IS NULL;
"""
    COMPARED = {
        "notes": Compared("id, kind, case_no, author, staff_id, at_ms, body_hash, arrival, about"),
        "note_to": Compared("id, code, author, received_at"),
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        for stored in (change.stored for change in changes if is_kept(change)):
            tx.connection.execute("INSERT OR IGNORE INTO notes VALUES(?,?,?,?,?,?,?,?,?)", _row(stored))
            if stored.fields.kind == RECEIVED:
                _received(tx, stored)
            else:
                _sent(tx, stored)


def is_kept(change: Change) -> bool:
    fields = change.stored.fields
    row = note_kind(fields.kind)
    return fields.entry_class == "note" and row.kept == Notes.NAME and (bool(row.name) or bool(addressed(fields.facts)))


def _row(stored: Stored) -> tuple[object, ...]:
    fields = stored.fields
    return (
        stored.hash, fields.kind, fields.subject, stored.author, fields.staff_id, fields.recorded_at, fields.body_hash or None,
        stored.arrival, is_about(fields.facts) if fields.kind in (RECEIVED, PROMPT_ANSWERED) else None,
    )  # fmt: skip


def _sent(tx: Turn, stored: Stored) -> None:
    """What says that it was received may have come before it."""
    codes = addressed(stored.fields.facts)
    tx.connection.executemany(
        "INSERT OR IGNORE INTO note_to VALUES(?,?,?,NULL)", [(stored.hash, code, stored.author) for code in codes]
    )
    rows = tx.connection.execute("SELECT author, at_ms FROM notes WHERE about=?", (stored.hash,)).fetchall()
    for author, at_ms in rows:
        _mark(tx, stored.hash, author, at_ms)


def _received(tx: Turn, stored: Stored) -> None:
    about = is_about(stored.fields.facts)
    if about is not None:
        _mark(tx, about, stored.author, stored.fields.recorded_at)


def _mark(tx: Turn, id: bytes, author: bytes, at_ms: int) -> None:
    """Only a node that is addressed can receive."""
    node = tx.trust.node(author)
    if node is not None:
        tx.connection.execute(
            "UPDATE note_to SET received_at=min(coalesce(received_at, ?1), ?1) WHERE id=?2 AND code=?3", (at_ms, id, node.code)
        )
