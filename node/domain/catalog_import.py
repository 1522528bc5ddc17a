"""Reading a catalog file and planning what it changes.

A file is read to the end and every fault reported by line; nothing is taken from a file with a fault. An import is an
upsert: missing rows stay, the same file changes nothing. Below the city a row whose item comes from above is an overlay,
whose only legal changes are a tighter promise and local contact data (R02).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from node.domain.catalog import ART_45, LICENCE, Item, Material, SpecialStep, special_kind
from node.domain.model import TIERS

MAX_BYTES, MAX_ROWS, MAX_TEXT = 64 << 20, 100_000, 20_000
CATEGORIES = frozenset("行政许可 公共服务 行政确认 行政给付 其他行政权力 行政裁决 行政征收 行政处罚 行政强制 行政检查 行政奖励".split())
CASE_TYPES = frozenset({"immediate", "commitment", "joint", "referral"})
REQUIRED = ("item_id", "name", "category", "approval_level", "accept_levels", "case_type", "materials")
OPTIONAL = (
    "item_code_basic", "item_code_real", "department", "statutory_limit", "statutory_unit", "promised_limit_workdays", "legal_basis",
    "legal_text_version", "conditions", "fee", "special_steps", "result", "co_departments", "agent_allowed", "effective_from",
)  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")

WORDS: Mapping[str, tuple[str, str]] = {
    "encoding": ("文件不是 UTF-8 编码(可能是 GBK),请另存为 UTF-8", "the file is not UTF-8 (perhaps GBK)"),
    "missing_column": ("缺少列 {column}", "the column {column} is missing"),
    "duplicate_column": ("列 {column} 重复", "the column {column} stands twice"),
    "missing": ("不能为空", "must not be empty"),
    "duplicate": ("事项编号重复(已在第 {other} 行)", "the item stands already on line {other}"),
    "invalid": ("格式不正确", "not valid"),
    "not_a_choice": ("“{value}”不在可选范围内", "{value!r} is not one of the choices"),
    "out_of_range": ("数值超出范围", "out of range"),
    "bad_json": ("不是正确的 JSON 列表", "not a JSON list of the right form"),
    "too_long": ("内容过长", "too long"),
    "bad_character": ("含有不可用的字符", "contains a character that cannot be used"),
    "wrong_width": ("列数与表头不符", "the number of cells differs from the header"),
    "promise_over_statute": ("承诺时限长于法定时限", "the promise is longer than the statutory limit"),
    "stop_without_basis": ("环节“{value}”不计入时限但没有依据,已按计入时限导入", "step {value!r} claims not to count without a basis: imported as counting"),
    "overlay_changes": ("下级不得修改上级事项的 {value}", "a lower tier may not change {value} of an item from above"),
    "overlay_looser": ("承诺时限只能收紧", "a promise may only be tightened"),
    "not_our_level": ("本级不能设置由 {value} 审批的事项", "this tier cannot add an item decided at {value}"),
    "too_many": ("行数过多", "too many rows"),
}


@dataclass(frozen=True, slots=True)
class LineNote:
    """A fault or a warning about one line (1 is the header)."""

    line: int
    column: str
    code: str
    message_zh: str
    message_en: str


def line_note(line: int, column: str, code: str, **details: object) -> LineNote:
    zh, en = WORDS[code]
    words = {"column": column, **details}
    return LineNote(line, column, code, zh.format_map(words), en.format_map(words))


@dataclass(frozen=True, slots=True)
class ParsedCatalog:
    """What a file says. `lines` gives the line of each item; `given` the columns the file has."""

    items: tuple[Item, ...]
    errors: tuple[LineNote, ...]
    warnings: tuple[LineNote, ...]
    lines: Mapping[str, int]
    given: frozenset[str]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would publish."""

    changed: tuple[Item, ...]
    unchanged: int
    errors: tuple[LineNote, ...]
    warnings: tuple[LineNote, ...]


def parse_catalog_csv(data: bytes) -> ParsedCatalog:
    """Read the columns of `items-detailed-public.csv`, plus the optional effective_from, stop_basis in steps and contact_*."""
    reader = _Reader()
    rows = reader.rows(data)
    if rows is not None:
        header, body = rows
        for line, cells in body:
            reader.row(line, header, cells)
        given = frozenset(header)
    else:
        given = frozenset()
    return ParsedCatalog(tuple(reader.items), tuple(reader.errors), tuple(reader.warnings), reader.lines, given)


class _Reader:
    """Reads one file, collecting every fault."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.errors: list[LineNote] = []
        self.warnings: list[LineNote] = []
        self.lines: dict[str, int] = {}
        self.line = 1

    def fault(self, column: str, code: str, **details: object) -> None:
        self.errors.append(line_note(self.line, column, code, **details))

    def rows(self, data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]] | None:
        if len(data) > MAX_BYTES:
            self.fault("", "too_long")
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.line = data.count(b"\n", 0, error.start) + 1
            self.fault("", "encoding")
            return None
        try:
            reader = csv.reader(io.StringIO(text.replace("\x00", "\ufffe"), newline=""), strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            body = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
        except csv.Error:
            self.line = reader.line_num
            self.fault("", "invalid")
            return None
        return (header, body) if self._header(header, len(body)) else None

    def _header(self, header: list[str], count: int) -> bool:
        for column in REQUIRED:
            if column not in header:
                self.fault(column, "missing_column")
        for column in {c for c in header if header.count(c) > 1}:
            self.fault(column, "duplicate_column")
        if count > MAX_ROWS:
            self.fault("", "too_many")
        return not self.errors

    def row(self, line: int, header: list[str], cells: list[str]) -> None:
        self.line = line
        before = len(self.errors)
        if len(cells) != len(header):
            self.fault("", "wrong_width")
            return
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        for name, cell in row.items():
            if len(cell) > MAX_TEXT:
                self.fault(name, "too_long")
            elif _BAD.search(cell):
                self.fault(name, "bad_character")
        item = self._item(row)
        if len(self.errors) == before and item is not None:
            self.items.append(item)

    def _item(self, row: Mapping[str, str]) -> Item | None:
        item_id = row.get("item_id", "")
        if not _ID.fullmatch(item_id):
            self.fault("item_id", "invalid" if item_id else "missing")
        elif item_id in self.lines:
            self.fault("item_id", "duplicate", other=self.lines[item_id])
        self.lines.setdefault(item_id, self.line)
        if not row.get("name"):
            self.fault("name", "missing")
        levels = tuple(part.strip() for part in row.get("accept_levels", "").split(";") if part.strip())
        for level in (*levels, row.get("approval_level", "")):
            if level not in TIERS:
                self.fault("accept_levels" if level in levels else "approval_level", "not_a_choice", value=level[:40])
        if not levels:
            self.fault("accept_levels", "missing")
        self._choice(row, "category", CATEGORIES)
        self._choice(row, "case_type", CASE_TYPES)
        statutory, promised = self._number(row, "statutory_limit"), self._number(row, "promised_limit_workdays")
        if row.get("statutory_unit", "") not in ("", "workday", "calendar"):
            self.fault("statutory_unit", "not_a_choice", value=row["statutory_unit"][:40])
        if row.get("agent_allowed", "yes") not in ("", "yes", "no"):
            self.fault("agent_allowed", "not_a_choice", value=row["agent_allowed"][:40])
        licence = row.get("category") == "行政许可"
        materials = self._list(row, "materials", self._material)
        steps = self._list(row, "special_steps", lambda document: self._step(document, licence))
        start = self._date(row, "effective_from")
        if statutory and promised is not None and row.get("statutory_unit") == "workday" and promised > statutory:
            self.warnings.append(line_note(self.line, "promised_limit_workdays", "promise_over_statute"))
        known = {*REQUIRED, *OPTIONAL}
        return Item(
            item_id=item_id, item_code_basic=row.get("item_code_basic", ""), item_code_real=row.get("item_code_real", ""), name=row.get("name", ""),
            department=row.get("department", ""), category=row.get("category", ""), approval_level=row.get("approval_level", ""),
            accept_levels=levels, case_type=row.get("case_type", ""), statutory_limit=statutory, statutory_unit=row.get("statutory_unit", ""),
            promised_limit=promised, legal_basis=row.get("legal_basis", ""), legal_text_version=row.get("legal_text_version", ""),
            conditions=row.get("conditions", ""), materials=tuple(materials), fee=row.get("fee", ""), special_steps=tuple(steps),
            result=row.get("result", ""), co_departments=tuple(d.strip() for d in row.get("co_departments", "").split(";") if d.strip()),
            agent_allowed=row.get("agent_allowed", "yes") != "no", effective_from=start,
            contact={name[8:]: cell for name, cell in row.items() if name.startswith("contact_") and cell},
            extra={name: cell for name, cell in row.items() if name not in known and not name.startswith("contact_") and cell},
        )  # fmt: skip

    def _choice(self, row: Mapping[str, str], column: str, choices: frozenset[str]) -> None:
        value = row.get(column, "")
        if value not in choices:
            self.fault(column, "not_a_choice" if value else "missing", value=value[:40])

    def _number(self, row: Mapping[str, str], column: str) -> int | None:
        text = row.get(column, "")
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.fault(column, "invalid")
            return None
        if int(text) > 3650:
            self.fault(column, "out_of_range")
        return int(text)

    def _date(self, row: Mapping[str, str], column: str) -> dt.date | None:
        text = row.get(column, "")
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            self.fault(column, "invalid")
            return None

    def _list(self, row: Mapping[str, str], column: str, read: Callable[[dict[str, Any]], Any]) -> list[Any]:
        text = row.get(column, "") or "[]"
        try:
            documents = json.loads(text)
            if not isinstance(documents, list) or len(documents) > 100 or not all(isinstance(d, dict) for d in documents):
                raise ValueError
            return [read(document) for document in documents]
        except (ValueError, TypeError, KeyError, RecursionError):
            self.fault(column, "bad_json")
            return []

    def _material(self, document: dict[str, Any]) -> Material:
        name, form, copies, required = document["name"], document.get("form", "original"), document.get("copies", 1), document.get("required", True)
        good = isinstance(name, str) and name.strip() and form in ("original", "copy") and type(copies) is int and type(required) is bool
        if not good or not 0 <= copies <= 100:
            raise ValueError
        return Material(name.strip(), form, copies, required)

    def _step(self, document: dict[str, Any], licence: bool) -> SpecialStep:
        name, days, unit = document["name"], document["days"], document.get("unit", "workday")
        counts, basis = document.get("counts_against_limit", True), document.get("stop_basis", "")
        good = isinstance(name, str) and name.strip() and type(days) is int and unit in ("workday", "calendar") and type(counts) is bool
        if not good or not isinstance(basis, str) or not 0 <= days <= 3650:
            raise ValueError
        kind = document.get("kind") or special_kind(name)
        if not counts and not basis and not (licence and kind in ART_45):
            self.warnings.append(line_note(self.line, "special_steps", "stop_without_basis", value=name))
            counts = True
        return SpecialStep(name.strip(), str(kind), days, unit, counts, basis)


# planning ------------------------------------------------------------------------------------------------------------


def plan_import(current: Mapping[str, Item], inherited: Mapping[str, Item], parsed: ParsedCatalog, tier: str) -> ImportPlan:
    """What a file changes in this layer. `current`: this layer's own items; `inherited`: those in force from above."""
    changed: list[Item] = []
    errors: list[LineNote] = list(parsed.errors)
    unchanged = 0
    for item in parsed.items:
        line = parsed.lines[item.item_id]
        above = inherited.get(item.item_id)
        if above is not None:
            faults, item = _overlay(line, above, item, tier, parsed.given)
            errors += faults
            base = current.get(item.item_id, above)
        else:
            item = replace(item, layer_tier=tier)
            base = current.get(item.item_id)
            if not item.decides_at(tier) and tier != "city" and TIERS.index(item.approval_level) > TIERS.index(tier):
                errors.append(line_note(line, "approval_level", "not_our_level", value=item.approval_level))
        if base is not None and base.content_bytes() == item.content_bytes():
            unchanged += 1
            continue
        newest = max(base.version if base is not None else 0, above.version if above is not None else 0)
        changed.append(replace(item, version=newest + 1))
    return ImportPlan(tuple(changed), unchanged, tuple(errors), parsed.warnings)


def _overlay(line: int, above: Item, item: Item, tier: str, given: frozenset[str]) -> tuple[list[LineNote], Item]:
    """(faults, the overlay): the item from above with this tier's promise and contact data."""
    faults = []
    differing = {
        name for name in ("name", "department", "category", "approval_level", "accept_levels", "case_type", "statutory_limit", "statutory_unit",
                          "legal_basis", "conditions", "materials", "fee", "result", "agent_allowed")
        if name in given and getattr(item, name) != getattr(above, name)
    }  # fmt: skip
    if "special_steps" in given and item.special_steps != above.special_steps:
        differing.add("special_steps")
    for name in sorted(differing):
        faults.append(line_note(line, name, "overlay_changes", value=name))
    promise = item.promised_limit if "promised_limit_workdays" in given else above.promised_limit
    if above.promised_limit is not None and (promise is None or promise > above.promised_limit):
        faults.append(line_note(line, "promised_limit_workdays", "overlay_looser"))
    if item.contact == above.contact and promise == above.promised_limit:
        return faults, above
    contact = {**above.contact, **item.contact}
    return faults, replace(above, promised_limit=promise, contact=contact, layer_tier=tier, effective_from=item.effective_from)


__all__ = ["LICENCE", "ImportPlan", "LineNote", "ParsedCatalog", "line_note", "parse_catalog_csv", "plan_import"]
