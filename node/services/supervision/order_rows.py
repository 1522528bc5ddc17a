"""Orders of supervision as documents, within one view. Words are told to who has them: the issuer and the unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from node.domain import notes
from node.domain.calendar import day_of
from node.domain.cases.bodies import Body, signed_by
from node.domain.papers.papers import day_text
from node.domain.supervision.attached import attached_in
from node.domain.supervision.order_documents import (
    ACTIONS,
    ATTACHED,
    BOXES,
    OrderAct,
    OrderDocument,
    OrderList,
    OrderListed,
    OrderOffice,
    OrderReply,
)
from node.domain.supervision.orders import (
    OVERDUE,
    STATES,
    WAITING,
    Act,
    answered_in_time,
    by_hand,
    receive_due,
    reply_due,
    shown,
)
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.supervision import query as asked_of
from node.services.supervision.noted import body_of
from node.services.times import iso
from node.services.tree.freshness import Freshness, freshness, unheard_since
from node.store import orders as table
from node.store.orders import Asked, OrderRow, Told, Whole
from node.store.store import View

_TEXTS = ("opinion", "reason", "result", "demand")  # what an act says, the first that it has
MayDo = Callable[[Whole, str], bool]


class OrderRows:
    """Makes them."""

    def __init__(self, view: View, rules: Rules) -> None:
        self._view, self._rules = view, rules
        self._named = office_namer(view, rules.catalog.divisions())
        self._cal, self._today = rules.calendar, day_of(view.now())
        self._fresh: Freshness | None = None  # of a whole page, looked up once

    # lists -----------------------------------------------------------------------------------------------------------

    def page(self, given: Mapping[str, str]) -> OrderList:
        """Errors: `invalid_input`."""
        unit = given.get("unit", "")
        known = unit in self._view.trust.named() or self._rules.catalog.divisions().get(unit[:12]) is not None
        flaws = {} if known or not unit else {"unit": "unknown_division"}
        limit, before = asked_of.newest(given, {"box": BOXES, "state": (*STATES, OVERDUE)}, flaws)
        state = given.get("state", "")
        over, states = self._overdue() if state == OVERDUE else None, WAITING if state == OVERDUE else (state,) if state else ()
        asked = Asked(given.get("box", ""), states, unit, given.get("case_no", ""), over)
        rows, total = table.page(self._view, asked, before, limit + 1)
        self._fresh = freshness(self._view, self._cal)
        return {
            **self._fresh.document(), "orders": [self.row(row) for row in rows[:limit]], "total": total,
            "next": str(rows[limit - 1].since) if len(rows) > limit else None,
        }  # fmt: skip

    def _overdue(self) -> tuple[Told, ...]:
        """Which of those that wait are past their day: the calendar says so and no table."""
        return tuple(one for one in table.told(self._view) if shown(one.order, self._cal, self._today) == OVERDUE)

    def row(self, row: OrderRow) -> OrderListed:
        due = reply_due(row.order, self._cal)
        unit = self._view.find_code(row.unit)
        silent = self._unheard(unit.node_id, due) if unit is not None and row.state in WAITING else None
        signed = iso(row.at) if row.number else None
        return {
            "order_id": row.id.hex(), "number": row.number, "state": shown(row.order, self._cal, self._today), "urgent": row.urgent,
            "issuer": self._office(self._code(row.issuer)), "unit": self._office(row.unit), "case_no": row.case_no or None,
            "item_id": row.item or None,
            "item": self._item(row.item), "signal_id": row.card or None, "signed_at": signed, "delivered_at": iso(row.told_at),
            "reply_by": row.reply_by or None, "due": due.isoformat() if due is not None else None, "unknown_since": iso(silent or 0),
        }  # fmt: skip

    def _item(self, item_id: str) -> str | None:
        item = self._rules.catalog.item(item_id) if item_id else None
        return item.name if item is not None else item_id or None

    def _unheard(self, node: bytes, due: dt.date | None) -> int | None:
        if self._fresh is not None and node in self._fresh.known and node != self._view.identity.node_id:
            return self._fresh.unheard(node, due)
        return unheard_since(self._view, node, self._cal, due)

    def _office(self, code: str | None) -> OrderOffice:
        return {"node": code, "name": self._named(code) if code else ""}

    def _code(self, node: bytes) -> str | None:
        place = self._view.place(node)
        return place.code if place is not None else None

    # one -------------------------------------------------------------------------------------------------------------

    def document(self, found: Whole, may: MayDo) -> OrderDocument:
        order, signed = found.order, found.order.last(notes.ORDER_SIGNED)
        said = body_of(self._view, found, signed.id if signed is not None else found.row.id)
        receive = receive_due(order, self._cal) if order.state == "delivered" else None
        return {
            **self.row(found.row), "version": order.version, "words": "here" if said else "elsewhere", "demand": text_of(said, "demand"),
            "basis": text_of(said, "basis"), "answered": order.answered, "in_time": answered_in_time(order, self._cal),
            "receive_due": receive.isoformat() if receive is not None else None,
            "replies": [self._reply(found, act) for act in order.acts if act.kind == notes.ORDER_REPLIED],
            "history": [self._act(found, act) for act in order.acts],
            "actions": [one for one in ACTIONS if may(found, one) and not by_hand(order, one)],
        }  # fmt: skip

    def last_reply(self, found: Whole) -> OrderReply | None:
        """The reply that stands, of the last demand."""
        act = found.order.last(notes.ORDER_REPLIED) if found.order.answered else None
        return self._reply(found, act) if act is not None else None

    def closing(self, found: Whole) -> tuple[str, str]:
        """(what became of the order, who said so and when); ("", "") while it is open."""
        words = {notes.ORDER_CLOSED: "■同意核销", notes.ORDER_CIRCULATED: "■通报"}
        act = next((act for act in reversed(found.order.acts) if act.kind in words), None)
        if act is None:
            return "", ""
        body = body_of(self._view, found, act.id)
        more = text_of(body, "opinion") or text_of(body, "reason")
        return words[act.kind] + (f"　{more}" if more else ""), f"{signed_by(body)}　{day_text(day_of(act.at))}"

    def _reply(self, found: Whole, act: Act) -> OrderReply:
        body = body_of(self._view, found, act.id)
        files = attached_in(body, ATTACHED)
        return {
            "version": act.of, "at": iso(act.at), "staff_id": act.staff_id, "staff_name": signed_by(body) or None,
            "words": "here" if body else "elsewhere", "result": text_of(body, "result"), "cause": text_of(body, "cause"),
            "responsible": text_of(body, "responsible"), "measures": text_of(body, "measures"),
            "attachments": [one["name"] for one in files], "files": files,
        }  # fmt: skip

    def _act(self, found: Whole, act: Act) -> OrderAct:
        body, code = body_of(self._view, found, act.id), self._code(found.kept[act.id].author)
        rung = act.facts.get("rung")
        return {
            "kind": act.kind, "version": act.of, "at": iso(act.at), "node": code, "node_name": self._named(code) if code else "",
            "staff_id": act.staff_id, "staff_name": signed_by(body) or None, "rung": rung if isinstance(rung, str) else None,
            "text": next((text for name in _TEXTS if (text := text_of(body, name))), None),
        }  # fmt: skip


def text_of(body: Body, name: str) -> str:
    """A text in words that anybody may have written."""
    value = body.get(name)
    return value if isinstance(value, str) else ""
