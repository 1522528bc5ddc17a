"""Times as documents give them."""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import ms_of
from node.domain.model import CST

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST, _LAST = ms_of(dt.datetime(1, 1, 2, tzinfo=dt.UTC)), ms_of(dt.datetime(9999, 12, 30, tzinfo=dt.UTC))


SKEW_MS = 300_000  # a clock that is further off than this is to be set


def roughly(ms: int) -> tuple[int, str]:
    """A span as people say it: so many `minutes` (under two hours), `hours` (up to two days) or `days`."""
    minutes = round(abs(ms) / 60_000)
    if minutes < 120:
        return minutes, "minutes"
    return (round(minutes / 60), "hours") if minutes < 2_880 else (round(minutes / 1_440), "days")


def iso(ms: int) -> str | None:
    """ISO 8601 in China Standard Time; None for 0. Never raises: an absurd claim becomes the first or last moment there is."""
    if not ms:
        return None
    moment = _EPOCH + dt.timedelta(milliseconds=min(max(ms, _FIRST), _LAST))
    return moment.astimezone(CST).isoformat(timespec="milliseconds")
