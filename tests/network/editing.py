"""Who edits the catalog of a network, and a file that changes it."""

from __future__ import annotations

import csv
import io
from functools import lru_cache

from node.demo.memory_network import CONFIGS
from node.domain.model import Actor, Role

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)


@lru_cache
def catalog_row() -> dict[str, str]:
    """ZW007 as the shipped catalog has it."""
    with (CONFIGS / "catalog" / "items-detailed.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["item_id"] == "ZW007")


def changed_item(promise: int) -> bytes:
    """A catalog file that changes the promise (working days) of ZW007."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(catalog_row()))
    writer.writeheader()
    writer.writerow({**catalog_row(), "promised_limit_workdays": str(promise)})
    return out.getvalue().encode()
