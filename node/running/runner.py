"""`tongban run`: one node in one process, from the lock to the last byte.

Order of start: configuration, log, lock and database (`open_node`), control endpoint, listeners and links (`serving`).
The order of the end is the reverse, and everything confirmed is already on disk, so that being killed at any point loses
nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from node.domain.words.errors import TongbanError
from node.machine import config, logs, oslayer
from node.running import control
from node.running.operations import OPERATIONS

if TYPE_CHECKING:
    from node.app import Node

LOCK_SECONDS = 10.0
Tell: TypeAlias = Callable[[str, str], None]
log = logs.get("node.run")


def run_node(directory: Path, *, until_input_ends: bool = False, tell: Tell | None = None) -> None:
    """Run the node in `directory` until it is told to stop. Raises TongbanError when it cannot start.

    `tell(web URL, link address)` is called once, when everything listens.
    """
    settings = config.load_dir(directory)
    logs.configure(directory, settings.log.level, settings.log.max_mb)
    logs.catch_strays()
    oslayer.raise_file_limit()
    oslayer.event_loop_policy()
    node = _open(directory)
    try:
        asyncio.run(_serve(node, directory, until_input_ends, tell))
    finally:
        node.close()


def _open(directory: Path) -> Node:
    """Open the node; a command that holds the lock for a moment is waited for, a running node is not."""
    from node.app import open_node

    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return open_node(directory)
        except TongbanError as error:
            waits = error.code == "already_running" and time.monotonic() < deadline and not control.answers(directory)
            if not waits:
                raise
            time.sleep(0.05)


def _announce(node: Node) -> None:
    """Say what runs here from now on. A disk that is full keeps nobody from starting: it is said at the next start."""
    try:
        node.center.announce()
    except TongbanError as error:
        log.warning("not_announced", code=error.code)


async def _serve(node: Node, directory: Path, until_input_ends: bool, tell: Tell | None) -> None:
    from node.running.serving import serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with oslayer.stop_signals(stop):
        if until_input_ends:
            oslayer.stop_at_end_of_input(lambda: _set(loop, stop))
        async with control.ControlServer(directory, OPERATIONS, node.center):
            oslayer.calm_collector()
            _announce(node)
            log.info("started", node=node.center.place.code, tier=node.center.place.tier)
            await serve(node, stop, tell)
    log.info("stopped", node=node.center.place.code)


def _set(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)
