"""From a draft to an application: what was typed becomes the document of INTERFACE.md, and every defect gets its field.

A draft keeps plain texts by the names of the form's fields, complete or not. `application_of` makes the document of them;
the same draft always gives the same application number, so that lodging twice is lodging once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.domain import folded
from node.domain.case_number import parse_case_no
from node.domain.cases.corrections import MISSING, PAPER
from node.domain.cases.mandate import SCOPES, SIGNED
from node.domain.catalog.item import Item
from node.domain.filing.application import AGENT_CHANNEL as AGENT_CHANNEL
from node.domain.filing.application import ID_TYPES
from node.domain.filing.documents import ChecklistRow
from node.domain.words.errors import FieldError

SOURCE = "counter"  # the source of applications typed in at this node
CONTACTS = ("own", "relative", "agent")
MANDATE_PAPER = "代办委托书"
LIMITS: Mapping[str, int] = {  # characters that are kept of each field
    "name": 200, "id_type": 10, "id_number": 60, "phone": 60, "contact": 20, "contact_name": 100, "address": 600, "village": 40,
    "channel": 20, "note": 2000, "replaces": 60, "mandate_scope": 60, "mandate_until": 20, "mandate_signed": 20, "mandate_witness": 100,
    "papers": 600, "lacking": 400,
}  # fmt: skip
FIELD_OF: Mapping[str, str] = {  # where a defect of the application is shown on the form
    "applicant": "name", "applicant.name": "name", "applicant.id_number": "id_number", "applicant.id_type": "id_type",
    "applicant.phone": "phone", "applicant.address": "address", "village_code": "village", "channel": "channel", "form": "note",
    "form.reason": "note", "replaces": "replaces", "mandate": "mandate_scope", "mandate.scope": "mandate_scope", "mandate.until": "mandate_until",
    "mandate.signed": "mandate_signed", "mandate.witness": "mandate_witness", "attachments": "materials", "item_id": "item", "entry_node": "item",
}  # fmt: skip
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One file of a draft as lodging sees it."""

    id: str
    material: str
    file_name: str
    mime: str
    size: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file and the name under which it goes with the application: the material's, or "name (2)" for a further page."""

    file: DraftFile
    name: str


def typed(given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The draft's fields after a form was sent: known names only, cut at their limits, unfit characters dropped."""
    said = {name: _UNFIT.sub("", given[name])[:most] for name, most in LIMITS.items() if name in given}
    return {**before, **said}


def application_no(draft_id: str) -> str:
    return f"D-{draft_id}"


def enclosures(files: Sequence[DraftFile]) -> list[Enclosure]:
    """The sorted files in order, each with a name of its own."""
    seen: dict[str, int] = {}
    found = []
    for file in files:
        if file.material:
            seen[file.material] = count = seen.get(file.material, 0) + 1
            found.append(Enclosure(file, file.material if count == 1 else f"{file.material} ({count})"))
    return found


def application_of(
    draft_id: str,
    fields: Mapping[str, str],
    item: Item,
    files: Sequence[DraftFile],
    *,
    agent: str,
    agent_name: str,
    entry_node: str,
) -> dict[str, Any]:
    """The application document of a draft (INTERFACE.md); `agent` is the opaque id of who lodges."""
    document: dict[str, Any] = {
        "application_no": application_no(draft_id), "source": SOURCE, "item_id": item.item_id, "item_name": item.name,
        "entry_node": entry_node, "village_code": folded.code(fields.get("village", "")), "channel": fields.get("channel", "") or "window",
        "applicant": _applicant(fields), "form": {"reason": note} if (note := fields.get("note", "").strip()) else {},
        "attachments": _attachments(fields, item, files),
    }  # fmt: skip
    if document["channel"] == AGENT_CHANNEL:
        document["mandate"] = _mandate(fields, agent, agent_name)
    if given := "".join(fields.get("replaces", "").split()):
        document["replaces"] = str(parse_case_no(given) or given)
    return document


def _line(text: str) -> str:
    return " ".join(text.split())


def _applicant(fields: Mapping[str, str]) -> dict[str, str]:
    kind = fields.get("id_type") or ID_TYPES[0]
    applicant = {"name": fields.get("name", "").strip(), "id_type": kind, "contact": fields.get("contact") or CONTACTS[0]}
    read = {"id_number": folded.code, "phone": folded.phone, "address": _line}
    applicant |= {name: text for name, mended in read.items() if (text := mended(fields.get(name, "")))}
    if applicant["contact"] != CONTACTS[0] and (whose := fields.get("contact_name", "").strip()):
        applicant["contact_name"] = whose
    return applicant


def _mandate(fields: Mapping[str, str], agent: str, agent_name: str) -> dict[str, Any]:
    scope, until = fields.get("mandate_scope", "").split(","), fields.get("mandate_until", "").strip()
    mandate = {
        "agent": agent, "agent_name": agent_name, "scope": [one for one in SCOPES if one in scope], "until": str(folded.date(until) or until),
        "signed": signed if (signed := fields.get("mandate_signed", "")) in SIGNED else "",
    }  # fmt: skip
    if witness := fields.get("mandate_witness", "").strip():
        mandate["witness"] = witness
    return mandate


def papers_of(fields: Mapping[str, str]) -> dict[str, int]:
    """Originals that lie here on paper, by the place in the checklist: `0:2,3:1`."""
    pairs = (one.partition(":") for one in fields.get("papers", "").split(",") if one)
    return {place: int(n) if n.isascii() and n.isdigit() else 1 for place, _, n in pairs if place.isascii() and place.isdigit()}


def lacking_of(fields: Mapping[str, str]) -> set[str]:
    """What was said to be missing, by the place in the checklist; what came on paper is not."""
    return {one for one in fields.get("lacking", "").split(",") if one} - set(papers_of(fields))


def _attachments(fields: Mapping[str, str], item: Item, files: Sequence[DraftFile]) -> list[dict[str, Any]]:
    """The files, then what has none: originals on paper, and what is missing. Originals beside a file are counted with it."""
    rows = [_attachment(n, one, item) for n, one in enumerate(enclosures(files), 1)]
    papers, lacking = papers_of(fields), lacking_of(fields)
    for place, listed in enumerate(checklist(item, files)):
        count, first = papers.get(str(place)), next((row for row in rows if row["material"] == listed["name"]), None)
        if first is not None:
            first |= {"count": count} if count else {}
        elif count:
            rows.append({"material": listed["name"], "form": listed["form"], "copies": count, "held": PAPER, "count": count})
        elif str(place) in lacking:
            rows.append({"material": listed["name"], "held": MISSING})
    return rows


def _attachment(n: int, one: Enclosure, item: Item) -> dict[str, Any]:
    form = next((m.form for m in item.materials if m.name == one.file.material), "original")
    suffix = re.sub(r"[^a-z0-9]", "", one.file.mime.rpartition("/")[2])[:8] or "bin"
    return {
        "material": one.name,
        "form": form,
        "copies": 1,
        "file": f"{n:02d}.{suffix}",
        "mime": one.file.mime,
        "size": one.file.size,
    }


def checklist(item: Item, files: Sequence[DraftFile]) -> list[ChecklistRow]:
    """The item's materials with the files (ids) sorted to each; the mandate's paper last, when an agent may act."""
    rows = [one.to_document() for one in item.materials]
    if item.agent_allowed:
        rows.append({"name": MANDATE_PAPER, "form": "original", "copies": 1, "required": False})
    return [{**row, "files": [file.id for file in files if file.material == row["name"]]} for row in rows]


def file_defects(files: Sequence[DraftFile]) -> list[FieldError]:
    """What stands in the way on the side of the files: unsorted ones, and uploads that were cut."""
    found = []
    if loose := sum(1 for one in files if not one.material and one.whole):
        found.append(FieldError("attachments", "unsorted_files", {"count": loose}))
    if cut := sum(1 for one in files if not one.whole):
        found.append(FieldError("attachments", "unfinished_files", {"count": cut}))
    return found


def place_of(error: FieldError) -> str:
    """The form's field a defect belongs to."""
    return FIELD_OF.get(error.field) or ("materials" if error.field.startswith("attachments") else "item")
