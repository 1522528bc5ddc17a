"""Own settings: password, PIN, language."""

from __future__ import annotations

from edge_ui.web.people.base import PASSWORD_MOST, PersonHandler
from edge_ui.web.people.pages import MePage
from node.domain.cases.access import Function
from node.domain.touched import SEEN
from node.domain.words.errors import FIELD_ERRORS, TongbanError

DONE = {
    "password": "people.me.password",
    "pin": "people.me.pin_done",
    "language": "people.me.language",
    "mail": "news.mail.saved",
    "code": "news.mail.code_sent",
    "confirmed": "news.mail.confirmed",
}


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
        history = [] if first else await self.call(self.center.people.account_history, self.session)
        mails = None if first else await self.call(self.center.news.settings, self.session.actor)
        said = self.say(DONE[notice]) if notice in DONE else ""
        page = MePage(
            found["name"], found["username"], found["role"], found["has_pin"], found["language"] or self.language,
            found["last_login"], errors or {}, said, first, self.target(), tuple(history), mails,
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

    def need(self, *names: str) -> None:
        """Errors: `invalid_input` naming every field of these that is empty."""
        if empty := {name: "missing" for name in names if not self.fields.get(name)}:
            raise TongbanError("invalid_input", empty)


class MePasswordHandler(MeHandler):
    async def on_post(self) -> None:
        assert self.session is not None
        old, new, again = (self.fields.get(name, "")[:PASSWORD_MOST] for name in ("old", "password", "again"))
        try:
            self.need("old", "password", "again")
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
            self.need("pin_password", "pin", "pin_again")
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


class MeMailHandler(MeHandler):
    """Whether what is new comes by mail, and where to."""

    function = Function.READ_CASE

    async def on_post(self) -> None:
        email, mail = self.fields.get("email", "").strip()[:254], self.fields.get("mail", "")[:10]
        try:
            await self.call(self.center.news.set_mail, email, mail, self.person)
        except TongbanError as error:
            await self.refused(error)
            return
        self.see_other("/me?done=mail#news-mail")


class MeMailAgainHandler(MeHandler):
    """Another code to the own address."""

    function = Function.READ_CASE

    async def on_post(self) -> None:
        try:
            await self.call(self.center.news.ask_again, self.person)
        except TongbanError as error:
            await self.refused(error)
            return
        self.see_other("/me?done=code#news-mail")


class MeMailConfirmHandler(MeHandler):
    """The code that came to the own address."""

    function = Function.READ_CASE

    async def on_post(self) -> None:
        try:
            self.need("code")
            await self.call(self.center.news.confirm_mail, self.fields["code"][:40], self.person)
        except TongbanError as error:
            await self.refused(error)
            return
        self.see_other("/me?done=confirmed#news-mail")
