"""Messages between offices: those on a case, on its page, and all that came here. An office that only was written to reads and answers
on the page of the messages, and sees nothing of the case."""

from __future__ import annotations

import re
import secrets
from urllib.parse import quote

from edge_ui.shared.form_key import form_key
from edge_ui.web.base import PageHandler
from edge_ui.web.hall.pages import MessagesPage, MessagesPart, ThreadPage
from node.domain import folded
from node.domain.cases.access import Function
from node.domain.words.errors import FIELD_ERRORS, TongbanError

PER_PAGE = 20


class ThreadHandler(PageHandler):
    """The messages on one case."""

    function = Function.READ_CASE

    async def on_get(self, no: str) -> None:
        await self.show_thread(no, {}, notice=self.say("messages.sent") if self.argument("sent", 4) else "")

    async def on_post(self, no: str) -> None:
        given = self.fields
        to = [*_codes(given.get("to", "")), *_codes(given.get("other", ""))]
        try:
            await self.call(self.center.messages.write, no, to, given.get("text"), self.person, idempotency_key=form_key(given))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            await self.show_thread(
                no, self.said(error), error="" if error.fields else error.sentence(self.language), status=error.status
            )
            return
        there, mark = ("cases", "#h-messages") if given.get("back") == "case" else ("messages", "")
        self.see_other(f"/{there}/{quote(no, safe='')}?sent=1{mark}")

    def said(self, error: TongbanError) -> dict[str, str]:
        return {name: FIELD_ERRORS[code][0 if self.language == "zh" else 1] for name, code in error.fields.items()}

    async def show_thread(self, no: str, errors: dict[str, str], *, notice: str = "", error: str = "", status: int = 200) -> None:
        part = await messages_part(self, no, errors, self.argument("cursor", 20))
        known = await self.call(self.center.messages.knows, no, self.person)
        self.show("hall/thread.html", ThreadPage(no, part, known, notice, error), status)


class MessagesHandler(PageHandler):
    """All that came here, the newest first."""

    function = Function.READ_CASE

    async def on_get(self) -> None:
        cursor = self.argument("cursor", 20)
        found = await self.call(self.center.messages.arrived, self.person, cursor if cursor.isdecimal() else None, PER_PAGE)
        following = f"/messages?cursor={found['next']}" if found["next"] else ""
        self.show("hall/messages.html", MessagesPage(tuple(found["messages"]), following, "/messages" if cursor else ""))


async def messages_part(
    handler: PageHandler, no: str, errors: dict[str, str], cursor: str = ""
) -> MessagesPart:  # fmt: skip
    """The messages on a case with the form to write one; what was typed stays."""
    found = await handler.call(
        handler.center.messages.listing, no, handler.person, cursor if cursor.isdecimal() else None, PER_PAGE
    )
    partners = await handler.call(handler.center.messages.partners, no, handler.person)
    typed = handler.fields if errors or handler.fields.get("text") else {}
    ticked = set(_codes(typed["to"])) if "to" in typed else set() if typed else {one["code"] for one in partners}
    return MessagesPart(
        case_no=no,
        rows=tuple(found["messages"]),
        total=found["total"],
        next_url=f"/messages/{quote(no, safe='')}?cursor={found['next']}" if found["next"] else "",
        partners=tuple(partners),
        ticked=frozenset(ticked),
        other=typed.get("other", ""),
        text=typed.get("text", ""),
        errors=errors,
        form_id=secrets.token_hex(12),
    )


def _codes(text: str) -> list[str]:
    """Division codes as people write them beside each other."""
    return [plain for one in re.split(r"[\s,，、;；]+", text) if (plain := folded.typed(one))]
