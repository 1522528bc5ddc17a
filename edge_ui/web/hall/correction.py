"""The correction on the page of a case: which forms belong to it, and what was typed. Pure.

Supplying has a form of its own, row by row; asking once more has one beside what came. Neither stands among the other acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge_ui.web.hall.forms import blank_form
from edge_ui.web.hall.pages import ActionForm, CorrectionPart
from node.domain.cases.documents import CaseDocument
from node.domain.cases.material_documents import CorrectionRow

SUPPLY, AGAIN = "supply_correction", "repeat_request"


def in_correction(case: CaseDocument, action: str) -> bool:
    """Whether the form of an action stands in the correction and not among the acts."""
    return action == SUPPLY or (action == AGAIN and case["status"] == "submitted")


def correction_part(
    case: CaseDocument, form: ActionForm | None, typed: Mapping[str, str], row_errors: Mapping[str, str], offline: bool
) -> CorrectionPart | None:
    """What the page shows of the correction; None where there is none. `form` is the one that was refused, with what was typed."""
    view = case["correction"]
    if view is None:
        return None
    mine = form is not None and in_correction(case, form.action)
    error = form.error if form is not None and mine else ""
    return CorrectionPart(
        view=view,
        supply=_form(case, SUPPLY, form) if view["state"] == "awaited" else None,
        again=_form(case, AGAIN, form) if view["state"] == "supplied" else None,
        typed=typed if mine else {},
        errors=row_errors,
        error=error,
        offline=offline,
    )


def _form(case: CaseDocument, action: str, typed: ActionForm | None) -> ActionForm | None:
    if typed is not None and typed.action == action:
        return typed
    offer = next((row for row in case["actions"] if row["action"] == action), None)
    return blank_form(offer, case) if offer is not None else None


def supply_fields(rows: Sequence[CorrectionRow], given: Mapping[str, str]) -> dict[str, str]:
    """The fields of a supply from its form: `papers` from the ticked rows and their counts, the words of each row."""
    ticked = {one.partition(":")[0] for one in given.get("papers", "").split(",") if one}
    papers: list[str] = []
    fields: dict[str, str] = {}
    for row in rows:
        material = row["material"]
        if material in ticked:
            papers.append(f"{material}:{given.get(f'count-{material}', '').strip() or '1'}")
        if words := given.get(f"note_{material}", "").strip():
            fields[f"note_{material}"] = words
    if papers:
        fields["papers"] = ",".join(papers)
    if words := given.get("note", "").strip():
        fields["note"] = words
    return fields
