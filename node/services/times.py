"""Times as documents give them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from node.domain.calendar import DAY_MS, ms_of

_CST_MS, _EPOCH = 28_800_000, dt.date(1970, 1, 1).toordinal()
_FIRST, _LAST = ms_of(dt.datetime(1, 1, 2, tzinfo=dt.UTC)), ms_of(dt.datetime(9999, 12, 30, tzinfo=dt.UTC))


SKEW_MS = 300_000  # a clock that is further off than this is to be set


def roughly(ms: int) -> tuple[int, str]:
    """A span as people say it: so many `minutes` (under two hours), `hours` (up to two days) or `days`."""
    minutes = round(abs(ms) / 60_000)
    if minutes < 120:
        return minutes, "minutes"
    return (round(minutes / 60), "hours") if minutes < 2_880 else (round(minutes / 1_440), "days")


@lru_cache(maxsize=1 << 14)  # a page of a city says some thousands of times, of which few have changed since the last
def iso(ms: int) -> str | None:
    """ISO 8601 in China Standard Time; None for 0. Never raises: an absurd claim becomes the first or last moment there is."""
    if not ms:
        return None
    day, rest = divmod(min(max(ms, _FIRST), _LAST) + _CST_MS, DAY_MS)
    minutes, left = divmod(rest, 60_000)
    return f"{_date(day)}T{minutes // 60:02}:{minutes % 60:02}:{left // 1000:02}.{left % 1000:03}+08:00"


@lru_cache(maxsize=1000)
def _date(day: int) -> str:
    """The days since 1970 as a date: of a few days."""
    return dt.date.fromordinal(_EPOCH + day).isoformat()
