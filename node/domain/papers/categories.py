"""What papers and screens call an outcome by the category of the item (行政许可, 行政确认 …): one table. Pure.

A decision about a confirmation is no licence: title, 文种 of its number and the word on a screen follow the category (DOMAIN 0.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

LICENCE, CONFIRMATION, BENEFIT, RULING, LEVY, RECORD, SERVICE, OTHER = (
    "licence", "confirmation", "benefit", "ruling", "levy", "record", "service", "other",
)  # fmt: skip
CODES: Mapping[str, str] = MappingProxyType(
    {
        "行政许可": LICENCE, "行政确认": CONFIRMATION, "行政给付": BENEFIT, "行政裁决": RULING, "行政征收": LEVY, "其他行政权力": RECORD,
        "公共服务": SERVICE,
    }
)  # fmt: skip


class Outcome(NamedTuple):
    """The 文种 of the number and the words on screens (zh, en)."""

    granted_type: str
    refused_type: str
    granted: tuple[str, str]
    refused: tuple[str, str]


OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        LICENCE: Outcome("许准", "许不", ("已准予许可", "licence granted"), ("不予许可", "licence refused")),
        CONFIRMATION: Outcome("确", "确不", ("已确认", "confirmed"), ("不予确认", "not confirmed")),
        BENEFIT: Outcome("给", "给不", ("已决定给付", "benefit granted"), ("不予给付", "benefit refused")),
        RULING: Outcome("裁", "裁不", ("已裁决", "ruled"), ("不予支持", "claim not upheld")),
        LEVY: Outcome("征", "征不", ("已核定", "assessed"), ("不予核定", "not assessed")),
        RECORD: Outcome("备", "备不", ("已备案", "recorded"), ("不予备案", "not recorded")),
        SERVICE: Outcome("办", "办不", ("已办理", "done"), ("不予办理", "not done")),
        OTHER: Outcome("决", "决不", ("已批准", "approved"), ("不予批准", "not approved")),
    }
)


def category_code(category: str) -> str:
    """The code of a category as the catalog writes it; `other` for one without a form of its own."""
    return CODES.get(category, OTHER)


def outcome_word(status: str, category: str, locale: str = "zh") -> str:
    """What a screen calls a decided case; "" for every other status."""
    found = OUTCOMES[category_code(category)]
    pair = {"approved": found.granted, "refused": found.refused}.get(status)
    return "" if pair is None else pair[locale != "zh"]
