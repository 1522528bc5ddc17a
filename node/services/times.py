"""Times as documents give them."""

from __future__ import annotations

import datetime as dt

from node.domain.model import CST


def iso(ms: int) -> str | None:
    """ISO 8601 in China Standard Time; None for 0."""
    return dt.datetime.fromtimestamp(ms / 1000, CST).isoformat(timespec="milliseconds") if ms else None
