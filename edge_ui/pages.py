"""What each page shows: one frozen dataclass per page, filled by its handler and read by its template, nothing else.

Times are left as the center gives them and written by the template (`when`), codes are named by the template (`name_of`), so
that a context holds facts and the template holds words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """The line to the parent as the header shows it; `state` is online, offline or never."""

    state: str
    tier: str
    since: object
    waiting: int


@dataclass(frozen=True, slots=True)
class NavLink:
    """One entry of the menu; `key` names its words."""

    path: str
    key: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it. `test_clock` is the node's time when it is not the real one, else empty; `line` is
    None at the root; `head` is the last arrival the page knows of; `lock_after` is in seconds, 0 for never."""

    lang: str
    node_name: str
    node_code: str
    tier: str
    person: str
    role: str
    may_cases: bool
    test_clock: str
    other_language: str
    section: str
    version: str
    nav: tuple[NavLink, ...]
    line: Line | None
    head: int
    lock_after: int = 0


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A neighbour. `waiting` counts what is not sent, acknowledged or fetched."""

    peer: str
    name: str
    direction: str
    state: str
    last_contact: object
    since: object
    waiting: int
    last_error: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """The node: who it is, its links, what it holds. Counts carry the time they were read."""

    parent: str
    as_of: object
    links: tuple[LinkRow, ...]
    counts: tuple[tuple[str, int], ...]
    held: int | None
    waiting: int
    items: int
    revision: object
    catalog_as_of: object
    entries: int
    authors: int
    may_retry: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal: its status, its sentence, its code."""

    status: int
    sentence: str
    code: str


@dataclass(frozen=True, slots=True)
class CasesPage:
    """A page of the case list with the filter that made it."""

    status: str
    item: str
    q: str
    statuses: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    next_url: str
    first_url: str
    as_of: object
    error: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of an action's form with what the person typed and what is wrong with it.

    `options` (value, words) are boxes to tick; what is ticked is joined with commas.
    """

    name: str
    type: str
    required: bool
    choices: tuple[str, ...]
    value: str
    example: str
    error: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One action a person may take now. `form_id` makes a double click one act."""

    action: str
    is_request: bool
    forward: bool
    fields: tuple[FormField, ...]
    form_id: str
    error: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case: facts, process so far, papers, and the forms of what may be done now."""

    case: Mapping[str, Any]
    application: Mapping[str, Any]
    forms: tuple[ActionForm, ...]
    notice: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A resident's question and its answer."""

    case_no: str
    error: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)
