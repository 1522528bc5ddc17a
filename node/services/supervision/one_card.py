"""One signal in full, within one view: why it is whose, how its day came about, what it rests on and what became of it.

Every number is made by what decides: the shares of `charging`, the days of `explain`, the watch that the signal was derived from. Where the
entries are not here (a card that was only heard of) nothing is said of them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from node.domain.calendar import day_of
from node.domain.cases.clocks import Deadline
from node.domain.cases.deadline_words import sentence
from node.domain.cases.deadlines import reckon
from node.domain.cases.explain import Explanation
from node.domain.cases.history import Paused
from node.domain.cases.lateness import over_days
from node.domain.model import Cited
from node.domain.supervision import charging
from node.domain.supervision.card_documents import CardHere, CardShare, CardStep, CardStretch, CardVersions
from node.domain.supervision.orders import ORDER_RULE
from node.domain.supervision.rulebook import SERVED
from node.domain.supervision.watches import State, Watch, states, watches
from node.services.cases.context import Rules
from node.services.supervision.appeal_rows import AppealRows
from node.services.supervision.explaining import explanation
from node.services.supervision.order_rows import OrderRows
from node.services.supervision.signals import basis_of, sound_events
from node.services.times import iso
from node.store import appeals, findings, orders, signals
from node.store.signals import Row, Wanted
from node.store.store import View

MOST = 50  # signals of one case that are looked through for those of the same limit


class OneCard:
    """Tells one."""

    def __init__(self, view: View, rules: Rules, row: Row) -> None:
        self._view, self._rules, self._row = view, rules, row
        self._basis = basis_of(view, rules, rules.catalog.snapshot().supervisions)
        self._found: list[State] = states(sound_events(view, row.case_no), view.may_assign) if row.case_no and row.clock else []
        self._watch = next((one for one in watches(self._found, self._basis) if self._is(one)), None)

    def _is(self, watch: Watch) -> bool:
        row = self._row
        return (watch.rule, watch.limit.due.isoformat(), self._found[watch.first].event.hash) == (row.rule, row.due, row.anchor)

    # why it is whose ---------------------------------------------------------------------------------------------------

    def _settled(self) -> int:
        """When it was settled; 0 where it was not yet, or cannot be said here."""
        passed = self._watch is not None and self._row.rung in SERVED
        return charging.settled_at(self._watch) if passed and self._watch is not None else 0

    def _shares(self) -> dict[bytes, tuple[int, int | None]]:
        """Of each unit the days it used, and its budget where the rule divides one."""
        if self._watch is None or not (moment := self._settled()):
            return {}
        if self._watch.rule in charging.BUDGETED:
            return dict(charging.shares(self._found, self._watch, moment, self._basis))
        used = Counter(one.node for one in charging.days(self._found, self._watch, moment) if one.kind == charging.WORKED)
        return {node: (used[node], None) for node in dict.fromkeys((self._row.charged, *used))}

    def shares(self) -> list[CardShare]:
        """Who answers first, then the others as they had it."""
        found = sorted(self._shares().items(), key=lambda one: one[0] != self._row.charged)
        return [
            {"unit": self._code(node), "used": used, "budget": budget, "charged": node == self._row.charged}
            for node, (used, budget) in found
        ]  # fmt: skip

    def stretches(self) -> list[CardStretch]:
        """The same days in order, those of one unit and kind together."""
        found, last = list[CardStretch](), None
        for day in (
            charging.days(self._found, self._watch, self._settled()) if self._watch is not None and self._settled() else ()
        ):
            if last is None or (last.node, last.kind) != (day.node, day.kind):
                found.append(
                    {"unit": self._code(day.node), "kind": day.kind, "first": day.date.isoformat(), "last": "", "workdays": 0}
                )
            found[-1]["last"], found[-1]["workdays"], last = day.date.isoformat(), found[-1]["workdays"] + 1, day
        return found

    def here(self) -> CardHere | None:
        """What it says of this node, where it is another that answers; None of who never had the case."""
        me, found = self._view.identity.node_id, self._shares()
        taken = self._taken_over(me)
        if me == self._row.charged or (me not in found and taken is None):
            return None
        used, budget = found.get(me, (0, None))
        within = budget is not None and used <= budget and me in found
        return {"unit": self._view.identity.code, "used": used, "budget": budget, "within": within, "taken_over": taken}

    def _taken_over(self, me: bytes) -> int | None:
        """By how many working days it was over when this node took the case from another."""
        case = self._view.cases.get(self._row.case_no) if self._settled() else None
        hop = (
            next((one for one in case.hops if one.node == me and one.taken_at > self._settled()), None)
            if case is not None
            else None
        )
        if hop is None or self._watch is None or not self._watch.open_at(hop.taken_at):
            return None
        return over_days(self._watch.limit.due, day_of(hop.taken_at), self._watch.limit.cal)

    # how its day came about ----------------------------------------------------------------------------------------------

    def _deadline(self) -> Deadline | None:
        """The limit as it stood when its day was set."""
        watch = self._watch
        if watch is None:
            return None
        case, limit = self._found[watch.first].case, watch.limit
        reckoned = reckon(case, self._basis.item_of(case), self._basis.tier_of(case), self._rules.counting, self._rules.limits)
        found = next((one for one in reckoned.deadlines if (one.clock, one.due) == (limit.clock, limit.due)), None)
        if found is None and limit.since is not None:  # of a step, or after the applicant's own date
            return Deadline(limit.clock, limit.due, limit.provisional, limit.days, limit.unit or "workday", "", limit.since)
        return found

    def _pauses(self) -> list[Paused]:
        """Those that had begun when the day was set: a later one set another."""
        case = self._view.cases.get(self._row.case_no)
        if case is None or self._watch is None:
            return []
        set_at = self._found[self._watch.first].since
        return [one for one in self._rules.history(self._view, case).pauses if one.at <= set_at]

    def working(self) -> Explanation | None:
        """Every day counted or skipped."""
        found = self._deadline()
        if found is None or self._watch is None or found.since is None:
            return None
        return explanation(self._rules, found, self._watch.limit.cal, self._pauses())

    def sentences(self) -> tuple[str, str]:
        """The same in one sentence, Chinese and English; of what has none the condition of the rule, as it counts on that day."""
        found = self._deadline()
        if found is not None and (said := sentence(found, self._pauses())):
            return said, sentence(found, self._pauses(), "en")
        supervisions = self._rules.catalog.snapshot().supervisions
        rule = supervisions.on(dt.date.fromisoformat(self._row.due)).rules.get(self._row.rule)
        return (f"{rule.condition}。", f"{rule.en}.") if rule is not None else ("", "")

    def versions(self, entries: int) -> CardVersions:
        """What it rests on."""
        cites = self._found[self._watch.first].event.cites if self._watch is not None else Cited()
        rules = self._rules.catalog.snapshot().supervisions.revision_on(dt.date.fromisoformat(self._row.due))
        calendar = self._watch.limit.cal.revision if self._watch is not None else cites.calendar
        return {"rules": rules, "limits": cites.rules, "calendar": calendar, "entries": entries}

    # what became of it ---------------------------------------------------------------------------------------------------

    def history(self) -> list[CardStep]:
        """In order of time."""
        return sorted((*self._rungs(), *self._served(), *self._appealed(), *self._orders()), key=lambda one: one["at"] or "")

    def _rungs(self) -> Iterator[CardStep]:
        """The rungs of the same limit, what passed in its run, and when it was done."""
        row, view = self._row, self._view
        if not row.clock or not row.case_no:
            said = findings.confirmation(view.connection, row.anchor, row.rule)
            if said is not None:
                yield _step("confirmed", row.fell_ms, self._code(said[1]))
            return
        all_of, _ = signals.page(view.connection, Wanted(case_no=row.case_no), signals.NEWEST, MOST)
        same = [
            one for one in all_of if (one.rule, one.anchor, one.due, one.charged) == (row.rule, row.anchor, row.due, row.charged)
        ]
        for one in same:
            yield _step("fell", one.fell_ms, self._code(one.charged), rung=one.rung, signal_id=one.id.hex(), state=one.state)
        ids = {one.id for one in same}
        for one in all_of:
            if one.line_of in ids and one.line_of:
                yield _step("line", one.fell_ms, self._code(one.charged), rule=one.rule, signal_id=one.id.hex())
        if row.ended_ms:
            yield _step("done", row.ended_ms, None)

    def _served(self) -> Iterator[CardStep]:
        row, me = self._row, self._view.identity.node_id
        if row.entry:
            yield _step("served", row.at_ms, self._code(row.author))
        if row.entry and row.charged == me != row.author:
            yield _step("arrived", appeals.arrived_at(self._view, row.id), self._code(me))

    def _appealed(self) -> Iterator[CardStep]:
        found = appeals.whole(self._view, self._row.id)
        for act in AppealRows(self._view, self._rules).document(found, ())["history"] if found is not None else ():
            step = _step("appeal", 0, act["node"], kind=act["kind"], outcome=act["outcome"] or "", lapsed=act["lapsed"] or "")
            yield {**step, "at": act["at"]}

    def _orders(self) -> Iterator[CardStep]:
        of = [self._row.order_id] if self._row.rule == ORDER_RULE and self._row.order_id else []  # the one that was not answered
        for id in (*of, *orders.about_card(self._view.connection, self._row.id)):
            found = orders.whole(self._view, id)
            if found is not None:
                row = OrderRows(self._view, self._rules).row(found.row)
                step = _step("order", found.row.at, row["issuer"]["node"], order_id=row["order_id"], number=row["number"])
                yield {**step, "state": row["state"]}

    def _code(self, node: bytes) -> str | None:
        place = self._view.place(node) if node else None
        return place.code if place is not None else None


def _step(
    what: str, at: int, node: str | None, *, rung: str = "", rule: str = "", signal_id: str = "", kind: str = "", outcome: str = "",
    lapsed: str = "", order_id: str = "", number: str = "", state: str = "",
) -> CardStep:  # fmt: skip
    return {
        "what": what, "at": iso(at), "node": node, "rung": rung, "rule": rule, "signal_id": signal_id, "kind": kind, "outcome": outcome,
        "lapsed": lapsed, "order_id": order_id, "number": number, "state": state,
    }  # fmt: skip
