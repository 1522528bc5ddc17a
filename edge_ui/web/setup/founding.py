"""The three doors of the first run, and the forms behind them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import tornado.web

from edge_ui.web.setup.base import COOKIE, SetupHandler
from edge_ui.web.setup.pages import ChoicePage, CodePage, ReadyPage, SetupFormPage
from edge_ui.web.setup.shared import SetupShared
from edge_ui.web.setup.upload import take_file
from node.domain.words.errors import TongbanError, malformed

LARGEST_BACKUP = 50 << 30  # bytes


class DoorHandler(SetupHandler):
    async def on_get(self, **path: str) -> None:
        if not self.request.path.startswith("/setup"):
            self.see_other("/setup")
        elif self.wizard.made:
            self.ready()
        else:
            self.show("setup/doors.html", ChoicePage(str(self.wizard.folder)))


class CodeHandler(SetupHandler):
    code_needed = False

    async def on_get(self) -> None:
        if self.argument("code"):
            await self.enter(self.argument("code"))
        else:
            self.show("setup/code.html", CodePage())

    async def on_post(self) -> None:
        await self.enter(self.fields.get("code", ""))

    async def enter(self, text: str) -> None:
        self.application.login_tries.take(self.client)
        if not self.wizard.check_code(text):
            self.show("setup/code.html", CodePage(self.say("setup.code_wrong")), 403)
            return
        secret = cast(SetupShared, self.application).secret
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
        self.show("setup/form.html", SetupFormPage(self.kind, values, q=q, places=tuple(places), found=self.found(self.kind)))

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

    kind, names = "restore", ("path", "backup_key")

    async def make(self, values: Mapping[str, str]) -> None:
        if not values["path"]:
            raise TongbanError("invalid_input", {"path": "missing"})
        await self.call(self.wizard.restore, Path(values["path"]), values["backup_key"])


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
            raise TongbanError("forbidden", rule=self.say("setup.code_title"))
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
        await self.call(self.wizard.restore, self.target, values["backup_key"])


class ReadyHandler(SetupHandler):
    """Shown once the node is made; after it the program goes on as the node."""

    async def on_get(self) -> None:
        if not self.wizard.made:
            self.see_other("/setup")
            return
        self.show("setup/ready.html", ReadyPage(self.wizard.made))
        asyncio.get_running_loop().call_later(0.5, self.wizard.finish)
