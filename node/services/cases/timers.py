"""Effects of absence (DESIGN "Custody"): what happens because somebody did not act.

There is no timer queue. A tick looks at the cases this node holds and lets the rules decide the timed actions of the
table; each is idempotent because it changes the state it needs, and none fires unless the local clock agrees with the
last receipt. A node that was off catches up at its next tick.
"""

from __future__ import annotations

from functools import partial

from node.domain.cases.decisions import Command
from node.domain.model import SYSTEM
from node.services.cases.context import Rules
from node.services.cases.custody import Custody
from node.store.store import Store, Tx

SLICE = 200
TIMED = {"submitted": "deem_accepted", "in_transit": "deem_accepted", "draft": "void_stale"}


class Timers:
    """The timed actions of one node."""

    def __init__(self, store: Store, rules: Rules, custody: Custody) -> None:
        self.store = store
        self.rules = rules
        self.custody = custody

    def tick(self) -> int:
        """Look once; answers how many actions were taken. One short transaction a case, so people never wait for it."""
        self.store.catch_up()
        self._follow_publications()
        with self.store.reading() as view:
            waiting = view.cases.due_before(tuple(TIMED), view.identity.node_id)
        return sum(self.store.run(partial(self._one, case_no)) for case_no in waiting)

    def _follow_publications(self) -> None:
        """A calendar that changed moves the due dates of the query table (R08), limits that came after what cites them give some;
        a few cases at a time."""
        here = ",".join(map(str, sorted(self.rules.limits)))
        revision = f"{self.rules.calendar.revision} {here}".encode()
        with self.store.reading() as view:
            if view.meta.get("due_calendar") == revision:
                return
        last = ""
        while last := self.store.run(partial(self._refresh, last)):
            pass
        self.store.run(lambda tx: tx.meta.set("due_calendar", revision))

    def _refresh(self, after: str, tx: Tx) -> str:
        return tx.cases.refresh(after, SLICE)

    def _one(self, case_no: str, tx: Tx) -> bool:
        case = tx.cases.get(case_no)
        if case is None or case.status not in TIMED or case.custodian != tx.identity.node_id:
            return False
        return self.custody.mechanical(tx, case, Command(TIMED[case.status], {}, SYSTEM))
