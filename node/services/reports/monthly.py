"""The monthly report (月报, R44, DOMAIN A8; DESIGN "Reports and roll-ups"): read, signed, frozen.

While a month is open its report is made anew at each reading. Whoever leads or supervises a unit signs it when all units below that are
heard have signed; at the end of the third working day of the next month the node freezes what nobody signed. What it says travels as a
note to every tier above, and each of them counts the same entries again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from node.domain import notes
from node.domain.cases.access import Function, require
from node.domain.model import SYSTEM, Actor, Facts, Place
from node.domain.reports.documents import MonthlyReport, ReportCases, ReportSignals, read_signature
from node.domain.reports.tally import Month, month_of, read_month
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.reports import listing
from node.services.reports.making import Making, Memory, freezes_at
from node.services.reports.showing import Showing
from node.services.reports.units import asked_month, unit_of
from node.services.supervision.cards import Cards
from node.store import reports as sql
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

BODY_CLASS = "report"
WAITS_MS = 12 * 3_600_000  # that a unit waits at the freeze for those below that are heard
RECOUNTED = 20  # reports of a tick
MOST_OPEN = 50  # rows that are opened at once
CAUGHT_UP = 12  # months that a node which was off reports when it is back


class Monthly:
    """The reports of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self._store, self._rules, self._secret = store, rules, secret
        self._memory = Memory()

    # reading -------------------------------------------------------------------------------------------------------------

    def report(self, given: Mapping[str, str], actor: Actor) -> MonthlyReport:
        """A month of this node or of a unit below it (`node`, a division code). Without `month` the last that is over;
        with `compare` = 1 last month and the same month of last year beside it; `open` (codes with commas): what the rows of these units add up.

        Errors: `forbidden` first, then `invalid_input`."""
        require(Function.REPORTS, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            making = Making(view, self._rules, self._memory)
            unit = unit_of(view, making, given.get("node", ""))
            month = asked_month(view, given.get("month", ""), unit)
            return Showing(making).document(
                unit, month, actor, given.get("compare") == "1", given.get("open", "").split(",")[:MOST_OPEN]
            )

    def cases(self, given: Mapping[str, str], actor: Actor) -> ReportCases:
        """The cases that a column of a row of 表一 or 表六 counts, each as often as it is counted. `unit`: of which row (that of the unit itself,
        or of one directly below with all below it); without it all.

        Errors: `forbidden` first, then `invalid_input`."""
        require(Function.REPORTS, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return listing.cases(Making(view, self._rules), view, given)

    def signals(self, given: Mapping[str, str], actor: Actor) -> ReportSignals:
        """The same of 表二: warnings and cards, appeals, orders, the newest first. Errors: as `cases`."""
        require(Function.REPORTS, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return listing.signalled(Making(view, self._rules), view, given, Cards(self._store, self._rules))

    # signing -------------------------------------------------------------------------------------------------------------

    def submit(
        self, month: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> MonthlyReport:  # fmt: skip
        """Sign the report of this node for a month that is over and not frozen: who filled it in, who checked it.

        Errors: `forbidden`, `invalid_input`, `guard_failed` with the rule, `idempotency_conflict`."""
        require(Function.SUBMIT_REPORT, self._store.place.tier, actor.role)
        wanted, names = read_month(month), read_signature(given)
        said = {"report": month, "given": dict(given)}
        if wanted is None:
            raise TongbanError("invalid_input", {"month": "not_a_month"})
        with self._store.reading() as view:
            if Repeats(view, self._secret).find(actor.staff_id, idempotency_key, said) is not None:
                return Showing(Making(view, self._rules)).document(view.identity.place, wanted, actor)
            if wanted.end <= sql.began(view.connection, view.identity.node_id):
                raise TongbanError("invalid_input", {"month": "before_node"})
            making = Making(view, self._rules)
            if reason := Showing(making).why_not(view.identity.place, wanted):
                raise TongbanError("guard_failed", rule=reason)
            body = self._body(making, view.identity.place, wanted, names)

        def write(tx: Tx) -> None:
            repeats = Repeats(tx, self._secret)
            if repeats.find(actor.staff_id, idempotency_key, said) is None:
                _write(tx, wanted, body, actor.staff_id)
                repeats.keep(actor.staff_id, idempotency_key, said, 200, {"month": month})

        self._store.run(write)
        return self.report({"month": month}, actor)

    def _body(self, making: Making, unit: Place, month: Month, names: tuple[str, str]) -> dict[str, object]:
        cut, base = making.cut(unit.node_id, month), making.base(unit.node_id, month)
        return making.body(unit, month, cut, making.counted(unit.node_id, month, cut, base), base, names)

    # by the calendar -----------------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Freeze the months that nobody signed in time, and count again what others reported; answers how many were frozen."""
        frozen = 0
        self._recount()
        for _ in range(CAUGHT_UP):
            with self._store.reading() as view:
                month = self._to_freeze(view)
                body = self._body(Making(view, self._rules), view.identity.place, month, ("", "")) if month is not None else {}
            if month is None:
                break
            self._store.run(lambda tx, month=month, body=body: _write(tx, month, body, SYSTEM.staff_id))  # type: ignore[misc]
            frozen += 1
        return frozen

    def _recount(self) -> None:
        """The last reports from below that are whole here."""
        with self._store.reading() as view:
            making, me, found = Making(view, self._rules), view.identity.node_id, dict[bytes, bool]()
            for one in sql.unchecked(view.connection, me, RECOUNTED):
                written, month = making.cuts.written(one.entry), read_month(one.month)
                if written is None or month is None or not view.trust.is_below(one.author, me):
                    continue
                lacks, differ = making.recount(one.author, written, month)
                found |= {} if lacks else {one.entry: bool(differ)}
        if found:
            self._store.run(lambda tx: sql.note_checks(tx.connection, found))

    def _to_freeze(self, view: View) -> Month | None:
        """The earliest month of this node that is to be frozen now."""
        month = self._owed(view)
        if month is None or view.now() < (at := freezes_at(month, self._rules.calendar)):
            return None
        if view.links.unconfirmed() or not self._store.watch.agrees(view):
            return None  # after a restore nobody knows what was reported before; nor by a clock that others contradict
        making = Making(view, self._rules)
        waits = view.now() < at + WAITS_MS and any(
            not since for _, since in making.missing(making.cut(view.identity.node_id, month))
        )
        return None if waits else month

    def _owed(self, view: View) -> Month | None:
        """The earliest month over that this node has not reported since its last report; without one the last that is over."""
        last, me = month_of(view.now()).before, view.identity.node_id
        reported = sql.months_of(view.connection, me)
        if reported:
            newest = read_month(reported[0])
            month = newest.next if newest is not None else last
        else:
            month = last
        began = sql.began(view.connection, me)
        return month if month <= last and began and began < month.end else None


def _write(tx: Tx, month: Month, body: Mapping[str, object], staff_id: str) -> None:
    """The report as a note for every tier above."""
    above = tuple(place.code for node in tx.trust.path(tx.identity.node_id)[1:] if (place := tx.place(node)) is not None)
    facts: Facts = {notes.TO: above, "month": month.code, "digest": digest(body)}
    draft = Draft(notes.MONTH_REPORTED, "note", facts, staff_id=staff_id, body=tx.encode_body(dict(body)), body_class=BODY_CLASS)
    tx.journal.append(draft)


def digest(body: Mapping[str, object]) -> bytes:
    """Of what a report states, without who signed it."""
    stated = {name: body.get(name) for name in ("format", "month", "node", "cut", "base", "rows")}
    return hashlib.sha256(json.dumps(stated, sort_keys=True, separators=(",", ":")).encode()).digest()
