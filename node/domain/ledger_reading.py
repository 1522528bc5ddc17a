"""What the changes of a case are made from: facts read without judging them, and the clock ledger continued.

A getter answers an empty value for what is missing or of another type, so that no entry, whoever signed it, stops a fold.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

from node.domain.calendar import day_of, ms_of
from node.domain.model import Case, Facts, Span

Changes: TypeAlias = dict[str, Any]


def code(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return value if isinstance(value, str) else ""


def number(facts: Facts, key: str) -> int:
    value = facts.get(key)
    return int(value) if isinstance(value, int) else 0


def octets(facts: Facts, key: str) -> bytes:
    value = facts.get(key)
    return value if isinstance(value, bytes) else b""


def day(facts: Facts, key: str) -> dt.date | None:
    value = facts.get(key)
    if isinstance(value, dt.datetime):
        return day_of(ms_of(value))
    return value if isinstance(value, dt.date) else None


def codes(facts: Facts, key: str) -> tuple[str, ...]:
    value = facts.get(key)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def hashes(facts: Facts, key: str) -> tuple[bytes, ...]:
    value = facts.get(key)
    return tuple(one for one in value if isinstance(one, bytes)) if isinstance(value, tuple) else ()


def clocks(case: Case, at: int, *opened: Span) -> tuple[Span, ...]:
    """Close the open span, which is the last, at `at` and open the given one."""
    spans = case.spans
    if spans and spans[-1].end is None:
        last = spans[-1]
        spans = (*spans[:-1], Span(last.clock, last.start, max(at, last.start), last.running, last.why, last.holder))
    return spans + opened
