"""What an item must say in public, what its fee rests on, and whether a unit's catalog is in step (DOMAIN A1: F01, O01, O02). Pure.

六公开 as they ship ask for 内容、依据、程序、条件、时限、收费依据、结果. 程序 can never be missing: where no step is named the process follows from
tier and kind. No word about a fee means that none is charged (DOMAIN D). Of a fee, "by local rule" is no basis: a document is one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from node.domain.calendar import DAY_MS
from node.domain.catalog.item import Item

MISSING, NO_BASIS, BEHIND = "undisclosed", "fee_without_basis", "catalog_behind"  # flags
LATE_MS = 3 * DAY_MS  # calendar days in which a unit's catalog follows (O02)
PARTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "content": ("内容", "what it is"), "basis": ("依据", "legal basis"), "conditions": ("条件", "conditions"), "limit": ("时限", "limit"),
        "fee_basis": ("收费依据", "basis of the fee"), "result": ("结果", "result"),
    }
)  # fmt: skip
_FREE = re.compile(r"不收费|不收取|免费|免征|免收|停征|无")
_SUM = re.compile(r"[0-9０-９]\s*元")
_DOCUMENT = re.compile(r"《[^》]+》|[〔（(\[［【][12]\d{3}[〕）)\]］】]\s*第?\s*\d+\s*号|第\s*\d+\s*号")


def is_charged(fee: str) -> bool:
    """Whether the text about a fee says that one is charged: what is free in part names a sum too."""
    return bool(fee.strip()) and (not _FREE.search(fee) or bool(_SUM.search(fee)))


def lacks_basis(item: Item) -> bool:
    """Whether a fee is charged and no document is named for it."""
    return is_charged(item.fee) and not _DOCUMENT.search(item.fee)


def missing(item: Item) -> tuple[str, ...]:
    """Which parts (of PARTS) an item does not say."""
    said = {
        "content": bool(item.name and item.department and item.category), "basis": bool(item.legal_basis.strip()),
        "conditions": bool(item.conditions.strip()), "limit": item.statutory_limit is not None or item.promised_limit is not None,
        "fee_basis": not lacks_basis(item), "result": bool(item.result.strip()),
    }  # fmt: skip
    return tuple(part for part in PARTS if not said[part])


def of_item(item: Item) -> Iterator[tuple[str, str]]:
    """(flag, detail): the parts that are missing, a space between; the words about the fee."""
    if parts := missing(item):
        yield MISSING, " ".join(parts)
    if lacks_basis(item):
        yield NO_BASIS, item.fee


def behind_key(node: bytes, publication: bytes) -> bytes:
    """What a finding about a unit's catalog is about, the same at every node: the unit and the publication that it has not."""
    return hashlib.sha256(b"tongban catalog behind 1\0" + node + publication).digest()


def detail_words(flag: str, detail: str, locale: str) -> str:
    """What is added to the words of a flag; "" for one of another kind."""
    zh = locale == "zh"
    if flag == MISSING:
        return ("、" if zh else ", ").join(PARTS[one][0 if zh else 1] for one in detail.split() if one in PARTS)
    if flag == BEHIND:
        has, lacks = (*detail.split(), "", "")[:2]
        return f"现用第{has}版，第{lacks}版没有到" if zh else f"uses revision {has}, revision {lacks} has not come"
    return detail if flag == NO_BASIS else ""
