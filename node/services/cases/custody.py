"""The mechanical steps: what a node does with a case by itself, in the same transaction as what caused it.

After every change of a case (an act, an entry or an object that arrived, a confirmation after a restore): fetch the item version it cites, if
that is not here. Then, if the case is ours or offered to us, in this order, until nothing more follows: take an offer made to
us when all that belongs to the case is here, or lost for good; answer the requests that wait, once each; send home what has ended. Each step
is decided by the same pure rules as a person's act, with the actor `system`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from federation.protocol.envelope import decode_header
from node.domain.cases.acts import ISSUES
from node.domain.cases.bodies import HANDS, hands, read_body, signature
from node.domain.cases.decisions import Command, decide
from node.domain.cases.events import INTERNAL, NOTICE
from node.domain.cases.lifecycle import GOES_HOME, STATUSES
from node.domain.cases.repin import now_called
from node.domain.model import SYSTEM, Actor, Case, Facts, NewEvent, Purpose
from node.domain.notes import ANSWERED, OUTCOMES, REQUEST, TO
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.corrections import may_be_answered
from node.store import sources
from node.store.journal import Draft
from node.store.requests import RequestRow
from node.store.store import Tx

STEPS_AT_MOST = 16


class Custody:
    """The mechanical side of one node."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def react(self, tx: Tx) -> None:
        """Take every step that follows from the cases touched in this command."""
        done: set[str] = set()
        while pending := tx.cases.touched - done:
            for case_no in sorted(pending):
                done.add(case_no)
                self._settle(tx, case_no)

    def _settle(self, tx: Tx, case_no: str) -> None:
        self._fetch_item(tx, case_no)
        for _ in range(STEPS_AT_MOST):
            case = tx.cases.get(case_no)
            if case is None or not (self._ours(tx, case) and self._step(tx, case)):
                return
        tx.postponed.add(case_no)

    def _fetch_item(self, tx: Tx, case_no: str) -> None:
        """A case below may cite an item version of a layer below; without it nobody here could say when it is due."""
        case = tx.cases.get(case_no)
        if case is None or not case.item_hash or self.rules.item_of(case, tx) is not None:
            return
        step = tx.step_towards(case.origin)
        if step is not None:
            self.rules.catalog.pin(tx, case.item_hash, tx.author_row(step))

    def _ours(self, tx: Tx, case: Case) -> bool:
        me = tx.identity.node_id
        return case.custodian == me or (case.offer is not None and case.offer.target == me)

    def _step(self, tx: Tx, case: Case) -> bool:
        if case.offer is not None:
            return self._take(tx, case)
        return self._answer_one(tx, case) or self._send_home(tx, case)

    # taking --------------------------------------------------------------------------------------------------------

    def _take(self, tx: Tx, case: Case) -> bool:
        offer = case.offer
        assert offer is not None
        missing = tx.objects.missing_of(offer.objects)
        if tx.trust.is_revoked(offer.giver) or not all(sources.is_lost(tx, body) for body in missing):
            return False
        if self.rules.item_of(case, tx) is None:  # the manifest has not come yet, or a layer below owns the item
            self.rules.catalog.pin(tx, case.item_hash, tx.author_row(offer.giver))
            return False
        return self.mechanical(tx, case, Command("take_custody", {}, SYSTEM))

    # requests ------------------------------------------------------------------------------------------------------

    def _answer_one(self, tx: Tx, case: Case) -> bool:
        for request in tx.requests.of_case(case.case_no, "pending"):
            if request.id in case.answered:
                continue
            if request.asked == "supply_correction" and not may_be_answered(tx, case, request):
                continue
            body = request.body_hash
            if body is not None and tx.objects.size(body) is None and not sources.is_lost(tx, body):
                sources.seek(tx, body, case.case_no, self._hint(tx, request))
                continue
            if self.mechanical(tx, case, self._answer(tx, case, request)):
                self._tell_asker(tx, case, request)
                return True
        return False

    def _tell_asker(self, tx: Tx, case: Case, request: RequestRow) -> None:
        """Who has no part in the case, and lies above none of those who have, would never learn of the answer."""
        asker, row = tx.trust.node(request.author), tx.requests.get(request.id)
        concerned = {case.origin, *(hop.node for hop in case.hops), tx.identity.node_id}
        if asker is None or row is None or row.state not in OUTCOMES:
            return
        if any(request.author == one or tx.trust.is_below(one, request.author) for one in concerned):
            return
        facts: Facts = {TO: (asker.code,), REQUEST: request.id, "outcome": row.state, "answer": row.answer or b""}
        tx.journal.append(Draft(ANSWERED, "note", facts, subject=case.case_no))

    def _hint(self, tx: Tx, request: RequestRow) -> int:
        step = tx.step_towards(request.author)
        return tx.author_row(step) if step is not None else 0

    def _answer(self, tx: Tx, case: Case, request: RequestRow) -> Command:
        body = read_body(tx.objects.get(request.body_hash)) if request.body_hash is not None else {}
        header = decode_header(tx.requests.facts(request))
        facts = header.facts
        if case.repins and isinstance(named := facts.get("material"), str):  # what it was called when it was asked for
            asked_at = {entry.event.hash: entry.event.version for entry in tx.cases.entries(case.case_no)}
            facts = {**facts, "material": now_called(case, named, asked_at.get(header.ref, case.version))}
        fields = {
            **facts,
            **{key: value for key, value in body.items() if key != "salt"},
            "asked": request.asked,
            "asker": request.author,
        }
        return Command("answer", fields, SYSTEM, request=request.id)

    # going home ----------------------------------------------------------------------------------------------------

    def _send_home(self, tx: Tx, case: Case) -> bool:
        if case.origin == tx.identity.node_id or not (case.status in GOES_HOME or on_its_way_home(case)):
            return False
        return self.mechanical(tx, case, Command("offer_home", {}, SYSTEM))

    def mechanical(self, tx: Tx, case: Case, command: Command) -> bool:
        """Let the rules decide a mechanical command; a refusal means "not now" and changes nothing."""
        context = self.rules.context(tx, case, self.rules.item_of(case, tx))
        if context.frozen:
            return False
        try:
            events = decide(case, command, context)
        except TongbanError:
            return False
        write_events(tx, case, events, SYSTEM)
        return bool(events)


def on_its_way_home(case: Case) -> bool:
    """Whether a case that a later version brought to an end this one does not know was sent home, and has come here on the way."""
    return case.status not in STATUSES and bool(case.hops) and case.hops[-1].reason == Purpose.HOME


def write_events(tx: Tx, case: Case, events: Sequence[NewEvent], actor: Actor, ref: bytes = b"") -> None:
    """Append what was decided for a case, each event on the one before."""
    version, head = case.version, case.head
    for event in events:
        if event.kind in ISSUES and "serial" not in event.facts:
            raise TongbanError("guard_failed", rule="告知文书没有同时出具，不能生效")
        signed = _signed(tx, case, event, actor)
        stored = tx.journal.append_event(case.case_no, version + 1, head, signed, staff_id=actor.staff_id, ref=ref)
        version, head = version + 1, stored.hash


def _signed(tx: Tx, case: Case, event: NewEvent, actor: Actor) -> NewEvent:
    """An act of a person carries the person's name: it goes where the words of acts go, to the nodes of the case and nobody else."""
    named: dict[str, object] = {} if actor.mechanical else {**signature(actor.name)}
    if not actor.mechanical and case.internal_bodies and event.body_class != INTERNAL and (inside := _inside(tx, case)):
        named[HANDS] = inside
    return replace(event, body={**(event.body or {}), **named}, body_class=event.body_class or NOTICE) if named else event


def _inside(tx: Tx, case: Case) -> dict[str, str]:
    """Who of this node did what stays inside the organs: the words do not go to a village, the names of the hands do (DESIGN,
    Organisation: nodes that hold a case the person acted on)."""
    own = [one.event for one in tx.cases.entries(case.case_no) if one.event.author == tx.identity.node_id]
    acts = [(one, read_body(tx.objects.get(one.body_hash))) for one in own if one.body_hash in case.internal_bodies]
    return {staff_id: name for (_, staff_id), name in hands((one.author, one.staff_id, body) for one, body in acts).items()}
