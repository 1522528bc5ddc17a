"""The division table: 12-digit codes, names, levels and parents. Published by the root; names are no keys, they repeat."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.domain.errors import TongbanError
from node.domain.model import TIERS

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
        """Parent first, top last."""
        found: list[Division] = []
        row = self._rows.get(code)
        while row is not None and row.parent and (row := self._rows.get(row.parent)) is not None and row not in found:
            found.append(row)
        return tuple(found)

    def is_below(self, code: str, ancestor: str) -> bool:
        return any(row.code == ancestor for row in self.ancestors(code))

    @classmethod
    def from_csv(cls, data: bytes, revision: int = 1) -> Divisions:
        """Columns code, name, level, parent_code, kind. Raises import_failed with every bad line."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise TongbanError("import_failed", {"line 1": "bad_character"}, count=1) from None
        rows: dict[str, Division] = {}
        lines: dict[str, int] = {}
        bad: dict[str, str] = {}
        for line, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
            code, name, level = ((row.get(key) or "").strip() for key in ("code", "name", "level"))
            flaw = _flaw(code, name, level, rows)
            if flaw:
                bad[f"line {line}"] = flaw
                continue
            lines[code] = line
            rows[code] = Division(code, name, level, (row.get("parent_code") or "").strip(), (row.get("kind") or "").strip())
        bad |= {f"line {lines[code]}": "unknown_division" for code, row in rows.items() if row.parent and row.parent not in rows}
        if not rows and not bad:
            bad["line 1"] = "missing"
        if bad:
            raise TongbanError("import_failed", bad, count=len(bad))
        return cls(rows, revision)

    def to_document(self) -> dict[str, Any]:
        rows = [[r.code, r.name, r.level, r.parent, r.kind] for _, r in sorted(self._rows.items())]
        return {"revision": self.revision, "rows": rows}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Divisions:
        return cls({row[0]: Division(*row) for row in document["rows"]}, int(document.get("revision", 0)))


def _flaw(code: str, name: str, level: str, rows: Mapping[str, Division]) -> str:
    if not _CODE.fullmatch(code):
        return "invalid"
    if code in rows:
        return "duplicate"
    if not name:
        return "missing"
    return "" if level in TIERS else "not_a_choice"
