"""Tables that leave as a file."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula (a number stays a number); division codes stay text."""
    text = str(cell)
    return "'" + text if isinstance(cell, str) and text.startswith(_FORMULA) else text
