"""A service item: what it discloses, where it is filed, who decides, how long it may take, and its process as data.

An item version never changes; a case stays on the version it was accepted under. The process is interpreted, never coded:
`steps_at(tier)` gives the ordered steps where the case is held. Which law's rules of time apply is the `regime`: the
licensing law governs only licences (行政许可法 2; LIFECYCLE "Settled before anything is built", 1).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from node.domain.catalog.ages import ages_of
from node.domain.catalog.item_documents import ItemDocument, MaterialDocument, SpecialStepDocument
from node.domain.model import TIERS

if TYPE_CHECKING:
    from node.domain.model import Case

LICENCE, OTHER = "licence", "other"
# 行政许可法第四十五条: the special procedures whose time does not count, as forms list them. A site visit is not among them.
ART_45 = ("hearing", "tender", "auction", "goods_inspection", "testing", "quarantine", "appraisal", "expert_review")
_KINDS = tuple(
    (word, kind)
    for kind, words in (
        ("hearing", "听证"),
        ("tender", "招标"),
        ("auction", "拍卖"),
        ("testing", "检测"),
        ("goods_inspection", "检验"),
        ("quarantine", "检疫"),
        ("site_visit", "现场 实地 踏勘 入户 场所 勘察 勘验 查勘 查验 核查 检查 核实"),  # not in Article 45, whatever comes of it
        ("appraisal", "鉴定 评定"),
        ("expert_review", "专家 评审 评估 评价 论证 考核"),
        ("public_notice", "公示 公告"),
    )
    for word in words.split()
)
PAPER_AT = ("accept", "decide", "deliver", "never")
CONTACT = ("phone", "address", "hours", "complaint")  # what an item says of where to ask
LISTS = ("materials", "special_steps")  # its rows
KINDS = (*ART_45, "site_visit", "public_notice", "other")
_ITEM_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Material:
    """One row of the checklist (R06). form: original | copy."""

    name: str
    form: str = "original"
    copies: int = 1
    required: bool = True
    may_be_later: bool = False  # accepted without it, when the applicant promises to bring it by a day (容缺)

    def to_document(self) -> MaterialDocument:
        document: MaterialDocument = {"name": self.name, "form": self.form, "copies": self.copies, "required": self.required}
        return {**document, "may_be_later": True} if self.may_be_later else document


@dataclass(frozen=True, slots=True)
class SpecialStep:
    """A special step of the process; `counts` says whether its days count against the limit."""

    name: str
    kind: str
    days: int
    unit: str = "workday"
    counts: bool = True
    stop_basis: str = ""

    def to_document(self) -> SpecialStepDocument:
        return {
            "name": self.name, "kind": self.kind, "days": self.days, "unit": self.unit, "counts": self.counts, "stop_basis": self.stop_basis,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step where a case is held. role: examiner | approver. limit in working days or None."""

    code: str
    name: str
    role: str
    limit_days: int | None = None


def special_kind(name: str) -> str:
    """The kind of a special step by its customary name; "other" when none fits."""
    return next((kind for word, kind in _KINDS if word in name), "other")


@dataclass(frozen=True)
class Item:
    """One version of a service item. Limits in `statutory_unit` (workday | calendar) and working days; None = no limit given."""

    item_id: str
    version: int = 0
    item_code_basic: str = ""
    item_code_real: str = ""
    name: str = ""
    department: str = ""
    category: str = ""
    approval_level: str = "district"
    accept_levels: tuple[str, ...] = ()
    case_type: str = "commitment"
    statutory_limit: int | None = None
    statutory_unit: str = ""
    promised_limit: int | None = None
    legal_basis: str = ""
    legal_text_version: str = ""
    conditions: str = ""
    materials: tuple[Material, ...] = ()
    fee: str = ""
    special_steps: tuple[SpecialStep, ...] = ()
    result: str = ""
    co_departments: tuple[str, ...] = ()
    agent_allowed: bool = True
    effective_from: dt.date | None = None
    layer_tier: str = "city"
    contact: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    extension_days: int | None = (
        None  # working days of the one extension, where a law gives another number than the licensing law
    )
    paper_required_at: str = ""  # accept | decide | deliver | never: when the papers must be here; "" where nothing is said
    remedy: str = ""  # against a decision (`remedy.REMEDIES`); "" as the item's name tells
    review_organ: str = ""  # who reviews; "" as the law says
    court: str = ""  # where a suit goes; "" unknown
    withdrawn: str = ""  # why it is no longer offered (停用); cases that were filed go on

    @property
    def regime(self) -> str:
        return LICENCE if self.category == "行政许可" else OTHER

    @property
    def stops(self) -> tuple[str, ...]:
        """Kinds of its special steps that stop the clock: those of Article 45 for a licence, and what has a basis of its own."""
        found = (
            s for s in self.special_steps if not s.counts and (s.stop_basis or (self.regime == LICENCE and s.kind in ART_45))
        )
        return tuple(dict.fromkeys(step.kind for step in found))

    @property
    def is_handled_jointly(self) -> bool:
        """Whether its limit is that of 统一、联合、集中办理 (行政许可法 26, 42 second paragraph): 45 working days."""
        joint = self.regime == LICENCE and self.case_type == "joint"
        return joint and (self.statutory_limit is None or (self.statutory_limit == 45 and self.statutory_unit != "calendar"))

    @property
    def longest_extension(self) -> int:
        """Working days of the one extension: what its law gives, else the licensing law's where the limit is its own (行政许可法 42)."""
        if self.extension_days is not None:
            return self.extension_days
        if self.is_handled_jointly:
            return 15
        own = self.statutory_limit is None or (self.statutory_limit == 20 and self.statutory_unit != "calendar")
        return 10 if self.regime == LICENCE and own else 0

    @property
    def awaits_papers(self) -> bool:
        """Whether nothing is received before the papers are (R starts with their arrival)."""
        return self.paper_required_at == "accept"

    @property
    def ages(self) -> tuple[int, int | None]:
        """Whole years that the conditions ask of the applicant, (least, most); 0 and None when they ask for none."""
        return ages_of(self.conditions)

    @property
    def lowest_level(self) -> str:
        return min(self.accept_levels, key=TIERS.index)

    def decides_at(self, tier: str) -> bool:
        """Whether a node of this tier may decide: at or above the approval level."""
        return TIERS.index(tier) >= TIERS.index(self.approval_level)

    def special_of(self, step: str) -> SpecialStep | None:
        """The special step that a step of the process is, None for an ordinary one."""
        head, _, n = step.partition(".")
        known = head == "special" and n.isascii() and n.isdigit() and 0 < int(n) <= len(self.special_steps)
        return self.special_steps[int(n) - 1] if known else None

    def steps_at(self, tier: str) -> tuple[Step, ...]:
        """The ordered steps where the case is held at a tier."""
        return _steps(self, tier)

    def __hash__(self) -> int:
        return hash((self.item_id, self.version, self.layer_tier))

    def to_document(self) -> ItemDocument:
        """The item as it is published; its hash hangs on every key."""
        document: ItemDocument = {
            "item_id": self.item_id, "version": self.version, "item_code_basic": self.item_code_basic, "item_code_real": self.item_code_real,
            "name": self.name, "department": self.department, "category": self.category, "approval_level": self.approval_level,
            "accept_levels": list(self.accept_levels), "case_type": self.case_type, "statutory_limit": self.statutory_limit,
            "statutory_unit": self.statutory_unit, "promised_limit": self.promised_limit, "legal_basis": self.legal_basis,
            "legal_text_version": self.legal_text_version, "conditions": self.conditions,
            "materials": [one.to_document() for one in self.materials], "fee": self.fee,
            "special_steps": [one.to_document() for one in self.special_steps], "result": self.result,
            "co_departments": list(self.co_departments), "agent_allowed": self.agent_allowed,
            "effective_from": self.effective_from.isoformat() if self.effective_from else None, "layer_tier": self.layer_tier,
            "contact": dict(self.contact), "extra": dict(self.extra), "remedy": self.remedy, "review_organ": self.review_organ,
            "court": self.court, "regime": self.regime,
        }  # fmt: skip
        if self.extension_days is not None:
            document["extension_days"] = self.extension_days
        if self.paper_required_at:
            document["paper_required_at"] = self.paper_required_at
        if self.withdrawn:
            document["withdrawn"] = self.withdrawn
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Item:
        """The inverse of `to_document`; fields of later versions are passed over.

        A document may come from another node: raises ValueError, TypeError or KeyError when it is not an item.
        """
        known = {f.name for f in fields(cls)}
        values = {key: value for key, value in document.items() if key in known}
        values["accept_levels"] = tuple(values.get("accept_levels", ()))
        values["co_departments"] = tuple(values.get("co_departments", ()))
        values["materials"] = tuple(Material(**_only(Material, m)) for m in values.get("materials", ()))
        values["special_steps"] = tuple(SpecialStep(**_only(SpecialStep, s)) for s in values.get("special_steps", ()))
        start = values.get("effective_from")
        values["effective_from"] = dt.date.fromisoformat(start) if start else None
        item = cls(**values)
        _check(item)
        return item

    def content_bytes(self) -> bytes:
        """Canonical JSON without the version: equal bytes mean an unchanged item."""
        document = {key: value for key, value in self.to_document().items() if key != "version"}
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _only(kind: type, document: Mapping[str, Any]) -> dict[str, Any]:
    known = {f.name for f in fields(kind)}
    return {key: value for key, value in document.items() if key in known}


def _check(item: Item) -> None:
    """What later code takes for granted of an item. Raises ValueError."""
    words = [getattr(item, f.name) for f in fields(item) if isinstance(f.default, str)]
    words += [item.item_id, *item.co_departments]
    words += [text for pairs in (item.contact, item.extra) for pair in dict(pairs).items() for text in pair]
    words += [text for m in item.materials for text in (m.name, m.form)]
    words += [text for s in item.special_steps for text in (s.name, s.kind, s.unit, s.stop_basis)]
    numbers = [item.version, *(m.copies for m in item.materials), *(s.days for s in item.special_steps)]
    numbers += [limit for limit in (item.statutory_limit, item.promised_limit, item.extension_days) if limit is not None]
    flags = [
        item.agent_allowed,
        *(flag for m in item.materials for flag in (m.required, m.may_be_later)),
        *(s.counts for s in item.special_steps),
    ]
    typed = all(isinstance(text, str) for text in words) and all(type(flag) is bool for flag in flags)
    if not typed or not all(type(n) is int and 0 <= n < 1 << 53 for n in numbers):
        raise ValueError("wrong types")
    tiers = {item.approval_level, item.layer_tier, *item.accept_levels}
    if item.paper_required_at not in ("", *PAPER_AT):
        raise ValueError("paper_required_at")
    if not _ITEM_ID.fullmatch(item.item_id) or not item.accept_levels or not tiers <= set(TIERS):
        raise ValueError("not an item")


@lru_cache(maxsize=4096)
def _steps(item: Item, tier: str) -> tuple[Step, ...]:
    if not item.decides_at(tier):
        return (Step("first_examination", "初审", "examiner", 20 if item.regime == LICENCE else None),)
    special = tuple(Step(f"special.{n}", step.name, "examiner", step.days) for n, step in enumerate(item.special_steps, 1))
    return (*special, Step("examine", "审查", "examiner"), Step("approve", "决定", "approver"))


def label(item: Item, case: Case) -> str:
    """The customary label (即办/承诺/联办/上报, 退办, 补办, 急办), derived from kind, gap, outcome and priority."""
    if case.status == "returned" or case.ground:
        return "returned"
    if case.gap.is_open:
        return "gap"
    if case.urgent:
        return "urgent"
    return item.case_type
