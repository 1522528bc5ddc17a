"""The Tornado application of a node and its listener.

Pages and API only parse, call the center and render. Center calls are synchronous and run in a small thread pool; logins have
their own (an argon2 hash takes 0.1 s of a core), so that guessing passwords cannot stop the counters.
"""

from __future__ import annotations

import errno
import ssl as ssl_module
from pathlib import Path
from typing import Any

import tornado.netutil
import tornado.web
from tornado.httputil import HTTPServerRequest

from edge_ui.base import log_request
from edge_ui.center import CenterPort
from edge_ui.listener import Listener, Room
from edge_ui.routes import specs
from edge_ui.settings import UiSettings
from edge_ui.shared.application import SharedApplication
from edge_ui.shared.words import Words
from edge_ui.web import modules
from edge_ui.web.base import NoSuchPage, WrongHost
from edge_ui.web.machine.strip import LineStrip
from node.domain.words.errors import TongbanError

HERE = Path(__file__).parent
UNLIMITED = 1 << 40  # bytes; each handler bounds its own body, with an answer that can be read


class UiApplication(SharedApplication):
    """The application of a node, with all its routes."""

    def __init__(self, center: CenterPort, settings: UiSettings) -> None:
        code = center.place.code
        cookie = {"httponly": True, "samesite": "Strict", "secure": settings.secure, "path": "/"}
        super().__init__(
            center,
            settings,
            Words.load(HERE / "locale"),
            specs(),
            (LineStrip(settings.lines, code),) if settings.lines is not None else (),
            default_handler_class=NoSuchPage,
            cookie_secret=settings.cookie_secret,
            xsrf_cookie_name=f"tb_xsrf_{code}",
            xsrf_cookie_kwargs=cookie,
            template_path=str(HERE / "templates"),
            static_path=str(HERE / "static"),
            static_handler_class=StaticFiles,
            log_function=log_request,
            ui_modules=modules,
            compress_response=True,  # the XSRF token is masked anew in every page, so lengths tell nothing of it
        )

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Nothing is answered to a name that is not the node's."""
        if not self.hosts.knows(request.host_name):
            return self.get_handler_delegate(request, WrongHost)
        return super().find_handler(request, **kwargs)


@tornado.web.stream_request_body
class StaticFiles(tornado.web.StaticFileHandler):
    """Style sheets, scripts and the icon: the only files a page loads. A body sent along is not kept."""

    def prepare(self) -> None:
        if self.request.method not in ("GET", "HEAD"):
            raise tornado.web.HTTPError(405)

    def data_received(self, chunk: bytes) -> None:
        return None

    def set_extra_headers(self, path: str) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Server", "tongban")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}\n")


def make_app(center: CenterPort, settings: UiSettings) -> UiApplication:
    """The web application of one node."""
    return UiApplication(center, settings)


async def start_http(
    app: UiApplication, host: str, port: int, ssl: ssl_module.SSLContext | None = None, room: Room | None = None
) -> Listener:
    """Listens on host:port (0: any free port, see `bound_port`). Errors: `port_taken`, `bad_config` (no such address)."""
    try:
        sockets = tornado.netutil.bind_sockets(port, host)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise TongbanError("port_taken", address=f"{host}:{port}") from error
        raise TongbanError("bad_config", reason=f"{host}:{port}: {error.strerror or error}") from error
    server = Listener(
        app,
        room=room,
        ssl_options=ssl,
        xheaders=app.ui.behind_proxy,
        max_body_size=UNLIMITED,
        max_header_size=32 << 10,
        chunk_size=64 << 10,
        max_buffer_size=1 << 20,  # what a connection holds before a handler has it
        idle_connection_timeout=75,
    )
    server.add_sockets(sockets)
    return server


def bound_port(server: Listener) -> int:
    """The port that a server really listens on."""
    sockets: dict[int, Any] = server._sockets
    return int(next(iter(sockets.values())).getsockname()[1])
