"""What each page shows: one frozen dataclass per page, filled by its handler and read by its template, nothing else.

Times are left as the center gives them and written by the template (`when`), codes are named by the template (`name_of`), so
that a context holds facts and the template holds words.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.notices.documents import NewsCount


@dataclass(frozen=True, slots=True)
class Line:
    """The line to the parent as the header shows it; `state` is online, offline, never, revoked or cut_off (a node
    above was revoked)."""

    state: str
    tier: str
    since: object
    waiting: int

    @property
    def down(self) -> bool:
        """Whether it will come back: until then work goes on."""
        return self.state in ("offline", "never")

    @property
    def ended(self) -> bool:
        return self.state in ("revoked", "cut_off")


@dataclass(frozen=True, slots=True)
class NavLink:
    """One entry of the menu; `key` names its words, `count` what waits there and is new."""

    path: str
    key: str
    current: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it. `test_clock` is the node's time when it is not the real one, else empty; `line` is
    None at the root; `head` is the last arrival the page knows of; `lock_after` is in seconds, 0 for never; `news` for who has a turn in
    cases."""

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
    news: NewsCount | None = None


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal: its status, its sentence; `again`: the page without what was wrongly asked, "" where nothing was."""

    status: int
    sentence: str
    again: str = ""
