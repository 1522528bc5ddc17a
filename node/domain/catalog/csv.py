"""Reading a catalog file: one row, one item; every fault and every doubt by line.

A file comes from a spreadsheet, so anything may stand in it: another encoding, Excel's empty columns, a column twice, a
cell that is no JSON, numbers out of all bounds. It is read to the end and reported completely; the caller takes nothing
from a file with a fault. Lines are those of the file (1 is the header); a row of several lines is named by its first.

Two things are doubts, not faults (LIFECYCLE "Import"). A promise later than the statute is taken as it is. A special step
that claims not to count without the right to is taken *as counting*: the right is 行政许可法 45, which governs licences
only and lists kinds of steps, or a citation of its own in `stop_basis`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from node.domain.bounded import BAD, BAD_LINE, loads_bounded
from node.domain.catalog.item import ART_45, KINDS, PAPER_AT, Item, Material, SpecialStep, special_kind
from node.domain.catalog.line_notes import LineNote, line_note
from node.domain.catalog.remedy import REMEDIES
from node.domain.model import TIERS
from node.domain.words.errors import TongbanError

T = TypeVar("T")
MAX_BYTES, MAX_ROWS, MAX_COLUMNS, MAX_NOTES = 64 << 20, 100_000, 200, 1000
MAX_NAME, MAX_TEXT, MAX_JSON, MAX_LIST, MAX_DAYS = 200, 5000, 100_000, 100, 3650
LICENCE_CATEGORY = "行政许可"
CATEGORIES = frozenset(
    (LICENCE_CATEGORY, *"公共服务 行政确认 行政给付 其他行政权力 行政裁决 行政征收 行政处罚 行政强制 行政检查 行政奖励".split())
)
CASE_TYPES = frozenset({"immediate", "commitment", "joint", "referral"})
UNITS = frozenset({"workday", "calendar"})
FORMS = frozenset({"original", "copy", "electronic"})
YES_NO = frozenset({"yes", "no"})
REQUIRED = ("item_id", "name", "category", "approval_level", "accept_levels", "case_type", "materials")
# column -> attribute of Item, for every column that is read
ATTRIBUTES: Mapping[str, str] = {
    **{name: name for name in REQUIRED},
    **{
        name: name
        for name in ("item_code_basic", "item_code_real", "department", "statutory_limit", "statutory_unit", "legal_basis")
    },
    **{name: name for name in ("legal_text_version", "conditions", "fee", "special_steps", "result", "co_departments")},
    **{name: name for name in ("agent_allowed", "remedy", "review_organ", "court")},
    "extension_days": "extension_days",
    "paper_required_at": "paper_required_at",
    "effective_from": "effective_from",
    "promised_limit_workdays": "promised_limit",
}
_TEXTS = (
    "item_code_basic", "item_code_real", "department", "legal_basis", "legal_text_version", "conditions", "fee", "result", "review_organ",
    "court",
)  # fmt: skip
_SHORT = frozenset({"name", "department", "review_organ", "court"})
_JSON = frozenset({"materials", "special_steps"})
_EXTRA = ("real_", "src_", "contact_")  # columns that are kept without being understood
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class ParsedCatalog:
    """What a file says. `lines` gives the line of each item; `given` the columns the file has."""

    items: tuple[Item, ...]
    errors: tuple[LineNote, ...]
    warnings: tuple[LineNote, ...]
    lines: Mapping[str, int]
    given: frozenset[str]


def parse_catalog_csv(data: bytes) -> ParsedCatalog:
    """Read the columns of `items-detailed-public.csv`, plus the optional effective_from, stop_basis in steps and contact_*.

    Never raises: what is wrong stands in `errors`. Items have version 0.
    """
    reader = _Reader()
    reader.read(data)
    given = frozenset(reader.header)
    return ParsedCatalog(tuple(reader.items), tuple(reader.errors), tuple(reader.warnings), reader.lines, given)


class _Unfit(ValueError):
    """A JSON cell that does not say what it should; the text says where."""


class _Reader:
    """Reads one file, collecting every fault."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.errors: list[LineNote] = []
        self.warnings: list[LineNote] = []
        self.lines: dict[str, int] = {}
        self.header: list[str] = []
        self.line = 1

    def fault(self, column: str, code: str, **details: object) -> None:
        if len(self.errors) < MAX_NOTES:
            self.errors.append(line_note(self.line, column, code, **details))

    def warn(self, column: str, code: str, **details: object) -> None:
        if len(self.warnings) < MAX_NOTES:
            self.warnings.append(line_note(self.line, column, code, **details))

    # the file -----------------------------------------------------------------------------------------------------------

    def read(self, data: bytes) -> None:
        text = self._text(data)
        if text is None:
            return
        source = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            if not self._columns(next(source, [])):
                return
            for count, cells in enumerate(self._rows(source)):
                if count >= MAX_ROWS:
                    self.fault("", "too_many")
                    return
                self._row(cells)
        except csv.Error as error:
            self.fault("", "bad_csv", value=str(error)[:80])

    def _rows(self, source: Any) -> Iterator[list[str]]:
        """Rows that are not blank; `self.line` is the first line of each."""
        self.line = source.line_num + 1
        for cells in source:
            if any(cell.strip() for cell in cells):
                yield cells
            self.line = source.line_num + 1

    def _text(self, data: bytes) -> str | None:
        if len(data) > MAX_BYTES:
            self.fault("", "too_many")
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._not_utf8(data)
            return None

    def _not_utf8(self, data: bytes) -> None:
        for self.line, raw in enumerate(data.split(b"\n"), 1):
            try:
                raw.decode()
            except UnicodeDecodeError:
                self.fault("", "encoding")
                if len(self.errors) == MAX_NOTES:
                    break
        self.line = 1

    def _columns(self, cells: list[str]) -> bool:
        """Check the header. Empty columns at its end come from spreadsheets and are passed over."""
        header = [cell.strip() for cell in cells]
        while header and not header[-1]:
            header.pop()
        if len(header) > MAX_COLUMNS:
            self.fault("", "too_many_columns")
            return False
        for column in dict.fromkeys(header):
            if not column or len(column) > 64 or BAD_LINE.search(column):
                self.fault("", "invalid")
            elif header.count(column) > 1:
                self.fault(column, "duplicate_column")
            elif column not in ATTRIBUTES and not column.startswith(_EXTRA):
                self.warn(column, "unknown_column")
        for column in REQUIRED:
            if column not in header:
                self.fault(column, "missing_column")
        self.header = header
        return not self.errors

    # one row ------------------------------------------------------------------------------------------------------------

    def _row(self, cells: list[str]) -> None:
        before = len(self.errors)
        width = len(self.header)
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            self.fault("", "wrong_width")
            return
        row = {name: cell.strip() for name, cell in zip(self.header, cells, strict=False)}
        for name, cell in row.items():
            if len(cell) > (MAX_JSON if name in _JSON else MAX_NAME if name in _SHORT else MAX_TEXT):
                self.fault(name, "too_long")
            elif BAD.search(cell):
                self.fault(name, "bad_character")
        self._id(row)
        if len(self.errors) > before:
            return
        item = self._item(row)
        if len(self.errors) == before:
            self.items.append(item)

    def _id(self, row: Mapping[str, str]) -> None:
        item_id = row["item_id"]
        if not _ID.fullmatch(item_id):
            self.fault("item_id", "invalid" if item_id else "missing")
        elif item_id in self.lines:
            self.fault("item_id", "duplicate", value=item_id, other=self.lines[item_id])
        self.lines.setdefault(item_id, self.line)

    def _item(self, row: Mapping[str, str]) -> Item:
        if not row["name"]:
            self.fault("name", "missing")
        approval = self._choice(row, "approval_level", frozenset(TIERS))
        statutory, promised = self._number(row, "statutory_limit"), self._number(row, "promised_limit_workdays")
        unit = self._choice(row, "statutory_unit", UNITS, needed=statutory is not None)
        category = self._choice(row, "category", CATEGORIES)
        if statutory is not None and promised is not None and _later(promised, statutory, unit):
            self.warn("promised_limit_workdays", "promise_over_statute")
        return Item(
            item_id=row["item_id"],
            name=row["name"],
            category=category,
            approval_level=approval,
            accept_levels=self._levels(row),
            case_type=self._choice(row, "case_type", CASE_TYPES),
            statutory_limit=statutory,
            statutory_unit=unit,
            promised_limit=promised,
            materials=self._materials(row),
            special_steps=self._steps(row, category == LICENCE_CATEGORY),
            co_departments=_parts(row.get("co_departments", "")),
            agent_allowed=self._choice(row, "agent_allowed", YES_NO, needed=False) != "no",
            extension_days=self._number(row, "extension_days"),
            paper_required_at=self._choice(row, "paper_required_at", frozenset(PAPER_AT), needed=False),
            remedy=self._choice(row, "remedy", REMEDIES, needed=False),
            effective_from=self._date(row, "effective_from"),
            contact={name.removeprefix("contact_"): cell for name, cell in row.items() if name.startswith("contact_") and cell},
            extra={k: cell for k, cell in row.items() if k not in ATTRIBUTES and not k.startswith("contact_") and cell},
            **{name: row.get(name, "") for name in _TEXTS},  # type: ignore[arg-type]
        )

    def _choice(self, row: Mapping[str, str], column: str, choices: Container[str], *, needed: bool = True) -> str:
        value = row.get(column, "")
        if value and value not in choices:
            self.fault(column, "not_a_choice", value=value[:40])
        elif needed and not value:
            self.fault(column, "missing")
        return value

    def _levels(self, row: Mapping[str, str]) -> tuple[str, ...]:
        levels = _parts(row["accept_levels"])
        if not levels:
            self.fault("accept_levels", "missing")
        for n, level in enumerate(levels):
            if level not in TIERS:
                self.fault("accept_levels", "not_a_choice", value=level[:40])
            elif level in levels[:n]:
                self.fault("accept_levels", "duplicate", value=level, other=self.line)
        return levels

    def _number(self, row: Mapping[str, str], column: str) -> int | None:
        """Days; None when the cell is empty."""
        text = row.get(column, "")
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            self.fault(column, "invalid")
            return None
        if text and int(text) > MAX_DAYS:
            self.fault(column, "out_of_range")
        return int(text) if text else None

    def _date(self, row: Mapping[str, str], column: str) -> dt.date | None:
        text = row.get(column, "")
        try:
            if text and not re.fullmatch(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            self.fault(column, "invalid")
            return None

    # cells of JSON ------------------------------------------------------------------------------------------------------

    def _list(self, row: Mapping[str, str], column: str, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
        try:
            documents = loads_bounded(row.get(column, "") or "[]", limit=MAX_JSON)
            if not isinstance(documents, list) or len(documents) > MAX_LIST:
                raise _Unfit(f"not a list of at most {MAX_LIST}")
            found = tuple(read(document) for document in documents)
        except (TongbanError, _Unfit) as error:
            why = error.details.get("reason", error.code) if isinstance(error, TongbanError) else error
            self.fault(column, "bad_json", value=str(why)[:100])
            return ()
        return found

    def _materials(self, row: Mapping[str, str]) -> tuple[Material, ...]:
        names: set[str] = set()

        def read(document: object) -> Material:
            entry = _object(document)
            name = _member(entry, "name", str, "")
            if not name.strip() or len(name) > MAX_NAME or name.strip() in names:
                raise _Unfit(f"name {name.strip()[:40]!r}")
            names.add(name.strip())
            form, copies = _member(entry, "form", str, "original"), _member(entry, "copies", int, 1)
            if form not in FORMS or not 0 <= copies <= 1000:
                raise _Unfit(f"form or copies of {name[:40]!r}")
            later = _member(entry, "may_be_later", bool, False)
            return Material(name.strip(), form, copies, _member(entry, "required", bool, True), later)

        return self._list(row, "materials", read)

    def _steps(self, row: Mapping[str, str], licence: bool) -> tuple[SpecialStep, ...]:
        demoted: list[str] = []

        def read(document: object) -> SpecialStep:
            step = _step(_object(document))
            if step.counts or step.stop_basis or (licence and step.kind in ART_45):
                return step
            demoted.append(step.name)
            return SpecialStep(step.name, step.kind, step.days, step.unit, True, "")

        steps = self._list(row, "special_steps", read)
        if demoted:
            self.warn("special_steps", "stop_without_basis", value="、".join(demoted)[:400])
        return steps


def _step(entry: dict[str, Any]) -> SpecialStep:
    name = _member(entry, "name", str, "").strip()
    days, unit = _member(entry, "days", int, None), _member(entry, "unit", str, "workday")
    basis = _member(entry, "stop_basis", str, "").strip()
    if not name or len(name) > MAX_NAME or len(basis) > MAX_NAME:
        raise _Unfit(f"name or stop_basis {name[:40]!r}")
    if unit not in UNITS or not 0 <= days <= MAX_DAYS:
        raise _Unfit(f"days or unit of {name[:40]!r}")
    kind = special_kind(name)
    if kind == "other":  # the name decides: a site visit does not become a hearing by saying so
        kind = _member(entry, "kind", str, "other")
    if kind not in KINDS:
        raise _Unfit(f"kind of {name[:40]!r}")
    return SpecialStep(name, kind, days, unit, _member(entry, "counts_against_limit", bool, True), basis)


def _object(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise _Unfit("not an object")
    return document


def _member(entry: dict[str, Any], key: str, kind: type[T], default: T | None) -> T:
    """A member of exactly this type; without a default it is required."""
    value = entry.get(key, default)
    if type(value) is not kind or (isinstance(value, str) and BAD.search(value)):
        raise _Unfit(key)
    return value


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\uff1b", ";").split(";") if part.strip())


def _later(promised: int, statutory: int, unit: str) -> bool:
    """Whether working days promised end after the statutory limit; seven days of the calendar have five working days."""
    return promised > statutory if unit != "calendar" else promised * 7 > statutory * 5
