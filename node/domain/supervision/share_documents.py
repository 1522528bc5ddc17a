"""The documents of the shares of immediate items."""

from __future__ import annotations

from typing import TypedDict

from node.domain.supervision.documents import Fresh
from node.domain.supervision.unit_documents import Named


class CenterShares(TypedDict):
    """What a center offers. `items`: how many by part (`shares.PARTS`); `by_item`, `by_case`: per cent of immediate items and of cases of
    them; `routed`: of the other items, per cent with one window, handed on inside and a limit. None of nothing. `lists`: the addresses of
    the items by part, of the cases under `filed` and `immediate_cases`."""

    code: str
    name: str
    tier: str
    items: dict[str, int]
    by_item: float | None
    enough_immediate: bool
    routed: float | None
    enough_routed: bool
    cases: dict[str, int]
    by_case: float | None
    lists: dict[str, str]


class Shares(Fresh):
    at: str
    path: list[Named]
    centers: list[CenterShares]


class OfferedItem(TypedDict):
    """An item that a center offers. `received_here`: it is received at a window of the center; `limited`: something limits it."""

    item_id: str
    item: str
    department: str
    kind: str
    promised_limit: int | None
    statutory_limit: int | None
    statutory_unit: str
    received_here: bool
    limited: bool


class OfferedItems(Fresh):
    at: str
    name: str
    part: str
    items: list[OfferedItem]
    total: int
    next: str | None
