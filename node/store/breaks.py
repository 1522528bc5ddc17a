"""Case events that do not continue what is known of their case, found when they come.

An event names the entry before it. When that is not here, or is not the version before, its author lied, or the entry is still
under way; later nobody could tell either from an entry that was deleted here. So it is listed at once as a finding about the
author, and struck off when the predecessor comes. Not when the predecessor stands here without counting, nor when the query
table still lists it, which then was here; nor while the tables are made anew, for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.store.maintenance import CASE_GAP, place

if TYPE_CHECKING:
    from node.domain.model import Event
    from node.store.stored import Stored
    from node.store.turn import Turn


def note(tx: Turn, stored: Stored) -> None:
    """List a new event that continues nothing; strike off what continues it."""
    event = stored.event()
    known = tx.cases.entries(event.case_no)
    if event.version > 1 and not any(_continues(event, one.event) for one in known) and not _was_here(tx, event):
        tx.finding(event.author, CASE_GAP, place(stored.fields.epoch, stored.fields.seq))
    for one in known:
        if _continues(one.event, event):
            tx.connection.execute(
                "DELETE FROM findings WHERE author=? AND kind=? AND detail=?",
                (one.event.author, CASE_GAP, place(one.epoch, one.seq)),
            )


def _continues(event: Event, before: Event) -> bool:
    return event.prev == before.hash and event.version == before.version + 1


def _was_here(tx: Turn, event: Event) -> bool:
    """Whether it is listed as the head of its case, or stands here without counting (quarantined, a lost branch)."""
    here = {"no": event.case_no, "version": event.version - 1, "prev": event.prev}
    tx.journal.write()
    sql = (
        "SELECT 1 FROM cases WHERE case_no=:no AND version=:version AND head=:prev"
        " UNION ALL SELECT 1 FROM entries WHERE case_no=:no AND version=:version AND hash=:prev"
    )
    return tx.connection.execute(sql, here).fetchone() is not None
