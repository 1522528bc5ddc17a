"""The lines of a demo with their switch, on an event loop of their own in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from node.demo.lines import Lines

NODES = (
    {"name": "city", "code": "420100000000", "title": "市中心", "tier": "city"},
    {"name": "district", "code": "420102000000", "title": "区中心", "tier": "district"},
    {"name": "township", "code": "420102002000", "title": "街道中心", "tier": "township"},
    {"name": "village", "code": "420102002003", "title": "代办点", "tier": "village"},
)


class Running:
    """`do` runs something on the loop of the lines; `dialled` notes the children that were told to dial."""

    def __init__(self, targets: dict[str, int]) -> None:
        self.loop = asyncio.new_event_loop()
        self.dialled: list[tuple[str, str]] = []
        self.lines = Lines(NODES, targets, lambda child, code: self.dialled.append((child, code)))

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


@contextmanager
def running_lines(port: int) -> Iterator[Running]:
    """Lines whose parents all listen on `port`."""
    found = Running({str(node["name"]): port for node in NODES})
    thread = threading.Thread(target=found.loop.run_forever, daemon=True)
    thread.start()
    found.do(found.lines.start())
    try:
        yield found
    finally:
        found.do(found.lines.stop())
        found.loop.call_soon_threadsafe(found.loop.stop)
        thread.join(10)
        found.loop.close()
