"""The JSON documents of the API as JSON Schema 2020-12 (what INTERFACE.md promises; more members may come).

What a service answers is made from its type (`typed.py`); what people send, and what has no type yet, is written here.
"""

from __future__ import annotations

from edge_ui.api.operations import STATUSES
from edge_ui.api.typed import Schema, schema_of
from node.domain.cases.documents import (
    CaseDocument,
    CaseListed,
    CasePageOf,
    FieldOffered,
    FindingDocument,
    Offered,
    RequestDocument,
    Requested,
)
from node.domain.cases.explain import Explanation
from node.domain.cases.public_documents import PublicCase
from node.domain.catalog.item_documents import ItemDocument, ItemList, ItemsFound
from node.domain.figures import STATES
from node.domain.filing.ids import KINDS
from node.domain.papers.documents import PaperRow, Verification
from node.domain.supervision.documents import FoundFlaw, FoundFlaws, OversightCase, OversightCases, OversightNodes, Stats
from node.domain.upkeep.documents import Health


def _object(required: str = "", /, **members: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": members}
    return {**found, "required": required.split()} if required else found


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
TIME: Schema = {"type": ["string", "integer", "null"], "description": "ISO 8601, or milliseconds since 1970"}
DATE: Schema = {"type": ["string", "null"], "format": "date"}
STATUS: Schema = {"type": "string", "enum": list(STATUSES)}
MAP: Schema = {"type": "object"}
LIGHT: Schema = {"enum": ["none", "green", "warn", "overdue", "yellow", "red", "unknown"]}

EVENT_OR_REQUEST: dict[str, Schema] = {"as": {"enum": ["event", "request"]}}

NAMES: dict[type, str] = {
    CaseDocument: "Case", CaseListed: "Listed", FieldOffered: "Field", Offered: "Offer", FindingDocument: "Finding",
    RequestDocument: "Request", PaperRow: "Paper", Verification: "Verification", Health: "Health",
    OversightCase: "OversightCase", FoundFlaw: "FoundFlaw", ItemDocument: "Item",
}  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Error": _object(
        "error",
        error=_object("code message fields", code=TEXT, message=TEXT, message_en=TEXT, fields=MAP, details=MAP),
    ),
    "Attachment": _object(
        "material",
        material=TEXT,
        form=TEXT,
        copies=NUMBER,
        file=TEXT,
        mime=TEXT,
        size={"type": "integer", "maximum": 50_000_000},
        held={"enum": ["file", "paper", "missing"], "default": "file", "description": "missing: at a counter only"},
        count={"type": "integer", "minimum": 1, "maximum": 99, "description": "originals on paper"},
    ),
    "Application": _object(
        "application_no item_id applicant",
        application_no={"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        replaces={"type": "string", "description": "a case voided at this node, whose receipt date this one inherits"},
        source={"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "default": "default"},
        draft={"type": "boolean", "default": False, "description": "true only saves"},
        submitted_at=TEXT,
        item_id=TEXT,
        item_name=TEXT,
        entry_node=TEXT,
        village_code=TEXT,
        channel=TEXT,
        applicant=_object("name", name=TEXT, sex=TEXT, id_type={"enum": list(KINDS)}, id_number=TEXT, phone=TEXT, address=TEXT),
        form=MAP,
        attachments=_list(_ref("Attachment")),
    ),
    "Filed": _object("case_no status query_code", case_no=TEXT, status=STATUS, query_code=MAYBE_TEXT, warnings=_list(ANY)),
    "Field": schema_of(FieldOffered, NAMES, type={"enum": ["text", "date", "enum", "bool", "int"]}),
    "Offer": schema_of(Offered, NAMES, **EVENT_OR_REQUEST),
    "Case": schema_of(CaseDocument, NAMES, light=LIGHT, due=DATE),
    "Finding": schema_of(FindingDocument, NAMES),
    "Listed": schema_of(CaseListed, NAMES, light=LIGHT, due=DATE),
    "Request": schema_of(RequestDocument, NAMES, state={"enum": ["pending", "done", "declined"]}),
    "CaseList": schema_of(CasePageOf, NAMES),
    "Action": {
        "type": "object",
        "description": "The action's fields, and optionally the version the caller saw.",
        "properties": {"expected_version": {"type": "integer", "minimum": 0}},
        "additionalProperties": True,
    },
    "Asked": schema_of(Requested, NAMES),
    "Stored": _object("", offset=NUMBER, size=NUMBER),
    "Octets": {"type": "string", "format": "binary"},
    "PublicCase": schema_of(
        PublicCase,
        NAMES,
        light=LIGHT,
        due=DATE,
        status={"enum": [*STATUSES, "checking"], "description": "checking: in doubt, no decision"},
    ),
    "Paper": schema_of(PaperRow, NAMES),
    "PaperList": _list(_ref("Paper")),
    "IssuedPaper": _object("number code", number=TEXT, code=TEXT),
    "Verification": schema_of(
        Verification, NAMES, result={"enum": ["genuine", "corrected", "withdrawn", "not_genuine", "unknown_here"]}, date=DATE
    ),
    "Item": schema_of(ItemDocument, NAMES, effective_from=DATE),
    "ItemList": schema_of(ItemList, NAMES),
    "ItemsFound": schema_of(ItemsFound, NAMES),
    "Stats": schema_of(Stats, NAMES),
    "Explanation": schema_of(Explanation, NAMES, due=DATE, start=DATE),
    "OversightCases": schema_of(OversightCases, NAMES),
    "OversightCase": schema_of(OversightCase, NAMES, status=STATUS, due=DATE, light=LIGHT),
    "Findings": schema_of(FoundFlaws, NAMES),
    "FoundFlaw": schema_of(FoundFlaw, NAMES, state={"enum": list(STATES)}),
    "OversightNodes": schema_of(OversightNodes, NAMES),
    "Health": schema_of(Health, NAMES),
    "Anything": MAP,
}
