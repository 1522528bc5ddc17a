"""What 表二 counts of a month: warnings and cards, appeals, orders, each for a unit and under its columns. Its figures and the lists behind them
are made of the same marks.

Signals fall at 24:00 of a day and count on it (A2): the end of a month lies in it. Reports of the format before counted it in the next; they stay
as they were signed, are counted again by their own rule, and what they did not count is 补报 of the month that follows.

What rests on more than positions (warnings are derived, orders and appeals are notes of several nodes) is counted as it stands when the
report is made; ancestors do not compare it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from node.domain.calendar import DAY_MS
from node.domain.reports.columns import ENDS_WITH_24
from node.domain.supervision.orders import answered_in_time
from node.domain.supervision.rulebook import RULES
from node.services.cases.context import Rules
from node.services.reports.asked import Asked
from node.store import orders as order_table
from node.store import reports as sql
from node.store.store import Tx, View

LOOKED_BACK_MS = 62 * DAY_MS  # how late a card may become known and still be found
_MONITORS = {
    code: "process" if row.monitor == "disclosure" else row.monitor for code, row in RULES.items()
}  # 其中 divides all cards
SIGNAL, APPEAL, ORDER = "signal", "appeal", "order"


class Mark(NamedTuple):
    """One warning or card, appeal (by its card) or order that counts for a unit. `at`: when it fell, was filed or signed (ms)."""

    unit: bytes
    columns: tuple[str, ...]
    kind: str
    id: bytes
    at: int


class Signalled:
    """The marks of one view."""

    def __init__(self, view: View | Tx, rules: Rules) -> None:
        self._view, self._rules = view, rules

    def marks(self, asked: Asked) -> Iterator[Mark]:
        """All but the warnings, of which there are many."""
        appeals = sql.appeals(self._view.connection, asked.month.start - LOOKED_BACK_MS, asked.until)
        for mark in (*self._cards(asked, appeals), *_appealed(asked, appeals), *self._orders(asked)):
            if mark.unit in asked.units and mark.columns:
                yield mark

    def warnings(self, asked: Asked) -> Iterator[Mark]:
        for unit, id, at in sql.warned(self._view.connection, *_span(asked)):
            if unit in asked.units:
                yield Mark(unit, ("warn",), SIGNAL, id, at)

    def warned(self, asked: Asked) -> Iterator[tuple[bytes, int]]:
        """(unit, how many) of the same."""
        yield from (one for one in sql.warnings(self._view.connection, *_span(asked)) if one[0] in asked.units)

    def _cards(self, asked: Asked, appeals: Mapping[bytes, sql.Appealed]) -> Iterator[Mark]:
        for served in sql.cards(self._view.connection, asked.month.start - LOOKED_BACK_MS, _span(asked)[1]):
            card = _standing(served, appeals.get(served.id), asked.until)
            if card is not None and card.charged in asked.units and (late := _counts(card, asked)) is not None:
                monitor = _MONITORS.get(card.rule, "time")
                yield Mark(
                    card.charged, (card.rung, monitor, *(["late_reported"] if late else [])), SIGNAL, card.id, card.fell_ms
                )

    def _orders(self, asked: Asked) -> Iterator[Mark]:
        for id, code, state, at in sql.orders(self._view.connection, asked.month.start, asked.until):
            place = self._view.find_code(code)
            if place is None or place.node_id not in asked.units:
                continue
            whole = order_table.whole(self._view, id)
            in_time = whole is not None and bool(answered_in_time(whole.order, self._rules.calendar))
            more = [name for name, holds in (("replied_in_time", in_time), ("circulated", state == "circulated")) if holds]
            yield Mark(place.node_id, ("orders", *more), ORDER, id, at)


def _appealed(asked: Asked, appeals: Mapping[bytes, sql.Appealed]) -> Iterator[Mark]:
    for one in appeals.values():
        filed = one.filed_ms >= asked.month.start
        revoked = one.outcome == "revoke" and asked.month.start <= one.final_ms < asked.until
        columns = [name for name, holds in (("appeals", filed), ("revoked", revoked)) if holds]
        yield Mark(one.unit, tuple(columns), APPEAL, one.card, one.filed_ms)


def _standing(card: sql.Card, appeal: sql.Appealed | None, until: int) -> sql.Card | None:
    """A card as it counts: what is appealed against in the month that it becomes final, for whom it is moved to; None for what is still
    open at that moment, or does not stand."""
    if appeal is None:
        return card
    if not 0 < appeal.final_ms < until or appeal.outcome in ("revoke", "downgrade"):
        return None
    return replace(card, charged=appeal.to or card.charged, fell_ms=max(card.fell_ms, appeal.final_ms))


def _counts(card: sql.Card, asked: Asked) -> bool | None:
    """Whether a card counts in this month, and then whether it is one of an earlier month that became known in it."""
    cut, base = asked.cuts.get(card.charged), asked.base.get(card.charged)
    if cut is not None and card.place > cut.get(card.author, (0, 0)):
        return None
    if card.fell_ms >= _span(asked)[0]:
        return False
    passed_over = card.fell_ms == asked.month.start and asked.base_format < ENDS_WITH_24 <= asked.format
    return True if base is not None and (passed_over or card.place > base.get(card.author, (0, 0))) else None


def _span(asked: Asked) -> tuple[int, int]:
    """From when on and before when (ms) a signal of the month falls."""
    shift = int(asked.format >= ENDS_WITH_24)
    return asked.month.start + shift, asked.until + shift
