"""Effects of absence (DESIGN "Custody"): what happens because somebody did not act.

There is no timer queue. A tick looks at the cases this node holds and lets the rules decide the timed actions of the
table; each is idempotent because it changes the state it needs, and none fires unless the local clock agrees with the
last receipt. A node that was off catches up at its next tick.
"""

from __future__ import annotations

from functools import partial

from node.domain.calendar import day_of
from node.domain.cases.decisions import Command
from node.domain.model import SYSTEM
from node.services.cases.context import Rules
from node.services.cases.custody import Custody
from node.store.reckoning import FOLLOWED, published_here
from node.store.store import Store, Tx

AT_ONCE = 25  # slices while somebody waits: 5,000 cases, some seconds
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
            over = view.cases.gaps_over(view.identity.node_id, day_of(view.now()))
        return sum(self.store.run(partial(self._one, case_no)) for case_no in (*waiting, *over))

    def _follow_publications(self, most: int = 0) -> bool:
        """A calendar that changed moves the due dates of the query table (R08), limits that came after what cites them give some;
        a few cases at a time. What a calendar moved is put on record as the rows are written (`node.store.projected.cases`).

        Whether the table is up to date then, after at most so many slices (0: all)."""
        revision = published_here(self.rules.catalog.snapshot())
        with self.store.reading() as view:
            done = view.meta.get(FOLLOWED)
        if done == revision:
            return True
        last, slices = "", 0
        while last := self.store.run(partial(_refresh, last)):
            slices += 1
            if slices == most:
                return False
        self.store.run(lambda tx: tx.meta.set(FOLLOWED, revision))
        return True

    def follow(self) -> bool:
        """Follow what was published, now, for as long as somebody may wait; whether that was all. The rest is for the next tick."""
        self.store.catch_up()
        return self._follow_publications(AT_ONCE)

    def _one(self, case_no: str, tx: Tx) -> bool:
        case = tx.cases.get(case_no)
        if case is None or case.custodian != tx.identity.node_id:
            return False
        waits = case.gap.is_open and not case.gap.lapsed_at
        action = TIMED.get(case.status) or ("lapse_gap" if waits else "")
        return bool(action) and self.custody.mechanical(tx, case, Command(action, {}, SYSTEM))


def _refresh(after: str, tx: Tx) -> str:
    return tx.cases.refresh(after, SLICE)
