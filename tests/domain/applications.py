"""A sound application, the places where it may be filed, and what is found when it is."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from node.domain.catalog.csv import parse_catalog_csv
from node.domain.catalog.divisions import Divisions
from node.domain.filing.application import Clean, FilingContext, validate_application
from node.domain.model import Place
from node.domain.words.errors import FieldError

ROOT = Path(__file__).resolve().parents[2]
ITEMS_FILE = ROOT / "configs" / "catalog" / "items-detailed.csv"
DIVISIONS_FILE = ROOT / "configs" / "divisions" / "wuhan-4201.csv"
ITEMS = {item.item_id: item for item in parse_catalog_csv(ITEMS_FILE.read_bytes()).items}
CITY, DISTRICT, TOWNSHIP, VILLAGE = "420100000000", "420102000000", "420102002000", "420102002003"
PLACES = {CITY: "city", DISTRICT: "district", TOWNSHIP: "township", VILLAGE: "village"}
with DIVISIONS_FILE.open(encoding="utf-8", newline="") as _file:
    SMALL_ROWS = [row for row in csv.DictReader(_file) if row["code"] in PLACES]
SMALL = Divisions.from_csv(
    "\n".join(["code,name,level,parent_code,kind", *(",".join(row.values()) for row in SMALL_ROWS)]).encode()
)
TODAY = dt.date(2026, 11, 23)
Found = tuple[Clean | None, list[FieldError], list[FieldError]]


def at(code: str, **changes: Any) -> FilingContext:
    place = Place(code.encode(), code, PLACES[code])
    values: dict[str, Any] = {
        "place": place, "item": ITEMS.get, "divisions": SMALL, "known_codes": frozenset({code}), "today": TODAY,
    }  # fmt: skip
    return FilingContext(**(values | changes))


def file(document: Any, code: str | None = None, *, draft: bool = False, **changes: Any) -> Found:
    return validate_application(document, at(code or document["entry_node"], **changes), draft=draft)


def codes(found: Found) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in found[1]]


def sound_application() -> dict[str, Any]:
    """A sound application: 居住证办理, filed at the township."""
    return {
        "application_no": "T-1", "submitted_at": "2026-04-22T09:36:00+08:00", "item_id": "ZW002", "entry_node": TOWNSHIP,
        "village_code": VILLAGE, "channel": "window",
        "applicant": {"name": "吴鑫建", "sex": "男", "id_number": "420106198604299997", "phone": "15493393106"},
        "form": {"household_size": 6, "reason": "信息变更"},
        "attachments": [
            {"material": m.name, "form": m.form, "copies": m.copies, "file": f"{n}.pdf", "mime": "text/x", "size": 100 + n}
            for n, m in enumerate(ITEMS["ZW002"].materials) if m.required
        ],
    }  # fmt: skip
