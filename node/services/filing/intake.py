"""Filing: an application becomes a case, once.

(source, application number) is one case at the node where it is filed: the same application again gives the same case
number and query code, another content under the number is refused and names the case. When a disk lost what the first case
said, the same application gives that case and is taken in as its contents. Number, entry, body and the
idempotency key are written in one transaction; what the caller is told is already durable.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from node.domain.calendar import day_of
from node.domain.case_number import format_case_no, make_query_code, number_beginning, query_hash
from node.domain.cases.access import Function, require
from node.domain.cases.decisions import Command, decide
from node.domain.cases.lifecycle import ENDED
from node.domain.filing.application import Clean, validate_application
from node.domain.filing.documents import FiledDocument
from node.domain.model import Actor, Case
from node.domain.words.errors import ErrorDocument, FieldError, FieldErrorDocument, FieldFault, TongbanError
from node.services.cases.context import Rules
from node.services.cases.custody import write_events
from node.services.tree.recovery import generation_mark
from node.services.tree.standing import require_member
from node.store import lookup, sources
from node.store.projected.people import note_applicant
from node.store.requests import Repeats, filed_case
from node.store.store import Store, Tx, View

NOT_VOIDED = FieldError("replaces", "not_voided")
LOOKED_AT = 50  # cases of a person that are looked through


@dataclass(frozen=True, slots=True)
class FiledResult:
    """What the person is told. `created` is False when the application was known."""

    case_no: str
    status: str
    query_code: str
    created: bool
    warnings: list[FieldErrorDocument] = field(default_factory=list)

    def as_document(self) -> FiledDocument:
        return {"case_no": self.case_no, "status": self.status, "query_code": self.query_code, "warnings": self.warnings}


class RejectedApplication(TongbanError):
    """An application with defects; `defects` are all of them at once."""

    def __init__(self, application_no: str, defects: list[FieldError]) -> None:
        super().__init__("invalid_input", {defect.field: defect.code for defect in defects})
        self.application_no = application_no
        self.defects = defects

    def as_document(self) -> ErrorDocument:
        document = super().as_document()
        document["fields"] = {defect.field: _fault(defect.as_document()) for defect in self.defects}
        return document


def _fault(defect: FieldErrorDocument) -> FieldFault:
    return {"code": defect["code"], "message": defect["message"], "message_en": defect["message_en"]}


def voided_here(view: View | Tx, case_no: str) -> Case | None:
    """The case that was voided at this node, in whose place another may be filed (row 47); None when it was not."""
    case = view.cases.get(case_no)
    return case if case is not None and case.status == "voided" and case.custodian == view.identity.node_id else None


def voided_before(view: View | Tx, clean: Clean, since: dt.date) -> str:
    """The number of the newest case of the same applicant and item that was voided on `since` or later, as far as it is known here; "" for
    none. A draft is no case yet."""
    applicant = clean.document.get("applicant")
    number = str(applicant.get("id_number") or "") if isinstance(applicant, Mapping) else ""
    for one in lookup.cases_of(view.connection, number, LOOKED_AT):
        case = view.cases.get(one)
        same = case is not None and case.item_id == clean.item.item_id and case.status == "voided" and bool(case.lead.spans)
        if case is not None and same and day_of(case.ended_at) >= since:
            return one
    return ""


def warnings_of(view: View | Tx, clean: Clean, before: str = "") -> list[FieldErrorDocument]:
    """What is pointed out: oddities of the application, and each open case that the applicant has here for the same item (at most
    five). Who files the case `before` again is told of those that came before it, as the first time."""
    applicant = clean.document.get("applicant")
    number = applicant.get("id_number") if isinstance(applicant, Mapping) else None
    same_person = open_of(view, str(number or ""), clean.item.item_id, before)
    return [warning.as_document() for warning in (*clean.warnings, *same_person)]


def open_of(view: View | Tx, number: str, item_id: str, before: str = "") -> list[FieldError]:
    """A warning for each open case of a person, by the number as typed."""
    open_ones = lookup.open_cases(view.connection, number, item_id, ENDED, before)
    return [FieldError("applicant.id_number", "open_case", {"case_no": one}) for one in open_ones]


class Intake:
    """Filing at one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self.store = store
        self.rules = rules
        self.secret = secret

    def file(
        self, document: object, actor: Actor, *, source: str = "default", draft: bool = False, idempotency_key: str | None = None
    ) -> FiledResult:
        """File an application. Raises RejectedApplication with every defect, application_conflict, forbidden, revoked."""
        require(Function.DRAFT if draft else Function.FILE_CASE, self.store.place.tier, actor.role)
        clean = self.validate(document, source, draft)
        return self.store.run(lambda tx: self._file(tx, clean, actor, draft, idempotency_key))

    def validate(self, document: object, source: str, draft: bool) -> Clean:
        if isinstance(document, Mapping) and "source" not in document and source != "default":
            document = {**document, "source": source}
        clean, errors, _ = validate_application(document, self.rules.filing_context(), draft=draft)
        if errors or clean is None:
            number = document.get("application_no") if isinstance(document, Mapping) else ""
            raise RejectedApplication(number if isinstance(number, str) else "", errors)
        return clean

    def _file(self, tx: Tx, clean: Clean, actor: Actor, draft: bool, key: str | None) -> FiledResult:
        repeats = Repeats(tx, self.secret)
        if (found := repeats.find(actor.staff_id, key, clean.document)) is not None:
            return FiledResult(**found[1], created=False)
        known = filed_case(tx, clean.source, clean.application_no, tx.identity.node_id)
        result = self._again(tx, known, clean, actor, draft) if known is not None else self._first(tx, clean, actor, draft)
        repeats.keep(actor.staff_id, key, clean.document, 201, result.as_document())
        return result

    def _first(self, tx: Tx, clean: Clean, actor: Actor, draft: bool) -> FiledResult:
        require_member(tx)
        case_no = self._next_number(tx)
        noise = os.urandom(40)
        code, salt = make_query_code(noise[:8]), noise[8:24]
        body = {"salt": noise[24:].hex(), "application": clean.document, "query_code": code}
        fields = {
            "item": clean.item, "item_hash": self.rules.catalog.item_hash(clean.item.item_id), "application_no": clean.application_no,
            "source": clean.source, "channel": clean.channel, "village": clean.village_code, "materials": clean.materials, "papers": clean.papers,
            "query_salt": salt, "query_hash": query_hash(salt, case_no, code), "body": body, "case_no": case_no,
            "mandate": clean.mandate, "mandate_until": clean.mandate_until, **self._inherited(tx, clean),
        }  # fmt: skip
        action = "save" if draft else self._filing_action(clean)
        context = self.rules.context(tx, None, clean.item)
        events = decide(None, Command(action, fields, actor), context)
        warnings = warnings_of(tx, clean)
        write_events(tx, Case(case_no), events, actor)
        note_applicant(tx, case_no, clean.document)
        tx.cases.touched.discard(case_no)  # nobody can have asked anything of it yet: no mechanical step follows
        return FiledResult(case_no, events[-1].status_after, code, True, warnings)

    def _next_number(self, tx: Tx) -> str:
        me = tx.identity
        day = (me.code, day_of(tx.now()), generation_mark(me.generation), me.epoch)
        return format_case_no(*day, tx.journal.next_serial(number_beginning(*day)))

    def _inherited(self, tx: Tx, clean: Clean) -> dict[str, Any]:
        """What comes from the case that was voided here and is filed again: its receipt date (row 47). Where nobody names it, that there
        was one (L05)."""
        if not clean.replaces:
            snapshot, today = self.rules.catalog.snapshot(), day_of(tx.now())
            days = snapshot.supervisions.on(today).rules["L05"].days
            return {"same_applicant_as": voided_before(tx, clean, self.rules.calendar.add_workdays(today, -days))}
        before = voided_here(tx, clean.replaces)
        if before is None:
            raise RejectedApplication(clean.application_no, [NOT_VOIDED])
        return {"replaces": before.case_no, "received_on": day_of(before.received_at) if before.received_at else None}

    def _filing_action(self, clean: Clean) -> str:
        place = self.store.place
        return "lodge" if place.tier == "village" and clean.item.item_id not in place.commissioned else "submit"

    def _again(self, tx: Tx, case_no: str, clean: Clean, actor: Actor, draft: bool) -> FiledResult:
        """The same application once more: the first case, or a draft that is filed now."""
        case = tx.cases.get(case_no)
        data = tx.objects.get(case.bodies[0]) if case is not None and case.bodies else None
        body = json.loads(data) if data is not None else {}
        if case is not None and case.bodies and data is None and _may_be(case, clean):
            return self._taken_in_again(tx, case, clean, actor)
        if case is None or body.get("application") != clean.document:
            raise TongbanError("application_conflict", application_no=clean.application_no, case_no=case_no)
        status = case.status
        if status == "draft" and not draft:
            require_member(tx)
            context = self.rules.context(tx, case, clean.item)
            events = decide(case, Command(self._filing_action(clean), {}, actor), context)
            write_events(tx, case, events, actor)
            status = events[-1].status_after
        return FiledResult(case_no, status, body.get("query_code", ""), False, warnings_of(tx, clean, case_no))

    def _taken_in_again(self, tx: Tx, case: Case, clean: Clean, actor: Actor) -> FiledResult:
        """What the first case says was lost with a disk, or is still to come from a neighbour: it is the first case all the same.
        When nobody has its contents any more they are taken in again. The query code that was told stays good; nobody knows it here."""
        item = self.rules.item_of(case, tx)
        context = self.rules.context(tx, case, item)
        if context.contents_missing and not context.frozen and sources.is_lost(tx, case.bodies[0]):
            body = {"salt": os.urandom(16).hex(), "application": clean.document}
            write_events(tx, case, decide(case, Command("refile", {"body": body}, actor), context), actor)
            note_applicant(tx, case.case_no, clean.document)
        return FiledResult(case.case_no, case.status, "", False, warnings_of(tx, clean, case.case_no))


def _may_be(case: Case, clean: Clean) -> bool:
    """Whether the facts of a case whose contents are not here fit an application."""
    listed = {index for index, _ in clean.materials}
    same = (case.item_id, case.channel, case.village) == (clean.item.item_id, clean.channel, clean.village_code)
    return same and listed <= {index for index, _, _ in case.materials}
