"""The forms of a case, made from what the case document offers: a new action of the lifecycle appears here by itself.

Pure: documents and what was typed go in, form fields come out; what was typed is never lost on an error.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence

from edge_ui.web.hall.pages import ActionForm, FormField
from node.domain import folded
from node.domain.cases.documents import CaseDocument, FieldOffered, Offered
from node.domain.words.errors import TongbanError

PROPOSED = frozenset({"basis", "citation", "remedies"})  # standard wording (FORMS.md), for the person to change
SHORT = frozenset({"recipient", "competent_organ", "organ", "basis", "citation", "result", "certificate", "validity"})


def forms_of(case: CaseDocument, typed: ActionForm | None = None) -> tuple[ActionForm, ...]:
    """Every form of a case, those that move it on first; `typed` takes the place of its own."""
    owned = case["owner"] is not None or (typed is not None and typed.action == "reassign")
    found = [
        typed if typed is not None and offer["action"] == typed.action else blank_form(offer, case)
        for offer in case["actions"]
        if owned or offer["action"] != "reassign" or not _is_offered(case, "assign")  # what is nobody's is given without a reason
    ]
    return tuple(sorted(found, key=lambda form: not form.forward))


def keys_of(forms: Sequence[ActionForm]) -> dict[str, str]:
    """A letter for each forward act: the first of its name that is free. j and k move over rows."""
    taken: dict[str, str] = {}
    for form in forms:
        if form.forward and (
            letter := next((c for c in form.action if c.isalpha() and c not in {"j", "k", *taken.values()}), "")
        ):
            taken[form.action] = letter
    return taken


def _is_offered(case: CaseDocument, action: str) -> bool:
    return any(row["action"] == action for row in case["actions"])


def blank_form(offer: Offered, case: CaseDocument) -> ActionForm:
    fields = (form_field(spec, case, default_value(spec)) for spec in offer["fields"])
    return action_form(offer, tuple(fields))


def action_form(offer: Offered, fields: tuple[FormField, ...], error: str = "") -> ActionForm:
    return ActionForm(
        action=offer["action"],
        is_request=offer["as"] == "request",
        forward=offer["forward"],
        fields=fields,
        form_id=secrets.token_hex(12),
        error=error,
        opened=bool(error),
    )


def default_value(spec: FieldOffered) -> str:
    """Dates, numbers and standard citations start with a proposal; other words are the person's. No box is ticked for them."""
    proposed = spec["type"] in ("date", "int") or spec["name"] in PROPOSED
    return str(spec["example"] or "") if proposed else ""


def form_field(spec: FieldOffered, case: CaseDocument, value: str, error: str = "") -> FormField:
    example, kind = spec["example"], spec["type"]
    return FormField(
        name=spec["name"],
        type="line" if kind == "text" and spec["name"] in SHORT else kind,
        required=spec["required"],
        choices=tuple(spec["choices"]),
        labels=tuple(spec["labels"]),
        value=value,
        example="" if isinstance(example, bool) else str(example),
        error=error,
        options=material_options(case) if spec["name"] == "materials" else (),
    )


def material_options(case: CaseDocument) -> tuple[tuple[str, str], ...]:
    """The case's materials as boxes to tick: number and name."""
    return tuple((row["material"], row["name"] or row["material"]) for row in case["materials"])


def read_fields(specs: Sequence[FieldOffered], given: Mapping[str, str]) -> dict[str, str | int | bool]:
    """The typed values of a form. Errors: `invalid_input` naming each field that is missing or not of its type."""
    values: dict[str, str | int | bool] = {}
    wrong: dict[str, str] = {}
    for spec in specs:
        name, kind, text = spec["name"], spec["type"], given.get(spec["name"], "").strip()
        if kind in ("date", "int"):
            text = str(folded.date(text) or folded.typed(text))
        if kind == "bool":
            values[name] = text in ("1", "on", "true")
        elif not text:
            if spec["required"]:
                wrong[name] = "missing"
        elif code := type_defect(kind, text):
            wrong[name] = code
        else:
            values[name] = int(text) if kind == "int" else text
    if wrong:
        raise TongbanError("invalid_input", wrong)
    return values


def type_defect(kind: object, text: str) -> str:
    if kind == "int" and not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12):
        return "wrong_type"
    if kind == "date":
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            return "invalid"
    return ""


def seen_version(given: Mapping[str, str]) -> int | None:
    """The version of the case that the person saw."""
    text = given.get("expected_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
