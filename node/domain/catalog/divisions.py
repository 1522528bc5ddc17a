"""The division table: 12-digit codes, names, levels and parents. Published by the root; names are no keys, they repeat.

The parent is data, never derived from the digits: statistical codes have districts that are no districts, and places are
merged and renamed (data/README, "Traps"). A parent stands on a higher level than its children; levels may be skipped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.domain.bounded import BAD_LINE
from node.domain.model import TIERS
from node.domain.words.errors import TongbanError

MAX_BYTES, MAX_ROWS, MAX_NAME, MAX_FAULTS = 64 << 20, 1_000_000, 100, 1000
COLUMNS = ("code", "name", "level", "parent_code")
_CODE = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Division:
    """One row. level: a tier; `parent` is "" at the top."""

    code: str
    name: str
    level: str
    parent: str
    kind: str


class Divisions:
    """The table, by code."""

    def __init__(self, rows: Mapping[str, Division] | None = None, revision: int = 0) -> None:
        self._rows = dict(rows or {})
        self.revision = revision

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, code: object) -> bool:
        return code in self._rows

    def get(self, code: str) -> Division | None:
        return self._rows.get(code)

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """Parent first, top last; nothing for an unknown code. A circle in a faulty table ends."""
        found: list[Division] = []
        row = self._rows.get(code)
        while row is not None and row.parent and len(found) < len(TIERS):
            row = self._rows.get(row.parent)
            if row is not None:
                found.append(row)
        return tuple(found)

    def is_below(self, code: str, ancestor: str) -> bool:
        """Whether `ancestor` stands above `code`; not itself."""
        return any(row.code == ancestor for row in self.ancestors(code))

    @classmethod
    def from_csv(cls, data: bytes, revision: int = 1) -> Divisions:
        """Columns code, name, level, parent_code and, if given, kind. Raises import_failed with every bad line."""
        rows, lines, bad = _read(data)
        for code, row in rows.items():
            if flaw := _parent_flaw(row, rows):
                bad.setdefault(f"line {lines[code]}", flaw)
        if not rows and not bad:
            bad["line 1"] = "missing"
        if bad:
            raise TongbanError("import_failed", dict(list(bad.items())[:MAX_FAULTS]), count=len(bad))
        return cls(rows, revision)

    def to_document(self) -> dict[str, Any]:
        rows = [[r.code, r.name, r.level, r.parent, r.kind] for _, r in sorted(self._rows.items())]
        return {"revision": self.revision, "rows": rows}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Divisions:
        """The inverse of `to_document`; a row of a level that this version does not know is left out. Raises ValueError, TypeError or
        KeyError when it is not a table."""
        width = len(Division.__slots__)
        if any(len(row) < width for row in document["rows"]):
            raise ValueError("not a division table")
        rows = {row[0]: Division(*row[:width]) for row in document["rows"] if row[2] in TIERS}
        for row in rows.values():
            texts = (row.code, row.name, row.level, row.parent, row.kind)
            if not all(isinstance(text, str) for text in texts) or _flaw(row, {}):
                raise ValueError("not a division table")
        return cls(rows, int(document.get("revision", 0)))


def fits_tier(code: str, tier: str) -> bool:
    """Whether the zeros at a code's end say this tier. They are a hint only: parent and tier are data, and codes are reissued."""
    base = code.partition("-")[0]
    by_zeros = next(
        (tier for tier, zeros in (("city", 8), ("district", 6), ("township", 3)) if base.endswith("0" * zeros)), "village"
    )
    return "-" in code or by_zeros == tier


def doubts(table: Divisions, parent: str, code: str, tier: str) -> list[str]:
    """What speaks against a new child `code` of `parent`: unknown_division, not_below, other_tier, tier_by_code. A code with a
    suffix is a branch hall of a place and may be of any tier."""
    base, dash, _ = code.partition("-")
    row = table.get(base)
    if row is None:
        return ["unknown_division"] if len(table) else [] if fits_tier(code, tier) else ["tier_by_code"]
    below = parent not in table or table.is_below(base, parent) or (bool(dash) and base == parent)
    return [*([] if below else ["not_below"]), *([] if dash or row.level == tier else ["other_tier"])]


def _read(data: bytes) -> tuple[dict[str, Division], dict[str, int], dict[str, str]]:
    """(rows, line of each code, faults by line)."""
    rows: dict[str, Division] = {}
    lines: dict[str, int] = {}
    if len(data) > MAX_BYTES:
        return rows, lines, {"line 1": "too_long"}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return rows, lines, {"line " + str(data.count(b"\n", 0, error.start) + 1): "bad_character"}
    bad: dict[str, str] = {}
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if missing := [column for column in COLUMNS if header.count(column) != 1]:
            return rows, lines, {f"column {column}": "missing_column" for column in missing}
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                row = _division(dict(zip(header, map(str.strip, cells), strict=False)))
                if flaw := _flaw(row, rows):
                    bad[f"line {line}"] = flaw
                else:
                    rows[row.code], lines[row.code] = row, line
            line = reader.line_num + 1
            if len(rows) > MAX_ROWS:
                bad[f"line {line}"] = "too_long"
                break
    except csv.Error:
        bad[f"line {line}"] = "invalid"
    return rows, lines, bad


def _division(cells: Mapping[str, str]) -> Division:
    code, name, level, parent = (cells.get(column, "") for column in COLUMNS)
    return Division(code, name, level, parent, cells.get("kind", ""))


def _flaw(row: Division, rows: Mapping[str, Division]) -> str:
    if not _CODE.fullmatch(row.code) or not (row.parent == "" or _CODE.fullmatch(row.parent)):
        return "invalid"
    if row.code in rows:
        return "duplicate"
    if not row.name:
        return "missing"
    if len(row.name) > MAX_NAME or len(row.kind) > MAX_NAME:
        return "too_long"
    if BAD_LINE.search(row.name) or BAD_LINE.search(row.kind):
        return "bad_character"
    return "" if row.level in TIERS else "not_a_choice"


def _parent_flaw(row: Division, rows: Mapping[str, Division]) -> str:
    """A parent that is given must stand in the table, on a higher level."""
    if not row.parent:
        return ""
    parent = rows.get(row.parent)
    if parent is None:
        return "unknown_division"
    return "" if TIERS.index(parent.level) > TIERS.index(row.level) else "wrong_level"
