"""The yellow card of an order that was not answered in time (DOMAIN A6), served like every card by the parent of the unit that answers.

It rests on the reminder by which the issuer's node said, knowing the unit past the day, that there is no answer. It is a note for the unit, as an
order may be about no case. No order and no ladder follows from it.
"""

from __future__ import annotations

import hashlib

from node.domain.calendar import day_of, end_of_day_ms
from node.domain.cases.lateness import over_days
from node.domain.model import Facts
from node.domain.notes import ORDER_CARDED, TO
from node.domain.supervision.orders import ORDER_RULE, reply_due, within
from node.services.cases.context import Rules
from node.services.supervision.signals import serves
from node.store import orders as table
from node.store.journal import Draft
from node.store.orders import Whole
from node.store.store import Store, Tx


class OrderCards:
    """Serves them at one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules

    def tick(self) -> int:
        """Serve what is owed; answers how many."""
        with self._store.reading() as view:
            ids = table.uncarded(view)
        return sum(self._store.run(lambda tx, id=id: self._one(tx, id)) for id in ids)  # type: ignore[misc]

    def _one(self, tx: Tx, id: bytes) -> int:
        found, anchor = table.whole(tx, id), table.unanswered_of(tx, id)
        unit = tx.find_code(found.row.unit) if found is not None else None
        if found is None or unit is None or not anchor or not serves(tx, unit.node_id):
            return 0
        facts = self._facts(found, anchor, unit.node_id)
        if facts is None or tx.links.unconfirmed() or not self._store.watch.agrees(tx):
            return 0
        to = (unit.code,) if unit.node_id != tx.identity.node_id else ()
        tx.journal.append(Draft(ORDER_CARDED, "note", {TO: to, **facts}, subject=found.row.case_no))
        return 1

    def _facts(self, found: Whole, anchor: bytes, unit: bytes) -> Facts | None:
        """None where the calendar is not known that far."""
        cal, due = self._rules.calendar, reply_due(found.order, self._rules.calendar)
        if due is None or not cal.known(due):
            return None
        text = "\0".join(
            ("tongban signal 1", found.row.id.hex(), ORDER_RULE, anchor.hex(), due.isoformat(), unit.hex(), "yellow")
        )
        fell = end_of_day_ms(due)
        return {
            "id": hashlib.sha256(text.encode()).digest(), "rule": ORDER_RULE, "rung": "yellow", "clock": ORDER_RULE,
            "days": within(found.order.urgent), "due": due, "anchor": anchor, "charged": unit, "staff": "", "fell": fell,
            "over": over_days(due, day_of(fell), cal), "version": found.order.version, "order": found.row.id,
        }  # fmt: skip
