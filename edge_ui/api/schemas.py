"""The JSON documents of the API as JSON Schema 2020-12 (what INTERFACE.md promises; more members may come).

What a service answers is made from its type (`typed.py`); what people send, and what has no type yet, is written here.
"""

from __future__ import annotations

from edge_ui.api.operations import STATUSES
from edge_ui.api.typed import Schema, schema_of
from node.domain.cases.corrections import MAX_COPIES
from node.domain.cases.documents import (
    CaseDocument,
    CaseListed,
    CasePageOf,
    FieldOffered,
    FindingDocument,
    Offered,
    PieceStored,
    RequestDocument,
    Requested,
)
from node.domain.cases.explain import Explanation
from node.domain.cases.messages import MessageDocument, MessageList, MessageSent
from node.domain.cases.public_documents import PublicCase
from node.domain.catalog.item_documents import ItemDocument, ItemList, ItemsFound, ItemsSearched
from node.domain.figures import STATES
from node.domain.filing.application import MAX_ATTACHMENT_BYTES
from node.domain.filing.documents import ApplicantGiven, ApplicationGiven, AttachmentGiven, FiledDocument
from node.domain.filing.ids import KINDS
from node.domain.notices.documents import Answered
from node.domain.papers.changed import GROUNDS
from node.domain.papers.documents import PaperIssued, PaperRow, Verification
from node.domain.reports.documents import MOST_NAME as MOST_SIGNER
from node.domain.reports.documents import MonthlyReport, PeriodReport, ReportCases, ReportSignal, ReportSignals, ReportTable
from node.domain.supervision.analysis_documents import AnalysedCell, Analysis
from node.domain.supervision.appeal_documents import AppealAct, AppealDocument, AppealList, AppealListed, AppealMade
from node.domain.supervision.appeals import GROUNDS as APPEAL_GROUNDS
from node.domain.supervision.appeals import OUTCOMES
from node.domain.supervision.appeals import STATES as APPEAL_STATES
from node.domain.supervision.attached import MOST_FILES, MOST_NAME, AttachedFile
from node.domain.supervision.card_documents import CardDocument, CardsPage, CardTold
from node.domain.supervision.documents import CaseTold, OversightCase, OversightCases, Stats
from node.domain.supervision.draw import RESULTS, Examined
from node.domain.supervision.finding_documents import FoundFlaw, FoundFlaws
from node.domain.supervision.judging import JUDGED, FindingJudged
from node.domain.supervision.order_documents import (
    MOST_WORDS,
    OrderAct,
    OrderDocument,
    OrderList,
    OrderListed,
    OrderMade,
    OrderOffice,
    OrderReply,
)
from node.domain.supervision.orders import OVERDUE
from node.domain.supervision.orders import STATES as ORDER_STATES
from node.domain.supervision.prompts import MOST_CASES, WHATS, PromptDocument, PromptList, PromptsSent
from node.domain.supervision.share_documents import OfferedItems, Shares
from node.domain.supervision.unit_documents import OversightDesk, OversightMonitor, OversightNodes, OversightUnits
from node.domain.upkeep.documents import Health


def _object(required: str = "", /, **members: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": members}
    return {**found, "required": required.split()} if required else found


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
NUMBERED: Schema = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
DATE: Schema = {"type": ["string", "null"], "format": "date"}
STATUS: Schema = {"type": "string", "enum": list(STATUSES)}
MAP: Schema = {"type": "object"}
ORDER_STATE: Schema = {"type": "string", "enum": [*ORDER_STATES, OVERDUE]}
APPEAL_STATE: Schema = {"type": "string", "enum": list(APPEAL_STATES)}
ATTACHED: Schema = {
    "type": "array",
    "maxItems": MOST_FILES,
    "description": "Files in base64 (with the rest of the body at most 1 MiB), or names of what lies elsewhere",
    "items": {
        "anyOf": [
            {"type": "string", "maxLength": MOST_NAME},
            {
                "type": "object",
                "properties": {"name": {"type": "string", "maxLength": MOST_NAME}, "content": {"type": "string"}},
                "required": ["name", "content"],
                "additionalProperties": False,
            },
        ]
    },
}
LIGHT: Schema = {"enum": ["none", "green", "warn", "overdue", "yellow", "red", "unknown"]}

EVENT_OR_REQUEST: dict[str, Schema] = {"as": {"enum": ["event", "request"]}}

NAMES: dict[type, str] = {
    CaseDocument: "Case", CaseListed: "Listed", FieldOffered: "Field", Offered: "Offer", FindingDocument: "Finding",
    RequestDocument: "Request", MessageDocument: "MessageRow", PaperRow: "Paper", Verification: "Verification", Health: "Health",
    AppealListed: "AppealListed", AppealAct: "AppealStep", AttachedFile: "AttachedFile", OrderOffice: "OrderOffice",
    PromptDocument: "Reminder", OrderListed: "OrderListed", OrderReply: "OrderReply", OrderAct: "OrderStep",
    OversightCase: "OversightCase", AnalysedCell: "AnalysedCell", CardDocument: "CardRow", FoundFlaw: "FoundFlaw", ItemDocument: "Item",
    ReportTable: "ReportTable", ApplicantGiven: "Applicant", AttachmentGiven: "Attachment",
}  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Error": _object(
        "error",
        error=_object("code message fields", code=TEXT, message=TEXT, message_en=TEXT, fields=MAP, details=MAP),
    ),
    "Attachment": schema_of(
        AttachmentGiven,
        NAMES,
        size={"type": "integer", "maximum": MAX_ATTACHMENT_BYTES},
        held={"enum": ["file", "paper", "missing"], "default": "file", "description": "missing: at a counter only"},
        count={"type": "integer", "minimum": 1, "maximum": MAX_COPIES, "description": "originals on paper"},
    ),
    "Applicant": schema_of(ApplicantGiven, NAMES, id_type={"enum": list(KINDS)}),
    "Application": schema_of(
        ApplicationGiven,
        NAMES,
        application_no=NUMBERED,
        replaces={"type": "string", "description": "a case voided at this node, whose receipt date this one inherits"},
        source={**NUMBERED, "default": "default"},
        draft={"type": "boolean", "default": False, "description": "true only saves"},
    ),
    "Filed": schema_of(FiledDocument, NAMES, status=STATUS),
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
    "CorrectPaper": _object("old_words new_words", old_words=TEXT, new_words=TEXT),
    "RevokePaper": _object(
        "revoked_for reason",
        revoked_for={"enum": list(GROUNDS)},
        reason=TEXT,
        instrument={"type": "string", "description": "what it rests on, when that is a decision in review or of a court"},
    ),
    "Inbound": _object("from text", **{"from": TEXT, "text": TEXT}),
    "Answered": schema_of(Answered, NAMES),
    "Stored": schema_of(PieceStored, NAMES),
    "Octets": {"type": "string", "format": "binary"},
    "PublicCase": schema_of(
        PublicCase,
        NAMES,
        light=LIGHT,
        due=DATE,
        status={"enum": [*STATUSES, "checking"], "description": "checking: in doubt, no decision"},
    ),
    "Message": _object(
        "to text",
        to={"type": "array", "items": TEXT, "minItems": 1, "maxItems": 50, "description": "`all`, or division codes"},
        text={"type": "string", "minLength": 1, "maxLength": 2000},
    ),
    "MessageSent": schema_of(MessageSent, NAMES),
    "MessageList": schema_of(MessageList, NAMES),
    "MessageRow": schema_of(MessageDocument, NAMES, words={"enum": ["here", "on_the_way", "lost"]}),
    "OrderGiven": _object(
        "demand",
        to={"type": "string", "description": "Division code; may be left out where a case says who has it"},
        unit=TEXT,
        case_no=TEXT,
        item_id=TEXT,
        signal_id=TEXT,
        urgent={"type": "boolean"},
        reply_by={"type": "string", "format": "date"},
        demand={"type": "string", "minLength": 1, "maxLength": MOST_WORDS},
        basis={"type": "string", "maxLength": MOST_WORDS},
    ),
    "OrderAct": _object(
        "",
        **{
            name: {"type": "string", "maxLength": MOST_WORDS}
            for name in ("result", "cause", "responsible", "measures", "opinion", "reason")
        },
        attachments=ATTACHED,
        reply_by={"type": "string", "format": "date"},
    ),
    "AppealGiven": _object(
        "ground text",
        ground={"enum": list(APPEAL_GROUNDS)},
        text={"type": "string", "minLength": 1, "maxLength": MOST_WORDS},
        evidence=ATTACHED,
    ),
    "AppealAct": _object(
        "",
        outcome={"enum": list(OUTCOMES)},
        unit={"type": "string", "description": "Of a reassignment: the division code of the unit"},
        reason={"type": "string", "minLength": 1, "maxLength": MOST_WORDS},
        text={"type": "string", "minLength": 1, "maxLength": MOST_WORDS},
    ),
    "AppealMade": schema_of(AppealMade, NAMES),
    "AppealListed": schema_of(AppealListed, NAMES, state=APPEAL_STATE, due=DATE),
    "AppealStep": schema_of(AppealAct, NAMES),
    "AppealList": schema_of(AppealList, NAMES),
    "Appeal": schema_of(AppealDocument, NAMES, state=APPEAL_STATE, due=DATE),
    "AttachedFile": schema_of(AttachedFile, NAMES),
    "OrderOffice": schema_of(OrderOffice, NAMES),
    "Reminding": _object(
        "text",
        what={"enum": list(WHATS)},
        case_nos={"type": "array", "items": TEXT, "maxItems": MOST_CASES},
        to=TEXT,
        text={"type": "string", "minLength": 1, "maxLength": 2000},
        source={"type": "string", "description": "Of what a volunteer found: who", "maxLength": 100},
    ),
    "Judging": _object(
        "state reason", state={"enum": list(JUDGED)}, reason={"type": "string", "minLength": 1, "maxLength": 2000}
    ),
    "FindingJudged": schema_of(FindingJudged, NAMES),
    "Examining": _object(
        "result reason",
        month={"type": "string"},
        result={"enum": list(RESULTS)},
        reason={"type": "string", "minLength": 1, "maxLength": 2000},
    ),
    "Examined": schema_of(Examined, NAMES),
    "ReminderAnswer": _object("text", text={"type": "string", "minLength": 1, "maxLength": 2000}),
    "RemindersSent": schema_of(PromptsSent, NAMES),
    "ReminderList": schema_of(PromptList, NAMES),
    "Reminder": schema_of(PromptDocument, NAMES),
    "OrderMade": schema_of(OrderMade, NAMES),
    "OrderListed": schema_of(OrderListed, NAMES, state=ORDER_STATE, reply_by=DATE, due=DATE),
    "OrderReply": schema_of(OrderReply, NAMES),
    "OrderStep": schema_of(OrderAct, NAMES),
    "OrderList": schema_of(OrderList, NAMES),
    "Order": schema_of(OrderDocument, NAMES, state=ORDER_STATE, reply_by=DATE, due=DATE, receive_due=DATE),
    "Paper": schema_of(PaperRow, NAMES),
    "PaperList": _list(_ref("Paper")),
    "IssuedPaper": schema_of(PaperIssued, NAMES),
    "Verification": schema_of(
        Verification, NAMES, result={"enum": ["genuine", "corrected", "withdrawn", "not_genuine", "unknown_here"]}, date=DATE
    ),
    "Item": schema_of(ItemDocument, NAMES, effective_from=DATE),
    "ItemList": schema_of(ItemList, NAMES),
    "ItemsFound": schema_of(ItemsFound, NAMES),
    "ItemsSearched": schema_of(ItemsSearched, NAMES),
    "Stats": schema_of(Stats, NAMES),
    "Explanation": schema_of(Explanation, NAMES, due=DATE, start=DATE),
    "OversightCases": schema_of(OversightCases, NAMES),
    "OversightCase": schema_of(OversightCase, NAMES, status=STATUS, due=DATE, light=LIGHT),
    "Cards": schema_of(CardsPage, NAMES),
    "Card": schema_of(CardTold, NAMES),
    "CardRow": schema_of(CardDocument, NAMES),
    "Findings": schema_of(FoundFlaws, NAMES),
    "FoundFlaw": schema_of(FoundFlaw, NAMES, state={"enum": list(STATES)}),
    "OversightNodes": schema_of(OversightNodes, NAMES),
    "OversightMonitor": schema_of(OversightMonitor, NAMES),
    "OversightUnits": schema_of(OversightUnits, NAMES),
    "ReportTable": schema_of(ReportTable, NAMES),
    "MonthlyReport": schema_of(MonthlyReport, NAMES, state={"enum": ["open", "submitted", "frozen"]}),
    "ReportCases": schema_of(ReportCases, NAMES),
    "ReportSignal": schema_of(ReportSignal, NAMES),
    "ReportSignals": schema_of(ReportSignals, NAMES),
    "PeriodReport": schema_of(PeriodReport, NAMES),
    "ReportSigned": _object(
        "filled_by checked_by",
        **{name: {"type": "string", "minLength": 1, "maxLength": MOST_SIGNER} for name in ("filled_by", "checked_by")},
    ),
    "AnalysedCell": schema_of(AnalysedCell, NAMES),
    "Analysis": schema_of(Analysis, NAMES),
    "Shares": schema_of(Shares, NAMES),
    "OfferedItems": schema_of(OfferedItems, NAMES),
    "CaseTold": schema_of(CaseTold, NAMES),
    "OversightDesk": schema_of(OversightDesk, NAMES),
    "Health": schema_of(Health, NAMES),
    "Anything": MAP,
}
