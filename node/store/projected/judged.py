"""What supervisors said of findings (notes `finding_judged`): the state of each, by the event and the flag that it is about.

Who may say it is above the node that is charged, or is it. Of two the later counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import FINDING_JUDGED
from node.domain.supervision.judging import JUDGED
from node.store.maintenance import Compared
from node.store.orders import is_above
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.turn import Turn


class Judged(Projection):
    """By event and flag."""

    NAME = "judged"
    TABLES = """
CREATE TABLE judged(event BLOB, flag TEXT, state TEXT NOT NULL, note BLOB NOT NULL, at_ms INTEGER NOT NULL,
  place INTEGER NOT NULL,  -- in the chain of its author, for two of one moment
  PRIMARY KEY(event, flag)) WITHOUT ROWID;
"""
    COMPARED = {"judged": Compared("event, flag, state, note, at_ms, place")}

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        for change in changes:
            stored, fields = change.stored, change.stored.fields
            facts = fields.facts
            if fields.entry_class != "note" or fields.kind != FINDING_JUDGED:
                continue
            event, flag, state, unit = (facts.get(name) for name in ("event", "flag", "state", "unit"))
            if not isinstance(event, bytes) or not isinstance(flag, str) or state not in JUDGED or not isinstance(unit, str):
                continue
            if is_above(tx, stored.author, unit):
                place = (fields.epoch << 40) + fields.seq
                tx.connection.execute(
                    "INSERT INTO judged VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(event, flag) DO UPDATE SET state=?3, note=?4, at_ms=?5, place=?6"
                    " WHERE (at_ms, place, note) < (?5, ?6, ?4)",
                    (event, flag, state, stored.hash, fields.recorded_at, place),
                )
