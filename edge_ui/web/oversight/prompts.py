"""催办 and what volunteer supervisors found, as pages: with their answers, and new ones, many at once from a list of the cases."""

from __future__ import annotations

import re
import secrets
import urllib.parse
from collections.abc import Mapping

from edge_ui.shared.form_key import form_key
from edge_ui.web.oversight.orders import OrdersBase
from edge_ui.web.oversight.pages import RemindersPage, RemindNewPage
from node.domain.cases.access import Function
from node.domain.supervision.filters import CASES as NARROWED
from node.domain.supervision.prompts import BOXES, REMINDER, VOLUNTEER, PromptSent
from node.domain.words.errors import TongbanError

ASKED = ("box", "what", "answered", "case_no", "cursor")


class RemindersHandler(OrdersBase):
    """The list; the unit answers in it."""

    async def on_get(self) -> None:
        await self.show_list()

    async def show_list(
        self, answered: str = "", errors: Mapping[str, str] | None = None, error: str = "", status: int = 200
    ) -> None:
        given = {name: text for name in ASKED if (text := self.argument(name, 128))}
        given.setdefault("box", "received" if self.may(Function.ANSWER_ORDERS) else "sent")
        if given["box"] not in BOXES:
            given["box"] = "received"
        answer = await self.call(self.center.prompts.listed, given, self.person)
        kept = {name: text for name, text in given.items() if name != "cursor"}
        page = RemindersPage(
            box=given["box"], boxes=[box for box in BOXES if box == "received" or self.may(Function.ISSUE_ORDERS)],
            what=given.get("what", ""), answered=given.get("answered", ""), rows=answer["reminders"], total=answer["total"],
            waiting=await self.call(self.center.prompts.waiting), next_url=_url({**kept, "cursor": answer["next"]}) if answer["next"] else "",
            as_of=answer["known_until"], may_issue=self.may(Function.ISSUE_ORDERS), form_id=secrets.token_hex(12), refused=answered,
            typed=self.fields if answered else {}, errors=errors or {}, error=error, sent=self.argument("sent", 8),
        )  # fmt: skip
        self.show("oversight/reminders.html", page, status)


def _url(given: Mapping[str, str]) -> str:
    return "/reminders?" + urllib.parse.urlencode(given)


class ReminderAnswerHandler(RemindersHandler):
    """The answer of the unit."""

    writes = Function.ANSWER_ORDERS

    async def on_get(self) -> None:
        self.see_other("/reminders")

    async def on_post(self) -> None:
        id, given = self.fields.get("id", ""), self.fields
        try:
            await self.call(
                self.center.prompts.answer, id, {"text": given.get("text", "")}, self.person, idempotency_key=form_key(given)
            )
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            errors = self.said(error)
            await self.show_list(id, errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other("/reminders")


class RemindNewHandler(OrdersBase):
    """Words to who answers for each of the ticked cases; or what a volunteer found, to one unit."""

    function = Function.ISSUE_ORDERS

    async def on_get(self) -> None:
        no, volunteer = self.argument("case_no", 64), self.argument("what", 16) == VOLUNTEER
        await self.show_form({"case_nos": no, "what": VOLUNTEER if volunteer else REMINDER, "to": self.argument("to", 32)})

    async def on_post(self) -> None:
        given = self.fields
        nos = [one for one in re.split(r"[\s,，、;；]+", given.get("case_nos", "") + "," + given.get("more", "")) if one]
        asked: dict[str, object] = {"what": given.get("what", REMINDER), "case_nos": nos, "text": given.get("text", "")}
        to = given.get("other", "").strip() or given.get("to", "")
        asked |= {"to": to, "source": given.get("source", "")} if asked["what"] == VOLUNTEER else {}
        try:
            sent = await self.call(self.center.prompts.send, asked, self.person, idempotency_key=form_key(given))
        except TongbanError as error:
            if error.code != "invalid_input":
                raise
            await self.show_form(given, self.at_other(self.said(error)), error.status)
            return
        bad = [row for row in sent["sent"] if row["error"]]
        if bad:
            await self.show_form(given, {"case_nos": self.say("reminders.between").join(self._why(row) for row in bad[:5])}, 409)
            return
        self.see_other(_url({"box": "sent", "sent": str(len(sent["sent"]))}))

    def _why(self, row: PromptSent) -> str:
        said = row["error"] if self.language == "zh" else row.get("error_en") or row["error"]
        return f"{row['case_no'] or ''} {said}".strip()

    async def show_form(self, typed: Mapping[str, str], errors: Mapping[str, str] | None = None, status: int = 200) -> None:
        """With the cases of the list that the person comes from, ticked."""
        asked = {name: text for name in NARROWED if (text := self.argument(name, 512)) and name != "cursor"}
        asked.pop("case_no", None)
        rows = (
            (await self.call(self.center.oversight.cases, {**asked, "limit": "200"}, self.person))["cases"]
            if asked.get("view")
            else []
        )
        branches = await self.call(self.center.network.branches, self.person)
        page = RemindNewPage(
            typed.get("what") == VOLUNTEER,
            rows,
            [(one.code, one.name) for one in branches],
            dict(typed),
            errors or {},
            secrets.token_hex(12),
        )
        self.show("oversight/remind_new.html", page, status)
