"""The password again, before what hands out copies or credentials; then what was asked goes on."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.people.base import PASSWORD_MOST, PersonHandler, why
from edge_ui.web.people.pages import ConfirmPage
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError


class ConfirmHandler(PersonHandler):
    """Asked while the screen is locked, it leads to the lock, and a form that waits goes on from there."""

    function = Function.OWN_ACCOUNT

    async def on_get(self) -> None:
        self.ask()

    def ask(self, error: str = "", status: int = 200) -> None:
        assert self.session is not None
        if self.session.locked:
            self.see_other("/lock?" + urllib.parse.urlencode({"next": self.target()}))
            return
        waits = self.application.held.waiting(self.session.owner) is not None
        self.show("people/confirm.html", ConfirmPage(self.target(), waits, error), status)

    async def on_post(self) -> None:
        assert self.session is not None
        if self.session.locked:
            self.ask()
            return
        try:
            password = self.fields.get("password", "")[:PASSWORD_MOST]
            await self.call_login(self.center.people.confirm, self.token, password)
        except TongbanError as error:
            if error.status >= 500:
                raise
            self.ask(why(self, error), error.status)
            return
        self.go_on(self.session.owner, self.target())
