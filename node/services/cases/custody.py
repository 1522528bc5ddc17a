"""The mechanical steps: what a node does with a case by itself, in the same transaction as what caused it.

After every change of a case (an act, an entry or an object that arrived, a CaughtUp): fetch the item version it cites, if
that is not here. Then, if the case is ours or offered to us, in this order, until nothing more follows: take an offer made to
us when all that belongs to the case is here, or lost for good; answer the requests that wait, once each; send home what has ended. Each step
is decided by the same pure rules as a person's act, with the actor `system`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from federation.protocol.envelope import decode_header
from node.domain.cases.acts import ISSUES
from node.domain.cases.bodies import SIGNED, read_body
from node.domain.cases.decisions import Command, decide
from node.domain.cases.lifecycle import GOES_HOME
from node.domain.model import SYSTEM, Actor, Case, NewEvent
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.corrections import may_be_answered
from node.store import sources
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
                return True
        return False

    def _hint(self, tx: Tx, request: RequestRow) -> int:
        step = tx.step_towards(request.author)
        return tx.author_row(step) if step is not None else 0

    def _answer(self, tx: Tx, case: Case, request: RequestRow) -> Command:
        body = read_body(tx.objects.get(request.body_hash)) if request.body_hash is not None else {}
        facts = decode_header(tx.requests.facts(request)).facts
        fields = {
            **facts,
            **{key: value for key, value in body.items() if key != "salt"},
            "asked": request.asked,
            "asker": request.author,
        }
        return Command("answer", fields, SYSTEM, request=request.id)

    # going home ----------------------------------------------------------------------------------------------------

    def _send_home(self, tx: Tx, case: Case) -> bool:
        if case.status not in GOES_HOME or case.origin == tx.identity.node_id:
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


def write_events(tx: Tx, case: Case, events: Sequence[NewEvent], actor: Actor, ref: bytes = b"") -> None:
    """Append what was decided for a case, each event on the one before."""
    version, head = case.version, case.head
    for event in events:
        if event.kind in ISSUES and "serial" not in event.facts:
            raise TongbanError("guard_failed", rule="告知文书没有同时出具，不能生效")
        stored = tx.journal.append_event(case.case_no, version + 1, head, _signed(event, actor), staff_id=actor.staff_id, ref=ref)
        version, head = version + 1, stored.hash


def _signed(event: NewEvent, actor: Actor) -> NewEvent:
    """What a person wrote carries the person's name: it goes where the words go, to the nodes of the case and nobody else."""
    if event.body is None or actor.mechanical or not actor.name:
        return event
    return replace(event, body={**event.body, SIGNED: actor.name})
