"""The first run in a browser: choose the language, then a new city, a join code, or a backup; then the node itself.

Served on loopback before there is a node, so there is no session: whoever can read the console has the code that opens
these pages, and a cookie remembers it for this browser.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import tornado.web

from edge_ui.base import log_request
from edge_ui.bodies import STRANGER_LIMIT, new_bodies
from edge_ui.limits import Buckets
from edge_ui.pages import Frame
from edge_ui.ports.setup import SetupPort
from edge_ui.settings import UiSettings
from edge_ui.shared.words import Words
from edge_ui.web import modules
from edge_ui.web.base import PageHandler
from edge_ui.web.people.upload import take_file
from node.domain.setup import MadeNode, SetupPlace
from node.domain.words.errors import ERRORS, FIELD_ERRORS, TongbanError, malformed

HERE = Path(__file__).parents[2]
LARGEST_BACKUP = 50 << 30  # bytes
COOKIE = "tb_setup"
FIELD_OF = {
    "bad_join_code": "join_code", "join_code_used": "join_code", "join_code_expired": "join_code", "unreachable": "join_code",
    "wrong_parent": "join_code", "code_active": "join_code", "renew_other_node": "join_code",
    "bad_backup": "path", "not_found": "path",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodePage:
    """The question for the code from the console."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """Three doors."""

    folder: str


@dataclass(frozen=True, slots=True)
class SetupFormPage:
    """One of the three forms. `kind`: city, join or restore."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    q: str = ""
    places: tuple[SetupPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """The node is made and starts now, at the same address."""

    made: MadeNode


class SetupApplication(tornado.web.Application):
    """The pages of the first run; has what `PageHandler` needs and no node."""

    def __init__(self, wizard: SetupPort, settings: UiSettings) -> None:
        self.wizard, self.ui = wizard, settings
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="setup")
        self.login_tries = Buckets(burst=10, per_minute=6, now=settings.monotonic)
        self.words = Words.load(HERE / "locale")
        self.bodies = new_bodies()
        self.secret = secrets.token_urlsafe(32)
        names = {"": DoorHandler, "/code": CodeHandler, "/city": CityHandler, "/join": JoinHandler, "/restore": RestoreHandler}
        super().__init__(
            [("/", DoorHandler), *((f"/setup{path}", handler) for path, handler in names.items()),
             ("/setup/upload", UploadHandler), ("/setup/ready", ReadyHandler)],
            default_handler_class=DoorHandler,
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


class SetupHandler(PageHandler):
    """A page of the first run: needs the code."""

    function = None
    code_needed = True

    @property
    def wizard(self) -> SetupPort:
        return cast(SetupApplication, self.application).wizard

    async def _answer(self, **path: str) -> None:
        self.action()
        self.keep_language()
        if self.early is not None:
            raise self.early
        if self.request.method == "POST":
            self.fields = await self.receive()
        if self.code_needed and not self.known_here():
            self.see_other("/setup/code")
            return
        await self.action()(**path)

    async def receive(self) -> dict[str, str]:
        return self.read_form()

    async def most_bytes(self) -> int:
        return self.body_limit if self.known_here() else min(self.body_limit, STRANGER_LIMIT)

    def known_here(self) -> bool:
        """Whether this browser gave the code of the console."""
        given = self.get_cookie(COOKIE) or ""
        return secrets.compare_digest(given.encode(), cast(SetupApplication, self.application).secret.encode())

    def frame(self) -> Frame:
        other = "en" if self.language == "zh" else "zh"
        path = self.request.path if self.request.method == "GET" else self.back_to()
        return Frame(
            lang="zh-CN" if self.language == "zh" else "en", node_name=self.say("people.setup.brand"), node_code="", tier="", person="",
            role="", may_cases=False, test_clock="", other_language=f"{path}?lang={other}", section="setup",
            version=self.application.ui.version, nav=(), line=None, head=0,
        )  # fmt: skip

    def back_to(self) -> str:
        return "/setup/restore" if self.request.path == "/setup/upload" else self.request.path

    def refused(self, kind: str, values: Mapping[str, str], error: TongbanError) -> None:
        """The form again, filled in, with what is wrong in plain words."""
        index = 0 if self.language == "zh" else 1
        errors = {
            name: FIELD_ERRORS[code][index] if code in FIELD_ERRORS else (ERRORS[code].zh, ERRORS[code].en)[index]
            for name, code in error.fields.items()
        }
        said = ""
        if not errors:
            text = self.say(f"people.setup.why.{error.code}", **{"address": "", "reason": "", **error.details})
            sentence = text if not text.startswith("people.setup.why.") else error.sentence(self.language)
            place = FIELD_OF.get(error.code)
            errors, said = ({place: sentence}, "") if place else ({}, sentence)
        self.show(
            "people/setup_form.html", SetupFormPage(kind, values, errors, said), error.status if error.status < 500 else 422
        )

    def ready(self) -> None:
        self.see_other("/setup/ready")


class DoorHandler(SetupHandler):
    async def on_get(self, **path: str) -> None:
        if not self.request.path.startswith("/setup"):
            self.see_other("/setup")
        elif self.wizard.made:
            self.ready()
        else:
            self.show("people/setup.html", ChoicePage(str(self.wizard.folder)))


class CodeHandler(SetupHandler):
    code_needed = False

    async def on_get(self) -> None:
        if self.argument("code"):
            await self.enter(self.argument("code"))
        else:
            self.show("people/setup_code.html", CodePage())

    async def on_post(self) -> None:
        await self.enter(self.fields.get("code", ""))

    async def enter(self, text: str) -> None:
        self.application.login_tries.take(self.client)
        if not self.wizard.check_code(text):
            self.show("people/setup_code.html", CodePage(self.say("people.setup.code_wrong")), 403)
            return
        secret = cast(SetupApplication, self.application).secret
        self.set_cookie(COOKIE, secret, expires_days=None, httponly=True, samesite="Strict")
        self.see_other("/setup")


class FormHandler(SetupHandler):
    """A form that makes the node."""

    kind = ""
    names: tuple[str, ...] = ()

    async def on_get(self) -> None:
        q = self.argument("q", 60)
        places = await self.call(self.wizard.places, q) if q else []
        values = {key: self.argument(key) for key in ("code", "name", "tier") if self.argument(key)}
        self.show("people/setup_form.html", SetupFormPage(self.kind, values, q=q, places=tuple(places)))

    async def on_post(self) -> None:
        values = {name: self.fields.get(name, "").strip()[:5000] for name in self.names}
        try:
            await self.make(values)
        except TongbanError as error:
            self.refused(self.kind, {k: v for k, v in values.items() if "password" not in k and k != "again"}, error)
            return
        self.ready()

    async def make(self, values: Mapping[str, str]) -> None:
        raise NotImplementedError


class CityHandler(FormHandler):
    kind, names = "city", ("code", "name", "tier", "password", "again", "with_catalog")

    async def make(self, values: Mapping[str, str]) -> None:
        await self.call(
            self.wizard.new_city, values["code"], values["name"], values["tier"] or "city", values["password"], values["again"],
            values["with_catalog"] == "1",
        )  # fmt: skip


class JoinHandler(FormHandler):
    kind, names = "join", ("join_code", "password", "again")

    async def make(self, values: Mapping[str, str]) -> None:
        await self.call(self.wizard.join, values["join_code"], values["password"], values["again"])


class RestoreHandler(FormHandler):
    """A backup that lies on this machine."""

    kind, names = "restore", ("path",)

    async def make(self, values: Mapping[str, str]) -> None:
        if not values["path"]:
            raise TongbanError("invalid_input", {"path": "missing"})
        await self.call(self.wizard.restore, Path(values["path"]))


class UploadHandler(RestoreHandler):
    """A backup that the browser sends; it goes to a file as it comes."""

    body_limit = LARGEST_BACKUP
    body_seconds = None

    def initialize(self, route: str = "") -> None:
        super().initialize(route)
        self.folder = tempfile.TemporaryDirectory(prefix="tongban-setup-")
        self._spool = (Path(self.folder.name) / "body").open("wb")

    async def most_bytes(self) -> int:
        if not self.known_here():
            raise TongbanError("forbidden", rule=self.say("people.setup.code_title"))
        self.is_known = True
        return LARGEST_BACKUP

    def hold(self, chunk: bytes) -> None:
        self._spool.write(chunk)

    def on_finish(self) -> None:
        super().on_finish()
        self._forget()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._forget()

    def _forget(self) -> None:
        self._spool.close()
        self.folder.cleanup()

    async def on_get(self) -> None:
        self.see_other("/setup/restore")

    async def receive(self) -> dict[str, str]:
        self._spool.close()
        kind = self.request.headers.get("Content-Type", "")
        self.target = Path(self.folder.name) / "backup.zip"
        try:
            fields = await self.call(take_file, Path(self.folder.name) / "body", kind, self.target, "backup")
        except ValueError:
            raise malformed("表单", "form") from None
        self.request.arguments["_xsrf"] = [fields.get("_xsrf", "").encode()]
        try:
            self.check_xsrf_cookie()
        except tornado.web.HTTPError:
            raise TongbanError("forbidden", rule=self.say("error.xsrf")) from None
        return fields

    async def make(self, values: Mapping[str, str]) -> None:
        if not self.target.stat().st_size:
            raise TongbanError("invalid_input", {"backup": "missing"})
        await self.call(self.wizard.restore, self.target)


class ReadyHandler(SetupHandler):
    """Shown once the node is made; after it the program goes on as the node."""

    async def on_get(self) -> None:
        if not self.wizard.made:
            self.see_other("/setup")
            return
        self.show("people/setup_ready.html", ReadyPage(self.wizard.made))
        asyncio.get_running_loop().call_later(0.5, self.wizard.finish)
