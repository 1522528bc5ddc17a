"""The ground of the pages: who is logged in, which language, forms that cannot be forged, refusals as pages.

The session stands in the node; the cookie (HttpOnly, SameSite=Strict) is only its random name. A second cookie names the
browser, where colleagues change places by PIN. Cookie names carry the node's code, because nodes of one machine share a host
name. A session that nobody used for a while is locked: every page then leads to the PIN, and a form that arrives too late
is kept and goes on after it (`shared/held.py`). What hands out copies or credentials wants the password again when it is older
than five minutes (`wants_password`); what was asked is kept in the same way. Forms carry Tornado's XSRF token; it is checked here, after the streamed
body has arrived, and is a new one for every person.
"""

from __future__ import annotations

import asyncio
import functools
import os
import time
import urllib.parse
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

import tornado.web
from tornado.httputil import HTTPFile, HTTPHeaders, HTTPInputError, parse_body_arguments

from edge_ui.pages import ErrorPage, Frame, Line
from edge_ui.settings import FORM_LIMIT
from edge_ui.shared.application import Strip
from edge_ui.shared.chinese import full_width
from edge_ui.shared.words import LOCALES, fault_text, faults_text, size_text, when
from edge_ui.web.menu import home_of, nav
from edge_ui.web.speaking import SpeakingHandler
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.model import Actor, Role
from node.domain.notices.documents import NewsCount
from node.domain.people import Opened, SessionView
from node.domain.upkeep.documents import Pulse
from node.domain.words.errors import TongbanError, malformed

P = ParamSpec("P")
T = TypeVar("T")


class PageHandler(SpeakingHandler):
    """`function` says what the page is for (`node.domain.cases.access`): None for everybody, also strangers; else a stranger is sent to
    the login form and back, and who has not the function is refused. `writes`: what its forms are for, when that is more.
    `when_locked`: also answers while the screen is locked; `passive`: asked by a script, no sign that somebody is there.
    `before_choice`: also answers to whom somebody else made the password; every other page leads such a person to choose one.
    `proven_forms`: its forms want the password again when it was given some minutes ago.
    `as_written`: a page of words that were issued; elsewhere Chinese gets full-width punctuation, whoever wrote it (`shared/chinese.py`)."""

    body_limit = FORM_LIMIT
    function: ClassVar[Function | None] = None
    writes: ClassVar[Function | None] = None
    when_locked: ClassVar[bool] = False
    passive: ClassVar[bool] = False
    before_choice: ClassVar[bool] = False
    proven_forms: ClassVar[bool] = False
    as_written: ClassVar[bool] = False

    def initialize(self, route: str = "") -> None:
        super().initialize(route)
        self.fields: dict[str, str] = {}
        self.files: dict[str, list[HTTPFile]] = {}
        self.session: SessionView | None = None
        self.pulse: Pulse = {"head": 0, "line": None, "back": 0, "orders": 0, "appeals": 0, "cards": 0}
        self.news: NewsCount | None = None
        self.strips: tuple[tuple[Strip, tuple[object, ...]], ...] = ()

    async def most_bytes(self) -> int:
        """A large body only from somebody who may use this page and whose screen is not locked."""
        session = self.read_session()
        if session is None:
            return await super().most_bytes()
        self.is_known = True
        if session.locked or not self.has(self.function, session.actor.role):
            return min(self.body_limit, FORM_LIMIT)
        return self.body_limit

    async def _answer(self, **path: str) -> None:
        self.session = self.read_session()
        if self.session is not None:
            self.keep_seat()
        known_form = self.take_held()
        self.action()
        self.keep_language()
        self.pulse = await self.call(self.center.upkeep.pulse)
        if self.session is not None and not self.session.locked:
            self.news = await self.call(self.center.news.count, self.session.actor)
        if not self.from_script:
            self.strips = tuple([(strip, await self.call(strip.rows)) for strip in self.application.strips])
        if self.early is None and self.request.method == "POST":
            self.fields = self.read_form(known=known_form)
        if self.session is not None and self.session.locked and not self.when_locked:
            self.to_lock()
            return
        if self.session is not None and self.session.must_change and not (self.before_choice or self.when_locked or self.passive):
            self.to_page("/me/first-password", self.back_to())
            return
        if self.session is None and self.function is not None:
            self.see_other("/login?" + urllib.parse.urlencode({"next": self.back_to()}))
            return
        self.check_role(**path)
        if self.early is None and self.session is not None and not self.session.proven and self.wants_password(**path):
            self.hold_form()
            self.to_page("/confirm", self.back_to())
            return
        await super()._answer(**path)

    def check_role(self, **path: str) -> None:
        """Errors: `forbidden` for a role that may do this nowhere, whatever it is asked about (INTERFACE "Order of checks")."""
        writes = self.writes if self.request.method in ("POST", "PUT") else None
        for function in (self.function, writes):
            if function is not None:
                access.require(function, self.center.place.tier, self.person.role)

    def wants_password(self, **path: str) -> bool:
        """Whether what is asked is only for who gave the password within the last minutes (`domain.people.PROVEN_MS`)."""
        return self.proven_forms and self.request.method == "POST"

    def has(self, function: Function | None, role: Role) -> bool:
        """Whether a role has what a page is for; every role what is for everybody."""
        return function is None or access.has(function, self.center.place.tier, role)

    def may(self, function: Function) -> bool:
        """Whether whoever is here has a function; a stranger has none."""
        return self.session is not None and self.has(function, self.session.actor.role)

    def forget_pages(self, what: str = '"cache"') -> None:
        """Ask the browser to drop what it kept (https and this machine only; pages say no-store besides)."""
        self.set_header("Clear-Site-Data", what)

    def to_lock(self) -> None:
        """The PIN first. A form is kept for afterwards; a script is told where to go."""
        assert self.session is not None
        self.forget_pages()
        target = str(self.request.uri)
        if self.request.method == "POST" and self.early is None:
            self.hold_form()
            target = self.back_to()
        self.to_page("/lock", target)

    def hold_form(self) -> None:
        """Keep a form that a person sent, to go on after the PIN or the password; a streamed upload is sent again by its page."""
        assert self.session is not None
        if self.request.method == "POST" and not self.is_script() and self.body:
            kind = self.request.headers.get("Content-Type", "")
            self.application.held.hold(self.session.owner, self.request.path, kind, self.body)

    def is_script(self) -> bool:
        """Whether the browser shows the answer to nobody by itself."""
        fetched = self.request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        return self.from_script or fetched or self.request.method not in ("GET", "HEAD", "POST")

    def to_page(self, page: str, target: str) -> None:
        """Another page first, then `target`; a script is told where to go."""
        script = self.is_script()
        if script:
            current = urllib.parse.urlsplit(self.request.headers.get("HX-Current-URL", ""))
            target = local_path(current.path or "/") if current.path else target
        url = f"{page}?" + urllib.parse.urlencode({"next": local_path(target)})
        if not script:
            self.see_other(url)
            return
        self.set_status(401)
        self.set_header("HX-Redirect", url)
        self.finish()

    def take_held(self) -> bool:
        """Whether this request is a form that was kept while the screen was locked and goes on now."""
        ticket = self.argument("held", 64)
        if self.session is None or self.session.locked or self.request.method != "GET" or not ticket:
            return False
        held = self.application.held.open(self.session.owner, ticket)
        if held is None or held.path != self.request.path:
            return False
        self.request.method = "POST"
        self.request.headers["Content-Type"] = held.content_type
        self._buffer = bytearray(held.body)
        return True

    @property
    def from_script(self) -> bool:
        """Asked by a script of ours: a list that keeps itself up to date, a draft that saves itself."""
        return self.passive or "HX-Request" in self.request.headers or "X-Pulse" in self.request.headers

    def back_to(self) -> str:
        """Where to return after the login: this page, or its case when a form was sent."""
        if self.request.method == "POST":
            return self.request.path.partition("/actions/")[0].partition("/materials/")[0]
        return str(self.request.uri)

    def see_other(self, url: str) -> None:
        self.redirect(url, status=303)

    # --- session -------------------------------------------------------------------------------------------------

    @property
    def session_cookie(self) -> str:
        return f"tb_session_{self.center.place.code}"

    @property
    def station_cookie(self) -> str:
        return f"tb_station_{self.center.place.code}"

    def cookie_text(self, name: str) -> str:
        return (self.get_cookie(name) or "")[:200]

    def read_session(self) -> SessionView | None:
        """Who this browser belongs to now. Known sessions are in memory, so this may stand in the event loop."""
        token = self.cookie_text(self.session_cookie)
        return self.center.people.look(token, active=not self.from_script) if token else None

    def open_session(self, opened: Opened) -> None:
        """Give the browser its cookies, and forms a new token: a form of the person before is none of this one's."""
        strict: dict[str, Any] = {"httponly": True, "samesite": "Strict", "secure": self.secure}
        self.set_cookie(self.session_cookie, opened.session, expires_days=None, **strict)
        self.set_cookie(self.station_cookie, opened.station, expires_days=365, **strict)
        if opened.language in LOCALES:
            self.set_cookie("tb_lang", opened.language, expires_days=365, httponly=True, samesite="Lax", secure=self.secure)
        self.renew_xsrf()

    def end_session(self) -> None:
        """Forget the session here; the node has ended it. The browser forgets what it has kept of our pages."""
        self.forget_pages('"cache", "storage"')
        self.clear_cookie(self.session_cookie)
        self.renew_xsrf()

    def renew_xsrf(self) -> None:
        self.__dict__.pop("_xsrf_token", None)
        self._raw_xsrf_token = (None, os.urandom(16), time.time())
        self.xsrf_token  # noqa: B018 - sets the cookie

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **kwargs: Any) -> None:
        """As Tornado's; every cookie is for https alone when the person came by https, also through a proxy."""
        kwargs["secure"] = bool(kwargs.get("secure")) or self.secure
        super().set_cookie(name, value, *args, **kwargs)

    @property
    def person(self) -> Actor:
        """Who is logged in. Errors: `unauthenticated`."""
        if self.session is None:
            raise TongbanError("unauthenticated")
        return self.session.actor

    async def call_login(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """A center call that checks a password or a PIN. Errors: `unauthenticated`, `rate_limited`.

        The hash is computed in the login pool; a success gives the try back. A browser at which somebody logged in before counts by
        itself, not with its address, and does not wait behind strangers.
        """
        station = self.cookie_text(self.station_cookie)
        known = await self.call(self.center.people.knows, station)
        place = f"station {station}" if known else self.client
        self.application.login_tries.take(place)
        with self.application.login_queue.place(known=known):
            work = functools.partial(function, *args, **kwargs)
            answer = await asyncio.get_running_loop().run_in_executor(self.application.login_pool, work)
        self.application.login_tries.give_back(place)
        return answer

    # --- forms ---------------------------------------------------------------------------------------------------

    def read_form(self, *, known: bool = False) -> dict[str, str]:
        """The form's fields, line ends as \\n, ticked boxes of one name joined with commas.

        `known`: the token was checked when the form came. Errors: `unsupported_media_type`, `malformed`, and `forbidden` for
        a forged form.
        """
        kind = self.request.headers.get("Content-Type", "")
        if not kind.lower().startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            raise TongbanError("unsupported_media_type", wanted="application/x-www-form-urlencoded")
        arguments: dict[str, list[bytes]] = {}
        try:
            parse_body_arguments(kind, self.body, arguments, self.files, HTTPHeaders())
            found = {
                name: b",".join(values).decode("utf-8").replace("\r\n", "\n") for name, values in arguments.items() if values
            }
        except (HTTPInputError, ValueError):
            raise malformed("表单", "form") from None
        self.request.arguments.setdefault("_xsrf", []).append(found.pop("_xsrf", "").encode("utf-8", "replace"))
        try:
            if not known:
                self.check_xsrf_cookie()
        except tornado.web.HTTPError:
            raise TongbanError("forbidden", rule=self.say("error.xsrf")) from None
        return found

    def lacking(self, *names: str) -> dict[str, str]:
        """The sentence at each of these fields of the form that was left empty; what is typed is not judged."""
        said = fault_text(self.language, "missing")
        return {name: said for name in names if not self.fields.get(name, "").strip()}

    # --- rendering -----------------------------------------------------------------------------------------------

    def frame(self) -> Frame:
        place, center = self.center.place, self.center
        other = "en" if self.language == "zh" else "zh"
        query = [(k, v) for k, vs in self.request.query_arguments.items() if k != "lang" for v in vs]
        path = self.request.path if self.request.method in ("GET", "HEAD") else self.back_to()
        return Frame(
            lang="zh-CN" if self.language == "zh" else "en",
            node_name=center.name,
            node_code=place.code,
            tier=place.tier,
            person=self.session.actor.name or self.session.actor.staff_id if self.session else "",
            role=str(self.session.actor.role) if self.session else "",
            may_cases=self.session is None or self.may(Function.READ_CASE),
            test_clock=when(center.clock.now(), self.language) if center.test_clock else "",
            other_language=f"{path}?{urllib.parse.urlencode([*query, ('lang', other)])}",
            section=path.split("/")[1],
            version=self.application.ui.version,
            nav=nav(
                self.session.actor.role if self.session else None,
                place.tier,
                path,
                self.pulse["back"],
                self.pulse["orders"],
                self.to_decide(),
            ),
            line=line_of(self.pulse),
            head=self.pulse["head"],
            lock_after=self.center.people.lock_after_ms // 1000 if self.session else 0,
            news=self.news,
        )

    def to_decide(self) -> int:
        """How many cards and appeals wait for this person: to decide, or to appeal against, by what he may do."""
        decides = self.pulse["appeals"] if self.may(Function.DECIDE_APPEALS) else 0
        return decides + (self.pulse["cards"] if self.may(Function.APPEAL_CARDS) else 0)

    @property
    def home(self) -> str:
        """Where this person begins."""
        return home_of(self.session.actor.role if self.session else None, self.center.place.tier)

    def show(self, template: str, page: object, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Vary", "Cookie")
        strips = [(strip.style, self.draw(strip, rows)) for strip, rows in self.strips if rows]
        drawn = self.render_string(
            template,
            frame=self.frame(),
            page=page,
            say=self.say,
            fault=lambda code: fault_text(self.language, code),
            faults=lambda: faults_text(self.language),
            refusal=lambda code: TongbanError(code).sentence(self.language),
            name_of=self.name_of,
            when=self.when,
            size_text=size_text,
            segment=lambda text: urllib.parse.quote(str(text), safe=""),
            may=lambda code: self.may(Function(code)),
            xsrf=self.xsrf_token.decode("ascii"),
            line_text=self.line_text,
            news_text=self.news_text,
            strips=strips,
            here=self.here,
            lock_warning=lambda: self.say("people.lock.warn", seconds="<b data-seconds>20</b>"),
        ).decode()
        self.finish(full_width(drawn) if self.language == "zh" and not self.as_written else drawn)

    def draw(self, strip: Strip, rows: tuple[object, ...]) -> bytes:
        return self.render_string(strip.template, rows=rows, say=self.say, name_of=self.name_of, here=self.here)

    @property
    def here(self) -> str:
        """Where a form of the frame comes back to."""
        return local_path(str(self.request.uri)) if self.request.method == "GET" else self.back_to()

    def render_error(self, error: TongbanError) -> None:
        again = self.asked_again(error) if error.code == "invalid_input" else ""
        self.show("error.html", ErrorPage(error.status, self.refused_in_words(error), again), error.status)

    def asked_again(self, error: TongbanError) -> str:
        """This page without what was wrongly asked; "" of a form, which is sent again."""
        if self.request.method not in ("GET", "HEAD"):
            return ""
        given = self.request.query_arguments.items()
        kept = urllib.parse.urlencode(
            [(name, values[-1].decode("utf-8", "replace")) for name, values in given if name not in error.fields]
        )
        return self.shown_at() + ("?" + kept if kept else "")

    def shown_at(self) -> str:
        """Where what is asked here is a page."""
        return self.request.path


class NoSuchPage(PageHandler):
    """An address without a route: JSON for programs, a page for people."""

    async def _answer(self, **path: str) -> None:
        raise TongbanError("not_found", what=self.request.path[:100])

    def render_error(self, error: TongbanError) -> None:
        if self.request.path.startswith("/api/") or "text/html" not in self.request.headers.get("Accept", ""):
            self.send_json({"error": error.as_document()}, error.status)
            return
        super().render_error(error)


class WrongHost(NoSuchPage):
    """Whatever is asked by a name that is not the node's (`shared/hosts.py`)."""

    async def _answer(self, **path: str) -> None:
        raise self.application.hosts.refusal(str(self.request.host_name))


def line_of(pulse: Pulse) -> Line | None:
    """The line of a pulse document; None at the root."""
    found = pulse["line"]
    return Line(found["state"], found["tier"], found["last_contact"], found["waiting"]) if found is not None else None


def local_path(text: str) -> str:
    """A path of this node, or "/" for anything that could lead elsewhere."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or any(c < "!" for c in text):
        return "/"
    return text
