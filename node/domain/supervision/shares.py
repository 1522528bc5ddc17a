"""Shares of what a center offers (R62, W9): of its items those that are done at once, and of the others those with one window, handed on
inside, and a limit. Pure.

即办件占比: at least a fifth of the items; how many of the cases that is stands beside it. 其他事项一个窗口受理、内部流转、限时办结 is to be
"basically" so, which is read as nine of ten. Everything that is registered here is handed on inside: no applicant carries a case from
step to step. So what can be lacking is that the center receives it itself, and a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from node.domain.catalog.item import Item

LEAST_IMMEDIATE, LEAST_ROUTED = 20.0, 90.0  # per cent
IMMEDIATE = "immediate"


def offered(items: Iterable[Item], tier: str) -> list[Item]:
    """What a center of a tier receives or decides."""
    return [item for item in items if tier in item.accept_levels or item.approval_level == tier]


def has_limit(item: Item) -> bool:
    return item.promised_limit is not None or item.statutory_limit is not None


def is_received(item: Item, tier: str) -> bool:
    """Whether the center receives it at a window of its own."""
    return tier in item.accept_levels


PARTS: Mapping[str, Callable[[Item, str], bool]] = {
    "all": lambda item, tier: True,
    "immediate": lambda item, tier: item.case_type == IMMEDIATE,
    "other": lambda item, tier: item.case_type != IMMEDIATE,
    "routed": lambda item, tier: item.case_type != IMMEDIATE and is_received(item, tier) and has_limit(item),
    "unrouted": lambda item, tier: item.case_type != IMMEDIATE and not (is_received(item, tier) and has_limit(item)),
}


def share(part: int, whole: int) -> float | None:
    """Per cent with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
