"""What the composition root tells the web side, once, at start.

Nothing here is read from files or the environment: `node.app` makes a `UiSettings` and hands it to `make_app`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from node.domain.demo_lines import DemoGateway, LineRow

JSON_LIMIT = 1 << 20  # bytes of a JSON request body
FORM_LIMIT = 256 << 10  # bytes of an ordinary HTML form
JOIN_LIMIT = 64 << 10  # bytes of a sealed join request
FILE_LIMIT = 50_000_000  # bytes of one material (R-number: INTERFACE "Defects", 50 MB)
PIECE = 1 << 20  # bytes of an upload that are held in memory before they are stored
DRAIN_LIMIT = 64 << 20  # bytes of a refused body that are read and thrown away so that the answer arrives


class LinesPort(Protocol):
    """The line switch of the demo (`node.running.line_switch`); a real node has none."""

    def lines(self) -> list[LineRow]:
        """Every line of the demo; empty when the demo does not answer."""
        ...

    def gateway(self) -> DemoGateway:
        """The test gateway of the demo; none that takes anything when the demo does not answer."""
        ...

    def turn(self, line: str, action: str) -> None:
        """`action` is pull or join. Errors: `not_found`, `unreachable`."""
        ...


@dataclass(frozen=True, slots=True)
class UiSettings:
    """`secure`: pages are reached by https (cookies get Secure). `behind_proxy`: trust X-Forwarded-For and -Proto."""

    cookie_secret: str | bytes
    version: str = "0"
    behind_proxy: bool = False
    secure: bool = False
    monotonic: Callable[[], float] = time.monotonic
    public_url: str = ""  # the address that is printed; "" for the one that is asked by
    host_names: tuple[str, ...] = ()  # names to which the node answers besides
    lines: LinesPort | None = None  # in the demo only
    workers: int = 8  # threads that run center calls
