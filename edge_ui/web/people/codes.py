"""One's own second factor: switch one-time codes on with a telephone, or off."""

from __future__ import annotations

from collections.abc import Sequence

from edge_ui.shared.qr import qr_picture
from edge_ui.web.people.base import PersonHandler
from edge_ui.web.people.pages import CodesPage
from node.domain.cases.access import Function
from node.domain.words.errors import FIELD_ERRORS, TongbanError


class CodesHandler(PersonHandler):
    """The picture for the telephone while it is off; both changes want the password again."""

    function = Function.SECOND_FACTOR
    when_locked = False

    def wants_password(self, **path: str) -> bool:
        return True

    async def on_get(self) -> None:
        await self.own(notice=self.say("people.codes.off") if self.argument("done") == "off" else "")

    async def own(self, recovery: Sequence[str] = (), notice: str = "", error: str = "", status: int = 200) -> None:
        assert self.session is not None
        found = await self.call(self.center.people.codes, self.session)
        picture = qr_picture(found["address"]) if found["address"] else ""
        self.show("people/codes.html", CodesPage(found, picture, recovery, notice, error), status)

    async def on_post(self) -> None:
        assert self.session is not None
        if self.fields.get("act") == "off":
            await self.call(self.center.people.end_codes, self.session)
            self.see_other("/me/codes?done=off")
            return
        try:
            recovery = await self.call(self.center.people.set_codes, self.session, self.fields.get("code", "")[:100])
        except TongbanError as error:
            if error.code not in ("invalid_input", "rate_limited"):
                raise
            said = FIELD_ERRORS["wrong_code"][self.language != "zh"] if error.code == "invalid_input" else self.say("login.slow")
            await self.own(error=said, status=error.status)
            return
        await self.own(recovery)
