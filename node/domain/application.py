"""An application as it is handed in: read within bounds, checked completely, every defect at once.

Checked by hand and not with a schema library: it runs on every filing, and each defect has the field path and code that
people and programs rely on (INTERFACE.md, "Defects"). Text is kept as it came (markup is text), but what cannot be shown,
stored or signed is refused: control characters, lone surrogates, absurd lengths and numbers, deep nesting.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from node.domain.catalog import Item
from node.domain.divisions import Divisions
from node.domain.errors import FieldError, TongbanError
from node.domain.ids import check_id
from node.domain.model import TIERS, Place

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 5000
MAX_ATTACHMENTS = 200
MAX_ATTACHMENT_BYTES = 50_000_000
CHANNELS = ("village_agent", "window", "online")
TEXT_LIMITS = {"name": 100, "address": 300, "phone": 20, "sex": 10, "id_number": 30}
_NUMBER = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PHONE = re.compile(r"(?:\+?86-?)?(?:1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})")
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SHORT = 40  # longest prefix of a wrong value repeated in an answer


@dataclass(frozen=True, slots=True)
class FilingContext:
    """What an application is checked against at one node."""

    place: Place
    item: Callable[[str], Item | None]
    divisions: Divisions
    known_codes: frozenset[str] | set[str]  # of nodes enrolled in the known tree
    today: dt.date
    max_attachment: int = MAX_ATTACHMENT_BYTES


@dataclass(frozen=True, slots=True)
class Clean:
    """An application without defects. `document` is what the body keeps; `materials` are (index as code, declared size)."""

    source: str
    application_no: str
    item: Item
    channel: str
    village_code: str
    document: Mapping[str, Any]
    materials: tuple[tuple[str, int], ...]
    warnings: tuple[FieldError, ...] = ()


def loads_bounded(data: bytes | str, *, limit: int = MAX_BYTES) -> Any:
    """Parse JSON within bounds. Raises TongbanError: too_large, malformed (encoding, syntax, depth, numbers, duplicate keys)."""
    if len(data) > limit:
        raise TongbanError("too_large", limit=f"{limit // 1024} KB")
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise TongbanError("malformed", reason="not UTF-8") from None
    try:
        return json.loads(text, parse_int=_integer, parse_constant=_no_constant, parse_float=_float, object_pairs_hook=_pairs)
    except TongbanError:
        raise
    except RecursionError:
        raise TongbanError("malformed", reason="nested too deeply") from None
    except ValueError as error:
        raise TongbanError("malformed", reason=f"not JSON: {str(error)[:80]}") from None


def _integer(text: str) -> int:
    if len(text) > 19 or abs(int(text)) >= 1 << 63:
        raise TongbanError("malformed", reason="a number is out of range")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise TongbanError("malformed", reason="a number is out of range")
    return value


def _no_constant(text: str) -> Any:
    raise TongbanError("malformed", reason=f"{text} is not JSON")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TongbanError("malformed", reason="a key is given twice")
    return found


def validate_application(
    document: object, ctx: FilingContext, *, draft: bool = False
) -> tuple[Clean | None, list[FieldError], list[FieldError]]:
    """(clean application or None, all defects, warnings). Never raises for what a caller may send.

    A draft may lack required parts; what is given must still be well formed.
    """
    check = _Check(ctx, draft)
    if not isinstance(document, Mapping):
        return None, [FieldError("", "wrong_type")], []
    flaw = _shape(document)
    if flaw is not None:
        return None, [flaw], []
    clean = check.run(document)
    return (clean if not check.errors else None), check.errors, check.warnings


def _shape(document: Mapping[str, Any]) -> FieldError | None:
    """Bounds over the whole document: depth, number of values, text, numbers."""
    stack: list[tuple[str, Any, int]] = [("", document, 0)]
    seen = 0
    while stack:
        path, value, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            return FieldError(path, "too_long")
        if isinstance(value, str):
            if len(value) > 10_000:
                return FieldError(path, "too_long")
            if _BAD.search(value):
                return FieldError(path, "bad_character")
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if not isinstance(key, str) or len(key) > 100 or _BAD.search(key):
                    return FieldError(path, "bad_character")
                stack.append((f"{path}.{key}" if path else key, inner, depth + 1))
        elif isinstance(value, list):
            stack.extend((f"{path}[{n}]", inner, depth + 1) for n, inner in enumerate(value))
        elif isinstance(value, int):
            if abs(value) >= 1 << 63:
                return FieldError(path, "out_of_range")
        elif isinstance(value, float):
            if not math.isfinite(value):
                return FieldError(path, "out_of_range")
        elif value is not None:
            return FieldError(path, "wrong_type")
    return None


@dataclass(slots=True)
class _Check:
    """One pass over one application."""

    ctx: FilingContext
    draft: bool
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[FieldError] = field(default_factory=list)

    def fault(self, path: str, code: str, **details: Any) -> None:
        self.errors.append(FieldError(path, code, details))

    def run(self, document: Mapping[str, Any]) -> Clean | None:
        number = self._code(document, "application_no", required=True)
        source = self._code(document, "source", required=False) or "default"
        item = self._item(document)
        channel = self._channel(document, item)
        self._entry(document, item)
        village = self._village(document)
        self._applicant(document.get("applicant"))
        if not isinstance(document.get("form", {}), Mapping):
            self.fault("form", "wrong_type")
        materials = self._attachments(document.get("attachments", []), item)
        self._claimed_time(document)
        if item is None or number is None:
            return None
        return Clean(source, number, item, channel, village, document, materials, tuple(self.warnings))

    def _code(self, document: Mapping[str, Any], key: str, *, required: bool) -> str | None:
        value = document.get(key)
        if value is None or value == "":
            if required:
                self.fault(key, "missing")
            return None
        if not isinstance(value, str):
            self.fault(key, "wrong_type")
        elif not _NUMBER.fullmatch(value):
            self.fault(key, "invalid")
        else:
            return value
        return None

    def _item(self, document: Mapping[str, Any]) -> Item | None:
        value = document.get("item_id")
        if not isinstance(value, str) or not value:
            self.fault("item_id", "missing" if value in (None, "") else "wrong_type")
            return None
        item = self.ctx.item(value)
        if item is None:
            self.fault("item_id", "unknown_item")
        return item

    def _channel(self, document: Mapping[str, Any], item: Item | None) -> str:
        value = document.get("channel", "window")
        if value not in CHANNELS:
            self.fault("channel", "not_a_choice" if isinstance(value, str) else "wrong_type")
            return "window"
        if value == "village_agent" and item is not None and not item.agent_allowed:
            self.fault("channel", "agent_not_allowed")
        return str(value)

    def _entry(self, document: Mapping[str, Any], item: Item | None) -> None:
        """entry_node: this node, and one of the levels where the item is filed."""
        here = self.ctx.place
        value = document.get("entry_node", here.code)
        if not isinstance(value, str):
            self.fault("entry_node", "wrong_type")
            return
        level = here.tier if value == here.code else self._level(value)
        if item is not None and level is not None and level not in item.accept_levels:
            self.fault("entry_node", "wrong_level", node=self._right_node(value, item))
        elif value != here.code:
            self.fault("entry_node", "wrong_node", node=value[:_SHORT])

    def _level(self, code: str) -> str | None:
        division = self.ctx.divisions.get(code)
        return division.level if division is not None else None

    def _right_node(self, code: str, item: Item) -> str:
        """The nearest place above `code` (or itself) whose level takes the item."""
        line = [self.ctx.divisions.get(code), *self.ctx.divisions.ancestors(code)]
        return next((d.code for d in line if d is not None and d.level in item.accept_levels), "/".join(item.accept_levels))

    def _village(self, document: Mapping[str, Any]) -> str:
        value = document.get("village_code", "")
        if value == "":
            return ""
        if not isinstance(value, str):
            self.fault("village_code", "wrong_type")
        elif value not in self.ctx.divisions and value not in self.ctx.known_codes:
            self.fault("village_code", "unknown_division")
        else:
            return value
        return ""

    def _applicant(self, applicant: object) -> None:
        if not isinstance(applicant, Mapping):
            if not (self.draft and applicant is None):
                self.fault("applicant", "missing" if applicant is None else "wrong_type")
            return
        for key, limit in TEXT_LIMITS.items():
            value = applicant.get(key)
            if value is not None and not isinstance(value, str):
                self.fault(f"applicant.{key}", "wrong_type")
            elif isinstance(value, str) and len(value) > limit:
                self.fault(f"applicant.{key}", "too_long")
        bad = {error.field for error in self.errors}
        self._required(applicant, "name", "blank", bad)
        if not (self.draft and not applicant.get("phone")) and "applicant.phone" not in bad:
            phone = str(applicant.get("phone") or "").strip()
            if not _PHONE.fullmatch(phone):
                self.fault("applicant.phone", "invalid")
        if not (self.draft and not applicant.get("id_number")) and "applicant.id_number" not in bad:
            self._id_number(applicant)

    def _required(self, applicant: Mapping[str, Any], key: str, code: str, bad: set[str]) -> None:
        value = applicant.get(key)
        if self.draft and value in (None, ""):
            return
        if f"applicant.{key}" not in bad and not str(value or "").strip():
            self.fault(f"applicant.{key}", code)

    def _id_number(self, applicant: Mapping[str, Any]) -> None:
        kind = applicant.get("id_type", "ric")
        if kind not in ("ric", "uscc"):
            self.fault("applicant.id_type", "not_a_choice")
            return
        found = check_id(str(applicant.get("id_number") or ""), str(kind), self.ctx.today)
        if found.verdict == "invalid":
            self.fault("applicant.id_number", found.code)
        elif found.verdict == "warning":
            self.warnings.append(FieldError("applicant.id_number", "unknown_county"))

    def _attachments(self, attachments: object, item: Item | None) -> tuple[tuple[str, int], ...]:
        if not isinstance(attachments, list):
            self.fault("attachments", "wrong_type")
            return ()
        if len(attachments) > MAX_ATTACHMENTS:
            self.fault("attachments", "too_long")
            return ()
        names = [material.name for material in item.materials] if item is not None else []
        declared: dict[str, int] = {}
        extra = len(names)
        for n, attachment in enumerate(attachments):
            read = self._attachment(n, attachment)
            if read is None:
                continue
            name, size = read
            if name in declared:
                self.fault(f"attachments[{n}]", "duplicate")
                continue
            declared[name] = size
            if item is not None and name not in names:
                self.warnings.append(FieldError(f"attachments[{n}].material", "unknown_material"))
        if item is not None and not self.draft:
            missing = [m.name for m in item.materials if m.required and m.name not in declared]
            if missing:
                self.fault("attachments", "missing_material", material="、".join(missing))
        rows = []
        for name, size in declared.items():
            if name in names:
                rows.append((str(names.index(name)), size))
            else:
                rows.append((str(extra), size))
                extra += 1
        return tuple(rows)

    def _attachment(self, n: int, attachment: object) -> tuple[str, int] | None:
        path = f"attachments[{n}]"
        if not isinstance(attachment, Mapping):
            self.fault(path, "wrong_type")
            return None
        name, size = attachment.get("material"), attachment.get("size")
        if not isinstance(name, str) or not name.strip() or len(name) > 200:
            self.fault(f"{path}.material", "missing" if name in (None, "") else "invalid")
            return None
        if type(size) is not int or size < 0:
            self.fault(f"{path}.size", "missing" if size is None else "wrong_type")
            return None
        if size == 0:
            self.fault(path, "empty")
        elif size > self.ctx.max_attachment:
            self.fault(path, "too_large")
        return name, size

    def _claimed_time(self, document: Mapping[str, Any]) -> None:
        """`submitted_at` is a claim in the body and starts no clock; it must still be a time."""
        value = document.get("submitted_at")
        if value is None:
            return
        try:
            dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault("submitted_at", "invalid")


__all__ = ["CHANNELS", "TIERS", "Clean", "FilingContext", "loads_bounded", "validate_application"]
