"""The page to which a person is led whose password somebody else made: choose an own one, and see who made that and when."""

from __future__ import annotations

from edge_ui.web.people.base import PASSWORD_MOST, PersonHandler
from edge_ui.web.people.pages import FirstPasswordPage
from node.domain.cases.access import Function
from node.domain.words.errors import FIELD_ERRORS, TongbanError


class FirstPasswordHandler(PersonHandler):
    function = Function.OWN_ACCOUNT
    when_locked = False
    before_choice = True

    async def on_get(self) -> None:
        assert self.session is not None
        if not self.session.must_change:
            self.see_other("/me")
            return
        await self.ask({})

    async def ask(self, errors: dict[str, str], status: int = 200) -> None:
        assert self.session is not None
        found = await self.call(self.center.people.me, self.session)
        history = await self.call(self.center.people.account_history, self.session)
        by = found["reset_by"] or self.say("admin.audit.system")
        self.show("people/first.html", FirstPasswordPage(self.target(), by, found["reset_at"], history, errors), status)

    async def on_post(self) -> None:
        assert self.session is not None
        new, again = (self.fields.get(name, "")[:PASSWORD_MOST] for name in ("password", "again"))
        try:
            await self.call_login(self.center.people.choose_password, self.session, new, again)
        except TongbanError as error:
            if error.code != "invalid_input":
                raise
            index = 0 if self.language == "zh" else 1
            await self.ask({name: FIELD_ERRORS[code][index] for name, code in error.fields.items()}, error.status)
            return
        self.see_other(self.target())
