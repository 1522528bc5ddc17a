"""The lines of the demo as pages show them: on the page of the switch, and in a strip above every page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge_ui.settings import LinesPort
from node.domain.demo_lines import LineRow


@dataclass(frozen=True, slots=True)
class DemoLine:
    """The line between two nodes of the demo. `mine`: it begins or ends at this node; `since` in ms."""

    line: str
    pulled: bool
    since: int
    child: str
    child_tier: str
    parent: str
    parent_tier: str
    mine: bool


def demo_lines(rows: Iterable[LineRow], code: str) -> tuple[DemoLine, ...]:
    """All lines of the demo from the bottom up; `code` is this node's."""
    found = [
        DemoLine(
            line=str(row["line"]),
            pulled=bool(row["pulled"]),
            since=int(row["since"]),
            child=str(row["child"]["name"]),
            child_tier=str(row["child"]["tier"]),
            parent=str(row["parent"]["name"]),
            parent_tier=str(row["parent"]["tier"]),
            mine=code in (row["child"]["code"], row["parent"]["code"]),
        )
        for row in rows
    ]
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class LineStrip:
    """The strip (`edge_ui.shared.application.Strip`); `code` is this node's."""

    switch: LinesPort
    code: str
    template: str = "machine/strip.html"
    style: str = "line.css"

    def rows(self) -> tuple[DemoLine, ...]:
        return demo_lines(self.switch.lines(), self.code)
