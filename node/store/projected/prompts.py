"""Reminders and findings of volunteers with their answers (`node.domain.supervision.prompts`). A prompt counts from who is above its
unit, or from its own node; an answer from the unit, the first one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import PROMPT_ANSWERED, PROMPTED, is_about
from node.store import prompts
from node.store.maintenance import Compared
from node.store.orders import is_above
from node.store.projected.base import Change, Projection
from node.store.stored import Stored

if TYPE_CHECKING:
    from node.store.turn import Turn


class Prompts(Projection):
    """By the hash of the note."""

    NAME = "prompts"
    TABLES = """
CREATE TABLE prompts(id BLOB PRIMARY KEY, author BLOB NOT NULL, unit TEXT NOT NULL, what TEXT NOT NULL, case_no TEXT NOT NULL,
  staff_id TEXT NOT NULL, at_ms INTEGER NOT NULL, arrival INTEGER NOT NULL, body BLOB,
  answer BLOB, answered_at INTEGER NOT NULL  -- of the answer: its hash, and when it was written (0: not yet)
) WITHOUT ROWID;
CREATE INDEX prompts_arrival ON prompts(arrival);
CREATE INDEX prompts_open ON prompts(unit) WHERE answered_at = 0;
CREATE INDEX prompts_case ON prompts(case_no) WHERE case_no <> '';
"""
    COMPARED = {
        "prompts": Compared("id, author, unit, what, case_no, staff_id, at_ms, arrival, body, answer, answered_at"),
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        for change in changes:
            stored = change.stored
            if stored.fields.entry_class != "note":
                continue
            if stored.fields.kind == PROMPTED:
                _prompted(tx, stored)
            elif stored.fields.kind == PROMPT_ANSWERED and (about := is_about(stored.fields.facts)) is not None:
                prompts.answered(tx, about)


def _prompted(tx: Turn, stored: Stored) -> None:
    fields, facts = stored.fields, stored.fields.facts
    unit, what = facts.get("unit"), facts.get("what")
    if not isinstance(unit, str) or not isinstance(what, str) or not is_above(tx, stored.author, unit):
        return
    tx.connection.execute(
        "INSERT OR IGNORE INTO prompts VALUES(?,?,?,?,?,?,?,?,?,NULL,0)",
        (stored.hash, stored.author, unit, what, fields.subject, fields.staff_id, fields.recorded_at, stored.arrival, fields.body_hash or None),
    )  # fmt: skip
    tx.cases.write_again(fields.subject)
    prompts.answered(tx, stored.hash)
