"""The monthly reports that were signed or frozen (notes `month_reported`), as their entries say them, and which cases are to be told anew.

`reports` and `card_places` follow from entries alone. `stories` (what each entry of a case counts, `node.domain.reports.story`) rests on
the rules that are here and is work in progress: `story_watch` names the cases whose story is not as the case stands.
`report_checks` says what a recount here said of a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import CARDED, MONTH_REPORTED
from node.domain.reports.tally import read_month
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection, drop_rows

if TYPE_CHECKING:
    from node.store.standing import Settled
    from node.store.stored import Stored
    from node.store.turn import Turn


class Reports(Projection):
    """A report is by the node that it is about."""

    NAME = "reports"
    VERSION = 3
    TABLES = """
CREATE TABLE reports(entry BLOB PRIMARY KEY, author BLOB NOT NULL, month TEXT NOT NULL, staff_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX reports_of ON reports(author, month, epoch, seq);
CREATE TABLE card_places(entry BLOB PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stories(case_no TEXT PRIMARY KEY, told TEXT NOT NULL,
  last_at INTEGER NOT NULL,  -- when its last entry counts as done, ms
  open INTEGER NOT NULL  -- 1: it is in process
) WITHOUT ROWID;
CREATE INDEX stories_last ON stories(last_at);
CREATE INDEX stories_open ON stories(case_no) WHERE open=1;
CREATE TABLE story_watch(case_no TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE report_checks(entry BLOB PRIMARY KEY, differs INTEGER NOT NULL) WITHOUT ROWID;
"""
    COMPARED = {
        "reports": Compared("entry, author, month, staff_id, at_ms, epoch, seq, body"),
        "card_places": Compared("entry, epoch, seq"),
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        notes = [one.stored for one in changes if one.stored.fields.entry_class == "note"]
        cards = [(one.hash, *one.fields.position) for one in notes if one.fields.kind in CARDED]
        if cards:
            tx.connection.executemany("INSERT OR IGNORE INTO card_places VALUES(?,?,?)", cards)
        for one in notes:
            if one.fields.kind == MONTH_REPORTED and (row := _row(one)) is not None:
                tx.connection.execute("INSERT OR IGNORE INTO reports VALUES(?,?,?,?,?,?,?,?)", row)

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """What changed is to be told anew."""
        tx.connection.executemany("INSERT OR IGNORE INTO story_watch VALUES(?)", [(one.case.case_no,) for one in cases])

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        drop_rows(tx, "stories", case_nos)
        drop_rows(tx, "story_watch", case_nos)


def _row(stored: Stored) -> tuple[object, ...] | None:
    """None for a note that names no month."""
    fields, month = stored.fields, stored.fields.facts.get("month")
    if not isinstance(month, str) or read_month(month) is None or not fields.body_hash:
        return None
    return stored.hash, stored.author, month, fields.staff_id, fields.recorded_at, *fields.position, fields.body_hash
