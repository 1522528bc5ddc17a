"""The lines of the demo, as its switch tells them."""

from __future__ import annotations

from typing import TypedDict


class LineEnd(TypedDict):
    """A node at an end of a line."""

    code: str
    name: str
    tier: str


class DemoMessage(TypedDict):
    """A message that the demo's test gateway took; `at` ms."""

    to: str
    text: str
    at: int


class DemoGateway(TypedDict):
    """The test gateway of the demo: whether it takes messages, and those it took, the newest first."""

    on: bool
    messages: list[DemoMessage]


class LineRow(TypedDict):
    """A line between two nodes of the demo; `since` in milliseconds since 1970."""

    line: str
    pulled: bool
    since: int
    child: LineEnd
    parent: LineEnd
