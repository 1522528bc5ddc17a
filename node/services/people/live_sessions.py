"""What is known of sessions in memory, and an open session as it is listed (`sessions.py`)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypedDict

from node.domain.model import Actor
from node.store.sessions import SessionRow


def digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


@dataclass(slots=True)
class Live:
    """A session in memory. `active_at` is exact, `row.seen_at` is what is on disk; `active_ticks` and `ends_ticks` are of the
    monotonic clock."""

    row: SessionRow
    actor: Actor
    has_pin: bool
    language: str
    active_at: int
    locked: bool
    active_ticks: int
    ends_ticks: int
    must_change: bool


@dataclass(frozen=True, slots=True)
class Half:
    """A login whose password was right and whose code is awaited; `at` by the monotonic clock."""

    actor: Actor
    station: str
    before: str
    at: int


class SessionListed(TypedDict):
    """An open session; times in milliseconds since 1970."""

    id: int
    staff_id: str
    way: str
    client: str
    opened_at: int
    active_at: int
    ends_at: int
    locked: bool
