"""SQL of the orders of supervision: their acts, what these make of them (`projected/orders.py`), and the lists of them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from federation.protocol.envelope import HeaderFields
from node.domain import notes
from node.domain.calendar import DAY_MS
from node.domain.cases.dated import dated
from node.domain.model import Facts
from node.domain.papers.papers import number_text, read_word
from node.domain.supervision.orders import ISSUER, MOST_ACTS, NODE, TABLE, UNANSWERED, WAITING, Act, Order, fold
from node.store.acts import Kept, acts_of
from node.store.rollups import CST_MS

if TYPE_CHECKING:
    from node.store.ground import Ground
    from node.store.turn import Turn

_SIDES = {row.kind: row.side for row in TABLE}
_KINDS = frozenset({notes.ORDER_DRAFTED, *(kind for kind in _SIDES if kind != notes.RECEIVED)})
_BEGINS = (notes.ORDER_SIGNED, notes.ORDER_DRAFTED, notes.ORDER_CIRCULATED)  # what names the unit, the best first


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list; `number` is "" until it is signed, `told_at` 0 until it came. `since`: the arrival of what made it, `at` when
    that was written."""

    id: bytes
    issuer: bytes
    unit: str
    case_no: str
    item: str
    card: str
    urgent: bool
    state: str
    since: int
    number: str
    told_at: int
    reply_by: str
    at: int

    @property
    def order(self) -> Order:
        """As much of it as limits and words of its state ask for."""
        day = dt.date.fromisoformat(self.reply_by) if self.reply_by else None
        return Order(state=self.state, told_at=self.told_at, reply_by=day, urgent=self.urgent)


@dataclass(frozen=True, slots=True)
class Whole:
    """An order with all that is known of it here."""

    row: OrderRow
    order: Order
    kept: Mapping[bytes, Kept]

    def facts(self) -> Facts:
        """What it is about, as its signature or its draft says."""
        begun = _begun(list(self.kept.values()))
        return begun.fields.facts if begun is not None else {}


def named(id: bytes, fields: HeaderFields) -> bytes | None:
    """The order that a note of one of its kinds is about; a draft is its own. None for other notes."""
    if fields.kind not in _KINDS:
        return None
    order = id if fields.kind == notes.ORDER_DRAFTED else fields.facts.get("order")
    return order if isinstance(order, bytes) and len(order) == 32 else None


def order_of(connection: sqlite3.Connection, note: bytes) -> bytes | None:
    """The order that a note is an act on."""
    row = connection.execute("SELECT order_id FROM order_acts WHERE id=?", (note,)).fetchone()
    return row[0] if row else None


def refold(tx: Turn, id: bytes) -> None:
    """Write the row of an order anew from its acts."""
    tx.journal.write()
    tx.connection.execute("DELETE FROM orders WHERE id=?", (id,))
    whole = _made(tx, id)
    if whole is not None:
        row, facts = whole.row, whole.facts()
        numbers = (_number(facts, "year"), _code(facts, "series"), _number(facts, "serial")) if row.number else (0, "", 0)
        values = (
            row.id, row.issuer, row.unit, row.case_no, row.item, row.card, row.urgent, row.state, row.told_at,
            row.reply_by, row.number, *numbers, row.since, row.at,
            _unanswered(whole.order),
        )  # fmt: skip
        tx.connection.execute(f"INSERT INTO orders VALUES({','.join('?' * len(values))})", values)


def _unanswered(order: Order) -> bytes:
    """The reminder that said that the present demand was not answered in time."""
    rows = [act for act in order.acts if act.kind == notes.ORDER_REMINDED and act.facts.get("rung") == UNANSWERED]
    return next((act.id for act in reversed(rows) if act.of > order.demand), b"")


def uncarded(view: Ground) -> list[bytes]:
    """The orders that were not answered in time and of which no card was served."""
    sql = (
        "SELECT id FROM orders o WHERE unanswered<>x'' AND NOT EXISTS"
        " (SELECT 1 FROM served v WHERE v.order_id=o.id AND v.order_id<>x'' AND v.anchor=o.unanswered AND v.rightly)"
    )
    return [row[0] for row in view.connection.execute(sql)]


def about_card(connection: sqlite3.Connection, card: bytes) -> list[bytes]:
    """The orders about a card that were signed, the first first."""
    sql = "SELECT id FROM orders WHERE card=? AND card<>'' AND state<>'draft' ORDER BY since"
    return [row[0] for row in connection.execute(sql, (card.hex(),))]


def unanswered_of(view: Ground, id: bytes) -> bytes:
    """The reminder that an order's card rests on; b"" for none."""
    row = view.connection.execute("SELECT unanswered FROM orders WHERE id=?", (id,)).fetchone()
    return row[0] if row else b""


def whole(view: Ground, id: bytes) -> Whole | None:
    """An order with its acts; None when it is not known here."""
    return _made(view, id)


def _made(view: Ground, id: bytes) -> Whole | None:
    kept = acts_of(view.connection, "order_acts", "order_id", id, MOST_ACTS)
    begun = _begun([one for one in kept if _may_issue(view, one)])
    if begun is None:
        return None
    facts, unit = begun.fields.facts, _code(begun.fields.facts, "unit")
    place = view.place(begun.author)
    own = place is not None and place.code == unit
    counted = {one.id: one for one in kept}
    order = fold([act for one in kept if (act := _act(view, one, begun.author, unit, counted)) is not None], own)
    row = OrderRow(
        id, begun.author, unit, begun.fields.subject, _code(facts, "item"), _code(facts, "card"), facts.get("urgent") is True,
        "circulated" if begun.fields.kind == notes.ORDER_CIRCULATED else order.state, begun.arrival, number_of(facts),
        order.told_at, order.reply_by.isoformat() if order.reply_by else "",
        begun.fields.recorded_at,
    )  # fmt: skip
    return Whole(row, order, counted)


def _begun(kept: Sequence[Kept]) -> Kept | None:
    """The entry that says what the order is about."""
    return next((one for kind in _BEGINS for one in kept if one.fields.kind == kind), None)


def _may_issue(view: Ground, one: Kept) -> bool:
    """Whether its author may say what an order is about."""
    return one.fields.kind in _BEGINS and is_above(view, one.author, _code(one.fields.facts, "unit"))


def is_above(view: Ground, author: bytes, code: str) -> bool:
    """Whether a node is above the unit with a division code, or is its node. Where that is not known here (any more), whether it is above
    this node or below it."""
    unit = view.trust.active_code(code)
    node = unit if unit is not None else view.identity.node_id
    ours = unit is None and view.trust.is_below(author, view.identity.node_id)  # the unit is gone
    return ours or author == node or view.trust.is_below(node, author)


def _act(view: Ground, one: Kept, issuer: bytes, unit: str, kept: Mapping[bytes, Kept]) -> Act | None:
    """An entry as an act of whoever wrote it; None for what nobody may write."""
    kind, facts = one.fields.kind, one.fields.facts
    side = _SIDES.get(kind, "")
    if not side or not (one.author == issuer if side == ISSUER else _is_unit(view, one.author, unit)):
        return None
    of = _number(facts, "version")
    if side == NODE:
        about = kept.get(notes.is_about(facts) or b"")
        if about is None or about.author != issuer or about.fields.kind not in (notes.ORDER_SIGNED, notes.ORDER_RETURNED):
            return None
        of = _number(about.fields.facts, "version")
    at = dated(one.fields.recorded_at, one.fields.not_before_ms)
    return Act(kind, side, of, at, one.fields.staff_id, one.id, facts)


def _is_unit(view: Ground, author: bytes, unit: str) -> bool:
    place = view.place(author)
    return place is not None and place.code == unit


def number_of(facts: Facts) -> str:
    """The number of an order, as its signature says it; "" before. {机关代字}督〔2026〕12号 (A6)."""
    words = [read_word(_code(facts, name)) for name in ("organ", "type")]
    serial = _number(facts, "serial")
    if None in words or not serial:
        return ""
    return f"{words[0]}{words[1]}" + number_text(_number(facts, "year"), serial, _code(facts, "series")).replace("第", "")


def _code(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""


def _number(facts: Facts, name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62 else 0


# lists ----------------------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What the day of the reply follows from: on which day (since 1970) an order was told, whether it is urgent, the day that it names."""

    day: int
    urgent: bool
    reply_by: str

    @property
    def order(self) -> Order:
        named = dt.date.fromisoformat(self.reply_by) if self.reply_by else None
        return Order(state=WAITING[0], told_at=max(0, self.day * DAY_MS - CST_MS), reply_by=named, urgent=self.urgent)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which orders: `box` sent (by this node), received (for it) or below (all others); "" all. `states` none: all. `told`: of these only."""

    box: str = ""
    states: tuple[str, ...] = ()
    unit: str = ""
    case_no: str = ""
    told: tuple[Told, ...] | None = None


_BOXES = {
    "": "(issuer=:me OR state<>'draft')",
    "sent": "issuer=:me",
    "received": "unit=:code AND state<>'draft'",
    "below": "issuer<>:me AND unit<>:code AND state<>'draft'",
}


def page(view: Ground, asked: Asked, before: int, limit: int) -> tuple[list[OrderRow], int]:
    """(the newest orders before an arrival, how many there are)."""
    where, values = _where(view, asked)
    counted, walked = (" INDEXED BY orders_told", " INDEXED BY orders_since") if asked.told is not None else ("", "")
    total = view.connection.execute(f"SELECT count(*) FROM orders{counted} WHERE {where}", values).fetchone()[0]
    rows = view.connection.execute(
        "SELECT id, issuer, unit, case_no, item, card, urgent, state, since, number, told_at, reply_by, at_ms"
        f" FROM orders{walked} WHERE {where} AND since<:before ORDER BY since DESC LIMIT :limit",
        {**values, "before": before, "limit": limit},
    ).fetchall()
    return [_row(row) for row in rows], int(total)


_TOLD = f"(told_at + {CST_MS}) / {DAY_MS}"


def told(view: Ground) -> list[Told]:
    """Of the orders that wait for their unit, each once: thousands came on a few days."""
    states = ", ".join(f"'{one}'" for one in WAITING)
    rows = view.connection.execute(
        f"SELECT DISTINCT {_TOLD}, urgent, reply_by FROM orders INDEXED BY orders_told WHERE state IN ({states})"
    )
    return [Told(day, bool(urgent), reply_by) for day, urgent, reply_by in rows]


def _row(row: tuple[Any, ...]) -> OrderRow:
    id, issuer, unit, case_no, item, card, urgent, *rest = row
    return OrderRow(id, issuer, unit, case_no, item, card, bool(urgent), *rest)


def _where(view: Ground, asked: Asked) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"me": view.identity.node_id, "code": view.identity.code}
    where = [_BOXES[asked.box]]
    if asked.states:
        values |= {f"s{n}": state for n, state in enumerate(asked.states)}
        where.append(f"state IN ({', '.join(f':s{n}' for n in range(len(asked.states)))})")
    if asked.told is not None:
        where.append(f"({_TOLD}, urgent, reply_by) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(:told))")
        values["told"] = json.dumps(asked.told)
    for column, value in (("unit", asked.unit), ("case_no", asked.case_no)):
        if value:
            values[column] = value
            where.append(f"{column}=:{column}")
    return " AND ".join(where), values


def waiting(view: Ground, states: Sequence[str], *, sent: bool = False) -> list[bytes]:
    """Orders in these states: those for this node, or with `sent` those that it issued."""
    column, value = ("issuer", view.identity.node_id) if sent else ("unit", view.identity.code)
    marks = ",".join("?" * len(states))
    rows = view.connection.execute(
        f"SELECT id FROM orders WHERE {column}=? AND state IN ({marks}) ORDER BY since", (value, *states)
    )
    return [id for (id,) in rows.fetchall()]


def next_serial(view: Ground, year: int, series: str) -> int:
    """The next number of this node's orders in a year, from 1. Only in the writer's turn."""
    sql = "SELECT max(serial) FROM orders WHERE issuer=? AND year=? AND series=?"
    row = view.connection.execute(sql, (view.identity.node_id, year, series)).fetchone()
    return int(row[0] or 0) + 1
