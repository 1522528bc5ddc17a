"""Logging in and out, changing places by PIN."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.people.base import PASSWORD_MOST, PersonHandler, pin_of, why
from edge_ui.web.people.pages import CodePage, LoginPage, LogoutPage, PinPage, SwitchPage
from node.domain.words.errors import TongbanError


class LoginHandler(PersonHandler):
    """The login form: the same answer for a wrong name and a wrong password."""

    function = None

    async def on_get(self) -> None:
        self.show("people/login.html", LoginPage(self.target(), self.argument("username"), colleagues=await self.known()))

    async def known(self) -> bool:
        return bool(self.station) and bool(await self.call(self.center.people.colleagues, self.station))

    async def on_post(self) -> None:
        username, target = self.fields.get("username", "").strip()[:200], self.target()
        password = self.fields.get("password", "")[:PASSWORD_MOST]
        if errors := self.lacking("username", "password"):
            self.show("people/login.html", LoginPage(target, username, "", await self.known(), errors), 422)
            return
        try:
            opened = await self.call_login(
                self.center.people.login, username, password, station=self.station, before=self.token, client=self.client
            )
        except TongbanError as error:
            if error.status >= 500:
                raise
            if error.code == "code_needed":
                self.show("people/code.html", CodePage(str(error.details["ticket"]), target))
                return
            key = "login.slow" if error.code == "rate_limited" else "login.wrong"
            self.show("people/login.html", LoginPage(target, username, self.say(key), await self.known()), error.status)
            return
        self.enter(opened, target)


class CodeHandler(PersonHandler):
    """The one-time code after the password; the login is not over before."""

    function = None

    async def on_get(self) -> None:
        self.see_other("/login")

    async def on_post(self) -> None:
        ticket, code = self.fields.get("ticket", "")[:100], self.fields.get("code", "")[:100]
        try:
            opened = await self.call_login(self.center.people.give_code, ticket, code, client=self.client)
        except TongbanError as error:
            if error.status >= 500:
                raise
            if error.code == "login_over":
                page = LoginPage(self.target(), "", error.sentence(self.language))
                self.show("people/login.html", page, error.status)
                return
            key = "login.slow" if error.code == "rate_limited" else "people.code.wrong"
            self.show("people/code.html", CodePage(ticket, self.target(), self.say(key)), error.status)
            return
        self.enter(opened, self.target())


class LogoutHandler(PersonHandler):
    """Logging out is a form, so that no link of another site can do it."""

    function = None

    async def on_get(self) -> None:
        self.show("people/logout.html", LogoutPage())

    async def on_post(self) -> None:
        await self.call(self.center.people.logout, self.token)
        self.end_session()
        self.see_other("/switch" if await self.call(self.center.people.colleagues, self.station) else "/")


class SwitchHandler(PersonHandler):
    """Large buttons with the names of who is known at this browser."""

    function = None

    async def on_get(self) -> None:
        found = await self.call(self.center.people.colleagues, self.station) if self.station else []
        if not found:
            self.see_other("/login?" + urllib.parse.urlencode({"next": self.target()}))
            return
        current = self.session.actor.staff_id if self.session else ""
        self.show("people/switch.html", SwitchPage(tuple(found), current, self.target()))


class SwitchToHandler(PersonHandler):
    """The PIN of one of them."""

    function = None

    async def on_get(self, staff_id: str) -> None:
        await self.ask(staff_id)

    async def ask(self, staff_id: str, error: str = "", status: int = 200) -> None:
        found = await self.call(self.center.people.colleagues, self.station) if self.station else []
        person = next((one for one in found if one.staff_id == staff_id), None)
        if person is None or not person.pin:
            asked = {"next": self.target(), **({"username": person.username} if person is not None else {})}
            self.see_other("/login?" + urllib.parse.urlencode(asked))
            return
        self.show("people/pin.html", PinPage(staff_id, person.name, person.role, True, False, self.target(), error), status)

    async def on_post(self, staff_id: str) -> None:
        try:
            opened = await self.call_login(
                self.center.people.switch,
                staff_id,
                pin_of(self.fields),
                station=self.station,
                before=self.token,
                client=self.client,
            )
        except TongbanError as error:
            if error.status >= 500:
                raise
            await self.ask(staff_id, self.why(error), error.status)
            return
        self.enter(opened, self.target())

    def why(self, error: TongbanError) -> str:
        return why(self, error)
