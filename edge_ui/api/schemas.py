"""The JSON documents of the API as JSON Schema 2020-12 (what INTERFACE.md promises; more members may come)."""

from __future__ import annotations

from typing import Any

from edge_ui.api.operations import STATUSES


def _object(required: str = "", /, **members: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": members}
    return {**found, "required": required.split()} if required else found


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FLAG = {"type": "boolean"}
ANY: dict[str, Any] = {}
MAYBE_TEXT = {"type": ["string", "null"]}
TIME = {"type": ["string", "integer", "null"], "description": "ISO 8601, or milliseconds since 1970"}
DATE = {"type": ["string", "null"], "format": "date"}
STATUS = {"type": "string", "enum": list(STATUSES)}
MAP = {"type": "object"}
LIGHT = {"enum": ["none", "green", "warn", "overdue", "yellow", "red", "unknown"]}

SCHEMAS: dict[str, Any] = {
    "Error": _object(
        "error",
        error=_object("code message fields", code=TEXT, message=TEXT, message_en=TEXT, fields=MAP, details=MAP),
    ),
    "Attachment": _object(
        "material", material=TEXT, form=TEXT, copies=NUMBER, file=TEXT, mime=TEXT, size={"type": "integer", "maximum": 50_000_000}
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
        applicant=_object(
            "name", name=TEXT, sex=TEXT, id_type={"enum": ["ric", "uscc"]}, id_number=TEXT, phone=TEXT, address=TEXT
        ),
        form=MAP,
        attachments=_list(_ref("Attachment")),
    ),
    "Filed": _object("case_no status query_code", case_no=TEXT, status=STATUS, query_code=MAYBE_TEXT, warnings=_list(ANY)),
    "Field": _object(
        "name type required",
        name=TEXT,
        type={"enum": ["text", "date", "enum", "bool", "int"]},
        required=FLAG,
        choices=_list(ANY),
        labels=_list(TEXT),
        example=ANY,
    ),
    "Offer": _object(
        "action as forward fields",
        action=TEXT,
        **{"as": {"enum": ["event", "request"]}},
        forward=FLAG,
        fields=_list(_ref("Field")),
    ),
    "Case": _object(
        "case_no item_id status version term custodian",
        case_no=TEXT,
        item_id=TEXT,
        item_version=NUMBER,
        kind=TEXT,
        label=ANY,
        status=TEXT,
        version=NUMBER,
        term=NUMBER,
        custodian=MAYBE_TEXT,
        transit={"type": ["object", "null"]},
        origin=TEXT,
        due=DATE,
        light=LIGHT,
        as_of=ANY,
        timeline=_list(MAP),
        hops=_list(MAP),
        materials=_list(MAP),
        owner={"type": ["object", "null"]},
        unit=MAYBE_TEXT,
        step={"type": ["object", "null"]},
        correction={"type": ["object", "null"]},
        requests=_list(MAP),
        actions=_list(_ref("Offer")),
    ),
    "Finding": _object(
        "finding_id rule",
        finding_id=TEXT,
        rule=TEXT,
        flag=TEXT,
        zh=TEXT,
        en=TEXT,
        node=MAYBE_TEXT,
        at=TIME,
        event=TEXT,
        doubt=FLAG,
    ),
    "CaseList": _object("cases next", cases=_list(MAP), next=MAYBE_TEXT),
    "Action": {
        "type": "object",
        "description": "The action's fields, and optionally the version the caller saw.",
        "properties": {"expected_version": {"type": "integer", "minimum": 0}},
        "additionalProperties": True,
    },
    "Asked": _object("request", request=_object("id state", id=TEXT, state=TEXT, action=TEXT, case_no=TEXT)),
    "Stored": _object("", offset=NUMBER, size=NUMBER),
    "Octets": {"type": "string", "format": "binary"},
    "PublicCase": _object(
        "case_no status", case_no=TEXT, status={"enum": [*STATUSES, "checking"], "description": "checking: in doubt, no decision"}
    ),
    "Paper": _object(
        "paper title number issued_at basis_version state",
        paper=TEXT,
        title=TEXT,
        number=TEXT,
        issued_at=MAYBE_TEXT,
        basis_version=NUMBER,
        state={"enum": ["preview", "issued", "corrected", "withdrawn"]},
    ),
    "PaperList": _list(_ref("Paper")),
    "IssuedPaper": _object("number code", number=TEXT, code=TEXT),
    "Verification": _object(
        "result paper number date case_no later",
        result={"enum": ["genuine", "corrected", "withdrawn", "not_genuine", "unknown_here"]},
        genuine={"type": ["boolean", "null"]},
        paper=TEXT,
        title=TEXT,
        number=TEXT,
        date=DATE,
        case_no=TEXT,
        organ=TEXT,
        status=TEXT,
        later=_list(_object("date what", date=DATE, what=TEXT, kind=TEXT)),
        node=TEXT,
        reason={"type": "string", "description": "why it cannot be told: `doubted`, `unjudged`"},
        as_of=TIME,
    ),
    "Item": _object("item_id", item_id=TEXT, version=NUMBER, name=TEXT),
    "ItemList": _object("items", items=_list(_ref("Item"))),
    "Stats": _object(
        "as_of unknown_since rows",
        as_of=MAP,
        unknown_since=MAP,
        rows=_list(_object("key value list", key=ANY, value={"type": "number"}, list=TEXT)),
    ),
    "OversightCases": _object(
        "cases next total as_of unknown_since",
        cases=_list(_ref("OversightCase")),
        next=MAYBE_TEXT,
        total=NUMBER,
        as_of=MAP,
        unknown_since=MAP,
    ),
    "OversightCase": _object(
        "case_no item_id item status custodian origin holder step due over_days light since segments was_late",
        case_no=TEXT,
        item_id=TEXT,
        item=TEXT,
        kind=TEXT,
        status=STATUS,
        custodian=MAYBE_TEXT,
        origin=MAYBE_TEXT,
        holder=_object("node unit post staff_id", node=MAYBE_TEXT, unit=MAYBE_TEXT, post=MAYBE_TEXT, staff_id=MAYBE_TEXT),
        step=TEXT,
        due=DATE,
        over_days=NUMBER,
        light=LIGHT,
        doubted=_list(TEXT),
        unjudged=FLAG,
        since=TIME,
        segments=_list(MAP),
        was_late=_list(MAP),
        transit={"type": ["object", "null"]},
        unknown_since=TIME,
    ),
    "Findings": _object(
        "findings next total as_of unknown_since",
        findings=_list(
            _object(
                "finding_id rule monitor zh case_no item_id charged at state evidence",
                finding_id=TEXT,
                rule=TEXT,
                monitor=TEXT,
                zh=TEXT,
                case_no=MAYBE_TEXT,
                item_id=MAYBE_TEXT,
                charged=MAP,
                at=TIME,
                state={"enum": ["suspected", "checking", "confirmed", "dismissed"]},
                evidence=_list(TEXT),
            )
        ),
        next=MAYBE_TEXT,
        total=NUMBER,
        as_of=MAP,
        unknown_since=MAP,
    ),
    "OversightNodes": _object(
        "nodes next total as_of unknown_since", nodes=_list(MAP), next=MAYBE_TEXT, total=NUMBER, as_of=MAP, unknown_since=MAP
    ),
    "Health": MAP,
    "Anything": MAP,
}
