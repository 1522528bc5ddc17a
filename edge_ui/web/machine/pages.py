"""What the page of the line switch shows."""

from __future__ import annotations

from dataclasses import dataclass

from edge_ui.web.machine.strip import DemoLine
from node.domain.demo_lines import DemoGateway


@dataclass(frozen=True, slots=True)
class LinePage:
    """All lines of the demo, from the bottom up."""

    lines: tuple[DemoLine, ...]
    gateway: DemoGateway
