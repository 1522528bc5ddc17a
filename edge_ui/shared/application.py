"""The application as handlers know it. `edge_ui.app` makes it, with the routes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import tornado.web
from tornado.routing import URLSpec

from edge_ui.bodies import new_bodies
from edge_ui.center import CenterPort
from edge_ui.limits import Buckets, Queue
from edge_ui.settings import UiSettings
from edge_ui.shared.held import HeldForms
from edge_ui.shared.hosts import Hosts
from edge_ui.shared.once import ShownOnce
from edge_ui.shared.words import Words


class RunningUpload(Protocol):
    """A file that is on its way in (`edge_ui/api/materials.py`)."""

    lock: asyncio.Lock  # held while a piece is stored

    async def stop(self) -> None:
        """Another upload takes over."""
        ...


class Strip(Protocol):
    """What stands above every page: a template of its own, filled with `rows`."""

    @property
    def template(self) -> str: ...
    @property
    def style(self) -> str:
        """Its style sheet under static/."""
        ...

    def rows(self) -> tuple[object, ...]:
        """Called in the thread pool. Nothing is shown without rows."""
        ...


class SharedApplication(tornado.web.Application):
    """The center, the settings, the words, and what handlers keep in memory between requests."""

    def __init__(
        self, center: CenterPort, ui: UiSettings, words: Words, routes: list[URLSpec], strips: tuple[Strip, ...], **settings: Any
    ) -> None:
        self.center, self.ui, self.words, self.strips = center, ui, words, strips
        self.hosts = Hosts(ui.public_url, ui.host_names)
        self.pool = ThreadPoolExecutor(ui.workers, thread_name_prefix="web")
        self.login_pool = ThreadPoolExecutor(2, thread_name_prefix="login")
        self.public_tries = Buckets(burst=20, per_minute=10, now=ui.monotonic)
        self.public_reads = Buckets(burst=200, per_minute=240, now=ui.monotonic)  # of strangers; a machine asks more
        self.login_tries = Buckets(burst=10, per_minute=6, now=ui.monotonic)
        self.login_queue = Queue(strangers=16, known=16)
        self.join_tries = Buckets(burst=20, per_minute=10, now=ui.monotonic)
        self.uploads: dict[tuple[str, str, str], RunningUpload] = {}
        self.bodies = new_bodies()
        self.held, self.once = HeldForms(ui.monotonic), ShownOnce()
        self._tasks: set[asyncio.Task[None]] = set()
        super().__init__(routes, **settings)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` beside the request; the task is kept until it ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # the upload is resumed by its sender; nobody waits for this result

    def close(self) -> None:
        """Ends the thread pools; calls that run are finished first."""
        self.pool.shutdown(wait=True)
        self.login_pool.shutdown(wait=True)
