"""Messages on a case between the offices of the network (R31, INTERFACE "Messages").

A message is a note (`node.domain.notes`) for certain nodes; its words go to these and to nobody else. It may be written about a case that is
open or over. Whoever is addressed gets the message and no part of the case: a node that does not know the case sees the messages
that it was sent, and may answer. Receiving is mechanical: when the words are here the node says so, and those who carried them
delete them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.cases.bodies import read_body, signature, signed_by
from node.domain.cases.messages import (
    ALL,
    MessageDocument,
    MessageList,
    MessageSent,
    Partner,
    concerned,
    may_address,
    read_text,
    read_to,
)
from node.domain.model import Actor, Case
from node.domain.notes import MESSAGE, NOTE, RECEIVED, TO
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.times import iso
from node.services.tree.freshness import freshness
from node.store import carriage, notes, sources
from node.store.journal import Draft
from node.store.notes import NoteRow
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

PAGE = 50


class Messages:
    """The messages of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self.store = store
        self.rules = rules
        self.secret = secret

    # writing -------------------------------------------------------------------------------------------------------

    def write(
        self, case_no: str, to: object, text: object, actor: Actor, *, idempotency_key: str | None = None
    ) -> MessageSent:  # fmt: skip
        """Send a message about a case. `to` is `["all"]`, everybody the case concerns, or division codes.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        return self.store.run(lambda tx: self._write(tx, case_no, to, text, actor, idempotency_key))

    def _write(self, tx: Tx, case_no: str, to: object, text: object, actor: Actor, key: str | None) -> MessageSent:
        repeats, asked = Repeats(tx, self.secret), {"message": case_no, "to": to, "text": text}
        if (found := repeats.find(actor.staff_id, key, asked)) is not None:
            return MessageSent(id=str(found[1]["id"]))
        case, written = self._known(tx, case_no), read_text(text)
        codes = self._codes(tx, case_no, case, read_to(to))
        carriage.require_room(tx, len(codes))
        body = tx.encode_body({"text": written, **signature(actor.name)})
        draft = Draft(MESSAGE, "note", {TO: codes}, subject=case_no, staff_id=actor.staff_id, body=body, body_class="message")
        sent = MessageSent(id=tx.journal.append(draft).hash.hex())
        repeats.keep(actor.staff_id, key, asked, 201, sent)
        return sent

    def _codes(self, tx: Tx, case_no: str, case: Case | None, to: tuple[str, ...]) -> tuple[str, ...]:
        partners = [one["code"] for one in self._partners(tx, case_no, case)]
        codes = tuple(partners) if to == (ALL,) else to
        if not codes:
            raise TongbanError("guard_failed", rule="本件没有其他相关站点，请写明收件站点")
        if tx.identity.code in codes:
            raise TongbanError("invalid_input", {"to": "own_node"})
        may_address(codes, partners, holds=case is not None and case.custodian == tx.identity.node_id)
        divisions = self.rules.catalog.divisions()
        if any(tx.trust.active_code(code) is None and divisions.get(code[:12]) is None for code in codes):
            raise TongbanError("invalid_input", {"to": "unknown_division"})
        return codes

    def react(self, tx: Tx) -> None:
        """Say of every note that came for us, once its words are here, that it was received."""
        for id in sorted(tx.noted):
            row, me = notes.get(tx.connection, id), tx.identity
            author = tx.trust.node(row.author) if row is not None else None
            if row is None or author is None or carriage.addressees(tx, id).get(me.code, True):
                continue
            if not row.body or tx.objects.size(row.body) is not None:
                tx.journal.append(Draft(RECEIVED, "note", {TO: (author.code,), NOTE: id}, subject=row.case_no))

    # reading -------------------------------------------------------------------------------------------------------

    def listing(self, case_no: str, actor: Actor, cursor: str | None = None, limit: int = PAGE) -> MessageList:
        """The messages about a case that this node wrote or was sent, the newest first.

        Errors: `forbidden`, `not_found` where neither the case nor a message about it is known, `invalid_input` for an unknown cursor."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            self._known(view, case_no)
            return self._page(view, case_no, cursor, limit)

    def arrived(self, actor: Actor, cursor: str | None = None, limit: int = PAGE) -> MessageList:
        """All messages that this node was sent, the newest first. Errors: `forbidden`, `invalid_input` for an unknown cursor."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return self._page(view, "", cursor, limit)

    def partners(self, case_no: str, actor: Actor) -> list[Partner]:
        """The offices that the case concerns, and those that wrote to us about it, without us. Errors: `forbidden`, `not_found`."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return self._partners(view, case_no, self._known(view, case_no))

    def knows(self, case_no: str, actor: Actor) -> bool:
        """Whether the case itself is known here, not only messages about it. Errors: `forbidden`."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return view.cases.get(case_no) is not None

    def _known(self, view: View | Tx, case_no: str) -> Case | None:
        """The case; None when only messages about it are known here. Raises not_found for what is neither."""
        case, me = view.cases.get(case_no), view.identity
        if case is None and not notes.count_messages(view.connection, me.node_id, me.code, case_no):
            raise TongbanError("not_found", what=case_no)
        return case

    def _partners(self, view: View | Tx, case_no: str, case: Case | None) -> list[Partner]:
        me, named = view.identity, office_namer(view, self.rules.catalog.divisions())
        wrote = (row.author for row in notes.messages(view.connection, me.node_id, me.code, case_no, 1 << 62, 200))
        nodes = dict.fromkeys([*(concerned(case) if case is not None else ()), *wrote])
        places = [place for node in nodes if node != me.node_id and view.trust.is_live(node) and (place := view.place(node))]
        return [Partner(code=place.code, name=named(place.code)) for place in places]

    def _page(self, view: View, case_no: str, cursor: str | None, limit: int) -> MessageList:
        me = view.identity
        before = 1 << 62
        if cursor:
            if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
                raise TongbanError("invalid_input", {"cursor": "invalid"})
            before = int(cursor)
        rows = notes.messages(view.connection, me.node_id, me.code, case_no, before, limit + 1)
        return {
            **freshness(view, self.rules.calendar).document(),
            "messages": self._documents(view, rows[:limit]),
            "next": str(rows[limit - 1].arrival) if len(rows) > limit else None,
            "total": notes.count_messages(view.connection, me.node_id, me.code, case_no),
        }

    def _documents(self, view: View, rows: Sequence[NoteRow]) -> list[MessageDocument]:
        named = office_namer(view, self.rules.catalog.divisions())
        return [self._document(view, row, named) for row in rows]

    def _document(self, view: View, row: NoteRow, named: Callable[[str], str]) -> MessageDocument:
        received = notes.received(view.connection, row.id)
        place, ours = view.place(row.author), row.author == view.identity.node_id
        body = read_body(view.objects.get(row.body) if row.body else None)
        text, code = body.get("text"), place.code if place is not None else None
        here = isinstance(text, str)
        return {
            "id": row.id.hex(), "case_no": row.case_no, "ours": ours, "to": list(received), "to_names": [named(one) for one in received],
            "from": {
                "node": code, "node_name": named(code) if code is not None else "", "unit": code, "staff_id": row.staff_id,
                "staff_name": signed_by(body) or None,
            },
            "at": iso(row.at), "text": text if here else None,
            "words": "here" if here else "lost" if sources.is_lost(view, row.body) else "on_the_way",
            "acknowledged": {one: iso(at) for one, at in received.items() if at},
        }  # fmt: skip
