"""What may be done against an act about an item (救济): data of the item, with a default by what the item is about. Pure.

One sentence for all items is false for some: a contract about water is civil, mediation decides nothing, a dispute over land or taxes
goes to review first (行政复议法 23). The words of the sentence are data too (`configs/papers/common.toml`).
"""

from __future__ import annotations

from node.domain.catalog.item import Item

REVIEW_OR_SUIT, REVIEW_FIRST, SUIT_ONLY, ARBITRATION, CIVIL, NONE = (
    "review_or_suit", "review_first", "suit_only", "arbitration", "civil", "none",
)  # fmt: skip
REMEDIES = (REVIEW_OR_SUIT, REVIEW_FIRST, SUIT_ONLY, ARBITRATION, CIVIL, NONE)

# (remedy, words of the name that must all occur). The first that fits counts.
_BY_NAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    (NONE, ("人民调解",)),
    (NONE, ("兵役登记",)),
    (NONE, ("咨询",)),
    (ARBITRATION, ("仲裁",)),
    (CIVIL, ("报装",)),
    (CIVIL, ("公积金", "贷款")),
    (REVIEW_FIRST, ("信息公开",)),
    (REVIEW_FIRST, ("权属", "裁决")),
    (REVIEW_FIRST, ("权属", "争议")),
    (REVIEW_FIRST, ("纳税", "争议")),
)
# Organs whose acts the department above reviews (行政复议法 24, 27).
BY_THE_DEPARTMENT_ABOVE = ("税务", "海关", "金融监督", "外汇", "国家安全")


def remedy_of(item: Item) -> str:
    """The item's own remedy, else that which its name tells; a licence is never without review or suit (行政许可法 7, 38)."""
    if item.remedy in REMEDIES:
        return item.remedy
    if item.regime == "licence":
        return REVIEW_OR_SUIT
    return next((kind for kind, words in _BY_NAME if all(word in item.name for word in words)), REVIEW_OR_SUIT)
