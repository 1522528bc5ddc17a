"""The card of a finding about an item or a unit that was confirmed (O01, O02, F01; DOMAIN A2 `on_成立`), served like every card by the parent
of the unit that answers, once.

It rests on what the supervisor said, which names unit, item and since when: who has to serve need not have the item, which may be a layer's
own. A note for the unit, as no case carries it.
"""

from __future__ import annotations

from node.domain.notes import ITEM_CARDED, TO
from node.domain.supervision.signals import confirmed_apart
from node.domain.supervision.suspicions import rule_of
from node.domain.words.flags import OF_NO_CASE
from node.services.cases.context import Rules
from node.services.supervision.signals import facts_of, serves
from node.store import findings
from node.store.journal import Draft
from node.store.store import Store, Tx


class ItemCards:
    """Serves them at one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules

    def tick(self) -> int:
        """Serve what is owed; answers how many."""
        with self._store.reading() as view:
            owed = findings.uncarded(view.connection)
        return self._store.run(self._serve) if owed else 0

    def _serve(self, tx: Tx) -> int:
        if tx.links.unconfirmed() or not self._store.watch.agrees(tx):
            return 0  # after a restore nobody knows what was served before; nor by a clock that others contradict
        return sum(self._one(tx, *found) for found in findings.uncarded(tx.connection))

    def _one(self, tx: Tx, event: bytes, flag: str, code: str, item_id: str, found_ms: int, said_ms: int) -> int:
        unit = tx.find_code(code)
        rule = rule_of(flag, self._rules.catalog.snapshot().supervisions, said_ms) if flag in OF_NO_CASE else None
        if unit is None or rule is None or not serves(tx, unit.node_id):
            return 0
        to = (unit.code,) if unit.node_id != tx.identity.node_id else ()
        served = list(confirmed_apart(rule, item_id or unit.code, item_id, event, unit.node_id, found_ms, said_ms))
        for one in served:
            tx.journal.append(Draft(ITEM_CARDED, "note", {TO: to, **facts_of(one), "item": item_id, "flag": flag}))
        return len(served)
