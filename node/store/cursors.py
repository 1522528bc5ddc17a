"""The place in a list that is sorted by day and then by arrival: `2026-11-29.17`."""

from __future__ import annotations

import re

_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,18})")


def cursor_of(day: str, arrival: int) -> str:
    """The place of a row; `day` is an ISO date."""
    return f"{day}.{arrival}"


def position_of(cursor: str) -> tuple[str, int] | None:
    """(day, arrival) of a place; None when it is none."""
    match = _CURSOR.fullmatch(cursor)
    return (match[1], int(match[2])) if match is not None else None
