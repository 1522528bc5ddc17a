"""Where an office decides an item whose level is above it: by the published authority record (W10). Pure.

下放, 委托 and 派员联办 hand the decision down to the office of the row; with 联网审批 it receives only, and the upper organ decides. The
record of the day counts: the last revision that had been published on it, and of that the row that held then. So what was decided by
right stays decided when the record changes, and every node judges it alike, because every revision is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from node.domain.calendar import day_of
from node.domain.catalog.authority import DECIDES, Authorities
from node.domain.catalog.item import Item
from node.domain.catalog.revisions import Revision, in_order
from node.domain.model import TIERS


class Powers:
    """All revisions of the authority record that are here."""

    def __init__(self, found: Mapping[Revision, Authorities]) -> None:
        self._revisions = in_order(found)
        self._found = found
        rows = [row for one in found.values() for row in one.rows if row.way in DECIDES]
        self._nodes = frozenset(row.node for row in rows)

    @property
    def marks(self) -> list[tuple[int, bytes]]:
        return [(one.number, one.mark) for one in self._revisions]

    def of(self, item: Item, code: str, tier: str, day: dt.date) -> Item:
        """The item as the office `code` of this tier handles it on a day: decided there, where the power was handed down to it."""
        if code not in self._nodes or tier not in TIERS or tier == "village" or item.decides_at(tier):
            return item
        row = next((self._found[one].find(code, item.item_id, item.department) for one in self._until(day)), None)
        return _decided_at(item, tier) if row is not None and row.way in DECIDES and row.holds_on(day) else item

    def _until(self, day: dt.date) -> list[Revision]:
        """What had been published by the end of a day, the latest first."""
        return [one for one in reversed(self._revisions) if day_of(one.published) <= day]


@lru_cache(maxsize=4096)
def _decided_at(item: Item, tier: str) -> Item:
    return replace(item, approval_level=tier)
