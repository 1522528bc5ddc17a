"""Orders of supervision (督办单, DOMAIN A6, INTERFACE "Oversight"): drafted, signed, answered, closed, across nodes down the tree and back.

Every act is a note for the other side (`node.domain.notes`), with its words for the issuer and the unit alone. The issuer is above the
unit, or it is its own hall. Nothing here writes an event of a case: its clocks, status and holder stay what they are. What comes by the
limits is written by the issuer's node, and only when the unit is known past them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from node.domain import notes
from node.domain.calendar import day_of
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.cases.bodies import Body, signature
from node.domain.cases.lateness import charged
from node.domain.model import SYSTEM, Actor, Facts
from node.domain.papers.documents import PaperDocument
from node.domain.papers.papers import series_of, spelled
from node.domain.supervision import orders as rules_of
from node.domain.supervision.attached import content_of
from node.domain.supervision.order_documents import (
    ACTIONS,
    ATTACHED,
    OF_UNIT,
    Given,
    OrderDocument,
    OrderList,
    OrderMade,
    function_of,
    read_act,
    read_given,
)
from node.domain.supervision.orders import CIRCULATE, WAITING, by_hand, earliest_reply, next_rung
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.supervision.noted import body_of
from node.services.supervision.order_paper import TYPE, OrderPapers, Signing, frozen
from node.services.supervision.order_rows import OrderRows, text_of
from node.services.tree.freshness import Knowledge
from node.store import carriage
from node.store import orders as table
from node.store.journal import Draft
from node.store.orders import Whole
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

BODY_CLASS = "order"
LATEST_REPLY = dt.timedelta(days=366)  # after the earliest day; beyond it the year is mistyped
_KINDS = {row.action: row.kind for row in rules_of.TABLE}


class Orders:
    """The orders of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self.store = store
        self.rules = rules
        self.secret = secret
        self.papers = OrderPapers(rules)

    # reading -------------------------------------------------------------------------------------------------------

    def listed(self, given: Mapping[str, str], actor: Actor) -> OrderList:
        """A page of orders, the newest first; `box` (sent, received, below), `state`, `unit` and `case_no` narrow it.

        Errors: `forbidden` first, then `invalid_input`."""
        access.require(Function.ORDERS, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return OrderRows(view, self.rules).page(given)

    def one(self, id: str, actor: Actor) -> OrderDocument:
        """An order with its acts. Errors: `forbidden`, `not_found`."""
        access.require(Function.ORDERS, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return OrderRows(view, self.rules).document(self._whole(view, id), self._may(view, actor))

    def paper(self, id: str, actor: Actor) -> PaperDocument:
        """The order as paper with what was written on it so far; of a draft a preview. Errors: `forbidden`, `not_found`, `no_such_paper`
        where its words are not here."""
        access.require(Function.ORDERS, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            found, rows = self._whole(view, id), OrderRows(view, self.rules)
            signed = found.order.last(notes.ORDER_SIGNED)
            body = body_of(view, found, signed.id if signed is not None else found.row.id)
            document: Mapping[str, object] | None = frozen(body)
            if signed is None and body:
                document = dict(
                    self.papers.composed(view, self._signing(view, found, body, "", actor.name, self._about(view, found)))
                )
            if document is None:
                raise TongbanError(
                    "no_such_paper", reason="正文只在督办单位和承办单位", reason_en="only the issuer and the unit have its words"
                )
            return self.papers.with_answers(document, found.order, rows.last_reply(found), rows.closing(found))

    def attachment(self, id: str, version: int, n: int, actor: Actor) -> tuple[str, bytes]:
        """(name, bytes) of a file beside the reply to a version. Errors: `forbidden`, `not_found` also where its words are not here."""
        access.require(Function.ORDERS, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            found = self._whole(view, id)
            replies = [act for act in found.order.acts if act.kind == notes.ORDER_REPLIED and act.of == version]
            file = content_of(body_of(view, found, replies[-1].id), ATTACHED, n) if replies else None
        if file is None:
            raise TongbanError("not_found", what=f"{version}/{n}")
        return file

    def waiting(self) -> int:
        """How many orders wait for this node: to be received or answered. Errors: none."""
        with self.store.reading() as view:
            return len(table.waiting(view, WAITING))

    def _may(self, view: View, actor: Actor) -> Callable[[Whole, str], bool]:
        """Whether this person may do an act on an order, whatever its state."""

        def may(found: Whole, action: str) -> bool:
            return _ours(view, found, action) and access.has(function_of(action), view.identity.tier, actor.role)

        return may

    def _whole(self, view: View | Tx, id: str) -> Whole:
        try:
            found = table.whole(view, bytes.fromhex(id))
        except ValueError:
            found = None
        draft_of_others = found is not None and found.row.state == "draft" and found.row.issuer != view.identity.node_id
        if found is None or draft_of_others:
            raise TongbanError("not_found", what=id[:64])
        return found

    # drafting and signing --------------------------------------------------------------------------------------------

    def draft(self, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> OrderMade:
        """Draft an order to this node's own hall or a node below; `to` may be left out where a case says who has it.

        Errors: `forbidden`, `invalid_input`, `not_found` for a case that is not known here, `guard_failed`, `idempotency_conflict`."""
        access.require(Function.ISSUE_ORDERS, self.store.place.tier, actor.role)
        asked = read_given(given)
        return self.store.run(lambda tx: self._draft(tx, asked, given, actor, idempotency_key))

    def _draft(self, tx: Tx, asked: Given, given: Mapping[str, object], actor: Actor, key: str | None) -> OrderMade:
        repeats, said = Repeats(tx, self.secret), {"order": dict(given)}
        if (found := repeats.find(actor.staff_id, key, said)) is not None:
            return OrderMade(order_id=str(found[1]["order_id"]), state="draft")
        unit, item = self._unit(tx, asked), self._item(tx, asked)
        day = self._asked_day(tx, asked.urgent, asked.reply_by)
        body = tx.encode_body({"demand": asked.demand, "basis": asked.basis, **signature(actor.name)})
        facts: Facts = {
            notes.TO: (), "unit": unit, "item": item, "card": asked.signal_id, "urgent": asked.urgent, "reply_by": day,
        }  # fmt: skip
        draft = Draft(
            notes.ORDER_DRAFTED, "note", facts, subject=asked.case_no, staff_id=actor.staff_id, body=body, body_class=BODY_CLASS
        )
        made = OrderMade(order_id=tx.journal.append(draft).hash.hex(), state="draft")
        repeats.keep(actor.staff_id, key, said, 201, made)
        return made

    def _earliest(self, view: View | Tx, urgent: bool) -> dt.date:
        return earliest_reply(day_of(view.now()), urgent, self.rules.calendar)

    def _unit(self, tx: Tx, asked: Given) -> str:
        """The unit that it is for: this node's own hall or a node below."""
        case = tx.cases.get(asked.case_no) if asked.case_no else None
        if asked.case_no and case is None:
            raise TongbanError("not_found", what=asked.case_no[:60])
        place = tx.find_code(asked.to) if asked.to else tx.place(charged(case)) if case is not None else None
        if place is None and asked.to and self.rules.catalog.divisions().get(asked.to[:12]) is None:
            raise TongbanError("invalid_input", {"to": "unknown_division"})
        me = tx.identity.node_id
        if place is None or (place.node_id != me and not tx.trust.is_below(place.node_id, me)):
            raise TongbanError("guard_failed", rule="督办单只能发给本单位和已经接入的下级单位")
        return place.code

    def _item(self, tx: Tx, asked: Given) -> str:
        case = tx.cases.get(asked.case_no) if asked.case_no else None
        if case is not None:
            return case.item_id
        if asked.item_id and self.rules.catalog.item(asked.item_id) is None:
            raise TongbanError("invalid_input", {"item_id": "unknown_item"})
        return asked.item_id

    def _about(self, view: View, found: Whole) -> tuple[str, str]:
        named = office_namer(view, self.rules.catalog.divisions())
        return self.papers.about(view, found.row, named(found.row.unit))

    def _signing(self, view: View | Tx, found: Whole, body: Body, number: str, signer: str, about: tuple[str, str]) -> Signing:
        facts, named = found.facts(), office_namer(view, self.rules.catalog.divisions())
        urgent = facts.get("urgent") is True
        return Signing(
            found.row.case_no, number, text_of(body, "demand"), text_of(body, "basis"), signer, named(found.row.unit),
            self._reply_by(view, facts).isoformat(), urgent, *about,
        )  # fmt: skip

    def _reply_by(self, view: View | Tx, facts: Facts) -> dt.date:
        """The day that a draft names, or the first that it may name by now."""
        day, first = facts.get("reply_by"), self._earliest(view, facts.get("urgent") is True)
        return max(day, first) if isinstance(day, dt.date) else first

    # acting ----------------------------------------------------------------------------------------------------------

    def act(
        self, id: str, action: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> OrderDocument:  # fmt: skip
        """sign, close, return or circulate an order of this node; receive or reply to one that was sent here.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed` with the rule, `idempotency_conflict`."""
        access.require(Function.ORDERS, self.store.place.tier, actor.role)
        if action not in ACTIONS:
            raise TongbanError("not_found", what="action")
        access.require(function_of(action), self.store.place.tier, actor.role)
        with self.store.reading() as view:
            about = self._about(view, self._whole(view, id)) if action == "sign" else ("", "")
        self.store.run(lambda tx: self._act(tx, id, action, given, actor, idempotency_key, about))
        return self.one(id, actor)

    def _act(
        self, tx: Tx, id: str, action: str, given: Mapping[str, object], actor: Actor, key: str | None, about: tuple[str, str]
    ) -> None:  # fmt: skip
        repeats, said = Repeats(tx, self.secret), {"order": id, "act": action, "given": dict(given)}
        if repeats.find(actor.staff_id, key, said) is not None:
            return
        found = self._whole(tx, id)
        if not _ours(tx, found, action):
            raise TongbanError("not_found", what=id[:64])
        texts, files, day = read_act(action, given)
        if reason := by_hand(found.order, action) or _same_person(found, action, actor):
            raise TongbanError("guard_failed", rule=reason)
        if action == "sign":
            self._sign(tx, found, actor, about)
        else:
            facts: Facts = {"reply_by": self._asked_day(tx, found.order.urgent, day)} if action == "return" else {}
            facts = {**facts, **_circular(found)} if action == "circulate" else facts
            words: dict[str, object] = {**texts, **({ATTACHED: files} if action == "reply" else {}), **signature(actor.name)}
            self._write(tx, found, action, facts, words, actor.staff_id)
        repeats.keep(actor.staff_id, key, said, 200, {"order_id": id})

    def _asked_day(self, tx: Tx, urgent: bool, day: dt.date | None) -> dt.date:
        """The day that was asked for, else the earliest; a mistyped year is refused."""
        first = self._earliest(tx, urgent)
        if day is not None and day < first:
            raise TongbanError("invalid_input", {"reply_by": "too_early"})
        if day is not None and day > first + LATEST_REPLY:
            raise TongbanError("invalid_input", {"reply_by": "out_of_range"})
        return day or first

    def _sign(self, tx: Tx, found: Whole, actor: Actor, about: tuple[str, str]) -> None:
        day, series = day_of(tx.now()), series_of(tx.identity.epoch)
        numbered: Facts = {
            "organ": spelled(tx.identity.code), "type": spelled(TYPE), "year": day.year, "series": series,
            "serial": table.next_serial(tx, day.year, series), "day": day,
        }  # fmt: skip
        draft = found.facts()
        facts: Facts = {
            **{name: draft[name] for name in ("unit", "item", "card", "urgent") if name in draft}, **numbered,
            "reply_by": self._reply_by(tx, draft),
        }  # fmt: skip
        words = body_of(tx, found, found.row.id)
        signing = self._signing(tx, found, words, table.number_of(facts), actor.name, about)
        body = {
            "demand": signing.demand,
            "basis": signing.basis,
            "document": dict(self.papers.composed(tx, signing)),
            **signature(actor.name),
        }
        self._write(tx, found, "sign", facts, body, actor.staff_id)

    def _write(self, tx: Tx, found: Whole, action: str, facts: Facts, words: Mapping[str, object], staff_id: str) -> None:
        """The act as a note for the other side. Errors: `guard_failed` when too many notes are under way."""
        to = self._to(tx, found, action)
        carriage.require_room(tx, len(to))
        version = found.order.version + (0 if action in OF_UNIT else 1)
        whole: Facts = {notes.TO: to, "order": found.row.id, "version": version, **facts}
        body = tx.encode_body(dict(words)) if words else None
        tx.journal.append(
            Draft(_KINDS[action], "note", whole, subject=found.row.case_no, staff_id=staff_id, body=body, body_class=BODY_CLASS if body else "")
        )  # fmt: skip

    def _to(self, tx: Tx, found: Whole, action: str) -> tuple[str, ...]:
        """Whom an act is for: the other side; a circular also all direct children. Nobody where both sides are one node."""
        me = tx.identity.code
        issuer = tx.place(found.row.issuer)
        other = (issuer.code if issuer is not None else "") if action in OF_UNIT else found.row.unit
        codes = [other, *(place.code for place in tx.children())] if action == "circulate" else [other]
        return tuple(dict.fromkeys(code for code in codes if code and code != me))

    # by the limits ---------------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Write the rungs that are due (催办, 黄牌, 通报); answers how many."""
        with self.store.reading() as view:
            ids = table.waiting(view, WAITING, sent=True)
            due = [id for id in ids if (found := table.whole(view, id)) is not None and self._rung(view, found)]
        return sum(self.store.run(lambda tx, id=id: self._escalate(tx, id)) for id in due)  # type: ignore[misc]

    def _rung(self, view: View | Tx, found: Whole) -> str:
        unit = view.find_code(found.row.unit)
        known = Knowledge(view).until(unit.node_id) if unit is not None else 0
        return next_rung(found.order, self.rules.calendar, known) if known else ""

    def _escalate(self, tx: Tx, id: bytes) -> int:
        found = table.whole(tx, id)
        rung = self._rung(tx, found) if found is not None else ""
        if found is None or not rung:
            return 0
        if rung == CIRCULATE:
            text = f"督办单{found.row.number}超过回复期限{rules_of.CIRCULATE_AFTER}个工作日没有回复，现予通报。"
            self._write(tx, found, "circulate", _circular(found), {"reason": text}, SYSTEM.staff_id)
        else:
            self._write(tx, found, "remind", {"rung": rung}, {}, SYSTEM.staff_id)
        return 1


def _circular(found: Whole) -> Facts:
    """What a circular says for who knows nothing of the order: the unit and the number."""
    facts = found.facts()
    return {name: facts[name] for name in ("unit", "organ", "type", "year", "series", "serial", "day") if name in facts}


def _ours(view: View | Tx, found: Whole, action: str) -> bool:
    """Whether an act is this node's: that of the unit, or that of the issuer."""
    if action in OF_UNIT:
        return found.row.unit == view.identity.code
    return found.row.issuer == view.identity.node_id


def _same_person(found: Whole, action: str, actor: Actor) -> str:
    """At the node's own hall nobody closes or sends back what he wrote himself."""
    reply = found.order.last(notes.ORDER_REPLIED)
    mine = reply is not None and reply.staff_id == actor.staff_id and found.kept[reply.id].author == found.row.issuer
    return "回复督办单的人不能核销、退回自己的回复，请由他人办理" if mine and action in ("close", "return") else ""
