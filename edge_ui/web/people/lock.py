"""The locked screen, and what was typed before it."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.base import local_path
from edge_ui.web.people.base import PASSWORD_MOST, PersonHandler, pin_of, why
from edge_ui.web.people.pages import PinPage
from node.domain.cases.access import Function
from node.domain.people import SessionView
from node.domain.words.errors import TongbanError


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
