"""The outbox and the channels: what waits, what nobody knows, a test message, try now. No name and no number stands here."""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.web.admin.base import AdminHandler
from edge_ui.web.admin.pages import NoticesPage
from node.domain.words.errors import TongbanError

STATES = ("waiting", "to_tell", "sent", "unknown", "failed", "dropped")
PER_PAGE = 50


class NoticesHandler(AdminHandler):
    """The page, and the test message."""

    async def on_get(self) -> None:
        await self.listed({}, {}, self.done("notices"))

    async def listed(
        self, values: Mapping[str, str], errors: Mapping[str, str], notice: str, error: str = "", status: int = 200
    ) -> None:
        state, before = self.argument("state", 10), self.argument("before", 12)
        wanted = state if state in STATES else ""
        found = await self.call(
            lambda: self.center.notices.show(
                self.person, state=wanted, before=int(before) if before.isdecimal() else 0, most=PER_PAGE
            )
        )
        older = f"/admin/notices?state={wanted}&before={found['notices'][-1]['id']}" if found["more"] else ""
        self.show("admin/notices.html", NoticesPage(found, STATES, wanted, values, errors, notice, error, older), status)

    async def on_post(self) -> None:
        values = await self.typed("channel", "to")
        try:
            found = await self.call(self.center.notices.test, values["channel"], values["to"], self.person)
        except TongbanError as error:
            if error.code not in ("invalid_input", "no_channel"):
                raise
            errors = self.field_errors(error) or {"channel": error.sentence(self.language)}
            await self.listed(values, errors, "", status=error.status)
            return
        if found["state"] == "sent":
            self.see_other("/admin/notices?done=tested")
            return
        await self.listed(values, {}, "", self.say("admin.notices.not_taken", why=self.notice_error(found["error"])), 200)


class NoticesRetryHandler(NoticesHandler):
    """Try now: all that waits for a gateway, or one row."""

    async def on_get(self) -> None:
        self.see_other("/admin/notices")

    async def on_post(self) -> None:
        id = self.fields.get("id", "")[:12]
        try:
            await self.call(lambda: self.center.notices.retry(self.person, int(id) if id.isdecimal() else 0))
        except TongbanError as error:
            if error.code not in ("notice_over", "not_found"):
                raise
            await self.listed({}, {}, "", error.sentence(self.language), error.status)
            return
        self.see_other("/admin/notices?done=" + ("again" if id else "retry"))
