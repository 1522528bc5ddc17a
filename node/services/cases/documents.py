"""The case as people and programs read it (INTERFACE.md, "Case document").

Made from the journal at the moment of reading: the fold of the effective entries, the calendar in force, and what the
reader may do now. `due` and `light` are derived here and never stored in the journal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from node.domain import model
from node.domain.calendar import day_of
from node.domain.cases.actions import ActionOffer, actions_for
from node.domain.cases.bodies import SIGNED, Body, read_body, signed_by
from node.domain.cases.commands import Context
from node.domain.cases.deadlines import due_of, light_of, time_split, workdays_split
from node.domain.cases.documents import (
    CaseDocument,
    CaseSummary,
    FieldOffered,
    Given,
    Hop,
    MaterialRow,
    Offered,
    Owner,
    Pause,
    PresentStep,
    RequestDocument,
    TimelineRow,
    ToldFact,
    Transit,
    WasLate,
)
from node.domain.cases.fields import FieldSpec
from node.domain.cases.history import Late, Paused
from node.domain.cases.lateness import charged, over_days, rung_unheard
from node.domain.cases.lifecycle import ENDED
from node.domain.cases.owners import next_step, step_code, step_roles
from node.domain.cases.telling import Told, tell
from node.domain.catalog.item import Item, label
from node.domain.filing.application import material_name
from node.domain.json_values import Json, JsonObject
from node.domain.model import Actor, Case, FactValue
from node.domain.words.labels import word
from node.domain.words.punctuation import joined
from node.services.cases.context import Rules
from node.services.cases.corrections import correction_view, file_rows, file_state, held_of
from node.services.cases.item_update import item_update
from node.services.cases.legality import doubt_of, findings_of
from node.services.cases.names import namer, names_of
from node.services.cases.tracker import tracker
from node.services.times import iso
from node.services.tree.freshness import unheard_since
from node.store import enrolments, staff
from node.store.cases import CaseEntry
from node.store.requests import RequestRow, filed_case
from node.store.store import Tx, View

__all__ = ["case_document", "filing_body", "iso", "light", "materials", "request_document", "summary", "timeline"]


def summary(view: View | Tx, rules: Rules, case: Case) -> CaseSummary:
    """One row of a list of cases."""
    item = rules.item_of(case)
    judged = view.cases.judged(case.case_no)
    doubt, sure = doubt_of(judged), view.cases.sound(case, judged)
    tier = rules.tier_of(view, sure)
    calendar = rules.catalog.calendar()
    runs = item is not None and sure.status not in ENDED
    deadline = due_of(sure, item, tier, calendar, rules.limits) if item is not None and runs else None
    custodian = view.place(case.custodian) if case.custodian else None
    origin = view.place(case.origin)
    silent = unheard_since(view, charged(case), calendar) if sure.status not in ENDED else None
    return {
        "case_no": case.case_no,
        "item_id": case.item_id,
        "item_name": item.name if item is not None else case.item_id,
        "item_version": case.item_version,
        "category": item.category if item is not None else "",
        "kind": item.case_type if item is not None else "",
        "label": "doubted" if doubt.rules else label(item, case) if item is not None else "",
        "doubted": list(doubt.rules),
        "unjudged": doubt.unjudged,
        "status": case.status,
        "version": case.version,
        "term": case.term,
        "custodian": custodian.code if custodian is not None else None,
        "origin": origin.code if origin is not None else None,
        "due": deadline.due.isoformat() if deadline is not None else None,
        "light": light(view, rules, sure, item, silent),
        "over_days": over_days(deadline.due, day_of(view.now()), calendar)
        if deadline is not None and sure.status != "concluded"
        else 0,
        "provisional": deadline is not None and deadline.provisional,
        "as_of": iso(view.now()),
        "unknown_since": iso(silent) if silent is not None else None,
        "transit": _transit(view, rules, case),
    }


def light(view: View | Tx, rules: Rules, case: Case, item: Item | None, silent: int | None) -> str:
    """The light, never better than what is known of whoever has the case."""
    if case.status in ENDED:
        return "none"
    calendar, tier = rules.catalog.calendar(), rules.tier_of(view, case)
    if item is None:
        return "unknown"
    limits = rules.limits
    found = light_of(case, item, tier, calendar, view.now(), limits)
    due = due_of(case, item, tier, calendar, limits)
    return found if silent is None else rung_unheard(found, due.due if due is not None else None, silent)


def case_document(view: View | Tx, rules: Rules, case: Case, actor: Actor) -> CaseDocument:
    """The whole case for one reader."""
    row = summary(view, rules, case)
    item = rules.item_of(case)
    context = rules.context(view, case, item)
    entries, judged = view.cases.entries(case.case_no), view.cases.judged(case.case_no)
    rows = timeline(view, rules, case, entries)
    for one in rows:
        one["doubted"] = [mark.flag for mark in judged.doubts if mark.event.hex() == one["hash"]]
    receipt = rows[0]["witnessed"]["receipt"] if rows else None
    listed, record = materials(view, rules, case), rules.history(view, view.cases.sound(case, judged))
    names, named = enrolments.names(view.connection), namer(view, rules.catalog.divisions())
    return {
        **row,
        "application_no": case.application_no,
        "source": case.source,
        "channel": case.channel,
        "decision": case.decision or None,
        "filed_at": iso(case.filed_at),
        "received_at": iso(case.received_at),
        "accepted_at": iso(case.accepted_at),
        "decided_at": iso(case.decided_at),
        "frozen": context.frozen,
        "contents_missing": context.contents_missing,
        "same_application": _filed_before(view, case),
        "custodian_name": named(case.custodian) if case.custodian else "",
        "origin_name": named(case.origin),
        "moved_at": iso(case.moved_at),
        "deadlines": rules.deadlines(view, view.cases.sound(case, judged)),
        "item_update": item_update(case, item, rules.item_in_force(case)),
        "late": [_late(view, one, names) for one in record.late],
        "pauses": [pause_document(one) for one in record.pauses],
        "time_split": time_split(case, view.now()),
        "time_split_days": workdays_split(case, rules.calendar, view.now()),
        "timeline": rows,
        "tracker": tracker(view, rules, view.cases.sound(case, judged), receipt, doubted=bool(judged.doubts)),
        "findings": findings_of(view, judged),
        "hops": [_hop(view, hop, named) for hop in case.hops],
        "owner": owner_of(view, case),
        "unit": _code(view, case.custodian),
        "step": _present_step(view, case, context, row["due"]),
        "materials": listed,
        "correction": correction_view(view, case, {one["material"]: one["name"] for one in listed}),
        "requests": [request_document(one) for one in view.requests.of_case(case.case_no)],
        "actions": [_action(offer) for offer in actions_for(case, actor, context)],
        "application": filing_body(view, case).get("application"),
    }


def _late(view: View | Tx, one: Late, names: Mapping[bytes, str]) -> WasLate:
    place, me = view.place(one.holder), view.identity
    code = place.code if place is not None else None
    return {
        "clock": one.clock, "due": one.due.isoformat(), "over_days": one.over, "holder": code,
        "holder_name": me.name if one.holder == me.node_id else names.get(one.holder) or code or "", "ended_by": one.ended_by,
    }  # fmt: skip


def pause_document(one: Paused) -> Pause:
    """A stop as a document."""
    return {
        "kind": one.kind, "from": one.first.isoformat(), "until": one.until.isoformat(), "days": one.days, "over": one.over,
    }  # fmt: skip


def _filed_before(view: View | Tx, case: Case) -> str | None:
    """The case that was filed first with the same application, before a disk forgot it; None when there is no other."""
    first = filed_case(view, case.source, case.application_no, case.origin) if case.application_no else None
    return first if first != case.case_no else None


def filing_body(view: View | Tx, case: Case) -> Body:
    """The filing as it was handed in; empty where the body is not held."""
    return read_body(view.objects.of_case(case.bodies[0], case.case_no) if case.bodies else None)


def owner_of(view: View | Tx, case: Case) -> Owner | None:
    """Whose case it is, None while it is nobody's. Names are known at the person's own node only.

    A node without an organisation is one unit, and roles stand for posts."""
    if not case.lead.assignee:
        return None
    person = staff.by_id(view.connection, case.lead.assignee) if case.custodian == view.identity.node_id else None
    post, name = (person.role, person.name) if person is not None else (None, None)
    return {"unit": _code(view, case.custodian), "post": post, "staff_id": case.lead.assignee, "name": name}


def _code(view: View | Tx, node_id: bytes) -> str | None:
    place = view.place(node_id) if node_id else None
    return place.code if place is not None else None


def _present_step(view: View | Tx, case: Case, context: Context, due: str | None) -> PresentStep | None:
    """What the case waits for at its holder; None in transit and when it is over."""
    if case.custodian != view.identity.node_id or context.item is None or not (code := step_code(case, context)):
        return None
    step = next_step(case, context) if case.status == "accepted" else None
    roles = step_roles(case, context)
    return {"code": code, "name": step.name if step is not None else word(case.status), "post": str(roles[0]), "due": due}


def _transit(view: View | Tx, rules: Rules, case: Case) -> Transit | None:
    offer = case.offer
    if offer is None:
        return None
    giver, target, named = view.place(offer.giver), view.place(offer.target), namer(view, rules.catalog.divisions())
    return {
        "from": giver.code if giver else None, "from_name": named(offer.giver), "to": target.code if target else None,
        "to_name": named(offer.target), "purpose": str(offer.purpose), "since": iso(offer.since),
    }  # fmt: skip


def timeline(view: View | Tx, rules: Rules, case: Case, entries: list[CaseEntry]) -> list[TimelineRow]:
    """Every effective entry, with who, where, the claimed time and the witnessed interval."""
    standing = view.cases.remembered(case.case_no)
    dead = set(standing.void) | set(standing.parked) if standing is not None else set()
    me = view.identity.node_id
    receipts, people = view.links.receipts(), staff.names(view.connection)
    known = names_of(view, rules, case, filing_body(view, case).get("application") or {})
    rows: list[TimelineRow] = []
    for entry in sorted((e for e in entries if e.event.hash not in dead), key=lambda e: e.event.version):
        place = view.place(entry.event.author)
        receipt = _receipt_time(receipts, entry) if entry.event.author == me else entry.received_at
        rows.append({
            "version": entry.event.version, "term": entry.event.term, "action": entry.event.kind, "status": entry.event.status_after,
            "node": place.code if place else None,
            "node_name": known.node(entry.event.author), "tier": place.tier if place else None, "staff": entry.event.staff_id,
            "staff_name": people.get(entry.event.staff_id) if entry.event.author == me else _signed(view, entry),
            "recorded_at": iso(entry.event.at),
            "witnessed": {"not_before": iso(entry.not_before_ms), "receipt": iso(receipt)}, "hash": entry.event.hash.hex(),
            "note": _note(view, entry), "facts": _facts(entry), "told": [_told(one) for one in tell(entry.event, known)],
            "given": _given(entry, people if entry.event.author == me else {}),
        })  # fmt: skip
    return rows


def _signed(view: View | Tx, entry: CaseEntry) -> str | None:
    """Who did an act at another node, where its words are held."""
    return signed_by(read_body(view.objects.get(entry.event.body_hash))) or None if entry.event.body_hash else None


def _told(one: Told) -> ToldFact:
    return {"name": one.name, "label": one.label, "value": one.value, "label_en": one.label_en, "value_en": one.value_en}


def filing_receipt(view: View | Tx, case: Case) -> str | None:
    """When the node above had the filing of a case that was filed here; None while it has not, and of cases from elsewhere."""
    filed = next((entry for entry in view.cases.entries(case.case_no) if entry.event.version == 1), None)
    if filed is None or filed.event.author != view.identity.node_id:
        return None
    return iso(_receipt_time(view.links.receipts(), filed))


def _receipt_time(receipts: list[tuple[int, int, int]], entry: CaseEntry) -> int:
    return next((at for at, epoch, seq in receipts if (epoch, seq) >= (entry.epoch, entry.seq)), 0)


def _note(view: View | Tx, entry: CaseEntry) -> str | None:
    """The free text of an act, where its body is held."""
    if not entry.event.body_hash or entry.event.version == 1:
        return None
    body = read_body(view.objects.get(entry.event.body_hash))
    parts = [
        str(value)
        for key, value in body.items()
        if key not in ("salt", "application", "query_code", "mime", SIGNED) and isinstance(value, (str, int))
    ]
    return joined(parts) or None


def _given(entry: CaseEntry, people: Mapping[str, str]) -> Given | None:
    """From whom to whom a case was given. Names where the people work, None elsewhere."""
    before, after = (entry.event.facts.get(key) for key in ("from", "assignee"))
    if not isinstance(after, str) or not after:
        return None
    former = before if isinstance(before, str) and before else None
    return {
        "from": former, "from_name": people.get(former) if former else None, "to": after, "to_name": people.get(after),
    }  # fmt: skip


PLAIN_FACTS = frozenset(
    {"purpose", "extension_days", "until", "due", "kind", "citation", "days", "mode", "reason", "rule", "step", "same_person"}
)


def _facts(entry: CaseEntry) -> JsonObject:
    return {key: _plain(value) for key, value in entry.event.facts.items() if key in PLAIN_FACTS}


def _plain(value: FactValue) -> Json:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [one.hex() if isinstance(one, bytes) else one for one in value]
    return value


def _hop(view: View | Tx, hop: model.Hop, named: Callable[[bytes], str]) -> Hop:
    node = view.place(hop.node)
    giver = view.place(hop.giver) if hop.giver else None
    return {
        "node": node.code if node else None, "node_name": named(hop.node),
        "from": giver.code if giver else None, "to": node.code if node else None, "reason": hop.reason,
        "offered_at": iso(hop.offered_at or 0), "taken_at": iso(hop.taken_at), "left_at": iso(hop.left_at or 0),
    }  # fmt: skip


def materials(view: View | Tx, rules: Rules, case: Case) -> list[MaterialRow]:
    """The item's checklist against what was declared and what is here."""
    item = rules.item_of(case)
    held: dict[str, tuple[bytes, int]] = dict.fromkeys((one.material for one in case.pieces), (b"", 0))
    held |= {index: (blob, size) for index, blob, size in case.materials}
    rows = []
    for number, material in enumerate(item.materials if item is not None else ()):
        blob, size = held.pop(str(number), (b"", 0))
        rows.append(_material(view, case, str(number), material.name, material.required, blob, size))
    document = filing_body(view, case).get("application", {}) if held else {}
    for index, (blob, size) in held.items():
        name = material_name(item, document, index) if item is not None else ""
        rows.append(_material(view, case, index, name or index, False, blob, size))
    return rows


def _material(view: View | Tx, case: Case, index: str, name: str, required: bool, blob: bytes, size: int) -> MaterialRow:
    how, state = held_of(case, index), "missing"
    if how["held"] == "paper":
        state = "paper"
    elif blob:
        state = file_state(view, blob)
    elif size:
        state = "declared"
    return {
        "material": index,
        "name": name,
        "required": required,
        "size": size or None,
        "hash": blob.hex() or None,
        "state": state,
        **how,
        "files": file_rows(view, case, index),
    }


def request_document(row: RequestRow) -> RequestDocument:
    return {
        "id": row.id.hex(),
        "action": row.asked,
        "state": row.state,
        "case_no": row.case_no,
        "answer": row.answer.hex() if row.answer else None,
    }


def _action(offer: ActionOffer) -> Offered:
    fields = [_field(spec) for spec in offer.fields]
    return {"action": offer.action, "as": offer.as_, "forward": offer.forward, "fields": fields}


def _field(spec: FieldSpec) -> FieldOffered:
    return {
        "name": spec.name, "type": spec.type, "required": spec.required, "choices": spec.choices, "example": spec.example,
        "labels": spec.labels,
    }  # fmt: skip
