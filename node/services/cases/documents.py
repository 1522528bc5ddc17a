"""The case as people and programs read it (INTERFACE.md, "Case document").

Made from the journal at the moment of reading: the fold of the effective entries, the calendar in force, and what the
reader may do now. `due` and `light` are derived here and never stored in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from node.domain import model
from node.domain.calendar import day_of
from node.domain.cases.actions import ActionOffer, actions_for
from node.domain.cases.commands import Context
from node.domain.cases.deadlines import Reckoned, due_of, light_of, reckon, time_split, workdays_split
from node.domain.cases.documents import (
    CaseDocument,
    CaseSummary,
    FieldOffered,
    Hop,
    Offered,
    Owner,
    Pause,
    PresentStep,
    RequestDocument,
    Transit,
    WasLate,
)
from node.domain.cases.fields import FieldSpec
from node.domain.cases.history import Late, Paused
from node.domain.cases.lateness import charged, over_days, rung_unheard
from node.domain.cases.lifecycle import ENDED
from node.domain.cases.material_documents import MaterialRow
from node.domain.cases.owners import next_step, step_code, step_roles
from node.domain.catalog.item import Item, label
from node.domain.model import Actor, Case
from node.domain.words.labels import word
from node.services.cases.context import Rules
from node.services.cases.corrections import correction_view, file_rows, file_state, gap_view, held_of
from node.services.cases.item_update import item_update
from node.services.cases.legality import doubt_of, findings_of
from node.services.cases.names import namer, names_of, office_namer
from node.services.cases.notes import notes_of
from node.services.cases.timeline import filing_body, timeline
from node.services.cases.tracker import tracker
from node.services.times import iso
from node.services.tree.freshness import unheard_since
from node.store import signals, staff
from node.store.requests import RequestRow, filed_case
from node.store.store import Tx, View

__all__ = ["case_document", "iso", "light", "materials", "request_document", "summary"]


def summary(view: View | Tx, rules: Rules, case: Case) -> CaseSummary:
    """One row of a list of cases."""
    item = rules.item_of(case)
    judged = view.cases.judged(case.case_no)
    doubt, sure = doubt_of(judged), view.cases.sound(case, judged)
    tier = rules.tier_of(view, sure)
    calendar = rules.catalog.calendar()
    found = reckon(sure, item, tier, rules.counting, rules.limits) if sure.status not in ENDED else Reckoned()
    deadline = found.first
    custodian = view.place(case.custodian) if case.custodian else None
    origin = view.place(case.origin)
    due = deadline.due if deadline is not None else None
    silent = unheard_since(view, charged(case), calendar, due) if sure.status not in ENDED else None
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
        "over_days": over_days(deadline.due, day_of(view.now()), rules.days_of(sure))
        if deadline is not None and sure.status != "concluded"
        else 0,
        "provisional": deadline is not None and deadline.provisional,
        "as_of": iso(view.now()),
        "unknown_since": unknown_since(sure, silent, found.lacks),
        "lacks": list(found.lacks),
        "transit": _transit(view, rules, case),
    }


def unknown_since(case: Case, silent: int | None, lacks: Sequence[str]) -> str | None:
    """Since when nobody here can say how a case stands: its holder is silent, or what its due day needs has not come with it."""
    return iso(silent) if silent is not None else iso(case.moved_at or case.filed_at) if lacks else None


def light(view: View | Tx, rules: Rules, case: Case, item: Item | None, silent: int | None) -> str:
    """The light, never better than what is known of whoever has the case."""
    if case.status in ENDED:
        return "none"
    calendars, limits, tier = rules.counting, rules.limits, rules.tier_of(view, case)
    found = light_of(case, item, tier, calendars, view.now(), limits)
    due = due_of(case, item, tier, calendars, limits)
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
    named_materials = {one["material"]: one["name"] for one in listed}
    named = namer(view, rules.catalog.divisions())
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
        "late": [_late(view, one, named) for one in record.late],
        "pauses": [pause_document(one) for one in record.pauses],
        "time_split": time_split(case, view.now()),
        "time_split_days": workdays_split(case, rules.calendar, view.now()),
        "timeline": rows,
        "tracker": tracker(view, rules, view.cases.sound(case, judged), receipt, doubted=bool(judged.doubts)),
        "findings": findings_of(view, case, judged),
        "cards": [card.hex() for card in dict.fromkeys(one.id for one in signals.served_of(view.connection, case.case_no))],
        "hops": [_hop(view, hop, named) for hop in case.hops],
        "owner": owner_of(view, case),
        "unit": _code(view, case.custodian),
        "step": _present_step(view, case, context, row["due"]),
        "materials": listed,
        "correction": correction_view(view, case, named_materials),
        "gap": gap_view(view, case, named_materials),
        "requests": [request_document(one) for one in view.requests.of_case(case.case_no)],
        "notes": notes_of(view, case, names_of(view, rules, case, {}), office_namer(view, rules.catalog.divisions())),
        "actions": [_action(offer) for offer in actions_for(case, actor, context)],
        "application": filing_body(view, case).get("application"),
    }


def _late(view: View | Tx, one: Late, named: Callable[[bytes], str]) -> WasLate:
    place = view.place(one.holder)
    return {
        "clock": one.clock, "due": one.due.isoformat(), "over_days": one.over, "before_days": one.before,
        "holder": place.code if place is not None else None, "holder_name": named(one.holder), "ended_by": one.ended_by,
        "kept_days": one.kept.get(view.identity.node_id),
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
        name = rules.material_name(case, document, index)
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
