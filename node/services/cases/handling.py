"""Acting on a case: one door for every action of LIFECYCLE.md.

The custodian's people write events; at any other node the same call leaves a request that follows custody. Decision,
entry, idempotency key and the mechanical steps that follow are one transaction. Reading a case by the first person with a
case role at its custodian writes `opened`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypedDict

from node.domain.cases import access
from node.domain.cases.access import Function, may
from node.domain.cases.acts import ISSUES
from node.domain.cases.commands import Context
from node.domain.cases.decisions import REQUESTS, Command, decide
from node.domain.cases.documents import CaseDocument, CasePageOf, Requested
from node.domain.cases.lifecycle import transition
from node.domain.model import Actor, Case, NewEvent
from node.domain.tree.documents import Released
from node.domain.words.errors import TongbanError
from node.services.cases import lists
from node.services.cases.context import Rules
from node.services.cases.custody import write_events
from node.services.cases.documents import case_document, request_document
from node.services.tree.recovery import release
from node.store.database import StorageFailure
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Store, Tx, View


@dataclass(frozen=True, slots=True)
class ActResult:
    """200 with the case, or 202 with the request that now follows custody."""

    status: int
    document: CaseDocument | Requested

    @property
    def asked(self) -> str:
        """The id of the request, "" when it was done at once."""
        return self.document["request"]["id"] if "request" in self.document else ""


Issue: TypeAlias = Callable[[Tx, Case, NewEvent, Actor], NewEvent]


class Asked(TypedDict):
    """An act as it was asked for; what an idempotency key stands for."""

    case: str
    action: str
    fields: Mapping[str, object]
    version: int | None


class Handling:
    """Actions on cases at one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes, meant: Callable[[str], Sequence[str]], issue: Issue) -> None:
        """`meant` gives the ids of the items that words name; `issue` an act with the paper without which it has no effect."""
        self.store = store
        self.rules = rules
        self.secret = secret
        self.meant = meant
        self.issue = issue

    def act(
        self, case_no: str, action: str, fields: Mapping[str, object], actor: Actor, *, expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> ActResult:  # fmt: skip
        """Do or ask `action`. Raises TongbanError; nothing is written then. A role that may not is told so before anything is
        looked up, a repeat included."""
        access.require_act(action, self.store.place.tier, actor.role)
        body: Asked = {"case": case_no, "action": action, "fields": dict(fields), "version": expected_version}
        return self.store.run(lambda tx: self._act(tx, body, actor, idempotency_key))

    def _act(self, tx: Tx, body: Asked, actor: Actor, key: str | None) -> ActResult:
        repeats = Repeats(tx, self.secret)
        if (found := repeats.find(actor.staff_id, key, body)) is not None:
            return ActResult(*found)
        case = find_case(tx, body["case"])
        result = self._act_or_ask(tx, case, body, actor)
        repeats.keep(actor.staff_id, key, body, result.status, result.document)
        return result

    def _act_or_ask(self, tx: Tx, case: Case, body: Asked, actor: Actor) -> ActResult:
        action, version = body["action"], body["version"]
        if version is not None and version != case.version:
            raise TongbanError("version_conflict", version=case.version)
        command = Command(action, body["fields"], actor)
        context = self.rules.context(tx, case, self.rules.item_of(case, tx))
        if case.custodian != tx.identity.node_id and action in REQUESTS:
            return self.ask(tx, case, command, context)
        decided = decide(case, command, context)
        whole = [self.issue(tx, case, event, actor) if event.kind in ISSUES else event for event in decided]
        write_events(tx, case, whole, actor)
        if self.store.react is not None:
            self.store.react(tx)
        now = tx.cases.get(case.case_no)
        assert now is not None
        return ActResult(200, case_document(tx, self.rules, now, actor))

    # requests ------------------------------------------------------------------------------------------------------

    def ask(self, tx: Tx, case: Case, command: Command, context: Context) -> ActResult:
        """Leave a request with the case; whoever holds it answers exactly once."""
        events = decide(case, command, context)
        request = events[0]
        body = tx.encode_body(request.body) if request.body else None
        stored = tx.journal.append(
            Draft(request.kind, "request", request.facts, subject=case.case_no, staff_id=command.actor.staff_id, body=body,
                  body_class=request.body_class, ref=case.head)
        )  # fmt: skip
        row = tx.requests.get(stored.hash)
        assert row is not None
        return ActResult(202, {"request": request_document(row)})

    def request(self, id: str, actor: Actor) -> Requested:
        """State of a request made here or known here. Errors: `forbidden`, `not_found`."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        try:
            raw = bytes.fromhex(id)
        except ValueError:
            raise TongbanError("not_found", what="request") from None
        with self.store.reading() as view:
            row = view.requests.get(raw)
        if row is None:
            raise TongbanError("not_found", what="request")
        return {"request": request_document(row)}

    def release(self, case_no: str, actor: Actor) -> Released:
        """A director's word, after a root's restore, that the case is as it stands here.

        Errors: `forbidden`, `not_found`, `guard_failed` when the case does not wait for that."""
        access.require(Function.RELEASE_CASE, self.store.place.tier, actor.role)
        self.store.run(lambda tx: release(tx, case_no))
        return {"case_no": case_no, "released": True}

    # reading -------------------------------------------------------------------------------------------------------

    def case(self, case_no: str, actor: Actor) -> CaseDocument:
        """The case document. The first person with a case role who reads it at its custodian opens it (DESIGN "Custody").

        Errors: `forbidden`, `not_found`."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            case = find_case(view, case_no)
            shut = self._to_open(view, case, actor)
            found = None if shut else case_document(view, self.rules, case, actor)
        found = found or self._opened(case_no, actor)
        self.store.was_read(actor, case_no)
        return found

    def _opened(self, case_no: str, actor: Actor) -> CaseDocument:
        """The case, opened; on a disk that takes nothing it is read all the same."""
        try:
            return self.store.run(lambda tx: self._open(tx, case_no, actor))
        except StorageFailure:
            with self.store.reading() as view:
                return case_document(view, self.rules, find_case(view, case_no), actor)

    def listed(
        self,
        actor: Actor,
        *,
        status: str | None = None,
        item: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CasePageOf:
        """One page of the cases known here, newest first. Errors: `forbidden`, `invalid_input` for an unknown cursor."""
        access.require(Function.READ_CASE, self.store.place.tier, actor.role)
        meant = self.meant(q) if q else ()
        return lists.cases(self.store, self.rules, status=status, item=item, q=q, cursor=cursor, limit=limit, meant=meant)

    def _to_open(self, view: View | Tx, case: Case, actor: Actor) -> bool:
        me, row = view.identity.node_id, transition(case.status, "open")
        if row is None or not may(row, view.identity.tier, actor.role):
            return False
        return case.custodian == me and case.origin != me and me not in case.opened_by

    def _open(self, tx: Tx, case_no: str, actor: Actor) -> CaseDocument:
        case = find_case(tx, case_no)
        context = self.rules.context(tx, case, self.rules.item_of(case, tx))
        if self._to_open(tx, case, actor) and not context.frozen:
            write_events(tx, case, decide(case, Command("open", {}, actor), context), actor)
            case = find_case(tx, case_no)
        return case_document(tx, self.rules, case, actor)


def find_case(view: View | Tx, case_no: str) -> Case:
    """The case, or not_found."""
    case = view.cases.get(case_no)
    if case is None:
        raise TongbanError("not_found", what=case_no)
    return case
