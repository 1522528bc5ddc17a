"""督办单: who may do what with an order of supervision, when it is due, and what comes when nothing comes (DOMAIN A6). Pure.

An order goes from a supervising node to a unit below it (or at the node itself), about a case, an item, or the unit. Its acts are notes
(`node.domain.notes`): the state is its issuer's, whose acts are numbered (`version`); the unit's acts name the version that they answer.
So the state is a function of the set of acts, in whatever order they came: a reply that crossed a return answers what stood before the
return. What the table does not allow counts for nothing. `draft` until it is signed, `overdue` is how an unanswered order reads past
its day.

The limits run from the day on which the demand reached the unit, whoever receives it when: one working day to receive, three (urgent:
one) to reply and never before the day that the order names, five more to the circular. A rung is written only when the unit is known
past the limit: a line that is down makes nobody late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from node.domain import notes
from node.domain.calendar import WorkCalendar, day_of
from node.domain.model import Facts

ISSUER, UNIT, NODE = "issuer", "unit", "node"  # whose act it is; NODE: the unit's machine says that the words have come
SAME = ""
STATES = ("draft", "signed", "delivered", "received", "replied", "returned", "circulated", "closed")
OVERDUE = "overdue"  # as an order reads that is past its day without a reply
WAITING = ("delivered", "received", "returned")  # for the unit
OPEN = ("signed", *WAITING, "replied", "circulated")
SIGN_WITHIN, REPLY_WITHIN, URGENT_WITHIN, CIRCULATE_AFTER = 1, 3, 1, 5  # working days
UNSIGNED, UNANSWERED, CIRCULATE = "unsigned", "unanswered", "circulate"  # the rungs
ORDER_RULE = "order"  # rule and clock of the card of an order that was not answered in time
ORDER_WORDS = ("督办单超期未回复", "an order was not answered in time", "惯例")  # Chinese, English, what it rests on
MOST_ACTS = 200  # of one order that are looked at


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the table: whose act, from which states, to which (SAME: it stays)."""

    action: str
    side: str
    kind: str
    sources: tuple[str, ...]
    to: str


TABLE: tuple[Move, ...] = (
    Move("sign", ISSUER, notes.ORDER_SIGNED, ("draft",), "signed"),
    Move("deliver", NODE, notes.RECEIVED, ("signed",), "delivered"),
    Move("deliver", NODE, notes.RECEIVED, ("returned",), SAME),
    Move("receive", UNIT, notes.ORDER_RECEIVED, ("signed", "delivered"), "received"),
    Move("reply", UNIT, notes.ORDER_REPLIED, ("received", "returned"), "replied"),
    Move("reply", UNIT, notes.ORDER_REPLIED, ("circulated",), SAME),
    Move("remind", ISSUER, notes.ORDER_REMINDED, WAITING, SAME),
    Move("close", ISSUER, notes.ORDER_CLOSED, ("replied", "circulated"), "closed"),
    Move("return", ISSUER, notes.ORDER_RETURNED, ("replied",), "returned"),
    Move("circulate", ISSUER, notes.ORDER_CIRCULATED, (*WAITING, "replied"), "circulated"),
)
_BY: Mapping[tuple[str, str], Move] = MappingProxyType({(row.kind, state): row for row in TABLE for state in row.sources})
_RANK = {ISSUER: 0, NODE: 1, UNIT: 2}
_LATER = {notes.ORDER_REPLIED: 1}  # of the unit's acts on one version


@dataclass(frozen=True, slots=True)
class Act:
    """One act on an order; `at` (ms) is when it counts as done, `of` the version that it is or answers."""

    kind: str
    side: str
    of: int
    at: int
    staff_id: str
    id: bytes
    facts: Facts

    @property
    def place(self) -> tuple[int, int, int, int, bytes]:
        """Where it stands among the acts, wherever they are read."""
        return (self.of, _RANK[self.side], _LATER.get(self.kind, 0), self.at, self.id)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its acts make it. `version`: the last of its issuer, `demand` the one that signed or returned it, `told_at` when that
    reached the unit (ms, 0: not yet); `answered`: a reply to it stands; `acts` those that count."""

    state: str = "draft"
    version: int = 0
    demand: int = 0
    told_at: int = 0
    reply_by: dt.date | None = None
    urgent: bool = False
    returns: int = 0
    answered: bool = False
    rungs: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()

    def last(self, kind: str) -> Act | None:
        """The latest act of a kind that counts."""
        return next((act for act in reversed(self.acts) if act.kind == kind), None)


def fold(acts: Iterable[Act], own: bool = False) -> Order:
    """The order that a set of acts makes. `own`: its unit is at the issuer's node, and has it at once. Total."""
    order, version = Order(), 0
    for act in sorted(acts, key=lambda one: one.place):
        order = step(order, act, own)
        version = max(version, act.of) if act.side == ISSUER else version
    return replace(order, version=version)


def step(order: Order, act: Act, own: bool = False) -> Order:
    """The order with one act more; itself when the table does not allow it."""
    row = _BY.get((act.kind, order.state))
    if row is None or row.side != act.side or why_not(order, row.action):
        return order
    moved = replace(order, state=row.to or order.state, acts=(*order.acts, act))
    return _AFTER[row.action](moved, act, own)


def _demanded(order: Order, act: Act, own: bool) -> Order:
    """What is demanded anew is due anew."""
    day = act.facts.get("reply_by")
    found = replace(
        order, demand=act.of, told_at=act.at if own else 0, rungs=(), answered=False, reply_by=day if isinstance(day, dt.date) else None,
        urgent=order.urgent or act.facts.get("urgent") is True,
    )  # fmt: skip
    return replace(found, state="delivered") if own and order.state == "signed" else found


def _delivered(order: Order, act: Act, own: bool) -> Order:
    return replace(order, told_at=order.told_at or act.at)


def _reminded(order: Order, act: Act, own: bool) -> Order:
    rung = act.facts.get("rung")
    return replace(order, rungs=(*order.rungs, rung)) if isinstance(rung, str) else order


_AFTER: Mapping[str, Callable[[Order, Act, bool], Order]] = MappingProxyType(
    {
        "sign": _demanded,
        "deliver": _delivered,
        "receive": _delivered,
        "reply": lambda order, act, own: replace(order, answered=True),
        "remind": _reminded,
        "return": lambda order, act, own: _demanded(replace(order, returns=order.returns + 1), act, own),
        "close": lambda order, act, own: order,
        "circulate": lambda order, act, own: order,
    }
)


# what may be done -----------------------------------------------------------------------------------------------------


def why_not(order: Order, action: str) -> str:
    """Why the state of an order does not allow an act, in words; empty when it does."""
    if not any(row.action == action and order.state in row.sources for row in TABLE):
        return _REFUSED.get((action, order.state)) or _REFUSED.get((action, ""), "督办单现在的状态不能这样办理")
    if action == "return" and order.returns:
        return "退回重办只能一次，请核销或者通报"
    if action == "close" and not order.answered:
        return "承办单位还没有回复，不能核销"
    return "已经回复过，不能再次回复" if action == "reply" and order.answered else ""


def by_hand(order: Order, action: str) -> str:
    """The same for an act of a person: an unanswered order is circulated by its limits alone."""
    if action == "circulate" and order.state in WAITING:
        return "没有回复的督办单，超过回复期限5个工作日的由系统自动通报"
    return why_not(order, action)


_REFUSED: Mapping[tuple[str, str], str] = {
    ("sign", ""): "督办单已经签发",
    ("receive", "draft"): "督办单还没有签发",
    ("receive", ""): "督办单已经签收",
    ("reply", "signed"): "请先签收督办单，再回复",
    ("reply", "delivered"): "请先签收督办单，再回复",
    ("reply", "replied"): "已经回复过，不能再次回复",
    ("reply", "closed"): "督办单已经核销",
    ("close", "closed"): "督办单已经核销",
    ("close", ""): "承办单位还没有回复，不能核销",
    ("return", ""): "只有已经回复的督办单才能退回重办",
    ("circulate", "circulated"): "督办单已经通报",
    ("circulate", ""): "督办单还没有送达，或者已经核销，不能通报",
}


# limits ---------------------------------------------------------------------------------------------------------------


def within(urgent: bool) -> int:
    """Working days to reply."""
    return URGENT_WITHIN if urgent else REPLY_WITHIN


def default_demand() -> str:
    """What is usually asked for, for a person to change (A6)."""
    return (
        "一、请在回复期限前办结，或者作出依法可以延长、停计的书面说明；二、说明超期原因和责任人；"
        "三、属于普遍问题的，一并报送整改措施。"
    )


def earliest_reply(day: dt.date, urgent: bool, cal: WorkCalendar) -> dt.date:
    """The first day that an order signed on `day` may name for its reply."""
    return cal.add_workdays(day, within(urgent))


def receive_due(order: Order, cal: WorkCalendar) -> dt.date | None:
    """By when it is to be received; None before it has come."""
    return cal.add_workdays(day_of(order.told_at), SIGN_WITHIN) if order.told_at else None


def reply_due(order: Order, cal: WorkCalendar) -> dt.date | None:
    """By when the reply is due; None before the demand has come."""
    if not order.told_at:
        return None
    found = cal.add_workdays(day_of(order.told_at), within(order.urgent))
    return max(found, order.reply_by) if order.reply_by is not None else found


def circulate_due(order: Order, cal: WorkCalendar) -> dt.date | None:
    """The last day before the circular."""
    due = reply_due(order, cal)
    return cal.add_workdays(due, CIRCULATE_AFTER) if due is not None else None


def shown(order: Order, cal: WorkCalendar, today: dt.date) -> str:
    """The state as people read it: `overdue` past the day of the reply."""
    due = reply_due(order, cal)
    return OVERDUE if order.state in WAITING and due is not None and due < today else order.state


def answered_in_time(order: Order, cal: WorkCalendar) -> bool | None:
    """Whether the reply to the present demand came in time; None where none is due yet."""
    due, reply = reply_due(order, cal), order.last(notes.ORDER_REPLIED)
    if due is None or not order.answered or reply is None:
        return None
    return day_of(reply.at) <= due


def next_rung(order: Order, cal: WorkCalendar, known_until: int) -> str:
    """The rung that is to be written now, the unit being known until then (ms); "" for none. Nothing rests on a day beyond the published
    calendar."""
    if order.state not in WAITING:
        return ""
    days = {CIRCULATE: circulate_due(order, cal), UNANSWERED: reply_due(order, cal)}
    if order.state == "delivered":
        days[UNSIGNED] = receive_due(order, cal)
    over = [rung for rung, day in days.items() if day is not None and cal.known(day) and day < day_of(known_until)]
    written = {*order.rungs, *((UNSIGNED,) if UNANSWERED in order.rungs else ())}
    return next((rung for rung in (UNANSWERED, CIRCULATE, UNSIGNED) if rung in over and rung not in written), "")
