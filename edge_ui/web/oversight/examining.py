"""A file that was drawn by lot: what came of looking at it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import quote

from edge_ui.shared.form_key import form_key
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.orders import OrdersBase
from edge_ui.web.oversight.pages import ExaminePage
from node.domain.cases.access import Function
from node.domain.supervision.draw import RESULTS
from node.domain.words.errors import TongbanError


class ExamineHandler(OrdersBase, SupervisionHandler):
    """The page and its form."""

    function = Function.OVERSIGHT
    writes = Function.ISSUE_ORDERS

    async def on_get(self, no: str) -> None:
        await self.show_drawn(no, self.argument("month", 7) or "")

    async def on_post(self, no: str) -> None:
        asked = {name: self.fields.get(name, "") for name in ("month", "result", "reason")}
        try:
            await self.call(self.center.examining.examine, no, asked, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed") or "month" in error.fields:
                raise
            errors = self.said(error)
            await self.show_drawn(no, asked["month"], errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other(f"/oversight/draws/{quote(no, safe='')}?month={quote(asked['month'], safe='')}")

    async def show_drawn(
        self, no: str, month: str, errors: Mapping[str, str] | None = None, error: str = "", status: int = 200
    ) -> None:
        found = await self.call(self.center.examining.one, no, month, self.person)
        may = RESULTS if not found["result"] and self.may(Function.ISSUE_ORDERS) else ()
        typed = self.fields if error or errors else {}
        self.show("oversight/examine.html", ExaminePage(found, may, typed, errors or {}, error, secrets.token_hex(12)), status)
