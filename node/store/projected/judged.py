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
    VERSION = 2
    TABLES = """
CREATE TABLE judged(event BLOB, flag TEXT, state TEXT NOT NULL, note BLOB NOT NULL, at_ms INTEGER NOT NULL,
  place INTEGER NOT NULL,  -- in the chain of its author, for two of one moment
  unit TEXT NOT NULL, item_id TEXT NOT NULL,  -- who is charged; the item that it is about, "" for none
  found_ms INTEGER NOT NULL,  -- since when that was so of an item or a unit; 0 of what was found in a case
  PRIMARY KEY(event, flag)) WITHOUT ROWID;
CREATE INDEX judged_confirmed ON judged(event, flag) WHERE state='confirmed' AND found_ms>0;
"""
    COMPARED = {"judged": Compared("event, flag, state, note, at_ms, place, unit, item_id, found_ms")}

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
                item, found = (facts.get(name) for name in ("item", "found"))
                tx.connection.execute(
                    "INSERT INTO judged VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9) ON CONFLICT(event, flag) DO UPDATE SET state=?3, note=?4, at_ms=?5,"
                    " place=?6, unit=?7, item_id=?8, found_ms=?9 WHERE (at_ms, place, note) < (?5, ?6, ?4)",
                    (
                        event, flag, state, stored.hash, fields.recorded_at, place, unit, item if isinstance(item, str) else "",
                        found if isinstance(found, int) and 0 < found < 1 << 62 else 0,
                    ),
                )  # fmt: skip
