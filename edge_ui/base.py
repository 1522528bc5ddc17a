"""The ground of every handler: bounded bodies, security headers, refusals in one form, work in threads.

A request body is always streamed (Tornado's `stream_request_body`). Who sends it is asked before any of it is read
(`most_bytes`): a stranger's stops growing at `STRANGER_LIMIT`, a known person's who may use the handler at its `body_limit`,
and all that are under way together at the limits of `bodies.py`. A body that is too large is read and thrown away up to
`DRAIN_LIMIT`, because a client that is still sending cannot read the refusal; beyond that, or when the client waits for
`100 Continue`, it is refused at once. Whatever ends a request ends its buffer.

A subclass answers `GET` in `on_get`, `POST` in `on_post` and so on. Whatever it raises becomes one document: a `TongbanError` as
it is, everything else a 500 with a ticket whose stack (never the exception's text: it may quote personal data) is in the log.
The access log names the route, not the address: paths and queries carry search words and query codes.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import tornado.web
from tornado.httputil import HTTPServerRequest

from edge_ui.bodies import STRANGER_LIMIT, Bodies, Share
from edge_ui.center import CenterPort
from edge_ui.settings import DRAIN_LIMIT, JSON_LIMIT
from edge_ui.shared.application import SharedApplication
from node.domain.words.errors import TongbanError, malformed
from node.domain.words.refusals import ERRORS

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("tongban.web")
SECURITY_HEADERS = {
    "Server": "tongban",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
BODY_SECONDS = 120.0  # a JSON document or a form that takes longer is cut off
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_STATUS_CODES = {400: "malformed", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}


def to_json(document: object) -> bytes:
    """UTF-8 JSON; a lone surrogate goes out as its escape instead of breaking the answer."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


@tornado.web.stream_request_body
class BaseHandler(tornado.web.RequestHandler):
    """See the module text. `route` is the path template, for logs and the Allow header."""

    application: SharedApplication
    body_limit: int = JSON_LIMIT
    body_seconds: ClassVar[float | None] = BODY_SECONDS  # for a known sender; a stranger's has BODY_SECONDS at most

    def initialize(self, route: str = "") -> None:
        self.route = route
        self.early: TongbanError | None = None
        self.ticket = ""
        self._buffer = bytearray()
        self._discarded = 0
        self._allowed = 0
        self._share = Share()
        self.is_known = False  # whether a session or a token stands behind the request

    @property
    def center(self) -> CenterPort:
        return self.application.center

    @property
    def client(self) -> str:
        """The client's address as the server knows it (behind a proxy: as the proxy says)."""
        return str(self.request.remote_ip or "")

    @property
    def body(self) -> bytes:
        return bytes(self._buffer)

    # --- receiving -----------------------------------------------------------------------------------------------

    def set_default_headers(self) -> None:
        for name, value in SECURITY_HEADERS.items():
            self.set_header(name, value)
        if self.request.protocol == "https":
            self.set_header("Strict-Transport-Security", f"max-age={180 * 86_400}")

    async def prepare(self) -> None:
        self.limit_body_time(BODY_SECONDS)
        if not self.has_body():
            return
        try:
            self._allowed = await self.most_bytes()
            if (self.declared_length() or 0) > self._allowed:
                raise TongbanError("too_large", limit=megabytes(self._allowed))
        except TongbanError as error:
            self.refuse_body(error)
            return
        if self.is_known:
            self.keep_seat()
            self.limit_body_time(self.body_seconds)

    def has_body(self) -> bool:
        headers = self.request.headers
        return "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0"

    async def most_bytes(self) -> int:
        """How much this sender may send here; sets `is_known`. Errors: what the sender is refused with, before anything is read."""
        return min(self.body_limit, STRANGER_LIMIT)

    def keep_seat(self) -> None:
        """A known person's request is not cut to make room for another (`listener.py`)."""
        keep = getattr(getattr(self.request.connection, "context", None), "keep_seat", None)
        if keep is not None:
            keep()

    def limit_body_time(self, seconds: float | None) -> None:
        connection: Any = self.request.connection
        if hasattr(connection, "set_body_timeout"):
            connection.set_body_timeout(seconds)

    def declared_length(self) -> int | None:
        """Content-Length in bytes, None when the body is chunked or absent."""
        text = self.request.headers.get("Content-Length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    def refuse_body(self, error: TongbanError) -> None:
        """Answers `error` after the body was read away; at once when the body is huge or the client waits for a go."""
        self.early = error
        waits = self.request.headers.get("Expect", "").lower() == "100-continue"
        if waits or (self.declared_length() or 0) > DRAIN_LIMIT:
            raise error

    def data_received(self, chunk: bytes) -> Any:
        if self.early is None:
            try:
                if len(self._buffer) + len(chunk) > self._allowed:
                    raise TongbanError("too_large", limit=megabytes(self._allowed))
                self.hold(chunk)
            except TongbanError as error:
                self.early = error
        if self.early is not None:
            self.drop_body()
            self._discarded += len(chunk)
            if self._discarded > DRAIN_LIMIT:
                connection: Any = self.request.connection
                connection.stream.close()
        return None

    def hold(self, chunk: bytes) -> None:
        """Keep a piece of the body in memory. Errors: `receiving_much`."""
        self.bodies.add(self._share, len(chunk))
        self._buffer += chunk

    def let_go(self) -> None:
        """What was held of the body is stored or not needed any more."""
        self._buffer = bytearray()
        self.bodies.drop(self._share)

    def drop_body(self) -> None:
        """No part of the body is kept beyond this."""
        self.let_go()

    @property
    def bodies(self) -> Bodies:
        return self.application.bodies[self.is_known]

    def on_finish(self) -> None:
        self.drop_body()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.drop_body()

    # --- dispatch ------------------------------------------------------------------------------------------------

    @classmethod
    def verbs(cls) -> list[str]:
        """The methods this handler answers; HEAD comes with GET."""
        found = [verb for verb in ("GET", "HEAD", "POST", "PUT", "DELETE") if hasattr(cls, f"on_{verb.lower()}")]
        return sorted({*found, "HEAD"} if "GET" in found else found)

    @staticmethod
    def check_path(path: Mapping[str, str]) -> None:
        """Errors: `malformed` for control characters, halves of characters and endless names."""
        if any(_UNFIT.search(value) or len(value) > 512 for value in path.values()):
            raise malformed("地址", "path")

    async def _answer(self, **path: str) -> None:
        if self.early is not None:
            raise self.early
        self.check_path(path)
        await self.action()(**path)

    def action(self) -> Callable[..., Awaitable[None]]:
        """The method that answers this verb (HEAD: as GET). Errors: `method_not_allowed`."""
        verb = str(self.request.method).lower()
        found = getattr(self, f"on_{verb}", None) or (getattr(self, "on_get", None) if verb == "head" else None)
        if found is None:
            raise TongbanError("method_not_allowed")
        return cast("Callable[..., Awaitable[None]]", found)

    async def get(self, **path: str) -> None:
        await self._answer(**path)

    head = post = put = delete = patch = options = get

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a center call in the thread pool."""
        work = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.application.pool, work)

    # --- refusing ------------------------------------------------------------------------------------------------

    def error_of(self, status: int, error: BaseException | None) -> TongbanError:
        """The refusal that stands for whatever went wrong."""
        if isinstance(error, TongbanError) and error.code in ERRORS:
            return error
        code = _STATUS_CODES.get(status)
        if code == "malformed":
            return malformed("编码", "encoding")
        if code is not None:
            return TongbanError(code)
        if not self.ticket:
            self.keep_ticket(error, status)
        return TongbanError("internal", ticket=self.ticket)

    def keep_ticket(self, error: BaseException | None, status: int) -> None:
        """A number for the person, and a line under it in the log: what kind of fault, and where."""
        self.ticket = secrets.token_hex(4)
        fields = {"ticket": self.ticket, "method": self.request.method, "route": self.route, "status": status}
        log.error("request_failed", extra={"fields": fields}, exc_info=error)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = self.error_of(status_code, (kwargs.get("exc_info") or (None, None, None))[1])
        self.set_status(error.status)
        if error.code == "method_not_allowed":
            self.set_header("Allow", ", ".join(self.verbs()))
        if error.status == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        if error.code in ("rate_limited", "receiving_much"):
            self.set_header("Retry-After", str(error.details.get("retry_after", 60)))
        try:
            self.render_error(error)
        except Exception as fault:
            self.render_plainly(error, fault)

    def render_error(self, error: TongbanError) -> None:
        self.send_json({"error": error.as_document()}, error.status)

    def render_plainly(self, error: TongbanError, fault: Exception) -> None:
        """The refusal in its plain words, when the page that should say it is at fault itself."""
        if not self.ticket:
            self.keep_ticket(fault, error.status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("\n\n".join(error.sentence(language) for language in ("zh", "en")))

    def send_json(self, document: object, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(to_json(document))

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if isinstance(value, TongbanError) and value.status >= 500 and value.code != "internal":
            fields = {"code": value.code, "method": self.request.method, "route": self.route, "status": value.status}
            log.warning("request_refused", extra={"fields": fields}, exc_info=value)
        elif not isinstance(value, (TongbanError, tornado.web.HTTPError)):
            self.keep_ticket(value, 500)


def megabytes(size: int) -> str:
    return f"{size // 1_000_000} MB" if size >= 10_000_000 else f"{size >> 10} KiB"


def log_request(handler: tornado.web.RequestHandler) -> None:
    """One access line: status, method, route template, milliseconds. Never the path or the query."""
    request: HTTPServerRequest = handler.request
    route = getattr(handler, "route", "static")
    fields = {
        "status": handler.get_status(),
        "method": request.method,
        "route": route,
        "ms": round(1000.0 * request.request_time()),
    }
    log.info("request", extra={"fields": fields})
