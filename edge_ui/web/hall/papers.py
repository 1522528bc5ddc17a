"""Originals on paper on the page of a case: which forms show them, and what was ticked. Pure.

Recording them has a form of its own beside the checklist. The form that accepts names what is missing and takes the same boxes: it
records first and accepts then, so that nothing is accepted silently.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.web.hall.forms import blank_form
from edge_ui.web.hall.pages import ActionForm
from node.domain.cases.documents import CaseDocument, Offered
from node.domain.cases.material_documents import MaterialRow

RECORD, ACCEPT, FILL, REPIN = "record_papers", "accept", "fill_gap", "repin"
_BARE: Offered = {"action": ACCEPT, "as": "event", "forward": True, "fields": []}


def wanting_of(case: CaseDocument) -> tuple[MaterialRow, ...]:
    """The required materials that are missing, or whose file was announced and has not come."""
    rows = case["materials"] if case["status"] == "submitted" else ()
    return tuple(row for row in rows if row["required"] and row["state"] in ("missing", "declared", "lost"))


def boxes_of(case: CaseDocument) -> dict[str, tuple[MaterialRow, ...]]:
    """Beside which form which materials may be ticked as originals that lie here."""
    gap, wanting = case["gap"], wanting_of(case)
    lacking = tuple(row for row in case["materials"] if gap is not None and row["material"] in gap["lacking"])
    return {action: rows for action, rows in ((ACCEPT, wanting), (FILL, lacking)) if rows}


def recording_form(case: CaseDocument) -> ActionForm | None:
    offer = next((row for row in case["actions"] if row["action"] == RECORD), None)
    return blank_form(offer, case) if offer is not None and case["materials"] else None


def acceptance_that_waits(case: CaseDocument) -> ActionForm | None:
    """The form that accepts where only missing materials stand in its way: who may turn the case down may accept it."""
    update = case["item_update"]
    if update is not None and (update["withdrawn"] or update["materials"]):
        return None  # no paper helps: the page says what comes first
    actions = {row["action"] for row in case["actions"]}
    waits = ACCEPT not in actions and {RECORD, "not_accept"} <= actions and wanting_of(case)
    return blank_form(_BARE, case) if waits else None


def chosen_places(given: Mapping[str, str]) -> str:
    """`2:3,4:0` from what was chosen for each material of the new list: place before and place now; "" for nothing."""
    chosen = ((name.removeprefix("map-"), old.strip()) for name, old in given.items() if name.startswith("map-"))
    return ",".join(f"{old}:{new}" for new, old in chosen if old)


def ticked_papers(given: Mapping[str, str]) -> str:
    """`0:2,3:1` from the ticked boxes and the counts beside them; "" for none."""
    ticked = dict.fromkeys(one.partition(":")[0] for one in given.get("papers", "").split(",") if one)
    return ",".join(f"{one}:{given.get(f'count-{one}', '').strip() or '1'}" for one in ticked)
