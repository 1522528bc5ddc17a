"""The application of the first run as its pages know it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tornado.web

from edge_ui.base import log_request
from edge_ui.bodies import new_bodies
from edge_ui.limits import Buckets
from edge_ui.ports.setup import SetupPort
from edge_ui.settings import UiSettings
from edge_ui.shared.words import Words
from edge_ui.web import modules

HERE = Path(__file__).parents[2]


class SetupShared(tornado.web.Application):
    """Has what `PageHandler` needs and no node. `pages`: address and handler; the first answers every other address too."""

    def __init__(
        self, wizard: SetupPort, settings: UiSettings, pages: Sequence[tuple[str, type[tornado.web.RequestHandler]]]
    ) -> None:
        self.wizard, self.ui = wizard, settings
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="setup")
        self.login_tries = Buckets(burst=10, per_minute=6, now=settings.monotonic)
        self.words = Words.load(HERE / "locale")
        self.bodies = new_bodies()
        self.secret = secrets.token_urlsafe(32)
        super().__init__(
            list(pages),
            default_handler_class=pages[0][1],
            cookie_secret=settings.cookie_secret,
            xsrf_cookie_name="tb_xsrf_setup",
            xsrf_cookie_kwargs={"httponly": True, "samesite": "Strict", "path": "/"},
            template_path=str(HERE / "templates"),
            static_path=str(HERE / "static"),
            log_function=log_request,
            ui_modules=modules,
        )  # fmt: skip

    def close(self) -> None:
        self.pool.shutdown(wait=True)
