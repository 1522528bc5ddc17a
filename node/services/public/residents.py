"""What a resident may see without a login: the state of a case by its query code, and whom to call. No names of persons."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from node.domain.case_number import normalise_query_code, query_hash
from node.domain.cases.bodies import read_body
from node.domain.cases.corrections import gap_lacking
from node.domain.cases.lifecycle import ENDED
from node.domain.cases.public_documents import PublicCase, ToldOne, TurnedDown
from node.domain.catalog.item import CONTACT
from node.domain.filing.enclosed import material_name
from node.domain.model import Case
from node.domain.published import PAPERS
from node.domain.words.errors import TongbanError
from node.services.cases.changed_papers import changed_papers
from node.services.cases.context import Rules
from node.services.cases.documents import iso, summary
from node.services.cases.timeline import filing_receipt
from node.services.cases.tracker import tracker
from node.services.catalog.catalog import CatalogService
from node.services.catalog.names import node_name
from node.services.catalog.paper_library import in_force
from node.store import outbox, papers, told
from node.store.store import Store, View

TURNED_DOWN = frozenset({"refused", "not_accepted", "not_required_found"})


def public_case(store: Store, rules: Rules, case_no: str, code: str) -> PublicCase:
    """Where a case is, for whoever has its number (in any spelling) and query code (R71). No names; a wrong code is "not found"."""
    with store.reading() as view:
        case = view.cases.spelt(case_no)
        if case is None or not _right_code(case, code):
            raise TongbanError("not_found", what="case_or_code")
        judged = view.cases.judged(case.case_no)
        row, item, sure, checking = (
            summary(view, rules, case),
            rules.item_of(case),
            view.cases.sound(case, judged),
            bool(judged.doubts),
        )
        said = next((one for one in rules.deadlines(view, sure) if one["sentence"] and one["due"] == row["due"]), None)
        node = view.place(case.custodian) if case.custodian else None
        return {
            "case_no": case.case_no, "item_id": case.item_id, "item_name": row["item_name"], "category": row["category"],
            "custodian": row["custodian"],
            "status": "checking" if checking else case.status,
            "tier": node.tier if node is not None else None, "due": row["due"], "transit": row["transit"], "filed_at": iso(case.filed_at),
            "tracker": tracker(view, rules, sure, filing_receipt(view, case), doubted=checking),
            "accepted_at": iso(sure.accepted_at), "decided_at": iso(sure.decided_at), "as_of": row["as_of"],
            "pause": sure.pause.kind, "light": row["light"], "over_days": row["over_days"],
            "deadline": said["sentence"] if said is not None else "", "deadline_en": said["sentence_en"] if said is not None else "",
            "finished": not checking and case.status in ENDED,
            "custodian_name": node_name(view, rules.catalog, case.custodian), "origin_name": node_name(view, rules.catalog, case.origin),
            "bring": [] if checking else _bring(rules, case),
            "bring_by": case.gap.due.isoformat() if not checking and gap_lacking(case) and case.gap.due is not None else None,
            "contact": contact_of(rules.catalog, item.contact if item is not None else {}),
            "told": _told(view, case),
            "result": item.result if item is not None else "",
            "turned_down": None if checking else _turned_down(view, case),
            "changed": [
                {"kind": one.kind, "of": one.of, "number": one.notice.number, "date": one.notice.day.isoformat()}
                for one in changed_papers(view, case.case_no)
            ],
        }  # fmt: skip


def _told(view: View, case: Case) -> list[ToldOne]:
    """The messages to the applicant that went out, or of which nobody knows, from whichever node, the newest first."""
    own = outbox.of_case(view.connection, case.case_no)
    found = [(row.at, row.event, row.state, row.channel) for row in own]
    found += [(one.at, one.event, one.state, one.channel) for one in told.elsewhere(view, case, own)]
    shown = [row for row in sorted(found, key=lambda row: row[0]) if row[2] in (outbox.SENT, outbox.UNKNOWN)]
    return [ToldOne(event=event, state=state, channel=channel, at=iso(at)) for at, event, state, channel in reversed(shown)]


def _turned_down(view: View, case: Case) -> TurnedDown | None:
    """Of a case that was refused or turned down: the reason, the remedy and the number of its paper."""
    entries = [one.event for one in view.cases.entries(case.case_no) if one.event.kind in TURNED_DOWN]
    if not entries or case.decision not in ("", "refused") or case.status in ("approved", "checking"):
        return None
    act = entries[-1]
    body = read_body(view.objects.get(act.body_hash)) if act.body_hash else {}
    number = next((fact.number for fact in papers.of_case(view.connection, case.case_no) if fact.basis == act.hash), "")
    said = {key: str(body.get(key) or "") for key in ("reason", "basis", "remedies")}
    return {"reason": said["reason"], "basis": said["basis"], "remedies": said["remedies"], "number": number}


def _right_code(case: Case, code: str) -> bool:
    given = normalise_query_code(code or "")
    return bool(given) and hmac.compare_digest(query_hash(case.query_salt, case.case_no, given), case.query_hash)


def _bring(rules: Rules, case: Case) -> list[str]:
    """Materials that the resident is asked for now; names of the checklist only, an officer's own words may name a person."""
    item = rules.item_of(case)
    wanted = gap_lacking(case) if case.gap.is_open else case.correction.items if case.status == "awaiting_correction" else ()
    if item is None or case.status in ENDED:
        return []
    names = {one.name for one in item.materials}
    asked = (one if one in names else material_name(item, {}, one) for one in wanted)
    return [name for name in asked if name]


def contact_of(catalog: CatalogService, given: Mapping[str, str]) -> dict[str, str]:
    """Telephones, place and hours: what the item says, else the lines that stand on every paper."""
    common = in_force(catalog.snapshot().of(PAPERS)).common
    return {key: given.get(key) or (common.get(key, "") if key in ("phone", "complaint") else "") for key in CONTACT}
