"""The cases that a revocation left with nobody: they must be filed anew where they were filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.domain.upkeep.documents import OrphanRow
from node.services.times import iso
from node.store import enrolments, findings

if TYPE_CHECKING:
    from node.services.catalog.catalog import CatalogService
    from node.store.store import Store, View

MOST = 200


def orphans(store: Store, catalog: CatalogService, view: View) -> list[OrphanRow]:
    """While that is still so, at most MOST; the last one first."""
    rows: list[OrphanRow] = []
    names, items = enrolments.names(view.connection), catalog.snapshot().items
    for case_no, at in findings.without_heir(view.connection, MOST):
        case = view.cases.get(case_no)
        if case is not None and not (case.custodian and store.trust.is_live(case.custodian)):
            place, item = view.place(case.origin), items.get(case.item_id)
            rows.append({
                "case_no": case_no, "item_id": case.item_id, "item_name": item.name if item is not None else "",
                "origin": place.code if place is not None else "", "origin_name": names.get(case.origin, ""), "since": iso(at),
            })  # fmt: skip
    return rows
