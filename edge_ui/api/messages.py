"""Messages on a case (R31, INTERFACE "Messages")."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import CURSOR, IDEMPOTENCY, LIMIT, Answer, Operation
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError


class MessagesHandler(ApiHandler):
    """The messages of a case that this node wrote or was sent."""

    operations = {
        "GET": Operation(
            "The messages about a case that this node wrote or was sent, the newest first; who only was addressed sees these and not the case",
            {200: Answer("A page of messages; `next` is the cursor of the following page or null.", "MessageList")},
            query=(CURSOR, LIMIT),
            errors=("not_found",),
            function=Function.READ_CASE,
        ),
        "POST": Operation(
            'Write to one, several or all (`["all"]`) offices of a case; who holds it to any office of the network',
            {201: Answer("On its way.", "MessageSent")},
            headers=(IDEMPOTENCY,),
            body="Message",
            errors=("not_found", "guard_failed", "idempotency_conflict"),
            function=Function.READ_CASE,
        ),
    }

    async def on_get(self, no: str) -> None:
        limit = int(self.args.get("limit", "50"))
        self.send_json(await self.call(self.center.messages.listing, no, self.actor, self.args.get("cursor"), limit))

    async def on_post(self, no: str) -> None:
        given, key = self.json_object(), self.idempotency_key()
        if unknown := {name[:64]: "unknown_field" for name in given if name not in ("to", "text")}:
            raise TongbanError("invalid_input", unknown)
        to, text = given.get("to"), given.get("text")
        self.send_json(await self.call(self.center.messages.write, no, to, text, self.actor, idempotency_key=key), 201)
