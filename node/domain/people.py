"""Rules about the people of a node: what a PIN must be, when a session ends or locks.

Pure values and rules; times are integer milliseconds. Which posts a tier has stands in `cases.access`; the separation of the
administrator from the work follows 三员分立 (administrator, work and audit in different hands).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TypedDict

from node.domain.cases.access import CASE_ROLES
from node.domain.json_values import JsonObject
from node.domain.model import Actor

HOUR = 3_600_000
ABSOLUTE_MS = 12 * HOUR  # a session ends, and a PIN stops working, so long after the password was given
IDLE_END_MS = 4 * HOUR  # without activity a session ends altogether
TOUCH_MS = 60_000  # activity is written down at most so often
CODE_MS = 5 * 60_000  # so long after the password a login waits for the one-time code
PROVEN_MS = 5 * 60_000  # so long a password counts for what only its owner may do (copies, credentials, the end of a node)
STATION_MS = 90 * 24 * HOUR  # a browser is known so long after a good password there
PIN_TRIES = 5
LOCK_MS: Mapping[str, int] = MappingProxyType({"village": 180_000})  # USERS.md: one PC for five cadres
LOCK_MS_ELSEWHERE = 600_000


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as a request meets it. `owner` names person and browser, and changes with neither PIN nor lock."""

    id: int
    actor: Actor
    locked: bool
    owner: str
    has_pin: bool
    language: str = ""
    must_change: bool = False  # somebody else made the password
    proven: bool = False  # the password was given within PROVEN_MS


@dataclass(frozen=True, slots=True)
class Opened:
    """What the browser gets after a login: the texts of two cookies. `first` until the person has been here before."""

    session: str
    station: str
    actor: Actor
    first: bool
    has_pin: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person known at a browser. `pin`: whether the PIN works now; else the password is needed."""

    staff_id: str
    name: str
    role: str
    pin: bool
    username: str


def lock_after(tier: str, configured_seconds: int = 0) -> int:
    """Milliseconds without activity until a session locks."""
    return configured_seconds * 1000 or LOCK_MS.get(tier, LOCK_MS_ELSEWHERE)


def pin_flaw(pin: str) -> str:
    """What is wrong with a PIN as an error code of a field; empty when it will do: four to six digits, not 1111 or 1234."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 6):
        return "bad_pin"
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return "weak" if len(steps) == 1 and steps <= {0, 1, 9} else ""


def address_key(address: str) -> str:
    """Who tries, by address: an IPv4 address, or the /64 of an IPv6 address (one subscriber)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 6:
        return str(ipaddress.ip_network((int(parsed), 64), strict=False).network_address)
    return str(parsed)


def acts_on_cases(role: str, tier: str) -> bool:
    """Whether a post works on cases (an administrator's never does)."""
    return role in CASE_ROLES.get(tier, ())


# documents -------------------------------------------------------------------------------------------------------------


class StaffDocument(TypedDict):
    """One of the staff. `sessions`: how many are open; `reason`: why inactive; `must_change`: somebody else made the password, lastly
    `reset_by` (a name)."""

    staff_id: str
    name: str
    username: str
    role: str
    active: bool
    reason: str
    has_pin: bool
    language: str
    created_at: str | None
    last_login: str | None
    sessions: int
    must_change: bool
    reset_by: str
    reset_at: str | None


class OpenSession(TypedDict):
    """An open session of somebody, times as people read them."""

    id: int
    staff_id: str
    way: str
    client: str
    opened_at: str | None
    active_at: str | None
    ends_at: str | None
    locked: bool


class PersonDocument(StaffDocument):
    """`codes_since`: since when one-time codes are asked for."""

    open: list[OpenSession]
    codes_since: str | None


class CodesDocument(TypedDict):
    """One's own second factor. `since` when it is on, with the codes on paper that are `left`; else the `secret` to take over, and its
    `address` (otpauth) for the picture."""

    since: str | None
    left: int
    secret: str
    address: str


class LoginCard(TypedDict):
    """A first password, shown once."""

    staff_id: str
    name: str
    username: str
    role: str
    password: str


class StaffListed(TypedDict):
    """A row of `tongban staff list`."""

    staff_id: str
    name: str
    username: str
    role: str
    active: bool


class TokenDocument(TypedDict):
    """A token as lists show it; times ISO 8601. `state`: valid, expired or revoked; `source`: of which applications alone, "" for any."""

    id: str
    name: str
    role: str
    staff_id: str
    source: str
    created_at: str | None
    issued_by: str
    issued_by_name: str
    expires_at: str | None
    last_used: str | None
    last_client: str
    ended_at: str | None
    state: str


class TokenCard(TypedDict):
    """A token's text, shown once; it works for `days`."""

    token: str
    name: str
    role: str
    days: int


class AccountEvent(TypedDict):
    """What happened to an account: `kind` of the audit, `by` a name, "" for the person; `same_browser`: a login where the one had
    logged in who reset the password."""

    at: str | None
    kind: str
    by: str
    client: str
    same_browser: bool


class ReadingDocument(TypedDict):
    """How often somebody saw a case on a day (ISO date), with the first and the last time."""

    id: int
    day: str
    staff_id: str
    name: str
    role: str
    case_no: str
    first: str | None
    last: str | None
    count: int


class ReadingsFound(TypedDict):
    """A page of the reading log, newest first; `next` is the cursor of the following page, "" at the end."""

    rows: list[ReadingDocument]
    next: str


class AuditDocument(TypedDict):
    """A row of the audit. Names are "" where the person is not known here; `detail`: the particulars of the kind."""

    id: int
    at: str | None
    actor: str
    actor_name: str
    kind: str
    subject: str
    subject_name: str
    detail: JsonObject
    client: str


class AuditFound(TypedDict):
    """A page of the audit, newest first; `next` is the cursor of the following page, "" at the end."""

    rows: list[AuditDocument]
    next: str
    kinds: list[str]
