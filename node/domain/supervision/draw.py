"""The monthly draw of files (随机抽查): which cases of a month are looked at, so that anybody with the same entries draws the same. Pure.

Of each unit the share is drawn that the law of supervision sets (DOMAIN A1: at least one, else 5 % of those turned away, 2 % of those
decided). The order is that of SHA-256(seed, case number). The seed is the hash of the last entry that the drawing node wrote in the month:
signed, known to the node above, and known to nobody before the month was over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TypedDict

SHARE = 5  # per cent of those turned away, at least one of each unit
SHARE_DECIDED = 2  # per cent of those decided, at least one of each unit
RESULTS = ("none", "flaw", "breach")  # 无问题、瑕疵、违规


class Examined(TypedDict):
    """A drawn case and what was found ("" while nobody looked)."""

    case_no: str
    month: str
    result: str


def draw(seed: bytes, by_unit: Mapping[bytes, Iterable[str]], share: int = SHARE) -> list[str]:
    """The case numbers drawn, sorted."""
    found: list[str] = []
    for numbers in by_unit.values():
        ranked = sorted(numbers, key=lambda case_no: hashlib.sha256(seed + case_no.encode()).digest())
        found += ranked[: -(-len(ranked) * share // 100)]
    return sorted(found)
