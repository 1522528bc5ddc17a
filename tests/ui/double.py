"""A small center in memory: tries the web side against every answer a center can give."""

# ruff: noqa: E501

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from node.domain.errors import TongbanError
from node.domain.model import Actor, Place, Role
from node.domain.people import Opened, SessionView

LONG = "武汉市武昌区中华路街道都府堤社区居民委员会便民服务站" * 3
ODD_NAME = "<script>alert(1)</script>𠮷野家&\"'龘靐齉"


@dataclass
class DoubleClock:
    at: int = 1_795_500_000_000

    def now(self) -> int:
        return self.at


@dataclass(frozen=True)
class Filed:
    case_no: str
    status: str
    query_code: str
    created: bool
    warnings: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Acted:
    status: int
    document: dict[str, Any]


@dataclass
class Enrolment:
    def redeem(self, request: bytes) -> bytes:
        if request != b"sealed":
            raise TongbanError("bad_join_code")
        return b"answer"


PEOPLE = {role.value: Actor(f"id-{role.value}", role, f"{role.value}<b>") for role in Role if role is not Role.SYSTEM}
NO = "420106006000-261123-K70-0001-5"
ACTIONS: list[dict[str, Any]] = [
    {"action": "accept", "as": "event", "forward": True, "fields": []},
    {
        "action": "request_correction", "as": "event", "forward": True,
        "fields": [
            {"name": "items", "type": "text", "required": True, "choices": [], "example": "身份证复印件不清"},
            {"name": "materials", "type": "text", "required": False, "choices": [], "example": "0"},
            {"name": "until", "type": "date", "required": True, "choices": [], "example": "2026-12-01"},
            {"name": "days", "type": "int", "required": False, "choices": [], "example": 5},
            {"name": "mode", "type": "enum", "required": True, "choices": ["paper", "phone"], "example": "paper"},
            {"name": "confirmed", "type": "bool", "required": False, "choices": [], "example": True},
        ],
    },
    {"action": "withdraw", "as": "request", "forward": False, "fields": [{"name": "reason", "type": "text", "required": True, "choices": [], "example": "不办了"}]},
]  # fmt: skip


@dataclass
class DoublePeople:
    """Logins without passwords of their own."""

    open: dict[str, str] = field(default_factory=dict)
    lock_after_ms: int = 900_000

    def login(self, username: str, password: str, *, station: str = "", before: str = "", client: str = "") -> Opened:
        if password != "geheim" or username not in PEOPLE:
            raise TongbanError("unauthenticated")
        token = f"session-{len(self.open)}"
        self.open[token] = username
        return Opened(token, station or "station", PEOPLE[username], False, False)

    def look(self, token: str, *, active: bool) -> SessionView | None:
        who = self.open.get(token)
        return SessionView(1, PEOPLE[who], False, token, False) if who else None

    def logout(self, token: str) -> None:
        self.open.pop(token, None)

    def colleagues(self, station: str) -> list[Any]:
        return []


@dataclass
class DoubleCenter:
    """Implements `edge_ui.center.CenterPort`."""

    place: Place = field(default_factory=lambda: Place(b"n" * 16, "420106006000", "township", b"p" * 16))
    name: str = "武汉市武昌区中华路街道便民服务中心"
    clock: DoubleClock = field(default_factory=DoubleClock)
    test_clock: bool = False
    enrolment: Enrolment = field(default_factory=Enrolment)
    people: Any = field(default_factory=DoublePeople)
    administration: Any = None
    drafts: Any = None
    agent: Any = None
    filed: dict[str, tuple[str, str]] = field(default_factory=dict)
    acted: list[tuple[str, str, dict[str, Any], int | None, str | None]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    pieces: bytearray = field(default_factory=bytearray)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    healthy: bool = True
    explode: bool = False
    secret: str = "吴鑫建"

    def authenticate_token(self, token: str) -> Actor:
        if token not in PEOPLE:
            raise TongbanError("unauthenticated")
        return PEOPLE[token]

    def file_case(
        self, document: object, actor: Actor, *, source: str = "default", draft: bool = False, idempotency_key: str | None = None
    ) -> Filed:
        assert isinstance(document, dict)
        if "application_no" not in document:
            raise TongbanError("invalid_input", {"application_no": "missing"})
        number, content = str(document["application_no"]), json.dumps(document, sort_keys=True)
        self.calls.append((source, draft, idempotency_key))
        known = self.filed.setdefault(number, (content, f"{NO[:-6]}{len(self.filed) + 1:04d}-X"))
        if known[0] != content:
            raise TongbanError("application_conflict", application_no=number, case_no=known[1])
        return Filed(known[1], "submitted", "ABCD1234", len(self.calls) == len(self.filed))

    def act(
        self,
        case_no: str,
        action: str,
        fields: dict[str, Any],
        actor: Actor,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Acted:
        self.case(case_no, actor)
        if expected_version not in (None, 3):
            raise TongbanError("version_conflict", version=3)
        if action == "approve":
            raise TongbanError("illegal_action", action=action, status="submitted", rule="row 37")
        self.acted.append((case_no, action, fields, expected_version, idempotency_key))
        if action == "withdraw":
            return Acted(202, {"request": {"id": "ab" * 32, "state": "pending"}})
        return Acted(200, self.case(case_no, actor))

    def case(self, case_no: str, actor: Actor) -> dict[str, Any]:
        if actor.role is Role.ADMIN:
            raise TongbanError("forbidden", rule="admin")
        if not case_no.startswith(NO[:-6]):
            raise TongbanError("not_found", what=case_no)
        return case_document() | {"case_no": case_no}

    def cases(
        self,
        actor: Actor,
        *,
        status: str | None = None,
        item: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        if actor.role is Role.ADMIN:
            raise TongbanError("forbidden", rule="admin")
        if cursor and not cursor.isdigit():
            raise TongbanError("invalid_input", {"cursor": "invalid"})
        self.asked.append({"status": status, "item": item, "q": q, "cursor": cursor, "limit": limit})
        rows = [
            case_document() | {"case_no": f"{NO[:-6]}{n:04d}-5", "applicant": ODD_NAME if n == 1 else "吴鑫建"}
            for n in range(1, 9)
        ]
        rows[2] |= {"status": "approved", "light": "red", "due": "2026-11-03"}
        rows[3] |= {"status": "in_transit", "custodian": None, "item_name": LONG}
        return {"cases": rows, "next": None if cursor else "8"}

    def request(self, id: str, actor: Actor) -> dict[str, Any]:
        if id != "ab" * 32:
            raise TongbanError("not_found", what="request")
        return {"request": {"id": id, "state": "pending"}}

    def material_offset(self, case_no: str, material: str, actor: Actor) -> dict[str, Any]:
        self.case(case_no, actor)
        return {"offset": len(self.pieces), "size": 3_000_000 if material == "declared" else None}

    def put_material(
        self, case_no: str, material: str, actor: Actor, offset: int, data: bytes, total: int, file_name: str, mime: str
    ) -> dict[str, Any]:
        if offset == 0:
            self.pieces.clear()
        assert offset == len(self.pieces)
        self.pieces += data
        self.calls.append((material, offset, len(data), total, file_name, mime))
        whole = len(self.pieces) == total
        answer: dict[str, Any] = {"offset": len(self.pieces), "complete": whole}
        return answer | ({"request": {"id": "1", "state": "pending"}} if whole and material == "late" else {})

    def paper(self, case_no: str, paper: str, actor: Actor, fmt: str) -> Any:
        self.case(case_no, actor)
        raise TongbanError("not_yet_available")

    def public_case(self, case_no: str, code: str, client: str) -> dict[str, Any]:
        if (case_no, code) != (NO, "ABCD1234"):
            raise TongbanError("not_found", what="case")
        return {
            "case_no": NO,
            "status": "submitted",
            "item_name": "水事纠纷处理裁决",
            "custodian": "420106006000",
            "due": "2026-12-01",
        }

    def public_verify(self, code: str) -> dict[str, Any]:
        raise TongbanError("not_yet_available")

    def public_items(self, q: str) -> dict[str, Any]:
        return {"items": [item for item in self.items(None) if q in item["name"]], "revision": 3}

    def items(self, actor: Actor | None) -> list[dict[str, Any]]:
        names = ["水事纠纷处理裁决", "渔业捕捞许可审批", LONG, ODD_NAME] + [f"事项{n}" for n in range(60)]
        return [item_document(f"ZW{n:03d}", name) for n, name in enumerate(names, 1)]

    def item(self, item_id: str) -> dict[str, Any]:
        for item in self.items(None):
            if item["item_id"] == item_id:
                return item
        raise TongbanError("not_found", what=item_id)

    def stats(self, measure: str, by: str, from_: str | None, to: str | None) -> dict[str, Any]:
        return {"as_of": {self.place.code: "2026-11-24T00:00:00+08:00"}, "rows": [{"key": by, "value": 1}], "measure": measure}

    def oversight(self, kind: str) -> dict[str, Any]:
        return {"as_of": {}, kind: []}

    def status(self) -> dict[str, Any]:
        if self.explode:
            raise RuntimeError(self.secret)
        return {
            "node": {"code": self.place.code, "name": self.name, "tier": "township", "parent": "420106000000"},
            "as_of": "2026-11-24T14:00:00.000+08:00",
            "links": [
                {"peer": "420106000000", "direction": "up", "state": "offline", "last_contact": "2026-11-24T09:12:00+08:00", "waiting": 12,
                 "last_error": "连接被拒绝 (10.0.0.8:8803)"},
                {"peer": "420106006003", "direction": "down", "state": "online", "last_contact": 1_795_500_000_000, "waiting": 0, "last_error": None},
                {"peer": "420106006004", "direction": "down", "state": "never", "last_contact": None, "waiting": 0, "last_error": LONG + ODD_NAME},
                {"peer": "420106006005", "direction": "down", "state": "revoked", "last_contact": None, "waiting": 0, "last_error": None},
            ],
            "journal": {"entries": 1234, "head": "ff", "authors": 5},
            "catalog": {"items": 153, "revision": 7},
            "cases": {"submitted": 12, "accepted": 30, "concluded": 81, "in_transit": 2},
            "held": 44,
        }  # fmt: skip

    def pulse(self) -> dict[str, Any]:
        return {"head": 1, "line": None}

    def metrics(self) -> bytes:
        return b"# HELP tongban_up x\ntongban_up 1\n"

    def health(self) -> dict[str, Any]:
        return {"ok": self.healthy}

    def retry_link(self, peer_code: str) -> dict[str, Any]:
        if peer_code != "420106000000":
            raise TongbanError("unknown_node", node=peer_code)
        self.retried.append(peer_code)
        return {"trying": True}


def item_document(item_id: str, name: str) -> dict[str, Any]:
    return {
        "item_id": item_id, "version": 2, "name": name, "department": "水务局", "category": "行政裁决", "case_type": "commitment",
        "approval_level": "district", "accept_levels": ["district", "township"], "statutory_limit": 20, "statutory_unit": "workday",
        "promised_limit": 0 if item_id == "ZW001" else 10, "legal_basis": "《水法》第五十六条", "legal_text_version": "2016-07-02",
        "conditions": "双方协商不成", "fee": "不收费", "result": "裁决书", "agent_allowed": True, "contact": {"phone": "027-12345678"},
        "item_code_real": "511A0147300000-511602000000-000-11511300008778693M-1-00",
        "materials": [{"name": "申请书", "form": "original", "copies": 1, "required": True}, {"name": LONG, "form": "copy", "copies": 2, "required": False}],
        "special_steps": [{"name": "现场踏勘", "days": 5, "unit": "workday", "kind": "site_visit", "counts": True}],
    }  # fmt: skip


def case_document() -> dict[str, Any]:
    return {
        "case_no": NO, "item_id": "ZW001", "item_name": "水事纠纷处理裁决", "item_version": 2, "kind": "commitment", "label": "commitment",
        "status": "submitted", "version": 3, "term": 1, "custodian": "420106006000", "origin": "420106006003", "due": "2026-12-01",
        "light": "yellow", "as_of": "2026-11-24T14:00:00+08:00", "transit": None,
        "application": {"application_no": "S0001-000001", "applicant": {"name": ODD_NAME, "phone": "15493393106", "address": LONG},
                        "form": {"household_size": 6}, "attachments": []},
        "timeline": [
            {"version": 1, "term": 0, "action": "lodged", "node": "420106006003", "staff": "a1", "recorded_at": "2026-11-23T09:00:00+08:00",
             "witnessed": {"not_before": None, "receipt": "2026-11-23T09:00:02+08:00"}, "note": None},
            {"version": 3, "term": 1, "action": "received", "node": "420106006000", "staff": "c1", "recorded_at": "2026-11-23T10:00:00+08:00",
             "witnessed": {"not_before": None, "receipt": None}, "note": "材料<b>齐全\n第二行"},
        ],
        "hops": [{"node": "420106006000", "from": "420106006003", "to": "420106006000", "reason": "hand_over", "offered_at": None,
                  "taken_at": "2026-11-23T09:30:00+08:00", "left_at": None}],
        "materials": [{"material": "0", "name": "申请书", "required": True, "size": 277795, "state": "here"},
                      {"material": "1", "name": LONG, "required": True, "size": 3_670_313, "state": "declared"}],
        "requests": [{"id": "ab", "action": "withdraw", "state": "pending"}],
        "actions": ACTIONS,
    }  # fmt: skip
