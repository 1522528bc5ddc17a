"""Publishes an item anew in which one material may be brought later (容缺), or which is otherwise changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from node.domain.model import Actor, Role
from tests.support.network import CONFIGS, Town

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)
Materials = list[dict[str, object]]


def republish(town: Town, item: str, change: Callable[[Materials], Materials] = lambda given: given, **columns: str) -> None:
    """The row of the shipped catalog with other materials and columns, published at the city; then everybody has it."""
    rows = csv.DictReader(io.StringIO((CONFIGS / "catalog" / "items-detailed.csv").read_text("utf-8-sig")))
    row = next(one for one in rows if one["item_id"] == item)
    row |= {"materials": json.dumps(change(json.loads(row["materials"])), ensure_ascii=False), **columns}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    writer.writerow(row)
    town["city"].center.catalog.import_csv(out.getvalue().encode(), EDITOR)
    town.heal()


def let_follow(town: Town, item: str, *places: int) -> None:
    """The materials at these places may be brought later."""
    republish(town, item, lambda given: [{**one, "may_be_later": n in places} for n, one in enumerate(given)])
