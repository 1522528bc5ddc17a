"""Logging in and out, changing places by PIN, the locked screen, own settings."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.base import PageHandler, local_path
from edge_ui.web.people.pages import LoginPage, LogoutPage, MePage, PinPage, SwitchPage
from node.domain.cases.access import Function
from node.domain.people import Opened, SessionView
from node.domain.touched import SEEN
from node.domain.words.errors import FIELD_ERRORS, TongbanError

DONE = {"password": "people.me.password", "pin": "people.me.pin_done", "language": "people.me.language"}
PASSWORD_MOST = 1000  # characters that are looked at


class PersonHandler(PageHandler):
    """What these pages share. They answer while the screen is locked."""

    when_locked = True

    def target(self) -> str:
        """Where the person wanted to go."""
        return local_path(self.fields.get("next", "") or self.argument("next", 1000) or "/")

    @property
    def station(self) -> str:
        return self.cookie_text(self.station_cookie)

    @property
    def token(self) -> str:
        return self.cookie_text(self.session_cookie)

    def go_on(self, owner: str, target: str) -> None:
        """To the page, or to the form that was kept for this person here."""
        held = self.application.held.waiting(owner)
        if held is not None:
            self.see_other(f"{held.path}?{urllib.parse.urlencode({'held': held.ticket})}")
            return
        kept = self.application.held.page(owner)
        self.see_other((kept or target) + ("#kept" if kept else ""))

    def enter(self, opened: Opened, target: str) -> None:
        """The browser is this person's now."""
        self.open_session(opened)
        session = self.center.people.look(opened.session, active=True)
        self.session = session
        if opened.first and not opened.has_pin and self.center.place.tier == "village":
            self.see_other("/me?" + urllib.parse.urlencode({"first": "1", "next": target}))
        elif session is not None:
            self.go_on(session.owner, target)


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
        try:
            opened = await self.call_login(
                self.center.people.login, username, password, station=self.station, before=self.token, client=self.client
            )
        except TongbanError as error:
            if error.status >= 500:
                raise
            key = "login.slow" if error.code == "rate_limited" else "login.wrong"
            self.show("people/login.html", LoginPage(target, username, self.say(key), await self.known()), error.status)
            return
        self.enter(opened, target)


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


class LockHandler(PersonHandler):
    """The locked screen: whose it is, and the PIN or the password to go on."""

    function = None

    async def on_get(self) -> None:
        if self.session is None:
            self.see_other("/switch?" + urllib.parse.urlencode({"next": self.target()}))
        elif not self.session.locked:
            self.go_on(self.session.owner, self.target())
        else:
            self.ask(self.session)

    def ask(self, session: SessionView, error: str = "", status: int = 200, *, has_pin: bool = True) -> None:
        self.forget_pages()
        actor = session.actor
        usable = has_pin and session.has_pin and self.argument("way") != "password"
        page = PinPage(
            actor.staff_id, actor.name, str(actor.role), usable, True, self.target(), error,
            waits=self.application.held.waiting(session.owner) is not None or bool(self.application.held.page(session.owner)),
            minutes=max(1, self.center.people.lock_after_ms // 60_000),
        )  # fmt: skip
        self.show("people/pin.html", page, status)

    async def on_post(self) -> None:
        session = self.session
        if session is None:
            self.see_other("/login?" + urllib.parse.urlencode({"next": self.target()}))
            return
        password = self.fields.get("password", "")[:PASSWORD_MOST]
        try:
            await self.call_login(
                self.center.people.unlock, self.token, station=self.station, pin=pin_of(self.fields), password=password,
                client=self.client,
            )  # fmt: skip
        except TongbanError as error:
            if error.status >= 500:
                raise
            self.ask(session, why(self, error), error.status, has_pin=error.code != "pin_needs_password" and not password)
            return
        self.go_on(session.owner, self.target())


class LockNowHandler(PersonHandler):
    """“锁屏”: at once. The script also sends what was typed on the page, to be put back after the PIN."""

    function = Function.OWN_ACCOUNT

    async def on_post(self) -> None:
        assert self.session is not None
        if fields := self.fields.get("kept", ""):
            self.application.held.keep_page(self.session.owner, local_path(self.fields.get("kept_page", "/")), fields)
        await self.call(self.center.people.lock, self.token)
        self.forget_pages()
        self.see_other("/lock?" + urllib.parse.urlencode({"next": self.target()}))


class ActiveHandler(PersonHandler):
    """The script's word that the person is typing. Answers whether the screen is locked all the same."""

    function = Function.OWN_ACCOUNT

    async def on_post(self) -> None:
        self.send_json({"locked": self.session is None or self.session.locked})


class KeptHandler(PersonHandler):
    """The fields that were kept of a page when its screen was locked, once."""

    function = Function.OWN_ACCOUNT
    when_locked = False
    passive = True

    async def on_get(self) -> None:
        assert self.session is not None
        fields = self.application.held.take_page(self.session.owner, local_path(self.argument("page", 1000)))
        self.send_json({"fields": fields})


class MeHandler(PersonHandler):
    """Own settings: password, PIN, language."""

    function = Function.OWN_ACCOUNT
    when_locked = False

    async def on_get(self) -> None:
        await self.own_settings(notice=self.argument("done", 20), first=self.argument("first") == "1")

    async def own_settings(
        self, errors: dict[str, str] | None = None, notice: str = "", *, first: bool = False, status: int = 200
    ) -> None:
        assert self.session is not None
        found = await self.call(self.center.people.me, self.session)
        said = self.say(DONE[notice]) if notice in DONE else ""
        page = MePage(
            found["name"], found["username"], found["role"], found["has_pin"], found["language"] or self.language,
            found["last_login"], errors or {}, said, first, self.target(),
        )  # fmt: skip
        self.show("people/me.html", page, status)

    async def refused(self, error: TongbanError) -> None:
        """The page again with what is wrong beside the field; passwords are typed again."""
        if error.code not in ("invalid_input", "rate_limited"):
            raise error
        index = 0 if self.language == "zh" else 1
        errors = {name: FIELD_ERRORS[code][index] for name, code in error.fields.items()}
        await self.own_settings(
            errors or {"": error.sentence(self.language)}, status=error.status, first=self.fields.get("first") == "1"
        )


class MePasswordHandler(MeHandler):
    async def on_post(self) -> None:
        assert self.session is not None
        old, new, again = (self.fields.get(name, "")[:PASSWORD_MOST] for name in ("old", "password", "again"))
        try:
            await self.call_login(self.center.people.change_password, self.session, old, new, again)
        except TongbanError as error:
            await self.refused(error)
            return
        self.see_other("/me?done=password")


class MePinHandler(MeHandler):
    async def on_post(self) -> None:
        assert self.session is not None
        password, pin, again = (self.fields.get(name, "")[:PASSWORD_MOST] for name in ("pin_password", "pin", "pin_again"))
        try:
            await self.call_login(self.center.people.set_pin, self.session, password, pin, again)
        except TongbanError as error:
            await self.refused(error)
            return
        self.see_other(self.target() if self.fields.get("first") == "1" else "/me?done=pin")


class MeLanguageHandler(MeHandler):
    async def on_post(self) -> None:
        assert self.session is not None
        language = self.fields.get("language", "")
        language = await self.call(self.center.people.set_language, self.session, language, self.fields.get(SEEN, ""))
        self.set_cookie("tb_lang", language, expires_days=365, httponly=True, samesite="Lax", secure=self.secure)
        self.see_other("/me?done=language")


def pin_of(fields: dict[str, str]) -> str:
    return fields.get("pin", "").strip()[:12]


def why(handler: PageHandler, error: TongbanError) -> str:
    """Why the PIN or the password did not open the screen, in a sentence."""
    if error.code == "unauthenticated" and "tries_left" in error.details:
        return handler.say("people.pin.wrong", left=error.details["tries_left"])
    if error.code == "unauthenticated":
        return handler.say("people.pin.wrong_password")
    return handler.say("login.slow") if error.code == "rate_limited" else error.sentence(handler.language)
