"""Reminders by who supervises, many at once, and what volunteer supervisors found, each with the answer of the unit (R57, R93).

Both are notes (`node.domain.supervision.prompts`): words for sender and unit alone, answered by a note back. No clock of a case moves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from node.domain import notes
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.cases.bodies import read_body, signature, signed_by
from node.domain.cases.lateness import charged
from node.domain.cases.lifecycle import ENDED
from node.domain.model import Actor, Place
from node.domain.supervision.prompts import (
    BOXES,
    WHATS,
    Given,
    PromptDocument,
    PromptList,
    PromptSent,
    PromptsSent,
    read_answer,
    read_given,
)
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.supervision import query as asked_of
from node.services.times import iso
from node.services.tree.freshness import freshness
from node.store import carriage
from node.store import prompts as table
from node.store.journal import Draft
from node.store.prompts import PromptRow, Wanted
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

BODY_CLASS = "prompt"


class Prompts:
    """Those of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self.store = store
        self.rules = rules
        self.secret = secret

    # sending and answering -------------------------------------------------------------------------------------------

    def send(self, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> PromptsSent:
        """A reminder of each of many cases to who answers for it, or what a volunteer found, to the unit; what became of each.

        Errors: `forbidden`, `invalid_input`, `idempotency_conflict`."""
        access.require(Function.ISSUE_ORDERS, self.store.place.tier, actor.role)
        asked = read_given(given)
        return self.store.run(lambda tx: self._send(tx, asked, given, actor, idempotency_key))

    def _send(self, tx: Tx, asked: Given, given: Mapping[str, object], actor: Actor, key: str | None) -> PromptsSent:
        repeats, said = Repeats(tx, self.secret), {"prompt": dict(given)}
        if (found := repeats.find(actor.staff_id, key, said)) is not None:
            return PromptsSent(sent=found[1]["sent"])
        sent = PromptsSent(sent=[self._one(tx, asked, no, actor) for no in asked.case_nos or ("",)])
        repeats.keep(actor.staff_id, key, said, 201, sent)
        return sent

    def _one(self, tx: Tx, asked: Given, case_no: str, actor: Actor) -> PromptSent:
        try:
            unit = self._unit(tx, asked, case_no)
            to = (unit.code,) if unit.node_id != tx.identity.node_id else ()
            carriage.require_room(tx, len(to))
        except TongbanError as error:
            return PromptSent(case_no=case_no or None, id=None, error=error.sentence("zh"), error_en=error.sentence("en"))
        body = tx.encode_body({"text": asked.text, "source": asked.source, **signature(actor.name)})
        facts = {notes.TO: to, "unit": unit.code, "what": asked.what}
        draft = Draft(notes.PROMPTED, "note", facts, subject=case_no, staff_id=actor.staff_id, body=body, body_class=BODY_CLASS)
        return PromptSent(case_no=case_no or None, id=tx.journal.append(draft).hash.hex(), error=None, error_en=None)

    def _unit(self, tx: Tx, asked: Given, case_no: str) -> Place:
        """Who is to answer: the unit that was named, else who has to answer for the case."""
        case, me = (tx.cases.get(case_no) if case_no else None), tx.identity.node_id
        if case_no and case is None:
            raise TongbanError("guard_failed", rule="本单位查不到这个办件编号")
        if case is not None and case.status in ENDED and asked.what in WHATS[:1]:
            raise TongbanError("guard_failed", rule="已经办完的件不用催办")
        place = tx.find_code(asked.to) if asked.to else tx.place(charged(case)) if case is not None else None
        if place is None or (place.node_id != me and not tx.trust.is_below(place.node_id, me)):
            raise TongbanError("guard_failed", rule="只能发给本单位和已经接入的下级单位")
        return place

    def answer(
        self, id: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> PromptDocument:  # fmt: skip
        """What the unit says to it (`text`), once. Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        access.require(Function.ANSWER_ORDERS, self.store.place.tier, actor.role)
        self.store.run(lambda tx: self._answer(tx, id, given, actor, idempotency_key))
        with self.store.reading() as view:
            return self._documents(view, actor)(self._row(view, id))

    def _answer(self, tx: Tx, id: str, given: Mapping[str, object], actor: Actor, key: str | None) -> None:
        repeats, said = Repeats(tx, self.secret), {"answer": id, **given}
        if repeats.find(actor.staff_id, key, said) is not None:
            return
        row, author = self._row(tx, id), None
        if row.unit != tx.identity.code:
            raise TongbanError("not_found", what=id[:64])
        written, author = read_answer(given), tx.place(row.author)
        if row.answered_at:
            raise TongbanError("guard_failed", rule="已经答复过")
        to = (author.code,) if author is not None and author.node_id != tx.identity.node_id else ()
        body = tx.encode_body({"text": written, **signature(actor.name)})
        tx.journal.append(
            Draft(notes.PROMPT_ANSWERED, "note", {notes.TO: to, notes.NOTE: row.id}, subject=row.case_no, staff_id=actor.staff_id, body=body,
                  body_class=BODY_CLASS)
        )  # fmt: skip
        repeats.keep(actor.staff_id, key, said, 200, {"id": id})

    def _row(self, view: View | Tx, id: str) -> PromptRow:
        found = table.one(view, bytes.fromhex(id)) if re.fullmatch(r"[0-9a-f]{64}", id) else None
        if found is None:
            raise TongbanError("not_found", what=id[:64])
        return found

    # reading ---------------------------------------------------------------------------------------------------------

    def waiting(self) -> int:
        """How many wait for this node's answer. Errors: none."""
        with self.store.reading() as view:
            return table.waiting(view)

    def listed(self, given: Mapping[str, str], actor: Actor) -> PromptList:
        """A page, the newest first; `box`, `what`, `case_no` and `answered` (yes, no) narrow it.

        Errors: `forbidden` first, then `invalid_input`."""
        access.require(Function.ORDERS, self.store.place.tier, actor.role)
        limit, before = asked_of.newest(given, {"box": BOXES, "what": WHATS, "answered": ("yes", "no")})
        wanted = Wanted(*(given.get(name, "") for name in ("box", "what", "case_no", "answered")))
        with self.store.reading() as view:
            rows, total = table.page(view, wanted, before, limit + 1)
            told = self._documents(view, actor)
            return {
                **freshness(view, self.rules.calendar).document(), "reminders": [told(row) for row in rows[:limit]], "total": total,
                "next": str(rows[limit - 1].arrival) if len(rows) > limit else None,
            }  # fmt: skip

    def _documents(self, view: View, actor: Actor) -> Callable[[PromptRow], PromptDocument]:
        named = office_namer(view, self.rules.catalog.divisions())
        answers = access.has(Function.ANSWER_ORDERS, view.identity.tier, actor.role)

        def told(row: PromptRow) -> PromptDocument:
            body, answer = (
                read_body(view.objects.get(hash) if hash else None) for hash in (row.body, _body_of(view, row.answer))
            )
            sender = view.place(row.author)
            code = sender.code if sender is not None else None
            return {
                "id": row.id.hex(), "what": row.what, "case_no": row.case_no or None, "staff_name": signed_by(body) or None,
                "from": {"node": code, "name": named(code) if code else ""}, "to": {"node": row.unit, "name": named(row.unit)},
                "at": iso(row.at), "text": _text(body, "text"), "source": _text(body, "source"), "words": "here" if body else "elsewhere",
                "answered_at": iso(row.answered_at), "answer": _text(answer, "text"), "answered_by": signed_by(answer) or None,
                "may_answer": answers and row.unit == view.identity.code and not row.answered_at,
            }  # fmt: skip

        return told


def _body_of(view: View, id: bytes | None) -> bytes | None:
    row = view.connection.execute("SELECT body_hash FROM notes WHERE id=?", (id,)).fetchone() if id is not None else None
    return row[0] if row else None


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) and value else None
