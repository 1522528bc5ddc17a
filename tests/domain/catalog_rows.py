"""Rows of a catalog file as the tests write them, and what reading them finds."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from node.domain.catalog.importing import LineNote, ParsedCatalog, parse_catalog_csv

STEP = {"name": "现场核查", "days": 5, "unit": "workday", "counts_against_limit": True}


def row(item_id: str = "A1", **changes: Any) -> dict[str, str]:
    base = {
        "item_id": item_id, "name": "残疾人证办理", "department": "残联", "category": "公共服务", "approval_level": "district",
        "accept_levels": "district;township", "case_type": "commitment", "statutory_limit": "20", "statutory_unit": "workday",
        "promised_limit_workdays": "10", "materials": '[{"name": "身份证"}]', "special_steps": "[]", "agent_allowed": "yes",
    }  # fmt: skip
    return {**base, **{key: value if isinstance(value, str) else json.dumps(value) for key, value in changes.items()}}


def text(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for one in rows for key in one)), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def parse(*rows: dict[str, str]) -> ParsedCatalog:
    return parse_catalog_csv(text(*rows))


def notes(found: tuple[LineNote, ...]) -> list[tuple[int, str, str]]:
    return [(note.line, note.column, note.code) for note in found]
