"""What this node knows of the person whose number is typed: open and earlier cases, and what he gave the last time."""

from __future__ import annotations

import datetime as dt

from node.domain import folded
from node.domain.catalog.item import Item
from node.domain.filing.documents import LastGiven, PersonCase, PersonHints
from node.domain.filing.person import age_warnings
from node.domain.model import Case
from node.services.cases.context import Rules
from node.services.cases.documents import iso
from node.services.cases.timeline import filing_body
from node.services.filing.intake import open_of
from node.store import lookup
from node.store.store import View

SHOWN = 5
GIVEN = ("name", "phone", "address")


def hints_at(view: View, rules: Rules, number: str, kind: str, item_id: str, item: Item | None, today: dt.date) -> PersonHints:
    """What stands beside the number. `number` as typed; of a number that nobody has here only the age is said."""
    number = folded.code(number)
    warnings = open_of(view, number, item_id)
    warnings += age_warnings(number, kind, item, today) if item is not None else []
    found = [case for no in lookup.cases_of(view.connection, number, SHOWN) if (case := view.cases.get(no)) is not None]
    return {
        "warnings": [one.as_document() for one in warnings],
        "cases": [_row(rules, case) for case in found],
        "last": next(filter(None, (_last(view, case) for case in found)), None),
    }


def _row(rules: Rules, case: Case) -> PersonCase:
    item = rules.item_of(case)
    name = item.name if item is not None else case.item_id
    return {"case_no": case.case_no, "item_name": name, "status": case.status, "filed_at": iso(case.filed_at)}


def _last(view: View, case: Case) -> LastGiven | None:
    """What the person gave at that case; None where its body is not held."""
    applicant = filing_body(view, case).get("application", {}).get("applicant")
    if not isinstance(applicant, dict):
        return None
    name, phone, address = (str(applicant.get(one) or "") for one in GIVEN)
    return {"case_no": case.case_no, "filed_at": iso(case.filed_at), "name": name, "phone": phone, "address": address}
