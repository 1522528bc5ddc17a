"""What was done with a case, entry by entry, as people and programs read it, and its filing as it was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from node.domain.cases.bodies import SIGNED, Body, hands, read_body
from node.domain.cases.dated import is_moved, is_unproven
from node.domain.cases.documents import Given, TimelineRow
from node.domain.cases.telling import tell
from node.domain.json_values import Json, JsonObject
from node.domain.model import Case, FactValue
from node.domain.words.punctuation import joined
from node.services.cases.context import Rules
from node.services.cases.names import names_of
from node.services.cases.notes import told_fact
from node.services.times import iso
from node.store import hearings, staff
from node.store.standing import CaseEntry
from node.store.store import Tx, View


def filing_body(view: View | Tx, case: Case) -> Body:
    """The filing as it was handed in; empty where the body is not held."""
    return read_body(view.objects.of_case(case.bodies[0], case.case_no) if case.bodies else None)


def timeline(view: View | Tx, rules: Rules, case: Case, entries: list[CaseEntry]) -> list[TimelineRow]:
    """Every effective entry, with who, where, the claimed time and the witnessed interval."""
    standing = view.cases.remembered(case.case_no)
    dead = set(standing.void) | set(standing.parked) if standing is not None else set()
    me, now = view.identity.node_id, view.now()
    receipts, people = view.links.receipts(), staff.names(view.connection)
    signed = hands((one.event.author, one.event.staff_id, _body(view, one)) for one in entries)
    signed |= {(me, staff_id): name for staff_id, name in people.items()}
    application = filing_body(view, case).get("application") or {}
    known = names_of(view, rules, case, application)
    rows: list[TimelineRow] = []
    for entry in sorted((e for e in entries if e.event.hash not in dead), key=lambda e: e.event.version):
        place = view.place(entry.event.author)
        receipt = receipt_time(receipts, entry) if entry.event.author == me else entry.received_at
        if case.repins:
            known = names_of(view, rules, case, application, entry.event.version)
        borne_out = is_borne_out(view, entry)
        rows.append({
            "version": entry.event.version, "term": entry.event.term, "action": entry.event.kind, "status": entry.event.status_after,
            "node": place.code if place else None,
            "node_name": known.node(entry.event.author), "tier": place.tier if place else None, "staff": entry.event.staff_id,
            "staff_name": signed.get((entry.event.author, entry.event.staff_id)),
            "recorded_at": iso(entry.event.claimed), "dated": iso(entry.event.at), "moved": is_moved(entry.event),
            "borne_out": borne_out, "unproven": is_unproven(entry.event, borne_out, now),
            "witnessed": {"not_before": iso(entry.not_before_ms), "receipt": iso(receipt)}, "hash": entry.event.hash.hex(),
            "note": _note(view, entry), "facts": _facts(entry), "told": [told_fact(one) for one in tell(entry.event, known)],
            "given": _given(entry, signed),
        })  # fmt: skip
    return rows


def is_borne_out(view: View | Tx, entry: CaseEntry) -> bool:
    """Whether the node above its author has said by when it had the entry."""
    author = entry.event.author
    return view.trust.parent(author) is None or hearings.covering(view.connection, author, entry.epoch, entry.seq) is not None


def _body(view: View | Tx, entry: CaseEntry) -> Body:
    """What an act says, where its words are held."""
    return read_body(view.objects.get(entry.event.body_hash)) if entry.event.body_hash else {}


def filing_receipt(view: View | Tx, case: Case) -> str | None:
    """When the node above had the filing of a case that was filed here; None while it has not, and of cases from elsewhere."""
    filed = next((entry for entry in view.cases.entries(case.case_no) if entry.event.version == 1), None)
    if filed is None or filed.event.author != view.identity.node_id:
        return None
    return iso(receipt_time(view.links.receipts(), filed))


def receipt_time(receipts: list[tuple[int, int, int]], entry: CaseEntry) -> int:
    """When the node above had an entry of ours (ms), 0 while it has not."""
    return next((at for at, epoch, seq in receipts if (epoch, seq) >= (entry.epoch, entry.seq)), 0)


def _note(view: View | Tx, entry: CaseEntry) -> str | None:
    """The free text of an act, where its body is held."""
    if entry.event.version == 1:
        return None
    body = _body(view, entry)
    parts = [
        str(value)
        for key, value in body.items()
        if key not in ("salt", "application", "query_code", "mime", SIGNED) and isinstance(value, (str, int))
    ]
    return joined(parts) or None


def _given(entry: CaseEntry, signed: Mapping[tuple[bytes, str], str]) -> Given | None:
    """From whom to whom a case was given. Names where the people work; elsewhere of those who signed an act, None for others."""
    before, after = (entry.event.facts.get(key) for key in ("from", "assignee"))
    if not isinstance(after, str) or not after:
        return None
    former, author = before if isinstance(before, str) and before else None, entry.event.author
    return {
        "from": former, "from_name": signed.get((author, former)) if former else None, "to": after, "to_name": signed.get((author, after)),
    }  # fmt: skip


PLAIN_FACTS = frozenset(
    {
        "gap",
        "gap_due",
        "purpose",
        "extension_days",
        "until",
        "due",
        "kind",
        "citation",
        "days",
        "mode",
        "reason",
        "rule",
        "step",
        "same_person",
    }
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
