"""One finding of a case, an item or a unit, and what a supervisor says of it: being checked, confirmed, dismissed, with the reason."""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Mapping
from urllib.parse import quote

from edge_ui.shared.form_key import form_key
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.orders import OrdersBase
from edge_ui.web.oversight.pages import JudgingPage
from node.domain.cases.access import Function
from node.domain.supervision.finding_documents import FoundFlaw
from node.domain.supervision.judging import MOVES
from node.domain.words.errors import TongbanError


class JudgingHandler(OrdersBase, SupervisionHandler):
    """The page and its form."""

    function = Function.OVERSIGHT
    writes = Function.ISSUE_ORDERS

    async def on_get(self, id: str) -> None:
        await self.show_finding(id)

    async def on_post(self, id: str) -> None:
        asked = {"state": self.fields.get("state", ""), "reason": self.fields.get("reason", "")}
        try:
            await self.call(self.center.findings.confirm, id, asked, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            errors = self.said(error)
            await self.show_finding(id, errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other(f"/oversight/findings/{quote(id, safe='')}")

    def order_url(self, row: FoundFlaw) -> str:
        """A new order about the finding, as far as it says what stands in it."""
        said = row["zh"] if self.language == "zh" else row["en"]
        item = row["item_id"] if row["subject"]["type"] == "item" else ""
        asked = {
            "case_no": row["case_no"],
            "item_id": item,
            "to": row["charged"]["node"],
            "basis": f"{self.rule_code(row['rule'])} {said}".strip(),
        }
        return "/orders/new?" + urllib.parse.urlencode({name: text for name, text in asked.items() if text})

    async def show_finding(self, id: str, errors: Mapping[str, str] | None = None, error: str = "", status: int = 200) -> None:
        row = await self.call(self.center.findings.one, id, self.person)
        nodes, items = await self.names()
        may = MOVES.get(row["state"], ()) if row["judged_here"] and self.may(Function.ISSUE_ORDERS) else ()
        said = await self.call(self.center.findings.judgement, id, self.person)
        page = JudgingPage(
            row, said, nodes.get(row["charged"]["node"] or "", ""), items.get(row["item_id"] or "", ""), may, self.fields if error or errors else {},
            errors or {}, error, secrets.token_hex(12),
        )  # fmt: skip
        self.show("oversight/judging.html", page, status)
